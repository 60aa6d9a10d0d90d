"""A lab's port: asyncio on loopback, in a thread of its own, with TLS and idle time.

A `Listener` holds no lab, so that a forgotten lab can go. Stopped, it leaves no thread and no port.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import Counter
from contextlib import suppress
from errno import EINVAL
from threading import Event, Thread, current_thread
from typing import Any
from weakref import WeakSet

from smtpedu.i18n import text
from smtpedu.lab.delivery import pass_on
from smtpedu.lab.handler import Handler
from smtpedu.lab.limits import Limits

_FAREWELL = 1.0  # seconds for clients to take their 421 and go
_BACKLOG = 128
_ACCEPTING = 5  # turns of asyncio's loop from a client's arrival to `connection_made`
_READ = 65536  # octets at once; asyncio's own buffers are made anew for each, which takes longer
_TURN = 128  # events of one client until the others have their turn


class Connection(asyncio.BufferedProtocol):
    """Carries octets between one client's socket and its handler."""

    def __init__(self, listener: Listener) -> None:
        self._listener, self._loop = listener, listener.loop
        self._transport: Any = None
        self._handler: Handler
        self._task: asyncio.Task[None] | None = None  # TLS begins, or messages are passed on
        self._shaking = False  # TLS has begun and is not there yet
        self._stalled = self._no_more = self.ended = self.busy = False
        self.address, self.since = "", 0.0  # when the last command was answered, by the loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came."""
        self._transport = transport
        self.address, port = (transport.get_extra_info("peername") or ("unknown", 0))[:2]
        handler = self._listener.make(self.address, f"{self.address} port {port}")
        if handler is None:
            self._transport.abort()
            return
        self._handler = handler
        self._listener.add(self)
        if not self.ended:
            self._handler.server.greet()
            self._work()

    def get_buffer(self, sizehint: int) -> memoryview:
        """All clients share one: what arrives is taken out at once."""
        return self._listener.buffer

    def buffer_updated(self, count: int) -> None:
        """The client sent something; under TLS this is the plain text."""
        if not self.ended:
            self._handler.receive(bytes(self._listener.buffer[:count]))
            self._work()

    def eof_received(self) -> bool:
        """The client has said its last, and may still want to hear the replies."""
        self._no_more = True
        self._work()
        return not self._handler.server.tls  # TLS closes both ways

    def pause_writing(self) -> None:
        """This client does not read: it is not read either."""
        self._stalled = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """It has read on."""
        self._stalled = False
        self._work()

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone, whoever ended it."""
        self.ended = True
        if self._task is not None:
            self._task.cancel()
        if self in self._listener.connections:
            self._listener.connections.discard(self)
            self._handler.end()

    def hang_up(self, why: str) -> None:
        """Say a 421 and close."""
        if self.ended:
            return
        if self._shaking:  # nothing can be said now
            self.ended = True
            self.abort()
            return
        stuck = self._transport.get_write_buffer_size() > 0  # this client does not read
        self._handler.hang_up(why)
        self._send()
        self._close()
        if stuck:
            self.abort()

    def abort(self) -> None:
        """Close now, whatever has not been sent."""
        self._transport.abort()

    def _work(self) -> None:
        """Go on with what the client sent, as far as its turn goes."""
        if self.ended or self._stalled or self._task is not None:
            return
        more = self._handler.work(_TURN)
        self._send()
        if self._handler.closed:
            self._close()
        elif self._handler.tls or self._handler.forwardings:
            self._transport.pause_reading()
            begin = self._pass_on if self._handler.forwardings else self._start_tls
            self.busy = bool(self._handler.forwardings)
            self._task = self._loop.create_task(begin())
        elif more:
            self._transport.pause_reading()
            self._loop.call_soon(self._work)
        elif self._no_more:
            self._close()
        elif not self._stalled:
            self._transport.resume_reading()

    def _send(self) -> None:
        if data := self._handler.out:
            self._handler.out = b""
            self.since = self._loop.time()
            self._transport.write(data)

    def _close(self) -> None:
        self.ended = True
        self._transport.close()

    async def _pass_on(self) -> None:
        await asyncio.gather(*map(pass_on, self._handler.forwardings), return_exceptions=True)
        self._task, self.busy = None, False
        self._work()

    async def _start_tls(self) -> None:
        """A client that cannot shake hands is gone, and leaves nothing behind."""
        self._shaking = True
        with suppress(OSError):  # SSLError is one, too
            context = self._listener.tls
            began = await self._loop.start_tls(self._transport, self, context, server_side=True)
            if began is not None:  # as it is when this side has closed meanwhile
                self._transport, self._shaking, self._handler.tls = began, False, False
        self._task = None
        if self._shaking:
            self.abort()
            self.connection_lost(None)  # nobody else will say so
        self._work()


class Listener:
    """Listens from the moment it is made. Raises `OSError`, which says why it cannot."""

    def __init__(self, make: Any, host: str, port: int, limits: Limits, tls: Any) -> None:
        self.make = make  # the handler of a client by its address and name; or None
        self.limits, self.tls = limits, tls
        self._socket = listen(host, port)
        self.port: int = self._socket.getsockname()[1]
        self.connections: set[Connection] = set()
        self.buffer = memoryview(bytearray(_READ))
        self._watching = False  # whether a look at who is idle is due
        self.loop = asyncio.new_event_loop()
        self._ready, self._over = Event(), asyncio.Event()
        self._thread = Thread(target=self._run, name="smtpedu lab", daemon=True)
        try:
            self._thread.start()
            self._ready.wait()
        except BaseException:  # an interrupt just now
            self.stop()
            raise

    def add(self, client: Connection) -> None:
        """Let a client in; where all places are taken, another one makes room.

        It is the longest idle of the address that holds most places, so that nobody can shut out
        the others, and of a class behind one address none but the one that is not there. Where
        nobody is idle, there is no room.
        """
        self.connections.add(client)
        client.since = self.loop.time()
        if not self._watching:
            self.watch()
        if len(self.connections) <= self.limits.connections:
            return
        held = Counter(one.address for one in self.connections if not one.ended)
        if held.total() > self.limits.connections:
            idle = (one for one in self.connections - {client} if not (one.ended or one.busy))
            longest = min(idle, key=lambda one: (-held[one.address], one.since), default=client)
            longest.hang_up("connections")

    def watch(self) -> None:
        """Say 421 to who is idle for too long (§3.8, §4.5.3.2.7); end who does not take it."""
        now, idle = self.loop.time(), self.limits.idle
        for client in [one for one in self.connections if one.since + idle <= now]:
            if client.ended:
                client.abort()
            client.hang_up("idle")
            client.since = now
        self._watching = bool(self.connections)
        if self._watching:
            self.loop.call_at(min(one.since for one in self.connections) + idle, self.watch)

    def stop(self) -> None:
        """Tell every client, close the port, end the thread. May be called from any thread."""
        with suppress(RuntimeError):  # the loop has been closed: this was done before
            self.loop.call_soon_threadsafe(self._over.set)
        # The last reference to a lab may go in its own thread.
        if self._thread.is_alive() and current_thread() is not self._thread:
            self._thread.join()

    def _run(self) -> None:
        try:
            self.loop.run_until_complete(self._serve())
        finally:
            self._ready.set()
            self.loop.close()

    async def _serve(self) -> None:
        client = lambda: Connection(self)  # noqa: E731
        server = await self.loop.create_server(client, sock=self._socket, backlog=_BACKLOG)
        self._ready.set()
        await self._over.wait()
        with suppress(NotImplementedError):  # Windows
            self.loop.remove_reader(self._socket)
        # A closed asyncio server trips over clients that were let in and not introduced yet.
        for _ in range(_ACCEPTING):
            await asyncio.sleep(0)
        server.close()
        for connection in list(self.connections):
            with suppress(Exception):  # one client's trouble must not keep the port open
                connection.hang_up("shutdown")
        await self._until_gone()

    async def _until_gone(self) -> None:
        """Wait for the clients, but not for ever, and for everything that was begun."""
        deadline = self.loop.time() + _FAREWELL
        while self.connections and self.loop.time() < deadline:
            await asyncio.sleep(0.001)
        for connection in list(self.connections):
            connection.abort()
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        while self.connections and self.loop.time() < deadline + _FAREWELL:
            await asyncio.sleep(0)  # transports that were closed say so now


def listen(host: str, port: int) -> socket.socket:
    """A port that clients can find. Raises `OSError` that says of which, and why there is none."""
    try:
        if not 0 <= port < 65536:
            raise OSError(EINVAL, os.strerror(EINVAL))
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        opened = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except (OSError, UnicodeError) as error:  # a host name may be none
        reason = getattr(error, "strerror", None) or str(error)
        problem = OSError(text("error.listen", host=host, port=port, reason=reason))
        problem.errno = getattr(error, "errno", None)
        raise problem from None
    _ports.add(opened)
    return opened


_ports: WeakSet[socket.socket] = WeakSet()


def _leave_ports() -> None:
    """A process that was forked off has no thread that serves them, and would keep them open."""
    for port in _ports:
        port.close()


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_leave_ports)
