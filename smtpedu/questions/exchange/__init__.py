"""Questions out and in: which format, and what is said of what it does not hold."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterable
from itertools import takewhile
from pathlib import Path
from traceback import walk_stack
from types import NoneType

from smtpedu.files import write_whole
from smtpedu.i18n import check_type, text
from smtpedu.questions.bank import bank
from smtpedu.questions.exchange import gift, jupyterquiz, moodle
from smtpedu.questions.items import Item
from smtpedu.questions.toml_files import check_exists

Writer = Callable[[list[Item]], tuple[bytes, list[str]]]

_WRITERS: dict[str, tuple[Writer, tuple[str, ...]]] = {
    ".xml": (moodle.write, moodle.LOST),
    ".gift": (gift.write, gift.LOST),
    ".json": (jupyterquiz.write, jupyterquiz.LOST),
}
# What a whole format has no place for → which items have it.
_HAS: dict[str, Callable[[Item], bool]] = {
    "misconceptions": lambda item: bool(item.misconceptions),
    "hints": lambda item: bool(item.hint),
    "objectives": lambda item: bool(item.objective),
}


def export_questions(path: str | Path, items: Iterable[Item] | None = None) -> list[str]:
    """Write questions for another program; returns what the file does not hold, in words.

    The suffix says for which: `.xml` Moodle, `.gift` GIFT, `.json` jupyterquiz.
    `items` are those of the bank unless given. Raises `ValueError` for
    another suffix or none to write, `OSError` where the file cannot be written; one of that name
    then stays as it was.
    """
    content, lost = exported(Path(path), items)
    write_whole(Path(path), content, over=True)
    return lost


def exported(path: Path, items: Iterable[Item] | None = None) -> tuple[bytes, list[str]]:
    """What `export_questions` writes, and what it says. Raises `ValueError` as it does."""
    suffix = path.suffix.casefold()
    check_type("items", items, Iterable, NoneType)
    chosen = list(bank().values() if items is None else items)
    if suffix not in _WRITERS:
        known = ", ".join(_WRITERS)
        raise ValueError(text("interchange.suffix", name=path.name, known=known))
    if not chosen:
        raise ValueError(text("interchange.none"))
    for one in chosen:
        check_type("items", one, Item)
    writer, lost = _WRITERS[suffix]
    content, notes = writer(chosen)
    said = [text(f"lost.{name}") for name in lost if any(map(_HAS[name], chosen))]
    return content, said + notes


def import_questions(path: str | Path) -> list[Item]:
    """The questions of a jupyterquiz file (JSON): `smtpedu.quiz` takes them.

    What cannot be asked here, or not as it was, is a warning that names the question by its
    number. Raises `DataError` with file and line for a file that is none, `OSError` where it
    cannot be read.
    """
    path = Path(path)
    check_exists(path)
    items, notes, _ = jupyterquiz.parse(path)
    for note in notes:
        warnings.warn(note, UserWarning, stacklevel=_callers_level())
    return items


def _callers_level() -> int:
    """The `stacklevel` at which a warning of the function that asks is at the line of the user.

    The user's is the first frame outside this package.
    """
    callers = (frame.f_globals.get("__name__", "") for frame, _ in walk_stack(sys._getframe(1)))
    return 1 + len([*takewhile(lambda name: name.startswith("smtpedu."), callers)])
