"""The tables of the progress file, and how a file of an earlier version becomes one of this.

The law of this file: SQL, and nothing of files. Version 1 had no table `meta` and no roles: what
was handed in was kept a second time, under the draft's id and `-final`, and a run did not say
when that was.
"""

from __future__ import annotations

import re
import secrets
import sqlite3

from smtpedu.progress.database import Schema

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
_META = "CREATE TABLE {where}.meta (name TEXT PRIMARY KEY, value TEXT NOT NULL)"

# How version 1 wrote a key: name, count, seed, `exam` for one, a fingerprint of the questions.
_KEY = re.compile(r"(?P<quiz>.*?) \d+ -?\d+(?P<exam> exam)?(?: [0-9a-f]{16})?", re.DOTALL)
_UPGRADE = (
    "ALTER TABLE {where}.attempts ADD COLUMN role TEXT NOT NULL DEFAULT 'practice'",
    "ALTER TABLE {where}.runs RENAME COLUMN quiz TO key",
    "ALTER TABLE {where}.runs ADD COLUMN quiz TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE {where}.runs ADD COLUMN role TEXT NOT NULL DEFAULT 'practice'",
    "UPDATE {where}.runs SET quiz = quiz_of(key), role = iif(is_exam(key), 'exam', 'practice')",
    # Ungraded, and of an exam or of a run that could not be kept: only a draft is like that.
    """UPDATE {where}.attempts SET role = 'draft'
        WHERE objective = '' AND level = '' AND misconceptions = '[]' AND NOT right AND score = 0
        AND id NOT LIKE '%-final'
        AND run NOT IN (SELECT id FROM {where}.runs WHERE role = 'practice')""",
    # What was handed in takes the place of its draft.
    """UPDATE {where}.attempts SET role = 'exam' WHERE id LIKE '%-final'
        AND run NOT IN (SELECT id FROM {where}.runs WHERE role = 'practice')""",
    """DELETE FROM {where}.attempts WHERE role = 'draft'
        AND id || '-final' IN (SELECT id FROM {where}.attempts WHERE role = 'exam')""",
    """UPDATE {where}.attempts SET id = substr(id, 1, length(id) - length('-final'))
        WHERE role = 'exam'""",
    """UPDATE {where}.runs SET finished_at = coalesce(finished_at,
        (SELECT max(at) FROM {where}.attempts WHERE run = runs.id AND role = 'exam'))""",
)


def _make(connection: sqlite3.Connection) -> None:
    for statement in _TABLES:
        connection.execute(statement)
    _settle(connection)


def _settle(connection: sqlite3.Connection) -> None:
    """Give the file an id that nobody can guess, and that tells it from every other."""
    connection.execute(_META.format(where="main"))
    values = ("id", secrets.token_hex(16))
    connection.execute("INSERT INTO meta (name, value) VALUES (?, ?)", values)


def _upgrade(connection: sqlite3.Connection) -> None:
    _carry_over(connection, "main")
    _settle(connection)


def _show(connection: sqlite3.Connection) -> None:
    """The tables of an older file as if it were of this version; the file stays as it is."""
    connection.execute("PRAGMA temp_store = MEMORY")
    for table in ("attempts", "runs"):
        connection.execute(f"CREATE TEMP TABLE {table} AS SELECT * FROM main.{table}")  # noqa: S608
    connection.execute(_META.format(where="temp"))
    _carry_over(connection, "temp")


def _carry_over(connection: sqlite3.Connection, where: str) -> None:
    connection.create_function("quiz_of", 1, lambda key: _part(key, "quiz") or key)
    connection.create_function("is_exam", 1, lambda key: bool(_part(key, "exam")))
    for statement in _UPGRADE:
        connection.execute(statement.format(where=where))


def _part(key: str, name: str) -> str | None:
    found = _KEY.fullmatch(key)
    return found[name] if found else None


SCHEMA = Schema(2, _make, _upgrade, _show)
