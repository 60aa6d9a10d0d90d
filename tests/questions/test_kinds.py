"""The kinds of question: laws that hold for each of them, a row of the table a kind."""

import json
import random
from itertools import combinations, permutations, product
from math import comb, inf, nan
from pathlib import Path

import pytest

import smtpedu as smtp
from smtpedu.cli import main
from smtpedu.learner.sitting import Sitting
from smtpedu.learner.store import store
from smtpedu.questions.items import Item, Option
from smtpedu.questions.kinds import (
    KINDS,
    Grade,
    Kind,
    ResponseError,
    fingerprint,
    from_page,
    grade,
    guesses,
    judged,
    order,
    page,
    solution,
    to_page,
)
from smtpedu.questions.toml_files import load

ITEMS = {item.kind: item for item in load(Path(__file__).parent / "kinds.toml")}


def indexes(item):
    return [*range(len(item.options))]


def subsets(item):
    sizes = range(1, len(item.options) + 1)
    return [[*chosen] for size in sizes for chosen in combinations(indexes(item), size)]


def orders(item):
    return [[*found] for found in permutations(indexes(item))]


def groupings(item):
    return [[*found] for found in product(range(len(item.classes)), repeat=len(item.options))]


def numbers(item):
    return [number for number, _ in item.lines]


# Kind → every response there is to its item in `kinds.toml`, and what is no response to it.
ROWS = {
    "choice": (indexes, [None, "0", True, -1, 3, 0.0, [0], {}]),
    "choices": (subsets, [None, 0, [4], [0, 0], ["0"], [True], "01", (0, 1)]),
    "number": (lambda _: [*range(500, 600)], [None, "551", True, 551.0, [551]]),
    "order": (orders, [None, [0, 1], [0, 1, 2, 2], [0, 1, 2, 4], [0, 1, 2, 3, 3], 0]),
    "point": (numbers, [None, 0, 13, "2", True, [2]]),
    "predict": (indexes, [None, "0", True, -1, 3, 0.0, [0], {}]),
    "classify": (groupings, [None, [0], [0, 2, 2, 3], [0, -1, 0, 0], [0] * 5, 1]),
    "diagnose": (indexes, [None, "0", True, -1, 3, 0.0, [0], {}]),
}
EACH = pytest.mark.parametrize("kind", ROWS)


def responses(kind):
    return ROWS[kind][0](ITEMS[kind])


def test_every_kind_has_its_row_and_its_item():
    assert [*ROWS] == [*judged()]
    assert set(ITEMS) == set(judged())


@EACH
def test_guesses_are_counted_as_the_responses_there_are(kind):
    assert guesses(ITEMS[kind]) == len(responses(kind))


@EACH
def test_one_response_is_right_and_it_is_the_solution(kind):
    item = ITEMS[kind]
    grades = [(response, grade(item, response)) for response in responses(kind)]
    if kind == "number":  # what is counted above are a hundred of many
        grades.append((251, grade(item, 251)))
    assert [response for response, found in grades if found.right] == [solution(item)]
    for _, found in grades:
        assert found.right == (found.score == 1)
        assert 0 <= found.score <= 1
        assert set(found.misconceptions) <= (set() if found.right else item.misconceptions)
        assert found.said or (found.right and kind in ("order", "classify"))


@EACH
def test_what_is_no_response_is_an_error_that_names_the_item(kind):
    item = ITEMS[kind]
    for response in ROWS[kind][1]:
        with pytest.raises(ResponseError, match=item.id):
            grade(item, response)
        assert to_page(item, response, 0) is None


@EACH
def test_what_a_page_may_forge_is_graded_as_no_other_answer(kind):
    item, deep = ITEMS[kind], json.loads("[" * 500 + "]" * 500)
    forged = [
        None,
        True,
        False,
        -1,
        -2,
        10**6,
        2**70,
        10**400,
        0.0,
        1.0,
        -1.0,
        nan,
        inf,
        "0",
        "",
        {},
    ]
    forged += [deep, {"0": 0}, [-1], [True, False], [0, 0], [1.0], ["0"], [[0]], [None], [0, 10**6]]
    count = len(item.options)
    forged += [[n - count for n in range(count)], [*range(1, count), -1], [*range(count + 1)]]
    for seed in (0, 1, 7):
        for response in forged:
            meant = from_page(item, response, seed)
            again = None if meant is None else to_page(item, meant, seed)
            assert meant is None or (type(again), again) == (type(response), response)


@EACH
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_each_response_comes_back_from_the_page_as_it_went(kind, seed):
    item, all_of_them = ITEMS[kind], responses(kind)
    shown = [to_page(item, response, seed) for response in all_of_them]
    assert [from_page(item, response, seed) for response in shown] == all_of_them
    assert len({repr(response) for response in shown}) == len(all_of_them)
    json.dumps(shown)


def test_no_item_has_no_response():
    assert to_page(None, 0, 0) is None


@EACH
def test_page_shows_the_options_in_its_own_order(kind):
    item = ITEMS[kind]
    for seed in range(10):
        shown = page(item, seed)["options"]
        assert [option["place"] for option in shown] == [*order(item, seed)]
        assert sorted(order(item, seed)) == indexes(item)
    asked = page(item, 1, key=False)["options"]
    assert asked == ([{"text": one["text"]} for one in page(item, 1)["options"]] if asked else [])
    assert bool(asked) == KINDS[kind].shows_options


@EACH
def test_fingerprint_is_of_what_every_page_shows(kind):
    found = {fingerprint(item, 3) for item in ITEMS.values()}
    assert len(found) == len(ITEMS)
    assert fingerprint(ITEMS[kind], 3) == fingerprint(ITEMS[kind], 3)


def test_kind_that_there_is_not_is_an_error_that_names_those_there_are():
    with pytest.raises(LookupError, match="choice, choices"):
        grade(Item("x", "choise", "?", (Option("f", "a", True),)), 0)


# ---- a new kind is one class ----


class Pair(Kind):
    """Two options go together. A response is their indexes."""

    rights = "some"
    form = "multiple"

    def guesses(self, item):
        return comb(len(item.options), 2)

    def fits(self, item, response):
        known = [[*pair] for pair in combinations(indexes(item), 2)]
        return isinstance(response, list) and sorted(response) in known

    def solution(self, item):
        return [index for index, option in enumerate(item.options) if option.right]

    def grade(self, item, response):
        right = sorted(response) == self.solution(item)
        said = tuple(item.options[index].feedback for index in response)
        return Grade(right, float(right), (), said)

    def renumbered(self, response, new):
        return sorted(new[number] for number in response)


OPTION = '[[question.options]]\ntext = "{}"\nfeedback = "{}"\n'
PAIR = """[[question]]
id = "pair"
kind = "pair"
stem = "Which two are about a mailbox that has moved?"
""" + "".join(
    OPTION.format(f"`{code}`", code) + "right = true\n" * (code in (251, 551))
    for code in (251, 354, 551, 452)
)


@pytest.fixture
def pair(monkeypatch, tmp_path):
    """A file with a question of a kind that a teacher has added."""
    monkeypatch.setitem(KINDS, "pair", Pair())
    path = tmp_path / "mine.toml"
    path.write_text(PAIR, "utf-8")
    return path


def test_new_kind_is_read_asked_graded_and_placed(pair):
    quiz = smtp.quiz(pair)
    [item] = quiz.items
    assert (solution(item), guesses(item)) == ([0, 2], 6)
    assert grade(item, [0, 2]).right
    assert not grade(item, [0, 1]).right
    with pytest.raises(ResponseError):
        grade(item, [0, 0])
    for seed in range(9):
        for response in map(list, combinations(range(4), 2)):
            assert from_page(item, to_page(item, response, seed), seed) == response


def test_answer_to_a_new_kind_is_stored(pair):
    sitting = Sitting(smtp.quiz(pair), store())
    [item] = sitting.quiz.items
    sitting.refresh_file_ids()
    [owner] = sitting.file_ids
    sent = {"id": "a1", "key": "a1", "run": sitting.run.id, "quiz": "mine", "role": sitting.role}
    sent |= {"item": "pair", "number": 1, "guessed": False, "hints": 0, "seed": sitting.run.seed}
    sent |= {"at": "2026-11-24T09:30:00.000Z", "store": owner}
    sent |= {"response": to_page(item, [0, 2], sitting.run.seed)}
    assert sitting.keep([sent]) == ["a1"]
    [attempt] = store().attempts()
    assert (attempt.kind, attempt.response, attempt.right) == ("pair", [0, 2], True)
    assert smtp.progress().attempts["kind"].tolist() == ["pair"]


def test_new_kind_is_checked_and_exported(pair, tmp_path, capsys):
    assert main(["check", str(pair)]) == 0
    for name, sign in (("a.xml", "<single>false"), ("a.gift", "%50"), ("a.json", "many_choice")):
        smtp.export_questions(tmp_path / name, smtp.quiz(pair).items)
        assert sign in (tmp_path / name).read_text("utf-8")
    capsys.readouterr()
    pair.write_text(PAIR.replace('"pair"\nstem', '"pari"\nstem'), "utf-8")
    assert main(["check", str(pair)]) == 1
    assert "did you mean `pair`?" in capsys.readouterr().out


def test_quiz_of_all_kinds_and_a_new_one_mixes_them(pair):
    items = [*ITEMS.values(), *load(pair)]
    random.Random(1).shuffle(items)  # noqa: S311 (no secret)
    assert {item.kind for item in smtp.quiz(items).items} == {*ROWS, "pair"}
