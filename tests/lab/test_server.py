"""The server on the wire: its replies, and what curious or hostile clients make of it."""

import os
import smtplib
import socket
import time
from base64 import b64encode
from contextlib import ExitStack, closing, contextmanager, suppress
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smtpedu.dialogue.session import annotate
from smtpedu.lab.lab import Lab
from smtpedu.lab.limits import Limits
from smtpedu.protocol.reply import ReplyReader
from smtpedu.protocol.states import Speaker

ALICE, CAROL = "alice@example.test", "carol@example.test"
BOXES = {
    ALICE: "local",
    CAROL: "forwarded to carol@new.example",
    "bob@example.test": "moved to bob@new.example",
    "erin@example.test": "moved",
    "frank@example.test": "greylisted",
    "grace@example.test": "full",
    "dan@example.test": "shutting down",
}
CONNECTS = 10_000 if os.environ.get("SMTPEDU_LONG_TESTS") else 2_000
PATIENCE = 20


@pytest.fixture(scope="module")
def shared():
    with Lab(BOXES) as lab:
        yield lab


@pytest.fixture
def lab():
    with Lab(BOXES) as lab:
        yield lab


def until(condition):
    """Whether something comes true before patience ends."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.002)
    return True


class Raw:
    """A client that sends any bytes and keeps what it sent and saw.

    It sends them in `pieces` at most, 0 for all at once; `source` is its own address.
    """

    def __init__(self, lab, source="", pieces=0):
        where, own = (lab.host, lab.port), (source, 0) if source else None
        self.socket = socket.create_connection(where, PATIENCE, own)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.pieces = pieces
        self.sent = self.seen = self.buffer = b""
        self.greeting = self.last = self.reply()

    def send(self, data):
        self.sent += data
        size = -(-len(data) // self.pieces) if self.pieces else len(data)
        for start in range(0, len(data), size or 1):
            self.socket.sendall(data[start : start + size])

    def line(self):
        while b"\n" not in self.buffer:
            more = self.socket.recv(65536)
            if not more:
                raise EOFError
            self.buffer += more
            self.seen += more
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line + b"\n"

    def reply(self):
        """The next reply, which must be one to the letter."""
        reader = ReplyReader(strict=True)
        while True:
            line = self.line()
            assert line.endswith(b"\r\n")
            if found := reader.feed(line[:-2].decode("ascii")):
                return found

    def say(self, *lines):
        """Send lines, waiting for the reply to each; returns the last reply as text."""
        for line in lines:
            self.send(line if isinstance(line, bytes) else line.encode() + b"\r\n")
            self.last = self.reply()
        return f"{self.last.code} {self.last.lines[0]}"

    def rest(self):
        """All replies until the server closes."""
        replies = []
        while True:
            try:
                replies.append(self.reply())
            except EOFError:
                return replies

    def finish(self):
        """Send no more, hear the rest."""
        self.socket.shutdown(socket.SHUT_WR)
        return self.rest()

    def flood(self):
        """Send and never read, until nobody reads either."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(0.3)
        while True:
            self.socket.sendall(b"HELP\r\n" * 10_000)

    def close(self):
        self.socket.close()


def raw(lab, source="", pieces=0):
    return closing(Raw(lab, source, pieces))


@pytest.fixture(params=[0, 2000], ids=["whole", "byte by byte"])
def pieces(request):
    """In how many pieces a client sends what it sends at once: short lines byte by byte."""
    return request.param


@contextmanager
def small(*, forward=None, **limits):
    """A lab with limits of its own."""
    with Lab(BOXES, limits=Limits(**limits), forward=forward) as lab:
        yield lab


OPEN = ("EHLO me", "MAIL FROM:<a@laptop.example>")
READY = (*OPEN, f"RCPT TO:<{ALICE}>")


def alive(lab):
    with raw(lab) as client:
        return client.say("NOOP").startswith("250")


def told_to_go(client):
    """Whether this client was told that others need its place."""
    (last,) = client.rest()
    return (last.code, str(last.enhanced)) == (421, "4.3.2")


# ---- replies ----


@pytest.mark.parametrize(
    ("before", "said", "reply"),
    [
        ((), "MAIL FROM:<a@b>", "503 5.5.1"),
        ((), "FOO", "500 5.5.2"),
        ((), "", "500 5.5.2"),
        ((), "EHLO", "501 5.5.4"),
        ((), "HELO me", "250 mail.example.test"),
        ((), "NOOP hello", "250 2.0.0"),
        ((), "HELP", "214 2.0.0"),
        ((), "HELP MAIL", "214 2.0.0 MAIL FROM:<"),
        ((), "HELP FOO", "504 5.5.4"),
        ((), "EXPN list", "502 5.5.1"),
        ((), "STARTTLS", "502 5.5.1"),
        ((), "AUTH PLAIN", "502 5.5.1"),
        ((), "RSET x", "501 5.5.4"),
        ((), "QUIT x", "501 5.5.4"),
        ((), "QUIT", "221 2.0.0"),
        (("EHLO me",), "RCPT TO:<a@b>", "503 5.5.1"),
        (("EHLO me",), "DATA", "503 5.5.1"),
        (("EHLO me",), "MAIL FROM:", "501 5.5.4 Syntax: MAIL FROM:<"),
        (("EHLO me",), "MAIL TO:<a@b>", "501 5.5.4"),
        (("EHLO me",), "MAIL FROM:<a@b", "553 5.1.7"),
        (("EHLO me",), "MAIL FROM:<>", "250 2.1.0"),
        (("EHLO me",), "mail from:<a@b>", "250 2.1.0"),
        (("EHLO me",), "MAIL FROM:<a@b> SIZE=99999999", "552 5.3.4"),
        (("EHLO me",), "MAIL FROM:<a@b> SIZE=²", "501 5.5.4"),
        (("EHLO me",), "MAIL FROM:<a@b> BODY=X", "501 5.5.4"),
        (("EHLO me",), "MAIL FROM:<a@b> RET=HDRS", "555 5.5.4"),
        (("EHLO me",), "MAIL FROM:<jörg@b>", "550 5.6.7"),
        (("EHLO me",), "MAIL FROM:<jörg@b> SMTPUTF8", "250 2.1.0"),
        (OPEN, "MAIL FROM:<a@b>", "503 5.5.1"),
        (OPEN, "DATA", "503 5.5.1"),
        (OPEN, "RCPT TO:", "501 5.5.4"),
        (OPEN, "RCPT TO:<>", "553 5.1.3"),
        (OPEN, "RCPT TO:<bob>", "553 5.1.3"),
        (OPEN, "RCPT TO:<a@b", "553 5.1.3"),
        (OPEN, "RCPT TO:<Postmaster>", "250 2.1.5"),
        (OPEN, f"RCPT TO:<{ALICE}> NOTIFY=NEVER", "555 5.5.4"),
        (OPEN, "RCPT TO:<jörg@example.test>", "553 5.6.7"),
        (OPEN, "RCPT TO:<ALICE@EXAMPLE.TEST>", "250 2.1.5"),
        (OPEN, "RCPT TO:<erin@example.test>", "550 5.1.6"),
        (OPEN, "RCPT TO:<x@example.test>", "550 5.1.1"),
        (OPEN, "RCPT TO:<x@elsewhere.example>", "550 5.7.1"),
        (READY, "DATA now", "501 5.5.4"),
        (READY, "DATA", "354 End"),
        ((*OPEN, "RCPT TO:<erin@example.test>"), "DATA", "554 5.5.1"),
        ((*READY, "RSET"), "DATA", "503 5.5.1"),
        ((*READY, "EHLO me"), "DATA", "503 5.5.1"),
        ((), f"VRFY {ALICE}", f"250 2.1.5 <{ALICE}>"),
        ((), "VRFY bob@example.test", "551 5.1.6"),
        ((), "VRFY carol@example.test", "251 2.1.5"),
        ((), "VRFY erin@example.test", "550 5.1.6"),
        ((), "VRFY frank@example.test", "252 2.0.0"),
        ((), "VRFY alice", "252 2.0.0"),
        ((), "VRFY <a@b", "501 5.1.3"),
        ((), "VRFY", "501 5.5.4"),
    ],
)
def test_replies_and_their_enhanced_codes(lab, before, said, reply, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*before)
        assert client.say(said).startswith(reply)


def test_a_421_is_the_last_reply(lab):
    with raw(lab) as client:
        client.say(*OPEN)
        client.send(b"RCPT TO:<dan@example.test>\r\nNOOP\r\n")
        (last,) = client.rest()
    assert (last.code, str(last.enhanced)) == (421, "4.3.2")
    assert last.text.startswith("mail.example.test ")


def test_replies_of_many_lines(lab):
    with Lab({ALICE: "550-5.7.1 No\n550-5.7.1 No\n550 5.7.1 No"}) as other, raw(other) as client:
        client.say(*READY)
        assert client.last.lines == ("5.7.1 No",) * 3


def test_mixed_recipients_and_one_250(lab):
    with smtplib.SMTP(lab.host, lab.port) as client:
        refused = client.sendmail("a@laptop.example", list(BOXES)[:6], "Subject: x\n\nhello\n")
    assert {box: code for box, (code, _) in refused.items()} == {
        **{"bob@example.test": 551, "erin@example.test": 550},
        **{"frank@example.test": 450, "grace@example.test": 552},
    }
    assert len(lab.inbox[ALICE]) == 1
    assert lab.session.codes[3:] == [250, 251, 551, 550, 450, 552, 354, 250, 221]


def test_greylisted_then_accepted(lab):
    lab.policies._seen.clear()
    with raw(lab) as client:
        client.say(*OPEN)
        said = [client.say("RCPT TO:<frank@example.test>")[:9] for _ in range(2)]
    assert said == ["450 4.7.1", "250 2.1.5"]


def test_our_own_mistake_is_a_451_and_the_server_lives(lab, monkeypatch):
    def mistake(*_):
        raise RuntimeError

    monkeypatch.setattr(lab.policies, "to_rcpt", mistake)
    with raw(lab) as client:
        assert client.say(*READY).startswith("451 4.3.0")
        assert client.say("NOOP").startswith("250")


def test_a_mistake_with_a_message_ends_its_transaction(lab, monkeypatch):
    def mistake(_):
        raise OSError("no room")

    monkeypatch.setattr(lab, "receive", mistake)
    with raw(lab) as client:
        client.say(*READY, "DATA")
        client.send(b"x\r\n.\r\n")
        assert client.reply().code == 451
        assert client.say("DATA").startswith("503")


# ---- TLS and AUTH ----

PLAIN = "AUTH PLAIN " + b64encode(b"\0ann\0secret").decode()
WRONG = "AUTH PLAIN " + b64encode(b"\0ann\0wrong").decode()


@pytest.fixture(scope="module")
def secure():
    with Lab(BOXES, users={"ann": "secret"}, require_tls=True, require_auth=True) as lab:
        yield lab


@pytest.fixture(scope="module")
def users():
    with Lab(BOXES, users={"ann": "secret"}, require_auth=True) as lab:
        yield lab


def test_starttls_auth_and_a_message(secure):
    with smtplib.SMTP(secure.host, secure.port) as client:
        client.ehlo()
        assert not client.has_extn("auth")
        assert client.docmd("MAIL FROM:<a@b>")[0] == 530
        assert client.docmd(PLAIN)[0] == 530
        assert client.starttls(context=secure.client_tls)[0] == 220
        client.ehlo()
        assert client.has_extn("auth") and not client.has_extn("starttls")
        assert client.docmd("MAIL FROM:<a@b>")[1].startswith(b"5.7.0")
        assert client.login("ann", "secret")[0] == 235
        client.sendmail("a@laptop.example", [ALICE], "Subject: x\n\nx")
    assert len(secure.inbox[ALICE]) == 1
    said = "\n".join(map(str, secure.sessions))
    assert "C: STARTTLS\nS: 220 2.0.0 Ready" in said
    assert said.upper().count("C: EHLO") == 2


def test_auth_before_starttls_is_538():
    with Lab(BOXES, users={"ann": "secret"}, tls=True) as lab, raw(lab) as client:
        assert client.say("EHLO me", PLAIN).startswith("538 5.7.11")
        assert client.say("MAIL FROM:<a@b>").startswith("250")


@pytest.mark.parametrize(
    ("said", "reply"),
    [
        ([PLAIN], "235 2.7.0"),
        (["auth plain " + PLAIN[11:]], "235 2.7.0"),
        ([WRONG], "535 5.7.8"),
        (["AUTH PLAIN", PLAIN[11:]], "235 2.7.0"),
        (["AUTH LOGIN", "YW5u", "c2VjcmV0"], "235 2.7.0"),
        (["AUTH LOGIN", "YW5u", "YW5u"], "535 5.7.8"),
        (["AUTH PLAIN", "*"], "501 5.7.0"),
        (["AUTH PLAIN", "???"], "501 5.5.2"),
        (["AUTH PLAIN", "x" * 5000], "500 5.5.6"),
        (["AUTH PLAIN ???"], "501 5.5.2"),
        (["AUTH PLAIN YW5u"], "501 5.5.2"),
        (["AUTH"], "501 5.5.4"),
        (["AUTH FOO"], "504 5.5.4"),
        (["AUTH PLAIN a b"], "501 5.5.4"),
        ([PLAIN, PLAIN], "503 5.5.1"),
        (["MAIL FROM:<a@b>"], "530 5.7.0"),
        ([PLAIN, "MAIL FROM:<a@b> AUTH=<>"], "250 2.1.0"),
        ([PLAIN, "MAIL FROM:<a@b>", PLAIN], "503 5.5.1"),
    ],
)
def test_auth(users, said, reply, pieces):
    with raw(users, pieces=pieces) as client:
        assert client.say("EHLO me", *said).startswith(reply)
        assert client.say("NOOP").startswith("250")


def test_what_came_before_tls_is_not_obeyed_within(secure):
    """Commands slipped in behind STARTTLS (RFC 3207 §4.2)."""
    with raw(secure) as client:
        client.say("EHLO me")
        client.send(b"STARTTLS\r\nNOOP injected\r\n")
        assert client.reply().code == 220
        with secure.client_tls.wrap_socket(client.socket, server_hostname="127.0.0.1") as tls:
            tls.sendall(b"STARTTLS\r\nQUIT\r\n")
            said = b"".join(iter(lambda: tls.recv(9999), b""))
    assert [line[:9] for line in said.splitlines()] == [b"503 5.5.1", b"221 2.0.0"]
    assert b"injected" in secure.recordings[-1].raw(Speaker.CLIENT)


@pytest.mark.parametrize("garbage", [b"EHLO me\r\n", b"\x16\x03\x01\x00\x05hello", b""])
def test_a_broken_tls_handshake_ends_only_itself(secure, garbage, pieces):
    with raw(secure, pieces=pieces) as client:
        client.say("EHLO me", "STARTTLS")
        with suppress(OSError):  # it is closed at the first wrong octet
            client.send(garbage)
            client.socket.shutdown(socket.SHUT_WR)
            while client.socket.recv(9999):
                pass
    assert until(lambda: secure.recordings[-1].closed)
    assert alive(secure)


# ---- what is no line end, and no end of data ----

SMUGGLED = f"MAIL FROM:<x@x>\r\nRCPT TO:<{ALICE}>\r\nDATA\r\nsmuggled\r\n.\r\n".encode()


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\r.\r", b"\n.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\n\n.\r\n"]
)
def test_only_crlf_dot_crlf_ends_data(lab, end, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*READY, "DATA")
        client.send(b"Subject: one\r\n\r\nx" + end + SMUGGLED)
        refused, *others = client.finish()
    assert (refused.code, str(refused.enhanced)) == (554, "5.6.0")
    assert others == []
    assert lab.inbox[ALICE] == []
    assert lab.session.codes == [220, 250, 250, 250, 354, 554]


@pytest.mark.parametrize("end", ["\r\n.\r\nx", ".", "..", "a\r\n..\r\nb", ".a", ""])
def test_dots_are_transparent(lab, end, pieces):
    body = f"Subject: dots\r\n\r\n{end}\r\n"
    with raw(lab, pieces=pieces) as client:
        client.say(*READY, "DATA")
        client.send(body.replace("\r\n.", "\r\n..").encode() + b".\r\n")
        assert client.reply().code == 250
    content = lab.inbox[ALICE][0].as_bytes().replace(b"\r\n", b"\n")
    assert content.endswith(body.replace("\r\n", "\n").encode())


@pytest.mark.parametrize(
    "line",
    [
        *(b"NOOP\n", b"NO\rOP\r\n", b"NOOP \x00\r\n", b"NOOP \xff\r\n", b"\x80\x81\r\n", b"\r\n"),
        *(b"\n", b"\x1b[A\r\n", b"NOOP\x0b\r\n", b"NOOP \r\r\n", "rſet\r\n".encode(), b" \r\n"),
        *(b"NOOP " + b"x" * 600 + b"\r\n", b"x" * 1_000_000 + b"\r\n", b"GET / HTTP/1.1\r\n"),
    ],
)
def test_a_line_that_is_no_command_is_a_500_and_the_next_one_counts(lab, line, pieces):
    with raw(lab, pieces=pieces) as client:
        assert client.say(line).startswith("500 5.5.2")
        assert client.say("EHLO me").startswith("250 mail")


def test_a_bare_lf_is_told_what_is_wrong(lab, pieces):
    with raw(lab, pieces=pieces) as client:
        client.send(b"EHLO me\nNOOP\nQUIT\n")
        assert ["CRLF" in client.reply().text for _ in range(3)] == [True] * 3


def test_8_bit_and_nul_in_data_are_data(lab, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*READY, "DATA")
        client.send(b"\xff\xfe\x00: \x80\r\nSubject: =?x?q?=ff?=\r\n\r\n\x00\xff\r\n.\r\n")
        assert client.reply().code == 250
    assert len(lab.messages()) == 1
    assert b"\x00" in lab.recordings[-1].raw(Speaker.CLIENT)


@pytest.mark.parametrize("sender", ["a@b>\r\nRCPT TO:<x@y", "a@b\n", "a@b\r\nDATA"])
def test_line_ends_in_smtplib_arguments_make_no_command(lab, sender):
    with smtplib.SMTP(lab.host, lab.port) as client:
        client.ehlo("me")
        try:
            client.docmd("MAIL", f"FROM:<{sender}>")
        except ValueError:
            return
        client.close()
    assert lab.inbox[ALICE] == []
    assert alive(lab)


# ---- too much, too fast, too slow ----


def test_a_thousand_commands_at_once(lab):
    with raw(lab) as client:
        client.send(b"NOOP\r\n" * 1000 + b"QUIT\r\nNOOP\r\n")
        codes = [reply.code for reply in client.rest()]
    assert codes == [250] * 1000 + [221]
    assert until(lambda: lab.recordings[-1].closed)
    assert lab.session.codes == [220, *codes]


def test_a_whole_transaction_at_once(lab, pieces):
    lines = (*READY, "DATA", "Subject: x", "", "x", ".", "RSET", "QUIT", "")
    with raw(lab, pieces=pieces) as client:
        client.send("\r\n".join(lines).encode())
        assert [reply.code for reply in client.finish()] == [250, 250, 250, 354, 250, 250, 221]
    assert len(lab.inbox[ALICE]) == 1
    assert lab.session.exchanges[5].reply.code == 250
    assert "C: .\nS: 250 2.0.0 Message accepted" in str(lab.session)


def test_too_many_commands():
    with small(commands=5) as lab, raw(lab) as client:
        client.send(b"NOOP\r\n" * 9)
        codes = [reply.code for reply in client.rest()]
    assert codes == [250] * 5 + [421]


def test_too_many_recipients():
    with small(recipients=2) as lab, raw(lab) as client:
        boxes = (f"RCPT TO:<{box}>" for box in (ALICE, CAROL, "postmaster"))
        assert client.say(*OPEN, *boxes).startswith("452 4.5.3")
        assert client.say("DATA").startswith("354")


@pytest.mark.parametrize(
    ("message", "reply"),
    [
        (b"x" * 98 + b"\r\n", 250),
        (b"." * 99 + b"\r\n", 250),  # the dot of §4.5.2 does not count
        (b"x" * 99 + b"\r\n", 552),
        (b"x\r\n" * 50_000, 552),
        (b"x" * 1_000_000 + b"\r\n", 500),
        (b"x" * 1_000_000 + b"\r\n.x\r\n", 500),
    ],
)
def test_message_size_and_line_length(message, reply, pieces):
    with small(message=100) as lab, raw(lab, pieces=pieces) as client:
        client.say(*READY, "DATA")
        client.send(message + b".\r\n")
        assert client.reply().code == reply
        assert client.say("DATA").startswith("503")
        assert len(lab.inbox[ALICE]) == (reply == 250)


@pytest.mark.parametrize(("length", "reply"), [(998, 250), (999, 500)])
def test_a_text_line_has_at_most_1000_octets(lab, length, reply, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*READY, "DATA")
        client.send(b"\r\n" + b"x" * length + b"\r\n.\r\n")
        assert client.reply().code == reply


def test_a_message_larger_than_the_store_is_refused(pieces):
    with small(stored=2010) as lab, raw(lab, pieces=pieces) as client:
        for code in (250, 452):
            client.say(*READY, "DATA")
            client.send(b"x\r\n.\r\n" if code == 250 else b"x" * 9 + b"\r\n.\r\n")
            assert client.reply().code == code


@pytest.mark.parametrize("sent", [b"", b"EHL", b"EHLO me\r\n", b"EHLO me\r\nDATA\r\nx"])
def test_an_idle_client_gets_a_421(sent):
    with small(idle=0.05) as lab, raw(lab) as client:
        client.send(sent)
        last = client.rest()[-1]
        assert (last.code, str(last.enhanced)) == (421, "4.4.2")
        assert until(lambda: lab.recordings[-1].closed)
        assert lab.session.codes[-1] == 421


@pytest.mark.parametrize("start", [(), (*READY, "DATA")])
def test_one_byte_at_a_time_does_not_keep_a_connection(start):
    with small(idle=0.3) as lab, raw(lab) as client:
        client.say(*start)
        client.socket.settimeout(0.01)
        received = b""
        while b"421" not in received:
            client.socket.sendall(b"x")
            try:
                received += client.socket.recv(999)
            except TimeoutError:
                continue
        assert received.startswith(b"421 4.4.2")


def test_a_client_that_never_reads_is_dropped():
    with small(idle=0.3, commands=10**9) as lab:
        with raw(lab) as client, pytest.raises(OSError, match=r"timed out|reset|pipe"):
            client.flood()
        assert until(lambda: lab.recordings[-1].closed)
        assert alive(lab)


@pytest.mark.parametrize("before", [(), ("EHLO me",), READY, (*READY, "DATA")])
@pytest.mark.parametrize("rudely", [True, False])
def test_a_client_that_vanishes_takes_nothing_along(lab, before, rudely, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*before)
        client.send(b"half a li")
        if rudely:  # a reset instead of an end
            linger = b"\x01\0\0\0\0\0\0\0"
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    assert until(lambda: lab.recordings[-1].closed)
    assert lab.inbox[ALICE] == []
    assert str(lab.session).endswith("C: half a li")
    assert alive(lab)


def test_thousands_of_connects_in_a_row():
    with Lab(BOXES) as lab:
        for number in range(CONNECTS):
            with socket.create_connection((lab.host, lab.port), PATIENCE) as client:
                if number % 100 == 0:
                    assert client.recv(3) == b"220"
        with raw(lab) as client:
            assert client.say("NOOP").startswith("250")
            assert until(lambda: sum(not found.closed for found in lab.recordings) == 1)
        assert lab.recordings[-1].number == CONNECTS + 1


# ---- a place for each ----


@pytest.fixture
def clients():
    """Makes clients by the address they come from; all are closed in the end."""
    with ExitStack() as open_clients:
        yield lambda lab, source="": open_clients.enter_context(raw(lab, source))


ONE, TWO, THREE = "127.0.0.2", "127.0.0.3", "127.0.0.4"


def serves(*there):
    """Whether each of these clients is still served."""
    return all(client.say("NOOP").startswith("250") for client in there)


def test_the_longest_idle_of_the_address_that_holds_most_makes_room(clients):
    with small(connections=3) as lab:
        other = clients(lab, ONE)  # the longest idle of all, and alone at its address
        first, second = clients(lab, TWO), clients(lab, TWO)
        assert serves(first)
        newcomer = clients(lab, THREE)
        assert newcomer.greeting.code == 220
        assert told_to_go(second)
        assert serves(other, first, newcomer)
        assert until(lambda: [one.closed for one in lab.recordings] == [0, 0, 1, 0])


def test_a_flood_from_one_address_takes_no_place_of_another(clients):
    with small(connections=10) as lab:
        class_room = [clients(lab, ONE) for _ in range(4)] + [clients(lab, TWO)]
        flood = [clients(lab, THREE) for _ in range(100)]
        assert all(client.greeting.code == 220 for client in flood)
        assert serves(*class_room, *flood[-5:])
        assert all(told_to_go(client) for client in flood[:-5])


def test_where_all_hold_as_many_the_longest_idle_makes_room(clients):
    with small(connections=2) as lab:
        first, second = clients(lab, ONE), clients(lab, TWO)
        assert serves(second, first)
        assert serves(clients(lab, THREE))
        assert told_to_go(second)


@pytest.fixture
def silent():
    """A next server that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as port:
        yield SimpleNamespace(
            transport="loopback", host="127.0.0.1", port=port.getsockname()[1], accept=port.accept
        )


def kept_busy(clients, lab, silent, source=""):
    """A client whose message is being forwarded, to a server that does not answer."""
    client = clients(lab, source)
    client.say(*OPEN, f"RCPT TO:<{CAROL}>", "DATA")
    client.send(b"x\r\n.\r\n")
    return client, silent.accept()[0]


def test_of_a_class_behind_one_address_only_the_idle_go(clients, silent):
    with small(connections=3) as lab:
        lab.forward["new.example"] = silent
        busy, forwarding = kept_busy(clients, lab, silent)
        absent, present = clients(lab), clients(lab)
        with forwarding:
            for _ in range(5):
                assert serves(present)
                assert serves(clients(lab))
            assert told_to_go(absent)
        assert busy.reply().code == 250


def test_where_nobody_is_idle_there_is_no_room(clients, silent):
    with small(connections=2) as lab:
        lab.forward["new.example"] = silent
        (one, its), (other, others) = (
            kept_busy(clients, lab, silent, source) for source in (ONE, TWO)
        )
        with its, others:
            for source in (ONE, TWO, THREE):
                newcomer = clients(lab, source)
                assert (newcomer.greeting.code, str(newcomer.greeting.enhanced)) == (421, "4.3.2")
                assert newcomer.rest() == []
        assert [one.reply().code, other.reply().code] == [250, 250]
        assert serves(one, other)
        assert until(lambda: sum(not found.closed for found in lab.recordings) == 2)


def test_a_lab_without_a_place_refuses_everybody(clients):
    with small(connections=0) as lab:
        for _ in range(3):
            client = clients(lab)
            assert client.greeting.code == 421
            assert client.rest() == []
        assert until(lambda: all(recording.closed for recording in lab.recordings))
        assert [session.codes for session in lab.sessions] == [[421]] * 3


def test_connections_that_only_began_tls_hold_places_like_others(clients):
    with Lab(BOXES, tls=True, limits=Limits(connections=3)) as lab:
        shaking = [clients(lab, ONE) for _ in range(2)]
        for client in shaking:
            client.say("EHLO me", "STARTTLS")
        other = clients(lab, TWO)
        newcomer = clients(lab, THREE)
        assert newcomer.greeting.code == 220
        with suppress(ConnectionResetError):
            assert shaking[0].rest() == []  # within a handshake nothing can be said
        assert serves(other, newcomer)
        assert until(lambda: [one.closed for one in lab.recordings] == [1, 0, 0, 0])


def test_no_burst_of_newcomers_gets_beyond_the_limit(clients):
    """They come all at once, while nobody takes a 421 and those who shake hands are cut off."""
    with Lab(BOXES, tls=True, limits=Limits(connections=20)) as lab:
        for _ in range(20):
            clients(lab).say("EHLO me", "STARTTLS")
        burst = [socket.create_connection((lab.host, lab.port)) for _ in range(60)]
        with ExitStack() as sockets:
            for one in burst:
                sockets.enter_context(one)
            assert until(lambda: len(lab.recordings) == 80)
            assert until(lambda: sum(not one.closed for one in lab.recordings) == 20)
            assert serves(clients(lab))


def test_half_open_connections_keep_nobody_out(clients):
    with Lab(BOXES) as lab:
        places = lab.limits.connections
        half_open = [clients(lab) for _ in range(places)]
        for client in half_open:
            client.send(b"EHL")
        with smtplib.SMTP(lab.host, lab.port, timeout=5) as client:
            client.sendmail("a@laptop.example", [ALICE], "Subject: x\n\nhello\n")
        assert len(lab.inbox[ALICE]) == 1
        assert told_to_go(half_open[0])
        half_open[1].send(b"O me\r\n")
        assert half_open[1].reply().code == 250


def test_what_one_connection_may_send_in_all_is_limited(clients):
    with small(accepted=100) as lab:
        client = clients(lab)
        for size, code in ((60, 250), (60, 452), (40, 250), (2, 452)):
            client.say(*(READY if client.last.code == 220 else READY[1:]), "DATA")
            client.send(b"x" * (size - 2) + b"\r\n.\r\n")
            assert client.reply().code == code
        assert serves(client)
        another = clients(lab)
        another.say(*READY, "DATA")
        another.send(b"x\r\n.\r\n")
        assert another.reply().code == 250
        assert [kept.size for kept in lab._inbox] == [60, 40, 3]


def test_a_full_store_drops_the_oldest_messages_and_refuses_nobody(clients):
    with small(stored=4030, recipients=9) as lab:
        client = clients(lab)
        for n, box in enumerate([CAROL, ALICE, CAROL, ALICE, ALICE, CAROL]):
            client.say(*(READY[:1] if n == 0 else ()), READY[1], f"RCPT TO:<{box}>", "DATA")
            client.send(b"message %d\r\n.\r\n" % n)
            assert client.reply().code == 250
        told = [kept.content.split()[-1] for kept in lab._inbox]
        assert told == [b"4", b"5"]
        assert [one.content.split()[-1] for one in lab.outbox] == [b"5"]
        assert len(lab.inbox[ALICE]) == 1


def test_greylisting_remembers_client_sender_and_mailbox(clients):
    frank = "RCPT TO:<frank@example.test>"

    def tried(source, sender):
        client = clients(lab, source)
        return client.say("EHLO me", f"MAIL FROM:<{sender}>", frank)[:3]

    with Lab(BOXES) as lab:
        attempts = [(ONE, "a@x"), (TWO, "a@x"), (ONE, "b@x"), (ONE, "A@X"), (TWO, "a@x")]
        assert [tried(*attempt) for attempt in attempts] == ["450", "450", "450", "250", "250"]


# ---- recordings ----


def test_recorded_are_the_bytes_a_client_sent_and_saw(lab, pieces):
    with raw(lab, pieces=pieces) as client:
        client.say(*READY, b"\x00\xff\n", b"x" * 3000 + b"\r\n", "DATA")
        client.send(b"a: \xff\x00\r\n\r\n\n\r\n..\r\n.\r\nEHLO again\r\nqu")
        client.finish()
        assert until(lambda: lab.recordings[-1].closed)
        assert lab.recordings[-1].raw(Speaker.CLIENT) == client.sent
        assert lab.recordings[-1].raw(Speaker.SERVER) == client.seen


def test_recorded_under_tls_is_the_plain_text(secure):
    with raw(secure) as client:
        client.say("EHLO me", "STARTTLS")
        before = client.seen
        with secure.client_tls.wrap_socket(client.socket, server_hostname="127.0.0.1") as tls:
            tls.sendall(b"EHLO me\r\nNOOP\r\nQUIT\r\n")
            seen = b"".join(iter(lambda: tls.recv(9999), b""))
    assert until(lambda: secure.recordings[-1].closed)
    assert secure.recordings[-1].raw(Speaker.CLIENT) == b"".join(
        (b"EHLO me\r\n", b"STARTTLS\r\n", b"EHLO me\r\n", b"NOOP\r\n", b"QUIT\r\n")
    )
    assert secure.recordings[-1].raw(Speaker.SERVER) == before + seen


def test_memory_is_bounded():
    limits = {"recorded": 1000, "kept": 5000, "sessions": 50}
    with small(**limits) as lab:
        for _ in range(60):
            with raw(lab) as client:
                client.send(b"NOOP\r\n" * 150 + b"QUIT\r\n")
                client.rest()
        assert until(lambda: all(recording.closed for recording in lab.recordings))
        assert until(lambda: sum(found.size for found in lab.recordings) <= 5000)
        assert lab.session.name == "lab-60"
        assert all(recording.size <= 2000 for recording in lab.recordings)
        assert until(lambda: lab._recorded == sum(found.size for found in lab.recordings))


def test_an_endless_line_is_not_kept():
    with small(recorded=1000) as lab, raw(lab) as client:
        client.say(*READY, "DATA")
        for _ in range(100):
            client.send(b"x" * 65536)
        client.send(b"\r\n.\r\n")
        assert client.reply().code == 500
        assert lab.recordings[-1].size < 2000


def dialogue_of_many_commands(**limits):
    """The session that the lab shows of it, and how many octets it lacks."""
    with small(**limits) as lab:
        with raw(lab) as client:
            client.say("EHLO me", *["NOOP x"] * 10, *READY[1:], "DATA")
            client.send(b"Subject: x\r\n\r\nx\r\n.\r\n")
            client.reply()
            client.say(*["NOOP y"] * 10, "QUIT")
        assert until(lambda: lab.recordings[-1].closed)
        assert len(lab.inbox[ALICE]) == 1
        return lab.session, len(client.sent + client.seen) - lab.recordings[-1].size


@pytest.mark.parametrize("recorded", range(0, 520, 23))
def test_a_recording_that_is_cut_says_so_and_nothing_false(recorded):
    whole, nothing = dialogue_of_many_commands()
    assert (nothing, "omitted" in whole.provenance) == (0, False)
    session, lacking = dialogue_of_many_commands(recorded=recorded)
    assert lacking > 0
    assert f"{whole}\n".startswith(f"{session}\n" if session.turns else "")
    assert session.codes == whole.codes[: len(session.codes)]
    assert [turn.verb for turn in session.turns] == [
        turn.verb for turn in whole.turns[: len(session.turns)]
    ]
    assert session.provenance["omitted"] == f"{lacking} octets"
    assert f"The recording ends here: {lacking} more octets" in session.to_html()
    assert f"omitted: {lacking} octets\n" in session.format()


# ---- fuzz ----

VERBS = ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "RSET", "VRFY", "EXPN", "HELP", "NOOP", "AUTH"]
ARGUMENTS = [
    *("", " me", " FROM:<a@b>", f" TO:<{ALICE}>", " TO:<bob@example.test>", " PLAIN", " LOGIN x"),
    *(" FROM:<>", ' TO:<"a b"@example.test>', " TO:<@a,@b:c@d>", " FROM:<a@b> SIZE=9 BODY=X"),
    *(" TO:<a@[1.2.3.4]>", " <(comment)a@b>", " FROM:<<>>", " TO:<ſ@ß>", " FROM:a@b SMTPUTF8"),
]
ends = st.sampled_from([b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r", b"\r\n.\r\n"])
commands = st.tuples(st.sampled_from(VERBS), st.sampled_from(ARGUMENTS)).map(
    lambda pair: "".join(pair).encode()
)
lines = st.tuples(st.one_of(commands, commands, st.binary(max_size=40)), ends).map(b"".join)


def stays(data):
    """Whether no QUIT is in it: who sends more after that may be cut off before the replies."""
    return b"QUIT" not in data.upper()


fuzzed = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


def check_dialogue(lab, client, data):
    """Send it all, hear it all: proper replies, an honest recording, a session to save."""
    client.send(data)
    replies = client.finish()
    for reply in replies:
        assert reply.code != 451
        proper = reply.severity == 3 or reply.lines[0].startswith("mail.example.test")
        assert proper or reply.enhanced is not None
    recording = next(
        found for found in reversed(lab.recordings) if found.peer.endswith(peer(client))
    )
    assert until(lambda: recording.closed)
    assert recording.raw(Speaker.CLIENT) == client.sent
    assert recording.raw(Speaker.SERVER) == client.seen
    session = lab.session_of(recording)
    assert session.codes == [220, *(reply.code for reply in replies)]
    assert str(annotate(session.format())) == str(session)


def peer(client):
    return f"port {client.socket.getsockname()[1]}"


@fuzzed
@given(st.lists(lines, max_size=15).map(b"".join).filter(stays))
def test_any_commands_get_proper_replies(shared, pieces, data):
    with raw(shared, pieces=pieces) as client:
        check_dialogue(shared, client, data)


@fuzzed
@given(st.lists(lines, max_size=8).map(b"".join).filter(stays))
def test_any_message_gets_a_proper_reply(shared, pieces, data):
    with raw(shared, pieces=pieces) as client:
        client.say(*READY, f"RCPT TO:<{CAROL}>", "DATA")
        before = client.sent
        client.send(data)
        client.send(b"\r\n.\r\n")
        client.send(b"QUIT\r\n")
        replies = client.finish()
    assert replies[0].code in (250, 500, 552, 554)
    assert client.sent.startswith(before)


@fuzzed
@given(st.binary(max_size=400).filter(stays))
def test_any_bytes_get_proper_replies(shared, pieces, data):
    with raw(shared, pieces=pieces) as client:
        check_dialogue(shared, client, data)
