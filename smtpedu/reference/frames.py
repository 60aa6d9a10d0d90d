"""The code tables as DataFrames, and the two questions about codes: `explain`, `compare`.

Frames are fresh at every call: change them as you like.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache, wraps
from typing import TYPE_CHECKING, Any

from smtpedu.i18n import text
from smtpedu.protocol.reply import Reply, parse_reply
from smtpedu.reference import registry
from smtpedu.reference.card import Explanation
from smtpedu.reference.compare import Comparison
from smtpedu.reference.registry import UnknownCodeError, known

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
    rows = (
        {name: getattr(code, name) for name in registry.CODES} for code in registry.table().values()
    )
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


def explain(what: object) -> Explanation:
    """Explain a reply code, an enhanced status code, or a whole reply.

    `what` is an int or str such as `551`, `"5.1.6"`, `"X.1.6"`, `"551 5.1.6 User has moved"`, or
    a `Reply`. A whole reply whose code no RFC defines is explained by its first digit
    (RFC 5321 §4.2). Raises `UnknownCodeError` for a lone code that is not known,
    `ReplySyntaxError` for text that is none of these, `TypeError` for other types.
    """
    if isinstance(what, Reply):
        return Explanation(what, registry.table().get(what.code), what.enhanced)
    if not isinstance(what, str) or _is_number(what.strip()):
        return Explanation(None, known(what), None)
    if enhanced := _enhanced_code(what.strip()):
        return Explanation(None, None, enhanced)
    return explain(parse_reply(what.strip()))


def _is_number(written: str) -> bool:
    return written.isascii() and written.isdigit()


def _enhanced_code(written: str) -> str | None:
    """`5.1.6` or `X.1.6` when that is all there is. Raises `UnknownCodeError`."""
    class_, dot, rest = written.upper().partition(".")
    parts = rest.split(".")
    if class_ not in ("2", "4", "5", "X") or not dot or not all(map(str.isdigit, parts)):
        return None
    if f"X.{rest}" not in registry.enhanced():
        family = [code for code in registry.enhanced() if code.startswith(f"X.{parts[0]}.")]
        nearest = ", ".join(family or ["X.0.0"])
        message = text("error.unknown_enhanced", code=written, nearest=nearest)
        raise UnknownCodeError(written, message)
    return f"{class_}.{rest}"


def compare(a: object, b: object) -> Comparison:
    """Compare any two defined codes: their cards, key differences, when to use each, sources.

    `a` and `b` are ints or strings of three digits. In a notebook the result shows as a widget
    that compares any other two as well; `print()` gives text, `.to_frame()` a DataFrame.
    Raises `UnknownCodeError` with the nearest known codes, `ValueError` for other text,
    `TypeError` for other types.

    >>> compare(250, 551).to_frame().loc[("difference", "again"), "differs"]
    True
    """
    return Comparison(known(a), known(b))
