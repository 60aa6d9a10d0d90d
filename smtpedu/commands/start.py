"""`smtpedu start`: the lessons in a folder of the learner, JupyterLab on the first."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from smtpedu import lessons
from smtpedu.commands.errors import CommandError
from smtpedu.commands.ports import check_port
from smtpedu.language import language, text

HOME = Path("~/smtpedu-lessons")


def start_lessons(options: argparse.Namespace) -> None:
    """Copy the lessons, and open JupyterLab on the first."""
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


def open_lab(arguments: list[str]) -> None:
    """Run JupyterLab in this process."""
    from jupyterlab.labapp import LabApp

    sys.argv = ["smtpedu", *arguments]
    LabApp.launch_instance(arguments)
