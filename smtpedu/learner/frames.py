"""Answers, mastery and misconceptions as DataFrames with fixed types, empty ones too.

The law of this file: frames are plain text; backticks are for what is drawn.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from smtpedu.foreign import visible
from smtpedu.learner.attempt import FIELDS, Attempt, Role, as_json, parse_time
from smtpedu.learner.mastery import Mastery, mastery
from smtpedu.learner.review import current_beliefs, due
from smtpedu.questions.bank import misconceptions, objectives
from smtpedu.questions.items import LEVELS
from smtpedu.questions.kinds import KINDS

if TYPE_CHECKING:
    import pandas as pd

_TIME = "datetime64[ms, UTC]"
_ROLES = tuple(role.value for role in Role if role is not Role.DRAFT)
_ATTEMPTS = dict.fromkeys(FIELDS, "string") | {
    **dict.fromkeys(("number", "hints", "options"), "int64"),
    **dict.fromkeys(("right", "guessed"), "bool"),
    "score": "float64",
    "at": _TIME,
}
_MASTERY = {
    **{"objective": "string", "title": "string", "answered": "int64", "right": "int64"},
    **{"mastery": "float64", "mastered": "bool", "due": _TIME},
}
_MISCONCEPTIONS = {
    **{"name": "string", "belief": "string", "rebuttal": "string", "source": "string"},
    **{"status": "string", "signs": "int64", "chances": "int64", "last": _TIME},
}


def objective_title(objective: str) -> str:
    """What an objective is, in the current language; a teacher's own by its name."""
    found = objectives().get(objective)
    return found.title() if found else objective


def all_mastery(attempts: Iterable[Attempt]) -> dict[str, Mastery]:
    """Objective → mastery: those of the bank, practised or not, and then any other."""
    found = mastery(attempts)
    names = dict.fromkeys([*objectives(), *found])
    return {name: found.get(name) or Mastery(name) for name in names}


def attempts_frame(attempts: Iterable[Attempt]) -> pd.DataFrame:
    """One row per answer, in the order in which they were kept."""
    import pandas as pd

    rows = []
    for attempt in attempts:
        row: dict[str, Any] = {name: getattr(attempt, name) for name in FIELDS}
        row["role"] = attempt.role.value
        row["response"] = as_json(attempt.response)
        row["misconceptions"] = " ".join(attempt.misconceptions)
        rows.append(row | {"at": parse_time(attempt.at)})
    kinds = {"role": _ROLES, "level": LEVELS, "kind": tuple(KINDS)}
    frame = _frame(rows, _ATTEMPTS)
    for name, known in kinds.items():
        others = [value for value in dict.fromkeys(frame[name]) if value not in known]
        frame[name] = frame[name].astype(pd.CategoricalDtype([*known, *others]))
    return frame


def mastery_frame(attempts: Sequence[Attempt], now: datetime) -> pd.DataFrame:
    """One row per objective; `due` is missing for one never practised."""
    times = {one.objective: one.at for one in due(attempts, now)}
    rows = [
        {
            **{"objective": name, "title": plain(objective_title(name)), "answered": one.answered},
            **{"right": one.right, "mastery": one.strength, "mastered": one.mastered},
            "due": times.get(name),
        }
        for name, one in all_mastery(attempts).items()
    ]
    return _frame(rows, _MASTERY).set_index("objective")


def misconceptions_frame(attempts: Iterable[Attempt]) -> pd.DataFrame:
    """One row per misconception that shows now, those held first."""
    rows = [
        {
            **dict(
                zip(
                    ("belief", "rebuttal", "source"),
                    map(plain, misconception_texts(one.name)),
                    strict=True,
                )
            ),
            **{name: getattr(one, name) for name in ("name", "status", "signs", "chances")},
            "last": parse_time(one.last_at),
        }
        for one in current_beliefs(attempts)
    ]
    return _frame(rows, _MISCONCEPTIONS).set_index("name")


def misconception_texts(misconception: str) -> tuple[str, str, str]:
    """The belief, its rebuttal and the source, in the current language."""
    found = misconceptions().get(misconception)
    if found is None:
        return misconception, "", ""
    return found.belief(), found.rebuttal(), found.source


def plain(said: str) -> str:
    """Text without the backticks that set protocol text apart where it is drawn."""
    return said.replace("`", "")


def _frame(rows: list[dict[str, Any]], types: Mapping[str, str]) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(rows, columns=list(types))
    for name, kind in types.items():
        if kind == _TIME:
            frame[name] = pd.to_datetime(frame[name], utc=True)
        elif kind == "string":
            frame[name] = frame[name].map(visible)
    return frame.astype(dict(types))
