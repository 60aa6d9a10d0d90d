"""A port, and the thread that serves it: starting, stopping, and leaving nothing behind.

The law of this file: it holds no lab, so that a lab that nobody holds can go.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
from collections.abc import Callable, Iterable
from contextlib import suppress
from errno import EINVAL
from threading import Event, Thread, current_thread
from typing import Any

from smtpedu.language import text

_FAREWELL = 1.0  # seconds for clients to take their 421 and go
_BACKLOG = 128
_ACCEPTING = 5  # turns of asyncio's loop from a client's arrival to `connection_made`

#: Makes one connection's protocol, which joins the set; None refuses the connection.
Factory = Callable[[asyncio.AbstractEventLoop, set[Any]], asyncio.Protocol | None]


class Listener:
    """Listens from the moment it is made. Raises `OSError`, which says why it cannot."""

    def __init__(self, make: Factory, host: str, port: int) -> None:
        self._make = make
        self._socket = _listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.connections: set[Any] = set()
        self._loop = asyncio.new_event_loop()
        self._ready, self._over = Event(), asyncio.Event()
        self._thread = Thread(target=self._run, name="smtpedu lab", daemon=True)
        try:
            self._thread.start()
            self._ready.wait()
        except BaseException:  # an interrupt just now
            self.stop()
            raise

    def stop(self) -> None:
        """Tell every client, close the port, end the thread. May be called from any thread."""
        with suppress(RuntimeError):  # the loop has been closed: this was done before
            self._loop.call_soon_threadsafe(self._over.set)
        # The last reference to a lab may go in its own thread.
        if self._thread.is_alive() and current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self._serve())
        finally:
            self._ready.set()
            self._loop.close()

    async def _serve(self) -> None:
        server = await self._loop.create_server(self._protocol, sock=self._socket, backlog=_BACKLOG)
        self._ready.set()
        await self._over.wait()
        with suppress(NotImplementedError):  # Windows
            self._loop.remove_reader(self._socket)
        # A closed asyncio server trips over clients that were let in and not introduced yet.
        for _ in range(_ACCEPTING):
            await asyncio.sleep(0)
        server.close()
        for connection in list(self.connections):
            with suppress(Exception):  # one client's trouble must not keep the port open
                connection.hang_up("4.3.2", "Service shutting down")
        await self._until_gone()

    async def _until_gone(self) -> None:
        """Wait for the clients, but not for ever, and for everything that was begun."""
        deadline = self._loop.time() + _FAREWELL
        while self.connections and self._loop.time() < deadline:
            await asyncio.sleep(0.001)
        for connection in list(self.connections):
            connection.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        while self.connections and self._loop.time() < deadline + _FAREWELL:
            await asyncio.sleep(0)  # transports that were closed say so now

    def _protocol(self) -> asyncio.Protocol:
        return self._make(self._loop, self.connections) or _Refusal()


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _listen(host: str, port: int) -> socket.socket:
    try:
        if not 0 <= port < 65536:
            raise OSError(EINVAL, os.strerror(EINVAL))
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        problem = OSError(text("error.listen", host=host, port=port, reason=reason))
        problem.errno = error.errno
        raise problem from None


def throw_away_tls(names: Iterable[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server of these names and for a client that trusts it; kept nowhere.

    Needs trustme (`pip install "smtpedu[tls]"`); raises `ImportError` without it.
    """
    try:
        import trustme
    except ImportError:
        raise ImportError(text("error.tls"), name="trustme") from None
    authority = trustme.CA()
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    authority.issue_cert(*names).configure_cert(server)
    authority.configure_trust(client)
    return server, client
