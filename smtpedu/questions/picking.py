"""Chooses what a quiz asks, and in which order.

Questions are mixed, never two of a kind in a row where the choice allows it, and the first ones
together can catch as many misconceptions as possible.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence

from smtpedu.questions.items import Item


def pick(items: Sequence[Item], n: int | None = None, seed: int = 0) -> list[Item]:
    """At most `n` of these items, in the order in which to ask them; the same for the same seed."""
    left = list(items)
    random.Random(seed).shuffle(left)  # noqa: S311 (no secret)
    count = len(left) if n is None else min(n, len(left))
    picked: list[Item] = []
    caught: set[str] = set()
    asked: Counter[str] = Counter()
    while len(picked) < count:
        choice = max(
            _allowed(left, picked, count),
            key=lambda item: (len(item.misconceptions - caught), -asked[item.objective]),
        )
        left.remove(choice)
        picked.append(choice)
        caught |= choice.misconceptions
        asked[choice.objective] += 1
    return picked


def _allowed(left: list[Item], picked: list[Item], count: int) -> list[Item]:
    """Those not of the kind asked last; a kind that would be left over has to come now."""
    last = picked[-1].kind if picked else ""
    kind, most = Counter(item.kind for item in left).most_common(1)[0]
    wanted = count - len(picked)
    if wanted == len(left) and most * 2 > wanted and kind != last:
        return [item for item in left if item.kind == kind]
    return [item for item in left if item.kind != last] or left
