"""One test of many cases, each a look-up: it tries them all and names every one that fails."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from inspect import Parameter, signature
from typing import Any

import pytest


def for_each(names: str, cases: Iterable[Any]) -> Callable[[Callable[..., None]], Any]:
    """Like `pytest.mark.parametrize`, but one test; for checks that leave nothing behind.

    `names` are separated by commas; what else the check takes are fixtures, or the names of a
    further `for_each`.
    """
    listed, wanted = list(cases), [name.strip() for name in names.split(",")]
    assert listed, f"no cases for {names!r}"

    def decorate(check: Callable[..., None]) -> Callable[..., None]:
        @wraps(check)
        def every(**fixtures: Any) -> None:
            failed = []
            for one in listed:
                values = one if len(wanted) > 1 else (one,)
                try:
                    check(**dict(zip(wanted, values, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    case = ", ".join(f"{value!s:.80}" for value in values)
                    failed.append(f"{case}: {error or type(error).__name__}")
            assert not failed, "\n".join([f"{len(failed)} of {len(listed)}:", *failed])

        del every.__wrapped__  # type: ignore[attr-defined]
        own = signature(check).parameters.items()
        fixtures = [
            one.replace(kind=Parameter.KEYWORD_ONLY) for name, one in own if name not in wanted
        ]
        every.__signature__ = signature(check).replace(parameters=fixtures)  # type: ignore[attr-defined]
        return every

    return decorate
