"""Questions of jupyterquiz (github.com/jmshea/jupyterquiz, its schema and README), in and out.

What cannot be asked here as it was there is named, by the question's number, and never dropped
without a word; HTML becomes plain text. jupyterquiz shows what it gets as HTML and takes `$` for a
formula and brackets for a link.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator
from html import escape
from pathlib import Path
from typing import Any, assert_never

from smtpedu.files import DataError, text_of
from smtpedu.i18n import LANGUAGES, language, text
from smtpedu.questions.exchange.common import Shape, cleaned, from_html, shape, span
from smtpedu.questions.items import Item
from smtpedu.questions.toml_files import item_from

# ---- in ----

_LARGEST = 5_000_000  # bytes of a file
_LONGEST = 20_000  # characters of one text
_WHOLE = re.compile(r"\s*-?[0-9]{1,9}\s*", re.ASCII)
_FEW = 3  # answers from which one can choose


class _LeftOutError(ValueError):
    """Why a question cannot be asked here."""


def parse(path: Path) -> tuple[list[Item], list[str], int]:
    """The questions of a jupyterquiz file; what was left out or changed, in words; how many it has.

    Raises `DataError` for a file that is not one, or that has no question for us.
    """
    listed = _questions_of(path)
    written_in = _language_of(listed)
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-")[:60] or "imported"
    items, notes = [], []
    for number, question in enumerate(listed, 1):
        said: list[str] = []
        try:
            items.append(_Question(question, written_in, said).item(f"{name}-{number}"))
        except _LeftOutError as problem:
            notes.append(text("interchange.left_out", number=number, problem=problem))
        else:
            notes += [text("interchange.changed", number=number, problem=one) for one in said]
    if not items:
        raise DataError(path, 1, " ".join([text("interchange.nothing"), *notes[:3]]))
    return items, notes, len(listed)


def _questions_of(path: Path) -> list[Any]:
    """What a jupyterquiz file lists. Raises `DataError` for a file that is not one."""
    written = text_of(path).removeprefix("\ufeff")
    if len(written.encode()) > _LARGEST:
        raise DataError(path, 1, text("question.large", limit=_LARGEST))
    try:
        content = json.loads(written)
    except json.JSONDecodeError as error:
        problem = text("interchange.not_json", reason=error.msg)
        raise DataError(path, error.lineno, problem) from None
    except (ValueError, RecursionError) as error:
        raise DataError(path, 1, text("interchange.not_json", reason=error)) from None
    if isinstance(content, dict):
        content = content.get("questions", [content])
    if not isinstance(content, list) or not content:
        raise DataError(path, 1, text("interchange.no_list"))
    return content


def _language_of(questions: list[Any]) -> str:
    """The language of most, by its letters: the current one where several share these."""
    stems = [one.get("question") if isinstance(one, dict) else None for one in questions]
    scripts = [_scripts(one[:_LONGEST]) if isinstance(one, str) else set() for one in stems]
    latin = []
    for name in (language(), *LANGUAGES):
        [script, *_] = sorted(_scripts(text("interchange.right", in_language=name)))
        if script == "LATIN":
            latin.append(name)
        elif 2 * sum(script in one for one in scripts) > len(questions):
            return name
    return latin[0]


def _scripts(said: str) -> set[str]:
    """The scripts of the letters, as Unicode's names of these begin."""
    letters = {one for one in said if one.isalpha()}
    return {unicodedata.name(one, "").partition(" ")[0] for one in letters}


class _Question:
    """One question of theirs on its way to be one of ours; `said` gathers what is changed."""

    def __init__(self, question: Any, language: str, said: list[str]) -> None:
        if not isinstance(question, dict):
            raise _LeftOutError(text("question.not_table"))
        self.question, self.language, self.said = question, language, said
        self.kind = str(question.get("type", "")).strip().casefold()
        answers = question.get("answers")
        if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
            raise _LeftOutError(text("question.missing", field="`answers`"))
        self.answers: list[dict[str, Any]] = answers

    def item(self, name: str) -> Item:
        makers = {
            **{"multiple_choice": self.choice, "many_choice": self.choice},
            **{"numeric": self.numeric, "string": self.string},
        }
        if self.kind not in makers:
            known = ", ".join(makers)
            raise _LeftOutError(text("interchange.type", type=self.kind[:40], known=known))
        made = makers[self.kind]()
        stem = filter(None, (self.text(self.question, "question"), self.code(self.question)))
        item, found = item_from({"id": name, "stem": "\n".join(stem), **made}, self.language)
        if item is None:
            raise _LeftOutError(found[0].message)
        return item

    def text(self, table: dict[str, Any], field: str) -> str:
        said = table.get(field, "")
        if isinstance(said, bool | int | float):
            said = str(said)
        if not isinstance(said, str):
            raise _LeftOutError(text("question.missing", field=f"`{field}`"))
        if len(said) > _LONGEST:
            problem = text("question.long", field=f"`{field}`", length=len(said), limit=_LONGEST)
            raise _LeftOutError(problem)
        plain, pictures = from_html(said, code=field == "code")
        if pictures:
            raise _LeftOutError(text("interchange.picture"))
        return plain

    def code(self, table: dict[str, Any]) -> str:
        """Lines of code, in backticks as protocol text is."""
        rows = self.text(table, "code").replace("`", "'").split("\n")
        return "\n".join(f"`{row}`" for row in rows if row)

    def feedback(self, answer: dict[str, Any], right: bool) -> str:
        usual = "interchange.right" if right else "interchange.wrong"
        return self.text(answer, "feedback") or text(usual, in_language=self.language)

    def option(self, answer: dict[str, Any], named: str | int) -> dict[str, Any]:
        """A table of our own files, for a text to choose or a number to type."""
        right = str(answer.get("correct")).strip().casefold() == "true"
        name = "text" if isinstance(named, str) else "value"
        return {name: named, "feedback": self.feedback(answer, right), "right": right}

    def choice(self) -> dict[str, Any]:
        """One right answer or several: jupyterquiz, too, goes by their number, not by the type."""
        options = [
            self.option(one, " ".join(filter(None, (self.text(one, "answer"), self.code(one)))))
            for one in self.answers
        ]
        several = sum(option["right"] for option in options) > 1
        return {"kind": "choices" if several else "choice", "options": options}

    def numeric(self) -> dict[str, Any]:
        options, precision = [], self.question.get("precision")
        for answer in self.answers:
            if "value" in answer:
                options += self.whole(answer, [answer["value"]])
            elif "range" in answer:
                options += self.whole(answer, self.inside(answer["range"]))
        for option in options:
            if isinstance(precision, int) and 0 < precision < len(str(abs(option["value"]))):
                raise _LeftOutError(text("interchange.rounded"))
        return self.number(options)

    def inside(self, limits: Any) -> list[Any]:
        """The whole numbers from the first limit up to, but not with, the second."""
        try:
            first, last = map(float, limits)
            inside = range(math.ceil(first), min(math.ceil(last), math.ceil(first) + _FEW))
        except (TypeError, ValueError, OverflowError):
            return []
        return list(inside) if len(inside) < _FEW else []

    def whole(self, answer: dict[str, Any], values: list[Any]) -> list[dict[str, Any]]:
        found = [one for value in values if (one := _whole(value)) is not None]
        if not found or "range" in answer:
            short = str(answer.get("value", answer.get("range")))[:40]
            self.said.append(text("interchange.only_whole", answer=short))
        return [self.option(answer, value) for value in found]

    def number(self, options: list[dict[str, Any]]) -> dict[str, Any]:
        # The first that fits decides, in jupyterquiz.
        first: dict[int, dict[str, Any]] = {}
        for option in options:
            first.setdefault(option["value"], option)
        rights = [value for value, option in first.items() if option["right"]]
        if len(rights) != 1:
            raise _LeftOutError(text("interchange.one_number", count=len(rights)))
        # What is said to any other answer.
        default = [one for one in self.answers if str(one.get("type")) == "default"]
        otherwise = self.feedback(default[0] if default else {}, right=False)
        if len(first) == 1:  # one wrong number must be foreseen: it gets what any other gets
            value = rights[0] + 1
            first[value] = {"value": value, "feedback": otherwise}
        return {"kind": "number", "options": list(first.values()), "otherwise": otherwise}

    def string(self) -> dict[str, Any]:
        """What was to be typed: a number still is; of words, one is chosen instead."""
        typed = [one for one in self.answers if "answer" in one]
        options = [self.option(one, self.text(one, "answer")) for one in typed]
        if options and all(_WHOLE.fullmatch(option["text"]) for option in options):
            pairs = zip(typed, options, strict=True)
            return self.number([self.option(one, int(option["text"])) for one, option in pairs])
        if sum(option["right"] for option in options) != 1 or len(options) < _FEW:
            raise _LeftOutError(text("interchange.typed"))
        self.said.append(text("interchange.now_chosen"))
        return {"kind": "choice", "options": options}


def _whole(value: Any) -> int | None:
    """551, 551.0 or "551" as a number; nothing else is one that can be typed here."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if abs(value) < 10**9 and value == int(value) else None


# ---- out ----

LOST = ("misconceptions", "hints", "objectives")

_SPECIAL = str.maketrans({"$": "&#36;", "[": "&#91;", "\\": "&#92;"})


def write(items: Iterable[Item]) -> tuple[bytes, list[str]]:
    """The file's content, and what it does not hold, in words."""
    questions: list[dict[str, Any]] = []
    lost = []
    for one in map(shape, items):
        if one.form == "order":
            lost.append(text("interchange.no_order", name=one.item.id))
        questions += _questions(one)
    return json.dumps(questions, ensure_ascii=False, indent=1).encode(), lost


def _questions(shape: Shape) -> Iterator[dict[str, Any]]:
    item = shape.item
    match shape.form:
        case "single" | "multiple" as form:
            kind = "multiple_choice" if form == "single" else "many_choice"
            answers = [
                _answer(shape, one.share > 0, one.feedback, answer=one.html.translate(_SPECIAL))
                for one in shape.answers
            ]
            yield _question(item, item.stem, kind, answers)
        case "number":
            answers = [
                _answer(shape, one.right, one.feedback, type="value", value=one.value)
                for one in item.options
            ]
            answers.append({"type": "default", "feedback": _html(item.otherwise, item)})
            yield _question(item, item.stem, "numeric", answers)
        case "match":  # one question per thing to be classified
            for option in item.options:
                answers = [
                    _answer(shape, group == option.group, option.feedback, answer=_html(name, item))
                    for group, name in enumerate(item.classes)
                ]
                yield _question(item, f"{item.stem}\n{option.text}", "multiple_choice", answers)
        case "order":  # there is nothing like it
            return
        case form:
            assert_never(form)


def _question(item: Item, stem: str, kind: str, answers: list[dict[str, Any]]) -> dict[str, Any]:
    rows = "\n".join(f"{number:>3}  {line}" for number, line in item.lines)
    code = {"code": escape(cleaned(rows)).translate(_SPECIAL)} if rows else {}
    return {"question": _html(stem, item), "type": kind, **code, "answers": answers}


def _answer(shape: Shape, right: bool, feedback: str, **what: object) -> dict[str, Any]:
    return {**what, "correct": right, "feedback": _feedback(feedback, right, shape)}


def _feedback(said: str, right: bool, shape: Shape) -> str:
    """With a right answer goes the reason, for which there is no other place."""
    reason = [shape.item.why, *shape.after[-1:]] if right else []
    return _html("\n".join(dict.fromkeys(filter(None, [said, *reason]))), shape.item)


def _html(said: str, item: Item) -> str:
    return span(said, item.language).translate(_SPECIAL)
