"""The learner's own copy of the lessons: made once, never overwritten."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from smtpedu.files import content_of, folder, write_whole


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in the learner's folder; `changed` when it is no longer as shipped.

    It is `broken` when it is no notebook any more. `fresh` is the copy put beside it, where one
    was asked for.
    """

    path: Path
    changed: bool = False
    broken: bool = False
    fresh: Path | None = None

    @property
    def usable(self) -> Path | None:
        """What can be opened: for a broken one its fresh copy, if there is one."""
        return self.fresh if self.broken else self.path


def shipped(language: str) -> list[Path]:
    """The lessons in this language, in order; English where it has none."""
    translated = sorted((folder("notebooks") / language).glob("*.ipynb"))
    return translated or sorted(folder("notebooks").glob("*.ipynb"))


def numbered(language: str) -> dict[int, str]:
    """Number of a lesson → the name of its file, which begins with it."""
    names = (path.name for path in shipped(language))
    return {int(name[:2]): name for name in names if name[:2].isdecimal()}


def copy(target: Path, language: str, *, fresh: bool = False) -> Iterator[Lesson]:
    """Bring the lessons to `target`, one `Lesson` each.

    A lesson that is there already is kept whatever it contains, unless that is nothing; with
    `fresh`, the shipped one is put beside a changed one as `<name>.fresh.ipynb`. Changed is what
    the learner wrote, not what running stored. Raises `OSError` where it cannot write.
    """
    target.mkdir(parents=True, exist_ok=True)
    for source in shipped(language):
        path = target / source.name
        _bring(source, path)
        found = _sources(path)
        changed = found != _sources(source)
        beside = _beside(source, path) if changed and fresh else None
        yield Lesson(path, changed, found is None, beside)


def last_worked_at(target: Path, language: str) -> Path | None:
    """The copy in `target`, fresh ones included, that was saved last, of those run or changed.

    None where the learner has worked at none. What is no notebook (any more) is not one.
    """
    found = (
        (path.stat().st_mtime, path)
        for source in shipped(language)
        for path in target.glob(f"{source.stem}*.ipynb")
        if _is_worked_at(path, source)
    )
    return max(found, default=(0, None))[1]


def _is_worked_at(path: Path, source: Path) -> bool:
    """Whether a copy was run, or says anything else than the shipped lesson."""
    cells = _cells(path)
    if cells is None:
        return False
    was_run = any(cell.get("execution_count") for cell in cells)
    return was_run or _sources(path) != _sources(source)


def _bring(source: Path, path: Path) -> None:
    """Write a lesson as a learner gets it, unless something has its name.

    An empty file, as a full disk leaves one, is nothing. The lesson names this kernel, else
    JupyterLab would count it as changed from the first. It is trusted, as it is our own.
    """
    with contextlib.suppress(FileNotFoundError):
        found = path.lstat()
        if found.st_size or not stat.S_ISREG(found.st_mode):
            return
        path.unlink()
    import nbformat
    from nbformat.sign import NotebookNotary

    lesson = nbformat.read(source, as_version=4)
    lesson.metadata.update(_kernel())
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
    with (
        contextlib.suppress(OSError, sqlite3.Error),
        contextlib.closing(NotebookNotary()) as keeper,
    ):
        keeper.sign(lesson)  # where that cannot be kept, its outputs are shown once it is run
    with contextlib.suppress(FileExistsError):  # another process has just brought it
        write_whole(path, f"{nbformat.writes(lesson)}\n".encode())


def _kernel() -> dict[str, Any]:
    """What JupyterLab writes into a notebook of the usual kernel, where there is one."""
    from ipykernel.ipkernel import IPythonKernel
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return {}
    named = {"display_name": spec.display_name, "language": spec.language, "name": "python3"}
    return {"kernelspec": named, "language_info": IPythonKernel.language_info}


def _sources(path: Path) -> list[str] | None:
    """What the cells say; None for what is no notebook (any more)."""
    cells = _cells(path)
    return None if cells is None else ["".join(cell["source"]) for cell in cells]


def _cells(path: Path) -> list[dict[str, Any]] | None:
    """The cells as they are stored; None for what is no notebook: damaged, a folder, a pipe."""
    try:
        cells = json.loads(content_of(path) if path.is_file() else b"")["cells"]
        for cell in cells:
            "".join(cell["source"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return list(cells)


def _beside(source: Path, path: Path) -> Path:
    """Put the shipped lesson beside the changed one, under a name that is free."""
    names = (f"{path.stem}.fresh{n or ''}.ipynb" for n in count())
    for beside in map(path.with_name, names):
        _bring(source, beside)
        if _sources(beside) == _sources(source):
            return beside
    raise AssertionError("count() does not end")
