"""The exercises at the end of a lesson: not attempted, not yet right, or right.

Answers, hints and what is said to a typical wrong answer are in `data/exercises/`, one
file per lesson. A code exercise asks for a function, which `course.judge` runs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from types import EllipsisType
from typing import Any, Literal

from smtpedu.display import Block, Displayable, Paragraph
from smtpedu.files import check_fields, folder, read_toml
from smtpedu.i18n import in_language, languages_of, text

_FIELDS = ("answer",)
_TEXTS = ("hint", "why")  # and one text per expected wrong answer, keyed by that answer
_CODE_FIELDS = ("checks", "solution")
_CODE_TEXTS = ("hints", "why", "placed", "situations", "mistakes")

_given: dict[str, int] = {}  # exercise → the number of its hint that was given last


@dataclass(frozen=True)
class Verdict(Displayable):
    """What `check` found, and what to say of it."""

    outcome: Literal["unattempted", "wrong", "right"]
    said: str

    def __repr__(self) -> str:
        return f"Verdict({self.outcome!r})"

    def blocks(self) -> list[Block]:
        return [Paragraph(f"{text(f'check.{self.outcome}')} {self.said}")]


@dataclass(frozen=True)
class Hint(Displayable):
    """One hint of an exercise: the `number`-th of `count`."""

    number: int
    count: int
    said: str

    def blocks(self) -> list[Block]:
        place = text("check.hint", number=self.number, count=self.count)
        return [Paragraph(f"{place} {self.said}")]


@dataclass(frozen=True)
class Solution(Displayable):
    """A right answer as `code`, and why it is right."""

    code: str
    why: str

    def blocks(self) -> list[Block]:
        return [Paragraph(self.why)]

    def __str__(self) -> str:
        return f"{self.code}\n\n{super().__str__()}"

    def to_html(self) -> str:
        return f'<pre dir="ltr"><code>{escape(self.code)}</code></pre>{super().to_html()}'


def check(name: str, answer: Any = ...) -> Verdict:
    """Check an answer to a lesson's exercise.

    The untouched `...` counts as not attempted. Lists, tuples and sets are compared without
    regard to order, text without regard to case and outer spaces, and "550" is 550. Where the
    exercise asks for a function, that function is run. Raises `LookupError` for an unknown
    exercise.
    """
    exercise = _exercise(name)
    texts = in_language(exercise)
    if "checks" in exercise:
        return _check_code(texts, answer)
    if isinstance(answer, EllipsisType):
        return Verdict("unattempted", texts["hint"])
    given, wanted = _plain(answer), _plain(exercise["answer"])
    if given == wanted:
        return Verdict("right", texts["why"])
    return Verdict("wrong", texts.get(_key(given)) or _nearly(given, wanted) or texts["hint"])


def hint(name: str, number: int | None = None) -> Hint:
    """The next hint of an exercise, or the one of this number; after the last, the last again.

    Raises `LookupError` for an unknown exercise or number.
    """
    texts = in_language(_exercise(name))
    hints = texts["hints"] if "hints" in texts else [texts["hint"]]
    if number is None:
        number = min(_given.get(name, 0) + 1, len(hints))
    if not 1 <= number <= len(hints):
        raise LookupError(text("error.hint", name=name, number=number, count=len(hints)))
    _given[name] = number
    return Hint(number, len(hints), hints[number - 1])


def solution(name: str) -> Solution:
    """A right answer to an exercise, with the reason. Raises `LookupError` for an unknown one."""
    exercise = _exercise(name)
    code = exercise["solution"] if "checks" in exercise else f"answer = {exercise['answer']!r}"
    return Solution(code.strip(), in_language(exercise)["why"])


def _check_code(texts: dict[str, Any], answer: Any) -> Verdict:
    from smtpedu.course.judge import judge  # late: it needs a lab

    mistake = judge(answer)
    if mistake is None:
        return Verdict("right", texts["why"])
    if not mistake.name:
        return Verdict("unattempted", texts["hints"][0])
    values = {"situation": texts["situations"].get(mistake.case, ""), **mistake.values}
    if "expected" in values:
        values["placed"] = texts["placed"].format(**values)
    return Verdict("wrong", texts["mistakes"][mistake.name].format(**values))


def _exercise(name: str) -> Any:
    exercises = _exercises()
    if name not in exercises:
        raise LookupError(text("error.exercise", name=name, known=", ".join(exercises)))
    return exercises[name]


def _plain(answer: Any) -> Any:
    """The answer in the form in which it is compared: the form it was written in is no matter."""
    if isinstance(answer, str):
        written = answer.strip(" \t\n<>().").casefold()
        if not re.fullmatch(r"[0-9]{1,9}(?:[\s,;]+[0-9]{1,9})*", written):
            return written
        answer = map(int, re.findall("[0-9]+", written))
    if isinstance(answer, Iterable):
        parts = sorted({_plain(part) for part in answer}, key=str)
        return parts[0] if len(parts) == 1 else tuple(parts)
    return answer


def _nearly(given: Any, wanted: Any) -> str:
    """What to say of an answer that has some of what is wanted, or too much."""
    if not isinstance(wanted, tuple):
        return ""
    parts = set(given) if isinstance(given, tuple) else {given}
    if parts and parts < set(wanted):
        return text("check.part")
    return text("check.more") if parts > set(wanted) else ""


def _key(plain: Any) -> str:
    """How a wrong answer is named in the data: `250, 251`."""
    return ", ".join(map(str, plain)) if isinstance(plain, tuple) else str(plain)


@cache
def _exercises() -> dict[str, Any]:
    files = sorted((folder("data") / "exercises").glob("*.toml"))
    return {name: exercise for path in files for name, exercise in load(path).items()}


def load(path: Path) -> dict[str, Any]:
    """Read and check the exercises of one lesson. Raises `DataError` with file, line and field."""
    exercises = read_toml(path)
    for name, exercise in exercises.items():
        code = isinstance(exercise, dict) and "checks" in exercise
        for key in languages_of(path, name, exercise, _CODE_FIELDS if code else _FIELDS):
            texts = exercise[key]
            if isinstance(texts, dict) and not code:
                texts = {field: texts.get(field) for field in _TEXTS}
            check_fields(path, f"{name}.{key}", texts, _CODE_TEXTS if code else _TEXTS)
    return exercises
