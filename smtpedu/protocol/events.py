"""What a server tells its transport, asks of its host, and is set to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple, Protocol

from smtpedu.protocol.reply import Reply


class Exchanged(NamedTuple):
    """So many octets of what the client sent were read: one command, or lines of a message.

    `reply` is to be sent as it is; it is empty within a message, and may come without a command.
    """

    octets: int
    reply: bytes


class MessageReceived(NamedTuple):
    """A whole message: the server goes on when `answer` gives it the reply.

    `recipients` are the accepted mailboxes in lower case, each once; `client` is the client's name
    as EHLO or HELO gave it. In `data` dots are single again and every line ends in CRLF.
    """

    reverse_path: str
    recipients: tuple[str, ...]
    data: bytes
    client: str


@dataclass(frozen=True, slots=True)
class TlsBegins:
    """The client's next octet belongs to the TLS handshake (RFC 3207 §4)."""


@dataclass(frozen=True, slots=True)
class Closed:
    """Nothing more will be said or heard."""


class Host(Protocol):
    """What a server cannot know by itself."""

    def recipient(self, mailbox: str, reverse_path: str) -> Reply:
        """The reply to RCPT."""

    def verify(self, mailbox: str) -> Reply | None:
        """The reply to VRFY, None to keep it to oneself (§7.3)."""

    def is_user(self, name: str, password: str) -> bool:
        """Whether these are the name and password of a user."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a server offers and demands. Sizes in octets.

    With `auth_needs_tls`, AUTH is offered within TLS only. Beyond `message` octets a message gets
    552 (§4.5.3.1.9), beyond `recipients` a recipient 452, after `commands` the connection 421.
    """

    hostname: str
    tls: bool = False
    require_tls: bool = False
    auth: bool = False
    auth_needs_tls: bool = False
    require_auth: bool = False
    message: int = 1_000_000
    recipients: int = 100
    commands: int = 10_000
