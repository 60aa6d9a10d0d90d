"""What is wrong with a question, and what was probably meant.

The law of this file: names in, words out; it knows nothing of what a question looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from smtpedu.language import text

#: Characters of an id, and of any name that is worth looking at.
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words, and where: in a field of the question, or of one of its options.

    `option` counts from 1; 0 is the question itself. Without a field it is the whole table.
    """

    said: str
    field: str = ""
    option: int = 0


def meant(name: object, known: Iterable[str]) -> str:
    """The known name that a name was probably to be; empty when none is like it."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    return next(iter(get_close_matches(name.casefold(), list(known), 1)), "")


def not_known(field: str, name: object, near: str) -> str:
    """The error for a name with one like it; empty when there is none."""
    if not near:
        return ""
    return text("question.meant", field=f"`{field}`", name=f"`{name}`", near=f"`{near}`")


def unknown(field: str, known: Iterable[str]) -> str:
    """The error for a field that is none."""
    known = list(known)
    if near := meant(field, known):
        return text("question.meant_field", field=f"`{field}`", near=f"`{near}`")
    shown = ", ".join(f"`{one}`" for one in known)
    return text("question.unknown", field=f"`{field[:LONGEST_NAME]}`", known=shown)
