"""Runs every lesson from top to bottom and stores its outputs: `python tests/refresh_lessons.py`.

Read the difference before you commit it: stored outputs are tests. Widget views are left out,
as they hold random ids; what stays beside them is the HTML that an unrun lesson shows. The
output of a cell tagged `predict` is folded until the learner runs it: its question comes first.
Lessons run with an empty record of answers, never with that of whoever runs this. Afterwards the
README's table of lessons is written anew from what they say of themselves (`table_of_lessons`).
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from table_of_lessons import write_table

LESSONS = Path(__file__).parent.parent / "notebooks"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def refresh(path: Path) -> None:
    """Run one lesson in place."""
    lesson = nbformat.read(path, as_version=4)
    NotebookClient(lesson, timeout=120, store_widget_state=False).execute(cwd=str(path.parent))
    own = {name: lesson.metadata[name] for name in ("smtpedu",) if name in lesson.metadata}
    lesson.metadata = {
        **own,
        "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    for number, cell in enumerate(lesson.cells, 1):
        cell.id = f"cell-{number:02}"
        tags = cell.metadata.get("tags", [])
        folded = {"jupyter": {"outputs_hidden": True}} if "predict" in tags else {}
        cell.metadata = nbformat.from_dict(({"tags": tags} if tags else {}) | folded)
        for output in cell.get("outputs", []):
            output.get("data", {}).pop(WIDGET_VIEW, None)
    nbformat.validate(lesson)
    nbformat.write(lesson, path)


if __name__ == "__main__":
    wanted = sys.argv[1:] or sorted(map(str, LESSONS.rglob("*.ipynb")))
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="smtpedu-answers-") as folder:
            os.environ["SMTPEDU_PROGRESS"] = str(Path(folder, "progress.sqlite3"))
            refresh(Path(name))
    write_table()
