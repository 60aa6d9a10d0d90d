"""The exercises at the end of a lesson: not attempted, not yet right, or right.

Answers, hints and what is said to a typical wrong answer are in `data/exercises/`, one
file per lesson. A code exercise asks for a function, which `course.judge` runs. What was attempted
is in the learner's record (`course.answers`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import EllipsisType
from typing import Any, Literal

from smtpedu.course import answers
from smtpedu.display import Block, Bullets, Code, Displayable, Paragraph
from smtpedu.files import check_fields, folder, problem_of, read_toml
from smtpedu.i18n import check_type, in_language, languages_of, text
from smtpedu.questions.bank import misconceptions

_FIELDS = ("answer",)
_TEXTS = ("hint", "why")  # and one text per expected wrong answer, keyed by that answer
_CODE_FIELDS = ("checks", "solution")
_CODE_TEXTS = ("hints", "why", "placed", "situations", "mistakes")
_NAMING = ("beliefs", "shows")  # tables that may be there: what names a misconception → its name
_TOLD = 3  # beliefs at once; who hears of more remembers none
_LONGEST = 200  # characters of an answer that is quoted

_given: dict[str, int] = {}  # exercise → the number of its hint that was given last


@dataclass(frozen=True)
class Verdict(Displayable):
    """What `check` found, and what to say of it.

    `beliefs` are sentences: what the answer shows that is believed, and what is so. Where nothing
    was attempted, `last` says how an earlier answer was, and `code` is the function that it was.
    `trouble` says why this answer was not kept, if so.
    """

    outcome: Literal["unattempted", "wrong", "right"]
    said: str
    beliefs: tuple[str, ...] = ()
    last: str = ""
    code: str = ""
    trouble: str = ""

    def __repr__(self) -> str:
        return f"Verdict({self.outcome!r})"

    def blocks(self) -> Iterator[Block]:
        found = self.last or text(f"check.{self.outcome}")
        yield Paragraph(f"{found} {self.said}".rstrip())
        if self.code:
            yield Code(self.code)
        if self.beliefs:
            yield Bullets(self.beliefs)
        if self.trouble:
            yield Paragraph(self.trouble)


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
        return [Code(self.code), Paragraph(self.why)]


def check(name: str, answer: Any = ...) -> Verdict:
    """Check an answer to a lesson's exercise.

    The untouched `...` counts as not attempted; the verdict then tells the last answer that is in
    the learner's record, if any. Every other answer is kept there at once, whether right or wrong;
    where that is not possible, the verdict says so. Lists, tuples and sets are compared without
    regard to order, text without regard to case and outer spaces, and "550" is 550. Where the
    exercise asks for a function, that function is run, and its source is kept. Raises
    `LookupError` for an unknown exercise.
    """
    exercise = _exercise(name)
    if "checks" in exercise:
        verdict, shown = _check_code(exercise, answer)
        response = answers.source(answer) if callable(answer) else answers.plain(answer)
    elif isinstance(answer, EllipsisType):
        verdict = Verdict("unattempted", in_language(exercise)["hint"])
    else:
        response = answers.plain(answer)
        verdict, shown = _check_answer(exercise, response)
    if verdict.outcome == "unattempted":
        return _with_last(name, verdict)
    trouble = answers.keep(name, response, verdict.outcome == "right", shown)
    return replace(verdict, trouble=trouble)


def hint(name: str, number: int | None = None) -> Hint:
    """The next hint of an exercise, or the one of this number; after the last, the last again.

    Raises `LookupError` for an unknown exercise or number.
    """
    texts = in_language(_exercise(name))
    hints = texts["hints"] if "hints" in texts else [texts["hint"]]
    if number is None:
        number = min(_given.get(name, 0) + 1, len(hints))
    check_type("number", number, int)
    if not 1 <= number <= len(hints):
        raise LookupError(text("error.hint", name=name, number=number, count=len(hints)))
    _given[name] = number
    return Hint(number, len(hints), hints[number - 1])


def solution(name: str) -> Solution:
    """A right answer to an exercise, with the reason. Raises `LookupError` for an unknown one."""
    exercise = _exercise(name)
    code = exercise["solution"] if "checks" in exercise else f"answer = {exercise['answer']!r}"
    return Solution(code.strip(), in_language(exercise)["why"])


_Judged = tuple[Verdict, list[str]]  # with the names of the misconceptions that show


def _check_answer(exercise: Any, answer: Any) -> _Judged:
    """What to say of an answer that is plain JSON: to what was expected its own text."""
    texts = in_language(exercise)
    given, wanted = _plain(answer), _plain(exercise["answer"])
    if given == wanted:
        return Verdict("right", texts["why"]), []
    key = _key(given)
    if key in texts and key not in _TEXTS:
        return Verdict("wrong", texts[key]), _shown_by(exercise, key)
    nearly = _nearly(given, wanted)
    beliefs = _beliefs(exercise, given, wanted)
    if not beliefs:
        return Verdict("wrong", nearly or texts["hint"]), []
    said = [nearly] if nearly else []
    if len(beliefs) > _TOLD:
        said.append(text("check.beliefs", count=len(beliefs)))
    told = tuple(_rebutted(part, name) for part, name in list(beliefs.items())[:_TOLD])
    return Verdict("wrong", " ".join(said), told), list(dict.fromkeys(beliefs.values()))


def _check_code(exercise: Any, answer: Any) -> _Judged:
    from smtpedu.course.judge import judge  # late: it needs a lab

    texts = in_language(exercise)
    mistake = judge(answer)
    if mistake is None:
        return Verdict("right", texts["why"]), []
    if not mistake.name:
        return Verdict("unattempted", texts["hints"][0]), []
    values = {"situation": texts["situations"].get(mistake.case, ""), **mistake.values}
    if "expected" in values:
        values["placed"] = texts["placed"].format(**values)
    said = texts["mistakes"][mistake.name].format(**values)
    return Verdict("wrong", said), _shown_by(exercise, mistake.name)


def _with_last(name: str, verdict: Verdict) -> Verdict:
    """The verdict on what is not attempted, with the last answer, if any, and how it was."""
    found = answers.last(name)
    if found is None:
        return verdict
    exercise = _exercise(name)
    if "checks" in exercise:
        key = "check.last_function_right" if found.right else "check.last_function_wrong"
        return Verdict("unattempted", "", last=text(key), code=str(found.response).strip("\n"))
    key = "check.last_right" if found.right else "check.last_wrong"
    last = text(key, answer=_quoted(found.response))
    if found.right:
        return Verdict("unattempted", "", last=last)
    return replace(_check_answer(exercise, found.response)[0], outcome="unattempted", last=last)


def _quoted(response: Any) -> str:
    """An answer as Python writes it, to stand between backticks."""
    shown = repr(response).replace("`", "'")
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"


def _exercise(name: str) -> Any:
    exercises = _exercises()
    if not isinstance(name, str) or name not in exercises:
        raise LookupError(text("error.exercise", name=name, known=", ".join(exercises)))
    return exercises[name]


def _plain(answer: Any) -> Any:
    """The answer in the form in which it is compared: the form it was written in is no matter."""
    if isinstance(answer, str):
        written = re.sub("[<>]", "", answer).strip(" \t\n().").casefold()
        if not re.fullmatch(r"[0-9]{1,9}(?:[\s,;]+[0-9]{1,9})*", written):
            return written
        answer = list(map(int, re.findall("[0-9]+", written)))
    if isinstance(answer, list):
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


def _shown_by(exercise: Any, key: str) -> list[str]:
    """The misconception that a wrong answer, or a mistake, shows."""
    name = exercise.get("shows", {}).get(key)
    return [name] if name else []


def _beliefs(exercise: Any, given: Any, wanted: Any) -> dict[str, str]:
    """Part of a list → what is believed by whoever has it wrongly, or wrongly leaves it out.

    Of an answer with a part that is none there is nothing to be said.
    """
    believed: dict[str, str] = exercise.get("beliefs", {})
    has, right = (
        {_key(part) for part in (one if isinstance(one, tuple) else (one,))}
        for one in (given, wanted)
    )
    if not has or not has <= believed.keys() | right:
        return {}
    return {part: name for part, name in believed.items() if (part in has) != (part in right)}


def _rebutted(part: str, name: str) -> str:
    """What is believed of a part of the answer, and what is so."""
    found = misconceptions()[name]
    return text("check.belief", part=part, belief=found.belief(), rebuttal=found.rebuttal())


@cache
def _exercises() -> dict[str, Any]:
    files = sorted((folder("data") / "exercises").glob("*.toml"))
    return {name: exercise for path in files for name, exercise in load(path).items()}


def load(path: Path) -> dict[str, Any]:
    """Read and check the exercises of one lesson. Raises `DataError` with file, line and field."""
    exercises = read_toml(path)
    for name, exercise in exercises.items():
        code = isinstance(exercise, dict) and "checks" in exercise
        naming = [field for field in _NAMING if isinstance(exercise, dict) and field in exercise]
        fields = (*(_CODE_FIELDS if code else _FIELDS), *naming)
        for key in languages_of(path, name, exercise, fields):
            texts = exercise[key]
            if isinstance(texts, dict) and not code:
                texts = {field: texts.get(field) for field in _TEXTS}
            check_fields(path, f"{name}.{key}", texts, _CODE_TEXTS if code else _TEXTS)
        for field in naming:
            check_fields(path, f"{name}.{field}", exercise[field], tuple(exercise[field]))
            if unknown := set(exercise[field].values()) - misconceptions().keys():
                raise problem_of(path, f"{name}.{field}", f"unknown {sorted(unknown)}")
    return exercises
