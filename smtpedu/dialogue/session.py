"""A dialogue of commands and replies: read from any transcript, explained line by line.

The law of this file: it puts `transcript`'s lines, `protocol`'s states and `prose`'s meanings
together. Nothing is executed and nothing connected to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.transcript import decode, format_front_matter, front_matter, read
from smtpedu.dialogue.turns import Turn, gather
from smtpedu.display import Block, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.i18n import text
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import Message, Recipient, State
from smtpedu.reference.texts import meaning_of

if TYPE_CHECKING:
    import pandas as pd

PLAYABLE = 400  # turns; a longer dialogue is for `to_frame()`
_SHOWN_PATHS = 5  # of each kind in a frame's cell; a transaction may have thousands


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
            elif turn.verb == "connect":  # what another session left unanswered stays so
                pairs += [Exchange(unanswered, None) for unanswered in sent]
                sent.clear()
                pairs.append(Exchange(None, turn.said))
            elif sent and sent[0].verb == turn.verb:
                pairs.append(Exchange(sent.popleft(), turn.said))
            else:
                pairs.append(Exchange(None, turn.said))
        return pairs + [Exchange(unanswered, None) for unanswered in sent]

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
        (string: what this reply means here), `state` (category: `protocol.State` after the
        line), `reverse_path`, `accepted`, `refused` (string: the envelope after the line),
        `responsible` (category: client, server or missing; RFC 5321 §4.2.5).
        """
        import pandas as pd

        rows = [row for step, turn in enumerate(self.turns, 1) for row in _rows(step, turn)]
        frame = pd.DataFrame(rows, columns=list(_COLUMNS))
        return frame.astype({name: _dtype(kind) for name, kind in _COLUMNS.items()})

    def blocks(self, *, replies: bool = True, limit: int | None = PLAYABLE) -> list[Block]:
        """The dialogue as a table of its first turns, with or without what the server says."""
        heading = Heading(
            text("session.title", name=self.name) if self.name else text("session.own")
        )
        columns = ("step", "from", "line", "meaning")[: 4 if replies else 3]
        head = [text(f"session.{column}") for column in columns]
        rows = [_shown(step, turn, replies) for step, turn in enumerate(self.turns[:limit], 1)]
        more = len(self.turns) - len(rows)
        note = [Paragraph(text("session.more", count=more))] if more > 0 else []
        return [heading, Table(head, rows), *note]

    def play(self, *, predict: bool = False) -> Any:
        """The session player: step through the dialogue; `predict` hides each reply first."""
        return self.widget(predict=predict)

    def format(self) -> str:
        """The session in the project's transcript format: front matter, then C: and S: lines."""
        return format_front_matter(self.provenance) + str(self) + "\n"

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {len(self.turns)} turns)"

    def __str__(self) -> str:
        marks = {"client": "C:", "server": "S:"}
        lines = ((marks[turn.direction], line) for turn in self.turns for line in turn.lines)
        # A blank at the end of a line is part of it; one after a lone marker is not.
        return "\n".join(f"{mark} {line}" if line else mark for mark, line in lines)


_COLUMNS: dict[str, str | list[str]] = {
    "step": "Int64",
    "direction": ["client", "server"],
    "verb": "string",
    "code": "Int64",
    "enhanced_code": "string",
    "text": "string",
    "meaning": "string",
    "state": [str(state) for state in State],
    "reverse_path": "string",
    "accepted": "string",
    "refused": "string",
    "responsible": ["client", "server"],
}


def _shown(step: int, turn: Turn, replies: bool) -> list[str]:
    """A turn as a table row."""
    line = ProtocolText("\n".join(turn.lines))
    start = [str(step), text(f"session.{turn.direction}")]
    if not isinstance(turn.said, Reply):
        return [*start, line, ""] if replies else [*start, line]
    return (
        [*start, line, meaning_of(turn.verb, turn.said)]
        if replies
        else [*start, ProtocolText("???")]
    )


def _dtype(kind: str | list[str]) -> Any:
    import pandas as pd

    return kind if isinstance(kind, str) else pd.CategoricalDtype(kind)


def _rows(step: int, turn: Turn) -> Iterator[tuple[Any, ...]]:
    """The frame's rows of one turn."""
    snapshot, said = turn.snapshot, turn.said
    code = enhanced = means = None
    lines = turn.lines
    if isinstance(said, Reply):
        code, means = said.code, meaning_of(turn.verb, said)
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
    output, and a bare telnet or netcat paste, among others (`transcript.NOTATIONS`). Raises
    `TranscriptError`, which names the line, for text that is not an SMTP dialogue.
    """
    if not isinstance(transcript, str | bytes):
        raise TypeError(text("error.transcript_type", type=type(transcript).__name__))
    decoded = decode(transcript)
    turns = tuple(gather(read(decoded)))
    return Session(turns, name, front_matter(decoded))
