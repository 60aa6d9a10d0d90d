"""The comparison in a real JupyterLab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

COMPARE = "import smtpedu as smtp\nsmtp.compare(250, 551)"
FOLDS = [
    *("Key differences", "Description"),
    *("When you see it", "How to fix it", "When to use each"),
]
ENDINGS = ["The server takes the message", "The client keeps the message"]


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or [COMPARE]), **size)
    lab.run_all()
    comparison = lab.page.locator(".smtpedu-comparison")
    expect(comparison.get_by_role("heading").first).to_be_visible()
    return comparison


def change(comparison: Locator, side: str, code: int) -> None:
    """Choose another code of the `First` or the `Second` side."""
    comparison.get_by_role("button", name=f"{side} code").click()
    comparison.get_by_role("table", name="reply codes").get_by_role(
        "button", name=str(code)
    ).click()


def compared(comparison: Locator) -> Locator:
    """The digits of both codes, as they stand at the top."""
    return comparison.locator(".s-poster > bdi")


def test_shows_its_parts_for_any_two_codes(lab: NotebookPage, page_errors: list[str]) -> None:
    comparison = opened(lab)
    expect(comparison.locator(".s-poster h3")).to_have_text(
        ["250 OK", "551 User not local; please try"]
    )
    for picture, said in zip(comparison.get_by_role("img").all(), ENDINGS, strict=True):
        expect(picture).to_have_accessible_name(re.compile(said))
    expect(comparison.locator("strong")).to_have_text("The usual mistake: ")
    expect(comparison.locator("summary")).to_have_text(FOLDS)
    for fold in comparison.locator("summary").all():
        fold.click()
    told = ("Who learns:", "The command worked.", "The recipient is refused")
    for said in (*told, "deliver the message, pass it on"):
        expect(comparison.get_by_text(said)).to_be_visible()
    change(comparison, "First", 354)
    change(comparison, "Second", 451)
    expect(compared(comparison)).to_have_text(["354", "451"])
    expect(comparison.get_by_role("img")).to_have_count(0)
    expect(comparison.get_by_text("The usual mistake")).to_be_hidden()
    expect(comparison.get_by_text("Key differences")).to_be_hidden()
    expect(comparison.locator("details[open]:visible")).to_have_count(4)
    change(comparison, "First", 451)
    same = comparison.get_by_text("These are the same code.")
    expect(same.filter(visible=True)).to_contain_text(["First digit"])
    expect(comparison.get_by_role("table")).to_be_hidden()
    assert page_errors == []


def test_only_what_differs_is_set_side_by_side(lab: NotebookPage) -> None:
    comparison = opened(lab)
    expect(comparison.locator(".s-differs")).to_have_text(["2", "0", "5", "1"])
    expect(comparison.get_by_role("row", name="First digit")).to_contain_text("positive completion")
    expect(comparison.get_by_role("row", name="Second digit")).to_have_count(0)
    expect(comparison.get_by_text("The same: Second digit")).to_be_visible()
    change(comparison, "First", 550)
    expect(comparison.locator(".s-differs")).to_have_text(["0", "1"])


def test_the_four_replies_are_compared_by_a_press(lab: NotebookPage) -> None:
    comparison = opened(lab)
    four = comparison.get_by_role("group", name="Two choices make four replies")
    expect(four.locator("[aria-pressed=true]")).to_have_text([re.compile("250"), re.compile("551")])
    four.get_by_role("button", name="251").press("Enter")
    expect(compared(comparison)).to_have_text(["250", "251"])
    expect(four.get_by_role("button", name="251")).to_be_focused()
    four.get_by_role("button", name="250").click()
    expect(compared(comparison)).to_have_text(["250", "251"])


def test_works_by_keyboard_alone_and_keeps_its_keys(lab: NotebookPage) -> None:
    comparison = opened(lab)
    opener = comparison.get_by_role("button", name="First code")
    press = lab.page.keyboard.press
    opener.focus()
    press("Enter")
    expect(opener).to_have_attribute("aria-expanded", "true")
    table = comparison.get_by_role("table", name="reply codes")
    expect(table.get_by_role("button", name="250")).to_be_focused()
    press("Escape")
    expect(table).to_be_hidden()
    expect(opener).to_be_focused()
    for key in ("Enter", "ArrowRight", "Enter"):
        press(key)
    expect(compared(comparison)).to_have_text(["251", "551"])
    expect(opener).to_be_focused()
    press("Tab")
    press("Enter")
    expect(compared(comparison)).to_have_text(["551", "251"])
    for key in "ddab":
        press(key)
    assert lab.cell_count() == 1


def test_python_sees_what_was_chosen(lab: NotebookPage) -> None:
    make = "import smtpedu as smtp\nwidget = smtp.compare(250, 551).widget()\nwidget"
    comparison = opened(lab, make, "print(widget.a, widget.b)")
    change(comparison, "First", 450)
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("450 551")


def test_links_open_beside_the_notebook(lab: NotebookPage) -> None:
    link = opened(lab).get_by_role("link", name="RFC 5321 §3.4")
    expect(link).to_have_attribute("href", "https://www.rfc-editor.org/rfc/rfc5321#section-3.4")
    expect(link).to_have_attribute("target", "_blank")
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_arabic_is_complete_and_right_to_left(lab: NotebookPage) -> None:
    comparison = opened(lab)
    comparison.get_by_role("button", name="العربية").click()
    expect(comparison).to_have_attribute("dir", "rtl")
    expect(comparison.locator("summary")).to_have_text(
        ["الفروق الأساسية", "الوصف", "متى تراه", "كيف تعالجه", "متى يُستخدم كل منهما"]
    )
    digits = [compared(comparison).nth(n).bounding_box() for n in (0, 1)]
    assert digits[0]["x"] > digits[1]["x"]
    directions = comparison.locator("code").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).direction)"
    )
    assert set(directions) == {"ltr"}
    comparison.get_by_role("button", name="English").click()
    expect(comparison).to_have_attribute("dir", "ltr")


def test_the_parts_that_matter_are_seen_at_once(lab: NotebookPage) -> None:
    comparison = opened(lab)
    trap = comparison.get_by_text("The usual mistake").locator("..").bounding_box()
    assert trap["y"] + trap["height"] - comparison.bounding_box()["y"] < 620


def test_stands_side_by_side_in_a_narrow_window(lab: NotebookPage) -> None:
    comparison = opened(lab, width=600)
    first, second = (compared(comparison).nth(n).bounding_box() for n in (0, 1))
    assert first["y"] == second["y"]
    assert comparison.evaluate("node => node.scrollWidth <= node.clientWidth")
