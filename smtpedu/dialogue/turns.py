"""From who said which line to whole turns: commands, mail data, replies, each with its snapshot.

The law of this file: how a line is read depends on what came before it, and `protocol` knows
that; `transcript` has already told the speakers apart. What a turn means is for `session`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from smtpedu.dialogue.formats import CHUNK, Said, TranscriptError
from smtpedu.i18n import text
from smtpedu.protocol.reply import Command, Reply, ReplyReader, ReplySyntaxError
from smtpedu.protocol.states import Message, Snapshot, State
from smtpedu.protocol.tracker import Tracker

_CHUNK_SIZE = re.compile(r"[0-9]{1,20}(?= |$)")  # RFC 3030 §2
# What stands where content was left out, as in RFC 3030 §4.2: "(First 10000 octets of ...)".
_ELIDED = re.compile(r"\s*(?:\(.*\)|\[.*\]|<.*>|\.\.\.|…)\s*$")


@dataclass(frozen=True, slots=True)
class Turn:
    """What one side said at once: a command, the mail data or a whole reply.

    `verb` is the command's own, or that of the command a reply answers (`protocol.CONNECT`
    and the other pseudo-commands included); `line` is where it began in the transcript;
    `snapshot` holds the state and the envelope after it.
    """

    said: Command | Message | Reply
    verb: str
    line: int
    snapshot: Snapshot

    @property
    def direction(self) -> str:
        """Who said it: `"client"` or `"server"`."""
        return "server" if isinstance(self.said, Reply) else "client"

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


def gather(said: Iterable[Said]) -> Iterator[Turn]:
    """The turns of a dialogue. Raises `TranscriptError` for a broken reply, with its line."""
    return _Gatherer().turns(said)


class _Gatherer:
    """Gathers lines into turns, with an `Tracker` that knows how the next line is to be read."""

    def __init__(self) -> None:
        self.tracker = Tracker()
        self.reader = ReplyReader()
        self.data: list[str] = []
        self.chunk: int | None = None  # octets of a BDAT chunk still to come (RFC 3030 §2)
        self.began = self.reply_began = self.greeted = 1

    def turns(self, said: Iterable[Said]) -> Iterator[Turn]:
        for server, line, number in said:
            yield from self.server(line, number) if server else self.client(line, number)
        if self.reader.unfinished:
            raise TranscriptError(self.reply_began, text("error.cut"))
        if self.data:
            yield self.cut_message()

    def server(self, line: str, number: int) -> Iterator[Turn]:
        if not self.reader.unfinished:
            yield from self.unseen(line, number)
            self.reply_began = number
        try:
            reply = self.reader.feed(line, number)
        except ReplySyntaxError as error:
            problem = text(f"syntax.{error.reason}")
            raise TranscriptError(
                number, text("error.reply", column=error.column, problem=problem)
            ) from error
        if reply is not None:
            verb = self.tracker.server(reply)
            if verb == "LHLO" and reply.severity == 2:
                raise TranscriptError(self.greeted, text("error.lmtp"))
            yield Turn(reply, verb, self.reply_began, self.tracker.snapshot())

    def unseen(self, line: str, number: int) -> Iterator[Turn]:
        """Mail data is over when its reply comes, even if the recording leaves out its end.

        Many tools show no mail data at all; a 421 may come in the midst of it (§3.8).
        """
        if self.chunk is not None and self.tracker.unanswered == 1:
            if self.data:
                yield self.cut_message()
            self.chunk = None
        elif self.tracker.state is State.DATA and (self.data or not line.startswith("421")):
            self.began = self.began if self.data else number
            yield self.cut_message()

    def cut_message(self) -> Turn:
        said = Message(tuple(self.data), chunk=self.chunk is not None, complete=False)
        self.data.clear()
        return self.turn(said)

    def client(self, line: str, number: int) -> Iterator[Turn]:
        if not self.data:
            self.began = number
        if self.chunk is not None and self.elided() and CHUNK.match(line):
            yield self.cut_message()
            self.began, self.chunk = number, None
        if self.chunk is not None:
            yield from self.chunk_line(line)
        elif self.tracker.state is State.DATA:
            yield from self.data_line(line)
        elif self.tracker.state is State.AUTH:
            yield self.turn(Command(line, "AUTH"))
        else:
            command = Command.parse(line)
            self.greeted = number if command.verb == "LHLO" else self.greeted
            yield self.turn(command)
            size = _CHUNK_SIZE.match(command.argument) if command.verb == "BDAT" else None
            self.chunk = (int(size[0]) or None) if size else None

    def elided(self) -> bool:
        """Whether the recording leaves out what a chunk holds, or says that it does."""
        return not self.data or bool(_ELIDED.match(self.data[-1]))

    def data_line(self, line: str) -> Iterator[Turn]:
        if line != ".":
            self.data.append(line)
            return
        yield self.turn(Message(tuple(self.data)))
        self.data.clear()

    def chunk_line(self, line: str) -> Iterator[Turn]:
        self.data.append(line)
        self.chunk = (self.chunk or 0) - len(line.encode("utf-8", "surrogatepass")) - 2
        if self.chunk <= 0:
            yield self.turn(Message(tuple(self.data), chunk=True))
            self.data.clear()
            self.chunk = None

    def turn(self, said: Command | Message) -> Turn:
        self.tracker.client(said)
        return Turn(said, said.verb, self.began, self.tracker.snapshot())
