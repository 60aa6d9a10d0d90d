"""A JupyterLab server in a process of its own, kept apart from the user's settings and files."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from smtpedu.lab.lab import free_port
from smtpedu.widgets.page import extension

TIMEOUT = 60.0  # seconds that a slow machine may need for any one step
SETTINGS = {
    "@jupyterlab/apputils-extension/notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
    # Every cell stays in the page, however long the notebook.
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
}


class Server:
    """A JupyterLab server of its own, with every user folder inside `folder`."""

    def __init__(self, folder: Path) -> None:
        """Start the server and wait until it answers."""
        self.root = folder / "root"
        self.home = folder / "home"
        self.log = folder / "jupyterlab.log"
        self.token = secrets.token_hex(16)
        self.environ = isolated_environ(self.home)
        self._spare: dict[str, Any] | None = None  # the session of a kernel that is as new
        self.root.mkdir(parents=True)
        startup = self.home / "ipython" / "profile_default" / "startup"
        startup.mkdir(parents=True)
        shutil.copy(Path(__file__).with_name("kernel_startup.py"), startup)
        # Asking whether extensions are built costs a second of Node for each page.
        config = Path(self.environ["JUPYTER_CONFIG_DIR"], "labconfig", "page_config.json")
        config.parent.mkdir(parents=True)
        config.write_text('{"buildCheck": false}', encoding="utf-8")
        # As the code is now, whatever this environment's installation was made from.
        self.extensions = folder / "extensions"
        extension.write(self.extensions / "smtpedu")
        self.reset_settings()
        # Another worker may be quicker to take a port that was free.
        if not any(self._start() for _ in range(3)):
            raise RuntimeError(f"JupyterLab did not start:\n{self.log_text()}")

    def _start(self) -> bool:
        """Start the server on a free port; tells whether it answers."""
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                self._command(), cwd=self.root, env=self.environ, stdout=log, stderr=log
            )
        return self._is_up()

    def _command(self) -> list[str]:
        """Return the command line that starts the server."""
        return [
            *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"),
            "--ServerApp.ip=127.0.0.1",
            f"--ServerApp.port={self.port}",
            "--ServerApp.port_retries=0",
            f"--ServerApp.root_dir={self.root}",
            f"--IdentityProvider.token={self.token}",
            f"--LabApp.extra_labextensions_path={self.extensions}",
            "--LabApp.expose_app_in_browser=True",
            "--LabApp.news_url=None",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
            "--LabApp.extension_manager=readonly",
        ]

    def _is_up(self) -> bool:
        """Wait for /api/status to answer; the server is stopped when it never does."""
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.request("GET", "/api/status")
                return True
            except (OSError, HTTPException):
                time.sleep(0.05)
        self.stop()
        return False

    def request(self, method: str, path: str, content: object = None) -> Any:
        """Send one REST request and return the JSON answer, or None; raise when it is refused."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT)
        sent = None if content is None else json.dumps(content)
        try:
            connection.request(method, path, sent, {"Authorization": f"token {self.token}"})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        if response.status >= 400:
            raise ConnectionError(f"{method} {path}: {response.status} {response.reason}")
        return json.loads(body) if body else None

    def log_text(self, start: int = 0) -> str:
        """Return the server's log from byte `start` on."""
        return self.log.read_bytes()[start:].decode(errors="replace")

    def reset_settings(self) -> None:
        """Forget settings that a page changed (its theme) and write those for the tests."""
        folder = Path(self.environ["JUPYTERLAB_SETTINGS_DIR"])
        shutil.rmtree(folder, ignore_errors=True)
        for plugin, values in SETTINGS.items():
            file = folder / f"{plugin}.jupyterlab-settings"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(json.dumps(values), encoding="utf-8")

    def sessions(self) -> list[dict[str, Any]]:
        """The sessions there are, each with its kernel."""
        found: list[dict[str, Any]] = self.request("GET", "/api/sessions")
        return found

    def keep_kernel(self) -> None:
        """The one kernel there is has been reset: the next notebook that asks gets it."""
        (self._spare,) = self.sessions()

    def lend_kernel(self, path: str) -> None:
        """Make the kernel that was kept, if any, that of the notebook at `path`."""
        spare, self._spare = self._spare, None
        if spare and spare["path"] != path:
            names = {"path": path, "name": path}
            self.request("PATCH", f"/api/sessions/{spare['id']}", names)

    def stop_kernels(self) -> None:
        """End every session and its kernel."""
        self._spare = None
        for session in self.sessions():
            with suppress(ConnectionError):  # it ended meanwhile
                self.request("DELETE", f"/api/sessions/{session['id']}")

    def stop(self) -> None:
        """End the server; it ends its kernels first."""
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def trust(self, path: str) -> None:
        """Sign a notebook, as `jupyter trust` does: stored outputs then show as they are."""
        command = [sys.executable, "-m", "jupyter", "trust", path]
        subprocess.run(command, cwd=self.root, env=self.environ, check=True, capture_output=True)


def isolated_environ(home: Path) -> dict[str, str]:
    """Return an environment whose user folders, and file of answers, all lie in `home`.

    Kernels and lab extensions are still found, in `sys.prefix`.
    """
    environ = {k: v for k, v in os.environ.items() if not k.startswith(("JUPYTER", "PYTEST"))}
    folders = {
        "HOME": home,
        "USERPROFILE": home,
        "APPDATA": home / "appdata",
        "LOCALAPPDATA": home / "appdata",
        "XDG_CONFIG_HOME": home / "config",
        "XDG_DATA_HOME": home / "data",
        "XDG_CACHE_HOME": home / "cache",
        "XDG_STATE_HOME": home / "state",
        "IPYTHONDIR": home / "ipython",
        "JUPYTER_CONFIG_DIR": home / "jupyter",
        "JUPYTER_DATA_DIR": home / "jupyter-data",
        "JUPYTER_RUNTIME_DIR": home / "runtime",
        "JUPYTERLAB_SETTINGS_DIR": home / "lab-settings",
        "JUPYTERLAB_WORKSPACES_DIR": home / "lab-workspaces",
    }
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    # Not that of the lessons, which are run after these tests and compare what they find.
    folders["SMTPEDU_PROGRESS"] = home / "progress.sqlite3"
    return environ | {name: str(folder) for name, folder in folders.items()}
