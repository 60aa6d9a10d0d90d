"""Transcripts of many tools say the same; what is no dialogue gets one clear error."""

import json
from pathlib import Path

import pytest
from for_each import for_each
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.dialogue.lines import LINE_LIMIT, Line, TranscriptError
from smtpedu.dialogue.session import annotate
from smtpedu.dialogue.transcript import decode, front_matter, read
from smtpedu.display import Paragraph, to_html
from smtpedu.protocol.states import Speaker

TRANSCRIPTS = Path(__file__).parent / "transcripts"
C, S = Speaker.CLIENT, Speaker.SERVER

# One short session; the texts below all tell it.
CLIENT = ("EHLO laptop.example", "MAIL FROM:<s@laptop.example>", "RCPT TO:<bob@example.test>")
DIALOGUE = [
    (S, "220 mail.example.test"),
    (C, CLIENT[0]),
    (S, "250-mail.example.test"),
    (S, "250 HELP"),
    (C, CLIENT[1]),
    (S, "250 2.1.0 OK"),
    (C, CLIENT[2]),
    (S, "551 5.1.6 User not local; please try <bob@new.example>"),
    (C, "QUIT"),
    (S, "221 Bye"),
]


def lines_of(text):
    """The lines of a transcript."""
    return read(text).lines


def written(client, server):
    return "".join((server if who is S else client) + line + "\n" for who, line in DIALOGUE)


PLAIN = written("", "")
MARKED = written("C: ", "S: ")
POSTFIX = "Nov 11 14:55:49 mx postfix/smtpd[5197]: "

POSTFIX_CLIENT = "Nov 11 14:55:49 mx postfix/smtp[5197]: "
PERL = "Net::SMTP=GLOB(0x55dc5fef8790)"
NEOMUTT = "[2026-01-05 17:46:01]<2> mutt_socket_"
SENDEMAIL = "Jan  5 17:46:01 mx sendemail[9754]: "
PHP = "[05-Jan-2026 17:46:01 UTC] "
EXCHANGE_LOG = '2026-01-05T12:00:00.000Z,"To, out",08D6,3,192.0.2.2:44277,192.0.2.1:25,'


def exchange(server, client):
    """Exchange's protocol log: the data field, quoted where need be, then the context."""
    field = {line: f'"{line}"' if ";" in line else line for _, line in DIALOGUE}
    marks = {S: server, C: client}
    return "".join(f"{EXCHANGE_LOG}{marks[who]},{field[line]},why\n" for who, line in DIALOGUE)


WRITTEN = {
    "C and S": MARKED,
    "lower case": written("c: ", "s: "),
    "no blank": written("C:", "S:"),
    "tabs": written("C:\t", "S:\t"),
    "words": written("Client: ", "Server: "),
    "aligned words": written("CLIENT: ", "SERVER:   "),
    "RFC 821": written("S: ", "R: "),
    "swaks": "=== Connected\n" + written(" -> ", "<-  ").replace("<-  551", "<** 551"),
    "swaks with TLS": written(" ~> ", "<~  "),
    "msmtp": written("--> ", "<-- "),
    "sendmail": "Connecting\n" + written(">>> ", ""),
    "sendmail marked": written(">>> ", "<<< "),
    "blat": written(">>>putline>>> ", "<<<getline<<< "),
    "curl": "* Connected\n" + written("> ", "< ") + "* Closing connection 0\n",
    "exim": "LOG: MAIN\n" + written("  SMTP>> ", "  SMTP<< "),
    "exim, many lines": written("  SMTP|> ", "  SMTP<< ").replace("SMTP<< 250 HELP", "250 HELP"),
    "PHPMailer": written("CLIENT -> SERVER: ", "SERVER -> CLIENT: "),
    "PHPMailer, many lines": written("CLIENT -> SERVER: ", "SERVER -> CLIENT: ").replace(
        "SERVER -> CLIENT: 250 HELP", "          \t      250 HELP"
    ),
    "PHPMailer, arrows": written("CLIENT -> SERVER: ", "SERVER -> CLIENT: ").replace(
        "SERVER -> CLIENT: 250 HELP", "    ↪ 250 HELP"
    ),
    "postfix": f"{POSTFIX}connect from x[192.0.2.1]\n"
    + written(f"{POSTFIX}< x[192.0.2.1]: ", f"{POSTFIX}> x[192.0.2.1]: "),
    "telnet": "Trying 127.0.0.1...\nEscape character is '^]'.\n"
    + PLAIN
    + "Connection closed by foreign host.\n",
    "JavaMail": PLAIN.replace("EHLO", 'DEBUG SMTP: connected to host "h", port: 25\n\nEHLO'),
    "smtplib": "".join(
        f"{'reply' if who is S else 'send'}: {line + chr(13) + chr(10)!r}\n"
        for who, line in DIALOGUE
    ),
    "times": written("17:46:01.2508 C: ", "[2026-01-05T17:46:01Z] S: "),
    "date and time": written("2026-01-05 17:46:01\tC: ", "2026-01-05 17:46:01\tS: "),
    "CRLF": MARKED.replace("\n", "\r\n"),
    "recorded terminal": PLAIN.replace("\n", "\r\r\n"),
    "byte order mark": "\ufeff" + MARKED,
    "no end": MARKED.rstrip("\n"),
    "blank lines": MARKED.replace("C:", "\nC:"),
    "comments": "# mine\n" + MARKED,
    "indented": "".join(f"    {line}\n" for line in PLAIN.splitlines()),
    "indented marks": "".join(f"\t{line}\n" for line in MARKED.splitlines()),
    "fenced": f"Look:\n\n```text\n{MARKED}```\n\nWhy 551?\n",
    "fenced telnet": f"```\n{PLAIN}```\n",
    "fenced twice": "```\n" + MARKED.replace("C: MAIL", "```\nand\n```\nC: MAIL") + "```\n",
    "quoted": "".join(f"> {line}\n" for line in MARKED.splitlines()),
    "quoted telnet": "".join(f"> > {line}\n>>\n" for line in PLAIN.splitlines()),
    "brackets": written("[C] ", "[S] "),
    "arrows": "* Connected\n" + written(">> ", "<< "),
    "nodemailer": "[2026-01-05 17:46:01] INFO  [#ab1] Connected\n"
    + written(
        "[2026-01-05 17:46:01] DEBUG [#ab1] C: ", "[2026-01-05 17:46:01] DEBUG [#ab1] S: "
    ).replace("S: 250 HELP", "250 HELP"),
    "postfix client": f"{POSTFIX_CLIENT}initializing the client-side TLS engine\n"
    + written(f"{POSTFIX_CLIENT}> mx[192.0.2.1]:25: ", f"{POSTFIX_CLIENT}< mx[192.0.2.1]:25: "),
    "Exchange sends": f"{EXCHANGE_LOG}*,,attempting to connect\n" + exchange("<", ">"),
    "Exchange receives": f"{EXCHANGE_LOG}+,,\n" + exchange(">", "<"),
    "colours": written("\x1b[1;32m", "\x1b]0;title\x07\x1b[0m"),
    "openssl takes R": PLAIN.replace("RCPT", "RCPT TO:<eaten@x.example>\nRENEGOTIATING\nRCPT"),
    "front matter": f"---\nserver: x\n---\n{MARKED}",
    "Perl": "Net::SMTP>>> Net::SMTP(3.14)\n" + written(f"{PERL}>>> ", f"{PERL}<<< "),
    "Ruby": "".join(
        f"{'->' if who is S else '<-'} {json.dumps(line + chr(13) + chr(10))}\n"
        for who, line in DIALOGUE
    ),
    "mutt": written("[2026-01-05 17:46:01] 4> ", "[2026-01-05 17:46:01] 4< "),
    "neomutt": written(f"{NEOMUTT}write_d() 4> ", f"{NEOMUTT}readln_d() 4< "),
    "sendEmail": written(f"{SENDEMAIL}INFO => Sending: \t", f"{SENDEMAIL}SUCCESS => Received: \t"),
    "sendEmail, one row": written("INFO => Sending: ", "SUCCESS => Received: ")
    .replace("\nSUCCESS => Received: 250 HELP", ", 250 HELP")
    .replace("INFO", f"{SENDEMAIL}INFO")
    .replace("SUCCESS", f"{SENDEMAIL}SUCCESS"),
    "PHPMailer, one row": written("CLIENT -> SERVER: ", "SERVER -> CLIENT: ").replace(
        "\nSERVER -> CLIENT: 250 HELP", "250 HELP"
    ),
    "PHPMailer, PHP's log": written(f"{PHP}CLIENT -> SERVER: ", f"{PHP}SERVER -> CLIENT: ").replace(
        f"{PHP}SERVER -> CLIENT: 250 HELP", "250 HELP"
    ),
    "hMailServer": "".join(
        f'"SMTPD"\t3188\t12\t"2026-01-05 17:46:01.101"\t"192.0.2.1"\t"{said}: {line}"\n'
        for said, line in (("SENT" if who is S else "RECEIVED", line) for who, line in DIALOGUE)
    )
    .replace("250-mail.example.test", "250-mail.example.test[nl]250 HELP", 1)
    .replace('"SMTPD"\t3188\t12\t"2026-01-05 17:46:01.101"\t"192.0.2.1"\t"SENT: 250 HELP"\n', ""),
    "a server's arrows": written(
        "Fri 2026-01-05 17:46:01: [8] <-- ", "Fri 2026-01-05 17:46:01: [8] --> "
    ),
    "a server's short arrows": written("17:46:01 < ", "17:46:01 > "),
    "a log with C and S": "mail: connecting\n" + written("mail: C: ", "mail: S: "),
    "MailKit": f"Connected to smtp://mail.example.test:25/?starttls=auto\n{MARKED}",
}


@for_each("name", WRITTEN)
def test_every_format_tells_the_same(name):
    assert [line[:2] for line in lines_of(decode(WRITTEN[name]))] == DIALOGUE


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_of_any_usual_encoding(encoding):
    assert lines_of(decode(MARKED.encode(encoding))) == lines_of(MARKED)


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("curl", [220, 250, 250, 551, 221]),
        ("netcat", [220, 250, 250, 251, 551, 354, 250, 221]),
        ("openssl", [250, 250, 551, 250, 354, 250, 221]),
        ("smtplib-level-1", [250, 250, 250, 551, 354, 250, 221]),
        ("smtplib-level-2", [220, 250, 250, 250, 551, 354, 250, 221]),
        ("swaks-551", [220, 250, 250, 551, 221]),
        ("swaks-mixed", [220, 250, 250, 250, 551, 550, 354, 250, 221]),
        ("telnet", [220, 250, 250, 251, 551, 354, 250, 221]),
        ("chasquid-pipelining", [220, 250, 250, 550, 503, 221]),
        ("chasquid-telnet", [220, 250, 250, 550, 550, 421]),
        ("haraka", [220, 250, 250, 250, 550, 354, 250, 221]),
        ("haraka-swaks", [220, 250, 250, 250, 550, 354, 250, 221]),
        ("net-smtp-perl", [220, 250, 250, 250, 551, 354, 250, 221]),
        ("net-smtp-ruby", [220, 250, 250, 250, 354, 250, 503, 221]),
        ("phpmailer", [220, 250, 250, 250, 551, 354, 250, 221]),
        ("phpmailer-log", [220, 250, 250, 250, 551, 354, 250, 221]),
        ("smtp-server", [220, 250, 250, 250, 551, 354, 250, 221]),
    ],
)
def test_transcripts_of_real_tools(name, codes):
    session = annotate((TRANSCRIPTS / f"{name}.txt").read_bytes())
    assert session.codes == codes
    assert session.turns[-1].snapshot.state == "closed"


@pytest.mark.parametrize(
    ("name", "codes", "state"),
    [
        ("mutt", [220, 250, 220], "connected"),
        ("neomutt", [220, 250, 220], "connected"),
        ("nodemailer", [220, 250, 250, 250, 551, 354, 250], "ready"),
        ("sendemail", [220, 250, 250, 250, 354, 250], "ready"),
    ],
)
def test_transcripts_of_tools_that_do_not_tell_the_end(name, codes, state):
    session = annotate((TRANSCRIPTS / f"{name}.txt").read_bytes())
    assert session.codes == codes
    assert session.turns[-1].snapshot.state == state


def test_message_in_the_log_of_nodemailer_is_no_reply():
    """It is logged without marks, and one of its lines is `250 x`."""
    message = annotate((TRANSCRIPTS / "nodemailer.txt").read_bytes()).turns[-2].said
    assert message.complete
    assert message.lines[0].startswith("From: ")
    assert message.lines[-2:] == ("hello", "250 x")


def test_message_in_the_log_of_nodemailer_may_look_like_marks():
    mark = "DEBUG [a1] "
    rows = ("S: 354 go", "S", "C: QUIT", "S: 250 no", ".", "S: 250 taken", "C: QUIT", "S: 221 x")
    turns = annotate("".join(f"{mark}{row}\n" for row in ("C: DATA", *rows))).turns
    assert turns[2].said.lines == ("S", "C: QUIT", "S: 250 no")
    assert [turn.verb for turn in turns[3:]] == ["message", "QUIT", "QUIT"]


def test_a_row_in_the_midst_of_a_message_that_is_none_of_its_lines_is_noted():
    mark = "DEBUG [a1] "
    rows = (
        f"{mark}C: DATA",
        f"{mark}S: 354 go",
        f"{mark}hi",
        "other",
        f"{mark}.",
        f"{mark}S: 250 x",
    )
    session = annotate("\n".join(rows))
    assert session.turns[2].said.lines == ("hi",)
    assert session.notes == (("own", (4,)),)


def test_only_a_reply_that_has_begun_goes_on_without_a_mark():
    text = written("CLIENT -> SERVER: ", "SERVER -> CLIENT: ")
    assert lines_of(f"250 x\n{text}250 y\n") == [
        line._replace(number=line.number + 1) for line in lines_of(text)
    ]


def test_reply_in_one_row_needs_its_last_line():
    text = "CLIENT -> SERVER: EHLO x\nSERVER -> CLIENT: 250-a250-b\n250 c\n"
    assert [line.text for line in lines_of(text)] == ["EHLO x", "250-a250-b", "250 c"]


@pytest.mark.parametrize("path", sorted(TRANSCRIPTS.glob("*.txt")), ids=lambda path: path.stem)
def test_real_transcripts_lose_no_line(path):
    """What a tool says itself is left out; each line is told with its own number."""
    rows = decode(path.read_bytes()).split("\n")
    said = lines_of("\n".join(rows))
    assert [line.number for line in said] == sorted(line.number for line in said)
    assert all(
        line.text in rows[line.number - 1]
        for line in said
        if not path.stem.startswith(("smtplib", "net-smtp-ruby", "rfc"))
    )


@pytest.mark.parametrize(
    ("name", "codes"),
    [
        ("auth", [220, 250, 220, 250, 334, 235, 221]),  # after RFC 3207 §5 and RFC 4954 §4.1
        ("chunks", [220, 250, 250, 250, 250, 250, 250, 221]),  # after RFC 3030 §4.2
        ("data", [220, 250, 250, 250, 354, 250, 221]),  # after RFC 8689 A.1 and RFC 821
    ],
)
def test_dialogues_as_rfcs_write_them(name, codes):
    session = annotate((TRANSCRIPTS / f"rfc-{name}.txt").read_bytes())
    assert session.codes == codes
    assert session.turns[-1].snapshot.state == "closed"


def test_rfc_lines_that_are_folded_or_spelled_out():
    auth = annotate((TRANSCRIPTS / "rfc-auth.txt").read_bytes())
    assert auth.replies[4].text.endswith("LmVkdT4=")
    message = annotate((TRANSCRIPTS / "rfc-data.txt").read_bytes()).turns[-4].said
    assert message.complete and message.lines[1:] == ("<this is content>",)
    assert message.lines[0].endswith("; 21 May 1998 05:33:29 -0700")


def test_chunks_that_are_left_out_end_at_the_next():
    for shown in ("(First 10000 octets)", "...", "<data>"):
        text = f"C: BDAT 900\nC: {shown}\nC: BDAT 0 LAST\nS: 250 a\nS: 250 b\n"
        assert [turn.verb for turn in annotate(text).turns] == ["BDAT"] * 5
    full = annotate("C: BDAT 20\nC: words\nC: BDAT 0 LAST\nS: 250 a\n")
    assert full.turns[1].said.lines == ("words", "BDAT 0 LAST")


def test_message_that_looks_like_other_notations():
    body = [
        *("250 no reply", "S: 250 no", "C: EHLO", "< 250 no", "> QUIT", ">>> QUIT", "```", ""),
        *("send: 'QUIT'", r"reply: b'250 no\r\n'", "221 Bye", "```", "..dot", "  R: 250"),
    ]
    for client, server in (("", ""), ("C: ", "S: "), (" -> ", "<-  "), ("> ", "< ")):
        sent = [client + line for line in ("DATA", *body, ".")]
        before = written(client, server).rpartition(f"{client}QUIT")[0]
        text = "\n".join([before + sent[0], f"{server}354 go", *sent[1:], f"{server}250 taken"])
        session = annotate(text)
        assert session.codes == [220, 250, 250, 551, 354, 250]
        assert session.turns[-2].said.lines == tuple(body)


def test_blank_lines_and_trailing_blanks_of_a_message_are_kept():
    said = lines_of("S: 354 go\nC:\nC:  x \nC: \nC: .\n")
    assert [line.text for line in said] == ["354 go", "", " x ", "", "."]


def test_lines_keep_their_numbers():
    said = lines_of("---\na: b\n---\n\n# note\nC: QUIT\n\nS: 221 Bye\n")
    assert said == [Line(C, "QUIT", 6), Line(S, "221 Bye", 8)]
    assert [line.number for line in lines_of("hi\n```\n> x\n```\n```\n220 x\n```")] == [6]


def test_characters_of_a_page_are_read_whatever_their_number():
    said = lines_of(f"220 x &lt;&#{'0' * 5000}65;&#{'9' * 5000};&#x{'f' * 5000};&gt;")
    assert said == [Line(S, "220 x <A\ufffd\ufffd>", 1)]


def test_single_replies_are_a_transcript():
    for text in ("551 5.1.6 User not local", "S: 220 x", "R: 220 x", "250-a\n250 b"):
        assert all(line.speaker is S for line in lines_of(text))


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        (
            "---\nserver: x: y\nclient:z\nnot a field\n---\nS: 220 x",
            {"server": "x: y", "client": "z"},
        ),
        ("---\nserver: x\u2028y\n---\nS: 220 x", {"server": "x\u2028y"}),
        ("S: 220 x", {}),
        ("S: 220 x\n---\na: b\n---\n", {}),
        ("", {}),
    ],
)
def test_front_matter(text, fields):
    assert front_matter(text) == fields


@pytest.mark.parametrize(
    ("shown", "sent"),
    [
        ("HELP\b\bLO x", "HELO x"),
        ("HELPP\b \b x", "HELP x"),
        ("\x7fHEX\x7fLO x", "HELO x"),
        ("\x1b[1mHEXX\b\b\x1b[KLO x\x1b(B", "HELO x"),
    ],
)
def test_what_was_erased_on_a_terminal_is_not_said(shown, sent):
    assert annotate(f"220 x\n{shown}\n250 y\n").turns[1].said.line == sent


BARE = {
    "replies alone": ("220 a\n250 b\n354 c\n250 d\n221 e\n", "SSSSS"),
    "a slip of the fingers": ("220 a\nxfoo bar\n500 what\n", "SCS"),
    "talk": ("220 a\nNOOP\n250 b\nwhat now then\n\nNOOP\nhm hm\n250 c\n", "SCSCS"),
    "answers to 334": ("220 a\nAUTH LOGIN\n334 x\nMzM=\n334 y\nquit\n235 b\n", "SCSCSCS"),
    "421 within the data": ("220 a\nDATA\n354 b\nHi\n421 c\nConnection closed by x.\n", "SCSCS"),
    "421 in the data": ("220 a\nDATA\n354 b\n421 c\n.\n250 d\n", "SCSCCS"),
    "354 shows what was lost": ("220 a\nRCPT x\nDATA\n354 b\nHi\n.\n250 c\n", "SCSCCS"),
    "chunk": ("220 a\nBDAT 7 LAST\n\nwords\n250 b\nwords\n", "SCCCS"),
    "openssl alone": ("220 a\nread R BLOCK\n250 b\n", "SS"),
    "openssl takes Q": ("220 a\nQUIT\nDONE\n", "S"),
    "openssl -starttls": ("verify return:1\n250 HELP\nEHLO x\n250 a\n", "CS"),
}


@pytest.mark.parametrize("name", BARE)
def test_bare_text(name):
    text, speakers = BARE[name]
    assert "".join("CS"[line.speaker is S] for line in lines_of(text)) == speakers


def test_replies_alone_do_not_swallow_each_other():
    assert annotate(BARE["replies alone"][0]).codes == [220, 250, 354, 250, 221]


def test_exim_says_itself_that_it_sends_a_message():
    text = WRITTEN["exim"].replace("  SMTP>> QUIT", '  SMTP>> writing message and terminating "."')
    assert all(line.speaker is S for line in lines_of(text)[-2:])


EMAIL = "From: a@b.example\nTo: c@d.example\nSubject: 250 OK\n\nDear Bob,\n\nyes.\n"
BAD = {
    "empty": ("", 1, "empty"),
    "no bytes": (b"", 1, "empty"),
    "whitespace": (" \n\t\r\n ", 1, "empty"),
    "byte order mark alone": ("\ufeff\n", 1, "empty"),
    "front matter alone": ("---\na: b\n---\n", 4, "no SMTP reply"),
    "binary": (b"\x7fELF\x02\x01\x01\x00\x00", 1, "not text"),
    "binary later": ("S: 220 x\nC: \x00\n", 2, "not text"),
    "picture": (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", 2, "not text"),
    "English": ("\nThe server did not\nanswer me at all.\n", 2, "no SMTP reply"),
    "numbered English": ("Then\n250 people came.\nThey danced.\n", 1, "no SMTP reply"),
    "HTML": ("<!doctype html>\n<p>250 OK</p>\n<pre>\nMAIL\n", 1, "no SMTP reply"),
    "email": (EMAIL, 1, "no SMTP reply"),
    "CSV": ("code,name\n250,OK\n551,User not local\n", 1, "no SMTP reply"),
    "JSON": ('{"code": 250,\n"text": "OK"}', 1, "no SMTP reply"),
    "client alone": ("C: EHLO x\nC: QUIT\n", 1, "no SMTP reply"),
    "commands alone": ("\n\nEHLO x\nQUIT\n", 3, "no SMTP reply"),
    "LMTP": ("S: 220 x\nC: LHLO y\nS: 250 z\nC: MAIL FROM:<>\n", 2, "LMTP .RFC 2033"),
    "LMTP, bare": ("220 x\n\nlhlo y\n250 z\n", 3, "LMTP .RFC 2033"),
    "C1 controls": ("S: 220 \x9b1mx\n", 1, "not text"),
    "escape alone": ("S: 220 \x1bx\n", 1, "not text"),
    "10 MB of marks": ("> " * 5_000_000, 1, "no SMTP reply"),
    "10 MB of times": ("1:::: " * 1_500_000, 1, "no SMTP reply"),
    "10 MB without a rubout": ("x" * 10_000_000 + "\n\b", 1, "no SMTP reply"),
    "10 MB of nothing": ("x" * 10_000_000, 1, "no SMTP reply"),
    "10 MB of quote marks": (">" * 10_000_000, 1, "no SMTP reply"),
    "10 MB of digits": ("2" * 10_000_000, 1, "no SMTP reply"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_gets_one_clear_error_with_its_line(name):
    text, line, problem = BAD[name]
    with pytest.raises(TranscriptError, match=problem) as caught:
        annotate(text)
    assert caught.value.line == line
    assert str(caught.value) == f"line {line}: {caught.value.problem}"
    assert len(str(caught.value)) < 200


# What is read of a damaged text: the codes, and why which rows are left out or cut.
DAMAGED = {
    "cut reply": ("S: 220 x\nC: EHLO y\nS: 250-a\nS: 250-b\n", [220, 250], "cut", (3,)),
    "cut bare reply": ("EHLO y\n250-a\n", [250], "cut", (2,)),
    "mixed codes": ("C: EHLO x\nS: 250-a\nS: 251 b\n", [250, 251], "cut", (2,)),
    "mixed bare codes": ("EHLO x\n250-a\n550 b\n", [250, 550], "cut", (2,)),
    "reply inside a reply": ("220-a\nEHLO x\n250 b\n", [220, 250], "cut", (1,)),
    "no code": ("C: EHLO x\nS: OK\nS: 250 b", [250], "no_reply", (2,)),
    "bad separator": ("C: EHLO x\nS: 250=OK\nS: 250 b", [250], "no_reply", (2,)),
    "empty reply": ("C: EHLO x\nS:\nS: 250 b", [250], "no_reply", (2,)),
    "no code after STARTTLS": (
        "S: 220 x\nC: STARTTLS\nS: TLS go ahead\n", [220], "no_reply", (3,),
    ),
    "no code of SMTP": ("220 x\nNOOP\n650 y\n", [220], "no_reply", (3,)),
    "no mark": ("S: 220 x\nC: EHLO\nand then\nS: 250 OK\n", [220, 250], "own", (3,)),
    "no mark in RFC 821's": ("R: 220 x\nS: HELO\nthen\nR: 250 OK\n", [220, 250], "own", (3,)),
    "indented prose": ("   Then it says\nS: 220 x\nC: QUIT\n", [220], "own", (1,)),
    "cut literal": ("send: 'quit\\x'\nreply: b'221 Bye\\r\\n'\n", [221], "literal", (1,)),
    "two literals": ("reply: b'221 Bye\\r\\n'\nsend: 'a', 'b'\n", [221], "literal", (2,)),
    "long line": (f"S: 220 x\nC: {'x' * (LINE_LIMIT + 1)}\n", [220], "long", (2,)),
    "10 MB reply": ("250 " + "x" * 10_000_000, [250], "long", (1,)),
    "many ranges": (
        "S: 220 x\n" + "what\nC: NOOP\nS: 250 y\n" * 20, [220, *[250] * 20], "own",
        tuple(range(2, 60, 3)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_the_rest_of_a_damaged_text_is_read_and_its_rows_are_noted(name):
    text, codes, why, rows = DAMAGED[name]
    session = annotate(text)
    assert session.codes == codes
    assert (why, rows) in session.notes
    assert to_html([Paragraph(str(session.notes[0]))])[30:-10] in session.to_html()
    assert len(str(session.notes[0])) < 160


@pytest.mark.parametrize("nothing", [None, 250, ["S: 250 OK"], bytearray(b"S: 250 OK")])
def test_what_is_no_text_is_a_type_error(nothing):
    with pytest.raises(TypeError, match=type(nothing).__name__):
        annotate(nothing)


def test_lhlo_that_is_refused_is_a_command_like_any():
    assert annotate("S: 220 x\nC: LHLO y\nS: 500 what\n").turns[-1].verb == "LHLO"


def test_longest_line_is_read():
    assert annotate("S: 250 " + "x" * (LINE_LIMIT - 4)).codes == [250]


PIECES = (
    *("C: ", "S: ", "> ", "< ", "250 ", "250-", "334 ", "354 go", "421 ", "DATA", ".", "AUTH x"),
    *("BDAT 5", "BDAT ²", "\n", "\n", "\r", "```", "---\n", "send: '", "reply: b'", "'", "\\x"),
    "\ud800",
)
BITS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=3))).map("".join)


@given(st.one_of(st.text(), st.binary(), BITS))
def test_any_input_is_a_session_or_a_transcript_error(text):
    try:
        session = annotate(text)
    except TranscriptError as error:
        line = error.line
        assert line >= 1
    else:
        assert session.codes
        assert len(session.to_frame()) >= len(session.codes)
