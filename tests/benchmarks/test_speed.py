"""How long things take, beside a named peer in the same run.

Ordinary runs go through these once, untimed, with a short transcript. To measure:
`pytest -n 0 tests/benchmarks --benchmark-enable --benchmark-only`; each group's table gives the
ratios in brackets, and `output` gives bytes in its extra columns.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

import smtpedu as smtp
from smtpedu.dialogue.quoted import quoted_replies
from smtpedu.files import folder

LINES = 100_000  # of the transcript that is measured


def run_python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.benchmark(group="import")
@pytest.mark.parametrize("code", ["pass", "import smtpedu", "import pandas"])
def test_import(benchmark: Any, code: str) -> None:
    benchmark(run_python, code)


@pytest.mark.benchmark(group="codes")
@pytest.mark.parametrize("peer", ["smtpedu.codes", "pandas.read_csv"])
def test_codes(benchmark: Any, peer: str) -> None:
    path = folder("data") / "reply_codes.csv"
    calls: dict[str, Callable[[], pd.DataFrame]] = {
        "smtpedu.codes": smtp.codes,
        "pandas.read_csv": lambda: pd.read_csv(path, index_col="code"),
    }
    assert len(benchmark(calls[peer])) == len(smtp.codes())


def transcript(lines: int) -> str:
    """One long session, as a server under load would log it."""
    transaction = (
        "C: MAIL FROM:<sender@laptop.example>\nS: 250 2.1.0 OK\n"
        "C: RCPT TO:<bob@example.test>\n"
        "S: 551 5.1.6 User not local; please try <bob@new.example>\n"
        "C: RSET\nS: 250 OK\n"
    )
    greeting = "S: 220 mail.example.test\nC: EHLO laptop.example\nS: 250 mail.example.test\n"
    return greeting + transaction * (lines // 6)


def split(text: str) -> list[list[str]]:
    """The least that any reader of a transcript does."""
    return [line.split(" ", 2) for line in text.splitlines()]


@pytest.mark.benchmark(group="annotate")
@pytest.mark.parametrize("peer", ["smtpedu.annotate", "str.split", "annotate and to_frame"])
def test_annotate(benchmark: Any, peer: str) -> None:
    calls: dict[str, Callable[[str], Any]] = {
        "smtpedu.annotate": smtp.annotate,
        "str.split": split,
        "annotate and to_frame": lambda text: smtp.annotate(text).to_frame(),
    }
    text = transcript(LINES if benchmark.enabled else 600)
    benchmark.pedantic(calls[peer], args=(text,), rounds=3)


@pytest.mark.benchmark(group="output")
@pytest.mark.parametrize("name", ["player", "comparison", "explorer", "ipywidgets.HTML (peer)"])
def test_output(benchmark: Any, name: str) -> None:
    """Bytes that a call puts into the notebook, and sends to the browser."""
    from ipywidgets import HTML

    makers: dict[str, Callable[[], Any]] = {
        "player": lambda: smtp.session("mixed-recipients").widget(),
        "comparison": lambda: smtp.compare(250, 551).widget(),
        "explorer": lambda: smtp.explorer().widget(),
        "ipywidgets.HTML (peer)": lambda: HTML(smtp.compare(250, 551).to_html()),
    }
    widget = benchmark(makers[name])
    bundle = widget._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    state = widget.get_state().values()
    benchmark.extra_info["bytes in the cell"] = sum(
        len(str(value).encode()) for value in data.values()
    )
    benchmark.extra_info["bytes of state"] = sum(
        len(value if isinstance(value, bytes) else str(value).encode()) for value in state
    )


QUOTING = {
    "a reply a row": "status=bounced (host mx said: 550 5.1.1 no (in reply to RCPT TO command))",
    "no reply": "relay=mx.x.example[192.0.2.7]:25, delay=0.45, delays=0.1/0/0.2/0.1, status=sent",
}


@pytest.mark.benchmark(group="quoted replies")
@pytest.mark.parametrize("kind", QUOTING)
@pytest.mark.parametrize("rows", [10_000, 100_000])
def test_quoted_replies(benchmark: Any, rows: int, kind: str) -> None:
    """Ten times the rows must cost ten times as much."""
    rows = rows if benchmark.enabled else rows // 100
    log = "".join(
        f"Nov 26 10:00:00 mail postfix/smtp[{n}]: {n:X}: to=<u{n}@x.example>, {QUOTING[kind]}\n"
        for n in range(rows)
    )
    assert len(benchmark(quoted_replies, log)) == (rows if "said" in log else 0)
