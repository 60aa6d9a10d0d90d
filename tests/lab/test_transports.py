"""The same lab over loopback and in memory: not a byte differs but the clock's."""

import asyncio
import gc
import re
import smtplib
import socket
import sys
import threading
import warnings
from base64 import b64encode
from contextlib import closing, suppress

import capture
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_server import ALICE, BOXES, CAROL, OPEN, READY, SMUGGLED, stays, until
from test_server import lines as fuzzed_lines

import smtpedu as smtp
from smtpedu.dialogue.captures import session
from smtpedu.dialogue.session import annotate
from smtpedu.lab.client import LoopbackClient
from smtpedu.lab.lab import Lab
from smtpedu.lab.limits import Limits
from smtpedu.lab.policy import EXAMPLE_MAILBOXES
from smtpedu.protocol.states import Speaker

LOOPBACK, MEMORY = TRANSPORTS = "loopback", "memory"
NEW = "carol@new.example"


@pytest.fixture(params=TRANSPORTS)
def transport(request):
    return request.param


@pytest.fixture(scope="module")
def both():
    """A lab on each transport, alike but for that."""
    users = {"ann": "secret"}
    with (
        Lab(BOXES, users=users, transport=LOOPBACK) as loopback,
        Lab(BOXES, users=users, transport=MEMORY) as memory,
    ):
        yield loopback, memory


class Pinned(capture.Pinned):
    """smtplib's client with the same commands on any Python, connected as `Lab.smtp` does it."""

    def __init__(self, lab):
        self.lab = lab
        super().__init__("lab", 25, capture.CLIENT)

    def _get_socket(self, host, port, timeout):
        return self.lab.connect(timeout)


class Talk:
    """A client of either transport; in memory nothing has to be waited for."""

    def __init__(self, lab):
        self.socket = lab.connect(20)
        self.replies = self.socket.makefile("rb")
        self.heard = b""
        self.reply()

    def reply(self):
        """The next reply; nothing when the server has closed, or in memory has nothing to say."""
        said = b""
        while line := self.replies.readline():
            said += line
            if line[3:4] != b"-":
                break
        self.heard += said
        return said

    def say(self, *lines):
        for line in lines:
            self.socket.sendall(line.encode() + b"\r\n")
            last = self.reply()
        return last

    def rest(self):
        """All that is still said to a client that has said its last."""
        said = b""
        with suppress(ConnectionResetError):
            if isinstance(self.socket, socket.socket):
                with suppress(OSError):
                    self.socket.shutdown(socket.SHUT_WR)
            while data := self.replies.read(65536):
                said += data
        self.heard += said
        return said

    def close(self):
        self.replies.close()
        self.socket.close()


def talk(lab):
    return closing(Talk(lab))


def closed(lab):
    """Whether the newest recording is over, on loopback after a while."""
    return until(lambda: lab.recordings[-1].closed)


def kept(lab):
    """The raw bytes of both sides of the newest recording, and the session they make."""
    recording = lab.recordings[-1]
    return (*map(recording.raw, Speaker), str(lab.session), lab.session.codes)


def delivered(lab):
    """Every message and where it went, but for the date in Received."""
    pattern = rb"(\A|\n)(Return-Path: .*\r\n)?(Received: .*; ).*(?=\r\n)"
    out = [(one.mailbox, one.address, one.sender, one.content, one.reply) for one in lab.outbox]
    boxes = [(one.mailboxes, one.sender, one.size, one.content) for one in lab._inbox]
    undated = [re.sub(pattern, rb"\1\2\3", one[3]) for one in (*boxes, *out)]
    return [one[:3] for one in boxes], [(*one[:3], one[4]) for one in out], undated


def sent_to(lab, data, pieces=1):
    """What a client hears that sends this, in so many pieces, and then no more."""
    with talk(lab) as client:
        size = -(-len(data) // pieces)
        for start in range(0, len(data), size or 1):
            with suppress(BrokenPipeError, ConnectionResetError):
                client.socket.sendall(data[start : start + size])
        client.rest()
    assert closed(lab)
    sent, said, shown, codes = kept(lab)
    if codes[-1] in (221, 421):
        # What comes after the server's last word is read by nobody; over a socket it may be late.
        sent = sent[: lab.recordings[-1]._read[0]]
        shown = shown[: shown.rindex("\nS: ")]
    return client.heard, sent, said, shown, codes


# ---- the same scenarios ----


def by_smtplib(name, transport):
    with Lab(EXAMPLE_MAILBOXES, hostname=capture.SERVER, transport=transport) as lab:
        with closing(Pinned(lab)) as client:
            capture.SCENARIOS[name](client)
        assert closed(lab)
    return kept(lab), delivered(lab)


def by_hand(name, transport):
    with Lab(EXAMPLE_MAILBOXES, hostname=capture.SERVER, transport=transport) as lab:
        with talk(lab) as client:
            for turn in session(name).turns:
                if turn.direction == "client":
                    client.say("\r\n".join(turn.lines))
        assert closed(lab)
    return kept(lab), delivered(lab)


def by_play(name, transport):
    said = [
        line for turn in session(name).turns if turn.direction == "client" for line in turn.lines
    ]
    with Lab(EXAMPLE_MAILBOXES, hostname=capture.SERVER, transport=transport) as lab:
        played = lab.play(*said)
        assert closed(lab)
        assert str(played) == str(lab.session)
    return kept(lab), delivered(lab)


@pytest.mark.parametrize("name", sorted(capture.SCENARIOS))
def test_each_scenario_is_the_same_six_times(name):
    ways = [
        way(name, transport) for way in (by_smtplib, by_hand, by_play) for transport in TRANSPORTS
    ]
    assert ways[0][0][2] == str(session(name))
    assert all(way == ways[0] for way in ways)


# ---- the same hostile input ----

TRANSACTION = "".join(f"{line}\r\n" for line in (*READY, "DATA")).encode()
PLAIN = b64encode(b"\0ann\0secret")
WHOLE = TRANSACTION + b"Subject: x\r\n\r\nx\r\n.\r\n"
HOSTILE = {
    "nothing": b"",
    "half a line": b"EHL",
    "bare LF": b"EHLO me\nNOOP\nQUIT\n",
    "bare CR": b"EHLO me\rNOOP\rQUIT\r",
    "mixed line ends": b"EHLO me\r\nNOOP\n\rNOOP\r\r\n\n\r\nNOOP\r\n",
    "NUL": b"NOOP \x00\r\n\x00\r\nNOOP\r\n",
    "8-bit": b"NOOP \xff\xfe\r\n\x80\r\nEHLO \xc3\xa9\r\n",
    "terminal": b"NOOP \x1b[2J\r\n",
    "long line": b"NOOP " + b"x" * 600 + b"\r\n" + b"x" * 100_000 + b"\r\nNOOP\r\n",
    "endless line": b"x" * 300_000,
    "pipelined": b"NOOP\r\n" * 500 + b"RSET\r\nHELP\r\n" * 200,
    "pipelined transactions": TRANSACTION[:9] + WHOLE[9:] * 100,
    "whole dialogue": WHOLE + b"QUIT\r\n",
    "QUIT at once": b"QUIT\r\n",
    "421": TRANSACTION + b".\r\n" + b"MAIL FROM:<a@b>\r\nRCPT TO:<dan@example.test>\r\n",
    "half a message": TRANSACTION + b"Subject: x\r\n\r\nx\r\n.",
    "8-bit message": TRANSACTION + b"\xff\x00: \x80\r\n\r\n\x00\xff\r\n.\r\n",
    "dots": TRANSACTION + b"..\r\n.x\r\n...\r\n.\r\nNOOP\r\n",
    "long text": TRANSACTION + b"x" * 5000 + b"\r\n.\r\nNOOP\r\n",
    "large message": TRANSACTION + (b"x" * 900 + b"\r\n") * 1200 + b".\r\nNOOP\r\n",
    "AUTH": b"EHLO me\r\nAUTH PLAIN " + PLAIN + b"\r\nAUTH LOGIN\r\n",
    "AUTH in three": b"EHLO me\r\nAUTH LOGIN\r\nYW5u\r\nc2VjcmV0\r\nNOOP\r\n",
    "AUTH cancelled": b"EHLO me\r\nAUTH PLAIN\r\n*\r\nAUTH LOGIN\r\nYW5u\r\n*\r\nNOOP\r\n",
    "AUTH abused": b"EHLO me\r\n" + b"AUTH LOGIN\r\nQUIT\r\nAUTH PLAIN\r\n\r\n\xff\r\n\n" * 20,
    "AUTH too long": b"EHLO me\r\nAUTH PLAIN\r\n" + b"A" * 20_000 + b"\r\nNOOP\r\n",
    "AUTH half": b"EHLO me\r\nAUTH PLAIN\r\nAAAA",
    "STARTTLS": b"EHLO me\r\nSTARTTLS\r\nNOOP\r\n",
    "HTTP": b"GET / HTTP/1.1\r\nHost: mail\r\n\r\n",
    **{
        f"smuggled {end!r}": TRANSACTION + b"Subject: one\r\n\r\nx" + end + SMUGGLED
        for end in (
            b"\n.\n",
            b"\r.\r",
            b"\n.\r\n",
            b"\r\n.\n",
            b"\r\n.\r",
            b"\r.\r\n",
            b"\n\n.\r\n",
        )
    },
}


@pytest.mark.parametrize("pieces", [1, 7, 500])
@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_gets_the_same_bytes(both, data, pieces):
    loopback, memory = (sent_to(lab, data, pieces) for lab in both)
    assert loopback == memory
    assert delivered(both[0]) == delivered(both[1])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.one_of(st.binary(max_size=300), st.lists(fuzzed_lines, max_size=12).map(b"".join)).filter(
        stays
    ),
    st.sampled_from([1, 3, 1000]),
    st.booleans(),
)
def test_any_bytes_get_the_same_bytes(both, data, pieces, in_message):
    data = TRANSACTION * in_message + data
    loopback, memory = (sent_to(lab, data, pieces) for lab in both)
    assert loopback == memory
    assert delivered(both[0]) == delivered(both[1])


@pytest.mark.parametrize(
    "limits",
    [
        *({"commands": 5}, {"recipients": 1}, {"message": 20}, {"stored": 4000}, {"accepted": 50}),
        *({"hops": 1}, {"recorded": 150}, {"recorded": 0}, {"sessions": 1}, {"kept": 1}),
    ],
    ids=str,
)
def test_limits_are_the_same(limits):
    text = "Received: x\nSubject: x\n\nx\n."
    dialogue = (*READY, "RCPT TO:<postmaster>", "DATA", text, "NOOP", *READY[1:], "DATA", text)
    seen = []
    for transport in TRANSPORTS:
        with Lab(BOXES, limits=Limits(**limits), transport=transport) as lab:
            played = [str(lab.play(*dialogue)) for _ in range(2)]
            assert until(lambda: all(one.closed for one in lab.recordings))
            omitted = [one.provenance.get("omitted") for one in lab.sessions]
            seen.append((played, kept(lab), delivered(lab), omitted))
    assert seen[0] == seen[1]


def test_greylisting_is_the_same(transport):
    frank = ("EHLO me", "MAIL FROM:<a@b>", "RCPT TO:<frank@example.test>")
    with Lab(BOXES, transport=transport) as lab:
        assert [lab.play(*frank).codes[-1] for _ in range(3)] == [450, 250, 250]
        assert lab.play("EHLO me", "MAIL FROM:<c@b>", frank[-1]).codes[-1] == 450


# ---- forwarding ----


@pytest.mark.parametrize("to", TRANSPORTS)
def test_forwarding_between_transports(transport, to):
    with (
        Lab({NEW: "local"}, hostname="mail.new.example", transport=to) as other,
        Lab(BOXES, forward={"new.example": other}, transport=transport) as lab,
        lab.smtp() as client,
    ):
        client.sendmail("a@b", [ALICE, CAROL], "Subject: Lunch\n\n.dot\n..\n")
        (message,) = other.inbox[NEW]
        assert message.get_content() == ".dot\n..\n"
        assert len(message.get_all("Received")) == 2
        assert lab.outbox[0].reply.code == 250
        assert other.session.codes == [220, 250, 250, 250, 354, 250, 221]
        assert until(lambda: other.recordings[-1].closed)


@pytest.mark.parametrize("to", TRANSPORTS)
@pytest.mark.parametrize(
    ("box", "limits", "code"),
    [
        ("full", {}, 552),
        ("shutting down", {}, 421),
        ("local", {"stored": 1}, 452),
        ("local", {"commands": 3}, 421),
    ],
)
def test_what_the_next_lab_refuses_is_in_the_outbox(transport, to, box, limits, code):
    with (
        Lab({NEW: box}, limits=Limits(**limits), transport=to) as other,
        Lab(BOXES, forward={"new.example": other}, transport=transport) as lab,
    ):
        assert lab.play(*OPEN, f"RCPT TO:<{CAROL}>", "DATA", "x", ".", "QUIT").codes[-2:] == [
            250,
            221,
        ]
        assert lab.outbox[0].reply.code == code


@pytest.mark.parametrize("to", TRANSPORTS)
@pytest.mark.parametrize("started", [False, True])
def test_a_next_lab_that_is_stopped_is_a_451_in_the_outbox(transport, to, started):
    other = Lab({NEW: "local"}, transport=to)
    if started:
        other.start().stop()
    with Lab(BOXES, forward={"new.example": other}, transport=transport) as lab:
        assert lab.play(*OPEN, f"RCPT TO:<{CAROL}>", "DATA", "x", ".", "QUIT").codes[-2:] == [
            250,
            221,
        ]
        assert lab.outbox[0].reply.code == 451


@pytest.mark.parametrize(
    "transports", [(one, two) for one in TRANSPORTS for two in TRANSPORTS], ids="-".join
)
@pytest.mark.parametrize("itself", [True, False])
def test_a_loop_ends_by_hops(transports, itself):
    one, two = transports
    target, hops = "a@a.example" if itself else "b@b.example", Limits(hops=60)
    with (
        Lab({"b@b.example": "forwarded to a@a.example"}, transport=two, limits=hops) as b,
        Lab({"a@a.example": f"forwarded to {target}"}, transport=one, limits=hops) as a,
    ):
        a.forward = {"b.example": b, "a.example": a}
        b.forward = {"a.example": a}
        codes = a.play(
            "EHLO me", "MAIL FROM:<>", "RCPT TO:<a@a.example>", "DATA", "x", ".", "QUIT"
        ).codes
        assert codes[-2:] == [250, 221]
        final = sorted(out.reply.code for lab in (a, b) for out in lab.outbox)
        assert len(final) == 60
        assert final[-1] == 554
        assert set(final[:-1]) == {250}


def test_a_loop_of_many_labs_is_no_recursion(transport):
    names = [f"box@lab{number}.example" for number in range(60)]
    boxes = [
        {here: f"forwarded to {there}"}
        for here, there in zip(names, names[1:] + names[:1], strict=True)
    ]
    labs = [Lab(box, transport=transport, limits=Limits(hops=500)) for box in boxes]
    for here, there, name in zip(labs, labs[1:] + labs[:1], names[1:] + names[:1], strict=True):
        here.forward = {name.partition("@")[2]: there}
        here.start()
    try:
        labs[0].play("EHLO me", "MAIL FROM:<>", f"RCPT TO:<{names[0]}>", "DATA", "x", ".", "QUIT")
        assert sum(len(lab.outbox) for lab in labs) == 500
        assert {out.reply.code for lab in labs for out in lab.outbox} == {250, 554}
    finally:
        for lab in labs:
            lab.stop()


# ---- the end of a lab ----


def test_stop_tells_clients(transport):
    with Lab(BOXES, transport=transport) as lab, talk(lab) as idle, talk(lab) as busy:
        busy.say(*READY, "DATA")
        lab.stop()
        for client in (idle, busy):
            assert client.reply() == b"421 4.3.2 mail.example.test Service shutting down\r\n"
            assert client.reply() == b""
        assert all(recording.closed for recording in lab.recordings)
        assert [session.codes[-1] for session in lab.sessions] == [421, 421]
        with pytest.raises(OSError):  # noqa: PT011 (its number differs between systems)
            lab.connect()


def test_a_forgotten_lab_tells_clients(transport):
    lab = Lab(BOXES, transport=transport).start()
    client = Talk(lab)
    lab.forward["itself.example"] = lab  # a cycle, as a notebook makes them
    del lab
    gc.collect()
    with closing(client):
        assert client.reply().startswith(b"421 4.3.2")
        assert client.reply() == b""


def test_a_client_that_is_forgotten_is_gone(transport):
    with Lab(BOXES, transport=transport) as lab:
        with talk(lab):
            pass
        assert closed(lab)
        connection = lab.connect()
        assert connection.recv(3) == b"220"
        assert not lab.recordings[-1].closed
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)  # of the socket
            del connection
            gc.collect()
        assert closed(lab)


# ---- ways to talk ----


def test_play(transport):
    with Lab(BOXES, transport=transport) as lab:
        text = f"EHLO me\nMAIL FROM:<a@b>\nRCPT TO:<{ALICE}>\nDATA\nSubject: x\n\nx\n.\n"
        played = lab.play(text, "NOOP", "QUIT", "NOOP")
        assert played.codes == [220, 250, 250, 250, 354, 250, 250, 221]
        assert str(annotate(str(played))) == str(played) == str(lab.session)
        assert lab.inbox[ALICE][0].get_content() == "x\n"
        assert lab.play().codes == [220]
        assert lab.play("").codes == [220, 500]
        assert lab.play("DATA", "RSET").codes == [220, 503, 250]
        assert lab.play(*READY, "DATA", "x").codes[-1] == 354
        assert lab.play(*OPEN, "RCPT TO:<dan@example.test>", "NOOP").codes == [220, 250, 250, 421]
        assert until(lambda: all(recording.closed for recording in lab.recordings))
    with pytest.raises(OSError):  # noqa: PT011
        lab.play("NOOP")


def test_play_logs_in(transport):
    with Lab(BOXES, users={"ann": "secret"}, transport=transport) as lab:
        assert lab.play("EHLO me", "AUTH LOGIN\nYW5u\nc2VjcmV0", "QUIT").codes[2:] == [
            334,
            334,
            235,
            221,
        ]


def test_smtp_is_smtplibs_client(transport):
    with Lab(BOXES, users={"ann": "secret"}, transport=transport) as lab:
        with lab.smtp() as client:
            assert client.login("ann", "secret")[0] == 235
            refused = client.sendmail("a@b", [ALICE, "bob@example.test"], "Subject: x\n\nx\n")
            assert [code for code, _ in refused.values()] == [551]
            with pytest.raises(smtplib.SMTPRecipientsRefused):
                client.sendmail("a@b", ["bob@example.test"], "x")
        assert lab.session.codes[-1] == 221
        assert str(lab.session).count("C: ehlo laptop.example") == 1
    with pytest.raises(OSError):  # noqa: PT011
        lab.smtp()


@pytest.fixture
def alone(monkeypatch):
    """Neither a thread nor a socket is to be had."""

    def refuse(*_, **__):
        raise RuntimeError("there is none in memory")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    monkeypatch.setattr(socket, "socket", refuse)


@pytest.fixture
def memory():
    with Lab(EXAMPLE_MAILBOXES, transport=MEMORY) as lab:
        yield lab


def asked(console, **content):
    """What the browser sends."""
    console._handle_msg(
        {"content": {"data": {"method": "custom", "content": content}}, "buffers": []}
    )


def test_in_memory_there_is_no_thread_and_no_socket(alone):
    other = Lab({NEW: "local"}, transport=MEMORY).start()
    with Lab(BOXES, forward={"new.example": other}, transport=MEMORY) as lab:
        with lab.smtp() as client:
            client.sendmail("a@b", [ALICE, CAROL], "Subject: x\n\nx\n")
        assert lab.play(*READY, "QUIT").codes[-1] == 221
        assert len(other.inbox[NEW]) == len(lab.inbox[ALICE]) == 1
        assert len(lab.messages()) == 1
    other.stop()


def test_a_console_in_memory(alone, memory):
    console = memory.console()
    asked(console, do="hello")
    assert console.status == "open"
    asked(console, do="say", lines=["EHLO me", "MAIL FROM:<>", "RCPT TO:<bob@example.test>"])
    assert "get-551" in console.solved
    assert str(console._client.session) == str(memory.session)
    asked(
        console,
        do="say",
        lines=["RCPT TO:<alice@example.test>", "DATA", "Subject: x", "", "x", "."],
    )
    assert console.dialogue["turns"][-1]["code"] == 250
    asked(console, do="say", lines=["QUIT", "NOOP"])
    assert (console.status, memory.session.codes[-1]) == ("closed", 221)
    asked(console, do="connect")
    assert (console.status, len(memory.sessions)) == ("open", 2)
    memory.stop()
    assert (console.status, console.dialogue["turns"][-1]["code"]) == ("closed", 421)
    asked(console, do="connect")
    assert console.status == "failed"
    memory.start()
    asked(console, do="connect")
    assert console.status == "open"
    asked(console, do="disconnect")
    assert (console.status, memory.recordings[-1].closed) == ("closed", True)
    asked(console, do="connect")
    console.close()
    assert all(recording.closed for recording in memory.recordings)


def test_hanging_up_at_the_moment_of_connecting_hangs_up(monkeypatch):
    connect = asyncio.open_connection

    async def hang_up(*place, **limits):
        made = await connect(*place, **limits)
        client._loop.call_soon(client._task.cancel)
        return made

    monkeypatch.setattr(asyncio, "open_connection", hang_up)
    with Lab(BOXES, transport="loopback") as lab:
        client = LoopbackClient(lab, lambda _: None)
        client.start()
        client._thread.join(30)
        assert client.status == "closed"


def test_two_consoles_at_one_lab_in_memory(memory):
    one, other = memory.console(), memory.console()
    for console in (one, other, one):
        asked(console, do="hello")
    asked(one, do="say", lines=["EHLO one"])
    asked(other, do="say", lines=["EHLO other"])
    assert [found.codes for found in memory.sessions] == [[220, 250]] * 2
    one.close()
    asked(other, do="say", lines=["QUIT"])
    assert other.status == "closed"


def test_a_forgotten_lab_tells_its_console():
    lab = Lab(BOXES, transport=MEMORY).start()
    console = lab.console()
    asked(console, do="hello")
    with Lab(BOXES, transport=MEMORY) as newer:
        newer.console()  # the newest console keeps its lab
        del lab
        gc.collect()
        assert (console.status, console.dialogue["turns"][-1]["code"]) == ("closed", 421)
        asked(console, do="connect")
        assert console.status == "failed"


def test_the_policy_explorer_in_memory(alone, memory):
    widget = smtp.policy_explorer(memory).widget()
    for leaf in smtp.policy_explorer(memory).leaves:
        widget.asking = leaf.name
        assert widget.asking == ""
        assert widget.tried[leaf.name]["agrees"] is True
        assert widget.tried[leaf.name]["said"] == leaf.line
    memory.stop()
    widget.asking = leaf.name
    assert widget.tried[leaf.name] == {"problem": "unreachable"}


# ---- which transport ----


def test_memory_is_chosen_where_there_are_no_sockets(alone, monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    with Lab(BOXES) as lab:
        assert lab.transport == MEMORY
        assert lab.play("QUIT").codes == [220, 221]
    widget = smtp.policy_explorer().widget()
    widget.asking = "local"
    assert widget.tried["local"]["agrees"] is True


@pytest.mark.parametrize("more", [{"tls": True}, {"require_tls": True}])
def test_tls_in_memory_is_one_clear_error(more):
    with pytest.raises(ValueError, match="TLS") as caught:
        Lab(BOXES, transport=MEMORY, **more)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["carrier pigeon", "Memory"])
def test_an_unknown_transport_is_one_clear_error(name):
    with pytest.raises(ValueError, match=name) as caught:
        Lab(BOXES, transport=name)
    assert "\n" not in str(caught.value)


def test_repr_and_address_say_where(transport):
    lab = Lab(BOXES, transport=transport, hostname="mx.example.test")
    for _ in range(2):
        assert (repr(lab), lab.address) == ("Lab(stopped, 7 mailboxes)", "")
        with lab:
            if transport == MEMORY:
                assert (lab.port, lab.address) == (None, "mx.example.test")
                assert repr(lab) == "Lab(in memory, 7 mailboxes)"
            else:
                assert lab.address == f"127.0.0.1 port {lab.port}"
                assert repr(lab) == f"Lab(127.0.0.1:{lab.port}, 7 mailboxes)"


# ---- the client's end in memory, as sockets are ----


def test_a_socket_that_is_none_behaves_like_one(memory):
    connection = memory.connect()
    assert connection.recv(3) == b"220"
    connection.recv(9999)
    with pytest.raises(BlockingIOError):  # nobody would ever say more
        connection.recv(1)
    connection.sendall(b"NO")
    with pytest.raises(BlockingIOError):
        connection.recv(1)
    connection.sendall(b"OP\r\nQUIT\r\n")
    assert connection.recv(9999) == b"250 2.0.0 OK\r\n221 2.0.0 Bye\r\n"
    assert connection.recv(1) == b""
    connection.sendall(b"NOOP\r\n")  # its end has not come to the client's knowledge
    assert connection.recv(1) == b""
    for _ in range(2):
        with pytest.raises(BrokenPipeError):
            connection.sendall(b"NOOP\r\n")
    connection.close()
    connection.close()
    gone = memory.connect()
    gone.close()
    with pytest.raises(BrokenPipeError):
        gone.sendall(b"NOOP\r\n")


def test_a_421_that_nobody_asked_for_is_heard(transport):
    with Lab(BOXES, limits=Limits(commands=2), transport=transport) as lab:
        assert lab.play("NOOP", "NOOP", "NOOP", "NOOP").codes == [220, 250, 250, 421]
        with closing(lab.smtp()) as client:
            assert [client.noop()[0] for _ in range(3)] == [250, 250, 421]
            with pytest.raises(smtplib.SMTPServerDisconnected):
                [client.noop() for _ in range(3)]


def test_clients_in_many_threads_in_memory(memory):
    def send():
        for _ in range(5):
            with memory.smtp() as client:
                client.sendmail("a@b", ["alice@example.test"], "Subject: x\n\nx\n")

    threads = [threading.Thread(target=send) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(memory.inbox["alice@example.test"]) == 50
    assert [found.codes for found in memory.sessions] == [[220, 250, 250, 250, 354, 250, 221]] * 50
