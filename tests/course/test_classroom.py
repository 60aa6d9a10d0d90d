"""The lesson for a class, and the notes from which a teacher gives it."""

import re

import nbformat
import pytest

import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.files import folder
from smtpedu.questions.bank import lesson_of, predictions

NOTEBOOK = folder("notebooks") / "classroom.ipynb"
CODE = [cell.source for cell in nbformat.read(NOTEBOOK, 4).cells if cell.cell_type == "code"]
NOTES = (NOTEBOOK.parents[1] / "docs" / "teaching.md").read_text("utf-8")
ASKED = re.findall(r'smtp\.predict\("([\w-]+)"\)', "\n".join(CODE))
ROWS = [row.split("|")[1:-1] for row in NOTES.splitlines() if re.match(r"\| \d+ \|", row)]


def test_notes_answer_each_prediction_in_its_order():
    assert re.findall(r"^### `(.+)`$", NOTES, re.MULTILINE) == ASKED
    timed = re.findall(r"`([\w-]+)`", " ".join(row[1] for row in ROWS))
    assert timed == ASKED


@pytest.mark.parametrize("name", ASKED)
def test_notes_say_what_is_right_and_cite_what_the_question_cites(name):
    (section,) = re.findall(rf"^### `{name}`\n(.*?)(?=^##|\Z)", NOTES, re.MULTILINE | re.DOTALL)
    item = predictions()[name]
    cited = re.findall(r"RFC \d+ §[\d.]+\d", section)
    assert "Right: " in section
    assert section.count("\n- ") >= 2
    assert {*cited} & {*item.source.split("; ")}


def test_minutes_add_up():
    said = nbformat.read(NOTEBOOK, 4).metadata.smtpedu.minutes
    assert sum(int(row[0]) for row in ROWS) == said == 50


def test_calls_and_commands_exist(capsys):
    calls = set(re.findall(r"`smtp\.(\w+)", NOTES))
    assert {"progress", "quiz", "explain", "compare"} <= calls <= {*smtp.__all__}
    assert all(hasattr(smtp.progress(), name) for name in re.findall(r"progress\(\)\.(\w+)", NOTES))
    for command in set(re.findall(r"`smtpedu (\w+)", NOTES)):
        assert main([command, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(option in shown for option in re.findall(r"--(?:lesson|dir|copy-only)", NOTES))
    assert {"role", "item", "right", "misconceptions"} <= {*smtp.progress().attempts}


def test_both_beliefs_are_offered_before_and_after():
    before = {shown for name in ASKED for shown in predictions()[name].misconceptions}
    (call,) = [code for code in CODE if code.startswith("smtp.quiz(")]
    n, seed = map(int, re.findall(r"\d+(?=[,)])", call)[-2:])
    assert call in NOTES
    quiz = smtp.quiz("250-vs-551", n=n, seed=seed)
    after = {shown for item in quiz.items for shown in item.misconceptions}
    assert {"551-relay-denied", "250-means-delivered"} <= before & after
    assert len(quiz.items) == n and all(lesson_of(item) <= 4 for item in quiz.items)
