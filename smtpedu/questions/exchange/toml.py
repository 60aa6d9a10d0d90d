"""Items in the format of our own files of questions, for a teacher to go on with."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from smtpedu.i18n import text
from smtpedu.questions.items import Item, Option


def written(items: Iterable[Item], header: str = "") -> str:
    """A file of questions, as `questions.reading` reads it. Raises `ValueError` for a dialogue."""
    items = list(items)
    lines = [f"# {row}" for row in header.splitlines()]
    lines.append(f"language = {_value(items[0].language if items else 'en')}")
    for item in items:
        if item.lines:
            raise ValueError(text("interchange.dialogue", name=item.id))
        lines += ["", *_question(item)]
    return "\n".join(lines) + "\n"


def _question(item: Item) -> Iterator[str]:
    yield "[[question]]"
    names = ("id", "kind", "objective", "level", "source", "stem", "hint", "why")
    yield from (f"{name} = {_value(getattr(item, name))}" for name in names)
    if item.otherwise:
        yield f"otherwise = {_value(item.otherwise)}"
    if item.classes:
        yield f"classes = [{', '.join(map(_value, item.classes))}]"
    for option in item.options:
        yield from _option(option, item.classes)


def _option(option: Option, classes: tuple[str, ...]) -> Iterator[str]:
    yield "[[question.options]]"
    yield f"text = {_value(option.text)}" if option.value is None else f"value = {option.value}"
    if option.group is not None:
        yield f"class = {_value(classes[option.group])}"
    if option.right:
        yield "right = true"
    else:
        yield f"misconception = {_value(option.misconception)}"
    yield f"feedback = {_value(option.feedback)}"


def _value(said: str) -> str:
    # A string of JSON is one of TOML, but for the delete character (TOML 1.0, "String").
    return json.dumps(said, ensure_ascii=False).replace("\x7f", "\\u007f")
