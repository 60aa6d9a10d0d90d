"""`smtpedu check`, `export-questions`, `import-questions`: files of questions."""

from __future__ import annotations

import argparse
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, reading, write_new
from smtpedu.cli.printing import say
from smtpedu.i18n import text


def add(command: Command) -> None:
    """Add the commands and their options."""
    command("check", check_file).add_argument("file", type=Path, help=text("cli.questions"))
    out = command("export-questions", export_bank)
    out.add_argument("file", type=Path, help=text("cli.export_file"))
    into = command("import-questions", import_file)
    into.add_argument("file", type=Path, help=text("cli.import_file"))
    into.add_argument("out", type=Path, metavar="OUT.toml", help=text("cli.toml_file"))


def check_file(options: argparse.Namespace) -> None:
    """Every problem of a file of questions, one a line; then an error."""
    if options.file.suffix.casefold() == ".json":
        _check_import(options.file)
    else:
        _check_own(options.file)


def _check_own(file: Path) -> None:
    from smtpedu.files import DataError
    from smtpedu.questions.bank import unknown_names
    from smtpedu.questions.toml_files import read

    with reading(file):
        found = list(read(file, unknown_names))
    problems = [result for result in found if isinstance(result, DataError)]
    for problem in problems:
        say(problem)
    if problems:
        raise CommandError(text("cli.problems", count=len(problems)))
    say(text("cli.checked", count=len(found)))


def _check_import(file: Path) -> None:
    """What would become of a jupyterquiz file."""
    from smtpedu.questions.exchange.jupyterquiz import parse

    with reading(file):
        items, notes, count = parse(file)
    for note in notes:
        say(note)
    said = text("interchange.importable", count=len(items), of=count)
    if len(items) < count:
        raise CommandError(said)
    say(said)


def export_bank(options: argparse.Namespace) -> None:
    """Write the bank in the format of the file's name, and say what it cannot hold."""
    from smtpedu.questions.exchange import exported

    content, lost = exported(options.file)
    write_new(options.file, content)
    for sentence in lost:
        say(sentence, error=True)


def import_file(options: argparse.Namespace) -> None:
    """Write what can be imported, and say of the rest why not. Never over another file."""
    from smtpedu.questions.exchange.jupyterquiz import parse
    from smtpedu.questions.toml_files import dumps

    with reading(options.file):
        items, notes, _ = parse(options.file)
    for note in notes:
        say(note, error=True)
    content = dumps(items, text("interchange.header", name=options.file.name))
    write_new(options.out, content.encode(errors="replace"))
    say(text("interchange.written", count=len(items), file=options.out))
