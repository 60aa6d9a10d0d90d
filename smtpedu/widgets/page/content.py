"""What a page has for every widget: the modules, the style sheet, texts and facts by part.

The prebuilt extension of JupyterLab has them as files, so that a notebook holds none of them;
elsewhere the loader of a widget asks Python for them, once a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from smtpedu.course.challenges import challenges
from smtpedu.dialogue.captures import captures
from smtpedu.i18n import LANGUAGES, in_each_language, strings
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.reference.compare import ASPECTS, commands, facts, sources
from smtpedu.reference.registry import Code
from smtpedu.widgets.page import bank, decision, dialogue, servers

WIDGETS = Path(__file__).parents[1]
_FIRST = ("shared/system.css", "shared/parts.css")


def modules() -> dict[str, str]:
    """Every ES module by its path in `widgets`."""
    paths = sorted(WIDGETS.glob("*/*.js"))
    return {path.relative_to(WIDGETS).as_posix(): path.read_text("utf-8") for path in paths}


def style(folders: Sequence[str] = ("*",)) -> str:
    """One sheet for all widgets: the system, its parts, then each widget's own grids.

    With `folders` only what is in these.
    """
    paths = [path for folder in folders for path in WIDGETS.glob(f"{folder}/*.css")]
    found = sorted(path.relative_to(WIDGETS).as_posix() for path in paths)
    ordered = [*_FIRST, *(path for path in found if path not in _FIRST)]
    return "".join((WIDGETS / path).read_text("utf-8") for path in ordered)


def part(name: str) -> str:
    """A part of what widgets load, as JSON. Raises `KeyError` for a name that is not in `PARTS`."""
    return json.dumps(PARTS[name](), ensure_ascii=False, separators=(",", ":"))


def _strings() -> dict[str, Any]:
    """Language → key → text."""
    return strings(*_STRINGS)


def _codes() -> dict[str, Any]:
    """Language → codes with card and facts, hand-written pairs, unofficial codes, commands."""
    verbs = [row["command"] for row in registry.replies() if row["command"] != ANY]
    return {name: {**_codes_in(name), "commands": list(dict.fromkeys(verbs))} for name in LANGUAGES}


def _codes_in(name: str) -> dict[str, Any]:
    titled = ((code, texts.unofficial(code, name)) for code in registry.unofficial())
    written = ((a, b, texts.pair(a, b, name)) for a, b in texts.pairs())
    return {
        "codes": [_code(code, name) for code in registry.defined_codes().values()],
        "unofficial": {code: said for code, (_, said) in titled},
        "pairs": {f"{a}-{b}": asdict(pair) for a, b, pair in written if pair},
    }


def _code(code: Code, name: str) -> dict[str, Any]:
    of_code = facts(code, name)
    return {
        "code": code.code,
        "text": code.text,
        "texts": asdict(texts.card(code.code, name)),
        "facts": [[aspect, of_code[aspect]] for aspect in ASPECTS],
        "commands": commands(code.code),
        "sources": sources(code, code, name),
    }


def _sessions() -> dict[str, Any]:
    """Every captured session as the player draws it, the `choices` when a reply is predicted.

    Replies to `usual` are asked only by name. `lawful` has, by command, all codes that it may get,
    and for `any` those that each may get.
    """
    drawn = {name: dialogue.drawn_session(one.session) for name, one in captures().items()}
    for session in drawn.values():
        session.pop("texts", None)  # all of them are among the meanings
    return {
        "sessions": drawn,
        "choices": dialogue.CHOICES,
        "otherwise": dialogue.CHOICES_OTHERWISE,
        "usual": dialogue.USUAL,
        "lawful": dialogue.lawful(),
    }


def _challenges() -> dict[str, Any]:
    return {one.name: in_each_language(one.texts) for one in challenges(None, range(600))}


PARTS: dict[str, Callable[[], Any]] = {
    "strings": _strings,
    "codes": _codes,
    "meanings": dialogue.meanings,
    "sessions": _sessions,
    "servers": servers.captured,
    "decision": decision.shipped,
    "challenges": _challenges,
    "bank": bank.shipped,
    "scenes": bank.scenes,
    "objectives": bank.named,
}

#: Beginnings of the keys of the strings that some widget uses.
_STRINGS = (
    *("widget.", "card.", "severity.", "category.", "digit.", "outcome.", "aspect.", "list."),
    *("state.", "verb.", "does.", "responsible.", "envelope.", "decision.", "next.", "four."),
    *("session.", "note.", "player.", "compare.", "explorer.", "policy.", "servers.", "console."),
    *("ask.", "scene.", "report.", "overview."),
)


def packet(name: str) -> str:
    """What a page asks Python for by this name: a part, or `"code"`: all modules and the sheet."""
    if name != "code":
        return part(name)
    return json.dumps({"modules": modules(), "style": style(), "strings": _strings()})
