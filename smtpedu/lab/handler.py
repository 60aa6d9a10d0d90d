"""One client of a lab: its server, which policies speak through, and the recording of it all."""

from __future__ import annotations

import logging
from contextlib import suppress
from typing import TYPE_CHECKING

from smtpedu.lab.delivery import Forwarding, MailObject
from smtpedu.lab.limits import Limits
from smtpedu.protocol.events import Closed, Exchanged, MessageReceived, TlsBegins
from smtpedu.protocol.replies import reply
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.server import Server
from smtpedu.protocol.states import Speaker

if TYPE_CHECKING:
    from smtpedu.lab.lab import Lab

_log = logging.getLogger(__name__)
_log.addHandler(logging.NullHandler())  # heard by whoever asks


class _Host:
    def __init__(self, lab: Lab, address: str) -> None:
        self._lab, self._address = lab, address

    def recipient(self, mailbox: str, reverse_path: str) -> Reply:
        return self._lab.policies.to_rcpt(mailbox, reverse_path, self._address).reply

    def verify(self, mailbox: str) -> Reply | None:
        return self._lab.policies.to_vrfy(mailbox)

    def is_user(self, name: str, password: str) -> bool:
        return self._lab.users.get(name) == password


class Handler:
    """A client's server and its recording.

    After `work`: send `out`, begin TLS if `tls`, close if `closed`, then do all `forwardings`.
    """

    def __init__(self, lab: Lab, address: str, peer: str) -> None:
        self._lab, self._address, self._accepted = lab, address, 0
        self._limits: Limits = lab.limits
        self.recording = lab.start_recording(peer)
        self.server = Server(lab.settings, _Host(lab, address))
        self.out = b""
        self.tls = self.closed = False
        self.forwardings: list[Forwarding] = []
        self._reply: Reply | None = None  # to a message, when it has been forwarded

    def receive(self, data: bytes) -> None:
        """The client sent these octets."""
        self.recording.keep(Speaker.CLIENT, data)
        self.server.receive(data)

    def work(self, events: int) -> bool:
        """Go on with so many events at most; whether there may be more to do."""
        for _ in range(events):
            if self._reply is not None:
                self.server.answer(self._reply)
                self.forwardings, self._reply = [], None
            event = self.server.next_event()
            if event is None:
                return False
            if type(event) is Exchanged:  # nearly always
                self.recording.exchange(event.octets, event.reply)
                self.out += event.reply
                continue
            match event:
                case MessageReceived() as message:
                    self._take(message)
                    if self.forwardings:
                        return False
                case TlsBegins():
                    self.recording.skip()
                    self.tls = True
                    return False
                case Closed():
                    self.closed = True
                    return False
        return True

    def hang_up(self, why: str) -> None:
        """Say a 421; `why` is its name in `protocol.replies`."""
        self.server.hang_up(why)
        while self.work(1):
            pass

    def end(self) -> None:
        """The client is gone, whoever ended it; may be called again."""
        if not self.recording.closed:
            self.recording.closed = True
            with suppress(ReferenceError):  # the lab was forgotten
                self._lab.end_recording(self.recording)

    def _take(self, message: MessageReceived) -> None:
        """Give a message to the lab; no mistake of ours ends the server."""
        mail = MailObject(*message, self._address)
        try:
            if self._accepted + len(mail.data) > self._limits.accepted:
                self._reply = reply("full")
            else:
                self._reply, self.forwardings = self._lab.receive(mail)
        except Exception:
            _log.exception("a mistake of ours")
            self._reply = reply("mistake")
        self._accepted += len(mail.data) * (self._reply.severity == 2)
