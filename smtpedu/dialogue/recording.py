"""What passed over one connection: the exact bytes both ways, and the session they make.

The law of this file: bytes in, a `Session` out. It reads no socket. A line stands where the side
that read it read it, so that a client that does not wait its turn is shown as it was understood.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from datetime import UTC, datetime

from smtpedu.dialogue.session import Session
from smtpedu.dialogue.transcript import Said, TranscriptError
from smtpedu.dialogue.turns import Turn, gather

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
        self._bytes = {True: bytearray(), False: bytearray()}
        self._read = {True: 0, False: 0}
        # Start and end of each line, two numbers a line; a server's are below zero. A list of
        # tuples would weigh ten times as much as the bytes.
        self._lines = array("q")
        self._session: tuple[int, Session] | None = None

    def add(self, server: bool, data: bytes) -> None:
        """Note what one side sent; each line of it has been read by the other."""
        self.keep(server, data)
        kept = self._bytes[server]
        while (end := kept.find(b"\n", self._read[server])) >= 0:
            self.heard(end + 1 - self._read[server], server=server)

    def keep(self, server: bool, data: bytes) -> None:
        """Keep what one side sent; `heard` says later which lines the other side made of it."""
        kept = self._bytes[server]
        room = max(self._limit - len(kept), 0)
        kept += data[:room]
        self.omitted += max(len(data) - room, 0)

    def heard(self, count: int, *, server: bool = False) -> None:
        """The next `count` bytes that were kept are one line."""
        start, kept = self._read[server], len(self._bytes[server])
        end = self._read[server] = start + count
        if start < kept:
            end = min(end, kept)
            self._lines.extend((~start, ~end) if server else (start, end))

    def skip(self) -> None:
        """What the client has sent and nobody has read will never be."""
        self._read[False] = len(self._bytes[False])

    @property
    def size(self) -> int:
        """How many bytes are kept."""
        return len(self._bytes[True]) + len(self._bytes[False])

    def raw(self, *, server: bool) -> bytes:
        """All that one side sent."""
        return bytes(self._bytes[server])

    def said(self) -> Iterator[Said]:
        """The lines of both sides; what has not been read yet comes last."""
        lines, read = self._lines[:], dict(self._read)
        sides = {server: self.raw(server=server) for server in (True, False)}
        number = 0
        for start, end in zip(lines[::2], lines[1::2], strict=True):
            number += 1
            line = sides[True][~start:~end] if start < 0 else sides[False][start:end]
            yield Said(start < 0, _shown(line), number)
        for server, data in sides.items():
            rest = data[read[server] :]
            for line in rest.removesuffix(b"\r\n").split(b"\r\n") if rest else ():
                number += 1
                yield Said(server, _shown(line), number)

    def session(self, name: str, provenance: dict[str, str]) -> Session:
        """What has been said so far, as a `Session`; read anew only when there is more."""
        size = self.size + len(self._lines)
        if self._session is None or self._session[0] != size:
            if self.omitted:
                provenance = {**provenance, "omitted": f"{self.omitted} octets"}
            self._session = (size, Session(tuple(self._turns()), name, provenance))
        return self._session[1]

    def _turns(self) -> Iterator[Turn]:
        try:
            yield from gather(self.said())
        except TranscriptError:
            # Cut in the middle of a reply: what came before it has been given.
            return


def _shown(line: bytes) -> str:
    r"""A line as text that any front end can show: what is not UTF-8 becomes `\xff`."""
    line = line.removesuffix(b"\r\n")
    more = len(line) - _LONGEST
    text = line[:_LONGEST].decode("utf-8", "backslashreplace")
    shown = "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in text)
    return f"{shown}… (+{more} octets)" if more > 0 else shown
