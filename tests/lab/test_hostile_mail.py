"""Mail that is made to cost much, or to fail: read all the same, beside all the other mail."""

import threading
import tracemalloc
from contextlib import suppress
from email.message import EmailMessage, Message

import pytest

from smtpedu.dialogue.diagnosis import explain
from smtpedu.lab.delivery import MailObject, parse
from smtpedu.lab.lab import Lab
from smtpedu.lab.limits import Limits
from smtpedu.protocol.reply import ReplySyntaxError

BOB, CAROL = "bob@example.test", "carol@example.test"
BOXES = {BOB: "local", CAROL: "forwarded to carol@new.example"}
FIELDS = ("Subject", "From", "Date", "Message-ID", "Content-Type", "Content-Disposition")
UNITS = (
    *(b";" * 900, b":;" * 450, b"." * 900, b"a." * 450, b"\\" * 900, b"<" * 900, b"@" * 900),
    *(b"(a)" * 300, b"(" * 900, b'"' * 900, b'"x;' * 300, b"a*0=b;" * 150),
    *(b"=?utf-8?q?a?= " * 60, b"(=?utf-8?q?a?= " * 60, b"word " * 180, b"\xff\xfe " * 300),
)
NESTED = b"".join(
    b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n) for n in range(2000)
)
MAILS = {
    f"{field}: {unit[:9]!r}": f"{field}: x/y; x=".encode() + (b"\r\n " + unit) * 300 + b"\r\n\r\nhi"
    for field in FIELDS
    for unit in UNITS
} | {
    "open comments": b"Content-Type: " + b"(" * 400 + b"\r\n\r\nhi",
    "messages within messages": b"Content-Type: message/rfc822\r\n\r\n" * 2000,
    "parts within parts": NESTED,
    "parts within parts of many lines": NESTED[:6000] + b"\r\n" * 100_000,
    "parts": b"Content-Type: multipart/x; boundary=b\r\n\r\n" + b"--b\r\n\r\n" * 10_000,
    "two kinds of a parameter": b"Content-Type: text/plain; a*0=b; a*=c\r\n\r\nhi",
    "a long boundary": b"Content-Type: multipart/x; boundary=" + b"b" * 10**5 + b"\r\n\r\nhi",
    "an unclosed value": b'Content-Type: multipart/report; x="' + b";" * 10**5 + b"\r\n\r\nhi",
    "a charset": b"Subject: =?x\0y?q?a?=\r\nContent-Type: a/b; charset=x\0y\r\n\r\n\xff",
    "many fields": b"a:\r\n" * 50_000 + b"\r\nhi",
    "no colon": b"abc" * 30_000,
}
_LONGEST = 120  # seconds, a guard against what does not end


def within_time(run):
    """What a function returns, or raises."""
    told = []

    def work():
        try:
            told.append((run(), None))
        except Exception as error:
            told.append((None, error))

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(_LONGEST)
    assert told, "it does not end"
    if told[0][1]:
        raise told[0][1]
    return told[0][0]


def test_no_mail_hides_the_others():
    lab = Lab(BOXES)
    for content in (b"Subject: before\r\n\r\nhi", *MAILS.values(), b"Subject: after\r\n\r\nhi"):
        assert lab.receive(MailObject("a@b.example", (BOB, CAROL), content))[0].code == 250
    subjects = within_time(lambda: list(lab.messages()["subject"]))
    assert (subjects[0], subjects[-1], len(subjects)) == ("before", "after", len(MAILS) + 2)
    inbox = within_time(lambda: lab.inbox[BOB])
    for mail in (*inbox, *within_time(lambda: [out.message for out in lab.outbox])):
        assert isinstance(mail, EmailMessage)
        assert mail["Return-Path"] == "<a@b.example>"
        within_time(lambda mail=mail: [mail[name] for name in FIELDS])
        within_time(mail.get_content_type)
        assert within_time(mail.as_bytes)
    nested = inbox[1 + list(MAILS).index("parts within parts")]
    assert nested.get_content_type() == "text/plain"
    assert nested.get_content().startswith("--b0\n")


def test_no_bounce_is_a_traceback():
    for content in MAILS.values():
        bounce = b"From: mailer-daemon@x\nReturn-Path: <>\n" + content.replace(b"\r\n", b"\n")
        with suppress(ReplySyntaxError):
            within_time(lambda said=bounce: str(explain(said)))
    # What somebody else has parsed is no safer.
    for parameters in ("a*0=b; a*=c", 'x="' + ";" * 100_000 + '"'):
        parsed = Message()
        parsed["From"], parsed["Return-Path"] = "mailer-daemon@x", "<>"
        parsed["Content-Type"] = f"multipart/report; {parameters}"
        parsed.set_payload("550 5.1.1 no")
        with suppress(ReplySyntaxError):
            within_time(lambda said=parsed: str(explain(said)))


REPORT = b"Content-Type: message/delivery-status\r\n\r\n"
SMALL = {
    "empty groups": REPORT + b"\r\n" * 200_000,
    "groups": REPORT + b"a:\r\n\r\n" * 60_000,
    "no groups": REPORT + b"x\r\n\r\n" * 60_000,
    "parts": b"Content-Type: multipart/digest; boundary=b\r\n\r\n" + b"--b\r\n\r\n:\r\n" * 40_000,
    "no names": b":\r\n" * 130_000,
    "fields": b"a:\r\n" * 400_000,
    "no field continued": b" x\r\n" * 100_000,
    "envelopes": b"From x\r\n" * 50_000,
}


@pytest.mark.parametrize("content", SMALL.values(), ids=SMALL)
def test_what_mail_is_made_of_takes_little_memory(content):
    tracemalloc.start()
    try:
        mail = within_time(lambda: parse(content))
        assert tracemalloc.get_traced_memory()[0] < 16_000_000
    finally:
        tracemalloc.stop()
    assert sum(1 for _ in mail.walk()) <= 10_000


def test_a_report_of_some_thousand_recipients_is_whole():
    fields = b"Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n"
    assert sum(1 for _ in parse(REPORT + fields * 5_000).walk()) == 5_001


def test_encoded_words_take_little_memory():
    lab = Lab(BOXES)
    words = (b"\r\n " + b"=?utf-8?q?a?= " * 60) * 60
    lab.receive(MailObject("", (BOB,), b"Subject: x" + words + b"\r\n\r\nhi"))
    tracemalloc.start()
    try:
        lab.messages()
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("box", [BOB, CAROL])
def test_mail_without_content_fills_the_store_too(box):
    lab = Lab(BOXES, limits=Limits(stored=10_000))
    for _ in range(100):
        assert lab.receive(MailObject("a@b.example", (box,), b""))[0].code == 250
    assert len(lab._inbox) == len(lab.outbox) + len(lab.inbox[BOB]) == 5
    assert set(lab.messages()["size"]) <= {0}


@pytest.mark.parametrize("open_ones", [0, 5])
def test_recordings_that_have_gone_count_for_nothing(open_ones):
    lab = Lab(BOXES, limits=Limits(sessions=10), transport="memory")
    with lab:
        waiting = [lab.connect() for _ in range(open_ones)]
        for _ in range(30):
            lab.play("EHLO a", "QUIT")
        for one in waiting:
            one.close()
        assert len(lab.recordings) == 10
        assert lab._recorded == sum(one.size for one in lab.recordings)
