"""The command line: `smtpedu start`, `explain`, `compare`, `annotate`, `serve`."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from smtpedu import lessons
from smtpedu.language import LANGUAGES, language, text

_HOME = Path("~/smtpedu-lessons")


class CommandError(Exception):
    """What the user is told instead of a traceback."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, or 1 when it could not be done."""
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

    start = command("start", _start)
    start.add_argument("--dir", type=Path, default=_HOME, help=text("cli.dir"))
    start.add_argument("--port", type=int, help=text("cli.port"))
    start.add_argument("--no-browser", action="store_true", help=text("cli.no_browser"))
    start.add_argument("--fresh", action="store_true", help=text("cli.fresh"))
    command("explain", _explain).add_argument("what", nargs="+", help=text("cli.what"))
    compare = command("compare", _compare)
    compare.add_argument("a", help=text("cli.what"))
    compare.add_argument("b", help=text("cli.what"))
    command("annotate", _annotate).add_argument("file", help=text("cli.file"))
    command("check", _check).add_argument("file", type=Path, help=text("cli.questions"))
    out = command("export-questions", _export_questions)
    out.add_argument("file", type=Path, help=text("cli.export_file"))
    into = command("import-questions", _import_questions)
    into.add_argument("file", type=Path, help=text("cli.import_file"))
    into.add_argument("out", type=Path, metavar="OUT.toml", help=text("cli.toml_file"))
    _progress_options(command("progress", _progress))
    _serve_options(command("serve", _serve))
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


def _explain(options: argparse.Namespace) -> None:
    from smtpedu.codes import explain
    from smtpedu.reply import ReplySyntaxError

    what = " ".join(options.what)
    try:
        print(explain(what))
    except ReplySyntaxError as error:
        problem = text("cli.not_explained", what=what, reason=error)
        raise CommandError(problem) from None


def _compare(options: argparse.Namespace) -> None:
    from smtpedu.codes import compare

    print(compare(options.a, options.b))


def _annotate(options: argparse.Namespace) -> None:
    from smtpedu.markup import to_text
    from smtpedu.session import annotate

    try:
        content = (
            sys.stdin.buffer.read() if options.file == "-" else Path(options.file).read_bytes()
        )
    except OSError as error:
        raise _unreadable(options.file, error) from None
    print(to_text(annotate(content).blocks(limit=None)))


def _check(options: argparse.Namespace) -> None:
    """Every problem of a file of questions, one a line; then an error."""
    from smtpedu.files import DataError
    from smtpedu.questions.bank import stray
    from smtpedu.questions.items import read

    try:
        found = list(read(options.file, stray))
    except OSError as error:
        raise _unreadable(options.file, error) from None
    problems = [result for result in found if isinstance(result, DataError)]
    for problem in problems:
        print(problem)
    if problems:
        raise CommandError(text("cli.problems", count=len(problems)))
    print(text("cli.checked", count=len(found)))


def _export_questions(options: argparse.Namespace) -> None:
    from smtpedu.exchange.doors import export_questions

    try:
        lost = export_questions(options.file)
    except OSError as error:
        raise _unwritable(options.file, error) from None
    for sentence in lost:
        print(sentence, file=sys.stderr)


def _import_questions(options: argparse.Namespace) -> None:
    """Write what can be imported, and say of the rest why not. Never over another file."""
    from smtpedu.exchange.jupyterquiz import parse
    from smtpedu.exchange.toml import written

    try:
        items, notes = parse(options.file)
    except OSError as error:
        raise _unreadable(options.file, error) from None
    for note in notes:
        print(note, file=sys.stderr)
    content = written(items, text("interchange.header", name=options.file.name))
    try:
        with options.out.open("x", encoding="utf-8", newline="\n") as file:
            file.write(content)
    except FileExistsError:
        raise CommandError(text("interchange.exists", file=options.out)) from None
    except OSError as error:
        raise _unwritable(options.out, error) from None
    print(text("interchange.written", count=len(items), file=options.out))


def _unwritable(file: object, error: OSError) -> CommandError:
    return CommandError(text("cli.not_written", file=file, reason=error.strerror))


def _progress(options: argparse.Namespace) -> None:
    from smtpedu.progress.report import progress
    from smtpedu.progress.store import StoreError, store

    if options.path:
        print(store().path)
        return
    try:
        kept = progress()
        if options.delete:
            if not options.yes and not _agreed(text("cli.sure", path=kept.path)):
                raise CommandError(text("cli.not_deleted"))
            kept.delete(confirm=True)
            print(text("cli.deleted", path=kept.path))
        elif options.export:
            print(text("cli.exported", path=kept.export(options.export)))
        else:
            print(kept)
    except StoreError as error:
        raise CommandError(str(error)) from None


def _agreed(question: str) -> bool:
    """Whether the user says `yes`, and not by a mere return or the end of the input."""
    try:
        return input(f"{question} ").strip().casefold() in ("yes", text("cli.agreed"))
    except EOFError:
        return False


def _serve(options: argparse.Namespace) -> None:
    from smtpedu import serve
    from smtpedu.lab import Lab

    _check_port(options.port, options.host)
    mailboxes = serve.parse_mailboxes(options.mailbox) or serve.MAILBOXES
    users = dict(map(_user, options.user))
    more = {"host": options.host, "port": options.port, "tls": options.tls, "users": users}
    try:
        lab = Lab(options.policies or mailboxes, **more)
    except OSError as error:
        raise _unreadable(options.policies, error) from None
    serve.run(lab)


def _user(written: str) -> tuple[str, str]:
    name, colon, password = written.partition(":")
    if not (name and colon):
        raise CommandError(text("cli.no_password", written=written))
    return name, password


def _unreadable(file: object, error: OSError) -> CommandError:
    return CommandError(text("cli.cannot_read", file=file, reason=error.strerror))


def _start(options: argparse.Namespace) -> None:
    if options.port is not None:
        _check_port(options.port)
    target = _folder(options.dir)
    first = _copy(target, options.fresh)
    arguments = [
        f"--ServerApp.root_dir={target}",
        f"--LabApp.default_url=/lab/tree/{first.name}",
        # A class may be offline.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if options.port is not None:
        arguments += [f"--ServerApp.port={options.port}", "--ServerApp.port_retries=0"]
    if options.no_browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        print(text("cli.as_root"))
        arguments.append("--allow-root")
    os.environ["SMTPEDU_LANGUAGE"] = language()  # for the kernels
    _open_lab(arguments)


def _folder(written: Path) -> Path:
    try:
        return written.expanduser().resolve()
    except RuntimeError as error:  # such as ~nobody
        raise CommandError(text("cli.not_writable", folder=written, reason=error)) from None


def _copy(target: Path, fresh: bool) -> Path:
    """Copy the lessons and say what was kept; returns the first lesson."""
    try:
        copied = list(lessons.copy(target, language(), fresh=fresh))
    except OSError as error:
        problem = text("cli.not_writable", folder=target, reason=error.strerror)
        raise CommandError(problem) from None
    print(text("cli.lessons", folder=target))
    for lesson in copied:
        if lesson.fresh:
            print(text("cli.beside", name=lesson.fresh.name))
        elif lesson.changed:
            print(text("cli.kept", name=lesson.path.name), text("cli.hint_fresh"))
    return copied[0].path


def _check_port(port: int, host: str = "127.0.0.1") -> None:
    """Say at once that a port cannot be had."""
    if not 0 < port < 65536:
        raise CommandError(text("cli.port_range", port=port))
    with socket.socket() as probe:
        # As the server will: a port that lingers after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        try:
            probe.bind((host, port))
        except OSError:
            raise CommandError(text("cli.port_in_use", port=port)) from None


def _open_lab(arguments: list[str]) -> None:
    from jupyterlab.labapp import LabApp

    sys.argv = ["smtpedu", *arguments]
    LabApp.launch_instance(arguments)
