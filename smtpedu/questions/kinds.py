"""The kinds of question: what a response to each is, whether it is right, how a page shows it.

A kind is one class and its row in `KINDS`. A response names options by their index in the item; on
a page, which shows the options in an order of its own, it names them by their position there.
`widgets/quiz/grading.js` grades in the browser as `grade` does here; a test holds them together.
"""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import factorial
from typing import Any, Literal, TypeGuard

from smtpedu.i18n import text
from smtpedu.questions.items import Item, Option, Problem

OptionField = Literal["text", "value", "line"]
#: Other programs know a few forms, not our kinds.
Form = Literal["single", "multiple", "number", "order", "match"]

_MOST_BELIEFS = 2  # that one response can show where many options are out of place
LONGEST_TEXT = 1_000  # characters that one may write; `grading.js` holds the same


class ResponseError(ValueError):
    """What was given is no response to an item of this kind."""


@dataclass(frozen=True, slots=True)
class Grade:
    """`score` is from 0 to 1; `said` is the feedback, what matters most first."""

    right: bool
    score: float
    misconceptions: tuple[str, ...]
    said: tuple[str, ...]


class Kind(ABC):
    """What is special about items of a kind; the functions below use it.

    `option_field` is where an option of a file says what it stands for; `rights` how many options
    are right: "one", "some" (and not all) or "none", where right is a matter of order or class;
    `dialogue` whether one must be shown; `needs` are further fields. `shows_options` is false
    where the options are what has to be found, `has_options` where there are none; `form` is what
    it becomes in other programs.
    """

    option_field: OptionField = "text"
    rights: Literal["one", "some", "none"] = "one"
    dialogue = False
    needs: tuple[str, ...] = ()
    shows_options = True
    has_options = True
    form: Form = "single"

    @abstractmethod
    def guesses(self, item: Item) -> int:
        """How many responses a guess chooses from."""

    @abstractmethod
    def fits(self, item: Item, response: Any) -> bool:
        """Whether this is a response to the item at all."""

    @abstractmethod
    def solution(self, item: Item) -> Any:
        """The right response."""

    @abstractmethod
    def grade(self, item: Item, response: Any) -> Grade:
        """The grade of a response that fits."""

    def renumbered(self, response: Any, new: Sequence[int]) -> Any:
        """The same response where the option with the number n has the number `new[n]`."""
        return response

    def may_show(self, order: Sequence[int]) -> bool:
        """Whether a page may show the options in this order."""
        return True

    def problems(self, item: Item, lines: dict[int, str]) -> Iterator[Problem]:
        """What is wrong with an item beyond its form; `lines` is its whole dialogue."""
        return iter(())

    def alternatives(self, item: Item) -> Iterable[Option]:
        """What there is to choose from, in other programs."""
        return item.options


class Choice(Kind):
    """One option is right. A response is its index."""

    def guesses(self, item: Item) -> int:
        return len(item.options)

    def fits(self, item: Item, response: Any) -> bool:
        return _is_whole(response) and 0 <= response < len(item.options)

    def solution(self, item: Item) -> Any:
        return _rights(item)[0]

    def grade(self, item: Item, response: Any) -> Grade:
        return _of_one(item.options[response])

    def renumbered(self, response: Any, new: Sequence[int]) -> Any:
        return new[response]


class Diagnose(Choice):
    """A choice that says what is wrong in a dialogue."""

    dialogue = True


class Predict(Choice):
    """A choice of the reply that the dialogue goes on with."""

    dialogue = True
    needs = ("at",)

    def problems(self, item: Item, lines: dict[int, str]) -> Iterator[Problem]:
        said = lines.get(item.at or 0, "")
        right = next(option.text for option in item.options if option.right)
        if not said.startswith("S: ") or said[3:6] not in right:
            yield Problem(text("question.predicted", line=item.at, said=said), "at")


class Choices(Kind):
    """Some options are right. A response is the list of their indexes, in any order."""

    rights = "some"
    form = "multiple"

    def guesses(self, item: Item) -> int:
        return int(2 ** len(item.options)) - 1

    def fits(self, item: Item, response: Any) -> bool:
        return _are_indexes(response, len(item.options))

    def solution(self, item: Item) -> Any:
        return _rights(item)

    def grade(self, item: Item, response: Any) -> Grade:
        ticked, rights = set(response), set(_rights(item))
        wrongly = [item.options[index] for index in sorted(ticked - rights)]
        missed = [item.options[index] for index in sorted(rights - ticked)]
        score = max(0.0, (len(ticked & rights) - len(wrongly)) / len(rights))
        if wrong := wrongly + missed:
            said = tuple(option.feedback for option in wrong)
            return Grade(False, score, _beliefs(wrong), said)
        return Grade(True, 1.0, (), tuple(one.feedback for one in item.options if one.right))

    def renumbered(self, response: Any, new: Sequence[int]) -> Any:
        return sorted(new[number] for number in response)


class Number(Kind):
    """A number is typed, and that is the response. Options are the numbers that were foreseen."""

    option_field: OptionField = "value"
    needs = ("otherwise",)
    shows_options = False
    form: Form = "number"

    def guesses(self, item: Item) -> int:
        return 100

    def fits(self, item: Item, response: Any) -> bool:
        return _is_whole(response)

    def solution(self, item: Item) -> Any:
        return item.options[_rights(item)[0]].value

    def grade(self, item: Item, response: Any) -> Grade:
        foreseen = [option for option in item.options if option.value == response]
        return _of_one(foreseen[0]) if foreseen else Grade(False, 0.0, (), (item.otherwise,))


class Point(Number):
    """A line of the dialogue is pointed at: the response is its number."""

    option_field = "line"
    dialogue = True
    form = "single"

    def guesses(self, item: Item) -> int:
        return len(item.lines)

    def fits(self, item: Item, response: Any) -> bool:
        return _is_whole(response) and response in dict(item.lines)

    def problems(self, item: Item, lines: dict[int, str]) -> Iterator[Problem]:
        for number, option in enumerate(item.options, 1):
            if option.value not in lines:
                yield Problem(text("question.no_line", line=option.value), "line", number)

    def alternatives(self, item: Item) -> Iterable[Option]:
        foreseen = {option.value: option for option in reversed(item.options)}
        for number, line in item.lines:
            option = foreseen.get(number, Option(item.otherwise))
            yield Option(option.feedback, f"{number}  {line}", option.right)


class Order(Kind):
    """The options stand in their order. A response is all their indexes."""

    rights = "none"
    form = "order"

    def guesses(self, item: Item) -> int:
        return factorial(len(item.options))

    def fits(self, item: Item, response: Any) -> bool:
        count = len(item.options)
        return _are_indexes(response, count) and len(response) == count

    def solution(self, item: Item) -> Any:
        return list(range(len(item.options)))

    def grade(self, item: Item, response: Any) -> Grade:
        moved = [
            (item.options[index], -1 if position < index else 1)
            for position, index in enumerate(response)
            if position != index
        ]
        return _of_misplaced(moved, len(response), most=1)

    def renumbered(self, response: Any, new: Sequence[int]) -> Any:
        return [new[number] for number in response]

    def may_show(self, order: Sequence[int]) -> bool:
        return list(order) != sorted(order)


class Classify(Kind):
    """Each option belongs to a class. A response is the class's index for each option."""

    rights = "none"
    needs = ("classes",)
    form = "match"

    def guesses(self, item: Item) -> int:
        return int(len(item.classes) ** len(item.options))

    def fits(self, item: Item, response: Any) -> bool:
        whole = _are_whole(response) and len(response) == len(item.options)
        return whole and set(response) <= set(range(len(item.classes)))

    def solution(self, item: Item) -> Any:
        return [option.group for option in item.options]

    def grade(self, item: Item, response: Any) -> Grade:
        pairs = zip(item.options, response, strict=True)
        wrong = [(option, group) for option, group in pairs if option.group != group]
        return _of_misplaced(wrong, len(response), most=len(response))

    def renumbered(self, response: Any, new: Sequence[int]) -> Any:
        return [response[new.index(number)] for number in range(len(new))]


class Open(Kind):
    """What do you think? A response is text, and any is right; `why` answers it."""

    needs = ("why",)
    shows_options = False
    has_options = False

    def guesses(self, item: Item) -> int:
        return 1

    def fits(self, item: Item, response: Any) -> bool:
        is_text = isinstance(response, str) and 0 < len(response.strip()) <= LONGEST_TEXT
        return is_text and response == response.encode(errors="ignore").decode()

    def solution(self, item: Item) -> Any:
        return None

    def grade(self, item: Item, response: Any) -> Grade:
        return Grade(True, 1.0, (), ())


#: Name → kind, in the order in which they are told.
KINDS: dict[str, Kind] = {
    "choice": Choice(),
    "choices": Choices(),
    "number": Number(),
    "order": Order(),
    "point": Point(),
    "predict": Predict(),
    "classify": Classify(),
    "diagnose": Diagnose(),
    "open": Open(),
}


def judged() -> list[str]:
    """The names of the kinds that a quiz may ask: what was written, nobody can judge."""
    return [name for name, kind in KINDS.items() if kind.has_options]


# ---- what all kinds have in common ----


def kind_of(item: Item) -> Kind:
    """The kind of an item. Raises `LookupError` for one that there is not."""
    if item.kind not in KINDS:
        raise LookupError(text("question.kind", known=", ".join(judged())))
    return KINDS[item.kind]


def guesses(item: Item) -> int:
    """How many responses a guess chooses from."""
    return kind_of(item).guesses(item)


def solution(item: Item) -> Any:
    """The right response."""
    return kind_of(item).solution(item)


def grade(item: Item, response: object) -> Grade:
    """Grade a response: right or not, what to say, what it shows of a belief.

    Raises `ResponseError` for what is no response to this item.
    """
    kind = kind_of(item)
    if not kind.fits(item, response):
        raise ResponseError(text("question.response", kind=item.kind, name=item.id))
    return kind.grade(item, response)


def order(item: Item, seed: int) -> tuple[int, ...]:
    """The options' indexes in the order in which a page with this seed shows them."""
    kind, found = kind_of(item), list(range(len(item.options)))
    if kind.shows_options:
        shuffle = random.Random(f"{seed} {item.id}").shuffle  # noqa: S311 (no secret)
        shuffle(found)
        while not kind.may_show(found):
            shuffle(found)
    return tuple(found)


def to_page(item: Item | None, response: Any, seed: int) -> Any:
    """A response as a page with this seed gives it.

    None where it is no response to this item, or to no item.
    """
    if item is None or not kind_of(item).fits(item, response):
        return None
    positions = {index: position for position, index in enumerate(order(item, seed))}
    return kind_of(item).renumbered(response, [positions[n] for n in range(len(positions))])


def from_page(item: Item, response: Any, seed: int) -> Any:
    """What a page with this seed gives as a response; None where it is none to this item."""
    kind = kind_of(item)
    return kind.renumbered(response, order(item, seed)) if kind.fits(item, response) else None


def page(item: Item, seed: int | None, *, key: bool = True) -> dict[str, Any]:
    """What a browser needs to ask this: the item's fields, its options in `order(item, seed)`.

    Without `seed` they are in their own order. Without `key` nothing tells what is right, not even
    the order of the options.
    """
    names = ["id", "kind", "stem", "language", "lines", "classes"]
    own = tuple(range(len(item.options)))
    indexes = (own if seed is None else order(item, seed)) if _shows(item, key) else ()
    more = ["hint", "why", "otherwise", "source", "objective", "without_picture"] if key else []
    options = [_on_page(item, index, key) for index in indexes]
    shown = {name: getattr(item, name) for name in names} | {"options": options}
    return shown | {name: getattr(item, name) for name in more}


def _shows(item: Item, key: bool) -> bool:
    return key or kind_of(item).shows_options


def _on_page(item: Item, index: int, key: bool) -> dict[str, Any]:
    option = item.options[index]
    if not key:
        return {"text": option.text}
    names = ("text", "right", "feedback", "misconception", "value", "group", "mistaken")
    return {"place": index, **{name: getattr(option, name) for name in names}}


def fingerprint(item: Item, seed: int) -> str:
    """What tells this item, as a page shows it, from others that have its id.

    It is made of what every page shows, so that in an exam it tells nothing.
    """
    shown = repr(page(item, seed, key=False))
    return sha256(shown.encode(errors="replace")).hexdigest()[:8]


# ---- for the kinds ----


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _are_whole(values: object) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(map(_is_whole, values))


def _are_indexes(values: object, count: int) -> bool:
    """Whether these are different indexes of so many options."""
    return _are_whole(values) and len({*values}) == len(values) and {*values} <= {*range(count)}


def _rights(item: Item) -> list[int]:
    return [index for index, option in enumerate(item.options) if option.right]


def _beliefs(options: Iterable[Option]) -> tuple[str, ...]:
    names = [option.misconception for option in options if option.misconception]
    return tuple(dict.fromkeys(names))


def _of_one(option: Option) -> Grade:
    beliefs = () if option.right else _beliefs([option])
    return Grade(option.right, float(option.right), beliefs, (option.feedback,))


def _of_misplaced(wrong: list[tuple[Option, int]], count: int, most: int) -> Grade:
    """The grade where these options are, each, somewhere else; `most` is how many are told of."""
    mistaken = [option for option, where in wrong if option.mistaken in (None, where)]
    said = tuple(f"{option.text.rstrip('.')}: {option.feedback}" for option, _ in wrong[:most])
    return Grade(not wrong, 1 - len(wrong) / count, _beliefs(mistaken)[:_MOST_BELIEFS], said)
