"""The README's table of lessons, from each notebook's first heading and `metadata.smtpedu`.

That is {"lesson": 1, "minutes": 25, "objectives": ["digits"], "terms": ["client"]}: its number,
which `classroom.ipynb` has none of, how long it takes, the objectives of `data/objectives.toml`
that it is about, and the terms that it introduces; `about` may say in a sentence what one can then
do, where the objectives do not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import nbformat

from smtpedu.questions.bank import objectives

CHECKOUT = Path(__file__).parent.parent
README = CHECKOUT / "README.md"
BETWEEN = re.compile(r"(?<=<!-- lessons -->\n).*(?=<!-- /lessons -->)", re.DOTALL)
HEAD = ("lesson", "you can then", "minutes", "new terms")


@dataclass(frozen=True, slots=True)
class About:
    """What a notebook says of itself; `prose` is all of its Markdown."""

    path: Path
    title: str
    prose: str
    minutes: int
    lesson: int | None = None
    objectives: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    about: str = ""


def notebooks() -> list[About]:
    """The English notebooks in the order of the table: by number, those without one last."""
    found = map(_about, sorted((CHECKOUT / "notebooks").glob("*.ipynb")))
    return sorted(found, key=lambda one: one.lesson or 99)


def _about(path: Path) -> About:
    """Raises `KeyError` without `metadata.smtpedu`, `TypeError` for what it may not hold."""
    book = nbformat.read(path, as_version=4)
    prose = "\n\n".join(cell.source for cell in book.cells if cell.cell_type == "markdown")
    title = re.findall("^# (.*)", prose, re.MULTILINE)[0]
    said = {**book.metadata["smtpedu"]}
    lists = {name: tuple(said.pop(name, ())) for name in ("objectives", "terms")}
    return About(path, title, prose, **said, **lists)


def table() -> str:
    """The table in Markdown."""
    lines = [HEAD, ["---"] * len(HEAD), *map(_row, notebooks())]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _row(one: About) -> list[str]:
    place = one.path.relative_to(CHECKOUT).as_posix()
    titles = [objectives()[name].title("en") for name in one.objectives]
    can = one.about or "; ".join(titles)
    return [f"[{one.title}]({place})", can, str(one.minutes), ", ".join(one.terms)]


def write_table() -> None:
    """Put the table into the README, between its two marks."""
    text = README.read_text("utf-8")
    README.write_text(BETWEEN.sub(lambda _: table(), text), "utf-8")
