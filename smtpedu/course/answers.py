"""What was given as an answer to an exercise: as plain JSON, kept in the learner's record.

The law of this file: whatever a learner gives, and wherever answers are kept, nothing raises.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Iterable
from numbers import Integral, Number
from typing import Any
from uuid import uuid4

from smtpedu.i18n import text
from smtpedu.learner.attempt import RESPONSE_LIMIT, Attempt, AttemptError, Role, as_json, now
from smtpedu.learner.store import StoreError, store

NAME = "exercises"  # what answers to all of them are kept under, in one run
_MOST_TRIES = 10_000  # as an `Attempt` counts them


def plain(answer: object) -> Any:
    """An answer as text, number, true, false, None, or lists of these; anything else as its repr.

    Of a dict it is the keys; of what has too many parts, or no end, the first `RESPONSE_LIMIT`.
    """
    left = iter(range(RESPONSE_LIMIT))

    def part(value: Any) -> Any:
        if value is None or isinstance(value, str | bool):
            return value
        if isinstance(value, Number):
            return int(value) if isinstance(value, Integral) else float(value)  # type: ignore[arg-type]
        if isinstance(value, Iterable):
            return [part(one) for one, _ in zip(value, left, strict=False)]
        return _shown(value)

    try:
        found = part(answer)
        json.dumps(found, allow_nan=False)
    # What an object does when it is asked is its own affair; a list may hold itself.
    except Exception:
        return _shown(answer)
    return found


def source(function: Callable[..., Any]) -> str:
    """The source of a function, empty where Python does not have it."""
    try:
        return inspect.getsource(function)
    except Exception:  # OSError, TypeError, or what reads the source cannot read it
        return ""


def keep(exercise: str, response: Any, right: bool, misconceptions: Iterable[str] = ()) -> str:
    """Keep an answer, which `plain` or `source` gave; says why it could not be kept.

    Else it says where a damaged file of answers is kept, or nothing. It counts for no objective:
    `objective` is empty.
    """
    try:
        kept = store()
        run = kept.run(NAME, 0, ())
        given = [one for one in kept.attempts(item=exercise) if one.role is Role.EXERCISE]
        response = _cut(response)
        if given and (given[-1].response, given[-1].right) == (response, right):
            return " ".join(kept.damage)  # the cell was run once more
        attempt = Attempt(
            id=uuid4().hex,
            run=run.id,
            quiz=NAME,
            role=Role.EXERCISE,
            item=exercise,
            objective="",
            level="",
            kind="exercise",
            number=min(len(given) + 1, _MOST_TRIES),
            response=response,
            right=right,
            score=float(right),
            misconceptions=tuple(misconceptions),
            guessed=False,
            hints=0,
            options=1,
            at=now(),
        )
        kept.add([attempt], run=run)
    except StoreError as error:
        return text("check.not_kept", reason=error)
    return " ".join(kept.damage)


def last(exercise: str) -> Attempt | None:
    """The last answer to an exercise, None where there is none or the record cannot be read."""
    try:
        attempts = store().attempts(item=exercise)
    except StoreError:
        return None
    return next((one for one in reversed(attempts) if one.role is Role.EXERCISE), None)


def _cut(response: Any) -> Any:
    """The response, as text and only its beginning where it is too long to be kept."""
    try:
        as_json(response)
        return response
    except AttemptError:
        written = (response if isinstance(response, str) else repr(response))[:RESPONSE_LIMIT]
        while len(json.dumps(written)) > RESPONSE_LIMIT:
            written = written[: len(written) * 3 // 4]
        return written


def _shown(value: object) -> str:
    try:
        return repr(value)[:RESPONSE_LIMIT]
    except Exception:
        return type(value).__name__
