"""One server's captures, from within the namespaces where it lives.

`capture` starts this file twice over: first with processes and mounts of its own (the root is
built, packages are fetched), then with a network of its own too, which is loopback and no more.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import Empty

from .client import Client
from .document import server_of
from .hops import hops
from .root import NoPackageError, Root, in_memory, loopback
from .scenarios import BOUNCES, SCENARIOS, play
from .server import DEFAULT, Captured, Server, Setup

HOST, SERVER, CLIENT = "mail.example.test", "127.0.0.1", "127.0.0.2"
PORT = 25
INSTALLED = "installed"  # the folder of the root that all scenarios begin with
STARTING = 30.0  # seconds a server may take to greet, and to write its log
NEW_NAMESPACES = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--uts", "--ipc")
HERE = (sys.executable, "-m", "tests.servers.inside")
UNAVAILABLE = 69  # the status in which `build` ends when the package cannot be had


def capture(module: str, scenarios: list[str]) -> tuple[str, dict[str, Captured]]:
    """Play scenarios, and bounces (`bounces/moved`); the server's version and what came of each.

    Raises `NoPackageError` if Debian's packages cannot be had, `RuntimeError` if anything fails.
    """
    with tempfile.TemporaryDirectory(prefix="smtpedu-") as folder:
        done = subprocess.run(
            [*NEW_NAMESPACES, *HERE, "build", module, folder, *scenarios],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode == UNAVAILABLE:
        raise NoPackageError(done.stderr)
    if done.returncode:
        raise RuntimeError(f"{module} was not captured:\n{done.stderr[-3000:]}")
    version, played = json.loads(done.stdout)
    return version, {scenario: Captured(**captured) for scenario, captured in played.items()}


def build(module: str, folder: str, *scenarios: str) -> None:
    """Install the server while there is still a network, then go on without one."""
    server = _server(module)
    socket.sethostname(HOST)
    in_memory(Path(folder))
    root = Root(Path(folder) / INSTALLED)
    try:
        root.install(server.packages)
    except NoPackageError as error:
        print(error, file=sys.stderr)
        sys.exit(UNAVAILABLE)
    root.add_people(server.users)
    root.isolate()
    root.close()
    # In place of this process, so that it stays the first of its namespace.
    arguments = ["unshare", "--net", *HERE, "talk", module, folder, *scenarios]
    os.execv("/usr/bin/unshare", arguments)  # noqa: S606


def talk(module: str, folder: str, *scenarios: str) -> None:
    """Play the scenarios, each against a server that is as it was installed."""
    if os.getpid() != 1:
        raise RuntimeError("not the first process of a namespace, in which all may be ended")
    loopback()
    server, played, version = _server(module), {}, ""
    for scenario in scenarios:
        root = Root(Path(folder) / scenario, (Path(folder) / INSTALLED / "changes", Path("/")))
        played[scenario] = asdict(_played(server, root, scenario))
        version = root.version(server.packages[0])
        root.close()
    json.dump((version, played), sys.stdout)


def _played(server: Server, root: Root, name: str) -> Captured:
    setup, (kind, _, scenario) = server.setup(name), name.rpartition("/")
    for path, text in setup.files.items():
        root.write(path, text)
    socket.sethostname(root.read("/etc/mailname").strip())
    for command in setup.commands:
        root.run(*command)
    _check(root, setup)
    process = root.start(*server.start)
    client = None
    try:
        _await_greeting(process)
        client = Client((SERVER, PORT), CLIENT, pause=setup.pause)
        bounce = _bounced(client, scenario) if kind else ""
        if not kind:
            play(SCENARIOS[scenario], client)
        after = [_found(root, setup.after)] if setup.after else []
    except (EOFError, OSError, Empty) as error:
        said = client.dialogue() if client else "(not started)"
        raise RuntimeError(f"{name}: {error!r}\n{said}\n{root.log()}") from error
    finally:
        if client:
            client.close()
        _stop(root, process)
    return Captured(client.dialogue(), "; ".join([*client.notes, *after]), bounce)


def _bounced(client: Client, scenario: str) -> str:
    """What the server writes to the sender after it took a message that it cannot deliver."""
    with hops() as to_sender:
        play(BOUNCES[scenario], client)
        return to_sender.get(timeout=STARTING).replace(b"\r\n", b"\n").decode()


def _found(root: Root, command: str) -> str:
    """What a command says as soon as it says anything: queues and logs are written in time."""
    latest = time.monotonic() + STARTING
    while not (said := root.run("sh", "-c", f"{command} || true").strip()):
        if time.monotonic() > latest:
            raise RuntimeError(f"nothing was found by {command}")
        time.sleep(0.2)
    return said


def _server(module: str) -> Server:
    server = server_of(module)
    assert isinstance(server, Server)
    return server


def _check(root: Root, setup: Setup) -> None:
    """A line of configuration that is said to have caused a reply has to be there."""
    for path, _, line in (said.partition(": ") for said in setup.configuration):
        if path != DEFAULT and line not in map(str.strip, root.read(path).splitlines()):
            raise RuntimeError(f"{path} has no line {line!r}")


def _await_greeting(process: subprocess.Popen[bytes]) -> None:
    """Wait until the server greets; it is left as it was, with nothing asked of it."""
    latest = time.monotonic() + STARTING
    while True:
        try:
            with socket.create_connection((SERVER, PORT), timeout=STARTING) as probe:
                if probe.recv(1):
                    probe.sendall(b"QUIT\r\n")
                    while probe.recv(1024):
                        pass
                    return
        except OSError:
            if process.poll():
                raise
        if time.monotonic() > latest:
            raise TimeoutError("the server did not greet")
        time.sleep(0.05)


def _stop(root: Root, process: subprocess.Popen[bytes]) -> None:
    """End a server and all that it started: this process is the first of its namespace."""
    process.terminate()
    with suppress(subprocess.TimeoutExpired):
        process.wait(5)
    for name in os.listdir(root.path / "proc"):
        if name.isdigit() and name != "1":
            with suppress(ProcessLookupError):
                os.kill(int(name), signal.SIGKILL)
    with suppress(ChildProcessError):
        while True:
            os.wait()


if __name__ == "__main__":
    {"build": build, "talk": talk}[sys.argv[1]](*sys.argv[2:])
