"""A real SMTP server whose mailboxes do what the learner's policies say, and that records all.

`Lab` is what is public; `loopback` or `memory` carries it.
"""

from __future__ import annotations

import os
import socket
import sys
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from email.message import EmailMessage
from errno import ECONNREFUSED
from itertools import chain
from types import NoneType
from typing import TYPE_CHECKING, Any, Literal

from smtpedu.dialogue.recording import Recording
from smtpedu.dialogue.session import Session
from smtpedu.display import widget_of
from smtpedu.foreign import visible
from smtpedu.i18n import check_type, text
from smtpedu.lab import delivery
from smtpedu.lab.client import Typist
from smtpedu.lab.delivery import Forwarded, Forwarding, Kept, MailObject
from smtpedu.lab.handler import Handler
from smtpedu.lab.limits import Limits
from smtpedu.lab.policy import GREYLISTED, Policies, Policy
from smtpedu.protocol.events import Settings
from smtpedu.protocol.replies import reply
from smtpedu.protocol.reply import Reply
from smtpedu.reference.frames import selected

if TYPE_CHECKING:
    import smtplib
    import ssl

    import pandas as pd

    from smtpedu.lab.loopback import Listener
    from smtpedu.lab.memory import Memory
    from smtpedu.lab.policy import Mailboxes

Transport = Literal["loopback", "memory"]
_KEPT = 1_000  # octets that a message without content takes up, and each copy of it


def default_transport() -> Transport:
    """Memory where there are no sockets, as in a browser."""
    return "memory" if sys.platform == "emscripten" else "loopback"


class Lab:
    """A server for learners. Use it as a context manager, or `start()` and `stop()` it.

    `mailboxes` maps addresses to policies in words (`data/policies.csv`): `"local"`,
    `"moved to bob@new.example"`, `"greylisted"`, or a reply such as `"550 5.7.1 No"`; also a
    DataFrame with columns `mailbox` and `policy`, or the path of a TOML file. `domains` are
    those the server answers for (the mailboxes' own, unless given); any other is relaying.
    `forward` maps a domain to the Lab that takes what is forwarded there; what has no lab
    stays in `outbox`. `tls` offers STARTTLS with a throw-away certificate (`client_tls` trusts
    it) and then allows AUTH only within TLS; `users` (name → password) offers AUTH;
    `require_tls` and `require_auth` say 530 to whoever goes on without. `transport` is
    `"loopback"`, a port of this machine, or `"memory"`, which needs no socket and no thread and
    has no TLS, no idle time and no limit of connections; it is chosen where there are no sockets.

    Raises `PolicyError` for a policy it does not know, `ValueError` for an unknown transport, TLS
    in memory or a hostname that is none, `TypeError` for an argument of another type; `start`
    raises `OSError` for a port that is taken.
    """

    def __init__(
        self,
        mailboxes: Mailboxes,
        *,
        domains: Iterable[str] | None = None,
        host: str = "127.0.0.1",
        port: int | None = None,
        hostname: str = "mail.example.test",
        forward: Mapping[str, Lab] | None = None,
        tls: bool = False,
        require_tls: bool = False,
        users: Mapping[str, str] | None = None,
        require_auth: bool = False,
        limits: Limits | None = None,
        transport: Transport | None = None,
    ) -> None:
        for name, value, *kinds in (
            ("host", host, str),
            ("port", port, int, NoneType),
            ("hostname", hostname, str),
            ("forward", forward, Mapping, NoneType),
            ("users", users, Mapping, NoneType),
            ("limits", limits, Limits, NoneType),
        ):
            check_type(name, value, *kinds)
        for one in (forward or {}).values():
            check_type("forward", one, Lab)
        for part in chain.from_iterable((users or {}).items()):
            check_type("users", part, str)
        if not hostname.isprintable() or len(hostname.split()) != 1:
            raise ValueError(text("error.hostname", name=hostname))
        self.transport: Transport = transport or default_transport()
        if self.transport not in ("loopback", "memory"):
            raise ValueError(text("error.transport", name=transport))
        if self.transport == "memory" and (tls or require_tls):
            raise ValueError(text("error.tls_in_memory"))
        self.policies = Policies.of(mailboxes, domains, hostname)
        self.host, self._wanted_port, self.hostname = host, port, hostname
        self.forward = dict(forward or {})
        self.users = dict(users or {})
        self.limits = limits or Limits()
        self.settings = Settings(
            hostname=hostname,
            tls=tls or require_tls,
            require_tls=require_tls,
            auth=bool(self.users),
            auth_needs_tls=tls or require_tls,
            require_auth=require_auth,
            message=self.limits.message,
            recipients=self.limits.recipients,
            commands=self.limits.commands,
        )
        self.client_tls: ssl.SSLContext | None = None
        self._server_tls: ssl.SSLContext | None = None
        if self.settings.tls:
            # A host may be named twice: a certificate may not.
            names = dict.fromkeys((hostname, host, "localhost", "127.0.0.1"))
            self._server_tls, self.client_tls = throw_away_tls(name for name in names if name)
        self.port: int | None = None
        self.recordings: deque[Recording] = deque(maxlen=self.limits.sessions)
        self.outbox: list[Forwarded] = []
        self._inbox: deque[Kept] = deque()  # those in no mailbox, too: they are in the outbox
        self._stored = self._recorded = self._count = 0
        self._port: Listener | Memory | None = None
        self._finalizer: Any = None

    def start(self) -> Lab:
        """Let clients in; does nothing when it already does. Returns the lab."""
        if self._finalizer is None:
            self._port = self._open(_handlers(weakref.ref(self)))
            # A lab that is forgotten is stopped all the same.
            self._finalizer = weakref.finalize(self, self._port.stop)
            self.port = self._port.port
        return self

    def _open(self, make: Callable[[str, str], Handler | None]) -> Listener | Memory:
        if self.transport == "memory":
            from smtpedu.lab.memory import Memory

            return Memory(make)
        from smtpedu.lab.loopback import Listener

        return Listener(make, self.host, self._wanted_port or 0, self.limits, self._server_tls)

    def stop(self) -> None:
        """Let nobody in, end all connections with a 421; does nothing when it has stopped."""
        finalizer, self._finalizer, self.port, self._port = self._finalizer, None, None, None
        if finalizer is not None:
            finalizer()

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = "stopped" if self._port is None else f"{self.host}:{self.port}"
        if self._port is not None and self.transport == "memory":
            where = "in memory"
        return f"Lab({where}, {len(self.policies.mailboxes)} mailboxes)"

    # ---- clients ----

    @property
    def address(self) -> str:
        """Where clients find it; in memory that is its hostname. Empty when it is stopped."""
        if self._port is None:
            return ""
        return self.hostname if self.port is None else f"{self.host} port {self.port}"

    def connect(self, timeout: float | None = None) -> Any:
        """A client's socket to this lab; in memory, an object that is used as one.

        `timeout` is in seconds. Raises `OSError` where nobody answers.
        """
        if self.transport == "memory":
            if self._port is None:
                raise ConnectionRefusedError(ECONNREFUSED, os.strerror(ECONNREFUSED))
            return self._port.connect()  # type: ignore[union-attr]
        return socket.create_connection((self.host, self.port or 0), timeout)

    def smtp(self, local_hostname: str = "laptop.example", timeout: float = 30) -> smtplib.SMTP:
        """smtplib's client, connected to this lab. Raises `OSError` where nobody answers."""
        import smtplib

        lab = self

        class Client(smtplib.SMTP):
            def _get_socket(self, host: str, port: int, timeout: float) -> Any:
                return lab.connect(timeout)

        return Client(self.host, self.port or 0, local_hostname, timeout)

    def play(self, *lines: str, timeout: float = 10) -> Session:
        """Say these lines, each after the reply to the one before; what was said, as a session.

        A text of several lines is as good. `timeout` is how many seconds one reply may take; a
        session that takes longer, or whose server goes, is cut there. Raises `OSError` where
        nobody answers.
        """
        for part in lines:
            check_type("lines", part, str)
        typist = Typist(self.address)
        typist.type(line for part in lines for line in part.splitlines() or [""])
        with closing(self.connect(timeout)) as connection, suppress(OSError):
            replies = connection.makefile("rb")
            while not typist.done and (line := replies.readline()):
                typist.hear(line)
                while said := typist.next():
                    connection.sendall(said)
        return typist.session

    # ---- sessions ----

    def session_of(self, recording: Recording) -> Session:
        """What was said on one connection of this lab so far."""
        provenance = {
            "server": f"smtpedu lab, {self.hostname}",
            "client": recording.peer,
            "captured": recording.started.isoformat(timespec="seconds"),
        }
        return recording.session(f"lab-{recording.number}", provenance)

    @property
    def sessions(self) -> list[Session]:
        """What was said on each connection, oldest first; a session grows while it lasts."""
        return [self.session_of(recording) for recording in self.recordings.copy()]

    @property
    def session(self) -> Session:
        """The newest session. Raises `LookupError` before anyone has connected."""
        if not self.recordings:
            raise LookupError(text("error.no_session"))
        return self.session_of(self.recordings[-1])

    def console(self, **options: Any) -> Any:
        """A widget in which one types commands to this lab, with challenges to solve."""
        return widget_of("console", self, **options)

    def start_recording(self, peer: str) -> Recording:
        """A new recording, for a connection that was just made."""
        self._count += 1
        recording = Recording(peer, self.limits.recorded, self._count)
        if len(self.recordings) == self.limits.sessions and self.recordings:
            self._forget(self.recordings[0])
        self.recordings.append(recording)
        return recording

    def end_recording(self, recording: Recording) -> None:
        """A connection is over; the oldest recordings go where there are too many bytes."""
        if not self.recordings or recording.number < self.recordings[0].number:
            return  # it has gone already
        self._recorded += recording.size
        while self._recorded > self.limits.kept and len(self.recordings) > 1:
            oldest = next((found for found in self.recordings if found.closed), recording)
            if oldest is recording:
                break
            self._forget(oldest)

    def _forget(self, oldest: Recording) -> None:
        self.recordings.remove(oldest)
        if oldest.closed:
            self._recorded -= oldest.size

    # ---- mail ----

    @property
    def inbox(self) -> dict[str, list[EmailMessage]]:
        """Accepted mail by mailbox; every mailbox that keeps its mail is there."""
        keeping = (box for box, policy in self.policies.mailboxes.items() if _keeps(policy))
        inbox: dict[str, list[EmailMessage]] = {box: [] for box in keeping}
        for kept in self._inbox.copy():
            for mailbox in kept.mailboxes:
                inbox.setdefault(mailbox, []).append(kept.message)
        return inbox

    def messages(self, *, subject: str | None = None, mailbox: str | None = None) -> pd.DataFrame:
        """Accepted mail, one row per mailbox and message, in the order it came.

        Columns: `mailbox`, `sender`, `subject` (string: empty for the null reverse-path, and for
        no subject), `size` (int64, octets of mail data). With `subject` and `mailbox`, in any
        case, only the rows that have these; there may be none.
        """
        import pandas as pd

        rows = [
            (visible(mailbox), visible(kept.sender), kept.subject, kept.size)
            for kept in self._inbox.copy()
            for mailbox in kept.mailboxes
        ]
        frame = pd.DataFrame(rows, columns=["mailbox", "sender", "subject", "size"])
        types = {"mailbox": "string", "sender": "string", "subject": "string", "size": "int64"}
        return selected(frame.astype(types), subject=subject, mailbox=mailbox)

    def receive(self, mail: MailObject) -> tuple[Reply, list[Forwarding]]:
        """Put a message into the mailboxes, and see where those have moved to that have.

        What is to be passed on to another lab is passed on before the reply is said.
        """
        if delivery.hop_count(mail.data) >= self.limits.hops:
            return reply("loop"), []
        weight = len(mail.data) + _KEPT * (1 + len(mail.recipients))
        if weight > self.limits.stored:
            return reply("full"), []
        self._make_room(weight)
        received = delivery.add_received(mail, self.hostname)
        content = delivery.add_return_path(mail, received)
        kept, going = Kept([], mail.reverse_path, content, len(mail.data), weight), []
        for mailbox in mail.recipients:
            address = self.policies.policy(mailbox).address
            if not address:
                kept.mailboxes.append(mailbox)
                continue
            out = Forwarded(mailbox, address, mail.reverse_path, content)
            self.outbox.append(out)
            if other := self._next_lab(address):
                going.append(Forwarding(out, other, self.hostname, received))
        self._inbox.append(kept)
        return reply("taken"), going

    def _make_room(self, octets: int) -> None:
        """Drop the oldest messages, so that nobody can fill the store of a whole class."""
        self._stored += octets
        while self._stored > self.limits.stored:
            oldest = self._inbox.popleft()
            self._stored -= oldest.weight
            while self.outbox and self.outbox[0].content is oldest.content:
                del self.outbox[0]

    def _next_lab(self, address: str) -> Lab | None:
        labs = {domain.lower(): lab for domain, lab in self.forward.items()}
        return labs.get(address.rpartition("@")[2].lower())


def _keeps(policy: Policy) -> bool:
    return (policy.accepted or policy.words == GREYLISTED) and not policy.address


def _handlers(lab: weakref.ref[Lab]) -> Callable[[str, str], Handler | None]:
    """Handlers for a lab that is held weakly, so that a forgotten lab can go."""

    def make(address: str, peer: str) -> Handler | None:
        if (held := lab()) is None:
            return None
        return Handler(weakref.proxy(held), address, peer)

    return make


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def throw_away_tls(names: Iterable[str]) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """TLS for a server of these names and for a client that trusts it; kept nowhere.

    Needs trustme (`pip install "smtpedu[tls]"`); raises `ImportError` without it.
    """
    import ssl

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
