"""When an objective is due again, and what a review asks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from fsrs import Rating
from hypothesis import given
from hypothesis import strategies as st

import smtpedu as smtp
from smtpedu.i18n import text
from smtpedu.learner import review as reviews
from smtpedu.learner.attempt import Attempt, Role, format_time
from smtpedu.learner.review import Due, answer_times, due, rating
from smtpedu.learner.store import store
from smtpedu.questions.bank import bank, objectives

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
DAY = timedelta(days=1)
BASE = Attempt(
    id="x",
    run="r",
    quiz="q",
    role=Role.PRACTICE,
    item="moved-1",
    objective="moved",
    level="recall",
    kind="choice",
    number=1,
    response=0,
    right=True,
    score=1.0,
    misconceptions=(),
    guessed=False,
    hints=0,
    options=4,
    at=format_time(NOW),
)


def at(time: datetime, **values: object) -> Attempt:
    return replace(BASE, at=format_time(time), **values)


def when(attempts: list[Attempt], now: datetime = NOW) -> datetime:
    (found,) = due(attempts, now)
    assert found.at is not None
    return found.at


# ---- what FSRS is told ----


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"right": False}, Rating.Again),
        ({"right": False, "guessed": True}, Rating.Again),
        ({"guessed": True}, Rating.Hard),
        ({"hints": 1}, Rating.Hard),
        ({"number": 2}, Rating.Hard),
        ({}, Rating.Good),
        ({"level": "design"}, Rating.Good),
    ],
    ids=str,
)
def test_rating(values: dict[str, object], expected: Rating) -> None:
    assert rating(replace(BASE, **values)) == expected


def test_wrong_comes_back_at_once_helped_soon_and_right_after_days() -> None:
    wrong, helped, right = (
        when([replace(BASE, **values)]) - NOW for values in ({"right": False}, {"hints": 1}, {})
    )
    assert timedelta(0) < wrong < helped < timedelta(hours=1) < DAY < right


def test_intervals_grow_with_each_review_in_time_and_shrink_after_an_error() -> None:
    attempts, time, lengths = [], NOW, []
    for _ in range(5):
        attempts.append(at(time))
        lengths.append(when(attempts, time) - time)
        time += lengths[-1]
    assert lengths == sorted(lengths)
    assert lengths[-1] > 10 * lengths[0]
    assert when([*attempts, at(time, right=False)], time) - time < timedelta(hours=1)


def test_many_right_answers_in_one_hour_are_no_long_memory() -> None:
    attempts = [at(NOW + timedelta(minutes=n)) for n in range(50)]
    assert when(attempts, NOW + DAY) - NOW < 14 * DAY


def test_nothing_is_due_in_more_than_a_year() -> None:
    attempts = [at(NOW + 400 * DAY * n) for n in range(20)]
    last = NOW + 400 * DAY * 19
    assert when(attempts, last) - last <= 365 * DAY


def test_same_answers_give_the_same_days() -> None:
    attempts = [at(NOW - 30 * DAY), at(NOW - 20 * DAY, right=False), at(NOW - 5 * DAY)]
    assert len({when(attempts) for _ in range(5)}) == 1


# ---- the order ----


def test_overdue_comes_before_new_and_new_before_what_can_wait() -> None:
    attempts = [
        at(NOW - 60 * DAY, objective="older"),
        at(NOW - 50 * DAY, objective="old"),
        at(NOW - DAY, objective="fresh"),
        at(NOW, objective="fresher"),
        at(NOW, objective=""),
    ]
    found = due(attempts, NOW, ["never", "old", "never either"])
    order = [one.objective for one in found]
    assert order == ["older", "old", "never", "never either", "fresh", "fresher"]
    assert [one.overdue for one in found] == [True, True, False, False, False, False]
    assert found[2] == Due("never", None, False)


def test_no_answers_are_nothing_due() -> None:
    assert due([], NOW) == []


# ---- clocks ----


def test_times_never_go_back() -> None:
    clock = [NOW - DAY, NOW - 9 * DAY, NOW - 2 * DAY, NOW]
    assert answer_times([at(time) for time in clock], NOW) == [NOW - DAY, NOW - DAY, NOW - DAY, NOW]


def test_a_time_in_the_future_is_that_of_the_next_answer() -> None:
    clock = [NOW - 3 * DAY, NOW + 9999 * DAY, NOW - 2 * DAY, NOW + DAY]
    wanted = [NOW - 3 * DAY, NOW - 2 * DAY, NOW - 2 * DAY, NOW]
    assert answer_times([at(time) for time in clock], NOW) == wanted
    assert when([at(time) for time in clock[:3]]) < NOW + 30 * DAY


@given(
    st.lists(
        st.tuples(
            st.datetimes(datetime(1970, 1, 2), datetime(8998, 1, 1), timezones=st.just(UTC)),
            st.booleans(),
        ),
        max_size=20,
    )
)
def test_no_clock_breaks_the_schedule(clock: list[tuple[datetime, bool]]) -> None:
    attempts = [at(time, right=right) for time, right in clock]
    found = answer_times(attempts, NOW)
    assert found == sorted(found)
    assert all(time <= NOW for time in found)
    for one in due(attempts, NOW):
        assert one.at is not None
        assert one.at <= NOW + 366 * DAY


# ---- review ----


def practised(days: int, **values: object) -> list[Attempt]:
    """Each objective answered right so many days ago."""
    time = datetime.now(UTC) - days * DAY
    return [
        at(time, id=f"{name} {days}", item=f"{name}-none", objective=name, **values)
        for name in objectives()
    ]


def test_review_of_a_new_learner_asks_of_ten_objectives() -> None:
    quiz = smtp.review(seed=1)
    assert len(quiz.items) == len({item.objective for item in quiz.items}) == 10
    assert quiz.title == "Review of today"
    assert quiz.name == reviews.NAME


@pytest.mark.parametrize("n", [1, 2, 5, 10, 40])
@pytest.mark.parametrize("seed", range(5))
def test_review_never_asks_three_of_a_kind_in_a_row(n: int, seed: int) -> None:
    store().add(practised(50, right=False)[:3])
    quiz = smtp.review(n, seed)
    assert len({item.id for item in quiz.items}) == len(quiz.items) == n
    kinds = [item.kind for item in quiz.items]
    assert not [place for place in range(n - 2) if len({*kinds[place : place + 3]}) == 1]


def test_review_begins_with_objectives_that_are_due() -> None:
    store().add(practised(0))
    store().add([at(datetime.now(UTC) - 60 * DAY, id="o", objective="order")])  # clock went back
    assert "Nothing is due" in smtp.review(seed=1).title
    store().erase()
    late = at(datetime.now(UTC) - 60 * DAY, id="o", objective="order")
    store().add([late, *[one for one in practised(0) if one.objective != "order"]])
    quiz = smtp.review(4, seed=1)
    assert [item.objective for item in quiz.items].count("order") == 3
    assert quiz.title == "Review of today"


def test_review_asks_what_could_show_a_belief_that_is_held() -> None:
    item = next(one for one in bank().values() if "551-temporary" in one.misconceptions)
    wrong = replace(BASE, item=item.id, right=False, misconceptions=("551-temporary",))
    store().add([wrong])
    found = [one for one in smtp.review(seed=3).items if "551-temporary" in one.misconceptions]
    assert len(found) >= 2
    assert item not in found  # the least recently seen first


def believes(*names: str) -> list[Attempt]:
    """Each objective practised just now, and an answer that shows each of these beliefs."""
    shown = [
        at(datetime.now(UTC), id=name, item="x", right=False, misconceptions=(name,))
        for name in names
    ]
    return [*practised(0), *shown]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("names", [("551-temporary",), ("551-temporary", "250-means-delivered")])
def test_review_begins_with_what_could_show_a_belief_and_says_so(
    names: tuple[str, ...], seed: int
) -> None:
    store().add(believes(*names))
    quiz = smtp.review(seed=seed)
    assert quiz.title == "Today's review: first what you still believe wrongly"
    catches = [bool(item.misconceptions & set(names)) for item in quiz.items]
    kinds = [item.kind for item in quiz.items]
    # What comes before the last of them that it does not catch keeps three of a kind apart.
    for place, caught in enumerate(catches[: sum(catches)]):
        later = [item.kind for item in quiz.items[place:] if item.misconceptions & set(names)]
        assert caught or set(later) == {kinds[place - 1]} == {kinds[place - 2]}
    assert catches[0]
    assert not [place for place in range(8) if len({*kinds[place : place + 3]}) == 1]


def test_review_never_says_that_nothing_is_due_while_a_belief_is_held(each_language: str) -> None:
    store().add(believes("551-temporary"))
    title = smtp.review(seed=1).title
    assert title == text("review.beliefs", in_language=each_language)
    assert len(title) < 60


def test_review_asks_what_was_not_seen_for_longest() -> None:
    items = [item for item in bank().values() if item.objective == "order"]
    seen = [replace(BASE, id=f"s{n}", item=item.id) for n, item in enumerate(items[3:])]
    known = [Due("order", NOW, True)]
    assert {item.id for item in reviews.chosen(items, seen, known, 3)} == {
        item.id for item in items[:3]
    }
    everything = [replace(BASE, id=f"s{n}", item=item.id) for n, item in enumerate(items)]
    found = reviews.chosen(items, everything, known, 2)
    assert items[0] in found
    assert not {item.id for item in found} & {item.id for item in items[-3:]}


def test_review_with_nothing_due_says_when_and_asks_what_comes_soonest() -> None:
    store().add(practised(0))
    soon = at(datetime.now(UTC), id="soon", objective="retry", right=False)
    store().add([soon])
    quiz = smtp.review(1, seed=1)
    time = (datetime.now(UTC) + timedelta(minutes=10)).astimezone()
    assert quiz.title.startswith(f"Nothing is due before `{time:%Y-%m-%d}"[:31])
    assert {item.objective for item in quiz.items} == {"retry"}


def test_review_is_the_same_for_the_same_seed_and_day() -> None:
    assert smtp.review().items == smtp.review().items
    assert smtp.review(seed=1).items == smtp.review(seed=1).items


@pytest.mark.parametrize("n", [0, -1])
def test_review_of_no_questions_is_an_error(n: int) -> None:
    with pytest.raises(ValueError, match=f"at least one question, not {n}"):
        smtp.review(n)
