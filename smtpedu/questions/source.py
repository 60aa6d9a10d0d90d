"""A file of questions as it was written: its tables, the lines of their fields, its broken TOML.

The law of this file: what is told of a file names the line where a teacher has to look.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import Any

from smtpedu.files import DataError, TomlError, read_toml, text_of
from smtpedu.language import text
from smtpedu.questions.slips import LONGEST_NAME

_LARGEST = 2_000_000  # bytes of a file of questions
_QUESTION = re.compile(r"\s*\[\[\s*question\s*\]\]")
_OPTION = re.compile(r"\s*\[\[\s*question\s*\.\s*options\s*\]\]")
# TOML 1.0, "String" and "Comment": what may hold a line that looks like a field and is none.
_LITERAL = re.compile(
    r"""(?P<long>"{3}(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5})|(?P<open>"{3}|'{3})"""
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|(?P<lone>')|\#[^\n]*""",
    re.DOTALL,
)
# How tomllib begins what it says → what is said here.
_REASONS = {
    "Illegal character '\\n'": "toml.quote",
    "Found invalid character '\\n'": "toml.quote",
    "Unterminated string": "toml.quote",
    "Expected \"'": "toml.quote",
    "Invalid value": "toml.value",
    "Unescaped '\\' in a string": "toml.backslash",
    "Invalid hex value": "toml.backslash",
    "Escaped character": "toml.backslash",
    "Expected newline or end of document": "toml.rest",
    "Expected '=' after a key": "toml.equals",
    "Invalid statement": "toml.equals",
    "Unclosed array": "toml.list",
    "Expected ']": "toml.header",
    "Cannot overwrite a value": "toml.twice",
    "Cannot declare": "toml.twice",
}


class Source:
    """The file, read. Raises `DataError` with its line for what is no TOML, or too large."""

    def __init__(self, path: Path) -> None:
        if path.stat().st_size > _LARGEST:
            raise DataError(path, 1, text("question.large", limit=_LARGEST))
        self.path = path
        try:
            self.content: dict[str, Any] = read_toml(path)
        except TomlError as error:
            raise _in_plain_words(error) from None

    def error(self, problem: str, question: int = 0, option: int = 0, field: str = "") -> DataError:
        """The problem with the line it is in: the field's, where it stands in a line of its own.

        Else it is where the option, or the question, begins; questions and options count from 1,
        and 0 is the top of the file, or the question itself.
        """
        return DataError(self.path, self._line(question, option, field), problem)

    def _line(self, question: int, option: int, field: str) -> int:
        first, last = self._part(question)
        options = self._matching(_OPTION, first, last)
        if option and option > len(options):  # they are written `options = [{…}]`
            field, option = "options", 0
        if option:
            first, last = options[option - 1], [*options, last + 1][option] - 1
        elif options:
            last = options[0] - 1
        if not 0 < len(field) <= LONGEST_NAME:
            return first
        name = re.escape(field)
        written = rf"""\s*(?:{name}|"{name}"|'{name}'|\[\[?\s*{name}\s*\]\]?)\s*(?:=|$)"""
        return next(iter(self._matching(re.compile(written), first, last)), first)

    def _part(self, question: int) -> tuple[int, int]:
        """The first and the last line of a question; of the whole file for the top of it."""
        starts = self._starts
        if not 0 < question <= len(starts):
            return 1, len(self._rows)
        after = starts[question] if question < len(starts) else len(self._rows) + 1
        return starts[question - 1], after - 1

    def _matching(self, pattern: re.Pattern[str], first: int, last: int) -> list[int]:
        """The numbers of the rows that match, of those from the first to the last."""
        numbers = range(first, last + 1)
        return [number for number in numbers if pattern.match(self._rows[number - 1])]

    @cached_property
    def _rows(self) -> list[str]:
        """The lines of the file, without comments and what is in texts of several lines."""
        return _LITERAL.sub(_emptied, _text(self.path)).split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return self._matching(_QUESTION, 1, len(self._rows))


def hold_there(path: Path) -> None:
    """Raises `FileNotFoundError` in words that say where the file was looked for."""
    if not path.exists():
        where = path.absolute().parent
        raise FileNotFoundError(text("error.no_file", name=path.name, folder=where))


def _text(path: Path) -> str:
    return text_of(path).removeprefix("\ufeff").replace("\r\n", "\n")


def _emptied(found: re.Match[str]) -> str:
    if found["long"]:
        return '""' + "\n" * found[0].count("\n")
    return "" if found[0].startswith("#") else found[0]


def _in_plain_words(error: TomlError) -> DataError:
    """What TOML's reader says, for someone who has never heard of TOML."""
    key = next((key for said, key in _REASONS.items() if error.reason.startswith(said)), "")
    line, column = error.line, error.column
    if key == "toml.quote" and not column:  # the end of the file is not where to look
        line = _never_closed(_text(error.path)) or line
    said = text(key) if key else error.reason
    if column:
        said = text("toml.column", problem=said, column=column)
    return DataError(error.path, line, said)


def _never_closed(written: str) -> int:
    """The line of the first quote that begins a text without an end; 0 when there is none."""
    for found in _LITERAL.finditer(written):
        if found["open"] or found["lone"]:
            return written.count("\n", 0, found.start()) + 1
    return 0
