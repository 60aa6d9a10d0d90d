"""The report and its chart in a real JupyterLab, which has to draw the chart by itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

from . import test_quiz

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
wrong = plain | dict(right=False, misconceptions=("551-relay-denied",))
store().add([Attempt(id="wrong", item="wrong", objective="moved", **wrong,
                     at="2026-01-01T09:00:00.000Z")])
store().add([Attempt(id=f"{name}{n}", item=f"{name}{n}", objective=name, **plain,
                     at=f"2026-01-{n + 1:02}T09:30:00.000Z")
             for n in range(9) for name in ("moved", "order")])
"""
# A review of a question whose right answer is known here.
CHOICE = f"""
from pathlib import Path
import smtpedu as smtp, smtpedu.widgets.progress as made
from smtpedu.questions.toml_files import load
items = {{item.id: item for item in load(Path({str(test_quiz.KINDS)!r}))}}
made.review = lambda: smtp.quiz([items["choice"]])
"""
COUNT = "print(len(store().attempts()), 'answers')"


def test_jupyterlab_draws_the_chart_and_shows_the_report(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    cells = [ANSWERS, "import smtpedu as smtp\nsmtp.progress().plot()", "smtp.progress()"]
    lab.open(lab.notebook(cells))
    lab.run_all()
    chart = lab.page.locator(".vega-embed").locator("canvas, svg").first
    expect(chart).to_be_visible()
    report = lab.page.locator(".smtpedu-progress")
    expect(report.get_by_role("heading", name="Your progress")).to_be_visible()
    rows = report.locator(".progress-row")
    expect(rows).to_have_count(12)
    expect(rows.nth(0)).to_contain_text("due today")
    expect(rows.nth(11)).to_contain_text("not yet")
    expect(rows.nth(0).get_by_role("img", name="9 of 11")).to_be_visible()
    moved = rows.filter(has_text="Name the four replies for a mailbox that has moved")
    expect(moved).to_contain_text("What you may believe")
    belief = report.locator(".progress-belief")
    expect(belief).to_have_count(1)
    expect(belief).to_contain_text(re.compile("suspected.*551 means that the server denies"))
    assert page_errors == []


def opened(lab: NotebookPage, before: str = "", **size: int) -> Locator:
    lab.open(
        lab.notebook([ANSWERS + before, "import smtpedu as smtp\nsmtp.progress()", COUNT]), **size
    )
    if size.get("width", 1280) < 800:
        lab.command("application:toggle-left-area")
    lab.run_all()
    return lab.page.locator(".smtpedu-progress")


def test_review_is_one_press_away(lab: NotebookPage) -> None:
    report = opened(lab)
    report.get_by_role("button", name="Review now").press("Enter")
    quiz = report.locator(".smtpedu-quiz")
    expect(quiz).to_be_visible()
    expect(quiz.locator(":focus")).to_have_count(1)
    assert lab.cell_count() == 3


def test_review_in_place_is_kept_and_goes_on_in_another_language(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    report = opened(lab, CHOICE)
    report.get_by_role("button", name="Review now").press("Enter")
    quiz = report.locator(".smtpedu-quiz")
    expect(quiz.locator(":focus")).to_have_count(1)
    report.locator(".s-head").first.get_by_role("button", name="العربية").press("Enter")
    expect(quiz).to_have_attribute("dir", "rtl")
    report.locator(".s-head").first.get_by_role("button", name="English").press("Enter")
    practised = report.get_by_role("listitem").filter(has_text="who does the forwarding")
    expect(practised).to_contain_text("not yet")
    test_quiz.answer_first(quiz)
    expect(quiz.locator(".s-mark").first).to_be_visible()
    expect(practised.locator(".progress-full").first).to_be_visible()
    expect(practised).not_to_contain_text("not yet")
    report.locator(".s-head").first.get_by_role("button", name="العربية").press("Enter")
    expect(quiz.locator(".s-mark").first).to_be_visible()
    lab.run_cell(2)
    expect(lab.output(2)).to_have_text("20 answers")
    assert page_errors == []


def test_review_whose_code_does_not_come_can_be_asked_for_again(lab: NotebookPage) -> None:
    """Until then the learner gets the call that makes one; two presses make one review."""
    lab.open(lab.notebook([ANSWERS, "import smtpedu as smtp\nsmtp.progress()"]))
    lab.reload()
    lab.run_all()
    report = lab.page.locator(".smtpedu-progress")
    review = report.get_by_role("button", name="Review now")
    lab.page.route("**/quiz/quiz.js", lambda route: route.abort())
    review.click()
    expect(report.get_by_role("status").first).to_contain_text("run smtp.review() in a cell.")
    lab.page.unroute("**/quiz/quiz.js")
    review.dblclick()
    quiz = report.locator(".smtpedu-quiz")
    expect(quiz.locator(":focus")).to_have_count(1)
    expect(report.get_by_role("status").first).to_have_text("")
    lab.settle()
    expect(quiz).to_have_count(1)


def test_without_python_the_learner_is_told_which_cells_to_run(lab: NotebookPage) -> None:
    report = opened(lab)
    lab.shutdown_kernel()
    review = report.get_by_role("button", name="Review now")
    review.press("Enter")
    expect(report.get_by_role("status")).to_have_text(
        "Python does not answer. To review, run the cells above, then this one."
    )
    expect(review).to_be_focused()


def test_arabic_is_complete_and_narrow_pages_scroll_nothing(lab: NotebookPage) -> None:
    report = opened(lab, width=400)
    report.get_by_role("button", name="العربية").click()
    expect(report).to_have_attribute("dir", "rtl")
    expect(report.get_by_role("img", name="9 من 11").first).to_be_visible()
    said = report.locator(
        ".progress-row > span:first-child, p, button:not([lang=en])"
    ).all_inner_texts()
    assert [text for text in said if text and not re.search("[\u0621-\u064a]", text)] == []
    assert report.evaluate("root => root.scrollWidth <= root.clientWidth")
