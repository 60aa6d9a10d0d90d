"""Makers of questions about captured sessions, cut off where the tables leave one answer."""

from __future__ import annotations

from functools import cache
from random import Random

from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, MESSAGE, State
from smtpedu.questions.generators.base import (
    Place,
    Say,
    allowed,
    listed,
    named,
    numbered,
    places,
    source,
)
from smtpedu.questions.items import Item, Option
from smtpedu.reference.texts import code_meaning

# ---- what comes next? ----

_COMMON = (214, 220, 221, 235, 250, 251, 252, 334, 354, 551)
_IN_ORDER = ("MAIL", "RCPT", "DATA")


@cache
def askable() -> tuple[tuple[Place, tuple[int, ...]], ...]:
    """Places whose reply follows from what is shown, and codes that cannot stand there."""
    found = [(place, _impossible(place)) for place in places() if place.before]
    return tuple((place, wrong) for place, wrong in found if len(wrong) >= 3)


def _impossible(place: Place) -> tuple[int, ...]:
    """Codes that the RFCs do not allow here; none where the reply itself is unusual."""
    if not _legal(place):
        # Out of order: the command cannot have been carried out.
        return (250, 251, 354, 221) if place.code == 503 and place.verb in _IN_ORDER else ()
    if place.code not in listed(place.verb) or place.code in allowed(ANY):
        return ()
    return tuple(code for code in _COMMON if code not in allowed(place.verb))


def _legal(place: Place) -> bool:
    """Whether the command that the reply answers was in its place."""
    return place.verb in place.before[-2].snapshot.legal


def next_reply(random: Random, say: Say) -> Item:
    """Which code answers the last line of this session?"""
    place, impossible = random.choice(askable())
    wrong = random.sample(impossible, 3)
    verb = named(place.verb, say)
    return Item(
        id="",
        kind="predict",
        stem=say("generated.next_stem"),
        options=tuple(
            Option(
                _fitting(place, code, verb, say),
                f"`{code}`",
                right=code == place.code,
                misconception=_belief(place, code),
            )
            for code in (place.code, *wrong)
        ),
        objective="order",
        level="predict",
        source=source(place.verb, place.code) if _legal(place) else "RFC 5321 §4.1.4",
        hint=say("generated.next_hint"),
        why=code_meaning(place.verb, place.code, say.language),
        lines=numbered(place.before),
        at=place.line,
    )


def _fitting(place: Place, code: int, verb: str, say: Say) -> str:
    if code == place.code:
        return say("generated.next_right", session=place.session)
    if not _legal(place):
        return say("generated.next_order", verb=verb)
    return say("generated.next_wrong", code=code, verb=verb)


def _belief(place: Place, code: int) -> str:
    """What shows in choosing this code, where something does."""
    if code == place.code:
        return ""
    if not _legal(place):
        return "any-order" if code in (250, 251, 354) else ""
    if place.verb == MESSAGE and code == 551 and 551 in place.earlier:
        return "551-whole-message"
    return ""


# ---- what may come next? ----

# State → what the order provides for, and what it does not. What is only unusual is in neither:
# STARTTLS within a transaction, ETRN.
_NEXT: dict[State, tuple[tuple[str, ...], tuple[str, ...]]] = {
    State.CONNECTED: (("EHLO",), ("MAIL", "RCPT", "DATA", MESSAGE)),
    State.READY: (("MAIL", "NOOP", "QUIT"), ("RCPT", "DATA", "BDAT", MESSAGE)),
    State.MAIL: (("RCPT", "RSET", "QUIT"), ("MAIL", "DATA", "AUTH", MESSAGE)),
    State.RCPT: (("RCPT", "DATA", "RSET"), ("MAIL", "AUTH", MESSAGE)),
    State.DATA: ((MESSAGE,), ("MAIL", "RCPT", "DATA", "RSET", "QUIT")),
}


@cache
def crossroads() -> dict[State, list[Place]]:
    """The places after which the order of commands leaves no doubt, by state."""
    found: dict[State, list[Place]] = {}
    for place in places():
        # After STARTTLS comes TLS; 530 makes a session in which little is allowed.
        unsure = place.verb == "STARTTLS" or {530, 538} & {place.code, *place.earlier}
        if place.turn.snapshot.state in _NEXT and not unsure:
            found.setdefault(place.turn.snapshot.state, []).append(place)
    return found


def legal_next(random: Random, say: Say) -> Item:
    """What may the client send now?"""
    state = random.choice(sorted(crossroads()))  # states are not equally common
    place = random.choice(crossroads()[state])
    fitting, others = _NEXT[state]
    right, wrong = random.choice(fitting), random.sample(others, 3)
    return Item(
        id="",
        kind="diagnose",
        stem=say("generated.legal_stem"),
        options=tuple(
            Option(
                _placed(verb == right, state, say),
                _sent(verb, say),
                right=verb == right,
                misconception="" if verb == right else "any-order",
            )
            for verb in (right, *wrong)
        ),
        objective="order",
        level="diagnose",
        source="RFC 5321 §4.1.4",
        hint=say("generated.legal_hint"),
        why=say("generated.legal_why", state=say(f"state.{state}")),
        lines=numbered((*place.before, place.turn)),
    )


def _sent(verb: str, say: Say) -> str:
    return say("generated.message") if verb == MESSAGE else f"`{verb}`"


def _placed(right: bool, state: State, say: Say) -> str:
    if right:
        return say("generated.legal_right")
    if state is State.DATA:
        return say("generated.legal_data")
    return say("generated.legal_wrong", state=say(f"state.{state}"))


# ---- how many replies? ----


@cache
def countable() -> tuple[Place, ...]:
    """The places up to which a server said more lines than replies."""
    return tuple(
        place for place in places() if place.before and _counts(place)[0] < _counts(place)[1]
    )


def _counts(place: Place) -> tuple[int, int, int]:
    """The replies so far, the server's lines, all lines."""
    turns = (*place.before, place.turn)
    said = [turn for turn in turns if isinstance(turn.said, Reply)]
    return len(said), sum(len(turn.lines) for turn in said), len(numbered(turns))


def count_replies(random: Random, say: Say) -> Item:
    """How many replies has the server given?"""
    place = random.choice(countable())
    right, spoken, every = _counts(place)
    told = {
        right: (say("generated.count_right"), ""),
        spoken: (say("generated.count_lines"), "each-line-a-reply"),
        every: (say("generated.count_all"), ""),
        right - 1: (say("generated.count_greeting"), ""),
    }
    return Item(
        id="",
        kind="number",
        stem=say("generated.count_stem"),
        options=tuple(
            Option(feedback, str(value), value == right, misconception, value)
            for value, (feedback, misconception) in told.items()
        ),
        otherwise=say("generated.count_otherwise"),
        objective="digits",
        level="explain",
        source="RFC 5321 §4.2.1",
        hint=say("generated.count_hint"),
        why=say("generated.count_why", replies=right, lines=spoken),
        lines=numbered((*place.before, place.turn)),
    )
