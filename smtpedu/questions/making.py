"""What makers of questions share: how they speak, and what the tables and sessions allow.

The law of a maker: it takes its facts from a table or a captured session, and chance from a seed.
It returns an item without an id, its options in any order; `generated` names and shuffles it.
What it draws never depends on the language. A wrong option is one that no RFC's table allows,
never one that is merely less likely.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from random import Random
from typing import Protocol

from smtpedu.captures import captures
from smtpedu.markup import rfc
from smtpedu.protocol import ANY
from smtpedu.questions.items import Item
from smtpedu.reply import Reply
from smtpedu.tables import replies


class Say(Protocol):
    """`language.text` in the language of the item, which it also names."""

    language: str

    def __call__(self, key: str, **values: object) -> str: ...


Maker = Callable[[Random, Say], Item]


@cache
def listed(verb: str) -> frozenset[int]:
    """The codes that may answer this command by the RFCs."""
    return frozenset(row["code"] for row in replies() if row["command"] == verb)


@cache
def allowed(verb: str) -> frozenset[int]:
    """The codes that can answer this command: by the RFCs, or in some captured session."""
    seen = {code for answered, code in _seen() if answered == verb}
    return listed(verb) | listed(ANY) | seen


@cache
def _seen() -> frozenset[tuple[str, int]]:
    turns = (turn for capture in captures().values() for turn in capture.session.turns)
    return frozenset((turn.verb, turn.said.code) for turn in turns if isinstance(turn.said, Reply))


def source(verb: str, code: int) -> str:
    """Where an RFC says that this code may answer this command."""
    rows = [row for row in replies() if (row["command"], row["code"]) == (verb, code)]
    return rfc(rows[0]["rfc"], rows[0]["section"]) if rows else "RFC 5321 §4.3.2"


def named(verb: str, say: Say) -> str:
    """A command in backticks, or what stands for one in words."""
    return f"`{verb}`" if verb.isupper() else say(f"verb.{verb}")
