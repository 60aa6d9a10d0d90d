"""How a file of questions is read: TOML in, items out, each problem in words and with its line.

The law of this file: `schema` says what a question must look like; here it meets its dialogue.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from math import inf
from pathlib import Path
from typing import Any

from smtpedu.captures import session
from smtpedu.files import DataError
from smtpedu.language import LANGUAGES, text
from smtpedu.questions.items import Item, Option
from smtpedu.questions.schema import LIMITS, PLACES, TOP, problems
from smtpedu.questions.slips import Problem, meant, unknown
from smtpedu.questions.source import Source
from smtpedu.session import annotate
from smtpedu.transcript import TranscriptError

#: What is wrong with an item beyond its form.
Objections = Callable[[Item], Iterable[Problem]]


def _no_objection(_: Item) -> Iterable[Problem]:
    return ()


def load(path: Path, objections: Objections = _no_objection) -> list[Item]:
    """The items of a file. Raises `DataError` with file, line, question and field."""
    found: list[Item] = []
    for result in read(path, objections):
        if isinstance(result, DataError):
            raise result
        found.append(result)
    return found


def title_of(path: Path) -> str:
    """The title that a file gives its quiz; empty when it has none. Raises `DataError`."""
    return str(Source(path).content.get("title", ""))


def read(path: Path, objections: Objections = _no_objection) -> Iterator[Item | DataError]:
    """Each question of a file as an item, or everything that is wrong with it.

    `objections` may find more that is wrong with an item of the right form.
    """
    try:
        source = Source(path)
    except DataError as error:
        yield error
        return
    top = list(_top(source))
    yield from (source.error(problem.said, field=problem.field) for problem in top)
    questions, language = source.content.get("question"), source.content.get("language", "en")
    if not isinstance(questions, list):
        return
    ids = set[str]()
    for number, question in enumerate(questions, 1):
        item, found = _item(question, "en" if top else language)
        if item:
            found += [Problem(text("question.twice"), "id")] if item.id in ids else []
            found += objections(item)
            ids.add(item.id)
        for problem in found:
            said = f"{_title(number, question)}: {problem.said}"
            yield source.error(said, number, problem.option, problem.field)
        if item and not found:
            yield item


def _top(source: Source) -> Iterator[Problem]:
    """What is wrong with a file before its first question."""
    content, known = source.content, ("question", *TOP)
    slips = [name for name in content if name not in known]
    for name in slips:
        yield Problem(unknown(name, known) if meant(name, known) else text("question.file"), name)
    if not (isinstance(content.get("question"), list) or slips):
        yield Problem(text("question.file"), "question")
    language, title = content.get("language", "en"), content.get("title", "-")
    if not isinstance(language, str) or language not in LANGUAGES:
        said = text("error.language", name=language, known=", ".join(LANGUAGES))
        yield Problem(said, "language")
    if not isinstance(title, str) or not 0 < len(title.strip()) <= LIMITS["title"]:
        yield Problem(text("question.bad_title", limit=LIMITS["title"]), "title")


def _title(number: int, question: Any) -> str:
    """How an error names a question."""
    name = question.get("id") if isinstance(question, dict) else None
    named = isinstance(name, str) and len(name) <= LIMITS["id"]
    return text("question.title", number=number, name=f" `{name}`" if named else "")


def _item(question: Any, language: str) -> tuple[Item | None, list[Problem]]:
    """The item of a question, where its form is right, and what is wrong with it."""
    if found := list(problems(question)):
        return None, found
    lines: list[tuple[int, str]] = []
    try:
        lines = _dialogue(question)
    except _DialogueError as error:
        found.append(error.problem)
    item = _made(question, lines, language)
    return item, found or list(_against(item, dict(lines)))


def _made(question: dict[str, Any], lines: list[tuple[int, str]], language: str) -> Item:
    plain = {
        name: value
        for name, value in question.items()
        if name not in ("options", "lines", "session", "transcript", "classes")
    }
    classes = tuple(question.get("classes", ()))
    return Item(
        **plain,
        options=tuple(_option(option, classes, dict(lines)) for option in question["options"]),
        classes=classes,
        lines=tuple(line for line in lines if line[0] < question.get("at", inf)),
        language=language,
    )


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


class _DialogueError(Exception):
    """Why the dialogue of a question cannot be shown."""

    def __init__(self, said: str, field: str) -> None:
        super().__init__(said)
        self.problem = Problem(said, field)


def _dialogue(question: dict[str, Any]) -> list[tuple[int, str]]:
    """The numbered lines of the dialogue that the question is about."""
    try:
        if "session" in question:
            rows = str(session(question["session"])).split("\n")
        elif "transcript" in question:
            rows = str(annotate(question["transcript"])).split("\n")
        else:
            return []
    except LookupError as error:
        raise _DialogueError(error.args[0], "session") from None
    except TranscriptError as error:
        problem = text("question.dialogue", problem=error)
        raise _DialogueError(problem, "transcript") from None
    first, last = question.get("lines", (1, len(rows)))
    if last > len(rows):
        raise _DialogueError(text("question.lines"), "lines")
    return list(enumerate(rows[first - 1 : last], first))


def _against(item: Item, lines: dict[int, str]) -> Iterator[Problem]:
    """A line pointed at must be there, and what is predicted must be what was said."""
    if item.kind == "point":
        for number, option in enumerate(item.options, 1):
            if option.value not in lines:
                yield Problem(text("question.no_line", line=option.value), "line", number)
    if item.kind == "predict":
        said = lines.get(item.at or 0, "")
        right = next(option.text for option in item.options if option.right)
        if not said.startswith("S: ") or said[3:6] not in right:
            yield Problem(text("question.predicted", line=item.at, said=said), "at")
