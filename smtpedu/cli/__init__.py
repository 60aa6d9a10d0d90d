"""The command line: which commands there are, and their options. `commands` does the work."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from smtpedu.cli.errors import CommandError
from smtpedu.cli.explain import annotate_file, compare_two, explain_what
from smtpedu.cli.progress import show_progress
from smtpedu.cli.questions import check_file, export_bank, import_file
from smtpedu.cli.serve import serve_lab
from smtpedu.cli.start import HOME, start_lessons
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
        print(f"smtpedu: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader, such as `head`, has seen enough.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--language", choices=list(LANGUAGES), help=text("cli.language"))
    parser = argparse.ArgumentParser(prog="smtpedu", description=text("cli.about"))
    parser.add_argument("--version", action="version", version=version("smtpedu"))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object) -> argparse.ArgumentParser:
        said = text(f"cli.{name}")
        added = commands.add_parser(name, help=said, description=said, parents=[common])
        added.set_defaults(run=run)
        return added

    start = command("start", start_lessons)
    start.add_argument("--dir", type=Path, default=HOME, help=text("cli.dir"))
    start.add_argument("--port", type=int, help=text("cli.port"))
    start.add_argument("--no-browser", action="store_true", help=text("cli.no_browser"))
    start.add_argument("--copy-only", action="store_true", help=text("cli.copy_only"))
    start.add_argument("--fresh", action="store_true", help=text("cli.fresh"))
    command("explain", explain_what).add_argument("what", nargs="+", help=text("cli.what"))
    compare = command("compare", compare_two)
    compare.add_argument("a", help=text("cli.what"))
    compare.add_argument("b", help=text("cli.what"))
    command("annotate", annotate_file).add_argument("file", help=text("cli.file"))
    command("check", check_file).add_argument("file", type=Path, help=text("cli.questions"))
    out = command("export-questions", export_bank)
    out.add_argument("file", type=Path, help=text("cli.export_file"))
    into = command("import-questions", import_file)
    into.add_argument("file", type=Path, help=text("cli.import_file"))
    into.add_argument("out", type=Path, metavar="OUT.toml", help=text("cli.toml_file"))
    _progress_options(command("progress", show_progress))
    _serve_options(command("serve", serve_lab))
    return parser


def _progress_options(progress: argparse.ArgumentParser) -> None:
    option = progress.add_mutually_exclusive_group().add_argument
    option("--export", type=Path, metavar="FILE", help=text("cli.export"))
    option("--delete", action="store_true", help=text("cli.delete"))
    option("--path", action="store_true", help=text("cli.path"))
    progress.add_argument("--yes", action="store_true", help=text("cli.yes"))


def _serve_options(serve: argparse.ArgumentParser) -> None:
    option = serve.add_argument
    option("--mailbox", action="append", default=[], metavar="A=POLICY", help=text("cli.mailbox"))
    option("--policies", type=Path, metavar="FILE", help=text("cli.policies"))
    option("--host", default="127.0.0.1", help=text("cli.host"))
    option("--port", type=int, default=2525, help=text("cli.serve_port"))
    option("--tls", action="store_true", help=text("cli.tls"))
    option("--user", action="append", default=[], metavar="NAME:PASSWORD", help=text("cli.user"))
