"""A third language is files alone: a catalogue of three strings, and English for the rest."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import smtpedu

CHECKOUT = Path(smtpedu.__file__).parents[1]
CATALOGUE = """msgid ""
msgstr "Language: xx\\n"

msgid "widget.direction"
msgstr "rtl"

msgid "widget.own_name"
msgstr "Toy"

msgid "report.title"
msgstr "TOY REPORT"
"""
# What each part says in English, and in the toy language, as a list of texts.
PARTS = {
    "codes": "smtp.explain(551), smtp.explain('550 5.1.6 Moved'), len(smtp.codes())",
    "compare": "smtp.compare(250, 551), smtp.compare(250, 551).to_frame().to_csv()",
    "session": "smtp.session('relay-denied'), smtp.session('relay-denied').to_frame().to_csv()",
    "servers": "smtp.servers('moved'), smtp.servers().to_frame().to_csv()",
    "scenarios": "[(one.title(), one.asks()) for one in scenarios().values()]",
    "challenges": "[(one.title(), one.hint()) for one in challenges()]",
    "exercises": "smtp.check('transient'), smtp.hint('deliver', 1), smtp.solution('transient')",
    "judge": "smtp.check('deliver', lambda *_: {})",
    "quiz": "smtp.quiz('250-vs-551'), smtp.review(3)",
    "objectives": "[(o.title(), o.read()) for o in objectives().values()]",
    "misconceptions": "[(b.belief(), b.rebuttal()) for b in misconceptions().values()]",
    "generated": "[generate(n).stem for n in range(9)]",
    "explorer": "smtp.explorer(551)",
    "policy": "smtp.policy_explorer()",
    "progress": "smtp.progress(), smtp.progress().mastery.to_csv()",
    "plot": "smtp.progress().plot()",
}
WIDGETS = {
    "comparison": "smtp.compare(250, 551).widget()",
    "explorer": "smtp.explorer(551).widget()",
    "player": "smtp.session('mixed-recipients').play(predict=True)",
    "overview": "smtp.overview().widget()",
    "policy": "smtp.policy_explorer().widget()",
    "servers": "smtp.servers('moved').widget()",
    "quiz": "smtp.quiz('250-vs-551').widget()",
    "console": "console()",
}
SCRIPT = """
import json, sys, traceback
import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.course.challenges import challenges
from smtpedu.dialogue.captures import scenarios
from smtpedu.i18n import LANGUAGES, direction, text
from smtpedu.questions.bank import misconceptions, objectives
from smtpedu.questions.generators import generate
from smtpedu.widgets.console import make
from smtpedu.widgets.page import content

PARTS, WIDGETS = json.loads(sys.argv[1])
lab = smtp.Lab({"bob@example.test": "moved to bob@new.example"})
console = lambda: make(lab)

def tried(done, *arguments):
    try:
        return done(*arguments)
    except Exception:
        return "FAILED " + traceback.format_exc()

def said(part):
    found = eval(part)
    return [str(one) for one in (found if isinstance(found, tuple) else (found,))]

def per_language(value):
    '''Every table, at whatever depth, that is by language.'''
    if isinstance(value, dict):
        if {"en", "ar"} <= set(value):
            yield value
        for one in value.values():
            yield from per_language(one)
    elif isinstance(value, list):
        for one in value:
            yield from per_language(one)

def widget(made):
    one = eval(made)
    return {
        "language": one.data["language"],
        "lacking": [table for table in per_language(one.data) if "xx" not in table],
        "fallback": one._repr_mimebundle_()[0]["text/html"],
    }

def page():
    parts = {name: part() for name, part in content.PARTS.items()}
    tables = list(per_language(parts))
    return {
        "own_name": parts["strings"]["xx"]["widget.own_name"],
        "tables": len(tables),
        "lacking": [table for table in tables if "xx" not in table],
    }

smtp.language("en")
english = {name: tried(said, part) for name, part in PARTS.items()}
smtp.language("xx")
print(json.dumps({
    "languages": LANGUAGES,
    "direction": direction(),
    "own": [text("widget.own_name"), text("report.title"), text("player.next")],
    "english": english,
    "toy": {name: tried(said, part) for name, part in PARTS.items()},
    "page": page(),
    "widgets": {name: tried(widget, made) for name, made in WIDGETS.items()},
}))
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """Run Python with a package whose data has the toy language's catalogue."""
    folder = tmp_path_factory.mktemp("three")
    for name in ("smtpedu", "data"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(CHECKOUT / name, folder / name, ignore=ignored)
    path = folder / "data" / "locale" / "xx" / "LC_MESSAGES" / "smtpedu.po"
    path.parent.mkdir(parents=True)
    path.write_text(CATALOGUE, "utf-8")

    def run(*arguments, **more):
        environ = os.environ | {"PYTHONPATH": str(folder), "PYTHONIOENCODING": "utf-8"} | more
        environ["SMTPEDU_PROGRESS"] = str(folder / "progress.sqlite3")
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, capture_output=True, check=False, cwd=folder, env=environ, encoding="utf-8"
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def found(python):
    return json.loads(python("-c", SCRIPT, json.dumps([PARTS, WIDGETS])))


def test_its_own_strings_are_used_and_english_where_it_has_none(found):
    assert found["languages"] == ["en", "ar", "xx"]
    assert found["direction"] == "rtl"
    assert found["own"] == ["Toy", "TOY REPORT", "Next"]


@pytest.mark.parametrize("part", PARTS)
def test_each_part_speaks_english_where_the_language_has_nothing(found, part):
    english, toy = found["english"][part], found["toy"][part]
    assert "FAILED" not in str([english, toy]), toy
    title = english[0].partition("\n")[0]
    if part == "progress":
        assert toy[0].startswith("TOY REPORT\n")
        title_line = "=" * len(title)
        english[0] = english[0].replace(f"{title}\n{title_line}", "TOY REPORT\n==========", 1)
    assert toy == english


def test_page_has_every_language(found):
    assert found["page"]["own_name"] == "Toy"
    assert found["page"]["tables"] > 50
    assert found["page"]["lacking"] == []


@pytest.mark.parametrize("kind", WIDGETS)
def test_widget_is_in_the_language(found, kind):
    widget = found["widgets"][kind]
    assert "FAILED" not in widget, widget
    assert (widget["language"], widget["lacking"]) == ("xx", [])
    assert '<section lang="xx" dir="rtl">' in widget["fallback"]


def test_command_line_knows_it(python):
    said = python("-m", "smtpedu", "progress", "--language", "xx")
    assert said.startswith("TOY REPORT\n")
    assert "Meaning" not in python("-m", "smtpedu", "explain", "--help")
    assert "{en,ar,xx}" in python("-m", "smtpedu", "explain", "--help")
    assert python("-m", "smtpedu", "explain", "551", SMTPEDU_LANGUAGE="xx") == python(
        "-m", "smtpedu", "explain", "551", SMTPEDU_LANGUAGE="en"
    )
