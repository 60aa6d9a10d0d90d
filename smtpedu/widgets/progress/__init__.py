"""The learner's progress: each objective, how full its cells are, when it is due, what is held."""

from __future__ import annotations

from typing import Any

from smtpedu.learner.attempt import format_time
from smtpedu.learner.report import CELLS, Progress, Row
from smtpedu.learner.review import review
from smtpedu.widgets.shared import Send, Widget


class ProgressWidget(Widget):
    """Shows; the one thing that can be done is to review, in place."""

    shown: Progress

    def __init__(self, progress: Progress) -> None:
        # Names, numbers and dates: titles and beliefs are of the page.
        rows = [_row(row) for row in progress.rows()]
        said = {"trouble": progress.trouble, "notice": progress.notice}
        super().__init__(progress, {"cells": CELLS, "objectives": rows, **said})

    def asked(self, said: dict[str, Any], send: Send) -> None:
        """Today's review, or what its page says: the two talk through this widget."""
        match said:
            case {"do": "review"}:
                self._review: Widget = review().widget()
                self._answer: Send = lambda told: send({"told": told})
                send({"heard": said.get("question"), "review": self._review.data})
            case {"say": content}:
                self._review.heard(content, self._answer)


make = ProgressWidget


def _row(row: Row) -> dict[str, Any]:
    due = format_time(row.due) if row.due else None
    found = {"name": row.objective, "full": row.full, "due": due, "beliefs": list(row.beliefs)}
    return {key: value for key, value in found.items() if value or key == "name"}
