"""Files of questions, grading, and what a quiz asks."""

from collections import Counter

import pytest

import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.files import DataError
from smtpedu.questions import toml_files
from smtpedu.questions.bank import item as bank_item
from smtpedu.questions.bank import objectives, plans
from smtpedu.questions.items import Item, Option
from smtpedu.questions.kinds import (
    ResponseError,
    from_page,
    grade,
    judged,
    order,
    page,
    solution,
)
from smtpedu.questions.toml_files import load, read

HEAD = """
[[question]]
id = "{id}"
kind = "{kind}"
stem = "What does `551` say?"
{more}
"""
DIALOGUE = 'transcript = """\nC: RCPT TO:<a@b.example>\nS: 551 5.1.6 Gone\n"""'
RIGHT = """
[[question.options]]
text = "Elsewhere"
right = true
feedback = "Yes."
"""
WRONG = """
[[question.options]]
text = "Relay denied"
misconception = "551-relay-denied"
feedback = "No."
"""
LINES = RIGHT.replace('text = "Elsewhere"', "line = 2") + WRONG.replace(
    'text = "Relay denied"', "line = 1"
)
NUMBERS = RIGHT.replace('text = "Elsewhere"', "value = 551") + WRONG.replace(
    'text = "Relay denied"', "value = 550"
)
STEPS = WRONG + WRONG.replace("Relay denied", "Later") + WRONG.replace("Relay denied", "Last")
CLASSES = WRONG.replace("misc", 'class = "mail"\nmisc') + WRONG.replace(
    "Relay denied", "Other"
).replace("misc", 'class = "spam"\nmisc')
PREDICTED = RIGHT.replace("Elsewhere", "`551`") + WRONG.replace("Relay denied", "`550`")
OTHERWISE = 'otherwise = "Look again."'
GOOD = {
    "choice": ("", RIGHT + WRONG),
    "choices": ("", RIGHT + WRONG),
    "number": (OTHERWISE, NUMBERS),
    "order": ("", STEPS),
    "point": (f"{OTHERWISE}\n{DIALOGUE}", LINES),
    "predict": (f"at = 2\n{DIALOGUE}", PREDICTED),
    "classify": ('classes = ["mail", "spam"]', CLASSES),
    "diagnose": (DIALOGUE, RIGHT + WRONG),
}


def question(kind="choice", name="one", more=None, options=None):
    usual = GOOD[kind]
    head = HEAD.format(id=name, kind=kind, more=usual[0] if more is None else more)
    return head + (usual[1] if options is None else options)


@pytest.fixture
def written(tmp_path):
    def write(content):
        path = tmp_path / "mine.toml"
        path.write_text(content, encoding="utf-8")
        return path

    return write


def one(write, **parts):
    return load(write(question(**parts)))[0]


# ---- files ----

TWICE = RIGHT + WRONG.replace("Relay denied", " elsewhere ")
BOTH = RIGHT + RIGHT.replace("Else", "x")


@pytest.mark.parametrize("kind", judged())
def test_each_kind_is_read_and_its_solution_is_right(written, kind):
    item = one(written, kind=kind)
    assert (item.id, item.kind) == ("one", kind)
    found = grade(item, solution(item))
    assert (found.right, found.score, found.misconceptions) == (True, 1.0, ())
    assert found.said or kind in ("order", "classify")  # there `why` says it all


BROKEN = {
    "no stem": (question().replace("stem", "stum"), "`stem`"),
    "unknown kind": (question().replace('"choice"', '"essay"'), "diagnose"),
    "kind that is a list": (question().replace('"choice"', '["choice"]'), "diagnose"),
    "missing feedback": (question(options=RIGHT + WRONG.replace("feedback", "#")), "option 2"),
    "feedback of a wrong type": (question().replace('"No."', "[1]"), "`feedback`"),
    "number that is no number": (question("number").replace("550", '"550"'), "`value`"),
    "number that is a boolean": (question("number").replace("550", "true"), "`value`"),
    "no right answer": (question(options=WRONG + WRONG.replace("Relay", "x")), "exactly one"),
    "two right answers": (question(options=BOTH), "2 have"),
    "all of several right": (question("choices", options=BOTH), "some"),
    "the same option twice": (question(options=TWICE), "1 and 2"),
    "one option": (question(options=RIGHT), "1 options"),
    "long stem": (question().replace("What does", "x" * 1_000_000), "characters"),
    "same id twice": (question() + question(), "twice"),
    "line that is not there": (question("point").replace("line = 2", "line = 9"), "no line 9"),
    "wrong prediction": (question("predict").replace("`551`", "`553`"), "551 5.1.6"),
    "no dialogue": (question("point", more=OTHERWISE), "transcript"),
    "unreadable dialogue": (question("diagnose", more='transcript = "Hello"'), "transcript"),
    "unknown session": (question("diagnose", more='session = "mixed-recipient"'), "-recipients"),
    "class of nobody": (question("classify").replace('"spam"\nm', '"mail"\nm'), "spam"),
    "unknown misconception": (question().replace("y-denied", "y-den"), "551-relay-denied"),
    "mistaken for its own class": (
        question("classify").replace("misc", 'mistaken = "mail"\nmisc', 1),
        "spam",
    ),
    "neither early nor late": (
        question("order").replace("misc", 'mistaken = "soon"\nmisc', 1),
        "early, late",
    ),
    "mistaken where there is no place": (
        question().replace("misc", 'mistaken = "early"\nmisc', 1),
        "`mistaken`",
    ),
    "unknown objective": (question(more='objective = "digit"'), "digits"),
    "unknown level": (question(more='level = "easy"'), "recall"),
    "lines the wrong way": (question("diagnose", more=f"lines = [2, 1]\n{DIALOGUE}"), "lines"),
    "a question that is text": ('question = ["What?"]', "table"),
    "something else in the file": ("author = 1\n" + question(), "[[question]]"),
    "no question": ("", "[[question]]"),
    "not TOML": ("[[question", "line 1"),
    "unknown language": ('language = "fr"\n' + question(), "known are: en, ar"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_broken_file_is_one_error_that_names_file_line_and_field(written, name):
    content, told = BROKEN[name]
    with pytest.raises(DataError) as caught:
        smtp.quiz(written(content))
    message = str(caught.value)
    assert "mine.toml, line " in message
    assert told in message
    assert len(message) < 500


def test_error_names_the_question_and_where_it_begins(written):
    path = written(question() + question(name="two", options=RIGHT))
    with pytest.raises(DataError, match="question 2 `two`") as caught:
        load(path)
    assert "[[question]]" in path.read_text().splitlines()[caught.value.line - 1]


def test_each_question_of_a_file_is_told_apart_and_the_good_ones_are_kept(written, capsys):
    path = written(question() + question(name="two", options=RIGHT) + question(name="three"))
    kinds = [type(found).__name__ for found in read(path)]
    assert kinds == ["Item", "DataError", "Item"]
    assert main(["check", str(path)]) == 1
    said = capsys.readouterr()
    assert "question 2 `two`" in said.out
    assert said.err.endswith(": 1\n")


def test_check_says_how_many_questions_are_in_order(written, capsys):
    assert main(["check", str(written(question()))]) == 0
    assert capsys.readouterr().out == "1 questions, no problems found\n"


def test_check_of_no_file_is_an_error(tmp_path, capsys):
    assert main(["check", str(tmp_path / "none.toml")]) == 1
    assert "none.toml" in capsys.readouterr().err


def test_errors_are_told_in_the_current_language(written):
    smtp.language("ar")
    with pytest.raises(DataError, match="السؤال 1"):
        load(written(question(options=RIGHT)))


HOSTILE = ["<script>alert(1)</script>", "\u202eevil", "\"quoted\" 'text'", "{braces} \\ %s", "`"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_kept_as_text(written, text):
    stem = "'''" + text + "'''"
    item = one(written, options=RIGHT.replace('"Elsewhere"', stem) + WRONG)
    assert item.options[0].text == text
    assert "<script>" not in smtp.quiz([item]).to_html()


# ---- grading ----


@pytest.mark.parametrize("kind", ["choice", "diagnose", "predict"])
def test_wrong_choice_shows_its_misconception(written, kind):
    item = one(written, kind=kind)
    found = grade(item, 1)
    assert (found.right, found.score) == (False, 0)
    assert found.misconceptions == ("551-relay-denied",)
    assert found.said == ("No.",)


def test_several_choices_count_what_is_ticked_and_what_is_missed():
    options = (
        Option("a", "a", True),
        Option("b", "b", True, "left-out"),
        Option("c", "c", False, "wrongly-in"),
    )
    item = Item("x", "choices", "?", options)
    assert grade(item, [1, 0]).right
    assert grade(item, [0]).misconceptions == ("left-out",)
    assert grade(item, [0]).score == 0.5
    assert grade(item, [0, 1, 2]).misconceptions == ("wrongly-in",)
    assert grade(item, []).score == grade(item, [2]).score == 0


def test_unforeseen_number_and_line_get_the_general_word(written):
    assert grade(one(written, kind="number"), 250).said == ("Look again.",)
    assert grade(one(written, kind="number"), 550).misconceptions == ("551-relay-denied",)
    assert grade(one(written, kind="point"), 1).said == ("No.",)


def test_order_shows_what_is_out_of_place_and_no_more_than_two_beliefs():
    options = tuple(Option(f"{n}", f"{n}", misconception=f"m{n}") for n in range(4))
    item = Item("x", "order", "?", options)
    assert grade(item, [0, 2, 1, 3]).misconceptions == ("m2", "m1")
    assert grade(item, [3, 2, 1, 0]).misconceptions == ("m3", "m2")
    assert grade(item, [0, 2, 1, 3]).score == 0.5


def test_step_shows_its_misconception_only_where_it_is_mistaken_for():
    options = tuple(Option("why", f"{n}", misconception=f"m{n}", mistaken=-1) for n in range(3))
    found = grade(Item("x", "order", "?", options), [1, 0, 2])
    assert found.misconceptions == ("m1",)  # it came too early; 0 is late
    assert found.said == ("1: why",)


def test_thing_shows_its_misconception_only_in_the_class_it_is_mistaken_for():
    options = (Option("f", "a.", group=0, misconception="m", mistaken=2), Option("f", "b", group=1))
    item = Item("x", "classify", "?", options, classes=("x", "y", "z"))
    assert grade(item, [1, 1]).misconceptions == ()
    assert grade(item, [2, 1]).misconceptions == ("m",)
    assert grade(item, [2, 1]).said == ("a: f",)


def test_classes_are_graded_one_by_one(written):
    item = one(written, kind="classify")
    assert grade(item, [0, 1]).right
    assert grade(item, [1, 1]).score == 0.5
    assert grade(item, [1, 1]).misconceptions == ("551-relay-denied",)


def test_nonsense_from_a_page_is_no_response(written):
    item = one(written, kind="choices")
    for response in (None, 5, [7], ["a"], [[0]]):
        with pytest.raises(ResponseError):
            grade(item, from_page(item, response, 3))


# ---- pages ----


@pytest.mark.parametrize("kind", judged())
def test_page_without_key_tells_nothing_of_what_is_right(written, kind):
    item = one(written, kind=kind)
    shown = page(item, 1, key=False)
    assert set(shown) == {"id", "kind", "stem", "language", "lines", "classes", "options"}
    assert all(set(option) == {"text"} for option in shown["options"])
    if kind in ("number", "point"):
        assert shown["options"] == []


def test_things_to_be_put_in_order_never_stand_in_order(written):
    item = one(written, kind="order")
    orders = {order(item, seed) for seed in range(200)}
    assert len(orders) == 5  # of the six there are
    assert (0, 1, 2) not in orders


def test_right_option_may_stand_anywhere(written):
    item = one(written)
    places = Counter(order(item, seed).index(0) for seed in range(1000))
    assert all(450 < count < 550 for count in places.values())


def test_predicted_line_and_what_follows_is_not_in_the_item(written):
    item = one(written, kind="predict")
    assert item.lines == ((1, "C: RCPT TO:<a@b.example>"),)


# ---- quizzes ----


def test_named_quiz_is_the_same_each_time_and_another_with_another_seed():
    assert smtp.quiz("250-vs-551") == smtp.quiz("250-vs-551")
    one, other = (smtp.quiz("250-vs-551", seed=seed) for seed in (1, 2))
    assert one.items != other.items
    assert len(one.items) == 10
    assert repr(one) == "Quiz('250-vs-551', 10 questions)"


def test_quiz_by_objective_and_level():
    found = smtp.quiz(objective=["moved", "refusals"], level="recall", n=4)
    assert {item.objective for item in found.items} == {"moved", "refusals"}
    assert {item.level for item in found.items} == {"recall"}
    assert len(found.items) == 4


def test_own_file_is_a_quiz_of_all_its_questions(written):
    found = smtp.quiz(written("".join(question(kind, kind) for kind in GOOD)))
    assert (found.name, len(found.items)) == ("mine", 8)
    assert smtp.quiz(str(written(question()))).items[0].id == "one"


@pytest.mark.parametrize(
    ("call", "told"),
    [
        ({"source": "250-vs-552"}, "250-vs-551"),
        ({"objective": "move"}, "moved"),
        ({"level": "easy"}, "recall"),
        ({"objective": "digits", "level": "design"}, "no question fits"),
        ({"source": []}, "no question fits"),
    ],
)
def test_unknown_names_are_told_with_those_there_are(call, told):
    with pytest.raises(LookupError, match=told):
        smtp.quiz(**call)


@pytest.mark.parametrize("n", [0, -1])
def test_quiz_of_no_question_is_an_error(n):
    with pytest.raises(ValueError, match=str(n)):
        smtp.quiz("250-vs-551", n=n)


@pytest.mark.parametrize("name", plans())
def test_fallback_names_quiz_size_and_topics_and_no_question(name, each_language):
    found = smtp.quiz(name)
    topics = [objectives()[one].title() for one in plans()[name].objectives]
    heading, size, bullets = found.blocks()
    assert heading.text == found.title == plans()[name].title()
    assert str(plans()[name].blueprint.count) in size.text
    assert sorted(bullets.items) == sorted(topics)
    shown = found.to_html()
    assert shown == smtp.quiz(name, seed=5).to_html()
    assert len(shown.encode()) < 3_000
    for item in found.pool:
        assert item.stem not in shown


def test_each_learners_run_of_a_named_quiz_is_their_own_without_a_seed(written):
    assert smtp.quiz("250-vs-551").own
    assert smtp.quiz("final", exam=True).own
    for other in (
        smtp.quiz("250-vs-551", seed=0),
        smtp.quiz("250-vs-551", n=5),
        smtp.quiz("250-vs-551", level="recall"),
        smtp.quiz(objective="moved"),
        smtp.quiz(),
        smtp.quiz(written(question())),
    ):
        assert not other.own


def test_file_with_the_name_of_a_shipped_quiz_is_another_quiz(tmp_path):
    path = tmp_path / "final.toml"
    path.write_text(question(), "utf-8")
    assert smtp.quiz(path).name == "final.toml"


def test_generated_quiz_is_made_anew_for_each_seed():
    quiz = smtp.quiz("generated", n=6, seed=4)
    assert quiz.items == smtp.quiz("generated", n=6, seed=4).items
    other = quiz.with_seed(5)
    assert len(quiz.items) == len(other.items) == 6
    assert {item.id for item in quiz.items}.isdisjoint(item.id for item in other.items)


def test_quizzes_that_share_questions_begin_with_others():
    firsts = [smtp.quiz(f"lesson-{number}").items[0].id for number in range(1, 8)]
    assert len(set(firsts)) >= 6


# ---- what a quiz must not do ----


def test_objective_and_level_narrow_every_source(written):
    named = smtp.quiz("250-vs-551", level="diagnose")
    assert {item.level for item in named.items} == {"diagnose"}
    assert named.name == "250-vs-551+diagnose"
    made = smtp.quiz("generated", objective="order", level="predict", n=6)
    assert {(item.objective, item.level) for item in made.items} == {("order", "predict")}
    path = written(question(more='level = "recall"') + question(name="two"))
    assert [item.id for item in smtp.quiz(path, level="recall").items] == ["one"]


@pytest.mark.parametrize("objective", ["refusals", []], ids=str)
def test_nothing_left_after_narrowing_is_an_error(objective):
    with pytest.raises(LookupError, match="no question fits"):
        smtp.quiz("generated", objective=objective)


@pytest.mark.parametrize("options", [{"n": 1.5}, {"seed": "one"}, {"seed": 0.5}], ids=str)
def test_what_is_no_whole_number_is_an_error(options):
    with pytest.raises(TypeError):
        smtp.quiz("250-vs-551", **options)


@pytest.mark.parametrize("seed", [-1, 10**12, 2**63 + 1])
def test_any_seed_is_one_that_a_browser_can_send_back(seed):
    """JavaScript's numbers are exact up to 2**53, and generated questions carry theirs."""
    quiz = smtp.quiz("generated", n=3, seed=seed)
    assert 0 <= quiz.seed < 2**53
    assert 0 <= smtp.review(seed=seed).seed < 2**53
    assert quiz == smtp.quiz("generated", n=3, seed=seed)
    assert all(bank_item(item.id) == item for item in quiz.with_seed(quiz.seed + 1).items)


def test_file_of_questions_may_be_written_by_a_windows_editor(tmp_path):
    path = tmp_path / "MINE.TOML"
    path.write_bytes(b"\xef\xbb\xbf" + question().replace("\n", "\r\n").encode())
    assert smtp.quiz(str(path)).items[0].id == "one"


@pytest.mark.parametrize("content", ["x = " + "[" * 9_999, "x = " + "9" * 9_999])
def test_what_the_toml_reader_cannot_bear_is_one_error(written, content):
    with pytest.raises(DataError, match=r"mine\.toml, line 1"):
        load(written(content))


@pytest.mark.parametrize("language", ['["en"]', "{ a = 1 }", "1"])
def test_language_that_is_no_text_is_one_error(written, language):
    with pytest.raises(DataError, match="known are: en, ar"):
        load(written(f"language = {language}\n{question()}"))


def test_line_of_a_question_is_not_that_of_a_comment(written):
    path = written("# [[question]]\n# id = 'old'\n" + question(options=RIGHT))
    with pytest.raises(DataError) as caught:
        load(path)
    assert path.read_text().splitlines()[caught.value.line - 1] == "[[question]]"


def test_stem_of_blanks_is_missing(written):
    with pytest.raises(DataError, match="`stem`"):
        load(written(question().replace("What does `551` say?", "   ")))


def test_file_is_read_once_however_many_questions_are_wrong(written, monkeypatch):
    reads = []
    monkeypatch.setattr(toml_files, "text_of", lambda path: reads.append(path) or path.read_text())
    found = list(read(written(question(options=RIGHT) * 50)))
    assert (len(found), len(reads)) == (50, 1)
