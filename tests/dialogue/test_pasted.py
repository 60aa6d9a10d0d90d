"""Transcripts as people paste them: what a person reads in each is what is read."""

from pathlib import Path

import pytest

from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.session import annotate
from smtpedu.dialogue.transcript import decode, read
from smtpedu.protocol.states import Message, Speaker

PASTED = sorted((Path(__file__).parent / "pasted").glob("*.txt"))


def expected(path):
    """What a person reads: the server's codes, and what the client sent."""
    rows = path.with_suffix(".expect").read_text(encoding="utf-8").splitlines()
    fields = {key: value.split() for key, _, value in (row.partition(":") for row in rows)}
    return [int(code) for code in fields["codes"]], fields.get("client", [])


def sent(session):
    """The client's verbs, `message` for mail data."""
    said = [turn.said for turn in session.turns if turn.direction is Speaker.CLIENT]
    return ["message" if isinstance(one, Message) else one.verb for one in said]


@pytest.mark.parametrize("path", PASTED, ids=lambda path: path.stem)
def test_a_pasted_text_says_what_a_person_reads(path):
    codes, verbs = expected(path)
    text = path.read_bytes()
    if not codes:
        with pytest.raises(TranscriptError, match=r"smtp\.explain\(\)"):
            annotate(text)
        return
    session = annotate(text)
    assert (session.codes, sent(session)) == (codes, verbs)


@pytest.mark.parametrize("path", PASTED, ids=lambda path: path.stem)
def test_no_row_of_a_pasted_text_is_dropped_in_silence(path):
    if not expected(path)[0]:
        return
    text = decode(path.read_bytes())
    noted = {row for note in annotate(text).notes for row in note.rows}
    if not any(note.why == "quoted" for note in annotate(text).notes):
        noted |= {line.number for line in read(text).lines}
    rows = enumerate(text.splitlines(), 1)
    assert [row for number, row in rows if row.strip() and number not in noted] == []
