"""One notebook in a JupyterLab page: open, run, inspect, save and reopen it."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import nbformat
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    ViewportSize,
)
from playwright.sync_api import Error as PlaywrightError

from .jupyterlab_server import TIMEOUT, Server

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
# What JupyterLab itself says on the console: after its kernel has gone, and of a notebook that is
# closed before its debugger, which no test uses, has looked at the kernel.
NO_KERNEL = "Could not send widget sync message"
NO_DEBUGGER = "Could not restore the debugger state"
# The notebook panel at a path, and the session behind it.
PANEL = """
const panel = [...(window.jupyterapp?.shell.widgets("main") ?? [])]
  .find(widget => widget.context?.path === path);
const session = panel?.context.sessionContext;
"""
# What a test leaves behind: in the browser's store, in the kernel, on the page.
FORGET = "() => { localStorage.clear(); sessionStorage.clear(); }"
TIDY_KERNEL = """
const reply = await session.session.kernel.requestExecute(
  { code: "get_ipython().tidy()", silent: true, store_history: false }).done;
if (reply.content.status !== "ok") throw new Error(reply.content.traceback?.join());
"""
CLOSE_ALL = """() => {
  for (const widget of [...jupyterapp.shell.widgets("main")]) widget.dispose();
}"""
# JupyterLab's page hides what is beyond it, although nothing is: axe then takes the colours of most
# things for unknown.
AXE = """async ([selector, options]) => {
  const style = document.head.appendChild(document.createElement("style"));
  style.textContent = "body, .jp-LabShell { overflow: visible !important }";
  try {
    return await axe.run([[selector]], { resultTypes: ["violations", "passes"], ...options });
  } finally {
    style.remove();
  }
}"""
TO_TOP = "panel.content.activeCellIndex = 0; panel.content.mode = 'command';"
EMPTY = f"""
for (const widget of [...app.shell.widgets("main")]) if (widget !== panel) widget.dispose();
panel.context.model.fromJSON({{ ...panel.context.model.toJSON(), metadata: {{}}, cells: [] }});
{TO_TOP}
"""
TIDY_PAGE = f"""() => {{
  if (jupyterapp.shell.leftCollapsed) jupyterapp.shell.expandLeft();
  for (const sheet of document.querySelectorAll("style[id^='smtpedu.']")) sheet.remove();
  delete globalThis.smtpeduPage;
  ({FORGET})();
}}"""


class NotebookPage:
    """One notebook in a JupyterLab page; the page, and the kernel, may serve many tests.

    `open` takes the page that is there. A page that is loaded anew is what `visit`, `reload` and
    `reopen` are for.
    """

    _numbers = count(1)

    def __init__(self, browser: Browser, server: Server) -> None:
        """Remember where to open notebooks; nothing is opened yet."""
        self.browser = browser
        self.server = server
        self._page: Page | None = None
        self._plain: dict[str, nbformat.NotebookNode] = {}
        self._kept = ""  # the path of the empty notebook that a test has left open
        self._forget()

    def _forget(self) -> None:
        """Begin to note what the page reports."""
        self.path = ""
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.kernel_gone = False

    @property
    def page(self) -> Page:
        """The Playwright page of the notebook now open."""
        assert self._page is not None, "call open() first"
        return self._page

    @property
    def is_open(self) -> bool:
        """Tell whether a page is open."""
        return self._page is not None

    def notebook(
        self, cells: Sequence[str | nbformat.NotebookNode], name: str = "", trusted: bool = False
    ) -> str:
        """Write a notebook of code cells (text) or ready cells; return its path."""
        is_plain = not name and all(isinstance(cell, str) for cell in cells)
        new_cell = nbformat.v4.new_code_cell
        book = nbformat.v4.new_notebook(
            cells=[new_cell(cell) if isinstance(cell, str) else cell for cell in cells],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        path = self.add(book, name, trusted)
        if is_plain:
            self._plain[path] = book
        return path

    def add(self, book: nbformat.NotebookNode, name: str = "", trusted: bool = False) -> str:
        """Write a whole notebook below the server's root; return its path."""
        path = f"{name or f'notebook-{next(self._numbers)}'}.ipynb"
        file = self.server.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(book, file)
        if trusted:
            self.server.trust(path)
        return path

    def saved(self) -> nbformat.NotebookNode:
        """Read the notebook back from disk."""
        return nbformat.read(self.server.root / self.path, as_version=4)

    def open(self, path: str, width: int = 1280, height: int = 900, scale: int = 1) -> Page:
        """Open a notebook and wait for an idle kernel: one that is as new, or a new one."""
        size = {"width": width, "height": height}
        book = self._plain.pop(path, None)
        kept, self._kept = self._kept, ""
        self.server.lend_kernel(kept if kept and book else path)
        if self._page is None:
            self._page = self._new_page(size, scale)
            return self.visit(path)
        self.page.set_viewport_size(size)
        if kept and book:
            return self._fill(kept, book)
        self.page.evaluate(CLOSE_ALL)
        return self._show(path)

    def _fill(self, path: str, book: nbformat.NotebookNode) -> Page:
        """Put cells into the empty notebook that is open, and into its file."""
        self.path = path
        nbformat.write(book, self.server.root / path)
        self.evaluate(f"await panel.context.revert(); {TO_TOP}")
        self.wait_idle()
        return self.page

    def open_again(self) -> Page:
        """Close the notebook, whose kernel lives on, and open it as it is on the disk."""
        self.evaluate("panel.dispose();")
        return self._show(self.path)

    def _show(self, path: str) -> Page:
        """Open a notebook in the page that is there."""
        self.path, self.kernel_gone = path, False
        script = """async path => {
          await jupyterapp.commands.execute("docmanager:open", { path, factory: "Notebook" });
        }"""
        self.page.evaluate(script, path)
        self.wait_idle()
        return self.page

    def _new_page(self, size: ViewportSize, scale: int) -> Page:
        """Make an empty page in a browser context of its own."""
        context = self.browser.new_context(viewport=size, device_scale_factor=scale)
        context.set_default_timeout(TIMEOUT * 1000 / 3)
        page = context.new_page()
        page.on("console", self._on_console)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", self._on_request)
        return page

    def visit(self, path: str) -> Page:
        """Load the page anew with this notebook, as the next user of the browser would."""
        return self._load(path, lambda url: self.page.goto(url, wait_until="commit"))

    def reload(self) -> Page:
        """Load the page anew as the browser's button does; it has kept what it stored."""

        def again(url: str) -> None:
            # The address may still be that of a notebook shown before, which would be opened, too.
            self.page.evaluate("url => history.replaceState(null, '', url)", url)
            self.page.reload(wait_until="commit")

        return self._load(self.path, again)

    def _load(self, path: str, load: Callable[[str], object]) -> Page:
        """Load the page with one notebook, and with nothing that an earlier page had open."""
        self.path, self.kernel_gone = path, True  # for the page that goes
        workspace = f"page-{next(self._numbers)}"
        url = f"{self.server.url}/lab/workspaces/{workspace}/tree/{path}"
        load(f"{url}?token={self.server.token}")
        self.wait_idle()
        self.kernel_gone = False
        return self.page

    def reopen(self) -> Page:
        """Load the page anew with the same notebook, in a browser that has stored nothing."""
        self.page.evaluate(FORGET)
        self.page.context.clear_cookies()
        return self.visit(self.path)

    def close(self) -> None:
        """Close the page; the kernel lives on."""
        self._kept = ""
        if self._page is not None:
            self._page.context.close()
            self._page = None

    def tidy(self) -> None:
        """Make page and kernel as new for the next test, or see to it that it gets others."""
        try:
            if self.kernel_gone or len(self.server.sessions()) != 1:
                self.server.stop_kernels()
                self.page.evaluate(CLOSE_ALL)
            else:
                self.evaluate(TIDY_KERNEL)
                self.server.keep_kernel()
                self.evaluate(EMPTY)
                self._kept = self.path
            if self.page.locator(".jp-Dialog").count():
                raise PlaywrightError("a dialog is open")
            self.look("light", 1280)
            self.page.emulate_media(reduced_motion="null")
            self.page.mouse.move(0, 0)
            self.page.evaluate(TIDY_PAGE)
        except (PlaywrightError, AssertionError, OSError):
            self.discard()
        self._forget()

    def discard(self) -> None:
        """Close the page and stop all kernels: the next test begins from nothing."""
        self.close()
        self.server.stop_kernels()
        self.server.reset_settings()
        self._forget()

    def wait_idle(self) -> None:
        """Wait until the notebook is drawn and its kernel is idle."""
        self.page.wait_for_function(
            f"""path => {{ {PANEL}
            return panel?.context.isReady && panel.isVisible && session.isReady
              && !document.getElementById("jupyterlab-splash")
              && session.session?.kernel?.status === "idle"; }}""",
            arg=self.path,
        )

    def evaluate(self, script: str) -> Any:
        """Run JavaScript that may use `panel`, `session`, `app`; return what it returns."""
        body = f"const app = window.jupyterapp; {PANEL} {script}"
        late = f"setTimeout(() => fail(new Error('not done in {TIMEOUT} s')), {TIMEOUT * 1000})"
        return self.page.evaluate(
            f"""path => Promise.race([
              (async () => {{ {body} }})(), new Promise((_, fail) => {late})])""",
            self.path,
        )

    def command(self, name: str, **arguments: Any) -> Any:
        """Run one of JupyterLab's commands on the notebook and wait for its end."""
        call = f"app.commands.execute({json.dumps(name)}, {json.dumps(arguments)})"
        return self.evaluate(f"app.shell.activateById(panel.id); await {call};")

    def run_all(self) -> None:
        """Run all cells, wait until done and drawn; raise when a cell failed."""
        self.command("notebook:run-all-cells")
        self._finish_run()

    def run_cell(self, index: int) -> None:
        """Run one cell and wait as `run_all` does; the cursor moves to that cell."""
        self.evaluate(f"panel.content.activeCellIndex = {index};")
        self.command("notebook:run-cell")
        self._finish_run()

    def _finish_run(self) -> None:
        """Wait until the kernel is idle and the page drawn; raise when a cell failed."""
        self.wait_idle()
        self.settle()
        failures = self.evaluate(
            """return panel.content.model.sharedModel.cells
              .filter(cell => cell.cell_type === "code")
              .filter(cell => !(cell.getMetadata("tags") ?? []).includes("raises-exception"))
              .flatMap(cell => cell.outputs.filter(output => output.output_type === "error"))
              .map(output => `${output.ename}: ${output.evalue}`);"""
        )
        assert not failures, f"cells failed: {failures}"

    def cell(self, index: int) -> Locator:
        """Return the cell at `index` as a Playwright locator."""
        return self.page.locator(".jp-Notebook .jp-Cell").nth(index)

    def output(self, index: int) -> Locator:
        """Return the output area of the cell at `index` as a Playwright locator."""
        return self.cell(index).locator(".jp-OutputArea").first

    def settle(self) -> None:
        """Wait until the browser has painted twice."""
        self.page.evaluate(
            "() => new Promise(r => requestAnimationFrame(() => requestAnimationFrame(r)))"
        )

    def look(self, theme: str, width: int) -> None:
        """Switch to a theme and a width of the page, if they are others."""
        size = self.page.viewport_size
        if size and size["width"] != width:
            self.page.set_viewport_size({**size, "width": width})
        if self.page.locator(f"body[data-jp-theme-light={str(theme == 'light').lower()}]").count():
            self.settle()
        else:
            self.theme(theme)

    def theme(self, name: str) -> None:
        """Switch to the "dark" or "light" theme."""
        self.command("apputils:change-theme", theme=f"JupyterLab {name.capitalize()}")
        light = str(name == "light").lower()
        body = f'body[data-jp-theme-light="{light}"]'
        self.page.wait_for_selector(body, state="attached")  # its body has no height
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # shown meanwhile
        self.settle()

    def save(self) -> None:
        """Save the notebook to disk."""
        self.evaluate("await panel.context.save();")

    def shutdown_kernel(self) -> None:
        """End the notebook's kernel; the page stays open without one."""
        self.kernel_gone = True
        self.evaluate("await session.shutdown();")

    def restart_kernel(self) -> None:
        """Restart the notebook's kernel, as a learner does who begins anew."""
        self.evaluate("await session.restartKernel();")
        self.wait_idle()

    def cell_count(self) -> int:
        """Return how many cells the notebook has now."""
        return self.evaluate("return panel.content.model.cells.length;")

    def cell_ids(self) -> list[str]:
        """Return the ids of the notebook's cells: a count is the same with one gone, one new."""
        return self.evaluate("return [...panel.content.model.cells].map(cell => cell.id);")

    def screenshot(self, path: str | Path) -> None:
        """Save a picture of what the page shows."""
        self.page.screenshot(path=path)

    def axe(self, selector: str) -> list[dict[str, Any]]:
        """Return axe-core's violations in the part of the page under `selector`."""
        return self.axe_results(selector)["violations"]

    def axe_results(self, selector: str, **options: Any) -> dict[str, list[dict[str, Any]]]:
        """Return axe-core's `violations` and `passes` there; `options` are those of `axe.run`."""
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(AXE_SCRIPT)
        return self.page.evaluate(AXE, [selector, options])

    def _on_console(self, message: ConsoleMessage) -> None:
        """Keep what the page reports as an error, but not what JupyterLab says of itself."""
        expected = (NO_DEBUGGER, NO_KERNEL) if self.kernel_gone else NO_DEBUGGER
        if message.type == "error" and not message.text.startswith(expected):
            self.errors.append(f"{message.text} ({message.location.get('url', '')})")

    def _on_request(self, request: Request) -> None:
        """Keep each address outside this server that the page asked for."""
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.outside.append(request.url)
