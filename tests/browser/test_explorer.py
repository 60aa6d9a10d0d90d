"""The code explorer in a real JupyterLab."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

EXPLORE = "import smtpedu as smtp\nsmtp.explorer()"


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or [EXPLORE]), **size)
    lab.run_all()
    explorer = lab.page.locator(".smtpedu-explorer")
    expect(explorer.locator("table").first).to_be_visible()
    return explorer


def shown(explorer: Locator) -> list[str]:
    return explorer.locator("tbody tr:visible th").all_inner_texts()


def test_filters_by_digit_command_and_word(lab: NotebookPage, page_errors: list[str]) -> None:
    explorer = opened(lab)
    expect(explorer.get_by_text("39 of 39 codes")).to_be_visible()
    explorer.get_by_label("First digit").select_option("3")
    assert shown(explorer) == ["334", "354", "355"]
    explorer.get_by_label("Second digit").select_option("5")
    assert shown(explorer) == ["354", "355"]
    explorer.get_by_label("Answers").select_option("DATA")
    assert shown(explorer) == ["354"]
    explorer.get_by_role("button", name="Clear").click()
    explorer.get_by_label("Search").fill("user not local")
    assert {"251", "551"} <= set(shown(explorer))
    explorer.get_by_label("Search").fill("no such words anywhere")
    expect(explorer).to_contain_text("No code fits.")
    assert shown(explorer) == []
    assert page_errors == []


def test_arabic_is_found_as_people_type_it(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_role("button", name="العربية").click()
    explorer.get_by_role("searchbox").press_sequentially("مستلم اعادة")  # written with marks
    assert 0 < len(shown(explorer)) < 12


def test_choosing_a_code_shows_its_card(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_role("button", name="551").press("Enter")
    expect(explorer.locator(".card")).to_contain_text("User not local; please try")
    expect(explorer.get_by_role("button", name="551")).to_have_attribute("aria-pressed", "true")
    expect(explorer.get_by_role("link", name="RFC 5321 §4.2.2")).to_be_visible()


def test_typing_in_the_search_stays_inside(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_label("Search").press_sequentially("add bad")
    expect(explorer.get_by_label("Search")).to_have_value("add bad")
    explorer.get_by_role("button", name="Clear").focus()
    for key in "ddabx":
        lab.page.keyboard.press(key)
    assert lab.cell_count() == 1
