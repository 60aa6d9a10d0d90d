"""`smtpedu start`: the lessons in a folder of the learner, JupyterLab on the one last worked at.

In a Jupyter that is open already, such as one of a Hub, a second JupyterLab would be out of reach:
there the lessons are copied to where its file browser shows them.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from urllib.parse import quote

from smtpedu.cli.errors import Command, CommandError, check_port
from smtpedu.cli.printing import say
from smtpedu.course import lessons
from smtpedu.i18n import language, text

HOME = Path("~/smtpedu-lessons")

#: What Jupyter sets in its terminals, in its kernels, and in all that a Hub starts.
INSIDE = ("JUPYTER_SERVER_ROOT", "JPY_PARENT_PID", "JUPYTERHUB_SERVICE_PREFIX")


def add(command: Command) -> None:
    """Add the command and its options."""
    option = command("start", start_lessons).add_argument
    option("--lesson", type=int, metavar="N", help=text("cli.lesson"))
    option("--dir", type=Path, default=HOME, help=text("cli.dir"))
    option("--port", type=int, help=text("cli.port"))
    option("--no-browser", action="store_true", help=text("cli.no_browser"))
    option("--copy-only", action="store_true", help=text("cli.copy_only"))
    option("--fresh", action="store_true", help=text("cli.fresh"))


def start_lessons(options: argparse.Namespace) -> None:
    """Copy the lessons and open JupyterLab, unless it is open already."""
    _check_lesson(options.lesson)
    is_inside = options.port is None and any(map(os.environ.get, INSIDE))
    if options.copy_only or is_inside:
        _copy_only(options)
        return
    if options.port is not None:
        check_port(options.port)
    target = _folder(options.dir)
    lesson = _copy(target, options)
    arguments = [
        f"--ServerApp.root_dir={target}",
        f"--LabApp.default_url=/lab/tree/{quote(lesson.name)}",
        # A class may be offline.
        "--LabApp.news_url=None",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if options.port is not None:
        arguments += [f"--ServerApp.port={options.port}", "--ServerApp.port_retries=0"]
    if options.no_browser:
        arguments.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        say(text("cli.as_root"))
        arguments.append("--allow-root")
    os.environ["SMTPEDU_LANGUAGE"] = language()  # for the kernels
    open_lab(arguments)


def _copy_only(options: argparse.Namespace) -> None:
    """Copy the lessons to where Jupyter's file browser shows them, and say which to open first."""
    target, root = _folder(options.dir), _browsed()
    if root and options.dir == HOME and not target.is_relative_to(root):
        target = root / HOME.name
    lesson = _copy(target, options)
    if not options.copy_only:
        say(text("cli.running"))
    if root and not target.is_relative_to(root):
        say(text("cli.out_of_sight", folder=root))
    else:
        path = lesson.relative_to(root).as_posix() if root else lesson
        say(text("cli.open_first", path=path))
    if language() != os.environ.get("SMTPEDU_LANGUAGE", "en"):
        say(text("cli.kernels_language", call=f'smtp.language("{language()}")'))


def _browsed() -> Path | None:
    """The folder that the file browser shows; only a terminal of Jupyter knows it."""
    root = os.environ.get("JUPYTER_SERVER_ROOT")
    return Path(root).resolve() if root and Path(root).is_dir() else None


def _folder(written: Path) -> Path:
    try:
        return written.expanduser().resolve()
    except (RuntimeError, OSError) as error:  # such as ~nobody; we are in a folder that is gone
        reason = getattr(error, "strerror", error)
        raise CommandError(text("cli.not_writable", folder=written, reason=reason)) from None


def _check_lesson(number: int | None) -> None:
    known = lessons.numbered(language())
    if number is not None and number not in known:
        first, last = min(known), max(known)
        raise CommandError(text("cli.no_lesson", number=number, first=first, last=last))


def _copy(target: Path, options: argparse.Namespace) -> Path:
    """Copy the lessons and say what was kept.

    Returns the one to open: that of the number asked for, else the one last worked at, else the
    first. Raises `CommandError` where none of these is a notebook.
    """
    try:
        copied = list(lessons.copy(target, language(), fresh=options.fresh))
    except OSError as error:
        raise CommandError(text("cli.not_writable", folder=target, reason=error.strerror)) from None
    say(text("cli.lessons", folder=target))
    for lesson in copied:
        if lesson.fresh:
            say(text("cli.beside", name=lesson.fresh.name))
        elif lesson.changed:
            key = "cli.broken" if lesson.broken else "cli.kept"
            say(f"{text(key, name=lesson.path.name)} {text('cli.hint_fresh')}")
    if options.lesson is not None:
        name = lessons.numbered(language())[options.lesson]
        copied = [lesson for lesson in copied if lesson.path.name == name]
    elif last := lessons.last_worked_at(target, language()):
        return last
    if opened := next(filter(None, (lesson.usable for lesson in copied)), None):
        return opened
    raise CommandError(text("cli.no_notebook", file=copied[0].path))


def open_lab(arguments: list[str]) -> None:
    """Run JupyterLab in this process."""
    from jupyterlab.labapp import LabApp

    sys.argv = ["smtpedu", *arguments]
    LabApp.launch_instance(arguments)
