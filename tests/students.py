"""Simulated students: what they answer to an item."""

from __future__ import annotations

from typing import Any

from smtpedu.questions.items import Item
from smtpedu.questions.kinds import solution


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
