"""What draws an output, when files of the extension come late, not at once, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playwright.sync_api import expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

PLAYER = "import smtpedu as smtp\nsmtp.session('mixed-recipients').play()"
EXPLORER = "import smtpedu as smtp\nsmtp.explorer()"
UPDATED = """import smtpedu as smtp
from IPython.display import display
shown = display(smtp.session("mixed-recipients").play(), display_id=True)
for name in ("all-accepted", "moved-refused"):
    shown.update(smtp.session(name).play())"""


def test_output_that_changes_while_it_is_drawn_holds_one_widget(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    """The code is still to come when the cell is run."""
    lab.open(lab.notebook([UPDATED]))
    lab.reload()
    lab.run_all()
    expect(lab.page.locator(".smtpedu-player h3")).to_have_text(["Session moved-refused"])
    lab.settle()
    expect(lab.page.locator(".smtpedu-player")).to_have_count(1)
    assert page_errors == []


def test_file_that_did_not_come_is_asked_for_again(lab: NotebookPage) -> None:
    """Until then an output is the page that it holds as text, or a widget without its style."""
    for name in ("strings.json", "player.js", "style.css"):
        lab.open(lab.notebook([PLAYER, EXPLORER]))
        lab.page.route(f"**/{name}", lambda route: route.abort())
        lab.reload()
        lab.run_cell(0)
        first = lab.output(0)
        expect(first.get_by_role("heading", name="Session mixed-recipients")).to_be_visible()
        lab.page.unroute(f"**/{name}")
        lab.run_cell(1)
        explorer = lab.output(1).locator(".smtpedu-explorer")
        expect(explorer).to_have_css("border-radius", "8px")
        lab.run_cell(0)
        player = first.locator(".smtpedu-player")
        player.get_by_role("button", name="Next", exact=True).click()
        expect(player).to_contain_text("Step 2 of 19")
