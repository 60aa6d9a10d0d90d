"""Simulated students answer quizzes of the real bank: what is said of their beliefs.

The figures in `README.md` are those of this file.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from itertools import product
from random import Random
from typing import Any

from for_each import for_each
from students import believer

import smtpedu as smtp
from smtpedu.learner.attempt import Attempt, Role
from smtpedu.learner.frames import current_beliefs, misconceptions_frame
from smtpedu.learner.mastery import mastery
from smtpedu.questions.bank import bank, misconceptions
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import grade, guesses, solution
from smtpedu.questions.selection import follow_up

NAME = "250-vs-551"
LENGTH = 12  # answers: a whole quiz and the first two of the next
QUIZ = smtp.quiz(NAME)
BELIEFS = QUIZ.blueprint.beliefs


@cache
def drawn(seed: int) -> tuple[Item, ...]:
    return QUIZ.with_seed(seed).items


Answer = Callable[[Item], Attempt]


def played(answer: Answer, seed: int) -> dict[str, str]:
    """Misconception → suspected or held, after a student has given that many answers."""
    given: list[Attempt] = []
    while len(given) < LENGTH:
        items = followed_up(drawn(seed), 1, given)
        for place in range(min(len(items), LENGTH - len(given))):
            given.append(answer(items[place]))
            items = followed_up(items, place + 1, given)
        seed += 1
    return {one.name: one.status for one in current_beliefs(given)}


def followed_up(items: Sequence[Item], start: int, given: list[Attempt]) -> Sequence[Item]:
    found = [one.name for one in current_beliefs(given) if one.is_open and not one.held]
    return follow_up(items, start, found, QUIZ.pool, QUIZ.blueprint) if found else items


def slip(item: Item, random: Random) -> Any:
    """A wrong answer that nothing but chance has chosen."""
    right, places = solution(item), range(len(item.options))
    match item.kind:
        case "number":
            return random.choice([one.value for one in item.options if not one.right] + [99])
        case "point":
            return random.choice([line for line, _ in item.lines if line != right])
        case "choices":
            return sorted({*right} ^ {random.choice(places)})
        case "classify":
            place = random.choice(places)
            others = [one for one in range(len(item.classes)) if one != right[place]]
            return [*right[:place], random.choice(others), *right[place + 1 :]]
        case "order":
            place = random.choice(places[1:])
            right[place - 1], right[place] = right[place], right[place - 1]
            return right
    return random.choice([place for place in places if place != right])


def attempt(item: Item, response: Any, number: int = 1, *, guessed: bool = False) -> Attempt:
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
        guessed=guessed,
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


@for_each("belief", BELIEFS)
def test_belief_that_the_quiz_looks_for_is_found_in_nine_of_ten_believers(belief: str) -> None:
    found = [played(lambda item: attempt(item, believer(item, belief)), seed) for seed in range(60)]
    assert sum(one.get(belief) == "held" for one in found) >= 0.9 * len(found)


def test_who_knows_it_and_slips_in_one_of_ten_answers_is_hardly_ever_said_to_hold_a_belief() -> (
    None
):
    random = Random(551)  # noqa: S311

    def careless(item: Item) -> Attempt:
        return attempt(item, slip(item, random) if random.random() < 0.1 else solution(item))

    found = [played(careless, seed) for seed in [*range(100)] * 5]
    assert any(found), "a slip is suspicious"
    assert sum("held" in one.values() for one in found) < 0.02 * len(found)


def test_who_guesses_and_says_so_is_said_to_believe_nothing() -> None:
    random = Random(551)  # noqa: S311
    for seed in range(100):
        assert played(lambda item: attempt(item, slip(item, random), guessed=True), seed) == {}


def test_who_slips_once_is_never_said_to_hold_a_belief() -> None:
    for seed, slipped in product(range(20), range(LENGTH)):
        random, count = Random(seed), iter(range(LENGTH))  # noqa: S311

        def once(item: Item) -> Attempt:
            wrong = next(count) == slipped  # noqa: B023
            return attempt(item, slip(item, random) if wrong else solution(item))  # noqa: B023

        assert "held" not in played(once, seed).values()


def test_report_has_no_belief_of_a_student_who_is_right() -> None:
    attempts = [attempt(item, solution(item)) for item in bank().values()]
    assert all(one.right and one.score == 1 for one in attempts)
    assert current_beliefs(attempts) == []
    assert misconceptions_frame(attempts).empty


def test_what_is_named_first_is_what_is_believed() -> None:
    """A wrong answer may show another belief as well; the one that is held shows most often."""
    whole = list(bank().values())
    for belief in misconceptions():
        found = current_beliefs([attempt(item, believer(item, belief)) for item in whole])
        assert found[0].name == belief


def test_a_student_who_then_learns_is_no_longer_said_to_believe_it() -> None:
    whole = list(bank().values())
    for belief in misconceptions():
        first = [attempt(item, believer(item, belief)) for item in whole]
        learnt = [attempt(item, solution(item)) for item in whole]
        assert belief in {one.name for one in current_beliefs(first)}
        assert current_beliefs(first + learnt) == []


def test_a_student_who_knows_everything_is_master_of_every_objective() -> None:
    attempts = [attempt(item, solution(item)) for item in bank().values()]
    assert all(one.mastered for one in mastery(attempts).values())
