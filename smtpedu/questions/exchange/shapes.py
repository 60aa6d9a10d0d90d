"""What our kinds of question become in programs that have fewer.

The law of this file: values, no formats. What a shape cannot hold stands in its `after`, which
every format shows when the question is answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from smtpedu.i18n import text
from smtpedu.questions.exchange.html import span, wire
from smtpedu.questions.items import Item, Option


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that can be chosen, as HTML; `share` is its part of the mark, in percent."""

    html: str
    share: float
    feedback: str


@dataclass(frozen=True, slots=True)
class Shape:
    """A question as others know it.

    `form` is "single", "multiple", "number", "order" or "match"; the first two have `answers`.
    `after` are texts said once it is answered.
    """

    item: Item
    form: str
    answers: tuple[Answer, ...] = ()
    after: tuple[str, ...] = ()

    @property
    def tags(self) -> list[str]:
        """What the question is about, for programs that can search by it."""
        item = self.item
        named = [f"misconception:{name}" for name in sorted(item.misconceptions)]
        return [tag for tag in (item.objective, item.level, item.kind, *named) if tag]


def by_objective(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The items of each objective, in the order in which the objectives come up."""
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.objective, []).append(item)
    return found


_FORMS = {"choices": "multiple", "number": "number", "order": "order", "classify": "match"}


def shape(item: Item) -> Shape:
    """What an item becomes."""
    form = _FORMS.get(item.kind, "single")
    return Shape(item, form, _answers(item, form), tuple(_after(item, form)))


def _answers(item: Item, form: str) -> tuple[Answer, ...]:
    if item.kind == "point":
        return tuple(_pointed(item, number, line) for number, line in item.lines)
    if form not in ("single", "multiple"):
        return ()
    rights = sum(option.right for option in item.options)
    return tuple(_answer(item, option, form, rights) for option in item.options)


def _answer(item: Item, option: Option, form: str, rights: int) -> Answer:
    share = 100.0 if form == "single" else 100 / rights
    # A wrong tick takes away what a right one gives, as in our own grading.
    wrong = 0.0 if form == "single" else -share
    said = span(option.text, item.language)
    return Answer(said, share if option.right else wrong, option.feedback)


def _pointed(item: Item, number: int, line: str) -> Answer:
    option = next((one for one in item.options if one.value == number), None)
    said = wire(f"{number}  {line}")
    if option is None:
        return Answer(said, 0.0, item.otherwise)
    return Answer(said, 100.0 if option.right else 0.0, option.feedback)


def _after(item: Item, form: str) -> list[str]:
    said = [item.why]
    if form in ("order", "match"):  # no program says something about each of these
        said += [f"{option.text} — {option.feedback}" for option in item.options]
    if item.source:
        said.append(text("interchange.source", in_language=item.language, source=item.source))
    return [part for part in said if part]
