"""Replies and commands: the grammar of RFC 5321 §4.2, and what a client must bear beyond it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.protocol.reply import (
    REASONS,
    Command,
    EnhancedCode,
    Reply,
    ReplyReader,
    ReplySyntaxError,
)
from smtpedu.protocol.reply import parse_reply as parse

CODES = st.integers(200, 599)
TEXTS = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=40)
REPLIES = st.builds(Reply, CODES, st.lists(TEXTS, min_size=1, max_size=5).map(tuple))

MULTILINE = "250-mail.example.test\r\n250-SIZE 1000\r\n250 HELP\r\n"


@pytest.mark.parametrize(
    ("wire", "code", "lines"),
    [
        ("250 OK\r\n", 250, ("OK",)),
        ("250 OK\n", 250, ("OK",)),
        ("250 OK", 250, ("OK",)),
        ("250\r\n", 250, ("",)),  # §4.2: clients bear a bare code,
        ("250 \r\n", 250, ("",)),  # with or without a trailing space
        ("250  two spaces ", 250, (" two spaces ",)),
        (MULTILINE, 250, ("mail.example.test", "SIZE 1000", "HELP")),
        ("250-\r\n250\r\n", 250, ("", "")),  # "220" [ SP textstring ] in the greeting's grammar
        ("220-one\n220 two\n", 220, ("one", "two")),
        ("571 no RFC has it", 571, ("no RFC has it",)),
        ("299 nor this", 299, ("nor this",)),
        ("250 Grüße".encode(), 250, ("Grüße",)),
        (b"250 \xff", 250, ("\ufffd",)),
    ],
)
def test_legal_and_bearable_replies(wire, code, lines):
    assert parse(wire) == Reply(code, lines)


@pytest.mark.parametrize(
    ("wire", "reason", "line", "column"),
    [
        ("", "empty", 1, 1),
        ("   ", "empty", 1, 1),
        ("hello", "code", 1, 1),
        ("150 one", "code", 1, 1),
        ("650 six", "code", 1, 1),
        ("2x0 OK", "code", 1, 2),
        ("25x OK", "code", 1, 3),
        ("25", "code", 1, 3),
        ("2٥٠ OK", "code", 1, 2),  # digits, but not ASCII's
        ("250_OK", "separator", 1, 4),
        ("2500 OK", "separator", 1, 4),
        ("250\tOK", "separator", 1, 4),
        ("250-a\r\n251 b\r\n", "mixed", 2, 1),
        ("250-a\r\n", "unfinished", 1, 4),
        ("250-a\r\n250-b", "unfinished", 2, 4),
        ("250 a\r\n250 b\r\n", "trailing", 2, 1),
        ("250 a\n\n", "trailing", 2, 1),
        ("250-a\r\n\r\n250 b", "empty", 2, 1),
        ("250 a\rb\r\n", "line-end", 1, 6),
    ],
)
def test_error_says_why_and_where(wire, reason, line, column):
    with pytest.raises(ReplySyntaxError) as caught:
        parse(wire)
    assert (caught.value.reason, caught.value.line, caught.value.column) == (reason, line, column)
    assert str(caught.value) == f"line {line}, column {column}: {REASONS[reason]}"


@pytest.mark.parametrize(
    ("wire", "reason", "line", "column"),
    [
        ("261 six\r\n", "grammar", 1, 2),
        ("299 nine\r\n", "grammar", 1, 2),
        ("250 Grüße\r\n", "characters", 1, 7),
        ("250 \x07\r\n", "characters", 1, 5),
        ("250-ok\r\n250 é\r\n", "characters", 2, 5),
        ("250 " + "x" * 507 + "\r\n", "length", 1, 511),
        ("250 OK\n", "line-end", 1, 7),
        ("250 OK", "line-end", 1, 7),
        ("250-a\n250 b\r\n", "line-end", 1, 6),
    ],
)
def test_strict_error_says_why_and_where(wire, reason, line, column):
    with pytest.raises(ReplySyntaxError) as caught:
        parse(wire, strict=True)
    assert (caught.value.reason, caught.value.line, caught.value.column) == (reason, line, column)


@pytest.mark.parametrize(
    "wire", ["250 " + "x" * 506 + "\r\n", "250 a\tb\r\n", "250\r\n", "559 digits\r\n", MULTILINE]
)
def test_strict_allows_the_grammar(wire):
    assert parse(wire, strict=True) == parse(wire)


@pytest.mark.parametrize(
    ("wire", "enhanced", "text"),
    [
        ("250 2.1.5 OK", EnhancedCode(2, 1, 5), "OK"),
        ("551 5.1.6 moved", EnhancedCode(5, 1, 6), "moved"),
        ("450 4.2.0", EnhancedCode(4, 2, 0), ""),
        ("250-2.0.0 a\n250 2.0.0 b", EnhancedCode(2, 0, 0), "a\nb"),
        ("550-5.1.1 no such user\n550 see 5.1.1 in the list", EnhancedCode(5, 1, 1), None),
        ("550-5.1.1 a\n550   indented", EnhancedCode(5, 1, 1), "a\n  indented"),
        ("250 OK", None, "OK"),
        ("550 4.1.1 of another class", None, "4.1.1 of another class"),
        ("354 2.0.0 no class 3", None, "2.0.0 no class 3"),
        ("220 2.1.example ESMTP", None, "2.1.example ESMTP"),
        ("250 2.1.5000 too long", None, "2.1.5000 too long"),
        ("550 see 5.1.1", None, "see 5.1.1"),
        ("550 5.١.1 not ASCII", None, "5.١.1 not ASCII"),
    ],
)
def test_enhanced_code_opens_the_text(wire, enhanced, text):
    reply = parse(wire)
    assert reply.enhanced == enhanced
    assert reply.text == (text if text is not None else "no such user\nsee 5.1.1 in the list")


def test_enhanced_code_prints_with_dots():
    assert str(EnhancedCode(5, 1, 6)) == "5.1.6"


@pytest.mark.parametrize(
    ("wire", "path"),
    [
        ("551 User not local; please try <bob@new.example>", "bob@new.example"),
        ("551 5.1.6 User not local; please try <bob@new.example>", "bob@new.example"),
        ("551 5.1.1 User has moved; please try bob@new.example.", "bob@new.example"),
        ("551 Please try (bob@new.example)", "bob@new.example"),
        ("251 User not local; will forward to <carol@new.example>", "carol@new.example"),
        ("251 2.1.5 will forward to carol@new.example", "carol@new.example"),
        ("251 Forwarding to: <carol@new.example>", "carol@new.example"),
        ('551 please try <"b o"@new.example>', '"b o"@new.example'),
        ("551 please try <bob@[192.0.2.1]>", "bob@[192.0.2.1]"),
        ("551-User not local; please\r\n551 try <bob@new.example>", "bob@new.example"),
        ("551 5.7.1 <a@b.example>: denied", None),
        ("551 5.7.1 <a@b.example>: not allowed, try again later", None),
        ("551 retry bob@new.example", None),
        ("551 User not local", None),
        ("550 please try <bob@new.example>", None),
        ("250 will forward to <bob@new.example>", None),
    ],
)
def test_forward_path_is_read_from_251_and_551_alone(wire, path):
    assert parse(wire).forward_path == path


@pytest.mark.parametrize(
    ("wire", "path"),
    [
        ("550 5.1.6 <a@b.example>: User has moved to bob@new.example", "bob@new.example"),
        ("551 5.1.6 <a@b.example> has moved to <bob@new.example>", "bob@new.example"),
        ("550 5.1.6 Gone. The new address is bob@new.example.", "bob@new.example"),
        ("550 5.1.6 Mailbox has moved, new address not disclosed", None),
        ("550 5.1.1 <a@b.example>: no such user; write to admin@b.example", None),
        ("551 5.7.1 <a@b.example>: please try again, or ask <admin@b.example>", None),
    ],
)
def test_new_address_is_read_under_any_code_but_no_other_address(wire, path):
    assert parse(wire).new_address == path


def test_digits_of_the_code():
    assert (Reply(551).severity, Reply(551).category) == (5, 5)
    assert (Reply(421).severity, Reply(421).category) == (4, 2)


def test_reply_prints_as_on_the_wire():
    assert str(parse(MULTILINE)) == MULTILINE.replace("\r\n", "\n").rstrip()
    assert parse(MULTILINE).format() == MULTILINE
    assert str(Reply(250)) == "250"


@given(REPLIES)
def test_format_and_parse_are_inverse(reply):
    assert parse(reply.format()) == reply
    assert parse(reply.format().replace("\r\n", "\n")) == reply


@given(st.one_of(st.text(), st.binary(), st.from_regex(r"[2-5][0-9]{2}[- ][^\n]*\r?\n?")))
def test_any_input_is_a_reply_or_a_syntax_error(wire):
    for strict in (False, True):
        try:
            parse(wire, strict=strict)
        except ReplySyntaxError as error:
            reason, *place = error.reason, error.line, error.column
            assert reason in REASONS
            assert min(place) >= 1


@given(st.text(st.characters(codec="latin-1")))
def test_strict_accepts_no_more_than_lenient(wire):
    try:
        reply = parse(wire, strict=True)
    except ReplySyntaxError:
        return
    assert parse(wire) == reply


def fed(reader, wire):
    lines = wire.removesuffix("\r\n").split("\r\n")
    return [reply for line in lines if (reply := reader.feed(line))]


@given(st.lists(REPLIES, max_size=5))
def test_reader_finds_each_reply_in_a_stream(replies):
    assert fed(ReplyReader(), "".join(map(Reply.format, replies)) or "250 x") == (
        replies or [Reply(250, ("x",))]
    )


def test_reader_knows_a_reply_has_begun():
    reader = ReplyReader()
    assert not reader.unfinished
    assert reader.feed("250-first") is None
    assert reader.unfinished
    assert reader.feed("250 last") == Reply(250, ("first", "last"))
    assert not reader.unfinished


def test_reader_goes_on_after_an_error():
    """The lines before a bad one are kept, and the next good line ends the reply."""
    reader = ReplyReader()
    reader.feed("250-first")
    with pytest.raises(ReplySyntaxError, match="line 7, column 1"):
        reader.feed("251 other", 7)
    assert reader.feed("250 last") == Reply(250, ("first", "last"))


@pytest.mark.parametrize(
    ("line", "verb", "argument"),
    [
        ("EHLO laptop.example", "EHLO", "laptop.example"),
        ("ehlo laptop.example", "EHLO", "laptop.example"),
        ("  Quit  ", "QUIT", ""),
        ("MAIL\tFROM:<>", "MAIL", "FROM:<>"),
        ("XFOO bar baz", "XFOO", "bar baz"),
        ("ß x", "SS", "x"),
        ("", "", ""),
    ],
)
def test_command_has_a_verb_and_an_argument(line, verb, argument):
    command = Command.parse(line)
    assert (command.verb, command.argument) == (verb, argument)


@pytest.mark.parametrize("line", ["AHNlY3JldA==", "AUTHxyz=", "*"])
def test_auth_continuation_is_all_argument(line):
    assert Command(line, "AUTH").argument == line


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ("MAIL FROM:<a@b.example>", "a@b.example"),
        ("mail from:<a@b.example> SIZE=10 BODY=8BITMIME", "a@b.example"),
        ("MAIL FROM:<>", ""),
        ("MAIL FROM:<> SIZE=10", ""),
        ("RCPT TO: <a@b.example>", "a@b.example"),
        ("RCPT TO:a@b.example NOTIFY=NEVER", "a@b.example"),
        ('RCPT TO:<"john <x> doe"@b.example>', '"john <x> doe"@b.example'),
        (r'RCPT TO:<"a\"b>"@b.example> ORCPT=x', r'"a\"b>"@b.example'),
        ("RCPT TO:<Postmaster>", "Postmaster"),
        ("RCPT TO:<a@[IPv6:2001:db8::1]>", "a@[IPv6:2001:db8::1]"),
        ("RCPT TO:", None),
        ("RCPT", None),
        ("VRFY <a@b.example>", None),
    ],
)
def test_path_of_mail_and_rcpt(line, path):
    assert Command.parse(line).path == path


@given(st.text())
def test_any_line_is_a_command(line):
    command = Command.parse(line)
    assert command.verb == command.verb.upper()
    assert isinstance(command.argument, str)
    assert command.path is None or isinstance(command.path, str)


@pytest.mark.parametrize(
    ("line", "begins"),
    [("host said: 551 5.7.1 no", 12), ("smtp;550 no", 6), ("hello", 0), ("at 192.0.2.550 x", 0)],
)
def test_error_names_the_column_where_a_reply_may_begin(line, begins):
    with pytest.raises(ReplySyntaxError) as caught:
        parse(line)
    assert caught.value.begins == begins
    assert (f"column {begins}" in str(caught.value)) == bool(begins)


def test_a_colon_after_an_enhanced_code_is_borne():
    """As OpenSMTPD 5 wrote it."""
    reply = parse("250 2.0.0: Ok")
    assert (str(reply.enhanced), reply.text) == ("2.0.0", "Ok")
