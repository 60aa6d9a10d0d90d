"""Predictions in a real JupyterLab: answered before anything is shown, kept, and there again."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

from smtpedu.learner.store import Store
from smtpedu.questions.bank import predictions

from .test_quiz import stored

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

FIRST, SECOND, *_ = (one for one in predictions().values() if one.kind == "choice")
REQUEST = "Run the cell of the question above, and answer it. Then run this cell again."
CELLS = (
    f"smtp.predict({FIRST.id!r})",
    f"smtp.reveal({FIRST.id!r}, smtp.session('moved-refused').codes)",
    f"smtp.predict({SECOND.id!r})",
    f"smtp.reveal({SECOND.id!r}, 'what happened')",
    "smtp.progress()",
)
CODES = "[220, 250, 250, 551, 250, 221]"


@pytest.fixture
def answers(tmp_path: Path) -> Store:
    """The store that the predictions of a test write to."""
    return Store(tmp_path / "progress.sqlite3")


@pytest.fixture
def path(lab: NotebookPage, answers: Store) -> str:
    """A notebook with two predictions, whose answers are kept in a file of its own."""
    file = str(answers.path)
    first = f"import os\nimport smtpedu as smtp\nos.environ['SMTPEDU_PROGRESS'] = {file!r}"
    return lab.notebook((first, *CELLS))


def shown(lab: NotebookPage) -> Locator:
    found = lab.page.locator(".smtpedu-quiz")
    expect(found).to_have_count(2)
    return found


def answer(widget: Locator, text: str) -> None:
    widget.get_by_role("radio", name=text.replace("`", ""), exact=True).check()
    widget.get_by_role("button", name="Answer", exact=True).click()


def options(item: object) -> tuple[str, str]:
    """A wrong one and the right one."""
    wrong = next(one.text for one in item.options if not one.right)  # type: ignore[attr-defined]
    right = next(one.text for one in item.options if one.right)  # type: ignore[attr-defined]
    return wrong, right


def test_nothing_is_seen_before_it_is_predicted_not_even_when_all_cells_are_run(
    lab: NotebookPage, path: str, answers: Store, page_errors: list[str]
) -> None:
    lab.open(path)
    lab.run_all()
    first, second = shown(lab).all()
    for place in (2, 4):
        expect(lab.output(place)).to_contain_text(REQUEST)
    expect(first.get_by_role("region", name="What your answer means")).to_have_count(0)

    wrong, _ = options(FIRST)
    answer(first, wrong)
    said = first.get_by_role("region", name="What your answer means")
    expect(said).to_contain_text("It is otherwise")
    expect(first.get_by_role("button", name="Answer", exact=True)).to_have_count(0)
    expect(first.locator(".quiz-aloud")).not_to_be_empty()
    stored(answers, 1, lab.page)
    lab.run_cell(2)
    expect(lab.output(2)).to_contain_text(CODES)
    expect(lab.output(4)).to_contain_text(REQUEST)

    answer(second, options(SECOND)[1])
    expect(second).to_contain_text("As you expected")
    stored(answers, 2, lab.page)
    lab.run_all()
    expect(lab.output(4)).to_contain_text("what happened")
    # It is not asked once more, nor is there a summary of one question.
    for one, text in ((first, "It is otherwise"), (second, "As you expected")):
        expect(one).to_contain_text(text)
    record = lab.page.locator(".smtpedu-progress")
    expect(record).to_contain_text("Predicted right, before the answer was shown: 1 of 2")
    assert page_errors == []


def test_while_another_program_holds_the_answers_the_page_keeps_them(
    lab: NotebookPage, path: str, answers: Store, page_errors: list[str]
) -> None:
    lab.open(path)
    lab.run_all()
    first, second = shown(lab).all()
    with closing(sqlite3.connect(answers.path)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        answer(first, options(FIRST)[0])
        expect(first).to_contain_text("It is otherwise")
        expect(first).to_contain_text("Your answers are kept in this browser until they can be")
        lab.run_cell(2)
        expect(lab.output(2)).to_contain_text(CODES)
    answer(second, options(SECOND)[1])
    assert {one.item for one in stored(answers, 2, lab.page)} == {FIRST.id, SECOND.id}
    assert page_errors == []


def test_what_was_predicted_before_python_ran_is_kept_and_comes_back(
    lab: NotebookPage, path: str, answers: Store, page_errors: list[str]
) -> None:
    lab.open(path)
    lab.run_all()
    lab.save()
    lab.restart_kernel()
    lab.reload()
    # The saved notebook is drawn, and no cell was run.
    answer(shown(lab).nth(0), options(FIRST)[1])
    answer(shown(lab).nth(1), options(SECOND)[0])
    lab.run_all()
    for n, text in enumerate(("As you expected", "It is otherwise")):
        expect(shown(lab).nth(n)).to_contain_text(text)
    assert {one.item for one in stored(answers, 2, lab.page)} == {FIRST.id, SECOND.id}
    lab.run_all()
    expect(lab.output(2)).to_contain_text(CODES)
    expect(lab.output(4)).to_contain_text("what happened")
    lab.save()
    lab.reopen()
    lab.run_all()
    for n, text in enumerate(("As you expected", "It is otherwise")):
        expect(shown(lab).nth(n)).to_contain_text(text)
    assert page_errors == []


def test_by_keyboard_nothing_reaches_the_notebook(
    lab: NotebookPage, path: str, page_errors: list[str]
) -> None:
    lab.open(path)
    lab.run_all()
    widget = shown(lab).first
    widget.locator("fieldset").focus()
    for key in ("d", "d", "a", "Enter"):
        lab.page.keyboard.press(key)
    expect(widget.get_by_role("region", name="What your answer means")).to_be_visible()
    assert widget.evaluate("(node) => node.contains(document.activeElement)")
    # What runs a cell elsewhere leads on from here; only then does it run one.
    prompt = lab.cell(2).locator(".jp-InputPrompt").first
    expect(prompt).to_have_text("[3]:")
    lab.page.keyboard.press("Shift+Enter")
    assert lab.evaluate("return panel.content.activeCellIndex;") == 2
    expect(prompt).to_have_text("[3]:")
    lab.page.keyboard.press("Shift+Enter")
    expect(prompt).to_have_text("[7]:")
    expect(lab.output(2)).to_contain_text(CODES)
    assert lab.page.locator(".jp-Notebook .jp-CodeCell").count() == 1 + len(CELLS)
    assert page_errors == []
