"""Every exercise of every lesson, with its right answer and its typical wrong ones."""

import re

import numpy as np
import pandas as pd
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.course import exercises
from smtpedu.files import folder
from smtpedu.i18n import LANGUAGES

LESSONS = {
    path.stem: exercises.load(path) for path in (folder("data") / "exercises").glob("*.toml")
}
ALL = {name: found for lesson in LESSONS.values() for name, found in lesson.items()}
# Those that ask for a function are in test_judge.py.
EXERCISES = {name: found for name, found in ALL.items() if "answer" in found}
TYPICAL = [
    (name, key) for name in EXERCISES for key in set(EXERCISES[name]["en"]) - {"hint", "why"}
]
SAMPLE = {
    "answer": [250, 251],
    "en": {"hint": "Hint.", "why": "Why.", "250": "One is missing.", "250, 551": "551 refuses."},
    "ar": {"hint": "تلميح", "why": "شرح"},
}


@pytest.fixture
def sample(monkeypatch):
    """Replace the answer of an exercise called `sample`."""
    found = dict(SAMPLE)
    monkeypatch.setitem(exercises._exercises(), "sample", found)
    return lambda answer: found.update(answer=answer)


def answers(key):
    """What a learner may have written, from how the data names it: `250, 251`."""
    parts = [int(part) if part.lstrip("-").isdigit() else part for part in key.split(", ")]
    return [parts, parts[::-1], set(parts)] if len(parts) > 1 else [parts[0], parts]


@for_each("name", sorted(EXERCISES))
def test_untouched_exercise_gives_its_hint(name, each_language):
    verdict = smtp.check(name)
    assert verdict == smtp.check(name, ...)
    assert (verdict.outcome, verdict.said) == (
        "unattempted",
        EXERCISES[name][each_language]["hint"],
    )


@for_each("name", sorted(EXERCISES))
def test_right_answer_is_right_and_says_why(name, each_language):
    verdict = smtp.check(name, EXERCISES[name]["answer"])
    assert (verdict.outcome, verdict.said) == ("right", EXERCISES[name][each_language]["why"])


@for_each("name, key", sorted(TYPICAL))
def test_typical_wrong_answer_gets_its_own_text(name, key, each_language):
    said = EXERCISES[name][each_language][key]
    for answer in answers(key):
        assert (smtp.check(name, answer).outcome, smtp.check(name, answer).said) == ("wrong", said)


@for_each("name", sorted(EXERCISES))
def test_other_wrong_answers_get_the_hint(name, each_language):
    hint = EXERCISES[name][each_language]["hint"]
    for answer in (None, "nonsense", -1, [], {}, [[1], [2]], object()):
        verdict = smtp.check(name, answer)
        assert (verdict.outcome, verdict.said) == ("wrong", hint)


@for_each("name", sorted(EXERCISES))
def test_both_languages_expect_the_same_wrong_answers(name):
    texts = [EXERCISES[name][language] for language in LANGUAGES]
    assert set(texts[0]) == set(texts[1])
    assert all(said.strip() for language in texts for said in language.values())
    assert all(re.search("[\u0621-\u064a]", said) for said in texts[1].values())


def test_names_are_unique_across_lessons():
    assert sum(map(len, LESSONS.values())) == len(ALL)


@pytest.mark.parametrize(
    "answer",
    [
        [250, 251],
        [251, 250],
        (250, 251),
        {250, 251},
        [250, 251, 250],
        {250: "OK", 251: "will forward"},
        range(250, 252),
        (code for code in (251, 250)),
        np.array([250, 251]),
        pd.Series([251, 250], dtype="Int64"),
        pd.Index([250, 251]),
        [250.0, 251.0],
    ],
    ids=lambda answer: type(answer).__name__,
)
def test_order_and_kind_of_a_collection_do_not_matter(sample, answer):
    assert smtp.check("sample", answer).outcome == "right"


@pytest.mark.parametrize(
    "answer",
    [250, [250], (250,), "250", (code for code in [250])],
    ids=lambda answer: str(answer)[:9],
)
def test_one_of_two_codes_is_wrong_and_told_so(sample, answer):
    verdict = smtp.check("sample", answer)
    assert (verdict.outcome, verdict.said) == ("wrong", "One is missing.")


def test_expected_wrong_answer_is_found_in_any_order(sample):
    assert smtp.check("sample", [551, 250]).said == "551 refuses."


def test_missing_text_falls_back_to_the_hint(sample):
    smtp.language("ar")
    assert smtp.check("sample", 999).said == "تلميح"


@pytest.mark.parametrize(
    "answer", ["bob@new.example", " Bob@New.Example\n", "<bob@new.example>", "BOB@NEW.EXAMPLE"]
)
def test_case_brackets_and_outer_spaces_of_text_do_not_matter(sample, answer):
    sample("bob@new.example")
    assert smtp.check("sample", answer).outcome == "right"


@pytest.mark.parametrize("answer", [0, np.int64(0), 0.0])
def test_zero_is_an_attempt_and_can_be_right(sample, answer):
    sample(0)
    assert smtp.check("sample", answer).outcome == "right"
    assert smtp.check("sample").outcome == "unattempted"


def test_unknown_exercise_names_those_there_are():
    with pytest.raises(LookupError, match=f"'nonsense'.*{next(iter(exercises._exercises()))}"):
        smtp.check("nonsense", 1)


@pytest.mark.parametrize(
    ("answer", "text"),
    [(..., "Not attempted yet. Hint: Hint."), (1, "Not yet. Hint."), ([250, 251], "Right. Why.")],
)
def test_verdict_shows_as_text_and_html(sample, answer, text):
    verdict = smtp.check("sample", answer)
    assert str(verdict) == text
    assert verdict.to_html() == f'<section lang="en" dir="ltr"><p>{text}</p></section>'
    assert repr(verdict) == f"Verdict({verdict.outcome!r})"


@pytest.mark.parametrize("written", [[421, 450, 451], "421, 450 451", ("451", 450, "421")])
def test_the_form_of_an_answer_does_not_matter(written):
    assert smtp.check("transient", written).outcome == "right"
    assert smtp.check("unknown-code", ["C)"]).outcome == "right"


def test_part_of_the_answer_and_too_much_are_told_apart():
    assert "some are missing" in smtp.check("transient", 421).said
    assert "not all of these are right" in smtp.check("transient", [421, 450, 451, 550]).said
