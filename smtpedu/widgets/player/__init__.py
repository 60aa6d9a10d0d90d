"""The session player: step through a dialogue, predict its replies, watch the envelope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from smtpedu.dialogue.captures import captures
from smtpedu.dialogue.session import PLAYABLE, Session
from smtpedu.display import Block
from smtpedu.protocol.states import CONNECT, MESSAGE
from smtpedu.widgets.shared import Widget, run_me_blocks
from smtpedu.widgets.shared.dialogue import drawn

# What is offered when a reply to this is predicted. The same each time, so that the choice
# gives nothing away; a reply of another code joins them.
CHOICES: dict[str, tuple[int, ...]] = {
    CONNECT: (220, 250, 421, 554),
    "EHLO": (220, 250, 502, 550),
    "HELO": (220, 250, 502, 550),
    "MAIL": (250, 354, 451, 503),
    "RCPT": (250, 251, 450, 503, 550, 551),
    "DATA": (250, 354, 503, 554),
    MESSAGE: (250, 354, 452, 554),
    "RSET": (220, 250, 354, 503),
    "NOOP": (211, 250, 354, 500),
    "VRFY": (250, 251, 252, 502, 550),
    "QUIT": (221, 250, 421, 503),
}
CHOICES_OTHERWISE = (250, 421, 500, 502)


class Player(Widget):
    """Steps through a session. `step` is how many turns are shown, `guesses` maps turn → code.

    With `predict` each reply is to be predicted; `asks` limits that to replies to these commands.
    """

    shown: Session

    step = traitlets.Int(min=0).tag(page=True)
    predict = traitlets.Bool().tag(page=True)
    playing = traitlets.Bool().tag(page=True)
    highlight = traitlets.Int(help="the reply code set off, or 0").tag(page=True)
    guesses = traitlets.Dict().tag(page=True)

    def __init__(self, session: Session, *, predict: bool | Iterable[str] = False) -> None:
        self.asks = [] if isinstance(predict, bool) else [verb.upper() for verb in predict]
        self._last = len(session.turns[:PLAYABLE])
        step = 0 if predict else min(1, self._last)  # the greeting is there from the start
        super().__init__(session, predict=bool(predict), step=step)

    @traitlets.validate("step")
    def _step_within(self, proposal: Any) -> int:
        return min(int(proposal["value"]), self._last)

    def data(self) -> dict[str, Any]:
        """The name of a captured session, or the turns of one's own; what is to be predicted."""
        found = {"session": self.shown.name} if _is_captured(self.shown) else drawn_session(self.shown)
        asked = {"predict": True, "asks": self.asks} if self.predict else {}
        return {**found, **asked}

    def fallback(self) -> list[Block]:
        """The dialogue as a table; with `predict` the replies are left for the learner."""
        if not self.predict:
            return super().fallback()
        return [*run_me_blocks("player.run_me"), *self.shown.blocks(replies=False)]


make = Player


def drawn_session(session: Session) -> dict[str, Any]:
    """What the browser needs of a session."""
    turns = drawn(session.turns[:PLAYABLE])
    return {"name": session.name, **turns, "remarks": session.remarks()}


def _is_captured(session: Session) -> bool:
    """Whether this is a session that comes with the package, and that whole."""
    own = captures().get(session.name)
    return own is not None and own.session.turns == session.turns
