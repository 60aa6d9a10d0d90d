"""The checks of the exercise `deliver`: a learner's function, run against real labs.

The law of this file: what the function did and reported in, its first mistake out. What is
said of a mistake stands in `data/exercises/lesson-6.toml`, under the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from types import EllipsisType
from typing import Any

from smtpedu.course.cases import MOVED_TO, PLACES, SITUATIONS, Situation
from smtpedu.course.sandbox import PATIENCE, Stopped, call, short
from smtpedu.lab.lab import Lab
from smtpedu.protocol.reply import Command

_KEYS = (*PLACES.values(), "moved")
_SENDER, _HEADER = "ann@laptop.example", "friends@example.test"


@dataclass(frozen=True, slots=True)
class Mistake:
    """What went wrong, and where; `values` fill the places of its text.

    The name is empty for a function that is not written yet.
    """

    name: str
    situation: str = ""
    values: dict[str, Any] = field(default_factory=dict)


def judge(function: Any, situations: Collection[Situation] = SITUATIONS) -> Mistake | None:
    """Run a learner's `deliver` in every situation and give its first mistake, if any."""
    if isinstance(function, EllipsisType):
        return Mistake("")
    if not callable(function):
        return Mistake("not-a-function")
    for situation in situations:
        found = next(_mistakes(function, situation), None)
        if found and found[0] == "unwritten":
            return Mistake("")
        if found:
            expected = {key: value for key, value in situation.report().items() if value}
            return Mistake(found[0], situation.name, {"report": expected} | found[1])
    return None


_Found = tuple[str, dict[str, Any]]


def _mistakes(function: Callable[..., Any], situation: Situation) -> Iterator[_Found]:
    """The mistakes of one run, the most telling first."""
    with situation.server(situation.policies | MOVED_TO) as lab:
        result = call(function, _message(situation), list(situation.policies), lab.host, lab.port)
    if isinstance(result, Stopped):
        if result.error is not None:
            yield from _asking(lab, situation)
        values = {"error": result, "line": result.line, "seconds": int(PATIENCE)}
        yield _kind(result), values
        return
    if isinstance(result, EllipsisType) or (result is None and not lab.recordings):
        yield "unwritten", {}
    yield from _asking(lab, situation)
    yield from _sending(lab, situation)
    problems = list(_form(result))
    yield from problems
    if not problems:
        yield from _placing(result, situation)
        yield from _moves(result["moved"], situation.moved())


def _message(situation: Situation) -> EmailMessage:
    """A message whose header names nobody of the envelope: `To` decides nothing."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = _SENDER, _HEADER, situation.name
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


def _asking(lab: Lab, situation: Situation) -> Iterator[_Found]:
    """Recipients that were asked for without need."""
    asked = Counter((sent.path or "").lower() for sent in _commands(lab, "RCPT"))
    for mailbox in asked:
        if mailbox not in situation.policies:
            yield _stranger(mailbox, situation), {"recipient": mailbox}
    # Who repeats a whole transaction does so for the sake of those who were refused.
    for recipient in sorted(situation.policies, key=situation.code, reverse=True):
        if asked[recipient] > 1:
            about = {"recipient": recipient, "code": situation.code(recipient)}
            yield f"repeats-{situation.place(recipient)}", about


def _sending(lab: Lab, situation: Situation) -> Iterator[_Found]:
    """Recipients that were passed over, and messages too many or too few."""
    asked = {(sent.path or "").lower() for sent in _commands(lab, "RCPT")}
    for recipient, policy in situation.policies.items():
        about = {"recipient": recipient}
        if recipient not in asked and not situation.end:
            yield "not-asked", about
        taken = policy == "local" and situation.place(recipient) == "accepted"
        if recipient in asked and taken and not lab.inbox.get(recipient):
            yield "not-sent", about
    copies = len(_commands(lab, "MAIL"))
    if copies > 1:
        yield "copies", {"count": copies}


def _stranger(mailbox: str, situation: Situation) -> str:
    if mailbox not in MOVED_TO:
        return "wrong-envelope"
    return "follows-551" if mailbox in situation.moved().values() else "follows-251"


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


def _placing(report: dict[str, Any], situation: Situation) -> Iterator[_Found]:
    """Recipients that stand in the wrong place, in several or in none."""
    lists = {place: set(map(_mailbox, report[place])) for place in PLACES.values()}
    for recipient in situation.policies:
        expected = situation.place(recipient)
        came = [place for place, there in lists.items() if recipient in there]
        about = {
            "recipient": recipient,
            "expected": expected,
            "came": "` + `".join(came),
            "code": situation.code(recipient),
        }
        if came != [expected]:
            yield _blame(situation, recipient, came), about
    for recipient in set().union(*lists.values()) - set(situation.policies):
        yield "reports-stranger", {"recipient": short(recipient, recipient)}


def _blame(situation: Situation, recipient: str, came: list[str]) -> str:
    """The mistake behind a recipient in the wrong place."""
    if len(came) != 1:
        return "in-several" if came else "in-none"
    if situation.blame:
        return situation.blame
    expected = situation.place(recipient)
    if expected == "accepted":
        return "251-accepts" if situation.code(recipient) == 251 else "one-for-all"
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
