"""A client that sends the lines a person types and keeps what was said, in a thread of its own.

It waits for each reply before it sends the next line (but not within a message), so that a pasted
dialogue is sent as if it were typed.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread
from typing import Literal, get_args

from smtpedu.dialogue.recording import Recording
from smtpedu.dialogue.session import Session
from smtpedu.protocol.reply import Command, ReplyReader, ReplySyntaxError
from smtpedu.protocol.states import Message, Speaker, State
from smtpedu.protocol.tracker import Tracker

#: How a connection is; the last three are ways to end.
Status = Literal["connecting", "open", "closed", "lost", "failed"]
STATUSES: tuple[Status, ...] = get_args(Status)

_PATIENCE = 10.0  # seconds to connect
_LONGEST = 2**20  # octets of one line of the server
_KEPT = 2_000_000  # octets of the dialogue


class Client:
    """A connection to a server; `tell` is called in the client's thread after each change.

    `status` is one of `STATUSES`: "closed" after QUIT, a 421 or `close`, "lost" when the server
    is gone without a word, "failed" when there was none.
    """

    def __init__(self, host: str, port: int, tell: Callable[[Client], None]) -> None:
        self.status: Status = "connecting"
        self.recording = Recording(f"{host} port {port}", _KEPT)
        self._host, self._port, self._tell = host, port, tell
        self._replies = ReplyReader()
        self._tracker = Tracker()
        self._loop = asyncio.new_event_loop()
        self._lines: asyncio.Queue[str] = asyncio.Queue()
        self._free = asyncio.Event()  # whether the next line may be sent
        self._task = self._loop.create_task(self._run())
        self._thread = Thread(target=self._work, name="smtpedu client", daemon=True)

    def start(self) -> None:
        """Connect; returns at once."""
        self._thread.start()

    @property
    def session(self) -> Session:
        """What has been said so far, as this side saw it."""
        return self.recording.session("", {})

    def send(self, lines: Iterable[str]) -> None:
        """Send lines, without line ends, each when it is the client's turn."""
        for line in lines:
            # A line is one line: what would make two of it is not sent.
            whole = line.replace("\r", "").replace("\n", "")
            self._later(self._lines.put_nowait, whole)

    def close(self) -> None:
        """Hang up, without a QUIT; does nothing on a closed connection."""
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

    def _change(self, status: Status) -> None:
        self.status = status
        self._tell(self)

    async def _talk(self) -> Status:
        """Connect and talk until one side ends it; returns how it ended."""
        try:
            connecting = asyncio.open_connection(self._host, self._port, limit=_LONGEST)
            reader, writer = await asyncio.wait_for(connecting, _PATIENCE)
        except (OSError, TimeoutError):
            return "failed"
        self._change("open")
        writing = asyncio.create_task(self._write(writer))
        try:
            # ValueError: a line longer than any we would read.
            with suppress(OSError, ValueError):
                await self._read(reader, writer)
        finally:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)
            writer.transport.abort()
        return "closed" if self._tracker.state is State.CLOSED else "lost"

    async def _read(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            self.recording.add(Speaker.SERVER, line)
            if verb := self._understand(line):
                if verb == "STARTTLS" and line.startswith(b"220"):
                    await writer.start_tls(_unverified_tls(), server_hostname=self._host)
                self._let_on()
                self._tell(self)

    def _understand(self, line: bytes) -> str:
        """What the reply that this line completes answers; nothing while it goes on."""
        try:
            reply = self._replies.feed(line.decode("utf-8", "replace").rstrip("\r\n"))
        except ReplySyntaxError:
            return ""
        return self._tracker.server(reply) if reply else ""

    async def _write(self, writer: asyncio.StreamWriter) -> None:
        while True:
            line = await self._lines.get()
            await self._free.wait()
            data = line.encode("utf-8", "replace") + b"\r\n"
            self.recording.add(Speaker.CLIENT, data)
            self._note(line)
            writer.write(data)
            with suppress(OSError):  # reading finds out too, and ends it
                await writer.drain()
            self._tell(self)

    def _note(self, line: str) -> None:
        """Keep track of whose turn it is."""
        state = self._tracker.state
        if state is State.AUTH:
            self._tracker.client(Command(line, "AUTH"))
        elif state is not State.DATA:
            self._tracker.client(Command.parse(line))
        elif line == ".":
            self._tracker.client(Message(()))
        self._let_on()

    def _let_on(self) -> None:
        if self._tracker.unanswered == 0:
            self._free.set()
        else:
            self._free.clear()


def _unverified_tls() -> ssl.SSLContext:
    """TLS with whoever is there: a lab's certificate is thrown away with the lab."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
