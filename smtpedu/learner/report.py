"""What the learner's answers amount to: to look at, to take along, to delete."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from smtpedu.display import Block, Bullets, Displayable, Heading, Paragraph, Table
from smtpedu.i18n import text
from smtpedu.learner import frames
from smtpedu.learner.attempt import Attempt, answered
from smtpedu.learner.database import StoreError
from smtpedu.learner.mastery import needed
from smtpedu.learner.schedule import due
from smtpedu.learner.store import Store, store
from smtpedu.learner.timeline import Timeline, timeline

if TYPE_CHECKING:
    import pandas as pd

_OPTIONS = 4  # of a usual question


class Progress(Displayable):
    """All answers up to now. Show it, print it, or take its DataFrames.

    `path` is the file that holds the answers, `notice` what is to be known of it, if anything,
    `trouble` why it cannot be used now, else empty. Where it cannot even be read, `unreadable` is
    the error, which the DataFrames and the chart raise. Drafts of an exam count as no answers.
    """

    def __init__(self, kept: Store) -> None:
        self._store = kept
        self._found: list[Attempt] = []
        self._now = datetime.now(UTC)
        self.trouble = ""
        self.unreadable: StoreError | None = None
        try:
            self._found = answered(kept.attempts())
        except StoreError as error:
            self.trouble, self.unreadable = str(error), error
            return
        try:
            kept.check()
        except StoreError as error:
            self.trouble = str(error)

    def __repr__(self) -> str:
        return f"Progress({len(self._found)} answers)"

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
        `smtpedu.progress.mastery`.
        """
        return frames.mastery_frame(self._attempts, self._now)

    @property
    def misconceptions(self) -> pd.DataFrame:
        """The misconceptions held now, one per row. Index `name` (string).

        Columns: `belief`, `rebuttal`, `source` (string), `times` (int64: answers that showed it),
        `last` (datetime64[ms, UTC]).
        """
        return frames.misconceptions_frame(self._attempts)

    def plot(self) -> Timeline:
        """Mastery of each objective over time: a chart in JupyterLab, elsewhere a table."""
        return replace(timeline(self._attempts, self._now), trouble=self.trouble)

    def export(self, path: str | Path) -> Path:
        """Write all that is kept into a new file; returns its path.

        A name ending in `.csv` gets the answers as CSV, with a row for each question of an exam
        that was left without one (`number` 0); any other answers and runs as JSON lines. Raises
        `StoreError` when there is such a file, or it cannot be written.
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

    def blocks(self) -> list[Block]:
        found: list[Block] = [Heading(text("report.title"), 2)]
        found += [Paragraph(said) for said in (self.trouble, self.notice) if said]
        if not self._found:
            return found if self.trouble else [*found, Paragraph(text("report.empty"))]
        return [*found, *self._mastery_blocks(), *self._misconception_blocks()]

    def _mastery_blocks(self) -> list[Block]:
        days = {one.objective: one for one in due(self._attempts, self._now)}
        known = frames.all_mastery(self._attempts)
        rows, new = [], []
        for name, one in known.items():
            if name not in days:
                new.append(frames.title(name))
                continue
            at = (days[name].at or self._now).astimezone()  # the learner's own clock
            when = text("report.now") if days[name].overdue else f"`{at:%Y-%m-%d}`"
            mastered = f" {text('report.mastered')}" if one.mastered else ""
            share = f"{one.right}/{one.answered}"
            rows.append([frames.title(name), share, f"{one.strength:.0%}{mastered}", when])
        head = [text(f"report.{name}") for name in ("objective", "right", "mastery", "due")]
        found: list[Block] = []
        if rows:
            found += [Paragraph(text("report.means", count=needed(_OPTIONS))), Table(head, rows)]
        if new:
            found += [Paragraph(text("report.new")), Bullets(new)]
        return found

    def _misconception_blocks(self) -> list[Block]:
        heading = Heading(text("report.misconceptions"))
        rows = []
        for one in frames.held_now(self._attempts):
            belief, rebuttal, source = frames.said(one.name)
            sources = text("list.separator").join(source.split("; "))
            rows.append([belief, f"{rebuttal} ({sources})" if rebuttal else "", str(one.times)])
        if not rows:
            return [heading, Paragraph(text("report.no_misconceptions"))]
        head = [text(f"report.{name}") for name in ("belief", "rebuttal", "times")]
        return [heading, Table(head, rows)]


def progress(path: str | Path | None = None) -> Progress:
    """What your answers amount to: mastery of each objective, misconceptions, what is due.

    Answers are kept in one file: the environment's `SMTPEDU_PROGRESS`, else one in your user's
    data folder; `.path` tells. With `path` it is that file which is read, such as somebody
    else's, and yours go on being kept where they were. A file that cannot be used, or is not
    there, raises nothing here: the report says so.
    """
    if path is None:
        return Progress(store())
    found = Progress(Store(path, looking=True))
    if not found.path.exists():
        found.trouble = text("store.missing", path=found.path)
    return found
