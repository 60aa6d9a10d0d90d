"""Sessions: what each line means where it stands, as values, as a frame and as text again."""

from itertools import pairwise
from pathlib import Path

import pytest
from for_each import for_each
from hypothesis import assume, given
from hypothesis import strategies as st

from smtpedu.dialogue.captures import session, sessions
from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.session import Session, annotate, shown_lines
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import ANY, MESSAGE, Message, State

TRANSCRIPTS = sorted(Path(__file__).parent.glob("transcripts/*.txt"))

OPENING = "S: 220 mail.example.test\nC: EHLO x\nS: 250 OK\nC: MAIL FROM:<s@x.example>\nS: 250 OK\n"
ALICE = "C: RCPT TO:<alice@example.test>\nS: 250 2.1.5 OK\n"
BOB = "C: RCPT TO:<bob@example.test>\nS: 551 5.1.6 please try <bob@new.example>\n"
DATA = "C: DATA\nS: 354 go on\n"
TAKEN = OPENING + ALICE + DATA + "C: Hello\nC: .\nS: 250 2.0.0 taken\nC: QUIT\nS: 221 Bye\n"


def told(session):
    """All of a session but line numbers: they change with the notation."""
    return [
        (turn.said, turn.verb, turn.snapshot.state, turn.snapshot.responsible)
        for turn in session.turns
    ]


def test_turns_of_a_session():
    turns = annotate(TAKEN).turns
    assert turns[0].said == Reply(220, ("mail.example.test",))
    assert turns[1].said == Command("EHLO x", "EHLO")
    assert turns[9].said == Message(("Hello",))
    assert [turn.verb for turn in turns[-4:]] == [MESSAGE, MESSAGE, "QUIT", "QUIT"]
    assert [turn.line for turn in turns[-4:]] == [10, 12, 13, 14]
    assert [turn.direction for turn in turns[:3]] == ["server", "client", "server"]
    assert turns[9].lines == ["Hello", "."]


def test_exchanges_pair_commands_and_replies():
    pairs = annotate(TAKEN).exchanges
    assert [(pair.sent and pair.sent.verb, pair.reply.code) for pair in pairs] == [
        (None, 220), ("EHLO", 250), ("MAIL", 250), ("RCPT", 250), ("DATA", 354),
        (MESSAGE, 250), ("QUIT", 221),
    ]  # fmt: skip


def test_exchanges_of_a_pipelined_session():
    text = "C: MAIL FROM:<>\nC: RCPT TO:<a@b.example>\nC: DATA\nS: 250 a\nS: 551 b\n"
    pairs = annotate(text).exchanges
    assert [(pair.sent.verb, pair.reply and pair.reply.code) for pair in pairs] == [
        ("MAIL", 250), ("RCPT", 551), ("DATA", None),
    ]  # fmt: skip


def test_quit_before_the_reply_to_the_dot():
    text = OPENING + ALICE + DATA + "C: .\nC: QUIT\nS: 250 taken\nS: 221 Bye\n"
    answers = [(turn.verb, turn.said.code) for turn in annotate(text).turns[-2:]]
    assert answers == [(MESSAGE, 250), ("QUIT", 221)]


COLUMNS = {
    "step": "Int64",
    "direction": "category",
    "verb": "string",
    "code": "Int64",
    "enhanced_code": "string",
    "text": "string",
    "meaning": "string",
    "state": "category",
    "reverse_path": "string",
    "accepted": "string",
    "refused": "string",
    "responsible": "category",
}


@pytest.mark.parametrize("text", [TAKEN, "S: 220 x", "C: QUIT\nS: 221 x"])
def test_frame_columns(text):
    frame = annotate(text).to_frame()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == COLUMNS
    assert list(frame["direction"].cat.categories) == ["client", "server"]
    assert list(frame["responsible"].cat.categories) == ["client", "server"]
    assert list(frame["state"].cat.categories) == list(State)


def test_frame_of_no_turns_has_the_same_columns():
    frame = Session(()).to_frame()
    assert {name: str(dtype) for name, dtype in frame.dtypes.items()} == COLUMNS


def test_frame_has_a_row_per_line_and_a_step_per_turn():
    frame = annotate("S: 220 x\nC: EHLO y\nS: 250-a\nS: 250-B\nS: 250 C\n").to_frame()
    assert list(frame["step"]) == [1, 2, 3, 3, 3]
    assert list(frame["text"]) == ["x", "EHLO y", "a", "B", "C"]
    assert list(frame["code"].isna()) == [False, True, False, False, False]
    assert list(frame["verb"]) == ["connect", "EHLO", "EHLO", "EHLO", "EHLO"]


def test_frame_of_a_refused_and_an_accepted_recipient():
    frame = annotate(OPENING + ALICE + BOB).to_frame()
    last = frame.iloc[-1]
    assert (last["code"], last["enhanced_code"]) == (551, "5.1.6")
    assert last["text"] == "please try <bob@new.example>"
    assert (last["accepted"], last["refused"]) == ("alice@example.test", "bob@example.test")
    assert (last["reverse_path"], last["responsible"]) == ("s@x.example", "client")
    assert frame["responsible"].isna().sum() == 4


def test_null_reverse_path_differs_from_none():
    frame = annotate("S: 220 x\nC: MAIL FROM:<>\nS: 250 OK").to_frame()
    assert list(frame["reverse_path"]) == ["", "", "<>"]


def test_text_is_empty_where_there_is_nothing():
    frame = annotate("S: 220 x\nC: NOOP\nS: 250\n").to_frame()
    assert list(frame["enhanced_code"]) == list(frame["reverse_path"]) == [""] * 3
    assert [bool(said) for said in frame["meaning"]] == [True, False, True]
    assert list(frame["text"]) == ["x", "NOOP", ""]


@pytest.mark.parametrize("command", ["RCPT", "rcpt"])
def test_frame_of_one_command(command):
    frame = annotate(OPENING + ALICE + BOB).to_frame(command=command)
    assert list(frame.index) == [0, 1, 2, 3]
    assert set(frame["verb"]) == {"RCPT"}
    assert list(frame["code"].dropna()) == [250, 551]


def test_frame_of_what_has_no_command_line():
    taken = annotate(TAKEN)
    assert list(taken.to_frame(command="connect")["code"]) == [220]
    assert list(taken.to_frame(command="Message")["text"]) == ["Hello", ".", "taken"]


def test_frame_of_one_code():
    session = annotate(OPENING + ALICE + BOB)
    assert list(session.to_frame(code=250)["verb"]) == ["EHLO", "MAIL", "RCPT"]
    assert list(session.to_frame(command="rcpt", code=551)["step"]) == [9]
    none = session.to_frame(code=421)
    assert none.empty and none.dtypes.equals(session.to_frame().dtypes)


def test_frame_of_some_columns():
    session = annotate(OPENING + BOB)
    frame = session.to_frame(code=551, columns=["text", "code"])
    assert frame.to_dict("list") == {"text": ["please try <bob@new.example>"], "code": [551]}
    assert list(session.to_frame(columns="meaning").columns) == ["meaning"]


def test_frame_of_what_nobody_knows_names_what_is_like_it(each_language):
    session = annotate("S: 220 x\nC: XFOO\nS: 500 x\n")
    assert len(session.to_frame(command="xfoo")) == 2
    assert session.to_frame(command="RCPT").empty
    for unknown, like in ({"command": "RCTP"}, "RCPT"), ({"columns": ["meanin"]}, "meaning"):
        with pytest.raises(LookupError, match=f": {like}, "):
            session.to_frame(**unknown)


def test_meaning_of_250_differs_with_what_it_answers():
    frame = annotate(TAKEN).to_frame()
    meanings = frame.loc[frame["code"] == 250].set_index("verb")["meaning"]
    assert meanings.nunique() == 4  # EHLO, MAIL, RCPT, message
    assert meanings["RCPT"] != meanings[MESSAGE]


@pytest.mark.parametrize("code", [299, 399, 499, 571])
def test_unknown_code_means_what_its_first_digit_says(code):
    frame = annotate(f"C: RCPT TO:<a@b.example>\nS: {code} odd").to_frame()
    known = annotate(f"C: XFOO\nS: {code // 100}98 odd").to_frame()
    assert frame["meaning"].iloc[-1] == known["meaning"].iloc[-1]
    assert frame["code"].iloc[-1] == code


def test_unknown_verbs_are_commands():
    turns = annotate("C: xfoo bar\nS: 500 what\nC: \nS: 500 what").turns
    assert [turn.verb for turn in turns] == ["XFOO", "XFOO", "", ""]


def test_message_refused_after_the_dot_stays_with_the_client():
    text = OPENING + ALICE + DATA + "C: .\nS: 550 5.7.1 no\n"
    assert annotate(text).turns[-1].snapshot.responsible == "client"
    assert annotate(text.replace("550 5.7.1", "250")).turns[-1].snapshot.responsible == "server"


def test_all_recipients_refused():
    snapshot = annotate(OPENING + BOB + "C: DATA\nS: 554 none\n").turns[-1].snapshot
    assert (snapshot.state, snapshot.accepted, snapshot.refused) == (State.MAIL, 0, 1)


def test_two_transactions_keep_their_envelopes():
    frame = annotate(TAKEN[: TAKEN.index("C: QUIT")] + OPENING[45:] + BOB).to_frame()
    taken = frame[(frame["verb"] == MESSAGE) & (frame["code"] == 250)].iloc[0]
    assert (taken["accepted"], taken["refused"]) == ("alice@example.test", "")
    assert (frame["accepted"].iloc[-1], frame["refused"].iloc[-1]) == ("", "bob@example.test")


def test_auth_exchange():
    text = (
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: cXVpdA==\nS: 334 x\nC: quit\nS: 235 yes\nC: NOOP\n"
    )
    assert [turn.verb for turn in annotate(text).turns] == [*["AUTH"] * 6, "NOOP"]


def test_starttls_begins_anew():
    snapshots = [turn.snapshot for turn in annotate(OPENING + "C: STARTTLS\nS: 220 go\n").turns]
    assert snapshots[-1].state is State.CONNECTED
    assert snapshots[-1].envelope.reverse_path is None


def test_bdat_chunks_are_counted_in_octets():
    text = "C: BDAT 11\nC: QUIT\nC: ü.\nS: 250 OK\nC: BDAT 3 LAST\nC: .\nS: 250 OK\nC: QUIT\n"
    turns = annotate(OPENING + ALICE + text).turns[7:]
    assert [turn.verb for turn in turns] == ["BDAT"] * 6 + ["QUIT"]
    chunks = [turn.said for turn in turns if isinstance(turn.said, Message)]
    assert [chunk.lines for chunk in chunks] == [("QUIT", "ü."), (".",)]
    assert all(chunk.complete for chunk in chunks)


@pytest.mark.parametrize("size", ["0", "", "²", "ten", "9" * 5000, "0 LAST"])
def test_chunk_without_a_usable_size_swallows_no_command(size):
    turns = annotate(OPENING + ALICE + f"C: BDAT {size}\nC: QUIT\nS: 250 OK\nS: 221 Bye\n").turns
    assert [turn.verb for turn in turns[-4:]] == ["BDAT", "QUIT", "BDAT", "QUIT"]


@pytest.mark.parametrize("shown", ["", "C: only the beginning\n"])
def test_mail_data_left_out_of_a_recording_ends_at_its_reply(shown):
    """`curl -v` and mail server logs show no mail data."""
    text = OPENING + ALICE + DATA + shown + "S: 250 taken\nC: QUIT\nS: 221 Bye\n"
    *_, message, taken, _, last = annotate(text).turns
    assert (message.verb, message.said.complete, message.line) == (MESSAGE, False, 10)
    assert (taken.verb, taken.snapshot.responsible) == (MESSAGE, "server")
    assert last.snapshot.state is State.CLOSED


@pytest.mark.parametrize("shown", ["", "C: cut off\n"])
def test_chunk_left_out_of_a_recording_ends_at_its_reply(shown):
    text = OPENING + ALICE + f"C: BDAT 100 LAST\n{shown}S: 250 taken\nC: QUIT\nS: 221 Bye\n"
    turns = annotate(text).turns
    assert [turn.verb for turn in turns[-3:]] == ["BDAT", "QUIT", "QUIT"]
    assert turns[-3].snapshot.responsible == "server"


def test_421_within_the_mail_data():
    text = OPENING + ALICE + DATA + "C: Hel\nS: 421 closing\n"
    *_, cut, closing = annotate(text).turns
    assert cut.said == Message(("Hel",), complete=False)
    assert (closing.snapshot.state, closing.snapshot.responsible) == (State.CLOSED, "client")
    unasked = annotate(OPENING + ALICE + DATA + "S: 421 too slow\n").turns[-1]
    assert (unasked.verb, unasked.snapshot.state) == (ANY, State.CLOSED)


@pytest.mark.parametrize("end", ["", "C: QUIT\n", "C: QUIT\nS: 221 Bye\n"])
def test_greeting_that_nobody_asked_for_begins_another_session(end):
    before = annotate(OPENING + ALICE + BOB + end).turns
    turns = annotate(OPENING + ALICE + BOB + end + OPENING).turns[len(before) :]
    assert [turn.verb for turn in turns] == ["connect", "EHLO", "EHLO", "MAIL", "MAIL"]
    greeted = turns[0].snapshot
    assert (greeted.state, greeted.offered) == (State.CONNECTED, None)
    assert (greeted.envelope.reverse_path, greeted.accepted, greeted.refused) == (None, 0, 0)
    assert before[-1].snapshot.accepted == 1


def test_two_sessions_in_one_paste():
    session = annotate((TRANSCRIPTS[0].parent / "two-sessions.txt").read_bytes())
    assert all(pair.sent for pair in session.exchanges if pair.reply and pair.reply.code != 220)
    turns = session.turns
    assert [turn.line for turn in turns if turn.verb == "connect"] == [4, 42]
    assert turns[-1].said.code == 421
    assert (turns[-1].snapshot.accepted, turns[-1].snapshot.refused) == (0, 2)


def test_220_that_a_command_asked_for_begins_no_session():
    for command in ("STARTTLS", "XCLIENT NAME=x"):
        turns = annotate(OPENING + f"C: {command}\nS: 220 go\n").turns
        assert turns[-1].verb == command.split()[0]


@pytest.mark.parametrize("code", [500, 503])
def test_chunk_refused_where_no_transaction_is_open_fails_none(code):
    turns = annotate(f"S: 220 x\nC: HELO x\nS: 250 y\nC: BDAT 0 LAST\nS: {code} no\n").turns
    assert turns[-1].snapshot.state is State.READY


def test_recording_that_ends_within_the_mail_data():
    last = annotate(OPENING + ALICE + DATA + "C: Hello\nC: there\n").turns[-1]
    assert last.said == Message(("Hello", "there"), complete=False)
    assert (last.line, last.snapshot.state) == (10, State.DATA)


def test_credentials_left_out_of_a_log_do_not_derail_the_envelope():
    text = (
        "C: AUTH LOGIN\nS: 334 x\nS: 334 y\nS: 235 ok\n"
        "C: MAIL FROM:<s@x.example>\nS: 250 ok\nC: RCPT TO:<bob@y.example>\nS: 551 no\n"
    )
    session = annotate(text)
    assert [turn.verb for turn in session.turns if turn.direction == "server"] == [
        *("AUTH", "AUTH", "AUTH", "MAIL", "RCPT")
    ]
    envelope = session.turns[-1].snapshot.envelope
    assert (envelope.reverse_path, [one.path for one in envelope.refused]) == (
        "s@x.example", ["bob@y.example"]
    )  # fmt: skip


def test_mail_after_credentials_and_their_reply_were_left_out():
    text = "C: AUTH LOGIN\nS: 334 x\nC: MAIL FROM:<s@x.example>\nS: 250 ok\n"
    assert [turn.verb for turn in annotate(text).turns] == ["AUTH", "AUTH", "MAIL", "MAIL"]


def test_a_long_turn_is_shown_cut_and_says_so():
    text = TAKEN.replace("C: Hello\n", "C: Hello\n" * 999 + "C: " + "x" * 5_000 + "\n")
    session = annotate(text)
    shown = shown_lines(session.turns[9])
    assert len(shown) == 201 and shown[-1] == "… (+801)"
    assert dict(session.remarks()) == {"session.long_turn": {"lines": "200"}}
    assert "up to 200 lines" in session.to_html()
    assert len(session.to_frame()) > 1_000
    line = annotate(TAKEN.replace("Hello", "x" * 5_000)).turns[9]
    assert shown_lines(line)[0] == "x" * 2_000 + "…"
    assert annotate(TAKEN).remarks() == []


def test_a_text_too_large_is_refused_with_a_clear_word():
    with pytest.raises(TranscriptError, match="up to 50 MB"):
        annotate("S: 220 x\n" * 6_000_000)


def test_only_what_a_log_says_of_a_server_is_read_of_it():
    log = (
        "10:00:00 mx postfix/smtp[2550]: 4F5: to=<bob@y.example>, relay=mx[192.0.2.1]:25,"
        " delay=250, status=bounced (host mx[192.0.2.1] said: 551 not our user"
        " (in reply to RCPT TO command))\n"
    )
    session = annotate(f"starting\n{log}")
    assert [(turn.verb, str(turn.said)) for turn in session.turns] == [("RCPT", "551 not our user")]
    assert session.notes == (("own", (1,)), ("quoted", (2,)))


def test_replies_that_nobody_asked_for_are_noted():
    """Two connections in one log, say: what is read of them may be wrong, and is not silent."""
    text = "S: 220 a\nC: EHLO x\nS: 220 b\nS: 250 a\nC: EHLO y\nS: 250 b\nC: DATA\nS: 250 c\n"
    assert [note.rows for note in annotate(text).notes if note.why == "odd"] == [(3, 4, 8)]
    assert "several connections" in annotate(text).to_html()


def test_a_note_names_the_row_of_a_reply_without_its_end():
    session = annotate("S: 220-a\nC: EHLO x\nS: 220-b\n")
    assert session.codes == [220, 220]
    assert session.notes == (("cut", (1, 3)),)


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda path: path.stem)
def test_every_format_becomes_the_same_as_c_and_s(path):
    found = annotate(path.read_bytes())
    assert told(annotate(str(found))) == told(found)
    assert told(annotate(found.format())) == told(found)


@for_each("name", sessions().index)
def test_captured_session_is_the_same_when_read_again(name):
    found = session(name)
    assert annotate(found.format(), name=name) == found


LINES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=12)
CODES = st.sampled_from(
    ["220", "250", "251", "334", "354", "421", "451", "550", "551", "571", "221"]
)
COMMANDS = st.one_of(
    st.sampled_from(
        ["MAIL FROM:<>", "RCPT TO:<a@b.example>", "DATA", ".", "QUIT", "RSET", "AUTH x"]
    ),
    st.sampled_from(
        ["BDAT 9", "BDAT 9 LAST", "BDAT 0 LAST", "EHLO x", "STARTTLS", "", "  ", "..", "```"]
    ),
    LINES,
)
REPLIES = st.builds("S: {}{}{}".format, CODES, st.sampled_from([" ", " ", " ", "-"]), LINES)
DIALOGUES = st.lists(st.one_of(REPLIES, st.builds("C: {}".format, COMMANDS)), max_size=30)


@given(DIALOGUES.map("\n".join), st.dictionaries(st.sampled_from("abc"), st.just("x: y")))
def test_session_reads_itself_again(text, provenance):
    try:
        found = annotate(text)
    except TranscriptError:
        return
    # Written down turn by turn: a command in the midst of a reply has no place of its own.
    assume(all(a.line <= b.line for a, b in pairwise(found.turns)))
    again = annotate(Session(found.turns, provenance=provenance).format())
    assert told(again) == told(found)
    assert again.provenance == provenance
    assert str(again) == str(found)


@given(DIALOGUES.map("\n".join))
def test_session_loses_no_line(text):
    try:
        found = annotate(text)
    except TranscriptError:
        return
    assert sum(len(turn.lines) for turn in found.turns) == text.count("\n") + 1
    assert found.codes == [pair.reply.code for pair in found.exchanges if pair.reply]


def test_format_writes_provenance_first():
    found = Session(annotate("C: QUIT\nS: 221 Bye").turns, "x", {"server": "a: b", "client": "c"})
    assert found.format() == "---\nserver: a: b\nclient: c\n---\nC: QUIT\nS: 221 Bye\n"
    assert Session(found.turns).format() == str(found) + "\n" == "C: QUIT\nS: 221 Bye\n"
    assert repr(found) == "Session('x', 2 turns)"


def test_blanks_at_the_end_of_a_line_are_kept():
    """A signature in mail begins with two hyphens and a blank."""
    text = OPENING + ALICE + DATA + "C: -- \nC:\nC:  \nC: .\nS: 250 OK \n"
    assert annotate(text).format() == text


def test_bare_line_feed_in_debug_output_is_a_line():
    found = annotate("send: 'NOOP\\nQUIT\\r\\n'\nreply: b'250 OK\\r\\n'\n")
    assert [turn.verb for turn in found.turns] == ["NOOP", "QUIT", "NOOP"]
    assert told(annotate(str(found))) == told(found)


def test_unicode_is_kept():
    text = "C: MAIL FROM:<جرجس@مثال.example>\nS: 250 حسنا \u2028 ok\nC: VRFY ü\nS: 550 ü\n"
    found = annotate(text)
    assert found.format() == text
    assert found.turns[1].snapshot.envelope.reverse_path == "جرجس@مثال.example"


def test_a_thousand_recipients_share_one_envelope():
    rcpt = "".join(f"C: RCPT TO:<u{n}@example.test>\nS: 250 OK\n" for n in range(1000))
    found = annotate(OPENING + rcpt)
    assert len({id(turn.snapshot.envelope) for turn in found.turns[4:]}) == 1
    assert [turn.snapshot.accepted for turn in found.turns[6::2]] == list(range(1, 1001))
    cells = found.to_frame()["accepted"]
    assert cells.str.len().max() < 150
    assert cells.iloc[-1].endswith("… (+995)")
