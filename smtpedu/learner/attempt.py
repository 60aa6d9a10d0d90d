"""One answer as it is kept: typed, of a sane size, with the time it was given.

The law of this file: no I/O. What comes from a page, a clock or a teacher's file is of unknown
worth; an `Attempt` that exists is sound.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from smtpedu.i18n import text

#: How long a response may be, as JSON, in characters.
RESPONSE_LIMIT = 10_000

_TEXTS = {"id": 100, "run": 100, "quiz": 4096, "item": 300}  # none of these may be empty
_NAMES = {"objective": 100, "level": 100, "kind": 100}  # a teacher's question may lack them
_COUNTS = {"number": (1, 10_000), "hints": (0, 10_000), "options": (1, 10**15)}
_MISCONCEPTIONS = 50
_YEARS = range(1970, 9000)  # a clock without a battery starts in 1970


class Role(StrEnum):
    """What an answer was given for; of a draft, which may still be changed, nothing is said."""

    PRACTICE = "practice"
    EXAM = "exam"  # handed in
    DRAFT = "draft"  # of an exam that is not handed in, or changed before it was
    PREDICTION = "prediction"
    EXERCISE = "exercise"


class AttemptError(ValueError):
    """An answer that cannot be kept; `field` is what is wrong with it."""

    def __init__(self, field: str, key: str, **values: Any) -> None:
        super().__init__(text("error.attempt", field=field, problem=text(key, **values)))
        self.field = field


@dataclass(frozen=True, slots=True)
class Attempt:
    """One answer to one item.

    `id` is unique (made where the answer was given), `number` is the try, from 1, `role` what it
    was given for; in an exam a draft becomes the answer when it is handed in. `options` is how
    many answers there were to guess from, `at` the time in UTC as ISO 8601 with milliseconds.
    Raises `AttemptError` naming the field that is of another type or too large.
    """

    id: str
    run: str
    quiz: str
    role: Role
    item: str
    objective: str
    level: str
    kind: str
    number: int
    response: Any
    right: bool
    score: float
    misconceptions: tuple[str, ...]
    guessed: bool
    hints: int
    options: int
    at: str

    def __post_init__(self) -> None:
        for name, limit in (_TEXTS | _NAMES).items():
            check_text(name, getattr(self, name), limit, empty=name in _NAMES)
        for name, (low, high) in _COUNTS.items():
            value = getattr(self, name)
            if type(value) is not int or not low <= value <= high:
                raise AttemptError(name, "attempt.count", low=low, high=high)
        for name in ("right", "guessed"):
            if type(getattr(self, name)) is not bool:
                raise AttemptError(name, "attempt.flag")
        if type(self.score) not in (int, float) or not 0 <= self.score <= 1:
            raise AttemptError("score", "attempt.score")
        try:
            object.__setattr__(self, "role", Role(self.role))
        except ValueError:
            raise AttemptError("role", "attempt.role", known=", ".join(Role)) from None
        names = self.misconceptions
        if type(names) is not tuple or len(names) > _MISCONCEPTIONS:
            raise AttemptError("misconceptions", "attempt.names", limit=_MISCONCEPTIONS)
        for name in names:
            check_text("misconceptions", name, 100)
        as_json(self.response)
        object.__setattr__(self, "at", format_time(parse_time(self.at)))


def check_text(field: str, value: object, limit: int, *, empty: bool = False) -> None:
    """Hold that a value is text of at most `limit` characters. Raises `AttemptError`."""
    if type(value) is not str or not (empty or value) or len(value) > limit:
        raise AttemptError(field, "attempt.text", limit=limit)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair: no file can hold it
        raise AttemptError(field, "attempt.characters") from None


def as_json(response: object) -> str:
    """A response as compact ASCII JSON. Raises `AttemptError` for what is none, or too long."""
    try:
        written = json.dumps(response, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise AttemptError("response", "attempt.json") from None
    if len(written) > RESPONSE_LIMIT:
        raise AttemptError("response", "attempt.long", limit=RESPONSE_LIMIT)
    return written


def parse_time(written: str) -> datetime:
    """The time that ISO 8601 text names. Raises `AttemptError` for any other."""
    try:
        time = datetime.fromisoformat(written).astimezone(UTC)
    except (TypeError, ValueError, OverflowError, OSError):  # the last on Windows, before 1970
        raise AttemptError("at", "attempt.time") from None
    if time.year not in _YEARS:
        raise AttemptError("at", "attempt.time")
    return time


def format_time(time: datetime) -> str:
    """A time as it is kept: `2026-11-24T09:30:00.000Z`."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def now() -> str:
    """The present time as it is kept."""
    return format_time(datetime.now(UTC))


def final_attempts(attempts: Iterable[Attempt]) -> list[Attempt]:
    """The answers that count: no drafts, and of what was handed in twice what came last."""
    given = [one for one in attempts if one.role is not Role.DRAFT]
    last = {(one.run, one.item): one.id for one in given if one.role is Role.EXAM}
    return [one for one in given if one.role is not Role.EXAM or last[one.run, one.item] == one.id]


#: The fields of an attempt in their order: the columns of a file that holds attempts.
FIELDS = tuple(field.name for field in fields(Attempt))
