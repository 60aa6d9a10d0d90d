"""Each lesson as a learner meets it: opened, run, saved, reopened."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import expect

from smtpedu.course import lessons

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").rglob("*.ipynb"))
MIME = "application/vnd.smtpedu.v1+json"
MOST_BYTES = 120_000  # of a lesson that was run and saved
MOST_OF_A_WIDGET = 1_000  # beyond its HTML, for what the package ships
MOST_OF_ONES_OWN = 8_000


def beyond_html(output: nbformat.NotebookNode) -> int:
    """What a widget costs a saved notebook, as JupyterLab writes it, but for its HTML."""
    data = {kind: value for kind, value in output.data.items() if kind != "text/html"}
    return len(json.dumps(data, indent=1))


def is_own(data: dict[str, object]) -> bool:
    return "turns" in str(data) or "leaves" in str(data)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_opens_runs_and_comes_back(
    lab: NotebookPage, page_errors: list[str], path: Path
) -> None:
    lesson = nbformat.read(path, 4)
    lab.open(lab.add(lesson, path.stem))
    page = lab.page

    # Before it is run, and not trusted: widgets are drawn.
    widgets = page.locator(".smtpedu")
    expect(widgets.first).to_be_visible()

    lab.run_all()
    shown = sum(MIME in str(cell.get("outputs", "")) for cell in lesson.cells)
    expect(widgets).to_have_count(shown)

    lab.save()
    saved = lab.saved()
    assert "widgets" not in saved.metadata
    assert (lab.server.root / lab.path).stat().st_size < MOST_BYTES
    outputs = [output for cell in saved.cells for output in cell.get("outputs", [])]
    for output in (one for one in outputs if MIME in one.get("data", {})):
        most = MOST_OF_ONES_OWN if is_own(output.data[MIME]) else MOST_OF_A_WIDGET
        assert beyond_html(output) < most, output.data[MIME]

    lab.restart_kernel()
    lab.save()
    lab.reload()
    expect(lab.page.locator(".smtpedu")).to_have_count(shown)
    assert lab.page.get_by_text("model not found").count() == 0
    assert page_errors == []


def test_a_widget_is_seen_from_its_top_when_its_cell_was_run(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    """JupyterLab shows the cell after it, and would leave the question above the window."""
    first, *_ = lessons.copy(lab.server.root / "seen", "en")
    cells = nbformat.read(first.path, 4).cells
    place = next(n for n, cell in enumerate(cells) if "smtp.predict(" in cell.source)
    lab.open(first.path.relative_to(lab.server.root).as_posix(), height=820)
    for n in range(place + 1):
        lab.page.keyboard.press("Shift+Enter")
        if cells[n].cell_type == "code":
            prompt = lab.cell(n).locator(".jp-InputPrompt").first
            expect(prompt).to_have_text(re.compile(r"\[\d+\]:"))
    question = lab.cell(place).locator(".smtpedu")
    top = lab.page.locator(".jp-Toolbar.jp-NotebookPanel-toolbar").bounding_box()
    expect(question).to_be_in_viewport(ratio=1)
    lab.page.wait_for_function(
        "([node, top]) => node.getBoundingClientRect().top > top",
        arg=[question.element_handle(), top["y"] + top["height"] if top else 0],
    )
    assert page_errors == []


def test_fresh_copy_has_nothing_to_save_before_the_learner_acts(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    target = lab.server.root / "copied"
    first, *_ = lessons.copy(target, "en")
    lab.open(first.path.relative_to(lab.server.root).as_posix())
    expect(lab.page.locator(".smtpedu").first).to_be_visible()
    lab.settle()
    assert lab.evaluate("return panel.context.model.dirty;") is False
    assert page_errors == []
