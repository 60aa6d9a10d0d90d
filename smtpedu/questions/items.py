"""One question as a plain object, and how a file of them is read.

The law of this file: an item knows what is asked and what is right, `grading` compares.
"""

from __future__ import annotations

import difflib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import inf
from pathlib import Path
from typing import Any

from smtpedu.captures import session
from smtpedu.files import DataError, read_toml, text_of
from smtpedu.language import LANGUAGES, text
from smtpedu.questions.schema import LIMITS, problems
from smtpedu.session import annotate
from smtpedu.transcript import TranscriptError

_LARGEST = 2_000_000  # bytes of a file of questions
#: What is wrong with an item beyond its form; empty when nothing is.
Objection = Callable[["Item"], str]
_SHUFFLED = ("choice", "choices", "order", "predict", "classify", "diagnose")


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be answered, and what is said to whoever does.

    `misconception` names the belief that a wrong use of this option shows. `value` is the
    number to type or the line to point at, `group` the class this belongs to.
    """

    feedback: str
    text: str = ""
    right: bool = False
    misconception: str = ""
    value: int | None = None
    group: int | None = None


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
                return _factorial(len(self.options))
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
        names = ("text", "right", "feedback", "misconception", "value", "group")
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


def _factorial(count: int) -> int:
    return count * _factorial(count - 1) if count > 1 else 1


# ---- files ----


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
    if language not in LANGUAGES:
        yield DataError(path, 1, text("error.language", name=language, known=", ".join(LANGUAGES)))
        return
    seen: set[str] = set()
    for number, question in enumerate(questions, 1):
        try:
            item = _item(question, language)
            if item.id in seen:
                raise ValueError(text("question.twice"))
            if problem := objection(item):
                raise ValueError(problem)
        except (ValueError, LookupError) as error:
            yield DataError(
                path, _line(path, number), f"{_title(number, question)}: {error.args[0]}"
            )
            continue
        seen.add(item.id)
        yield item


def _title(number: int, question: Any) -> str:
    """How an error names a question."""
    name = question.get("id") if isinstance(question, dict) else None
    named = isinstance(name, str) and len(name) <= LIMITS["id"]
    return text("question.title", number=number, name=f" `{name}`" if named else "")


def _line(path: Path, number: int) -> int:
    """Where the `number`-th question begins."""
    starts = [n for n, row in enumerate(text_of(path).splitlines(), 1) if "[[question]]" in row]
    return starts[number - 1] if number <= len(starts) else 1


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
        **{name: option[name] for name in ("feedback", "right", "misconception") if name in option},
    )


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


def nearest(name: str, known: list[str]) -> str:
    """The names most like one that is not known, for an error."""
    return ", ".join(difflib.get_close_matches(name, known, 3, 0.4) or sorted(known)[:5])
