"""Replies that stand inside other text: a log, a bounce, an error message.

They are found by what a reply looks like and by where it can begin, not by a parser per system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE

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
_BEFORE = re.compile(
    r"\b(RCPT|MAIL|DATA|EHLO|HELO|AUTH|STARTTLS|CONNECT|END-OF-MESSAGE)\b"
    r"|\b((?:sending )?end of data|message body|initial connection|greeting)\b"
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
    r"(?:RCPT TO:|\bto=|\bfor |\A\s{0,9}|'(?=[^'\s]+': \())(?:[Rr][Ff][Cc]822;)?<?([^\s<>'\"():;,]+@[^\s<>'\"():;,]+)"
)
_ALONE = re.compile(r"[\s*>-]{0,20}<?([^\s<>\"'():;,]+@[^\s<>\"'():;,]+?)>?[:.]?\s*\Z")
_OWN = re.compile(r"<([^\s<>]{1,320}@[^\s<>]{1,255})>\.\.\.")
_HOST = re.compile(r"(?:\bhost |talking to |server |by |from )([\w-]+(?:\.[\w-]+)+|\[[0-9a-f.:]+\])")
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


@dataclass(slots=True)
class _Unit:
    """A row with the folded rows that continue it."""

    number: int
    parts: list[str] = field(default_factory=list)
    size: int = 0


def quoted_replies(text: str) -> list[Quoted]:
    """The replies that the text holds, in its order."""
    found: list[Quoted] = []
    reader = _Reader()
    for unit in _units(text):
        found += reader.read(" ".join(unit.parts), unit.number)
    return found + reader.close()


def _units(text: str) -> Iterator[_Unit]:
    """Rows, each with its folded ones: those indented deeper that begin no reply themselves."""
    unit, margin = _Unit(1), 0
    for number, row in enumerate(text.split("\n"), 1):
        bare = row.strip()
        indent = len(row) - len(row.lstrip())
        begins = _CODE.match(bare) or bare[:3] in (">>>", "<<<")
        folded = indent > margin or indent == margin > 1
        if unit.parts and bare and folded and not begins and unit.size < LONGEST:
            unit.parts.append(bare)
        else:
            if unit.parts:
                yield unit
            unit, margin = _Unit(number, [row.rstrip()]), indent
        unit.size += len(bare)
    yield unit


class _Reader:
    """Finds the replies of one unit after the other; one of many lines may span several."""

    def __init__(self) -> None:
        self.open: Quoted | None = None  # of many lines, the last of which has not come
        self.before = ""  # the rows above, as far as they may tell what comes
        self.asked = self.recipient = self.host = ""

    def read(self, unit: str, number: int) -> list[Quoted]:
        found: list[Quoted] = []
        starts = [start for start in _CODE.finditer(unit) if self._begins(start, unit)]
        for n, start in enumerate(starts):
            end = starts[n + 1].start() if n + 1 < len(starts) else len(unit)
            found += self._add(start, unit, end, number)
        if not starts:
            if self.open and unit.strip():
                found += self.close()
            self._remember(unit)
        self.before = unit if unit.strip() else self.before
        return found

    def close(self) -> list[Quoted]:
        """The reply whose last line is missing, if there is one."""
        found, self.open = [self.open] if self.open else [], None
        return found

    def _remember(self, unit: str) -> None:
        """What a row without a reply says about those that follow."""
        if unit.lstrip().startswith(">>>") or (verbs := list(_BEFORE.finditer(unit[-_CONTEXT:]))):
            self.asked = _verb(unit[-_CONTEXT:]) or self.asked
        if to := _ALONE.match(unit[:_CONTEXT]) or _TO.search(unit[:_CONTEXT]):
            self.recipient = to[1]
        if host := _HOST.search(unit[:_CONTEXT]):
            self.host = host[1]

    def _begins(self, start: re.Match[str], unit: str) -> bool:
        """Whether the code at this place is a reply's, and no amount or number of something."""
        before, after = unit[max(start.start() - 40, 0) : start.start()], unit[start.end() :][:40]
        if start["class"]:
            return start["class"] == start["code"][0] or bool(_SAID.search(before))
        if _NUMBERED.search(before) or _AMOUNT.match(after):
            return False
        if self.open and int(start["code"]) == self.open.reply.code and start["sep"] in " -":
            return not before.strip() or unit[: start.start()].count(start["code"] + "-") > 0
        if start["sep"] == "," and "code" not in before.lower():
            return False
        if before.strip():
            return bool(_SAID.search(before)) and (bool(after.strip()) or start["sep"] == "")
        return start["code"][0] in "45" and bool(re.match(r" ?[^\W\d]|\W*\S", after) or self._led())

    def _led(self) -> bool:
        return self.before.endswith(":")

    def _add(self, start: re.Match[str], unit: str, end: int, number: int) -> list[Quoted]:
        code, line = int(start["code"]), _line(unit[start.end("sep") : end], start["sep"])
        line = (line[0].removeprefix(start["code"]).lstrip(" -#"), *line[1:])  # said twice
        if self.open and self.open.reply.code == code:
            reply = Reply(code, (*self.open.reply.lines, *line))
            whole = replace(self.open, reply=reply, verb=_told(unit[:end]) or self.open.verb)
            self.open = whole if start["sep"] == "-" else None
            return [] if self.open else [whole]
        found = self.close()
        before = unit[: start.start()]
        remote = bool(before.strip()) or self._led()
        whole = Quoted(
            Reply(code, line),
            _told(unit[start.end() : end]) or _verb(before[-_CONTEXT:]) or self._answers(before),
            number,
            start.start() + 1,
            (host[1] if (host := _HOST.search(before[-_CONTEXT:])) else self.host),
            self._about(before, line[0], remote),
            remote,
        )
        if start["sep"] == "-":
            self.open = whole
            return found
        return [*found, whole]

    def _answers(self, before: str) -> str:
        return self.asked if before.strip() in ("", "<<<", "(reason:") and self.asked else ANY

    def _about(self, before: str, line: str, remote: bool) -> str:
        context = before[-_CONTEXT:]
        told = [*_TO.finditer(context)] or [*_OWN.finditer(context if remote else line)]
        return told[-1][1] if told else self.recipient


def _line(said: str, sep: str) -> tuple[str, ...]:
    """The text of a reply's line, without what stands around a quoted one."""
    said = _TOLD.split(said, maxsplit=1)[0].strip()
    if sep.startswith(",") and said[:1] in ("'", '"'):
        said = re.split(r"(?<!\\)" + said[0], said[1:], maxsplit=1)[0]
        return tuple(re.split(r"\\r?\\n|\\n", said))
    said = said.rstrip("<([ ")
    while said and said[-1] in _CLOSERS and said.count(said[-1]) > said.count(_CLOSERS[said[-1]]):
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
