"""What passed over one connection: the exact bytes both ways, and the session they make.

A line stands where the side that read it read it, so that a client that does not wait its turn is
shown as it was understood.
"""

from __future__ import annotations

from array import array
from copy import deepcopy
from datetime import UTC, datetime
from threading import Lock

from smtpedu.dialogue.lines import Line
from smtpedu.dialogue.session import Session
from smtpedu.dialogue.turns import Gatherer, Turn
from smtpedu.protocol.reply import printable
from smtpedu.protocol.states import Speaker

_LONGEST = 2_000  # octets of a line that are shown; a line may have 1,000 (RFC 5321 §4.5.3.1.6)
_SIDES = (Speaker.CLIENT, Speaker.SERVER)


class Recording:
    """The bytes of one connection; of each direction at most `limit` are kept.

    `peer` is the client's address and port, `started` when it connected (UTC), `number` which
    connection of its server this was. Where a line of either side is beyond the limit, the
    recording is `cut` and keeps nothing of what follows: replies without their commands would be
    misread.
    """

    __slots__ = (
        *("closed", "cut", "number", "peer", "started"),
        *("_bytes", "_limit", "_read", "_reader", "_sent", "_spans"),
    )

    def __init__(self, peer: str, limit: int, number: int = 1) -> None:
        self.peer, self.number = peer, number
        self.started = datetime.now(UTC)
        self.closed = self.cut = False
        self._limit = limit
        # Of each side, in the order of `_SIDES`: what is kept, and how much was sent and read.
        self._bytes = bytearray(), bytearray()
        self._sent, self._read = array("q", (0, 0)), array("q", (0, 0))
        # Side, start and end of all that was read at once. Ten thousand recordings of numbers are
        # little beside as many of tuples, and nothing to the garbage collector.
        self._spans = array("q")
        self._reader: _Reader | None = None

    def add(self, speaker: Speaker, data: bytes) -> None:
        """Note what one side sent; each line of it has been read by the other."""
        side = speaker is Speaker.SERVER
        unread = self._sent[side] - self._read[side]
        self.keep(speaker, data)
        if whole := data.rfind(b"\n") + 1:
            self.heard(speaker, unread + whole)

    def exchange(self, octets: int, reply: bytes) -> None:
        """The server has read so many bytes of what the client sent, and replied this."""
        kept, read = self._bytes, self._read
        start, heard, said, end = read[0], read[0] + octets, read[1], read[1] + len(reply)
        if self.cut or heard > len(kept[0]) or end > self._limit or not (octets and reply):
            self.heard(Speaker.CLIENT, octets)
            self.add(Speaker.SERVER, reply)
            return
        self._spans.extend((0, start, heard, 1, said, end))
        kept[1].extend(reply)
        read[0], read[1], self._sent[1] = heard, end, end

    def keep(self, speaker: Speaker, data: bytes) -> None:
        """Keep what one side sent; `heard` says later which lines the other side made of it."""
        side = speaker is Speaker.SERVER
        self._sent[side] += len(data)
        if not self.cut:
            kept = self._bytes[side]
            room = self._limit - len(kept)
            kept += data if len(data) <= room else data[:room]

    def heard(self, speaker: Speaker, count: int) -> None:
        """The next `count` bytes that this side sent are one line, or lines that end in CRLF."""
        if self.cut:
            return
        side = speaker is Speaker.SERVER
        start, kept = self._read[side], self._bytes[side]
        end = start + count
        if end > len(kept):
            self.cut = True
            end = max(kept.rfind(b"\r\n", start) + 2, start)
            del kept[end:], self._bytes[not side][self._read[not side] :]
        self._read[side] = end
        if end > start:
            self._spans.extend((side, start, end))

    def skip(self) -> None:
        """What the client has sent and nobody has read will never be."""
        self._read[0] = self._sent[0]

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return sum(map(len, self._bytes))

    @property
    def omitted(self) -> int:
        """How many bytes were sent and are not kept."""
        return sum(self._sent) - self.size

    def raw(self, speaker: Speaker) -> bytes:
        """All that one side sent."""
        return bytes(self._bytes[speaker is Speaker.SERVER])

    def turns(self, first: int = 0) -> list[Turn]:
        """The whole turns from this one on; each call reads on from where the last one ended."""
        with _READING:
            return self._read_on().turns[first:]

    def session(self, name: str, provenance: dict[str, str]) -> Session:
        """What has been said so far, as a `Session`; what has not been read yet comes last."""
        with _READING:
            reader, said = self._read_on(), (sum(self._sent), len(self._spans))
            if reader.session is None or reader.said != said:
                if self.omitted:
                    provenance = {**provenance, "omitted": f"{self.omitted} octets"}
                turns = (*reader.turns, *self._unfinished(reader))
                reader.session, reader.said = Session(turns, name, provenance), said
            return reader.session

    def _read_on(self) -> _Reader:
        if self._reader is None:
            self._reader = _Reader()
        reader = self._reader
        spans = self._spans[reader.next :]
        reader.next += len(spans)
        for side, start, end in zip(spans[::3], spans[1::3], spans[2::3], strict=True):
            reader.read(_SIDES[side], self._bytes[side][start:end])
        return reader

    def _unfinished(self, reader: _Reader) -> list[Turn]:
        """What may go on still: unread lines, half lines, a message that has not ended."""
        ahead = reader.ahead()
        for side in (1, 0):
            rest = self._bytes[side][self._read[side] :]
            # A dot may yet begin a line, and not end a message.
            half_a_dot = rest.rpartition(b"\r\n")[2] == b"."
            ahead.read(_SIDES[side], rest[: len(rest) - half_a_dot])
        ahead.gatherer.reply.clear()  # half a reply is not shown yet
        return [*ahead.turns, *ahead.gatherer.finish()]


_READING = Lock()  # one reader at a time


class _Reader:
    """How far a recording has been read."""

    def __init__(self) -> None:
        self.gatherer = Gatherer()
        self.turns: list[Turn] = []
        self.next = self.lines = 0
        self.said = 0, 0  # how much had been said when this was the session
        self.session: Session | None = None

    def read(self, speaker: Speaker, data: bytearray) -> None:
        """Read on."""
        lines = bytes(data).removesuffix(b"\r\n").split(b"\r\n") if data else ()
        for line in lines:
            self.lines += 1
            self.turns += self.gatherer.add(Line(speaker, _shown(line), self.lines))

    def ahead(self) -> _Reader:
        """Another reader that goes on from here, with turns of its own."""
        other = _Reader()
        other.gatherer, other.lines = deepcopy(self.gatherer), self.lines
        return other


def _shown(line: bytes) -> str:
    """A line as text that any front end can show, cut where it is too long."""
    more = len(line) - _LONGEST
    shown = printable(line[:_LONGEST])
    return f"{shown}… (+{more} octets)" if more > 0 else shown
