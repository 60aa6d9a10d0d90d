"""Follows a dialogue by the tables of `states`: what each reply answers, where things stand then.

A server answers commands one by one in the order they came, also those sent without waiting
(RFC 2920). What waits for its reply is thus a queue, with the greeting in front. The content of a
BDAT chunk does not wait: its command's reply answers both (RFC 3030 §2).

Recordings lack parts, and then the head of the queue is not what a reply answers. Some replies
show this, and the queue is lined up by them:

- The client speaks first: the recording begins after the greeting, and none is waited for. If a
  220 or 554 then comes while EHLO or HELO is first in the queue, it is the greeting after all.
- 250 in place of the greeting: no greeting is a 250, so this answers a command left out.
- 220 when nothing waits but perhaps a QUIT: a greeting, which opens the next of several sessions.
- 354 answers DATA: what waits before it was not answered in this recording.

A reply when nothing waits answers no command (`ANY`); a 421 closes the session whatever it answers
(RFC 5321 §3.8). Nothing is ever refused: dialogues recorded in the wild break the rules, and that
is worth seeing.
"""

from __future__ import annotations

from collections import deque
from typing import Literal, assert_never

from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import (
    ANY,
    CONNECT,
    EFFECTS,
    TRANSACTION,
    Effect,
    Envelope,
    Message,
    Outcome,
    Recipient,
    Snapshot,
    Speaker,
    State,
)


class Tracker:
    """Follows a dialogue: tell it what each side said, in order, and read where things stand."""

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self._offered: frozenset[str] | None = None
        self._authenticated = False
        self._early = False  # the client spoke first: the greeting may still come
        self._waiting: deque[tuple[str, Command | Message | None]] = deque([(CONNECT, None)])
        self._begin(Envelope())

    def client(self, sent: Command | Message) -> None:
        """The client sent a command, or mail data."""
        if self.state is State.CONNECTING:
            self.state = State.CONNECTED
            self._waiting.clear()
            self._early = True
        if isinstance(sent, Message):
            if sent.chunk:
                return
            if sent.complete:
                self.state = State.SENT
        self._waiting.append((_key(sent), sent))

    def server(self, reply: Reply) -> str:
        """The server replied; returns the verb it replied to, or a pseudo-command."""
        self._line_up(reply)
        key, answered = self._waiting.popleft() if self._waiting else (ANY, None)
        state, effect = EFFECTS.get((key, reply.severity), (None, ""))
        if state is State.FAILED and self.state not in TRANSACTION:
            state = None  # there is nothing to fail
        if state is not None:
            self.state = state
        command = answered if isinstance(answered, Command) else Command("", "")
        self._apply(effect, reply, command)
        self._learn(key, reply)
        if reply.code == 421:
            self.state = State.CLOSED
        return key.removesuffix(" LAST")

    def snapshot(self) -> Snapshot:
        """Where things stand now."""
        envelope = self.envelope
        counts = len(envelope.accepted), len(envelope.refused)
        message = self._responsible, self._done
        return Snapshot(self.state, envelope, *counts, *message, self._offered, self._authenticated)

    @property
    def unanswered(self) -> int:
        """How many commands still wait for their reply."""
        return len(self._waiting)

    def _line_up(self, reply: Reply) -> None:
        """Put what this reply answers at the head of the queue."""
        waiting = [verb for verb, _ in self._waiting]
        if self._early and reply.code in (220, 554) and waiting[:1] in (["EHLO"], ["HELO"]):
            self._waiting.appendleft((CONNECT, None))
        elif self.state is State.CONNECTING and reply.code == 250:
            self._waiting.clear()
            self.state = State.CONNECTED
        elif reply.code == 220 and self.state is not State.CONNECTING and waiting in ([], ["QUIT"]):
            self._begin(Envelope())
            self._offered, self._authenticated = None, False
            self._waiting = deque([(CONNECT, None)])
        elif reply.code == 354 and "DATA" in waiting:
            for _ in range(waiting.index("DATA")):
                self._waiting.popleft()
        self._early = False

    def _begin(self, envelope: Envelope, responsible: Speaker | Literal[""] = "") -> None:
        """Take this envelope for the next message."""
        self.envelope, self._responsible = envelope, responsible
        self._done: Outcome = ""

    def _learn(self, key: str, reply: Reply) -> None:
        """What the server offers, and whether the client has proved who it is."""
        match key, reply.severity:
            case "EHLO" | "HELO", 2:
                self._offered = _keywords(reply)
            case "STARTTLS", 2:  # forget what was said before TLS (RFC 3207 §4.2)
                self._offered, self._authenticated = None, False
            case "AUTH", 2:
                self._authenticated = True

    def _apply(self, effect: Effect, reply: Reply, command: Command) -> None:
        match effect:
            case "":
                pass
            case "begin":
                self._begin(Envelope(command.path), Speaker.CLIENT)
            case "accept" | "refuse":
                if self.state is not State.READY:  # "send MAIL first": there is no envelope
                    self.envelope.add(Recipient(command.path or command.argument, reply))
            case "take":
                self._responsible, self._done = Speaker.SERVER, "taken"
            case "refuse message":
                self._done = "refused"
            case "clear":
                self._begin(Envelope())
                if self.state in TRANSACTION:
                    self.state = State.READY
            case "leave auth":
                self.state = State.READY if self.state is State.AUTH else self.state
            case _:
                assert_never(effect)


def _keywords(reply: Reply) -> frozenset[str]:
    """The extensions that a reply to EHLO lists after its first line (§4.1.1.1)."""
    # Old servers write `AUTH=LOGIN`.
    lines = (line.replace("=", " ").split() for line in reply.lines[1:])
    return frozenset(words[0].upper() for words in lines if words)


def _key(sent: Command | Message) -> str:
    """The row of `EFFECTS`: the verb, but a last chunk differs from the others."""
    if isinstance(sent, Command) and sent.verb == "BDAT":
        return "BDAT LAST" if sent.argument.upper().split()[-1:] == ["LAST"] else "BDAT"
    return sent.verb
