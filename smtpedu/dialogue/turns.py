"""Lines gathered into turns: whole replies, commands and mail data, each where it stands.

How a line is read depends on what came before it, which the tracker knows: after 354 it is mail
data, within AUTH no command. Nothing is refused: what is no reply is left out, and a reply whose
end is missing is given as far as it goes; `faults` says where.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from smtpedu.dialogue.lines import CHUNK, REPLY_LINE, Line
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import Message, Snapshot, Speaker, State
from smtpedu.protocol.tracker import Tracker

_CHUNK_SIZE = re.compile(r"[0-9]{1,20}(?= |$)")  # RFC 3030 §2
_MAIL = re.compile(r"MAIL\s+FROM\s*:", re.I)
# What stands where content was left out, as in RFC 3030 §4.2: "(First 10000 octets of ...)".
_ELIDED = re.compile(r"\s*(?:\(.*\)|\[.*\]|<.*>|\.\.\.|…)\s*$")


class Turn(NamedTuple):
    """What one side said at once: a command, the mail data or a whole reply.

    `verb` is the command's own, or that of the command a reply answers (`protocol.states`'
    pseudo-commands included); `line` is where it began in the transcript;
    `snapshot` holds the state and the envelope after it.
    """

    said: Command | Message | Reply
    verb: str
    line: int
    snapshot: Snapshot

    @property
    def direction(self) -> Speaker:
        """Who said it."""
        return Speaker.SERVER if isinstance(self.said, Reply) else Speaker.CLIENT

    @property
    def lines(self) -> list[str]:
        """The lines as they went over the wire, without line ends."""
        match self.said:
            case Command():
                return [self.said.line]
            case Message():
                dot = [] if self.said.chunk or not self.said.complete else ["."]
                return [*self.said.lines, *dot]
            case Reply():
                return self.said.format().split("\r\n")[:-1]


class Gatherer:
    """Gathers lines into turns, with a `Tracker` that knows how the next line is to be read.

    `faults` holds the number of each line that is no reply, or begins one whose end is missing,
    and which of the two it is: `no_reply`, `cut`. `lmtp` is the line that shows that this is no
    SMTP (RFC 2033), or 0.
    """

    def __init__(self) -> None:
        self.tracker = Tracker()
        self.faults: dict[int, str] = {}
        self.lmtp = 0
        self.code = ""  # of the reply under way, with its lines so far
        self.reply: list[str] = []
        self.data: list[str] = []
        self.chunk: int | None = None  # octets of a BDAT chunk still to come (RFC 3030 §2)
        self.began = self.reply_began = self.greeted = 1

    def add(self, line: Line) -> Iterable[Turn]:
        """The turns that this line completes."""
        if line.speaker is Speaker.SERVER:
            return self.server(line.text, line.number)
        return self.client(line.text, line.number)

    def finish(self) -> Iterator[Turn]:
        """What has not ended: a reply, a message."""
        yield from self.cut_reply()
        if self.data:
            yield self.cut_message()

    def server(self, line: str, number: int) -> list[Turn]:
        found = REPLY_LINE.match(line)
        if not found:
            self.faults[number] = "no_reply"
            return []
        turns = []
        if line[:3] != self.code:
            turns += self.cut_reply()
            turns += self.unseen(line, number)
            self.code, self.reply_began = line[:3], number
        self.reply.append(line[4:])
        if found["last"] is not None:
            turns.append(self.replied())
        return turns

    def cut_reply(self) -> list[Turn]:
        """The reply under way, as far as it goes."""
        if not self.reply:
            return []
        self.faults[self.reply_began] = "cut"
        return [self.replied()]

    def replied(self) -> Turn:
        reply = _reply(self.code, tuple(self.reply))
        self.code, self.reply = "", []
        verb = self.tracker.server(reply)
        if verb == "LHLO" and reply.severity == 2:
            self.lmtp = self.greeted
        return Turn(reply, verb, self.reply_began, self.tracker.snapshot())

    def unseen(self, line: str, number: int) -> list[Turn]:
        """Mail data is over when its reply comes, even if the recording leaves out its end.

        Many tools show no mail data at all; a 421 may come in the midst of it (§3.8).
        """
        if self.chunk is not None and self.tracker.unanswered == 1:
            cut = [self.cut_message()] if self.data else []
            self.chunk = None
            return cut
        if self.tracker.state is State.DATA and (self.data or not line.startswith("421")):
            self.began = self.began if self.data else number
            return [self.cut_message()]
        return []

    def cut_message(self) -> Turn:
        said = Message(tuple(self.data), chunk=self.chunk is not None, complete=False)
        self.data.clear()
        return self.turn(said)

    def client(self, line: str, number: int) -> list[Turn]:
        turns = self.cut_reply() if self.reply else []
        if not self.data:
            self.began = number
        if self.chunk is not None and self.elided() and CHUNK.match(line):
            turns.append(self.cut_message())
            self.began, self.chunk = number, None
        if self.chunk is not None:
            return turns + self.chunk_line(line)
        if self.tracker.state is State.DATA:
            return turns + self.data_line(line)
        # Where credentials are left out, the end of AUTH may be, too.
        if self.tracker.state is State.AUTH and not _MAIL.match(line):
            return [*turns, self.turn(Command(line, "AUTH"))]
        return [*turns, self.turn(self.command(line, number))]

    def command(self, line: str, number: int) -> Command:
        command = Command.parse(line)
        self.greeted = number if command.verb == "LHLO" else self.greeted
        size = _CHUNK_SIZE.match(command.argument) if command.verb == "BDAT" else None
        self.chunk = (int(size[0]) or None) if size else None
        return command

    def elided(self) -> bool:
        """Whether the recording leaves out what a chunk holds, or says that it does."""
        return not self.data or bool(_ELIDED.match(self.data[-1]))

    def data_line(self, line: str) -> list[Turn]:
        if line != ".":
            self.data.append(line)
            return []
        message = Message(tuple(self.data))
        self.data.clear()
        return [self.turn(message)]

    def chunk_line(self, line: str) -> list[Turn]:
        self.data.append(line)
        self.chunk = (self.chunk or 0) - len(line.encode("utf-8", "surrogatepass")) - 2
        if self.chunk > 0:
            return []
        message = Message(tuple(self.data), chunk=True)
        self.data.clear()
        self.chunk = None
        return [self.turn(message)]

    def turn(self, said: Command | Message) -> Turn:
        self.tracker.client(said)
        return Turn(said, said.verb, self.began, self.tracker.snapshot())


@lru_cache(1024)
def _reply(code: str, lines: tuple[str, ...]) -> Reply:
    return Reply(int(code), lines)


def gather(lines: Iterable[Line], gatherer: Gatherer) -> list[Turn]:
    """The turns of a dialogue."""
    turns: list[Turn] = []
    for line in lines:
        turns += gatherer.add(line)
    turns += gatherer.finish()
    return turns
