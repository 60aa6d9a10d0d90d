"""`smtpedu explain`, `compare`, `annotate`: texts about codes and dialogues."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from smtpedu.cli.errors import CommandError, unreadable
from smtpedu.i18n import text


def explain_what(options: argparse.Namespace) -> None:
    """Print what a code or a reply says."""
    from smtpedu.protocol.reply import ReplySyntaxError
    from smtpedu.reference.explain import explain

    what = " ".join(options.what)
    try:
        print(explain(what))
    except ReplySyntaxError as error:
        problem = text("cli.not_explained", what=what, reason=error)
        raise CommandError(problem) from None


def compare_two(options: argparse.Namespace) -> None:
    """Print two codes side by side."""
    from smtpedu.reference.compare import compare

    print(compare(options.a, options.b))


def annotate_file(options: argparse.Namespace) -> None:
    """Print a transcript with the meaning of every line."""
    from smtpedu.dialogue.session import annotate
    from smtpedu.display import to_text

    try:
        content = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
    except OSError as error:
        raise unreadable(options.file, error) from None
    print(to_text(annotate(content).blocks(limit=None)))
