"""The notations that mark who speaks: a table of them, and how their lines are read.

The law of this file: it finds the speaker and strips the marker; what a line *means* is for
`protocol` and `session`. A new notation is a new row in `NOTATIONS`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from smtpedu.language import text as translated
from smtpedu.said import CHUNK, CODE, LINE_LIMIT, REPLY_LINE, VERB, Row, Said, TranscriptError


class Notation(NamedTuple):
    """How a kind of transcript marks its two speakers; a marker is what the pattern matches."""

    name: str
    client: re.Pattern[str]
    server: re.Pattern[str]
    written: bool = False  # for readers: every line that is not an aside carries a marker
    field: bool = False  # what follows the marker is a field of a CSV file


def _notation(
    name: str, client: str, server: str, *, written: bool = False, field: bool = False
) -> Notation:
    # Logs often put a time before the marker.
    time = r"(?:\[?[0-9][0-9:.,TZ/+-]{4,40}\]?\s{1,9}){0,4}"
    client_mark, server_mark = (re.compile(time + mark, re.I) for mark in (client, server))
    return Notation(name, client_mark, server_mark, written, field)


_MARKER_LIMIT = 1_000  # characters; so that a very long line costs no more than others
_INDENT = r"\s{0,99}"
_POSTFIX = r"(?:[a-z]{3} +[0-9]+ [0-9:]{8} )?(?:\S+ )?postfix\S*/"
_PEER = r" \S+\[[^\]]*\](?::[0-9]+)?: ?"
_NODEMAILER = r"DEBUG \[#?[\w-]+\] "
_EXCHANGE = r"(?:(?:\"[^\"]*\"|[^,\"]*),){1,8}?"

#: Ways of marking the speakers, the more telling markers first.
NOTATIONS = (
    _notation(
        "C:/S:", _INDENT + r"(?:C|Client):[ \t]?", _INDENT + r"(?:S|Server):[ \t]*", written=True
    ),
    _notation("S:/R:", _INDENT + r"S:[ \t]?", _INDENT + r"R:[ \t]*", written=True),  # RFC 821's
    _notation("[C]/[S]", r"\[(?:C|Client)\]:?[ \t]?", r"\[(?:S|Server)\]:?[ \t]*"),
    _notation("swaks", r" ?(?:[-~]|\*\*|\*~)>(?: |$)", r"<(?:[-~] |\*\*|~\*) ?"),
    _notation("msmtp", r"--> ?", r"<-- ?"),
    # Of a reply of many lines these tools may mark only the first.
    _notation("sendmail -v", r">>>(?:putline>>>)? ?", r"(?:<<<(?:getline<<<)? ?)?" + CODE),
    _notation(
        "exim -v", _INDENT + r"SMTP[>|+]>(?! ?writing message) ?", rf"{_INDENT}(?:SMTP<< ?)?{CODE}"
    ),
    _notation("PHPMailer", "CLIENT -> SERVER: ?", rf"(?:SERVER -> CLIENT: ?|[\s↪]+{CODE})"),
    _notation("nodemailer", _NODEMAILER + "C: ?", f"{_NODEMAILER}(?:S: ?|{CODE})"),
    _notation(
        "postfix smtpd -v",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: <{_PEER}",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: >{_PEER}",
    ),
    _notation(
        "postfix smtp -v",
        rf"{_POSTFIX}smtp\[[0-9]+\]: >{_PEER}",
        rf"{_POSTFIX}smtp\[[0-9]+\]: <{_PEER}",
    ),
    _notation("Exchange send log", _EXCHANGE + '>,"?', _EXCHANGE + '<,"?', field=True),
    _notation("Exchange receive log", _EXCHANGE + '<,"?', _EXCHANGE + '>,"?', field=True),
    _notation(">>/<<", r">>(?!>) ?", r"<<(?!<) ?"),
    _notation("curl -v", r"> ?", r"< ?"),
)

_SMTPLIB = re.compile(r"(?:[\d:.]+ )?(?P<who>send|reply): (?P<literal>b?(['\"]).*\3)\s*$")
# What Python's `repr` writes, so that evaluating it gives one string and no warning.
_LITERAL = re.compile(
    r"b?(?:'(?:[^'\\]|ESCAPE)*+'|\"(?:[^\"\\]|ESCAPE)*+\")".replace(
        "ESCAPE", r"\\(?:[\\'\"nrt]|x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
    )
)
# Stage directions, as RFCs have them among the lines and in the place of one.
_ASIDE = re.compile(
    r"\s*(?:#|//|\.\.\.|…|\(|\[|<|-{3,}|C ?(?:&|and) ?S:|S ?(?:&|and) ?[CR]:)", re.I
)
_DIRECTION = re.compile(r"<[a-z]+ [^<>]*>?\s*", re.I)
_QUOTED = re.compile(r'(?:[^"]++|"")*+')
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}$")


def likely(rows: list[Row], least: int) -> tuple[Notation | None, int]:
    """The notation that explains the most rows, and how many, if they are more than `least`.

    A message may hold lines that look like any notation, so the first match is not enough.
    """
    best, explained = None, least
    for notation in NOTATIONS:
        if (count := _explained(rows, notation)) > explained:
            best, explained = notation, count
    return best, explained


def _explained(rows: list[Row], notation: Notation) -> int:
    """How many rows are replies or known commands in this notation; 0 without any reply."""
    marked = (notation.server.match(row, 0, _MARKER_LIMIT) for _, row in rows)
    replies = sum(bool(REPLY_LINE.match(mark.string, mark.end())) for mark in marked if mark)
    if not replies:
        return 0
    sent = [mark for _, row in rows if (mark := notation.client.match(row, 0, _MARKER_LIMIT))]
    commands = sum(bool(VERB.match(mark.string, mark.end())) for mark in sent)
    return replies + commands if sent or notation.written else 0


def marked(rows: list[Row], notation: Notation) -> list[Said]:
    """Who said what in this notation. Raises `TranscriptError` for a line that must be marked."""
    if notation.written:
        return _Written(notation).read(rows)
    return [line for row in rows if (line := _line(row, notation))]


def _line(row: Row, notation: Notation) -> Said | None:
    """A row without its marker, None where there is none."""
    number, text = row
    for server, mark in ((True, notation.server), (False, notation.client)):
        if found := mark.match(text, 0, _MARKER_LIMIT):
            rest = text[found.end() :]
            return Said(server, _field(found[0], rest) if notation.field else rest, number)
    return None


def _field(marker: str, rest: str) -> str:
    """The field that begins after the marker, which ends in a quote mark if the field is quoted."""
    if not marker.endswith('"'):
        return rest.partition(",")[0]
    found = _QUOTED.match(rest)
    return found[0].replace('""', '"') if found else ""


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
            if line := _line((number, row), self.notation):
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


def smtplib_rows(rows: list[Row]) -> int:
    """How many rows are in the notation of Python's smtplib."""
    return sum(bool(_SMTPLIB.match(row)) for _, row in rows)


def smtplib(rows: list[Row]) -> Iterator[Said]:
    """What `smtplib.SMTP.set_debuglevel(1)` prints: Python literals of what went over the wire."""
    for number, row in rows:
        if not (found := _SMTPLIB.match(row)):
            continue
        try:
            if not _LITERAL.fullmatch(found["literal"]):
                raise ValueError
            sent = ast.literal_eval(found["literal"])
        except (SyntaxError, ValueError):
            raise TranscriptError(number, translated("error.literal")) from None
        content = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
        for line in content.removesuffix("\r\n").split("\r\n"):
            # A bare line feed in what was sent would be a line of its own in any transcript.
            yield from (Said(found["who"] == "reply", part, number) for part in line.split("\n"))
