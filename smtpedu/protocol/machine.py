"""Where one connection stands, moved reply by reply as `states.EFFECTS` says.

The server moves by it as it serves, the tracker as it follows a dialogue.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, assert_never

from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import (
    EFFECTS,
    TRANSACTION,
    Effect,
    Envelope,
    Outcome,
    Recipient,
    Snapshot,
    Speaker,
    State,
)

NO_COMMAND = Command("", "")
_NO_EFFECT: tuple[None, Effect] = None, ""
_TELLING = ("EHLO", "HELO", "STARTTLS", "AUTH")


class Machine:
    """The state and the envelope; what EHLO `offered`, None before it; whether AUTH succeeded.

    `state` may be set: a client that speaks first, or ends its message, moves a session too.
    """

    _done: Outcome

    def __init__(self) -> None:
        self.state = State.CONNECTING
        self.restart()

    def restart(self) -> None:
        """Forget all but the state, as for a new connection."""
        self.offered: frozenset[str] | None = None
        self.authenticated = False
        self._begin(Envelope())

    @property
    def extended(self) -> bool:
        """Whether extensions were offered: to EHLO, that is, and not to HELO (§3.2)."""
        return bool(self.offered)

    def snapshot(self) -> Snapshot:
        """Where things stand now."""
        envelope = self.envelope
        counts = len(envelope.accepted), len(envelope.refused)
        message = self._responsible, self._done
        return Snapshot(self.state, envelope, *counts, *message, self.offered, self.authenticated)

    def reply(self, key: str, reply: Reply, command: Command = NO_COMMAND) -> None:
        """The server replied to `command`; `key` is the command's row of `EFFECTS`."""
        severity = reply.severity
        if reply.code == 421 and self.state in (State.DATA, State.SENT):
            self._apply("refuse message", reply, command)  # also when nobody asked (§3.8)
        state, effect = EFFECTS.get((key, severity), _NO_EFFECT)
        if state is State.FAILED and not self._chunks_may_fail:
            state = None
        if state is not None:
            self.state = state
        if effect:
            self._apply(effect, reply, command)
        if severity == 2 and key in _TELLING:
            self._learn(key, reply)
        if reply.code == 421:
            self.state = State.CLOSED

    @property
    def _chunks_may_fail(self) -> bool:
        """Whether a refused chunk has something to fail: not where BDAT is no command at all."""
        offered = self.offered is None or "CHUNKING" in self.offered
        return offered and self.state in TRANSACTION

    def _begin(self, envelope: Envelope, responsible: Speaker | Literal[""] = "") -> None:
        """Take this envelope for the next message."""
        self.envelope, self._responsible = envelope, responsible
        self._done = ""

    def _learn(self, key: str, reply: Reply) -> None:
        """What the server offers by a reply of success, and whether it knows the client."""
        match key:
            case "EHLO" | "HELO":
                self.offered = _keywords(reply)
            case "STARTTLS":  # forget what was said before TLS (RFC 3207 §4.2)
                self.offered, self.authenticated = None, False
            case "AUTH":
                self.authenticated = True

    def _apply(self, effect: Effect, reply: Reply, command: Command) -> None:
        match effect:
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
            case "":
                pass
            case _:
                assert_never(effect)


@lru_cache(16)
def _keywords(reply: Reply) -> frozenset[str]:
    """The extensions that a reply to EHLO lists after its first line (§4.1.1.1)."""
    # Old servers write `AUTH=LOGIN`.
    lines = (line.replace("=", " ").split() for line in reply.lines[1:])
    return frozenset(words[0].upper() for words in lines if words)
