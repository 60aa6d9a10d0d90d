"""The judge of the exercise `deliver`: runs a learner's function against real labs.

It gives the first mistake by name; its text is in `data/exercises/lesson-6.toml`. The function may
raise, print or never end, and nothing else breaks.
"""

from __future__ import annotations

import ctypes
import os
import reprlib
import traceback
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from email.message import EmailMessage
from threading import Thread
from types import EllipsisType
from typing import Any

from smtpedu.course.cases import CASES, MOVED_TO, OUTCOMES, Case
from smtpedu.lab.lab import Lab
from smtpedu.protocol.reply import Command

PATIENCE = 10.0  # seconds for one call
_KEYS = (*OUTCOMES.values(), "moved")
_SENDER, _HEADER = "ann@laptop.example", "friends@example.test"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What went wrong, and where; `values` fill the places of its text.

    The name is empty for a function that is not written yet.
    """

    name: str
    case: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def judge(function: Any, cases: Collection[Case] = CASES) -> Mistake | None:
    """Run a learner's `deliver` in every case and give its first mistake, if any."""
    if isinstance(function, EllipsisType):
        return Mistake("")
    if not callable(function):
        return Mistake("not-a-function")
    for case in cases:
        found = next(_mistakes(function, case), None)
        if found:
            name, values = found
            expected = {key: value for key, value in case.report().items() if value}
            return Mistake(name, case.name, {"report": expected} | values)
    return None


_Found = tuple[str, dict[str, Any]]


def _mistakes(function: Callable[..., Any], case: Case) -> Iterator[_Found]:
    """The mistakes of one run, the most telling first."""
    with case.server(case.policies | MOVED_TO) as lab:
        result = call(function, _message(case), list(case.policies), lab.host, lab.port)
    if isinstance(result, Stopped):
        if result.error is not None:
            yield from _asking(lab, case)
        values = {"error": result, "line": result.line, "seconds": int(PATIENCE)}
        yield _kind(result), values
        return
    if isinstance(result, EllipsisType) or (result is None and not lab.recordings):
        yield "", {}
    yield from _asking(lab, case)
    yield from _sending(lab, case)
    problems = list(_form(result))
    yield from problems
    if not problems:
        yield from _listing(result, case)
        yield from _moves(result["moved"], case.moved())


def _message(case: Case) -> EmailMessage:
    """A message whose header names nobody of the envelope: `To` decides nothing."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = _SENDER, _HEADER, case.name
    message.set_content("A message.")
    return message


def _kind(stopped: Stopped) -> str:
    """smtplib's ways of telling are told apart by what they carry, as a learner would."""
    error = stopped.error
    if error is None:
        return "endless"
    if isinstance(error, TypeError) and stopped.line == "?":
        return "arguments"
    if hasattr(error, "recipients"):
        return "escapes"
    if hasattr(error, "smtp_code"):
        return "escapes-code"
    return "escapes-connection" if isinstance(error, OSError) else "error"


# ---- what the server saw ----


def _commands(lab: Lab, verb: str) -> list[Command]:
    said = [pair.sent for session in lab.sessions for pair in session.exchanges]
    return [sent for sent in said if isinstance(sent, Command) and sent.verb == verb]


def _asking(lab: Lab, case: Case) -> Iterator[_Found]:
    """Recipients that were asked for without need."""
    asked = Counter((sent.path or "").lower() for sent in _commands(lab, "RCPT"))
    for mailbox in asked:
        if mailbox not in case.policies:
            yield _stranger(mailbox, case), {"recipient": mailbox}
    # Who repeats a whole transaction does so for the sake of those who were refused.
    for recipient in sorted(case.policies, key=case.code, reverse=True):
        if asked[recipient] > 1:
            about = {"recipient": recipient, "code": case.code(recipient)}
            yield f"repeats-{case.outcome(recipient)}", about


def _sending(lab: Lab, case: Case) -> Iterator[_Found]:
    """Recipients that were passed over, and messages too many or too few."""
    asked = {(sent.path or "").lower() for sent in _commands(lab, "RCPT")}
    for recipient, policy in case.policies.items():
        about = {"recipient": recipient}
        if recipient not in asked and not case.end:
            yield "not-asked", about
        taken = policy == "local" and case.outcome(recipient) == "accepted"
        if recipient in asked and taken and not lab.inbox.get(recipient):
            yield "not-sent", about
    copies = len(_commands(lab, "MAIL"))
    if copies > 1:
        yield "copies", {"count": copies}


def _stranger(mailbox: str, case: Case) -> str:
    if mailbox not in MOVED_TO:
        return "wrong-envelope"
    return "follows-551" if mailbox in case.moved().values() else "follows-251"


# ---- what it reports ----


def _form(report: Any) -> Iterator[_Found]:
    """Mistakes in the shape of the report."""
    if report is None:
        yield "returns-nothing", {}
    elif not isinstance(report, dict):
        yield "no-dict", {"came": short(report)}
    else:
        yield from (("no-key", {"key": key}) for key in _KEYS if key not in report)
        for key in (key for key in _KEYS if key in report):
            found = report[key]
            plain = isinstance(found, Collection) and not isinstance(found, str | bytes)
            if not plain or not all(isinstance(one, str) for one in found):
                yield "no-list", {"key": key, "came": short(found)}
        if not isinstance(report.get("moved", {}), dict):
            yield "moved-no-dict", {"came": short(report["moved"])}


def _listing(report: dict[str, Any], case: Case) -> Iterator[_Found]:
    """Recipients that stand under the wrong key, under several or none."""
    lists = {key: set(map(_mailbox, report[key])) for key in OUTCOMES.values()}
    for recipient in case.policies:
        expected = case.outcome(recipient)
        came = [key for key, there in lists.items() if recipient in there]
        about = {"recipient": recipient, "expected": expected, "came": "` + `".join(came)}
        if came != [expected]:
            yield _blame(case, recipient, came), about | {"code": case.code(recipient)}
    for recipient in set().union(*lists.values()) - set(case.policies):
        yield "reports-stranger", {"recipient": short(recipient, recipient)}


def _blame(case: Case, recipient: str, came: list[str]) -> str:
    """The mistake behind a recipient under the wrong key."""
    if len(came) != 1:
        return "in-several" if came else "in-none"
    if case.blame:
        return case.blame
    expected = case.outcome(recipient)
    if expected == "accepted":
        return "251-accepts" if case.code(recipient) == 251 else "one-for-all"
    if came == ["accepted"]:
        return "ignores-dict"
    return "5-is-final" if expected == "refused" else "4-is-not-final"


def _moves(came: dict[str, Any], expected: dict[str, str]) -> Iterator[_Found]:
    """Mistakes in the new addresses."""
    given = {_mailbox(old): _mailbox(new) for old, new in came.items()}
    for old, new in expected.items():
        if given.get(old) != new:
            told = short(came.get(old))
            yield "moved-missing", {"recipient": old, "address": new, "came": told}
    for old in given.keys() - expected.keys():
        yield "moved-too-many", {"recipient": old, "came": short(given[old])}


def _mailbox(written: Any) -> Any:
    return written.strip().strip("<>").lower() if isinstance(written, str) else written


# ---- running the function ----


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
