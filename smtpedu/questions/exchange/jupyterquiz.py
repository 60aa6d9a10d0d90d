"""Questions of jupyterquiz as our items, and ours as its file.

The format is that of its schema and README (github.com/jmshea/jupyterquiz). What cannot be asked
here as it was there is named, by the question's number, and never dropped without a word; HTML
becomes plain text. jupyterquiz shows what it gets as HTML and takes `$` for a formula and brackets
for a link.
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
from smtpedu.questions.exchange.html import Answer, Shape, fit, from_html, shape, span
from smtpedu.questions.items import Item, Option
from smtpedu.questions.schema import problems

# ---- in ----

_LARGEST = 5_000_000  # bytes of a file
_LONGEST = 20_000  # characters of one text
_WHOLE = re.compile(r"\s*-?[0-9]{1,9}\s*", re.ASCII)
_FEW = 3  # answers from which one can choose


class _LeftOutError(ValueError):
    """Why a question cannot be asked here."""


def parse(path: Path) -> tuple[list[Item], list[str]]:
    """The questions of a jupyterquiz file, and what was left out or changed, in words.

    Raises `DataError` for a file that is not one, or that has no question for us.
    """
    listed = questions(path)
    written_in = _language_of(listed)
    items, notes = [], []
    for number, question in enumerate(listed, 1):
        said: list[str] = []
        try:
            items.append(_Question(question, written_in, said).item(_id(path, number)))
        except _LeftOutError as problem:
            notes.append(text("interchange.left_out", number=number, problem=problem))
        else:
            notes += [text("interchange.changed", number=number, problem=one) for one in said]
    if not items:
        raise DataError(path, 1, " ".join([text("interchange.nothing"), *notes[:3]]))
    return items, notes


def questions(path: Path) -> list[Any]:
    """What a jupyterquiz file lists. Raises `DataError` for a file that is not one."""
    if path.stat().st_size > _LARGEST:
        raise DataError(path, 1, text("question.large", limit=_LARGEST))
    try:
        content = json.loads(text_of(path).removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        problem = text("interchange.not_json", reason=error.msg)
        raise DataError(path, error.lineno, problem) from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, DataError):
            raise
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


def _id(path: Path, number: int) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", path.stem.casefold()).strip("-")[:60]
    return f"{name or 'imported'}-{number}"


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
        question = {
            **{"id": name, "kind": made["kind"], "stem": self.stem()},
            "options": [_table(option) for option in made["options"]],
            **({"otherwise": made["otherwise"]} if "otherwise" in made else {}),
        }
        for problem in problems(question):
            raise _LeftOutError(problem.message)
        return Item(
            **{name: question[name] for name in ("id", "kind", "stem")},
            options=tuple(made["options"]),
            otherwise=made.get("otherwise", ""),
            language=self.language,
        )

    def stem(self) -> str:
        parts = (self.text(self.question, "question"), self.code(self.question))
        return "\n".join(filter(None, parts))

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
        said = self.text(answer, "feedback")
        if said:
            return said
        if right:
            return text("interchange.right", in_language=self.language)
        return text("interchange.wrong", in_language=self.language)

    def option(self, answer: dict[str, Any], said: str, value: int | None = None) -> Option:
        right = str(answer.get("correct")).strip().casefold() == "true"
        return Option(self.feedback(answer, right), said, right=right, value=value)

    def otherwise(self) -> str:
        """What is said to any other answer."""
        default = [one for one in self.answers if str(one.get("type")) == "default"]
        return self.feedback(default[0] if default else {}, right=False)

    def choice(self) -> dict[str, Any]:
        """One right answer or several: jupyterquiz, too, goes by their number, not by the type."""
        options = [
            self.option(one, " ".join(filter(None, (self.text(one, "answer"), self.code(one)))))
            for one in self.answers
        ]
        several = sum(option.right for option in options) > 1
        return {"kind": "choices" if several else "choice", "options": options}

    def numeric(self) -> dict[str, Any]:
        options, precision = [], self.question.get("precision")
        for answer in self.answers:
            if "value" in answer:
                options += self.whole(answer, [answer["value"]])
            elif "range" in answer:
                options += self.whole(answer, self.inside(answer["range"]))
        for option in options:
            if isinstance(precision, int) and 0 < precision < len(str(abs(option.value or 0))):
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

    def whole(self, answer: dict[str, Any], values: list[Any]) -> list[Option]:
        found = [int(one) for value in values if (one := _whole(value)) is not None]
        options = [self.option(answer, str(value), value) for value in found]
        if not options or "range" in answer:
            self.said.append(text("interchange.only_whole", answer=_short(answer)))
        return options

    def number(self, options: list[Option]) -> dict[str, Any]:
        # The first that fits decides, in jupyterquiz.
        first: dict[int | None, Option] = {}
        for option in options:
            first.setdefault(option.value, option)
        rights = [option for option in first.values() if option.right]
        if len(rights) != 1:
            raise _LeftOutError(text("interchange.one_number", count=len(rights)))
        otherwise = self.otherwise()
        if len(first) == 1:  # one wrong number must be foreseen: it gets what any other gets
            value = (rights[0].value or 0) + 1
            first[value] = Option(otherwise, str(value), value=value)
        return {"kind": "number", "options": list(first.values()), "otherwise": otherwise}

    def string(self) -> dict[str, Any]:
        """What was to be typed: a number still is; of words, one is chosen instead."""
        typed = [one for one in self.answers if "answer" in one]
        options = [self.option(one, self.text(one, "answer")) for one in typed]
        if options and all(_WHOLE.fullmatch(option.text) for option in options):
            pairs = zip(typed, options, strict=True)
            return self.number([self.option(one, o.text, int(o.text)) for one, o in pairs])
        if sum(option.right for option in options) != 1 or len(options) < _FEW:
            raise _LeftOutError(text("interchange.typed"))
        self.said.append(text("interchange.now_chosen"))
        return {"kind": "choice", "options": options}


def _whole(value: Any) -> int | None:
    """551, 551.0 or "551" as a number; nothing else is one that can be typed here."""
    if isinstance(value, str) and _WHOLE.fullmatch(value):
        return int(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if math.isfinite(value) and value == int(value) else None


def _short(answer: dict[str, Any]) -> str:
    return str(answer.get("value", answer.get("range")))[:40]


def _table(option: Option) -> dict[str, Any]:
    """The option as the table in a file that `problems` checks."""
    name = "text" if option.value is None else "value"
    return {one: getattr(option, one) for one in (name, "feedback", "right")}


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
        case "single":
            yield _question(item, item.stem, "multiple_choice", _chosen(shape.answers, shape))
        case "multiple":
            yield _question(item, item.stem, "many_choice", _chosen(shape.answers, shape))
        case "number":
            yield _question(item, item.stem, "numeric", _numbers(shape))
        case "match":  # one question per thing to be classified
            for option in item.options:
                answers = _chosen(_classes(item, option), shape)
                yield _question(item, f"{item.stem}\n{option.text}", "multiple_choice", answers)
        case "order":  # there is nothing like it
            return
        case form:
            assert_never(form)


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
