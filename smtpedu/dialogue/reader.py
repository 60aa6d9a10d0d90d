"""From rows to lines: who says each row, by its mark or by what it is.

Where a row has no mark, replies are known by their three digits, commands by their verbs; what is
neither is the tool's own, and is left out. `Reader.left` says of each such row why.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice

from smtpedu.dialogue.lines import CHUNK, CODE, REPLY_LINE, VERB, Line, Row
from smtpedu.dialogue.notation import QUOTES, Mark, Notation
from smtpedu.protocol.reply import printable
from smtpedu.protocol.states import Speaker

_OWN = (
    *("Trying ", "Connected to ", "Escape character is ", "Connection closed", "Connection to "),
    *("^]", "telnet> "),
    *("DEBUG: ", "DEBUG SMTP"),  # JavaMail's
    *("read R BLOCK", "verify ", "closed"),  # openssl's
)
# openssl took the line before for itself: one that begins with R, Q or K.
_CONSUMED = ("RENEGOTIATING", "DONE", "KEYUPDATE")
# After `-starttls smtp`, openssl shows the last line of the reply to its own EHLO.
_OPENSSL = ("CONNECTED(", "CONNECTION ESTABLISHED", "verify return:")
# Base64 (RFC 4954 §4), a cancelling `*`, or what stands in place of either.
_CREDENTIALS = re.compile(
    r"(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
    r"|[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[*•.x]+|[<\[(].*[>\])]"
)
_WORD = re.compile(r"[a-z][a-z0-9-]{2,}(?![^\s:])", re.I)
_NUMBER = re.compile(r"[0-9]{3}(?:[ -]|$)")
_EXIM_SENDS = "writing message"  # exim -v, in place of the message
# Line ends as some tools show them; replies speak of <CRLF>, too.
_TAIL = re.compile(r"(?:\^M|(?:\\r)?\\n|\\r|<CRLF>|<CR><LF>|␍?␊)$")
_HALF_TAIL = re.compile(r"(?<!\\r)\\n$|\\r$")  # which a client may send itself
_TAILS = ("^M", "\\r", "\\n", "LF>", "␊")
_IN_BRACKETS = re.compile(rf"({CODE})\]\s*(?:'(.*)'|(.*))$")
_FURTHER = re.compile(r"[\s↪]{0,99}")
# Up to the quote mark that closes, after which nothing else is said.
_INSIDE = {
    quote: re.compile(rf"(.*?)(?<!\\){re.escape(quote)}\s*(?:[,;)}}\]]|$)") for quote in QUOTES
}
_ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_CONTROLS = {"n": "\n", "r": "\r", "t": "\t"}


class Reader:
    """Reads row after row; it knows what is under way, and which commands wait for a reply."""

    def __init__(self, notation: Notation, rows: list[Row]) -> None:
        self.notation, self.rows = notation, rows
        # A mark that replies have, too, or none at all, is no sign of a line.
        of_server = [mark.template for mark in notation.marks if mark.speaker is Speaker.SERVER]
        self.vague = {
            mark.template
            for mark in notation.marks
            if mark.speaker is Speaker.CLIENT
            and all(one.startswith(mark.template) for one in of_server)
        }
        self.marks_client = any(
            mark.speaker is Speaker.CLIENT and mark.template not in self.vague
            for mark in notation.marks
        )
        self.lines: list[Line] = []
        self.left: dict[int, str] = {}  # rows that are no lines, and why
        self.unsent: set[int] = set()  # rows that never went over the wire
        self.waiting: deque[Line] = deque()
        self.owed = 0  # replies to known commands, to a message, to what follows 334
        self.free: list[int] = []  # the client's rows that are no known command, since a reply
        self.open = ""  # the code of a reply that is not finished
        self.asked = self.data = self.auth = self.openssl = self.commands = self.prose = (
            self.tails
        ) = False
        self.chunk = 0  # octets still to come
        self.content = False  # mail data has no mark of its own
        self.dots = True  # and its final dot is there

    def read(self) -> list[Line]:
        for at, (number, row) in enumerate(self.rows):
            self.at = at
            mark, text = self.notation.split(row)
            if self.content:
                self.message(row, number)
            elif mark is None:
                self.without_mark(row, number)
            else:
                self.marked(mark, text, number)
        return self.dialogue()

    # ---- rows with a mark ----

    def marked(self, mark: Mark, text: str, number: int) -> None:
        text = self.notation.without_tail(text)
        for part in unquoted(text, mark.quote) if mark.quote else (text,):
            tail = self.tails or part.endswith(_TAILS)
            self.said(mark, self.without_tail(part, mark) if tail else part, number)

    def said(self, mark: Mark, text: str, number: int) -> None:
        if mark.speaker is Speaker.SERVER:
            self.server(text, number)
        elif mark.speaker is Speaker.CLIENT and mark.template not in self.vague:
            self.client(text, number)
        else:
            self.bare(text, number, both=mark.speaker is None)

    def without_tail(self, text: str, mark: Mark) -> str:
        """A row without the line end that is shown as text, where replies and commands have it."""
        rest = _TAIL.sub("", text)
        replies = mark.speaker is not Speaker.CLIENT and not text.endswith("LF>")
        replied = replies and REPLY_LINE.match(rest)
        sent = VERB.match(rest) and not _HALF_TAIL.search(text)
        self.tails = self.tails or bool(replied or sent)
        return rest if self.tails else text

    def server(self, text: str, number: int) -> None:
        if text[3:4] == "]" and (found := _IN_BRACKETS.match(text)):
            text = f"{found[1]} {found[2] or found[3] or ''}"
        if REPLY_LINE.match(text):
            self.replies(text, number)
        else:
            self.leave(number, "own" if self.notation.marks[-1].template == "" else "no_reply")

    def replies(self, text: str, number: int) -> None:
        """The line of a reply, or all lines of one that stand in one row."""
        if text[3:4] != "-" or text.find(f"{text[:3]} ", 4) < 0:
            return self.reply(text, number)
        for part in joined(text, self.next_text().startswith(text[:3])):
            self.reply(part, number)
        return None

    def client(self, text: str, number: int) -> None:
        if text.startswith(_EXIM_SENDS):
            return self.leave(number)
        if self.lines and self.lines[-1].speaker is Speaker.SERVER:
            self.forget_unknown()
        line = self.add(text, number)
        if self.data:
            self.data = text != "."
        elif self.chunk > 0 and not CHUNK.match(text):
            self.chunk -= _octets(text)
        elif VERB.match(text):
            self.command(line)
        elif not self.auth:
            self.free.append(number)
        return None

    # ---- rows without ----

    def without_mark(self, row: str, number: int) -> None:
        """A further line of a reply that has begun, or the tool's own."""
        found = _FURTHER.match(row)
        rest = row[found.end() :] if found else row
        if self.open and rest.startswith((f"{self.open}-", f"{self.open} ")):
            self.reply(rest, number)
        else:
            self.leave(number)

    def bare(self, row: str, number: int, *, both: bool) -> None:
        """A row that may be anyone's; with a mark for the server, it is no reply."""
        if self.data:
            self.add(row, number)
            self.data = row != "."
        elif both and REPLY_LINE.match(row):
            self.replies(row, number)
        elif self.chunk > 0 and not CHUNK.match(row):
            self.add(row, number)
            self.chunk -= _octets(row)
        elif VERB.match(row) and not self.auth:
            self.command(self.add(row, number))
        elif self.lines and self.wanted(row):
            self.waiting.append(self.add(row, number))
        else:
            self.other(row, number)

    def wanted(self, row: str) -> bool:
        """Whether an unknown line can have been sent: a senseless command gets its reply."""
        if is_own(row):
            return False
        if self.auth:
            return bool(_CREDENTIALS.fullmatch(row.strip()))
        return not self.owed and bool(_WORD.match(row)) and self.is_answered()

    def is_answered(self) -> bool:
        """Whether the next row is a reply."""
        return bool(REPLY_LINE.match(self.next_text()))

    def next_text(self) -> str:
        """What the next row says, behind its mark."""
        return (
            self.notation.split(self.rows[self.at + 1][1])[1]
            if self.at + 1 < len(self.rows)
            else ""
        )

    def other(self, row: str, number: int) -> None:
        self.openssl = self.openssl or row.startswith(_OPENSSL)
        self.prose = self.prose or bool(self.lines and not is_own(row))
        if self.lines and self.lines[-1].speaker is Speaker.CLIENT:
            if row.startswith(_CONSUMED):
                self.unsent.add(self.lines[-1].number)
                self.waiting.clear()
            elif _NUMBER.match(row):  # a reply with a code that is none
                self.leave(number, "no_reply")
                return
        self.leave(number)

    # ---- mail data that has no mark of its own ----

    def expect_content(self) -> None:
        """After 354: whether the message stands behind what both marks begin with."""
        shared, following = self.notation.content, self.rows[self.at + 1 : self.at + 2]
        if shared is None or not self.dots or not following:
            return
        mark, _ = self.notation.split(following[0][1])
        if self.notation.shared(following[0][1]) is None or (
            mark and mark.template != shared.template
        ):
            return
        self.content = self.dots = any(
            self.notation.shared(row) == "." for _, row in islice(self.rows, self.at + 1, None)
        )

    def message(self, row: str, number: int) -> None:
        text = self.notation.shared(row)
        if text is None:
            return self.leave(number)
        self.add(text, number)
        self.content = self.data = text != "."
        return None

    # ---- lines ----

    def add(self, row: str, number: int, speaker: Speaker = Speaker.CLIENT) -> Line:
        self.lines.append(Line(speaker, row, number))
        return self.lines[-1]

    def leave(self, number: int, why: str = "own") -> None:
        self.left[number] = why

    def command(self, line: Line) -> None:
        self.waiting.append(line)
        self.owed += 1
        self.commands = True
        self.asked = self.asked or line.text[:4].upper() == "DATA"
        chunk = CHUNK.match(line.text)
        self.chunk = int(chunk["size"]) if chunk else 0

    def reply(self, row: str, number: int) -> None:
        if self.openssl and not self.lines and row.startswith("250 "):
            return self.leave(number)
        self.add(row, number, Speaker.SERVER)
        if row[3:4] == "-":
            self.open = row[:3]
            return None
        self.open, self.chunk, self.data = "", 0, False
        self.auth = row.startswith("334")
        self.answered(row[:3])
        if row.startswith("354") and (self.asked or self.marks_client):
            self.data, self.asked = True, False
            self.forget_unanswered()
            self.expect_content()
        if self.waiting:
            self.waiting.popleft()
        return None

    def forget_unanswered(self) -> None:
        """Replies keep the order of the commands: what waits before DATA was never sent."""
        if self.marks_client:
            return
        while self.waiting and self.waiting[0].text[:4].upper() != "DATA":
            self.unsent.add(self.waiting.popleft().number)

    def dialogue(self) -> list[Line]:
        self.closed_in_data()
        self.forget_unknown()
        for number in self.unsent:
            self.leave(number, "unsent")
        lines = [line for line in self.lines if line.number not in self.unsent]
        # Numbered prose is no dialogue: somebody greets, commands, or there is nothing else.
        greeted = bool(lines) and lines[0].text.startswith("220")
        return lines if self.commands or greeted or self.openssl or not self.prose else []

    def closed_in_data(self) -> None:
        """A 421 that no final dot follows is the server's (RFC 5321 §3.8)."""
        last = len(self.lines)
        while self.data and last and is_own(self.lines[last - 1].text):
            last -= 1
        if self.data and last and self.lines[last - 1].text.startswith("421 "):
            self.lines[last - 1 :] = [self.lines[last - 1]._replace(speaker=Speaker.SERVER)]

    def answered(self, code: str) -> None:
        """What a whole reply answers: a command, else the last line that is none.

        Where neither waits, nothing: a greeting is a reply to no line.
        """
        if self.owed:
            self.owed -= 1
        elif self.free and code != "220":
            self.free.pop()
        self.owed += code in ("334", "354")

    def forget_unknown(self) -> None:
        """A client's line that is no command, and got no reply, is the tool's own."""
        if not self.notation.whole:
            self.unsent.update(self.free)
        self.free.clear()


def is_own(row: str) -> bool:
    """Whether a row says nothing, or is known to be the tool's."""
    return not row.strip() or row.startswith((*_OWN, *_CONSUMED))


def joined(text: str, going_on: bool) -> list[str]:
    """The lines of a reply that stand in one row: `250-a250-b250 c`, or with marks between."""
    code = text[:3]
    lines = [*filter(None, re.split(rf"(?:, |\[nl\]|\s\|\s|\s)?(?={code}[ -])", text))]
    whole = lines[-1].startswith(f"{code} ") and (len(lines) > 2 or not going_on)
    return lines if whole else [text]


def unquoted(text: str, quote: str) -> list[str]:
    """The lines within quotes, which are open; what they escape is shown as it was."""
    if found := _INSIDE[quote].match(text):
        text = _ESCAPE.sub(_unescaped, found[1]) if quote in "'\"" else found[1].rstrip()
    return [
        printable(line) for line in re.split("\r?\n", text.removesuffix("\n").removesuffix("\r"))
    ]


def _unescaped(found: re.Match[str]) -> str:
    if code := found[1] or found[2]:
        return chr(int(code, 16))
    return _CONTROLS.get(found[3], found[3] if found[3] in "\"'\\" else found[0])


def _octets(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass")) + 2
