"""The command line: `main`, and the commands; each module adds its own, with their options."""

from __future__ import annotations

import argparse
import atexit
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from errno import EBADF, EINVAL, EIO, ENOSPC, EPIPE
from importlib.metadata import version
from io import TextIOWrapper
from typing import TextIO

from smtpedu.cli import explain, handout, progress, questions, serve, start
from smtpedu.cli.errors import CommandError
from smtpedu.cli.printing import Parser, say
from smtpedu.i18n import LANGUAGES, language, text

# What says in words why a command could not be carried out.
_SAID = (CommandError, LookupError, ValueError, ImportError, OSError)
# What printing raises, at once where nothing is buffered; a file would be named.
_OF_OUTPUT = (EPIPE, ENOSPC, EIO, EBADF, EINVAL)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status.

    0 when it was done, or whoever reads it has seen enough; 1, with one sentence, when it could
    not be done; 2 when it was not understood; 130 when Ctrl-C ended it. In Python's development
    mode (`-X dev`) an error that nobody thought of is raised.
    """
    _prepare_streams()
    status: int = 0
    problem: Exception | None = None
    try:
        options = _parser().parse_args(arguments)
        if options.language:
            language(options.language)
        options.run(options)
    except SystemExit as stop:  # so argparse ends, and JupyterLab
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except KeyboardInterrupt:
        status = 130
    except Exception as error:
        status, problem = 1, _told(error)
    lost = _flush(sys.stdout)
    if isinstance(problem, OSError) and problem.errno in _OF_OUTPUT and not problem.filename:
        lost = problem
    if lost and (status == 0 or problem is lost):
        status, problem = 1, CommandError(text("cli.lost", reason=lost.strerror))
        # `head` has seen enough. On Windows it is EINVAL.
        if isinstance(lost, BrokenPipeError) or (os.name == "nt" and lost.errno == EINVAL):
            status, problem = 0, None
    if problem:
        with suppress(OSError):
            say(f"smtpedu: {problem}", error=True)
    _flush(sys.stderr)
    return status


def _told(error: Exception) -> Exception:
    if isinstance(error, _SAID):
        return error
    if sys.flags.dev_mode:
        raise error
    return CommandError(text("cli.unexpected", kind=type(error).__name__, said=error))


def _prepare_streams() -> None:
    """A closed stream is an empty one; not every terminal and pipe can take Arabic."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            empty = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115
            atexit.register(empty.close)
            setattr(sys, name, empty)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")


def _flush(stream: TextIO) -> OSError | None:
    """Write what was printed; returns why that fails. Then the rest goes nowhere."""
    try:
        stream.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
        return error
    return None


def _parser() -> argparse.ArgumentParser:
    common = Parser(add_help=False)
    common.add_argument("--language", choices=list(LANGUAGES), help=text("cli.language"))
    parser = Parser(prog="smtpedu", description=text("cli.about"), epilog=text("cli.status"))
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
