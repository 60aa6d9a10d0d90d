"""Whatever the command line is given, it says what is wrong in one sentence.

Its exit status: 0 done, 1 not done, 2 not understood, 130 interrupted.
"""

from __future__ import annotations

import builtins
import os
import signal
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread
from unittest.mock import Mock

import nbconvert
import nbformat
import platformdirs
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu import __main__, cli
from smtpedu.cli import serve, start
from smtpedu.lab.lab import free_port
from smtpedu.learner.store import StoreError, store

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes among files, signals, devices")

QUIZ = Path(__file__).parents[1] / "questions" / "wild.json"
PROJECT = Path(__file__).parents[2] / "pyproject.toml"
LONG = "a" * 60_000


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with what may be named by mistake."""
    monkeypatch.chdir(tmp_path)
    for name in (*start.INSIDE, "SMTPEDU_LANGUAGE", "PYTHONUNBUFFERED"):
        monkeypatch.delenv(name, raising=False)
    for name in ("folder", "folder.xml", "folder.ipynb"):
        Path(name).mkdir()
    for name in ("pipe", "pipe.xml", "pipe.json", "pipe.toml", "pipe.ipynb"):
        os.mkfifo(name)
    for name in ("dangling", "dangling.xml", "dangling.html"):
        Path(name).symlink_to("nothing")
    Path("file").write_text("mine")
    Path("null.ipynb").write_text("null")
    Path("deep.json").write_text("[" * 100_000)
    nested = '{"cells": [], "metadata": {"a": %s%s}, "nbformat": 4, "nbformat_minor": 5}'
    Path("deep.ipynb").write_text(nested % ("[" * 900, "]" * 900))
    odd = '{"cells": [{"cell_type": "code", "outputs": [{"data": 1}]}], "nbformat": 4}'
    Path("odd.ipynb").write_text(odd)
    Path("latin.ipynb").write_bytes(b'{"cells": "\xff"}')
    nbformat.write(nbformat.v4.new_notebook(), "dangling.ipynb")
    return tmp_path


def ended(arguments: list[str]) -> int:
    """The exit status. Fails where the command hangs."""
    found: list[int] = []
    thread = Thread(target=lambda: found.append(cli.main(arguments)), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it hangs"
    assert found, "it raised"
    return found[0]


IS_THERE = "there is a file of this name already"
CASES = [
    # What is read: nothing, a folder, a pipe that nobody writes to, odd bytes.
    *((f"{one} none", 1, "cannot read none") for one in ("annotate", "check", "handout")),
    *((f"{one} folder", 1, "cannot read folder") for one in ("annotate", "check", "handout")),
    *((f"{one} \udcff", 1, "cannot read") for one in ("annotate", "check", "handout")),
    *((f"{one} {LONG}", 1, "too long") for one in ("annotate", "check", "handout")),
    # What has no end.
    *(
        (f"{one} /dev/full", 1, "cannot read /dev/full: File too large")
        for one in ("annotate", "check")
    ),
    ("handout /dev/full", 1, "cannot read /dev/full: File too large"),
    ("annotate pipe", 1, "the transcript is empty"),
    ("explain pipe", 1, "nothing to explain"),
    ("explain \udcff", 1, "nothing to explain"),
    (f"explain {LONG}", 1, "nothing to explain"),
    ("check pipe.toml", 1, "things to change: 1"),
    ("check pipe.json", 1, "this is not JSON"),
    ("check deep.json", 1, "this is not JSON"),
    ("import-questions pipe.json out.toml", 1, "this is not JSON"),
    ("serve --policies pipe.toml --port PORT", 1, "missing table [mailboxes]"),
    ("serve --policies folder --port PORT", 1, "cannot read folder"),
    *((f"handout {one}.ipynb", 1, "is no notebook") for one in ("pipe", "null", "odd", "latin")),
    ("handout deep.ipynb", 1, "is no notebook"),
    ("handout folder.ipynb", 1, "cannot read folder.ipynb: Is a directory"),
    # What is written: never over anything.
    ("handout dangling.ipynb", 1, f"dangling.html: {IS_THERE}"),
    *((f"export-questions {one}.xml", 1, IS_THERE) for one in ("folder", "pipe", "dangling")),
    *((f"import-questions {QUIZ} {one}", 1, IS_THERE) for one in ("pipe", "dangling", "folder")),
    *(
        (f"progress --export {one}", 1, "is not overwritten")
        for one in ("pipe", "dangling", "file")
    ),
    ("progress --export /dev/full", 1, "is not overwritten"),
    ("progress --export ~nobody9/x.csv", 1, "cannot be written"),
    ("export-questions none/x.xml", 1, "cannot write none/x.xml: No such file"),
    (f"import-questions {QUIZ} none/x.toml", 1, "cannot write none/x.toml: No such file"),
    (f"export-questions {'a' * 300}.xml", 1, "too long"),
    ("start --dir ~nobody9/x", 1, "cannot write lessons to ~nobody9/x"),
    ("start --dir file/x", 1, "cannot write lessons to"),
    # Numbers, ports and hosts.
    ("start --lesson x", 2, "invalid int value: 'x'"),
    (f"start --lesson {'9' * 30}", 1, "there is no lesson 999"),
    *((f"serve --port {one}", 1, "a port is a number from 1 to 65535") for one in (0, -1, 10**30)),
    ("serve --port x", 2, "invalid int value"),
    ("serve --port PORT --host nonexistent.invalid", 1, "cannot listen on nonexistent.invalid"),
    ("serve --port PORT --host ...", 1, "cannot listen on ..."),
    (f"serve --port PORT --host {'a' * 100}", 1, "cannot listen on aaa"),
    ("serve --port PORT --host \udcff", 1, "cannot listen on"),
    ("serve --port PORT --host=", 1, "cannot listen on"),
    # Mailboxes and users: twice is an error, as in a file.
    ("serve --port PORT --mailbox =local", 1, "is no mailbox"),
    ("serve --port PORT --mailbox x@y.test=", 1, "no policy ''"),
    ("serve --port PORT --mailbox x@y.test=local --mailbox x@y.test=gone", 1, "has two policies"),
    ("serve --port PORT --mailbox x@y.test=local --mailbox X@y.test=local", 1, "has two policies"),
    ("serve --port PORT --mailbox x@y.test=local --policies x.toml", 2, "not allowed with"),
    *((f"serve --port PORT --user {one}", 1, "--user takes NAME:PASSWORD") for one in ("x", ":x")),
    ("serve --port PORT --user a:b --user a:c", 1, "--user names somebody twice"),
    # What is no command.
    ("", 2, "required: COMMAND"),
    ("\udcff", 2, "invalid choice"),
    ("explain 551 --language xx", 2, "invalid choice: 'xx'"),
]


@for_each("written, status, said", CASES)
def test_one_sentence(
    written: str, status: int, said: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(here.iterdir())
    capsys.readouterr()
    assert ended(written.replace("PORT", str(free_port())).split()) == status
    *usage, sentence = capsys.readouterr().err.splitlines()
    assert said in sentence
    assert usage == [] or status == 2 or all(one.startswith("Question") for one in usage)
    assert sorted(here.iterdir()) == before


@for_each(
    "path, status",
    [("folder", 1), ("pipe", 1), ("/dev/full", 1), ("~nobody9/x", 0), ("\udcff", 0)],
)
def test_odd_places_for_the_answers(
    path: str,
    status: int,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("SMTPEDU_PROGRESS", path)
    assert ended(["progress"]) == status
    assert capsys.readouterr().err.count("\n") == status
    assert ended(["progress", "--path"]) == 0
    assert capsys.readouterr().err == ""


def test_a_folder_that_is_gone(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir("folder")
    Path("../folder").rmdir()
    assert ended(["start", "--dir", "lessons"]) == 1
    assert "cannot write lessons to lessons: No such file" in capsys.readouterr().err


def test_a_port_that_is_lost_after_it_was_checked(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "check_port", lambda *_: None)
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        assert ended(["serve", "--port", str(port)]) == 1
    assert f"cannot listen on 127.0.0.1, port {port}: " in capsys.readouterr().err


@for_each("written", ["explain a{}b", "annotate a{}b", "a{}b", "explain --a{}b", "check a{}b"])
def test_a_name_forges_no_line(
    written: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    assert ended([one.format("\nsmtpedu: done\n") for one in written.split()]) > 0
    assert "smtpedu: done" not in capsys.readouterr().err.splitlines()


def test_what_nobody_thought_of_is_one_sentence(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "check_port", Mock(side_effect=AttributeError("no\nb")))
    assert ended(["serve"]) == 1
    said = "smtpedu: This should not happen: `AttributeError`: no\\nb. Please report it.\n"
    assert capsys.readouterr().err == said
    monkeypatch.setattr(sys, "flags", Mock(dev_mode=True))
    with pytest.raises(AttributeError):
        cli.main(["serve"])


@for_each("error", [Exception("a\nb"), OSError(5, "b"), ArithmeticError()])
def test_whatever_is_raised_for_a_notebook_it_is_none(
    error: Exception,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(nbconvert.HTMLExporter, "from_notebook_node", Mock(side_effect=error))
    capsys.readouterr()
    assert ended(["handout", "dangling.ipynb"]) == 1
    assert capsys.readouterr().err == "smtpedu: dangling.ipynb is no notebook\n"


def test_without_a_home_nothing_is_kept(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SMTPEDU_PROGRESS", raising=False)
    error = RuntimeError("Could not determine home directory.")
    monkeypatch.setattr(platformdirs, "user_data_path", Mock(side_effect=error))
    assert ended(["progress", "--path"]) == ended(["explain", "551"]) == 0
    capsys.readouterr()
    ended(["progress"])
    with pytest.raises(StoreError, match="SMTPEDU_PROGRESS"):
        store().check()


# ---- streams ----


STREAMS = [
    ("explain 551 >/dev/full", 1, "cannot write the output: No space left on device"),
    ("--help >/dev/full", 1, "cannot write the output: No space left on device"),
    ("check deep.json >/dev/full", 1, "this is not JSON"),
    ("explain 559 2>/dev/full", 1, ""),
    ("bogus 2>/dev/full", 2, ""),
    ("explain - </dev/full", 1, "cannot read -: File too large"),
    ("annotate - <&-", 1, "the transcript is empty"),
    ("progress --delete <&-", 1, "nothing was erased"),
    *((f"explain 551 {closed}", 0, "") for closed in ("<&-", ">&-", "<&- >&- 2>&-")),
    ("explain 559 2>&-", 1, ""),
    ("annotate - </dev/null >/dev/full 2>/dev/full", 1, ""),
]


@for_each("buffered", [True, False])
def test_streams_that_are_full_or_closed(
    buffered: bool, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not buffered:
        monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    for_some = STREAMS if buffered else STREAMS[:1]
    started = [
        subprocess.Popen(
            ["sh", "-c", f"{sys.executable} -X dev -m smtpedu {written}"],  # noqa: S607
            stderr=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stdin=subprocess.DEVNULL,
            text=True,
        )
        for written, *_ in for_some
    ]
    found = [(one.communicate(timeout=60)[1], one.returncode) for one in started]
    for (written, status, said), (errors, returned) in zip(for_some, found, strict=True):
        assert (returned, errors.count("\n")) == (status, bool(said)), (written, errors)
        assert said in errors


@for_each("buffered", [True, False])
def test_who_reads_may_stop_when_it_has_seen_enough(
    buffered: bool, here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also within what was printed: then it is the printing that fails."""
    if not buffered:
        monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    Path("long").write_text("S: 220 a\n" + "C: NOOP\nS: 250 b\n" * 500)
    command = [sys.executable, "-m", "smtpedu", "annotate", "long"]
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_working_folder_that_was_removed_is_no_riddle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    assert ended(["progress", "--export", "a.csv"]) == 1
    assert "a.csv" in capsys.readouterr().err
    for named in (smtp.quiz, smtp.import_questions):
        with pytest.raises(FileNotFoundError, match=r"a\.json"):
            named("a.json")


# ---- signals ----


def interrupted(*_: object) -> str:
    raise KeyboardInterrupt


class Typing:
    """A standard input at which Ctrl-C is pressed."""

    read = readline = interrupted

    def fileno(self) -> int:
        return 0

    @property
    def buffer(self) -> Typing:
        return self


@for_each("written", ["annotate -", "explain", "explain -", "progress --delete"])
def test_ctrl_c_at_a_wait(
    written: str,
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sys, "stdin", Typing())
    assert ended(written.split()) == 130
    assert capsys.readouterr().err == ""


def test_ctrl_c_before_the_command_and_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((builtins, "__import__"), (cli, "main")):
        with monkeypatch.context() as pressed:
            pressed.setattr(owner, name, interrupted)
            status = __main__.main()
        assert status == 130
    script = tomllib.loads(PROJECT.read_text("utf-8"))["project"]["scripts"]["smtpedu"]
    assert script == "smtpedu.__main__:main"


@contextmanager
def serving() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "smtpedu", "serve", "--port", str(free_port())]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdout=pipe, stderr=pipe, text=True)
    try:
        assert process.stdout
        next(line for line in iter(process.stdout.readline, "") if "Ctrl+C" in line)
        yield process
    finally:
        process.kill()
        process.communicate(timeout=30)


def test_a_server_ends_when_it_is_told_to(here: Path) -> None:
    """Ctrl-C is the way to stop it; of SIGTERM it dies, as a shell expects."""
    with serving() as first, serving() as second:
        first.send_signal(signal.SIGINT)
        second.send_signal(signal.SIGTERM)
        assert first.communicate(timeout=30)[1] == second.communicate(timeout=30)[1] == ""
        assert (first.returncode, second.returncode) == (0, -signal.SIGTERM)
