"""The tables of the progress file, and how a file of an earlier version becomes one of this.

The law of this file: SQL, and nothing of files. Version 1 had no table `meta` and no roles: what
was handed in was kept a second time, under the draft's id and `-final`, and a run did not say
when that was.
"""

from __future__ import annotations

import re
import secrets
import sqlite3

from smtpedu.learner.attempt import Role
from smtpedu.learner.database import Schema

_TABLES = (
    """CREATE TABLE attempts (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, quiz TEXT NOT NULL, role TEXT NOT NULL,
        item TEXT NOT NULL, objective TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
        number INTEGER NOT NULL, response TEXT NOT NULL CHECK (json_valid(response)),
        right INTEGER NOT NULL, score REAL NOT NULL,
        misconceptions TEXT NOT NULL CHECK (json_valid(misconceptions)),
        guessed INTEGER NOT NULL, hints INTEGER NOT NULL, options INTEGER NOT NULL,
        at TEXT NOT NULL)""",
    "CREATE INDEX attempts_of_run ON attempts (run)",
    # `key` tells runs apart that one cannot go on with in place of the other.
    """CREATE TABLE runs (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, quiz TEXT NOT NULL, key TEXT NOT NULL, role TEXT NOT NULL,
        seed TEXT NOT NULL, items TEXT NOT NULL CHECK (json_valid(items)),
        started_at TEXT NOT NULL, finished_at TEXT)""",
)
_META = "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)"

# How version 1 wrote a key: name, count, seed, `exam` for one, a fingerprint of the questions.
_KEY = re.compile(r"(?P<quiz>.*?) \d+ -?\d+(?P<exam> exam)?(?: [0-9a-f]{16})?", re.DOTALL)
_SAME = "item, objective, level, kind, number, response, right, score, misconceptions, guessed, "
_SAME += "hints, options, at"
_SHORT = "substr(id, 1, length(id) - length('-final'))"
_AWAY = (
    "ALTER TABLE attempts RENAME TO attempts_1",
    "ALTER TABLE runs RENAME TO runs_1",
    "DROP INDEX IF EXISTS attempts_of_run",
)
_CARRY_OVER = (
    f"INSERT INTO attempts (place, id, run, quiz, role, {_SAME}) "  # noqa: S608
    f"SELECT place, id, run, quiz, 'practice', {_SAME} FROM attempts_1",
    "INSERT INTO runs (place, id, quiz, key, role, seed, items, started_at, finished_at) SELECT "
    "place, id, quiz_of(CAST(quiz AS BLOB)), CAST(quiz AS TEXT), role_of(CAST(quiz AS BLOB)), "
    "seed, items, started_at, finished_at FROM runs_1",
    # Ungraded, and of an exam or of a run that could not be kept: only a draft is like that.
    """UPDATE attempts SET role = 'draft'
        WHERE objective = '' AND level = '' AND misconceptions = '[]' AND NOT right AND score = 0
        AND substr(id, -6) <> '-final'
        AND run NOT IN (SELECT id FROM runs WHERE role = 'practice')""",
    # What was handed in takes the place of its draft.
    f"""UPDATE attempts SET role = 'exam'
        WHERE substr(id, -6) = '-final' AND run NOT IN (SELECT id FROM runs WHERE role = 'practice')
        AND {_SHORT} NOT IN (SELECT id FROM attempts WHERE role <> 'draft')""",  # noqa: S608
    """DELETE FROM attempts WHERE role = 'draft'
        AND id || '-final' IN (SELECT id FROM attempts WHERE role = 'exam')""",
    f"UPDATE attempts SET id = {_SHORT} WHERE role = 'exam'",  # noqa: S608
    """UPDATE runs SET finished_at =
        (SELECT max(at) FROM attempts WHERE run = runs.id AND role = 'exam') WHERE role = 'exam'""",
    "DROP TABLE attempts_1",
    "DROP TABLE runs_1",
)


def _make(connection: sqlite3.Connection) -> None:
    for statement in (*_TABLES, _META):
        connection.execute(statement)
    make_id(connection)


def make_id(connection: sqlite3.Connection) -> str:
    """The id of a file, which it has from now on: it tells this file from every other."""
    values = ("id", secrets.token_hex(16))  # nobody can guess it
    connection.execute(
        "INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING", values
    )
    return find_id(connection) or ""


def find_id(connection: sqlite3.Connection) -> str | None:
    """The id that a file has, if it has one."""
    found = connection.execute("SELECT value FROM meta WHERE name = 'id'").fetchone()
    return found and str(found[0])


def _upgrade(connection: sqlite3.Connection) -> None:
    connection.create_function("quiz_of", 1, _quiz)
    connection.create_function("role_of", 1, _role)
    for statement in _AWAY:
        connection.execute(statement)
    _make(connection)
    for statement in _CARRY_OVER:
        connection.execute(statement)


def _quiz(key: bytes) -> str:
    written = key.decode(errors="replace")
    found = _KEY.fullmatch(written)
    return found["quiz"] if found else written


def _role(key: bytes) -> str:
    found = _KEY.fullmatch(key.decode(errors="replace"))
    return Role.EXAM if found and found["exam"] else Role.PRACTICE


SCHEMA = Schema(2, _make, _upgrade)
