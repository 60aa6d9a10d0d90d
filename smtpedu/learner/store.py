"""The learner's answers in a local SQLite file: kept at once, never lost, never overwritten.

The law of this file: what `add` has returned is on the disk. Answers are kept in the order in
which they came; clocks may be wrong.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, TextIO, TypeVar
from uuid import uuid4

from smtpedu.files import absolute, write_whole
from smtpedu.foreign import cell, visible
from smtpedu.i18n import text
from smtpedu.learner.attempt import (
    FIELDS,
    Attempt,
    AttemptError,
    Role,
    as_json,
    check_text,
    final_attempts,
    now,
    parse_time,
)
from smtpedu.learner.database import Database, Memory, StoreError, store_errors
from smtpedu.learner.schema import SCHEMA, find_id, make_id

__all__ = ["Attempt", "AttemptError", "Role", "Run", "Store", "StoreError", "store"]

_ROLE = FIELDS.index("role")
# In quotation marks, SQLite would take the name of a column that is gone for text.
_COLUMNS = ", ".join(f"[{name}]" for name in FIELDS)
_RUN = "id, quiz, key, role, seed, items, started_at, finished_at"
# Of a question without an answer.
_NOTHING = dict.fromkeys(("number", "hints", "options"), 0) | {
    **dict.fromkeys(("right", "guessed"), False),
    **{"score": 0.0, "response": "null", "misconceptions": "[]"},
}
_DROP_DRAFT = "DELETE FROM attempts WHERE id = ? AND role = 'draft'"
_FINISH = "UPDATE runs SET finished_at = ? WHERE id = ? AND finished_at IS NULL"

Row = TypeVar("Row")

_stores: dict[tuple[Path, bool], Store] = {}


@dataclass(frozen=True, slots=True)
class Run:
    """One going through a quiz: the ids of its items in the order in which they are asked.

    An exam is finished when it is handed in. Of runs with one `key` one goes on with the last;
    `role` is practice or exam.
    """

    id: str
    quiz: str
    key: str
    role: str
    seed: int
    items: tuple[str, ...]
    started_at: str
    finished_at: str | None = None


class Store:
    """The answers in one file, which is made when the first of them is kept.

    Every method raises `StoreError`, which names the file, when it cannot be used: full or
    read-only disk, a file of a newer version or of another program. A damaged file is renamed
    and a new one begun; `notice` then says so. Where an account is `shared` by people who do not
    know of each other there is no file, and answers last as long as this Python. `read_only` is for
    a file that is somebody else's: it is read, and neither made nor renamed.
    """

    def __init__(self, path: str | Path, *, shared: bool = False, read_only: bool = False) -> None:
        self.path = absolute(path)  # as a shell: ~nobody stays
        self.shared = shared
        self._file = Memory(SCHEMA) if shared else Database(self.path, SCHEMA, read_only=read_only)
        self._unread = {"attempts": 0, "runs": 0}
        self._ids: list[str] = []  # of the files that have been at this path, the newest first

    def __repr__(self) -> str:
        return f"Store({str(self.path)!r})"

    @property
    def notice(self) -> str:
        """What the learner should know of the file, in the current language; else empty."""
        said = [text("store.shared")] if self.shared else []
        said += self.damage
        if count := sum(self._unread.values()):
            said.append(text("store.unread", path=self.path, count=count))
        return " ".join(said)

    @property
    def damage(self) -> list[str]:
        """Where damaged files are kept, a sentence each, in the current language."""
        said = {"store.damaged": self._file.renamed, "store.damaged_log": self._file.logs}
        return [
            text(key, path=self.path, aside=name) for key, names in said.items() for name in names
        ]

    def file_ids(self) -> list[str]:
        """The ids of the files to which an answer that belongs here may have been given.

        The first is that of the file that is here now. An id is made with the file and nobody can
        guess it: so an answer that waits in a browser reaches no other person's file. Where nothing
        is kept it is `""`. A file without an id is made, or brought to this version.
        """
        if self.shared:
            return [""]
        # Where nothing can be written, an answer that waits belongs to this file all the same.
        found = self._file.read(find_id, None, older=False) or self._file.write(make_id)
        self._ids = [found, *(one for one in self._ids if one != found)]
        return self._ids

    def check(self) -> None:
        """Raise `StoreError` where answers cannot be read or kept, without keeping any."""
        self._file.check()

    def add(
        self,
        attempts: Iterable[Attempt],
        *,
        run: Run | None = None,
        handed_in: Mapping[str, str] | None = None,
    ) -> list[str]:
        """Keep answers; returns their ids. One whose id is already there is kept as it was.

        But a draft gives way to the answer that it is when the exam is handed in. `run` is that of
        these answers, if it may not be kept yet; `handed_in` maps exams to when they were.
        """
        rows = [_row(attempt) for attempt in attempts]
        places = ", ".join("?" * len(FIELDS))
        insert = f"INSERT INTO attempts ({_COLUMNS}) VALUES ({places}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
        finish = f"{_FINISH} AND role = '{Role.EXAM}'"

        def keep(connection: sqlite3.Connection) -> None:
            if run:
                _begin(connection, run)
            # One after the other: a page that heard nothing sends a draft and its answer at once.
            for row in rows:
                if row[_ROLE] == Role.EXAM:
                    connection.execute(_DROP_DRAFT, row[:1])
                connection.execute(insert, row)
            connection.executemany(finish, [(at, one) for one, at in (handed_in or {}).items()])

        if rows:
            self._file.write(keep)
        return [row[0] for row in rows]

    def attempts(self, run: str | None = None, *, item: str | None = None) -> list[Attempt]:
        """All answers, or those of one run or to one item, in the order in which they were kept."""
        wanted = {
            name: value for name, value in (("run", run), ("item", item)) if value is not None
        }
        where = " WHERE " * bool(wanted) + " AND ".join(f"{name} = ?" for name in wanted)
        values = tuple(wanted.values())
        query = f"SELECT {_COLUMNS} FROM attempts{where} ORDER BY place"  # noqa: S608
        none: list[Any] = []
        rows = self._file.read(lambda found: found.execute(query, values).fetchall(), none)
        return self._sound("attempts", map(_attempt, rows))

    def _sound(self, table: str, read: Iterable[Row | None]) -> list[Row]:
        """What could be read; what the disk has changed is counted."""
        found = list(read)
        sound = [one for one in found if one is not None]
        self._unread[table] = max(self._unread[table], len(found) - len(sound))
        return sound

    def run(
        self,
        quiz: str,
        seed: int,
        items: Iterable[str],
        *,
        key: str = "",
        role: Role = Role.PRACTICE,
        after: str = "",
    ) -> Run:
        """The run with this `key` (else, the name of the quiz) to go on with, else a new one.

        It is that which was begun last, unless it is finished; an exam that was handed in goes on
        as its result, until `after` names it.
        """
        new = Run(uuid4().hex, quiz, key or quiz, role, seed, tuple(items), now())
        check_text("quiz", new.key, 4096)
        query = (
            f"SELECT {_RUN} FROM runs WHERE key = ? AND (finished_at IS NULL OR role = ?) "  # noqa: S608
            "ORDER BY place DESC LIMIT 1"
        )

        def find_or_begin(connection: sqlite3.Connection) -> Run:
            rows = connection.execute(query, (new.key, Role.EXAM)).fetchall()
            found = self._sound("runs", map(_run, rows))
            if found and found[0].id != after:
                return found[0]
            _begin(connection, new)
            return new

        return self._file.write(find_or_begin)

    def revise(self, run: Run, before: Run) -> bool:
        """Keep the seed and the items that a run has now, if it still is as it was `before`."""
        new, old = ((str(one.seed), json.dumps(one.items)) for one in (run, before))
        change = "UPDATE runs SET seed = ?, items = ? WHERE id = ? AND seed = ? AND items = ?"
        values = (*new, run.id, *old)
        count: int = self._file.write(lambda file: file.execute(change, values).rowcount)
        return count > 0

    def runs(self) -> list[Run]:
        """All runs, in the order in which they were begun."""
        query = f"SELECT {_RUN} FROM runs ORDER BY place"  # noqa: S608
        rows: list[Any] = self._file.read(lambda f: f.execute(query).fetchall(), [])
        return self._sound("runs", map(_run, rows))

    def finish(self, run: str) -> None:
        """The run of this id is over: the quiz begins anew the next time."""
        self._file.write(lambda connection: connection.execute(_FINISH, (now(), run)))

    def erase(self) -> None:
        """Delete every answer and run, and the damaged files that were kept aside."""
        if self._file.exists():
            self._file.write(_erase)
            self._file.empty_log()
        for aside in self._file.damaged_files():
            with store_errors(aside):
                aside.unlink(missing_ok=True)
        self._unread = dict.fromkeys(self._unread, 0)
        self._file.renamed.clear()
        self._file.logs.clear()

    def export(self, path: str | Path) -> Path:
        """Write all there is into a new file: CSV (answers) by its name, else JSON lines.

        CSV has a row per answer, drafts left out, and one per question of an exam that was handed
        in without an answer to it: without id, number 0, at the time of handing in. Its text
        is as `foreign` shows it: no cell is a formula, none steers a terminal, each is quoted. JSON
        lines have one object per run and per answer, with `"table"` saying which, and all text as
        it is. Raises `StoreError` when there is a file of this name.
        """
        target = absolute(path)
        attempts, runs = self.attempts(), self.runs()
        file = StringIO(newline="")
        if target.suffix.casefold() == ".csv":
            _write_csv(file, attempts, runs)
        else:
            _write_lines(file, runs, attempts)
        with store_errors(target, "error.store_export"):
            try:
                write_whole(target, file.getvalue().encode())
            except FileExistsError:
                raise StoreError("error.store_exists", target) from None
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
    except (AttemptError, TypeError, ValueError, RecursionError):
        return None


def _run(row: Sequence[Any]) -> Run | None:
    """The run of a row; None where the disk has changed it into what is none."""
    name, quiz, key, role, seed, items, started, finished = row
    try:
        asked = json.loads(items)
        if type(asked) is not list:
            return None
        check_text("run", name, 100)
        for value in (quiz, key, *asked):
            check_text("quiz", value, 4096)
        parse_time(started)
        if finished is not None:
            parse_time(finished)
        return Run(name, quiz, key, Role(role), int(seed), tuple(asked), started, finished)
    except (TypeError, ValueError, RecursionError):
        return None


def _begin(connection: sqlite3.Connection, run: Run) -> None:
    row = asdict(run) | {"seed": str(run.seed), "items": json.dumps(run.items)}
    places = ", ".join("?" * len(row))
    insert = f"INSERT INTO runs ({_RUN}) VALUES ({places}) ON CONFLICT (id) DO NOTHING"  # noqa: S608
    connection.execute(insert, tuple(row.values()))


def _erase(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA secure_delete = ON")
    for table in ("attempts", "runs", "sqlite_sequence"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608


def _write_csv(file: TextIO, attempts: list[Attempt], runs: list[Run]) -> None:
    given = final_attempts(attempts)
    writer = csv.DictWriter(file, FIELDS, restval="", quoting=csv.QUOTE_ALL)  # some split at `;`
    writer.writeheader()
    answered = (dict(zip(FIELDS, _row(attempt), strict=True)) for attempt in given)
    for row in chain(answered, _unanswered(given, runs)):
        texts = {name: visible(value) for name, value in row.items() if isinstance(value, str)}
        writer.writerow({name: cell(value) for name, value in (row | texts).items()})


def _unanswered(given: list[Attempt], runs: list[Run]) -> Iterator[dict[str, object]]:
    """A row for each question that a finished exam has no answer to."""
    known = {(one.run, one.item) for one in given}
    for run in runs:
        if run.role == Role.EXAM and run.finished_at:
            named = {"run": run.id, "quiz": run.quiz, "role": run.role, "at": run.finished_at}
            for item in run.items:
                if (run.id, item) not in known:
                    yield {**_NOTHING, **named, "item": item}


def _write_lines(file: TextIO, runs: list[Run], attempts: list[Attempt]) -> None:
    for table, rows in (("run", runs), ("attempt", attempts)):
        for row in rows:
            file.write(json.dumps({"table": table, **asdict(row)}) + "\n")


def store() -> Store:
    """The learner's own: in `SMTPEDU_PROGRESS`, else in the user's data folder."""
    from platformdirs import user_data_path

    named = os.environ.get("SMTPEDU_PROGRESS")
    try:
        usual = user_data_path("smtpedu", appauthor=False) / "progress.sqlite3"
    except RuntimeError:  # this user has no home: nothing can be kept
        usual = Path(os.devnull, "progress.sqlite3")
    path = absolute(named) if named else usual
    # Voila serves all its visitors from one account.
    key = path, not named and "VOILA_BASE_URL" in os.environ
    if key not in _stores:
        _stores[key] = Store(path, shared=key[1])
    return _stores[key]
