"""What passed over one connection: the exact bytes both ways, and the session they make.

A line stands where the side that read it read it, so that a client that does not wait its turn is
shown as it was understood.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime

from smtpedu.dialogue.formats import Line, TranscriptError
from smtpedu.dialogue.session import Session, Turn, gather
from smtpedu.protocol.states import Speaker

_LONGEST = 2_000  # octets of a line that are shown; a line may have 1,000 (RFC 5321 §4.5.3.1.6)


class Recording:
    """The bytes of one connection; of each direction at most `limit` are kept.

    `peer` is the client's address and port, `started` when it connected (UTC), `omitted` how
    many bytes were beyond the limit, `number` which connection of its server this was.
    """

    def __init__(self, peer: str, limit: int, number: int = 1) -> None:
        self.peer, self.number = peer, number
        self.started = datetime.now(UTC)
        self.closed = False
        self.omitted = 0
        self._limit = limit
        self._bytes = {speaker: bytearray() for speaker in Speaker}
        self._read = dict.fromkeys(Speaker, 0)
        # Start and end of each line, two numbers a line; a server's are below zero. A list of
        # tuples would weigh ten times as much as the bytes.
        self._lines = array("q")
        self._session: tuple[int, Session] | None = None

    def add(self, speaker: Speaker, data: bytes) -> None:
        """Note what one side sent; each line of it has been read by the other."""
        self.keep(speaker, data)
        kept = self._bytes[speaker]
        while (end := kept.find(b"\n", self._read[speaker])) >= 0:
            self.heard(speaker, end + 1 - self._read[speaker])

    def keep(self, speaker: Speaker, data: bytes) -> None:
        """Keep what one side sent; `heard` says later which lines the other side made of it."""
        kept = self._bytes[speaker]
        room = max(self._limit - len(kept), 0)
        kept += data[:room]
        self.omitted += max(len(data) - room, 0)

    def heard(self, speaker: Speaker, count: int) -> None:
        """The next `count` bytes that this side sent are one line."""
        start, kept = self._read[speaker], len(self._bytes[speaker])
        end = self._read[speaker] = start + count
        if start < kept:
            end = min(end, kept)
            self._lines.extend((start, end) if speaker is Speaker.CLIENT else (~start, ~end))

    def skip(self) -> None:
        """What the client has sent and nobody has read will never be."""
        self._read[Speaker.CLIENT] = len(self._bytes[Speaker.CLIENT])

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return sum(map(len, self._bytes.values()))

    def raw(self, speaker: Speaker) -> bytes:
        """All that one side sent."""
        return bytes(self._bytes[speaker])

    def lines(self) -> Iterator[Line]:
        """The lines of both sides; what has not been read yet comes last."""
        lines, read = self._lines[:], dict(self._read)
        sent = {speaker: self.raw(speaker) for speaker in Speaker}
        number = 0
        for start, end in zip(lines[::2], lines[1::2], strict=True):
            number += 1
            speaker = Speaker.CLIENT if start >= 0 else Speaker.SERVER
            first, last = (start, end) if start >= 0 else (~start, ~end)
            yield Line(speaker, _shown(sent[speaker][first:last]), number)
        for speaker in (Speaker.SERVER, Speaker.CLIENT):
            rest = sent[speaker][read[speaker] :]
            for line in rest.removesuffix(b"\r\n").split(b"\r\n") if rest else ():
                number += 1
                yield Line(speaker, _shown(line), number)

    def session(self, name: str, provenance: dict[str, str]) -> Session:
        """What has been said so far, as a `Session`; read anew only when there is more."""
        size = self.size + len(self._lines)
        if self._session is None or self._session[0] != size:
            if self.omitted:
                provenance = {**provenance, "omitted": f"{self.omitted} octets"}
            self._session = (size, Session(tuple(self._turns()), name, provenance))
        return self._session[1]

    def _turns(self) -> Iterator[Turn]:
        with suppress(TranscriptError):  # a reply that is cut, after all else has been given
            yield from gather(self.lines())


def _shown(line: bytes) -> str:
    r"""A line as text that any front end can show: what is not UTF-8 becomes `\xff`."""
    line = line.removesuffix(b"\r\n")
    more = len(line) - _LONGEST
    text = line[:_LONGEST].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in text)
    return f"{shown}… (+{more} octets)" if more > 0 else shown
