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
- Within AUTH, when nothing waits: the recording leaves out what the client answered.

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
        self._data = 0  # how many DATA wait for their reply
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
            self._forget()
            self._early = True
        if isinstance(sent, Message):
            if sent.chunk:
                return
            if sent.complete:
                self._machine.state = State.SENT
        self._data += sent.verb == "DATA"
        self._waiting.append((_key(sent), sent))

    def server(self, reply: Reply) -> str:
        """The server replied; returns the verb it replied to, or a pseudo-command."""
        self._line_up(reply)
        key, answered = self._waiting.popleft() if self._waiting else (ANY, None)
        self._data -= key == "DATA"
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
        waiting, code = self._waiting, reply.code
        first = waiting[0][0] if waiting else ""
        if self._early and code in (220, 554) and first in ("EHLO", "HELO"):
            waiting.appendleft((CONNECT, None))
        elif self.state is State.CONNECTING and code == 250:
            self._forget()
            self._machine.state = State.CONNECTED
        elif code == 220 and self.state is not State.CONNECTING and self._idle(first):
            self._machine.restart()
            self._forget()
            waiting.append((CONNECT, None))
        elif code == 354 and self._data:
            while waiting[0][0] != "DATA":
                waiting.popleft()
        elif not waiting and self.state is State.AUTH:
            waiting.append(("AUTH", None))
        self._early = False

    def _idle(self, first: str) -> bool:
        """Whether nothing waits but perhaps a QUIT."""
        return not self._waiting or (first == "QUIT" and len(self._waiting) == 1)

    def _forget(self) -> None:
        """Wait for no reply any more."""
        self._waiting.clear()
        self._data = 0


def _key(sent: Command | Message) -> str:
    """The row of `EFFECTS`: the verb, but a last chunk differs from the others."""
    if isinstance(sent, Command) and sent.verb == "BDAT":
        return "BDAT LAST" if sent.argument.upper().split()[-1:] == ["LAST"] else "BDAT"
    return sent.verb
