"""Questions out to other programs and in from one, read back here by other means.

Moodle XML by ElementTree, GIFT by a reader of its own after Moodle's rules (and by gift-pegjs
where Node finds it), jupyterquiz by a schema.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.files import DataError
from smtpedu.questions.bank import bank
from smtpedu.questions.exchange.common import from_html
from smtpedu.questions.exchange.jupyterquiz import parse
from smtpedu.questions.generators import generate
from smtpedu.questions.items import Item, Option
from smtpedu.questions.kinds import grade, solution
from smtpedu.questions.toml_files import dumps, load

HERE = Path(__file__).parent
WILD = HERE / "wild.json"

NASTY = (
    "<script>alert(1)</script> & \"q\" 's' \\ \\n {a} ~b =c #d :e %50% a->b [html] [sound:x] ]]> "
    "`C: RCPT TO:<x@y.example>` {{Answer}} $1 \u202eabc\u200f \x00\x1b \ud800 ::name::\n\n//x `"
)


def hostile(kind, stem=NASTY, **more):
    """An item of this kind in which every text is hostile."""
    options = [Option(f"{n} {NASTY}", f"{NASTY} {n}", right=n == 1) for n in range(4)]
    match kind:
        case "number":
            options = [replace(option, value=550 + n) for n, option in enumerate(options)]
            more["otherwise"] = NASTY
        case "point":
            options = [replace(option, value=1 + n) for n, option in enumerate(options)]
            more["otherwise"] = NASTY
        case "classify":
            options = [replace(one, right=False, group=n % 2) for n, one in enumerate(options)]
            more["classes"] = (f"x {NASTY}", f"y -> {NASTY}")
        case "order":
            options = [replace(one, right=False) for one in options]
        case "choices":
            options[2] = replace(options[2], right=True)
    if kind in ("point", "predict", "diagnose"):
        more["lines"] = tuple((n, f"S: {n} {NASTY}".replace("\n", " ")) for n in range(1, 7))
    texts = {"hint": NASTY, "why": NASTY, "source": "RFC 5321 §3.4"}
    return Item(f"a::{{b}}=~{kind}", kind, stem, tuple(options), **texts, **more)


KINDS = ("choice", "choices", "number", "order", "point", "predict", "classify", "diagnose")
HOSTILE = [hostile(kind) for kind in KINDS]
GENERATED = [generate(n, language=name) for name in ("en", "ar") for n in range(40)]
ITEMS = [*bank().values(), *{item.id: item for item in GENERATED}.values(), *HOSTILE]
BY_ID = {item.id: item for item in ITEMS}
CHOOSING = ("choice", "predict", "diagnose", "choices")


# ---- what a reader sees ----


class Seen(HTMLParser):
    """The tags and the text of HTML."""

    def __init__(self, written):
        super().__init__()
        self.tags, self.said = set(), []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"lang", "dir"}

    def handle_data(self, data):
        self.said.append(data)


def seen(written):
    """The text of HTML, which has nothing in it but what we write."""
    found = Seen(written)
    allowed = {"p", "span", "bdi", "code", "pre", "br", "ul", "ol", "li", "hr"}
    assert found.tags <= allowed, found.tags
    return squeezed("".join(found.said))


def squeezed(said):
    """Text without backticks, spaces and what no file can hold."""
    return re.sub(r"[`\s]|[\x00-\x1f\ud800\ufffd]", "", said)


# ---- Moodle ----


def quiz_of(path):
    return ElementTree.parse(path).getroot()  # noqa: S314 (our own file)


@pytest.fixture(scope="module")
def moodle(tmp_path_factory):
    """Every question of an exported file by its name, without the categories."""
    path = tmp_path_factory.mktemp("moodle") / "questions.xml"
    smtp.export_questions(path, ITEMS)
    questions = quiz_of(path).findall("question")
    plain = [one for one in questions if one.get("type") != "category"]
    found = {one.findtext("name/text"): one for one in plain}
    assert len(found) == len(plain)
    return found


def said(element, path):
    return seen(element.findtext(f"{path}/text"))


TYPES = {
    **dict.fromkeys((*CHOOSING, "point"), "multichoice"),
    **{"number": "numerical", "order": "ordering", "classify": "matching"},
}
# The parts of a mark that Moodle knows (question/engine/bank.php).
FRACTIONS = (100, 90, 83.33333, 80, 75, 70, 66.66667, 60, 50, 40, 33.33333, 30, 25, 20, 16.66667)
FRACTIONS += (14.28571, 12.5, 11.11111, 10, 5, 0)


def test_moodle_has_every_item_as_the_type_that_fits(moodle):
    assert {name: one.get("type") for name, one in moodle.items()} == {
        item.id: TYPES[item.kind] for item in ITEMS
    }


def test_moodle_asks_the_same(moodle):
    for item in ITEMS:
        question = moodle[item.id]
        shown = said(question, "questiontext")
        assert shown.startswith(squeezed(item.stem))
        for _, line in item.lines:
            assert squeezed(line) in shown
        assert ("<pre" in question.findtext("questiontext/text")) == bool(item.lines)
        assert squeezed(item.why) in said(question, "generalfeedback")
        assert squeezed(item.source) in said(question, "generalfeedback")
        assert [said(hint, ".") for hint in question.findall("hint")] == [squeezed(item.hint)]


def test_moodle_choices_have_marks_that_moodle_knows_and_feedback(moodle):
    for item in ITEMS:
        if item.kind not in CHOOSING:
            continue
        answers = moodle[item.id].findall("answer")
        marks = [float(answer.get("fraction")) for answer in answers]
        assert all(abs(mark) in FRACTIONS for mark in marks)
        assert [mark > 0 for mark in marks] == [option.right for option in item.options]
        assert sum(mark for mark in marks if mark > 0) == pytest.approx(100, abs=0.01)
        single = moodle[item.id].findtext("single") == "true"
        assert single == (item.kind != "choices")
        assert all(mark in (0, 100) for mark in marks) or not single
        for option, answer in zip(item.options, answers, strict=True):
            assert seen(answer.findtext("text")) == squeezed(option.text)
            assert said(answer, "feedback") == squeezed(option.feedback)


def test_moodle_marks_agree_with_our_own_grading(moodle):
    for item in ITEMS:
        if item.kind == "choices":
            marks = [float(one.get("fraction")) for one in moodle[item.id].findall("answer")]
            for ticked in ([0], [0, 1], [1, 2], solution(item), list(range(len(marks)))):
                told = max(0, sum(marks[place] for place in ticked)) / 100
                assert told == pytest.approx(grade(item, ticked).score, abs=0.001)


def test_moodle_numbers_are_exact_and_any_other_has_feedback(moodle):
    for item in ITEMS:
        if item.kind == "number":
            *answers, last = moodle[item.id].findall("answer")
            for option, answer in zip(item.options, answers, strict=True):
                assert answer.findtext("text") == str(option.value)
                assert answer.get("fraction") == ("100" if option.right else "0")
                assert answer.findtext("tolerance") == "0"
                assert said(answer, "feedback") == squeezed(option.feedback)
            assert (last.findtext("text"), last.get("fraction")) == ("*", "0")
            assert said(last, "feedback") == squeezed(item.otherwise)


def test_moodle_order_and_classes_keep_what_is_right(moodle):
    for item in ITEMS:
        question = moodle[item.id]
        texts = [squeezed(option.text) for option in item.options]
        if item.kind == "order":
            answers = question.findall("answer")
            assert [answer.get("fraction") for answer in answers] == [
                str(place) for place in range(1, len(texts) + 1)
            ]
            assert [seen(answer.findtext("text")) for answer in answers] == texts
        if item.kind == "classify":
            pairs = question.findall("subquestion")
            assert [said(pair, ".") for pair in pairs] == texts
            groups = [squeezed(item.classes[option.group]) for option in item.options]
            assert [squeezed(pair.findtext("answer/text")) for pair in pairs] == groups
        if item.kind in ("order", "classify"):
            for option in item.options:
                assert squeezed(option.feedback) in said(question, "generalfeedback")


def test_moodle_lets_point_at_every_line(moodle):
    for item in ITEMS:
        if item.kind == "point":
            answers = moodle[item.id].findall("answer")
            assert [seen(answer.findtext("text")) for answer in answers] == [
                squeezed(f"{number}{line}") for number, line in item.lines
            ]
            right = [n for n, one in enumerate(answers) if one.get("fraction") == "100"]
            assert [item.lines[n][0] for n in right] == [solution(item)]
            told = {option.value: option.feedback for option in item.options}
            assert [said(answer, "feedback") for answer in answers] == [
                squeezed(told.get(number, item.otherwise)) for number, _ in item.lines
            ]


def test_moodle_knows_objective_level_and_misconceptions_as_tags(moodle):
    for item in ITEMS:
        tags = {tag.findtext("text") for tag in moodle[item.id].findall("tags/tag")}
        wanted = {item.objective, item.level, item.kind} - {""}
        assert tags == wanted | {f"misconception:{name}" for name in item.misconceptions}


def test_moodle_has_one_category_per_objective(tmp_path):
    smtp.export_questions(tmp_path / "a.xml", [replace(ITEMS[0], objective="a/b"), *ITEMS])
    root = quiz_of(tmp_path / "a.xml")
    names = [one.findtext("category/text") for one in root if one.get("type") == "category"]
    assert names[0] == "$course$/top/SMTP reply codes/a//b"
    assert len(set(names)) == len(names) == len({item.objective for item in ITEMS}) + 1


def test_arabic_questions_are_marked_as_arabic(moodle):
    item = next(item for item in ITEMS if item.language == "ar")
    assert '<p lang="ar" dir="rtl">' in moodle[item.id].findtext("questiontext/text")
    assert '<pre dir="ltr">' in "".join(
        one.findtext("questiontext/text") for name, one in moodle.items() if BY_ID[name].lines
    )


def test_more_right_answers_than_moodle_has_marks_for_are_named(tmp_path):
    options = tuple(Option("f", str(n), right=n > 0) for n in range(12))
    many = Item("too-many", "choices", "Which?", options)
    for name in ("a.xml", "a.gift"):
        assert "too-many" in smtp.export_questions(tmp_path / name, [many, ITEMS[0]])[-1]
        assert "too-many" not in (tmp_path / name).read_text("utf-8")


# ---- GIFT, as Moodle reads it (question/format/gift/format.php) ----

SPECIAL = ":#={}~"


def held(said):
    """Escaped characters out of harm's way, as Moodle does it: `\\x` → one private character."""
    pairs = re.compile(r"\\(.)", re.DOTALL)
    places = {"\\": "\ue000", "n": "\ue001"}
    places |= {sign: chr(0xE002 + n) for n, sign in enumerate(SPECIAL)}
    return pairs.sub(lambda found: places.get(found[1], found[0]), said)


def freed(said):
    signs = {0xE000: "\\", 0xE001: "\n"} | {0xE002 + n: sign for n, sign in enumerate(SPECIAL)}
    return said.translate(signs)


def html_of(said):
    """The text of a part, which must be marked as HTML if anything could be taken for a mark."""
    said = freed(said.strip())
    return seen(said.removeprefix("[html]"))


def gift_question(block):
    rows = [row for row in block.split("\n") if not row.strip().startswith("//")]
    said = held("\n".join(rows).strip())
    name, said = re.fullmatch(r"::(.*?)::(.*)", said, re.DOTALL).groups()
    stem, answers = re.fullmatch(r"([^{}]*)\{([^{}]*)\}", said, re.DOTALL).groups()
    answers, _, general = answers.strip().partition("####")
    return freed(name), html_of(stem), answers.strip(), html_of(general)


@pytest.fixture(scope="module")
def gift(tmp_path_factory):
    path = tmp_path_factory.mktemp("gift") / "questions.gift"
    smtp.export_questions(path, ITEMS)
    blocks = re.split(r"\n\s*\n", path.read_text("utf-8").strip())
    questions = [block for block in blocks if not block.startswith("$CATEGORY:")]
    found = {}
    for name, *parts in map(gift_question, questions):
        found[name] = parts
    assert len(found) == len(questions)
    return path, found


def test_gift_has_every_item_with_its_stem_and_reason(gift):
    assert set(gift[1]) == set(BY_ID)
    for name, (stem, _, general) in gift[1].items():
        assert stem.startswith(squeezed(BY_ID[name].stem))
        assert squeezed(BY_ID[name].why) in general


def test_gift_choices_keep_what_is_right_and_what_is_said(gift):
    for name, (_, answers, _) in gift[1].items():
        item = BY_ID[name]
        if item.kind not in CHOOSING:
            continue
        found = re.findall(r"([=~])(%[-\d.]+%)?([^#=~]*)#([^=~]*)", answers)
        weights = [float(weight.strip("%") or 0) for _, weight, _, _ in found]
        rights = [
            sign == "=" or weight > 0 for (sign, *_), weight in zip(found, weights, strict=True)
        ]
        assert rights == [option.right for option in item.options]
        assert ("=" in answers) == (item.kind != "choices")
        assert [html_of(one[2]) for one in found] == [squeezed(o.text) for o in item.options]
        assert [html_of(one[3]) for one in found] == [squeezed(o.feedback) for o in item.options]


def test_gift_numbers(gift):
    for name, (_, answers, _) in gift[1].items():
        item = BY_ID[name]
        if item.kind == "number":
            assert answers.startswith("#")
            body, _, other = answers[1:].partition("~#")
            found = re.findall(r"=%(\d+)%(-?\d+):0#([^=]*)", body)
            told = {int(value): (share == "100", html_of(said)) for share, value, said in found}
            wanted = {o.value: (o.right, squeezed(o.feedback)) for o in item.options}
            assert told == wanted
            assert html_of(other) == squeezed(item.otherwise)


def test_gift_matches_classes_and_places(gift):
    for name, (_, answers, general) in gift[1].items():
        item = BY_ID[name]
        if item.kind in ("order", "classify"):
            found = re.findall(r"=([^=]*?)->([^=]*)", answers)
            assert [html_of(left) for left, _ in found] == [squeezed(o.text) for o in item.options]
            rights = [
                str(place) if item.kind == "order" else squeezed(item.classes[option.group])
                for place, option in enumerate(item.options, 1)
            ]
            assert [squeezed(freed(right)) for _, right in found] == rights
            assert all(squeezed(option.feedback) in general for option in item.options)


@pytest.mark.skipif(shutil.which("node") is None, reason="Node is not installed")
def test_gift_is_read_by_gift_pegjs(gift, tmp_path):
    """An independent parser of npm's (`npm install gift-pegjs`, found by NODE_PATH)."""
    program = (
        "let g; try { g = require('gift-pegjs') } catch { process.exit(3) }"
        "const s = require('fs').readFileSync(process.argv[1], 'utf8');"
        "console.log(JSON.stringify(g.parse(s).filter(q => q.type != 'Category')"
        ".map(q => [q.title, q.type, q.stem.text, (q.choices || q.matchPairs).length])))"
    )
    run = subprocess.run(
        [shutil.which("node"), "-e", program, str(gift[0])],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if run.returncode == 3:
        pytest.skip("gift-pegjs is not installed")
    assert run.returncode == 0, run.stderr
    types = {"number": "Numerical", "order": "Matching", "classify": "Matching"}
    told = json.loads(run.stdout)
    assert len(told) == len(ITEMS)
    for title, type_, stem, count in told:
        item = BY_ID[title]
        assert type_ == types.get(item.kind, "MC")
        assert seen(stem).startswith(squeezed(item.stem))
        wanted = len(item.lines) if item.kind == "point" else len(item.options)
        assert count == wanted + (item.kind == "number")


def test_gift_says_that_hints_are_lost(tmp_path):
    bare = replace(ITEMS[0], hint="")
    assert any("hint" in note for note in smtp.export_questions(tmp_path / "a.gift", ITEMS[:1]))
    assert not any("hint" in note for note in smtp.export_questions(tmp_path / "a.gift", [bare]))


# ---- jupyterquiz, out ----


@pytest.fixture(scope="module")
def quizzes(tmp_path_factory):
    path = tmp_path_factory.mktemp("jupyterquiz") / "questions.json"
    notes = smtp.export_questions(path, ITEMS)
    return path, json.loads(path.read_text("utf-8")), notes


def test_jupyterquiz_file_is_as_its_readme_says(quizzes):
    schema = json.loads((HERE / "jupyterquiz.schema.json").read_text("utf-8"))
    jsonschema.validate(quizzes[1], schema)


def test_jupyterquiz_shows_as_html_only_what_we_write(quizzes):
    """Nothing that its `jaxify` takes for a formula or a link, either."""
    for question in quizzes[1]:
        texts = [question["question"], question.get("code", "")]
        texts += [one.get("answer", "") for one in question["answers"]]
        texts += [one["feedback"] for one in question["answers"]]
        for one in texts:
            seen(one)
            assert not re.search(r"[$\\]|\[.*\]\(", one)


def test_jupyterquiz_has_every_item_or_names_it(quizzes):
    left = {item.id for item in ITEMS if item.kind == "order"}
    named = {note.partition(": left out")[0] for note in quizzes[2] if "left out" in note}
    assert named == left
    pieces = sum(len(i.options) if i.kind == "classify" else i.id not in left for i in ITEMS)
    assert len(quizzes[1]) == pieces
    assert len(quizzes[2]) == len(left) + 3


def test_jupyterquiz_file_comes_back_as_it_was(tmp_path):
    """All that both know: kind, text, feedback, what is right."""
    kinds = ("choice", "number", "choices")
    sent = [item for item in bank().values() if item.kind in kinds and not item.lines]
    assert len(sent) > 20
    smtp.export_questions(tmp_path / "back.json", sent)
    back, notes, _ = parse(tmp_path / "back.json")
    assert notes == []
    for item, again in zip(sent, back, strict=True):
        assert (again.kind, again.otherwise) == (item.kind, item.otherwise)
        assert again.stem == " ".join(item.stem.split())
        for option, other in zip(item.options, again.options, strict=True):
            assert (other.text, other.right, other.value) == (
                *(option.text, option.right, option.value),
            )
            assert other.feedback.startswith(option.feedback)


def test_a_line_is_pointed_at_and_a_class_chosen_in_jupyterquiz(tmp_path):
    items = [one for one in ITEMS if one.kind in ("point", "classify")]
    for item in items:
        smtp.export_questions(tmp_path / "a.json", [item])
        questions = json.loads((tmp_path / "a.json").read_text("utf-8"))
        rights = [
            [n for n, answer in enumerate(question["answers"]) if answer["correct"]]
            for question in questions
        ]
        if item.kind == "point":
            assert [[item.lines[n][0] for n in one] for one in rights] == [[solution(item)]]
        else:
            assert rights == [[option.group] for option in item.options]


# ---- export as a whole ----


@pytest.mark.parametrize("name", ["a.xml", "A.XML", "a.gift", "a.json"])
def test_the_bank_is_exported_unless_told_otherwise(name, tmp_path):
    assert isinstance(smtp.export_questions(tmp_path / name), list)
    assert (tmp_path / name).stat().st_size > 10_000


@pytest.mark.parametrize("name", ["a.txt", "a", "a.xml.bak"])
def test_unknown_ending_is_an_error_that_names_the_known(name, tmp_path):
    with pytest.raises(ValueError, match=r"\.xml, \.gift, \.json\b"):
        smtp.export_questions(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_export_that_fails_leaves_the_file_that_was_there(tmp_path, monkeypatch):
    def full(_):
        raise OSError(28, "No space left on device")

    (tmp_path / "mine.xml").write_text("whole")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        smtp.export_questions(tmp_path / "mine.xml", ITEMS[:2])
    assert [path.name for path in tmp_path.iterdir()] == ["mine.xml"]
    assert (tmp_path / "mine.xml").read_text() == "whole"


def test_export_keeps_who_may_read_the_file(tmp_path):
    path = tmp_path / "mine.xml"
    path.touch()
    path.chmod(0o400)  # which is as much as Windows knows
    before = path.stat().st_mode
    smtp.export_questions(path, ITEMS[:2])
    assert path.stat().st_mode == before


def test_export_goes_where_a_link_leads(tmp_path):
    (tmp_path / "link.json").symlink_to(tmp_path / "there.json")
    smtp.export_questions(tmp_path / "link.json", ITEMS[:2])
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "there.json").read_text("utf-8"))


def test_nothing_to_export_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no questions"):
        smtp.export_questions(tmp_path / "a.xml", [])


@pytest.mark.parametrize("name", ["a.xml", "a.gift", "a.json"])
def test_a_megabyte_of_stem_is_carried_whole(name, tmp_path):
    long = hostile("choice", stem="<&`#{}~=:\\ " * 95_000)
    smtp.export_questions(tmp_path / name, [long])
    assert (tmp_path / name).stat().st_size > 1_000_000


# ---- jupyterquiz, in ----


def told(notes):
    """Number of the question → what is said of it."""
    return {int(re.search(r"\d+", note)[0]): note for note in notes}


def test_a_file_from_the_wild_is_imported():
    items, notes, _ = parse(WILD)
    assert [item.id for item in items] == [f"wild-{n}" for n in (1, 2, 3, 5, 6, 10)]
    assert [item.kind for item in items] == [
        *("choice", "choices", "number", "number", "choice", "choice"),
    ]
    assert [solution(item) for item in items] == [0, [0, 1], 221, 250, 0, 0]
    first, second, third, *_, last = items
    assert first.stem == "Which reply says go on, as in $354 > 250$?\nThink of `DATA`."
    assert [option.text for option in first.options] == [
        *("`354`", "`250`", "RCPT TO:<bob@example.test>"),
    ]
    assert [option.feedback for option in first.options] == [
        *("Yes — send the message.", "Not right.", "That is a command."),
    ]
    assert [option.text for option in second.options] == ["551", "550", "`S: 250 OK`"]
    assert third.otherwise == "Not this one."
    assert last.stem == "What is printed?\n`print('551')`\n`print(\"<b>\")`"
    assert [option.feedback for option in last.options] == ["So it is.", "Look again."]
    assert sorted(told(notes)) == [3, 4, 6, 7, 8, 9, 11]


def test_what_is_left_out_or_changed_is_named_by_its_number():
    notes = told(parse(WILD)[1])
    assert "[400, 600]" in notes[3]
    assert "changed" in notes[6]
    reasons = {4: "whole", 7: "free text", 8: "picture", 9: "'spoken'", 11: "right"}
    for number, reason in reasons.items():
        assert reason in notes[number]
        assert "left out" in notes[number]


def test_import_warns_of_each():
    with pytest.warns(UserWarning, match="Question") as caught:
        items = smtp.import_questions(WILD)
    assert items == parse(WILD)[0]
    assert [str(one.message) for one in caught] == parse(WILD)[1]
    assert {one.filename for one in caught} == {__file__}


def choice(**more):
    answers = [{"answer": "a", "correct": True}, {"answer": "b", "correct": False}]
    return {"question": "Which?", "type": "multiple_choice", "answers": answers} | more


def numeric(*answers, **more):
    return {"question": "Which code?", "type": "numeric", "answers": list(answers)} | more


def value(number, correct=True, **more):
    return {"type": "value", "value": number, "correct": correct, "feedback": "f"} | more


def reading(tmp_path, content):
    path = tmp_path / "q.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return parse(path)[:2]


@pytest.mark.parametrize(
    "content",
    [choice(), [choice()], {"questions": [choice()]}, "\ufeff" + json.dumps([choice()])],
)
def test_shapes_of_files_that_are_understood(content, tmp_path):
    [item], notes = reading(tmp_path, content)
    assert (item.kind, item.stem, notes) == ("choice", "Which?", [])
    assert [option.feedback for option in item.options] == ["Right.", "Not right."]


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ("text", "table"),
        (None, "table"),
        (choice(type="essay"), "'essay'"),
        (choice(type=None), "type"),
        (choice(answers="ab"), "answers"),
        (choice(answers=["a", "b"]), "answers"),
        (choice(answers=[]), "options"),
        (choice(question=""), "stem"),
        (choice(question=["Which?"]), "question"),
        (choice(question="x" * 1_000_000), "1000000"),
        (choice(question="<" * 1_000_000), "1000000"),
        (choice(question="word " * 400), "stem"),
        (choice(answers=[{"answer": "a", "correct": True}] * 2), "right|same|repeat|twice"),
        (choice(answers=[{"answer": "a"}, {"answer": "b"}]), "right"),
        (choice(question="<svg onload=alert(1)>"), "picture"),
        (numeric(value(3.14)), "whole"),
        (numeric(value(551), value(550)), "whole number"),
        (numeric(value(551, correct=False)), "whole number"),
        (numeric(value(551), precision=2), "rounded"),
        (numeric(value(float("inf"))), "whole"),
        (numeric(value(True)), "whole"),
        (numeric(value(10**4000)), "whole"),
        (numeric({"range": [500, 600], "correct": True}), "whole"),
        (numeric({"range": ["a", None], "correct": True}), "whole"),
        (numeric({"range": 5, "correct": True}), "whole"),
    ],
)
def test_what_cannot_be_asked_is_left_out_with_the_reason(question, reason, tmp_path):
    items, notes = reading(tmp_path, [choice(), question])
    assert len(items) == 1
    [left] = [note for note in notes if "left out" in note]
    assert left.startswith("Question 2 ")
    assert re.search(reason, left)
    assert len(left) < 400


@pytest.mark.parametrize(
    ("answers", "right", "foreseen"),
    [
        ([value(551)], 551, {551, 552}),
        ([value("551"), value(550, correct=False)], 551, {550, 551}),
        ([value(551), value(551, correct=False), value(1, correct=False)], 551, {551, 1}),
        ([{"range": [551, 552], "correct": True}, value(1, correct=False)], 551, {551, 1}),
        ([{"range": [550.5, 551.5], "correct": "true"}], 551, {551, 552}),
    ],
)
def test_numbers(answers, right, foreseen, tmp_path):
    [item], _ = reading(tmp_path, [numeric(*answers)])
    assert solution(item) == right
    assert {option.value for option in item.options} == foreseen
    assert grade(item, 999).said == (item.otherwise,)


@pytest.mark.parametrize(
    ("content", "line", "problem"),
    [
        ("", 1, "JSON"),
        ("[\n{,}]", 2, "JSON"),
        ("[1,\n2,\n]", 2 if sys.version_info >= (3, 13) else 3, "JSON"),  # it names the comma
        ("[]", 1, "list"),
        ('"text"', 1, "list"),
        ("{}", 1, "Question 1"),
        ("[" * 100_000, 1, "JSON"),
        ("[" + "9" * 10_000 + "]", 1, "JSON|Question 1"),
        (json.dumps([choice(type="essay")]), 1, "Question 1"),
        ("[" + " " * 6_000_000 + "]", 1, "5000000"),
    ],
)
def test_a_file_that_is_none_is_one_error_with_file_and_line(content, line, problem, tmp_path):
    with pytest.raises(DataError, match=problem) as caught:
        reading(tmp_path, content)
    assert caught.value.line == line
    assert "q.json" in str(caught.value)
    assert len(str(caught.value)) < 600


def test_a_file_in_another_encoding_is_an_error(tmp_path):
    (tmp_path / "q.json").write_bytes(b'[{"question": "\xe9"}]')
    with pytest.raises(DataError, match="UTF-8"):
        parse(tmp_path / "q.json")


def test_arabic_questions_are_arabic(tmp_path):
    [item], _ = reading(tmp_path, [choice(question="أي رمز؟")])
    assert item.language == "ar"
    assert item.options[1].feedback == "إجابة غير صحيحة."


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("a<br>b<p>c</p>d", "a\nb\nc\nd"),
        ("<b>a</b> &amp; &lt;b&gt;", "a & <b>"),
        (f"a&#{'0' * 5000}98;&#{'9' * 5000};&#x{'f' * 5000};&#1114112;", "ab\ufffd\ufffd\ufffd"),
        ("MAIL FROM:<a@b.example> <x>", "MAIL FROM:<a@b.example> <x>"),
        ("a < b and b > a, x<y", "a < b and b > a, x<y"),
        ("<SCRIPT>alert('</b>')</SCRIPT>x<!-- no -->y", "xy"),
        ("<iframe src=x>in</iframe>out", "out"),
        (r"\(x^2\) and $$y$$", r"\(x^2\) and $$y$$"),
        ("a\u202eb\u2066c\x00d\ud800e", "abc\ufffdd\ufffde"),
        ("<a href='javascript:alert(1)'>link</a>", "link"),
        ("<code>551</code>", "`551`"),
        ("<", "<"),
        ("a<![b", "a<![b"),
        ("a<!doctype html>b<![CDATA[c]]>d", "abd"),
        ("<xmp>a</xmp>", "<xmp>a</xmp>"),
        ("<br/>a<BR />b</br>c", "a\nb\nc"),
        ("<img alt='a>b'>", "b'>"),
        ("a&#x202e;b&#0;c&#xd800;d", "ab\ufffdc\ufffdd"),
        ("<script>never closed", ""),
        ("&#x3c;script&#x3e;", "<script>"),
    ],
)
def test_html_becomes_plain_text(written, plain):
    assert from_html(written) == (plain, "<img" in written)


@pytest.mark.parametrize("part", ["<", "<!", "<a ", "<!--", "&", '<a href="', "</", "<![", "&#"])
def test_broken_html_is_read_in_one_go(part):
    """Each of these has kept some parser of HTML busy for minutes, or made it fail."""
    said, _ = from_html(part * 200_000)
    assert len(said) <= 1_800_000


def test_code_keeps_its_indents(tmp_path):
    code = "if <b>a</b> &lt; b:\n    print(a)\n\n<!-- x -->\nelse:  # why\n\tpass"
    [item], _ = reading(tmp_path, [choice(code=code)])
    rows = ["Which?", "`if a < b:`", "`    print(a)`", "`else:  # why`", "`\tpass`"]
    assert item.stem.split("\n") == rows


# ---- TOML ----


def test_imported_questions_are_written_as_our_own_files_are(tmp_path):
    items, *_ = parse(WILD)
    path = tmp_path / "mine.toml"
    path.write_text(dumps(items, "One line\nand another"), "utf-8")
    assert load(path) == items
    assert path.read_text("utf-8").startswith("# One line\n# and another\n")
    assert path.read_text("utf-8").count('misconception = ""') == sum(
        not option.right for item in items for option in item.options
    )


@pytest.mark.parametrize("kind", ["choice", "choices", "number", "order", "classify"])
def test_any_text_survives_toml(kind, tmp_path):
    item = hostile(kind)
    fit = NASTY.replace("\ud800", "?") + "\x7f\x85\u2028\"\"\"'''"
    options = tuple(
        replace(one, feedback=fit, text=one.text if kind == "number" else f"{n} {fit}")
        for n, one in enumerate(item.options)
    )
    options = tuple(
        replace(one, text=str(one.value)) if one.value is not None else one for one in options
    )
    texts = dict.fromkeys(("stem", "hint", "why"), fit) | {
        "otherwise": fit if item.otherwise else ""
    }
    classes = tuple(f"{n} {fit}" for n, _ in enumerate(item.classes))
    item = replace(item, options=options, classes=classes, **texts)
    (tmp_path / "a.toml").write_text(dumps([item]), "utf-8", newline="\n")
    assert load(tmp_path / "a.toml") == [item]


def test_a_question_with_a_dialogue_is_not_written_without_it():
    with pytest.raises(ValueError, match="point"):
        dumps([hostile("point")])


# ---- the command line ----


def test_command_exports(tmp_path, capsys):
    assert main(["export-questions", str(tmp_path / "a.gift")]) == 0
    assert "hints" in capsys.readouterr().err
    assert (tmp_path / "a.gift").read_text("utf-8").count("\n::") == len(bank())


def test_command_imports_and_says_what_it_left_out(tmp_path, capsys):
    target = tmp_path / "mine.toml"
    assert main(["import-questions", str(WILD), str(target)]) == 0
    out, err = capsys.readouterr()
    assert "6" in out
    assert len(err.splitlines()) == len(parse(WILD)[1])
    assert load(target) == parse(WILD)[0]
    assert main(["check", str(target)]) == 0


def test_command_does_not_write_over_a_file(tmp_path, capsys):
    target = tmp_path / "mine.toml"
    target.write_text("my work", "utf-8")
    assert main(["import-questions", str(WILD), str(target)]) == 1
    assert "mine.toml" in capsys.readouterr().err
    assert target.read_text("utf-8") == "my work"


@pytest.mark.parametrize(
    "arguments",
    [
        ["export-questions", "nowhere/a.xml"],
        ["export-questions", "a.doc"],
        ["import-questions", "nowhere.json", "a.toml"],
        ["import-questions", str(WILD), "nowhere/a.toml"],
        ["import-questions", str(HERE), "a.toml"],
    ],
)
def test_command_tells_an_error_in_one_line(arguments, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    err = capsys.readouterr().err.splitlines()
    assert [row for row in err if row.startswith("smtpedu: ")] == err[-1:]
    assert list(tmp_path.iterdir()) == []
