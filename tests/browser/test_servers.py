"""The server matrix in a real JupyterLab."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Route, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

MATRIX = "import smtpedu as smtp\nsmtp.servers()"
MOVED = "import smtpedu as smtp\nsmtp.servers(scenario='moved')"
# A capture whose every part tries to become more than text.
EVIL = "<script>window.evil = true</script><img src=x onerror='window.evil = true'>\u202e"
ABOUT = dict.fromkeys(("version", "captured", "configuration", "note"), f"{EVIL} `{EVIL}`")


def hostile(route: Route) -> None:
    """Answer with the captured sessions, Postfix's of one scenario full of hostile text."""
    captured = route.fetch().json()
    captured["servers"][0][1] = EVIL
    exchange = {
        "verb": "RCPT",
        "sent": [f"RCPT TO:<{EVIL}>"],
        "code": 551,
        "reply": [f"551 {EVIL}"],
    }
    captured["sessions"]["postfix/moved"] |= {"said": [exchange], "about": ABOUT}
    route.fulfill(json=captured)


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


def row(servers: Locator, scenario: str) -> Locator:
    return servers.get_by_role("button", name=f"{scenario} (show the first 4)", exact=True)


def button(servers: Locator, name: str) -> Locator:
    return servers.get_by_role("button", name=name, exact=True)


def panel(servers: Locator) -> Locator:
    return servers.get_by_role("region", name="The chosen sessions")


def heads(servers: Locator) -> Locator:
    return servers.locator(".servers-who")


def step(servers: Locator, command: str) -> Locator:
    return servers.locator(".servers-step", has=servers.page.get_by_text(command, exact=True))


def steps_shown(servers: Locator) -> Locator:
    return servers.locator(".servers-step:not([hidden])")


def filled(codes: Locator) -> list[str]:
    """Those of the codes that stand out."""
    found: list[str] = codes.locator(".s-code:not(.s-bare)").all_inner_texts()
    return found


def test_who_differs_from_most_is_filled(lab: NotebookPage, page_errors: list[str]) -> None:
    servers = opened(lab, MATRIX)
    names = ("Moved, own means", "A message that is too large", "A local recipient")
    rows = [row(servers, name).locator("xpath=ancestor::tr") for name in names]
    assert [filled(one) for one in rows] == [["551", "551"], ["250"], []]
    assert filled(cell(servers, "Postfix", "Mixed recipients")) == ["550", "454"]
    expect(cell(servers, "Sendmail", "Moved, own means")).to_have_attribute("title", "551 5.1.1")
    assert row(servers, "Moved, default delivery mode").bounding_box()["height"] == 24
    assert page_errors == []


def test_chosen_cells_stand_side_by_side_under_their_row(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    status = servers.get_by_role("status")
    expect(status).to_have_text("No session is chosen yet.")
    expect(panel(servers)).to_have_count(0)
    for server in ("Postfix", "Sendmail"):
        chosen = cell(servers, server, "Mixed recipients")
        expect(chosen).to_have_attribute("aria-pressed", "false")
        chosen.click()
        expect(chosen).to_have_attribute("aria-pressed", "true")
    expect(heads(servers)).to_have_text(["Postfix", "Sendmail"])
    expect(status).to_contain_text("2 of at most 4 sessions side by side.")
    expect(status).to_contain_text("Mixed recipients: Postfix · Sendmail")
    expect(row(servers, "Mixed recipients")).to_have_attribute("aria-expanded", "true")
    under = servers.locator("tr:has(> td > section)").locator("xpath=preceding-sibling::tr[1]")
    expect(under.locator(".servers-all")).to_contain_text("Mixed recipients")
    replies = step(servers, "RCPT TO:<alice@example.test>").locator(".servers-reply")
    assert replies.nth(0).bounding_box()["y"] == replies.nth(1).bounding_box()["y"]
    cell(servers, "Exim", "Greeting").click()
    expect(under.locator(".servers-all")).to_contain_text("Greeting")
    # Of several scenarios each session says which one it is of.
    expect(heads(servers)).to_contain_text(["Postfix, Mixed recipients", "Sendmail", "Exim"])
    cell(servers, "Postfix", "Mixed recipients").click()
    expect(heads(servers)).to_have_count(2)


def test_steps_that_are_alike_fold_and_what_differs_stands_out(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    cell(servers, "Postfix", "Moved, own means").click()
    expect(servers.locator(".servers-step:visible")).to_have_count(6)
    for server in ("Exim", "Sendmail"):
        cell(servers, server, "Moved, own means").click()
    expect(servers.locator(".servers-step:visible")).to_have_count(1)
    moved = step(servers, "RCPT TO:<bob@example.test>")
    expect(moved).to_contain_text("≠ The reply codes differ")
    assert filled(moved) == ["551"]
    expect(moved).to_contain_text("Another reply code than the most frequent one")
    # What all of them say is not black; of the usual replies nothing is.
    expect(moved.locator(".servers-own")).to_have_text(["5.1.1", "User", "please", "try"])
    fold = servers.get_by_text("3 steps alike the new connection · EHLO · MAIL")
    fold.click()
    expect(servers.locator(".servers-step:visible")).to_have_count(4)
    expect(step(servers, "(the connection opens)")).to_contain_text("≈ Same code, other words")


def test_page_scrolls_only_as_far_as_needed(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX, height=600)
    row(servers, "Greylisting").click()
    expect(panel(servers).locator("h4")).to_be_in_viewport(ratio=1)
    expect(row(servers, "Greylisting")).to_be_in_viewport(ratio=1)
    # The sessions above go away; the row pressed stays where it is.
    row(servers, "Mixed recipients").click()
    cell(servers, "Postfix", "Mixed recipients").click()
    below = cell(servers, "smtpedu.Lab", "Greylisting")
    below.scroll_into_view_if_needed()
    before = below.bounding_box()
    below.click()
    after = below.bounding_box()
    assert after["y"] == pytest.approx(before["y"], abs=2)


def test_row_header_chooses_the_first_four_and_a_fifth_is_refused(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    row(servers, "An unknown recipient").click()
    pressed = servers.locator("[aria-pressed=true]")
    expect(pressed).to_have_count(4)
    said = "The first 4 of this row's 6 servers are chosen."
    status = servers.get_by_role("status")
    expect(status).to_have_text(
        f"{said} An unknown recipient: Postfix · Exim · Sendmail · OpenSMTPD"
    )
    expect(panel(servers)).to_contain_text(said)
    expect(heads(servers)).to_have_count(4)
    cell(servers, "smtpedu.Lab", "Greeting").click()
    expect(pressed).to_have_count(4)
    expect(status).to_contain_text("There is room for 4 sessions")
    # It is said beside the cell, too.
    note = servers.locator(".s-note")
    expect(note).to_have_text(re.compile("^There is room for 4 sessions"))
    assert 0 < note.bounding_box()["y"] - cell(servers, "Exim", "Greeting").bounding_box()["y"] < 60
    pressed.first.click()
    expect(note).to_have_count(0)
    cell(servers, "smtpedu.Lab", "Greeting").click()
    expect(status).to_contain_text("4 of at most 4 sessions side by side.")
    button(servers, "Clear the choice").click()
    expect(pressed).to_have_count(0)
    expect(panel(servers)).to_have_count(0)


def test_row_header_closes_what_it_opened(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED)
    header = row(servers, "Moved, own means")
    expect(header).to_have_attribute("aria-expanded", "true")
    header.click()
    expect(header).to_have_attribute("aria-expanded", "false")
    expect(panel(servers)).to_have_count(0)
    expect(header).to_be_focused()


def test_steps_through_all_sessions_at_once(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED)
    shown = steps_shown(servers)
    everything = servers.locator(".servers-step").count()
    expect(shown).to_have_count(everything)
    expect(button(servers, "Show all")).to_have_attribute("aria-disabled", "true")
    button(servers, "Start").click()
    expect(shown).to_have_count(1)
    # The fold that holds the step is open as long as it does.
    expect(servers.locator(".servers-step:visible")).to_have_count(1)
    button(servers, "Next").click()
    expect(shown).to_have_count(2)
    spoken = servers.get_by_role("status")
    expect(spoken).to_contain_text("EHLO laptop.example. Postfix: 250-mail.example.test")
    expect(servers.get_by_text(f"Step 2 of {everything}")).to_be_visible()
    button(servers, "Next").click()
    button(servers, "Next").click()
    expect(servers.locator(".servers-step:visible")).to_have_count(1)
    button(servers, "Back").click()
    expect(shown).to_have_count(3)
    button(servers, "Show all").click()
    expect(shown).to_have_count(everything)
    button(servers, "Back").click()
    expect(shown).to_have_count(everything - 1)


def test_works_by_keyboard_alone_and_keeps_its_keys(lab: NotebookPage) -> None:
    servers = opened(lab, MATRIX)
    keyboard = lab.page.keyboard
    row(servers, "Greeting").focus()
    keyboard.press("ArrowRight")
    expect(cell(servers, "Postfix", "Greeting")).to_be_focused()
    keyboard.press("Space")
    keyboard.press("ArrowDown")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowUp")
    keyboard.press("ArrowRight")
    expect(cell(servers, "Exim", "Greeting")).to_be_focused()
    keyboard.press("Enter")
    expect(heads(servers)).to_have_count(2)
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
    servers.locator("tbody .servers-all").first.focus()
    lab.page.keyboard.press("ArrowLeft")
    expect(servers.locator("tbody td button").first).to_be_focused()
    lab.page.keyboard.press("ArrowRight")
    expect(servers.locator("tbody .servers-all").first).to_be_focused()


def test_python_sees_what_was_chosen(lab: NotebookPage) -> None:
    make = "import smtpedu as smtp\nwidget = smtp.servers().widget()\nwidget"
    servers = opened(lab, make, "print(widget.chosen, widget.step)")
    cell(servers, "Postfix", "Greeting").click()
    button(servers, "Start").click()
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("['postfix/ehlo'] 1")


def test_hostile_capture_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    lab.open(lab.notebook([MOVED]))
    lab.page.route("**/servers.json", hostile)
    lab.reload()
    lab.run_all()
    servers = lab.page.locator(".smtpedu-servers")
    expect(heads(servers)).to_have_count(4)
    for summary in servers.locator("summary").all():
        summary.click()
    reply = servers.locator(".servers-reply", has_text=EVIL[:20])
    expect(reply).to_have_count(1)
    expect(servers.locator("script, img")).to_have_count(0)
    # What the file does not say is not there.
    expect(servers).not_to_contain_text("undefined")
    expect(servers.locator(".servers-origins > div").first).not_to_contain_text("Documented in")
    # What turns the writing round stays inside its own part.
    code = reply.locator("code")
    assert code.evaluate("node => getComputedStyle(node.parentNode).unicodeBidi") in (
        "isolate",
        "isolate-override",
    )
    assert lab.page.evaluate("window.evil") is None
    assert page_errors == []
    lab.page.unroute("**/servers.json")
    lab.reload()  # or the next test would get it, too


def test_arabic_is_complete_and_right_to_left(lab: NotebookPage) -> None:
    servers = opened(lab, MOVED)
    button(servers, "العربية").click()
    expect(servers).to_have_attribute("dir", "rtl")
    expect(heads(servers)).to_have_count(4)
    first, second = (heads(servers).nth(n).bounding_box() for n in (0, 1))
    assert first["x"] > second["x"]
    # Codes stand under each other, in a column of their own.
    codes = servers.locator("tbody tr > td:nth-child(2) .s-code:first-child")
    ends = codes.evaluate_all("all => all.map(one => one.getBoundingClientRect().right)")
    assert len({round(end) for end in ends}) == 1
    said = servers.evaluate(
        """root => [...root.querySelectorAll("th, p, h4, button, summary")]
          .filter(node => !node.closest("[lang=en], bdi") && !node.querySelector("bdi"))
          .map(node => node.textContent.trim())"""
    )
    assert [text for text in said if text and not re.search("[\u0621-\u064a]", text)] == []
    directions = servers.locator("code").evaluate_all(
        "nodes => nodes.map(node => getComputedStyle(node).direction)"
    )
    assert set(directions) == {"ltr"}


# Codes that lie upon the next one.
CROWDED = """root => [...root.querySelectorAll(".servers-matrix td")].flatMap(cell => {
  const [a, b] = [cell, cell.nextElementSibling].map(one => one?.querySelector(".s-code"));
  const [here, next] = [a, b].map(one => one?.getBoundingClientRect());
  const isRow = here && next && here.top < next.bottom && next.top < here.bottom;
  return isRow && here.right > next.left ? [`${a.textContent} ${b.textContent}`] : [];
})"""


def test_narrow_page_puts_scenarios_above_their_codes_and_scrolls_nothing(
    lab: NotebookPage,
) -> None:
    servers = opened(lab, MOVED, width=360)
    assert servers.evaluate(CROWDED) == []
    name = row(servers, "Greeting").bounding_box()
    codes = [cell(servers, one, "Greeting").bounding_box() for one in ("Postfix", "Sendmail")]
    assert codes[0]["y"] == codes[1]["y"] >= name["y"] + name["height"]
    replies = step(servers, "RCPT TO:<bob@example.test>").locator(".servers-reply")
    first, second = (replies.nth(n).bounding_box() for n in (0, 1))
    assert second["y"] >= first["y"] + first["height"]
    # Each reply says whose it is, as there are no columns.
    expect(step(servers, "RCPT TO:<bob@example.test>").get_by_text("Exim")).to_be_visible()
    assert servers.evaluate("root => root.scrollWidth") <= servers.evaluate(
        "root => root.clientWidth"
    )
