"""Chooses what a quiz asks, and in which order.

The law of this file: for one seed always the same, and over the seeds each item as often as any
other. A pool is dealt like a pack of cards: every seed takes the next hand, and when no whole hand
is left the pack is shuffled anew. So no item is asked in two sittings in a row where the pool is
three hands or more.
"""

from __future__ import annotations

import operator
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from random import Random

from smtpedu.questions.items import LEVELS, Item

_IN_A_ROW = 2  # items of one kind, where the choice allows it


@dataclass(frozen=True, slots=True)
class Part:
    """Some of what a quiz samples: `take` items of these, each field empty for any.

    `about`: reply codes each of which they are about; `beliefs`: of these they can show one.
    """

    take: int
    objectives: tuple[str, ...] = ()
    contrasts: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    about: tuple[int, ...] = ()
    beliefs: tuple[str, ...] = ()

    def fits(self, item: Item) -> bool:
        """Whether the item is one of these."""
        values = (
            (self.objectives, item.objective),
            (self.contrasts, item.contrast),
            (self.levels, item.level),
            (self.kinds, item.kind),
        )
        fields = all(not wanted or value in wanted for wanted, value in values)
        shows = not self.beliefs or not item.misconceptions.isdisjoint(self.beliefs)
        return fields and shows and {*self.about} <= {*item.about}


def scaled(parts: Sequence[Part], size: int) -> tuple[Part, ...]:
    """The parts with about the same shares of so many items; the first has one at least."""
    so_far = list(accumulate(part.take for part in parts))
    ends = [-(-size * end // so_far[-1]) for end in so_far]  # rounded up
    takes = map(operator.sub, ends, [0, *ends])
    return tuple(replace(part, take=take) for part, take in zip(parts, takes, strict=True))


def pools(items: Iterable[Item], parts: Sequence[Part]) -> list[list[Item]]:
    """The items of each part; one that fits several belongs to the first of them."""
    found: list[list[Item]] = [[] for _ in parts]
    for item in items:
        place = next((n for n, part in enumerate(parts) if part.fits(item)), None)
        if place is not None:
            found[place].append(item)
    return found


def draw(items: Iterable[Item], parts: Sequence[Part], name: str, seed: int) -> list[Item]:
    """What the quiz of this name asks: the first part, then the others, the easiest first."""
    hands = [
        _hand(pool, part.take, f"{name} {number}", seed)
        for number, (part, pool) in enumerate(zip(parts, pools(items, parts), strict=True))
    ]
    opening = hands[0] if len(hands) > 1 else []
    rest = [item for hand in hands[len(opening) > 0 :] for item in hand]
    Random(f"{name} {seed}").shuffle(rest)  # noqa: S311 (no secret)
    return in_order(opening, rest, difficulty)


def _hand(pool: Sequence[Item], take: int, name: str, seed: int) -> list[Item]:
    hands = max(1, len(pool) // max(1, take))
    shuffle, place = divmod(seed, hands)
    rest, last = _pack(pool, take, hands, f"{name} {shuffle}")
    if place == hands - 1:
        return last
    _, before = _pack(pool, take, hands, f"{name} {shuffle - 1}")
    rest.sort(key=lambda item: item in before)
    return rest[place * take : (place + 1) * take]


def _pack(pool: Sequence[Item], take: int, hands: int, name: str) -> tuple[list[Item], list[Item]]:
    """A shuffled pack without its last hand, and that."""
    pack = list(pool)
    Random(name).shuffle(pack)  # noqa: S311 (no secret)
    start = (hands - 1) * take
    return pack[:start] + pack[start + take :], pack[start : start + take]


# ---- the order ----


def difficulty(item: Item) -> int:
    """The easiest first."""
    return LEVELS.index(item.level) if item.level in LEVELS else 0


def in_order(
    opening: Iterable[Item], items: Iterable[Item], rank: Callable[[Item], int]
) -> list[Item]:
    """The opening, then the items by their rank, of equals those that come first here.

    Three of a kind come in a row only where there is no other way.
    """
    found, left = list(opening), sorted(items, key=rank)
    while left:
        found.append(_next(left, [item.kind for item in found[-_IN_A_ROW:]]))
        left.remove(found[-1])
    return found


def _next(left: Sequence[Item], before: Sequence[str]) -> Item:
    kind, most = Counter(item.kind for item in left).most_common(1)[0]
    is_full = len(before) == _IN_A_ROW and len({*before}) == 1
    if most > _IN_A_ROW * (len(left) - most) and not (is_full and kind in before):
        return next(item for item in left if item.kind == kind)  # later there is no room for them
    others = (item for item in left if not (is_full and item.kind in before))
    return next(others, left[0])


# ---- following up ----


def follow_up(
    items: Sequence[Item],
    start: int,
    beliefs: Collection[str],
    pool: Iterable[Item],
    parts: Sequence[Part],
) -> list[Item]:
    """These items, those from `start` on changed so that one can show each of these beliefs next.

    It is one of them, or one of the pool that takes the place of another of its part, so that what
    the quiz samples stays as it was; where its part has none left nothing is changed.
    """
    kept, later = list(items[:start]), list(items[start:])
    of_part = pools(pool, parts)
    for belief in beliefs:
        if any(belief in item.misconceptions for item in later):
            continue
        for place, item in enumerate(later):
            alike = next((one for one in of_part if item in one), [])
            fitting = (one for one in alike if belief in one.misconceptions and one not in items)
            if other := min(fitting, key=_luck, default=None):
                later[place] = other
                break
    wanted = [
        next((n for n, item in enumerate(later) if belief in item.misconceptions), None)
        for belief in beliefs
    ]
    return in_order(kept, later, lambda item: later.index(item) not in wanted)


def _luck(item: Item) -> int:
    """The fewer answers, the likelier one of them is an accident."""
    from smtpedu.questions.kinds import guesses

    return -guesses(item)
