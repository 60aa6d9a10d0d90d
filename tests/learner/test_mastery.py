"""What answers say of mastery and of misconceptions: laws, and seeded simulations over the bank."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpedu.learner.attempt import Attempt
from smtpedu.learner.mastery import (
    LEARN,
    MASTERED,
    Belief,
    beliefs,
    mastery,
    mastery_steps,
    needed,
)
from smtpedu.questions import kinds
from smtpedu.questions.bank import bank, objectives
from smtpedu.questions.items import Item

ITEMS = list(bank().values())
GUESSERS = 500
WITHIN = 12  # items an objective, for someone who knows it


def answer(item: str = "moved-1", right: bool = True, **values: object) -> Attempt:
    plain = {
        **{
            "id": "x",
            "run": "r",
            "quiz": "q",
            "role": "practice",
            "item": item,
            "objective": "moved",
        },
        **{"level": "recall", "kind": "choice", "number": 1, "response": 0, "right": right},
        **{"score": float(right), "misconceptions": (), "guessed": False, "hints": 0},
        **{"options": 4, "at": "2026-11-24T09:30:00.000Z"},
    }
    return Attempt(**plain | values)  # type: ignore[arg-type]


BOTH = {
    (item.id, right): answer(
        item.id, right, objective=item.objective, kind=item.kind, options=kinds.guesses(item)
    )
    for item in ITEMS
    for right in (True, False)
}


def dice(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 (no secret)


def shuffled(seed: object) -> list[Item]:
    return dice(f"order {seed}").sample(ITEMS, len(ITEMS))


def many(count: int, right: bool = True, start: int = 0, **values: object) -> list[Attempt]:
    return [answer(f"moved-{start + n}", right, **values) for n in range(count)]


def one(attempts: list[Attempt]) -> float:
    return mastery(attempts)["moved"].strength


def mastered_after(attempts: list[Attempt]) -> int | None:
    found = (n for n, (_, known) in enumerate(mastery_steps(attempts), 1) if known.mastered)
    return next(found, None)


# ---- simulated learners ----


@pytest.mark.parametrize("seed", range(20))
def test_who_knows_everything_is_master_of_each_objective_within_12_items(seed: int) -> None:
    answered: dict[str, int] = {}
    for _, known in mastery_steps([BOTH[item.id, True] for item in shuffled(seed)]):
        assert known.right == known.answered
        if known.mastered:
            answered.setdefault(known.objective, known.answered)
    assert answered.keys() == objectives().keys()
    assert max(answered.values()) <= WITHIN


def guesses(seed: object, passes: int = 1) -> list[Attempt]:
    chance = dice(f"guess {seed}")
    items = [item for _ in range(passes) for item in shuffled(seed)]
    return [BOTH[item.id, chance.random() < 1 / kinds.guesses(item)] for item in items]


def test_none_of_500_guessers_is_ever_called_a_master() -> None:
    lucky = [
        (seed, known.objective)
        for seed in range(GUESSERS)
        for _, known in mastery_steps(guesses(seed))
        if known.mastered
    ]
    assert lucky == []


def test_guessing_again_and_again_makes_no_master() -> None:
    for seed in range(50):
        assert not any(known.mastered for _, known in mastery_steps(guesses(seed, passes=5)))


def test_guessing_with_second_tries_makes_no_master() -> None:
    for seed in range(200):
        chance = dice(f"second {seed}")
        attempts = []
        for item in shuffled(seed):
            right = chance.random() < 1 / kinds.guesses(item)
            attempts.append(BOTH[item.id, right])
            if not right:
                again = chance.random() < 1 / (kinds.guesses(item) - 1)
                attempts.append(replace(BOTH[item.id, again], number=2))
        assert not any(known.mastered for _, known in mastery_steps(attempts))


@pytest.mark.parametrize("wrong", [1, 5, 50, 500])
def test_who_learns_late_becomes_a_master_as_soon_as_anybody(wrong: int) -> None:
    attempts = many(wrong, right=False) + many(20, start=1000)
    after = mastered_after(attempts)
    assert after is not None
    assert after - wrong <= WITHIN


def test_who_learns_after_having_seen_the_whole_bank_becomes_a_master_in_one_more_pass() -> None:
    wrong = [BOTH[item.id, False] for item in ITEMS]
    right = [BOTH[item.id, True] for item in ITEMS]
    assert not any(known.mastered for known in mastery(wrong).values())
    assert all(known.mastered for known in mastery(wrong + right).values())


def test_who_errs_once_in_twenty_becomes_a_master_all_the_same() -> None:
    for seed in range(50):
        chance = dice(f"slip {seed}")
        attempts = [answer(f"i{n}", chance.random() > 0.05) for n in range(40)]
        assert mastered_after(attempts)


def test_mastery_is_lost_by_two_errors_however_old_it_is() -> None:
    for count in (11, 20, 200):
        attempts = many(count)
        assert mastery(attempts)["moved"].mastered
        assert not mastery(attempts + many(2, False, 500))["moved"].mastered
    assert mastery(many(20) + many(1, False, 500))["moved"].mastered


# ---- what an answer weighs ----


def test_nothing_answered_is_nothing_known() -> None:
    assert mastery([]) == {}
    assert mastery([answer(objective="")]) == {}


def test_objectives_do_not_touch_each_other() -> None:
    found = mastery([*many(3), *many(2, False, objective="order")])
    assert {name: (known.answered, known.right) for name, known in found.items()} == {
        "moved": (3, 3),
        "order": (2, 0),
    }
    assert found["moved"].strength == one(many(3))


def test_a_right_answer_adds_and_a_wrong_one_takes_away() -> None:
    steps = [known.strength for _, known in mastery_steps(many(11))]
    assert steps == sorted(set(steps))
    assert steps[-1] == 1
    assert one([*many(5), answer("z", right=False)]) < one(many(5))


@pytest.mark.parametrize(
    "weaker",
    [
        {"number": 2, "options": 5},
        {"hints": 1},
        {"options": 3},
        {"guessed": True},
        {"item": "moved-0"},  # which was answered right before
    ],
    ids=str,
)
def test_what_counts_less_than_a_right_answer(weaker: dict[str, object]) -> None:
    before = many(3)
    assert one(before) <= one([*before, answer(**{"item": "new", **weaker})])  # type: ignore[arg-type]
    assert one([*before, answer(**{"item": "new", **weaker})]) < one([*before, answer("new")])  # type: ignore[arg-type]


def test_a_guess_that_was_right_is_chance() -> None:
    assert one([*many(3), answer("z", guessed=True)]) == pytest.approx(one(many(3)), abs=1e-3)
    assert one([*many(3), answer("z", False, guessed=True)]) < one(many(3))


def test_more_hints_weaken_more() -> None:
    found = [one([*many(3), answer("z", hints=hints)]) for hints in (0, 1, 2, 9, 9999)]
    assert found == sorted(found, reverse=True)


def test_one_item_over_and_over_makes_no_quick_master() -> None:
    assert (mastered_after([answer()] * 100) or 100) > 2 * WITHIN


def test_a_second_try_counts_as_no_further_answer() -> None:
    found = mastery([answer(right=False), answer(number=2)])["moved"]
    assert (found.answered, found.right) == (1, 0)


@given(
    st.lists(
        st.builds(
            answer,
            item=st.sampled_from("abc"),
            right=st.booleans(),
            number=st.integers(1, 10_000),
            guessed=st.booleans(),
            hints=st.integers(0, 10_000),
            options=st.integers(1, 10**15),
        ),
        max_size=60,
    )
)
def test_mastery_is_between_0_and_1_and_mastered_says_so(attempts: list[Attempt]) -> None:
    for _, known in mastery_steps(attempts):
        assert 0 < known.probability < 1
        assert 0 <= known.strength <= 1
        assert known.mastered == (known.probability >= MASTERED) == (known.strength == 1)
    assert LEARN * GUESSERS * len(ITEMS) / 19 < 0.1  # the docstring's bound, for the whole class


# ---- misconceptions ----

CATCH = {"a": {"m"}, "b": {"m", "n"}, "c": {"m"}, "other": {"n"}}


def shows(item: str, *names: str, **values: object) -> Attempt:
    return answer(item, False, misconceptions=names, **values)


def shown(attempts: list[Attempt]) -> dict[str, str]:
    """Misconception → suspected or held."""
    return {found.name: found.status for found in beliefs(attempts, CATCH)}


def test_one_sign_makes_it_suspected_and_tells_when_and_where() -> None:
    time = "2026-11-25T00:00:00.000Z"
    attempts = [answer("other"), shows("a", "m", at=time, objective="moved"), answer("b")]
    assert beliefs(attempts, CATCH) == [
        Belief("m", False, 1, 2, ("moved",), time, is_open=False),
    ]
    assert beliefs(attempts[:2], CATCH)[0].is_open
    assert shown([]) == shown([answer("a")]) == {}


def test_signs_in_two_items_make_it_held_and_in_one_item_they_do_not() -> None:
    assert shown([shows("a", "m"), shows("b", "m")]) == {"m": "held"}
    assert shown([shows("a", "m"), shows("a", "m")]) == {"m": "suspected"}
    assert shown([shows("x", "m"), shows("y", "m")]) == {"m": "suspected"}  # of no bank
    assert shown([shows("x", "m"), shows("a", "m"), shows("b", "m")]) == {"m": "held"}


def test_two_thirds_of_the_chances_must_have_shown_it() -> None:
    signs = [shows("a", "m"), shows("b", "m")]
    assert shown([answer("c"), *signs]) == {"m": "held"}
    assert shown([signs[0], answer("c"), signs[1]]) == {"m": "held"}
    assert shown([*signs, answer("c")]) == {"m": "held"}
    other = shows("c")  # wrong, but for another reason
    assert shown([other, other, *signs]) == {"m": "suspected"}
    assert shown([answer("c"), other, *signs]) == {"m": "suspected"}
    # What could not have shown it is no chance.
    assert shown([*[answer("other")] * 3, *signs, *[answer("unknown")] * 3]) == {"m": "held"}


def test_only_the_last_six_chances_count() -> None:
    signs = [shows("a", "m"), shows("b", "m"), shows("c", "m"), shows("a", "m")]
    assert shown([*[shows("c")] * 30, *signs[:3]]) == {"m": "suspected"}
    assert shown([*[shows("c")] * 30, *signs]) == {"m": "held"}


def test_what_is_held_comes_first_then_what_was_shown_most_often() -> None:
    attempts = [shows("other", "n"), shows("a", "m", "o"), shows("b", "m", "o"), shows("c", "o")]
    found = [(one.name, one.status, one.signs) for one in beliefs(attempts, CATCH)]
    assert found == [("o", "held", 3), ("m", "held", 2), ("n", "suspected", 1)]


def test_it_is_given_up_by_two_right_answers_that_could_have_shown_it() -> None:
    both = [shows("a", "m"), shows("b", "m")]
    assert shown([*both, answer("b")]) == {"m": "held"}
    assert shown([*both, answer("b"), answer("c")]) == {}
    assert shown([shows("a", "m"), answer("a"), answer("a")]) == {}
    # And those two count when it is shown once more.
    assert shown([*both, answer("b"), answer("c"), *both]) == {"m": "suspected"}


def test_right_answers_that_could_not_have_shown_it_say_nothing() -> None:
    held = [shows("a", "m"), *[answer("other")] * 5, *[answer("unknown")] * 5]
    assert shown(held) == {"m": "suspected"}


def test_showing_it_again_begins_the_count_anew() -> None:
    attempts = [shows("a", "m"), answer("b"), shows("c", "m"), answer("a")]
    assert shown(attempts) == {"m": "suspected"}
    assert shown([*attempts, answer("b")]) == {}
    assert shown([*attempts, answer("b"), shows("a", "m")]) == {"m": "suspected"}


def test_second_tries_and_guesses_say_nothing() -> None:
    again, guess = answer("b", number=2), answer("b", guessed=True)
    assert shown([shows("a", "m"), again, again, guess, guess]) == {"m": "suspected"}
    wrong = [shows("b", "m", number=2), shows("c", "m", guessed=True)]
    assert shown(wrong) == {}
    assert shown([shows("a", "m"), *wrong]) == {"m": "suspected"}


def test_an_item_that_is_in_no_bank_can_give_up_what_was_shown_on_it() -> None:
    attempts = [shows("generated:x:1", "m")]
    assert beliefs(attempts)[0].name == "m"
    assert beliefs([*attempts, answer("generated:x:1"), answer("generated:x:1")]) == []


@pytest.mark.parametrize("options", [1, 2, 4, 5, 24, 10**6])
def test_so_many_right_answers_as_are_said_to_be_needed_master_and_no_fewer(options: int) -> None:
    count = needed(options)
    assert mastered_after(many(count + 1, options=options)) == count
