"""The tables about codes as DataFrames, fresh at every call: change them as you like."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from smtpedu.reference import registry

if TYPE_CHECKING:
    import pandas as pd


def _fresh(build: Callable[[], pd.DataFrame]) -> Callable[[], pd.DataFrame]:
    """Build a frame once and hand out copies: callers may change theirs."""
    once = cache(build)

    @wraps(build)
    def fresh() -> pd.DataFrame:
        return once().copy()

    return fresh


@_fresh
def codes() -> pd.DataFrame:
    """Every reply code that an RFC defines for SMTP and submission.

    Index `code` (int64, ascending). Columns: `name` (string, unique), `text` (string: as the
    RFC words it, in short), `severity` and `category` (category of int: first and second
    digit, RFC 5321 §4.2.1), `outcome` (ordered category: that section's words), `permanent`
    (bool: a permanent negative completion), `obsolete` (bool), `rfc` (int64) and `section`
    (string): where the code is defined.
    """
    rows = [asdict(code) for code in registry.defined_codes().values()]
    kinds: dict[str, list[Any]] = {
        "severity": list(registry.OUTCOMES),
        "category": list(range(6)),
        "outcome": list(registry.OUTCOMES.values()),
    }
    return _frame(rows, registry.CODES, kinds).set_index("code")


@_fresh
def enhanced_codes() -> pd.DataFrame:
    """The registry of enhanced status codes (RFC 3463, RFC 5248 and those after).

    Index `code` (string, as `X.1.6`: the class digit is the reply's own). Columns: `subject`
    and `detail` (int64), `name` (string: the registry's sample text), `description` (string),
    `basic_codes` (string: the reply codes the registry pairs it with, separated by spaces, or
    `any`, or empty), `rfc` (Int64, missing for one draft), `section` (string).
    """
    rows = registry.enhanced().values()
    return _frame(rows, registry.ENHANCED, {}, rfc="Int64").set_index("code")


@_fresh
def command_replies() -> pd.DataFrame:
    """Which command may get which reply code (RFC 5321 §4.3.2 and the extensions' RFCs).

    Columns: `command` (category; `connect`, `message` and `any` stand for the opening of the
    connection, the end of the mail data, and every command), `code` (int64), `kind`
    (category: intermediate, success, error), `rfc` (int64), `section` and `condition` (string).
    """
    commands = list(dict.fromkeys(row["command"] for row in registry.replies()))
    return _frame(
        registry.replies(), registry.REPLIES, {"command": commands, "kind": list(registry.KINDS)}
    )


@_fresh
def unofficial_codes() -> pd.DataFrame:
    """Codes that reference pages list, or servers say, though no RFC defines them for SMTP.

    Index `code` (int64). Columns: `claimed` (string: what the pages say), `instead` (string:
    the defined codes that say it, separated by spaces).
    """
    return _frame(registry.unofficial().values(), registry.UNOFFICIAL, {}).set_index("code")


def _frame(
    rows: Iterable[dict[str, Any]],
    columns: registry.Columns,
    categories: dict[str, list[Any]],
    **dtypes: str,
) -> pd.DataFrame:
    import pandas as pd

    frame = pd.DataFrame(list(rows), columns=list(columns))
    wanted: dict[str, Any] = {name: "string" for name, kind in columns.items() if kind is str}
    for name, values in categories.items():
        wanted[name] = pd.CategoricalDtype(values, ordered=name in ("outcome", "severity"))
    return frame.astype(wanted | dtypes)
