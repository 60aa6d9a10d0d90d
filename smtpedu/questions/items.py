"""An item, which is what is asked, as a plain object: its texts, its options, what is right.

What depends on its kind is in `kinds`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

#: What an item asks of the learner, the easiest first.
Level = Literal["recall", "explain", "predict", "diagnose", "design"]
LEVELS: tuple[Level, ...] = get_args(Level)

#: In what an item sets one reply against another: what the digits say, which class they are of,
#: which commands can get them, who forwards, who is responsible, what the client does next, how
#: they read in a session, what real servers say.
Contrast = Literal[
    "digits", "class", "commands", "forwarder", "responsible", "next", "session", "servers"
]
CONTRASTS: tuple[Contrast, ...] = get_args(Contrast)


@dataclass(frozen=True, slots=True)
class Option:
    """Something that can be answered, and what is said to whoever does.

    `misconception` names the belief that a wrong use of this option shows. `value` is the
    number to type or the line to point at, `group` the class this belongs to. Where there are many
    wrong ways to use it, `mistaken` is the one that shows the misconception: a class, or a position
    too early (-1) or too late (1).
    """

    feedback: str
    text: str = ""
    right: bool = False
    misconception: str = ""
    value: int | None = None
    group: int | None = None
    mistaken: int | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """What is asked. `kind` is a key of `kinds.KINDS`; `source` is the RFC and its section.

    `lines` is the dialogue it shows, as (number, "S: 250 OK"); `at` is the number of the line to
    predict, which is not among them. `otherwise` is said to an answer that is no option. `about`
    are the reply codes that one has to know to answer; `lesson` teaches the last of what it needs,
    where this is not the lesson of its objective. `without_picture` is for one that the picture of
    a misconception would not fit. `twins` say the same in other languages.
    """

    id: str
    kind: str
    stem: str
    options: tuple[Option, ...]
    objective: str = ""
    level: Level | Literal[""] = ""
    contrast: Contrast | Literal[""] = ""
    about: tuple[int, ...] = ()
    lesson: int | None = None
    without_picture: bool = False
    source: str = ""
    hint: str = ""
    why: str = ""
    otherwise: str = ""
    classes: tuple[str, ...] = ()
    lines: tuple[tuple[int, str], ...] = ()
    at: int | None = None
    language: str = "en"
    twins: tuple[Item, ...] = ()

    @property
    def misconceptions(self) -> frozenset[str]:
        """What this item can catch."""
        return frozenset(option.misconception for option in self.options) - {""}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with an item in a file, and where: in a field of it, or of one of its options.

    `option` counts from 1; 0 is the item itself. Without a field it is the whole table.
    """

    message: str
    field: str = ""
    option: int = 0
