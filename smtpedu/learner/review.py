"""When each objective is due again, and today's mix: what is most worth asking now.

What is due says the scheduler FSRS, replayed from the answers. An objective is what FSRS calls a
card. Its rating is `Again` for a wrong answer; `Hard` for a right one that was helped (guessed,
after a hint, or at a later try); `Good` for any other right one. Never `Easy`: that would be the
learner's own word that it took no effort, and of a right answer to a hard question nobody can say
so. Today's mix is what is due, what could show once more a misconception that shows now, what was
not seen for long.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from operator import index
from typing import TYPE_CHECKING

from smtpedu.i18n import text
from smtpedu.learner.attempt import Attempt, final_attempts, parse_time
from smtpedu.learner.mastery import GIVEN_UP, Belief, beliefs
from smtpedu.learner.store import store
from smtpedu.questions.bank import bank, item, objectives, predictions
from smtpedu.questions.items import Item
from smtpedu.questions.quiz import Quiz
from smtpedu.questions.selection import Blueprint, Part, in_order

if TYPE_CHECKING:
    from fsrs import Card, Rating, Scheduler

NAME = "review"  # what its answers are kept under
_EACH = 3  # questions on one objective, as long as there are others
_LATER = 2
_SOON = timedelta(minutes=10)  # after an error; what is right comes back after days
_LONGEST = 365  # days

# ---- what is due ----


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
    for attempt, time in zip(attempts, answer_times(attempts, now), strict=True):
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


def answer_times(attempts: Sequence[Attempt], now: datetime) -> list[datetime]:
    """When the answers were given, never going back, whatever the clock said.

    A time in the future is that of the answer kept next; one before that of an earlier answer is
    that of the earlier one.
    """
    found: list[datetime] = []
    following = now
    for attempt in reversed(attempts):
        time = parse_time(attempt.at)
        following = time if time <= now else following
        found.append(following)
    found.reverse()
    for n in range(1, len(found)):
        found[n] = max(found[n - 1], found[n])
    return found


# ---- what is believed ----


def current_beliefs(attempts: Iterable[Attempt]) -> list[Belief]:
    """The misconceptions that show now; a draft of an exam shows none."""
    given = final_attempts(attempts)
    able = {name: _shows(name) for name in dict.fromkeys(one.item for one in given)}
    return beliefs(given, {name: shown for name, shown in able.items() if shown is not None})


def _shows(name: str) -> frozenset[str] | None:
    """What an item can show; of a teacher's own, whose file is not at hand, nobody knows."""
    is_known = name.startswith("generated:") or name in bank() or name in predictions()
    try:
        return item(name).misconceptions if is_known else None
    except LookupError:
        return None


# ---- today's mix ----


@dataclass(frozen=True, repr=False)
class Review(Quiz):
    """A quiz that begins with what could show a misconception that shows now."""

    def with_seed(self, seed: int) -> Quiz:
        """The same with another choice of questions."""
        made = super().with_seed(seed)
        shown = _shown(store().attempts())
        items = in_order((), made.items, lambda item: item.misconceptions.isdisjoint(shown))
        return replace(made, items=tuple(items))


def review(n: int = 10, seed: int | None = None) -> Quiz:
    """A quiz of `n` questions for today.

    First come questions that could show a misconception that is held or suspected, then those on
    objectives that are due; of these the least recently seen. Kinds and objectives are mixed. The
    title says when it begins with a misconception; where none shows and nothing is due, it says
    when something will be, and the quiz asks what comes soonest. Without a `seed` it is today's:
    the number of earlier days on which you answered.

    Raises `ValueError` for an `n` below 1, `StoreError` where the progress file cannot be read.
    """
    if index(n) < 1:
        raise ValueError(text("error.quiz_count", n=n))
    time = datetime.now(UTC)
    attempts = store().attempts()
    known = [one for one in due(attempts, time, objectives()) if one.objective in objectives()]
    days = {parse_time(one.at).date() for one in attempts} - {time.date()}
    start = len(days) if seed is None else seed
    made = Review(NAME, "", (), (), Blueprint((Part(n),)), renewed=lambda _: _items(n)).with_seed(
        start
    )
    is_first = bool(made.items[0].misconceptions & _shown(attempts))
    return replace(made, title=text("review.beliefs") if is_first else _title(known))


def _items(n: int) -> list[Item]:
    """What is most worth asking now."""
    attempts = store().attempts()
    known = due(attempts, datetime.now(UTC), objectives())
    return chosen(list(bank().values()), attempts, known, n)


def _shown(attempts: Sequence[Attempt]) -> set[str]:
    """The names of the misconceptions that show now."""
    return {one.name for one in current_beliefs(attempts)}


def _title(known: Sequence[Due]) -> str:
    if any(one.overdue or one.at is None for one in known):
        return text("review.today")
    soonest = min(one.at for one in known if one.at).astimezone()  # the learner's own clock
    return text("review.nothing_due", time=f"`{soonest:%Y-%m-%d %H:%M}`")


def chosen(
    items: Sequence[Item], attempts: Sequence[Attempt], known: Sequence[Due], n: int
) -> list[Item]:
    """The `n` items most worth asking now, no more than half of them of one kind."""
    seen = {attempt.item: number for number, attempt in enumerate(attempts, 1)}
    # As many questions for each misconception as it takes to give it up.
    shown = beliefs(final_attempts(attempts), {item.id: item.misconceptions for item in items})
    wanted = Counter({one.name: GIVEN_UP for one in shown})
    urgency = {one.objective: (_tier(one), place) for place, one in enumerate(known)}
    objectives_asked: Counter[str] = Counter()
    kinds_asked: Counter[str] = Counter()

    def rank(item: Item) -> tuple[object, ...]:
        asked = objectives_asked[item.objective]
        tier, place = urgency.get(item.objective, (_LATER, len(known)))
        too_many = kinds_asked[item.kind] >= (n + 1) // 2
        shows = any(wanted[name] > 0 for name in item.misconceptions)
        return too_many, not shows, tier if asked < _EACH else _LATER + 1, asked, place

    left = sorted(items, key=lambda item: (seen.get(item.id, 0), item.id))
    found: list[Item] = []
    while left and len(found) < n:
        item = min(left, key=rank)  # of equals the least recently seen
        left.remove(item)
        found.append(item)
        wanted.subtract(item.misconceptions)
        objectives_asked[item.objective] += 1
        kinds_asked[item.kind] += 1
    return found


def _tier(one: Due) -> int:
    """Overdue 0, new 1, the others `_LATER`."""
    return 0 if one.overdue else 1 if one.at is None else _LATER
