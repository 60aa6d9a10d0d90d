"""Our items as a jupyterquiz file (github.com/jmshea/jupyterquiz, its schema and README).

jupyterquiz shows what it gets as HTML and takes `$` for a formula and brackets for a link.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from smtpedu.exchange.shapes import Answer, Shape, shape
from smtpedu.exchange.wording import fit, span
from smtpedu.language import text
from smtpedu.questions.items import Item, Option

LOST = ("misconceptions", "hints", "objectives")

_SPECIAL = str.maketrans({"$": "&#36;", "[": "&#91;", "\\": "&#92;"})


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    questions: list[dict[str, Any]] = []
    lost = []
    for item in items:
        if item.kind == "order":
            lost.append(text("interchange.no_order", name=item.id))
        else:
            questions += _questions(shape(item))
    return json.dumps(questions, ensure_ascii=False, indent=1).encode(), lost


def _questions(shape: Shape) -> Iterator[dict[str, Any]]:
    item = shape.item
    match shape.form:
        case "number":
            yield _question(item, item.stem, "numeric", _numbers(shape))
        case "match":  # one question per thing to be classified
            for option in item.options:
                answers = _chosen(_classes(item, option), shape)
                yield _question(item, f"{item.stem}\n{option.text}", "multiple_choice", answers)
        case form:
            kind = "multiple_choice" if form == "single" else "many_choice"
            yield _question(item, item.stem, kind, _chosen(shape.answers, shape))


def _classes(item: Item, option: Option) -> list[Answer]:
    return [
        Answer(span(name, item.language), 100.0 * (group == option.group), option.feedback)
        for group, name in enumerate(item.classes)
    ]


def _question(item: Item, stem: str, kind: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    rows = "\n".join(f"{number:>3}  {line}" for number, line in item.lines)
    code = {"code": _raw(rows)} if rows else {}
    return {"question": _html(stem, item), "type": kind, **code, "answers": answers}


def _chosen(answers: Iterable[Answer], shape: Shape) -> list[dict[str, Any]]:
    return [
        {
            "answer": one.html.translate(_SPECIAL),
            "correct": one.share > 0,
            "feedback": _feedback(one.feedback, one.share > 0, shape),
        }
        for one in answers
    ]


def _numbers(shape: Shape) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = [
        {
            **{"type": "value", "value": one.value, "correct": one.right},
            "feedback": _feedback(one.feedback, one.right, shape),
        }
        for one in shape.item.options
    ]
    return [*found, {"type": "default", "feedback": _html(shape.item.otherwise, shape.item)}]


def _feedback(said: str, right: bool, shape: Shape) -> str:
    """With a right answer goes the reason, for which there is no other place."""
    reason = [shape.item.why, *shape.after[-1:]] if right else []
    return _html("\n".join(dict.fromkeys(filter(None, [said, *reason]))), shape.item)


def _html(said: str, item: Item) -> str:
    return span(said, item.language).translate(_SPECIAL)


def _raw(rows: str) -> str:
    return escape(fit(rows)).translate(_SPECIAL)
