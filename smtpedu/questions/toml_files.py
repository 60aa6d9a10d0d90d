"""Files of questions in our own format, which is TOML: read into items, and written.

Each problem is told in words, with the line of the file where a teacher has to look.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import cached_property
from itertools import islice
from math import inf
from pathlib import Path
from typing import Any

from smtpedu.dialogue.captures import session
from smtpedu.dialogue.lines import TranscriptError
from smtpedu.dialogue.session import annotate
from smtpedu.files import DataError, TomlError, absolute, parse_toml, text_of
from smtpedu.i18n import LANGUAGES, text
from smtpedu.questions import schema
from smtpedu.questions.items import Item, Option, Problem
from smtpedu.questions.kinds import KINDS

# ---- the file as it was written ----

_LARGEST = 2_000_000  # bytes of a file of questions
_QUESTION = re.compile(r"\s*\[\[\s*question\s*\]\]")
_OPTION = re.compile(r"\s*\[\[\s*question\s*\.\s*options\s*\]\]")
_FIELD = re.compile(
    r"""\s*(?:\[\[?\s*(?:question\s*\.\s*)?)?(?:"([^"]*)"|'([^']*)'|([\w-]+))\s*(?:\]\]?\s*)?(?:=|$)"""
)
# TOML 1.0, "String" and "Comment": what may hold a line that looks like a field and is none.
_LITERAL = re.compile(
    r"""(?P<long>"{3}(?:\\.|[^\\])*?"{3,5}|'{3}.*?'{3,5})|(?P<open>"{3}|'{3})"""
    r"""|"(?:\\.|[^"\\\n])*"|'[^'\n]*'|(?P<lone>')|\#[^\n]*""",
    re.DOTALL,
)
# What is said here → how tomllib begins what it says.
_REASONS = {
    "toml.quote": (
        *("Illegal character '\\n'", "Found invalid character '\\n'"),
        *("Unterminated string", "Expected \"'"),
    ),
    "toml.value": ("Invalid value",),
    "toml.backslash": ("Unescaped '\\' in a string", "Invalid hex value", "Escaped character"),
    "toml.rest": ("Expected newline or end of document",),
    "toml.equals": ("Expected '=' after a key", "Invalid statement"),
    "toml.list": ("Unclosed array",),
    "toml.header": ("Expected ']",),
    "toml.twice": ("Cannot overwrite a value", "Cannot declare"),
}


class TomlFile:
    """The file, read once. Raises `DataError` with its line for what is no TOML, or too large."""

    def __init__(self, path: Path) -> None:
        self.path, written = path, text_of(path)
        if len(written.encode()) > _LARGEST:
            raise DataError(path, 1, text("question.large", limit=_LARGEST))
        self._written = written.removeprefix("\ufeff").replace("\r\n", "\n")
        try:
            self.content: dict[str, Any] = parse_toml(path, written)
        except TomlError as error:
            raise _in_plain_words(error, self._written) from None

    @property
    def title(self) -> str:
        """The title that the file gives its quiz; empty when it has none."""
        return str(self.content.get("title", ""))

    def error(self, problem: str, question: int = 0, option: int = 0, field: str = "") -> DataError:
        """The problem with the line it is in: the field's, where it stands in a line of its own.

        Else it is where the option, or the question, begins; questions and options count from 1,
        and 0 is the top of the file, or the question itself.
        """
        return DataError(self.path, self._line(question, option, field), problem)

    def _line(self, question: int, option: int, field: str) -> int:
        starts, options = self._starts, self._options
        first, last = 1, len(self._rows)
        if 0 < question < len(starts):
            first, last = starts[question - 1], starts[question] - 1
        before = bisect_left(options, first)
        if before + option > bisect_right(options, last):  # they are written `options = [{…}]`
            field, option = "options", 0
        if option:
            first, last = options[before + option - 1], min(last, options[before + option] - 1)
        elif field not in LANGUAGES:  # a twin stands below them
            last = min(last, options[before] - 1)
        rows = self._fields.get(field, [])
        place = bisect_left(rows, first)
        return rows[place] if place < len(rows) and rows[place] <= last else first

    # What was written is gone through once, not for each problem.

    @cached_property
    def _rows(self) -> list[str]:
        """The lines of the file, without comments and what is in texts of several lines."""
        return _LITERAL.sub(_emptied, self._written).split("\n")

    @cached_property
    def _starts(self) -> list[int]:
        return self._matching(_QUESTION)

    @cached_property
    def _options(self) -> list[int]:
        return self._matching(_OPTION)

    @cached_property
    def _fields(self) -> dict[str, list[int]]:
        """Field → the numbers of the rows that begin with it."""
        fields: dict[str, list[int]] = {}
        for number, row in enumerate(self._rows, 1):
            if found := _FIELD.match(row):
                fields.setdefault(found[found.lastindex or 0], []).append(number)
        return fields

    def _matching(self, pattern: re.Pattern[str]) -> list[int]:
        """The numbers of the rows that match, and that after the last row."""
        found = [number for number, row in enumerate(self._rows, 1) if pattern.match(row)]
        return [*found, len(self._rows) + 1]


def check_exists(path: Path) -> None:
    """Raises `FileNotFoundError` in words that say where the file was looked for."""
    if not path.exists():
        where = absolute(path).parent
        raise FileNotFoundError(text("error.no_file", name=path.name, folder=where))


def _emptied(found: re.Match[str]) -> str:
    if found["long"]:
        return '""' + "\n" * found[0].count("\n")
    return "" if found[0].startswith("#") else found[0]


def _in_plain_words(error: TomlError, written: str) -> DataError:
    """What TOML's reader says, for someone who has never heard of TOML."""
    key = next((key for key, said in _REASONS.items() if error.reason.startswith(said)), "")
    line, column = error.line, error.column
    if key == "toml.quote" and not column:  # the end of the file is not where to look
        line = _never_closed(written) or line
    said = text(key) if key else error.reason
    if column:
        said = text("toml.column", problem=said, column=column)
    return DataError(error.path, line, said)


def _never_closed(written: str) -> int:
    """The line of the first quote that begins a text without an end; 0 when there is none."""
    for found in _LITERAL.finditer(written):
        if found["open"] or found["lone"]:
            return written.count("\n", 0, found.start()) + 1
    return 0


# ---- reading ----

#: What is wrong with an item beyond its form.
Check = Callable[[Item], Iterable[Problem]]


def load(path: Path | TomlFile, check: Check = lambda _: ()) -> list[Item]:
    """The items of a file. Raises `DataError` with file, line, question and field."""
    found: list[Item] = []
    for result in read(path, check):
        if isinstance(result, DataError):
            raise result
        found.append(result)
    return found


def read(path: Path | TomlFile, check: Check = lambda _: ()) -> Iterator[Item | DataError]:
    """Each question of a file as an item, or everything that is wrong with it.

    `check` may find more that is wrong with an item of the right form.
    """
    try:
        file = path if isinstance(path, TomlFile) else TomlFile(path)
    except DataError as error:
        yield error
        return
    top = list(islice(_top(file), schema.MOST))
    yield from (file.error(problem.message, field=problem.field) for problem in top)
    questions, language = file.content.get("question"), file.content.get("language", "en")
    if not isinstance(questions, list):
        return
    ids = set[str]()
    for number, question in enumerate(questions, 1):
        item, found = item_from(question, "en" if top else language)
        if item:
            found += [Problem(text("question.twice"), "id")] if item.id in ids else []
            found += check(item)
            ids.add(item.id)
        for problem in found:
            said = f"{_title(number, question)}: {problem.message}"
            yield file.error(said, number, problem.option, problem.field)
        if item and not found:
            yield item


def _top(file: TomlFile) -> Iterator[Problem]:
    """What is wrong with a file before its first question."""
    content, known = file.content, ("question", *schema.TOP)
    others = [name for name in content if name not in known]
    for name in others:
        near = schema.suggestion(name, known)
        yield Problem(schema.unknown_field(name, known) if near else text("question.file"), name)
    if not (isinstance(content.get("question"), list) or others):
        yield Problem(text("question.file"), "question")
    language, title = content.get("language", "en"), content.get("title", "-")
    if not isinstance(language, str) or language not in LANGUAGES:
        said = text("error.language", name=language, known=", ".join(LANGUAGES))
        yield Problem(said, "language")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= schema.LIMITS["title"]:
        yield Problem(text("question.bad_title", limit=schema.LIMITS["title"]), "title")


def _title(number: int, question: Any) -> str:
    """How an error names a question."""
    name = question.get("id") if isinstance(question, dict) else None
    named = isinstance(name, str) and len(name) <= schema.LIMITS["id"]
    return text("question.title", number=number, name=f" `{name}`" if named else "")


def item_from(question: Any, language: str) -> tuple[Item | None, list[Problem]]:
    """The item of a `[[question]]`, where its form is right, and what is wrong with it."""
    if found := list(islice(schema.problems(question), schema.MOST)):
        return None, found
    lines = _dialogue(question)
    if isinstance(lines, Problem):
        return _made(question, [], language), [lines]
    item = _made(question, lines, language)
    return item, list(KINDS[item.kind].problems(item, dict(lines)))


def _made(question: dict[str, Any], lines: list[tuple[int, str]], language: str) -> Item:
    twins = {code: question[code] for code in LANGUAGES if code in question}
    special = ("options", "lines", "session", "transcript", "classes", "about", *twins)
    plain = {name: value for name, value in question.items() if name not in special}
    classes = tuple(question.get("classes", ()))
    options = question.get("options", ())
    item = Item(
        **plain,
        options=tuple(_option(option, classes, dict(lines)) for option in options),
        classes=classes,
        about=tuple(question.get("about", ())),
        lines=tuple(line for line in lines if line[0] < question.get("at", inf)),
        language=language,
    )
    return replace(item, twins=tuple(_twin(item, code, twin) for code, twin in twins.items()))


def _twin(item: Item, language: str, said: dict[str, Any]) -> Item:
    """The same item with these texts."""
    pairs = zip(item.options, said.get("options", ()), strict=True)
    options = tuple(replace(option, **texts) for option, texts in pairs)
    texts = {name: value for name, value in said.items() if name not in ("options", "classes")}
    classes = tuple(said.get("classes", ()))
    return replace(item, **texts, options=options, classes=classes, language=language)


def _option(option: dict[str, Any], classes: tuple[str, ...], lines: dict[int, str]) -> Option:
    value = option.get("value", option.get("line"))
    said, name = lines.get(option.get("line", 0), str(value)), option.get("mistaken", "")
    return Option(
        text=option.get("text", said),
        value=value,
        group=classes.index(option["class"]) if "class" in option else None,
        # The wrong class, or the wrong position, that shows the misconception.
        mistaken=classes.index(name) if name in classes else schema.OUT_OF_ORDER.get(name),
        **{name: option[name] for name in ("feedback", "right", "misconception") if name in option},
    )


def _dialogue(question: dict[str, Any]) -> list[tuple[int, str]] | Problem:
    """The numbered lines of the dialogue that the question is about, or why it has none."""
    try:
        if "session" in question:
            rows = str(session(question["session"])).split("\n")
        elif "transcript" in question:
            rows = str(annotate(question["transcript"])).split("\n")
        else:
            return []
    except LookupError as error:
        return Problem(error.args[0], "session")
    except TranscriptError as error:
        return Problem(text("question.dialogue", problem=error), "transcript")
    first, last = question.get("lines", (1, len(rows)))
    if last > len(rows):
        return Problem(text("question.lines"), "lines")
    return list(enumerate(rows[first - 1 : last], first))


# ---- writing ----


def dumps(items: Iterable[Item], header: str = "") -> str:
    """A file of these items, as `load` reads it. Raises `ValueError` for one with a dialogue."""
    items = list(items)
    lines = [f"# {row}" for row in header.splitlines()]
    lines.append(f"language = {_value(items[0].language if items else 'en')}")
    for item in items:
        if item.lines:
            raise ValueError(text("interchange.dialogue", name=item.id))
        lines += ["", *_item_rows(item)]
    return "\n".join(lines) + "\n"


def _item_rows(item: Item) -> Iterator[str]:
    yield "[[question]]"
    names = ("id", "kind", "objective", "level", "source", "stem", "hint", "why")
    yield from (f"{name} = {_value(getattr(item, name))}" for name in names)
    if item.otherwise:
        yield f"otherwise = {_value(item.otherwise)}"
    if item.classes:
        yield f"classes = [{', '.join(map(_value, item.classes))}]"
    for option in item.options:
        yield from _option_rows(option, item.classes)


def _option_rows(option: Option, classes: tuple[str, ...]) -> Iterator[str]:
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
