"""The command line as a user types it."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import nbformat
import pytest
from nbclient import execute
from nbformat.v4 import new_code_cell, new_notebook
from tornado.websocket import websocket_connect

from smtpedu import cli
from smtpedu.cli import start
from smtpedu.lab.lab import free_port

pytestmark = pytest.mark.usefixtures("outside")
FIRST = "01-what-a-reply-says.ipynb"
TRANSCRIPTS = Path(__file__).parents[1] / "dialogue" / "transcripts"


@pytest.fixture
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may do so in a terminal of Jupyter."""
    for name in (*start.INSIDE, "SMTPEDU_LANGUAGE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What JupyterLab was started with; it is not started."""
    found: list[list[str]] = []
    monkeypatch.setattr(start, "open_lab", found.append)
    return found


def run(*arguments: str) -> int:
    return cli.main(arguments)


def test_explains_a_code_and_a_reply(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("explain", "551") == 0
    assert "User not local; please try" in capsys.readouterr().out
    assert run("explain", "551", "5.1.6", "please", "try", "<bob@new.example>") == 0
    assert "<bob@new.example>" in capsys.readouterr().out


def test_explains_a_file_and_standard_input(tmp_path: Path) -> None:
    """Without an escape sequence that a bounce may hold."""
    log = b"to=<b@x.example>, status=bounced (host m said: 551 5.7.1 \x1b[31mrelaying denied)\n"
    (tmp_path / "log").write_bytes(log)
    for words, given in (([str(tmp_path / "log")], b""), (["-"], log), ([], log)):
        command = [sys.executable, "-m", "smtpedu", "explain", *words]
        done = subprocess.run(command, input=given, capture_output=True, check=False)
        assert done.returncode == 0
        assert done.stdout.startswith(b"Relaying denied\n")
        assert b"b@x.example" in done.stdout
        assert b"\x1b" not in done.stdout


def test_compares_in_arabic(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("compare", "250", "551", "--language", "ar") == 0
    assert "الفروق الأساسية" in capsys.readouterr().out


def test_annotates_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("annotate", str(TRANSCRIPTS / "telnet.txt")) == 0
    assert "Refused: the mailbox has moved" in re.sub(r"\s+", " ", capsys.readouterr().out)


def test_annotates_standard_input() -> None:
    command = [sys.executable, "-m", "smtpedu", "annotate", "-"]
    done = subprocess.run(
        command, input=b"S: 220 a\nC: QUIT\nS: 221 b\n", capture_output=True, check=False
    )
    assert done.returncode == 0
    assert b"221 b" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "559"], "no SMTP reply code 559; the nearest known ones are"),
        (["explain", "511"], "no RFC defines 511"),
        (["explain", "hello"], "nothing to explain was found in 'hello'"),
        (["compare", "250", "nonsense"], "not 'nonsense'"),
        (["annotate", "no/such/file"], "cannot read no/such/file: No such file or directory"),
        (["annotate", str(Path(__file__).with_name("none.txt"))], "cannot read"),
        (["annotate", str(Path(__file__).parents[2] / "LICENSE")], "no SMTP reply was found"),
        (["start", "--lesson", "9"], "there is no lesson 9; lessons have the numbers 1 to 8"),
        (["start", "--lesson", "0", "--copy-only"], "there is no lesson 0; lessons have the"),
        (["start", "--port", "70000"], "a port is a number from 1 to 65535, not 70000"),
    ],
)
def test_bad_input_is_one_clear_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_lessons_folder_that_is_not_writable(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    assert run("start", "--dir", str(tmp_path / "file" / "lessons")) == 1
    assert "cannot write lessons to" in capsys.readouterr().err


def test_a_port_in_use(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run("start", "--port", str(port)) == 1
    assert f"port {port} is in use" in capsys.readouterr().err


def test_a_host_that_cannot_be_had_is_not_called_a_port_in_use(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run("serve", "--host", "192.0.2.1", "--port", "2525") == 1
    said = capsys.readouterr().err
    assert "cannot listen on 192.0.2.1, port 2525: " in said
    assert "in use" not in said


@pytest.mark.parametrize("encoding", ["ascii", "cp1252"])
def test_a_terminal_that_cannot_take_arabic_gets_what_it_can(encoding: str) -> None:
    command = [sys.executable, "-m", "smtpedu", "explain", "551", "--language", "ar"]
    environment = os.environ | {"PYTHONIOENCODING": encoding}
    done = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"551" in done.stdout


def test_start_hands_jupyterlab_the_first_lesson(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    opened: list[list[str]],
) -> None:
    monkeypatch.setenv("SMTPEDU_LANGUAGE", "en")
    assert run("start", "--dir", str(tmp_path), "--no-browser", "--language", "ar") == 0
    (arguments,) = opened
    assert f"--ServerApp.root_dir={tmp_path}" in arguments
    assert "--LabApp.default_url=/lab/tree/01-what-a-reply-says.ipynb" in arguments
    assert "--no-browser" in arguments
    assert os.environ["SMTPEDU_LANGUAGE"] == "ar"
    (tmp_path / "01-what-a-reply-says.ipynb").write_text("mine")
    capsys.readouterr()
    assert run("start", "--dir", str(tmp_path), "--fresh") == 0
    assert "01-what-a-reply-says.fresh.ipynb" in capsys.readouterr().out


def test_copy_only_copies_and_starts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opened: list[list[str]]
) -> None:
    options = ["--dir", str(tmp_path), "--copy-only", "--language", "ar", "--fresh"]
    (tmp_path / FIRST).write_text("mine")
    with socket.socket() as taken:  # a port plays no part
        taken.bind(("127.0.0.1", 0))
        assert run("start", *options, "--port", str(taken.getsockname()[1])) == 0
    said = capsys.readouterr().out
    assert opened == []
    assert "01-what-a-reply-says.fresh.ipynb" in said
    assert f"ابدأ بفتح هذا الملف: {tmp_path / '01-what-a-reply-says.fresh.ipynb'}" in said
    assert 'smtp.language("ar")' in said


def worked_at(path: Path) -> None:
    """As JupyterLab saves a lesson whose first cell was run."""
    book = nbformat.read(path, 4)
    next(cell for cell in book.cells if cell.cell_type == "code").execution_count = 1
    nbformat.write(book, path)


def test_start_goes_on_where_the_learner_was(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], opened: list[list[str]]
) -> None:
    assert run("start", "--dir", str(tmp_path)) == 0
    worked_at(tmp_path / "03-user-not-local.ipynb")
    assert run("start", "--dir", str(tmp_path)) == 0
    assert run("start", "--dir", str(tmp_path), "--lesson", "2") == 0
    urls = [argument for started in opened for argument in started if "default_url" in argument]
    assert [url.rpartition("/")[2] for url in urls] == [
        FIRST,
        "03-user-not-local.ipynb",
        "02-a-message-that-gets-through.ipynb",
    ]
    capsys.readouterr()
    assert run("start", "--dir", str(tmp_path), "--copy-only") == 0
    assert f"Open this one first: {tmp_path / '03-user-not-local.ipynb'}" in capsys.readouterr().out


def test_a_lesson_that_does_not_exist_copies_nothing(tmp_path: Path) -> None:
    assert run("start", "--dir", str(tmp_path / "new"), "--lesson", "99") == 1
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("name", start.INSIDE)
def test_start_in_an_open_jupyter_only_copies(
    name: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    opened: list[list[str]],
) -> None:
    monkeypatch.setenv(name, str(tmp_path))
    assert run("start", "--dir", str(tmp_path / "lessons")) == 0
    assert opened == []
    assert (tmp_path / "lessons" / FIRST).exists()
    said = capsys.readouterr().out
    assert "Jupyter is open here already" in said
    shown = f"lessons/{FIRST}" if "ROOT" in name else tmp_path / "lessons" / FIRST
    assert f"Open this one first: {shown}\n" in said
    assert run("start", "--dir", str(tmp_path), "--port", str(free_port())) == 0
    assert opened  # the way out for who is misjudged


@pytest.mark.parametrize("root", ["", "smtpedu-lessons"])
def test_lessons_are_copied_to_where_the_file_browser_shows_them(
    root: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """To the home folder if it is shown, else to a folder of the one that is."""
    home, elsewhere = tmp_path / "home", tmp_path / "elsewhere"
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    for top in (home, elsewhere):
        (top / root).mkdir(parents=True)
        monkeypatch.setenv("JUPYTER_SERVER_ROOT", str(top / root))
        assert run("start") == 0
        said = capsys.readouterr().out
        path = re.findall("Open this one first: (.*)", said)[0]
        assert (top / root / path).exists()
    assert path == f"smtpedu-lessons/{FIRST}"
    assert (home / "smtpedu-lessons" / FIRST).exists()
    assert run("start", "--dir", str(home)) == 0
    said = capsys.readouterr().out
    assert f"shows only what is in {elsewhere / root}: choose a folder there" in said
    assert "Open this one first" not in said


@contextmanager
def started(folder: Path, port: int) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "smtpedu", "start", "--no-browser"]
    options = ["--dir", str(folder), "--port", str(port)]
    process = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


async def typed(port: int, token: str, command: str, until: str) -> str:
    """What a terminal of that Jupyter shows after the command, up to what is waited for."""
    terminals = f"127.0.0.1:{port}/api/terminals?token={token}"
    name = json.load(urlopen(Request(f"http://{terminals}", method="POST")))["name"]
    address = f"ws://127.0.0.1:{port}/terminals/websocket/{name}?token={token}"
    page = await websocket_connect(address)
    await page.write_message(json.dumps(["stdin", command + "\r"]))
    shown = ""
    while not re.search(until, shown):
        kind, *said = json.loads(await page.read_message() or '["disconnect"]')
        assert kind != "disconnect", shown
        shown += said[0] if kind == "stdout" else ""
    page.close()
    return shown


def test_start_really_starts(tmp_path: Path) -> None:
    """And from within a terminal of it, not once more."""
    port = free_port()
    with started(tmp_path, port) as process:
        assert process.stderr
        lines = iter(process.stderr.readline, "")
        url = next(found for line in lines if (found := re.search(r"http://\S+/lab\S+", line)))[0]
        assert "/lab/tree/01-what-a-reply-says.ipynb" in url
        token = url.partition("token=")[2]
        contents = f"http://127.0.0.1:{port}/api/contents?token={token}"
        deadline = time.monotonic() + 30
        while True:
            try:
                listed = json.load(urlopen(contents))
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
        again = f"{sys.executable} -m smtpedu start --dir {tmp_path / 'again'} --no-browser"
        said = asyncio.run(asyncio.wait_for(typed(port, token, again, f"\n.*: again/{FIRST}"), 60))
    assert "01-what-a-reply-says.ipynb" in [entry["name"] for entry in listed["content"]]
    assert "Jupyter is open here already" in said


def test_start_in_a_cell_really_only_copies(tmp_path: Path) -> None:
    cell = new_code_cell(f"%run -m smtpedu start --dir {tmp_path / 'lessons'}")
    (cell,) = execute(new_notebook(cells=[cell]), timeout=60).cells
    assert "Jupyter is open here already" in str(cell.outputs)
    assert f"Open this one first: {tmp_path / 'lessons' / FIRST}" in str(cell.outputs)


def test_a_reader_that_stops_early_is_no_error() -> None:
    command = f"{sys.executable} -m smtpedu compare 250 551 | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, check=False, text=True)  # noqa: S602
    assert done.stdout.startswith("250 and 551")
    assert done.stderr == ""


def test_handout_is_a_page_without_scripts_that_shows_the_fallback(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lesson = tmp_path / "lesson.ipynb"
    view = {"model_id": "of a dead widget", "version_major": 2, "version_minor": 0}
    data = {
        "application/vnd.jupyter.widget-view+json": view,
        "application/vnd.smtpedu.v1+json": {"language": "en", "explorer": {}},
        "text/html": "<p>What the widget says</p>",
        "text/plain": "text",
    }
    output = nbformat.v4.new_output("display_data", data)
    cells = [nbformat.v4.new_code_cell("smtp.explorer()", outputs=[output])]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), lesson)
    assert cli.main(["handout", str(lesson)]) == 0
    page = lesson.with_suffix(".html").read_text("utf-8")
    assert "<p>What the widget says</p>" in page
    assert "<script" not in page and "of a dead widget" not in page
    assert cli.main(["handout", str(lesson)]) == 1
    assert "of this name already" in capsys.readouterr().err


@pytest.mark.parametrize("written", ["", "[]", "{}", '{"cells": 1}', "\x00"])
def test_handout_of_what_is_no_notebook_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], written: str
) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(written, "utf-8")
    assert cli.main(["handout", str(path)]) == 1
    assert capsys.readouterr().err.count("\n") == 1
    assert not path.with_suffix(".html").exists()
