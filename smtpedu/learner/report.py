"""What the learner's answers amount to: to look at, as a chart, to take along, to delete.

The chart of mastery over time is a Vega-Lite specification: JupyterLab brings what draws it, so
that nothing is fetched and no plotting library is needed. Elsewhere it is a table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtpedu.display import Block, Displayable, Heading, Paragraph, Table
from smtpedu.foreign import visible
from smtpedu.i18n import language, text
from smtpedu.learner import frames
from smtpedu.learner.attempt import Attempt, Role, final_attempts, format_time, parse_time
from smtpedu.learner.database import StoreError
from smtpedu.learner.mastery import Belief, Mastery, mastery_steps, needed
from smtpedu.learner.review import answer_times, current_beliefs, due
from smtpedu.learner.store import Store, store
from smtpedu.questions.bank import objectives

if TYPE_CHECKING:
    import pandas as pd

#: Right first answers in a row that bring mastery, to usual questions, which have four options.
CELLS = needed(4)


@dataclass(frozen=True, slots=True)
class Row:
    """An objective as it is shown: `full` of its `CELLS` are, it is `due` again (None: new)."""

    objective: str
    full: int = 0
    due: datetime | None = None


class Progress(Displayable):
    """All answers up to now. Show it, print it, or take its DataFrames.

    `path` is the file that holds the answers, `notice` what is to be known of it, if anything,
    `trouble` why it cannot be used now, else empty. Where it cannot even be read, `unreadable` is
    the error, which the DataFrames and the chart raise. Drafts of an exam count as no answers.
    """

    _widget = "progress"

    def __init__(self, kept: Store) -> None:
        self._store = kept
        self._found: list[Attempt] = []
        self._now = datetime.now(UTC)
        self.trouble = ""
        self.unreadable: StoreError | None = None
        try:
            self._found = final_attempts(kept.attempts())
        except StoreError as error:
            self.trouble, self.unreadable = str(error), error
            return
        try:
            kept.check()
        except StoreError as error:
            self.trouble = str(error)

    def __repr__(self) -> str:
        return f"Progress({len(self._found)} answers)"

    def again(self) -> Progress:
        """What the same record amounts to now."""
        return Progress(self._store)

    @property
    def _attempts(self) -> list[Attempt]:
        if self.unreadable:
            raise self.unreadable
        return self._found

    @property
    def path(self) -> Path:
        """The file that holds the answers; it is made with the first of them."""
        return self._store.path

    @property
    def notice(self) -> str:
        """What is to be known of the file, such as that a damaged one was kept aside."""
        return self._store.notice

    @property
    def attempts(self) -> pd.DataFrame:
        """Every answer, one per row, in the order in which they were given.

        Columns: `id`, `run`, `quiz` (string), `role` (category: practice, exam, prediction,
        exercise), `item`, `objective` (string), `level`, `kind` (category),
        `number` (int64: the try), `response` (string: JSON), `right` (bool), `score` (float64, 0
        to 1), `misconceptions` (string: names separated by spaces), `guessed` (bool: by the
        learner's own word), `hints`, `options` (int64: hints taken; answers to guess from), `at`
        (datetime64[ms, UTC]).
        """
        return frames.attempts_frame(self._attempts)

    @property
    def mastery(self) -> pd.DataFrame:
        """Every objective, one per row. Index `objective` (string).

        Columns: `title` (string), `answered`, `right` (int64: first tries), `mastery` (float64:
        the strength of the evidence, from 0 to 1), `mastered` (bool), `due` (datetime64[ms, UTC]:
        when to practise again; missing where it never was practised). The model is explained in
        `smtpedu.learner.mastery`.
        """
        return frames.mastery_frame(self._attempts, self._now)

    @property
    def misconceptions(self) -> pd.DataFrame:
        """The misconceptions that show now, one per row, held ones first. Index `name` (string).

        Columns: `belief`, `rebuttal`, `source`, `status` (string: held, or only suspected),
        `signs`, `chances` (int64: answers that showed it, of the last ones that could have),
        `last` (datetime64[ms, UTC]: when one did). `smtpedu.learner.mastery` tells the rule.
        """
        return frames.misconceptions_frame(self._attempts)

    def plot(self) -> Timeline:
        """Mastery of each objective over time: a chart in JupyterLab, elsewhere a table."""
        found = timeline(self._attempts, self._now)
        # Who has done exercises alone has answered something.
        nothing = text("report.no_points") if self._found else ""
        return replace(found, trouble=self.trouble or nothing)

    def export(self, path: str | Path) -> Path:
        """Write all that is kept into a new file; returns its path.

        A name ending in `.csv` gets the answers as CSV, with a row for each question of an exam
        that was left without one (`number` 0), and an apostrophe before what would be a formula;
        any other answers and runs as JSON lines, exactly as they are kept. Raises `StoreError`
        when there is such a file, or it cannot be written.
        """
        return self._store.export(path)

    def delete(self, *, confirm: bool = False) -> None:
        """Erase every answer for good, in damaged files kept aside, too.

        Raises `ValueError`, which says what would be lost, unless `confirm=True`.
        """
        if confirm is not True:
            count = len(self._attempts)
            raise ValueError(text("error.progress_delete", count=count, path=self.path))
        self._store.erase()
        self._found = []

    def rows(self) -> list[Row]:
        """Every objective, what is due first, new ones last; none where there are no answers."""
        known = frames.all_mastery(self._found)
        days = due(self._found, self._now, known) if self._found else []
        return [
            Row(one.objective, _full(known[one.objective]), one.at)
            for one in sorted(days, key=lambda one: one.at is None)
        ]

    def predicted(self) -> tuple[int, int]:
        """How many predictions were right, of how many that can be: first answers, none of text."""
        made = [one for one in self._found if one.role is Role.PREDICTION and one.kind != "open"]
        first = {one.item: one for one in reversed(made)}
        return sum(one.right for one in first.values()), len(first)

    def beliefs(self) -> list[Belief]:
        """The misconceptions that show now, those that matter most first."""
        return current_beliefs(self._found)

    def blocks(self) -> list[Block]:
        found: list[Block] = [Heading(text("report.title"), 2)]
        found += [Paragraph(said) for said in (self.trouble, self.notice) if said]
        if not self._found:
            return found if self.trouble else [*found, Paragraph(text("report.empty"))]
        found += [*self._mastery_blocks(), *self._misconception_blocks()]
        right, count = self.predicted()
        said = text("report.predicted", right=right, count=count)
        return [*found, *([Paragraph(said)] if count else [])]

    def _mastery_blocks(self) -> list[Block]:
        today = self._now.astimezone().date()  # by the learner's own clock
        rows = []
        marked = {name for one in self.beliefs() for name in one.objectives}
        for row in self.rows():
            days = (row.due.astimezone().date() - today).days if row.due else None
            title = frames.objective_title(row.objective) + " ✗" * (row.objective in marked)
            mastered = f" ({text('report.mastered')})" if row.full == CELLS else ""
            bar = f"{'▰' * row.full}{'▱' * (CELLS - row.full)} {row.full}/{CELLS}{mastered}"
            rows.append([title, bar, _when(days)])
        head = [text(f"report.{name}") for name in ("objective", "mastery", "due")]
        means = f"{text('report.means', count=CELLS)} {text('report.run')}"
        return [Paragraph(means), Table(head, rows)]

    def _misconception_blocks(self) -> list[Block]:
        heading = Heading("✗ " + text("report.misconceptions"))
        rows = []
        for one in self.beliefs():
            belief, rebuttal, source = frames.misconception_texts(one.name)
            sources = text("list.separator").join(source.split("; "))
            said = text(f"report.{one.status}")
            signs = text("report.cells", full=one.signs, count=one.chances)
            rows.append([belief, f"{rebuttal} ({sources})" if rebuttal else "", said, signs])
        if not rows:
            return [Paragraph(text("report.no_misconceptions"))]
        head = [text(f"report.{name}") for name in ("belief", "rebuttal", "status", "signs")]
        return [heading, Paragraph(text("report.beliefs_mean")), Table(head, rows)]


def _full(one: Mastery) -> int:
    return CELLS if one.mastered else min(CELLS - 1, int(one.strength * CELLS))


def _when(days: int | None) -> str:
    from babel.dates import format_timedelta
    from babel.localedata import exists

    if days is None or days <= 0:
        return text("report.new" if days is None else "report.now")
    never = 1e9  # are days made weeks
    locale = language() if exists(language()) else "en"
    return format_timedelta(timedelta(days), "day", never, add_direction=True, locale=locale)


def progress(path: str | Path | None = None) -> Progress:
    """What your answers amount to: mastery of each objective, misconceptions, what is due.

    Answers are kept in one file: the environment's `SMTPEDU_PROGRESS`, else one in your user's
    data folder; `.path` tells. With `path` it is that file which is read, such as somebody
    else's, and yours go on being kept where they were. A file that cannot be used, or is not
    there, raises nothing here: the report says so.
    """
    if path is None:
        return Progress(store())
    found = Progress(Store(path, read_only=True))
    if not found.path.exists():
        found.trouble = text("store.missing", path=found.path)
    return found


# ---- mastery over time ----

VEGA_LITE = "application/vnd.vegalite.v5+json"
_SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json"  # a name; nothing is fetched from it

_ANSWER = {"type": "point", "size": 70, "strokeWidth": 2, "opacity": 1, "tooltip": True}
_STEP = 20  # pixels from row to row
_SHORTEST, _MARGIN = timedelta(seconds=10), timedelta(minutes=30)
_FORMATS = (
    (timedelta(minutes=3), "%H:%M:%S"),
    (timedelta(hours=18), "%H:%M"),
    (timedelta(days=4), "%m-%d %H:%M"),
)


@dataclass(frozen=True)
class Timeline(Displayable):
    """Objective → its points: (time as ISO 8601, right or not, strength of the evidence, 0 to 1).

    `trouble` is said instead of an invitation where there are none.
    """

    points: dict[str, list[tuple[str, bool, float]]]
    trouble: str = ""

    @property
    def spec(self) -> dict[str, Any]:
        """The chart as a Vega-Lite specification."""
        names = {
            name: visible(frames.plain(frames.objective_title(name)))
            for name in dict.fromkeys([*objectives(), *self.points])
        }
        rows = [
            {"at": at, "objective": names[name], "right": right, "mastery": strength}
            for name, points in self.points.items()
            for at, right, strength in points
        ]
        order = {"sort": list(names.values()), "scale": {"domain": list(names.values())}}
        lines = {"labelLimit": 0, "grid": True, "ticks": False, "domain": False, "title": None}

        def where_right(then: str, otherwise: str) -> dict[str, Any]:
            return {"condition": {"test": "datum.right", "value": then}, "value": otherwise}

        return {
            "$schema": _SCHEMA,
            "description": text("report.plot"),
            "title": {"text": text("report.plot"), "subtitle": text("report.dots")},
            "background": "transparent",
            "data": {"values": rows},
            "width": 480,
            "height": {"step": _STEP},
            # The menu of a chart leads to a page on the web.
            "usermeta": {"embedOptions": {"actions": False}},
            "mark": _ANSWER,
            "encoding": {
                "x": self._x(),
                "y": {"field": "objective", "type": "nominal", "axis": lines, **order},
                # Filled: right. Grey and green can be seen on dark and on light.
                "fill": where_right("#388e3c", "transparent"),
                "stroke": where_right("#388e3c", "#888"),
            },
        }

    def _x(self) -> dict[str, Any]:
        """Time, from the first to the last answer of all."""
        first, last = self._span()
        written, needs_day = _time_format(last - first)
        return {
            **{"field": "at", "type": "temporal"},
            "title": _days(first, last) if needs_day else None,
            "axis": {"tickCount": 3, "labelOverlap": "greedy", "format": written, "grid": False},
            "scale": {"domain": [format_time(first), format_time(last)], "padding": 12},
        }

    def _span(self) -> tuple[datetime, datetime]:
        """From the first to the last answer of all; of one moment, more, or it has no length."""
        times = [parse_time(at) for points in self.points.values() for at, *_ in points]
        found = times or [datetime.now(UTC)]
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
            title, last_of_day = frames.objective_title(name), {at[:10]: s for at, _, s in points}
            rows += [[title, f"`{day}`", f"{s:.0%}"] for day, s in last_of_day.items()]
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
    points: dict[str, list[tuple[str, bool, float]]] = {}
    practised = [attempt for attempt in attempts if attempt.objective]
    traced = zip(mastery_steps(practised), answer_times(practised, now), strict=True)
    for (attempt, known), time in traced:
        points.setdefault(attempt.objective, []).append(
            (format_time(time), attempt.right, round(known.strength, 4))
        )
    return Timeline(points)
