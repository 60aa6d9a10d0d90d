"""The order of things in SMTP as literal tables, and the values they speak of.

`LEGAL` says which commands may come in which state, `EFFECTS` what a reply does to the state and
to the envelope (RFC 5321 §3.3, §4.1.4, §4.2.5). `tracker` applies them to a dialogue; hints,
questions and explanations ask them. Nothing here knows what a code means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal, NamedTuple

from smtpedu.protocol.reply import Reply

# Pseudo-commands: what the server answers when no command line was sent.
CONNECT = "connect"  #: the opening of the connection, answered by the greeting
MESSAGE = "message"  #: the mail data up to the final dot
ANY = "any"  #: a reply nobody asked for, such as an idle server's 421

POSTMASTER = "postmaster"  # every server takes its mail, without a domain too (§4.5.1)


class Speaker(StrEnum):
    """Who says a line."""

    CLIENT = "client"
    SERVER = "server"


class State(StrEnum):
    """Where a session stands."""

    CONNECTING = "connecting"  # the greeting has not been seen
    CONNECTED = "connected"  # greeted, no EHLO yet
    REFUSED = "refused"  # 554 (§3.1) or 521 (RFC 7504 §3) as the greeting: only QUIT is left
    READY = "ready"  # a mail transaction may begin
    MAIL = "mail"  # a reverse-path is known, no recipient yet
    RCPT = "rcpt"  # at least one recipient was accepted
    DATA = "data"  # 354 was said: everything is mail data until the final dot
    SENT = "sent"  # the final dot was sent: it is the server's turn
    BDAT = "bdat"  # between two chunks (RFC 3030 §2)
    FAILED = "failed"  # a chunk was refused: only RSET clears the transaction (RFC 3030 §2)
    AUTH = "auth"  # inside an AUTH exchange (RFC 4954 §4)
    CLOSED = "closed"


_ANYWHERE = ("RSET", "NOOP", "HELP", "VRFY", "EXPN", "QUIT")  # §4.1.4

#: The commands a client may send in each state, the expected ones first.
LEGAL: dict[State, tuple[str, ...]] = {
    State.CONNECTING: (),
    State.CONNECTED: ("EHLO", "HELO", *_ANYWHERE),
    State.REFUSED: ("QUIT",),
    State.READY: ("MAIL", "STARTTLS", "AUTH", "ETRN", "EHLO", "HELO", *_ANYWHERE),
    State.MAIL: ("RCPT", "EHLO", "HELO", *_ANYWHERE),
    State.RCPT: ("RCPT", "DATA", "BDAT", "EHLO", "HELO", *_ANYWHERE),
    State.DATA: (MESSAGE,),
    State.SENT: (),
    State.BDAT: ("BDAT", "EHLO", "HELO", *_ANYWHERE),
    State.FAILED: ("RSET", "QUIT"),
    State.AUTH: ("AUTH",),
    State.CLOSED: (),
}

# Commands that exist only where EHLO's reply lists a keyword.
_OFFER = {
    "STARTTLS": "STARTTLS",
    "AUTH": "AUTH",
    "ETRN": "ETRN",
    "BDAT": "CHUNKING",
    "EXPN": "EXPN",  # §3.5.2
    "HELP": "HELP",  # not among the commands that §4.5.1 requires
}

#: What a reply does to the envelope, and to an AUTH exchange.
Effect = Literal["", "begin", "accept", "refuse", "take", "refuse message", "clear", "leave auth"]
#: What the server has decided about the whole message; "" while it has not.
Outcome = Literal["", "taken", "refused"]

#: (what was answered, first digit) → (next state or None to stay, effect on the envelope).
EFFECTS: dict[tuple[str, int], tuple[State | None, Effect]] = {
    (CONNECT, 2): (State.CONNECTED, ""),
    (CONNECT, 4): (State.REFUSED, ""),
    (CONNECT, 5): (State.REFUSED, ""),
    ("EHLO", 2): (State.READY, "clear"),
    ("HELO", 2): (State.READY, "clear"),
    ("STARTTLS", 2): (State.CONNECTED, "clear"),  # RFC 3207 §4.2: back to the beginning
    ("AUTH", 2): (State.READY, ""),
    ("AUTH", 3): (State.AUTH, ""),
    ("AUTH", 4): (None, "leave auth"),
    ("AUTH", 5): (None, "leave auth"),
    ("MAIL", 2): (State.MAIL, "begin"),
    ("MAIL", 3): (State.RCPT, "begin"),  # RFC 1845 §3: an old transaction goes on
    ("RCPT", 2): (State.RCPT, "accept"),
    ("RCPT", 4): (None, "refuse"),
    ("RCPT", 5): (None, "refuse"),
    ("DATA", 3): (State.DATA, ""),
    (MESSAGE, 2): (State.READY, "take"),
    (MESSAGE, 4): (State.READY, "refuse message"),
    (MESSAGE, 5): (State.READY, "refuse message"),
    ("BDAT", 2): (State.BDAT, ""),
    ("BDAT", 4): (State.FAILED, ""),
    ("BDAT", 5): (State.FAILED, ""),
    ("BDAT LAST", 2): (State.READY, "take"),
    ("BDAT LAST", 4): (State.FAILED, ""),
    ("BDAT LAST", 5): (State.FAILED, ""),
    ("RSET", 2): (None, "clear"),
    ("QUIT", 2): (State.CLOSED, ""),
}

#: The states in which a mail transaction is open.
TRANSACTION = (State.MAIL, State.RCPT, State.DATA, State.SENT, State.BDAT, State.FAILED)


@dataclass(frozen=True, slots=True)
class Message:
    """Mail data as sent, dots still doubled (§4.5.2); the final dot is not one of the lines."""

    lines: tuple[str, ...]
    chunk: bool = False  # a BDAT chunk, which is answered together with its command
    complete: bool = True  # False when the recording lacks the final dot, or all of it

    @property
    def verb(self) -> str:
        """What stands in for a command: a chunk belongs to its BDAT."""
        return "BDAT" if self.chunk else MESSAGE


class Recipient(NamedTuple):
    """A forward-path and the reply that decided about it."""

    path: str
    reply: Reply

    @property
    def accepted(self) -> bool:
        """Whether the server took on this recipient."""
        return self.reply.severity == 2


@dataclass(slots=True)
class Envelope:
    """What one mail transaction has gathered: the reverse-path and the decided recipients."""

    reverse_path: str | None = None  # "" is the null reverse-path of a bounce (§4.5.5)
    accepted: list[Recipient] = field(default_factory=list)
    refused: list[Recipient] = field(default_factory=list)
    recipients: list[Recipient] = field(default_factory=list)  # both, in order

    def add(self, recipient: Recipient) -> None:
        """Note one more decision."""
        self.recipients.append(recipient)
        (self.accepted if recipient.accepted else self.refused).append(recipient)


class Snapshot(NamedTuple):
    """The state and envelope after one line; cheap, as envelopes only ever grow.

    The first `accepted` and `refused` recipients of `envelope` had been decided by then.
    `responsible` is "" while there is no message to be responsible for (§4.2.5). Recipients
    that were refused stay the client's business in any case.
    """

    state: State
    envelope: Envelope
    accepted: int
    refused: int
    responsible: Speaker | Literal[""]
    done: Outcome = ""
    offered: frozenset[str] | None = None  # EHLO's keywords, None when it was not seen
    authenticated: bool = False

    @property
    def legal(self) -> tuple[str, ...]:
        """What the client may send now, as far as this server offers it (§4.1.1.1)."""
        verbs = LEGAL[self.state]
        if self.authenticated:  # once is all there may be (RFC 4954 §4)
            verbs = tuple(verb for verb in verbs if verb != "AUTH")
        if self.offered is None:
            return verbs
        return tuple(verb for verb in verbs if _OFFER.get(verb) in (None, *self.offered))
