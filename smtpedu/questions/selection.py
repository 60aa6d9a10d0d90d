"""Chooses what a quiz asks, and in which order.

The law of this file: for one seed always the same, and over the seeds each item of a part as often
as any other. The seeds go in rounds. In each, as many items as its sittings need are drawn and
dealt like cards, so that no item comes twice in a round; then cards are exchanged until each
sitting can show as many as possible of the beliefs that the quiz looks for.
"""

from __future__ import annotations

import operator
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import accumulate, combinations
from random import Random
from typing import TypeVar

from smtpedu.questions.items import LEVELS, Item

_IN_A_ROW = 2  # items of one kind, where the choice allows it
_MOST_HANDS = 40  # in a round; each may be exchanged with each other
_SWEEPS = 2  # of exchanges; after these hardly anything changes


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


@dataclass(frozen=True, slots=True)
class Blueprint:
    """What a quiz samples; `beliefs` are those that it looks for."""

    parts: tuple[Part, ...]
    beliefs: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many questions there are."""
        return sum(part.take for part in self.parts)

    def scaled(self, size: int) -> Blueprint:
        """The parts with about the same shares of so many items; the first has one at least."""
        so_far = accumulate(part.take for part in self.parts)
        ends = [-(-size * end // max(1, self.count)) for end in so_far]  # rounded up
        takes = map(operator.sub, ends, [0, *ends])
        parts = (replace(one, take=take) for one, take in zip(self.parts, takes, strict=True))
        return replace(self, parts=tuple(parts))

    def pools(self, items: Iterable[Item]) -> list[list[Item]]:
        """The items of each part; one that fits several belongs to the first of them."""
        found: list[list[Item]] = [[] for _ in self.parts]
        for item in items:
            place = next((n for n, part in enumerate(self.parts) if part.fits(item)), None)
            if place is not None:
                found[place].append(item)
        return found


# ---- the choice ----

_T = TypeVar("_T")
# What matters of an item here: its kind, and which of the beliefs looked for it can show.
Card = tuple[str, frozenset[str]]
Place = tuple[int, int]  # the number of a part, that of an item in its pool


def draw(items: Iterable[Item], blueprint: Blueprint, name: str, seed: int) -> list[Item]:
    """What the quiz of this name asks, the easiest first; a first part with levels opens it."""
    pools = blueprint.pools(items)
    takes = _takes([part.take for part in blueprint.parts], [len(pool) for pool in pools])
    wanted = frozenset(blueprint.beliefs)
    cards = [tuple((item.kind, item.misconceptions & wanted) for item in pool) for pool in pools]
    sizes = (len(pool) // take for pool, take in zip(pools, takes, strict=True) if take)
    hands = min([*sizes, _MOST_HANDS]) if any(takes) else 1
    number, place = divmod(seed, hands)
    sittings = _round(tuple(cards), tuple(takes), hands, name, number)
    asked = [pools[part][index] for part, index in sittings[place]]
    start = takes[0] if blueprint.parts[0].levels else 0
    return in_order(asked[:start], _shuffled(asked[start:], f"{name} {seed}"), difficulty)


def _takes(wanted: Sequence[int], there: Sequence[int]) -> list[int]:
    """How many of each part: what one part lacks, those that have more make up for."""
    found = list(map(min, wanted, there))
    for part, size in enumerate(there):
        found[part] += min(size - found[part], sum(wanted) - sum(found))
    return found


Dealt = tuple[list[Place], ...]


def _round(
    cards: tuple[tuple[Card, ...], ...], takes: tuple[int, ...], hands: int, name: str, number: int
) -> Dealt:
    """The sittings of a round, the first of which shares least with the last of the one before."""
    *others, last = _dealt(cards, takes, hands, name, number)
    before = _dealt(cards, takes, hands, name, number - 1)[-1] if others else []
    return *sorted(others, key=lambda one: len({*one} & {*before})), last


@lru_cache(4)
def _dealt(
    cards: tuple[tuple[Card, ...], ...], takes: tuple[int, ...], hands: int, name: str, number: int
) -> Dealt:
    """So many sittings, each with as many of a part as it takes, no item twice."""
    sittings: list[list[Place]] = [[] for _ in range(hands)]
    for part, take in enumerate(takes):
        size = take * hands
        pack = _shuffled(range(len(cards[part])), f"{name} {part}")
        # They begin in the pack where those of the round before ended.
        drawn = [pack[place % len(pack)] for place in range(number * size, (number + 1) * size)]
        mixed = _shuffled(drawn, f"{name} {part} {number}")
        for start, sitting in enumerate(sittings):
            sitting.extend((part, index) for index in mixed[start::hands])
    _exchange(sittings, cards)
    return tuple(sittings)


def _exchange(sittings: list[list[Place]], cards: Sequence[Sequence[Card]]) -> None:
    """Exchange what has the same place in two sittings.

    In the end each can show most of the beliefs, and has no more of a kind than it can keep apart.
    """
    count, pairs = len(sittings[0]), list(combinations(range(len(sittings)), 2))
    most = _IN_A_ROW * count // (_IN_A_ROW + 1)
    many = 1 + len({name for pool in cards for _, names in pool for name in names})

    def worths(rest: Iterable[Place], added: Iterable[Place]) -> list[int]:
        """How good a sitting is when one of these is added to the rest of it."""
        there = [cards[part][index] for part, index in rest]
        kinds = Counter(kind for kind, _ in there)
        shown = frozenset[str]().union(*(names for _, names in there))
        new = (cards[part][index] for part, index in added)
        return [len(names - shown) - many * max(0, kinds[kind] + 1 - most) for kind, names in new]

    for place in [*range(count)] * _SWEEPS:
        added = [sitting[place] for sitting in sittings]
        worth = [worths(one[:place] + one[place + 1 :], added) for one in sittings]
        order = list(range(len(added)))
        for a, b in pairs:
            now = worth[a][order[a]] + worth[b][order[b]]
            if worth[a][order[b]] + worth[b][order[a]] > now:
                order[a], order[b] = order[b], order[a]
        for sitting, card in zip(sittings, order, strict=True):
            sitting[place] = added[card]


def _shuffled(items: Sequence[_T], name: str) -> list[_T]:
    return Random(name).sample(items, len(items))  # noqa: S311 (no secret)


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
    found = list(opening)
    left: dict[str, deque[tuple[int, Item]]] = {}
    for place, item in enumerate(sorted(items, key=rank)):
        left.setdefault(item.kind, deque()).append((place, item))
    while left:
        kind = _next_kind(left, [item.kind for item in found[-_IN_A_ROW:]])
        found.append(left[kind].popleft()[1])
        if not left[kind]:
            del left[kind]
    return found


def _next_kind(left: Mapping[str, Sequence[tuple[int, Item]]], before: Sequence[str]) -> str:
    kinds = sorted(left, key=lambda kind: left[kind][0][0])
    most = max(kinds, key=lambda kind: len(left[kind]))
    is_full = len(before) == _IN_A_ROW and len({*before}) == 1
    others = [kind for kind in kinds if not (is_full and kind in before)]
    if most in others and len(left[most]) > _IN_A_ROW * sum(
        len(left[kind]) for kind in kinds if kind != most
    ):
        return most  # later there is no room for them
    return (others or kinds)[0]


# ---- following up ----


def follow_up(
    items: Sequence[Item],
    start: int,
    beliefs: Collection[str],
    pool: Iterable[Item],
    blueprint: Blueprint,
) -> list[Item]:
    """These items, those from `start` on changed so that one can show each of these beliefs next.

    It is that which an accident answers least easily: one of them, or one of the pool in place of
    another of its part, so that what the quiz samples stays as it was. Where there is none nothing
    is changed.
    """
    kept, later = list(items[:start]), list(items[start:])
    of_part = blueprint.pools(pool)
    first: list[Item] = []
    for belief in beliefs:
        if any(belief in item.misconceptions for item in first):
            continue
        able = [
            (_luck(one), one != item, place, one)
            for place, item in enumerate(later)
            if item not in first
            for one in next((alike for alike in of_part if item in alike), [item])
            if belief in one.misconceptions and (one == item or one not in kept + later)
        ]
        if able:
            _, _, place, one = min(able, key=lambda row: row[:3])
            later[place] = one
            first.append(one)
    return in_order(kept, later, lambda item: item not in first) if first else list(items)


def _luck(item: Item) -> int:
    """The fewer answers, the likelier one of them is an accident."""
    from smtpedu.questions.kinds import guesses

    return -guesses(item)
