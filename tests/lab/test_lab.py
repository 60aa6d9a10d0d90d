"""Labs: starting and stopping without a trace, inboxes, forwarding, and three ways to talk."""

import gc
import os
import smtplib
import socket
import subprocess
import sys
import threading
import time
from email.message import EmailMessage

import capture
import pandas as pd
import pytest
from test_server import ALICE, CAROL, Raw, raw, until

from smtpedu.dialogue.session import annotate
from smtpedu.files import folder
from smtpedu.lab.lab import Lab, free_port
from smtpedu.lab.limits import Limits

NEW = "carol@new.example"
BOXES = {ALICE: "local", CAROL: f"forwarded to {NEW}"}


@pytest.fixture(autouse=True)
def nothing_left_behind():
    """Every test here ends with the threads it began with."""
    before = set(threading.enumerate())
    yield
    assert until(lambda: set(threading.enumerate()) <= before)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def send(lab, *recipients, text="Subject: Lunch\n\nNoon?\n", sender="a@laptop.example"):
    with smtplib.SMTP(lab.host, lab.port, local_hostname="laptop.example") as client:
        return client.sendmail(sender, list(recipients), text)


# ---- starting and stopping ----


def test_start_and_stop_may_be_repeated():
    lab = Lab(BOXES)
    lab.stop()
    assert lab.start() is lab.start()
    port = lab.port
    assert listens(port)
    lab.stop()
    lab.stop()
    assert not listens(port) and lab.port is None


def test_a_context_stops_even_after_a_mistake_or_an_interrupt():
    for mistake in (RuntimeError, KeyboardInterrupt):
        lab = Lab(BOXES, port=free_port())
        with pytest.raises(mistake), lab:
            raise mistake
        assert not listens(lab._wanted_port)


def test_an_interrupt_while_starting_leaves_nothing(monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    lab = Lab(BOXES)
    monkeypatch.setattr(threading.Event, "wait", interrupt)
    with pytest.raises(KeyboardInterrupt):
        lab.start()
    monkeypatch.undo()
    lab.start().stop()


def test_a_lab_may_be_started_again_and_keeps_what_it_has():
    lab = Lab(BOXES, port=free_port())
    for number in (1, 2):
        with lab:
            send(lab, ALICE)
        assert len(lab.inbox[ALICE]) == len(lab.sessions) == number
    assert [session.name for session in lab.sessions] == ["lab-1", "lab-2"]


def test_starting_leaves_no_session():
    with Lab(BOXES) as lab:
        assert lab.sessions == []
        with pytest.raises(LookupError, match="nobody"):
            _ = lab.session


def test_clients_are_told_of_the_end():
    with Lab(BOXES) as lab, raw(lab) as idle, raw(lab) as busy:
        busy.say("EHLO me", "MAIL FROM:<a@b>", f"RCPT TO:<{ALICE}>", "DATA")
        lab.stop()
        for client in (idle, busy):
            (last,) = client.rest()
            assert (last.code, str(last.enhanced)) == (421, "4.3.2")
        assert all(recording.closed for recording in lab.recordings)


def test_stopping_does_not_wait_for_a_client_that_does_not_read():
    with (
        Lab(BOXES, tls=True, limits=Limits(commands=10**9)) as lab,
        raw(lab) as client,
        raw(lab) as shaking,
    ):
        shaking.say("EHLO me", "STARTTLS")
        with pytest.raises(TimeoutError):
            client.flood()
        lab.stop()
        assert all(recording.closed for recording in lab.recordings)


@pytest.mark.parametrize("connected", [False, True])
def test_a_forgotten_lab_is_stopped(connected):
    lab = Lab(BOXES).start()
    port = lab.port
    client = Raw(lab) if connected else None
    lab.forward["itself.example"] = lab  # a cycle, as a notebook makes them
    del lab
    gc.collect()
    assert until(lambda: not listens(port))
    if client:
        assert client.rest()[-1].code == 421
        client.close()


def test_a_cell_that_runs_again_leaves_one_lab():
    ports = []
    for _ in range(5):
        lab = Lab(BOXES).start()
        ports.append(lab.port)
    assert until(lambda: [listens(port) for port in ports] == [False] * 4 + [True])
    lab.stop()


CHILD = f"""
import sys, time
from smtpedu.lab.lab import Lab, free_port
lab = Lab({BOXES!r}, tls=True).start()
print(lab.port, flush=True)
LAST
"""


@pytest.mark.parametrize("end", ["kill", "terminate", "exit"])
def test_a_kernel_that_ends_frees_the_port_and_leaves_no_file(tmp_path, end):
    last = "sys.exit()" if end == "exit" else "time.sleep(60)"
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [sys.executable, "-c", CHILD.replace("LAST", last)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        port = int(child.stdout.readline())
        if end != "exit":
            assert listens(port)
            getattr(child, end)()
        child.wait(20)
    assert child.returncode == 0 or end != "exit"
    assert not listens(port)
    assert list(tmp_path.iterdir()) == []
    with Lab(BOXES, port=port) as lab:
        assert lab.port == port


def test_two_labs_at_once():
    with Lab(BOXES) as one, Lab({ALICE: "full"}) as other:
        assert one.port != other.port
        send(one, ALICE)
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            send(other, ALICE)
        assert (354 in one.session.codes, 354 in other.session.codes) == (True, False)


def test_a_port_in_use_is_one_clear_error():
    with Lab(BOXES) as lab:
        other = Lab(BOXES, port=lab.port)
        with pytest.raises(OSError, match=rf"127\.0\.0\.1, port {lab.port}: ") as caught:
            other.start()
        assert "\n" not in str(caught.value)
        assert caught.value.errno is not None
    other.start().stop()


@pytest.mark.parametrize("where", [{"host": "256.0.0.1"}, {"port": 70_000}])
def test_an_address_that_is_none_is_one_clear_error(where):
    with pytest.raises(OSError, match="cannot listen"):
        Lab(BOXES, **where).start()


def test_repr_says_where():
    lab = Lab(BOXES, port=free_port())
    assert repr(lab) == "Lab(stopped, 2 mailboxes)"
    with lab:
        assert repr(lab) == f"Lab(127.0.0.1:{lab.port}, 2 mailboxes)"


def test_tls_without_trustme_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "trustme", None)
    with pytest.raises(ImportError, match=r"smtpedu\[tls\]"):
        Lab(BOXES, tls=True)


# ---- policies ----


@pytest.mark.parametrize("kind", ["dict", "frame", "file"])
def test_policies_from_anything(tmp_path, kind):
    boxes = {"bob@example.test": "moved"}
    file = tmp_path / "p.toml"
    file.write_text('[mailboxes]\n"bob@example.test" = "moved"\n', "utf-8")
    frame = pd.DataFrame(boxes.items(), columns=["mailbox", "policy"])
    with (
        Lab({"dict": boxes, "frame": frame, "file": file}[kind]) as lab,
        pytest.raises(smtplib.SMTPRecipientsRefused, match=r"5\.1\.6"),
    ):
        send(lab, "bob@example.test")


# ---- mail ----


def test_accepted_mail_is_in_the_inbox():
    with Lab(BOXES) as lab:
        assert lab.inbox == {ALICE: []}
        send(lab, "Alice@Example.test", text="Subject: =?utf-8?q?caf=C3=A9?=\n\n.dot\n")
        (message,) = lab.inbox[ALICE]
        assert isinstance(message, EmailMessage)
        assert message["Subject"] == "café"
        assert message["Return-Path"] == "<a@laptop.example>"
        assert message["Received"].startswith("from laptop.example ([127.0.0.1]) by mail.example")
        assert message.get_content() == ".dot\n"
        row = lab.messages().iloc[0].to_dict()
    assert row == {"mailbox": ALICE, "sender": "a@laptop.example", "subject": "café", "size": 40}


def test_messages_of_one_mailbox_or_subject():
    with Lab({ALICE: "local", CAROL: "local"}) as lab:
        send(lab, ALICE, CAROL)
        send(lab, ALICE, text="Subject: Tea\n\nNow\n")
        assert list(lab.messages(mailbox=ALICE.upper())["subject"]) == ["Lunch", "Tea"]
        assert list(lab.messages(subject="lunch")["mailbox"]) == [ALICE, CAROL]
        one = lab.messages(subject="Tea", mailbox=ALICE)
        assert list(one.index) == [0] and list(one["subject"]) == ["Tea"]
        assert lab.messages(subject="Tea", mailbox=CAROL).empty


def test_messages_of_an_empty_inbox_have_their_types():
    types = Lab(BOXES).messages().dtypes.astype(str).to_dict()
    assert types == {"mailbox": "string", "sender": "string", "subject": "string", "size": "int64"}


def test_a_message_for_one_mailbox_twice_is_delivered_once():
    with Lab({ALICE: "local"}) as lab:
        send(lab, ALICE, ALICE.upper())
        assert len(lab.inbox[ALICE]) == 1


@pytest.mark.parametrize("text", ["", "\n", " folded\n", "no header", "Subject: =?x?y?z?=\n\n"])
def test_odd_messages_are_kept(text):
    with Lab(BOXES) as lab:
        send(lab, ALICE, text=text)
        assert len(lab.messages()) == 1
        assert lab.inbox[ALICE][0]["Received"].count(";") == 1


def test_a_251_without_another_lab_stays_in_the_outbox():
    with Lab(BOXES) as lab:
        send(lab, CAROL)
        (out,) = lab.outbox
        assert (out.mailbox, out.address, out.reply) == (CAROL, NEW, None)
        assert out.message["Subject"] == "Lunch"
        assert lab.inbox == {ALICE: []}


@pytest.mark.parametrize("words", ["forwarded to", "silently forwarded to"])
def test_forwarded_mail_reaches_the_other_lab(words):
    with (
        Lab({NEW: "local"}, hostname="mail.new.example") as other,
        Lab({CAROL: f"{words} {NEW}"}, forward={"New.Example": other}) as lab,
    ):
        send(lab, CAROL, text="Subject: Lunch\n\n.dot\n..\n")
        (message,) = other.inbox[NEW]
        assert message.get_content() == ".dot\n..\n"
        assert message["Return-Path"] == "<a@laptop.example>"
        assert len(message.get_all("Received")) == 2
        assert lab.outbox[0].reply.code == 250
        assert other.session.codes == [220, 250, 250, 250, 354, 250, 221]


def test_a_251_of_the_teachers_own_forwards():
    said = f"251 2.1.5 User not local; will forward to <{NEW}>"
    with Lab({NEW: "local"}) as other, Lab({CAROL: said}, forward={"new.example": other}) as lab:
        send(lab, CAROL, sender="")
        assert len(other.inbox[NEW]) == 1


@pytest.mark.parametrize(("policy", "code"), [("full", 552), ("shutting down", 421)])
def test_what_the_next_server_refuses_is_in_the_outbox(policy, code):
    with (
        Lab({NEW: policy}) as other,
        Lab(BOXES, forward={"new.example": other}) as lab,
    ):
        send(lab, CAROL, ALICE)
        assert lab.outbox[0].reply.code == code
        assert len(lab.inbox[ALICE]) == 1


def test_a_next_server_that_does_not_listen_is_in_the_outbox():
    with Lab(BOXES, forward={"new.example": Lab({NEW: "local"})}) as lab:
        send(lab, CAROL)
        assert lab.outbox[0].reply.code == 451


@pytest.mark.parametrize("itself", [True, False])
def test_a_forwarding_loop_ends(itself):
    with (
        Lab({"b@b.example": "forwarded to a@a.example"}) as b,
        Lab({"a@a.example": f"forwarded to {'a@a.example' if itself else 'b@b.example'}"}) as a,
    ):
        a.forward = {"b.example": b, "a.example": a}
        b.forward = {"a.example": a}
        send(a, "a@a.example")
        final = [out.reply.code for lab in (a, b) for out in lab.outbox]
        assert sorted(final)[-1] in (421, 554)
        assert len(final) <= 101


def test_received_fields_are_counted():
    with Lab(BOXES, limits=Limits(hops=3)) as lab:
        send(lab, ALICE, text="Received: x\n" * 2 + "\nReceived: y\n")
        with pytest.raises(smtplib.SMTPDataError, match=r"5\.4\.6"):
            send(lab, ALICE, text="received: x\n" * 3)


# ---- sessions ----


def test_sessions_grow_while_they_last():
    with Lab(BOXES) as lab, raw(lab) as client:
        assert lab.session.codes == [220]
        client.say("EHLO me")
        assert lab.session.codes == [220, 250]
        client.send(b"RCPT TO:<ali")
        assert until(lambda: str(lab.session).endswith("C: RCPT TO:<ali"))


def test_a_session_is_saved_and_read_again():
    with Lab(BOXES) as lab:
        send(lab, ALICE, CAROL)
    saved = lab.session.format()
    again = annotate(saved)
    assert str(again) == str(lab.session)
    assert again.provenance == lab.session.provenance
    assert {"server", "client", "captured"} == set(again.provenance)
    assert again.to_frame().equals(lab.session.to_frame())


def test_many_clients_at_once():
    with Lab(BOXES) as lab:
        clients = [threading.Thread(target=send, args=(lab, ALICE)) for _ in range(50)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        assert len(lab.inbox[ALICE]) == 50
        whole = [220, 250, 250, 250, 354, 250, 221]
        assert [session.codes for session in lab.sessions].count(whole) == 50


# ---- the same three ways ----


def in_file(name):
    return str(annotate((folder("data") / "sessions" / f"{name}.txt").read_bytes()))


def by_smtplib(name):
    with capture.lab() as lab:
        client = capture.Pinned(lab.host, lab.port, local_hostname=capture.CLIENT)
        capture.SCENARIOS[name](client)
    return str(lab.session)


def line_by_line(name):
    with capture.lab() as lab, raw(lab) as typist:
        for turn in annotate(in_file(name)).turns:
            if turn.direction == "client":
                typist.send("".join(f"{line}\r\n" for line in turn.lines).encode())
                typist.reply()
    return str(lab.session)


@pytest.mark.parametrize("name", sorted(capture.SCENARIOS))
def test_file_smtplib_and_line_by_line_are_identical(name):
    assert line_by_line(name) == by_smtplib(name) == in_file(name)


def test_the_kernel_may_be_busy_while_clients_are_served():
    """A cell that computes does not stop the server."""
    with Lab(BOXES) as lab:
        done = threading.Thread(target=send, args=(lab, ALICE))
        done.start()
        deadline = time.monotonic() + 20
        while done.is_alive() and time.monotonic() < deadline:
            sum(range(1000))
        done.join()
        assert len(lab.inbox[ALICE]) == 1


FORK = """
import os, sys
from smtpedu.lab.lab import Lab
lab = Lab({"ann@example.test": "local"}).start()
port = lab.port
if not (child := os.fork()):
    os.close(1)
    sys.stdin.read()
    os._exit(0)
with lab.smtp() as client:
    assert client.noop()[0] == 250
lab.stop()
with Lab({"ann@example.test": "local"}, port=port) as again, again.smtp() as client:
    assert client.noop()[0] == 250
print("free")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_process_does_not_keep_the_port():
    """Its standard input ends with this test, and it then."""
    command = [sys.executable, "-W", "ignore", "-c", FORK]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout.readline() == "free\n"
        parent.stdin.close()
        assert parent.wait(30) == 0
