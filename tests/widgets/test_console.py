"""The console as Python sees it: talking, hints, challenges, and servers that go away."""

import gc
import threading
import time
import weakref

import pytest

import smtpedu as smtp
from smtpedu.course.challenges import challenges
from smtpedu.display import to_text
from smtpedu.i18n import strings
from smtpedu.widgets import console as module
from smtpedu.widgets.page import content

BOXES = {
    "ann@example.test": "local",
    "bob@example.test": "moved to bob@new.example",
    "dan@example.test": "greylisted",
}
TO_MESSAGE = ("EHLO me", "MAIL FROM:<me@example.test>", "RCPT TO:<ann@example.test>", "DATA")


@pytest.fixture
def lab():
    with smtp.Lab(BOXES) as lab:
        yield lab


@pytest.fixture
def console(lab):
    console = lab.console()
    yield console
    console.close()


def eventually(true):
    for _ in range(500):
        if true():
            return
        time.sleep(0.01)
    raise AssertionError("it never came to that")


def turns(console):
    """Each with the moment in which it ends."""
    drawn = console.dialogue
    return [{**turn, **drawn["moments"][turn.get("at", 0)]} for turn in drawn.get("turns", [])]


def asked(console, **content):
    """What the browser sends."""
    console._handle_msg(
        {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    )


def said(console, *lines):
    """Say lines, in a connection of its own if there is none, and wait for all replies."""
    if console.status != "open":
        asked(console, do="connect")
    asked(console, do="say", lines=list(lines))
    last = lines[-1]
    eventually(lambda: last in [line for turn in turns(console) for line in turn["lines"]])
    eventually(lambda: "code" in turns(console)[-1] or turns(console)[-1]["state"] == "data")


# ---- talking ----


def test_first_hello_connects_and_a_second_one_changes_nothing(lab, console):
    assert (console.status, lab.sessions) == ("new", [])
    asked(console, do="hello")
    eventually(lambda: len(turns(console)) == 1)
    asked(console, do="hello")
    assert console.status == "open"
    assert len(lab.sessions) == 1


def test_python_answers_whatever_the_browser_asks(console):
    heard = []
    for said in ({"do": "hello"}, {"do": "disconnect"}, {"do": "nonsense"}, {}, {"do": "say"}):
        console.heard({**said, "question": 0.5}, heard.append)
    assert heard == [{"heard": 0.5}] * 5


def test_both_ends_record_the_same_session(lab, console):
    said(console, *TO_MESSAGE, "Subject: x", "", "..dot", ".", "NOOP", "QUIT")
    eventually(lambda: console.status == "closed")
    assert str(lab.session) == str(console._client.session)
    assert lab.session.codes == [220, 250, 250, 250, 354, 250, 250, 221]
    assert [turn["lines"] for turn in turns(console)] == [turn.lines for turn in lab.session.turns]


def test_message_grows_line_by_line(console):
    said(console, *TO_MESSAGE, "Subject: x")
    assert turns(console)[-1]["lines"] == ["Subject: x"]
    said(console, "more")
    assert turns(console)[-1]["lines"] == ["Subject: x", "more"]
    assert turns(console)[-1]["state"] == "data"


def test_what_is_pasted_is_drawn_at_times_and_whole_in_the_end(console, monkeypatch):
    """A drawing for each of its lines would cost more than the lines."""
    monkeypatch.setattr("smtpedu.lab.client.monotonic", lambda: 1.0)
    drawn = []
    console.observe(lambda _: drawn.append(1), "dialogue")
    said(console, "EHLO me", *["NOOP"] * 500)
    assert console._client.session.codes == [220] + [250] * 501
    eventually(lambda: console.omitted + len(console.dialogue["turns"]) == 1003)
    assert len(drawn) < 20


def test_hostile_line_is_one_line_and_shown_escaped(lab, console):
    said(console, "EHLO me")
    asked(console, do="say", lines=["NOOP \x1b[2J\u202e\r\nQUIT\x00"])
    eventually(lambda: len(turns(console)) == 5)
    assert turns(console)[3]["lines"] == [r"NOOP \x1b[2J\u202eQUIT\x00"]
    assert console.status == "open"


def test_line_that_is_too_long_gets_its_500(console):
    said(console, "EHLO " + "x" * 600)
    assert turns(console)[-1]["code"] == 500


def test_authentication_line_by_line():
    with smtp.Lab(BOXES, users={"ann": "secret"}) as lab:
        console = lab.console()
        said(console, "EHLO me", "AUTH LOGIN")
        assert console.hints == [("AUTH", ["*"])]
        said(console, "YW5u", "c2VjcmV0")
        assert lab.session.codes[-3:] == [334, 334, 235]
        console.close()


def test_talks_on_behind_tls():
    pytest.importorskip("trustme")
    with smtp.Lab(BOXES, tls=True) as lab:
        console = lab.console()
        said(console, "EHLO me", "STARTTLS", "EHLO me", "QUIT")
        eventually(lambda: console.status == "closed")
        assert lab.session.codes == [220, 250, 220, 250, 221]
        console.close()


def test_only_the_last_turns_go_to_the_browser(console, monkeypatch):
    monkeypatch.setattr(module, "_KEPT", 4)
    said(console, "EHLO me", "NOOP one", "NOOP two", "NOOP three")
    assert (len(turns(console)), console.omitted) == (4, 5)
    assert turns(console)[-2]["lines"] == ["NOOP three"]


# ---- hints ----


@pytest.mark.parametrize(
    ("lines", "offered"),
    [
        ([], "EHLO me.example.test"),
        (["EHLO me"], "MAIL FROM:<me@example.test>"),
        (TO_MESSAGE[:2], "RCPT TO:<bob@example.test>"),
        (TO_MESSAGE[:2], "RCPT TO:<nobody@example.test>"),
        (TO_MESSAGE[:3], "DATA"),
        (TO_MESSAGE, "."),
    ],
)
def test_hints_are_lines_that_work_now(lab, console, lines, offered):
    said(console, *lines) if lines else asked(console, do="hello")
    eventually(lambda: any(offered in examples for _, examples in console.hints))
    assert tuple(verb for verb, _ in console.hints) == lab.session.turns[-1].snapshot.legal


# ---- challenges ----


def test_challenges_are_those_the_lab_makes_possible(lab):
    names = [one.name for one in lab.console().shown.challenges]
    assert "come-back-later" in names
    assert "who-forwards" not in names
    assert [one.name for one in lab.console(challenges=["who-forwards"]).shown.challenges] == [
        "who-forwards"
    ]
    assert lab.console(challenges=[]).shown.challenges == []
    with pytest.raises(LookupError, match="get-551"):
        lab.console(challenges=["nonsense"])


def test_challenge_is_solved_when_the_session_shows_it_and_stays_so(console):
    said(console, "EHLO me", "MAIL FROM:<>", "RCPT TO:<bob@example.test>")
    assert console.solved == ["first-250", "get-551"]
    asked(console, do="connect")
    eventually(lambda: console.status == "open" and len(turns(console)) == 1)
    assert console.solved == ["first-250", "get-551"]
    said(console, "DATA")
    assert console.solved == ["first-250", "get-551", "get-503"]


def test_all_default_challenges_can_be_solved_at_a_lab(console):
    said(console, "EHLO me", "DATA", "MAIL FROM:<>", "RCPT TO:<ann@example.test>")
    said(console, "RCPT TO:<bob@example.test>", "RCPT TO:<dan@example.test>")
    said(console, "RCPT TO:<dan@example.test> ", "DATA", "text", ".", "RSET")
    eventually(lambda: len(console.solved) == len(console.shown.challenges))


def test_texts_of_the_challenges_go_along_in_both_languages(console):
    (wanted,) = challenges(["get-551"])
    sent = content.PARTS["challenges"]()["get-551"]
    assert (sent["en"], sent["ar"]) == (wanted.texts["en"], wanted.texts["ar"])
    assert "get-551" in console.data["console"]["challenges"]


# ---- servers that go away ----


def test_quit_closes_and_connect_begins_anew(lab, console):
    said(console, "EHLO me", "QUIT")
    eventually(lambda: console.status == "closed")
    said(console, "NOOP")
    assert len(turns(console)) == 3
    assert len(lab.sessions) == 2


def test_stopped_lab_is_told_and_found_again(lab, console):
    said(console, "EHLO me")
    lab.stop()
    eventually(lambda: console.status in ("closed", "lost"))
    asked(console, do="connect")
    eventually(lambda: console.status == "failed")
    lab.start()
    said(console, "EHLO again")
    assert console.status == "open"


def test_lab_that_never_started_is_told():
    console = smtp.Lab(BOXES).console()
    asked(console, do="hello")
    assert console.status == "failed"
    asked(console, do="say", lines=["NOOP"])


def test_421_of_the_server_closes(console):
    with smtp.Lab({"x@example.test": "shutting down"}) as lab:
        console = lab.console()
        said(console, "EHLO me", "MAIL FROM:<>", "RCPT TO:<x@example.test>")
        eventually(lambda: console.status == "closed")
        assert turns(console)[-1]["code"] == 421
        console.close()


def test_closed_console_leaves_no_connection_and_no_thread(lab):
    before = threading.active_count()
    console = lab.console()
    said(console, "EHLO me")
    console.close()
    eventually(lambda: all(recording.closed for recording in lab.recordings))
    assert threading.active_count() == before


def test_newest_console_keeps_its_lab_and_older_ones_do_not():
    first = smtp.Lab(BOXES).start()
    gone, console = weakref.ref(first), first.console()
    del first
    said(console, "EHLO me")
    with smtp.Lab(BOXES) as lab:
        lab.console()
        gc.collect()
        assert gone() is None
        eventually(lambda: console.status in ("closed", "lost"))
        asked(console, do="connect")
        assert console.status == "failed"


# ---- what is shown without a browser ----


def test_fallback_names_mailboxes_and_challenges_and_is_the_same_each_time(each_language):
    shown = [smtp.Lab(BOXES).console() for _ in range(2)]
    pages = [one._repr_mimebundle_()[0]["text/html"] for one in shown]
    assert pages[0] == pages[1]
    said = strings("")[each_language]
    begins = f"{said['console.run_me']} {said['fallback.missing']} "
    plain = to_text(shown[0].fallback())
    assert " ".join(plain.split()).startswith(begins)
    assert repr(smtp.Lab(BOXES).console()) == "<Console of Task(3 mailboxes, 7 challenges)>"
    for wanted in ("bob@example.test", "551", "mail.example.test"):
        assert wanted in plain
    assert "moved" not in plain  # what a mailbox does is to be found out
