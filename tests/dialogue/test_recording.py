"""Recordings: bytes kept whole, and read as the server read them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.dialogue.recording import Recording
from smtpedu.dialogue.session import annotate
from smtpedu.dialogue.turns import Gatherer
from smtpedu.protocol.states import Speaker

GREETING, OK = b"220 mail.example.test ESMTP\r\n", b"250 2.0.0 OK\r\n"


def recording(*parts, limit=10_000):
    made = Recording("127.0.0.1 port 9", limit)
    for speaker, data in parts:
        made.add(speaker, data)
    return made


def shown(made):
    return str(made.session("", {}))


def test_bytes_of_both_sides_are_kept_and_read():
    made = recording(
        (Speaker.SERVER, GREETING),
        (Speaker.CLIENT, b"NO"),
        (Speaker.CLIENT, b"OP\r\n"),
        (Speaker.SERVER, OK),
    )
    assert made.raw(Speaker.SERVER) == GREETING + OK
    assert made.raw(Speaker.CLIENT) == b"NOOP\r\n"
    assert shown(made) == "S: 220 mail.example.test ESMTP\nC: NOOP\nS: 250 2.0.0 OK"


def test_a_session_grows():
    made = recording((Speaker.SERVER, GREETING))
    before = made.session("", {})
    assert made.session("", {}) is before
    made.keep(Speaker.CLIENT, b"NO")
    assert made.session("", {}).turns[-1].lines == ["NO"]
    made.keep(Speaker.CLIENT, b"OP\r\n")
    made.heard(Speaker.CLIENT, 6)
    made.add(Speaker.SERVER, OK)
    assert made.session("", {}).codes == [220, 250]
    assert len(before.turns) == 1


def test_lines_stand_where_they_were_read():
    """A client that does not wait is shown as it was understood."""
    made = recording((Speaker.SERVER, GREETING))
    made.keep(Speaker.CLIENT, b"NOOP\r\nRSET\r\nQUIT\r\n")
    for _ in range(2):
        made.heard(Speaker.CLIENT, 6)
        made.add(Speaker.SERVER, OK)
    assert shown(made).split("\n")[1:] == [
        *("C: NOOP", "S: 250 2.0.0 OK", "C: RSET", "S: 250 2.0.0 OK", "C: QUIT"),
    ]


def test_half_a_reply_is_not_shown_yet():
    made = recording(
        (Speaker.SERVER, GREETING),
        (Speaker.CLIENT, b"EHLO a\r\n"),
        (Speaker.SERVER, b"250-mail.example.test\r\n"),
    )
    assert shown(made).endswith("C: EHLO a")
    made.add(Speaker.SERVER, b"250 HELP\r\n")
    assert shown(made).endswith("S: 250 HELP")


def test_what_was_discarded_at_starttls_is_not_shown_but_kept():
    made = recording((Speaker.SERVER, GREETING))
    made.keep(Speaker.CLIENT, b"STARTTLS\r\nNOOP\r\n")
    made.heard(Speaker.CLIENT, 10)
    made.add(Speaker.SERVER, b"220 2.0.0 Ready\r\n")
    made.skip()
    made.add(Speaker.CLIENT, b"EHLO a\r\n")
    assert "NOOP" not in shown(made) and shown(made).endswith("C: EHLO a")
    assert b"NOOP" in made.raw(Speaker.CLIENT)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"\xff\x00\x1b[2J\r\n", r"C: \xff\x00\x1b[2J"),
        ("RCPT TO:<jörg@example.test>\r\n".encode(), "C: RCPT TO:<jörg@example.test>"),
        ("a\u2028b\u202ec\r\n".encode(), r"C: a\u2028b\u202ec"),
        (b"NOOP\n", r"C: NOOP\n"),
        (b"a\rb\r\n", r"C: a\rb"),
        (b"tab\there \r\n", "C: tab\there "),
        (b"x" * 3000 + b"\r\n", "C: " + "x" * 2000 + "… (+1000 octets)"),
    ],
)
def test_garbage_is_shown_readably(line, said):
    made = recording((Speaker.SERVER, GREETING), (Speaker.CLIENT, line))
    assert shown(made).split("\n")[1] == said


def test_each_side_is_bounded_and_what_is_missing_is_said():
    made = recording((Speaker.SERVER, GREETING), limit=100)
    for _ in range(100):
        made.add(Speaker.CLIENT, b"NOOP\r\n")
        made.add(Speaker.SERVER, OK)
    assert made.cut and made.size <= 200
    assert made.omitted == 600 + 1400 + len(GREETING) - made.size
    assert made.session("", {"server": "x"}).provenance["omitted"] == f"{made.omitted} octets"


@pytest.mark.parametrize("limit", range(30, 130))
def test_what_is_kept_of_a_cut_recording_is_what_was_said(limit):
    """Wherever it is cut: no half lines, no reply to a command that is not there."""
    parts = [(Speaker.SERVER, GREETING)]
    for number in range(10):
        parts += [(Speaker.CLIENT, f"NOOP {number}\r\n".encode() * (1 + number // 8))]
        parts += [(Speaker.SERVER, OK)] * (1 + number // 8)
    whole, cut = recording(*parts), recording(*parts, limit=limit)
    assert cut.cut and not whole.cut
    lines = shown(cut).split("\n")
    assert lines == shown(whole).split("\n")[: len(lines)]
    assert all(turn.verb != "any" for turn in cut.session("", {}).turns)


def test_of_a_message_the_whole_lines_are_kept():
    made = recording((Speaker.SERVER, GREETING), limit=100)
    made.add(Speaker.CLIENT, b"DATA\r\n")
    made.add(Speaker.SERVER, b"354 Go\r\n")
    made.keep(Speaker.CLIENT, b"a line\r\n" * 50)
    made.heard(Speaker.CLIENT, 400)
    made.add(Speaker.SERVER, OK)
    assert shown(made).split("\n")[2:] == ["S: 354 Go", *["C: a line"] * 11]


def test_a_dot_that_may_go_on_does_not_end_a_message():
    made = recording((Speaker.SERVER, GREETING), (Speaker.CLIENT, b"DATA\r\n"))
    made.add(Speaker.SERVER, b"354 Go\r\n")
    made.add(Speaker.CLIENT, b"a line\r\n")
    made.keep(Speaker.CLIENT, b".")
    assert made.session("", {}).turns[-1].snapshot.state == "data"
    made.keep(Speaker.CLIENT, b"\r\n")
    made.heard(Speaker.CLIENT, 3)
    assert made.session("", {}).turns[-1].snapshot.state == "sent"


def test_reading_goes_on_where_it_ended(monkeypatch):
    """A session of thousands of commands is not read anew at each look."""
    read = []
    plain = Gatherer.add
    monkeypatch.setattr(Gatherer, "add", lambda self, line: read.append(line) or plain(self, line))
    made = recording((Speaker.SERVER, GREETING))
    for _ in range(200):
        made.add(Speaker.CLIENT, b"NOOP\r\n")
        made.add(Speaker.SERVER, OK)
        made.turns()
        made.session("", {})
    assert len(read) == 401
    assert made.session("", {}).codes == [220] + [250] * 200


@given(st.lists(st.tuples(st.sampled_from(Speaker), st.binary(max_size=60)), max_size=12))
def test_no_bytes_are_lost_and_any_are_readable(parts):
    made = recording((Speaker.SERVER, GREETING), *parts)
    for speaker, first in ((Speaker.SERVER, GREETING), (Speaker.CLIENT, b"")):
        sent = b"".join(data for who, data in parts if who is speaker)
        assert made.raw(speaker) == first + sent
    assert made.session("", {}).turns


@given(st.binary(max_size=200))
def test_any_session_is_saved_and_read_again(data):
    """Whatever a client sends: a reply to each line, saved, and annotated the same."""
    made = recording((Speaker.SERVER, GREETING))
    for line in data.split(b"\n"):
        made.add(Speaker.CLIENT, line + b"\r\n")
        made.add(Speaker.SERVER, b"500 5.5.2 Command not recognized\r\n")
    session = made.session("x", {"server": "a lab"})
    again = annotate(session.format(), name="x")
    assert (str(again), again.codes) == (str(session), session.codes)
    assert again.provenance == session.provenance
