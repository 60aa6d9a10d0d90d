"""Mastery over time: a chart that JupyterLab draws by itself, and a table wherever it cannot.

The chart is a Vega-Lite specification; JupyterLab brings what draws it, so that nothing is fetched
and no plotting library is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smtpedu.language import text
from smtpedu.markup import Block, Heading, Paragraph, Shown, Table
from smtpedu.progress.attempt import Attempt, stamp
from smtpedu.progress.frames import title
from smtpedu.progress.mastery import trace
from smtpedu.progress.schedule import times

VEGA_LITE = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name; nothing is fetched from it


@dataclass(frozen=True)
class Timeline(Shown):
    """Objective → its points: (time as ISO 8601, strength of the evidence from 0 to 1)."""

    points: dict[str, list[tuple[str, float]]]

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
        y = {"field": "mastery", "type": "quantitative", "scale": {"domain": [0, 1]}}
        return {
            "$schema": _SCHEMA,
            "description": text("report.plot"),
            "title": text("report.plot"),
            "background": "transparent",
            "data": {"values": rows},
            # A small chart for each: twelve lines in one need more colours than one can tell.
            "facet": facet | {"title": None, "header": {"labelLimit": 0}},
            "columns": 2,
            # The menu of a chart leads to a page on the web.
            "usermeta": {"embedOptions": {"actions": False}},
            "spec": {
                "width": 260,
                "height": 90,
                "mark": {
                    **{"type": "line", "point": True, "interpolate": "step-after"},
                    "tooltip": True,
                },
                "encoding": {
                    "x": {"field": "at", "type": "temporal", "title": None},
                    "y": y | {"axis": {"format": "%", "tickCount": 2}, "title": None},
                },
            },
        }

    def blocks(self) -> list[Block]:
        found: list[Block] = [Heading(text("report.plot"))]
        if not self.points:
            return [*found, Paragraph(text("report.empty"))]
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


def timeline(attempts: Sequence[Attempt], now: datetime) -> Timeline:
    """How mastery of each objective has changed."""
    points: dict[str, list[tuple[str, float]]] = {}
    practised = [attempt for attempt in attempts if attempt.objective]
    traced = zip(trace(practised), times(practised, now), strict=True)
    for (attempt, known), time in traced:
        points.setdefault(attempt.objective, []).append((stamp(time), round(known.strength, 4)))
    return Timeline(points)
