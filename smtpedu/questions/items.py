"""One question as a plain object.

The law of this file: an item knows what is asked and what is right; `reading` makes it from a
file, `grading` compares.
"""

from __future__ import annotations

import difflib
import random
from dataclasses import dataclass
from math import factorial
from typing import Any

_SHUFFLED = ("choice", "choices", "order", "predict", "classify", "diagnose")


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be answered, and what is said to whoever does.

    `misconception` names the belief that a wrong use of this option shows. `value` is the
    number to type or the line to point at, `group` the class this belongs to. Where there are many
    wrong ways to use it, `mistaken` is the one that shows the misconception: a class, or a place
    too early (-1) or too late (1).
    """

    feedback: str
    text: str = ""
    right: bool = False
    misconception: str = ""
    value: int | None = None
    group: int | None = None
    mistaken: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One question. `lines` is the dialogue it shows, as (number, "S: 250 OK")."""

    id: str
    kind: str
    stem: str
    options: tuple[Option, ...]
    objective: str = ""
    level: str = ""
    source: str = ""
    hint: str = ""
    why: str = ""
    otherwise: str = ""
    classes: tuple[str, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    at: int | None = None
    language: str = "en"

    @property
    def misconceptions(self) -> frozenset[str]:
        """What this item can catch."""
        return frozenset(option.misconception for option in self.options) - {""}

    @property
    def answers(self) -> int:
        """How many answers a guess chooses from."""
        match self.kind:
            case "choices":
                return int(2 ** len(self.options)) - 1
            case "order":
                return factorial(len(self.options))
            case "classify":
                return int(len(self.classes) ** len(self.options))
            case "number":
                return 100
            case "point":
                return len(self.lines)
        return len(self.options)

    def order(self, seed: int) -> tuple[int, ...]:
        """The options' indexes in the order in which a page with this seed shows them."""
        order = list(range(len(self.options)))
        if self.kind in _SHUFFLED:
            shuffle = random.Random(f"{seed} {self.id}").shuffle  # noqa: S311 (no secret)
            shuffle(order)
            while self.kind == "order" and order == sorted(order):
                shuffle(order)  # what is to be put in order must not be so already
        return tuple(order)

    def page(self, seed: int, *, key: bool = True) -> dict[str, Any]:
        """What a browser needs to ask this, options in `order(seed)`; answers are positions there.

        Without `key` nothing tells what is right, not even the order of the options.
        """
        page: dict[str, Any] = {
            **{name: getattr(self, name) for name in ("id", "kind", "stem", "language")},
            **{"lines": self.lines, "classes": self.classes, "options": []},
        }
        if key or self.kind not in ("number", "point"):  # their options are answers
            page["options"] = [self._option(index, key) for index in self.order(seed)]
        if key:
            told = ("hint", "why", "otherwise", "source", "objective")
            page |= {name: getattr(self, name) for name in told}
        return page

    def _option(self, index: int, key: bool) -> dict[str, Any]:
        option = self.options[index]
        if not key:
            return {"text": option.text}
        names = ("text", "right", "feedback", "misconception", "value", "group", "mistaken")
        return {"place": index, **{name: getattr(option, name) for name in names}}

    def canonical(self, response: Any, seed: int) -> Any:
        """A page's response in terms of this item, whatever the order in which it was shown."""
        order = self.order(seed)
        try:
            match self.kind:
                case "number" | "point":
                    return response
                case "choices":
                    return sorted(order[place] for place in response)
                case "order":
                    return [order[place] for place in response]
                case "classify":
                    return [response[order.index(index)] for index in range(len(order))]
            return order[response]
        except (TypeError, IndexError):
            return None  # `grading` says that this is no response


def nearest(name: str, known: list[str]) -> str:
    """The names most like one that is not known, for an error."""
    return ", ".join(difflib.get_close_matches(name, known, 3, 0.4) or sorted(known)[:5])
