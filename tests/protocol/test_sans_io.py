"""The server without I/O: what it says to what, however the octets come in pieces."""

import re
from base64 import b64encode
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smtpedu.dialogue.recording import Recording
from smtpedu.protocol.events import Closed, Exchanged, MessageReceived, Settings, TlsBegins
from smtpedu.protocol.replies import COMMANDS, LINE, REPLIES, reply
from smtpedu.protocol.reply import Reply, parse_reply
from smtpedu.protocol.server import Server
from smtpedu.protocol.states import ANY, CONNECT, LEGAL, MESSAGE, Speaker, State
from smtpedu.reference import registry

HOST = "mail.example.test"
DECISIONS = {
    "alice": Reply(250, ("2.1.5 OK",)),
    "postmaster": Reply(250, ("2.1.5 OK",)),
    "carol": Reply(251, ("2.1.5 User not local; will forward to <carol@new.example>",)),
    "bob": Reply(551, ("5.1.6 User not local; please try <bob@new.example>",)),
    "frank": Reply(450, ("4.7.1 Try again later",)),
    "trent": Reply(550, ("5.7.1 No", "5.7.1 and no again")),
    "dan": Reply(421, (f"4.3.2 {HOST} Shutting down",)),
}
NOBODY = Reply(550, ("5.1.1 No such user",))
TAKEN = reply("taken")


def held(server):
    """How many octets it keeps of what the client sent."""
    return len(server._received) + len(server._content)


class Host:
    """Decides by the local-part; "mistake" is one of the host's own."""

    def recipient(self, mailbox, reverse_path):
        name = mailbox.partition("@")[0].lower()
        if name == "mistake":
            raise RuntimeError(name)
        return DECISIONS.get(name, NOBODY)

    def verify(self, mailbox):
        name = mailbox.partition("@")[0].lower()
        return None if name == "nobody" else self.recipient(mailbox, "")

    def is_user(self, name, password):
        if name == "mistake":
            raise OSError(name)
        return (name, password) == ("ann", "secret")


class Spied(Server):
    """A server that keeps which command got which code."""

    def __init__(self, options):
        super().__init__(Settings(hostname=HOST, **options), Host())
        self.pairs = []

    def _say(self, octets, key, reply, *command):
        self.pairs.append((key, reply.code))
        super()._say(octets, key, reply, *command)


def talk(server, *chunks):
    """All events after these octets; each message is taken at once."""
    events = []
    for chunk in chunks:
        server.receive(chunk)
        for event in iter(server.next_event, None):
            events.append(event)
            if isinstance(event, MessageReceived):
                server.answer(TAKEN)
            if isinstance(event, Closed):
                return events
    return events


def singly(data):
    return [bytes([octet]) for octet in data]


def told(events):
    """Events with the octets of a message's text as one sum."""
    found, octets = [], 0
    for event in events:
        if isinstance(event, Exchanged):
            octets += event.octets
            if not event.reply:
                continue
            event = event.reply  # noqa: PLW2901
        found.append((octets, event))
        octets = 0
    return [*found, (octets, None)]


def replies(events):
    return [
        parse_reply(event.reply, strict=True)
        for event in events
        if isinstance(event, Exchanged) and event.reply
    ]


def only_message(events):
    (message,) = (event for event in events if isinstance(event, MessageReceived))
    return message


def connected(options, *before):
    server = Spied(options)
    server.greet()
    talk(
        server,
        b"",
        *(line if isinstance(line, bytes) else f"{line}\r\n".encode() for line in before),
    )
    return server


# ---- the table ----


def words(name):
    """What a reply of this name looks like, whatever is in its places."""
    return re.compile(re.sub(r"\\\{\w+\\\}", ".*", re.escape(REPLIES[name][0])))


def plain(*parts):
    return b64encode("\0".join(parts).encode()).decode()


ANN, WRONG, LOST = (plain("", *who) for who in (("ann", "secret"), ("ann", "x"), ("mistake", "x")))
LONGEST = "x" * 255
SECURE = {"tls": True, "auth": True, "auth_needs_tls": True}
USERS = {"auth": True}
TLS_AND_USERS = {"tls": True, "auth": True}
KNOWN = {"auth": True, "require_auth": True}
STRICT = {"tls": True, "require_tls": True, "auth": True, "require_auth": True}
READY = ("EHLO me",)
MAIL = (*READY, "MAIL FROM:<a@b>")
RCPT = (*MAIL, "RCPT TO:<alice@x>")
DATA = (*RCPT, "DATA")
TLS = ("EHLO me", "STARTTLS")
MESSAGE_TAKEN = ("<message>", "taken")
ENOUGH = ("commands", "<closed>")

# Settings, what was said before, what is said now, and what comes of it: names in `REPLIES`, the
# beginning of other replies, <events>.
CASES = [
    ({}, None, "", ["greeting"]),
    # Greetings.
    ({}, (), "EHLO me", [f"250-{HOST}\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n"]),
    ({}, (), "ehlo me", ["250-mail.example.test"]),
    ({}, (), "EHLO", ["syntax"]),
    ({}, (), "HELO me", ["HELO"]),
    ({}, (), "HELO ", ["syntax"]),
    ({}, RCPT, "EHLO me\r\nDATA", ["250-", "no MAIL"]),
    ({}, RCPT, "HELO me\r\nDATA", ["HELO", "no MAIL"]),
    # At any time.
    ({}, (), "NOOP", ["NOOP"]),
    ({}, RCPT, "NOOP what ever\r\nDATA", ["NOOP", "DATA"]),
    ({}, (), "RSET", ["RSET"]),
    ({}, RCPT, "RSET\r\nRCPT TO:<alice@x>", ["RSET", "no MAIL"]),
    ({}, (), "RSET now", ["syntax"]),
    ({}, (), "HELP", ["HELP"]),
    ({}, (), "HELP mail", ["214 2.0.0 MAIL FROM:<reverse-path>"]),
    ({}, (), "HELP EXPN", ["no help"]),
    ({}, (), "HELP STARTTLS", ["no help"]),
    ({"tls": True}, (), "HELP STARTTLS", ["214 2.0.0 STARTTLS"]),
    ({}, (), "EXPN list", ["EXPN"]),
    ({}, (), "EXPN", ["EXPN"]),
    ({}, (), "VRFY alice@x", ["250 2.1.5"]),
    ({}, (), "VRFY <carol@x>", ["251 2.1.5"]),
    ({}, (), "VRFY bob", ["551 5.1.6"]),
    ({}, (), "VRFY nobody@x", ["VRFY"]),
    ({}, (), "VRFY trent", ["550-5.7.1 No\r\n550 5.7.1 and"]),
    ({}, (), "VRFY mistake", ["mistake"]),
    ({}, (), "VRFY dan", ["421 4.3.2", "<closed>"]),
    ({}, (), "VRFY <a@b", ["VRFY path"]),
    ({}, (), "VRFY <>", ["VRFY path"]),
    ({}, (), "VRFY", ["syntax"]),
    ({}, (), "QUIT", ["QUIT", "<closed>"]),
    ({}, DATA, ".\r\nQUIT", [*MESSAGE_TAKEN, "QUIT", "<closed>"]),
    ({}, (), "QUIT now", ["syntax"]),
    # No commands.
    ({}, (), "", ["unknown"]),
    ({}, (), "FOO", ["unknown"]),
    ({}, (), "MAILFROM:<a@b>", ["unknown"]),
    ({}, (), "NOOP\tx", ["unknown"]),
    ({}, RCPT, "BDAT 5 LAST\r\nNOOP", ["unknown", "NOOP"]),
    ({}, (), "rſet", ["unknown"]),
    ({}, (), b"NOOP\n", ["bare LF"]),
    ({}, (), b"EHLO me\nQUIT\n", ["bare LF", "bare LF"]),
    ({}, (), b"NO\rOP\r\n", ["characters"]),
    ({}, (), b"NOOP\r\r\n", ["characters"]),
    ({}, (), b"NOOP \0\r\n", ["characters"]),
    ({}, (), b"NOOP \x7f\r\n", ["characters"]),
    ({}, (), b"NOOP \xff\r\n", ["characters"]),
    ({}, (), b"NOOP \xed\xa0\x80\r\n", ["characters"]),
    ({}, (), "NOOP ü", ["NOOP"]),
    ({}, (), "NOOP " + "x" * 505, ["NOOP"]),
    ({}, (), "NOOP " + "x" * 506, ["long"]),
    ({}, (), "x" * (2 * LINE - 2), ["long"]),
    ({}, (), "x" * 5000 + "\r\nNOOP", ["long", "NOOP"]),
    ({}, (), b"x" * 5000 + b"\nNOOP\r\n", ["long", "NOOP"]),
    # Order.
    ({}, (), "MAIL FROM:<a@b>", ["no EHLO"]),
    ({}, (), "RCPT TO:<a@b>", ["no EHLO"]),
    ({}, (), "DATA", ["no EHLO"]),
    ({}, READY, "RCPT TO:<alice@x>", ["no MAIL"]),
    ({}, READY, "DATA", ["no MAIL"]),
    ({}, MAIL, "MAIL FROM:<c@d>", ["nested"]),
    ({}, RCPT, "MAIL FROM:<c@d>\r\nDATA", ["nested", "DATA"]),
    ({}, MAIL, "DATA", ["no RCPT"]),
    ({}, MAIL, "RCPT TO:<bob@x>\r\nDATA", ["551 5.1.6", "nobody"]),
    ({}, MAIL, "RCPT TO:<>\r\nDATA", ["RCPT path", "nobody"]),
    ({}, MAIL, "RCPT TO:<bob@x>\r\nRCPT TO:<alice@x>\r\nDATA", ["551 5.1.6", "250 2.1.5", "DATA"]),
    ({}, RCPT, "DATA now", ["syntax"]),
    # MAIL.
    ({}, READY, "MAIL FROM:<a@b>", ["MAIL"]),
    ({}, READY, "MAIL FROM:<>", ["MAIL"]),
    ({}, READY, "mail from: a@b", ["MAIL"]),
    ({}, READY, "MAIL FROM:<a@[127.0.0.1]>", ["MAIL"]),
    ({}, READY, 'MAIL FROM:<"a b"@c>', ["MAIL"]),
    ({}, READY, "MAIL", ["syntax"]),
    ({}, READY, "MAIL FROM:", ["syntax"]),
    ({}, READY, "MAIL FROM :<a@b>", ["syntax"]),
    ({}, READY, "MAIL TO:<a@b>", ["501 5.5.4 Syntax: MAIL FROM:<address> [SP"]),
    ({}, ("HELO me",), "MAIL TO:<a@b>", ["501 5.5.4 Syntax: MAIL FROM:<address>\r\n"]),
    ({}, READY, "MAIL FROM:<a@b", ["MAIL path"]),
    ({}, READY, "MAIL FROM:<a b@c>", ["MAIL path"]),
    ({}, READY, "MAIL FROM:<ü@b>", ["MAIL not ASCII"]),
    ({}, READY, "MAIL FROM:<ü@b> SMTPUTF8", ["MAIL"]),
    ({}, READY, "MAIL FROM:<a@b> SMTPUTF8=1", ["SMTPUTF8"]),
    ({}, READY, "MAIL FROM:<a@b> BODY=8BITMIME SMTPUTF8", ["MAIL"]),
    ({}, READY, "MAIL FROM:<a@b> body=7bit", ["MAIL"]),
    ({}, READY, "MAIL FROM:<a@b> BODY", ["BODY"]),
    ({}, READY, "MAIL FROM:<a@b> BODY=BINARYMIME", ["BODY"]),
    ({"message": 9}, READY, "MAIL FROM:<a@b> SIZE=9", ["MAIL"]),
    ({"message": 9}, READY, "MAIL FROM:<a@b> SIZE=10\r\nNOOP", ["size", "NOOP"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE", ["syntax"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE=", ["syntax"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE=x", ["syntax"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE=٣", ["syntax"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE=" + "9" * 500, ["size"]),
    ({}, READY, "MAIL FROM:<a@b> SIZE=" + "9" * 600, ["long"]),
    ({}, READY, "MAIL FROM:<a@b> RET=HDRS", ["MAIL parameter"]),
    ({}, READY, "MAIL FROM:<a@b> MT-PRIORITY=3", ["MAIL parameter"]),
    ({}, READY, "MAIL FROM:<a@b> AUTH=<>", ["MAIL parameter"]),
    ({}, READY, "MAIL FROM:<a@b> -X", ["syntax"]),
    ({}, READY, "MAIL FROM:<a@b> ,", ["syntax"]),
    (USERS, READY, "MAIL FROM:<a@b> AUTH=<>", ["MAIL"]),
    (USERS, READY, f"MAIL FROM:<a@b> AUTH={'x' * 500}", ["MAIL"]),
    ({}, ("HELO me",), "MAIL FROM:<a@b> SIZE=1", ["syntax"]),
    ({}, ("HELO me",), "MAIL FROM:<a@b>", ["MAIL"]),
    # RCPT.
    ({}, MAIL, "RCPT TO:<alice@x>", ["250 2.1.5"]),
    ({}, MAIL, "RCPT TO:<@b,@c:alice@x>", ["250 2.1.5"]),
    ({}, MAIL, 'RCPT TO:<"alice"@x>', ["250 2.1.5"]),
    ({}, MAIL, "RCPT TO:<carol@x>", ["251 2.1.5"]),
    ({}, MAIL, "RCPT TO:<frank@x>", ["450 4.7.1"]),
    ({}, MAIL, "RCPT TO:<trent@x>", ["550-5.7.1 No\r\n550 5.7.1 and"]),
    ({}, MAIL, "RCPT TO:<dan@x>\r\nNOOP", ["421 4.3.2", "<closed>"]),
    ({}, MAIL, "RCPT TO:<mistake@x>\r\nDATA", ["mistake", "nobody"]),
    ({}, MAIL, "RCPT TO:<Postmaster>", ["250 2.1.5"]),
    ({}, MAIL, "RCPT TO:<alice>", ["no domain"]),
    ({}, MAIL, "RCPT TO:<>", ["RCPT path"]),
    ({}, MAIL, "RCPT TO:<alice@x", ["RCPT path"]),
    ({}, MAIL, "RCPT TO:", ["syntax"]),
    ({}, MAIL, "RCPT FROM:<alice@x>", ["syntax"]),
    ({}, MAIL, "RCPT TO:<alice@x> NOTIFY=NEVER", ["RCPT parameter"]),
    ({}, MAIL, "RCPT TO:<ü@x>", ["RCPT not ASCII"]),
    ({}, (*READY, "MAIL FROM:<a@b> SMTPUTF8"), "RCPT TO:<ü@x>", ["550 5.1.1"]),
    ({"recipients": 1}, RCPT, "RCPT TO:<carol@x>\r\nDATA", ["recipients", "DATA"]),
    ({"recipients": 1}, RCPT, "RCPT TO:<bob@x>", ["551 5.1.6"]),
    # Messages.
    ({}, DATA, ".", MESSAGE_TAKEN),
    ({}, DATA, "a: b\r\n\r\nc\r\n.", MESSAGE_TAKEN),
    ({}, DATA, "x\r\n.\r\nMAIL FROM:<>\r\nNOOP", [*MESSAGE_TAKEN, "MAIL", "NOOP"]),
    ({}, DATA, "x\r\n.\r\nDATA", [*MESSAGE_TAKEN, "no MAIL"]),
    ({}, DATA, "QUIT\r\nRSET", []),
    ({}, READY, "MAIL FROM:<a@b>\r\nRCPT TO:<alice@x>\r\nDATA", ["MAIL", "250 2.1.5", "DATA"]),
    ({}, DATA, b"\xff\x80\0\x1b\r\n.\r\n", MESSAGE_TAKEN),
    ({}, DATA, "x" * 998 + "\r\n.", MESSAGE_TAKEN),
    ({}, DATA, "." * 999 + "\r\n.", MESSAGE_TAKEN),
    ({}, DATA, "x\r\n" + "x" * 999 + "\r\n.", ["long text"]),
    ({}, DATA, "." + "x" * 999 + "\r\n.\r\nNOOP", ["long text", "NOOP"]),
    ({}, DATA, "x" * 5000 + "\r\n.\r\nNOOP", ["long text", "NOOP"]),
    ({}, DATA, b"x" * 1001 + b"\r" + b"y" * 2000 + b"\n.\r\n", []),
    ({}, DATA, b"x" * 1001 + b"\r" + b"y" * 2000 + b"\r\n.\r\n", ["long text"]),
    ({"message": 9}, DATA, "x" * 7 + "\r\n.", MESSAGE_TAKEN),
    ({"message": 9}, DATA, ".." + "x" * 6 + "\r\n.", MESSAGE_TAKEN),
    ({"message": 9}, DATA, "x" * 8 + "\r\n.\r\nNOOP", ["large", "NOOP"]),
    ({"message": 9}, DATA, "x\r\n" * 9 + "x" * 5000 + "\r\n.", ["large"]),
    ({"message": 9}, DATA, "x" * 5000 + "\r\n" + "x\r\n" * 9 + ".", ["long text"]),
    ({}, DATA, b"a\nb\r\n" + b"x" * 5000 + b"\r\n.\r\n", ["long text"]),
    *(
        ({}, DATA, b"x" + end + b"RSET\r\n.\r\n", ["bare"])
        for end in (b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r")
    ),
    ({}, DATA, b"\n.\r\n", []),
    ({}, DATA, b"\r.\r\n", []),
    ({}, DATA, b".\n", []),
    ({}, DATA, b".\r", []),
    # TLS.
    ({}, READY, "STARTTLS", ["no STARTTLS"]),
    (SECURE, (), "STARTTLS", ["no EHLO"]),
    (SECURE, READY, "STARTTLS", ["STARTTLS", "<tls>"]),
    (SECURE, READY, "STARTTLS now", ["syntax"]),
    (SECURE, ("HELO me",), "STARTTLS", ["HELO only"]),
    (SECURE, MAIL, "STARTTLS", ["STARTTLS within"]),
    (SECURE, TLS, "STARTTLS", ["TLS is on"]),
    (SECURE, (*TLS, "EHLO me"), "STARTTLS", ["TLS is on"]),
    (SECURE, TLS, "MAIL FROM:<a@b>", ["no EHLO"]),
    (SECURE, (*RCPT, "RSET", "STARTTLS", "EHLO me"), "DATA", ["no MAIL"]),
    (STRICT, READY, "MAIL FROM:<a@b>\r\nHELP\r\nRSET", ["no TLS"] * 3),
    (STRICT, (), "HELO me\r\nNOOP\r\nEHLO me", ["no TLS", "NOOP", "250-"]),
    (STRICT, (*TLS, "EHLO me"), "MAIL FROM:<a@b>", ["no user"]),
    # AUTH.
    ({}, READY, "AUTH PLAIN", ["no AUTH"]),
    (USERS, (), "AUTH PLAIN", ["no EHLO"]),
    (USERS, ("HELO me",), "AUTH PLAIN", ["HELO only"]),
    (USERS, MAIL, "AUTH PLAIN", ["AUTH within"]),
    (SECURE, READY, "AUTH PLAIN", ["AUTH needs TLS"]),
    (SECURE, (*TLS, "EHLO me"), f"AUTH PLAIN {ANN}", ["AUTH"]),
    (USERS, READY, "AUTH", ["no mechanism"]),
    (USERS, READY, "AUTH CRAM-MD5", ["mechanism"]),
    (USERS, READY, "AUTH PLAIN a b", ["responses"]),
    (USERS, READY, f"auth plain {ANN}", ["AUTH"]),
    (USERS, READY, f"AUTH PLAIN\r\n{ANN}", ["334 \r\n", "AUTH"]),
    (USERS, READY, f"AUTH PLAIN {WRONG}\r\nNOOP", ["refused", "NOOP"]),
    (USERS, READY, f"AUTH PLAIN\r\n{LOST}\r\nNOOP", ["challenge", "mistake", "NOOP"]),
    (USERS, READY, f"AUTH PLAIN {LOST}", ["mistake"]),
    (USERS, READY, "AUTH PLAIN =", ["credentials"]),
    (USERS, READY, "AUTH PLAIN YW5u", ["credentials"]),
    (USERS, READY, "AUTH PLAIN ?", ["initial response"]),
    (USERS, READY, "AUTH PLAIN ü", ["initial response"]),
    (USERS, READY, "AUTH PLAIN\r\n?\r\nNOOP", ["challenge", "response", "NOOP"]),
    (USERS, READY, "AUTH PLAIN\r\n=AAA", ["challenge", "response"]),
    (USERS, READY, "AUTH PLAIN\r\nQUIT\r\nQUIT", ["challenge", "credentials", "QUIT", "<closed>"]),
    (USERS, READY, "AUTH PLAIN\r\n*\r\nNOOP", ["challenge", "cancelled", "NOOP"]),
    (USERS, READY, b"AUTH PLAIN\r\n*\nNOOP\r\n", ["challenge", "bare LF", "NOOP"]),
    (USERS, READY, f"AUTH PLAIN\r\n{plain(*[LONGEST] * 3)}", ["challenge", "refused"]),
    (USERS, READY, f"AUTH PLAIN {plain(*[LONGEST] * 3)}", ["refused"]),
    (USERS, READY, f"AUTH PLAIN\r\n{'x' * 2000}", ["challenge", "credentials"]),
    (USERS, READY, f"AUTH PLAIN\r\n{'x' * 2001}\r\nNOOP", ["challenge", "long response", "NOOP"]),
    (USERS, READY, f"AUTH PLAIN {'x' * 5000}\r\nNOOP", ["long", "NOOP"]),
    (USERS, READY, "AUTH LOGIN\r\nYW5u\r\nc2VjcmV0", ["334 VXNlciBOYW1lAA==", "challenge", "AUTH"]),
    (USERS, READY, "AUTH LOGIN YW5u\r\nc2VjcmV0", ["334 UGFzc3dvcmQA", "AUTH"]),
    (USERS, READY, "AUTH LOGIN =\r\n", ["challenge", "refused"]),
    (USERS, READY, "AUTH LOGIN\r\nYW5u\r\n*", ["challenge", "challenge", "cancelled"]),
    (USERS, (*READY, f"AUTH PLAIN {ANN}"), "AUTH LOGIN", ["AUTH again"]),
    (TLS_AND_USERS, (*READY, f"AUTH PLAIN {ANN}", *TLS, "EHLO me"), f"AUTH PLAIN {ANN}", ["AUTH"]),
    (USERS, (*READY, f"AUTH PLAIN {ANN}", "EHLO me"), "AUTH LOGIN", ["AUTH again"]),
    (KNOWN, READY, "VRFY alice\r\nRCPT TO:<a@b>\r\nDATA", ["no user"] * 3),
    (KNOWN, (), "MAIL FROM:<>\r\nHELP\r\nRSET", ["no EHLO", "HELP", "RSET"]),
    (KNOWN, (*READY, f"AUTH PLAIN {ANN}"), "MAIL FROM:<>", ["MAIL"]),
    # Too many.
    ({"commands": 2}, (), "NOOP\r\nNOOP\r\nNOOP", ["NOOP", "NOOP", *ENOUGH]),
    ({"commands": 4}, RCPT, "DATA\r\nx\r\n.", ["DATA", *MESSAGE_TAKEN, *ENOUGH]),
    ({**USERS, "commands": 2}, READY, "AUTH PLAIN\r\n*", ["challenge", "cancelled", *ENOUGH]),
]  # fmt: skip


def as_bytes(said):
    return said if isinstance(said, bytes) else f"{said}\r\n".encode()


def matches(expected, octets_and_event):
    event = octets_and_event[1]
    if expected.startswith("<"):
        kinds = {"<message>": MessageReceived, "<tls>": TlsBegins, "<closed>": Closed}
        return isinstance(event, kinds[expected])
    if not isinstance(event, bytes):
        return False
    said = event.decode()
    if expected in REPLIES:
        return bool(words(expected).fullmatch(said.removesuffix("\r\n")))
    return said.startswith(expected)


def fed(case, feed):
    """The server and its events when the case is fed in this way."""
    options, before, said, _ = case
    if before is None:
        server = Spied(options)
        server.greet()
        return server, talk(server, b"")
    server = connected(options, *before)
    return server, talk(server, *feed(as_bytes(said)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: repr(case[2])[:40])
def test_what_is_said_to_what_and_in_whatever_pieces(case):
    server, events = fed(case, lambda said: [said])
    found = told(events)
    assert found[-1][1] is None
    assert len(found) - 1 == len(case[3]), found
    assert all(map(matches, case[3], found)), found
    for feed in (singly, lambda said: [said + b"NOO"], lambda said: [*singly(said), b"NO"]):
        again, others = fed(case, feed)
        assert told(others) == found
        assert where(again) == where(server)
    replied = [found for found in found if found[1] is not None]
    for feed in (lambda said: [said + b"NOOP\r\nNO"], lambda said: [said, b"QUIT\r\n"]):
        others = told(fed(case, feed)[1])
        assert others[: len(replied)] == replied
    sent = b"" if case[1] is None else as_bytes(case[2])
    for at in range(1, len(sent) if len(sent) < 60 else 0):
        halves = lambda said, at=at: [said[:at], said[at:] + b"NOOP\r\n"]  # noqa: E731
        assert told(fed(case, halves)[1])[: len(replied)] == replied
    assert sum(octets for octets, _ in found) <= len(sent)
    if not isinstance(case[2], bytes):  # whole lines
        assert sum(octets for octets, _ in found) == len(sent) or server.closed


def everything():
    """All that was said in all cases, and the commands with their codes."""
    said, pairs = set(), set()
    for case in CASES:
        server, events = fed(case, lambda said: [said])
        said |= {event.reply.decode()[:-2] for event in events if isinstance(event, Exchanged)}
        pairs |= set(server.pairs)
    return said, pairs


BY_THE_LAB = {"taken", "loop", "full", "connections", "shutdown", "idle"}


def test_every_reply_is_given():
    said, _ = everything()
    given = {name for name in REPLIES if any(map(words(name).fullmatch, said))}
    assert given | BY_THE_LAB == set(REPLIES)
    assert {name for case in CASES for name in case[3]} >= set(REPLIES) - BY_THE_LAB


@pytest.mark.parametrize(
    ("said", "data"),
    [
        (b".\r\n", b""),
        (b"x\r\n.\r\n", b"x\r\n"),
        (b"..\r\n.\r\n", b".\r\n"),
        (b"...\r\n..x\r\n.x\r\n.\r\n", b"..\r\n.x\r\nx\r\n"),
        (b"a\r\n..\r\n\r\n..\r\n.\r\n", b"a\r\n.\r\n\r\n.\r\n"),
        (b"\0\xff\x1b.\r\n.\r\n", b"\0\xff\x1b.\r\n"),
        (b".\xff\r\n.\r\n", b"\xff\r\n"),
    ],
)
@pytest.mark.parametrize("feed", [lambda said: [said], singly])
def test_dots_are_single_again_and_octets_stay_as_they_are(said, data, feed):
    events = talk(connected({}, *DATA), *feed(said))
    assert only_message(events) == ("a@b", ("alice@x",), data, "me")


def test_recipients_are_listed_once_in_their_order_and_paths_without_what_they_do_not_need():
    lines = ("MAIL FROM:<@r:a@b>", "RCPT TO:<CAROL@X>", "RCPT TO:<alice@x>", 'RCPT TO:<"carol"@x>')
    server = connected({}, "EHLO one", "HELO two", *lines, "DATA")
    message = only_message(talk(server, b".\r\n"))
    assert message == ("a@b", ("carol@x", "alice@x"), b"", "two")


@pytest.mark.parametrize(
    "then", [("DATA", "x", "."), ("DATA", b"x\n\r\n.\r\n"), ("RSET",), ("EHLO me",), ("HELO me",)]
)
def test_nothing_is_left_of_the_transaction_before(then):
    early = ("EHLO me", "MAIL FROM:<> SMTPUTF8", "RCPT TO:<carol@x>")
    server = connected({"recipients": 1}, *early, *then, *MAIL[1:])
    assert answer_to(server, "RCPT").code == 250
    server.receive(b"RCPT TO:<\xc3\xbc@x>\r\nDATA\r\ny\r\n.\r\n")
    events = list(iter(server.next_event, None))
    assert [found.code for found in replies(events)] == [553, 354]
    assert only_message(events) == ("a@b", ("alice@x",), b"y\r\n", "me")


def test_what_comes_along_with_starttls_is_never_read():
    server = connected(SECURE, *READY)
    events = talk(server, b"STARTTLS\r\nNOOP\r\nEHL")
    assert [type(event) for event in events] == [Exchanged, TlsBegins]
    assert [found.code for found in replies(talk(server, b"NOOP\r\n"))] == [250]


@pytest.mark.parametrize("length", range(LINE - 3, LINE + 4))
@pytest.mark.parametrize("more", [998, 999, 1000, 1001, 1002, 2000])
def test_an_endless_line_is_cut_and_no_line_end_arises(length, more):
    line = b"x" * length + b"\r" + b"y" * more + b"\n"
    rest = b".\r\nNOOP\r\n"
    for halves in (
        [line, rest],
        [line, b"", rest],
        [*singly(line), rest],
        [line[:-1], b"\n", rest],
    ):
        server = connected({}, *DATA)
        assert replies(talk(server, *halves)) == []
        (refused,) = replies(talk(server, b".\r\n"))
        assert refused == reply("long text")


def test_until_a_message_is_answered_nothing_else_is():
    server = connected({}, *DATA)
    server.receive(b".\r\nNOOP\r\n")
    events = [server.next_event(), server.next_event()]
    assert [type(event) for event in events] == [Exchanged, MessageReceived]
    assert server.waiting and server.next_event() is None
    server.answer(NOBODY)
    server.answer(TAKEN)  # too late
    events = [server.next_event(), server.next_event()]
    assert [found.code for found in replies(events)] == [550, 250]
    assert server.next_event() is None


@pytest.mark.parametrize("before", [(), READY, MAIL, RCPT, DATA, (*DATA, "x", b"half a li")])
def test_a_421_at_any_time_is_the_last(before):
    server = connected({}, *before)
    server.hang_up("shutdown")
    server.hang_up("idle")
    server.receive(b"\r\n.\r\nNOOP\r\n")
    events = [server.next_event(), server.next_event(), server.next_event()]
    assert events == [
        Exchanged(0, f"421 4.3.2 {HOST} Service shutting down\r\n".encode()),
        Closed(),
        None,
    ]
    assert server.machine.state is State.CLOSED


@pytest.mark.parametrize("seen", [True, False])
def test_a_message_that_got_a_421_is_not_given_to_anybody_later(seen):
    server = connected({}, *DATA)
    server.receive(b".\r\n")
    assert server.next_event() == Exchanged(3, b"")
    if seen:
        assert isinstance(server.next_event(), MessageReceived)
    server.hang_up("shutdown")
    server.answer(TAKEN)
    events = [server.next_event(), server.next_event(), server.next_event()]
    assert [found.code for found in replies(events[:1])] == [421]
    assert events[1:] == [Closed(), None]
    assert server.machine.snapshot().done == "refused"


@pytest.mark.parametrize(
    ("before", "said", "after"),
    [
        (MAIL, "RCPT TO:<mistake@x>", "RCPT TO:<alice@x>"),
        ((), "VRFY mistake", "VRFY alice"),
        (READY, f"AUTH PLAIN {LOST}", f"AUTH PLAIN {ANN}"),
        ((*READY, "AUTH LOGIN", "bWlzdGFrZQ=="), "", f"AUTH PLAIN {ANN}"),
    ],
)
def test_a_mistake_of_the_host_is_a_451_and_the_server_lives(caplog, before, said, after):
    server = connected(USERS, *before)
    (failed,) = replies(talk(server, f"{said}\r\n".encode()))
    assert failed == reply("mistake")
    assert "a mistake of ours" in caplog.text
    (succeeded,) = replies(talk(server, f"{after}\r\n".encode()))
    assert succeeded.severity == 2


# ---- what is legal ----

ARGUMENTS = {
    **{"EHLO": " me", "HELO": " me", "VRFY": " alice", "MAIL": " FROM:<a@b>"},
    **{"RCPT": " TO:<alice@x>", "AUTH": " PLAIN"},
}
STATES = {State.CONNECTED: (), State.READY: READY, State.MAIL: MAIL, State.RCPT: RCPT}
SPEECHLESS = {
    **{State.DATA: DATA, State.SENT: (*DATA, "."), State.CLOSED: ("QUIT",)},
    State.AUTH: (*READY, "AUTH LOGIN"),
}
NEVER = {State.CONNECTING, State.REFUSED, State.BDAT, State.FAILED}  # no server of ours is there


def answer_to(server, verb):
    (found,) = replies(talk(server, f"{verb}{ARGUMENTS.get(verb, '')}\r\n".encode()))
    return found


@pytest.mark.parametrize("verb", COMMANDS)
@pytest.mark.parametrize("state", STATES)
def test_out_of_order_is_what_is_not_legal(state, verb):
    server = connected(TLS_AND_USERS, *STATES[state])
    assert server.machine.state is state
    assert (answer_to(server, verb).code in (503, 554)) == (verb not in LEGAL[state])


@pytest.mark.parametrize("verb", COMMANDS)
def test_within_a_message_or_an_auth_exchange_no_line_is_a_command(verb):
    assert STATES.keys() | SPEECHLESS.keys() | NEVER == set(State)
    line = f"{verb}{ARGUMENTS.get(verb, '')}\r\n".encode()
    for state, before in SPEECHLESS.items():
        server = Spied(USERS)
        server.greet()
        for said in before:
            server.receive(f"{said}\r\n".encode())
            list(iter(server.next_event, None))
        assert server.machine.state is state
        server.receive(line)
        events = list(iter(server.next_event, None))
        if state is State.AUTH:
            assert server.pairs[-1][0] == "AUTH"
        else:
            assert replies(events) == []
            assert server.machine.state is state


OFFERS = [{}, {"tls": True}, USERS, SECURE, STRICT, KNOWN]
AFTER = [
    *STATES.values(),
    ("HELO me",),
    ("HELO me", *MAIL[1:]),
    TLS,
    (*TLS, "EHLO me"),
    (*READY, f"AUTH PLAIN {ANN}"),
    (*TLS, "EHLO me", f"AUTH PLAIN {ANN}", *RCPT[1:]),
]


@pytest.mark.parametrize("options", OFFERS, ids=lambda options: " ".join(options) or "none")
@pytest.mark.parametrize("before", AFTER, ids=lambda before: " ".join(before)[-40:])
@pytest.mark.parametrize("verb", COMMANDS)
def test_what_is_legal_and_offered_is_obeyed_and_nothing_else(options, before, verb):
    server = connected(options, *before)
    legal = verb in server.machine.snapshot().legal
    tls, user = server.tls, server.machine.authenticated
    code = answer_to(server, verb).code
    if options.get("require_tls") and not tls and verb not in ("EHLO", "NOOP", "STARTTLS", "QUIT"):
        assert code == 530
    elif verb == "EXPN":
        assert code == 502
    elif verb == "HELP":  # after HELO as well, which offers nothing
        assert code == 214
    elif code == 530:
        assert options.get("require_auth") and not user
        assert verb in ("MAIL", "RCPT", "DATA", "VRFY")
    else:
        assert (code in (502, 503, 538, 554)) == (not legal)


# ---- the replies themselves ----


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_has_the_enhanced_code_of_its_class_and_a_source(name):
    text, source = REPLIES[name]
    found = reply(name, **dict.fromkeys(re.findall(r"\{(\w+)\}", text), "x"))
    assert parse_reply(found.format(), strict=True) == found
    assert found.code in registry.defined_codes()
    if name in ("greeting", "HELO") or found.severity == 3:  # RFC 2034 §4
        assert found.enhanced is None
    else:
        assert found.enhanced.class_ == found.severity
        row = registry.enhanced()[f"X.{found.enhanced.subject}.{found.enhanced.detail}"]
        assert row["subject"] == found.enhanced.subject
    assert re.fullmatch(r"RFC \d{4} §\d+(\.\d+)*(, RFC \d{4} §\d+(\.\d+)*)*", source)
    assert all(registry.rfc_url(one) for one in source.split(", "))


ROWS = {(row["command"], row["code"]) for row in registry.replies()}
UNLISTED = {
    # A command that is known and not implemented is a 502 (RFC 5321 §4.2.4).
    ("STARTTLS", 502),
    ("AUTH", 502),
    # A local error in processing (RFC 5321 §4.2.3), where no table expects the server to fail.
    ("VRFY", 451),
    ("AUTH", 451),
}


def listed(verb, code):
    return {(verb, code), ("any", code)} & (ROWS | UNLISTED)


def test_every_command_gets_codes_that_its_rfc_lists():
    _, pairs = everything()
    known = {*COMMANDS, CONNECT, MESSAGE}
    assert {pair for pair in pairs if pair[0] in known and not listed(*pair)} == set()
    assert pairs >= UNLISTED and not UNLISTED & ROWS
    others = {code for verb, code in pairs if verb not in known}
    assert others == {421, 500}  # ANY, and what is no command


# ---- anything, anyhow ----

SAID = [
    *("EHLO me", "EHLO me", "HELO me", "EHLO", "MAIL FROM:<a@b>", "MAIL FROM:<a@b>", "MAIL"),
    *("MAIL FROM:<a@b> SIZE=9999", "MAIL FROM:<ü@b> SMTPUTF8", "RCPT TO:<alice@x>"),
    *("RCPT TO:<alice@x>", "RCPT TO:<bob@x>", "RCPT TO:<carol@x>", "RCPT TO:<mistake@x>"),
    *("RCPT TO:<trent@x>", "RCPT TO:<dan@x>", "RCPT\tTO:<alice@x>", " RCPT TO:<alice@x>", "RCPT"),
    *("DATA", "DATA", "DATA", "DATA x", ".", ".", "..", "x", "", "RSET", "NOOP", "QUIT", "HELP"),
    *("VRFY alice", "VRFY nobody", "EXPN x", "BDAT 3", "BDAT 3 LAST", "ETRN x", "FOO", "LHLO me"),
    *("STARTTLS", "STARTTLS", "AUTH PLAIN", "AUTH LOGIN", f"AUTH PLAIN {ANN}", ANN, "YW5u", "*"),
    *(f"AUTH PLAIN {WRONG}", f"AUTH PLAIN {LOST}", "auth login =", "maıl from:<a@b>", "connect"),
]  # fmt: skip
OPENED = [f"{line}\r\n".encode() for line in DATA]
ends = st.sampled_from([b"\r\n"] * 8 + [b"\n", b"\r", b"\r\r\n", b"\r\n.\r\n"])
lengths = st.sampled_from([1, 505, 998, 999, 1000, 1001, 2000, 2001, 2002, 2003, 3500])
longs = st.builds(
    lambda octet, length: octet * length, st.sampled_from([b"x", b".", b"\r"]), lengths
)
pieces = st.one_of(
    st.builds(lambda line, end: line.encode() + end, st.sampled_from(SAID), ends),
    st.builds(lambda line: f"{line}\r\n".encode(), st.sampled_from(SAID)),
    st.sampled_from([b"\r", b"\n", b".", b"\r\n", b"\r\n.", b".\r\n", b"\0", b"\xff", b"\xc3"]),
    longs,
    st.binary(max_size=12),
)
transactions = st.just(b"".join(OPENED))
streams = st.lists(st.one_of(pieces, pieces, pieces, transactions), max_size=12).map(b"".join)
speeches = st.lists(st.one_of(pieces, pieces, transactions), min_size=1, max_size=3).map(b"".join)


def where(server):
    """What is known of a server, and of a dialogue as it is followed."""
    return known(server.machine.snapshot())


def known(snapshot):
    envelope = snapshot.envelope
    return {
        "state": snapshot.state,
        "reverse_path": envelope.reverse_path,
        "accepted": snapshot.accepted,
        "refused": snapshot.refused,
        "responsible": snapshot.responsible,
        "done": snapshot.done,
        "offered": snapshot.offered,
        "authenticated": snapshot.authenticated,
    }


def pieced(data, cuts):
    at = sorted({0, len(data), *(cut % (len(data) + 1) for cut in cuts)})
    return [data[start:end] for start, end in pairwise(at)]


@settings(max_examples=150)
@given(streams, st.lists(st.integers(0, 10_000), max_size=6), st.booleans(), st.integers(1, 3000))
def test_pieces_do_not_matter(data, cuts, begun, limit):
    options = {"auth": True, "message": limit, "recipients": 2, "commands": 15}
    before = DATA if begun else ()
    whole, singled, cut = (connected(options, *before) for _ in range(3))
    events = talk(whole, data)
    assert told(talk(singled, *singly(data))) == told(events)
    assert told(talk(cut, *pieced(data, cuts))) == told(events)
    assert where(whole) == where(singled) == where(cut)
    if not whole.closed:
        assert max(held(whole), held(singled), held(cut)) <= limit + 2 * LINE


class Connection(RuleBasedStateMachine):
    """A client that says anything in any pieces, and a host that takes its time."""

    @initialize(
        options=st.sampled_from([{}, {}, {"tls": True}, USERS, USERS, KNOWN, SECURE, STRICT]),
        limit=st.sampled_from([20, 1500, 100_000]),
        commands=st.sampled_from([12, 1000]),
    )
    def begin(self, options, limit, commands):
        self.limit = limit
        self.server = Spied({**options, "message": limit, "recipients": 3, "commands": commands})
        self.recording = Recording("test", 10**9)
        self.ahead = False  # whether there are events that nobody has seen
        self.closed = False
        self.sent = self.read = 0
        self.last = b""
        self.server.greet()
        self.work(100)

    def take(self, event):
        match event:
            case Exchanged(octets, said):
                self.recording.exchange(octets, said)
                self.read += octets
                if said:
                    parse_reply(said, strict=True)
            case MessageReceived():
                snapshot = self.server.machine.snapshot()
                assert snapshot.state is State.SENT
                assert event.reverse_path == snapshot.envelope.reverse_path
                paths = [one.path.lower() for one in snapshot.envelope.accepted]
                assert event.recipients == tuple(dict.fromkeys(paths))
                assert 1 <= len(event.recipients) <= 3
                assert len(event.data) <= self.limit
                assert event.data.endswith(b"\r\n") or not event.data
                assert event.data.count(b"\r") == event.data.count(b"\n")
                assert event.data.count(b"\r\n") == event.data.count(b"\n")
            case TlsBegins():
                self.recording.skip()
                self.read = self.sent
            case Closed():
                self.closed = True

    def work(self, events):
        self.ahead = True
        for _ in range(events):
            event = self.server.next_event()
            if event is None:
                self.ahead = False
                return
            assert not self.closed
            self.take(event)

    def send(self, data):
        self.recording.keep(Speaker.CLIENT, data)
        self.server.receive(data)
        self.sent += len(data)
        self.last = data or self.last

    @precondition(lambda self: not self.server.closed)
    @rule(data=speeches, cuts=st.lists(st.integers(0, 10_000), max_size=3))
    def say(self, data, cuts):
        for piece in pieced(data, cuts):
            if self.server.closed:
                return
            self.send(piece)
            self.work(10_000)

    @precondition(lambda self: not self.server.closed)
    @rule(data=pieces, events=st.integers(0, 3))
    def say_and_see_little(self, data, events):
        self.send(data)
        self.work(events)

    @rule()
    def see_all(self):
        self.work(10_000)

    @precondition(lambda self: self.server.waiting)
    @rule(decision=st.sampled_from([TAKEN, TAKEN, NOBODY, *DECISIONS.values()]))
    def answer(self, decision):
        self.work(10)
        self.server.answer(decision)
        self.work(10_000)

    @rule(why=st.sampled_from(["shutdown", "idle"]), really=st.integers(0, 9), first=st.booleans())
    def hang_up(self, why, really, first):
        if not really:
            if first:
                self.work(10_000)
            self.server.hang_up(why)
            self.work(10_000)
            assert self.closed

    @invariant()
    def holds_little(self):
        if not self.ahead and not self.server.waiting and not self.server.closed:
            assert held(self.server) <= self.limit + 2 * LINE

    @invariant()
    def answers_or_waits(self):
        server = self.server
        if self.ahead or server.waiting or server.closed:
            return
        if self.last.endswith(b"\r\n"):
            assert self.read == self.sent
            assert server.machine.state is State.DATA or held(server) == 0

    @invariant()
    def is_followed(self):
        if not self.ahead:
            assert known(self.recording.turns()[-1].snapshot) == where(self.server)

    @invariant()
    def says_what_may_be_said(self):
        codes = {found.code for found in DECISIONS.values()} | {421}
        for verb, code in self.server.pairs[-3:]:
            by_host = verb in (MESSAGE, "VRFY") and code in codes
            assert listed(verb, code) or by_host or (verb, code) == (ANY, 421)

    def teardown(self):
        if hasattr(self, "server"):
            self.server.hang_up("shutdown")
            self.work(10_000)
            assert self.server.next_event() is None
            self.recording.skip()
            session = self.recording.session("", {})
            assert known(session.turns[-1].snapshot) == where(self.server)


TestConnection = Connection.TestCase
TestConnection.settings = settings(max_examples=50, stateful_step_count=25)
