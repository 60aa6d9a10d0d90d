"""Questions in GIFT, a text format of Moodle's that many programs read (docs.moodle.org, "GIFT").

It has no hints, and no order: the positions are matched instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from smtpedu.questions.exchange.common import Shape, dialogue, paragraphs, plain, span
from smtpedu.questions.exchange.moodle import by_category
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import Form

_SPECIAL = re.compile(r"[\\~=#{}:]")

LOST = ("misconceptions", "hints")


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    categories, lost = by_category(items)
    parts = []
    for category, shapes in categories.items():
        parts += [f"$CATEGORY: {category}", *map(_question, shapes)]
    return "".join(f"{part}\n\n" for part in parts).encode(), lost


def _question(shape: Shape) -> str:
    item = shape.item
    stem = paragraphs([item.stem], item.language) + dialogue(item.lines)
    # A comment to any reader but Moodle, which takes the tags from it.
    tags = "".join(f" [tag:{plain(tag).replace(']', ')')}]" for tag in shape.tags)
    answers = "\n".join(f"\t{row}" for row in _FORMS[shape.form](shape))
    after = escaped(paragraphs(shape.after, item.language))
    general = f"\t####{after}\n" if after else ""
    number = "#" if shape.form == "number" else ""
    # HTML, as are then all the other texts; none begins with a bracket, which would name a format.
    head = f"::{escaped(plain(item.id))}::[html]{escaped(stem)}"
    return f"//{tags}\n{head}{{{number}\n{answers}\n{general}}}"


def escaped(html: str) -> str:
    r"""HTML as GIFT text: `~ = # { } : \` are escaped, a line end is `\n`."""
    return _SPECIAL.sub(r"\\\g<0>", html).replace("\n", r"\n")


def _feedback(said: str, language: str) -> str:
    return "#" + escaped(paragraphs([said], language)) if said else ""


def _single(shape: Shape) -> list[str]:
    return _chosen(shape, ["=" if one.share == 100 else "~" for one in shape.answers])


def _multiple(shape: Shape) -> list[str]:
    return _chosen(shape, [f"~%{one.share:.5f}%" for one in shape.answers])


def _chosen(shape: Shape, signs: list[str]) -> list[str]:
    language = shape.item.language
    return [
        f"{sign}{escaped(one.html)}{_feedback(one.feedback, language)}"
        for sign, one in zip(signs, shape.answers, strict=True)
    ]


def _number(shape: Shape) -> list[str]:
    item = shape.item
    rows = [
        f"=%{100 if one.right else 0}%{one.value}:0{_feedback(one.feedback, item.language)}"
        for one in sorted(item.options, key=lambda option: not option.right)
    ]
    return [*rows, f"~{_feedback(item.otherwise, item.language)}"] if item.otherwise else rows


def _order(shape: Shape) -> list[str]:
    return _pairs(shape, [str(position) for position, _ in enumerate(shape.item.options, 1)])


def _match(shape: Shape) -> list[str]:
    item = shape.item
    return _pairs(shape, [escaped(plain(item.classes[one.group or 0])) for one in item.options])


def _pairs(shape: Shape, rights: list[str]) -> list[str]:
    language = shape.item.language
    lefts = [escaped(span(option.text, language)) for option in shape.item.options]
    return [f"={left} -> {right}" for left, right in zip(lefts, rights, strict=True)]


_FORMS: dict[Form, Callable[[Shape], list[str]]] = {
    **{"single": _single, "multiple": _multiple, "number": _number},
    **{"order": _order, "match": _match},
}
