"""What a page has for every widget: the modules, the style sheet, texts and facts by part.

The prebuilt extension of JupyterLab has them as files, so that a notebook holds none of them;
elsewhere the loader of a widget asks Python for them, once a page.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.dialogue.captures import captures
from smtpedu.i18n import LANGUAGES, strings
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.reference.compare import ASPECTS, commands, facts, sources
from smtpedu.reference.registry import Code

WIDGETS = Path(__file__).parents[1]
_FIRST = ("shared/system.css", "shared/parts.css")


def modules() -> dict[str, str]:
    """Every ES module by its path in `widgets`."""
    paths = sorted(WIDGETS.glob("*/*.js"))
    return {path.relative_to(WIDGETS).as_posix(): path.read_text("utf-8") for path in paths}


def style() -> str:
    """One sheet for all widgets: the system, its parts, then each widget's own grids."""
    found = sorted(path.relative_to(WIDGETS).as_posix() for path in WIDGETS.glob("*/*.css"))
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


@cache
def meanings() -> dict[str, Any]:
    """Language → `means` (`VERB CODE` or `VERB CODE situation` → sentence), `titles`, `enhanced`.

    The situations are those of the captured sessions.
    """
    codes, verbs = registry.defined_codes(), {row["command"] for row in registry.replies()}
    usual = {f"{verb} {code}": (verb, code) for verb in sorted(verbs) for code in codes}
    turns = [turn for one in captures().values() for turn in one.session.turns]
    said = [(turn.verb, turn.said) for turn in turns if isinstance(turn.said, Reply)]
    special = {
        f"{verb} {texts.special_case(verb, reply)}": (verb, reply)
        for verb, reply in said
        if texts.special_case(verb, reply)
    }
    return {
        name: {
            "means": {key: texts.code_meaning(*asked, name) for key, asked in usual.items()}
            | {key: texts.reply_meaning(*asked, name) for key, asked in special.items()},
            "titles": {str(code): texts.card(code, name).title for code in codes},
            "enhanced": {code: row["name"] for code, row in registry.enhanced().items()},
        }
        for name in LANGUAGES
    }


def _sessions() -> dict[str, Any]:
    """Every captured session as the player draws it, the `choices` when a reply is predicted.

    `lawful` has, by command, all codes that it may get, and for `any` those that each may get.
    """
    from smtpedu.widgets.player import CHOICES, CHOICES_OTHERWISE, drawn_session

    drawn = {name: drawn_session(one.session) for name, one in captures().items()}
    return {
        "sessions": drawn,
        "choices": CHOICES,
        "otherwise": CHOICES_OTHERWISE,
        "lawful": lawful(),
    }


def lawful() -> dict[str, list[int]]:
    """Command → the codes that a server may lawfully send in reply."""
    rows = registry.replies()
    # What else stands under `any` is for states that the server announced before.
    general = [r["code"] for r in rows if r["command"] == ANY and r["section"] == "4.3.2"]
    own = {r["command"]: [s["code"] for s in rows if s["command"] == r["command"]] for r in rows}
    return {verb: sorted({*codes, *general}) for verb, codes in {**own, ANY: general}.items()}


def _servers() -> dict[str, Any]:
    from smtpedu.widgets.servers import captured

    return captured()


PARTS: dict[str, Callable[[], Any]] = {
    "strings": _strings,
    "codes": _codes,
    "meanings": meanings,
    "sessions": _sessions,
    "servers": _servers,
}

#: Beginnings of the keys of the strings that some widget uses.
_STRINGS = (
    *("widget.", "card.", "severity.", "category.", "digit.", "outcome.", "aspect.", "list."),
    *("state.", "verb.", "does.", "responsible.", "envelope.", "decision.", "next.", "four."),
    *("session.", "note.", "player.", "compare.", "explorer.", "policy.", "servers.", "console."),
    *("ask.", "scene.", "report."),
)
