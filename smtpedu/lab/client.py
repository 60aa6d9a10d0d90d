"""A client that sends the lines a person types and keeps what was said.

It waits for each reply before it sends the next line (but not within a message), so that a pasted
dialogue is sent as if it were typed.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, get_args

from smtpedu.dialogue.recording import Recording
from smtpedu.dialogue.session import Session
from smtpedu.protocol.reply import Command, ReplyReader, ReplySyntaxError
from smtpedu.protocol.states import Message, Speaker, State
from smtpedu.protocol.tracker import Tracker

if TYPE_CHECKING:
    import ssl

    from smtpedu.lab.lab import Lab

#: How a connection is; the last three are ways to end.
Status = Literal["connecting", "open", "closed", "lost", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)

_PATIENCE = 10.0  # seconds to connect
_LONGEST = 2**20  # octets of one line of the server
_KEPT = 2_000_000  # octets of the dialogue
_BEAT = 0.1  # seconds between two looks at a dialogue that goes on by itself


class Typist:
    """Whose turn it is, and what a client says in its turn."""

    def __init__(self, server: str) -> None:
        self.recording = Recording(server, _KEPT)
        self._replies = ReplyReader()
        self._tracker = Tracker()
        self._lines: deque[str] = deque()

    @property
    def session(self) -> Session:
        """What has been said so far, as this side saw it."""
        return self.recording.session("", {})

    @property
    def quit(self) -> bool:
        """Whether the server has said its last."""
        return self._tracker.state is State.CLOSED

    @property
    def done(self) -> bool:
        """Whether every line has been said and every reply heard, or no more will be."""
        return self.quit or not (self._lines or self._tracker.unanswered)

    @property
    def pasting(self) -> bool:
        """Whether there are lines that wait for their turn."""
        return bool(self._lines)

    def type(self, lines: Iterable[str]) -> None:
        """Have lines, without line ends, said when it is the client's turn."""
        # A line is one line: what would make two of it is not sent.
        self._lines.extend(line.replace("\r", "").replace("\n", "") for line in lines)

    def hear(self, line: bytes) -> str:
        """The server said this line; returns what the reply answers that it completes."""
        self.recording.add(Speaker.SERVER, line)
        try:
            reply = self._replies.feed(line.decode("utf-8", "replace").rstrip("\r\n"))
        except ReplySyntaxError:
            return ""
        return self._tracker.server(reply) if reply else ""

    def next(self) -> bytes:
        """The next line to send; nothing while it is the server's turn or there is none."""
        if self.quit or self._tracker.unanswered or not self._lines:
            return b""
        line = self._lines.popleft()
        state = self._tracker.state
        if state is State.AUTH:
            self._tracker.client(Command(line, "AUTH"))
        elif state is not State.DATA:
            self._tracker.client(Command.parse(line))
        elif line == ".":
            self._tracker.client(Message(()))
        data = line.encode("utf-8", "replace") + b"\r\n"
        self.recording.add(Speaker.CLIENT, data)
        return data


class Client:
    """A connection to a lab; `tell` is called after each change, within a paste at every beat.

    `status` is one of `STATUSES`: "closed" after QUIT, a 421 or `close`, "lost" when the server
    is gone without a word, "failed" when there was none. Over loopback it is a thread that
    connects, talks and tells; in memory it is whoever calls.
    """

    def __init__(self, lab: Lab, tell: Callable[[Client], None]) -> None:
        self.status: Status = "connecting"
        self._typist = Typist(lab.address)
        self._tell, self._due = tell, 0.0

    @property
    def session(self) -> Session:
        """What has been said so far, as this side saw it."""
        return self._typist.session

    def start(self) -> None:
        """Connect; does not wait for it."""
        raise NotImplementedError

    def send(self, lines: Iterable[str]) -> None:
        """Send lines, without line ends, each when it is the client's turn."""
        raise NotImplementedError

    def close(self) -> None:
        """Hang up, without a QUIT; does nothing on a closed connection."""
        raise NotImplementedError

    def _change(self, status: Status) -> None:
        self.status = status
        self._tell(self)

    def _news(self) -> None:
        if not self._typist.pasting or monotonic() >= self._due:
            self._tell(self)
            self._due = monotonic() + _BEAT


class LoopbackClient(Client):
    """A client with a thread of its own."""

    def __init__(self, lab: Lab, tell: Callable[[Client], None]) -> None:
        super().__init__(lab, tell)
        self._host, self._port = lab.host, lab.port
        self._loop = asyncio.new_event_loop()
        self._writer: Any = None
        self._task = self._loop.create_task(self._run())
        self._thread = Thread(target=self._work, name="smtpedu client", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def send(self, lines: Iterable[str]) -> None:
        self._later(self._type, list(lines))

    def close(self) -> None:
        self._later(self._task.cancel)
        self._thread.join(_PATIENCE)

    def _later(self, act: Callable[..., object], *arguments: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and the connection with it
            self._loop.call_soon_threadsafe(act, *arguments)

    def _work(self) -> None:
        try:
            self._loop.run_until_complete(self._task)
        finally:
            self._loop.close()

    async def _run(self) -> None:
        try:
            self._change(await self._talk())
        except asyncio.CancelledError:
            self._change("closed")

    async def _talk(self) -> Status:
        """Connect and talk until one side ends it; returns how it ended."""
        try:
            async with asyncio.timeout(_PATIENCE):  # wait_for loses a cancel (Python 3.11)
                connecting = asyncio.open_connection(self._host, self._port, limit=_LONGEST)
                reader, writer = await connecting
        except (OSError, TimeoutError):
            return "failed"
        self._change("open")
        try:
            # ValueError: a line longer than any we would read.
            with suppress(OSError, ValueError):
                await self._read(reader, writer)
        finally:
            writer.transport.abort()
        return "closed" if self._typist.quit else "lost"

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            verb = self._typist.hear(line)
            if verb == "STARTTLS" and line.startswith(b"220"):
                self._writer = None  # nobody writes meanwhile
                await writer.start_tls(_unverified_tls(), server_hostname=self._host)
            self._writer = writer
            if verb:
                self._news()
                self._type([])

    def _type(self, lines: list[str]) -> None:
        self._typist.type(lines)
        while self._writer is not None and (data := self._typist.next()):
            self._writer.write(data)
            self._news()


class MemoryClient(Client):
    """A client that is its caller's turn."""

    def __init__(self, lab: Lab, tell: Callable[[Client], None]) -> None:
        super().__init__(lab, tell)
        self._lab = weakref.ref(lab)  # a console keeps no lab
        self._connection: Any = None

    def start(self) -> None:
        try:
            lab = self._lab()
            self._connection = lab and lab.connect()
        except OSError:
            pass
        if self._connection is None:
            self._change("failed")
            return
        self._replies = self._connection.makefile("rb")
        self._connection.told = self._listen
        self._change("open")
        self._listen()

    def send(self, lines: Iterable[str]) -> None:
        self._typist.type(lines)
        while self.status == "open" and (data := self._typist.next()):
            self._connection.sendall(data)
            self._news()
            self._listen()

    def close(self) -> None:
        if self.status == "open":
            self._connection.close()
            self._change("closed")

    def _listen(self) -> None:
        """Hear what the server has said."""
        while line := self._replies.readline():
            if self._typist.hear(line):
                self._news()
        if self._typist.quit:
            self._connection.close()
            self._change("closed")


def client_of(lab: Lab, tell: Callable[[Client], None]) -> Client:
    """A client for this lab, by its transport."""
    return (MemoryClient if lab.transport == "memory" else LoopbackClient)(lab, tell)


def _unverified_tls() -> ssl.SSLContext:
    """TLS with whoever is there: a lab's certificate is thrown away with the lab."""
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
