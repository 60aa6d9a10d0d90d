"""What a question in a TOML file must look like, and what to say of one that does not.

The law of this file: plain tables in, problems in words out. `items` makes items of what
passes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from smtpedu.language import text

LEVELS = ("recall", "explain", "predict", "diagnose", "design")

#: Characters; longer than any question one would want to read.
LIMITS = {"stem": 1_000, "transcript": 20_000, "id": 80}
_LIMIT = 600
_OPTIONS = 12


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


def problems(question: object) -> Iterator[str]:
    """Everything that is wrong with one `[[question]]`, in the current language."""
    if not isinstance(question, dict):
        yield text("question.not_table")
        return
    kind = KINDS.get(str(question.get("kind")))
    if kind is None:
        yield text("question.kind", known=", ".join(KINDS))
        return
    required = _REQUIRED | {name: _SPECIAL[name] for name in kind.needs}
    found = list(_fields(question, required, _OPTIONAL))
    yield from found or _deeper(question, kind)


def _fields(
    table: dict[str, Any], required: dict[str, Any], optional: dict[str, Any]
) -> Iterator[str]:
    for name in required:
        value = table.get(name)
        if (value.strip() if isinstance(value, str) else value) in ("", None, []):
            yield text("question.missing", field=f"`{name}`")
    for name, value in table.items():
        wanted = required.get(name) or optional.get(name)
        if wanted is None:
            known = ", ".join(f"`{one}`" for one in (*required, *optional))
            yield text("question.unknown", field=f"`{name}`", known=known)
        # True is an int, yet no number to type.
        elif not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
            yield text("question.type", field=f"`{name}`", wanted=text(f"type.{wanted.__name__}"))
        elif isinstance(value, str) and len(value) > (limit := LIMITS.get(name, _LIMIT)):
            yield text("question.long", field=f"`{name}`", length=len(value), limit=limit)


def _deeper(question: dict[str, Any], kind: Kind) -> Iterator[str]:
    """What can be asked once every field is there and of its type."""
    if question.get("level") and question["level"] not in LEVELS:
        yield text("question.level", known=", ".join(LEVELS))
    if ("session" in question) and ("transcript" in question):
        yield text("question.two_dialogues")
    if kind.dialogue and not ("session" in question or "transcript" in question):
        yield text("question.no_dialogue")
    lines = question.get("lines", [1, 1])
    if [type(line) for line in lines] != [int, int] or not 1 <= lines[0] <= lines[1]:
        yield text("question.lines")
    yield from _options(question, kind)


def _options(question: dict[str, Any], kind: Kind) -> Iterator[str]:
    options = question["options"]
    if not 2 <= len(options) <= _OPTIONS:
        yield text("question.count", count=len(options), most=_OPTIONS)
    needs = {kind.names: _NAMES[kind.names], "feedback": str}
    if "classes" in kind.needs:
        needs["class"] = str
    allowed = _OF_OPTION | ({"mistaken": str} if kind.rights == "none" else {})
    found = []
    for number, option in enumerate(options, 1):
        said = (
            _fields(option, needs, allowed)
            if isinstance(option, dict)
            else [text("question.not_table")]
        )
        found += [text("question.option", number=number, problem=problem) for problem in said]
    yield from found or _together(question, kind)


def _together(question: dict[str, Any], kind: Kind) -> Iterator[str]:
    """What options are as a whole."""
    options = question["options"]
    names = [_plain(option[kind.names]) for option in options]
    for number, name in enumerate(names, 1):
        if names.index(name) + 1 < number:
            yield text("question.repeated", first=names.index(name) + 1, second=number)
    rights = sum(option.get("right", False) for option in options)
    fits = {"one": rights == 1, "some": 0 < rights < len(options), "none": rights == 0}
    if not fits[kind.rights]:
        yield text(f"rights.{kind.rights}", count=rights)
    classes = question["classes"] if "classes" in kind.needs else []
    if "classes" in kind.needs:
        yield from _classes(classes, [option["class"] for option in options])
    for number, option in enumerate(options, 1):
        known = [one for one in classes or PLACES if one != option.get("class")]
        if "mistaken" in option and option["mistaken"] not in known:
            problem = text("question.mistaken", known=", ".join(map(str, known)))
            yield text("question.option", number=number, problem=problem)


def _classes(classes: list[Any], used: list[str]) -> Iterator[str]:
    if not 2 <= len(classes) <= 4 or not all(isinstance(one, str) and one for one in classes):
        yield text("question.classes")
    elif set(classes) != set(used) or len(set(classes)) < len(classes):
        yield text("question.classes_used", known=", ".join(classes))


def _plain(name: object) -> object:
    """Two options that differ in spaces or case only are the same to a reader."""
    return " ".join(name.split()).casefold() if isinstance(name, str) else name
