"""Takes the README's pictures of the real widgets: `python -m tests.browser.take_pictures`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, Page, sync_playwright

from .conftest import find_chromium
from .jupyterlab_page import FLAGS, NotebookPage
from .jupyterlab_server import Server

PICTURES = Path(__file__).parents[2] / "docs"
CELLS = [
    "import smtpedu as smtp\nsmtp.session('mixed-recipients')",
    "smtp.session('moved-refused').play(predict=True)",
    "smtp.compare(250, 551)",
    "smtp.explorer(551)",
    "mailboxes = {'alice@example.test': 'local', 'bob@example.test': 'moved to bob@new.example'}\n"
    "smtp.Lab(mailboxes).start().console()",
    "from smtpedu.questions.bank import item\nsmtp.quiz([item('refusals-diagnose-relay')])",
    "smtp.servers(scenario='moved')",
    "smtp.policy_explorer()",
]
SHARP = {"console", "policy"}  # two pixels of the picture for one of the page
BELIEF = "`551` is the code for relaying".replace("`", "")
SAID = (
    "EHLO laptop.example",
    "MAIL FROM:<me@laptop.example>",
    "RCPT TO:<alice@example.test>",
    "RCPT TO:<bob@example.test>",
)


def press(page: Page, player: int, name: str, times: int = 1) -> None:
    """Press a button of one of the players."""
    shown = page.locator(".smtpedu-player").nth(player)
    button = shown.get_by_role("button", name=re.compile(f"^({name})$"))
    for _ in range(times):
        button.click()


def picture(shown: Locator, name: str) -> None:
    """Picture a widget, in as many colours as can be told apart: a third of the bytes."""
    path = PICTURES / f"{name}.png"
    shown.screenshot(path=path, scale="device" if name in SHARP else "css")
    image = Image.open(path).convert("RGB")
    # Other methods would sacrifice the rare colours, such as that of 4xx.
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def take(lab: NotebookPage) -> None:
    """Bring each widget into a telling state and picture it."""
    page = lab.page
    press(page, 0, "Next", 12)
    press(page, 0, "Highlight 551")
    press(page, 1, "Next|Skip", 6)
    page.locator(".smtpedu-comparison .s-poster").first.wait_for()
    console = page.locator(".smtpedu-console")
    for line in SAID:
        console.get_by_label("Command").fill(line)
        console.get_by_label("Command").press("Enter")
        console.get_by_text(line).first.wait_for()
    console.get_by_text("try <bob@new.example>").first.wait_for()
    quiz = page.locator(".smtpedu-quiz")
    quiz.get_by_label(BELIEF).check()
    quiz.get_by_role("button", name="Check", exact=True).click()
    page.locator(".smtpedu-servers table").first.wait_for()
    page.get_by_label("show replies").check()
    page.get_by_role("button", name="Do not forward, but disclose it").click()
    page.get_by_role("button", name="Ask a real server").click()
    page.locator(".policy-asked").first.wait_for()
    arabic = page.locator(".smtpedu-explorer")
    arabic.get_by_role("button", name="العربية").click()
    for name, selector, n in (
        ("player", ".smtpedu-player", 0),
        ("predict", ".smtpedu-player", 1),
        ("comparison", ".smtpedu-comparison", 0),
        ("console", ".smtpedu-console", 0),
        ("quiz", ".smtpedu-quiz", 0),
        ("servers", ".smtpedu-servers", 0),
        ("policy", ".smtpedu-policy", 0),
    ):
        picture(page.locator(selector).nth(n), name)
    lab.theme("dark")
    picture(arabic, "explorer-arabic-dark")


def main() -> None:
    """Start JupyterLab and a browser, take all pictures."""
    os.environ["SMTPEDU_PROGRESS"] = str(Path(tempfile.mkdtemp(), "progress.sqlite3"))
    server = Server(Path(tempfile.mkdtemp()))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            lab = NotebookPage(browser, server)
            lab.open(lab.notebook(CELLS), height=8000, scale=2)
            lab.run_all()
            take(lab)
            lab.close()
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
