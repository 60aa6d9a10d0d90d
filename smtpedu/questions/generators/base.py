"""What makers of questions share: how they speak, and what the tables and sessions allow.

The law of a maker: it takes its facts from a table or a captured session, and chance from a seed.
It returns an item without an id, its options in any order; `generated` names and shuffles it.
What it draws never depends on the language. A wrong option is one that no RFC's table allows,
never one that is merely less likely.

Places in the captured sessions at which something can be asked.

The law of this file: a session is used up to where command and reply no longer take turns, so
that nobody has to know about pipelining (RFC 2920) to answer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from random import Random
from typing import Protocol

from smtpedu.dialogue.captures import captures
from smtpedu.dialogue.session import Turn
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, Speaker
from smtpedu.questions.items import Item
from smtpedu.reference.registry import replies, rfc

# ---- questions.making ----


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


# ---- questions.places ----

_LONGEST = 34  # lines of a dialogue that one question shows


@dataclass(frozen=True, slots=True)
class Place:
    """A reply in a session, with what was said before it; `line` is that of its first line."""

    session: str
    before: tuple[Turn, ...]
    turn: Turn
    line: int

    @property
    def verb(self) -> str:
        """What the reply answers."""
        return self.turn.verb

    @property
    def code(self) -> int:
        """Its code."""
        return int(self.turn.lines[0][:3])

    @property
    def earlier(self) -> set[int]:
        """The codes of the replies before it."""
        return {turn.said.code for turn in self.before if isinstance(turn.said, Reply)}


@cache
def places() -> tuple[Place, ...]:
    """Every reply in the captured sessions up to which command and reply take turns."""
    return tuple(
        place
        for name, capture in captures().items()
        for place in _places(name, capture.session.turns)
    )


def _places(name: str, turns: tuple[Turn, ...]) -> Iterator[Place]:
    line = 1
    for index, turn in enumerate(turns):
        server = index % 2 == 0
        if isinstance(turn.said, Reply) != server or line + len(turn.lines) > _LONGEST:
            return
        if server and (index == 0 or turns[index - 1].verb == turn.verb):
            yield Place(name, turns[:index], turn, line)
        line += len(turn.lines)


def numbered(turns: tuple[Turn, ...]) -> tuple[tuple[int, str], ...]:
    """The lines of these turns as an item shows them."""
    marks = {Speaker.CLIENT: "C:", Speaker.SERVER: "S:"}
    lines = ((marks[turn.direction], line) for turn in turns for line in turn.lines)
    # A blank at the end of a line is part of it; one after a lone marker is not.
    return tuple(enumerate((f"{mark} {line}" if line else mark for mark, line in lines), 1))
