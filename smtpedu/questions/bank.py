"""What there is to learn and to ask: objectives, misconceptions, the item bank, named quizzes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.files import DataError, check_fields, folder, problem_of, read_toml
from smtpedu.i18n import LANGUAGES, language, text
from smtpedu.questions.items import Item, nearest
from smtpedu.questions.reading import load
from smtpedu.questions.schema import LEVELS, Problem, meant, not_known


@dataclass(frozen=True, slots=True)
class Objective:
    """What a learner can do in the end; `levels` are those at which the bank asks for it."""

    name: str
    levels: tuple[str, ...]
    lesson: int
    texts: dict[str, dict[str, str]]

    def title(self, in_language: str | None = None) -> str:
        """What it is, beginning with a verb."""
        return self.texts[in_language or language()]["title"]

    def read(self, in_language: str | None = None) -> str:
        """What to read again."""
        return self.texts[in_language or language()]["read"]


@dataclass(frozen=True, slots=True)
class Misconception:
    """Something that learners believe though it is not so. `source` is where it is refuted."""

    name: str
    source: str
    texts: dict[str, dict[str, str]]

    def belief(self, in_language: str | None = None) -> str:
        """What is believed, in a learner's words."""
        return self.texts[in_language or language()]["belief"]

    def rebuttal(self, in_language: str | None = None) -> str:
        """What is so, and why."""
        return self.texts[in_language or language()]["rebuttal"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A quiz that has a name: which objectives it asks for, and how many questions."""

    name: str
    objectives: tuple[str, ...]
    count: int
    texts: dict[str, dict[str, str]]


@cache
def objectives() -> dict[str, Objective]:
    """Name → objective."""
    path = folder("data") / "objectives.toml"
    found = {}
    for name, table in read_toml(path).items():
        check_fields(path, name, table, ("levels", "lesson", *LANGUAGES))
        if not set(table["levels"]) <= set(LEVELS):
            raise problem_of(path, name, "unknown level in 'levels'")
        texts = _texts(path, name, table, ("title", "read"))
        found[name] = Objective(name, tuple(table["levels"]), table["lesson"], texts)
    return found


@cache
def misconceptions() -> dict[str, Misconception]:
    """Name → misconception."""
    path = folder("data") / "misconceptions.toml"
    found = {}
    for name, table in read_toml(path).items():
        check_fields(path, name, table, ("source", *LANGUAGES))
        texts = _texts(path, name, table, ("belief", "rebuttal"))
        found[name] = Misconception(name, table["source"], texts)
    return found


@cache
def plans() -> dict[str, Plan]:
    """Name → quiz of that name."""
    path = folder("data") / "quizzes.toml"
    found = {}
    for name, table in read_toml(path).items():
        check_fields(path, name, table, ("objectives", "count", *LANGUAGES))
        if unknown := set(table["objectives"]) - set(objectives()):
            raise problem_of(path, name, f"unknown objectives {sorted(unknown)}")
        texts = _texts(path, name, table, ("title",))
        found[name] = Plan(name, tuple(table["objectives"]), table["count"], texts)
    return found


def _texts(path: Path, name: str, table: Any, fields: tuple[str, ...]) -> dict[str, dict[str, str]]:
    for code in LANGUAGES:
        check_fields(path, f"{name}.{code}", table[code], fields)
    return {code: table[code] for code in LANGUAGES}


@cache
def bank() -> dict[str, Item]:
    """Id → item, of `data/questions`."""
    found: dict[str, Item] = {}
    for path in sorted((folder("data") / "questions").glob("*.toml")):
        for item in own(path):
            if item.id in found:
                raise DataError(path, 1, f"{item.id!r} is in another file, too")
            found[item.id] = item
    return found


def own(path: Path) -> list[Item]:
    """The items of a file, each of which speaks of known objectives and misconceptions only.

    Raises `DataError` with file, line, question and field.
    """
    return load(path, stray)


def stray(item: Item) -> Iterator[Problem]:
    """What is wrong with the names that an item uses."""
    if item.objective and item.objective not in objectives():
        yield Problem(_stray("objective", item.objective, list(objectives())), "objective")
    for number, option in enumerate(item.options, 1):
        name = option.misconception
        if name and name not in misconceptions():
            said = _stray("misconception", name, list(misconceptions()))
            yield Problem(said, "misconception", number)


def _stray(field: str, name: str, known: list[str]) -> str:
    if said := not_known(field, name, meant(name, known)):
        return said
    near = nearest(name, known)
    if field == "objective":
        return text("question.objective", name=name, near=near)
    return text("question.misconception", name=name, near=near)


def item(name: str) -> Item:
    """The item of this id: of the bank, or generated. Raises `LookupError` for any other."""
    if name.startswith("generated:"):
        from smtpedu.questions.generators import rebuilt

        return rebuilt(name)
    if name not in bank():
        raise LookupError(text("error.item", name=name, near=nearest(name, list(bank()))))
    return bank()[name]
