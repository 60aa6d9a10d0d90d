"""The console in a real JupyterLab, with a real lab in the kernel."""

from __future__ import annotations

import os
import re
import signal
from typing import TYPE_CHECKING

from playwright.sync_api import Locator, expect

if TYPE_CHECKING:
    from .jupyterlab_page import NotebookPage

START = """import smtpedu as smtp
boxes = {"ann@example.test": "local", "bob@example.test": "moved to bob@new.example"}
lab = smtp.Lab(boxes).start()
lab.console()"""
TO_RCPT = ("EHLO me", "MAIL FROM:<me@example.test>", "RCPT TO:<bob@example.test>")
MESSAGE = "DATA\nSubject: x\n\n..dot\n."


def opened(lab: NotebookPage, *cells: str, **size: int) -> Locator:
    lab.open(lab.notebook(cells or (START,)), **size)
    lab.run_all()
    console = lab.page.locator(".smtpedu-console")
    expect(console.locator(".turn")).to_have_count(1)
    return console


def button(console: Locator, name: str) -> Locator:
    return console.get_by_role("button", name=name, exact=True)


def typed(console: Locator, *lines: str) -> None:
    """Type lines with the keyboard, each after the reply to the one before."""
    for line in lines:
        before = console.locator(".turn").count()
        console.locator(".typed").focus()
        console.page.keyboard.type(line)
        console.page.keyboard.press("Enter")
        expect(console.locator(".turn")).to_have_count(before + 2)


def paste(console: Locator, text: str) -> None:
    console.locator(".typed").evaluate(
        """(input, text) => {
          const clipboardData = new DataTransfer();
          clipboardData.setData("text", text);
          const init = { clipboardData, bubbles: true, cancelable: true };
          input.dispatchEvent(new ClipboardEvent("paste", init));
        }""",
        text,
    )


def test_reply_is_explained_with_the_envelope_beside_it(
    lab: NotebookPage, page_errors: list[str]
) -> None:
    console = opened(lab)
    typed(console, *TO_RCPT)
    expect(console.locator(".turn").last).to_contain_text("551 5.1.6 User not local")
    expect(console.locator(".digits")).to_contain_text("permanent negative completion")
    expect(console.locator(".panels dl")).to_contain_text("<bob@new.example>")
    expect(console.locator(".aloud[role=status]")).to_contain_text("Solved: Get a 551")
    # An earlier reply can be read again, by keyboard too.
    console.locator(".said[tabindex='0']").focus()
    for _ in range(4):
        lab.page.keyboard.press("ArrowUp")
    expect(console.locator(".current")).to_contain_text("250-mail.example.test")
    expect(console.locator(".digits")).to_contain_text("positive completion")
    assert page_errors == []


def test_arrow_keys_bring_back_what_was_typed(lab: NotebookPage) -> None:
    console = opened(lab)
    typed(console, "EHLO me", "NOOP")
    line = console.locator(".typed")
    lab.page.keyboard.type("RS")
    for key, wanted in [
        ("ArrowUp", "NOOP"),
        ("ArrowUp", "EHLO me"),
        ("ArrowUp", "EHLO me"),
        ("ArrowDown", "NOOP"),
        ("ArrowDown", "RS"),
    ]:
        lab.page.keyboard.press(key)
        expect(line).to_have_value(wanted)


def test_message_is_typed_until_the_dot(lab: NotebookPage) -> None:
    console = opened(
        lab,
        START,
        "print([message.get_content() for box in lab.inbox.values() for message in box])",
    )
    typed(console, *TO_RCPT[:2], "RCPT TO:<ann@example.test>", "DATA")
    expect(console.get_by_label("Line of the message")).to_be_focused()
    expect(console).to_contain_text("A line with only a dot, ., ends the message.")
    turns = console.locator(".turn")
    for line in ("Subject: x", "", "Hello Ann"):
        lab.page.keyboard.type(line)
        lab.page.keyboard.press("Enter")
    expect(turns.last.locator(".line")).to_have_text(["Subject: x", "", "Hello Ann"])
    lab.page.keyboard.type(".")
    lab.page.keyboard.press("Enter")
    expect(turns.last).to_contain_text("250")
    expect(console.get_by_label("Command")).to_be_focused()
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("Hello Ann")


def test_pasted_lines_are_sent_and_the_rest_waits(lab: NotebookPage) -> None:
    console = opened(lab)
    paste(console, "\n".join([*TO_RCPT, "RCPT TO:<ann@example.test>", MESSAGE, "QU"]))
    expect(console.locator(".turn")).to_have_count(13)
    expect(console.locator(".turn").last).to_contain_text("250 2.0.0")
    expect(console.locator(".typed")).to_have_value("QU")
    expect(console.locator(".tasks")).to_contain_text("3 of 6 solved")


def test_hint_offers_what_is_legal_now(lab: NotebookPage) -> None:
    console = opened(lab)
    hint = button(console, "What may I send now?")
    hint.press("Enter")
    expect(hint).to_have_attribute("aria-expanded", "true")
    hints = console.locator(".hints")
    expect(hints.locator("dt").first).to_have_text("EHLO")
    typed(console, *TO_RCPT[:2])
    button(hints, "RCPT TO:<bob@example.test>").press("Enter")
    expect(console.locator(".typed")).to_be_focused()
    expect(console.locator(".typed")).to_have_value("RCPT TO:<bob@example.test>")
    lab.page.keyboard.press("Enter")
    expect(console.locator(".turn").last).to_contain_text("551")


def test_quit_and_connect_again_keep_what_is_solved(lab: NotebookPage) -> None:
    console = opened(lab, START, "print([session.codes for session in lab.sessions])")
    typed(console, "EHLO me", "QUIT")
    expect(console.locator(".status")).to_contain_text("closed")
    lab.page.keyboard.type("NOOP")
    lab.page.keyboard.press("Enter")  # goes to the button that is needed now
    expect(button(console, "Connect")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(console.locator(".turn")).to_have_count(1)
    expect(console.locator(".typed")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(console.locator(".turn").last).to_contain_text("250")
    expect(console.locator(".tasks li.solved")).to_have_count(1)
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("[[220, 250, 221], [220, 250]]")


def test_stopped_lab_is_told_in_words(lab: NotebookPage, page_errors: list[str]) -> None:
    console = opened(
        lab, START, "if [session for session in lab.sessions if session.codes[1:]]: lab.stop()"
    )
    typed(console, "EHLO me")
    lab.run_cell(1)
    button(console, "Connect").click()  # the button says "Hang up" while there is a server
    expect(console.locator(".status")).to_contain_text("The lab is not running")
    assert page_errors == []


def test_silent_kernel_is_told_and_the_line_goes_out_later(lab: NotebookPage) -> None:
    """A process that is stopped is as silent as a kernel can be; a busy one may still answer."""
    console = opened(lab, START, "import os\nprint(os.getpid())")
    expect(lab.output(1)).to_have_text(re.compile(r"\d+"))
    kernel = int(lab.output(1).inner_text())
    os.kill(kernel, signal.SIGSTOP)
    try:
        console.locator(".typed").fill("EHLO me")
        console.locator(".typed").press("Enter")
        expect(console.locator(".sent")).to_have_text("EHLO me")
        expect(console.locator(".status")).to_contain_text("does not answer")
    finally:
        os.kill(kernel, signal.SIGCONT)
    expect(console.locator(".turn")).to_have_count(3)
    expect(console.locator(".status")).to_contain_text("Connected")


def test_reopened_notebook_shows_the_transcript_and_says_that_the_lab_is_gone(
    lab: NotebookPage,
) -> None:
    console = opened(lab)
    typed(console, *TO_RCPT)
    lab.save()
    lab.shutdown_kernel()
    lab.open_again()
    console = lab.page.locator(".smtpedu-console")
    expect(console.locator(".turn")).to_have_count(7)
    expect(console.locator(".turn").last).to_contain_text("551")
    expect(console.locator(".digits")).to_contain_text("permanent negative completion")
    expect(console.locator(".tasks li.solved")).to_have_count(2)
    expect(console.locator(".status")).to_contain_text("the lab is not running")


def test_keys_stay_inside(lab: NotebookPage) -> None:
    """JupyterLab's `d d`, `b`, `a`, `x` would delete and add cells."""
    console = opened(lab, START, "1 + 1")
    cells = lab.cell_ids()
    hint = button(console, "What may I send now?")
    hint.click()
    summary = console.locator("summary").first
    for control in (hint, summary, console.locator(".said").first, console.locator(".typed")):
        control.focus()
        for key in [*"ddbaxz", "Shift+Enter", "Control+Enter"]:
            lab.page.keyboard.press(key)
    lab.settle()
    assert lab.cell_ids() == cells and len(cells) == 2


def test_hostile_text_stays_text(lab: NotebookPage, page_errors: list[str]) -> None:
    evil = "<img src=x onerror=alert(1)>"
    start = START.replace('"local"', f'"550 `{evil}`"')
    console = opened(lab, start)
    typed(console, f"EHLO {evil}", "MAIL FROM:<>", "RCPT TO:<ann@example.test>", "\t\u202e")
    expect(console.locator(".turn").nth(6)).to_contain_text(f"550 `{evil}`")
    expect(console.locator(".turn").nth(7)).to_contain_text("\\u202e")
    assert console.locator("img, script").count() == 0
    assert page_errors == []


def test_line_that_is_too_long_is_announced_and_may_be_sent(lab: NotebookPage) -> None:
    console = opened(lab)
    console.locator(".typed").fill("EHLO " + "x" * 506)
    expect(console.locator(".note:visible")).to_contain_text("This line has 511 octets")
    console.locator(".typed").press("Enter")
    expect(console.locator(".turn").last).to_contain_text("500")
    expect(console.locator(".note:visible")).to_have_count(0)


def test_arabic_keeps_the_session_and_the_line_being_typed(lab: NotebookPage) -> None:
    console = opened(lab)
    typed(console, *TO_RCPT)
    lab.page.keyboard.type("RSET")
    button(console, "العربية").press("Enter")
    expect(console).to_have_attribute("dir", "rtl")
    expect(console.locator(".turn")).to_have_count(7)
    expect(console.locator(".tasks")).to_contain_text("حُلّ 2 من 6")
    expect(console.get_by_label("الأمر")).to_have_value("RSET")
    direction = "node => getComputedStyle(node).direction"
    assert console.locator(".transcript").evaluate(direction) == "ltr"
    typed(console, " ")
    expect(console.locator(".turn").last).to_contain_text("250")
