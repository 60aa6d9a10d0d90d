"""What the lab's server replies, command by command: the handler that aiosmtpd calls.

Every 2yz, 4yz and 5yz carries an enhanced code (RFC 2034 §4) but for EHLO's and HELO's.
"""

# ruff: noqa: N802 (aiosmtpd's hooks carry the verbs in capitals)

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from aiosmtpd.smtp import AuthResult, LoginPassword

from smtpedu.dialogue.recording import Recording
from smtpedu.lab.delivery import MailObject
from smtpedu.lab.policy import LOCAL, POSTMASTER, Policies, Policy
from smtpedu.protocol.reply import Reply

_BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
_NULL = "<>"  # what aiosmtpd makes of an empty path

#: How aiosmtpd's own replies begin → how they begin here, with an enhanced code (RFC 2034 §4);
#: what follows a `…` there is kept.
REWORDED = {
    "220 Ready": "220 2.0.0 Ready…",
    "501 Syntax:": "501 5.5.4 Syntax:…",
    "501 Not enough value": "501 5.5.4 AUTH needs a mechanism",
    "501 Too many values": "501 5.5.4 AUTH takes a mechanism and one response",
    "501 Error: BODY": "501 5.5.4 BODY is 7BIT or 8BITMIME",
    "501 Error: SMTPUTF8": "501 5.5.4 SMTPUTF8 takes no value",
    "502 Could not VRFY": "501 5.1.3 Malformed address",
    "502 EXPN": "502 5.5.1 EXPN…",
    "503 Error: send": "503 5.5.1 Send EHLO or HELO first",
    "503 Error: nested": "503 5.5.1 MAIL was sent already; RSET begins anew",
    "503 Error: need MAIL": "503 5.5.1 Send MAIL first",
    "503 Already": "503 5.5.1 Already…",
    "552 Error: message size": "552 5.3.4 The message is larger than SIZE allows",
    "553 5.1.3 Error:": "553 5.1.3 Malformed address",
    "555 MAIL": "555 5.5.4 MAIL…",
    "555 RCPT": "555 5.5.4 RCPT…",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or a whole class, may use up. Sizes in octets, times in seconds."""

    message: int = 1_000_000  # beyond it: 552 (RFC 5321 §4.5.3.1.9)
    recipients: int = 100  # the least allowed by §4.5.3.1.8; beyond it: 452
    connections: int = 100  # at once; beyond it: 421
    commands: int = 10_000  # in one connection; beyond it: 421
    idle: float = 300  # for one command or one message, the least of §4.5.3.2.7; then: 421
    hops: int = 100  # Received fields, the least of §6.3; beyond it: 554
    stored: int = 100_000_000  # of all accepted mail; beyond it: 452
    recorded: int = 2_000_000  # of one connection, in each direction
    kept: int = 100_000_000  # of all recordings; beyond it the oldest is dropped
    sessions: int = 10_000  # recordings; beyond it the oldest is dropped


class LabLike(Protocol):
    """What a server needs of the lab it belongs to."""

    policies: Policies
    limits: Limits
    users: dict[str, str]

    def start_recording(self, peer: str) -> Recording:
        """A new recording for a connection."""

    def end_recording(self, recording: Recording) -> None:
        """The connection is over."""

    async def receive(self, mail: MailObject) -> str:
        """Take responsibility for a message, or refuse it; returns the reply."""


def status(reply: Reply) -> str:
    """A reply as aiosmtpd wants it: without the last line's end."""
    return reply.format().removesuffix("\r\n")


def reword(reply: str) -> str:
    """A reply of aiosmtpd's own as this server says it; any other as it is."""
    for begin, own in REWORDED.items():
        if reply.startswith(begin):
            kept = reply[len(begin) :] if own.endswith("…") else ""
            return own.removesuffix("…") + kept.replace(": <", ":<")
    return reply


class Handler:
    """aiosmtpd's handler: the replies, by policy. One for each connection."""

    def __init__(self, lab: LabLike) -> None:
        self.lab = lab
        self.accepted: dict[str, Policy] = {}
        self.refused = 0

    def clear(self) -> None:
        """Forget the recipients: a transaction begins or ends."""
        self.accepted, self.refused = {}, 0

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        self.clear()
        users = self.lab.users
        offered = [one for one in responses[:-1] if users or not one.startswith("250-AUTH")]
        # One write for one reply.
        return ["\r\n".join([*offered, "250-ENHANCEDSTATUSCODES", responses[-1]])]

    async def handle_HELO(self, server: Any, session: Any, envelope: Any, hostname: str) -> str:
        session.host_name = hostname
        self.clear()
        return f"250 {server.hostname}"

    async def handle_MAIL(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if not address.isascii() and not envelope.smtp_utf8:
            return "553 5.6.7 This address needs the SMTPUTF8 parameter"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        self.clear()
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        policy = self.lab.policies.to_rcpt(address, envelope.mail_from)
        if not address.isascii() and not envelope.smtp_utf8:
            reply = "553 5.6.7 This address needs the SMTPUTF8 parameter"
        elif "@" not in address and address.lower() != POSTMASTER:
            reply = "553 5.1.3 A mailbox is written name@domain"
        elif policy.accepted and len(self.accepted) >= self.lab.limits.recipients:
            reply = "452 4.5.3 Too many recipients"
        else:
            reply = status(policy.reply)
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
            self.accepted[address.lower()] = policy
        else:
            self.refused += 1
        return reply

    def before_data(self, envelope: Any) -> str | None:
        """Why there can be no mail data now (RFC 5321 §3.3)."""
        if envelope.mail_from is None:
            return "503 5.5.1 Send MAIL first"
        if not self.accepted:
            none_valid = "554 5.5.1 No valid recipients"
            return none_valid if self.refused else "503 5.5.1 Send RCPT first"
        return None

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        # A bare CR or LF is no line end (§2.3.8); what other servers make of it smuggles mail.
        if _BARE.search(envelope.original_content):
            return "554 5.6.0 The message has a bare CR or LF; every line ends in CRLF"
        sender = envelope.mail_from.removeprefix(_NULL)
        peer = str((session.peer or ("unknown",))[0])
        content = envelope.original_content
        mail = MailObject(sender, self.accepted, content, session.host_name, peer)
        return await self.lab.receive(mail)

    async def handle_VRFY(self, server: Any, session: Any, envelope: Any, address: str) -> str:
        policy = self.lab.policies.policy(address)
        if "@" in address and address.isascii():
            if policy.words == LOCAL:
                return f"250 2.1.5 <{address}>"
            if policy.reply.code in (251, 550, 551, 553):
                return status(policy.reply)
        return "252 2.0.0 Cannot verify the user, but will accept the message and try"

    async def handle_NOOP(self, server: Any, session: Any, envelope: Any, arg: str) -> str:
        return "250 2.0.0 OK"

    async def handle_RSET(self, server: Any, session: Any, envelope: Any) -> str:
        self.clear()
        return "250 2.0.0 OK"

    async def handle_QUIT(self, server: Any, session: Any, envelope: Any) -> str:
        return "221 2.0.0 Bye"

    def authenticate(
        self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any
    ) -> AuthResult:
        """aiosmtpd's authenticator: name and password as the lab lists them."""
        if not isinstance(login, LoginPassword):
            return AuthResult(success=False, handled=False)
        name, password = (part.decode("utf-8", "replace") for part in login)
        success = self.lab.users.get(name) == password
        return AuthResult(success=success, handled=False, auth_data=name)
