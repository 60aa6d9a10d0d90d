"""The tables about codes as DataFrames, fresh at every call: change them as you like."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict
from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, Any

from smtpedu.i18n import check_type, text
from smtpedu.reference import registry

if TYPE_CHECKING:
    import pandas as pd


_NEAR = 5  # how many names an error offers


def codes(
    *wanted: int, first_digit: int | None = None, columns: Iterable[str] | None = None
) -> pd.DataFrame:
    """The reply codes that an RFC defines for SMTP and submission: all, or those `wanted`.

    Index `code` (int64, ascending). Columns: `name` (string, unique), `text` (string: as the
    RFC words it, in short), `severity` and `category` (category of int: first and second
    digit, RFC 5321 §4.2.1), `outcome` (ordered category: that section's words), `permanent`
    (bool: a permanent negative completion), `obsolete` (bool), `rfc` (int64) and `section`
    (string): where the code is defined.

    With `wanted`, these codes in this order; with `first_digit`, those that begin with it; with
    `columns`, one name or several, these beside the index. Raises `LookupError` for an unknown
    code (`UnknownCodeError`), first digit or column, with what is like it; for what cannot be
    a code `ValueError` or `TypeError`, as `explain` does.

    >>> list(codes(450, 550, columns="permanent")["permanent"])
    [False, True]
    """
    numbers = [registry.find_code(one).code for one in wanted]
    digit = listed("error.first_digit", first_digit, registry.OUTCOMES)
    return selected(_codes(), numbers, columns, severity=digit)


@cache
def _codes() -> pd.DataFrame:
    rows = [asdict(code) for code in registry.defined_codes().values()]
    kinds: dict[str, list[Any]] = {
        "severity": list(registry.OUTCOMES),
        "category": list(range(6)),
        "outcome": list(registry.OUTCOMES.values()),
    }
    return _frame(rows, registry.CODES, kinds).set_index("code")


def enhanced_codes(*wanted: str, columns: Iterable[str] | None = None) -> pd.DataFrame:
    """The registry of enhanced status codes (RFC 3463, RFC 5248 and those after).

    Index `code` (string, as `X.1.6`: the class digit is the reply's own). Columns: `subject`
    and `detail` (int64), `name` (string: the registry's sample text), `description` (string),
    `basic_codes` (string: the reply codes the registry pairs it with, separated by spaces, or
    `any`, or empty), `rfc` (Int64, missing for one draft), `section` (string).

    With `wanted`, these codes in this order, as `"X.7.24"` or with a class, `"5.7.24"`;
    `columns` is as in `codes()`. Raises `LookupError` for an unknown code (`UnknownCodeError`)
    or column, with what is like it.
    """
    return selected(_enhanced(), [registry.find_enhanced(one) for one in wanted], columns)


@cache
def _enhanced() -> pd.DataFrame:
    rows = registry.enhanced().values()
    return _frame(rows, registry.ENHANCED, {}, rfc="Int64").set_index("code")


def command_replies(command: str | None = None, code: int | None = None) -> pd.DataFrame:
    """Which command may get which reply code (RFC 5321 §4.3.2 and the extensions' RFCs).

    Columns: `command` (category; `connect`, `message` and `any` stand for the opening of the
    connection, the end of the mail data, and every command), `code` (int64), `kind`
    (category: intermediate, success, error), `rfc` (int64), `section` and `condition` (string).

    With `command`, in any case, the rows of that command (those of `any` hold for it as well);
    with `code`, the rows of that code; there may be none of both. Raises `LookupError` for an
    unknown command or code (`UnknownCodeError`), with what is like it.
    """
    verb = listed("error.command", command, registry.commands())
    number = None if code is None else registry.find_code(code).code
    return selected(_replies(), command=verb, code=number)


@cache
def _replies() -> pd.DataFrame:
    kinds = {"command": registry.commands(), "kind": list(registry.KINDS)}
    return _frame(registry.replies(), registry.REPLIES, kinds)


def unofficial_codes(*wanted: int) -> pd.DataFrame:
    """Codes that reference pages list, or servers say, though no RFC defines them for SMTP.

    Index `code` (int64). Columns: `claimed` (string: what the pages say), `instead` (string:
    the defined codes that say it, separated by spaces).

    With `wanted`, these codes in this order. Raises `LookupError` for a code that is not here,
    with those like it.
    """
    for one in wanted:
        check_type("wanted", one, int, str)
    known = registry.unofficial()
    return selected(_unofficial(), [listed("error.not_unofficial", one, known) for one in wanted])


@cache
def _unofficial() -> pd.DataFrame:
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


# ---- parts of a frame ----


def selected(
    frame: pd.DataFrame,
    rows: Collection[object] = (),
    columns: Iterable[str] | None = None,
    **values: object,
) -> pd.DataFrame:
    """A copy of a frame's part: these `rows` of its index, which have these values, in any case.

    No rows, no columns and a value of None mean all; one str is one column. An index without a
    name counts from 0 again. Raises `LookupError` for an unknown column, with those like it.
    """
    if rows:
        frame = frame.loc[list(dict.fromkeys(rows))]
    for name, value in values.items():
        if value is not None:
            cells = frame[name].astype("string").str.casefold()
            frame = frame[cells == str(value).casefold()]
    if columns is not None:
        check_type("columns", columns, str, Iterable)
        names = [columns] if isinstance(columns, str) else columns
        known = [*filter(None, frame.index.names), *frame.columns]
        names = [listed("error.column", name, known) for name in names]
        frame = frame[[name for name in names if name in frame.columns]]
    frame = frame.copy()
    return frame if frame.index.name else frame.reset_index(drop=True)


def listed(error: str, name: object, known: Iterable[Any]) -> Any:
    """The one of `known` that is written like `name`, in any case; None stays None.

    Raises `LookupError` with this text where there is none: it may tell the `near`.
    """
    if name is None:
        return None
    written, wanted = {str(one).casefold(): one for one in known}, str(name).casefold()
    if wanted not in written:
        near = [str(written[one]) for one in get_close_matches(wanted, written, _NEAR, cutoff=0)]
        raise LookupError(text(error, name=name, near=", ".join(near)))
    return written[wanted]
