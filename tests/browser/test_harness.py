"""The harness itself: JupyterLab opens, runs a cell, and a widget's button can be clicked."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

COUNTER = '''
import anywidget, traitlets

class Counter(anywidget.AnyWidget):
    _esm = """
    function render({ model, el }) {
      const button = document.createElement("button");
      button.className = "counter";
      const draw = () => { button.textContent = `${model.get("count")} clicks`; };
      button.addEventListener("click", () => {
        model.set("count", model.get("count") + 1);
        model.save_changes();
      });
      model.on("change:count", draw);
      draw();
      el.append(button);
      return () => model.off("change:count", draw);
    }
    export default { render };
    """
    count = traitlets.Int(0).tag(sync=True)

counter = Counter()
counter
'''


def test_a_widgets_button_can_be_clicked(lab: NotebookPage, page_errors: list[str]) -> None:
    """A click reaches the widget's JavaScript, and the kernel hears of it."""
    page = lab.open(lab.notebook([COUNTER, "print(counter.count)"]))
    lab.run_all()
    button = page.locator("button.counter")
    button.click()
    assert button.text_content() == "1 clicks"
    lab.run_cell(1)
    assert lab.output(1).inner_text().strip() == "1"
    assert page_errors == []


def test_a_widget_outlives_its_kernel(lab: NotebookPage, page_errors: list[str]) -> None:
    """With the kernel gone, the widget on the page still answers clicks."""
    page = lab.open(lab.notebook([COUNTER]))
    lab.run_all()
    lab.shutdown_kernel()
    page.locator("button.counter").click()
    assert page.locator("button.counter").text_content() == "1 clicks"
    assert page_errors == []


def test_a_failing_cell_is_reported(lab: NotebookPage) -> None:
    """`run_all` raises when a cell fails, unless the cell says that it should."""
    lab.open(lab.notebook(["1 / 0"]))
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        lab.run_all()


def test_page_can_be_inspected(lab: NotebookPage) -> None:
    """Themes change, all cells are in the page, axe sees its part, a save reaches the disk."""
    lab.open(lab.notebook([COUNTER, *["print('line\\n' * 40)"] * 30]))
    lab.run_all()
    assert lab.cell_count() == lab.page.locator(".jp-Notebook .jp-Cell").count() == 31
    assert lab.output(30).inner_text().startswith("line")
    for theme in ("dark", "light"):
        lab.theme(theme)
        assert lab.axe(".counter") == []
    for change, rule in (
        ("style.color = '#ccc'", "color-contrast"),
        ("textContent = ''", "button-name"),
    ):
        lab.page.evaluate(f"document.querySelector('.counter').{change}")
        assert [violation["id"] for violation in lab.axe(".counter")] == [rule]
    lab.save()
    assert lab.saved().cells[1].outputs[0].text.startswith("line")
