"""`smtpedu serve`: what it prints, and that outside clients can talk to it."""

from __future__ import annotations

import re
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import capture
import pytest

from smtpedu import cli
from smtpedu.cli import serve
from smtpedu.dialogue.lines import Line
from smtpedu.dialogue.turns import Gatherer, Turn
from smtpedu.lab.lab import Lab, free_port
from smtpedu.lab.limits import Limits
from smtpedu.lab.policy import EXAMPLE_MAILBOXES


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    port = free_port()
    command = [sys.executable, "-m", "smtpedu", "serve", "--port", str(port), *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        yield process, port
    finally:
        process.terminate()
        process.communicate(timeout=30)


def told(process: subprocess.Popen[str], last: str) -> str:
    """What it printed up to a line with `last`."""
    lines = []
    assert process.stdout
    for line in iter(process.stdout.readline, ""):
        lines.append(line)
        if last in line:
            break
    return "".join(lines)


def test_tells_every_exchange_to_a_program_outside() -> None:
    with served() as (process, port):
        assert f"port {port}" in told(process, "Ctrl+C")
        with capture.Pinned("127.0.0.1", port, local_hostname="laptop.example") as client:
            client.ehlo()
            client.mail("sender@laptop.example")
            assert client.rcpt("bob@example.test")[0] == 551
        printed = told(process, "S: 221")
    assert "S: 551 5.1.6 User not local; please try <bob@new.example>" in printed
    assert "Refused: the mailbox has moved" in printed
    assert printed.index("C: rcpt TO:<bob@example.test>") < printed.index("S: 551")


def test_mailboxes_from_the_command_line_and_in_arabic() -> None:
    with served("--mailbox", "zoe@z.test=550 5.7.1 Not you", "--language", "ar") as (process, port):
        assert "zoe@z.test" in told(process, "Ctrl+C")
        with smtplib.SMTP("127.0.0.1", port) as client:
            client.ehlo()
            client.mail("a@b.test")
            assert client.rcpt("zoe@z.test") == (550, b"5.7.1 Not you")
        assert re.search(r"[\u0621-\u064a]{3}", told(process, "S: 221"))


def test_nothing_is_told_twice_or_half() -> None:
    with Lab(EXAMPLE_MAILBOXES) as lab:
        seen: dict[int, int] = {}
        lines: list[str] = []
        with smtplib.SMTP(lab.host, lab.port, local_hostname="laptop.example") as client:
            for act in (client.ehlo, client.noop, client.rset):
                act()
                lines += serve.news(lab, seen)
        deadline = time.monotonic() + 10
        while not any("221" in line for line in lines) and time.monotonic() < deadline:
            lines += serve.news(lab, seen)
    said = [line.partition("] ")[2] for line in lines if line.startswith("[")]
    assert "\n".join(said) == str(lab.session)


@pytest.mark.parametrize(("host", "warned"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104
def test_says_plainly_when_others_can_reach_it(host: str, warned: bool) -> None:
    lab = Lab(EXAMPLE_MAILBOXES, host=host, port=2525)
    assert ("whoever reaches this machine" in "\n".join(serve.introduction(lab))) is warned


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--mailbox", "nonsense"], "'nonsense' is no mailbox with a policy"),
        (["--mailbox", "a@b.test=gone"], "a@b.test: no policy 'gone'"),
        (["--policies", "no/such.toml"], "no/such.toml"),
        (["--port", "0"], "a port is a number from 1 to 65535"),
    ],
)
def test_bad_options_are_one_clear_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    port = [] if "--port" in arguments else ["--port", str(free_port())]
    assert cli.main(["serve", *arguments, *port]) == 1
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_long_session_is_read_on_from_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often it is looked at, each line is read once."""
    read: list[str] = []
    add = Gatherer.add

    def counted(gatherer: Gatherer, line: Line) -> Iterator[Turn]:
        read.append(line.text)
        return add(gatherer, line)

    monkeypatch.setattr(Gatherer, "add", counted)
    seen: dict[int, int] = {}
    printed: list[str] = []
    with Lab(EXAMPLE_MAILBOXES, transport="memory") as lab, lab.smtp() as client:
        for number in range(200):
            client.docmd(f"NOOP {number}")
            printed += serve.news(lab, seen)
        before = len(read)
        for _ in range(100):
            printed += serve.news(lab, seen)
        assert len(read) == before == 1 + 2 * 200
        assert [line for line in read if line.startswith("NOOP")] == [
            f"NOOP {number}" for number in range(200)
        ]
        assert sum("C: NOOP" in line for line in printed) == 200


def test_a_recording_that_is_cut_is_told_once_and_nothing_false_follows() -> None:
    seen: dict[int, int] = {}
    with Lab(EXAMPLE_MAILBOXES, transport="memory", limits=Limits(recorded=100)) as lab:
        lines: list[str] = []
        with lab.smtp() as client:
            for _ in range(30):
                client.noop()
                lines += serve.news(lab, seen)
        for _ in range(3):
            lines += serve.news(lab, seen)
        omitted = lab.recordings[-1].omitted
        shown = str(lab.session)
    said = [line.partition("] ")[2] for line in lines if line.startswith("[")]
    assert said.pop() == f"The recording ends here: {omitted} more octets passed and were not kept."
    assert "\n".join(said) == shown
    assert set(said) == {"S: 220 mail.example.test ESMTP", "C: noop", "S: 250 2.0.0 OK"}
    commands = [line for line in said if line.startswith("C:")]
    assert len(said) - len(commands) - 1 in (len(commands), len(commands) - 1)
