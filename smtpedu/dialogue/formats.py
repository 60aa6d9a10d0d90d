"""What all ways of reading a transcript share: a line and its speaker, what lines look like.

The law of this file: a line by itself. Whose it is, is for `notations` and `terminal` to find.

The notations that mark who speaks: a table of them, and which of them a text is in.

The law of this file: it finds the speaker and strips the marker, row by row; `marked` knows which
rows belong together. A new notation is a new row in `NOTATIONS`.

Rows whose speakers are marked, read in one notation: what carries no marker may go on.

The law of this file: which rows belong together. The marks themselves are in `notations`.

Debug output that tells what went over the wire as a programming language's literals.

The law of this file: a literal becomes lines again, and its mark a speaker. Logs that show the
lines themselves are for `notations`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from smtpedu.i18n import text as translated

# ---- said ----

#: The longest protocol line read. RFC 5321 §4.5.3.1.6 allows 1,000 octets; tools log longer ones.
LINE_LIMIT = 65_536


class TranscriptError(ValueError):
    """Text that is not an SMTP dialogue; `line` (from 1) says where that shows first."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(translated("error.transcript", line=line, problem=problem))
        self.line, self.problem = line, problem


class Said(NamedTuple):
    """One line of the dialogue: who said it, the line without its end, where it stood."""

    server: bool
    text: str
    line: int


Row = tuple[int, str]  #: a line's number and its text

CODE = r"(?=[2-5][0-9]{2}(?:[ -]|$))"
REPLY_LINE = re.compile(CODE + r"...(?P<last> |$)?")
VERB = re.compile(
    r"(?:[EL]HLO|HELO|MAIL|RCPT|DATA|RSET|VRFY|EXPN|HELP|NOOP|QUIT|AUTH|STARTTLS|BDAT|ETRN|ATRN"
    r"|XCLIENT|XFORWARD)"
    r"(?![^\s])",
    re.I,
)
CHUNK = re.compile(r"BDAT +(?P<size>[0-9]{1,20})(?: +LAST)? *$", re.I)  # RFC 3030 §2


# ---- notations ----


class Notation(NamedTuple):
    """How a kind of transcript marks its two speakers; a marker is what the pattern matches."""

    name: str
    client: re.Pattern[str]
    server: re.Pattern[str]
    written: bool = False  # for readers: every line that is not an aside carries a marker
    field: bool = False  # what follows the marker is a field of a CSV file
    joined: bool = False  # a reply of many lines may stand in one row
    # What stands before the further lines of a reply where only its first is marked, ...
    further: re.Pattern[str] = re.compile(r"[\s↪]{0,99}")
    content: re.Pattern[str] | None = None  # ... and before mail data, where none of it is


def _notation(
    name: str,
    client: str,
    server: str,
    *,
    written: bool = False,
    field: bool = False,
    joined: bool = False,
) -> Notation:
    time = rf"(?:{_CLOCK}\s{{1,9}}){{0,4}}" if written else _TIME
    client_mark, server_mark = (re.compile(time + mark, re.I) for mark in (client, server))
    return Notation(name, client_mark, server_mark, written, field, joined)


# Logs often put a time before the marker.
_CLOCK = r"(?:[a-z]{3} )?\[?[0-9][0-9:.,TZ/+-]{4,40}\]?"
_TIME = rf"(?:(?:\[(?:[0-9]|[^][]{{2,40}})\]|{_CLOCK})\s{{1,9}}){{0,4}}"
_MARKER_LIMIT = 1_000  # characters; so that a very long line costs no more than others
_INDENT = r"\s{0,99}"
_POSTFIX = r"(?:[a-z]{3} +[0-9]+ [0-9:]{8} )?(?:\S+ )?postfix\S*/"
_PEER = r" \S+\[[^\]]*\](?::[0-9]+)?: ?"
_NODEMAILER = r"DEBUG \[#?[\w-]+\] "
_UNMARKED = re.compile(_TIME + _NODEMAILER, re.I)
_PERL = r"[\w:]{0,40}SMTP[\w:]{0,40}=GLOB\(0x[0-9a-f]+\)"
_MUTT = r"(?:\[[^][]{19}\]<[0-9]> \w+\(\) )?[0-9]{1,4}"
_SENDEMAIL = r"(?:[a-z]{3} +[0-9]+ [0-9:]{8} \S+ )?sendemail\[[0-9]+\]: [A-Z]+ => "
_HMAIL = r'"SMTPD"\t(?:[^\t]{1,99}\t){4}'
# Wireshark's list of packets cuts replies, so it is not read.
_LOG = r"(?:(?![CS]:|→)\S{1,200}\s{1,9}){1,12}?"
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
    _notation("PHPMailer", "CLIENT -> SERVER: ?", "SERVER -> CLIENT: ?", joined=True),
    _notation(
        "sendEmail", _SENDEMAIL + r"Sending:\s{1,9}", _SENDEMAIL + r"Received:\s{1,9}", joined=True
    ),
    _notation("nodemailer", _NODEMAILER + "C: ?", _NODEMAILER + "S: ?")._replace(
        further=_UNMARKED, content=_UNMARKED
    ),
    _notation("Perl's Net::SMTP", _PERL + ">>> ?", _PERL + "<<< ?"),
    _notation("mutt", _MUTT + "> ?", _MUTT + "< ?"),
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
    _notation(
        "hMailServer",
        _HMAIL + r'"RECEIVED: ',
        _HMAIL + r'"SENT: ',
        field=True,
        joined=True,
    ),
    _notation(">>/<<", r">>(?!>) ?", r"<<(?!<) ?"),
    _notation("curl -v", r"> ?", r"< ?"),
    _notation("a server's arrows", r"<(?:<|--)? ?", r"(?:>>|-->|>) ?"),
    _notation("C:/S: in a log", _LOG + r"C:(?: |$)", _LOG + r"S:(?: |$)"),
)

_QUOTED = re.compile(r'(?:[^"]++|"")*+')


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


def without_marker(row: Row, notation: Notation) -> Said | None:
    """A row without its marker, None where there is none."""
    number, text = row
    for server, mark in ((True, notation.server), (False, notation.client)):
        if found := mark.match(text, 0, _MARKER_LIMIT):
            rest = text[found.end() :]
            return Said(server, _field(found[0], rest) if notation.field else rest, number)
    return None


def _field(marker: str, rest: str) -> str:
    """The field that begins after the marker, or within it; a quote mark that is open quotes it."""
    if marker.count('"') % 2 == 0:
        return rest.partition(",")[0]
    found = _QUOTED.match(rest)
    return found[0].replace('""', '"') if found else ""


# ---- marked ----

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


# ---- literals ----

# Ruby's arrows are seen from the server.
_SMTPLIB = re.compile(r"(?:[\d:.]+ )?(?P<who>send:|reply:|<-|->) (?P<literal>b?(['\"]).*\3)\s*$")
# What Python's `repr` writes, and Ruby's `inspect`: evaluating it gives one string, no warning.
_LITERAL = re.compile(
    r"b?(?:'(?:[^'\\]|ESCAPE)*+'|\"(?:[^\"\\]|ESCAPE)*+\")".replace(
        "ESCAPE", r"\\(?:[\\'\"nrt]|x[0-9a-fA-F]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
    )
)


def literal_rows(rows: list[Row]) -> int:
    """How many rows are in the notation of Python's smtplib, or Ruby's Net::SMTP."""
    return sum(bool(_SMTPLIB.match(row)) for _, row in rows)


def literals(rows: list[Row]) -> Iterator[Said]:
    """What `smtplib.SMTP.set_debuglevel(1)` prints, or Ruby's `set_debug_output`.

    Raises `TranscriptError` for a literal that is cut.
    """
    for number, row in rows:
        if not (found := _SMTPLIB.match(row)):
            continue
        try:
            if not _LITERAL.fullmatch(found["literal"]):
                raise ValueError
            sent = ast.literal_eval(found["literal"])
        except (SyntaxError, ValueError):
            raise TranscriptError(number, translated("error.literal")) from None
        server = found["who"] in ("reply:", "->")
        content = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
        for line in content.removesuffix("\r\n").split("\r\n"):
            # A bare line feed in what was sent would be a line of its own in any transcript.
            yield from (Said(server, part, number) for part in line.split("\n"))
