"""A session: the lines of a dialogue gathered into turns, each explained where it stands.

How a line is read depends on what came before it, which the tracker knows: after 354 it is mail
data, within AUTH no command. Nothing is executed and nothing connected to.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby
from typing import TYPE_CHECKING, Any, NamedTuple

from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.quoted import quoted_replies
from smtpedu.dialogue.transcript import (
    decode,
    fits,
    format_front_matter,
    front_matter,
    is_list,
    read,
)
from smtpedu.dialogue.turns import Gatherer, Turn, gather
from smtpedu.display import Block, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.foreign import visible
from smtpedu.i18n import text
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import CONNECT, Message, Recipient, Speaker, State
from smtpedu.protocol.tracker import Tracker
from smtpedu.reference.frames import listed, selected
from smtpedu.reference.registry import commands
from smtpedu.reference.texts import reply_meaning

if TYPE_CHECKING:
    import pandas as pd

PLAYABLE = 400  # turns; a longer dialogue is for `to_frame()`
_SHOWN_PATHS = 5  # of each kind in a frame's cell; a transaction may have thousands


_SHOWN_LINES = 200  # of a turn, and ...
_SHOWN_OCTETS = 2_000  # ... characters of a line; a message may have millions
_SHOWN_RANGES = 8  # of rows that a note is about

# ---- sessions ----


class Note(NamedTuple):
    """What a transcript holds and the session does not: rows that were left out, and `why`.

    `why` is `own` (said by neither side), `unsent` (of no effect on the server), `no_reply` (the
    server's, but no reply), `cut` (a reply without its end), `literal` (damaged), `long` (cut),
    `quoted` (a reply in other text), `odd` (a reply that does not fit what was sent).
    """

    why: str
    rows: tuple[int, ...]

    @property
    def ranges(self) -> str:
        """The rows in short, such as `1-3, 17`."""
        runs = [[row for _, row in run] for _, run in groupby(enumerate(self.rows), _lag)]
        shown = [f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs]
        return ", ".join(shown[:_SHOWN_RANGES]) + (", …" if len(shown) > _SHOWN_RANGES else "")

    def __str__(self) -> str:
        return text(f"note.{self.why}", rows=self.ranges)


def _lag(numbered: tuple[int, int]) -> int:
    """The same for rows that follow each other."""
    return numbered[1] - numbered[0]


def notes_of(left: dict[int, str]) -> tuple[Note, ...]:
    """One note for each reason."""
    rows: dict[str, list[int]] = {}
    for row in sorted(left):
        rows.setdefault(left[row], []).append(row)
    return tuple(Note(why, tuple(found)) for why, found in rows.items())


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
    notes: tuple[Note, ...] = ()

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

    def to_frame(
        self,
        *,
        command: str | None = None,
        code: int | None = None,
        columns: Iterable[str] | None = None,
    ) -> pd.DataFrame:
        """One row per line of the dialogue.

        Columns: `step` (Int64, from 1; lines of one reply share it), `direction` (category:
        client, server), `verb` (string: the command, or the one replied to; `connect`,
        `message` and `any` stand for what has no command line), `code` (Int64),
        `enhanced_code` (string), `text` (string, without code and enhanced code), `meaning`
        (string: what this reply means here), `state` (category: `states.State` after the
        line), `reverse_path`, `accepted`, `refused` (string: the envelope after the line; `<>`
        is the null reverse-path, RFC 5321 §4.5.5), `responsible` (category: client, server or
        missing; RFC 5321 §4.2.5). Text is empty where there is nothing.

        With `command`, in any case, the rows of that verb; with `code`, the lines of replies
        with that code; there may be none. With `columns`, one name or several, only these.
        Raises `LookupError` for an unknown column, and for a command that is neither known nor
        in this session, with what is like it.
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
        frame = pd.DataFrame(rows, columns=list(kinds)).astype(kinds)
        verb = listed("error.command", command, [*commands(), *frame["verb"].unique()])
        return selected(frame, columns=columns, verb=verb, code=code)

    def blocks(self, *, replies: bool = True, limit: int | None = PLAYABLE) -> list[Block]:
        """The dialogue as a table of its first turns, with or without what the server says."""
        title = text("session.title", name=self.name) if self.name else text("session.own")
        columns = ("step", "from", "line", "meaning")[: 4 if replies else 3]
        head = [text(f"session.{column}") for column in columns]
        rows = [_shown(step, turn, replies) for step, turn in enumerate(self.turns[:limit], 1)]
        said = [text(key, **values) for key, values in self.remarks(limit)]
        return [Heading(title), Table(head, rows), *map(Paragraph, said)]

    def remarks(self, limit: int | None = PLAYABLE) -> list[tuple[str, dict[str, str]]]:
        """What is not shown: the keys of sentences, and their values."""
        more = len(self.turns) - len(self.turns[:limit])
        shown = self.turns[:limit]
        said = [("session.more", {"count": str(more)})] if more else []
        if any(shown_lines(turn) != turn.lines for turn in shown):
            said.append(("session.long_turn", {"lines": str(_SHOWN_LINES)}))
        if self.omitted:
            said.append(("session.cut", {"octets": self.omitted}))
        return said + [(f"note.{note.why}", {"rows": note.ranges}) for note in self.notes]

    def play(self, *, predict: bool | Iterable[str] = False) -> Any:
        """The session player: step through the dialogue; with `predict` replies are asked first.

        True asks all but the greeting and the replies to EHLO, HELO and QUIT, unless there are no
        others. Commands (`["RCPT"]`; `"connect"` for the greeting, `"message"` for the end of the
        mail data) ask the replies to these and no others.

        What is predicted of a captured session is kept with the learner's answers.
        """
        return self.widget(predict=predict)

    def format(self) -> str:
        """The session in the project's transcript format: front matter, then C: and S: lines.

        That is for a file: it holds what was said as it is. `print` shows what steers a terminal
        or turns the text around it by its number.
        """
        return format_front_matter(self.provenance) + self._dialogue() + "\n"

    def __repr__(self) -> str:
        return f"Session({self.name!r}, {len(self.turns)} turns)"

    def __str__(self) -> str:
        return visible(self._dialogue())

    def _dialogue(self) -> str:
        marks = {Speaker.CLIENT: "C:", Speaker.SERVER: "S:"}
        lines = ((marks[turn.direction], line) for turn in self.turns for line in turn.lines)
        # A blank at the end of a line is part of it; one after a lone marker is not.
        return "\n".join(f"{mark} {line}" if line else mark for mark, line in lines)


def shown_lines(turn: Turn) -> list[str]:
    """The lines of a turn as far as they are shown."""
    lines = turn.lines
    cut = [
        line if len(line) <= _SHOWN_OCTETS else f"{line[:_SHOWN_OCTETS]}…"
        for line in lines[:_SHOWN_LINES]
    ]
    more = len(lines) - len(cut)
    return [*cut, f"… (+{more})"] if more else cut


def _shown(step: int, turn: Turn, replies: bool) -> list[str]:
    """A turn as a table row."""
    line = ProtocolText("\n".join(shown_lines(turn)))
    meaning = ""
    if isinstance(turn.said, Reply):
        line = line if replies else ProtocolText("???")
        meaning = reply_meaning(turn.verb, turn.said) if replies else ""
    return [str(step), text(f"session.{turn.direction}"), line, meaning][: 4 if replies else 3]


def _rows(step: int, turn: Turn) -> Iterator[tuple[Any, ...]]:
    """The frame's rows of one turn."""
    snapshot, said = turn.snapshot, turn.said
    path = snapshot.envelope.reverse_path
    verb, code, enhanced, means = visible(turn.verb), None, "", ""
    lines = turn.lines
    if isinstance(said, Reply):
        code, means = said.code, reply_meaning(turn.verb, said)
        enhanced = str(said.enhanced or "")
        lines = said.text.split("\n")
    after = (
        str(snapshot.state),
        "<>" if path == "" else visible(path or ""),
        _paths(snapshot.envelope.accepted, snapshot.accepted),
        _paths(snapshot.envelope.refused, snapshot.refused),
        snapshot.responsible or None,
    )
    for line in lines:
        yield step, turn.direction, verb, code, enhanced, visible(line), means, *after


def _paths(recipients: list[Recipient], count: int) -> str:
    shown = [visible(recipient.path) for recipient in recipients[: min(count, _SHOWN_PATHS)]]
    return ", ".join(shown) + (f", … (+{count - _SHOWN_PATHS})" if count > _SHOWN_PATHS else "")


def annotate(transcript: str | bytes, *, name: str = "") -> Session:
    """Read a transcript and work out what every line means where it stands.

    The notation is learned from the text (`notation`): what a tool puts before the lines of each
    side. Rows that were left out, or could be read in part only, are in `Session.notes`. Of other
    text, such as a row of a log, the replies that servers gave are read. Raises `TranscriptError`
    for text that holds none, that is no text, or is longer than 50 MB.
    """
    if not isinstance(transcript, str | bytes):
        raise TypeError(text("error.transcript_type", type=type(transcript).__name__))
    decoded = decode(transcript)
    try:
        lines, left = read(decoded)
    except TranscriptError:
        if found := _quoted(decoded):
            return replace(found, name=name)
        raise
    gatherer = Gatherer()
    turns = gather(lines, gatherer)
    if gatherer.lmtp:
        raise TranscriptError(gatherer.lmtp, text("error.lmtp"))
    odd = {turn.line: "odd" for turn in turns if fits(turn) < 0}
    asked = any(isinstance(turn.said, Command) for turn in turns)
    notes = notes_of((odd if asked else {}) | left | gatherer.faults)
    return Session(tuple(turns), name, front_matter(decoded), notes)


def _quoted(decoded: str) -> Session | None:
    """The replies in a text that is no dialogue, where it says that a server gave them."""
    # What is no refusal, and has no enhanced code, may be any number: `Subject: 250 years`.
    said = {
        one.reply: one
        for one in quoted_replies(decoded)
        if one.remote and (one.reply.severity > 3 or one.reply.enhanced)
    }
    if not said or is_list([str(reply.code) for reply in said]):
        return None
    nothing = Tracker().snapshot()
    turns = tuple(Turn(one.reply, one.verb, one.line, nothing) for one in said.values())
    rows = {number: "own" for number, row in enumerate(decoded.split("\n"), 1) if row.strip()}
    rows |= {turn.line: "quoted" for turn in turns}
    return Session(turns, notes=notes_of(rows))
