"""Foreign text is only text, by every door: terminal, error, page, table of a spreadsheet, widget.

`foreign_text.json` has the payloads, each with what is shown of it; the browser's part is in
`widgets/js/foreign.test.mjs`.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from unicodedata import bidirectional, category

import nbformat
import pandas as pd
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu import cli
from smtpedu.cli import serve
from smtpedu.course.exercises import Hint, Solution, Verdict
from smtpedu.course.predictions import AsItIs
from smtpedu.display import (
    Beside,
    Bullets,
    Code,
    Displayable,
    Heading,
    Paragraph,
    ProtocolText,
    Table,
    to_html,
    to_text,
)
from smtpedu.files import DataError
from smtpedu.foreign import cell, visible
from smtpedu.lab.delivery import Kept
from smtpedu.lab.lab import Lab
from smtpedu.learner.attempt import Attempt, Role
from smtpedu.learner.report import progress
from smtpedu.learner.store import Store, StoreError, store
from smtpedu.protocol.reply import Reply
from smtpedu.questions.items import Item, Option
from smtpedu.questions.quiz import only

PAYLOADS: dict[str, tuple[str, str]] = json.loads(
    Path(__file__).with_name("foreign_text.json").read_text("utf-8")
)
#: What the isolates of UAX 9 and the older embeddings do: they turn what follows.
TURNING = {*("LRE", "RLE", "LRO", "RLO", "PDF"), *("LRI", "RLI", "FSI", "PDI")}
HOME = Path(cli.__file__).parents[1]


def acting(said: str) -> list[str]:
    """The characters that do something to what is around them, by what Unicode says of them."""
    return [
        one
        for one in said
        if (category(one) in ("Cc", "Cs", "Zl", "Zp") and one not in "\n\t")
        or bidirectional(one) in TURNING
    ]


def clean_frame(frame: pd.DataFrame) -> None:
    clean("".join(str(value) for row in frame.to_numpy() for value in row))


def clean(said: str) -> None:
    assert not acting(said), ascii(said)


@for_each("name", PAYLOADS)
def test_table_says_what_is_shown(name: str) -> None:
    given, shown = PAYLOADS[name]
    assert visible(given) == visible(shown) == shown
    clean(shown)


def test_all_that_acts_is_known() -> None:
    every = list(map(chr, range(sys.maxunicode + 1)))
    assert [one for one in every if visible(one) != one] == acting("".join(every))


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_browser_has_the_same_table() -> None:
    base = json.dumps((HOME / "widgets/shared/base.js").as_uri())
    script = f"""
import {{ visible }} from {base};
const all = Array.from({{ length: 0x110000 }}, (_, n) => String.fromCodePoint(n));
console.log(JSON.stringify(all.map((one) => [one, visible(one)]).filter(([a, b]) => a !== b)));"""
    done = subprocess.run(
        ["node", "--input-type=module", "-e", script],  # noqa: S607 (found above)
        capture_output=True,
        check=True,
    )
    every = map(chr, range(sys.maxunicode + 1))
    assert json.loads(done.stdout) == [[one, visible(one)] for one in every if visible(one) != one]


# ---- what is shown ----


def attempt(said: str) -> Attempt:
    answer = {"response": said, "right": False, "score": 0.0, "misconceptions": (said,)}
    named = {"id": said, "run": said, "quiz": said, "item": said, "objective": said}
    others = {"level": "recall", "kind": "open", "number": 1, "guessed": False, "hints": 0}
    at = "2026-11-24T09:30:00.000Z"
    return Attempt(**named, role=Role.PRACTICE, **others, options=4, at=at, **answer)


def item(said: str) -> Item:
    options = (Option(said, said, True), Option(f"b{said}", said, False))
    return Item("one", "choice", said, options, why=said, hint=said)


def blocks(said: str) -> list[Any]:
    stacked = [Heading(said, 2), Paragraph(said), Bullets([said, f"`{said}`"]), Code(said)]
    rows = [(said, f"`{said}`"), (ProtocolText(said), said)]
    return [*stacked, Table((said, "b"), rows), Beside([stacked, stacked])]


def dialogues(said: str) -> Iterator[smtp.Session]:
    """In each notation that can carry it: as it is, and as programming languages write it."""
    octets = repr(said.encode(*UTF))[2:-1]
    for one in (said, said.encode("unicode_escape").decode(), repr(said)[1:-1], octets):
        for transcript in (
            f"S: 220 {one}\nC: NOOP {one}\nS: 250-{one}\nS: 250 {one}\n",
            f"send: 'ehlo x{one}\\r\\n'\nreply: b'250 {one}\\r\\n'\n",
            f'-> "220 {one}\\r\\n"\n<- "EHLO x{one}\\r\\n"\n-> "250 {one}\\r\\n"\n',
            f"2026-11-24T09:30:00Z,c,s,0,a,b,<,220 {one},\n2026-11-24T09:30:00Z,c,s,1,a,b,>,QUIT,",
        ):
            with suppress(ValueError):
                yield smtp.annotate(transcript, name=said)


UTF = "utf-8", "backslashreplace"


def shown(said: str) -> Iterator[Displayable]:
    """Everything that a cell can show, with the text wherever somebody else's can stand."""
    yield from dialogues(said)
    reply = Reply(551, (f"5.1.6 {said}; please try <a{said}@b.example>",))
    yield smtp.explain(reply)
    yield smtp.explain({f"a{said}@b.example": (551, said.encode(*UTF))})
    with suppress(ValueError):
        yield smtp.explain(f"log {said} said: 551 5.1.6 {said}")
    yield from (smtp.quiz([item(said)]), only(item(said)))
    yield Verdict("wrong", said, (said,), code=said, trouble=said)
    yield Hint(1, 2, said)
    yield Solution(said, said)
    for mailbox, policy in ((f"a{said}@b.example", "local"), ("a@b.example", f"551 5.1.6 {said}")):
        with suppress(ValueError):
            yield smtp.policy_explorer(Lab({mailbox: policy}))
    with suppress(ValueError):
        store().add([attempt(said)])
    yield from (progress(), progress().plot())


@for_each("payload", PAYLOADS)
def test_what_is_printed_steers_no_terminal(payload: str) -> None:
    said, _ = PAYLOADS[payload]
    clean(to_text(blocks(said)))
    for one in shown(said):
        for printed in (str(one), repr(one), one._repr_mimebundle_()["text/plain"]):
            clean(printed)
    for other in (AsItIs(said), Reply(250, (said, said))):
        clean(f"{other} {other!r}")


@for_each("payload", PAYLOADS)
def test_page_is_turned_by_nobody_and_sets_no_mathematics(payload: str) -> None:
    said, _ = PAYLOADS[payload]
    for html in (to_html(blocks(said)), *(one.to_html() for one in shown(said))):
        clean(unescape(html))
        assert "<img" not in html
        outside = re.sub(r"<code>.*?</code>", "", html, flags=re.DOTALL)
        if re.search(r"[$\\]", outside):
            assert html.startswith('<section lang="en" dir="ltr" class="mathjax_ignore ')


@for_each("payload", PAYLOADS)
def test_frames_can_be_printed(payload: str) -> None:
    said, _ = PAYLOADS[payload]
    for one in dialogues(said):
        clean_frame(one.to_frame())
    paths = f"C: {said}\nS: 500 no\nC: MAIL FROM:<a{said}@b.example>\nS: 250 OK\n"
    for code in (250, 550):
        paths += f"C: RCPT TO:<a{said}@b.example>\nS: {code} x\n"
    with suppress(ValueError):
        clean_frame(smtp.annotate(f"S: 220 x\nC: HELO x\nS: 250 x\n{paths}").to_frame())
    lab = Lab({"a@b.example": "local"})
    lab._inbox.append(Kept([f"a{said}@b.example"], said, b"", 1))
    clean_frame(lab.messages())
    with suppress(ValueError):
        store().add([attempt(said)])
    for part in (progress().attempts, progress().mastery, progress().misconceptions):
        clean_frame(part.reset_index())
    message = b"Subject: =?utf-8?b?" + b64encode(said.encode(*UTF)) + b"?=\n\n"  # RFC 2047
    clean(Kept([], "", message, 0).subject)


@for_each("payload", PAYLOADS)
def test_transcript_for_a_file_has_no_controls(payload: str) -> None:
    """What turns text is kept there, as it was said."""
    for one in dialogues(PAYLOADS[payload][0]):
        assert not [c for c in one.format() if category(c) == "Cc" and c not in "\n\t\f"]


# ---- what is told of an error ----

ASKED: dict[str, Callable[[str], Any]] = {
    "annotate": smtp.annotate,
    "bounce": smtp.bounce,
    "check": lambda said: smtp.check(said, 1),
    "codes": lambda said: smtp.codes(columns=said),
    "compare": lambda said: smtp.compare(said, 250),
    "data": lambda said: (_ for _ in ()).throw(DataError(Path(said), 1, said)),
    "explain": smtp.explain,
    "hint": smtp.hint,
    "language": smtp.language,
    "mailbox": lambda said: Lab({said: "local"}),
    "parse_reply": smtp.parse_reply,
    "policy": lambda said: Lab({"a@b.example": said}),
    "predict": smtp.predict,
    "quiz": smtp.quiz,
    "replies": smtp.replies,
    "server": lambda said: smtp.sessions(server=said),
    "session": smtp.session,
    "solution": smtp.solution,
    "store": lambda said: (_ for _ in ()).throw(StoreError("error.store_exists", Path(said))),
    "verb": lambda said: smtp.session("moved-refused").to_frame(command=said),
}


@for_each("payload", PAYLOADS)
@for_each("name", ASKED)
def test_errors_steer_no_terminal(name: str, payload: str) -> None:
    try:
        ASKED[name](PAYLOADS[payload][0])
    except (LookupError, ValueError, StoreError) as error:
        clean(str(error))


# ---- the command line ----

COMMANDS: dict[str, Callable[[str], list[str]]] = {
    "annotate": lambda said: ["annotate", said],
    "check": lambda said: ["check", said],
    "compare": lambda said: ["compare", said, f"551 {said}"],
    "delete": lambda said: ["progress", "--delete", said],
    "explain": lambda said: ["explain", "551", said],
    "explain nothing": lambda said: ["explain", said],
    "export": lambda said: ["progress", "--export", f"no/{said}"],
    "export-questions": lambda said: ["export-questions", said],
    "handout": lambda said: ["handout", said],
    "import-questions": lambda said: ["import-questions", said, said],
    "mailbox": lambda said: ["serve", "--mailbox", said],
    "option": lambda said: ["explain", "551", f"--{said}"],
    "policies": lambda said: ["serve", "--policies", said],
    "policy": lambda said: ["serve", "--mailbox", f"a@b.example={said}"],
    "start": lambda said: ["start", "--copy-only", "--dir", f"{said}/x/{said}"],
    "start port": lambda said: ["start", "--port", said],
    "unknown": lambda said: [said],
    "user": lambda said: ["serve", "--user", said],
}


def ran(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """What a command writes to the terminal, both ways."""
    with suppress(SystemExit):
        cli.main(arguments)
    return "".join(capsys.readouterr())


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is served, and what is written is gone with the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(serve.Lab, "start", lambda lab: lab)
    monkeypatch.setattr(serve.time, "sleep", interrupted)
    return tmp_path


def interrupted(_: float) -> None:
    raise KeyboardInterrupt


@for_each("payload", PAYLOADS)
@for_each("name", COMMANDS)
def test_arguments_steer_no_terminal(
    name: str, payload: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    clean(ran(COMMANDS[name](PAYLOADS[payload][0]), capsys))


def files(said: str) -> Iterator[tuple[str, bytes, list[str]]]:
    """Files of others: name, content, the command that reads each."""
    quoted = json.dumps(said)
    for notation, one in enumerate((said, said.encode("unicode_escape").decode())):
        dialogue = f"send: 'ehlo x{one}\\r\\n'\nreply: b'250 {one}\\r\\n'\nS: 551 {one}\n"
        yield f"dialogue{notation}", dialogue.encode(*UTF), ["annotate"]
        yield f"log{notation}", f"said: 551 5.1.6 {one}\n".encode(*UTF), ["explain"]
    question = {"question": said, "type": "multiple_choice", "answers": [{"answer": said}]}
    others = [{**question, "type": said}, {said: said}, question]
    yield "old.json", json.dumps(others).encode(), ["check"]
    yield "new.json", json.dumps(others).encode(), ["import-questions", "new.json", "new.toml"]
    keys = "".join(f"{name} = {quoted}\n" for name in ("id", "kind", "objective", "stem", said))
    keys = keys.replace("\n" + said, "\n" + quoted)
    yield "own.toml", f'language = "en"\n[[question]]\n{keys}'.encode(*UTF), ["check"]
    mailboxes = f'[mailboxes]\n{json.dumps(f"a{said}@b.example")} = "local"\n'
    yield "lab.toml", mailboxes.encode(*UTF), ["serve", "--policies"]
    yield "lesson.ipynb", json.dumps({"cells": said}).encode(), ["handout"]


@for_each("payload", PAYLOADS)
def test_files_steer_no_terminal(
    payload: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, content, command in files(PAYLOADS[payload][0]):
        (here / name).write_bytes(content)
        printed = ran(command if name in command else [*command, name], capsys)
        assert printed
        clean(printed)


@for_each("payload", PAYLOADS)
def test_path_of_the_answers_steers_no_terminal(
    payload: str, here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said, _ = PAYLOADS[payload]
    monkeypatch.setattr("builtins.input", lambda asked: print(asked) or "yes")
    with suppress(ValueError):  # no path can have it
        monkeypatch.setenv("SMTPEDU_PROGRESS", str(here / f"{said}.sqlite3"))
        for options in (["--path"], [], ["--export", f"{said}.csv"], ["--delete"]):
            clean(ran(["progress", *options], capsys))


@for_each("payload", PAYLOADS)
def test_page_of_a_lesson_has_a_title_that_turns_nothing(
    payload: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said, _ = PAYLOADS[payload]
    lesson = here / f"{said}.ipynb"
    with suppress(ValueError, FileNotFoundError):  # no file can have that name
        lesson.write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}')
        clean(ran(["handout", str(lesson)], capsys))
        title = lesson.with_suffix(".html").read_text("utf-8").partition("<title>")[2]
        clean(title.partition("</title>")[0])


ACTS = "\u202e<script>alert(1)</script>"
UNSAFE = f"""{ACTS}<img src=x onerror=alert(1)><iframe src="https://x.example"></iframe>
<a href="javascript:alert(1)">a</a><a href="java&#115;cript:alert(1)">b</a>
<a href="data:text/html,<b>">c</a><svg onload=alert(1)><meta http-equiv=refresh content=0>
<object data=x></object><form action=x><button formaction=x></form><scr<script></script>ipt>
[d](javascript:alert(1)) <style>@import "x"</style><base href=x>"""
FORBIDDEN = set("script iframe object embed form button input svg base link".split())  # noqa: SIM905


def test_page_of_a_lesson_does_nothing(here: Path) -> None:
    """What it says stays, and so do images and links."""
    new = nbformat.v4
    pixel = {"x.png": {"image/png": "iVBORw0KGgo="}}
    said = '![A](attachment:x.png) [B](https://b.example) <bdi dir="ltr">C</bdi>'
    size = {"image/png": {"width": "1 onload=alert(1)", "height": 5}}
    kinds = ("text/html", "text/markdown", "image/svg+xml", "text/latex", "text/plain")
    kinds += ("application/javascript", "text/vnd.mermaid")
    shown = [new.new_output("display_data", {kind: UNSAFE}) for kind in kinds]
    shown += [
        new.new_output("display_data", {"image/png": "iVBORw0KGgo="}, metadata=size),
        new.new_output("stream", text=UNSAFE),
        new.new_output("error", ename=UNSAFE, evalue=UNSAFE, traceback=[UNSAFE]),
    ]
    cells = [
        new.new_markdown_cell(UNSAFE),
        new.new_markdown_cell(said, attachments=pixel),
        new.new_raw_cell(UNSAFE, metadata={"raw_mimetype": "text/html"}),
        new.new_code_cell(UNSAFE, outputs=shown),
    ]
    cells[-1].metadata.tags = [UNSAFE.replace(",", ";")]
    named = {"title": UNSAFE, "language_info": {"name": UNSAFE}}
    nbformat.write(new.new_notebook(cells=cells, metadata=named), "lesson.ipynb")
    assert cli.main(["handout", "lesson.ipynb"]) == 0
    page = Path("lesson.html").read_text("utf-8")
    clean(unescape(page))
    found: list[tuple[str, dict[str, str | None]]] = []
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, values: found.append((tag, dict(values)))
    parser.feed(page)
    assert not {tag for tag, _ in found} & FORBIDDEN
    assert not [one for _, values in found for one in values if one.startswith("on")]
    links = {values["href"] for tag, values in found if tag == "a" and "href" in values}
    assert links == {"https://b.example"}
    headers = [values["http-equiv"] for _, values in found if "http-equiv" in values]
    assert headers == ["Content-Security-Policy"]
    assert {"src": "data:image/png;base64,iVBORw0KGgo=", "alt": "A"} in [one for _, one in found]
    assert ("bdi", {"dir": "ltr"}) in found


def test_command_line_prints_through_one_door() -> None:
    door = HOME / "cli" / "printing.py"
    for path in set((HOME / "cli").glob("*.py")) - {door}:
        found = ast.walk(ast.parse(path.read_text("utf-8")))
        called = {ast.unparse(one.func) for one in found if isinstance(one, ast.Call)}
        assert not called & {"print", "input", "argparse.ArgumentParser", "sys.stdout.write"}, path


# ---- spreadsheets ----


@for_each("payload", [*PAYLOADS, "=1;+1\t@1"])
def test_table_of_the_answers_has_nothing_that_acts(payload: str, tmp_path: Path) -> None:
    said, _ = PAYLOADS.get(payload, (payload, ""))
    kept = Store(tmp_path / "kept.sqlite3")
    kept.erase()
    with suppress(ValueError):
        kept.add([attempt(said)])
    target = tmp_path / "out.csv"
    target.unlink(missing_ok=True)
    written = kept.export(target).read_bytes().decode()
    clean(written.replace("\r\n", ""))
    assert all(one.startswith('"') and one.endswith('"') for one in written.splitlines())


@for_each("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_is_a_formula(sign: str, tmp_path: Path) -> None:
    said = f"{sign}1+1|' /C calc'!A0"
    kept = Store(tmp_path / "kept.sqlite3")
    kept.erase()
    kept.add([replace(attempt("x"), id=said, run=said, quiz=said, item=said)])
    target = tmp_path / "out.csv"
    target.unlink(missing_ok=True)
    with kept.export(target).open(encoding="utf-8", newline="") as file:
        (row,) = csv.DictReader(file)
    assert {row[name] for name in ("id", "run", "quiz", "item")} == {cell(visible(said))}
    assert not [value for value in row.values() if value.startswith(sign)]
    exact = tmp_path / "out.jsonl"
    exact.unlink(missing_ok=True)
    lines = map(json.loads, kept.export(exact).read_text("utf-8").splitlines())
    assert [line["id"] for line in lines if line["table"] == "attempt"] == [said]


@for_each("value", [-1, -0.5, "", "a=1", "1-1", None, "'=1"])
def test_other_values_stay_as_they_are(value: object) -> None:
    assert cell(value) is value
