"""The comparison in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

COMPARE = "import smtpedu as smtp\nsmtp.compare(250, 551)"
PARTS = ["Description", "When you see it", "How to fix it"]
AFTER = ["Key differences", "When to use each", "Learn more"]


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or [COMPARE]), **size)
    lab.run_all()
    comparison = lab.page.locator(".smtpedu-comparison")
    expect(comparison.locator(".card").first).to_be_visible()
    return comparison


def test_shows_the_five_parts_for_any_two_codes(lab: NotebookPage, page_errors: list[str]) -> None:
    comparison = opened(lab)
    cards = comparison.locator(".card")
    expect(cards.nth(0).get_by_role("heading")).to_have_text(["250 OK", *PARTS])
    expect(cards.nth(1).locator("h4")).to_have_text(PARTS)
    headings = comparison.locator(":scope > div:not(.bar) > h3")
    expect(headings).to_have_text(AFTER)
    comparison.get_by_label("First code").select_option("354")
    expect(cards.nth(0)).to_contain_text("354")
    comparison.get_by_label("Second code").select_option("451")
    expect(cards.nth(1)).to_contain_text("451")
    expect(headings).to_have_text(AFTER)
    assert page_errors == []


def test_marks_the_digits_that_differ(lab: NotebookPage) -> None:
    comparison = opened(lab)
    marked = comparison.locator(".card").nth(1).locator(".digit.marked")
    expect(marked).to_have_text(["5", "1"])
    row = comparison.get_by_role("row", name="Second digit")
    expect(row).to_contain_text("same")
    expect(comparison.get_by_role("row", name="First digit")).to_contain_text("differs")
    comparison.get_by_label("First code").select_option("550")
    expect(marked).to_have_text(["1"])


def test_works_by_keyboard_alone_and_keeps_its_keys(lab: NotebookPage) -> None:
    comparison = opened(lab)
    first = comparison.get_by_label("First code")
    first.focus()
    lab.page.keyboard.type("251")
    expect(comparison.locator(".card").first).to_contain_text("251")
    lab.page.keyboard.press("Tab")
    lab.page.keyboard.press("Enter")
    expect(first).to_have_value("551")
    for key in "ddab":
        lab.page.keyboard.press(key)
    assert lab.cell_count() == 1


def test_python_sees_what_was_chosen(lab: NotebookPage) -> None:
    make = "import smtpedu as smtp\nwidget = smtp.compare(250, 551).widget()\nwidget"
    comparison = opened(lab, make, "print(widget.a, widget.b)")
    comparison.get_by_label("First code").select_option("450")
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
    expect(comparison.locator(".card").first.locator("h4")).to_have_text(
        ["الوصف", "متى تراه", "كيف تعالجه"]
    )
    cards = [comparison.locator(".card").nth(n).bounding_box() for n in (0, 1)]
    assert cards[0]["x"] > cards[1]["x"]
    directions = comparison.locator("code").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).direction)"
    )
    assert set(directions) == {"ltr"}
    comparison.get_by_role("button", name="English").click()
    expect(comparison).to_have_attribute("dir", "ltr")
