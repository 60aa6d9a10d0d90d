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
    expect(explorer.get_by_role("table")).to_be_visible()
    return explorer


def fitting(explorer: Locator) -> list[str]:
    return explorer.locator(".explorer-code:not(.explorer-unfit)").all_inner_texts()


def test_what_does_not_fit_is_pale_and_says_so(lab: NotebookPage, page_errors: list[str]) -> None:
    explorer = opened(lab)
    expect(explorer.get_by_text("39 of 39 codes")).to_be_visible()
    explorer.get_by_label("Answers").select_option("DATA")
    expect(explorer.get_by_role("button", name="221 (does not fit)")).to_be_visible()
    assert "354" in fitting(explorer)
    explorer.get_by_role("button", name="Clear").click()
    explorer.get_by_label("Search").fill("user not local")
    assert {"251", "551"} <= set(fitting(explorer))
    assert len(fitting(explorer)) < 12
    explorer.get_by_label("Search").fill("no such words anywhere")
    expect(explorer).to_contain_text("No code fits.")
    assert fitting(explorer) == []
    explorer.get_by_label("Search").fill("471")
    expect(explorer).to_contain_text("No RFC defines this code for SMTP.")
    assert page_errors == []


def test_the_only_code_that_fits_shows_its_card(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_label("Search").fill("greylist")
    expect(explorer.locator("article")).to_contain_text("Mailbox unavailable for now")
    explorer.get_by_role("button", name="551").click()
    expect(explorer.locator("article")).to_contain_text("User not local; please try")


def test_arabic_and_english_are_found_as_people_type_them(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_role("button", name="العربية").click()
    explorer.get_by_role("searchbox").press_sequentially("مستلم اعادة")  # written with marks
    assert 0 < len(fitting(explorer)) < 12
    explorer.get_by_role("searchbox").fill("moved")
    assert "550" in fitting(explorer)


def test_choosing_a_code_shows_its_card(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_role("button", name="551").press("Enter")
    expect(explorer.locator("article")).to_contain_text("User not local; please try")
    expect(explorer.get_by_role("button", name="551")).to_have_attribute("aria-pressed", "true")
    expect(explorer.get_by_role("link", name="RFC 5321 §4.2.2")).to_be_visible()


def test_the_table_is_one_stop_and_has_arrow_keys(lab: NotebookPage) -> None:
    explorer = opened(lab)
    press = lab.page.keyboard.press
    explorer.get_by_role("button", name="Clear").focus()
    press("Tab")
    expect(explorer.get_by_role("button", name="211")).to_be_focused()
    press("End")
    expect(explorer.get_by_role("button", name="556")).to_be_focused()
    for key in ("ArrowLeft", "Enter"):
        press(key)
    expect(explorer.locator("article")).to_contain_text("555")
    press("Tab")
    expect(explorer.get_by_role("link").first).to_be_focused()


def test_typing_in_the_search_stays_inside(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_label("Search").press_sequentially("add bad")
    expect(explorer.get_by_label("Search")).to_have_value("add bad")
    explorer.get_by_role("button", name="Clear").focus()
    for key in "ddabx":
        lab.page.keyboard.press(key)
    assert lab.cell_count() == 1
