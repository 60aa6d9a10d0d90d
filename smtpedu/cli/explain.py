"""`smtpedu explain`, `compare`, `annotate`: texts about codes and dialogues."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, reading
from smtpedu.i18n import text


def add(command: Command) -> None:
    """Add the commands and their options."""
    command("explain", explain_what).add_argument("what", nargs="+", help=text("cli.what"))
    compare = command("compare", compare_two)
    compare.add_argument("a", help=text("cli.what"))
    compare.add_argument("b", help=text("cli.what"))
    command("annotate", annotate_file).add_argument("file", help=text("cli.file"))


def explain_what(options: argparse.Namespace) -> None:
    """Print what a code or a reply says."""
    from smtpedu.protocol.reply import ReplySyntaxError
    from smtpedu.reference.frames import explain

    what = " ".join(options.what)
    try:
        print(explain(what))
    except ReplySyntaxError as error:
        raise CommandError(text("cli.not_explained", what=what, reason=error)) from None


def compare_two(options: argparse.Namespace) -> None:
    """Print two codes side by side."""
    from smtpedu.reference.frames import compare

    print(compare(options.a, options.b))


def annotate_file(options: argparse.Namespace) -> None:
    """Print a transcript with the meaning of every line."""
    from smtpedu.dialogue.session import annotate
    from smtpedu.display import to_text

    from_input = options.file == "-"
    with reading(options.file):
        content = sys.stdin.buffer.read() if from_input else Path(options.file).read_bytes()
    print(to_text(annotate(content).blocks(limit=None)))
