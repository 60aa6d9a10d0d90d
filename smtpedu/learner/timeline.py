"""Mastery over time: a chart that JupyterLab draws by itself, and a table wherever it cannot.

The chart is a Vega-Lite specification; JupyterLab brings what draws it, so that nothing is fetched
and no plotting library is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from smtpedu.display import Block, Displayable, Heading, Paragraph, Table
from smtpedu.i18n import text
from smtpedu.learner.attempt import Attempt, moment, stamp
from smtpedu.learner.frames import title
from smtpedu.learner.mastery import trace
from smtpedu.learner.schedule import times

VEGA_LITE = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name; nothing is fetched from it

_Y = {
    **{"field": "mastery", "type": "quantitative", "title": None},
    "scale": {"domain": [0, 1]},
    "axis": {"format": "%", "values": [0, 0.5, 1]},
}
_MASTERY_LINE = {
    "mark": {"type": "rule", "strokeDash": [4, 3], "color": "gray"},
    "encoding": {"y": {"datum": 1}},
    "transform": [{"aggregate": [{"op": "count", "as": "answers"}]}],  # one line for them all
}
_SHORTEST, _MARGIN = timedelta(seconds=10), timedelta(minutes=30)
_FORMATS = (
    (timedelta(minutes=3), "%H:%M:%S"),
    (timedelta(hours=18), "%H:%M"),
    (timedelta(days=4), "%m-%d %H:%M"),
)


@dataclass(frozen=True)
class Timeline(Displayable):
    """Objective → its points: (time as ISO 8601, strength of the evidence from 0 to 1).

    `trouble` is said instead of an invitation where there are none.
    """

    points: dict[str, list[tuple[str, float]]]
    trouble: str = ""

    @property
    def spec(self) -> dict[str, Any]:
        """The chart as a Vega-Lite specification."""
        names = {name: title(name).replace("`", "") for name in self.points}
        rows = [
            {"at": at, "objective": names[name], "mastery": strength}
            for name, points in self.points.items()
            for at, strength in points
        ]
        facet = {"field": "objective", "type": "nominal", "sort": list(names.values())}
        return {
            "$schema": _SCHEMA,
            "description": text("report.plot"),
            "title": text("report.plot"),
            "background": "transparent",
            "data": {"values": rows},
            # A small chart for each: twelve lines in one need more colours than one can tell.
            "facet": facet | {"title": None, "header": {"labelLimit": 0}},
            "columns": 2,
            "resolve": {"axis": {"x": "independent"}},  # the last row is far from the first
            # The menu of a chart leads to a page on the web.
            "usermeta": {"embedOptions": {"actions": False}},
            "spec": {"width": 260, "height": 90, "layer": [_MASTERY_LINE, self._line()]},
        }

    def _line(self) -> dict[str, Any]:
        """The layer of the answers: points, with steps between them where there are several."""
        first, last = self._span()
        written, needs_day = _time_format(last - first)
        x = {
            **{"field": "at", "type": "temporal"},
            "title": _days(first, last) if needs_day else None,
            "axis": {"tickCount": 3, "labelOverlap": "greedy", "format": written, "grid": False},
            "scale": {"domain": [stamp(first), stamp(last)]},
        }
        mark = {"type": "line", "point": True, "interpolate": "step-after", "tooltip": True}
        return {"mark": mark, "encoding": {"x": x, "y": _Y}}

    def _span(self) -> tuple[datetime, datetime]:
        """From the first to the last answer of all; of one moment, more, or it has no length."""
        found = [moment(at) for points in self.points.values() for at, _ in points]
        first, last = min(found), max(found)
        margin = _MARGIN if last - first < _SHORTEST else timedelta(0)
        return first - margin, last + margin

    def blocks(self) -> list[Block]:
        found: list[Block] = [Heading(text("report.plot"))]
        if not self.points:
            return [*found, Paragraph(self.trouble or text("report.empty"))]
        head = [text(f"report.{name}") for name in ("objective", "day", "mastery")]
        rows = []
        for name, points in self.points.items():
            last_of_day = {at[:10]: strength for at, strength in points}
            rows += [[title(name), f"`{day}`", f"{s:.0%}"] for day, s in last_of_day.items()]
        return [*found, Table(head, rows)]

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        # JupyterLab prefers HTML to a chart, so the table that goes with a chart is plain text.
        if self.points:
            return {VEGA_LITE: self.spec, "text/plain": str(self)}
        return {"text/plain": str(self), "text/html": self.to_html()}


def _time_format(span: timedelta) -> tuple[str, bool]:
    """What tells the few labels of an axis of this length apart; whether it leaves out the day."""
    for longest, written in _FORMATS:
        if span < longest:
            return written, "%d" not in written
    return "%Y-%m-%d", False


def _days(first: datetime, last: datetime) -> str:
    """The day, or both, by the learner's own clock."""
    days = (f"{time.astimezone():%Y-%m-%d}" for time in (first, last))
    return " – ".join(dict.fromkeys(days))


def timeline(attempts: Sequence[Attempt], now: datetime) -> Timeline:
    """How mastery of each objective has changed."""
    points: dict[str, list[tuple[str, float]]] = {}
    practised = [attempt for attempt in attempts if attempt.objective]
    traced = zip(trace(practised), times(practised, now), strict=True)
    for (attempt, known), time in traced:
        points.setdefault(attempt.objective, []).append((stamp(time), round(known.strength, 4)))
    return Timeline(points)
