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

from smtpedu.protocol.machine import NO_COMMAND, Machine
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import ANY, CONNECT, Envelope, Message, Snapshot, State


class Tracker:
    """Follows a dialogue: tell it what each side said, in order, and read where things stand."""

    def __init__(self) -> None:
        self._machine = Machine()
        self._early = False  # the client spoke first: the greeting may still come
        self._waiting: deque[tuple[str, Command | Message | None]] = deque([(CONNECT, None)])

    @property
    def state(self) -> State:
        """Where the session stands."""
        return self._machine.state

    @property
    def envelope(self) -> Envelope:
        """What the mail transaction has gathered, or the last one had."""
        return self._machine.envelope

    def client(self, sent: Command | Message) -> None:
        """The client sent a command, or mail data."""
        if self.state is State.CONNECTING:
            self._machine.state = State.CONNECTED
            self._waiting.clear()
            self._early = True
        if isinstance(sent, Message):
            if sent.chunk:
                return
            if sent.complete:
                self._machine.state = State.SENT
        self._waiting.append((_key(sent), sent))

    def server(self, reply: Reply) -> str:
        """The server replied; returns the verb it replied to, or a pseudo-command."""
        self._line_up(reply)
        key, answered = self._waiting.popleft() if self._waiting else (ANY, None)
        command = answered if isinstance(answered, Command) else NO_COMMAND
        self._machine.reply(key, reply, command)
        return key.removesuffix(" LAST")

    def snapshot(self) -> Snapshot:
        """Where things stand now."""
        return self._machine.snapshot()

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
            self._machine.state = State.CONNECTED
        elif reply.code == 220 and self.state is not State.CONNECTING and waiting in ([], ["QUIT"]):
            self._machine.restart()
            self._waiting = deque([(CONNECT, None)])
        elif reply.code == 354 and "DATA" in waiting:
            for _ in range(waiting.index("DATA")):
                self._waiting.popleft()
        self._early = False


def _key(sent: Command | Message) -> str:
    """The row of `EFFECTS`: the verb, but a last chunk differs from the others."""
    if isinstance(sent, Command) and sent.verb == "BDAT":
        return "BDAT LAST" if sent.argument.upper().split()[-1:] == ["LAST"] else "BDAT"
    return sent.verb
