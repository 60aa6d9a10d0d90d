"""One connection of aiosmtpd: every byte recorded, everything bounded, nothing believed.

The law of this file: reading lines and sending replies. What they mean is for `server`.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import SMTP

from smtpedu.desk import Desk, Owner, worded
from smtpedu.recorder import Recording

# aiosmtpd warns of its own old names at every AUTH; a notebook is no place for that.
logging.getLogger("mail.log").setLevel(logging.ERROR)
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # heard by whoever asks

LINE = 1001  # octets: §4.5.3.1.6 with the dot of §4.5.2
_COMMAND = 512  # §4.5.3.1.4
_TURN = 64  # commands of one client until the others have their turn
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BEFORE_TLS = ("EHLO", "NOOP", "STARTTLS", "QUIT")  # RFC 3207 §4


class Connection(SMTP):
    """What `server.Server` is on the wire: recorded, bounded, closed after a 421 (§3.8).

    `connections` are those of this server that are open; it joins and leaves them.
    """

    def __init__(self, owner: Owner, connections: set[Connection], **options: Any) -> None:
        self.desk = Desk(owner)
        require_auth = options.pop("auth_required", False)
        super().__init__(
            self.desk,
            timeout=owner.limits.idle,
            authenticator=self.desk.authenticate,
            data_size_limit=owner.limits.message,
            enable_SMTPUTF8=True,
            ident="ESMTP",
            **options,
        )
        self._auth_required = require_auth  # aiosmtpd warns of it, but this server is a lesson
        self.owner, self.connections = owner, connections
        self.recording: Recording | None = None
        self.ended = False
        self.verb = ""

    # ---- the connection ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came; or, within STARTTLS, the same client behind TLS."""
        if self.recording is None:
            peer = transport.get_extra_info("peername") or ("unknown", 0)
            self.recording = self.owner.record(f"{peer[0]} port {peer[1]}")
            self.connections.add(self)
        else:
            self.recording.skip()  # aiosmtpd discards it (RFC 3207 §4.2)
            self.desk.clear()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone, whoever ended it."""
        self.ended = True
        if self in self.connections and self.recording is not None:
            self.connections.discard(self)
            self.recording.closed = True
            with suppress(ReferenceError):  # the lab was forgotten
                self.owner.recorded(self.recording)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Record what the client sent, as it comes; under TLS this is the plain text."""
        if self.recording is not None:
            self.recording.keep(False, data)
        super().data_received(data)

    def eof_received(self) -> bool | None:
        """The client has said its last, and may still want to hear the replies."""
        half_open = asyncio.StreamReaderProtocol.eof_received(self)
        return half_open and self._tls_protocol is None  # TLS closes both ways at once

    def hang_up(self, enhanced: str, why: str) -> None:
        """Say 421 and close."""
        reply = f"421 {enhanced} {self.hostname} {why}\r\n".encode()
        transport: Any = self.transport
        if self.ended or transport is None:
            return
        if self.shaking_hands:  # nothing can be said now
            self.abort()
            return
        stuck = transport.get_write_buffer_size() > 0  # this client does not read
        self._say(reply)
        transport.write(reply)
        self._close()
        if stuck:
            self.abort()

    @property
    def shaking_hands(self) -> bool:
        """Whether STARTTLS has begun and TLS has not."""
        return self._tls_protocol is not None and not (self.session and self.session.ssl)

    def abort(self) -> None:
        """Close now, whatever has not been sent."""
        transport: Any = self._original_transport or self.transport
        if transport is not None:
            transport.abort()

    def _close(self) -> None:
        self.ended = True
        if self.transport is not None:
            self.transport.close()

    def _timeout_cb(self) -> None:
        """An idle client is told so before the connection closes (§3.8, §4.5.3.2.7)."""
        self.hang_up("4.4.2", "Idle for too long")

    # ---- what is said ----

    def _say(self, data: bytes) -> None:
        if self.recording is not None:
            self.recording.add(True, data)

    async def push(self, status: str | bytes) -> None:
        """Record and send one whole reply; a 221 or 421 is the last."""
        if self.ended:
            return
        reply = status if isinstance(status, bytes) else worded(status).encode()
        if self.verb == "MAIL":
            reply = reply.replace(b"553 5.1.3 ", b"553 5.1.7 ")  # the sender's address
        self._say(reply + b"\r\n")
        await super().push(reply)
        if reply.startswith((b"221", b"421")):
            self._close()

    async def _read(self, end: bytes) -> bytes:
        """The next line, or the next part of one that is too long."""
        data: bytes
        try:
            data = await self._reader.readuntil(end)
        except asyncio.LimitOverrunError as error:
            data = await self._reader.readexactly(error.consumed)
        except asyncio.IncompleteReadError:
            raise ConnectionResetError from None
        return data

    async def _line(self, end: bytes = b"\n") -> tuple[bytes, int]:
        """A line cut at what is allowed, and how long it was."""
        line = part = await self._read(end)
        count = len(line)
        while not part.endswith(end):
            part = await self._read(end)
            count += len(part)
        if self.recording is not None:
            self.recording.heard(count)
        return line, count

    # ---- the dialogue ----

    async def _handle_client(self) -> None:
        if len(self.connections) > self.owner.limits.connections:
            self.hang_up("4.3.2", "Too many connections, try again later")
            return
        try:
            await self.push(f"220 {self.hostname} {self.__ident__}")
            for count in range(self.owner.limits.commands):
                if self.ended:
                    return
                if count % _TURN == _TURN - 1:
                    await asyncio.sleep(0)
                self._reset_timeout()
                await self._obey(*await self._line())
            self.hang_up("4.7.0", "Too many commands")
        except ConnectionError:
            self._close()

    async def _obey(self, line: bytes, length: int) -> None:
        """Do what one command line says, or object to it; no mistake of ours ends the server."""
        if objection := self._objection(line, length):
            await self.push(objection)
            return
        word, _, argument = line.decode().strip().partition(" ")
        self.verb = word.upper()
        try:
            method: Callable[[str | None], Any] = self._smtp_methods[self.verb]
            await method(argument.strip() or None)
        except ConnectionError:
            raise
        except Exception:
            _log.exception("a mistake of ours")
            await self.push("451 4.3.0 Local error in processing")

    def _objection(self, line: bytes, length: int) -> str | None:
        if length > self._longest(line):
            return "500 5.5.2 Command line too long"
        if not line.endswith(b"\r\n"):
            return "500 5.5.2 The line ended in a bare LF; a line ends in CRLF"
        if _CONTROL.search(line, 0, length - 2) or not _is_utf8(line):
            return "500 5.5.2 The command has a control character or is not UTF-8"
        word = line.decode().strip().partition(" ")[0]
        # Some letters beyond ASCII have an upper case within it.
        verb = word.upper() if word.isascii() else ""
        if verb not in self._smtp_methods:
            return "500 5.5.2 Command not recognized"
        if self.require_starttls and not self._tls_protocol and verb not in _BEFORE_TLS:
            return "530 5.7.0 Send STARTTLS first"
        return None

    def _longest(self, line: bytes) -> int:
        """How long this command may be: extensions lengthen theirs (§4.5.3.1.4)."""
        verb = line[:5].strip().upper()
        if verb == b"AUTH":
            return LINE
        # RFC 1870 §3, RFC 6531 §3.1 and RFC 4954 §5.
        more = 26 + 10 + 500 * bool(self.owner.users)
        return _COMMAND + (more if verb == b"MAIL" else 0)


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
