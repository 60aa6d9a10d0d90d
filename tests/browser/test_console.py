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
    expect(console.locator(".s-turn")).to_have_count(1)
    return console


def button(console: Locator, name: str) -> Locator:
    return console.get_by_role("button", name=name, exact=True)


def typed(console: Locator, *lines: str) -> None:
    """Type lines with the keyboard, each after the reply to the one before."""
    for line in lines:
        before = console.locator(".s-turn").count()
        console.locator(".console-typed").focus()
        console.page.keyboard.type(line)
        console.page.keyboard.press("Enter")
        expect(console.locator(".s-turn")).to_have_count(before + 2)


def paste(console: Locator, text: str) -> None:
    console.locator(".console-typed").evaluate(
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
    expect(console.locator(".s-turn").last).to_contain_text("551 5.1.6 User not local")
    expect(console.locator(".s-decoder")).to_contain_text("permanent negative completion")
    expect(console.locator(".s-outside")).to_contain_text("<bob@new.example>")
    expect(console.locator(".s-aloud[role=status]")).to_contain_text("Solved: Get a 551")
    solved = console.get_by_role("listitem").filter(has_text="Get a 551")
    expect(solved).to_contain_text("RCPT TO:<bob@example.test> 551")
    # An earlier reply can be read again, by keyboard too.
    console.locator(".s-said[tabindex='0']").focus()
    for _ in range(4):
        lab.page.keyboard.press("ArrowUp")
    expect(console.locator(".s-now")).to_contain_text("mail.example.test")
    expect(console.locator(".s-decoder")).to_contain_text("positive completion")
    assert page_errors == []


def test_arrow_keys_bring_back_what_was_typed(lab: NotebookPage) -> None:
    console = opened(lab)
    typed(console, "EHLO me", "NOOP")
    line = console.locator(".console-typed")
    lab.page.keyboard.type("RS")
    for key, wanted in [("ArrowUp", "NOOP"), ("ArrowUp", "EHLO me"), ("ArrowDown", "NOOP")]:
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
    turns = console.locator(".s-turn")
    for line in ("Subject: x", "", "Hello Ann"):
        lab.page.keyboard.type(line)
        lab.page.keyboard.press("Enter")
    expect(turns.last.locator(".s-rest")).to_have_text("Subject: x\n\nHello Ann")
    lab.page.keyboard.type(".")
    lab.page.keyboard.press("Enter")
    expect(turns.last).to_contain_text("250")
    expect(console.get_by_label("Command")).to_be_focused()
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("Hello Ann")


def test_pasted_lines_are_sent_and_the_rest_waits(lab: NotebookPage) -> None:
    console = opened(lab)
    paste(console, "\n".join([*TO_RCPT, "RCPT TO:<ann@example.test>", MESSAGE, "QU"]))
    expect(console.locator(".s-turn")).to_have_count(13)
    expect(console.locator(".s-turn").last).to_contain_text("250 2.0.0")
    expect(console.locator(".console-typed")).to_have_value("QU")
    expect(console).to_contain_text("Challenges · 3 of 6 solved")


def test_keys_are_what_is_legal_now_and_fill_the_line(lab: NotebookPage) -> None:
    console = opened(lab)
    expect(button(console, "QUIT")).to_be_visible()
    expect(button(console, "DATA")).to_have_count(0)
    typed(console, *TO_RCPT[:2])
    key = button(console, "RCPT TO:<bob@example.test>")
    expect(key).to_have_text("bob")
    key.press("Enter")
    expect(console.locator(".console-typed")).to_be_focused()
    expect(console.locator(".console-typed")).to_have_value("RCPT TO:<bob@example.test>")
    expect(console).to_contain_text("The client names one recipient by its forward-path.")
    lab.page.keyboard.press("Enter")
    expect(console.locator(".s-turn").last).to_contain_text("551")


def test_quit_and_connect_again_keep_what_is_solved(lab: NotebookPage) -> None:
    console = opened(lab, START, "print([session.codes for session in lab.sessions])")
    typed(console, "EHLO me", "QUIT")
    expect(console.locator(".s-head [role=status]")).to_contain_text("closed")
    lab.page.keyboard.type("NOOP")
    lab.page.keyboard.press("Enter")  # goes to the button that is needed now
    expect(button(console, "Connect")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(console.locator(".s-turn")).to_have_count(1)
    expect(console.locator(".console-typed")).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(console.locator(".s-turn").last).to_contain_text("250")
    expect(console.locator(".console-tasks .s-mark")).to_have_count(1)
    lab.run_cell(1)
    expect(lab.output(1)).to_contain_text("[[220, 250, 221], [220, 250]]")


def test_stopped_lab_is_told_in_words(lab: NotebookPage, page_errors: list[str]) -> None:
    console = opened(
        lab, START, "if [session for session in lab.sessions if session.codes[1:]]: lab.stop()"
    )
    typed(console, "EHLO me")
    lab.run_cell(1)
    button(console, "Connect").click()  # the button says "Disconnect" while there is a server
    said = console.locator(".s-head [role=status]")
    expect(said).to_contain_text("The lab is not running")
    expect(said).to_contain_text("Or run lab.start(), then press Connect.")
    assert page_errors == []


def test_lab_that_ended_before_its_console_was_shown_leaves_no_empty_box(lab: NotebookPage) -> None:
    """As after Run All of a lesson that stops its lab in the end."""
    lab.open(lab.notebook((f"{START};", "lab.stop()\nlab.console()")))
    lab.run_all()
    console = lab.page.locator(".smtpedu-console").last
    expect(console).to_contain_text("The lab is not running: run the cells above, then this one.")
    expect(console.locator(".s-ladder")).to_be_hidden()


def test_silent_kernel_is_told_and_the_line_goes_out_later(lab: NotebookPage) -> None:
    """A process that is stopped is as silent as a kernel can be; a busy one may still answer."""
    console = opened(lab, START, "import os\nprint(os.getpid())")
    expect(lab.output(1)).to_have_text(re.compile(r"\d+"))
    kernel = int(lab.output(1).inner_text())
    os.kill(kernel, signal.SIGSTOP)
    try:
        console.locator(".console-typed").fill("EHLO me")
        console.locator(".console-typed").press("Enter")
        expect(console.locator(".console-sent")).to_have_text("EHLO me")
        expect(console.locator(".s-head [role=status]")).to_contain_text("does not answer")
    finally:
        os.kill(kernel, signal.SIGCONT)
    expect(console.locator(".s-turn")).to_have_count(3)
    expect(console.locator(".s-head [role=status]")).to_contain_text("Connected")


def test_reopened_notebook_shows_the_transcript_and_says_that_the_lab_is_gone(
    lab: NotebookPage,
) -> None:
    console = opened(lab)
    typed(console, *TO_RCPT)
    lab.save()
    lab.shutdown_kernel()
    lab.open_again()
    console = lab.page.locator(".smtpedu-console")
    refused = console.locator(".s-turn").nth(6)  # a 421 may follow: the lab was stopped
    expect(refused).to_contain_text("551")
    refused.locator(".s-said").click()
    expect(console.locator(".s-decoder")).to_contain_text("permanent negative completion")
    expect(console.locator(".console-tasks .s-mark")).to_have_count(2)
    expect(console.locator(".s-head [role=status]")).to_contain_text("The lab is not running")


def test_keys_stay_inside(lab: NotebookPage) -> None:
    """JupyterLab's `d d`, `b`, `a`, `x` would delete and add cells."""
    console = opened(lab, START, "1 + 1")
    cells = lab.cell_ids()
    hint = button(console, "Hint").first
    hint.click()
    expect(hint).to_have_attribute("aria-expanded", "true")
    key = console.locator(".console-key").first
    for control in (hint, key, console.locator(".s-said").first, console.locator(".console-typed")):
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
    expect(console.locator(".s-turn").nth(6)).to_contain_text(f"550 `{evil}`")
    expect(console.locator(".s-turn").nth(7)).to_contain_text("\\u202e")
    assert console.locator("img, script").count() == 0
    assert page_errors == []


def test_line_that_is_too_long_is_announced_and_may_be_sent(lab: NotebookPage) -> None:
    console = opened(lab)
    console.locator(".console-typed").fill("EHLO " + "x" * 506)
    expect(console.locator(".s-note:visible")).to_contain_text("This line has 511 octets")
    console.locator(".console-typed").press("Enter")
    expect(console.locator(".s-turn").last).to_contain_text("500")
    expect(console.locator(".s-note:visible")).to_have_count(0)


def test_arabic_keeps_the_session_and_the_line_being_typed(lab: NotebookPage) -> None:
    console = opened(lab)
    typed(console, *TO_RCPT)
    lab.page.keyboard.type("RSET")
    button(console, "العربية").press("Enter")
    expect(console).to_have_attribute("dir", "rtl")
    expect(console.locator(".s-turn")).to_have_count(7)
    expect(console).to_contain_text("حُلّ 2 من 6")
    expect(console.get_by_label("الأمر")).to_have_value("RSET")
    direction = "nodes => nodes.every((node) => getComputedStyle(node).direction === 'ltr')"
    assert console.locator(".s-turn code, .console-typed").evaluate_all(direction)
    typed(console, " ")
    expect(console.locator(".s-turn").last).to_contain_text("250")
