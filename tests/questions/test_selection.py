"""What quizzes ask: their blueprints, counted over many sittings; the order; what follows up."""

from collections import Counter
from functools import cache
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

import smtpedu as smtp
from smtpedu.files import DataError, folder
from smtpedu.questions import bank as questions
from smtpedu.questions.bank import bank, lesson_of, plans
from smtpedu.questions.items import LEVELS, Item, Option
from smtpedu.questions.selection import Blueprint, Part, draw, follow_up, in_order

SEEDS = 1_000
BOTH = {250, 551}
EACH = pytest.mark.parametrize("name", plans())


@cache
def sittings(name):
    """The questions of the named quiz for each seed."""
    quiz = smtp.quiz(name)
    return [quiz.with_seed(seed).items for seed in range(SEEDS)]


# ---- each named quiz ----


@EACH
def test_each_sitting_is_what_the_blueprint_says(name):
    plan = plans()[name]
    places = {
        item.id: number
        for number, pool in enumerate(plan.blueprint.pools(plan.pool()))
        for item in pool
    }
    wanted = {number: part.take for number, part in enumerate(plan.blueprint.parts)}
    for items in sittings(name):
        assert Counter(places[item.id] for item in items) == wanted
        assert len({item.id for item in items}) == plan.blueprint.count
        assert places[items[0].id] == 0 or not plan.blueprint.parts[0].levels


@EACH
def test_every_item_of_the_pool_comes_and_none_too_often(name):
    counts = Counter(item.id for items in sittings(name) for item in items)
    assert {item.id for item in plans()[name].pool()} == set(counts)
    assert max(counts.values()) <= 0.4 * SEEDS
    assert min(counts.values()) >= 0.02 * SEEDS


@EACH
def test_two_sittings_in_a_row_share_a_fifth_at_most(name):
    ids = [{item.id for item in items} for items in sittings(name)]
    count = plans()[name].blueprint.count
    assert max(len(one & other) for one, other in pairwise(ids)) <= max(1, count // 5)


@EACH
def test_no_three_of_a_kind_come_in_a_row(name):
    for items in sittings(name):
        assert max(len(list(run)) for _, run in groupby(item.kind for item in items)) <= 2


@EACH
def test_quiz_asks_only_what_its_lessons_teach(name):
    plan = plans()[name]
    assert plan.pool()
    for item in plan.pool():
        assert item.objective in plan.objectives
        assert lesson_of(item) <= plan.lesson


@EACH
def test_easy_questions_come_before_hard_ones(name):
    """But for the first, and for what keeps three of a kind apart."""
    steps = Counter(
        LEVELS.index(later.level) >= LEVELS.index(earlier.level)
        for items in sittings(name)
        for earlier, later in pairwise(items[1:])
    )
    assert steps[True] > 0.85 * steps.total()


def test_250_against_551_is_about_nothing_else():
    for items in sittings("250-vs-551"):
        assert all(BOTH & {*item.about} for item in items)
        assert sum({*item.about} >= BOTH for item in items) >= 6
        assert (items[0].kind, {*items[0].about} >= BOTH) == ("choice", True)
        assert items[0].level in ("recall", "explain")
        assert lesson_of(items[0]) <= 4
        assert len({item.contrast for item in items}) >= 5


def test_250_against_551_can_show_what_it_looks_for():
    wanted = plans()["250-vs-551"].blueprint.beliefs
    assert {"551-relay-denied", "551-server-forwards", "250-means-delivered"} <= {*wanted}
    missing = [
        len({*wanted} - {name for item in items for name in item.misconceptions})
        for items in sittings("250-vs-551")
    ]
    assert sum(missing) / len(missing) < 0.1 * len(wanted)


# ---- any quiz ----


def made(kinds):
    return [Item(f"{number}", kind, "?", ()) for number, kind in enumerate(kinds)]


KINDS = st.lists(st.sampled_from("abc"), min_size=1, max_size=9)


@given(KINDS)
def test_three_of_a_kind_come_in_a_row_only_where_there_is_no_other_way(kinds):
    asked = [item.kind for item in in_order((), made(kinds), lambda _: 0)]
    most = max(Counter(kinds).values())
    possible = most <= 2 * (len(kinds) - most + 1)
    assert Counter(asked) == Counter(kinds)
    assert (max(len(list(run)) for _, run in groupby(asked)) <= 2) == possible


@given(KINDS, st.integers(1, 12), st.integers(0, 40))
def test_quiz_without_a_blueprint_asks_as_many_as_there_are_and_each_once(kinds, count, seed):
    items = made(kinds)
    asked = draw(items, Blueprint((Part(count),)), "own", seed)
    assert len({item.id for item in asked}) == len(asked) == min(count, len(items))
    assert asked == draw(items, Blueprint((Part(count),)), "own", seed)


def test_what_one_part_lacks_the_others_make_up_for():
    for name in plans():
        quiz = smtp.quiz(name)
        for count in (1, 13, len(quiz.pool) - 1, len(quiz.pool), 1_000):
            asked = smtp.quiz(name, n=count, seed=4).items
            assert len({item.id for item in asked}) == min(count, len(quiz.pool))


def test_a_few_of_very_many_are_chosen_at_once():
    """There are no more sittings in a round than can be compared."""
    items = made("ab" * 2_000)
    asked = [draw(items, Blueprint((Part(1),)), "own", seed)[0].id for seed in range(100)]
    assert len({*asked}) == 100


def test_part_says_what_it_takes():
    item = Item(
        "one",
        "choice",
        "?",
        (Option("", misconception="m"),),
        objective="moved",
        level="recall",
        contrast="class",
        about=(250, 551),
    )
    fitting = Part(1, ("moved",), ("class",), ("recall",), ("choice",), (551,), ("m", "n"))
    assert fitting.fits(item)
    assert Part(1).fits(item)
    others = {
        "objectives": ("order",),
        "contrasts": ("digits",),
        "levels": ("explain",),
        "kinds": ("number",),
        "about": (250, 251),
        "beliefs": ("n",),
    }
    for field, value in others.items():
        assert not Part(1, **{field: value}).fits(item)


def test_item_belongs_to_the_first_part_that_it_fits():
    items = made("aab")
    found = Blueprint((Part(1, kinds=("b",)), Part(1), Part(1))).pools(items)
    assert [[item.id for item in pool] for pool in found] == [["2"], ["0", "1"], []]


@pytest.mark.parametrize("size", [1, 3, 5, 10, 17, 40])
def test_scaled_blueprint_keeps_the_shares(size):
    usual = plans()["250-vs-551"].blueprint
    takes = [part.take for part in usual.scaled(size).parts]
    assert sum(takes) == size
    assert takes[0] >= 1
    assert max(takes) - min(takes) <= 1  # each part of it takes one
    both = [part.take for part in usual.scaled(size).parts if {*part.about} >= BOTH]
    assert sum(both) >= 0.6 * size


# ---- following up ----


def test_suspicion_is_followed_up_by_an_item_of_the_same_part():
    quiz = smtp.quiz("250-vs-551", seed=3)
    for belief in quiz.blueprint.beliefs:
        items = follow_up(quiz.items, 4, [belief], quiz.pool, quiz.blueprint)
        assert items[:4] == list(quiz.items[:4])
        assert belief in {name for item in items[4:7] for name in item.misconceptions}
        assert len({item.id for item in items}) == 10
        parts = [
            Counter(
                next(n for n, part in enumerate(quiz.blueprint.parts) if part.fits(item))
                for item in asked
            )
            for asked in (items, quiz.items)
        ]
        assert parts[0] == parts[1]


def test_where_the_blueprint_has_no_room_nothing_changes():
    quiz = smtp.quiz("250-vs-551", seed=3)
    items = follow_up(quiz.items, 4, ["of no item"], quiz.pool, quiz.blueprint)
    assert items == list(quiz.items)
    assert follow_up(quiz.items, 10, quiz.blueprint.beliefs, quiz.pool, quiz.blueprint) == items


def test_of_items_that_could_follow_up_the_one_with_most_answers_comes():
    """There a slip is least likely to look like a belief."""
    belief = (Option("", "x", misconception="m"), Option("", "y", right=True))
    few, many = Item("few", "choice", "?", belief), Item("many", "number", "?", belief)
    asked = [Item("now", "choice", "?", ()), Item("later", "choice", "?", ())]
    pool = [*asked, few, many]
    found = follow_up(asked, 1, ["m"], pool, Blueprint((Part(2),)))
    assert [item.id for item in found] == ["now", "many"]


# ---- files ----


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("take = 1, objectives", "taek = 1, objectives", "'take'"),
        ('levels = ["recall"]', 'level = ["recall"]', "unknown field 'level'"),
        ('"551-whole-message"', '"551-hole-message"', "551-hole-message"),
        ('objectives = ["digits"]', 'objectives = ["digit"]', "digit"),
    ],
)
def test_what_is_wrong_with_a_blueprint_is_said(tmp_path, monkeypatch, old, new, problem):
    written = (folder("data") / "quizzes.toml").read_text("utf-8")
    assert old in written
    for name in ("objectives", "misconceptions", "scenes"):
        path = folder("data") / f"{name}.toml"
        (tmp_path / path.name).write_text(path.read_text("utf-8"), "utf-8")
    (tmp_path / "quizzes.toml").write_text(written.replace(old, new, 1), "utf-8")
    bank()  # of the real data
    monkeypatch.setattr(questions, "folder", lambda _: tmp_path)
    plans.cache_clear()
    try:
        with pytest.raises(DataError, match=problem):
            plans()
    finally:
        plans.cache_clear()
