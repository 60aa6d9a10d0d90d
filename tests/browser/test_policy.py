"""The policy explorer in a real JupyterLab."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

EXPLORE = "import smtpedu as smtp\nexplorer = smtp.policy_explorer().widget()\nexplorer"
LAB = """import smtpedu as smtp
lab = smtp.Lab({"zoe@school.example": "moved to zoe@new.example"})
smtp.policy_explorer(lab)"""
# Leaf → where its way begins in the tree: the labels of the radio buttons.
OURS, NOT_OURS = "Yes, we take its mail", "No, and we do not relay there"
MOVED = (OURS, "No", "Yes, we know a new address")
LINES = {
    "550 5.7.1": (NOT_OURS,),
    "250 2.1.5 OK": (OURS, "Yes"),
    "550 5.1.1": (OURS, "No", "No, we know nothing of it"),
    "251 2.1.5": (*MOVED, "Forward, and disclose it"),
    "250 2.1.5": (*MOVED, "Forward, and keep it private"),
    "551 5.1.6": (*MOVED, "Do not forward, but disclose it"),
    "550 5.1.6": (*MOVED, "Do not forward, and keep it private"),
}


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or [EXPLORE]), **size)
    lab.run_all()
    explorer = lab.page.locator(".smtpedu-policy")
    expect(explorer.first).to_be_visible()
    return explorer


def choose(explorer: Locator, *labels: str) -> None:
    for label in labels:
        explorer.get_by_role("radio", name=label, exact=True).check()


def asker(explorer: Locator) -> Locator:
    return explorer.get_by_role("button", name="Ask a real server")


def test_every_way_leads_to_its_reply_and_a_real_server_agrees(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    explorer = opened(lab)
    for line, labels in LINES.items():
        choose(explorer, *labels)
        expect(explorer.locator(".card .line")).to_contain_text(line)
        expect(explorer.get_by_role("link", name="RFC 5321 §3")).to_be_visible()
        expect(explorer.locator("[aria-current=true]")).to_have_count(1)
        asker(explorer).click()
        expect(explorer.locator(".verdict")).to_contain_text(f"The server said {line}")
        expect(explorer.locator(".verdict")).to_contain_text("as predicted")
        expect(explorer.locator(".dialogue .asked")).to_contain_text(["RCPT TO:", line])
    expect(explorer.locator(".mark.right")).to_have_count(len(LINES))
    assert page_errors == []


def test_only_questions_that_matter_can_be_answered(lab: NotebookPage) -> None:
    explorer = opened(lab)
    groups = explorer.locator("fieldset")
    expect(groups.locator("nth=0")).to_be_enabled()
    expect(explorer.locator("fieldset:disabled")).to_have_count(3)
    expect(asker(explorer)).to_be_hidden()
    choose(explorer, *MOVED)
    expect(explorer.locator("fieldset:disabled")).to_have_count(0)
    choose(explorer, NOT_OURS)
    expect(explorer.locator("fieldset:disabled")).to_have_count(3)
    expect(explorer.locator("input:checked")).to_have_count(1)
    # What was answered before is still there when it matters again.
    choose(explorer, OURS)
    expect(explorer.locator("input:checked")).to_have_count(3)
    explorer.get_by_role("button", name="Start again").click()
    expect(explorer.locator("input:checked")).to_have_count(0)


def test_can_be_played_with_the_keyboard_alone(lab: NotebookPage) -> None:
    explorer = opened(lab, EXPLORE, "1 + 1")
    press = lab.page.keyboard.press
    explorer.get_by_role("radio", name=OURS).focus()
    for key in ("Space", "Tab", "ArrowDown", "Tab", "Space", "Tab", "ArrowUp"):
        press(key)
    expect(explorer.locator(".card .line")).to_contain_text("550 5.1.6")
    focused = explorer.locator("input:focus")
    expect(focused).to_have_value("refuse_hide")
    for key in "ddabxz":
        press(key)
    assert lab.cell_count() == 2
    asker(explorer).focus()
    press("Enter")
    expect(explorer.locator(".verdict")).to_contain_text("as predicted")
    expect(asker(explorer)).to_be_focused()


def test_a_leaf_of_the_tree_is_asked_in_one_click(lab: NotebookPage) -> None:
    explorer = opened(lab)
    explorer.get_by_role("button", name="Ask 251").click()
    expect(explorer.locator(".verdict")).to_contain_text("The server said 251 2.1.5")
    expect(explorer.get_by_role("radio", name="Forward, and disclose it")).to_be_checked()
    expect(explorer.get_by_role("status")).to_contain_text("as predicted")
    explorer.get_by_role("button", name="550 5.7.1").first.click()
    expect(explorer.get_by_role("radio", name=NOT_OURS)).to_be_checked()


def test_two_views_follow_each_other_and_none_loses_the_focus(lab: NotebookPage) -> None:
    explorer = opened(lab, EXPLORE, "explorer")
    choose(explorer.nth(0), *MOVED)
    expect(explorer.nth(1).locator("input:checked")).to_have_count(3)
    explorer.nth(1).get_by_role("radio", name="Forward, and disclose it").focus()
    explorer.nth(0).get_by_role("radio", name=NOT_OURS).evaluate("radio => radio.click()")
    expect(explorer.nth(1).get_by_role("radio", name=NOT_OURS)).to_be_focused()


def test_language_changes_on_the_spot_and_back(lab: NotebookPage) -> None:
    explorer = opened(lab)
    choose(explorer, *LINES["551 5.1.6"])
    explorer.get_by_role("button", name="العربية").press("Enter")
    expect(explorer.get_by_role("button", name="اسأل خادمًا حقيقيًا")).to_be_visible()
    expect(explorer.locator("input:checked")).to_have_count(4)
    explorer.get_by_role("button", name="اسأل خادمًا حقيقيًا").click()
    expect(explorer.locator(".verdict")).to_contain_text("551 5.1.6")
    expect(explorer.locator(".verdict bdi")).to_have_attribute("dir", "ltr")
    expect(explorer.get_by_role("button", name="English")).to_be_visible()
    explorer.get_by_role("button", name="English").click()
    expect(explorer.locator(".verdict")).to_contain_text("as predicted")


def test_a_lab_is_asked_when_it_runs_and_has_the_mailbox(lab: NotebookPage) -> None:
    explorer = opened(
        lab, LAB, "lab.start().port > 0", "lab.stop()\nlab.sessions and lab.session.codes"
    )
    choose(explorer, *LINES["551 5.1.6"])
    asker(explorer).click()
    expect(explorer.locator(".verdict")).to_contain_text("The lab does not answer")
    lab.run_cell(1)
    asker(explorer).click()
    expect(explorer.locator(".verdict")).to_contain_text("please try <zoe@new.example>")
    choose(explorer, "Forward, and disclose it")
    expect(explorer.locator(".verdict")).to_contain_text("no mailbox with the policy forwarded to")
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
        choose(explorer, OURS, "Yes")
        expect(explorer.locator(".card .line")).to_contain_text("250 2.1.5")
        choose(explorer, NOT_OURS)
    finally:
        done.touch()
    # At once where comms have a subshell of their own, else after the cell.
    expect(explorer.locator(".verdict")).to_contain_text("as predicted")


def test_hostile_mailbox_is_shown_as_text(lab: NotebookPage, page_errors: list[str]) -> None:
    hostile = '"<img src=x onerror=alert(1)>`"@example.test'
    mailboxes = {hostile: "moved to `zoe`@new.example"}
    code = f"import smtpedu as smtp\nlab = smtp.Lab({mailboxes}).start()\n"
    explorer = opened(lab, code + "smtp.policy_explorer(lab)")
    explorer.get_by_role("button", name="Ask 551").click()
    expect(explorer.locator(".verdict bdi")).to_have_text(
        "551 5.1.6 User not local; please try <`zoe`@new.example>"
    )
    expect(explorer.locator(".dialogue .asked").first).to_contain_text(hostile)
    assert explorer.locator("img, script").count() == 0
    assert page_errors == []
