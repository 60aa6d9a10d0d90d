"""The facts of `data/*.csv` as typed rows, without pandas; `frames` makes DataFrames of them."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.display import RFC_REFERENCE
from smtpedu.files import DataError, folder, read_table
from smtpedu.i18n import text
from smtpedu.reference import texts

#: RFC 5321 §4.2.1's words for the first digits.
OUTCOMES = {
    2: "positive completion",
    3: "positive intermediate",
    4: "transient negative completion",
    5: "permanent negative completion",
}
#: RFC 5321 §4.3.2's letters I, S and E.
KINDS = ("intermediate", "success", "error")
#: RFC 3463 §2's classes, and the registry's letter for any of them.
ENHANCED_CLASSES = ("2", "4", "5", "X")


_flag = {"true": True, "false": False}.__getitem__


def rfc(number: int, section: str = "") -> str:
    """How a source is written: `RFC 5321 §3.4`."""
    return f"RFC {number} §{section}" if section else f"RFC {number}"


def rfc_url(source: str) -> str:
    """Where a source such as `RFC 5321 §3.4` can be read."""
    found = RFC_REFERENCE.search(source)
    if not found:
        raise ValueError(f"not a source: {source!r}")
    section = f"#section-{found[2]}" if found[2] else ""
    return f"https://www.rfc-editor.org/rfc/rfc{found[1]}{section}"


Columns = dict[str, Callable[[str], Any]]

CODES: Columns = {
    "code": int,
    "name": str,
    "text": str,
    "severity": int,
    "category": int,
    "outcome": str,
    "permanent": _flag,
    "obsolete": _flag,
    "rfc": int,
    "section": str,
}
UNOFFICIAL: Columns = {"code": int, "claimed": str, "instead": str}
ENHANCED: Columns = {
    "code": str,
    "subject": int,
    "detail": int,
    "name": str,
    "description": str,
    "basic_codes": str,
    "rfc": lambda cell: int(cell) if cell else None,
    "section": str,
}
REPLIES: Columns = {
    "command": str,
    "code": int,
    "kind": str,
    "rfc": int,
    "section": str,
    "condition": str,
}


@dataclass(frozen=True, slots=True)
class Code:
    """One row of `codes()` as a plain object."""

    code: int
    name: str
    text: str
    severity: int
    category: int
    outcome: str
    permanent: bool
    obsolete: bool
    rfc: int
    section: str

    @property
    def source(self) -> str:
        return rfc(self.rfc, self.section)


class UnknownCodeError(LookupError):
    """No such reply code; `nearest` are the known ones closest to it."""

    def __init__(self, wanted: object, message: str, nearest: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.wanted, self.nearest = wanted, nearest

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.wanted, str(self), self.nearest)


def load(path: Path, columns: Columns) -> list[dict[str, Any]]:
    """Read a fact table. Raises `DataError` with file, line and field."""
    rows = []
    for number, row in read_table(path, tuple(columns)):
        typed = {}
        for name, convert in columns.items():
            try:
                typed[name] = convert(row[name])
            except (ValueError, KeyError):
                raise DataError(path, number, f"{name!r} cannot be {row[name]!r}") from None
        rows.append(typed)
    return rows


@cache
def defined_codes() -> dict[int, Code]:
    """Code → `Code`, for every reply code an RFC defines, ascending."""
    return {row["code"]: Code(**row) for row in load(folder("data") / "reply_codes.csv", CODES)}


@cache
def replies() -> list[dict[str, Any]]:
    """The rows of `command_replies()` as dicts."""
    return load(folder("data") / "command_replies.csv", REPLIES)


def commands() -> list[str]:
    """The commands of `replies()`, each once, in their order."""
    return list(dict.fromkeys(row["command"] for row in replies()))


@cache
def enhanced() -> dict[str, dict[str, Any]]:
    """`X.1.6` → the row of `enhanced_codes()` as a dict."""
    rows = load(folder("data") / "enhanced_codes.csv", ENHANCED)
    return {row["code"]: row for row in rows}


@cache
def unofficial() -> dict[int, dict[str, Any]]:
    """Code → the row of `unofficial_codes()` as a dict."""
    rows = load(folder("data") / "unofficial_codes.csv", UNOFFICIAL)
    return {row["code"]: row for row in rows}


def find_code(code: object) -> Code:
    """The defined code that `code` (an int, or a str of three digits) names.

    Raises `UnknownCodeError` with the nearest known codes, `ValueError` for other text,
    `TypeError` for other types.
    """
    number = _number(code)
    if found := defined_codes().get(number):
        return found
    nearest = tuple(sorted(defined_codes(), key=lambda other: distance(other, number))[:3])
    if number in unofficial():
        _, description = texts.unofficial(number)
        nearest = tuple(map(int, unofficial()[number]["instead"].split()))
        message = text("error.unofficial", code=number, description=description)
        raise UnknownCodeError(number, message, nearest)
    message = text("error.unknown_code", code=number, nearest=", ".join(map(str, nearest)))
    raise UnknownCodeError(number, message, nearest)


def find_enhanced(code: object) -> str:
    """The registry's name, such as `X.1.6`, for `X.1.6` or `5.1.6` (RFC 3463 §2).

    Raises `UnknownCodeError` with the codes of its subject.
    """
    class_, _, rest = str(code).strip().upper().partition(".")
    if class_ in ENHANCED_CLASSES and (name := f"X.{rest}") in enhanced():
        return name
    subject = f"X.{rest.partition('.')[0]}."
    family = [known for known in enhanced() if known.startswith(subject)] or ["X.0.0"]
    message = text("error.unknown_enhanced", code=code, nearest=", ".join(family))
    raise UnknownCodeError(code, message)


def distance(a: int, b: int) -> tuple[int, int]:
    """First by how many digits differ, then by how far apart the numbers are."""
    return sum(x != y for x, y in zip(str(a), str(b), strict=False)), abs(a - b)


def _number(code: object) -> int:
    if isinstance(code, str) and re.fullmatch(r"\s*[1-9][0-9]{0,8}\s*", code):
        return int(code)
    problem = text("error.code_type", value=repr(code)[:40])
    if isinstance(code, str):
        raise ValueError(problem)
    if isinstance(code, bool):
        raise TypeError(problem)
    try:
        return operator.index(code)  # type: ignore[arg-type]
    except TypeError:
        raise TypeError(problem) from None
