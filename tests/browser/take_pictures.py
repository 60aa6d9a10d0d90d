"""Takes the README's pictures of the real widgets: `python -m tests.browser.take_pictures`."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Locator, sync_playwright

from .conftest import find_chromium
from .jupyterlab_page import FLAGS, NotebookPage
from .jupyterlab_server import Server

PICTURES = Path(__file__).parents[2] / "docs"
CELLS = [
    "import smtpedu as smtp\nsmtp.session('mixed-recipients')",
    "smtp.session('mixed-recipients')",
    "smtp.compare(250, 551)",
    "smtp.quiz('250-vs-551', seed=SEED)",
    "smtp.explorer(551)",
    "smtp.servers()",
    # All the others, so that what one widget does to another would be seen.
    "smtp.policy_explorer()",
    "lab = smtp.Lab({'bob@example.test': 'moved to bob@new.example'}).start()\nlab.console()",
    "smtp.progress()",
]
SEED = 2  # the quiz opens with a question that has a picture of what one may believe
WRONG = "It accepts both and sends bob's copy on"
RIGHT = "It accepts alice and refuses bob"
STEP = 11  # of the session: bob has got his 551
SHOWN = ("player", "comparison", "quiz", "explorer", "servers")


def picture(shown: Locator, name: str) -> None:
    """Picture a widget at scale 2, in as many colours as can be told apart."""
    path = PICTURES / f"{name}.png"
    shown.screenshot(path=path)
    image = Image.open(path).convert("RGB")
    # Other methods would sacrifice the rare colours, such as that of 4xx.
    few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def prepare(lab: NotebookPage) -> None:
    """Bring the widgets into telling states."""
    page = lab.page
    lab.evaluate("app.shell.collapseLeft();")
    for player in page.locator(".smtpedu-player").all():
        following = player.get_by_role("button", name="Next", exact=True)
        for _ in range(STEP - 1):
            following.click()
    quiz = page.locator(".smtpedu-quiz")
    for option in (WRONG, RIGHT):
        quiz.get_by_role("radio", name=option, exact=True).check()
        quiz.get_by_role("button", name=re.compile("^Check")).click()
    page.locator(".smtpedu-player").nth(1).get_by_role("button", name="العربية").click()


def main() -> None:
    """Start JupyterLab and a browser, take all pictures in both themes."""
    os.environ["SMTPEDU_PROGRESS"] = str(Path(tempfile.mkdtemp(), "progress.sqlite3"))
    server = Server(Path(tempfile.mkdtemp()))
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
            lab = NotebookPage(browser, server)
            lab.open(
                lab.notebook([cell.replace("SEED", str(SEED)) for cell in CELLS]),
                height=8000,
                scale=2,
            )
            lab.run_all()
            prepare(lab)
            for theme, ending in (("light", ""), ("dark", "-dark")):
                lab.theme(theme)
                lab.page.evaluate("document.activeElement.blur()")
                for name in SHOWN:
                    picture(lab.page.locator(f".smtpedu-{name}").first, f"{name}{ending}")
                picture(lab.page.locator(".smtpedu-player").nth(1), f"player-arabic{ending}")
            lab.close()
            browser.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
