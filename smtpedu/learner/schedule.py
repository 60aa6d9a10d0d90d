"""When each objective is due again: the scheduler FSRS, replayed from the answers.

The law of this file: pure functions of the answers and of `now`. An objective is what FSRS calls
a card. Its rating is `Again` for a wrong answer; `Hard` for a right one that was helped (guessed,
after a hint, or at a later try); `Good` for any other right one. Never `Easy`: that would be the
learner's own word that it took no effort, and of a right answer to a hard question nobody can say
so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING

from smtpedu.learner.attempt import Attempt, moment

if TYPE_CHECKING:
    from fsrs import Card, Rating, Scheduler

_SOON = timedelta(minutes=10)  # after an error; what is right comes back after days
_LONGEST = 365  # days


@dataclass(frozen=True, slots=True)
class Due:
    """When an objective is to be practised again; `at` is None for one never practised."""

    objective: str
    at: datetime | None
    overdue: bool


def due(attempts: Iterable[Attempt], now: datetime, objectives: Iterable[str] = ()) -> list[Due]:
    """Every objective in the order in which to practise: overdue, never practised, the others.

    What is being forgotten comes before what is new, that which was due first before all.
    `objectives` names those that there are, practised or not.
    """
    now = now.astimezone(UTC)
    cards = _cards(list(attempts), now)
    found = [Due(name, card.due, card.due <= now) for name, card in cards.items()]
    found.sort(key=lambda one: (one.at or now, one.objective))
    new = [Due(name, None, False) for name in dict.fromkeys(objectives) if name not in cards]
    overdue = [one for one in found if one.overdue]
    return [*overdue, *new, *(one for one in found if not one.overdue)]


def _cards(attempts: Sequence[Attempt], now: datetime) -> dict[str, Card]:
    from fsrs import Card

    cards: dict[str, Card] = {}
    for attempt, time in zip(attempts, times(attempts, now), strict=True):
        name = attempt.objective
        if name:
            card = cards.get(name) or Card(card_id=len(cards) + 1, due=time)
            cards[name], _ = _scheduler().review_card(card, rating(attempt), time)
    return cards


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(
        learning_steps=(_SOON,),
        relearning_steps=(_SOON,),
        maximum_interval=_LONGEST,
        enable_fuzzing=False,  # the same answers always give the same days
    )


def rating(attempt: Attempt) -> Rating:
    """What FSRS is told of an answer."""
    from fsrs import Rating

    if not attempt.right:
        return Rating.Again
    helped = attempt.guessed or attempt.hints or attempt.number > 1
    return Rating.Hard if helped else Rating.Good


def times(attempts: Sequence[Attempt], now: datetime) -> list[datetime]:
    """When the answers were given, never going back, whatever the clock said.

    A time in the future is that of the answer kept next; one before that of an earlier answer is
    that of the earlier one.
    """
    found: list[datetime] = []
    following = now
    for attempt in reversed(attempts):
        time = moment(attempt.at)
        following = time if time <= now else following
        found.append(following)
    found.reverse()
    for n in range(1, len(found)):
        found[n] = max(found[n - 1], found[n])
    return found
