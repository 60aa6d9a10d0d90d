"""How a file of questions is read: TOML in, items out, each problem in words and with its line.

The law of this file: `schema` says what a question must look like; here it meets its dialogue.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from math import inf
from pathlib import Path
from typing import Any

from smtpedu.captures import session
from smtpedu.files import DataError, read_toml, text_of
from smtpedu.language import LANGUAGES, text
from smtpedu.questions.items import Item, Option
from smtpedu.questions.schema import LIMITS, PLACES, problems
from smtpedu.session import annotate
from smtpedu.transcript import TranscriptError

_LARGEST = 2_000_000  # bytes of a file of questions
_START = re.compile(r"\s*\[\[\s*question\s*\]\]")
#: What is wrong with an item beyond its form; empty when nothing is.
Objection = Callable[[Item], str]


def _no_objection(_: Item) -> str:
    return ""


def load(path: Path, objection: Objection = _no_objection) -> list[Item]:
    """The items of a file. Raises `DataError` with file, line, question and field."""
    found: list[Item] = []
    for result in read(path, objection):
        if isinstance(result, DataError):
            raise result
        found.append(result)
    return found


def read(path: Path, objection: Objection = _no_objection) -> Iterator[Item | DataError]:
    """Each question of a file as an item, or what is wrong with it.

    `objection` may say what else is wrong with an item, in words.
    """
    if path.stat().st_size > _LARGEST:
        yield DataError(path, 1, text("question.large", limit=_LARGEST))
        return
    content = read_toml(path)
    questions, language = content.get("question"), content.get("language", "en")
    if not isinstance(questions, list) or set(content) - {"question", "language"}:
        yield DataError(path, 1, text("question.file"))
        return
    if not isinstance(language, str) or language not in LANGUAGES:
        yield DataError(path, 1, text("error.language", name=language, known=", ".join(LANGUAGES)))
        return
    starts, seen = _starts(path), set[str]()
    for number, question in enumerate(questions, 1):
        try:
            item = _item(question, language)
            if item.id in seen:
                raise ValueError(text("question.twice"))
            if problem := objection(item):
                raise ValueError(problem)
        except (ValueError, LookupError) as error:
            line = starts[number - 1] if number <= len(starts) else 1
            yield DataError(path, line, f"{_title(number, question)}: {error.args[0]}")
            continue
        seen.add(item.id)
        yield item


def _title(number: int, question: Any) -> str:
    """How an error names a question."""
    name = question.get("id") if isinstance(question, dict) else None
    named = isinstance(name, str) and len(name) <= LIMITS["id"]
    return text("question.title", number=number, name=f" `{name}`" if named else "")


def _starts(path: Path) -> list[int]:
    """The lines in which questions begin."""
    rows = text_of(path).split("\n")
    return [number for number, row in enumerate(rows, 1) if _START.match(row)]


def _item(question: dict[str, Any], language: str) -> Item:
    """The item of a question. Raises `ValueError`, `LookupError` in words for what is wrong."""
    for problem in problems(question):
        raise ValueError(problem)
    plain = {
        name: value
        for name, value in question.items()
        if name not in ("options", "lines", "session", "transcript", "classes")
    }
    classes = tuple(question.get("classes", ()))
    lines = tuple(_dialogue(question))
    item = Item(
        **plain,
        options=tuple(_option(option, classes, dict(lines)) for option in question["options"]),
        classes=classes,
        lines=tuple(line for line in lines if line[0] < question.get("at", inf)),
        language=language,
    )
    _hold_to_dialogue(item, dict(lines))
    return item


def _option(option: dict[str, Any], classes: tuple[str, ...], lines: dict[int, str]) -> Option:
    value = option.get("value", option.get("line"))
    said = lines.get(option.get("line", 0), str(value))
    return Option(
        text=option.get("text", said),
        value=value,
        group=classes.index(option["class"]) if "class" in option else None,
        mistaken=_mistaken(option.get("mistaken", ""), classes),
        **{name: option[name] for name in ("feedback", "right", "misconception") if name in option},
    )


def _mistaken(name: str, classes: tuple[str, ...]) -> int | None:
    """The wrong class, or the wrong place, that shows an option's misconception."""
    return classes.index(name) if name in classes else PLACES.get(name)


def _dialogue(question: dict[str, Any]) -> list[tuple[int, str]]:
    """The numbered lines of the dialogue that the question is about."""
    if "session" in question:
        rows = str(session(question["session"])).split("\n")
    elif "transcript" in question:
        try:
            rows = str(annotate(question["transcript"])).split("\n")
        except TranscriptError as error:
            raise ValueError(text("question.dialogue", problem=error)) from None
    else:
        return []
    first, last = question.get("lines", (1, len(rows)))
    if last > len(rows):
        raise ValueError(text("question.lines"))
    return list(enumerate(rows[first - 1 : last], first))


def _hold_to_dialogue(item: Item, lines: dict[int, str]) -> None:
    """A line pointed at must be there, and what is predicted must be what was said."""
    if item.kind == "point":
        gone = [option.value for option in item.options if option.value not in lines]
        if gone:
            raise ValueError(text("question.no_line", line=gone[0]))
    if item.kind == "predict":
        said = lines.get(item.at or 0, "")
        right = next(option.text for option in item.options if option.right)
        if not said.startswith("S: ") or said[3:6] not in right:
            raise ValueError(text("question.predicted", line=item.at, said=said))
