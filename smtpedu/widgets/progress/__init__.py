"""The learner's progress: each objective, how full its cells are, when it is due, what is held."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.learner.attempt import format_time
from smtpedu.learner.report import CELLS, Progress, Row
from smtpedu.learner.review import review
from smtpedu.widgets.shared import Send, Widget


class ProgressWidget(Widget):
    """Shows; the one thing that can be done is to review, in place."""

    shown: Progress

    record: traitlets.Dict[str, Any] = traitlets.Dict(help="as it is now").tag(page="told")

    def __init__(self, progress: Progress) -> None:
        record = _record(progress)
        said = {"trouble": progress.trouble, "notice": progress.notice}
        self._reviews: dict[Send, tuple[Widget, Send]] = {}
        super().__init__(progress, {"cells": CELLS, "record": record, **said}, record=record)

    def asked(self, said: dict[str, Any], send: Send) -> None:
        """Today's review, or what its page says: each page has one, and they talk through this."""
        match said:
            case {"do": "review"}:
                started = review().widget()
                self._reviews[send] = started, lambda told: send({"told": told})
                send({"heard": said.get("question"), "review": started.data})
            case {"say": dict(content)} if send in self._reviews:
                started, answer = self._reviews[send]
                started.heard(content, answer)
                if "attempts" in content:
                    self.put(record=_record(self.shown.again()))

    def _left(self, send: Send) -> None:
        self._reviews.pop(send, None)
        super()._left(send)


make = ProgressWidget


def _record(progress: Progress) -> dict[str, Any]:
    """Names, numbers and dates: titles and beliefs are of the page."""
    beliefs = [
        {"name": one.name, "status": one.status, "objectives": list(one.objectives)}
        for one in progress.beliefs()
    ]
    found = {"objectives": [_row(row) for row in progress.rows()], "beliefs": beliefs}
    right, count = progress.predicted()
    return found | ({"predicted": {"right": right, "count": count}} if count else {})


def _row(row: Row) -> dict[str, Any]:
    due = format_time(row.due) if row.due else None
    found = {"name": row.objective, "full": row.full, "due": due}
    return {key: value for key, value in found.items() if value}
