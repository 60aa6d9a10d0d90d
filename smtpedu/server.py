"""aiosmtpd's commands, where this server's differ: HELP, STARTTLS, AUTH and DATA.

The law of this file: what differs from stock aiosmtpd, and nothing else. What is said by policy
is in `desk`, the line underneath in `connection`.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import Any

from aiosmtpd.smtp import MISSING, TLSSetupException

from smtpedu.connection import LINE, Connection
from smtpedu.desk import Limits
from smtpedu.policy import POSTMASTER

__all__ = ["Limits", "Server"]

_SYNTAX = {
    "EHLO": "EHLO domain",
    "HELO": "HELO domain",
    "MAIL": "MAIL FROM:<reverse-path> [parameters]",
    "RCPT": "RCPT TO:<forward-path>",
    "VRFY": "VRFY mailbox",
    "HELP": "HELP [command]",
    "AUTH": "AUTH mechanism [response]",
}


class Server(Connection):
    """One client's server."""

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
        if found and self.owner.users:
            found.pop("AUTH", None)  # RFC 4954 §5
        return found

    async def smtp_HELP(self, arg: str | None) -> None:
        """HELP's success is 214 (§4.3.2), and it lists what is offered."""
        missing = {"EXPN": True, "AUTH": not self.owner.users, "STARTTLS": not self.tls_context}
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
        if not self.owner.users:
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
        objection = "501 5.5.4 Syntax: DATA" if arg else self.desk.before_data(envelope)
        if objection:
            await self.push(objection)
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        self._reset_timeout()
        envelope.original_content, reply = await self._message()
        try:
            reply = reply or await self.desk.handle_DATA(self, self.session, envelope)
        finally:
            self.envelope = self._create_envelope()
            self.desk.clear()
        await self.push(reply)

    async def _message(self) -> tuple[bytes, str]:
        """The mail data, or nothing of it and what is wrong with it."""
        lines: list[bytes] = []
        size, problem, limit = 0, "", self.owner.limits.message
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
