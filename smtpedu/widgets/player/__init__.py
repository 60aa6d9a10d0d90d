"""The session player: step through a dialogue, predict its replies, watch the envelope."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.dialogue.session import PLAYABLE, Session
from smtpedu.display import Block
from smtpedu.protocol.states import CONNECT, MESSAGE
from smtpedu.widgets.shared import assets, run_me_blocks
from smtpedu.widgets.shared.dialogue import DialogueWidget, drawn

# What is offered when a reply to this is predicted. The same each time, so that the choice
# gives nothing away; a reply of another code joins them.
_CHOICES: dict[str, tuple[int, ...]] = {
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
_OTHERWISE = (250, 421, 500, 502)


class Player(DialogueWidget):
    """Steps through a session. `step` is how many turns are shown, `guesses` maps turn → code."""

    _esm, _css = assets("player")

    string_keys = (
        *DialogueWidget.string_keys,
        *("session.more", "session.long_turn", "session.cut", "note."),
    )

    shown: Session

    name = traitlets.Unicode().tag(sync=True)
    step = traitlets.Int(min=0).tag(sync=True)
    predict = traitlets.Bool().tag(sync=True)
    playing = traitlets.Bool().tag(sync=True)
    highlight = traitlets.Int(help="the reply code set off, or 0").tag(sync=True)
    guesses = traitlets.Dict().tag(sync=True)
    _remarks: traitlets.List[Any] = traitlets.List(
        help="what is not shown: keys of sentences, and values"
    ).tag(sync=True)

    def __init__(self, session: Session, *, predict: bool = False) -> None:
        turns = session.turns[:PLAYABLE]
        super().__init__(
            session,
            name=session.name,
            predict=predict,
            _remarks=session.remarks(),
            step=0 if predict else min(1, len(turns)),  # the greeting is there from the start
            **drawn(turns, choices),
        )

    @traitlets.validate("step")
    def _step_within(self, proposal: Any) -> int:
        return min(int(proposal["value"]), len(self._turns) or int(proposal["value"]))

    def fallback(self) -> list[Block]:
        """The dialogue as a table; with `predict` the replies are left for the learner."""
        if not self.predict:
            return super().fallback()
        return [*run_me_blocks("player.run_me"), *self.shown.blocks(replies=False)]


make = Player


def choices(verb: str, code: int) -> list[int]:
    """The codes to choose from when predicting this reply, ascending; `code` is one of them."""
    return sorted({code, *_CHOICES.get(verb, _OTHERWISE)})
