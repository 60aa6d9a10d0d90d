"""All codes, cards and pairs in both languages: what a widget takes along to work alone."""

from __future__ import annotations

from dataclasses import asdict
from functools import cache
from typing import Any

from smtpedu import prose, tables
from smtpedu.comparison import ASPECTS, commands, facts, sources
from smtpedu.language import LANGUAGES
from smtpedu.tables import Code
from smtpedu.widgets.base import packed


@cache
def book(*, pairs: bool) -> bytes:
    """Packed: language → codes, each with card and facts.

    With `pairs` the hand-written comparisons too, else what to say about unofficial codes.
    """
    return packed({name: _language(name, pairs) for name in LANGUAGES})


def _language(name: str, pairs: bool) -> dict[str, Any]:
    content: dict[str, Any] = {"codes": [_code(code, name) for code in tables.table().values()]}
    if not pairs:
        titled = ((code, prose.unofficial(code, name)) for code in tables.unofficial())
        content["unofficial"] = {code: said for code, (_, said) in titled}
    else:
        written = ((a, b, prose.pair(a, b, name)) for a, b in prose.pairs())
        content["pairs"] = {f"{a}-{b}": asdict(pair) for a, b, pair in written if pair}
    return content


def _code(code: Code, name: str) -> dict[str, Any]:
    of_code = facts(code, name)
    return {
        "code": code.code,
        "text": code.text,
        "texts": asdict(prose.card(code.code, name)),
        "facts": [[aspect, of_code[aspect]] for aspect in ASPECTS],
        "commands": commands(code.code),
        "sources": sources(code, code, name),
    }
