"""Questions as a page asks them: the whole bank, and which of it a quiz takes."""

from __future__ import annotations

from typing import Any

from smtpedu.course import lessons
from smtpedu.i18n import LANGUAGES, in_each_language
from smtpedu.questions import kinds
from smtpedu.questions.bank import bank, misconceptions, objectives, plans, predictions
from smtpedu.questions.items import Item
from smtpedu.questions.quiz import Quiz, quiz

_HANDS = 8  # of each quiz, for pages that Python has not yet spoken to


def shipped() -> dict[str, Any]:
    """Every item as it is, predictions too, and what is said of objectives and misconceptions.

    `hands`: name of a quiz → some choices of its questions, as `drawn` gives them. `lessons`:
    language → number of a lesson → its notebook's name.
    """
    return {
        "items": {name: _whole(item) for name, item in _items().items()},
        "hands": {
            name: [drawn(quiz(name, seed=seed), seed) for seed in range(_HANDS)] for name in plans()
        },
        "titles": {
            name: {code: plan.title(code) for code in LANGUAGES} for name, plan in plans().items()
        },
        "objectives": {
            one.name: {"lesson": one.lesson, **in_each_language(one.texts)}
            for one in objectives().values()
        },
        "lessons": {code: lessons.numbered(code) for code in LANGUAGES},
        "misconceptions": {
            one.name: {"source": one.source, **in_each_language(one.texts)}
            for one in misconceptions().values()
        },
    }


def _items() -> dict[str, Item]:
    """Id → item, of all that the package ships."""
    return {**bank(), **predictions()}


def scenes() -> dict[str, Any]:
    """Language → misconception → the scenes of what is `believed` and of what `happens`, if any."""
    return {
        name: {
            one.name: {
                "believed": one.believed and one.believed.on_page(name),
                "happens": one.happens and one.happens.on_page(name),
            }
            for one in misconceptions().values()
            if one.believed or one.happens
        }
        for name in LANGUAGES
    }


def named() -> dict[str, Any]:
    """Language → `titles` of objectives, `beliefs`: name → belief, rebuttal, sources."""
    return {language: _named_in(language) for language in LANGUAGES}


def _named_in(language: str) -> dict[str, Any]:
    return {
        "titles": {name: one.title(language) for name, one in objectives().items()},
        "beliefs": {
            name: [one.belief(language), one.rebuttal(language), one.source.split("; ")]
            for name, one in misconceptions().items()
        },
    }


def drawn(quiz: Quiz, seed: int) -> dict[str, Any]:
    """Which questions are asked: each of `items` is fingerprint, order of the options, id.

    Those that are not in the bank come along in `own`, in an exam without what is right.
    """
    exam = quiz.exam
    rows = [f"{kinds.fingerprint(one, seed)} {_order(one, seed)} {one.id}" for one in quiz.items]
    known = _items()
    own = {one.id: _whole(one, key=not exam) for one in quiz.items if known.get(one.id) != one}
    found: dict[str, Any] = {"seed": seed, "items": rows, "exam": exam, "own": own}
    if quiz.name not in plans() and not quiz.prediction:
        found["title"] = quiz.title
    return {name: value for name, value in found.items() if value or name == "seed"}


def _order(item: Item, seed: int) -> str:
    """The order of options that are shown; where they are what has to be found, nothing is said."""
    return ",".join(map(str, kinds.order(item, seed))) * kinds.kind_of(item).shows_options


def _whole(item: Item, *, key: bool = True) -> dict[str, Any]:
    """An item with its options in their own order; what is empty is left out."""
    found = kinds.page(item, None, key=key)
    found["twins"] = {one.language: _spoken(one, key=key) for one in item.twins}
    return {name: value for name, value in found.items() if value}


def _spoken(twin: Item, *, key: bool) -> dict[str, Any]:
    """What is said in another language, and nothing else."""
    found = kinds.page(twin, None, key=key)
    options = [
        {name: option[name] for name in ("text", "feedback") if name in option}
        for option in found["options"]
    ]
    said = {name: found.get(name) for name in ("stem", "classes", "hint", "why", "otherwise")}
    return {name: value for name, value in said.items() if value} | {"options": options}
