"""Formats whose structure says more than what stands before a line.

`C:` and `S:` as RFCs write them, for readers, with asides and folded lines; the fields of
Exchange's logs; strings as programming languages write them. All others are learned (`notation`).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from smtpedu.dialogue.lines import LINE_LIMIT, REPLY_LINE, VERB, Line, Row
from smtpedu.dialogue.notation import Mark, Notation
from smtpedu.dialogue.reader import Reader
from smtpedu.protocol.reply import printable
from smtpedu.protocol.states import Speaker


def _notation(client: str, server: str, *, csv: bool = False) -> Notation:
    sides = ((Speaker.SERVER, server), (Speaker.CLIENT, client))
    marks = tuple(Mark(side, re.compile(pattern, re.I), side) for side, pattern in sides)
    return Notation(marks, written=not csv, csv=csv)


# A time may stand before the marks.
_TIME = r"\s{0,99}(?:(?:[a-z]{3} )?\[?[0-9][0-9:.,TZ/+-]{1,40}\]?\s{1,9}){0,4}"
_FIELDS = r"(?:(?:\"[^\"]*\"|[^,\"]*),){1,8}?"

#: The formats in which every line has a mark that is known beforehand.
FORMATS = (
    _notation(_TIME + r"(?:C|Client):[ \t]?", _TIME + r"(?:S|Server):[ \t]*"),
    _notation(_TIME + r"S:[ \t]?", _TIME + r"R:[ \t]*"),  # RFC 821's
    _notation(_FIELDS + '>,"?', _FIELDS + '<,"?', csv=True),  # Exchange sends
    _notation(_FIELDS + '<,"?', _FIELDS + '>,"?', csv=True),  # ... or receives
)


def explained(rows: list[Row], notation: Notation) -> tuple[int, int]:
    """How many rows are replies or known commands behind these marks, and how many have marks.

    Both are 0 where there is no reply.
    """
    split = [
        (mark.speaker, text) for mark, text in (notation.split(row) for _, row in rows) if mark
    ]
    replies = sum(who is Speaker.SERVER and bool(REPLY_LINE.match(text)) for who, text in split)
    commands = sum(who is Speaker.CLIENT and bool(VERB.match(text)) for who, text in split)
    return (replies + commands, len(split)) if replies else (0, 0)


# ---- dialogues written for readers ----

# Stage directions, as RFCs have them among the lines and in the place of one.
_ASIDE = re.compile(
    r"\s*(?:#|//|\.\.\.|…|\(|\[|<|-{3,}|C ?(?:&|and) ?S:|S ?(?:&|and) ?[CR]:"
    r"|Connected to smtps?://)",
    re.I,
)
_DIRECTION = re.compile(r"<[a-z]+ [^<>]*>?\s*", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}$")


class WrittenReader(Reader):
    """Reads a dialogue written for readers: with asides, stage directions, folded lines."""

    folds = False  # whether the row before can go on in a deeper one
    depth: int | None = None

    def read(self) -> list[Line]:
        split, last = self.notation.split, ""
        for at, (number, row) in enumerate(self.rows):
            self.at = at
            mark, text = split(row)
            if mark:
                last = row
                self.spoken(mark, text, number)
                continue
            indent = _indent(row)
            if last:
                self.depth, last = _indent(last), ""
            if _ASIDE.match(row):
                self.depth = indent if self.depth is None else min(self.depth, indent)
                self.folds = False
                self.leave(number)
            elif row.strip():
                self.unmarked(row, number, deeper=self.depth is not None and indent > self.depth)
        return self.dialogue()

    def spoken(self, mark: Mark, text: str, number: int) -> None:
        client = mark.speaker is Speaker.CLIENT
        directs = text[:1] == "<" and not (self.data and client)
        self.folds = not (directs and _DIRECTION.fullmatch(text))
        if not self.folds:
            return self.leave(number)
        if self.data and text == "<CRLF>.<CRLF>":  # RFC 821 §3.1 spells it out
            text = "."
        return self.marked(mark, text, number)

    def unmarked(self, row: str, number: int, *, deeper: bool) -> None:
        if self.open and row.lstrip().startswith((f"{self.open}-", f"{self.open} ")):
            return self.reply(row.lstrip(), number)
        if not deeper or not self.folds or len(self.lines[-1].text) > LINE_LIMIT:
            return self.leave(number)
        before, more = self.lines[-1], row.strip()
        glue = "" if _BASE64.search(before.text[-99:]) else " "
        self.lines[-1] = before._replace(text=f"{before.text.rstrip()}{glue}{more}")
        return None


def _indent(row: str) -> int:
    return len(row) - len(row.lstrip())


# ---- Exchange's logs ----

_QUOTED = re.compile(r'(?:[^"]++|"")*+')


class CsvReader(Reader):
    """Reads a log whose lines are fields."""

    def marked(self, mark: Mark, text: str, number: int) -> None:
        # A quote mark that is open belongs to the mark, and is its last character.
        if self.rows[self.at][1][: -len(text) or None].endswith('"'):
            found = _QUOTED.match(text)
            text = found[0].replace('""', '"') if found else ""
        else:
            text = text.partition(",")[0]
        super().marked(mark, text, number)


# ---- literals: what was sent, as a programming language writes strings ----

# Ruby's arrows are seen from the server.
_SENT = re.compile(r".{0,200}?(?P<who>send:|reply:|<-|->) (?P<literal>b?(['\"]).*\3)\s*$")
# What Python's `repr` writes, and Ruby's `inspect`: evaluating it gives one string, no warning.
_LITERAL = re.compile(
    r"b?(?:'(?:[^'\\]|ESCAPE)*+'|\"(?:[^\"\\]|ESCAPE)*+\")".replace(
        "ESCAPE", r"\\(?:[\\'\"nrt]|x[0-9a-fA-F]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
    )
)


def count_literals(rows: list[Row]) -> int:
    """How many rows are as Python's smtplib or Ruby's Net::SMTP print them."""
    return sum(bool(_SENT.match(row)) for _, row in rows)


class LiteralReader(Reader):
    """Reads what `smtplib.SMTP.set_debuglevel` prints, or Ruby's `set_debug_output`."""

    def read(self) -> list[Line]:
        for number, row in self.rows:
            if not (found := _SENT.match(row)):
                self.leave(number)
                continue
            server = found["who"] in ("reply:", "->")
            try:
                for text in _sent(found["literal"]):
                    self.add(text, number, Speaker.SERVER if server else Speaker.CLIENT)
            except (SyntaxError, ValueError):
                self.leave(number, "literal")
        return self.lines


def _sent(literal: str) -> Iterator[str]:
    """The lines of a literal. Raises `ValueError` for what is cut or damaged, or `SyntaxError`."""
    if not _LITERAL.fullmatch(literal):
        raise ValueError
    value = ast.literal_eval(literal)
    content = value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else value
    for line in content.removesuffix("\r\n").split("\r\n"):
        # A bare line feed in what was sent would be a line of its own in any transcript.
        yield from map(printable, line.split("\n"))
