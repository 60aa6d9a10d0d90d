"""What a lesson asks before it shows the answer: asked, kept, answered, shown only then."""

import json
import re
import shutil
from dataclasses import replace

import pandas as pd
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.course.predictions import answered
from smtpedu.display import Bullets
from smtpedu.files import folder
from smtpedu.i18n import language
from smtpedu.learner.attempt import Attempt
from smtpedu.learner.mastery import beliefs
from smtpedu.learner.review import due
from smtpedu.learner.store import store
from smtpedu.questions.bank import bank, item, items_of, lesson_of, predictions
from smtpedu.questions.kinds import (
    LONGEST_TEXT,
    ResponseError,
    fingerprint,
    from_page,
    grade,
    solution,
    to_page,
)

ITEMS = list(predictions().values())
CHOICE = next(one for one in ITEMS if one.kind == "choice")
OPEN = (
    CHOICE
    and """
[[question]]
id = "what-do-you-think"
kind = "open"
stem = "Why would a server say: not now?"
why = "It may be full."
"""
)
NOW = "2026-11-26T09:30:00.000Z"


@pytest.fixture(autouse=True)
def nothing_answered():
    answered.clear()
    yield
    answered.clear()


def answer(widget, one, response, role="prediction", **changed):
    """What the page says when the learner has answered, and what Python says to it."""
    own = {"id": "a1", "key": "a1", "item": one.id, "number": 1, "response": response, "at": NOW}
    own |= {"guessed": False, "hints": 0, "store": store().file_ids()[0]}
    sent = []
    widget.heard({"set": {"answers": {one.id: [own]}}}, sent.append)
    entry = {**widget.run, **own, "role": role, **changed}
    widget.heard({"question": 1, "do": "store", "attempts": [entry]}, sent.append)
    return sent[-1]


def wrong(one):
    return next(n for n, option in enumerate(one.options) if not option.right)


# ---- in Python ----


def test_nothing_is_shown_before_it_is_answered_and_then_just_what_happened():
    frame = pd.DataFrame({"code": [551]})
    before = smtp.reveal(CHOICE.id, frame)
    assert (
        str(before)
        == "Run the cell of the question above, and answer it. Then run this cell again."
    )
    widget = smtp.predict(CHOICE.id).widget()
    assert str(smtp.reveal(CHOICE.id, frame)) == str(before)
    assert answer(widget, CHOICE, to_page(CHOICE, wrong(CHOICE), 0))["stored"] == ["a1"]
    assert smtp.reveal(CHOICE.id, frame) is frame
    said = smtp.parse_reply("551-5.7.1 One\r\n551 5.7.1 Two")
    assert repr(smtp.reveal(CHOICE.id, said)) == "551-5.7.1 One\n551 5.7.1 Two"
    assert repr(smtp.reveal(CHOICE.id, "as it is")) == "as it is"


def test_in_arabic_the_request_is_arabic():
    language("ar")
    assert re.search("[\u0600-\u06ff]", str(smtp.reveal(CHOICE.id, 1)))


def test_what_was_answered_before_is_known_when_the_cell_is_run_again():
    answer(smtp.predict(CHOICE.id).widget(), CHOICE, 0)
    answered.clear()  # as in another Python
    assert repr(smtp.reveal(CHOICE.id, "now")) == "now"
    again = smtp.predict(CHOICE.id).widget()
    assert [one["response"] for one in again.answers[CHOICE.id]] == [0]
    assert smtp.reveal(CHOICE.id, "now") != smtp.reveal(ITEMS[-1].id, "now")


def test_another_widget_of_the_question_hears_of_the_answer():
    one, other = smtp.predict(CHOICE.id).widget(), smtp.predict(CHOICE.id).widget()
    answer(one, CHOICE, 0)
    assert [found["response"] for found in other.answers[CHOICE.id]] == [0]


def test_an_answer_to_what_was_asked_otherwise_is_not_shown_as_one_to_this(monkeypatch):
    answer(smtp.predict(CHOICE.id).widget(), CHOICE, 0)
    changed = replace(CHOICE, options=CHOICE.options[::-1])
    known = {**predictions(), CHOICE.id: changed}
    for module in ("course.predictions", "learner.sitting", "widgets.page.bank"):
        monkeypatch.setattr(f"smtpedu.{module}.predictions", lambda: known)
    assert smtp.predict(CHOICE.id).widget().answers == {}


def test_it_is_shown_even_where_the_answer_cannot_be_kept(monkeypatch):
    widget = smtp.predict(CHOICE.id).widget()
    monkeypatch.setattr(type(store()), "add", broken)
    heard = answer(widget, CHOICE, 0)
    assert heard["stored"] == []
    assert heard["trouble"]
    assert repr(smtp.reveal(CHOICE.id, "now")) == "now"


def broken(*args, **options):
    from smtpedu.learner.store import StoreError

    raise StoreError("error.store_exists", store().path)


@for_each("call", [smtp.predict, lambda name: smtp.reveal(name, 1)])
def test_a_name_that_is_none_is_told_with_those_near_it(call):
    with pytest.raises(LookupError, match=CHOICE.id):
        call(CHOICE.id[:-1])
    for odd in (None, 5, ..., [1], {}):
        with pytest.raises(LookupError):
            call(odd)


def test_before_it_is_run_the_question_stands_there_and_no_answer():
    for one in ITEMS:
        asked = smtp.predict(one.id)
        said = str(asked)
        assert "".join(one.stem.split()) in "".join(said.split())
        assert not one.why or one.why not in said
        shown = [block for block in smtp.predict(one.id).blocks() if isinstance(block, Bullets)]
        texts = [option.text for option in one.options if option.text]
        assert sorted(shown[0].items if shown else []) == sorted(texts if shown else [])
        data = json.dumps(asked.widget().data)
        assert one.stem not in data and "feedback" not in data  # of the page is what is said


# ---- what is kept ----


def kept(one, response, **changed):
    answer(smtp.predict(one.id).widget(), one, response, **changed)
    return store().attempts()


def test_a_prediction_is_kept_as_one_and_earns_no_mark():
    (found,) = kept(CHOICE, to_page(CHOICE, wrong(CHOICE), 0))
    assert (found.role, found.quiz, found.item) == ("prediction", "predictions", CHOICE.id)
    assert (found.right, found.objective) == (False, "")
    assert smtp.progress().mastery["answered"].sum() == 0
    assert [one.at for one in due(store().attempts(), smtp.progress()._now)] == []
    assert "Predicted right, before the answer was shown: 0 of 1" in str(smtp.progress())


def test_what_was_predicted_right_is_counted():
    first, second = ITEMS[:2]
    kept(first, to_page(first, solution(first), 0))
    answer(smtp.predict(second.id).widget(), second, strange(second), id="a2", key="a2")
    count = len(store().attempts())
    assert smtp.progress().predicted() == (1 + store().attempts()[-1].right * (count - 1), count)


def strange(one):
    return to_page(one, wrong(one), 0) if one.kind == "choice" else to_page(one, solution(one), 0)


def test_a_belief_is_only_suspected_however_often_it_was_predicted():
    able = [one for one in ITEMS if any(option.misconception for option in one.options)]
    able = [one for one in able if one.kind == "choice"]
    names = [name for one in able for name in one.misconceptions]
    most = max(names, key=names.count)
    for n, one in enumerate(able):
        places = [p for p, option in enumerate(one.options) if option.misconception == most]
        for place in places:
            answer(
                smtp.predict(one.id).widget(), one, to_page(one, place, 0), id=f"b{n}", key=f"b{n}"
            )
    attempts = store().attempts()
    assert len(attempts) >= 2
    (found,) = beliefs(attempts, {one.id: one.misconceptions for one in ITEMS})
    assert (found.name, found.status) == (most, "suspected")
    assert smtp.progress().misconceptions.loc[most, "status"] == "suspected"


@for_each("role", ["practice", "exam", "draft"])
def test_no_page_can_make_more_of_a_prediction(role):
    assert kept(CHOICE, 0, role=role) == []


def test_no_page_can_make_less_of_an_answer():
    name = next(iter(bank()))
    assert kept(CHOICE, 0, item=name) == []


def test_a_teachers_quiz_may_use_the_same_names(tmp_path):
    path = tmp_path / "mine.toml"
    shutil.copy(folder("data") / "predictions" / "classroom.toml", path)
    widget = smtp.quiz(path).widget()
    one = widget._sitting.quiz.items[0]
    heard = answer(widget, one, to_page(one, solution(one), 0), role="practice")
    assert heard["stored"] == ["a1"]
    assert store().attempts()[0].objective == one.objective


def given(item, right, role, belief="551-server-forwards"):
    shown = () if right else (belief,)
    return attempt(item=item, right=right, role=role, misconceptions=shown, score=float(right))


def attempt(**values):
    plain = {"id": "x", "run": "r", "quiz": "q", "objective": "moved", "level": "recall"}
    plain |= {"kind": "choice", "number": 1, "response": 0, "guessed": False, "hints": 0}
    return Attempt(**plain | {"options": 4, "at": NOW} | values)


def test_predictions_neither_hold_a_belief_nor_give_one_up():
    able = {name: {"551-server-forwards"} for name in "abcdefgh"}
    quiz = [given(name, name in "cd", "practice") for name in "cadb"]
    for more in ([], [given(name, False, "prediction") for name in "ef"]):
        (found,) = beliefs([*quiz, *more], able)
        assert found.status == "suspected"
    held = [given(name, False, "practice") for name in "ab"]
    right = [given(name, True, "prediction") for name in "cd"]
    wrong = [given(name, False, "prediction") for name in "cdefgh"]
    for more in (right, wrong):
        (found,) = beliefs([*held, *more], able)
        assert found.status == "held"


def test_only_the_first_prediction_of_a_question_tells_of_a_belief():
    twice = [given("a", False, "prediction"), given("a", False, "prediction")]
    (found,) = beliefs(twice, {"a": {"551-server-forwards"}})
    assert (found.signs, found.chances) == (1, 1)


# ---- the kind that nobody judges ----


@pytest.fixture
def thought(tmp_path, monkeypatch):
    from smtpedu.questions.toml_files import load

    path = tmp_path / "open.toml"
    path.write_text(OPEN)
    (one,) = load(path)
    known = {**predictions(), one.id: one}
    for module in ("course.predictions", "learner.sitting", "questions.bank", "widgets.page.bank"):
        monkeypatch.setattr(f"smtpedu.{module}.predictions", lambda: known)
    return one


def test_what_was_written_is_kept_and_is_neither_right_nor_wrong(thought):
    (found,) = kept(thought, "Its disk is <b>full</b>\n=1+1 \u202e")
    assert found.response == "Its disk is <b>full</b>\n=1+1 \u202e"
    assert found.misconceptions == ()
    assert smtp.progress().predicted() == (0, 0)
    assert "Predicted right" not in str(smtp.progress())


@for_each("response", ["", "  ", None, 1, ["a"], "x" * (LONGEST_TEXT + 1), "half \ud83d"])
def test_what_says_nothing_is_no_thought(thought, response):
    assert kept(thought, response) == []
    with pytest.raises(ResponseError):
        grade(thought, response)


def test_no_quiz_asks_what_nobody_can_judge(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(OPEN)
    with pytest.raises(ValueError, match=r"mine\.toml.*line.*kind.*classify"):
        items_of(path)


def test_a_thought_is_answered(tmp_path, capsys):
    path = tmp_path / "mine.toml"
    path.write_text(OPEN.replace("why", "# why"))
    with pytest.raises(ValueError, match="`why`"):
        items_of(path)


# ---- what the lessons ask ----


@for_each("one", ITEMS)
def test_every_prediction_can_be_answered_and_every_answer_is_answered(one):
    assert item(one.id) == one
    assert one.lesson and one.why
    assert len(one.stem.split()) <= 25 + 25 * bool(one.lines)
    assert one.kind == "open" or 2 <= len(one.options) <= 6
    assert all(option.feedback for option in one.options)
    assert len({option.feedback for option in one.options}) == len(one.options)
    assert one.source or one.kind == "open"
    if one.kind != "open":
        page = to_page(one, solution(one), 0)
        assert grade(one, from_page(one, page, 0)).right
    assert fingerprint(one, 0)


def test_no_question_comes_back_word_for_word():
    def words(text):
        return " ".join(re.findall(r"[\w`]+", text.casefold()))

    stems = [words(one.stem) for one in (*ITEMS, *bank().values())]
    asked = {words(one.stem) for one in ITEMS}
    assert [stem for stem in asked if stems.count(stem) > 1] == []


def test_predictions_are_asked_by_no_quiz():
    asked = {one.id for one in smtp.quiz(n=300).items} | {
        one.id for one in smtp.review(n=300).items
    }
    assert asked.isdisjoint(predictions())
    assert all(lesson_of(one) in range(1, 9) for one in ITEMS)
