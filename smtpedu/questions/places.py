"""Places in the captured sessions at which something can be asked.

The law of this file: a session is used up to where command and reply no longer take turns, so
that nobody has to know about pipelining (RFC 2920) to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from smtpedu.captures import captures
from smtpedu.reply import Reply
from smtpedu.turns import Turn

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
    marks = {"client": "C:", "server": "S:"}
    lines = ((marks[turn.direction], line) for turn in turns for line in turn.lines)
    # A blank at the end of a line is part of it; one after a lone marker is not.
    return tuple(enumerate((f"{mark} {line}" if line else mark for mark, line in lines), 1))
