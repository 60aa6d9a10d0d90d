"""The learner's own copy of the lessons: made once, never overwritten."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

from smtpedu.files import folder


@dataclass(frozen=True, slots=True)
class Lesson:
    """One lesson in the learner's folder; `changed` when it is no longer as shipped.

    `fresh` is the copy put beside it, where one was asked for.
    """

    path: Path
    changed: bool = False
    fresh: Path | None = None


def shipped(language: str) -> list[Path]:
    """The lessons in this language, in order; English where it has none."""
    translated = sorted((folder("notebooks") / language).glob("*.ipynb"))
    return translated or sorted(folder("notebooks").glob("*.ipynb"))


def copy(target: Path, language: str, *, fresh: bool = False) -> Iterator[Lesson]:
    """Bring the lessons to `target`, one `Lesson` each.

    A lesson that is there already is kept whatever it contains; with `fresh`, the shipped one
    is put beside a changed one as `<name>.fresh.ipynb`. Changed is what the learner wrote, not
    what running stored. Raises `OSError` where it cannot write.
    """
    target.mkdir(parents=True, exist_ok=True)
    for source in shipped(language):
        path = target / source.name
        if not path.exists():
            _write(source, path)
        changed = _sources(path) != _sources(source)
        yield Lesson(path, changed, _beside(source, path) if changed and fresh else None)


def _write(source: Path, path: Path) -> None:
    """Write a lesson as a learner gets it.

    The answer to a question is left out until the learner runs the cell (a folded output
    would show its first line). It names this kernel, else JupyterLab would count it as changed
    from the first. It is trusted, as what it holds is our own.
    """
    import nbformat
    from nbformat.sign import NotebookNotary

    lesson = nbformat.read(source, as_version=4)
    lesson.metadata.update(_kernel())
    for cell in lesson.cells:
        if cell.cell_type == "code":
            cell.execution_count = None
            if "predict" in cell.metadata.get("tags", []):
                cell.outputs = []
                cell.metadata.pop("jupyter", None)
    nbformat.write(lesson, path)
    with contextlib.closing(NotebookNotary()) as notary:
        notary.sign(lesson)


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
    try:
        cells = json.loads(path.read_bytes())["cells"]
        return ["".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError):
        return None


def _beside(source: Path, path: Path) -> Path:
    """Put the shipped lesson beside the changed one, under a name that is free."""
    names = (f"{path.stem}.fresh{n or ''}.ipynb" for n in count())
    for beside in map(path.with_name, names):
        if not beside.exists():
            _write(source, beside)
        if _sources(beside) == _sources(source):
            return beside
    raise AssertionError("count() does not end")
