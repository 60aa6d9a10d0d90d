"""One client's server: what aiosmtpd lacks. Its replies by policy are in `handler`.

Every byte is recorded, everything is bounded, and a connection closes after a 421 (RFC 5321 §3.8).
HELP, STARTTLS, AUTH and DATA are this server's own.
"""

from __future__ import annotations

import asyncio
import logging
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import MISSING, SMTP, TLSSetupException

from smtpedu.dialogue.recording import Recording
from smtpedu.lab.handler import Handler, LabLike, reword
from smtpedu.lab.policy import POSTMASTER
from smtpedu.protocol.states import Speaker

# aiosmtpd warns of its own old names at every AUTH; a notebook is no place for that.
logging.getLogger("mail.log").setLevel(logging.ERROR)
_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # heard by whoever asks

LINE = 1001  # octets: §4.5.3.1.6 with the dot of §4.5.2
_COMMAND = 512  # §4.5.3.1.4
_TURN = 64  # commands of one client until the others have their turn
_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_BEFORE_TLS = ("EHLO", "NOOP", "STARTTLS", "QUIT")  # RFC 3207 §4
_SYNTAX = {
    "EHLO": "EHLO domain",
    "HELO": "HELO domain",
    "MAIL": "MAIL FROM:<reverse-path> [parameters]",
    "RCPT": "RCPT TO:<forward-path>",
    "VRFY": "VRFY mailbox",
    "HELP": "HELP [command]",
    "AUTH": "AUTH mechanism [response]",
}


class Server(SMTP):
    """aiosmtpd's server of one connection, which joins and leaves the lab's `connections`."""

    def __init__(self, lab: LabLike, connections: set[Server], **options: Any) -> None:
        self.handler = Handler(lab)
        require_auth = options.pop("auth_required", False)
        super().__init__(
            self.handler,
            timeout=lab.limits.idle,
            authenticator=self.handler.authenticate,
            data_size_limit=lab.limits.message,
            enable_SMTPUTF8=True,
            ident="ESMTP",
            **options,
        )
        self._auth_required = require_auth  # aiosmtpd warns of it, but this server is a lesson
        self.lab, self.connections = lab, connections
        self.recording: Recording | None = None
        self.ended = False
        self.verb = ""

    # ---- the connection ----

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client came; or, within STARTTLS, the same client behind TLS."""
        if self.recording is None:
            peer = transport.get_extra_info("peername") or ("unknown", 0)
            self.recording = self.lab.start_recording(f"{peer[0]} port {peer[1]}")
            self.connections.add(self)
        else:
            self.recording.skip()  # aiosmtpd discards it (RFC 3207 §4.2)
            self.handler.clear()
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        """The client is gone, whoever ended it."""
        self.ended = True
        if self in self.connections and self.recording is not None:
            self.connections.discard(self)
            self.recording.closed = True
            with suppress(ReferenceError):  # the lab was forgotten
                self.lab.end_recording(self.recording)
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        """Record what the client sent, as it comes; under TLS this is the plain text."""
        if self.recording is not None:
            self.recording.keep(Speaker.CLIENT, data)
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

    # ---- replies and lines ----

    def _say(self, data: bytes) -> None:
        if self.recording is not None:
            self.recording.add(Speaker.SERVER, data)

    async def push(self, status: str | bytes) -> None:
        """Record and send one whole reply; a 221 or 421 is the last."""
        if self.ended:
            return
        reply = status if isinstance(status, bytes) else reword(status).encode()
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
            self.recording.heard(Speaker.CLIENT, count)
        return line, count

    # ---- the dialogue ----

    async def _handle_client(self) -> None:
        if len(self.connections) > self.lab.limits.connections:
            self.hang_up("4.3.2", "Too many connections, try again later")
            return
        try:
            await self.push(f"220 {self.hostname} {self.__ident__}")
            for count in range(self.lab.limits.commands):
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
        is_utf8 = line.decode(errors="ignore").encode() == line
        if _CONTROL.search(line, 0, length - 2) or not is_utf8:
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
        more = 26 + 10 + 500 * bool(self.lab.users)
        return _COMMAND + (more if verb == b"MAIL" else 0)

    # ---- commands that differ from aiosmtpd's ----

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        found = re.match(rf"\s*<({POSTMASTER})>(.*)", arg, re.I)
        if found:
            return found[1], found[2]
        if arg.startswith("<") and ">" not in arg:
            return None, None  # the standard library's parser would close it
        try:
            address, rest = super()._getaddr(arg)
        except Exception:  # the standard library's parser trips over some malformed addresses
            return None, None
        # RCPT has no null path.
        return (None, None) if address == "<>" and self.verb != "MAIL" else (address, rest)

    def _getparams(self, params: Any) -> dict[str, str | bool] | None:
        found = super()._getparams(params) if all(map(str.isascii, params)) else None
        if found and self.lab.users:
            found.pop("AUTH", None)  # RFC 4954 §5
        return found

    async def smtp_HELP(self, arg: str | None) -> None:
        """HELP's success is 214 (§4.3.2), and it lists what is offered."""
        missing = {"EXPN": True, "AUTH": not self.lab.users, "STARTTLS": not self.tls_context}
        offered = sorted(verb for verb in self._smtp_methods if not missing.get(verb))
        if arg is None:
            await self.push("214 2.0.0 " + " ".join(offered))
        elif arg.upper() in offered:
            await self.push("214 2.0.0 " + _SYNTAX.get(arg.upper(), arg.upper()))
        else:
            await self.push("504 5.5.4 No help on this")

    async def smtp_STARTTLS(self, arg: str | None) -> None:
        """A client that cannot shake hands is gone, and leaves nothing behind."""
        if not self.tls_context:
            await self.push("502 5.5.1 STARTTLS is not offered")
        elif self._tls_protocol:
            await self.push("503 5.5.1 TLS is on already")
        else:
            try:
                await super().smtp_STARTTLS(arg)
            except TLSSetupException:
                self.abort()
            finally:
                if self.shaking_hands:
                    self.connection_lost(None)  # nobody else will say so

    async def smtp_AUTH(self, arg: str | None) -> None:
        """AUTH is for a server that has users, and not for a transaction (RFC 4954 §4)."""
        mechanism, _, response = (arg or "").partition(" ")
        if not self.lab.users:
            await self.push("502 5.5.1 AUTH is not offered")
        elif self.envelope and self.envelope.mail_from is not None:
            await self.push("503 5.5.1 AUTH cannot come within a mail transaction")
        else:
            await super().smtp_AUTH(f"{mechanism.upper()} {response}".strip())

    async def challenge_auth(
        self,
        challenge: str | bytes,
        encode_to_b64: bool = True,
        log_client_response: bool = False,
    ) -> Any:
        """Ask with a 334 and return the client's answer, or aiosmtpd's MISSING."""
        asked = challenge.encode() if isinstance(challenge, str) else challenge
        await self.push(b"334 " + b64encode(asked))
        line, length = await self._line()
        if length > LINE:
            await self.push("500 5.5.6 The line is too long")
        elif line.strip() == b"*":
            await self.push("501 5.7.0 AUTH was cancelled")
        else:
            with suppress(ValueError):
                return b64decode(line.strip(), validate=True)
            await self.push("501 5.5.2 This is not base64")
        return MISSING

    async def smtp_DATA(self, arg: str | None) -> None:
        """Read a message in bounded memory; only CRLF ends a line (§2.3.8, §4.1.1.4)."""
        if await self.check_helo_needed() or await self.check_auth_needed("DATA"):
            return
        envelope: Any = self.envelope
        objection = "501 5.5.4 Syntax: DATA" if arg else self.handler.before_data(envelope)
        if objection:
            await self.push(objection)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout()
        envelope.original_content, reply = await self._message()
        try:
            reply = reply or await self.handler.handle_DATA(self, self.session, envelope)
        finally:
            self.envelope = self._create_envelope()
            self.handler.clear()
        await self.push(reply)

    async def _message(self) -> tuple[bytes, str]:
        """The mail data, or nothing of it and what is wrong with it."""
        lines: list[bytes] = []
        size, problem, limit = 0, "", self.lab.limits.message
        while True:
            line, length = await self._line(b"\r\n")
            if line == b".\r\n":
                return b"".join(lines), problem
            dot = line.startswith(b".")  # doubled by the client (§4.5.2)
            size += length - dot
            if length - dot > LINE - 1:
                problem = problem or f"500 5.5.2 A line of the message is over {LINE - 1} octets"
            if size > limit:
                problem = problem or f"552 5.3.4 The message is over {limit} octets"
            if problem:
                lines.clear()
            else:
                lines.append(line[dot:])
