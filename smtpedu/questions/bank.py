"""What there is to learn and to ask: objectives, misconceptions, the item bank, named quizzes."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.files import DataError, check_fields, folder, problem_of, read_toml
from smtpedu.i18n import in_language, languages_of, text
from smtpedu.questions.items import LEVELS, Item, Level, Problem
from smtpedu.questions.kinds import judged
from smtpedu.questions.schema import misspelt, suggestions
from smtpedu.questions.selection import Blueprint, Part
from smtpedu.questions.toml_files import TomlFile, load

Texts = dict[str, dict[str, str]]  # language → field → text; English is always there


@dataclass(frozen=True, slots=True)
class Objective:
    """What a learner can do in the end; `levels` are those at which the bank asks for it."""

    name: str
    levels: tuple[Level, ...]
    lesson: int
    texts: Texts

    def title(self, language: str | None = None) -> str:
        """What it is, beginning with a verb."""
        return in_language(self.texts, language)["title"]

    def read(self, language: str | None = None) -> str:
        """What to read about it."""
        return in_language(self.texts, language)["read"]


@dataclass(frozen=True, slots=True)
class Scene:
    """A still picture of where the message is: three places, and the two ways between them.

    `drawn` says how each of the five looks; what is written there are the `parts` of the texts.
    """

    name: str
    source: str
    code: int | None
    drawn: tuple[str, ...]
    texts: dict[str, dict[str, Any]]

    def on_page(self, language: str | None = None) -> dict[str, Any]:
        """What the quiz draws it from."""
        said = in_language(self.texts, language)
        parts = [list(part) for part in zip(said["parts"], self.drawn, strict=True)]
        return {**said, "parts": parts, "code": self.code or ""}


@dataclass(frozen=True, slots=True)
class Misconception:
    """Something that learners believe though it is not so. `source` is where it is refuted.

    `believed` and `happens` are the scenes that show it and what is so, or None.
    """

    name: str
    source: str
    texts: Texts
    believed: Scene | None = None
    happens: Scene | None = None

    def belief(self, language: str | None = None) -> str:
        """What is believed, in a learner's words."""
        return in_language(self.texts, language)["belief"]

    def rebuttal(self, language: str | None = None) -> str:
        """What is so, and why."""
        return in_language(self.texts, language)["rebuttal"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A quiz that has a name: it asks what lessons up to `lesson` teach, on these `objectives`."""

    name: str
    objectives: tuple[str, ...]
    lesson: int
    blueprint: Blueprint
    texts: Texts

    def pool(self) -> list[Item]:
        """The items that it may ask."""
        taught = (
            item
            for item in bank().values()
            if item.objective in self.objectives and lesson_of(item) <= self.lesson
        )
        return [item for pool in self.blueprint.pools(taught) for item in pool]

    def title(self, language: str | None = None) -> str:
        """What heads the quiz."""
        return in_language(self.texts, language)["title"]


@cache
def objectives() -> dict[str, Objective]:
    """Name → objective."""
    found = {}
    for path, name, table, texts in _tables("objectives", ("levels", "lesson"), ("title", "read")):
        if not set(table["levels"]) <= set(LEVELS):
            raise problem_of(path, name, "unknown level in 'levels'")
        found[name] = Objective(name, tuple(table["levels"]), table["lesson"], texts)
    return found


@cache
def misconceptions() -> dict[str, Misconception]:
    """Name → misconception."""
    found = {}
    shown = ("believed", "happens")
    tables = _tables("misconceptions", ("source",), ("belief", "rebuttal"), shown)
    for path, name, table, texts in tables:
        if unknown := {table[field] for field in shown if field in table} - set(scenes()):
            raise problem_of(path, name, f"unknown scenes {sorted(unknown)}")
        pictures = [scenes().get(table.get(field, "")) for field in shown]
        found[name] = Misconception(name, table["source"], texts, *pictures)
    return found


@cache
def scenes() -> dict[str, Scene]:
    """Name → scene."""
    found = {}
    said = ("title", "parts", "caption")
    for path, name, table, texts in _tables("scenes", ("source", "drawn"), said, ("code",)):
        drawn = tuple(table["drawn"])
        if len(drawn) != len(_DRAWN) or not all(map(operator.contains, _DRAWN, drawn)):
            raise problem_of(path, name, f"'drawn' must be one each of {_DRAWN}")
        for code, entry in texts.items():
            if len(entry["parts"]) != len(drawn):
                raise problem_of(path, f"{name}.{code}", f"'parts' must be {len(drawn)} texts")
        found[name] = Scene(name, table["source"], table.get("code"), drawn, texts)
    return found


_PLACE, _WAY = ("", "has", "ghost"), ("", "cut", "told")
_DRAWN = (_PLACE, _WAY, _PLACE, _WAY, _PLACE)


@cache
def plans() -> dict[str, Plan]:
    """Name → quiz of that name."""
    found = {}
    fields = ("objectives", "lesson", "parts")
    for path, name, table, texts in _tables("quizzes", fields, ("title",), ("beliefs",)):
        if unknown := set(table["objectives"]) - set(objectives()):
            raise problem_of(path, name, f"unknown objectives {sorted(unknown)}")
        parts = []
        for part in table["parts"]:
            there = (field for field in _OF_PART if field in part)
            check_fields(path, f"[{name}.parts]", part, ("take", *there))
            values = {key: tuple(part[key]) for key in _OF_PART if key in part}
            parts.append(Part(part["take"], **values))
        beliefs = tuple(table.get("beliefs", ()))
        named = {*beliefs, *(belief for part in parts for belief in part.beliefs)}
        if unknown := named - set(misconceptions()):
            raise problem_of(path, name, f"unknown misconceptions {sorted(unknown)}")
        blueprint = Blueprint(tuple(parts), beliefs)
        found[name] = Plan(name, tuple(table["objectives"]), table["lesson"], blueprint, texts)
    return found


_OF_PART = ("objectives", "contrasts", "levels", "kinds", "about", "beliefs")


def lesson_of(item: Item) -> int:
    """The lesson after which an item may be asked."""
    found = objectives().get(item.objective)
    return item.lesson or (found.lesson if found else 0)


def _tables(
    stem: str, fields: tuple[str, ...], said: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[tuple[Path, str, dict[str, Any], Texts]]:
    """Each table of a file of `data/` that has these fields and, for each language, these texts.

    Another language than English, and a field that is optional, may be left out. Raises
    `DataError`.
    """
    path = folder("data") / f"{stem}.toml"
    for name, table in read_toml(path).items():
        there = (*fields, *(field for field in optional if field in table))
        texts = {code: table[code] for code in languages_of(path, name, table, there)}
        for code, entry in texts.items():
            check_fields(path, f"{name}.{code}", entry, said)
        yield path, name, table, texts


@cache
def bank() -> dict[str, Item]:
    """Id → item, of `data/questions`."""
    return _by_id("questions", items_of, {})


@cache
def predictions() -> dict[str, Item]:
    """Id → what a lesson asks before it shows the answer, of `data/predictions`.

    No quiz asks it.
    """
    return _by_id("predictions", lambda path: load(path, unknown_names), bank())


def _by_id(
    name: str, read: Callable[[Path], list[Item]], others: Mapping[str, Item]
) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for path in sorted((folder("data") / name).glob("*.toml")):
        for item in read(path):
            if item.id in found or item.id in others:
                raise DataError(path, 1, f"{item.id!r} is in another file, too")
            found[item.id] = item
    return found


def items_of(path: Path | TomlFile) -> list[Item]:
    """The items of a quiz's file, which speak of known objectives and misconceptions only.

    Raises `DataError` with file, line, question and field.
    """
    return load(path, _problems)


def _problems(item: Item) -> Iterator[Problem]:
    yield from unknown_names(item)
    if item.kind not in judged():
        yield Problem(text("question.kind", known=", ".join(judged())), "kind")


def unknown_names(item: Item) -> Iterator[Problem]:
    """What is wrong with the names that an item uses."""
    used = [("objective", item.objective, 0)]
    used += [("misconception", one.misconception, n) for n, one in enumerate(item.options, 1)]
    for field, name, number in used:
        is_objective = field == "objective"
        known = list(objectives() if is_objective else misconceptions())
        if name and name not in known:
            key = "question.objective" if is_objective else "question.misconception"
            other = text(key, name=name, near=suggestions(name, known))
            yield Problem(misspelt(field, name, known) or other, field, number)


def item(name: str) -> Item:
    """The item of this id: of the bank, a prediction, or generated.

    Raises `LookupError` for any other.
    """
    if name.startswith("generated:"):
        from smtpedu.questions.generators import rebuilt

        return rebuilt(name)
    if name in predictions():
        return predictions()[name]
    if name not in bank():
        raise LookupError(text("error.item", name=name, near=suggestions(name, bank())))
    return bank()[name]
