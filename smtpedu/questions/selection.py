"""Chooses what a quiz asks, and in which order.

Questions are mixed, never two of a kind in a row where the choice allows it, and the first ones
together can catch as many misconceptions as possible.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from smtpedu.questions.items import Item

# Of what the best question catches: with less, ten questions no longer reach all misconceptions;
# with more, every quiz begins with the same few.
_SHARE = 0.7


def pick(items: Sequence[Item], n: int | None = None, seed: int | str = 0) -> list[Item]:
    """At most `n` of these items, in the order in which to ask them; the same for the same seed."""
    left = list(items)
    random.Random(seed).shuffle(left)  # noqa: S311 (no secret)
    count = len(left) if n is None else min(n, len(left))
    picked: list[Item] = []
    caught: set[str] = set()
    asked: Counter[str] = Counter()
    while len(picked) < count:
        choice = min(
            _telling(allowed(left, picked, count), caught), key=lambda item: asked[item.objective]
        )
        left.remove(choice)
        picked.append(choice)
        caught |= choice.misconceptions
        asked[choice.objective] += 1
    return picked


def _telling(items: list[Item], caught: set[str]) -> list[Item]:
    """Those that can catch about as many further misconceptions as any of them can."""
    new = {item.id: len(item.misconceptions - caught) for item in items}
    least = _SHARE * max(new.values())
    return [item for item in items if new[item.id] >= least]


def allowed(left: list[Item], picked: list[Item], count: int) -> list[Item]:
    """Those not of the kind asked last; a kind that the others cannot keep apart comes now."""
    last = picked[-1].kind if picked else ""
    kind, most = Counter(item.kind for item in left).most_common(1)[0]
    if kind != last and count - len(picked) > 2 * (len(left) - most):
        return [item for item in left if item.kind == kind]
    return [item for item in left if item.kind != last] or left
