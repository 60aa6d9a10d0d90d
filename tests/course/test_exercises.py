"""Every exercise of every lesson: its right answer, typical wrong ones, and what is kept."""

import itertools
import json
import re
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from for_each import for_each

import smtpedu as smtp
from smtpedu.course import answers as kept_answers
from smtpedu.course import exercises
from smtpedu.files import DataError, folder
from smtpedu.i18n import LANGUAGES
from smtpedu.learner.attempt import RESPONSE_LIMIT, Role, as_json
from smtpedu.learner.review import chosen, current_beliefs, due
from smtpedu.learner.store import store
from smtpedu.questions.bank import bank, misconceptions

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


@pytest.fixture
def unkept(monkeypatch):
    """What is said is the same without a record; hundreds of answers take their time."""
    monkeypatch.setattr(kept_answers, "keep", lambda *_: "")


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
def test_typical_wrong_answer_gets_its_own_text(name, key, each_language, unkept):
    said = EXERCISES[name][each_language][key]
    for answer in answers(key):
        verdict = smtp.check(name, answer)
        assert (verdict.outcome, verdict.said, verdict.beliefs) == ("wrong", said, ())


@for_each("name", sorted(EXERCISES))
def test_other_wrong_answers_get_the_hint(name, each_language, unkept):
    hint = EXERCISES[name][each_language]["hint"]
    for answer in (None, "nonsense", "hint", "why", -1, [], {}, [[901], [902]], object()):
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
        [Decimal(250), Fraction(251)],
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


def test_brackets_around_an_address_do_not_matter():
    assert smtp.check("lab-policy", "moved to <zoe@new.example>").outcome == "right"


# ---- what a wrong answer shows ----


def test_every_exercise_expects_at_least_three_wrong_answers():
    counts = {name: len(set(found["en"]) - {"hint", "why"}) for name, found in EXERCISES.items()}
    assert [name for name, count in counts.items() if count < 3] == []


@for_each("name", sorted(ALL))
def test_misconceptions_are_named_for_answers_that_are_expected(name):
    found = ALL[name]
    expected = found["en"].get("mistakes", found["en"])
    assert set(found.get("shows", {})) <= set(expected) - {"hint", "why"}
    named = [*found.get("shows", {}).values(), *found.get("beliefs", {}).values()]
    assert set(named) <= set(misconceptions())


@pytest.mark.parametrize("field", ["shows", "beliefs"])
def test_unknown_misconception_in_the_data_is_an_error_that_names_it(tmp_path, field):
    path = tmp_path / "bad.toml"
    path.write_text(
        f'[one]\nanswer = 1\n[one.en]\nhint = "h"\nwhy = "w"\n[one.{field}]\n2 = "552-best"\n'
    )
    with pytest.raises(DataError, match=rf"line 6: \[one\.{field}\].*552-best"):
        exercises.load(path)


def shown(name):
    """The misconceptions that the last answer to an exercise shows."""
    return kept_answers.last(name).misconceptions


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ([1, 5, 6, 8], ["250-means-delivered"]),  # one too many
        ([1], ["each-line-a-reply", "no-exception-all-fine"]),  # two left out
        ([1, 6, 7], ["354-accepts", "no-exception-all-fine"]),
    ],
)
def test_a_belief_that_shows_is_rebutted_and_kept(answer, names, each_language):
    verdict = smtp.check("eight-beliefs", answer)
    assert verdict.outcome == "wrong"
    assert len(verdict.beliefs) == len(names)
    for said, name in zip(verdict.beliefs, names, strict=True):
        assert misconceptions()[name].rebuttal() in said
        assert misconceptions()[name].belief() in said
        assert misconceptions()[name].rebuttal().split("`")[0] in str(verdict).replace("\n  ", " ")
    assert list(shown("eight-beliefs")) == names


def test_no_more_than_three_beliefs_are_told_at_once_and_the_rest_is_counted(each_language):
    verdict = smtp.check("eight-beliefs", [2, 3, 4, 5])
    assert len(verdict.beliefs) == 3
    assert "7" in verdict.said
    assert len(shown("eight-beliefs")) == 7


def test_what_names_no_row_shows_no_belief():
    for answer in (9, [1, 9], "nonsense", []):
        assert smtp.check("eight-beliefs", answer).beliefs == ()
        assert shown("eight-beliefs") == ()


def test_hint_of_the_beliefs_does_not_read_like_a_solution():
    for language in LANGUAGES:
        assert re.findall(r"\d", ALL["eight-beliefs"][language]["hint"])[:3] != ["1", "3", "4"]


def test_a_single_wrong_answer_can_show_a_misconception():
    smtp.check("relay-refusal-code", "551")
    assert shown("relay-refusal-code") == ("551-relay-denied",)
    smtp.check("relay-refusal-code", 554)
    assert shown("relay-refusal-code") == ()


# ---- the record ----


def test_every_attempt_is_kept_as_it_was_given():
    smtp.check("transient", (450, "451"))
    smtp.check("transient", [421, 450, 451])
    smtp.check("unknown-code", "b")
    found = store().attempts()
    assert [(one.item, one.number, one.response, one.right, one.score) for one in found] == [
        ("transient", 1, [450, "451"], False, 0.0),
        ("transient", 2, [421, 450, 451], True, 1.0),
        ("unknown-code", 1, "b", False, 0.0),
    ]
    fixed = {(one.role, one.quiz, one.kind, one.objective, one.options) for one in found}
    assert fixed == {(Role.EXERCISE, "exercises", "exercise", "", 1)}
    assert {one.run for one in found} == {run.id for run in store().runs()}
    assert len(store().runs()) == 1


def test_what_is_not_attempted_is_not_kept():
    smtp.check("transient")
    smtp.check("deliver")
    smtp.check("deliver", lambda *_: ...)
    assert not store().path.exists()


def test_last_answer_is_told_where_nothing_is_attempted_yet():
    smtp.check("transient", [450, 451])
    smtp.check("count-replies", 7)
    verdict = smtp.check("transient")
    assert verdict.outcome == "unattempted"
    assert str(verdict).replace("\n", " ") == (
        "Not attempted here yet. Your last answer was `[450, 451]`: not yet right. "
        "One is missing. A server that shuts down says it, and it may be back soon."
    )
    smtp.check("transient", [421, 450, 451])
    shown = "Not attempted here yet. Your last answer was `[421, 450, 451]`: right."
    assert str(smtp.check("transient", ...)) == shown
    assert smtp.check("unknown-code").last == ""


def test_last_answer_is_told_in_the_language_of_now(each_language):
    smtp.check("eight-beliefs", [1, 5, 6, 8])
    other = smtp.language("ar" if each_language == "en" else "en")
    verdict = smtp.check("eight-beliefs")
    assert "`[1, 5, 6, 8]`" in verdict.last
    assert misconceptions()["250-means-delivered"].rebuttal(other) in verdict.beliefs[0]
    assert '<bdi dir="ltr"><code>[1, 5, 6, 8]</code></bdi>' in verdict.to_html()


FUNCTION = """def deliver(message, recipients, host, port):
    if port < 0 & 1:  # <b>
        return ...
    return {}"""


def test_last_function_is_shown_as_it_was_written(each_language, tmp_path, monkeypatch):
    (tmp_path / "learners_own.py").write_text(FUNCTION)
    monkeypatch.syspath_prepend(tmp_path)
    from learners_own import deliver

    assert smtp.check("deliver", deliver).outcome == "wrong"
    verdict = smtp.check("deliver", ...)
    assert (verdict.outcome, verdict.code) == ("unattempted", FUNCTION)
    assert FUNCTION in str(verdict)
    assert '<pre dir="ltr"><code>def deliver(' in verdict.to_html()
    assert "    if port &lt; 0 &amp; 1:  # &lt;b&gt;\n" in verdict.to_html()
    del sys.modules["learners_own"]


def test_function_without_source_is_kept_without():
    assert smtp.check("deliver", len).outcome == "wrong"
    assert smtp.check("deliver", 551).outcome == "wrong"
    assert [one.response for one in store().attempts()] == ["", 551]


def test_mistake_in_a_function_shows_a_misconception():
    def naive(message, recipients, host, port):
        import smtplib

        with smtplib.SMTP(host, port) as client:
            client.send_message(message, to_addrs=recipients)
        return {"accepted": list(recipients), "try_later": [], "refused": [], "moved": {}}

    assert smtp.check("deliver", naive).outcome == "wrong"
    assert shown("deliver") == ("no-exception-all-fine",)


@pytest.mark.parametrize("answer", [[1, 5, 6, 8], [421, 450]])
def test_verdict_is_given_where_nothing_can_be_kept(answer, each_language, monkeypatch, tmp_path):
    file = tmp_path / "a file, no folder"
    file.write_text("x")
    monkeypatch.setenv("SMTPEDU_PROGRESS", str(file / "progress.sqlite3"))
    verdict = smtp.check("transient", answer)
    assert verdict.outcome == "wrong"
    assert str(file) in verdict.trouble
    assert verdict.trouble in "\n".join(getattr(one, "text", "") for one in verdict.blocks())
    assert smtp.check("transient") == exercises.Verdict(
        "unattempted", EXERCISES["transient"][each_language]["hint"]
    )


def test_damaged_record_is_kept_aside_and_the_answer_in_a_new_one():
    store().path.parent.mkdir(parents=True)
    store().path.write_bytes(b"no database" * 1000)
    assert smtp.check("transient").last == ""
    for _ in range(2):  # the second time the same answer
        trouble = smtp.check("transient", 421).trouble
        assert trouble.startswith(f"The file `{store().path}` was damaged, so a new one was begun.")
    assert len(store().attempts()) == 1


def test_exercises_count_as_answers_and_as_no_mastery(tmp_path):
    assert "No answers yet" in str(smtp.progress())
    smtp.check("relay-refusal-code", 551)
    smtp.check("transient", [421, 450, 451])
    record = smtp.progress()
    assert repr(record) == "Progress(2 answers)"
    assert "No answers yet" not in str(record) + str(record.plot())
    assert "No question answered yet" in str(record.plot())
    frame = record.attempts
    assert list(frame["role"]) == list(frame["kind"]) == ["exercise", "exercise"]
    assert list(frame["response"]) == ["551", "[421,450,451]"]
    assert record.mastery["answered"].sum() == 0
    assert record.mastery["due"].isna().all()
    assert list(record.misconceptions.index) == ["551-relay-denied"]
    assert [(one.status, one.objectives) for one in record.beliefs()] == [("suspected", ())]
    assert record.export(tmp_path / "a.csv").read_text().count('"exercise"') == 4
    with pytest.raises(ValueError, match="2"):
        record.delete()


def test_what_shows_in_an_exercise_is_asked_in_the_review():
    smtp.check("relay-refusal-code", 551)
    found = store().attempts()
    now = pd.Timestamp.now("UTC").to_pydatetime()
    assert due(found, now) == []
    assert [one.name for one in current_beliefs(found)] == ["551-relay-denied"]
    asked = chosen(list(bank().values()), found, [], 4)
    assert "551-relay-denied" in asked[0].misconceptions
    assert "551-relay-denied" in smtp.review(4).items[0].misconceptions


def test_no_exercise_has_the_name_of_a_question():
    assert set(ALL).isdisjoint(bank())


# ---- whatever is given ----


class Rude:
    """An object that answers nothing."""

    def __repr__(self):
        raise RuntimeError

    __iter__ = __eq__ = __hash__ = __bool__ = __len__ = __str__ = __repr__


def recursive():
    found = [421]
    found += [found, found]
    return found


def deep():
    found = []
    for _ in range(100_000):
        found = [found]
    return found


def broken():
    yield 421
    raise RuntimeError


PAYLOADS = {
    "huge list": lambda: list(range(1_000_000)),
    "huge text": lambda: "x" * 1_000_000,
    "huge text of another script": lambda: "😀" * 1_000_000,
    "huge list of huge lists": lambda: [[*range(10_000)]] * 10_000,
    "huge number": lambda: 10**10_000,
    "array": lambda: np.broadcast_to(np.array(421), (10_000, 10_000)),
    "array of one": lambda: np.array(421),
    "frame": smtp.codes,
    "frame of nothing": pd.DataFrame,
    "missing": lambda: [pd.NA, pd.NaT, None, float("nan"), float("inf")],
    "complex": lambda: [421j, 1],
    "recursive": recursive,
    "deep": deep,
    "endless": itertools.count,
    "broken": broken,
    "octets": lambda: [b"421", bytearray(b"450"), memoryview(b"451")],
    "half a character": lambda: "\ud800`<b>\u202e",
    "unhashable": lambda: [{421: {}}, {450}, [[]], slice(1)],
    "rude": Rude,
    "list of the rude": lambda: [421, Rude()],
    "class": lambda: Rude,
    "module": lambda: smtp,
}


@pytest.mark.parametrize("name", ["transient", "eight-beliefs", "unknown-code"])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_whatever_is_given_gets_a_verdict_and_is_kept(payload, name):
    verdict = smtp.check(name, PAYLOADS[payload]())
    assert (verdict.outcome, verdict.trouble) == ("wrong", "")
    (kept,) = store().attempts()
    assert len(as_json(kept.response)) <= RESPONSE_LIMIT
    assert kept.response == json.loads(as_json(kept.response))
    again = smtp.check(name)
    assert again.outcome == "unattempted"
    assert len(again.last) < 300
    assert str(again) + again.to_html()


@pytest.mark.parametrize("payload", ["rude", "recursive", "huge number", "frame"])
def test_whatever_is_given_in_place_of_a_function_gets_a_verdict(payload):
    assert smtp.check("deliver", PAYLOADS[payload]()).outcome == "wrong"
    assert smtp.check("deliver", ...).code
