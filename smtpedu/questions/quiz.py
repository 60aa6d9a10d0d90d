"""A quiz: which items, under which name, in which order; and what it is without a widget."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from smtpedu.language import language, text
from smtpedu.markup import Block, Bullets, Heading, Paragraph, Shown, Table, Wire
from smtpedu.questions.bank import Plan, bank, objectives, own, plans
from smtpedu.questions.items import Item, nearest
from smtpedu.questions.picking import pick
from smtpedu.questions.schema import LEVELS

_COUNT = 10  # questions, where nothing else is said
_FILES = (".toml", ".json")


#: The name of the quiz whose questions are made on the spot.
GENERATED = "generated"
Renewed = Callable[[int], Iterable[Item]]


@dataclass(frozen=True, repr=False)
class Quiz(Shown):
    """Questions to be asked in one go.

    `items` are those of this `seed`, out of `pool`. `name` is what progress is kept under.
    With `exam` nothing is said of what is right before the end. `renewed` makes another pool for
    another seed, where the pool is not always the same.
    """

    name: str
    title: str
    pool: tuple[Item, ...]
    items: tuple[Item, ...]
    count: int
    seed: int = 0
    exam: bool = False
    renewed: Renewed | None = field(default=None, compare=False)

    _widget = "question"

    def with_seed(self, seed: int) -> Quiz:
        """The same quiz with another choice of questions."""
        pool = tuple(self.renewed(seed)) if self.renewed else self.pool
        items = tuple(pick(pool, self.count, f"{self.name} {seed}"))
        return replace(self, seed=seed, pool=pool, items=items)

    def blocks(self) -> list[Block]:
        """The title and the first question, without what is right."""
        first = self.items[0]
        found: list[Block] = [
            Heading(self.title),
            Paragraph(text("quiz.length", count=len(self.items))),
            Paragraph(first.stem),
        ]
        if first.lines:
            head = [text("session.line_number"), text("session.line")]
            found.append(Table(head, [[str(n), Wire(line)] for n, line in first.lines]))
        options = first.page(self.seed, key=False)["options"]
        return [*found, Bullets([option["text"] for option in options])] if options else found

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
    """Questions with feedback; what is answered is kept (`smtpedu.progress()`).

    `source` is the name of a quiz ("250-vs-551"; "generated" makes its questions from the tables
    and captured sessions, others with each seed), a file of questions of your own (TOML, or
    jupyterquiz JSON), or items; without one, `objective` and `level` choose from the bank. `n` is
    how many questions (10, where the quiz does not say), `seed` which: the same seed asks the same.
    With `exam`, feedback comes at the end, and what is right is not in the page before.

    Raises `LookupError` for an unknown name, objective or level, or where nothing is left to ask,
    `DataError` for a file that is not right, `ValueError` for an `n` below 1.
    """
    if n is not None and n < 1:
        raise ValueError(text("error.quiz_count", n=n))
    name, title, items, count = _found(source, objective, level)
    pool = tuple(items)
    size = n or count
    renewed = (lambda seed: _generated(size, seed)) if name == GENERATED else None
    if not (pool or renewed):
        raise LookupError(text("error.quiz_empty"))
    return Quiz(name, title, pool, (), size, exam=exam, renewed=renewed).with_seed(seed or 0)


Found = tuple[str, str, Iterable[Item], int]


def _found(
    source: str | Path | Iterable[Item] | None,
    objective: str | Iterable[str] | None,
    level: str | Iterable[str] | None,
) -> Found:
    """Name, title, items and usual number of questions."""
    if source is None:
        return _chosen(objective, level)
    if isinstance(source, Path) or (isinstance(source, str) and source.endswith(_FILES)):
        return _from_file(Path(source))
    if isinstance(source, str):
        return _planned(source)
    items = list(source)
    return "own", text("quiz.own"), items, len(items)


def _planned(name: str) -> Found:
    if name == GENERATED:
        return name, text("quiz.generated"), (), _COUNT
    if name not in plans():
        known = ", ".join([*plans(), GENERATED])
        raise LookupError(text("error.quiz", name=name, known=known))
    plan = plans()[name]
    return name, plan.texts[language()]["title"], _items(plan), plan.count


def _generated(count: int, seed: int) -> Iterator[Item]:
    """Enough generated items to choose from, others for each seed."""
    from smtpedu.questions.generated import generate

    for number in range(3 * count):
        yield generate(1_000_000 * seed + number)


def _items(plan: Plan) -> list[Item]:
    return [item for item in bank().values() if item.objective in plan.objectives]


def _from_file(path: Path) -> Found:
    if path.suffix == ".json":
        from smtpedu.exchange.jupyterquiz import read

        items = read(path)
    else:
        items = own(path)
    return path.stem, path.stem, items, max(len(items), 1)


def _chosen(objective: str | Iterable[str] | None, level: str | Iterable[str] | None) -> Found:
    wanted = _names(objective, list(objectives()), "error.objective")
    levels = _names(level, list(LEVELS), "error.level")
    items = [one for one in bank().values() if one.objective in wanted and one.level in levels]
    title = ", ".join(objectives()[name].title() for name in wanted)
    parts = [] if objective is None else wanted
    parts = [*parts, *([] if level is None else levels)]
    return ("+".join(parts) or "all", title if objective else text("quiz.all"), items, _COUNT)


def _names(given: str | Iterable[str] | None, known: list[str], error: str) -> list[str]:
    if given is None:
        return known
    names = [given] if isinstance(given, str) else list(given)
    for name in names:
        if name not in known:
            raise LookupError(text(error, name=name, near=nearest(name, known)))
    return names
