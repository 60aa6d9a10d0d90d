"""The policy explorer in a real JupyterLab."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

EXPLORE = "import smtpedu as smtp\nexplorer = smtp.policy_explorer().widget()\nexplorer"
LAB = """import smtpedu as smtp
lab = smtp.Lab({"zoe@school.example": "moved to zoe@new.example"})
smtp.policy_explorer(lab)"""
# Reply → the end of its way, as its button says.
NOT_OURS = "No, and we do not relay there"
ENDS = {
    "550 5.7.1": NOT_OURS,
    "250 2.1.5 OK": "Yes",
    "550 5.1.1": "No, we know nothing of it",
    "251 2.1.5": "Forward, and disclose it",
    "250 2.1.5": "Forward, and keep it private",
    "551 5.1.6": "Do not forward, but disclose it",
    "550 5.1.6": "Do not forward, and keep it private",
}


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or [EXPLORE]), **size)
    lab.run_all()
    explorer = lab.page.locator(".smtpedu-policy")
    expect(explorer.first).to_be_visible()
    return explorer


def end(explorer: Locator, label: str) -> Locator:
    return explorer.get_by_role("button", name=re.compile(f"^{label}"))


def choose(explorer: Locator, label: str) -> None:
    end(explorer, label).click()


def card(explorer: Locator) -> Locator:
    return explorer.locator(".policy-card")


def told(explorer: Locator) -> Locator:
    return explorer.locator(".policy-said")


def asker(explorer: Locator) -> Locator:
    return explorer.get_by_role("button", name="Ask a real server")


def test_every_way_leads_to_its_reply_and_a_real_server_agrees(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    explorer = opened(lab)
    for line, label in ENDS.items():
        choose(explorer, label)
        expect(card(explorer)).to_contain_text(line)
        expect(explorer.get_by_role("link", name="RFC 5321 §3")).to_be_visible()
        expect(explorer.locator("[aria-pressed=true]")).to_have_count(1)
        asker(explorer).click()
        expect(told(explorer)).to_contain_text(f"The server said {line}")
        expect(told(explorer)).to_contain_text("as predicted")
        expect(explorer.locator(".policy-asked")).to_contain_text(["RCPT TO:", line])
        expect(end(explorer, label)).to_contain_text(f"Server: {line[:3]}")
    assert page_errors == []


def test_the_way_is_drawn_as_far_as_it_leads(lab: NotebookPage) -> None:
    explorer = opened(lab)
    for label, passed in ((NOT_OURS, 0), ("Yes", 1), (ENDS["551 5.1.6"], 3)):
        choose(explorer, label)
        expect(explorer.locator(".policy-passed")).to_have_count(passed)
        expect(end(explorer, label)).to_have_attribute("aria-pressed", "true")
    explorer.get_by_role("button", name="Start again").click()
    expect(explorer.locator(".policy-passed, [aria-pressed=true]")).to_have_count(0)
    expect(asker(explorer)).to_have_attribute("aria-disabled", "true")


def test_replies_are_hidden_until_they_are_reached_or_shown(lab: NotebookPage) -> None:
    explorer = opened(lab)
    hidden = explorer.get_by_text("???", exact=True)
    expect(hidden).to_have_count(7)
    choose(explorer, "Yes")
    expect(hidden).to_have_count(6)
    expect(end(explorer, "Yes")).to_contain_text("250 2.1.5")
    explorer.get_by_label("show replies").check()
    expect(hidden).to_have_count(0)
    explorer.get_by_role("button", name="Start again").click()
    expect(hidden).to_have_count(7)


def test_can_be_played_with_the_keyboard_alone(lab: NotebookPage) -> None:
    explorer = opened(lab, EXPLORE, "1 + 1")
    press = lab.page.keyboard.press
    end(explorer, NOT_OURS).focus()
    for key in ("Tab", "Tab", "Tab", "Tab", "Tab", "Enter"):
        press(key)
    expect(card(explorer)).to_contain_text("551 5.1.6")
    expect(end(explorer, ENDS["551 5.1.6"])).to_be_focused()
    for key in "ddabxz":
        press(key)
    assert lab.cell_count() == 2
    asker(explorer).focus()
    press("Enter")
    expect(told(explorer)).to_contain_text("as predicted")
    expect(explorer.get_by_role("status")).to_contain_text("as predicted")
    expect(asker(explorer)).to_be_focused()


def test_two_views_follow_each_other_and_none_loses_the_focus(lab: NotebookPage) -> None:
    explorer = opened(lab, EXPLORE, "explorer")
    end(explorer.nth(1), ENDS["251 2.1.5"]).focus()
    end(explorer.nth(0), NOT_OURS).evaluate("button => button.click()")
    expect(end(explorer.nth(1), NOT_OURS)).to_have_attribute("aria-pressed", "true")
    expect(end(explorer.nth(1), ENDS["251 2.1.5"])).to_be_focused()


def test_language_changes_on_the_spot_and_back(lab: NotebookPage) -> None:
    explorer = opened(lab)
    choose(explorer, ENDS["551 5.1.6"])
    explorer.get_by_role("button", name="العربية").press("Enter")
    expect(explorer.locator("[aria-pressed=true]")).to_contain_text("551")
    explorer.get_by_role("button", name="اسأل خادمًا حقيقيًا").click()
    expect(told(explorer)).to_contain_text("551 5.1.6")
    expect(told(explorer).locator("bdi")).to_have_attribute("dir", "ltr")
    expect(explorer.get_by_role("button", name="English")).to_be_visible()
    explorer.get_by_role("button", name="English").click()
    expect(told(explorer)).to_contain_text("as predicted")


def test_a_lab_is_asked_when_it_runs_and_has_the_mailbox(lab: NotebookPage) -> None:
    explorer = opened(
        lab, LAB, "lab.start().port > 0", "lab.stop()\nlab.sessions and lab.session.codes"
    )
    choose(explorer, ENDS["551 5.1.6"])
    asker(explorer).click()
    expect(told(explorer)).to_contain_text("The lab does not answer")
    lab.run_cell(1)
    asker(explorer).click()
    expect(told(explorer)).to_contain_text("please try <zoe@new.example>")
    choose(explorer, ENDS["251 2.1.5"])
    expect(told(explorer)).to_contain_text("no mailbox with the policy forwarded to")
    expect(asker(explorer)).to_have_attribute("aria-disabled", "true")
    lab.run_cell(2)
    expect(lab.output(2)).to_contain_text("[220, 250, 250, 551, 221]")


def test_a_kernel_at_work_is_asked_all_the_same(lab: NotebookPage, tmp_path: Path) -> None:
    done = tmp_path / "done"
    work = f"""import time, pathlib
if explorer.answers:
    print("at work", flush=True)
    while not pathlib.Path({str(done)!r}).exists():
        time.sleep(0.05)"""
    explorer = opened(lab, EXPLORE, work)
    choose(explorer, NOT_OURS)
    lab.evaluate("panel.content.activeCellIndex = 1; app.commands.execute('notebook:run-cell');")
    try:
        expect(lab.output(1)).to_contain_text("at work")
        asker(explorer).click()
        # The rest goes on meanwhile.
        choose(explorer, "Yes")
        expect(card(explorer)).to_contain_text("250 2.1.5")
        choose(explorer, NOT_OURS)
    finally:
        done.touch()
    # At once where comms have a subshell of their own, else after the cell.
    expect(told(explorer)).to_contain_text("as predicted")


def test_hostile_mailbox_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    hostile = '"<img src=x onerror=alert(1)>`"@example.test'
    mailboxes = {hostile: "moved to `zoe`@new.example"}
    code = f"import smtpedu as smtp\nlab = smtp.Lab({mailboxes}).start()\n"
    explorer = opened(lab, code + "smtp.policy_explorer(lab)")
    choose(explorer, ENDS["551 5.1.6"])
    asker(explorer).click()
    expect(told(explorer).locator("bdi")).to_have_text(
        "551 5.1.6 User not local; please try <`zoe`@new.example>"
    )
    expect(explorer.locator(".policy-asked").first).to_contain_text(hostile)
    assert explorer.locator("img, script").count() == 0
    assert page_errors == []
