"""Fixtures for tests in a real JupyterLab: `lab`, `page_errors`.

Without Playwright or Chromium each browser test is skipped; where CI is set, it fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

import pytest

from .jupyterlab_server import Server

try:
    from playwright.sync_api import expect, sync_playwright

    from .jupyterlab_page import FLAGS, NotebookPage
except ImportError as error:
    NOT_INSTALLED = error.name
else:
    NOT_INSTALLED = None
    expect.set_options(timeout=15_000)  # milliseconds; a busy machine is no failure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LOG_START = pytest.StashKey[int]()
FAILED = pytest.StashKey[bool]()


def missing(reason: str) -> NoReturn:
    """Skip for want of a browser, or fail where CI promises one."""
    if os.environ.get("CI", "").lower() in ("", "0", "false", "no"):
        pytest.skip(reason)
    pytest.fail(f"{reason} (CI must have it)", pytrace=False)


def find_chromium() -> str | None:
    """Return the path of the first Chromium or Chrome found."""
    names = (os.environ.get("SMTPEDU_CHROMIUM"), *BROWSERS)
    return next(filter(None, (shutil.which(name) for name in names if name)), None)


# Package scope, not session: while Playwright's sync API is up, its event loop counts as
# running in this thread, and asyncio.run() in tests of other folders would fail.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One headless browser for all tests of this folder."""
    if NOT_INSTALLED:
        missing(f"browser tests need {NOT_INSTALLED}")
    executable = find_chromium()
    if executable is None:
        missing(f"no browser: set SMTPEDU_CHROMIUM or install one of {', '.join(BROWSERS)}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


# Package scope again: a server that knew many kernels goes on knocking at their old ports, and a
# lab of a later test may have got one of these.
@pytest.fixture(scope="package")
def lab_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One JupyterLab server for all tests of this folder."""
    server = Server(tmp_path_factory.mktemp("jupyterlab"))
    yield server
    server.stop()


@pytest.fixture(scope="package")
def kept_page(browser: Browser, lab_server: Server) -> Iterator[NotebookPage]:
    """The page that is tidied after each test and serves the next one."""
    page = NotebookPage(browser, lab_server)
    yield page
    page.close()


@contextmanager
def used(page: NotebookPage, node: pytest.Item | pytest.Collector) -> Iterator[NotebookPage]:
    """The page for one test, or for those of a module; it is left as if nobody had been there."""
    node.stash[LOG_START] = page.server.log.stat().st_size
    node.stash[FAILED] = False
    try:
        yield page
    except BaseException:  # while a fixture made the page ready
        page.discard()
        raise
    outside = page.outside
    if node.stash[FAILED]:
        page.discard()
    else:
        page.tidy()
    # The name lookup of the browser is off, so nothing got there; a page must not even ask.
    assert not outside, f"the page asked for addresses outside: {outside}"


@pytest.fixture
def lab(kept_page: NotebookPage, request: pytest.FixtureRequest) -> Iterator[NotebookPage]:
    """Give a helper that writes, opens, runs, saves and inspects one notebook."""
    with used(kept_page, request.node) as page:
        yield page


@pytest.fixture
def page_errors(lab: NotebookPage) -> list[str]:
    """Errors on the console and uncaught exceptions since the test began."""
    return lab.errors


def log_start(item: pytest.Item) -> int:
    """Where the server's log of this test begins, or that of its module."""
    return max(node.stash.get(LOG_START, 0) for node in item.listchain())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the server's log, the console's errors and a picture to a failed test."""
    report = yield
    lab = getattr(item, "funcargs", {}).get("kept_page")
    if call.when != "call" or not report.failed or lab is None:
        return report
    for node in item.listchain():
        if FAILED in node.stash:
            node.stash[FAILED] = True
    report.sections.append(("JupyterLab log", lab.server.log_text(log_start(item))))
    report.sections.append(("browser console errors", "\n".join(lab.errors)))
    if lab.is_open:
        picture = lab.server.root.parent / f"{item.name}.png"
        lab.screenshot(picture)
        report.sections.append(("screenshot", str(picture)))
    return report
