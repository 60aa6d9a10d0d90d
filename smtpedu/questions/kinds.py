"""Compares a response with an item: right or not, what to say, what it shows of a belief.

`widgets/grading.js` does the same in the browser, and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from smtpedu.i18n import text
from smtpedu.questions.items import Item, Option

_SHOWN = 2  # misconceptions that one answer can show where many things are out of place


class ResponseError(ValueError):
    """What was given is no response to a question of this kind."""


@dataclass(frozen=True, slots=True)
class Grade:
    """`score` is from 0 to 1; `said` is the feedback, what matters most first."""

    right: bool
    score: float
    misconceptions: tuple[str, ...]
    said: tuple[str, ...]


def grade(item: Item, response: object) -> Grade:
    """Grade a response: an index, a list of indexes, or a number, as `solution` gives it.

    Raises `ResponseError` for anything else.
    """
    kind = item.kind if item.kind in _GRADERS else "choice"
    if not fits(item, response):
        raise ResponseError(text("question.response", kind=item.kind, name=item.id))
    return _GRADERS[kind](item, response)


def solution(item: Item) -> Any:
    """The right response."""
    rights = [index for index, option in enumerate(item.options) if option.right]
    match item.kind:
        case "choices":
            return rights
        case "number" | "point":
            return item.options[rights[0]].value
        case "order":
            return list(range(len(item.options)))
        case "classify":
            return [option.group for option in item.options]
    return rights[0]


def fits(item: Item, response: Any) -> bool:
    """Whether this is a response to that kind of question at all."""
    count = len(item.options)
    match item.kind:
        case "number":
            return _is_number(response)
        case "point":
            return _is_number(response) and response in dict(item.lines)
        case "choices" | "order" | "classify":
            if not isinstance(response, list) or not all(map(_is_number, response)):
                return False
            if item.kind == "classify":
                return len(response) == count and set(response) <= set(range(len(item.classes)))
            whole = len(response) == count or item.kind == "choices"
            unique = len(set(response)) == len(response)
            return whole and unique and set(response) <= set(range(count))
    return _is_number(response) and 0 <= response < count


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _chosen(option: Option) -> Grade:
    return _grade(option.right, float(option.right), [] if option.right else [option], [option])


def _grade(right: bool, score: float, wrong: Iterable[Option], said: Iterable[Option]) -> Grade:
    shown = [option.misconception for option in wrong if option.misconception]
    unique = tuple(dict.fromkeys(shown))
    return Grade(right, score, unique, tuple(option.feedback for option in said))


def _choice(item: Item, response: Any) -> Grade:
    return _chosen(item.options[response])


def _typed(item: Item, response: Any) -> Grade:
    for option in item.options:
        if option.value == response:
            return _chosen(option)
    return Grade(False, 0.0, (), (item.otherwise,))


def _choices(item: Item, response: Any) -> Grade:
    ticked = set(response)
    rights = {index for index, option in enumerate(item.options) if option.right}
    wrongly = [item.options[index] for index in sorted(ticked - rights)]
    missed = [item.options[index] for index in sorted(rights - ticked)]
    score = max(0.0, (len(ticked & rights) - len(wrongly)) / len(rights))
    if wrongly or missed:
        return _grade(False, score, wrongly + missed, wrongly + missed)
    return _grade(True, 1.0, [], [item.options[index] for index in sorted(rights)])


def _order(item: Item, response: Any) -> Grade:
    moved = [
        (item.options[index], -1 if place < index else 1)
        for place, index in enumerate(response)
        if place != index
    ]
    return _misplaced(moved, len(response), said=1)


def _classify(item: Item, response: Any) -> Grade:
    pairs = zip(item.options, response, strict=True)
    wrong = [(option, group) for option, group in pairs if option.group != group]
    return _misplaced(wrong, len(response), said=len(response))


def _misplaced(wrong: list[tuple[Option, int]], count: int, said: int) -> Grade:
    """What to say of options that are, each, not where they belong but somewhere else."""
    shown = [
        option.misconception
        for option, came in wrong
        if option.misconception and option.mistaken in (None, came)
    ]
    told = tuple(f"{_title(option)}: {option.feedback}" for option, _ in wrong[:said])
    return Grade(not wrong, 1 - len(wrong) / count, tuple(dict.fromkeys(shown))[:_SHOWN], told)


def _title(option: Option) -> str:
    """An option's text before what is said of it."""
    return option.text.rstrip(".")


_GRADERS: dict[str, Callable[[Item, Any], Grade]] = {
    "choice": _choice,
    "choices": _choices,
    "number": _typed,
    "point": _typed,
    "order": _order,
    "classify": _classify,
}
