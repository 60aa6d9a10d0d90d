"""Finds and reads `data/` and `notebooks/`, in a checkout as in an installed wheel.

What is wrong in a file is said once, with file, line and field (`DataError`).
"""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_PACKAGE = Path(__file__).parent


class DataError(ValueError):
    """A data file lacks a field, misspells one, or cannot be read."""

    def __init__(self, path: Path, line: int, problem: str) -> None:
        super().__init__(f"{path}, line {line}: {problem}")
        self.path, self.line = path, line


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
    content = path.read_bytes()
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataError(path, content.count(b"\n", 0, error.start) + 1, "not UTF-8") from None


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
    try:
        # Some editors of Windows begin a file with a byte order mark.
        return tomllib.loads(text_of(path).removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        line = getattr(error, "lineno", None) or _line_of_error(str(error))
        raise DataError(path, line, str(error)) from None
    except DataError:
        raise
    except (ValueError, RecursionError) as error:  # a number of 5000 digits, 1000 brackets
        raise DataError(path, 1, str(error)) from None


def _line_of_error(message: str) -> int:
    """Before Python 3.14 a TOML error carries its line only in its text: `(at line 3, …)`."""
    _, _, rest = message.partition("at line ")
    digits = rest.partition(",")[0]
    return int(digits) if digits.isdigit() else 1


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
