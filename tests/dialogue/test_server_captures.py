"""The sessions in `data/sessions/<server>` are what each server says, and their files say why."""

import email
import re
import socket
import threading
import tomllib
from contextlib import suppress
from email.policy import default as modern

import pytest
from for_each import for_each
from servers import document, hops, inside, library, root, scenarios
from servers.client import Client
from servers.server import DEFAULT, Library, Setup

from smtpedu.dialogue import captures
from smtpedu.dialogue.session import annotate
from smtpedu.dialogue.transcript import front_matter
from smtpedu.i18n import language
from smtpedu.protocol.reply import Reply

ASKED = tomllib.loads((document.SESSIONS.parent / "scenarios.toml").read_text(encoding="utf-8"))
SERVERS = {module: document.server_of(module) for module in document.SERVERS}
CAPTURED = [(module, name) for module, server in SERVERS.items() for name in server.setups]
KEYS = ["server", "version", "scenario", "client", "captured", "configuration", "source", "repeat"]
each_capture = for_each("module, scenario", CAPTURED)


BOUNCES = [(m, name) for m, server in SERVERS.items() for name in server.bounces]
each_bounce = for_each("module, scenario", BOUNCES)


def stored(module, scenario, home=document.SESSIONS):
    return (home / module / f"{scenario}.txt").read_text(encoding="utf-8")


def dialogue(text):
    return text.split("---\n", 2)[2]


def replies(module, scenario):
    """The replies that decide: code, enhanced code and text."""
    turns = annotate(stored(module, scenario)).turns
    verb = ASKED[scenario]["verb"]
    said = [turn.said for turn in turns if isinstance(turn.said, Reply) and turn.verb == verb]
    return [(reply.code, str(reply.enhanced or ""), reply.text) for reply in said]


# ---- what the files are ----


def test_each_setup_has_a_file_and_each_file_a_setup():
    paths = document.SESSIONS.glob("*/*.txt")
    assert {(path.parent.name, path.stem) for path in paths} == set(CAPTURED)


def test_what_can_be_played_is_what_is_described():
    assert list(scenarios.SCENARIOS) == list(ASKED)
    assert {scenario for _, scenario in CAPTURED} == set(ASKED)


@pytest.mark.parametrize("scenario", ASKED)
def test_each_scenario_is_told_in_both_languages(scenario):
    english, arabic = ASKED[scenario]["en"], ASKED[scenario]["ar"]
    assert list(ASKED[scenario]) == ["verb", "en", "ar"]
    assert list(english) == list(arabic) == ["title", "asks"]
    code = re.compile("`[^`]+`")
    assert sorted(code.findall(arabic["asks"])) == sorted(code.findall(english["asks"]))
    assert not re.search("[a-z]{3}", code.sub("", arabic["title"] + arabic["asks"]))


@each_capture
def test_provenance_says_who_when_why_and_how(module, scenario):
    fields = front_matter(stored(module, scenario))
    assert [key for key in fields if key != "note"] == KEYS
    assert list(fields)[len(KEYS) :] in ([], ["note"])
    assert fields["server"] == SERVERS[module].name
    assert fields["scenario"] == scenario
    assert fields["client"].startswith("socket of Python ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", fields["captured"])
    assert fields["repeat"] == f"python -m tests.servers {module}"
    assert fields["source"] == SERVERS[module].setups[scenario].source
    assert fields["configuration"].split("\n") == list(
        SERVERS[module].setups[scenario].configuration
    )


@each_capture
def test_session_is_read_and_written_unchanged(module, scenario):
    assert annotate(stored(module, scenario)).format() == stored(module, scenario)


@each_capture
def test_the_verb_that_decides_has_a_reply(module, scenario):
    assert replies(module, scenario)


@each_capture
def test_session_names_no_place_of_the_machine_it_was_captured_on(module, scenario):
    text = stored(module, scenario)
    assert not re.search(r"/(tmp|home|root|work|proc)\b", text)


@pytest.mark.parametrize("module", SERVERS)
def test_sessions_of_one_server_are_of_one_version(module):
    texts = [stored(module, scenario) for scenario in SERVERS[module].setups]
    assert len({front_matter(text)["version"] for text in texts}) == 1


@for_each(
    "module, scenario",
    [pair for pair in CAPTURED if not isinstance(SERVERS[pair[0]], Library)],
)
def test_configuration_that_is_told_is_configuration_that_is_written(module, scenario):
    setup = SERVERS[module].setup(scenario)
    for path, _, line in (said.partition(": ") for said in setup.configuration):
        # What Debian wrote itself, the capture compares (see the next test).
        if path in setup.files:
            assert line in map(str.strip, setup.files[path].splitlines())
        else:
            assert path == DEFAULT or path.endswith((".template", ".mc"))


class OneFile:
    def read(self, path):
        return {"/etc/x.conf": "first\n  second\n"}[path]


def test_capture_stops_at_a_line_that_no_file_has():
    inside._check(OneFile(), Setup(("/etc/x.conf: second", "default: third"), ""))
    with pytest.raises(RuntimeError, match="no line 'third'"):
        inside._check(OneFile(), Setup(("/etc/x.conf: third",), ""))


# ---- what the servers say ----


@pytest.mark.parametrize(
    ("name", "said"),
    {
        "postfix/moved": ["550 5.1.6"],
        "exim/moved": ["550 "],
        "sendmail/moved": ["551 5.1.1"],
        "opensmtpd/moved": ["550 5.1.6"],
        "sendmail/moved-default": ["250 2.1.5"],
        "postfix/moved-551": ["551 5.1.6"],
        "exim/moved-551": ["551 5.1.6"],
        "sendmail/moved-551": ["551 5.1.6"],
        "opensmtpd/moved-551": ["551 5.1.6"],
        "postfix/moved-251": ["451 4.3.5"],
        "exim/moved-251": ["251 2.1.5"],
        "sendmail/moved-251": ["251 2.1.5"],
        "opensmtpd/moved-251": ["424 4.2.4"],
        "postfix/unknown": ["550 5.1.1"],
        "exim/unknown": ["550 "],
        "postfix/relay": ["454 4.7.1"],
        "exim/relay": ["550 "],
        "sendmail/relay": ["550 5.7.1"],
        "opensmtpd/relay": ["550 "],
        "postfix/no-valid-recipient": ["554 5.5.1"],
        "exim/no-valid-recipient": ["503 "],
        "sendmail/no-valid-recipient": ["503 5.0.0"],
        "opensmtpd/no-valid-recipient": ["503 5.5.4"],
        "postfix/mixed": ["250 2.1.5", "550 5.1.6", "550 5.1.1", "454 4.7.1"],
        "exim/mixed": ["250 ", "551 5.1.6", "550 ", "550 "],
        "sendmail/mixed": ["250 2.1.5", "551 5.1.1", "550 5.1.1", "550 5.7.1"],
        "opensmtpd/mixed": ["250 2.1.5", "551 5.1.6", "550 ", "550 "],
        "opensmtpd/oversized": ["250 2.0.0"],
        "sendmail/bare-lf": ["421 4.5.0"],
        "postfix/greylisting": ["450 4.2.0", "250 2.1.5"],
        "exim/quota": ["550 "],
    }.items(),
)
def test_codes_that_lessons_build_on(name, said):
    assert [f"{code} {enhanced}" for code, enhanced, _ in replies(*name.split("/"))] == said


def test_sendmail_alone_says_551_by_itself():
    own = {module for module in SERVERS if replies(module, "moved")[0][0] == 551}
    assert own - {"lab"} == {"sendmail"}
    assert "551 5.1.1 User has moved" in front_matter(stored("sendmail", "moved-default"))["note"]


def test_after_a_251_only_exim_has_taken_the_recipient():
    """Of the servers that can be had from Debian; in aiosmtpd the handler decides."""
    assert 354 in annotate(stored("exim", "moved-251")).codes
    assert "bob@new.example" in front_matter(stored("exim", "moved-251"))["note"]
    assert annotate(stored("sendmail", "moved-251")).codes[-2:] == [503, 221]


@pytest.mark.parametrize("module", SERVERS)
def test_data_after_mixed_recipients_gets_one_reply_that_accepts(module):
    turns = annotate(stored(module, "mixed")).turns
    said = [turn.said for turn in turns if isinstance(turn.said, Reply) and turn.verb == "message"]
    assert [reply.code for reply in said] == [250]


# ---- bounces ----


def bounced(module, scenario):
    return email.message_from_string(captures.bounce(f"{module}/{scenario}"), policy=modern)


def reports(module, scenario):
    """Final recipient → the fields of the machine's part."""
    (part,) = [
        part
        for part in bounced(module, scenario).walk()
        if part.get_content_type() == "message/delivery-status"
    ]
    _, *fields = part.get_payload()
    return {one["Final-Recipient"].split(";")[1].strip(): one for one in fields}


def words(module, scenario):
    """What people read: the first part."""
    return next(bounced(module, scenario).iter_parts()).get_content()


def test_each_bounce_has_a_setup_and_the_dialogue_before_it():
    for ending in (".eml", ".txt"):
        paths = document.BOUNCES.glob(f"*/*{ending}")
        assert {(path.parent.name, path.stem) for path in paths} == set(BOUNCES)
    assert set(dict(BOUNCES)) == {"postfix", "exim", "sendmail", "opensmtpd"}
    assert {name for _, name in BOUNCES} == set(scenarios.BOUNCES)


@each_bounce
def test_provenance_of_a_bounce_says_who_when_why_and_how(module, scenario):
    fields = front_matter(stored(module, scenario, document.BOUNCES))
    assert [key for key in fields if key != "note"] == KEYS
    setup = SERVERS[module].setup(f"bounces/{scenario}")
    assert fields["configuration"].split("\n") == list(setup.configuration)
    assert fields["version"] == front_matter(stored(module, "local"))["version"]
    for path, _, line in (said.partition(": ") for said in setup.configuration):
        assert path == DEFAULT or line in setup.files[path].splitlines()


@each_bounce
def test_before_a_bounce_the_message_was_taken(module, scenario):
    session = annotate(stored(module, scenario, document.BOUNCES))
    assert session.codes[-3:] == [354, 250, 221]
    said = [one.said for one in session.turns if isinstance(one.said, Reply) and one.verb == "RCPT"]
    assert {reply.code for reply in said} == {250}


@each_bounce
def test_a_bounce_is_a_message_to_the_sender_and_of_no_real_machine(module, scenario):
    text, message = captures.bounce(f"{module}/{scenario}"), bounced(module, scenario)
    assert message.defects == [] and message.is_multipart()
    assert scenarios.SENDER in message["To"] and "mailer-daemon" in message["From"].lower()
    assert "\r" not in text and text.isascii()
    names = set(re.findall(r"(?:[\w-]+\.)+[a-z]{4,}\b", text))
    assert {name.rpartition(".")[2] for name in names} <= {"example", "test"} | {"redirect"}
    assert set(re.findall(r"\b(?:\d+\.){3}\d+", text.replace(_version(module), ""))) <= {
        "127.0.0.2",
        "127.0.0.3",
    }


def _version(module):
    return front_matter(stored(module, "local"))["version"].partition("-")[0]


REFUSALS = {"moved": "bob", "unknown": "nobody", "refused": "carol", "several": "bob nobody carol"}


@each_bounce
def test_a_bounce_says_what_the_recipients_server_said(module, scenario):
    if scenario == "moved-default":
        return
    refused = {f"{name}@example.test" for name in REFUSALS[scenario].split()}
    assert set(reports(module, scenario)) == refused
    for recipient, fields in reports(module, scenario).items():
        said = hops.REFUSES[recipient]
        assert fields["Action"] == "failed"
        assert " ".join(said.split()) in " ".join(words(module, scenario).split())
        if module == "opensmtpd":
            assert fields["Diagnostic-Code"] is None
        else:
            assert fields["Diagnostic-Code"].lower() == f"smtp; {said}".lower()


@for_each(
    "module, kind, status",
    [
        ("postfix", "multipart/report", "5.7.1"),
        ("sendmail", "multipart/report", "5.7.1"),
        ("exim", "multipart/report", "5.0.0"),
        ("opensmtpd", "multipart/mixed", "5.0.0"),
    ],
)
def test_what_a_server_makes_of_an_enhanced_code(module, kind, status):
    assert bounced(module, "refused").get_content_type() == kind
    assert reports(module, "refused")["carol@example.test"]["Status"] == status


def test_sendmails_own_551_comes_from_the_recipients_server_without_a_diagnostic_code():
    assert "551 5.1.1 User has moved; please try <bob@new.example>" in words(
        "sendmail", "moved-default"
    )
    (fields,) = reports("sendmail", "moved-default").values()
    assert (fields["Status"], fields["Diagnostic-Code"]) == ("5.1.1", None)
    assert "mail.example.test" in bounced("sendmail", "moved-default")["From"]


@for_each(
    "code, said",
    [
        ("en", "no bounce 'postfix/movd'; those with a similar name: postfix/moved, "),
        ("ar", "لا يوجد إشعار عدم تسليم باسم 'postfix/movd'؛ ما يشبهه اسمًا: postfix/moved, "),
    ],
)
def test_unknown_bounce_is_an_error_that_names_those_with_a_like_name(code, said):
    language(code)
    with pytest.raises(LookupError) as error:
        captures.bounce("postfix/movd")
    assert str(error.value).startswith(said)


@pytest.mark.parametrize("name", ["../sessions/postfix/moved", "", None, "postfix/moved.eml"])
def test_nothing_but_a_bounce_is_read(name):
    with pytest.raises(LookupError):
        captures.bounce(name)


# ---- the captures, repeated ----


@pytest.mark.parametrize("module", ["aiosmtpd", "lab"])
def test_libraries_say_again_what_was_captured(module):
    server = SERVERS[module]
    version, played = library.capture(server, list(server.setups))
    for scenario, captured in played.items():
        again = document.document(module, scenario, version, captured)
        assert document.normalised(dialogue(again)) == document.normalised(
            dialogue(stored(module, scenario))
        )
        assert front_matter(again).get("note") == front_matter(stored(module, scenario)).get("note")


def test_a_server_from_debian_says_again_what_was_captured():
    """OpenSMTPD, the smallest: its package is fetched, and nothing of this machine changes."""
    if reason := root.missing():
        pytest.skip(reason)
    try:
        version, played = inside.capture(
            "opensmtpd", [*SERVERS["opensmtpd"].setups, "bounces/moved"]
        )
    except root.NoPackageError as error:
        pytest.skip(f"no package: {str(error).strip().splitlines()[-1]}")
    known = front_matter(stored("opensmtpd", "local"))["version"]
    if version.partition("-")[0] != known.partition("-")[0]:
        pytest.skip(f"captured was {known}, Debian has {version} here")
    for name, captured in played.items():
        before = dialogue(document.path_of("opensmtpd", name).read_text(encoding="utf-8"))
        assert document.normalised(captured.dialogue) == document.normalised(before)
    before = captures.bounce("opensmtpd/moved")
    assert document.normalised(played["bounces/moved"].bounce) == document.normalised(before)


# ---- the tool ----


@pytest.mark.parametrize(
    ("said", "same"),
    [
        ("250 2.0.0 Ok: queued as 994B1796", "250 2.0.0 Ok: queued as ID"),
        ("250 OK id=1xVbFy-00018L-02", "250 OK id=ID"),
        ("250 2.0.0 6acce865 Message accepted", "250 2.0.0 ID Message accepted"),
        ("220 a ESMTP Exim 4.96 Mon, 23 Nov 2026 20:50:33 +0000", "220 a ESMTP Exim VERSION DATE"),
        ("551 5.1.1 User has moved", "551 5.1.1 User has moved"),
        ("(OpenSMTPD) with ESMTPA id c380c488", "(OpenSMTPD) with ESMTPA id ID"),
        ('boundary="2898405613020465433/mail.a"', 'boundary="ID/mail.a"'),
        ("Message-ID: <d95881c994d2c7c9@mail.a>", "Message-ID: <ID@mail.a>"),
    ],
)
def test_normalised_keeps_all_but_what_passes(said, same):
    assert document.normalised(said) == same


class Answering:
    """A server that says prepared replies, each when something came, then hangs up."""

    def __init__(self, *replies):
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.replies = replies
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self):
        connection, _ = self.listening.accept()
        with connection:
            for reply in self.replies:
                connection.sendall(reply)
                connection.recv(1000)

    def __enter__(self):
        return self.listening.getsockname()

    def __exit__(self, *_):
        self.thread.join()
        self.listening.close()


def test_client_shows_lf_that_was_no_end_of_a_line():
    with Answering(b"220 Hello\r\n") as address:
        client = Client(address, "127.0.0.1")
        client.hear()
        client.send(b"one\r\ntwo\n.\n")
        client.show_lf()
        client.said.append(("C", b"\r\n.\r\n"))
        client.close()
    assert client.dialogue() == "S: 220 Hello\nC: one\nC: two␊.␊\nC: .\n"


def test_client_hears_all_lines_of_a_reply_and_notes_a_closed_connection():
    with Answering(b"220 Hello\r\n", b"250-a\r\n250 b\r\n") as address:
        client = Client(address, "127.0.0.1")
        scenarios.play(scenarios.SCENARIOS["expn"], client)
        client.close()
    assert client.notes == ["the server closed the connection"]
    assert client.dialogue().splitlines()[:4] == [
        "S: 220 Hello",
        "C: EHLO laptop.example",
        "S: 250-a",
        "S: 250 b",
    ]


def test_without_root_nothing_is_tried(monkeypatch):
    monkeypatch.setattr(root.os, "geteuid", lambda: 1000)
    assert root.missing() == "needs root"


class Running:
    def poll(self):
        return None


def test_a_server_that_hangs_up_instead_of_greeting_is_not_awaited_for_ever(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=hang_up, args=(listening,), daemon=True)
        thread.start()
        monkeypatch.setattr(inside, "PORT", listening.getsockname()[1])
        monkeypatch.setattr(inside, "STARTING", 0.2)
        with pytest.raises(OSError, match=r"greet|refused|reset|timed out"):
            inside._await_greeting(Running())
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def hang_up(listening):
    with suppress(OSError):
        while True:
            listening.accept()[0].close()
