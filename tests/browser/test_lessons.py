"""Each lesson as a learner meets it: opened, run, saved, reopened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest
from playwright.sync_api import expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

LESSONS = sorted((Path(__file__).parents[2] / "notebooks").rglob("*.ipynb"))
FOLDED = ".jp-OutputCollapser ~ .jp-Cell-outputArea, .jp-OutputPlaceholder"


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lesson_opens_runs_and_comes_back(
    lab: NotebookPage, page_errors: list[str], path: Path
) -> None:
    lesson = nbformat.read(path, 4)
    predicted = sum("predict" in cell.metadata.get("tags", []) for cell in lesson.cells)
    shown = sum("<section lang=" in str(cell.get("outputs", "")) for cell in lesson.cells)
    lab.open(lab.add(lesson, path.stem))
    page = lab.page

    # Before it is run: every output is there, but answers to questions are folded.
    expect(page.locator(".jp-OutputPlaceholder")).to_have_count(predicted)
    visible = page.locator(".jp-OutputArea-output > section:visible")
    assert 0 < visible.count() <= shown
    assert page.get_by_text("Error displaying widget").count() == 0

    lab.run_all()
    expect(page.locator(".jp-OutputPlaceholder")).to_have_count(0)
    widgets = page.locator(".smtpedu")
    expect(widgets.first).to_be_visible()
    count = widgets.count()
    assert page.locator(".jp-OutputArea-output").count() > count > 0

    lab.save()
    lab.open_again()
    expect(lab.page.locator(".smtpedu")).to_have_count(count)
    assert lab.page.get_by_text("Error displaying widget").count() == 0
    assert page_errors == []
