"""One SQLite file that may be damaged, newer, somebody else's, read-only, or busy.

It knows how a file is opened, examined and kept aside, and nothing of answers. No file is ever
overwritten: a damaged one is renamed, a newer one is not touched. Each piece of work has a short
connection of its own, so that threads, forks and several notebooks need not know of each other;
what a piece of work has committed survives the end of the process and of the power (WAL with
`synchronous=FULL`). A kernel is never kept waiting: a file that is held is waited for once, then
tried without waiting. What is on the disk can be read wherever bytes can: at the worst in a copy.
But for that copy, nothing here opens the file but SQLite: on POSIX, whoever closes a file drops the
locks that other threads of the process hold on it; so the threads take turns.
"""

from __future__ import annotations

import errno
import glob
import os
import re
import shutil
import sqlite3
import stat
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import uniform
from tempfile import TemporaryDirectory
from threading import Lock, RLock
from typing import Any, TypeVar
from uuid import uuid4

from smtpedu.i18n import text

APPLICATION = 0x736D7470  # "smtp", in the header of the file
WAIT = 0.6  # seconds that another process may hold the file
_HURRY = 1.0  # seconds in which, after that, nothing waits for it again
_LEFT_OVER = 3600  # seconds after which a file that was never finished is nobody's
_LONGEST = 10_000_000  # octets of a value: a file cannot ask for more work than it holds

_COMPANIONS = ("-journal", "-wal", "-shm")
_DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
# A log needs memory that is shared through a file: not every disk has it, and a full one has none.
_NO_SHARED_MEMORY = {
    sqlite3.SQLITE_IOERR_SHMLOCK,
    sqlite3.SQLITE_IOERR_SHMMAP,
    sqlite3.SQLITE_IOERR_SHMOPEN,
    sqlite3.SQLITE_IOERR_SHMSIZE,
}

# Held by whoever uses a file, and at a fork by whoever forks: the child can use it, too.
_turn = RLock()
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=_turn.acquire, after_in_parent=_turn.release, after_in_child=_turn.release
    )

Result = TypeVar("Result")
Work = Callable[[sqlite3.Connection], Result]

_REASONS = {
    sqlite3.SQLITE_FULL: "store.full",
    sqlite3.SQLITE_BUSY: "store.busy",
    sqlite3.SQLITE_READONLY: "store.readonly",
    sqlite3.SQLITE_CANTOPEN: "store.readonly",
    sqlite3.SQLITE_PERM: "store.readonly",
}
_SYSTEM_REASONS = {
    errno.ENOSPC: "store.full",
    errno.EDQUOT: "store.full",
    errno.EACCES: "store.readonly",
    errno.EPERM: "store.readonly",
    errno.EROFS: "store.readonly",
    errno.ENOTDIR: "store.no_folder",
}


class StoreError(Exception):
    """The progress file cannot be used now; whole sentences in the current language name it."""

    def __init__(self, key: str, path: Path, **values: Any) -> None:
        super().__init__(text(key, path=path, **values))
        self.path = path


@contextmanager
def store_errors(path: Path, message: str = "error.store") -> Iterator[None]:
    """What the system or SQLite says becomes one `StoreError` that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        key = _REASONS.get(code_of(error), "store.other")
        raise StoreError(message, path, reason=text(key, said=error)) from error
    except OSError as error:
        key = _SYSTEM_REASONS.get(error.errno or 0, "store.other")
        reason = text(key, said=error.strerror or error)
        raise StoreError(message, path, reason=reason) from error


def code_of(error: sqlite3.Error) -> int:
    """SQLite's primary result code of an error, without what an extended one adds."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


@dataclass(frozen=True, slots=True)
class Schema:
    """The tables of a file: their version, and what makes them, in a new file or an earlier one."""

    version: int
    make: Callable[[sqlite3.Connection], None]
    upgrade: Callable[[sqlite3.Connection], None]

    def is_in(self, connection: sqlite3.Connection) -> bool:
        """Whether a file of this version has these tables as they were made, and no others."""
        with closing(sqlite3.connect(":memory:")) as new:
            self.make(new)
            return _statements(new) == _statements(connection)


def _statements(connection: sqlite3.Connection) -> set[str]:
    """What has made the tables, indexes and triggers, but for SQLite's own."""
    query = "SELECT sql FROM sqlite_master WHERE sql <> '' AND name NOT LIKE 'sqlite|_%' ESCAPE '|'"
    return {row[0] for row in connection.execute(query)}


class _DamagedError(Exception):
    """What is in the file is not, or no longer, a database of ours."""


class Database:
    """A file with a schema, made when first written to, upgraded when next written to.

    `renamed` lists the damaged files that were renamed since this object was made, `logs` the
    copies of logs of which SQLite cannot read all. With `read_only` the file is somebody else's:
    nothing is made in its place, and it is not renamed.
    """

    def __init__(self, path: Path, schema: Schema, *, read_only: bool = False) -> None:
        # What a link leads to: that file is the one to rename, and has SQLite's log beside it.
        self.path = Path(os.path.realpath(path)) if os.path.islink(path) else path
        self.schema, self.read_only = schema, read_only
        self.renamed: list[Path] = []
        self.logs: list[Path] = []
        self._sound: tuple[int, int] | None = None  # the file that was examined last
        self._hurried_until = 0.0

    def read(self, work: Work[Result], missing: Result, *, older: bool = True) -> Result:
        """Do work that changes nothing; `missing` is the result while there is no file.

        A file of an earlier version stays as it is: the work is done on a copy of today's version.
        Without `older`, `missing` is the result then, too.
        """

        def reading(connection: sqlite3.Connection) -> Result:
            if not self._is_older(connection):
                return work(connection)
            return self._upgraded(connection, work) if older else missing

        with store_errors(self.path):
            there = (
                _is_odd(self.path)
                or _size(self.path)
                or (_size(f"{self.path}-wal") and self.path.exists())
            )
            return self._mended(reading, is_read=True) if there else missing

    def check(self) -> None:
        """Raise the `StoreError` that reading or writing would raise, as far as can be told.

        Nothing is written: that a disk is full shows only when something is.
        """
        self.read(lambda _: None, None)
        with store_errors(self.path):
            if not self.read_only:
                _hold_writable(self.path)

    def write(self, work: Work[Result]) -> Result:
        """Do work in one transaction: when this returns, it is on the disk."""

        def transaction(connection: sqlite3.Connection) -> Result:
            connection.execute("BEGIN IMMEDIATE")
            if self._is_older(connection):
                self._upgrade(connection)
                connection.execute(f"PRAGMA user_version = {self.schema.version}")
            result = work(connection)
            connection.execute("COMMIT")
            return result

        with store_errors(self.path):
            return self._mended(transaction)

    def empty_log(self) -> None:
        """Leave nothing in the log of what was deleted from the file."""

        def truncate(connection: sqlite3.Connection) -> None:
            if connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                held = sqlite3.OperationalError("the log is being read")
                held.sqlite_errorcode = sqlite3.SQLITE_BUSY
                raise held

        with store_errors(self.path):
            self._in_turn(lambda: self._in_place(truncate))

    def exists(self) -> bool:
        """Whether there is a file, or something else of this name."""
        return os.path.lexists(self.path)

    def _upgraded(self, connection: sqlite3.Connection, work: Work[Result]) -> Result:
        """Do work on a copy of today's version."""
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as copy:
            copy.text_factory = connection.text_factory
            connection.backup(copy)
            if self._is_older(copy):
                self._upgrade(copy)
            return work(copy)

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        try:
            self.schema.upgrade(connection)
        except sqlite3.Error as error:  # it calls itself older, and is not
            if code_of(error) == sqlite3.SQLITE_ERROR:
                raise _DamagedError(str(error)) from error
            raise

    def _is_older(self, connection: sqlite3.Connection) -> bool:
        return int(_pragma(connection, "user_version")) < self.schema.version

    def _mended(self, work: Work[Result], *, is_read: bool = False) -> Result:
        """Do the work; a damaged file is kept aside first, and a new one begun."""
        for _ in range(3):
            try:
                return self._do(work, is_read=is_read)
            except _DamagedError as error:
                problem: Exception = error
                try:
                    if self.read_only:
                        raise PermissionError
                    self._rename_damaged()
                except (OSError, sqlite3.Error):  # it has to stay where it is
                    raise StoreError("error.store_damaged", self.path) from error
            except FileNotFoundError as error:
                problem = error  # another process has just kept it aside
        reason = text("store.other", said=problem)
        raise StoreError("error.store", self.path, reason=reason)

    def _do(self, work: Work[Result], *, is_read: bool = False) -> Result:
        def made() -> Result:
            self._make()
            return self._in_place(work)

        try:
            return self._in_turn(made)
        except sqlite3.OperationalError as error:
            is_held = code_of(error) == sqlite3.SQLITE_BUSY
            if not is_read:
                raise
            try:
                return self._in_copy(work)
            except (OSError, sqlite3.OperationalError):
                raise error from None
            except _DamagedError:  # a file that is held may have been copied half
                raise error if is_held else _DamagedError from None

    def _in_turn(self, act: Callable[[], Result]) -> Result:
        """Do something once nobody holds the file; SQLite itself would look too rarely for that."""
        begun = time.monotonic()
        end = begun + WAIT if begun > self._hurried_until else begun
        while True:
            try:
                return act()
            except sqlite3.OperationalError as error:
                if code_of(error) != sqlite3.SQLITE_BUSY:
                    raise
                if time.monotonic() >= end:
                    if end > begun:
                        self._hurried_until = end + _HURRY
                    raise
            time.sleep(uniform(0.001, 0.01))  # noqa: S311 (nothing secret)

    def _in_place(self, work: Work[Result]) -> Result:
        try:
            return self._on(self.path, work)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode not in _NO_SHARED_MEMORY:
                raise
            return self._on(self.path, work, alone=True)

    def _in_copy(self, work: Work[Result]) -> Result:
        with TemporaryDirectory() as folder:
            copy = Path(folder, "copy")
            with _turn:
                for end in ("", "-journal", "-wal"):
                    with suppress(FileNotFoundError):
                        shutil.copyfile(f"{self.path}{end}", f"{copy}{end}")
            return self._on(copy, work)

    def _on(self, path: Path, work: Work[Result], *, alone: bool = False) -> Result:
        """Do the work on this file; `alone`, nobody else can use it meanwhile."""
        with _turn, closing(_connect(path)) as connection:
            try:
                if alone:
                    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
                connection.execute("PRAGMA synchronous = FULL")
                self._examine(connection, path)
                return work(connection)
            except UnicodeDecodeError as error:  # what SQLite says quotes the file
                raise _DamagedError(str(error)) from error
            except sqlite3.DatabaseError as error:
                if code_of(error) in _DAMAGE:
                    raise _DamagedError(str(error)) from error
                if code_of(error) == sqlite3.SQLITE_ERROR:  # such as a table that is gone
                    self._sound = None
                    self._examine(connection, path)
                if error.sqlite_errorcode == sqlite3.SQLITE_READONLY_DBMOVED:
                    raise FileNotFoundError(path) from error
                raise

    def _make(self) -> None:
        """Make the file where there is none, or an empty one: at once whole, never half."""
        if any(_is_odd(f"{self.path}{end}") for end in ("", *_COMPANIONS)):
            raise StoreError("error.store", self.path, reason=text("store.readonly"))
        if _size(self.path):
            return
        if _size(f"{self.path}-wal"):
            raise _DamagedError("a log without its file")  # which SQLite would delete
        _hold_writable(self.path)
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in self.path.parent.glob(f".{glob.escape(self.path.name)}.{'[0-9a-f]' * 32}*"):
            with suppress(OSError):  # whoever made it was killed
                if time.time() - old.stat().st_mtime > _LEFT_OVER:
                    old.unlink()
        new = self.path.with_name(f".{self.path.name}.{uuid4().hex}")
        try:
            _build(new, self.schema)
            with suppress(OSError):  # it is there by now, or this disk has no links
                os.link(new, self.path)
            if not _size(self.path):
                with self._alone("begin"):
                    if not _size(self.path):
                        os.replace(new, self.path)
        finally:
            for end in ("", *_COMPANIONS):
                Path(f"{new}{end}").unlink(missing_ok=True)

    def _examine(self, connection: sqlite3.Connection, path: Path) -> None:
        """Hold that the file, which `path` may be a copy of, is ours and whole."""
        application, version = (_pragma(connection, n) for n in ("application_id", "user_version"))
        if application != APPLICATION:
            query = "SELECT count(*) FROM sqlite_master WHERE name = 'attempts'"
            if connection.execute(query).fetchone()[0]:
                raise _DamagedError("application_id")
            raise StoreError("error.store_foreign", self.path)
        if version > (known := self.schema.version):
            raise StoreError("error.store_newer", self.path, version=version, known=known)
        file = os.stat(self.path)
        if self._sound != (file.st_dev, file.st_ino):
            # First of all: to examine a file is to do what its tables ask for.
            if version == known and not self.schema.is_in(connection):
                raise _DamagedError("schema")
            if _pragma(connection, "integrity_check") != "ok" or _is_cut(connection, path):
                raise _DamagedError("integrity_check")
            if _size(f"{path}-wal") and _is_unread(connection, path):
                self._keep_log(path)
            self._sound = file.st_dev, file.st_ino

    def _keep_log(self, path: Path) -> None:
        """Keep a copy of the log aside, which SQLite deletes when it has read what it can."""
        copy = Path(f"{_free_name(self.path)}-wal")
        with suppress(OSError):  # where nothing can be written, SQLite leaves it where it is
            shutil.copy(f"{path}-wal", copy)  # with its permissions
            self.logs.append(copy)

    def damaged_files(self) -> list[Path]:
        """Every file, of whatever time, that was kept aside as damaged."""
        stem, end = re.escape(self.path.stem), re.escape(self.path.suffix)
        name = re.compile(
            rf"{stem}\.damaged-\d{{8}}T\d{{6}}Z(-\d+)?{end}({'|'.join(_COMPANIONS)})?"
        )
        with suppress(FileNotFoundError):
            return sorted(one for one in self.path.parent.iterdir() if name.fullmatch(one.name))
        return []

    @contextmanager
    def _alone(self, what: str) -> Iterator[None]:
        """One process at a time; the lock of an empty SQLite file ends with its holder."""
        name = f"{self.path}.{what}-lock"
        with closing(sqlite3.connect(name, timeout=0, isolation_level=None)) as lock:
            self._in_turn(lambda: lock.execute("BEGIN EXCLUSIVE"))
            yield

    def _rename_damaged(self) -> None:
        """Rename the damaged file and what belongs to it; only one process does it."""
        with self._alone("renamed"):
            self._sound = None
            with suppress(_DamagedError):
                self._do(lambda connection: self._upgraded(connection, lambda _: None))
                return  # another process has done it
            aside = _free_name(self.path)
            # The database itself last: its -wal without it would be deleted by SQLite.
            for end in (*_COMPANIONS, ""):
                with suppress(FileNotFoundError):
                    os.rename(f"{self.path}{end}", f"{aside}{end}")
            self.renamed.append(aside)


class Memory:
    """A database in no file: what is in it lasts as long as this Python."""

    def __init__(self, schema: Schema) -> None:
        self.renamed: list[Path] = []
        self.logs: list[Path] = []
        self._lock = Lock()
        self._connection = connection = sqlite3.connect(
            ":memory:", check_same_thread=False, isolation_level=None
        )
        weakref.finalize(self, connection.close)
        schema.make(connection)

    def write(self, work: Work[Result]) -> Result:
        """Do work."""
        with self._lock:
            return work(self._connection)

    def read(self, work: Work[Result], missing: Result, *, older: bool = True) -> Result:
        """Do work that changes nothing."""
        return self.write(work)

    def check(self) -> None:
        """Nothing can be wrong."""

    def empty_log(self) -> None:
        """There is none."""

    def exists(self) -> bool:
        """Whether there is something to be erased."""
        return True

    def damaged_files(self) -> list[Path]:
        """Nothing was damaged."""
        return []


def _build(path: Path, schema: Schema) -> None:
    """A new database, readable by its owner alone."""
    os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    with closing(_connect(path)) as connection:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # needs no shared memory
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN")
        schema.make(connection)
        connection.execute(f"PRAGMA application_id = {APPLICATION}")
        connection.execute(f"PRAGMA user_version = {schema.version}")
        connection.execute("COMMIT")
        # At the end, so that nothing is in the log alone: that does not get the file's name. Where
        # WAL cannot be had, as on a network drive, the journal is as durable.
        connection.execute("PRAGMA journal_mode = WAL")


def _hold_writable(path: Path) -> None:
    """Raise `OSError` where a file cannot be written, or made with the folders it needs."""
    there = next(place for place in (path, *path.parents) if os.path.lexists(place))
    if there != path and not there.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    folder = there if there.is_dir() else there.parent  # of the log
    if not (os.access(there, os.W_OK) and os.access(folder, os.W_OK | os.X_OK)):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _is_odd(path: str | Path) -> bool:
    """Whether this is a folder, a pipe or a device, which is empty or without end."""
    with suppress(OSError):
        return not stat.S_ISREG(os.stat(path).st_mode)
    return False


def _size(path: str | Path) -> int:
    try:
        return os.stat(path).st_size
    except (FileNotFoundError, NotADirectoryError):
        return 0


def _is_cut(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether part of a page is missing: SQLite takes that for zeros.

    While there is a log it may be so: another process is writing the page.
    """
    page = _pragma(connection, "page_size")
    cut, log = _size(path) % page, _size(f"{path}-wal")
    return bool(cut and not log and _size(path) % page)


def _is_unread(connection: sqlite3.Connection, path: Path) -> bool:
    """Whether the log has what was committed after a place at which SQLite stops reading it.

    That cannot be told while another process writes: then SQLite has read it before.
    """
    with suppress(sqlite3.OperationalError, FileNotFoundError), closing(_connect(path)) as held:
        held.execute("BEGIN IMMEDIATE")
        last = _last_commit(Path(f"{path}-wal"), _pragma(connection, "page_size"))
        return bool(0 <= connection.execute("PRAGMA wal_checkpoint").fetchone()[1] < last)
    return False


def _last_commit(log: Path, page: int) -> int:
    """The number of the last frame with which a transaction ends (SQLite, File Format, §4.1)."""
    last = number = 0
    with log.open("rb") as frames:  # SQLite holds no lock on it
        # What was in the file before has other salts; those of the log may be what is damaged.
        salts = {frames.read(32)[16:24]}
        while len(frame := frames.read(24)) == 24:
            number += 1
            if number == 1:
                salts.add(frame[8:16])
            if frame[8:16] in salts and any(frame[4:8]):
                last = number
            frames.seek(page, os.SEEK_CUR)
    return last


def _connect(path: Path) -> sqlite3.Connection:
    # mode=rw: a file that was renamed a moment ago must not come back with other permissions.
    uri = without_authority(path.absolute().as_uri())
    try:
        connection = sqlite3.connect(f"{uri}?mode=rw", uri=True, timeout=0, isolation_level=None)
    except sqlite3.OperationalError as error:
        raise error if path.exists() else FileNotFoundError(path) from error
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST)
    connection.text_factory = lambda content: content.decode("utf-8", "replace")
    return connection


def without_authority(uri: str) -> str:
    """A file's URI as SQLite knows it: a server of Windows is part of the path, not before it."""
    return uri if uri.startswith("file:///") else f"file:////{uri.removeprefix('file://')}"


def _pragma(connection: sqlite3.Connection, name: str) -> Any:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


def _free_name(path: Path) -> Path:
    """Where a damaged file is kept: `progress.damaged-20261124T093000Z.sqlite3`."""
    time = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    number = 1
    while True:
        again = f"-{number}" if number > 1 else ""
        name = path.with_name(f"{path.stem}.damaged-{time}{again}{path.suffix}")
        if not any(Path(f"{name}{end}").exists() for end in ("", *_COMPANIONS)):
            return name
        number += 1
