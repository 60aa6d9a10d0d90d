"""What a text costs as it grows: ten times the rows, or the words, about ten times the time.

    pytest tests/benchmarks/test_growth.py -n 0 --benchmark-only --benchmark-columns=min

Each shape was once read in a time that grew with the square of its size, or could be. `str.split`
is the peer. `rows a second` in the JSON report is what to compare between sizes.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import nbformat
import pytest

import smtpedu as smtp
from smtpedu.cli.handout import _page
from smtpedu.dialogue.bounces import _content
from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.mail import parse_mail
from smtpedu.lab.delivery import parse
from smtpedu.lab.policy import PolicyError
from smtpedu.lab.policy import parse as parse_policy
from smtpedu.questions import toml_files
from smtpedu.questions.items import Item
from smtpedu.questions.selection import in_order
from smtpedu.reference.situations import decide, plain_words

SIZES = (10**4, 10**5, 10**6)
GREETING = "S: 220 mail.example.test\nC: EHLO laptop.example\nS: 250 mail.example.test\n"
LOGGED = """-> EHLO a [id 7]
<- 250 ok [id 7]
-> MAIL FROM:<a@b> [id 7]
<- 250 ok [id 7]
-> RCPT TO:<c@d> [id 7]
<- 250 ok [id 7]
-> DATA [id 7]
<- 354 go [id 7]
"""
SHAPES: dict[str, Callable[[int], str]] = {
    "a session": lambda n: GREETING + "C: NOOP\nS: 250 2.0.0 OK\n" * (n // 2),
    "a run of CR": lambda n: "220 x\n" + "\r" * n,
    "commands, then their replies": lambda n: (
        "S: 220 x\n" + "C: NOOP\n" * (n // 2) + "S: 250 x\n" * (n // 2)
    ),
    "354 again and again": lambda n: (
        "S: 220 x\n" + "C: NOOP\n" * (n // 2) + "S: 354 x\n" * (n // 2)
    ),
    "one reply": lambda n: "S: 220 x\nC: HELP\n" + "S: 214-x\n" * n + "S: 214 x\n",
    "one message": lambda n: "220 x\nDATA\n354 go\n" + "Hello\n" * n + ".\n250 x\n",
    "a message in a log that has no dot": lambda n: (
        "log a: S: 220 x\nlog a: C: DATA\nlog a: S: 354 go\n" + "log a: Hello\n" * n
    ),
    "one row folded": lambda n: "S: 220 x\n" + "  y\n" * n,
    "rows of a log without a dialogue": lambda n: "10:00:00 mx app[7]: nothing to say 250\n" * n,
    "headings": lambda n: "Server:\n250 x\n" * (n // 2),
    "a value of many rows above the dialogue": lambda n: (
        "---\na: b\n" + "  c\n" * n + "---\n220 x\n"
    ),
    "blanks before what a log writes last": lambda n: (
        LOGGED + "-> QUIT [id 7]\n<- 250 ok" + " " * n + "x"
    ),
    "quote marks": lambda n: "> > > 220 x\n" * n,
    "str.split (peer)": lambda n: GREETING + "C: NOOP\nS: 250 2.0.0 OK\n" * (n // 2),
}


def read(text: str) -> int:
    try:
        return len(str(smtp.annotate(text).blocks()))
    except TranscriptError:
        return 0


@pytest.mark.parametrize("rows", SIZES)
@pytest.mark.parametrize("shape", SHAPES)
def test_growth(benchmark: Any, shape: str, rows: int) -> None:
    """Each shape ten and a hundred times as large; without benchmarks, small ones run through."""
    benchmark.group = shape
    size = rows if benchmark.enabled else 60
    run: Callable[[str], Any] = str.split if "peer" in shape else read
    benchmark.pedantic(run, args=(SHAPES[shape](size),), rounds=1)
    if benchmark.enabled:
        benchmark.extra_info["rows a second"] = round(size / benchmark.stats.stats.min)


# Files of questions, by their number of rows or of parts of a name.
QUESTION = 'id = "a"\nkind = "choice"\nstem = "Which?"\n'
OPTION = '[[question.options]]\ntext = "a"\nfeedback = "b"\n'
FILES: dict[str, Callable[[int], str]] = {
    "parts of a name": lambda n: "a." * n + "b = 1\n",
    "tables at the top": lambda n: "".join(f"[t{one}]\n" for one in range(n)),
    "fields at the top": lambda n: "".join(f"f{one} = 1\n" for one in range(n)),
    "fields of a question": lambda n: (
        f"[[question]]\n{QUESTION}" + "".join(f"f{one} = 1\n" for one in range(n))
    ),
    "questions": lambda n: f"[[question]]\n{QUESTION}" * (n // 4),
    "questions in a list": lambda n: "question = [\n" + "{},\n" * n + "]\n",
    "questions in quotes": lambda n: '[["question"]]\n' * n,
    "options": lambda n: f"[[question]]\n{QUESTION}" + OPTION * (n // 3),
    "str.split (peer)": lambda n: f"[[question]]\n{QUESTION}" * (n // 4),
}


def checked(text: str, path: Path) -> object:
    path.write_text(text)
    return list(toml_files.read(path))


@pytest.mark.parametrize("rows", [10**3, 10**4, 10**5])
@pytest.mark.parametrize("shape", FILES)
def test_growth_of_files(benchmark: Any, tmp_path: Path, shape: str, rows: int) -> None:
    benchmark.group = shape
    text = FILES[shape](rows if benchmark.enabled else 60)
    run: Callable[..., Any] = (lambda text, _: text.split()) if "peer" in shape else checked
    benchmark.pedantic(run, args=(text, tmp_path / "q.toml"), rounds=1)


@pytest.mark.parametrize("lines", [10**2, 10**3, 9 * 10**3])
def test_growth_of_a_paste(benchmark: Any, lines: int) -> None:
    """Lines that a console says, each after the reply to the one before."""
    benchmark.group = "lines that are pasted"
    with smtp.Lab({"ann@example.test": "local"}, transport="memory") as lab:
        console = lab.console()
        console.connect()
        pasted = ["NOOP"] * (lines if benchmark.enabled else 60)
        benchmark.pedantic(console.say, args=pasted, rounds=1)


# What a server says in one reply line, read for what happened.
WORDS: dict[str, Callable[[int], str]] = {
    "letters": lambda n: "a" * n,
    "an unfinished address": lambda n: "b" * n + ":@",
    "mailbox": lambda n: "mailbox " * (n // 8),
    "user is": lambda n: "user is " * (n // 8),
    "letters and digits": lambda n: "a1" * (n // 2),
    "numbers and dots": lambda n: "# . " * (n // 4),
    "str.split (peer)": lambda n: "user is " * (n // 8),
}


def decided(text: str) -> object:
    return decide("any", "550", None, plain_words(text))


@pytest.mark.parametrize("size", [10**3, 10**4, 10**5])
@pytest.mark.parametrize("words", WORDS)
def test_growth_of_words(benchmark: Any, words: str, size: int) -> None:
    benchmark.group = words
    run: Callable[[str], Any] = str.split if "peer" in words else decided
    text = WORDS[words](size if benchmark.enabled else 2000)
    decided("warm")
    benchmark.pedantic(run, args=(text,), rounds=1)


# What one mail in a lab's inbox is made of.
MAILS: dict[str, Callable[[int], bytes]] = {
    "encoded words": lambda n: b"Subject: x" + b"\n =?utf-8?q?a?= =?utf-8?q?a?=" * (n // 30),
    "parameters": lambda n: b"Content-Type: multipart/x" + b"\n ;;;;;;;;" * (n // 10),
    "parts": lambda n: b"Content-Type: multipart/x; boundary=b\n" + b"\n--b\n" * (n // 6),
    "bytes.split (peer)": lambda n: b"a " * (n // 2),
}


@pytest.mark.parametrize("size", [10**4, 10**5, 10**6])
@pytest.mark.parametrize("mail", MAILS)
def test_growth_of_mail(benchmark: Any, mail: str, size: int) -> None:
    benchmark.group = mail
    content = MAILS[mail](size if benchmark.enabled else 600)
    run: Callable[..., Any] = bytes.split if "peer" in mail else taken_apart
    benchmark.pedantic(run, args=(content,), rounds=1)


def taken_apart(content: bytes) -> list[str]:
    message = parse(content)
    return [str(value) for value in message.values()]


# ---- what once took minutes, or hours ----


def checked_anew(text: str) -> object:
    with TemporaryDirectory() as folder:
        return checked(text, Path(folder, "q.toml"))


def with_policy(words: str) -> object:
    with suppress(PolicyError):
        return parse_policy("ann@example.test", words)
    return None


def with_charset(name: str) -> object:
    content = f"Content-Type: text/plain; charset={name}\n\n551 " + "a" * 10**6
    return _content(parse_mail(content))


def as_handout(cell: str) -> object:
    cells = [nbformat.v4.new_markdown_cell(cell)]
    return _page(nbformat.writes(nbformat.v4.new_notebook(cells=cells)).encode(), "x")


def in_order_of(count: int) -> object:
    return in_order((), [Item(f"{n}", "ab"[n % 2], "?", ()) for n in range(count)], lambda _: 0)


SLOW: dict[str, tuple[Callable[[Any], object], Any]] = {
    "a log": (read, SHAPES["blanks before what a log writes last"](10**6)),
    "questions in a list": (checked_anew, FILES["questions in a list"](50_000)),
    "questions in quotes": (checked_anew, FILES["questions in quotes"](50_000)),
    "a policy": (with_policy, "x to " * 10**5 + ">"),
    "a long quiz": (in_order_of, 10**5),
    "a charset": (with_charset, "Punycode"),
    "a handout": (as_handout, "[](files/" * 4_000),
}


@pytest.mark.parametrize("name", SLOW)
def test_what_is_long_ends(name: str) -> None:
    run, given = SLOW[name]
    thread = Thread(target=run, args=(given,), daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive(), "it does not end"
