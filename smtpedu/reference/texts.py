"""The texts about codes in the current language: of a code, of two, of a reply to a command.

Read from `data/prose/<language>.toml`. What a language lacks is given in English, and says so
in its `language` field.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from smtpedu.files import DataError, check_fields, folder, read_toml
from smtpedu.i18n import language, text
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.reference.situations import Situation, judge

_CARD = ("title", "description", "when", "fix", "use")
_PAIR = ("difference", "use", "trap", "read")
_UNOFFICIAL = ("title", "description")
_SITUATION = ("title", "happened", "steps")
# Under these commands a reply's situation says more than the meaning of its code.
_COMPOSED = {CONNECT, "EHLO", "HELO", "MAIL", "RCPT", "DATA", MESSAGE, ANY}
# What a code says of these under its command, no situation says better.
_SAID_BY_CODE = {
    *(Situation.SYNTAX, Situation.WRONG_ORDER),
    *(Situation.NOT_IMPLEMENTED, Situation.SERVER_CLOSING),
}
_PARTS = ("codes", "pairs", "meanings", "why_not", "situations", "unofficial")
#: Under `why_not`, the key for any code that says yes to a command in the wrong order.
OUT_OF_TURN = "out-of-turn"
_WHY_NOT = re.compile(rf"[2-5]\d\d|{OUT_OF_TURN}")


@dataclass(frozen=True, slots=True)
class Card:
    """What there is to say about one code; `use` is when a server is right to say it."""

    title: str
    description: str
    when: str
    fix: str
    use: str
    language: str


@dataclass(frozen=True, slots=True)
class Pair:
    """What truly differs between two codes; `use` maps each code to when it is right."""

    difference: tuple[str, ...]
    use: dict[int, str]
    trap: str
    read: tuple[str, ...]
    language: str


def card(code: int, in_language: str | None = None) -> Card:
    """The texts about a defined code. Raises `KeyError` for any other."""
    name, table = _find("codes", str(code), in_language)
    return Card(**table, language=name)


def pair(a: int, b: int, in_language: str | None = None) -> Pair | None:
    """The hand-written comparison of two codes, in either order, where there is one."""
    try:
        name, table = _find("pairs", f"{min(a, b)}-{max(a, b)}", in_language)
    except KeyError:
        return None
    use = {int(code): when for code, when in table["use"].items()}
    return Pair(tuple(table["difference"]), use, table["trap"], tuple(table["read"]), name)


def pairs() -> list[tuple[int, int]]:
    """The pairs of codes that have a hand-written comparison."""
    return [(int(key[:3]), int(key[4:])) for key in _prose("en")["pairs"]]


def unofficial(code: int, in_language: str | None = None) -> tuple[str, str]:
    """Title and description of a code that pages list and no RFC defines."""
    _, table = _find("unofficial", str(code), in_language)
    return table["title"], table["description"]


def situation(name: str, in_language: str | None = None) -> dict[str, Any]:
    """Title, what happened and the steps to take, of a `situations.Situation`."""
    return _find("situations", name, in_language)[1]


def code_meaning(verb: str, code: int, in_language: str | None = None) -> str:
    """What a reply code means as the answer to this command (or `states` pseudo-command).

    A code that this command never gets by any RFC is explained as for any command, else by
    its card; an unknown code by its first digit, as RFC 5321 §4.2 tells clients to do.
    """
    name = in_language or language()
    for asked in (verb, ANY):
        if meaning := _meanings(asked, name).get(str(code)):
            return meaning
    if str(code) in _prose("en")["codes"]:
        title = card(code, name).title
        return text("meaning.unlisted", in_language=name, code=code, title=title)
    return _meanings(ANY, name)[str(code)[0]]


def reply_meaning(verb: str, reply: Reply, in_language: str | None = None) -> str:
    """What a whole reply means as the answer to this command: its code, enhanced code and text."""
    name = in_language or language()
    special = special_case(verb, reply)
    if not special:
        return code_meaning(verb, reply.code, name)
    for asked in (verb, ANY):
        if meaning := _meanings(asked, name).get(special):
            return meaning
    key = "meaning.not_now" if reply.severity == 4 else "meaning.refused"
    happened = situation(special.partition(" ")[2], name)["happened"]
    meaning = text(key, in_language=name, happened=happened)
    unnamed = f" {text('meaning.no_address', in_language=name)}" if reply.code == 551 else ""
    return meaning + unnamed


@lru_cache(4096)  # a transcript says the same few replies again and again
def special_case(verb: str, reply: Reply) -> str:
    """The key of a meaning that holds for such replies alone, or empty where the code says all.

    It is the code and the situation: `551 moved`, `550 relay-denied`.
    """
    if reply.code == 251:
        return (
            "" if reply.new_address or "251 unnamed" not in _meanings(verb, "en") else "251 unnamed"
        )
    if reply.severity < 4:
        return ""
    judged = judge(verb, reply)
    written = [f"{reply.code} {judged.situation}"]
    if reply.code == 551 and judged.situation is not Situation.MOVED:
        written.append(f"551 {Situation.NOT_LOCAL}")
    told = judged.sure and judged.by != "codes" and judged.situation not in _SAID_BY_CODE
    composed = verb in _COMPOSED and told
    for asked in (verb, ANY) if verb in _COMPOSED else (verb,):
        for key in written[: 1 if composed else 2]:
            if key in _meanings(asked, "en"):
                return key
    return written[0] if composed else ""


def special_meanings(in_language: str | None = None) -> dict[str, str]:
    """Command and key of `special_case` → the meaning, of all that are written down."""
    name = in_language or language()
    verbs = [verb for verb in _prose("en")["meanings"] if verb != ANY]
    return {
        f"{verb} {key}": meaning
        for verb in verbs
        for key, meaning in {**_meanings(ANY, name), **_meanings(verb, name)}.items()
        if " " in key
    }


def why_not(in_language: str | None = None) -> dict[str, str]:
    """`VERB CODE` or `VERB out-of-turn` → why a server does not say that there (RFC 5321 §4.3.2).

    Under `any` are those of commands that no RFC knows; all others share its `out-of-turn`.
    """
    name = in_language or language()
    written = [_prose(one)["why_not"] for one in dict.fromkeys(("en", name))]
    shared = {
        f"{verb} {OUT_OF_TURN}": one[ANY][OUT_OF_TURN]
        for one in written
        if ANY in one
        for verb in _prose("en")["meanings"]
    }
    own = {
        f"{verb} {key}": said for one in written for verb in one for key, said in one[verb].items()
    }
    return shared | own


def _meanings(verb: str, name: str) -> dict[str, str]:
    """Code → meaning for a command, English where this language has none."""
    english = _prose("en")["meanings"].get(verb, {})
    return english if name == "en" else english | _prose(name)["meanings"].get(verb, {})


def _find(part: str, key: str, in_language: str | None) -> tuple[str, dict[str, Any]]:
    """A table in the wanted language, else in English, and which of the two it is."""
    for name in (in_language or language(), "en"):
        if key in (tables := _prose(name)[part]):
            return name, tables[key]
    raise KeyError(key)


@cache
def _prose(name: str) -> dict[str, dict[str, dict[str, Any]]]:
    path = folder("data") / "prose" / f"{name}.toml"
    return load(path) if path.exists() else {part: {} for part in _PARTS}


def load(path: Path) -> dict[str, dict[str, dict[str, Any]]]:
    """Read and check a prose file. Raises `DataError` with file, line and field."""
    content = read_toml(path)
    if set(content) != set(_PARTS):
        raise DataError(path, 1, f"tables {sorted(content)}; expected {sorted(_PARTS)}")
    tables = {"codes": _CARD, "pairs": _PAIR, "situations": _SITUATION, "unofficial": _UNOFFICIAL}
    for part, fields in tables.items():
        for key, table in content[part].items():
            check_fields(path, f"{part}.{key}", table, fields)
    for verb, table in content["why_not"].items():
        check_fields(path, f"why_not.{verb}", table, tuple(filter(_WHY_NOT.fullmatch, table)))
    return content
