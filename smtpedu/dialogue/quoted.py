"""Replies that stand inside other text: a log, a bounce, an error message.

They are found by what a reply looks like and by where it can begin, not by a parser per system.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import partial

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


@dataclass(slots=True)
class Quoted:
    """A reply found in other text: what it answered where told, and whom it is about.

    `remote`: something before it says that a server said it; else it may be the sending system's
    own summary.
    """

    start: re.Match[str]
    verb: str
    said_by: str
    recipient: str
    remote: bool
    lines: list[str] = field(default_factory=list)

    @property
    def reply(self) -> Reply:
        """The whole reply."""
        return Reply(int(self.start["code"]), tuple(self.lines))

    @property
    def line(self) -> int:
        """The row in which it begins, from 1."""
        return self.start.string.count("\n", 0, self.start.start()) + 1

    @property
    def column(self) -> int:
        """The column in which it begins, from 1."""
        return self.start.start() - self.start.string.rfind("\n", 0, self.start.start())


def quoted_replies(text: str) -> list[Quoted]:
    """The replies that the text holds, in its order."""
    found: list[Quoted] = []
    since, expected = 0, ""  # where the reply above ends, and the code of its next line
    for unit in _UNIT.finditer(text):
        lines = _lines(unit)
        expected = expected if lines else ""
        for start, end in lines:
            if start["code"] != expected:
                found.append(_quoted(start, unit, since))
            _read(found[-1], start, end)
            expected = start["code"] if start["sep"] == "-" else ""
            since = start.end()
        since = unit.end() if lines else since
    return found


def _lines(unit: re.Match[str]) -> list[tuple[re.Match[str], int]]:
    """Where the lines of replies begin, and where each ends."""
    starts: list[re.Match[str]] = []
    for start in _CODE.finditer(unit.string, *unit.span()):
        if _begins(start, unit, starts[-1:]):
            starts.append(start)
    return [*zip(starts, [*(one.start() for one in starts[1:]), unit.end()], strict=False)]


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


def _quoted(start: re.Match[str], unit: re.Match[str], since: int) -> Quoted:
    """The reply that begins here, with what is named before it and after the one before."""
    named = partial(_last, start.string, max(since, start.start() - _CONTEXT), start.start())
    remote = bool(_before(start, unit)) or _led(unit)
    # The sending system's own words name whom they are about.
    own = "" if remote else _last(start.string, start.start(), unit.end(), _TO)
    return Quoted(start, named(_ASKED) or ANY, named(_HOST), own or named(_TO), remote)


def _read(quoted: Quoted, start: re.Match[str], end: int) -> None:
    """Add a line, without what stands around a quoted one, and what it says that it answers."""
    text, code = start.string[start.end("sep") : end], start["code"]
    if start["sep"].startswith(",") and text[0] in "'\"":
        text = re.split(rf"(?<!\\){text[0]}", text[1:], maxsplit=1)[0]
        quoted.lines += re.split(r"\\r?\\n|\\n", text)
        return
    if told := _AFTER.search(text):
        quoted.verb = _last(text, *told.span(), _ASKED) or quoted.verb
        text = text[: told.start()]
    text = _FOLD.sub(" ", text).strip().rstrip("<([ ")
    for _ in range(3):
        if text and text.count(text[-1]) > text.count(_OPENERS.get(text[-1], text[-1])):
            text = text[:-1].rstrip()
    quoted.lines.append(text.removeprefix(code).lstrip(" -#"))  # some say it twice


def _before(start: re.Match[str], unit: re.Match[str]) -> str:
    return start.string[max(unit.start(), start.start() - 40) : start.start()].strip()


def _last(text: str, start: int, end: int, pattern: re.Pattern[str]) -> str:
    """What the last match names: by its group, or by the name of that."""
    last = [None, *pattern.finditer(text, start, end)][-1]
    return (last.lastgroup or last[last.lastindex or 0]) if last else ""
