"""The server matrix in a real JupyterLab."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

MATRIX = "import smtpedu as smtp\nsmtp.servers()"
MOVED = "import smtpedu as smtp\nsmtp.servers(scenario='moved')"
# A capture whose every part tries to become more than text.
EVIL = "<script>window.evil = true</script><img src=x onerror='window.evil = true'>\u202e"
HOSTILE = f"""
import shutil, tempfile, pathlib
import smtpedu as smtp
from smtpedu.dialogue import captures
data = pathlib.Path(tempfile.mkdtemp())
(data / "sessions" / "exim").mkdir(parents=True)
evil = {EVIL!r}
(data / "sessions" / "exim" / "moved.txt").write_text(f'''---
server: {{evil}}
version: {{evil}}
captured: {{evil}}
configuration: {{evil}}
  {{evil}}
note: {{evil}} `{{evil}}`
---
S: 220 {{evil}}
C: RCPT TO:<{{evil}}>
S: 551 {{evil}}
''', "utf-8")
shutil.copy(captures.folder("data") / "scenarios.toml", data)
captures.folder = lambda name: data
smtp.servers("moved")
"""


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells), **size)
    if size.get("width", 1280) < 800:
        lab.command("application:toggle-left-area")
    lab.run_all()
    servers = lab.page.locator(".smtpedu-servers")
    expect(servers.locator("table").first).to_be_visible()
    return servers


def cell(servers: Locator, server: str, scenario: str) -> Locator:
    return servers.get_by_role("button", name=f"{server}, {scenario}: ")


def button(servers: Locator, name: str) -> Locator:
    return servers.get_by_role("button", name=name, exact=True)


def steps_shown(servers: Locator) -> Locator:
    return servers.locator(".session").first.locator(".exchange:visible")


def test_chosen_cells_stand_side_by_side(lab: NotebookPage, page_errors: list[str]) -> None:
    servers = opened(lab, MATRIX)
    expect(servers.get_by_role("status").first).to_have_text("No session is chosen yet.")
    for server in ("Postfix", "Sendmail"):
        chosen = cell(servers, server, "Mixed recipients")
        expect(chosen).to_have_attribute("aria-pressed", "false")
        chosen.click()
        expect(chosen).to_have_attribute("aria-pressed", "true")
    sessions = servers.locator(".session")
    expect(sessions).to_have_count(2)
    expect(sessions.locator("h4 > bdi:first-child")).to_have_text(["Postfix", "Sendmail"])
    for line in ("RCPT TO:<alice@example.test>", "RCPT TO:<bob@example.test>"):
        boxes = [sessions.nth(n).get_by_text(line).first.bounding_box() for n in (0, 1)]
        assert boxes[0]["y"] == pytest.approx(boxes[1]["y"], abs=2)
    cell(servers, "Postfix", "Mixed recipients").click()
    expect(sessions).to_have_count(1)
    assert page_errors == []


def test_marks_differing_codes_and_differing_words_apart(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    cell(servers, "Postfix", "A moved recipient, by the server's own means").click()
    expect(servers.locator(".sign")).to_have_count(0)
    cell(servers, "smtpedu.Lab", "A moved recipient, by the server's own means").click()
    moved = servers.locator(".exchange", has_text="RCPT TO:<bob@example.test>")
    expect(moved).to_have_count(2)
    expect(moved.locator(".sign")).to_have_text(["≠", "≠"])
    expect(moved.locator(".aloud")).to_have_text(["The reply codes differ"] * 2)
    expect(moved.locator(".digit.marked")).to_have_text(["0", "1"])
    greeting = servers.locator(".exchange", has_text="(the connection opens)")
    expect(greeting.locator(".sign")).to_have_text(["≈", "≈"])
    expect(greeting.locator(".aloud")).to_have_text(["Same code, other words"] * 2)
    expect(servers.locator(".legend")).to_contain_text("≠ The reply codes differ")


def test_only_what_departs_from_the_most_frequent_code_is_marked(lab: NotebookPage) -> None:
    servers = opened(lab, "import smtpedu as smtp\nsmtp.servers('relay')")
    refused = servers.locator(".exchange", has_text="RCPT TO:<someone@elsewhere.example>")
    expect(refused.locator(".digit:first-child")).to_have_text(["4", "5", "5", "5"])
    expect(refused.locator(".sign")).to_have_text(["≠", "≈", "≈", "≈"])
    expect(refused.first).to_contain_text("Another reply code than the most frequent one")
    expect(refused.locator(".digit.marked")).to_have_text(["4", "4"])
    expect(servers.locator(".legend")).to_contain_text("≠ The reply codes differ; where one")


@contextmanager
def counted_scrolls(lab: NotebookPage) -> Iterator[None]:
    """Let the page note meanwhile how it is asked to scroll, in `window.scrolls`."""
    lab.page.evaluate(
        """() => {
          window.scrolls = [];
          const scroll = Element.prototype.scrollIntoView;
          Element.prototype.scrollIntoView = function (how) {
            window.scrolls.push(how?.behavior);
            scroll.call(this, how);
          };
          window.uncount = () => { Element.prototype.scrollIntoView = scroll; };
        }"""
    )
    try:
        yield
    finally:
        lab.page.evaluate("window.uncount()")


@pytest.mark.parametrize(("motion", "behavior"), [("reduce", "auto"), ("no-preference", "smooth")])
def test_line_above_the_table_leads_to_the_sessions(
    lab: NotebookPage, motion: str, behavior: str
) -> None:
    servers = opened(lab, MATRIX, height=500)
    lab.page.emulate_media(reduced_motion=motion)
    show = button(servers, "Show the sessions")
    heading = servers.get_by_role("heading", name="The chosen sessions")
    expect(show).to_be_hidden()
    expect(heading).to_be_hidden()
    cell(servers, "Postfix", "Greeting").click()
    line, table = servers.locator(".picked").bounding_box(), servers.locator(".matrix")
    assert line["y"] + line["height"] <= table.bounding_box()["y"]
    with counted_scrolls(lab):
        show.press("Enter")
        expect(heading).to_be_focused()
        expect(heading).to_be_in_viewport(ratio=1)
    assert lab.page.evaluate("window.scrolls") == [behavior]
    lab.page.keyboard.press("Tab")
    expect(button(servers, "Start")).to_be_focused()
    assert lab.cell_count() == 1


def test_choosing_a_row_lets_the_sessions_be_seen(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX, height=500)
    heading = servers.locator(".sessions")
    servers.locator("tbody .all").first.click()
    expect(heading).to_be_in_viewport(ratio=1)


def test_choosing_a_row_moves_nothing_when_the_sessions_are_seen(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX, height=1400)
    servers.locator("tbody .all").first.click()
    expect(servers.locator(".sessions")).to_be_in_viewport(ratio=1)
    lab.settle()
    with counted_scrolls(lab):
        servers.locator("tbody .all").nth(1).click()
        expect(servers.locator(".whose").first).to_contain_text("A local recipient")
        lab.settle()
        lab.settle()
    assert lab.page.evaluate("window.scrolls") == []


def test_row_header_chooses_the_first_four_and_a_fifth_is_refused(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    servers.get_by_role("button", name="An unknown recipient (show the first 4)").click()
    pressed = servers.locator("[aria-pressed=true]")
    expect(pressed).to_have_count(4)
    expect(servers.get_by_role("status").first).to_have_text(
        "The first 4 of this row's 6 servers are chosen."
        " An unknown recipient: Postfix, Exim, Sendmail, OpenSMTPD"
    )
    expect(servers.locator(".session")).to_have_count(4)
    cell(servers, "smtpedu.Lab", "Greeting").click()
    expect(pressed).to_have_count(4)
    status = servers.get_by_role("status").first
    expect(status).to_contain_text("There is room for 4 sessions")
    expect(status).to_contain_text("Postfix, Exim, Sendmail, OpenSMTPD")
    pressed.first.click()
    cell(servers, "smtpedu.Lab", "Greeting").click()
    expect(status).to_contain_text("4 of at most 4 sessions side by side.")
    button(servers, "Clear the choice").click()
    expect(pressed).to_have_count(0)
    expect(servers.locator(".session")).to_have_count(0)


def test_steps_through_all_sessions_at_once(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED)
    shown = steps_shown(servers)
    everything = servers.locator(".session").first.locator(".exchange").count()
    expect(shown).to_have_count(everything)
    expect(button(servers, "Show all")).to_have_attribute("aria-disabled", "true")
    button(servers, "Start").click()
    expect(shown).to_have_count(1)
    button(servers, "Next").click()
    expect(shown).to_have_count(2)
    spoken = servers.get_by_role("status").last
    expect(spoken).to_contain_text("Postfix, A moved recipient")
    expect(spoken).to_contain_text("EHLO laptop.example")
    expect(servers.get_by_text(f"Step 2 of {everything}")).to_be_visible()
    button(servers, "Back").click()
    expect(shown).to_have_count(1)
    button(servers, "Show all").click()
    expect(shown).to_have_count(everything)
    button(servers, "Back").click()
    expect(shown).to_have_count(everything - 1)


def test_works_by_keyboard_alone_and_keeps_its_keys(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    keyboard = lab.page.keyboard
    servers.get_by_role("button", name="Greeting (show the first 4)").focus()
    keyboard.press("ArrowRight")
    expect(cell(servers, "Postfix", "Greeting")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowRight")
    expect(cell(servers, "Exim", "Greeting")).to_be_focused()
    keyboard.press("Enter")
    expect(servers.locator(".session")).to_have_count(2)
    # The table is one stop, and comes back to where it was left.
    keyboard.press("Tab")
    expect(button(servers, "Start")).to_be_focused()
    keyboard.press("Enter")
    expect(steps_shown(servers)).to_have_count(1)
    keyboard.press("Shift+Tab")
    expect(cell(servers, "Exim", "Greeting")).to_be_focused()
    for key in "ddabx":
        keyboard.press(key)
    assert lab.cell_count() == 1
    button(servers, "Clear the choice").press("Enter")
    expect(cell(servers, "Exim", "Greeting")).to_be_focused()


def test_arrows_follow_the_reading_direction(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    button(servers, "العربية").click()
    servers.locator("tbody .all").first.focus()
    lab.page.keyboard.press("ArrowLeft")
    expect(servers.locator("tbody td button").first).to_be_focused()
    lab.page.keyboard.press("ArrowRight")
    expect(servers.locator("tbody .all").first).to_be_focused()


def test_python_sees_what_was_chosen(lab: NotebookPage) -> None:
    make = "import smtpedu as smtp\nwidget = smtp.servers().widget()\nwidget"
    servers = opened(lab, make, "print(widget.chosen, widget.step)")
    cell(servers, "Postfix", "Greeting").click()
    button(servers, "Start").click()
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("['postfix/ehlo'] 1")


def test_hostile_capture_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    servers = opened(lab, HOSTILE)
    expect(servers.locator(".session")).to_have_count(1)
    for summary in servers.locator("summary").all():
        summary.click()
    expect(servers.locator(".reply").last).to_contain_text(EVIL[:20])
    expect(servers.locator("script, img")).to_have_count(0)
    # What the file does not say is not there.
    expect(servers).not_to_contain_text("undefined")
    expect(servers).not_to_contain_text("Documented in")
    # What turns the writing round stays inside its own part.
    code = servers.locator(".line code").last
    assert code.evaluate("node => getComputedStyle(node.parentNode.parentNode).unicodeBidi") in (
        "isolate",
        "isolate-override",
    )
    assert lab.page.evaluate("window.evil") is None
    assert page_errors == []


def test_arabic_is_complete_and_right_to_left(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED)
    button(servers, "العربية").click()
    expect(servers).to_have_attribute("dir", "rtl")
    expect(servers.locator(".session")).to_have_count(4)
    first, second = (servers.locator(".session").nth(n).bounding_box() for n in (0, 1))
    assert first["x"] > second["x"]
    # The code comes before the enhanced one, as on the wire.
    decided = servers.locator(".decided", has_text="5.1.6").first
    code, enhanced = (decided.locator(part).bounding_box() for part in (".code", "small"))
    assert code["x"] + code["width"] <= enhanced["x"]
    said = servers.evaluate(
        """root => [...root.querySelectorAll("th, caption, p, button, summary")]
          .filter(node => !node.closest("[lang=en], bdi") && !node.querySelector("bdi"))
          .map(node => node.textContent.trim())"""
    )
    assert [text for text in said if text and not re.search("[\u0621-\u064a]", text)] == []
    directions = servers.locator("code").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).direction)"
    )
    assert set(directions) == {"ltr"}


def test_narrow_page_scrolls_the_table_and_stacks_the_sessions(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED, width=400)
    first, second = (servers.locator(".session").nth(n).bounding_box() for n in (0, 1))
    assert first["x"] == second["x"]
    assert second["y"] >= first["y"] + first["height"]
    wide = servers.evaluate("root => root.scrollWidth > root.clientWidth")
    table = servers.locator(".matrix").evaluate("node => node.scrollWidth > node.clientWidth")
    assert (wide, table) == (False, True)
    column = servers.locator("thead th").first.bounding_box()
    assert column["width"] <= 0.4 * servers.locator(".matrix").bounding_box()["width"]


def test_last_column_keeps_off_the_border(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    table = servers.locator(".matrix")
    table.evaluate("node => { node.scrollLeft = node.scrollWidth; }")
    name, box = servers.locator("thead th bdi").last.bounding_box(), table.bounding_box()
    assert name["x"] + name["width"] + 8 <= box["x"] + box["width"]
