"""What anything that a server said is explained as, in tables of cases."""

import smtplib
from email import message_from_bytes
from email.message import Message
from pathlib import Path

import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.dialogue.diagnosis import SHOWN, explain
from smtpedu.dialogue.quoted import quoted_replies
from smtpedu.dialogue.transcript import SIZE_LIMIT
from smtpedu.protocol.reply import Reply, ReplySyntaxError
from smtpedu.reference import situations, texts
from smtpedu.reference.situations import Situation, Who

BOUNCES = Path(__file__).parent / "bounces"

# 551 and 251 as servers really say them; addresses replaced.
REALLY_SAID = [
    ("551 not our customer", "unknown-user"),
    ("551 not our user", "unknown-user"),
    ("551 Server access forbidden by invalid RDNS record of your mail server", "blocked"),
    (
        "551 5.7.1 <b@x.example>: Recipient address rejected: Delivery not authorized",
        "refused-by-policy",
    ),
    ("551 5.7.1 Not authorised to send from this header address", "sender-refused"),
    ("551-5.7.1 Your IP is black listed\n551 5.7.1 we will ignore you", "blocked"),
    (
        "551 5.1.1 <h@x.example>: Recipient address rejected: Failed recipient validation check",
        "unknown-user",
    ),
    ("551 bounce as<the destination mailbox <x@y.example> is full> queue as 1", "mailbox-full"),
    (
        '551 5.7.1 User "bob" not local, he/she is at "other.example" - Relay access denied',
        "relay-denied",
    ),
    ("551 5.7.1 User not local; please try <bob@new.example> directly", "moved"),
    ("551 5.7.1 User not local; please try <george@new.example>", "moved"),
    ("551 5.7.1 <b@x.example> - relaying denied", "relay-denied"),
    ("551 User not local", "not-local"),
    ("551 5.1.6 No", "not-local"),
    ("551 5.1.6 User has moved", "moved-without-address"),
    ("251 User not local; will forward", "forwarded"),
    ("250 2.0.0: Ok", "accepted"),
    ("550 550 5.1.1 <>: No such user", "unknown-user"),
    ("550-5.1.1 No such user. Please try 550-5.1.1 again 550 5.1.1 later", "unknown-user"),
    ("550 5.1.6 <b@x.example>: User has moved to b@new.example", "moved"),
    ("550 No", "unknown"),
    ("550 5.7.1 No", "refused-by-policy"),
    ("421 4.3.2 Service shutting down", "server-closing"),
    ("552 5.3.4 Message size exceeds fixed limit", "too-large"),
    ("554 5.4.6 Too many hops", "loop"),
    ("535 5.7.8 Error: authentication failed", "authentication-failed"),
    ("550 5.7.26 No", "authenticity"),
    ("556 5.1.10 No", "no-mail-host"),
    ("354 Go", "go-on"),
    ("599 What", "unknown"),
]


@for_each("line, wanted", REALLY_SAID)
def test_situation_of_replies_as_really_said(line, wanted):
    found = explain(line)
    assert found.situation == wanted
    assert "moved" not in str(found).splitlines()[0] or "moved" in wanted


@for_each("line, wanted", REALLY_SAID)
def test_where_nothing_decides_the_sentence_does_not_sound_certain(line, wanted, each_language):
    happened = explain(line).decisive.happened()
    perhaps = {"en": "Probably", "ar": "الأرجح"}[each_language]
    assert happened.startswith(perhaps) == (wanted == "refused-by-policy")


CONTRADICTIONS = [
    ("551 5.7.1 relaying denied", "`551` is about a user who is not local"),
    ("551 5.1.6 User not local; please try <b@new.example>", "no forwarding address"),
    ("551 5.1.6 No", "this one names none"),
    ("551 5.7.1 User not local", "`551` is about a user who is not local"),
    ("550 5.1.1 mailbox full", "`5.1.1` alone would be about something else"),
    ("450 5.1.1 No such user", "begin with different digits"),
]


@for_each("line, word", CONTRADICTIONS)
def test_contradictions_are_told(line, word):
    assert word in " ".join(explain(line).reasons)


@for_each(
    "line",
    [
        "550 5.1.1 No such user",
        "551 5.1.1 No such user",
        "551 User has moved; please try <b@new.example>",
    ],
)
def test_where_all_agrees_no_contradiction_is_told(line):
    assert "Contradiction" not in " ".join(explain(line).reasons)


WHO = [
    ("550 5.1.1 No such user", "sender", True),
    ("450 4.7.1 Greylisted", "nobody", False),
    ("552 5.2.2 Over quota", "recipient", True),
    ("452 4.2.2 Over quota", "nobody", False),
    ("454 4.7.1 <b@x.example>: Relay access denied", "sender", False),
    ("550 5.7.1 Your IP is blocked", "sender-admin", True),
    ("550 No", "unknown", True),
    ("250 OK", "nobody", None),
]


@for_each("line, who, final", WHO)
def test_who_acts_and_whether_it_is_final(line, who, final):
    found = explain(line)
    assert (found.who_acts, found.final) == (who, final)


def test_every_situation_has_texts_and_sources(each_language):
    for one in Situation:
        said = texts.situation(one)
        assert 1 <= len(said["steps"]) <= 2
        assert situations.sources(one)
        assert situations.who_acts(one) in Who


def test_250_says_first_that_nothing_is_to_be_fixed_and_last_whom_to_ask_about_its_id():
    first, *_, last = explain("250 2.0.0 Ok: queued as 4ABC12").steps
    assert first == "There is nothing to fix."
    assert "`4ABC12`" in last


# ---- bounces and logs ----

FILES = [
    ("sendmail.txt", "unknown-user", [(551, "bob@example.test", "any")]),
    ("qmail.txt", "moved", [(551, "bob@example.test", "any")]),
    ("exim.txt", "blocked", [(551, "bob@example.test", "RCPT")]),
    ("postfix.log", "unknown-user", [(550, "bob@example.test", "RCPT")]),
    ("smtpd.log", "wrong-order", [(503, "", "DATA")]),
    ("msmtp.log", "sender-refused", [(551, "", "any")]),
    (
        "postfix.eml",
        "relay-denied",
        [(551, "bob@example.test", "RCPT"), (452, "eve@example.test", "any")],
    ),
]


@for_each("name, situation, wanted", FILES)
def test_bounces_and_logs(name, situation, wanted):
    raw = (BOUNCES / name).read_bytes()
    for given in (raw, raw.decode(), raw.replace(b"\n", b"\r\n")):
        found = explain(given)
        assert found.situation == situation
        assert [(one.reply.code, one.recipient, one.verb) for one in found.findings] == wanted


def test_a_bounce_tells_what_the_report_says_of_each_recipient():
    found = explain(message_from_bytes((BOUNCES / "postfix.eml").read_bytes()))
    frame = found.to_frame()
    assert list(frame["situation"]) == ["relay-denied", "mailbox-full"]
    assert list(frame["final"]) == [True, False]
    assert found.replies[0].lines == (
        "5.7.1 We do not know you.",
        "5.7.1 <bob@example.test> - relaying denied",
    )
    assert "`bob@example.test`: The server is not responsible" in found.to_html().replace(
        '<bdi dir="ltr"><code>', "`"
    ).replace("</code></bdi>", "`")


@for_each("action, final", [("delayed", False), ("failed", True), ("relayed", None)])
def test_the_action_of_a_report_decides_what_is_final(action, final):
    report = f"Final-Recipient: rfc822; b@x.example\nAction: {action}\nStatus: 4.4.1\n"
    found = explain(report)
    assert found.final is final
    assert f"`{action}`" in found.reasons[0]


SILENT = [
    ("From: MAILER-DAEMON@x.example\nSubject: Returned mail\n\nSorry.\n", None),
    ("Return-Path: <postmaster@x.example>\nSubject: Mail\n\nSorry.\n", None),
    (
        "Subject: a\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n"
        "--b\n\nSorry.\n--b--\n",
        None,
    ),
    ("Final-Recipient: rfc822; b@x.example\nAction: failed\n", True),
]


@for_each("bounce, final", SILENT)
def test_a_bounce_that_tells_nothing_is_unknown_and_no_error(bounce, final, each_language):
    found = explain(bounce)
    assert (found.situation, found.who_acts, found.final) == ("unknown", "unknown", final)
    assert found.steps == tuple(texts.situation(Situation.UNKNOWN)["steps"])


ALMOST = [
    "Subject: a\nContent-Type: multipart/report; report-type=feedback-report; boundary=b\n\n"
    "--b\n\nHi",
    "From: b@x.example\nSubject: a\nContent-Type: text/plain; charset=idna\n\nHi",
    "Action: none\n\nI asked the postmaster.",
    Message(),
]


@for_each("given", ALMOST)
def test_what_only_resembles_a_bounce_is_an_error(given):
    with pytest.raises(ReplySyntaxError):
        explain(given)


def test_the_returned_message_is_not_searched():
    assert "No such user" not in str(explain((BOUNCES / "postfix.eml").read_bytes()).replies)


# ---- replies in other text ----

QUOTED = [
    ("(550, b'5.1.1 no')", [(550, "5.1.1 no", "any")]),
    ("{'b@x.example': (550, b'no\\nmore')}", [(550, "no|more", "any")]),
    ("smtp; 550 5.1.1 no", [(550, "5.1.1 no", "any")]),
    ("<** 551 no", [(551, "no", "any")]),
    ("550-5.1.1 a. 550-5.1.1 b 550 5.1.1 c", [(550, "5.1.1 a.|5.1.1 b|5.1.1 c", "any")]),
    ("mx said: 551 5.1.6 gone (in reply to RCPT TO command)", [(551, "5.1.6 gone", "RCPT")]),
    ("said: 550 spam (in reply to end of DATA command)", [(550, "spam", "message")]),
    ("error after RCPT TO:<b@x.example>: host h [192.0.2.1]: 550 no", [(550, "no", "RCPT")]),
    (">>> MAIL From:<a@x.example>\n<<< 553 no", [(553, "no", "MAIL")]),
    (
        "RCPT TO:<b@x.example>: 550 no\nhost h said: 551 no",
        [(550, "no", "RCPT"), (551, "no", "any")],
    ),
    ("reason:\n    550-a\n    550 b", [(550, "a|b", "any")]),
    ("host h refused to talk to me: 554 5.7.1 go", [(554, "5.7.1 go", "any")]),
    ("550 550 5.1.1 no", [(550, "5.1.1 no", "any")]),
    ("ERROR_CODE :550, no such user", [(550, "no such user", "any")]),
    ("550 #5.1.0 rejected", [(550, "5.1.0 rejected", "any")]),
    *(
        (nothing, [])
        for nothing in (
            "Message 551 is there",
            "port: 587 is open",
            "size=551, nrcpt=1",
            "(551 bytes)",
            "at 192.0.2.551 and 550.1.2",
            "qmgr[550]: 81EE0980F16: removed",
            "25 Nov 2026 12:00:00 +0550",
            "status: 300 pears",
            "postfix/smtp[592]: 250: to=<u@x.example>, relay=none, delay=551",
            "delay=450 and id 550",
        )
    ),
]


@for_each("text, wanted", QUOTED)
def test_replies_are_found_by_where_one_can_begin(text, wanted):
    found = quoted_replies(text)
    assert [(one.reply.code, "|".join(one.reply.lines), one.verb) for one in found] == wanted


def test_a_quoted_reply_says_where_it_begins_and_who_said_it():
    row = "<b@x.example>: host mx.x.example[192.0.2.7] said: 550\n    5.1.1 no"
    one, other = quoted_replies(f"\n{row}\n   SMTP error:\n    551 no")
    assert (one.line, one.column, one.said_by, one.recipient) == (
        2,
        51,
        "mx.x.example",
        "b@x.example",
    )
    assert (other.line, other.column) == (5, 5)


# ---- Python's own ----


def test_exceptions_of_smtplib():
    with (
        smtp.Lab(
            {"a@example.test": "local", "bob@example.test": "moved to bob@new.example"}
        ) as lab,
        smtplib.SMTP(lab.host, lab.port) as client,
    ):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            client.sendmail("x@example.test", ["bob@example.test", "no@example.test"], "Hi")
        some = client.sendmail("x@example.test", ["a@example.test", "bob@example.test"], "Hi")
    found = explain(refused.value)
    assert found.recipients == ("bob@example.test", "no@example.test")
    assert list(found.to_frame()["situation"]) == ["moved", "unknown-user"]
    assert explain(some).recipients == ("bob@example.test",)
    assert explain(lab.session).situation == "moved"
    assert explain(str(lab.session)).situation == "moved"


EXCEPTIONS = [
    (smtplib.SMTPDataError(554, b"5.7.1 Spam"), "content-refused", "message"),
    (smtplib.SMTPSenderRefused(550, b"no such sender", "a@x.example"), "sender-refused", "MAIL"),
    (smtplib.SMTPAuthenticationError(535, b"5.7.8 no"), "authentication-failed", "AUTH"),
    (smtplib.SMTPHeloError(550, b"HELO rejected"), "blocked", "EHLO"),
    (smtplib.SMTPConnectError(421, b"Too many connections"), "busy", "connect"),
    (smtplib.SMTPServerDisconnected("Connection unexpectedly closed"), "unreachable", "any"),
    (
        smtplib.SMTPNotSupportedError("STARTTLS extension not supported by server."),
        "not-implemented",
        "any",
    ),
    (ConnectionRefusedError(111, "Connection refused"), "unreachable", "connect"),
    ((550, b"5.1.1 no"), "unknown-user", "any"),
    ({}, "accepted", "message"),
]


@for_each("error, situation, verb", EXCEPTIONS)
def test_what_python_gives(error, situation, verb):
    found = explain(error)
    assert (found.situation, found.decisive.verb) == (situation, verb)


# ---- what is refused, and hostile text ----

NOTHING = ["", "hello", "a\nb\nc", "Subject: a\nFrom: b@x.example\n\nHow are you?", "\0\0", b"\xff"]


@for_each("text", NOTHING)
def test_text_that_says_nothing_is_one_error_that_says_what_was_looked_for(text, each_language):
    with pytest.raises(ReplySyntaxError, match="551"):
        explain(text)


def test_a_list_of_codes_is_not_taken_for_a_reply():
    rows = "\n".join(f"{code} Words of a web page" for code in (250, 251, 550, 551, 552, 553))
    with pytest.raises(ReplySyntaxError, match="list of codes"):
        explain(rows)


def test_a_text_too_long_is_refused():
    with pytest.raises(ReplySyntaxError, match="50 million"):
        explain("a" * (SIZE_LIMIT + 1))


EVIL = "\x1b[31m\x07\u202e\u200b no such user; please try <a\x1b[1m\u2066@b.example>"
EVILS = [
    f"551 {EVIL}",
    Reply(551, (EVIL,)),
    {f"a{EVIL}": (551, EVIL.encode())},
    f"said: 551 {EVIL}",
]


@for_each("given", EVILS)
def test_nothing_that_changes_other_text_is_shown(given):
    found = explain(given)
    frame = found.to_frame().to_string()
    for shown in (str(found), found.to_html(), frame, *found.steps, *found.reasons):
        assert not [c for c in shown if not c.isprintable() and c != "\n"]


def test_many_recipients_are_shown_in_part():
    found = explain({f"u{n}@x.example": (550, b"5.1.1 no") for n in range(1000)})
    assert str(found).count("@x.example") == SHOWN
    assert "980 more" in str(found)


def test_parts_within_parts_without_end_are_no_traceback():
    nested = "".join(
        f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000)
    )
    with pytest.raises(ReplySyntaxError):
        explain(f"From: a\nSubject: b\n{nested}")


CAPTURED = [
    (f"{server}/{scenario}", situation)
    for server in ("postfix", "exim", "sendmail", "opensmtpd")
    for scenario, situation in (
        ("moved", "moved"),
        ("unknown", "unknown-user"),
        ("refused", "refused-by-policy"),
    )
] + [("sendmail/moved-default", "moved")]


@for_each("case", CAPTURED)
def test_captured_bounces_are_explained_rightly(case):
    name, situation = case
    said = explain(smtp.bounce(name))
    assert (said.situation, said.final) == (situation, True)
    assert ("The new address: `<bob@new.example>`" in str(said)) == (situation == "moved")


def test_a_bounce_of_several_recipients_tells_of_each():
    for server in ("postfix", "exim", "sendmail", "opensmtpd"):
        found = explain(smtp.bounce(f"{server}/several")).to_frame().set_index("recipient")
        assert found["situation"].to_dict() == {
            "bob@example.test": "moved",
            "nobody@example.test": "unknown-user",
            "carol@example.test": "refused-by-policy",
        }
