"""A real SMTP server whose mailboxes do what the learner's policies say, and that records all.

`Lab` is what is public; a `Listener` is its port and the thread that serves it, and holds no lab,
so that a lab that nobody holds can go. A stopped lab leaves no thread and no port behind.
"""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import weakref
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from errno import EINVAL
from threading import Event, Thread, current_thread
from typing import TYPE_CHECKING, Any

from smtpedu.dialogue.recording import Recording
from smtpedu.dialogue.session import Session
from smtpedu.display import widget_of
from smtpedu.i18n import text
from smtpedu.lab import delivery
from smtpedu.lab.delivery import Forwarded, MailObject
from smtpedu.lab.handler import Limits
from smtpedu.lab.policy import GREYLISTED, Policies, Policy
from smtpedu.lab.server import Server

if TYPE_CHECKING:
    import pandas as pd

    from smtpedu.lab.policy import Mailboxes

_FAREWELL = 1.0  # seconds for clients to take their 421 and go
_BACKLOG = 128
_ACCEPTING = 5  # turns of asyncio's loop from a client's arrival to `connection_made`


@dataclass(frozen=True, slots=True)
class _Kept:
    """A message in one mailbox; `size` is that of the mail data, without trace fields."""

    mailbox: str
    sender: str
    size: int
    message: EmailMessage


class Lab:
    """A server for learners. Use it as a context manager, or `start()` and `stop()` it.

    `mailboxes` maps addresses to policies in words (`data/policies.csv`): `"local"`,
    `"moved to bob@new.example"`, `"greylisted"`, or a reply such as `"550 5.7.1 No"`; also a
    DataFrame with columns `mailbox` and `policy`, or the path of a TOML file. `domains` are
    those the server answers for (the mailboxes' own, unless given); any other is relaying.
    `forward` maps a domain to the Lab that takes what is forwarded there; what has no lab
    stays in `outbox`. `tls` offers STARTTLS with a throw-away certificate (`client_tls` trusts
    it) and then allows AUTH only within TLS; `users` (name → password) offers AUTH;
    `require_tls` and `require_auth` say 530 to whoever goes on without.

    Raises `PolicyError` for a policy it does not know; `start` raises `OSError` for a port
    that is taken.
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
    ) -> None:
        self.policies = Policies.of(mailboxes, domains, hostname)
        self.host, self._wanted_port, self.hostname = host, port, hostname
        self.forward = dict(forward or {})
        self.users = dict(users or {})
        self.client_tls: ssl.SSLContext | None = None
        self._options: dict[str, Any] = {"hostname": hostname, "auth_required": require_auth}
        self._options["auth_require_tls"] = tls or require_tls
        if tls or require_tls:
            # A host may be named twice: a certificate may not.
            names = dict.fromkeys((hostname, host, "localhost", "127.0.0.1"))
            context, self.client_tls = throw_away_tls(name for name in names if name)
            self._options |= {"tls_context": context, "require_starttls": require_tls}
        self.limits = limits or Limits()
        self.port: int | None = None
        self.recordings: deque[Recording] = deque(maxlen=self.limits.sessions)
        self.outbox: list[Forwarded] = []
        self._inbox: list[_Kept] = []
        self._stored = self._recorded = self._count = 0
        self._finalizer: Any = None

    def start(self) -> Lab:
        """Listen; does nothing when it already does. Returns the lab."""
        if self._finalizer is None:
            listener = Listener(_factory(weakref.ref(self)), self.host, self._wanted_port or 0)
            # A lab that is forgotten is stopped all the same.
            self._finalizer = weakref.finalize(self, listener.stop)
            self.port = listener.port
        return self

    def stop(self) -> None:
        """Stop listening, end all connections with a 421; does nothing when it has stopped."""
        finalizer, self._finalizer, self.port = self._finalizer, None, None
        if finalizer is not None:
            finalizer()

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        where = "stopped" if self.port is None else f"{self.host}:{self.port}"
        return f"Lab({where}, {len(self.policies.mailboxes)} mailboxes)"

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
        self.recordings.append(recording)
        return recording

    def end_recording(self, recording: Recording) -> None:
        """A connection is over; the oldest recordings go where there are too many bytes."""
        self._recorded += recording.size
        while self._recorded > self.limits.kept and len(self.recordings) > 1:
            oldest = next((found for found in self.recordings if found.closed), recording)
            if oldest is recording:
                break
            self.recordings.remove(oldest)
            self._recorded -= oldest.size

    # ---- mail ----

    @property
    def inbox(self) -> dict[str, list[EmailMessage]]:
        """Accepted mail by mailbox; every mailbox that keeps its mail is there."""
        keeping = (box for box, policy in self.policies.mailboxes.items() if _keeps(policy))
        inbox: dict[str, list[EmailMessage]] = {box: [] for box in keeping}
        for kept in self._inbox.copy():
            inbox.setdefault(kept.mailbox, []).append(kept.message)
        return inbox

    def messages(self) -> pd.DataFrame:
        """Accepted mail, one row per mailbox and message, in the order it came.

        Columns: `mailbox`, `sender`, `subject` (string), `size` (int64, octets of mail data).
        """
        import pandas as pd

        rows = [
            (kept.mailbox, kept.sender, delivery.subject(kept.message), kept.size)
            for kept in self._inbox.copy()
        ]
        frame = pd.DataFrame(rows, columns=["mailbox", "sender", "subject", "size"])
        types = {"mailbox": "string", "sender": "string", "subject": "string", "size": "int64"}
        return frame.astype(types)

    async def receive(self, mail: MailObject) -> str:
        """Put a message into the mailboxes, or pass it on to where they have moved."""
        if delivery.hop_count(mail.data) >= self.limits.hops:
            return "554 5.4.6 Routing loop detected"
        if self._stored + len(mail.data) > self.limits.stored:
            return "452 4.3.1 Insufficient system storage"
        self._stored += len(mail.data)
        message = delivery.add_return_path(mail, self.hostname)
        going = []
        for mailbox, policy in mail.recipients.items():
            if policy.address:
                going.append(Forwarded(mailbox, policy.address, mail.sender, message))
            else:
                self._inbox.append(_Kept(mailbox, mail.sender, len(mail.data), message))
        self.outbox += going
        await asyncio.gather(*(self._forward(out, mail) for out in going))
        return "250 2.0.0 Message accepted"

    async def _forward(self, out: Forwarded, mail: MailObject) -> None:
        """Be the client of the lab that the mailbox has moved to, where there is one."""
        labs = {domain.lower(): lab for domain, lab in self.forward.items()}
        other = labs.get(out.address.rpartition("@")[2].lower())
        if other is not None:
            data = delivery.add_received(mail, self.hostname)
            port = other.port or 0
            out.reply = await delivery.send(other.host, port, self.hostname, out, data)


def _keeps(policy: Policy) -> bool:
    return (policy.accepted or policy.words == GREYLISTED) and not policy.address


def _factory(lab: weakref.ref[Lab]) -> Any:
    """Servers for a lab that is held weakly, so that a forgotten lab can go."""

    def make(loop: asyncio.AbstractEventLoop, connections: set[Any]) -> Server | None:
        if (held := lab()) is None:
            return None
        return Server(weakref.proxy(held), connections, loop=loop, **held._options)

    return make


# ---- the port ----

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


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


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
