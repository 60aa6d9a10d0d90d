"""The command line: `main`, and the commands; each module adds its own, with their options."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper

from smtpedu.cli import explain, handout, progress, questions, serve, start
from smtpedu.cli.errors import CommandError
from smtpedu.cli.printing import Parser, say
from smtpedu.i18n import LANGUAGES, language, text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 1 when it could not be done."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # not every terminal and pipe can take Arabic
            stream.reconfigure(errors="replace")
    options = _parser().parse_args(arguments)
    if options.language:
        language(options.language)
    try:
        options.run(options)
    except (CommandError, LookupError, ValueError) as error:
        say(f"smtpedu: {error}", error=True)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    common = Parser(add_help=False)
    common.add_argument("--language", choices=list(LANGUAGES), help=text("cli.language"))
    parser = Parser(prog="smtpedu", description=text("cli.about"))
    parser.add_argument("--version", action="version", version=version("smtpedu"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object) -> argparse.ArgumentParser:
        said = text(f"cli.{name}")
        added = commands.add_parser(name, help=said, description=said, parents=[common])
        added.set_defaults(run=run)
        return added

    for module in (start, explain, questions, progress, serve, handout):
        module.add(command)
    return parser
