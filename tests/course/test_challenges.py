"""Challenges: what solves each of them, and what nearly does."""

import pytest

import smtpedu as smtp
from smtpedu.course.challenges import challenges, load
from smtpedu.files import DataError

ALL = {250, 251, 450, 550, 551}
START = "S: 220 hi\nC: EHLO me\nS: 250 hi\n"
MAIL = START + "C: MAIL FROM:<me@example.test>\nS: 250 OK\n"
TAKEN = "C: DATA\nS: 354 go on\nC: text\nC: .\nS: 250 taken\n"
ANN = "C: RCPT TO:<ann@example.test>\nS: {} x\n"
BOB = "C: RCPT TO:<bob@example.test>\nS: {} x\n"

SOLVES = {
    "first-250": START,
    "get-503": START + "C: DATA\nS: 503 x\n",
    "get-551": MAIL + BOB.format(551),
    "who-forwards": MAIL + ANN.format(251) + BOB.format(551),
    "mixed-message": MAIL + ANN.format(250) + BOB.format(551) + TAKEN,
    "five-promises": MAIL + ANN.format(250) + TAKEN + "C: NOOP\nS: 250 x\n",
    "come-back-later": MAIL + BOB.format(450) + "C: NOOP\nS: 250 x\n" + BOB.format(250),
    "no-way-back": MAIL.replace("<me@example.test>", "<>") + ANN.format(250) + TAKEN,
}
FAILS = [
    ("first-250", "S: 220 hi\nC: HELO me\nS: 250 hi\n"),
    ("get-503", START + "C: DATA\nS: 502 x\n"),
    ("who-forwards", MAIL + ANN.format(251) + BOB.format(550)),
    ("mixed-message", MAIL + ANN.format(250) + BOB.format(551)),  # no message
    ("mixed-message", MAIL + ANN.format(250) + ANN.format(250) + TAKEN),
    ("mixed-message", MAIL + BOB.format(450) + BOB.format(250) + TAKEN),  # one mailbox
    ("mixed-message", MAIL + ANN.format(250) + "C: RCPT bob\nS: 501 x\n" + TAKEN),
    ("mixed-message", MAIL + ANN.format(250) + TAKEN + MAIL[len(START) :] + BOB.format(551)),
    ("five-promises", MAIL + ANN.format(250) + BOB.format(250) + TAKEN),
    ("come-back-later", MAIL + BOB.format(250) + BOB.format(450)),
    ("come-back-later", MAIL + BOB.format(450) + ANN.format(250)),
    ("no-way-back", MAIL + ANN.format(250) + TAKEN),
    ("no-way-back", MAIL.replace("<me@example.test>", "<>") + ANN.format(250)),
]


def solved(name, transcript):
    (challenge,) = challenges([name])
    return challenge.solved(smtp.annotate(transcript))


def test_every_challenge_is_tried_here():
    assert list(SOLVES) == [challenge.name for challenge in challenges(None, ALL)]


@pytest.mark.parametrize("name", SOLVES)
def test_session_that_shows_it_solves_it(name):
    assert solved(name, SOLVES[name])


@pytest.mark.parametrize(("name", "transcript"), FAILS)
def test_session_that_nearly_shows_it_does_not(name, transcript):
    assert not solved(name, transcript)


@pytest.mark.parametrize("name", SOLVES)
def test_nothing_is_solved_before_anything_is_said(name):
    assert not solved(name, "S: 220 hi\n")


@pytest.mark.parametrize("name", SOLVES)
def test_last_reply_is_what_solves_it(name):
    """Each session above is solved by its end, and not before."""
    *before, _ = SOLVES[name].rstrip("\n").split("\n")
    assert not solved(name, "\n".join(before))


def test_only_what_the_server_can_say_is_asked_for():
    names = [challenge.name for challenge in challenges(None, {250, 550})]
    assert names == ["first-250", "get-503", "mixed-message", "five-promises", "no-way-back"]


def test_named_challenges_come_in_the_order_asked_for():
    names = ["get-551", "first-250"]
    assert [challenge.name for challenge in challenges(names)] == names


def test_unknown_name_is_an_error_that_names_the_known():
    with pytest.raises(LookupError, match=r"no challenge 'get-552'.*get-551, who-forwards"):
        challenges(["get-552"])


def test_challenge_speaks_the_current_language(each_language):
    (challenge,) = challenges(["get-551"])
    assert challenge.title() == challenge.texts[each_language]["title"]
    assert challenge.hint("ar") == challenge.texts["ar"]["hint"]


TEXTS = '[x.en]\ntitle = "t"\nhint = "h"\n[x.ar]\ntitle = "t"\nhint = "h"\n'


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (f"[x]\n{TEXTS}", "asks for nothing"),
        (f"[x]\nreplys = 1\npromises = {{ code = 250, different = 1 }}\n{TEXTS}", "'replys'"),
        ('[x]\nagain = { first = 1, then = 2 }\n[x.ar]\ntitle = "t"\nhint = "h"\n', "'en'"),
        (f"[x]\nreplies = [{{ code = 1 }}]\n{TEXTS}".replace('hint = "h"', "", 1), "'hint'"),
    ],
)
def test_mistake_in_the_file_is_an_error_that_names_it(tmp_path, content, problem):
    path = tmp_path / "challenges.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(DataError, match=problem):
        load(path)
