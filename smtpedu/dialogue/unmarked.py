"""Text without marks, as telnet, netcat and `openssl s_client` leave it on the screen.

Replies are known by their three digits, commands by their verbs; what is neither is the tool's
own.
"""

from __future__ import annotations

import re
from collections import deque

from smtpedu.dialogue.formats import CHUNK, REPLY_LINE, VERB, Line, Row
from smtpedu.protocol.states import Speaker

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~])"  # CSI, OSC, nF
)
_RUBOUT = re.compile("[\b\x7f]")

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
_WORD = re.compile(r"[a-z][a-z0-9-]{2,}(?![^\s:])", re.I)
_NUMBER = re.compile(r"[0-9]{3}(?:[ -]|$)")


def without_escapes(text: str) -> str:
    """Text as the screen showed it: no escape sequences, no characters that were erased."""
    shown = _ESCAPES.sub("", text)
    if not _RUBOUT.search(shown):
        return shown
    return "\n".join(map(_rubbed_out, shown.split("\n")))


def _rubbed_out(line: str) -> str:
    kept: list[str] = []
    for character in line:
        if character not in "\b\x7f":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def read_unmarked(rows: list[Row]) -> list[Line]:
    """The lines of a text without marks; empty when it is no dialogue."""
    reader = _UnmarkedReader()
    answered = [bool(REPLY_LINE.match(row)) for _, row in rows[1:]] + [False]
    for (number, row), is_answered in zip(rows, answered, strict=True):
        reader.row(row, number, is_answered)
    return reader.dialogue()


class _UnmarkedReader:
    """Reads row after row; it knows what is under way, and which commands wait for a reply."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.unsent: set[int] = set()  # lines that never went over the wire
        self.waiting: deque[Line] = deque()
        self.asked = self.data = self.auth = self.openssl = self.commands = self.prose = False
        self.chunk = 0  # octets still to come

    def row(self, row: str, number: int, answered: bool) -> None:
        if self.data:
            self.add(row, number)
            self.data = row != "."
        elif REPLY_LINE.match(row):
            self.reply(row, number)
        elif self.chunk > 0 and not CHUNK.match(row):
            self.add(row, number)
            self.chunk -= len(row.encode("utf-8", "surrogatepass")) + 2
        elif VERB.match(row) and not self.auth:
            self.command(row, number)
        elif self.lines and self.wanted(row, answered):
            self.waiting.append(self.add(row, number))
        else:
            self.other(row, number)

    def add(self, row: str, number: int, speaker: Speaker = Speaker.CLIENT) -> Line:
        self.lines.append(Line(speaker, row, number))
        return self.lines[-1]

    def wanted(self, row: str, answered: bool) -> bool:
        """Whether an unknown line can have been sent: a senseless command gets its reply."""
        if self.is_own(row):
            return False
        return self.auth or (answered and not self.waiting and bool(_WORD.match(row)))

    def command(self, row: str, number: int) -> None:
        self.waiting.append(self.add(row, number))
        self.commands = True
        self.asked = self.asked or row[:4].upper() == "DATA"
        chunk = CHUNK.match(row)
        self.chunk = int(chunk["size"]) if chunk else 0

    def reply(self, row: str, number: int) -> None:
        if self.openssl and not self.lines and row.startswith("250 "):
            return
        self.add(row, number, Speaker.SERVER)
        found = REPLY_LINE.match(row)
        if not found or found["last"] is None:
            return
        self.chunk = 0
        self.auth = row.startswith("334")
        if row.startswith("354") and self.asked:
            self.data, self.asked = True, False
            # Replies keep the order of the commands: what is unanswered now was never sent.
            while self.waiting and self.waiting[0].text[:4].upper() != "DATA":
                self.unsent.add(self.waiting.popleft().number)
        if self.waiting:
            self.waiting.popleft()

    def other(self, row: str, number: int) -> None:
        self.openssl = self.openssl or row.startswith(_OPENSSL)
        self.prose = self.prose or bool(self.lines and not self.is_own(row))
        if not self.lines or self.lines[-1].speaker is Speaker.SERVER:
            return
        if row.startswith(_CONSUMED):
            self.unsent.add(self.lines[-1].number)
            self.waiting.clear()
        elif _NUMBER.match(row):  # a reply with a code that is none
            self.add(row, number, Speaker.SERVER)

    def dialogue(self) -> list[Line]:
        self.closed_in_data()
        lines = [line for line in self.lines if line.number not in self.unsent]
        # Numbered prose is no dialogue: somebody greets, commands, or there is nothing else.
        greeted = bool(lines) and lines[0].text.startswith("220")
        return lines if self.commands or greeted or self.openssl or not self.prose else []

    def closed_in_data(self) -> None:
        """A 421 that no final dot follows is the server's (RFC 5321 §3.8)."""
        last = len(self.lines)
        while self.data and last and self.is_own(self.lines[last - 1].text):
            last -= 1
        if self.data and last and self.lines[last - 1].text.startswith("421 "):
            self.lines[last - 1 :] = [self.lines[last - 1]._replace(speaker=Speaker.SERVER)]

    @staticmethod
    def is_own(row: str) -> bool:
        """Whether a row says nothing, or is known to be the tool's."""
        return not row.strip() or row.startswith((*_OWN, *_CONSUMED))
