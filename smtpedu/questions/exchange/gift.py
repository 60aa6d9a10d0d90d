"""Questions in GIFT, a text format of Moodle's that many programs read (docs.moodle.org, "GIFT").

It has no hints, and no order: the places are matched instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from smtpedu.i18n import text
from smtpedu.questions.exchange.html import dialogue, paragraphs, plain, span
from smtpedu.questions.exchange.moodle import MOST_RIGHT, category
from smtpedu.questions.exchange.shapes import Shape, by_objective, shape
from smtpedu.questions.items import Item, Option

_SPECIAL = re.compile(r"[\\~=#{}:]")

LOST = ("misconceptions", "hints")


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    parts, lost = [], []
    for objective, group in by_objective(items).items():
        parts.append(f"$CATEGORY: $course$/{category(objective)}")
        for item in group:
            if sum(option.right for option in item.options) > MOST_RIGHT:
                lost.append(text("interchange.many_right", name=item.id, most=MOST_RIGHT))
            else:
                parts.append(_question(shape(item)))
    return "".join(f"{part}\n\n" for part in parts).encode(), lost


def _question(shape: Shape) -> str:
    item = shape.item
    stem = paragraphs([item.stem], item.language) + dialogue(item.lines)
    # A comment to any reader but Moodle, which takes the tags from it.
    tags = "".join(f" [tag:{plain(tag).replace(']', ')')}]" for tag in shape.tags)
    answers = "\n".join(f"\t{row}" for row in _FORMS[shape.form](shape))
    after = escaped(paragraphs(shape.after, item.language))
    general = f"\t####{after}\n" if after else ""
    # HTML, as are then all the other texts; none begins with a bracket, which would name a format.
    head = f"::{escaped(plain(item.id))}::[html]{escaped(stem)}"
    return f"//{tags}\n{head}{{{_number_sign(shape)}\n{answers}\n{general}}}"


def _number_sign(shape: Shape) -> str:
    return "#" if shape.form == "number" else ""


def escaped(html: str) -> str:
    r"""HTML as GIFT text: `~ = # { } : \` are escaped, a line end is `\n`."""
    return _SPECIAL.sub(r"\\\g<0>", html).replace("\n", r"\n")


def _feedback(said: str, language: str) -> str:
    return "#" + escaped(paragraphs([said], language)) if said else ""


def _single(shape: Shape) -> list[str]:
    language = shape.item.language
    return [
        f"{'=' if one.share == 100 else '~'}{escaped(one.html)}{_feedback(one.feedback, language)}"
        for one in shape.answers
    ]


def _multiple(shape: Shape) -> list[str]:
    language = shape.item.language
    return [
        f"~%{one.share:.5f}%{escaped(one.html)}{_feedback(one.feedback, language)}"
        for one in shape.answers
    ]


def _number(shape: Shape) -> list[str]:
    item = shape.item
    rows = [
        f"=%{100 if one.right else 0}%{one.value}:0{_feedback(one.feedback, item.language)}"
        for one in sorted(item.options, key=lambda option: not option.right)
    ]
    return [*rows, f"~{_feedback(item.otherwise, item.language)}"] if item.otherwise else rows


def _order(shape: Shape) -> list[str]:
    options = enumerate(shape.item.options, 1)
    return [f"={escaped(span(one.text, shape.item.language))} -> {place}" for place, one in options]


def _match(shape: Shape) -> list[str]:
    item = shape.item
    return [
        f"={escaped(span(one.text, item.language))} -> {_class(item, one)}" for one in item.options
    ]


def _class(item: Item, option: Option) -> str:
    return escaped(plain(item.classes[option.group or 0]))


_FORMS = {
    **{"single": _single, "multiple": _multiple, "number": _number},
    **{"order": _order, "match": _match},
}
