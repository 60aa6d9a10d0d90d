"""`smtpedu explain`, `compare`, `annotate`: texts about codes and dialogues."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, reading
from smtpedu.display import for_terminal
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
    from smtpedu.reference.explain import explain

    what = " ".join(options.what)
    try:
        print(for_terminal(explain(what).blocks()))
    except ReplySyntaxError as error:
        raise CommandError(text("cli.not_explained", what=what, reason=error)) from None


def compare_two(options: argparse.Namespace) -> None:
    """Print two codes side by side."""
    from smtpedu.reference.compare import compare

    print(for_terminal(compare(options.a, options.b).blocks()))


def annotate_file(options: argparse.Namespace) -> None:
    """Print a transcript with the meaning of every line."""
    from smtpedu.dialogue.session import annotate

    from_input = options.file == "-"
    with reading(options.file):
        content = sys.stdin.buffer.read() if from_input else Path(options.file).read_bytes()
    print(for_terminal(annotate(content).blocks(limit=None)))
