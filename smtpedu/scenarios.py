"""The scenarios: what every server in `data/sessions` was asked, and which replies decide.

The law of this file: it reads `data/scenarios.toml` and checks it. No sessions.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.files import check_fields, folder, problem_of, read_toml
from smtpedu.language import LANGUAGES, language
from smtpedu.tables import replies


@dataclass(frozen=True)
class Scenario:
    """What servers were asked. The replies to `verb` decide (a verb as in `Turn.verb`)."""

    name: str
    verb: str
    texts: dict[str, dict[str, str]]

    def title(self, in_language: str | None = None) -> str:
        """A few words."""
        return self.texts[in_language or language()]["title"]

    def asks(self, in_language: str | None = None) -> str:
        """One sentence: what the client does."""
        return self.texts[in_language or language()]["asks"]


def scenarios() -> dict[str, Scenario]:
    """Every scenario by its name, in the order of tables."""
    return _scenarios(folder("data") / "scenarios.toml")


@cache
def _scenarios(path: Path) -> dict[str, Scenario]:
    return load(path)


def load(path: Path) -> dict[str, Scenario]:
    """Read and check scenarios. Raises `DataError` with file, line and field."""
    return {name: _scenario(path, name, table) for name, table in read_toml(path).items()}


def _scenario(path: Path, name: str, table: Any) -> Scenario:
    check_fields(path, name, table, ("verb", *LANGUAGES))
    for code in LANGUAGES:
        check_fields(path, f"{name}.{code}", table[code], ("title", "asks"))
    if table["verb"] not in {row["command"] for row in replies()}:
        raise problem_of(path, name, f"unknown command {table['verb']!r} in 'verb'")
    return Scenario(name, table["verb"], {code: table[code] for code in LANGUAGES})
