"""The session player's traits: what it is told to draw."""

import smtpedu as smtp


def test_the_player_says_what_a_transcript_holds_and_it_does_not_show():
    session = smtp.annotate("Connecting\nS: 220-x\nC: EHLO y\nS: 250 z\nand then\nC: QUIT\n")
    player = session.play()
    assert player._remarks == [
        ("note.own", {"rows": "1, 5"}), ("note.cut", {"rows": "2"})
    ]  # fmt: skip
    assert "neither client nor server" in player._strings["en"]["note.own"]
    assert smtp.session("mixed-recipients").play()._remarks == []
