"""What the session player is told to draw."""

import smtpedu as smtp
from smtpedu.widgets.page.content import lawful
from smtpedu.widgets.player import CHOICES, drawn_session


def test_the_player_says_what_a_transcript_holds_and_it_does_not_show():
    session = smtp.annotate("Connecting\nS: 220-x\nC: EHLO y\nS: 250 z\nand then\nC: QUIT\n")
    assert drawn_session(session)["remarks"] == [
        ("note.own", {"rows": "1, 5"}), ("note.cut", {"rows": "2"})
    ]  # fmt: skip
    assert drawn_session(smtp.session("mixed-recipients"))["remarks"] == []


def test_the_four_replies_for_a_mailbox_that_has_moved_are_lawful():
    assert {250, 251, 550, 551} <= set(lawful()["RCPT"])
    assert 354 not in lawful()["RCPT"]
    assert 421 in lawful()["QUIT"] and 530 not in lawful()["QUIT"]


def test_every_command_with_choices_has_lawful_replies_among_them():
    for verb, codes in CHOICES.items():
        assert set(codes) & set(lawful()[verb])
