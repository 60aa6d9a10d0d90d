"""Simulated students, each with one misconception, answer a quiz of ten: the report names it."""

from __future__ import annotations

from typing import Any

from for_each import for_each

from smtpedu.learner.attempt import Attempt, Role
from smtpedu.learner.frames import current_misconceptions, misconceptions_frame
from smtpedu.learner.mastery import mastery
from smtpedu.questions.bank import bank, misconceptions
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import grade, guesses, solution
from smtpedu.questions.selection import pick

SEEDS = range(10)
QUIZZES = [pick(list(bank().values()), 10, seed) for seed in SEEDS]


def believer(item: Item, belief: str) -> Any:
    """What someone answers who holds a belief, and is right wherever it does not matter."""
    right = solution(item)
    places = [n for n, option in enumerate(item.options) if option.misconception == belief]
    if not places:
        return right
    place = places[0]
    match item.kind:
        case "number" | "point":
            return item.options[place].value
        case "choices":  # ticks the wrong ones, leaves out the right ones
            return sorted(set(right) ^ set(places))
        case "classify":
            for n in places:
                wrong = item.options[n].mistaken
                right[n] = (right[n] + 1) % len(item.classes) if wrong is None else wrong
            return right
        case "order":
            other = place + (item.options[place].mistaken or 1)
            right[place], right[other] = right[other], right[place]
            return right
    return place


def attempt(item: Item, response: Any, number: int = 1) -> Attempt:
    graded = grade(item, response)
    return Attempt(
        id=f"{item.id} {number}",
        run="run",
        quiz="all",
        role=Role.PRACTICE,
        item=item.id,
        objective=item.objective,
        level=item.level,
        kind=item.kind,
        number=number,
        response=response,
        right=graded.right,
        score=graded.score,
        misconceptions=graded.misconceptions,
        guessed=False,
        hints=0,
        options=guesses(item),
        at="2026-11-24T09:30:00.000Z",
    )


@for_each("item", bank().values())
def test_every_belief_that_an_item_can_catch_is_caught_by_it(item: Item) -> None:
    for belief in item.misconceptions:
        found = attempt(item, believer(item, belief))
        assert not found.right
        assert belief in found.misconceptions


def test_report_names_the_belief_of_95_in_100_students_within_10_items() -> None:
    named = {
        (belief, seed): belief
        in {
            one.name
            for one in current_misconceptions([attempt(i, believer(i, belief)) for i in items])
        }
        for belief in misconceptions()
        for seed, items in zip(SEEDS, QUIZZES, strict=True)
    }
    missed = [case for case, found in named.items() if not found]
    assert len(missed) <= 0.05 * len(named), missed


def test_report_names_each_belief_in_most_quizzes() -> None:
    for belief in misconceptions():
        found = sum(any(belief in item.misconceptions for item in items) for items in QUIZZES)
        assert found >= 8, belief


def test_report_has_no_belief_of_a_student_who_is_right() -> None:
    for items in QUIZZES:
        attempts = [attempt(item, solution(item)) for item in items]
        assert all(one.right and one.score == 1 for one in attempts)
        assert current_misconceptions(attempts) == []
        assert misconceptions_frame(attempts).empty


def test_what_is_named_first_is_what_is_believed() -> None:
    """A wrong answer may show another belief as well; the one that is held shows most often."""
    whole = list(bank().values())
    for belief in misconceptions():
        found = current_misconceptions([attempt(item, believer(item, belief)) for item in whole])
        assert found[0].name == belief


def test_a_student_who_then_learns_is_no_longer_said_to_believe_it() -> None:
    whole = list(bank().values())
    for belief in misconceptions():
        first = [attempt(item, believer(item, belief)) for item in whole]
        learnt = [attempt(item, solution(item)) for item in whole]
        assert belief in {one.name for one in current_misconceptions(first)}
        assert current_misconceptions(first + learnt) == []


def test_a_student_who_knows_everything_is_master_of_every_objective() -> None:
    attempts = [attempt(item, solution(item)) for item in bank().values()]
    assert all(one.mastered for one in mastery(attempts).values())
