"""Runs code that a learner wrote: it may raise, print or never end, and nothing else breaks."""

from __future__ import annotations

import ctypes
import os
import reprlib
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from threading import Thread
from typing import Any

PATIENCE = 10.0  # seconds for one call


@dataclass(frozen=True, slots=True)
class Stopped:
    """A function that did not return: it raised `error` at a line of its own, or took too long."""

    error: BaseException | None = None
    line: int | str = "?"

    def __str__(self) -> str:
        name = type(self.error).__name__
        return short(self.error, f"{name}: {self.error}".removesuffix(": "))


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """What the function returns, or a `Stopped`. What it prints is dropped."""
    results: list[Any] = []
    thread = Thread(target=_run, args=(results, function, arguments), daemon=True)
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        try:
            thread.start()
            thread.join(PATIENCE)
        finally:
            late = thread.is_alive()
            if late:
                _end(thread)
    return Stopped() if late else results[0]


def _run(results: list[Any], function: Callable[..., Any], arguments: tuple[Any, ...]) -> None:
    try:
        results.append(function(*arguments))
    # Whatever a learner raises, sys.exit() included, is told and must not end anything.
    except BaseException as error:
        file = getattr(getattr(function, "__code__", None), "co_filename", None)
        steps = traceback.walk_tb(error.__traceback__)
        lines = [line for frame, line in steps if frame.f_code.co_filename == file]
        results.append(Stopped(error.with_traceback(None), lines[-1] if lines else "?"))


def _end(thread: Thread) -> None:
    """Stop a thread that does not end by itself, at its next line of Python."""
    stop = ctypes.pythonapi.PyThreadState_SetAsyncExc
    stop(ctypes.c_ulong(thread.ident or 0), ctypes.py_object(SystemExit))
    thread.join(0.5)


def short(value: object, shown: str = "") -> str:
    """What fits into a sentence, between backticks."""
    shown = (shown or reprlib.repr(value)).replace("`", "'").replace("\n", " ")
    return shown if len(shown) <= 120 else shown[:119] + "…"
