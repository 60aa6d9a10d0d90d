"""The tracker follows a dialogue: states, envelopes, and which command a reply answers."""

import pytest

from smtpedu.protocol.reply import Command, parse_reply
from smtpedu.protocol.states import ANY, CONNECT, EFFECTS, LEGAL, MESSAGE, Message, State
from smtpedu.protocol.tracker import Tracker

GREETING = ["220 mail.example.test"]
HELLO = [*GREETING, "> EHLO laptop.example", "250 OK"]
MAIL = [*HELLO, "> MAIL FROM:<s@laptop.example>", "250 OK"]
RCPT = [*MAIL, "> RCPT TO:<alice@example.test>", "250 OK"]
DATA = [*RCPT, "> DATA", "354 go on"]
SENT = [*DATA, Message(("Subject: x",))]
TAKEN = [*SENT, "250 taken"]
ANSWERED = [CONNECT, "EHLO", "MAIL", "RCPT", "DATA"]  # in SENT


def follow(dialogue):
    """The tracker after a dialogue, and the verbs its replies answered."""
    tracker, verbs = Tracker(), []
    for said in dialogue:
        if isinstance(said, Message):
            tracker.client(said)
        elif said.startswith("> "):
            tracker.client(Command.parse(said[2:]))
        else:
            verbs.append(tracker.server(parse_reply(said)))
    return tracker, verbs


def paths(recipients):
    return [recipient.path for recipient in recipients]


@pytest.mark.parametrize(
    ("dialogue", "state"),
    [
        ([], State.CONNECTING),
        (GREETING, State.CONNECTED),
        (["554 no"], State.REFUSED),
        (["450 later"], State.REFUSED),
        (["421 closing"], State.CLOSED),
        (HELLO, State.READY),
        ([*GREETING, "> EHLO x", "502 no"], State.CONNECTED),
        ([*GREETING, "> EHLO x", "502 no", "> HELO x", "250 OK"], State.READY),
        ([*HELLO, "> STARTTLS", "220 go"], State.CONNECTED),
        ([*HELLO, "> STARTTLS", "454 no"], State.READY),
        ([*HELLO, "> VRFY alice", "252 maybe"], State.READY),
        ([*HELLO, "> MAIL FROM:<>", "550 no"], State.READY),
        (MAIL, State.MAIL),
        ([*MAIL, "> RCPT TO:<bob@example.test>", "551 moved"], State.MAIL),
        (RCPT, State.RCPT),
        ([*RCPT, "> RCPT TO:<bob@example.test>", "551 moved"], State.RCPT),
        ([*RCPT, "> DATA", "554 no"], State.RCPT),
        (DATA, State.DATA),
        (SENT, State.SENT),
        ([*DATA, Message(("cut",), complete=False)], State.DATA),
        (TAKEN, State.READY),
        ([*SENT, "550 spam"], State.READY),
        ([*TAKEN, "> QUIT", "221 bye"], State.CLOSED),
        ([*RCPT, "> RSET", "250 OK"], State.READY),
        ([*GREETING, "> RSET", "250 OK"], State.CONNECTED),
        ([*RCPT, "> EHLO again", "250 OK"], State.READY),
        ([*RCPT, "> NOOP", "250 OK"], State.RCPT),
    ],
)
def test_state_after(dialogue, state):
    assert follow(dialogue)[0].state is state


@pytest.mark.parametrize("length", range(1, len(DATA) + 1))
def test_421_closes_at_any_point(length):
    tracker, _ = follow([*DATA[:length], "421 shutting down"])
    assert tracker.state is State.CLOSED
    assert tracker.snapshot().responsible in ("", "client")


@pytest.mark.parametrize(
    ("dialogue", "reverse_path", "accepted", "refused", "responsible"),
    [
        (HELLO, None, [], [], ""),
        (MAIL, "s@laptop.example", [], [], "client"),
        ([*HELLO, "> MAIL FROM:<>", "250 OK"], "", [], [], "client"),
        ([*HELLO, "> MAIL FROM:<x@y.example>", "452 full"], None, [], [], ""),
        (RCPT, "s@laptop.example", ["alice@example.test"], [], "client"),
        (TAKEN, "s@laptop.example", ["alice@example.test"], [], "server"),
        ([*SENT, "550 spam"], "s@laptop.example", ["alice@example.test"], [], "client"),
        ([*SENT, "452 full"], "s@laptop.example", ["alice@example.test"], [], "client"),
        ([*SENT, "421 bye"], "s@laptop.example", ["alice@example.test"], [], "client"),
        ([*RCPT, "> RSET", "250 OK"], None, [], [], ""),
        ([*RCPT, "> EHLO x", "250 OK"], None, [], [], ""),
        ([*RCPT, "> EHLO x", "501 no"], "s@laptop.example", ["alice@example.test"], [], "client"),
        ([*TAKEN, "> MAIL FROM:<t@y.example>", "250 OK"], "t@y.example", [], [], "client"),
        ([*MAIL, "> MAIL FROM:<t@y.example>", "503 no"], "s@laptop.example", [], [], "client"),
        ([*HELLO, "> STARTTLS", "220 go"], None, [], [], ""),
    ],
)
def test_envelope_after(dialogue, reverse_path, accepted, refused, responsible):
    tracker, _ = follow(dialogue)
    envelope = tracker.envelope
    assert envelope.reverse_path == reverse_path
    assert (paths(envelope.accepted), paths(envelope.refused)) == (accepted, refused)
    assert tracker.snapshot().responsible == responsible


MIXED = {
    "alice@example.test": "250 OK",
    "carol@example.test": "251 will forward to <carol@new.example>",
    "bob@example.test": "551 please try <bob@new.example>",
    "nobody@example.test": "550 no",
    "frank@example.test": "450 later",
}


def test_recipients_are_decided_one_by_one():
    dialogue = [line for path, said in MIXED.items() for line in (f"> RCPT TO:<{path}>", said)]
    envelope = follow([*MAIL, *dialogue])[0].envelope
    assert paths(envelope.recipients) == list(MIXED)
    assert paths(envelope.accepted) == ["alice@example.test", "carol@example.test"]
    assert paths(envelope.refused) == [*MIXED][2:]
    assert [str(decided.reply) for decided in envelope.recipients] == list(MIXED.values())


def test_all_recipients_refused_leaves_nothing_to_send():
    refused = [*MAIL, "> RCPT TO:<bob@example.test>", "551 moved", "> DATA", "554 no valid ones"]
    tracker, _ = follow(refused)
    assert tracker.state is State.MAIL
    assert not tracker.envelope.accepted
    assert tracker.snapshot().responsible == "client"


@pytest.mark.parametrize(("before", "recipients"), [(HELLO, []), (TAKEN, ["alice@example.test"])])
def test_recipient_outside_a_transaction_belongs_to_no_envelope(before, recipients):
    """A 503 to RCPT must not change the envelope of the message that was taken before."""
    tracker, _ = follow([*before, "> RCPT TO:<bob@example.test>", "503 MAIL first"])
    assert paths(tracker.envelope.recipients) == recipients


def test_two_transactions_have_two_envelopes():
    tracker, _ = follow(TAKEN)
    first = tracker.snapshot()
    for said in ("MAIL FROM:<t@y.example>", "RCPT TO:<bob@example.test>"):
        tracker.client(Command.parse(said))
        tracker.server(parse_reply("250 OK"))
    assert paths(first.envelope.accepted) == ["alice@example.test"]
    assert paths(tracker.envelope.accepted) == ["bob@example.test"]


def test_snapshots_count_what_was_decided_by_then():
    tracker, _ = follow(RCPT)
    before = tracker.snapshot()
    tracker.client(Command.parse("RCPT TO:<bob@example.test>"))
    tracker.server(parse_reply("551 moved"))
    after = tracker.snapshot()
    assert before.envelope is after.envelope
    assert (before.accepted, before.refused) == (1, 0)
    assert (after.accepted, after.refused) == (1, 1)


@pytest.mark.parametrize(
    ("dialogue", "verbs"),
    [
        (TAKEN, [*ANSWERED, MESSAGE]),
        # QUIT may be sent before the reply to the final dot has come (RFC 2920 §3.1).
        ([*SENT, "> QUIT", "250 taken", "221 bye"], [*ANSWERED, MESSAGE, "QUIT"]),
        (["> NOOP", "250 OK"], ["NOOP"]),  # the recording begins in the middle
        (["> MAIL FROM:<>", "250 OK", "> RCPT TO:<a@b.example>", "250 OK"], ["MAIL", "RCPT"]),
        ([*GREETING, "421 idle"], [CONNECT, ANY]),
        ([*HELLO, "> XFOO", "500 what"], [CONNECT, "EHLO", "XFOO"]),
    ],
)
def test_replies_answer_commands_in_order(dialogue, verbs):
    assert follow(dialogue)[1] == verbs


def test_an_empty_command_waits_for_its_reply_like_any_other():
    """Its verb is empty, too; what waits with it is not forgotten, nor looked for afterwards."""
    tracker, verbs = follow(["> ", "> DATA", "220 hello", "354 go on"])
    assert verbs == ["", "DATA"]
    assert tracker.unanswered == 0


def test_what_a_new_session_has_forgotten_is_not_looked_for():
    tracker, verbs = follow(["> QUIT", "220 hello", "> NOOP", "354 go on"])
    assert verbs == [CONNECT, "NOOP"]
    assert tracker.unanswered == 0


def test_pipelined_commands_get_their_replies_in_turn():
    commands = ["> MAIL FROM:<s@y.example>", "> RCPT TO:<a@b.example>", "> RCPT TO:<c@d.example>"]
    dialogue = [*HELLO, *commands, "> DATA", "250 OK", "551 moved", "250 OK", "354 go"]
    tracker, verbs = follow(dialogue)
    assert verbs[2:] == ["MAIL", "RCPT", "RCPT", "DATA"]
    assert paths(tracker.envelope.refused) == ["a@b.example"]
    assert paths(tracker.envelope.accepted) == ["c@d.example"]
    assert tracker.state is State.DATA


def test_unanswered_counts_what_waits():
    assert follow([])[0].unanswered == 1  # the greeting
    assert follow(GREETING)[0].unanswered == 0
    assert follow([*HELLO, "> MAIL FROM:<>", "> RCPT TO:<a@b.example>"])[0].unanswered == 2


@pytest.mark.parametrize(
    ("last", "state"),
    [("235 yes", State.READY), ("535 no", State.READY), ("454 later", State.READY)],
)
def test_auth_exchange_ends_in_ready(last, state):
    """RFC 4954 §4: challenges are 334, and what answers them is no command of its own."""
    begun = [*HELLO, "> AUTH LOGIN", "334 VXNlcm5hbWU6"]
    tracker, _ = follow(begun)
    assert tracker.state is State.AUTH
    tracker.client(Command("YWxpY2U=", "AUTH"))
    assert tracker.server(parse_reply(last)) == "AUTH"
    assert tracker.state is state


def test_auth_refused_at_once_changes_nothing():
    assert follow([*RCPT, "> AUTH PLAIN x", "503 not now"])[0].state is State.RCPT


def test_chunks_are_answered_with_their_commands():
    """RFC 3030 §2: only the last chunk hands the message over."""
    chunk = Message(("hello",), chunk=True)
    tracker, verbs = follow([*RCPT, "> BDAT 7", chunk, "250 OK"])
    assert (verbs[-1], tracker.state) == ("BDAT", State.BDAT)
    assert tracker.snapshot().responsible == "client"
    tracker.client(Command.parse("bdat 0 last"))
    assert tracker.server(parse_reply("250 taken")) == "BDAT"
    assert (tracker.state, tracker.snapshot().responsible) == (State.READY, "server")


def test_failed_last_chunk_stays_with_the_client():
    tracker, _ = follow([*RCPT, "> BDAT 0 LAST", "452 full"])
    assert tracker.snapshot().responsible == "client"
    assert tracker.state is not State.READY  # §2: indeterminate until RSET


def test_tables_name_known_states_and_digits():
    assert set(LEGAL) == set(State)
    assert {digit for _, digit in EFFECTS} <= {2, 3, 4, 5}


@pytest.mark.parametrize("state", [State.CONNECTED, State.READY, State.MAIL, State.RCPT])
def test_some_commands_are_legal_anywhere(state):
    """RFC 5321 §4.1.4."""
    assert {"NOOP", "HELP", "EXPN", "VRFY", "RSET", "QUIT"} <= set(LEGAL[state])


def test_order_of_a_transaction_is_in_the_table():
    for state, verb in [("ready", "MAIL"), ("mail", "RCPT"), ("rcpt", "RCPT"), ("rcpt", "DATA")]:
        assert verb in LEGAL[State(state)]
    for state, verb in [("connected", "MAIL"), ("ready", "RCPT"), ("mail", "DATA")]:
        assert verb not in LEGAL[State(state)]
    assert "MAIL" not in LEGAL[State.MAIL]
    assert LEGAL[State.REFUSED] == ("QUIT",)
