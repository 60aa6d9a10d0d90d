"""The formats of transcripts that mark who speaks, and how their rows become lines.

A new format is one row in `FORMATS`: what its tool writes before a client's line and before a
server's. A message may hold lines that look like any format, so a text is read in the one that
explains the most of its rows. Text without marks is for `unmarked`.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from smtpedu.i18n import text as translated
from smtpedu.protocol.states import Speaker

# ---- lines ----

#: The longest protocol line read. RFC 5321 §4.5.3.1.6 allows 1,000 octets; tools log longer ones.
LINE_LIMIT = 65_536


class TranscriptError(ValueError):
    """Text that is not an SMTP dialogue; `line` (from 1) says where that shows first."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(translated("error.transcript", line=line, problem=problem))
        self.line, self.problem = line, problem


class Line(NamedTuple):
    """One line of the dialogue, without its end; `number` is its row in the transcript."""

    speaker: Speaker
    text: str
    number: int


Row = tuple[int, str]  #: a row of the transcript as it stands: its number and its text

CODE = r"(?=[2-5][0-9]{2}(?:[ -]|$))"
REPLY_LINE = re.compile(CODE + r"...(?P<last> |$)?")
VERB = re.compile(
    r"(?:[EL]HLO|HELO|MAIL|RCPT|DATA|RSET|VRFY|EXPN|HELP|NOOP|QUIT|AUTH|STARTTLS|BDAT|ETRN|ATRN"
    r"|XCLIENT|XFORWARD)"
    r"(?![^\s])",
    re.I,
)
CHUNK = re.compile(r"BDAT +(?P<size>[0-9]{1,20})(?: +LAST)? *$", re.I)  # RFC 3030 §2


# ---- formats ----


class Format(NamedTuple):
    """How a kind of transcript marks its two speakers; a marker is what the pattern matches."""

    name: str
    client: re.Pattern[str]
    server: re.Pattern[str]
    written: bool = False  # for readers: every line that is not an aside carries a marker
    csv: bool = False  # what follows the marker is a field of a CSV file
    joined: bool = False  # a reply of many lines may stand in one row
    # What stands before the further lines of a reply where only its first is marked, ...
    further: re.Pattern[str] = re.compile(r"[\s↪]{0,99}")
    content: re.Pattern[str] | None = None  # ... and before mail data, where none of it is


def _format(name: str, client: str, server: str, *, written: bool = False, **more: Any) -> Format:
    time = rf"(?:{_CLOCK}\s{{1,9}}){{0,4}}" if written else _TIME
    of_client, of_server = (re.compile(time + mark, re.I) for mark in (client, server))
    return Format(name, of_client, of_server, written, **more)


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
FORMATS = (
    _format(
        "C:/S:", _INDENT + r"(?:C|Client):[ \t]?", _INDENT + r"(?:S|Server):[ \t]*", written=True
    ),
    _format("S:/R:", _INDENT + r"S:[ \t]?", _INDENT + r"R:[ \t]*", written=True),  # RFC 821's
    _format("[C]/[S]", r"\[(?:C|Client)\]:?[ \t]?", r"\[(?:S|Server)\]:?[ \t]*"),
    _format("swaks", r" ?(?:[-~]|\*\*|\*~)>(?: |$)", r"<(?:[-~] |\*\*|~\*) ?"),
    _format("msmtp", r"--> ?", r"<-- ?"),
    # Of a reply of many lines these tools may mark only the first.
    _format("sendmail -v", r">>>(?:putline>>>)? ?", r"(?:<<<(?:getline<<<)? ?)?" + CODE),
    _format(
        "exim -v", _INDENT + r"SMTP[>|+]>(?! ?writing message) ?", rf"{_INDENT}(?:SMTP<< ?)?{CODE}"
    ),
    _format("PHPMailer", "CLIENT -> SERVER: ?", "SERVER -> CLIENT: ?", joined=True),
    _format(
        "sendEmail", _SENDEMAIL + r"Sending:\s{1,9}", _SENDEMAIL + r"Received:\s{1,9}", joined=True
    ),
    _format(
        "nodemailer",
        _NODEMAILER + "C: ?",
        _NODEMAILER + "S: ?",
        further=_UNMARKED,
        content=_UNMARKED,
    ),
    _format("Perl's Net::SMTP", _PERL + ">>> ?", _PERL + "<<< ?"),
    _format("mutt", _MUTT + "> ?", _MUTT + "< ?"),
    _format(
        "postfix smtpd -v",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: <{_PEER}",
        rf"{_POSTFIX}smtpd\[[0-9]+\]: >{_PEER}",
    ),
    _format(
        "postfix smtp -v",
        rf"{_POSTFIX}smtp\[[0-9]+\]: >{_PEER}",
        rf"{_POSTFIX}smtp\[[0-9]+\]: <{_PEER}",
    ),
    _format("Exchange send log", _EXCHANGE + '>,"?', _EXCHANGE + '<,"?', csv=True),
    _format("Exchange receive log", _EXCHANGE + '<,"?', _EXCHANGE + '>,"?', csv=True),
    _format("hMailServer", _HMAIL + r'"RECEIVED: ', _HMAIL + r'"SENT: ', csv=True, joined=True),
    _format(">>/<<", r">>(?!>) ?", r"<<(?!<) ?"),
    _format("curl -v", r"> ?", r"< ?"),
    _format("a server's arrows", r"<(?:<|--)? ?", r"(?:>>|-->|>) ?"),
    _format("C:/S: in a log", _LOG + r"C:(?: |$)", _LOG + r"S:(?: |$)"),
)

_QUOTED = re.compile(r'(?:[^"]++|"")*+')


def best_format(rows: list[Row], least: int) -> tuple[Format | None, int]:
    """The format that explains the most rows, and how many, if they are more than `least`."""
    best, explained = None, least
    for format in FORMATS:
        if (count := _explained(rows, format)) > explained:
            best, explained = format, count
    return best, explained


def _explained(rows: list[Row], format: Format) -> int:
    """How many rows are replies or known commands in this format; 0 without any reply."""
    marks = (format.server.match(row, 0, _MARKER_LIMIT) for _, row in rows)
    replies = sum(bool(REPLY_LINE.match(mark.string, mark.end())) for mark in marks if mark)
    if not replies:
        return 0
    sent = [mark for _, row in rows if (mark := format.client.match(row, 0, _MARKER_LIMIT))]
    commands = sum(bool(VERB.match(mark.string, mark.end())) for mark in sent)
    return replies + commands if sent or format.written else 0


def _without_marker(row: Row, format: Format) -> Line | None:
    """A row without its marker, None where there is none."""
    number, text = row
    for speaker, marker in ((Speaker.SERVER, format.server), (Speaker.CLIENT, format.client)):
        if found := marker.match(text, 0, _MARKER_LIMIT):
            rest = text[found.end() :]
            return Line(speaker, _csv_field(found[0], rest) if format.csv else rest, number)
    return None


def _csv_field(marker: str, rest: str) -> str:
    """The field that begins after the marker, or within it; a quote mark that is open quotes it."""
    if marker.count('"') % 2 == 0:
        return rest.partition(",")[0]
    found = _QUOTED.match(rest)
    return found[0].replace('""', '"') if found else ""


# ---- marked rows ----

# Stage directions, as RFCs have them among the lines and in the place of one.
_ASIDE = re.compile(
    r"\s*(?:#|//|\.\.\.|…|\(|\[|<|-{3,}|C ?(?:&|and) ?S:|S ?(?:&|and) ?[CR]:"
    r"|Connected to smtps?://)",
    re.I,
)
_DIRECTION = re.compile(r"<[a-z]+ [^<>]*>?\s*", re.I)
_BASE64 = re.compile(r"[A-Za-z0-9+/]{20,}$")


def read_marked(rows: list[Row], format: Format) -> list[Line]:
    """The lines of a text in this format.

    Raises `TranscriptError` for a row without the marker that it must have.
    """
    return (_WrittenReader if format.written else _LogReader)(format).read(rows)


def _split(line: Line) -> list[Line]:
    """The lines of a reply that stand in one row: `250-a250-b250 c`, or with marks between."""
    code = line.text[:3]
    if line.speaker is Speaker.CLIENT or not re.match(CODE + "...-", line.text):
        return [line]
    first, *rest = re.split(rf"(?:, |\[nl\])?(?={code}[ -])", line.text)[1:]
    lines = [first, *filter(None, rest)]
    if not lines[-1].startswith(f"{code} "):
        return [line]
    return [line._replace(text=text) for text in lines]


class _LogReader:
    """Reads a log whose other rows are the tool's own, or go on with what a marked row began."""

    def __init__(self, format: Format) -> None:
        self.format = format
        self.lines: list[Line] = []
        self.content = False  # the client's next row is mail data

    def read(self, rows: list[Row]) -> list[Line]:
        for row in rows:
            line = _without_marker(row, self.format)
            if self.content and (line is None or self.lines[-1].speaker is Speaker.CLIENT):
                self.message(row)
            elif line:
                self.lines += _split(line) if self.format.joined else [line]
                self.content = bool(self.format.content) and line.text.startswith("354")
            else:
                self.reply(row)
        return self.lines

    def message(self, row: Row) -> None:
        number, text = row
        if self.format.content and (found := self.format.content.match(text)):
            self.lines.append(Line(Speaker.CLIENT, text[found.end() :], number))
            self.content = self.lines[-1].text != "."

    def reply(self, row: Row) -> None:
        """A further line of a reply that has begun."""
        if not self.lines or self.lines[-1].speaker is Speaker.CLIENT:
            return
        number, text = row
        before = REPLY_LINE.match(self.lines[-1].text)
        if before and before["last"] is None:
            found = self.format.further.match(text)
            if found and REPLY_LINE.match(text, found.end()):
                self.lines.append(Line(Speaker.SERVER, text[found.end() :], number))


class _WrittenReader(_LogReader):
    """Reads a dialogue written for readers: with asides, stage directions, folded lines."""

    folds = False  # whether the row before can go on in a deeper one
    depth: int | None = None

    def read(self, rows: list[Row]) -> list[Line]:
        for number, row in rows:
            indent = len(row) - len(row.lstrip())
            if line := _without_marker((number, row), self.format):
                self.depth = indent
                self.line(line)
            elif _ASIDE.match(row):
                self.depth = indent if self.depth is None else min(self.depth, indent)
                self.folds = False
            elif row.strip():
                self.unmarked(row, number, deeper=self.depth is not None and indent > self.depth)
        return self.lines

    def line(self, line: Line) -> None:
        client = line.speaker is Speaker.CLIENT
        self.folds = (self.content and client) or not _DIRECTION.fullmatch(line.text)
        if not self.folds:
            return
        if self.content and line.text == "<CRLF>.<CRLF>":  # RFC 821 §3.1 spells it out
            line = line._replace(text=".")
        self.lines.append(line)
        if client:
            self.content = line.text != "." and (self.content or bool(CHUNK.match(line.text)))
        else:
            self.content = line.text.startswith("354")

    def unmarked(self, row: str, number: int, *, deeper: bool) -> None:
        if not deeper:
            problem = translated("error.no_marker", notation=self.format.name)
            raise TranscriptError(number, problem)
        if self.folds and len(self.lines[-1].text) <= LINE_LIMIT:
            before, more = self.lines[-1], row.strip()
            glue = "" if _BASE64.search(before.text[-99:]) else " "
            self.lines[-1] = before._replace(text=f"{before.text.rstrip()}{glue}{more}")


# ---- literals: what was sent, as a programming language writes strings ----

# Ruby's arrows are seen from the server.
_SMTPLIB = re.compile(r"(?:[\d:.]+ )?(?P<who>send:|reply:|<-|->) (?P<literal>b?(['\"]).*\3)\s*$")
# What Python's `repr` writes, and Ruby's `inspect`: evaluating it gives one string, no warning.
_LITERAL = re.compile(
    r"b?(?:'(?:[^'\\]|ESCAPE)*+'|\"(?:[^\"\\]|ESCAPE)*+\")".replace(
        "ESCAPE", r"\\(?:[\\'\"nrt]|x[0-9a-fA-F]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})"
    )
)


def count_literals(rows: list[Row]) -> int:
    """How many rows are as Python's smtplib or Ruby's Net::SMTP print them."""
    return sum(bool(_SMTPLIB.match(row)) for _, row in rows)


def read_literals(rows: list[Row]) -> Iterator[Line]:
    """The lines of what `smtplib.SMTP.set_debuglevel(1)` prints, or Ruby's `set_debug_output`.

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
        speaker = Speaker.SERVER if found["who"] in ("reply:", "->") else Speaker.CLIENT
        content = sent.decode("utf-8", "replace") if isinstance(sent, bytes) else sent
        for line in content.removesuffix("\r\n").split("\r\n"):
            # A bare line feed in what was sent would be a line of its own in any transcript.
            yield from (Line(speaker, part, number) for part in line.split("\n"))
