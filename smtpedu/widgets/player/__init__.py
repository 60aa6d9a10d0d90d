"""The session player: step through a dialogue, predict its replies, watch the envelope."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import uuid4

import traitlets

from smtpedu.dialogue import captures
from smtpedu.dialogue.session import PLAYABLE, Session
from smtpedu.display import Block
from smtpedu.learner.attempt import Attempt, Role, now
from smtpedu.learner.store import StoreError, store
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import CONNECT, MESSAGE
from smtpedu.widgets.page.dialogue import asked, choices, drawn_session, worth
from smtpedu.widgets.shared import Widget, run_me_blocks


class Player(Widget):
    """Steps through a session. `step` is how many turns are shown, `guesses` maps turn → code.

    With `predict` replies are to be predicted: those to the commands in `asks`, else to all but the
    usual ones (`dialogue.asked`). Each prediction of a captured session's reply is kept at once.
    """

    shown: Session

    step = traitlets.Int(min=0).tag(page="both")
    predict = traitlets.Bool().tag(page="both")
    playing = traitlets.Bool().tag(page="both")
    highlight = traitlets.Int(help="the reply code set off, or 0").tag(page="both")
    guesses = traitlets.Dict().tag(page="both")
    notice = traitlets.Unicode(help="why predictions are not kept").tag(page="told")

    def __init__(self, session: Session, *, predict: bool | Iterable[str] = False) -> None:
        self._last = len(session.turns[:PLAYABLE])
        data = _data(session, predict)
        is_asked = bool(predict) and CONNECT in data.get("asks", asked(session))
        self._run, self._before, self._given = uuid4().hex, dict[str, int](), list[str]()
        self._waiting: list[Attempt] = []  # for the store, which could not take them
        # The greeting is there from the start, unless it is to be predicted.
        step = 0 if is_asked else min(1, self._last)
        super().__init__(session, data, predict=bool(predict), step=step)

    @traitlets.validate("step")
    def _step_within(self, proposal: Any) -> int:
        return min(int(proposal["value"]), self._last)

    @traitlets.observe("guesses")
    def _keep(self, change: Any) -> None:
        """Keep what is new among the guesses; what cannot be kept is tried again with the next."""
        before, self._before = self._before, {str(key): code for key, code in change["new"].items()}
        new = [(key, code) for key, code in self._before.items() if before.get(key) != code]
        if "session" in self.data["player"]:
            self._waiting += [one for key, code in new if (one := self._attempt(key, code))]
            notice = ""
            try:
                store().add(self._waiting)
                self._waiting.clear()
            except StoreError as error:
                notice = str(error)
            if notice != self.notice:
                self.put(notice=notice)  # also to the page that has guessed

    def _attempt(self, key: str, code: Any) -> Attempt | None:
        """A prediction as it is kept; None for what is none: pages are of unknown worth."""
        number = int(key) if re.fullmatch("[1-9][0-9]{0,8}", key) else 0
        turn = self.shown.turns[number - 1] if 0 < number <= self._last else None
        offered = (
            choices(turn.verb, turn.said.code) if turn and isinstance(turn.said, Reply) else []
        )
        if type(code) is not int or code not in offered:
            return None
        self._given.append(item := f"player:{self.shown.name}:{number}")
        score = worth(self.shown.turns, number, code)
        return Attempt(
            *(uuid4().hex, self._run, "player", Role.PREDICTION, item, "", "", "predict"),
            number=min(self._given.count(item), 10_000),
            response=code,
            right=score == 1,
            score=score,
            misconceptions=(),
            guessed=False,
            hints=0,
            options=len(offered),
            at=now(),
        )

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
