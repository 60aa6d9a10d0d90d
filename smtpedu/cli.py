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
    _serve_options(command("serve", _serve))
    return parser


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


def _serve(options: argparse.Namespace) -> None:
    from smtpedu import serve
    from smtpedu.lab import Lab

    _check_port(options.port, options.host)
    mailboxes = serve.parse_mailboxes(options.mailbox) or serve.MAILBOXES
    users = dict(user.split(":", 1) for user in options.user if ":" in user)
    more = {"host": options.host, "port": options.port, "tls": options.tls, "users": users}
    try:
        lab = Lab(options.policies or mailboxes, **more)
    except OSError as error:
        raise _unreadable(options.policies, error) from None
    serve.run(lab)


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
