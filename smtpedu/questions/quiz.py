"""A quiz: which items, under which name, in which order; and what it is without a widget."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from operator import index
from pathlib import Path

from smtpedu.display import Block, Bullets, Displayable, Heading, Paragraph, ProtocolText
from smtpedu.i18n import check_type, text
from smtpedu.questions.bank import bank, items_of, objectives, plans
from smtpedu.questions.items import LEVELS, Item
from smtpedu.questions.kinds import kind_of, order
from smtpedu.questions.schema import suggestions
from smtpedu.questions.selection import Blueprint, Part, draw
from smtpedu.questions.toml_files import TomlFile, check_exists

_COUNT = 10  # questions, where nothing else is said
_FILES = (".toml", ".json")
#: A browser must hold a seed exactly, and an id of a generated question a million times as much.
SEEDS = 2**31

#: The name of the quiz whose questions are made on the spot.
GENERATED = "generated"
Renewed = Callable[[int], Iterable[Item]]


@dataclass(frozen=True, repr=False)
class Quiz(Displayable):
    """Questions to be asked in one go.

    `items` are those of this `seed`, out of `pool`; `blueprint` says how many of which. `name` is
    what progress is kept under. With `exam` nothing is said of what is right before the end.
    `renewed` makes another pool for another seed, where the pool is not always the same. Where
    `own`, `items` are an example: each learner has a seed of their own, and what was answered may
    change what comes next. A `prediction` is one question that a lesson asks before it shows the
    answer.
    """

    name: str
    title: str
    pool: tuple[Item, ...]
    items: tuple[Item, ...]
    blueprint: Blueprint
    seed: int = 0
    exam: bool = False
    own: bool = False
    prediction: bool = False
    renewed: Renewed | None = field(default=None, compare=False)

    _widget = "quiz"
    run_me_key = "quiz.run_me"

    def with_seed(self, seed: int) -> Quiz:
        """The same quiz with another choice of questions."""
        seed = index(seed) % SEEDS
        pool = tuple(self.renewed(seed)) if self.renewed else self.pool
        items = tuple(draw(pool, self.blueprint, self.name, seed))
        return replace(self, seed=seed, pool=pool, items=items)

    def blocks(self) -> list[Block]:
        """The title, how many questions there are, and on what; none of them.

        A prediction is asked: nothing here tells what is right.
        """
        if self.prediction:
            return [Heading(self.title), *_asked(self.items[0], self.seed)]
        asked = {item.objective for item in self.pool}
        topics = [one.title() for one in objectives().values() if one.name in asked]
        length = Paragraph(text("quiz.length", count=len(self.items)))
        return [Heading(self.title), length, *([Bullets(topics)] if topics else [])]

    def __repr__(self) -> str:
        return f"Quiz({self.name!r}, {len(self.items)} questions)"


def quiz(
    source: str | Path | Iterable[Item] | None = None,
    *,
    objective: str | Iterable[str] | None = None,
    level: str | Iterable[str] | None = None,
    n: int | None = None,
    seed: int | None = None,
    exam: bool = False,
) -> Quiz:
    """Questions with feedback; what is answered is kept (`smtp.progress()`).

    `source` is the name of a quiz ("250-vs-551"; "generated" makes its questions from the tables
    and captured sessions, others with each seed), a file of questions of your own (TOML, or
    jupyterquiz JSON), or items; without one, it is the whole bank. `objective` and `level`, one
    name or several, keep only their questions. `n` is how many questions (10, where the quiz does
    not say). A quiz that has a name samples what its blueprint in `data/quizzes.toml` says, unless
    `objective` or `level` say otherwise. The same `seed` asks a whole class the same; without
    one, each learner's run of such a quiz is their own, and any other quiz is that of seed 0. With
    `exam`, feedback comes at the end, and what is right is not in the page before.

    Raises `LookupError` for an unknown name, objective or level, or where nothing is left to ask,
    `DataError` for a file that is not right, `OSError` for one that cannot be read
    (`FileNotFoundError` says where it was looked for), `ValueError`
    for an `n` below 1.
    """
    if n is not None and index(n) < 1:
        raise ValueError(text("error.quiz_count", n=n))
    wanted = _names(objective, list(objectives()), "error.objective")
    levels = _names(level, list(LEVELS), "error.level")
    is_wanted = partial(_is_wanted, wanted, levels)
    name, title, items, usual = _found(source)
    size = n or usual.count
    blueprint = _any(size) if wanted or levels else usual.scaled(size)
    if not name and wanted:
        title = ", ".join(objectives()[one].title() for one in wanted)
    name = "+".join(filter(None, [name, *(wanted or ()), *(levels or ())])) or "all"
    renewed = partial(_generated, size, is_wanted) if source == GENERATED else None
    pool = tuple(filter(is_wanted, items))
    own = seed is None and blueprint == usual and name in plans()
    made = Quiz(name, title, pool, (), blueprint, exam=exam, own=own, renewed=renewed)
    found = made.with_seed(seed or 0)
    if not found.items:
        raise LookupError(text("error.quiz_empty"))
    return found


def only(item: Item) -> Quiz:
    """A quiz of one question that is asked before its answer is shown."""
    named = "predictions", text("ask.prediction")
    return Quiz(*named, (item,), (item,), _any(1), prediction=True)


def _asked(item: Item, seed: int) -> list[Block]:
    """A question in print."""
    shown = [item.options[n].text for n in order(item, seed)] if kind_of(item).shows_options else ()
    lines = ProtocolText("\n".join(f"{number}  {line}" for number, line in item.lines))
    dialogue = [Paragraph(lines)] if item.lines else []
    return [Paragraph(item.stem), *dialogue, *([Bullets(list(shown))] if shown else [])]


Found = tuple[str, str, Iterable[Item], Blueprint]


def _found(source: str | Path | Iterable[Item] | None) -> Found:
    """Name (none for the whole bank), title, items and how many of which it asks."""
    if source is None:
        return "", text("quiz.all"), bank().values(), _any(_COUNT)
    if isinstance(source, Path) or (isinstance(source, str) and source.casefold().endswith(_FILES)):
        return _from_file(Path(source))
    if isinstance(source, str):
        return _planned(source)
    check_type("source", source, str, Path, Iterable)
    items = list(source)
    for one in items:
        check_type("source", one, Item)
    return "own", text("quiz.own"), items, _any(len(items))


def _any(count: int) -> Blueprint:
    """So many, whichever they are."""
    return Blueprint((Part(count),))


def _planned(name: str) -> Found:
    if name == GENERATED:
        return name, text("quiz.generated"), (), _any(_COUNT)
    if name not in plans():
        if file := next(filter(os.path.isfile, (name + end for end in _FILES)), ""):
            raise LookupError(text("error.quiz_file", name=name, file=file))
        known = ", ".join([*plans(), GENERATED])
        raise LookupError(text("error.quiz", name=name, known=known))
    plan = plans()[name]
    return name, plan.title(), plan.pool(), plan.blueprint


def _generated(count: int, is_wanted: Callable[[Item], bool], seed: int) -> Iterable[Item]:
    """Enough generated items to choose from, others for each seed."""
    from smtpedu.questions.generators import generate

    made = (generate(1_000_000 * seed + number) for number in range(100 * count))
    return islice(filter(is_wanted, made), 3 * count)


def _from_file(path: Path) -> Found:
    if path.suffix.casefold() == ".json":
        from smtpedu.questions.exchange import import_questions

        heading, items = "", import_questions(path)
    else:
        check_exists(path)
        file = TomlFile(path)
        heading, items = file.title, items_of(file)
    named = path.name if path.stem in plans() else path.stem  # a shipped quiz is another one
    name = named.encode(errors="replace").decode()  # any bytes may name a file
    return name, heading or name, items, _any(max(len(items), 1))


def _is_wanted(wanted: list[str] | None, levels: list[str] | None, item: Item) -> bool:
    """Whether an item is on one of these objectives and of one of these levels; None is any."""
    return (wanted is None or item.objective in wanted) and (levels is None or item.level in levels)


def _names(given: str | Iterable[str] | None, known: list[str], error: str) -> list[str] | None:
    """What was given, as a list. Raises `LookupError` for a name that is not known."""
    if given is None:
        return None
    check_type(error.removeprefix("error."), given, str, Iterable)
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name not in known:
            raise LookupError(text(error, name=name, near=suggestions(str(name), known)))
    return names
