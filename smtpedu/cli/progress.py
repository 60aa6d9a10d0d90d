"""`smtpedu progress`: what the learner's answers amount to."""

from __future__ import annotations

import argparse
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError
from smtpedu.cli.printing import ask, say
from smtpedu.i18n import text


def add(command: Command) -> None:
    """Add the command and its options."""
    progress = command("progress", show_progress)
    option = progress.add_mutually_exclusive_group().add_argument
    option("--export", type=Path, metavar="FILE", help=text("cli.export"))
    option("--delete", action="store_true", help=text("cli.delete"))
    option("--path", action="store_true", help=text("cli.path"))
    progress.add_argument("--yes", action="store_true", help=text("cli.yes"))


def show_progress(options: argparse.Namespace) -> None:
    """Show, export or delete what is kept."""
    from smtpedu.learner.report import progress
    from smtpedu.learner.store import StoreError, store

    if options.path:
        say(store().path)
        return
    try:
        kept = progress()
        if options.delete:
            if not options.yes and not _agreed(text("cli.sure", path=kept.path)):
                raise CommandError(text("cli.not_deleted"))
            kept.delete(confirm=True)
            say(text("cli.deleted", path=kept.path))
        elif options.export:
            say(text("cli.exported", path=kept.export(options.export)))
        elif kept.unreadable:
            raise kept.unreadable
        else:
            for line in str(kept).splitlines():
                say(line)
    except StoreError as error:
        raise CommandError(str(error)) from None


def _agreed(question: str) -> bool:
    """Whether the user says `yes`, and not by a mere return or the end of the input."""
    try:
        return ask(question).strip().casefold() in ("yes", text("cli.agreed"))
    except EOFError:
        return False
