"""Runs every lesson from top to bottom and stores its outputs: `python tests/refresh_lessons.py`.

Read the difference before you commit it: stored outputs are tests. Widget views are left out,
as they hold random ids; what stays beside them is the HTML that an unrun lesson shows. Lessons run
with an empty record of answers, never with that of whoever runs this; what a lesson shows only
after its predictions were made is stored beside its test, in `course/revealed`. Afterwards the
README's table of lessons is written anew from what they say of themselves (`table_of_lessons`).
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from table_of_lessons import write_table

LESSONS = Path(__file__).parent.parent / "notebooks"
REVEALED = Path(__file__).parent / "course" / "revealed"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
_ALL_ANSWERED = """
from smtpedu.course.predictions import answered
from smtpedu.questions.bank import predictions
answered.update(predictions())
"""


def refresh(path: Path) -> None:
    """Run one lesson in place, and once more for what it reveals."""
    lesson = nbformat.read(path, as_version=4)
    _run(lesson, path)
    lesson.metadata = {
        "smtpedu": lesson.metadata.smtpedu,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(lesson.cells, 1):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags", [])
        cell.metadata = nbformat.from_dict({"tags": tags} if tags else {})
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    nbformat.validate(lesson)
    nbformat.write(lesson, path)
    REVEALED.joinpath(f"{path.stem}.txt").write_text(revealed(path), "utf-8")


def revealed(path: Path) -> str:
    """What the `reveal` cells of a lesson show to whoever has answered every prediction."""
    lesson = nbformat.read(path, as_version=4)
    lesson.cells.insert(0, nbformat.v4.new_code_cell(_ALL_ANSWERED))
    _run(lesson, path)
    return "\n".join(_shown(lesson))


def _run(lesson: nbformat.NotebookNode, path: Path) -> None:
    NotebookClient(lesson, timeout=120, store_widget_state=False).execute(cwd=str(path.parent))


def _shown(lesson: nbformat.NotebookNode) -> Iterator[str]:
    for cell in lesson.cells:
        if cell.cell_type == "code" and "smtp.reveal(" in cell.source:
            yield f">>> {cell.source}"
            for output in cell.outputs:
                yield output.data["text/plain"] if "data" in output else output.text
            yield ""


if __name__ == "__main__":
    wanted = sys.argv[1:] or sorted(map(str, LESSONS.rglob("*.ipynb")))
    REVEALED.mkdir(exist_ok=True)
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="smtpedu-answers-") as folder:
            os.environ["SMTPEDU_PROGRESS"] = str(Path(folder, "progress.sqlite3"))
            refresh(Path(name))
    write_table()
