"""Text from a terminal, as telnet, netcat and `openssl s_client` leave it: nothing is marked.

The law of this file: replies are known by their three digits, commands by their verbs, and
what is neither is the tool's own talk. No meaning is read into any line.
"""

from __future__ import annotations

import re
from collections import deque

from smtpedu.dialogue.formats import CHUNK, REPLY_LINE, VERB, Row, Said

_ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[ -/]+[0-~])"  # CSI, OSC, nF
)
_RUBOUT = re.compile("[\b\x7f]")

_TALK = (
    *("Trying ", "Connected to ", "Escape character is ", "Connection closed", "Connection to "),
    *("^]", "telnet> "),
    *("DEBUG: ", "DEBUG SMTP"),  # JavaMail's
    *("read R BLOCK", "verify ", "closed"),  # openssl's
)
# openssl took the line before for itself: one that begins with R, Q or K.
_TAKEN = ("RENEGOTIATING", "DONE", "KEYUPDATE")
# After `-starttls smtp`, openssl shows the last line of the reply to its own EHLO.
_OPENSSL = ("CONNECTED(", "CONNECTION ESTABLISHED", "verify return:")
_WORD = re.compile(r"[a-z][a-z0-9-]{2,}(?![^\s:])", re.I)
_NUMBER = re.compile(r"[0-9]{3}(?:[ -]|$)")


def cleaned(text: str) -> str:
    """Text as the screen showed it: escape sequences gone, erased characters erased."""
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


def bare(rows: list[Row]) -> list[Said]:
    """Who said what; empty when the text is no dialogue."""
    screen = _Screen()
    answered = [bool(REPLY_LINE.match(row)) for _, row in rows[1:]] + [False]
    for (number, row), is_answered in zip(rows, answered, strict=True):
        screen.row(row, number, is_answered)
    return screen.dialogue()


class _Screen:
    """Reads row after row; it knows what is under way, and which commands wait for a reply."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.unsent: set[int] = set()  # lines that never went over the wire
        self.waiting: deque[Said] = deque()
        self.asked = self.data = self.auth = self.openssl = self.commands = self.prose = False
        self.chunk = 0  # octets still to come

    def row(self, row: str, number: int, answered: bool) -> None:
        if self.data:
            self.say(row, number)
            self.data = row != "."
        elif REPLY_LINE.match(row):
            self.reply(row, number)
        elif self.chunk > 0 and not CHUNK.match(row):
            self.say(row, number)
            self.chunk -= len(row.encode("utf-8", "surrogatepass")) + 2
        elif VERB.match(row) and not self.auth:
            self.command(row, number)
        elif self.said and self.wanted(row, answered):
            self.waiting.append(self.say(row, number))
        else:
            self.talk(row, number)

    def say(self, row: str, number: int, server: bool = False) -> Said:
        self.said.append(Said(server, row, number))
        return self.said[-1]

    def wanted(self, row: str, answered: bool) -> bool:
        """Whether an unknown line can have been sent: a senseless command gets its reply."""
        if self.own(row):
            return False
        return self.auth or (answered and not self.waiting and bool(_WORD.match(row)))

    def command(self, row: str, number: int) -> None:
        self.waiting.append(self.say(row, number))
        self.commands = True
        self.asked = self.asked or row[:4].upper() == "DATA"
        chunk = CHUNK.match(row)
        self.chunk = int(chunk["size"]) if chunk else 0

    def reply(self, row: str, number: int) -> None:
        if self.openssl and not self.said and row.startswith("250 "):
            return
        self.say(row, number, server=True)
        found = REPLY_LINE.match(row)
        if not found or found["last"] is None:
            return
        self.chunk = 0
        self.auth = row.startswith("334")
        if row.startswith("354") and self.asked:
            self.data, self.asked = True, False
            # Replies keep the order of the commands: what is unanswered now was never sent.
            while self.waiting and self.waiting[0].text[:4].upper() != "DATA":
                self.unsent.add(self.waiting.popleft().line)
        if self.waiting:
            self.waiting.popleft()

    def talk(self, row: str, number: int) -> None:
        self.openssl = self.openssl or row.startswith(_OPENSSL)
        self.prose = self.prose or bool(self.said and not self.own(row))
        if not self.said or self.said[-1].server:
            return
        if row.startswith(_TAKEN):
            self.unsent.add(self.said[-1].line)
            self.waiting.clear()
        elif _NUMBER.match(row):  # a reply with a code that is none
            self.say(row, number, server=True)

    def dialogue(self) -> list[Said]:
        self.closed_in_data()
        said = [line for line in self.said if line.line not in self.unsent]
        # Numbered prose is no dialogue: somebody greets, commands, or there is nothing else.
        greeted = bool(said) and said[0].text.startswith("220")
        return said if self.commands or greeted or self.openssl or not self.prose else []

    def closed_in_data(self) -> None:
        """A 421 that no final dot follows is the server's (RFC 5321 §3.8)."""
        last = len(self.said)
        while self.data and last and self.own(self.said[last - 1].text):
            last -= 1
        if self.data and last and self.said[last - 1].text.startswith("421 "):
            self.said[last - 1 :] = [self.said[last - 1]._replace(server=True)]

    @staticmethod
    def own(row: str) -> bool:
        """Whether a row says nothing, or is known to be the tool's."""
        return not row.strip() or row.startswith((*_TALK, *_TAKEN))
