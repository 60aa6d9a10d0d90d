"""Questions in a language that has but a catalogue: English where a file has no texts in it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import smtpedu

CHECKOUT = Path(smtpedu.__file__).parents[1]
CATALOGUE = """msgid ""
msgstr "Language: uk\\n"

msgid "interchange.right"
msgstr "Так."
"""
OWN = """language = "uk"
[[question]]
id = "one"
kind = "choice"
stem = "Що каже `551`?"
options = [{ text = "а", right = true, feedback = "Так." }, { text = "б", feedback = "Ні." }]
"""
SCRIPT = """
import json, sys
import smtpedu as smtp
from smtpedu.learner.sitting import texts_about
from smtpedu.questions.bank import misconceptions, objectives, plans
from smtpedu.questions.generators import generate
from smtpedu.widgets.page.bank import shipped

written = {"uk": "Що каже 551?", "ar": "أي رمز؟", "en": "Which code?", "ja": "どのコード？"}

def imported(stem):
    answers = [{"answer": "a", "correct": True}, {"answer": "b", "correct": False}]
    question = {"question": stem, "type": "multiple_choice", "answers": answers}
    with open("theirs.json", "w", encoding="utf-8") as file:
        json.dump([question], file)
    [item] = smtp.import_questions("theirs.json")
    return [item.language, item.options[0].feedback]

smtp.language("uk")
told = texts_about(smtp.quiz("250-vs-551").pool)
json.dump({
    "own": smtp.quiz("own.toml").items[0].language,
    "imported": {name: imported(stem) for name, stem in written.items()},
    "texts": [
        [one.title() == one.title("en") for one in objectives().values()],
        [one.rebuttal() == one.rebuttal("en") for one in misconceptions().values()],
        [smtp.quiz(name).title == plan.title("en") for name, plan in plans().items()],
    ],
    "page": [{*one} - {"source", "lesson"} == {"en", "ar", "uk"} for part in told.values()
             for one in part.values()],
    "titles": [*shipped()["titles"]["250-vs-551"]],
    "generated": [generate(1).stem == generate(1, language="en").stem, generate(1).language],
    "exported": smtp.export_questions("a.xml", smtp.quiz("own.toml").items),
}, sys.stdout)
"""


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """What the package says in Ukrainian, with data to which that catalogue is added."""
    folder = tmp_path_factory.mktemp("three")
    (folder / "smtpedu").symlink_to(CHECKOUT / "smtpedu")
    (folder / "data" / "locale" / "uk" / "LC_MESSAGES").mkdir(parents=True)
    for path in (*(CHECKOUT / "data").iterdir(), *(CHECKOUT / "data" / "locale").iterdir()):
        if path.name != "locale":
            (folder / path.relative_to(CHECKOUT)).symlink_to(path)
    catalogue = folder / "data" / "locale" / "uk" / "LC_MESSAGES" / "smtpedu.po"
    catalogue.write_text(CATALOGUE, "utf-8")
    (folder / "own.toml").write_text(OWN, "utf-8")
    more = {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"}
    more["SMTPEDU_PROGRESS"] = str(folder / "progress.sqlite3")
    run = subprocess.run(
        [sys.executable, "-P", "-c", SCRIPT],
        **{"capture_output": True, "encoding": "utf-8", "cwd": folder},
        env=os.environ | more,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_file_of_questions_may_be_in_it(told):
    assert told["own"] == "uk"


def test_imported_questions_are_in_the_language_of_their_letters(told):
    assert told["imported"] == {
        "uk": ["uk", "Так."],
        "ar": ["ar", "إجابة صحيحة."],
        **{name: ["en", "Right."] for name in ("en", "ja")},
    }


def test_objectives_misconceptions_and_quizzes_are_told_in_english(told):
    for part in told["texts"]:
        assert len(part) > 5
        assert all(part)


def test_page_has_texts_and_title_for_each_language(told):
    assert told["page"]
    assert all(told["page"])
    assert told["titles"] == ["en", "ar", "uk"]


def test_generated_and_exported_questions_speak_it(told):
    assert told["generated"] == [True, "uk"]
    assert isinstance(told["exported"], list)
