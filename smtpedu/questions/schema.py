"""What is wrong with a question, and what was probably meant.

The law of this file: names in, words out; it knows nothing of what a question looks like.

What a question in a TOML file must look like, and what to say of one that does not.

The law of this file: plain tables in, problems in words out. `items` makes items of what
passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from smtpedu.i18n import text

# ---- questions.slips ----

#: Characters of an id, and of any name that is worth looking at.
LONGEST_NAME = 80


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words, and where: in a field of the question, or of one of its options.

    `option` counts from 1; 0 is the question itself. Without a field it is the whole table.
    """

    said: str
    field: str = ""
    option: int = 0


def meant(name: object, known: Iterable[str]) -> str:
    """The known name that a name was probably to be; empty when none is like it."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    return next(iter(get_close_matches(name.casefold(), list(known), 1)), "")


def not_known(field: str, name: object, near: str) -> str:
    """The error for a name with one like it; empty when there is none."""
    if not near:
        return ""
    return text("question.meant", field=f"`{field}`", name=f"`{name}`", near=f"`{near}`")


def unknown(field: str, known: Iterable[str]) -> str:
    """The error for a field that is none."""
    known = list(known)
    if near := meant(field, known):
        return text("question.meant_field", field=f"`{field}`", near=f"`{near}`")
    shown = ", ".join(f"`{one}`" for one in known)
    return text("question.unknown", field=f"`{field[:LONGEST_NAME]}`", known=shown)


# ---- questions.schema ----

LEVELS = ("recall", "explain", "predict", "diagnose", "design")

#: Characters; longer than any question one would want to read.
LIMITS = {"stem": 1_000, "transcript": 20_000, "id": LONGEST_NAME, "title": 200}
_LIMIT = 600
_OPTIONS = 12

#: Fields that stand at the top of a file, above its first `[[question]]`.
TOP = ("language", "title")


@dataclass(frozen=True, slots=True)
class Kind:
    """What is special about questions of a kind.

    `names` is the field in which an option says what it stands for; `rights` how many options
    are right: "one", "some" (and not all) or "none", where right is a matter of place;
    `dialogue` whether one must be shown; `needs` are further fields.
    """

    names: str = "text"
    rights: str = "one"
    dialogue: bool = False
    needs: tuple[str, ...] = ()


KINDS = {
    "choice": Kind(),
    "choices": Kind(rights="some"),
    "number": Kind(names="value", needs=("otherwise",)),
    "order": Kind(rights="none"),
    "point": Kind(names="line", dialogue=True, needs=("otherwise",)),
    "predict": Kind(dialogue=True, needs=("at",)),
    "classify": Kind(rights="none", needs=("classes",)),
    "diagnose": Kind(dialogue=True),
}

_REQUIRED = {"id": str, "kind": str, "stem": str, "options": list}
_OPTIONAL = {
    **dict.fromkeys(("objective", "level", "source", "hint", "why"), str),
    **dict.fromkeys(("session", "transcript"), str),
    "lines": list,
}
_SPECIAL = {"otherwise": str, "at": int, "classes": list}
_OF_OPTION = {"feedback": str, "right": bool, "misconception": str}
#: How a step can be out of place.
PLACES = {"early": -1, "late": 1}
_NAMES = {"text": str, "value": int, "line": int, "class": str}


def problems(question: object) -> Iterator[Problem]:
    """Everything that is wrong with one `[[question]]`, in the current language."""
    if not isinstance(question, dict):
        yield Problem(text("question.not_table"))
        return
    name = question.get("kind")
    kind = KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        near = meant(name, KINDS)
        known = text("question.kind", known=", ".join(KINDS))
        yield Problem(not_known("kind", name, near) or known, "kind")
        if not near:
            return
        kind = KINDS[near]  # so that whatever else is wrong is told, too
    required = _REQUIRED | {name: _SPECIAL[name] for name in kind.needs}
    yield from _fields(question, required, _OPTIONAL, _strays(question))
    yield from _deeper(question, kind)
    yield from _options(question, kind)


def _strays(question: dict[str, Any]) -> set[str]:
    """Fields that the question's options have: TOML gives them whatever stands below."""
    options = question.get("options")
    tables = [one for one in options if isinstance(one, dict)] if isinstance(options, list) else []
    return {name for table in tables for name in table}


def _fields(
    table: dict[str, Any], required: dict[str, Any], optional: dict[str, Any], strays: set[str]
) -> Iterator[Problem]:
    """What is wrong with single fields. A field among `strays` is told there, not missed here."""
    known = required | optional
    slips = {meant(name, known) for name in table if name not in known}
    for name in required:
        value = table.get(name)
        empty = (value.strip() if isinstance(value, str) else value) in ("", None, [])
        if empty and not (name not in table and name in slips | strays):
            yield Problem(text("question.missing", field=f"`{name}`"), name)
    for name, value in table.items():
        if name in known:
            said = _ill_typed(name, value, known[name])
        elif name in TOP:
            said = text("question.top", field=f"`{name}`")
        else:
            said = unknown(name, known)
        if said:
            yield Problem(said, name)


def _ill_typed(name: str, value: object, wanted: type) -> str:
    # True is an int, yet no number to type.
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        return text("question.type", field=f"`{name}`", wanted=text(f"type.{wanted.__name__}"))
    if isinstance(value, str) and len(value) > (limit := LIMITS.get(name, _LIMIT)):
        return text("question.long", field=f"`{name}`", length=len(value), limit=limit)
    return ""


def _deeper(question: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    """What fields of the right type may yet be wrong with."""
    level = question.get("level")
    if isinstance(level, str) and level and level not in LEVELS:
        known = text("question.level", known=", ".join(LEVELS))
        yield Problem(not_known("level", level, meant(level, LEVELS)) or known, "level")
    if ("session" in question) and ("transcript" in question):
        yield Problem(text("question.two_dialogues"), "session")
    if kind.dialogue and not {"session", "transcript"} & (question.keys() | _strays(question)):
        yield Problem(text("question.no_dialogue"))
    lines = question.get("lines", [1, 1])
    if isinstance(lines, list) and (
        [type(line) for line in lines] != [int, int] or not 1 <= lines[0] <= lines[1]
    ):
        yield Problem(text("question.lines"), "lines")


def _options(question: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    options = question.get("options")
    if not isinstance(options, list) or not options:
        return
    if not 2 <= len(options) <= _OPTIONS:
        yield Problem(text("question.count", count=len(options), most=_OPTIONS), "options")
    found = [
        problem
        for number, option in enumerate(options[:_OPTIONS], 1)
        for problem in _option(number, option, kind)
    ]
    yield from found or ([] if len(options) > _OPTIONS else _together(question, kind))


def _option(number: int, option: object, kind: Kind) -> Iterator[Problem]:
    if not isinstance(option, dict):
        said = text("question.not_table")
        yield Problem(text("question.option", number=number, problem=said), "", number)
        return
    needs = {kind.names: _NAMES[kind.names], "feedback": str}
    if "classes" in kind.needs:
        needs["class"] = str
    allowed = _OF_OPTION | ({"mistaken": str} if kind.rights == "none" else {})
    # A field of the question, unless it is one of the option with a letter too many.
    above = {*_REQUIRED, *_OPTIONAL, *kind.needs}
    above -= {name for name in above if meant(name, needs.keys() - option.keys())}
    below = {name: option[name] for name in option if name not in above}
    for name in option:
        if name in above:
            yield Problem(text("question.below", field=f"`{name}`", number=number), name, number)
    for found in _fields(below, needs, allowed, set()):
        said = text("question.option", number=number, problem=found.said)
        yield Problem(said, found.field, number)


def _together(question: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    """What options are as a whole."""
    options = question["options"]
    names = [_plain(option[kind.names]) for option in options]
    for number, name in enumerate(names, 1):
        if (first := names.index(name) + 1) < number:
            said = text("question.repeated", first=first, second=number)
            yield Problem(said, kind.names, number)
    rights = [number for number, option in enumerate(options, 1) if option.get("right")]
    count = len(rights)
    fits = {"one": count == 1, "some": 0 < count < len(options), "none": count == 0}
    if not fits[kind.rights]:
        yield Problem(text(f"rights.{kind.rights}", count=count), "right", max(rights, default=0))
    classes = question.get("classes") if "classes" in kind.needs else []
    if isinstance(classes, list):
        yield from _grouped(classes, options, kind)


def _grouped(classes: list[Any], options: list[dict[str, Any]], kind: Kind) -> Iterator[Problem]:
    if classes:
        for said in _classes(classes, [option["class"] for option in options]):
            yield Problem(said, "classes")
    if kind.rights != "none" or ("classes" in kind.needs and not classes):
        return
    for number, option in enumerate(options, 1):
        known = [one for one in classes or PLACES if one != option.get("class")]
        if "mistaken" in option and option["mistaken"] not in known:
            problem = text("question.mistaken", known=", ".join(map(str, known)))
            said = text("question.option", number=number, problem=problem)
            yield Problem(said, "mistaken", number)


def _classes(classes: list[Any], used: list[str]) -> Iterator[str]:
    if not 2 <= len(classes) <= 4 or not all(isinstance(one, str) and one for one in classes):
        yield text("question.classes")
    elif set(classes) != set(used) or len(set(classes)) < len(classes):
        yield text("question.classes_used", known=", ".join(classes))


def _plain(name: object) -> object:
    """Two options that differ in spaces or case only are the same to a reader."""
    return " ".join(name.split()).casefold() if isinstance(name, str) else name
