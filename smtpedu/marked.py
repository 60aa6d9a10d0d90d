"""Rows whose speakers are marked, read in one notation: what carries no marker may go on.

The law of this file: which rows belong together. The marks themselves are in `notations`.
"""

from __future__ import annotations

import re

from smtpedu.language import text as translated
from smtpedu.notations import Notation, without_marker
from smtpedu.said import CHUNK, CODE, LINE_LIMIT, REPLY_LINE, Row, Said, TranscriptError

# Stage directions, as RFCs have them among the lines and in the place of one.
_ASIDE = re.compile(
    r"\s*(?:#|//|\.\.\.|…|\(|\[|<|-{3,}|C ?(?:&|and) ?S:|S ?(?:&|and) ?[CR]:"
    r"|Connected to smtps?://)",
    re.I,
)
_DIRECTION = re.compile(r"<[a-z]+ [^<>]*>?\s*", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}$")


def marked(rows: list[Row], notation: Notation) -> list[Said]:
    """Who said what in this notation. Raises `TranscriptError` for a line that must be marked."""
    if notation.written:
        return _Written(notation).read(rows)
    return _Marked(notation).read(rows)


def _apart(line: Said) -> list[Said]:
    """The lines of a reply that stand in one row: `250-a250-b250 c`, or with marks between."""
    code = line.text[:3]
    if not (line.server and re.match(CODE + "...-", line.text)):
        return [line]
    first, *rest = re.split(rf"(?:, |\[nl\])?(?={code}[ -])", line.text)[1:]
    lines = [first, *filter(None, rest)]
    if not lines[-1].startswith(f"{code} "):
        return [line]
    return [line._replace(text=text) for text in lines]


class _Marked:
    """Reads a log whose other rows are the tool's own, or go on with what a marked row began."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.said: list[Said] = []
        self.content = False  # rows without a marker are mail data now

    def read(self, rows: list[Row]) -> list[Said]:
        for row in rows:
            line = without_marker(row, self.notation)
            if self.content and (line is None or not self.said[-1].server):
                self.message(row)
            elif line:
                self.said += _apart(line) if self.notation.joined else [line]
                self.content = bool(self.notation.content) and line.text.startswith("354")
            else:
                self.reply(row)
        return self.said

    def message(self, row: Row) -> None:
        number, text = row
        if self.notation.content and (found := self.notation.content.match(text)):
            self.said.append(Said(False, text[found.end() :], number))
            self.content = self.said[-1].text != "."

    def reply(self, row: Row) -> None:
        """A further line of a reply that has begun."""
        number, text = row
        before = (
            REPLY_LINE.match(self.said[-1].text) if self.said and self.said[-1].server else None
        )
        if before and before["last"] is None:
            found = self.notation.further.match(text)
            if found and REPLY_LINE.match(text, found.end()):
                self.said.append(Said(True, text[found.end() :], number))


class _Written:
    """Reads a dialogue written for readers: with asides, stage directions, folded lines."""

    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.said: list[Said] = []
        self.content = False  # what the client says now is mail data
        self.folds = False  # whether the row before can go on in a deeper one
        self.depth: int | None = None

    def read(self, rows: list[Row]) -> list[Said]:
        for number, row in rows:
            indent = len(row) - len(row.lstrip())
            if line := without_marker((number, row), self.notation):
                self.depth = indent
                self.line(line)
            elif _ASIDE.match(row):
                self.depth = indent if self.depth is None else min(self.depth, indent)
                self.folds = False
            elif row.strip():
                self.unmarked(row, number, deeper=self.depth is not None and indent > self.depth)
        return self.said

    def line(self, line: Said) -> None:
        self.folds = (self.content and not line.server) or not _DIRECTION.fullmatch(line.text)
        if not self.folds:
            return
        if self.content and line.text == "<CRLF>.<CRLF>":  # RFC 821 §3.1 spells it out
            line = line._replace(text=".")
        self.said.append(line)
        if line.server:
            self.content = line.text.startswith("354")
        else:
            self.content = line.text != "." and (self.content or bool(CHUNK.match(line.text)))

    def unmarked(self, row: str, number: int, *, deeper: bool) -> None:
        if not deeper:
            problem = translated("error.no_marker", notation=self.notation.name)
            raise TranscriptError(number, problem)
        if self.folds and len(self.said[-1].text) <= LINE_LIMIT:
            before, more = self.said[-1], row.strip()
            glue = "" if _BASE64.search(before.text[-99:]) else " "
            self.said[-1] = before._replace(text=f"{before.text.rstrip()}{glue}{more}")
