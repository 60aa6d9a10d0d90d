"""Follows a dialogue by `protocol`'s tables: what a reply answers, and where things stand then.

An tracker never refuses anything: dialogues recorded in the wild break the rules, and that is
worth seeing.
"""

from __future__ import annotations

from collections import deque

from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import (
    ANY,
    CONNECT,
    EFFECTS,
    TRANSACTION,
    Envelope,
    Message,
    Recipient,
    Snapshot,
    State,
)


class Tracker:
    """Follows a dialogue: tell it what each side said, in order, and read where things stand.

    Replies are matched to commands first in, first out, so pipelining (RFC 2920) works.
    """

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self.envelope = Envelope()
        self._responsible = ""
        self._done = ""
        self._offered: frozenset[str] | None = None
        self._authenticated = False
        self._early = False  # the client spoke first: the greeting may still come
        self._waiting: deque[tuple[str, Command | Message | None]] = deque([(CONNECT, None)])

    def client(self, said: Command | Message) -> None:
        """The client sent a command, or mail data."""
        if self.state is State.CONNECTING:
            # The recording starts after the greeting.
            self.state = State.CONNECTED
            self._waiting.clear()
            self._early = True
        if isinstance(said, Message) and not said.chunk and said.complete:
            self.state = State.SENT
        if not (isinstance(said, Message) and said.chunk):
            self._waiting.append((_key(said), said))

    def server(self, reply: Reply) -> str:
        """The server replied; returns the verb it replied to, or a pseudo-command."""
        self._line_up(reply)
        key, said = self._waiting.popleft() if self._waiting else (ANY, None)
        state, effect = EFFECTS.get((key, reply.severity), (None, ""))
        if state is State.FAILED and self.state not in TRANSACTION:
            state = None  # there is nothing to fail
        if state is not None:
            self.state = state
        if isinstance(said, Command):
            self._apply(effect, reply, said)
        elif effect:
            self._apply(effect, reply, Command("", ""))
        self._learn(key, reply)
        if reply.code == 421:  # closing the channel, whatever was asked (§3.8)
            self.state = State.CLOSED
        return key.removesuffix(" LAST")

    def snapshot(self) -> Snapshot:
        """Where things stand now."""
        envelope = self.envelope
        counts = len(envelope.accepted), len(envelope.refused)
        return Snapshot(
            self.state,
            envelope,
            *counts,
            self._responsible,
            done=self._done,
            offered=self._offered,
            authenticated=self._authenticated,
        )

    @property
    def unanswered(self) -> int:
        """How many commands still wait for their reply."""
        return len(self._waiting)

    def _line_up(self, reply: Reply) -> None:
        """Where a recording is not whole, find what this reply answers."""
        waiting = [verb for verb, _ in self._waiting]
        if self._early and reply.code in (220, 554) and waiting[:1] in (["EHLO"], ["HELO"]):
            self._waiting.appendleft((CONNECT, None))
        elif self.state is State.CONNECTING and reply.code == 250:  # no greeting is a 250
            self._waiting.clear()
            self.state = State.CONNECTED
        elif reply.code == 220 and self.state is not State.CONNECTING and waiting in ([], ["QUIT"]):
            self._connect_again()
        elif reply.code == 354 and "DATA" in waiting:
            for _ in range(waiting.index("DATA")):
                self._waiting.popleft()
        self._early = False

    def _connect_again(self) -> None:
        """A greeting that nobody asked for opens the next of several sessions."""
        self.envelope, self._responsible, self._done = Envelope(), "", ""
        self._offered, self._authenticated = None, False
        self._waiting = deque([(CONNECT, None)])

    def _learn(self, key: str, reply: Reply) -> None:
        """What the server offers, and whether the client has proved who it is."""
        match key, reply.severity:
            case "EHLO" | "HELO", 2:
                self._offered = _keywords(reply)
            case "STARTTLS", 2:  # forget what was said before TLS (RFC 3207 §4.2)
                self._offered, self._authenticated = None, False
            case "AUTH", 2:
                self._authenticated = True

    def _apply(self, effect: str, reply: Reply, command: Command) -> None:
        match effect:
            case "begin":
                self.envelope = Envelope(command.path)
                self._responsible, self._done = "client", ""
            case "refuse" if self.state is State.READY:
                pass  # "send MAIL first": there is no envelope to be left out of
            case "accept" | "refuse":
                self.envelope.add(Recipient(command.path or command.argument, reply))
            case "take":
                self._responsible, self._done = "server", "taken"
            case "refuse message":
                self._done = "refused"
            case "clear":
                self.envelope, self._responsible, self._done = Envelope(), "", ""
                if self.state in TRANSACTION:
                    self.state = State.READY
            case "leave auth" if self.state is State.AUTH:
                self.state = State.READY


def _keywords(reply: Reply) -> frozenset[str]:
    """The extensions that a reply to EHLO lists after its first line (§4.1.1.1)."""
    # Old servers write `AUTH=LOGIN`.
    lines = (line.replace("=", " ").split() for line in reply.lines[1:])
    return frozenset(words[0].upper() for words in lines if words)


def _key(said: Command | Message) -> str:
    """The row of `EFFECTS`: the verb, but a last chunk differs from the others."""
    if isinstance(said, Command) and said.verb == "BDAT":
        return "BDAT LAST" if said.argument.upper().split()[-1:] == ["LAST"] else "BDAT"
    return said.verb
