"""The report and its chart in a real JupyterLab, which has to draw the chart by itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

ANSWERS = """
import os, tempfile
from smtpedu.learner.attempt import Attempt
from smtpedu.learner.store import store
os.environ["SMTPEDU_PROGRESS"] = tempfile.mkdtemp() + "/progress.sqlite3"
plain = dict(run="r", quiz="q", role="practice", level="recall", kind="choice", number=1,
             response=0, right=True, score=1.0, misconceptions=(), guessed=False, hints=0,
             options=4)
store().add([Attempt(id=f"{name}{n}", item=f"{name}{n}", objective=name, **plain,
                     at=f"2026-01-{n + 1:02}T09:30:00.000Z")
             for n in range(9) for name in ("moved", "order")])
"""


def test_jupyterlab_draws_the_chart_and_shows_the_report(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    cells = [ANSWERS, "import smtpedu as smtp\nsmtp.progress().plot()", "smtp.progress()"]
    lab.open(lab.notebook(cells))
    lab.run_all()
    chart = lab.page.locator(".vega-embed").locator("canvas, svg").first
    expect(chart).to_be_visible()
    expect(lab.page.get_by_role("heading", name="Your progress")).to_be_visible()
    report = lab.page.get_by_role("table").filter(has_text="Practise again")
    expect(report.get_by_role("row")).to_have_count(3)
    assert page_errors == []
