"""Replies that stand inside other text: a log, a bounce, an error message.

They are found by what a reply looks like and by where it can begin, not by a parser per system.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference.registry import defined_codes

_CONTEXT = 1_000  # characters before a reply that may tell what it answers, and to whom
# A row with those that continue it: indented, and no beginning of a reply.
_UNIT = re.compile(
    r"^[ \t]*+\S.*(?:\n[ \t]++(?![2-5][0-5][0-9](?:[ -]|$)|>>>|<<<)\S.*)*+", re.MULTILINE
)
# A code that no word, address or longer number holds; smtplib prints `(550, b'5.1.1 no')`.
_CODE = re.compile(
    r"(?<![\w.+/@-])(?P<code>[2-5][0-5][0-9])(?P<sep>[ -]|, b?(?=['\"])|(?= ?#)|[:,](?= )|$)"
    r"[\s'\"]{0,80}(?:(?P=code)[ -])?#?(?:(?P<class>[245])\.[0-9]{1,3}\.[0-9]{1,3}\b(?!\.))?",
    re.MULTILINE,
)
# What other programs write before what a server said ...
_SAID = re.compile(
    r"(?:[:;('\"<>\[=]|\*\*|<-|\.\.\.|said|returned|responded with|response|code|reply)\s*#?\Z",
    re.I,
)
_NAMED = re.compile(r"(?:said|code|error|reply|status|smtp)[\s:=#]*\Z", re.I)
# ... and before and after a number of something else.
_LABEL = re.compile(r"\b(?:port|size|line|column|p?id|delay|bytes|step|page)s?\s?[:=#]?\s?\Z", re.I)
_AMOUNT = re.compile(
    r"\s?(?:%|(?:[kmg]i?b|bytes|octets|m?s|sec\w*|min\w*|hours?|days?|times|lines|messages|mails"
    r"|recipients?|users|percent|of|and|to [0-9]|[0-9]+ )\b)",
    re.I,
)
_FOLD = re.compile(r"\n\s*+")
_OPENERS = {")": "(", "]": "[", ">": "<"}
_AFTER = re.compile(r"\(in\s+reply\s+to\s[^()]{1,60}\)|; from=<")  # what a log says after a reply
_ADDRESS = r"[^\s<>'\"():;,@]{1,320}@[^\s<>'\"():;,@]{1,255}"
_TO = re.compile(
    rf"(?:^[\s*>-]{{0,20}}|\b(?:RCPT T[Oo]:|to=|for\s)|'(?=[^'\s]{{3,320}}': \()"
    rf"|<(?={_ADDRESS}>\.\.\.))(?:[Rr][Ff][Cc]822;)?<?({_ADDRESS})",
    re.MULTILINE,
)
_HOST = re.compile(r"\b(?:host|talking\sto|server|by|from)\s([\w-]+(?:\.[\w-]+)+|\[[0-9a-f.:]+\])")
_ASKED = re.compile(
    r"\b(?:(?P<message>end\s+of\s+(?:data|DATA)|END-OF-MESSAGE|message\s+body)"
    r"|(?P<connect>CONNECT|initial\s+connection|greeting)"
    r"|(RCPT|MAIL|DATA|EHLO|HELO|AUTH|STARTTLS))\b"
)


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


class _Line(NamedTuple):
    """A line of a reply: its code, where the text goes on to, and the unit that it stands in."""

    start: re.Match[str]
    end: int
    unit: re.Match[str]

    def continues(self, last: _Line) -> bool:
        """Whether it is a further line of the reply that has the last one."""
        text, expected = self.start.string, last.start["sep"] == "-"
        between = text[last.unit.end() : self.unit.start()]
        return expected and self.start["code"] == last.start["code"] and not between.strip()


def quoted_replies(text: str) -> list[Quoted]:
    """The replies that the text holds, in its order."""
    replies: list[list[_Line]] = []
    for line in _lines(text):
        if replies and line.continues(replies[-1][-1]):
            replies[-1].append(line)
        else:
            replies.append([line])
    return list(_quoted(text, replies))


def _lines(text: str) -> Iterator[_Line]:
    for unit in _UNIT.finditer(text):
        starts: list[re.Match[str]] = []
        for start in _CODE.finditer(text, *unit.span()):
            if _begins(start, unit, starts[-1:]):
                starts.append(start)
        ends = [start.start() for start in starts[1:]] + [unit.end()]
        for start, end in zip(starts, ends, strict=False):
            yield _Line(start, end, unit)


def _begins(start: re.Match[str], unit: re.Match[str], last: list[re.Match[str]]) -> bool:
    """Whether the code at this place is a reply's, and no amount or number of something."""
    code, sep, before = start["code"], start["sep"], _before(start, unit)
    after = start.string[start.end("sep") : min(start.end() + 40, unit.end())]
    if last and last[0]["sep"] == "-" and last[0]["code"] == code and sep in ("-", " "):
        return True
    if start["class"]:
        return start["class"] == code[0] or not before or bool(_SAID.search(before))
    if _LABEL.search(before) or _AMOUNT.match(after):
        return False
    if not before:
        return code[0] in "45" and (bool(after.strip()) or _led(unit))
    # `, 550:` may be the id of a process or of a message; `code 550:` is not.
    said = (_NAMED if sep in (",", ":") else _SAID).search(before)
    known = code[0] in "45" or int(code) in defined_codes()
    return bool(said) and known and (bool(after.strip()) or not sep)


def _led(unit: re.Match[str]) -> bool:
    """Whether what stands above the unit ends in a colon."""
    return unit.string[max(unit.start() - 40, 0) : unit.start()].rstrip().endswith(":")


def _quoted(text: str, replies: list[list[_Line]]) -> Iterator[Quoted]:
    """The replies, each with what is named before it and after the one before."""
    row = place = since = 0
    last: _Line | None = None
    for lines in replies:
        start, unit = lines[0].start, lines[0].unit
        row, place = row + text.count("\n", place, start.start()), start.start()
        if last:
            since = last.start.end() if last.unit is unit else last.unit.end()
        named, last = partial(_last, text, max(since, place - _CONTEXT), place), lines[-1]
        told = _AFTER.search(text, place, lines[-1].end)
        remote = bool(_before(start, unit)) or _led(unit)
        # The sending system's own words name whom they are about.
        own = "" if remote else _last(text, place, lines[0].end, _TO)
        yield Quoted(
            Reply(int(start["code"]), tuple(part for line in lines for part in _text(line))),
            (_last(text, *told.span(), _ASKED) if told else "") or named(_ASKED) or ANY,
            row + 1,
            place - text.rfind("\n", 0, place),
            named(_HOST),
            own or named(_TO),
            remote,
        )


def _before(start: re.Match[str], unit: re.Match[str]) -> str:
    return start.string[max(unit.start(), start.start() - 40) : start.start()].strip()


def _last(text: str, start: int, end: int, pattern: re.Pattern[str]) -> str:
    """What the last match names: by its group, or by the name of that."""
    last = [None, *pattern.finditer(text, start, end)][-1]
    return (last.lastgroup or last[last.lastindex or 0]) if last else ""


def _text(line: _Line) -> list[str]:
    """The text of a reply's line, without what stands around a quoted one."""
    code, sep = line.start["code"], line.start["sep"]
    said = line.start.string[line.start.end("sep") : line.end]
    if sep.startswith(",") and (quote := said[0]) in "'\"":
        said = re.split(rf"(?<!\\){quote}", said[1:], maxsplit=1)[0]
        return re.split(r"\\r?\\n|\\n", said)
    said = _FOLD.sub(" ", _AFTER.split(said, maxsplit=1)[0]).strip().rstrip("<([ ")
    for _ in range(3):
        if said and said.count(said[-1]) > said.count(_OPENERS.get(said[-1], said[-1])):
            said = said[:-1].rstrip()
    return [said.removeprefix(code).lstrip(" -#")]  # some say it twice
