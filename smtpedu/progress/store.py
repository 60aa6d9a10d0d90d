"""The learner's answers in a local SQLite file: kept at once, never lost, never overwritten.

The law of this file: what `add` has returned is on the disk. Answers are kept in the order in
which they came; clocks may be wrong.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO
from uuid import uuid4

from smtpedu.language import text
from smtpedu.progress.attempt import FIELDS, Attempt, AttemptError, as_json, check_text, now
from smtpedu.progress.database import Database
from smtpedu.progress.errors import StoreError, told

__all__ = ["Attempt", "AttemptError", "Run", "Store", "StoreError", "choose", "store"]

_SCHEMA = (
    """CREATE TABLE attempts (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, run TEXT NOT NULL, quiz TEXT NOT NULL, item TEXT NOT NULL,
        objective TEXT NOT NULL, level TEXT NOT NULL, kind TEXT NOT NULL,
        number INTEGER NOT NULL, response TEXT NOT NULL CHECK (json_valid(response)),
        right INTEGER NOT NULL, score REAL NOT NULL,
        misconceptions TEXT NOT NULL CHECK (json_valid(misconceptions)),
        guessed INTEGER NOT NULL, hints INTEGER NOT NULL, options INTEGER NOT NULL,
        at TEXT NOT NULL)""",
    "CREATE INDEX attempts_of_run ON attempts (run)",
    """CREATE TABLE runs (
        place INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL UNIQUE, quiz TEXT NOT NULL, seed TEXT NOT NULL,
        items TEXT NOT NULL CHECK (json_valid(items)),
        started_at TEXT NOT NULL, finished_at TEXT)""",
)
_COLUMNS = ", ".join(f'"{name}"' for name in FIELDS)
_RUN = "id, quiz, seed, items, started_at, finished_at"

_chosen: Path | None = None
_stores: dict[Path, Store] = {}


@dataclass(frozen=True, slots=True)
class Run:
    """One going through a quiz: the ids of its items in the order in which they are asked."""

    id: str
    quiz: str
    seed: int
    items: tuple[str, ...]
    started_at: str
    finished_at: str | None = None


class Store:
    """The answers in one file, which is made when the first of them is kept.

    Every method raises `StoreError`, which names the file, when it cannot be used: full or
    read-only disk, a file of a newer version or of another program. A damaged file is renamed
    and a new one begun; `notice` then says so.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path).expanduser().absolute()
        self._file = Database(self.path, _SCHEMA)
        self._unread = 0

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @property
    def notice(self) -> str:
        """What the learner should know of the file, in the current language; else empty."""
        said = [text("store.damaged", path=self.path, aside=name) for name in self._file.aside]
        if self._unread:
            said.append(text("store.unread", path=self.path, count=self._unread))
        return " ".join(said)

    def check(self) -> None:
        """Raise `StoreError` where answers cannot be read or kept, without keeping any."""
        self._file.check()

    def add(self, attempts: Iterable[Attempt]) -> list[str]:
        """Keep answers; returns their ids. One whose id is already there is kept as it was."""
        rows = [_row(attempt) for attempt in attempts]
        places = ", ".join("?" * len(FIELDS))
        insert = f"INSERT INTO attempts ({_COLUMNS}) VALUES ({places}) ON CONFLICT (id) DO NOTHING"  # noqa: S608

        if rows:
            self._file.write(lambda connection: connection.executemany(insert, rows))
        return [row[0] for row in rows]

    def attempts(self, run: str | None = None) -> list[Attempt]:
        """All answers, or those of one run, in the order in which they were kept."""
        where, values = ("", ()) if run is None else (" WHERE run = ?", (run,))
        query = f"SELECT {_COLUMNS} FROM attempts{where} ORDER BY place"  # noqa: S608
        none: list[Any] = []
        rows = self._file.read(lambda found: found.execute(query, values).fetchall(), none)
        attempts = [attempt for row in rows if (attempt := _attempt(row))]
        self._unread = max(self._unread, len(rows) - len(attempts))
        return attempts

    def run(self, quiz: str, seed: int, items: Iterable[str]) -> Run:
        """The unfinished run of this quiz that was begun last, else a new one."""
        check_text("quiz", quiz, 4096)
        query = f"SELECT {_RUN} FROM runs WHERE quiz = ? AND finished_at IS NULL"  # noqa: S608
        new = Run(uuid4().hex, quiz, seed, tuple(items), now())

        def find_or_begin(connection: sqlite3.Connection) -> Run:
            found = connection.execute(f"{query} ORDER BY place DESC LIMIT 1", (quiz,)).fetchone()
            if found:
                return _run(found)
            values = (new.id, quiz, str(seed), json.dumps(new.items), new.started_at)
            insert = "INSERT INTO runs (id, quiz, seed, items, started_at) VALUES (?, ?, ?, ?, ?)"
            connection.execute(insert, values)
            return new

        return self._file.write(find_or_begin)

    def runs(self) -> list[Run]:
        """All runs, in the order in which they were begun."""
        query = f"SELECT {_RUN} FROM runs ORDER BY place"  # noqa: S608
        return list(map(_run, self._file.read(lambda f: f.execute(query).fetchall(), [])))

    def finish(self, run: str) -> None:
        """The run of this id is over: the quiz begins anew the next time."""
        update = "UPDATE runs SET finished_at = ? WHERE id = ? AND finished_at IS NULL"
        self._file.write(lambda connection: connection.execute(update, (now(), run)))

    def erase(self) -> None:
        """Delete every answer and run, and the damaged files that were kept aside."""
        if self.path.exists():
            self._file.write(_erase)
            # What was written is in the log, too, until it is emptied.
            self._file.read(lambda f: f.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall(), [])
        for aside in self._file.kept_aside():
            with told(aside):
                aside.unlink(missing_ok=True)
        self._unread = 0
        self._file.aside.clear()

    def export(self, path: str | Path) -> Path:
        """Write all there is into a new file: CSV (answers) by its name, else JSON lines.

        JSON lines have one object per run and per answer, with `"table"` saying which. Raises
        `StoreError` when there is a file of this name.
        """
        target = Path(path).expanduser().absolute()
        attempts, runs = self.attempts(), self.runs()
        if target.exists():
            raise StoreError("error.store_exists", target)
        with told(target, "error.store_export"):
            try:
                with target.open("x", encoding="utf-8", newline="") as file:
                    if target.suffix.casefold() == ".csv":
                        _write_csv(file, attempts)
                    else:
                        _write_lines(file, runs, attempts)
            except OSError as error:
                if not isinstance(error, FileExistsError):
                    target.unlink(missing_ok=True)  # half a file is worse than none
                raise
        return target


def _row(attempt: Attempt) -> tuple[Any, ...]:
    values = {name: getattr(attempt, name) for name in FIELDS}
    values["response"] = as_json(attempt.response)
    values["misconceptions"] = json.dumps(attempt.misconceptions)
    return tuple(values.values())


def _attempt(row: Sequence[Any]) -> Attempt | None:
    """The answer of a row; None where the disk has changed it into what is none."""
    values = dict(zip(FIELDS, row, strict=True))
    try:
        values |= {name: bool(values[name]) for name in ("right", "guessed")}
        values["response"] = json.loads(values["response"])
        values["misconceptions"] = tuple(json.loads(values["misconceptions"]))
        return Attempt(**values)
    except (AttemptError, TypeError, ValueError):
        return None


def _run(row: Sequence[Any]) -> Run:
    name, quiz, seed, items, started, finished = row
    return Run(name, quiz, int(seed), tuple(json.loads(items)), started, finished)


def _erase(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    for table in ("attempts", "runs", "sqlite_sequence"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _write_csv(file: TextIO, attempts: list[Attempt]) -> None:
    writer = csv.writer(file)
    writer.writerow(FIELDS)
    writer.writerows(map(_row, attempts))


def _write_lines(file: TextIO, runs: list[Run], attempts: list[Attempt]) -> None:
    for table, rows in (("run", runs), ("attempt", attempts)):
        for row in rows:
            file.write(json.dumps({"table": table, **asdict(row)}) + "\n")


def choose(path: str | Path) -> None:
    """From now on, in this process, answers are kept in this file."""
    global _chosen
    _chosen = Path(path).expanduser().absolute()


def store() -> Store:
    """The learner's: the file that was chosen, else `SMTPEDU_PROGRESS`, else the user's own."""
    path = _chosen or _usual()
    return _stores.setdefault(path, Store(path))


def _usual() -> Path:
    if named := os.environ.get("SMTPEDU_PROGRESS"):
        return Path(named).expanduser().absolute()
    from platformdirs import user_data_path

    return (user_data_path("smtpedu", appauthor=False) / "progress").with_suffix(".sqlite3")
