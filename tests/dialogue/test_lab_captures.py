"""The sessions in `data/sessions` are what server and client really say."""

import re
import socket

import capture
import pytest

from smtpedu.dialogue.captures import session
from smtpedu.dialogue.session import annotate
from smtpedu.dialogue.transcript import front_matter
from smtpedu.protocol.states import Speaker


def stored(name):
    return (capture.SESSIONS / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", capture.SCENARIOS)
def test_dialogue_is_the_stored_one(name):
    _, _, dialogue = stored(name).split("---\n", 2)
    assert capture.capture(name) == dialogue


def test_each_file_has_a_scenario():
    """The folders beside them hold what other servers said."""
    assert {path.stem for path in capture.SESSIONS.glob("*.txt")} == set(capture.SCENARIOS)


@pytest.mark.parametrize("name", capture.SCENARIOS)
def test_provenance_says_who_when_and_how(name):
    fields = front_matter(stored(name))
    assert list(fields) == list(front_matter(capture.document(name)))
    assert fields["server"] == "smtpedu.Lab"
    assert re.fullmatch(r"\d+\.\d+\.\d+", fields["version"])
    assert fields["configuration"] == "default: mailboxes of smtpedu serve"
    assert fields["client"].startswith("smtplib of Python ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", fields["captured"])
    assert fields["repeat"] == "python tests/capture.py"


@pytest.mark.parametrize("name", capture.SCENARIOS)
def test_stored_session_is_read_and_written_unchanged(name):
    assert session(name).format() == stored(name)
    assert session(name).name == name
    assert not annotate(stored(name)).name


@pytest.mark.parametrize(
    ("said", "problem"), [(b"250 OK\n", "bare"), (b"a\nb\r\n", "bare"), (b"cut", "bare")]
)
def test_recorder_does_not_hide_a_bare_line_end(said, problem):
    recorder = capture.Recorder(None)
    recorder.said.append(("S", said))
    with pytest.raises(ValueError, match=problem):
        recorder.dialogue()


def spoken(lines, lab):
    """Say the client's lines one by one, each turn after the reply to the one before."""
    with socket.create_connection((lab.host, lab.port), timeout=10) as connection:
        replies = connection.makefile("rb")

        def heard():
            while replies.readline()[3:4] == b"-":
                pass

        heard()
        for turn in lines:
            connection.sendall("".join(f"{line}\r\n" for line in turn).encode("ascii"))
            heard()


@pytest.mark.parametrize("name", capture.SCENARIOS)
def test_file_program_and_hand_give_the_same_bytes(name):
    """The stored session, smtplib against the lab, and the lab driven line by line."""
    _, _, dialogue = stored(name).split("---\n", 2)
    turns = [turn.lines for turn in session(name).turns if turn.direction == "client"]
    with capture.lab() as lab:
        spoken(turns, lab)
        by_hand = lab.recordings[-1]
        assert f"{lab.session}\n" == capture.capture(name) == dialogue
    said = {who: [line[3:] for line in dialogue.splitlines() if line[0] == who] for who in "CS"}
    for who, speaker in (("C", Speaker.CLIENT), ("S", Speaker.SERVER)):
        assert by_hand.raw(speaker) == "".join(f"{line}\r\n" for line in said[who]).encode()
