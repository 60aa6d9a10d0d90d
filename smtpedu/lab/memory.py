"""A lab without sockets, threads or an event loop: a client's call is the server's turn.

There is no TLS, no idle time and no limit of connections. What is said is what is said on loopback.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from errno import ECONNREFUSED, EPIPE, EWOULDBLOCK
from threading import RLock
from typing import Any
from weakref import WeakSet

from smtpedu.lab.delivery import Forwarding, pass_on_in_turn
from smtpedu.lab.handler import Handler

_ADDRESS, _NAME = "127.0.0.1", "in memory"  # the client is on this machine


class Connection:
    """A client's end, used as its socket is. `told` is called when the server speaks unasked."""

    def __init__(self, handler: Handler, turn: RLock) -> None:
        self._handler, self._turn = handler, turn
        self._unread, self._broken = bytearray(), False
        self.told: Callable[[], None] = lambda: None
        handler.server.greet()
        self.work()

    def sendall(self, data: bytes) -> None:
        """Send, and let the server reply. Raises `BrokenPipeError` on a closed connection."""
        self.give(data)
        while forwardings := self.work():
            pass_on_in_turn(forwardings)

    def give(self, data: bytes) -> None:
        """Send, and leave it to the caller to let the server `work`. Raises `BrokenPipeError`."""
        if self._broken:
            raise BrokenPipeError(EPIPE, os.strerror(EPIPE))
        if self._handler.recording.closed:
            self._broken = True  # as with sockets: the first that comes too late is lost
            return
        with self._turn:
            self._handler.receive(data)

    def work(self) -> list[Forwarding]:
        """Let the server go on; what is to be passed on before it is called again."""
        with self._turn:
            self._handler.work(sys.maxsize)
            self._unread += self._handler.out
            self._handler.out = b""
            if self._handler.closed:
                self._handler.end()
            return self._handler.forwardings

    def recv(self, size: int) -> bytes:
        """What the server has said, nothing when it has closed.

        Raises `BlockingIOError` where a socket would wait: there is nobody to wait for.
        """
        if not self._unread and not self._handler.recording.closed:
            raise BlockingIOError(EWOULDBLOCK, os.strerror(EWOULDBLOCK))
        data = bytes(self._unread[:size])
        del self._unread[:size]
        return data

    def makefile(self, mode: str = "rb") -> io.BufferedReader:
        """The replies as a file of bytes; where nothing was said, it reads nothing."""
        return io.BufferedReader(_Replies(self))

    def shutdown(self, how: int = 1) -> None:
        """The client has said its last: the server goes. Does nothing on a closed connection."""
        self._broken = True
        with self._turn:
            self._handler.end()

    close = __del__ = shutdown

    def hang_up(self, why: str) -> None:
        """The server says a 421 and goes."""
        if not self._handler.recording.closed:
            with self._turn:
                self._handler.hang_up(why)
            self.work()
            self.told()


class _Replies(io.RawIOBase):
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int | None:
        try:
            data = self._connection.recv(len(buffer))
        except BlockingIOError:
            return None
        buffer[: len(data)] = data
        return len(data)


class Memory:
    """Clients connect to it as to a port, as long as it is not stopped."""

    def __init__(self, make: Callable[[str, str], Handler | None]) -> None:
        self._make, self.port = make, None
        self._turn = RLock()  # one client at a time, should they be in different threads
        self._connections: WeakSet[Connection] = WeakSet()
        self._stopped = False

    def connect(self) -> Connection:
        """A new client's end. Raises `ConnectionRefusedError` when it was stopped."""
        with self._turn:
            handler = None if self._stopped else self._make(_ADDRESS, _NAME)
        if handler is None:
            raise ConnectionRefusedError(ECONNREFUSED, os.strerror(ECONNREFUSED))
        connection = Connection(handler, self._turn)
        self._connections.add(connection)
        return connection

    def stop(self) -> None:
        """Tell every client, and let nobody in."""
        self._stopped = True
        for connection in list(self._connections):
            connection.hang_up("shutdown")
