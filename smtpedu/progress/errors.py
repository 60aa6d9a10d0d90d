"""What goes wrong with a file, said once: the system's and SQLite's errors as one of ours."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from smtpedu.language import text

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
def told(path: Path, message: str = "error.store") -> Iterator[None]:
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
