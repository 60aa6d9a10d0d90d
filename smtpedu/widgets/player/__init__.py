"""The session player: step through a dialogue, predict its replies, watch the envelope."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from smtpedu.dialogue import captures
from smtpedu.dialogue.session import PLAYABLE, Session
from smtpedu.display import Block
from smtpedu.protocol.states import CONNECT, MESSAGE
from smtpedu.widgets.page.dialogue import drawn_session
from smtpedu.widgets.shared import Widget, run_me_blocks


class Player(Widget):
    """Steps through a session. `step` is how many turns are shown, `guesses` maps turn → code.

    With `predict` each reply is to be predicted; `asks` limits that to replies to these commands.
    """

    shown: Session

    step = traitlets.Int(min=0).tag(page="both")
    predict = traitlets.Bool().tag(page="both")
    playing = traitlets.Bool().tag(page="both")
    highlight = traitlets.Int(help="the reply code set off, or 0").tag(page="both")
    guesses = traitlets.Dict().tag(page="both")

    def __init__(self, session: Session, *, predict: bool | Iterable[str] = False) -> None:
        self._last = len(session.turns[:PLAYABLE])
        data = _data(session, predict)
        is_asked = bool(predict) and CONNECT in data.get("asks", [CONNECT])
        # The greeting is there from the start, unless it is to be predicted.
        step = 0 if is_asked else min(1, self._last)
        super().__init__(session, data, predict=bool(predict), step=step)

    @traitlets.validate("step")
    def _step_within(self, proposal: Any) -> int:
        return min(int(proposal["value"]), self._last)

    def fallback(self) -> list[Block]:
        """The dialogue as a table; with `predict` the replies are left for the learner."""
        if not self.predict:
            return super().fallback()
        return [*run_me_blocks("player.run_me"), *self.shown.blocks(replies=False)]


make = Player


def _is_captured(session: Session) -> bool:
    """Whether this is a session that comes with the package, and that whole."""
    try:
        return bool(session.name) and captures.session(session.name).turns == session.turns
    except LookupError:
        return False


def _data(session: Session, predict: bool | Iterable[str]) -> dict[str, Any]:
    """The name of a captured session, or the turns of one's own; what is to be predicted."""
    found: dict[str, Any] = {"session": session.name}
    if not _is_captured(session):
        found = drawn_session(session)
    if predict:
        found["predict"] = True
    if not isinstance(predict, bool):
        found["asks"] = [one if one in (CONNECT, MESSAGE) else one.upper() for one in predict]
    return found
