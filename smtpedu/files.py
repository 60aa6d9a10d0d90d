"""Finds and reads `data/` and `notebooks/`, in a checkout as in an installed wheel.

What is wrong in a file is said once, with file, line and field (`DataError`).
"""

from __future__ import annotations

import csv
import errno
import io
import os
import re
import shutil
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from smtpedu.foreign import visible

_PACKAGE = Path(__file__).parent
_LARGEST = 100_000_000  # bytes that are read of a file
_PLACE = re.compile(
    r"(?P<reason>.*) \(at (?:line (?P<line>\d+), column (?P<column>\d+)|end of document)\)",
    re.DOTALL,
)
_DEEPEST = 100  # tables and lists within one another
# A key of more parts than that: TOML's reader takes one apart in quadratic time.
_LONG_KEY = re.compile(
    r"""(?<![\w"'\\-])(?:(?:[\w-]++|"(?:\\.|[^"\\\n])*+"|'[^'\n]*+')[ \t]*+\.[ \t]*+){100}""",
    re.ASCII,
)
_BRACKETS = re.compile(r"(?:[\[{][^\[{\n]*+){9}")
_LONG_NUMBER = re.compile(r"[=,\[][ \t]*+[+-]?[0-9][0-9A-Fa-fob_x]{16}")


class DataError(ValueError):
    """A data file lacks a field, misspells one, or cannot be read."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(visible(f"{path}, line {line}: {problem}"))
        self.path, self.line = path, line


class TomlError(DataError):
    """A file that is no TOML: the `reason`, as TOML's reader gives it, and its `column`.

    The column is 0 where the file ends too early.
    """

    def __init__(self, path: Path, line: int, column: int, reason: str) -> None:
        super().__init__(path, line, f"{reason} (column {column})" if column else reason)
        self.column, self.reason = column, reason


def folder(name: str) -> Path:
    """`data` or `notebooks`: inside the installed package, else beside it in the checkout."""
    installed = _PACKAGE / name
    return installed if installed.is_dir() else _PACKAGE.parent / name


def read_table(path: Path, columns: tuple[str, ...]) -> Iterator[tuple[int, dict[str, str]]]:
    """Line and content of each row of a CSV file that must have exactly these columns."""
    reader = csv.DictReader(io.StringIO(text_of(path), newline=""), strict=True)
    try:
        _check_header(path, tuple(reader.fieldnames or ()), columns)
        for row in reader:
            if None in row or None in row.values():
                field = next((name for name in columns if row[name] is None), columns[-1])
                raise DataError(path, reader.line_num, f"too few or too many fields at {field!r}")
            yield reader.line_num, row
    except csv.Error as error:
        raise DataError(path, reader.reader.line_num, str(error)) from None


def text_of(path: Path) -> str:
    """A file's text. Raises `DataError` with the line that is not UTF-8."""
    content = content_of(path)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(path, content.count(b"\n", 0, error.start) + 1, "not UTF-8") from None


def content_of(path: Path) -> bytes:
    """A file's bytes. A pipe that nobody writes to is empty: it is not waited for."""
    with open(path, "rb", opener=_open_at_once) as file:
        return read_all(file, path)


def read_all(file: BinaryIO, name: object) -> bytes:
    """What is in an open file. Raises `OSError` for what may have no end, such as a device."""
    size = os.fstat(file.fileno()).st_size  # 0 of a pipe and of a device
    with suppress(OSError, AttributeError):  # Windows
        os.set_blocking(file.fileno(), True)
    content = file.read(-1 if 0 < size <= _LARGEST else _LARGEST + 1)
    if len(content) > _LARGEST:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(name))
    return content


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # Windows has no pipes among files


def absolute(path: str | Path) -> Path:
    """The path from the root, with `~` as in a shell. Raises `OSError` that names the file."""
    try:
        return Path(os.path.expanduser(path)).absolute()
    except OSError as error:  # the working folder has been removed
        raise OSError(error.errno, error.strerror, str(path)) from None


def write_whole(path: Path, content: bytes, *, over: bool = False) -> None:
    """Write a file that is there whole or not at all, whatever comes between.

    What has this name stays: `FileExistsError`, for a folder, a pipe or a link to nothing too.
    `over` replaces a regular file, also where a link leads to it, and keeps its permissions.
    Raises `OSError` that names the file. Who is killed meanwhile leaves one file `.smtpedu-…`
    behind, which may be deleted; on a disk without links, an empty file of this name, too.
    """
    target = Path(os.path.realpath(path)) if over else path
    new = target.parent / f".smtpedu-{uuid4().hex}"
    try:
        over = over and target.is_file()
        if not over and os.path.lexists(target):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        with new.open("xb") as file:
            if over:
                shutil.copymode(target, new)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if not over:
            _take_name(new, target)
        else:
            os.replace(new, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from None
    finally:
        with suppress(OSError):
            new.unlink()


def _take_name(new: Path, target: Path) -> None:
    """Give a file a name that is free. Of two processes that want it, one gets it."""
    try:
        os.link(new, target)
    except FileExistsError:
        raise
    except OSError:  # this disk has no links
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        os.replace(new, target)


def _check_header(path: Path, found: tuple[str, ...], expected: tuple[str, ...]) -> None:
    missing = [name for name in expected if name not in found]
    unknown = [name for name in found if name not in expected]
    repeated = [name for name in expected if found.count(name) > 1]
    if missing or unknown or repeated:
        parts = [f"missing column {name!r}" for name in missing]
        parts += [f"unknown column {name!r}" for name in unknown]
        parts += [f"repeated column {name!r}" for name in repeated]
        raise DataError(path, 1, ", ".join(parts))


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file as a dict; what TOML does not allow is a `DataError` with file and line."""
    return parse_toml(path, text_of(path))


def parse_toml(path: Path, content: str) -> dict[str, Any]:
    """What `read_toml` makes of a file of this content."""
    content = content.removeprefix("\ufeff")  # some editors of Windows begin a file with it
    try:
        if _LONG_KEY.search(content):
            raise RecursionError
        found = tomllib.loads(content)
        _check_size(found)
    except tomllib.TOMLDecodeError as error:
        raise _toml_error(path, content, str(error)) from None
    except RecursionError:
        said = f"more than {_DEEPEST} tables or lists within one another"
        place = _LONG_KEY.search(content) or _BRACKETS.search(content)
    except ValueError:  # Python's, for one of 4,301 digits, or ours
        said, place = "a number of more than 64 bits", _LONG_NUMBER.search(content)
    else:
        return found
    raise DataError(path, content.count("\n", 0, place.start()) + 1 if place else 1, said)


def _check_size(found: dict[str, Any]) -> None:
    """Hold that others can bear what was read: they print it, and may go through it recursively.

    Raises `RecursionError`, and `ValueError` for a number that TOML 1.0 ("Integer") does not allow.
    """
    level: list[Any] = [found]
    for _ in range(_DEEPEST):
        if any(isinstance(one, int) and not -(2**63) <= one < 2**63 for one in level):
            raise ValueError
        tables = (one.values() if isinstance(one, dict) else one for one in level if _holds(one))
        level = list(chain.from_iterable(tables))
    if level:
        raise RecursionError


def _holds(value: object) -> bool:
    return isinstance(value, dict | list)


def _toml_error(path: Path, content: str, message: str) -> TomlError:
    """Before Python 3.14 a TOML error carries its place only in its text."""
    found = _PLACE.fullmatch(message)
    if not found:
        return TomlError(path, 1, 0, message)
    if not found["line"]:
        return TomlError(path, content.rstrip().count("\n") + 1, 0, found["reason"])
    return TomlError(path, int(found["line"]), int(found["column"]), found["reason"])


def check_fields(path: Path, header: str, table: object, fields: tuple[str, ...]) -> None:
    """Hold that `[header]` of a TOML file has exactly these fields, none of them empty."""
    if isinstance(table, Mapping):
        # 0 and false are values, not gaps.
        empty = [name for name in fields if table.get(name) in (None, "", [], {})]
        problems = [f"missing or empty field {name!r}" for name in empty]
        problems += [f"unknown field {name!r}" for name in table if name not in fields]
    else:
        problems = ["not a table"]
    if problems:
        raise problem_of(path, header, ", ".join(problems))


def problem_of(path: Path, header: str, problem: str) -> DataError:
    """What to raise for a problem of `[header]`: it names the line of that header."""
    rows = text_of(path).splitlines()
    line = next((n for n, row in enumerate(rows, 1) if row.strip() == f"[{header}]"), 1)
    return DataError(path, line, f"[{header}]: {problem}")
