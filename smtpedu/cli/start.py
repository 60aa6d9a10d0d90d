"""`smtpedu start`: the lessons in a folder of the learner, JupyterLab on the first.

In a Jupyter that is open already, such as one of a Hub, a second JupyterLab would be out of reach:
there the lessons are copied to where its file browser shows them.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, check_port
from smtpedu.course import lessons
from smtpedu.i18n import language, text

HOME = Path("~/smtpedu-lessons")

#: What Jupyter sets in its terminals, in its kernels, and in all that a Hub starts.
INSIDE = ("JUPYTER_SERVER_ROOT", "JPY_PARENT_PID", "JUPYTERHUB_SERVICE_PREFIX")


def add(command: Command) -> None:
    """Add the command and its options."""
    option = command("start", start_lessons).add_argument
    option("--dir", type=Path, default=HOME, help=text("cli.dir"))
    option("--port", type=int, help=text("cli.port"))
    option("--no-browser", action="store_true", help=text("cli.no_browser"))
    option("--copy-only", action="store_true", help=text("cli.copy_only"))
    option("--fresh", action="store_true", help=text("cli.fresh"))


def start_lessons(options: argparse.Namespace) -> None:
    """Copy the lessons and open JupyterLab on the first, unless it is open already."""
    is_inside = options.port is None and any(map(os.environ.get, INSIDE))
    if options.copy_only or is_inside:
        _copy_only(options)
        return
    if options.port is not None:
        check_port(options.port)
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
    open_lab(arguments)


def _copy_only(options: argparse.Namespace) -> None:
    """Copy the lessons to where Jupyter's file browser shows them, and say which is the first."""
    target, root = _folder(options.dir), _browsed()
    if root and options.dir == HOME and not target.is_relative_to(root):
        target = root / HOME.name
    first = _copy(target, options.fresh)
    if not options.copy_only:
        print(text("cli.running"))
    if root and not target.is_relative_to(root):
        print(text("cli.out_of_sight", folder=root))
    else:
        print(text("cli.open_first", path=first.relative_to(root).as_posix() if root else first))
    if language() != os.environ.get("SMTPEDU_LANGUAGE", "en"):
        print(text("cli.kernels_language", call=f'smtp.language("{language()}")'))


def _browsed() -> Path | None:
    """The folder that the file browser shows; only a terminal of Jupyter knows it."""
    root = os.environ.get("JUPYTER_SERVER_ROOT")
    return Path(root).resolve() if root and Path(root).is_dir() else None


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
        raise CommandError(text("cli.not_writable", folder=target, reason=error.strerror)) from None
    print(text("cli.lessons", folder=target))
    for lesson in copied:
        if lesson.fresh:
            print(text("cli.beside", name=lesson.fresh.name))
        elif lesson.changed:
            print(text("cli.kept", name=lesson.path.name), text("cli.hint_fresh"))
    return copied[0].path


def open_lab(arguments: list[str]) -> None:
    """Run JupyterLab in this process."""
    from jupyterlab.labapp import LabApp

    sys.argv = ["smtpedu", *arguments]
    LabApp.launch_instance(arguments)
