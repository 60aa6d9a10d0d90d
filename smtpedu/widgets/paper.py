"""What a page is told of the questions: where an answer stands on it, and what was right.

The law of this file: no run, no store. A response is canonical in Python (`grading.grade`) and a
position among the shuffled options on the page.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from smtpedu.progress.attempt import Attempt
from smtpedu.questions.bank import Misconception, Objective, misconceptions, objectives
from smtpedu.questions.grading import Grade, fits, grade, solution
from smtpedu.questions.items import Item


def mark(item: Item, seed: int) -> str:
    """What tells this question, as a page shows it, from others that have its id.

    It is made of what every page shows, so that in an exam it tells nothing.
    """
    shown = repr(item.page(seed, key=False))
    return sha256(shown.encode(errors="replace")).hexdigest()[:16]


def placed(item: Item | None, response: Any, seed: int) -> Any:
    """A canonical response as positions on a page with this seed (`Item.canonical`'s inverse).

    None where it is no response to this item, or to no item.
    """
    if item is None or not fits(item, response):
        return None
    order = item.order(seed)
    match item.kind:
        case "number" | "point":
            return response
        case "choices":
            return sorted(order.index(index) for index in response)
        case "order":
            return [order.index(index) for index in response]
        case "classify":
            return [response[index] for index in order]
    return order.index(response)


def told(item: Item, attempt: Attempt | None, seed: int) -> dict[str, Any]:
    """What an exam says of one question in the end."""
    found = grade(item, attempt.response) if attempt else Grade(False, 0.0, (), ())
    return {
        "right": found.right,
        "said": list(found.said),
        "misconceptions": list(found.misconceptions),
        "solution": placed(item, solution(item), seed),
        **{name: getattr(item, name) for name in ("why", "source", "objective")},
    }


def texts(items: Sequence[Item]) -> dict[str, Any]:
    """What to say of the objectives and misconceptions of these items, in all languages."""
    known: dict[str, Objective] = objectives()
    beliefs: dict[str, Misconception] = misconceptions()
    wanted = {one.objective for one in items}
    caught = {name for one in items for name in one.misconceptions}
    return {
        "objectives": {name: one.texts for name, one in known.items() if name in wanted},
        "misconceptions": {
            name: {"source": one.source, **one.texts}
            for name, one in beliefs.items()
            if name in caught
        },
    }
