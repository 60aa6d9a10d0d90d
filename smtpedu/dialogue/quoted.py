"""Replies that stand inside other text: a log, a bounce, an error message.

They are found by what a reply looks like and by where it can begin, not by a parser per system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.reference.registry import defined_codes

LONGEST = 65_536  # characters of a row with its folded ones
_CONTEXT = 300  # characters before a reply that may tell what it answers
# A code that no word, address or longer number holds; smtplib prints `(550, b'5.1.1 no')`.
_CODE = re.compile(
    r"(?<![\w.+/@-])(?P<code>[2-5][0-5][0-9])(?P<sep>[ -]|, b?(?=['\"])|(?= ?#)|[:,](?= )|$)"
    r"(?P<rest>['\" ]?(?:(?P=code)[ -])?#?(?P<class>[245])\.[0-9]{1,3}\.[0-9]{1,3}\b(?!\.))?"
)
# What other programs write before what a server said.
_SAID = re.compile(
    r"(?:said|says?|reason|returned|was|is|with|message|error|responded|response|reply|replied"
    r"|status|smtp|code|deferred|b)?\s?[:;('\"<>\[=]\s{0,9}#?\Z"
    r"|\.\.\.\s\Z|(?:<<<|<\*\*|<-|said|returned|responded with|response|error code|reply)\s{0,9}\Z",
    re.I,
)
_NAMED = re.compile(r"(?:said|code|error|reply|status|smtp)[\s:=#]{0,3}\Z", re.I)
_NUMBERED = re.compile(
    r"\b(?:port|size|line|column|id|pid|uid|gid|delay|nrcpt|bytes|year|step|page|rfc|message|x-unix;"
    r"|length|step|took|limit|count|process)s?\s?[:=#;]?\s?\Z",
    re.I,
)
_AMOUNT = re.compile(
    r"\s?(?:[KMG]i?B\b|bytes|octets|ms\b|s\b|sec|min|hour|day|recipients?\b|messages\b|lines?\b|times\b"
    r"|percent|%|[0-9]+ |of\b|to [0-9]|and\b|days|mails\b|users\b)",
    re.I,
)
_TOLD = re.compile(r"\(in reply to (?:the )?(?P<what>[^()]{1,40}?)(?: command)?\)")
# What a log says after a reply.
_AFTER = re.compile(rf"{_TOLD.pattern.replace('?P<what>', '?:')}|; from=<")
_BEFORE = re.compile(
    r"\b(RCPT|MAIL|DATA|EHLO|HELO|AUTH|STARTTLS|CONNECT|END-OF-MESSAGE)\b"
    r"|\b((?:sending )?end of (?:data|DATA)|message body|initial connection|greeting)\b"
)
_WHAT = {
    "RCPT": "RCPT",
    "MAIL": "MAIL",
    "HELO": "HELO",
    "EHLO": "EHLO",
    "AUTH": "AUTH",
    "STARTTLS": "STARTTLS",
    "CONN": CONNECT,
    "INIT": CONNECT,
    "GREE": CONNECT,
    "DATA": "DATA",
}
_TO = re.compile(
    r"(?:RCPT TO:|\bto=|\bfor |\A\s{0,9}|'(?=[^'\s]{3,320}': \())(?:[Rr][Ff][Cc]822;)?"
    r"<?([^\s<>'\"():;,@]{1,320}@[^\s<>'\"():;,@]{1,255})"
)
_ALONE = re.compile(
    r"[\s*>-]{0,20}<?([^\s<>\"'():;,@]{1,320}@[^\s<>\"'():;,@]{1,255}?)>?[:.]?\s*\Z"
)
_OWN = re.compile(r"<([^\s<>]{1,320}@[^\s<>]{1,255})>\.\.\.")
_HOST = re.compile(
    r"(?:\bhost |talking to |server |by |from )([\w-]+(?:\.[\w-]+)+|\[[0-9a-f.:]+\])"
)
_CLOSERS = {")": "(", "]": "[", ">": "<"}


@dataclass(frozen=True, slots=True)
class Quoted:
    """A reply found in other text: what it answered where told, and whom it is about.

    `line` and `column` (from 1) are where it begins. `remote`: something before it says that a
    server said it; else it may be the sending system's own summary.
    """

    reply: Reply
    verb: str = ANY
    line: int = 1
    column: int = 1
    said_by: str = ""
    recipient: str = ""
    remote: bool = True


class _Unit(NamedTuple):
    """A row, with the folded rows that continue it; `starts` are where each begins in `text`."""

    text: str
    number: int
    starts: list[tuple[int, int]]

    def place(self, position: int) -> tuple[int, int]:
        """Row and column, from 1."""
        n, (start, indent) = max(
            (n, one) for n, one in enumerate(self.starts) if one[0] <= position or n == 0
        )
        return self.number + n, position - start + indent + 1


def quoted_replies(text: str) -> list[Quoted]:
    """The replies that the text holds, in its order."""
    reader = _Reader()
    for unit in _units(text):
        reader.read(unit)
    reader.close()
    return reader.found


def _units(text: str) -> Iterator[_Unit]:
    """Rows, each with its folded ones: those indented deeper that begin no reply themselves."""
    parts: list[str] = []
    starts: list[tuple[int, int]] = []
    size = margin = first = 0
    for number, row in enumerate(text.split("\n"), 1):
        bare = row[:LONGEST].strip()
        indent = len(row) - len(row.lstrip())
        folded = bool(parts and bare) and (indent > margin or indent == margin > 1)
        if not folded or size > LONGEST or _CODE.match(bare) or bare[:3] in (">>>", "<<<"):
            if parts:
                yield _Unit(" ".join(parts), first, starts)
            parts, starts, size, margin, first = [], [], 0, indent, number
        starts.append((size, indent))
        parts.append(bare)
        size += len(bare) + 1
    yield _Unit(" ".join(parts), first, starts)


class _Reader:
    """Finds the replies of one unit after the other; one of many lines may span several."""

    def __init__(self) -> None:
        self.found: list[Quoted] = []
        self.open: Quoted | None = None  # of many lines, the last of which has not come
        self.lines: list[str] = []
        self.led = False  # whether the row above ends in a colon
        self.asked = self.recipient = self.host = ""

    def read(self, unit: _Unit) -> None:
        starts: list[re.Match[str]] = []
        for start in _CODE.finditer(unit.text):
            last = starts[-1] if starts else None
            if self._begins(start, unit.text, last):
                starts.append(start)
        ends = [start.start() for start in starts[1:]] + [len(unit.text)]
        for start, end in zip(starts, ends, strict=False):
            self._add(start, unit, end)
        if unit.text and not starts:
            self.close()
            self._remember(unit.text)
        if unit.text:
            self.led = unit.text.endswith(":")

    def close(self) -> None:
        """A reply whose last line is missing ends here, if there is one."""
        if self.open:
            self.found.append(_with(self.open, self.lines))
        self.open = None

    def _remember(self, unit: str) -> None:
        """What a row without a reply says about those that follow."""
        self.asked = _verb(unit[-_CONTEXT:]) or self.asked
        if to := _ALONE.match(unit[:_CONTEXT]) or _TO.search(unit[:_CONTEXT]):
            self.recipient = to[1]
        if host := _HOST.search(unit[:_CONTEXT]):
            self.host = host[1]

    def _begins(self, start: re.Match[str], unit: str, last: re.Match[str] | None) -> bool:
        """Whether the code at this place is a reply's, and no amount or number of something."""
        place, code, sep = start.start(), start["code"], start["sep"]
        before, after = unit[max(place - 40, 0) : place], unit[start.end() : start.end() + 40]
        if last and last["sep"] == "-" and last["code"] == code and sep in ("-", " "):
            return True
        if start["class"]:
            return start["class"] == code[0] or place == 0 or bool(_SAID.search(before))
        if _NUMBERED.search(before) or _AMOUNT.match(after):
            return False
        if place:
            # `, 550:` may be the id of a process or of a message; `code 550:` is not.
            said = (_NAMED if sep in (",", ":") else _SAID).search(before)
            known = code[0] in "45" or int(code) in defined_codes()
            return bool(said) and known and (bool(after.strip()) or sep == "")
        if self.open and int(code) == self.open.reply.code and sep in ("-", " "):
            return True
        return code[0] in "45" and (bool(after.strip()) or self.led)

    def _add(self, start: re.Match[str], unit: _Unit, end: int) -> None:
        code, line = int(start["code"]), _line(unit.text[start.end("sep") : end], start["sep"])
        line = (line[0].removeprefix(start["code"]).lstrip(" -#"), *line[1:])  # said twice
        told = _told(unit.text[start.end() : end])
        if self.open and self.open.reply.code == code:
            self.lines += line
            self.open = replace(self.open, verb=told or self.open.verb)
        else:
            self.close()
            self.lines = list(line)
            self.open = self._opened(start, unit, told)
        if start["sep"] != "-":
            self.close()

    def _opened(self, start: re.Match[str], unit: _Unit, told: str) -> Quoted:
        place = start.start()
        before = unit.text[max(place - _CONTEXT, 0) : place]
        remote = place > 0 or self.led
        asked = self.asked if before.strip() in ("", "<<<", "(reason:") else ""
        to = [*_TO.finditer(before)] or [*_OWN.finditer(before if remote else self.lines[0][:600])]
        host = _HOST.search(before)
        return Quoted(
            Reply(int(start["code"])),
            told or _verb(before) or asked or ANY,
            *unit.place(place),
            host[1] if host else self.host,
            to[-1][1] if to else self.recipient,
            remote,
        )


def _with(quoted: Quoted, lines: list[str]) -> Quoted:
    return replace(quoted, reply=Reply(quoted.reply.code, tuple(lines)))


def _line(said: str, sep: str) -> tuple[str, ...]:
    """The text of a reply's line, without what stands around a quoted one."""
    said = _AFTER.split(said, maxsplit=1)[0].strip()
    if sep.startswith(",") and said[:1] in ("'", '"'):
        said = re.split(r"(?<!\\)" + said[0], said[1:], maxsplit=1)[0]
        return tuple(re.split(r"\\r?\\n|\\n", said))
    said = said.rstrip("<([ ")
    for _ in range(3):
        if said and said.count(said[-1]) > said.count(_CLOSERS.get(said[-1], said[-1])):
            said = said[:-1].rstrip()
    return (said,)


def _told(after: str) -> str:
    found = _TOLD.search(after)
    return _verb(found["what"]) if found else ""


def _verb(context: str) -> str:
    """The last command that the context names, or what stands for it."""
    named = [(one[1] or one[2]).upper() for one in _BEFORE.finditer(context)]
    if not named:
        return ""
    return _WHAT.get(named[-1][:4].rstrip(), MESSAGE)
