"""`smtpedu explain`, `compare`, `annotate`: texts about codes and dialogues."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from smtpedu.cli.errors import Command, reading
from smtpedu.cli.printing import show
from smtpedu.files import content_of, read_all
from smtpedu.i18n import text


def add(command: Command) -> None:
    """Add the commands and their options."""
    command("explain", explain_what).add_argument("what", nargs="*", help=text("cli.explained"))
    compare = command("compare", compare_two)
    compare.add_argument("a", help=text("cli.what"))
    compare.add_argument("b", help=text("cli.what"))
    command("annotate", annotate_file).add_argument("file", help=text("cli.file"))


def explain_what(options: argparse.Namespace) -> None:
    """Print what a code, a reply, a log or a bounce says."""
    from smtpedu.dialogue.diagnosis import explain

    show(explain(_given(options.what)).blocks())


def _given(words: list[str]) -> str | bytes:
    """What to explain: the words themselves, a file that they name, or standard input."""
    what = " ".join(words) or "-"
    with reading(what):
        return _content(what) if what == "-" or os.path.isfile(what) else what


def _content(file: str) -> bytes:
    return read_all(sys.stdin.buffer, file) if file == "-" else content_of(Path(file))


def compare_two(options: argparse.Namespace) -> None:
    """Print two codes side by side."""
    from smtpedu.reference.compare import compare

    show(compare(options.a, options.b).blocks())


def annotate_file(options: argparse.Namespace) -> None:
    """Print a transcript with the meaning of every line."""
    from smtpedu.dialogue.session import annotate

    with reading(options.file):
        content = _content(options.file)
    show(annotate(content).blocks(limit=None))
