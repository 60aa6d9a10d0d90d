"""Fixtures for tests in a real JupyterLab: `lab`, `page_errors`.

Without Playwright or Chromium each browser test is skipped; where CI is set, it fails.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, NoReturn

import pytest

from .labserver import Server

try:
    from playwright.sync_api import expect, sync_playwright

    from .labpage import FLAGS, NotebookPage
except ImportError as error:
    NOT_INSTALLED = error.name
else:
    NOT_INSTALLED = None
    expect.set_options(timeout=15_000)  # milliseconds; a busy machine is no failure

if TYPE_CHECKING:
    from playwright.sync_api import Browser

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
LOG_START = pytest.StashKey[int]()


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


@pytest.fixture
def lab(
    browser: Browser, lab_server: Server, request: pytest.FixtureRequest
) -> Iterator[NotebookPage]:
    """Give a helper that writes, opens, runs, saves and inspects one notebook."""
    lab_server.reset_settings()
    request.node.stash[LOG_START] = lab_server.log.stat().st_size
    page = NotebookPage(browser, lab_server)
    yield page
    page.close()
    lab_server.stop_kernels()
    # The name lookup of the browser is off, so nothing got there; a page must not even ask.
    assert not page.outside, f"the page asked for addresses outside: {page.outside}"


@pytest.fixture
def page_errors(lab: NotebookPage) -> list[str]:
    """Errors on the console and uncaught exceptions since the test began."""
    return lab.errors


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Attach the server's log, the console's errors and a picture to a failed test."""
    report = yield
    lab = getattr(item, "funcargs", {}).get("lab")
    if call.when != "call" or not report.failed or lab is None:
        return report
    report.sections.append(("JupyterLab log", lab.server.log_text(item.stash[LOG_START])))
    report.sections.append(("browser console errors", "\n".join(lab.errors)))
    if lab.is_open:
        picture = lab.server.root.parent / f"{item.name}.png"
        lab.screenshot(picture)
        report.sections.append(("screenshot", str(picture)))
    return report
