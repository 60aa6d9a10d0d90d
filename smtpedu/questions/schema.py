"""What an item's table in a TOML file must look like, and what to say of one that does not.

Plain tables in, problems in words out, with what a misspelt name may have meant; `toml_files` makes
items of what passes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import islice
from typing import Any

from smtpedu.i18n import LANGUAGES, text
from smtpedu.questions.items import CONTRASTS, LEVELS, Problem
from smtpedu.questions.kinds import KINDS, Kind, judged

#: Characters of an id, and of any name that is worth looking at.
LONGEST_NAME = 80
#: Characters; longer than any question one would want to read.
LIMITS = {"stem": 1_000, "transcript": 20_000, "id": LONGEST_NAME, "title": 200}
_LIMIT = 600
_OPTIONS = 12
#: Problems of a question, or of the top of a file, that are told at once.
MOST = 30

#: Fields that stand at the top of a file, above its first `[[question]]`.
TOP = ("language", "title")

_REQUIRED = {"id": str, "kind": str, "stem": str, "options": list}
_TEXTS = ("objective", "level", "contrast", "source", "hint", "why", "session", "transcript")
_OPTIONAL = {
    **dict.fromkeys(_TEXTS, str),
    **{"about": list, "lesson": int, "lines": list, "without_picture": bool},
}
_SPECIAL = {"otherwise": str, "at": int, "classes": list, "why": str}
_OF_OPTION = {"feedback": str, "right": bool, "misconception": str}
#: How a step can be out of order.
OUT_OF_ORDER = {"early": -1, "late": 1}
_NAMES = {"text": str, "value": int, "line": int, "class": str}


def problems(question: object) -> Iterator[Problem]:
    """Everything that is wrong with one `[[question]]`, in the current language."""
    if not isinstance(question, dict):
        yield Problem(text("question.not_table"))
        return
    name = question.get("kind")
    if not isinstance(name, str) or name not in KINDS:
        known = text("question.kind", known=", ".join(judged()))
        yield Problem(misspelt("kind", name, KINDS) or known, "kind")
        name = suggestion(name, KINDS)  # so that whatever else is wrong is told, too
        if not name:
            return
    kind = KINDS[name]
    required = _REQUIRED | {name: _SPECIAL[name] for name in kind.needs}
    if not kind.has_options:
        required = {name: type_ for name, type_ in required.items() if name != "options"}
    twins = {name: dict for name in LANGUAGES if name in question}
    yield from _fields(question, required, _OPTIONAL | twins, _strays(question))
    yield from _deeper(question, kind)
    for name in twins:
        if isinstance(question[name], dict):
            for found in _twin(question, question[name], kind):
                yield Problem(text("question.twin", language=name, problem=found.message), name)
    yield from _options(question, kind)


def _twin(question: dict[str, Any], twin: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    """What is wrong with the texts of a question in another language: they are those it has."""
    texts = ("stem", "hint", "why", "otherwise")
    needs: dict[str, type] = {name: str for name in texts if question.get(name)}
    needs |= {"options": list} if kind.has_options else {}
    needs |= {"classes": list} if "classes" in kind.needs else {}
    yield from _fields(twin, needs, {}, set())
    of_option = {"feedback": str} | ({"text": str} if kind.option_field == "text" else {})
    for name in ("options", "classes"):
        counts = [len(one[name]) for one in (question, twin) if isinstance(one.get(name), list)]
        if len({*counts}) > 1:
            yield Problem(text("question.twin_count", field=f"`{name}`", count=counts[0]))
    options = twin.get("options")
    for number, option in enumerate(options if isinstance(options, list) else [], 1):
        fields = _fields(option, of_option, {}, set()) if isinstance(option, dict) else ()
        said = [found.message for found in fields]
        for problem in said if isinstance(option, dict) else [text("question.not_table")]:
            yield Problem(text("question.option", number=number, problem=problem))


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
    unknown = islice((name for name in table if name not in known), MOST)
    suggested = {suggestion(name, known) for name in unknown}
    for name in required:
        value = table.get(name)
        empty = (value.strip() if isinstance(value, str) else value) in ("", None, [])
        if empty and not (name not in table and name in suggested | strays):
            yield Problem(text("question.missing", field=f"`{name}`"), name)
    for name, value in table.items():
        if name in known:
            said = _ill_typed(name, value, known[name])
        elif name in TOP:
            said = text("question.top", field=f"`{name}`")
        else:
            said = unknown_field(name, known)
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
    for field, values in (("level", LEVELS), ("contrast", CONTRASTS)):
        value = question.get(field)
        if isinstance(value, str) and value and value not in values:
            known = text("question.one_of", field=f"`{field}`", known=", ".join(values))
            yield Problem(misspelt(field, value, values) or known, field)
    about = question.get("about")
    if isinstance(about, list) and not all(type(one) is int and 200 <= one < 600 for one in about):
        yield Problem(text("question.about"), "about")
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
    needs = {kind.option_field: _NAMES[kind.option_field], "feedback": str}
    if "classes" in kind.needs:
        needs["class"] = str
    allowed = _OF_OPTION | ({"mistaken": str} if kind.rights == "none" else {})
    # A field of the question, unless it is one of the option with a letter too many.
    near = needs.keys() - option.keys()
    above = {
        name
        for name in option.keys() & {*_REQUIRED, *_OPTIONAL, *kind.needs}
        if not suggestion(name, near)
    }
    below = {name: option[name] for name in option if name not in above}
    for name in option:
        if name in above:
            yield Problem(text("question.below", field=f"`{name}`", number=number), name, number)
    for found in _fields(below, needs, allowed, set()):
        said = text("question.option", number=number, problem=found.message)
        yield Problem(said, found.field, number)


def _together(question: dict[str, Any], kind: Kind) -> Iterator[Problem]:
    """What options are as a whole."""
    options = question["options"]
    names = [_plain(option[kind.option_field]) for option in options]
    for number, name in enumerate(names, 1):
        if (first := names.index(name) + 1) < number:
            said = text("question.repeated", first=first, second=number)
            yield Problem(said, kind.option_field, number)
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
        known = [one for one in classes or OUT_OF_ORDER if one != option.get("class")]
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


# ---- what a misspelt name may have meant ----


def suggestion(name: object, known: Iterable[str]) -> str:
    """The known name that is most like this one; empty when none is like it."""
    if not isinstance(name, str) or len(name) > LONGEST_NAME:
        return ""
    return next(iter(get_close_matches(name.casefold(), list(known), 1)), "")


def suggestions(name: str, known: Iterable[str]) -> str:
    """The known names that are most like this one, or the first few, for an error."""
    known = list(known)
    return ", ".join(get_close_matches(name, known, 3, 0.4) or sorted(known)[:5])


def misspelt(field: str, name: object, known: Iterable[str]) -> str:
    """The error for a name that is like a known one; empty when it is like none."""
    if not (near := suggestion(name, known)):
        return ""
    return text("question.meant", field=f"`{field}`", name=f"`{name}`", near=f"`{near}`")


def unknown_field(field: str, known: Iterable[str]) -> str:
    """The error for a field that is none."""
    known = list(known)
    if near := suggestion(field, known):
        return text("question.meant_field", field=f"`{field}`", near=f"`{near}`")
    shown = ", ".join(f"`{one}`" for one in known)
    return text("question.unknown", field=f"`{field[:LONGEST_NAME]}`", known=shown)
