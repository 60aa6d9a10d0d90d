"""A session: the lines of a dialogue gathered into turns, each explained where it stands.

How a line is read depends on what came before it, which the tracker knows: after 354 it is mail
data, within AUTH no command. Nothing is executed and nothing connected to.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.formats import CHUNK, Line, TranscriptError
from smtpedu.dialogue.transcript import decode, format_front_matter, front_matter, read
from smtpedu.display import Block, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.i18n import text
from smtpedu.protocol.reply import Command, Reply, ReplyReader, ReplySyntaxError
from smtpedu.protocol.states import CONNECT, Message, Recipient, Snapshot, Speaker, State
from smtpedu.protocol.tracker import Tracker
from smtpedu.reference.texts import reply_meaning

if TYPE_CHECKING:
    import pandas as pd

PLAYABLE = 400  # turns; a longer dialogue is for `to_frame()`
_SHOWN_PATHS = 5  # of each kind in a frame's cell; a transaction may have thousands
_CHUNK_SIZE = re.compile(r"[0-9]{1,20}(?= |$)")  # RFC 3030 §2
# What stands where content was left out, as in RFC 3030 §4.2: "(First 10000 octets of ...)".
_ELIDED = re.compile(r"\s*(?:\(.*\)|\[.*\]|<.*>|\.\.\.|…)\s*$")


# ---- turns ----


@dataclass(frozen=True, slots=True)
class Turn:
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


def gather(lines: Iterable[Line]) -> Iterator[Turn]:
    """The turns of a dialogue. Raises `TranscriptError` for a broken reply, with its line."""
    gatherer = Gatherer()
    for line in lines:
        yield from gatherer.add(line)
    yield from gatherer.finish()


class Gatherer:
    """Gathers lines into turns, with a `Tracker` that knows how the next line is to be read."""

    def __init__(self) -> None:
        self.tracker = Tracker()
        self.reader = ReplyReader()
        self.data: list[str] = []
        self.chunk: int | None = None  # octets of a BDAT chunk still to come (RFC 3030 §2)
        self.began = self.reply_began = self.greeted = 1

    def add(self, line: Line) -> Iterator[Turn]:
        """The turns that this line completes. Raises `TranscriptError` for a broken reply."""
        side = self.server if line.speaker is Speaker.SERVER else self.client
        return side(line.text, line.number)

    def finish(self) -> Iterator[Turn]:
        """A message that has not ended. Raises `TranscriptError` for a reply that has not."""
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


# ---- sessions ----


@dataclass(frozen=True, slots=True)
class Exchange:
    """A command, or mail data, and the reply it got; a greeting answers no command."""

    sent: Command | Message | None
    reply: Reply | None


@dataclass(frozen=True, repr=False)
class Session(Displayable):
    """A recorded SMTP session.

    `provenance` says where it comes from: server, version, date, how to repeat it.
    """

    turns: tuple[Turn, ...]
    name: str = ""
    provenance: dict[str, str] = field(default_factory=dict)

    _widget = "player"

    @cached_property
    def exchanges(self) -> list[Exchange]:
        """Commands paired with their replies, in the order of the replies (RFC 2920)."""
        sent: deque[Command | Message] = deque()
        pairs: list[Exchange] = []
        for turn in self.turns:
            if not isinstance(turn.said, Reply):
                if not (isinstance(turn.said, Message) and turn.said.chunk):
                    sent.append(turn.said)
            elif turn.verb == CONNECT:  # what another session left unanswered stays so
                pairs += [Exchange(unanswered, None) for unanswered in sent]
                sent.clear()
                pairs.append(Exchange(None, turn.said))
            elif sent and sent[0].verb == turn.verb:
                pairs.append(Exchange(sent.popleft(), turn.said))
            else:
                pairs.append(Exchange(None, turn.said))
        return pairs + [Exchange(unanswered, None) for unanswered in sent]

    @property
    def omitted(self) -> str:
        """How many octets passed that a recording has no room for; empty when it has all."""
        return self.provenance.get("omitted", "").partition(" ")[0]

    @property
    def replies(self) -> list[Reply]:
        """All replies in the order they were said."""
        return [turn.said for turn in self.turns if isinstance(turn.said, Reply)]

    @property
    def codes(self) -> list[int]:
        """The reply codes in the order they were said."""
        return [reply.code for reply in self.replies]

    def to_frame(self) -> pd.DataFrame:
        """One row per line of the dialogue.

        Columns: `step` (Int64, from 1; lines of one reply share it), `direction` (category:
        client, server), `verb` (string: the command, or the one replied to; `connect`,
        `message` and `any` stand for what has no command line), `code` (Int64),
        `enhanced_code` (string), `text` (string, without code and enhanced code), `meaning`
        (string: what this reply means here), `state` (category: `states.State` after the
        line), `reverse_path`, `accepted`, `refused` (string: the envelope after the line),
        `responsible` (category: client, server or missing; RFC 5321 §4.2.5).
        """
        import pandas as pd

        kinds: dict[str, Any] = {
            "step": "Int64",
            "direction": pd.CategoricalDtype([*map(str, Speaker)]),
            "verb": "string",
            "code": "Int64",
            "enhanced_code": "string",
            "text": "string",
            "meaning": "string",
            "state": pd.CategoricalDtype([*map(str, State)]),
            "reverse_path": "string",
            "accepted": "string",
            "refused": "string",
            "responsible": pd.CategoricalDtype([*map(str, Speaker)]),
        }
        rows = [row for step, turn in enumerate(self.turns, 1) for row in _rows(step, turn)]
        return pd.DataFrame(rows, columns=list(kinds)).astype(kinds)

    def blocks(self, *, replies: bool = True, limit: int | None = PLAYABLE) -> list[Block]:
        """The dialogue as a table of its first turns, with or without what the server says."""
        title = text("session.title", name=self.name) if self.name else text("session.own")
        columns = ("step", "from", "line", "meaning")[: 4 if replies else 3]
        head = [text(f"session.{column}") for column in columns]
        rows = [_shown(step, turn, replies) for step, turn in enumerate(self.turns[:limit], 1)]
        more = len(self.turns) - len(rows)
        notes = [text("session.more", count=more)] if more > 0 else []
        if self.omitted:
            notes.append(text("session.cut", octets=self.omitted))
        return [Heading(title), Table(head, rows), *map(Paragraph, notes)]

    def play(self, *, predict: bool = False) -> Any:
        """The session player: step through the dialogue; `predict` hides each reply first."""
        return self.widget(predict=predict)

    def format(self) -> str:
        """The session in the project's transcript format: front matter, then C: and S: lines."""
        return format_front_matter(self.provenance) + str(self) + "\n"

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {len(self.turns)} turns)"

    def __str__(self) -> str:
        marks = {Speaker.CLIENT: "C:", Speaker.SERVER: "S:"}
        lines = ((marks[turn.direction], line) for turn in self.turns for line in turn.lines)
        # A blank at the end of a line is part of it; one after a lone marker is not.
        return "\n".join(f"{mark} {line}" if line else mark for mark, line in lines)


def _shown(step: int, turn: Turn, replies: bool) -> list[str]:
    """A turn as a table row."""
    line = ProtocolText("\n".join(turn.lines))
    meaning = ""
    if isinstance(turn.said, Reply):
        line = line if replies else ProtocolText("???")
        meaning = reply_meaning(turn.verb, turn.said) if replies else ""
    return [str(step), text(f"session.{turn.direction}"), line, meaning][: 4 if replies else 3]


def _rows(step: int, turn: Turn) -> Iterator[tuple[Any, ...]]:
    """The frame's rows of one turn."""
    snapshot, said = turn.snapshot, turn.said
    code = enhanced = means = None
    lines = turn.lines
    if isinstance(said, Reply):
        code, means = said.code, reply_meaning(turn.verb, said)
        enhanced = said.enhanced and str(said.enhanced)
        lines = said.text.split("\n")
    after = (
        str(snapshot.state),
        snapshot.envelope.reverse_path,
        _paths(snapshot.envelope.accepted, snapshot.accepted),
        _paths(snapshot.envelope.refused, snapshot.refused),
        snapshot.responsible or None,
    )
    for line in lines:
        yield step, turn.direction, turn.verb, code, enhanced, line, means, *after


def _paths(recipients: list[Recipient], count: int) -> str:
    shown = [recipient.path for recipient in recipients[: min(count, _SHOWN_PATHS)]]
    return ", ".join(shown) + (f", … (+{count - _SHOWN_PATHS})" if count > _SHOWN_PATHS else "")


def annotate(transcript: str | bytes, *, name: str = "") -> Session:
    """Read a transcript and work out what every line means where it stands.

    Understands `C:`/`S:` text (also with this project's front matter), swaks, smtplib's debug
    output, and a bare telnet or netcat paste, among others (`formats.FORMATS`). Raises
    `TranscriptError`, which names the line, for text that is not an SMTP dialogue.
    """
    if not isinstance(transcript, str | bytes):
        raise TypeError(text("error.transcript_type", type=type(transcript).__name__))
    decoded = decode(transcript)
    turns = tuple(gather(read(decoded)))
    return Session(turns, name, front_matter(decoded))
