"""The learner's progress: each objective, how full its cells are, when it is due, what is held."""

from __future__ import annotations

from typing import Any

from smtpedu.i18n import LANGUAGES
from smtpedu.learner.attempt import format_time
from smtpedu.learner.report import CELLS, Progress, Row
from smtpedu.questions.bank import misconceptions, objectives
from smtpedu.widgets.shared import Widget


class ProgressWidget(Widget):
    """Shows; nothing of it is a trait."""

    shown: Progress

    def data(self) -> dict[str, Any]:
        """Names, numbers and dates; titles and beliefs are of the page."""
        rows = [_row(row) for row in self.shown.rows()]
        said = {"trouble": self.shown.trouble, "notice": self.shown.notice}
        return {"cells": CELLS, "objectives": rows, **said}


make = ProgressWidget


def _row(row: Row) -> dict[str, Any]:
    due = format_time(row.due) if row.due else None
    found = {"name": row.objective, "full": row.full, "due": due, "beliefs": list(row.beliefs)}
    return {key: value for key, value in found.items() if value or key == "name"}


def named() -> dict[str, Any]:
    """Language → `titles` of objectives, `beliefs`: name → belief, rebuttal, sources."""
    return {language: _named_in(language) for language in LANGUAGES}


def _named_in(language: str) -> dict[str, Any]:
    return {
        "titles": {name: one.title(language) for name, one in objectives().items()},
        "beliefs": {
            name: [one.belief(language), one.rebuttal(language), one.source.split("; ")]
            for name, one in misconceptions().items()
        },
    }
