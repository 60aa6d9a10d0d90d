"""Makers of items from captured sessions, cut off where the tables leave one answer.

A session is used up to where command and reply no longer take turns, so that nobody has to know
about pipelining (RFC 2920) to answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from random import Random

from smtpedu.dialogue.captures import captures
from smtpedu.dialogue.turns import Turn
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, MESSAGE, Speaker, State
from smtpedu.questions.generators.from_tables import Say, allowed, listed, named, source
from smtpedu.questions.items import Item, Option
from smtpedu.reference.texts import card, code_meaning

_LONGEST = 34  # lines of a dialogue that one question shows


@dataclass(frozen=True, slots=True)
class SessionReply:
    """A reply in a session, with what was said before it; `line` is where it begins."""

    session: str
    before: tuple[Turn, ...]
    turn: Turn
    line: int

    @property
    def verb(self) -> str:
        """What the reply answers."""
        return self.turn.verb

    @property
    def code(self) -> int:
        """Its code."""
        return int(self.turn.lines[0][:3])

    @property
    def earlier(self) -> set[int]:
        """The codes of the replies before it."""
        return {turn.said.code for turn in self.before if isinstance(turn.said, Reply)}


@cache
def session_replies() -> tuple[SessionReply, ...]:
    """Every reply in the captured sessions up to which command and reply take turns."""
    return tuple(
        reply
        for name, capture in captures().items()
        for reply in _replies(name, capture.session.turns)
    )


def _replies(name: str, turns: tuple[Turn, ...]) -> Iterator[SessionReply]:
    line = 1
    for index, turn in enumerate(turns):
        server = index % 2 == 0
        if isinstance(turn.said, Reply) != server or line + len(turn.lines) > _LONGEST:
            return
        if server and (index == 0 or turns[index - 1].verb == turn.verb):
            yield SessionReply(name, turns[:index], turn, line)
        line += len(turn.lines)


def numbered(turns: tuple[Turn, ...]) -> tuple[tuple[int, str], ...]:
    """The lines of these turns as an item shows them."""
    marks = {Speaker.CLIENT: "C:", Speaker.SERVER: "S:"}
    lines = ((marks[turn.direction], line) for turn in turns for line in turn.lines)
    # A blank at the end of a line is part of it; one after a lone marker is not.
    return tuple(enumerate((f"{mark} {line}" if line else mark for mark, line in lines), 1))


_COMMON = (214, 220, 221, 235, 250, 251, 252, 334, 354, 551)
_IN_ORDER = ("MAIL", "RCPT", "DATA")


@cache
def askable() -> tuple[tuple[SessionReply, tuple[int, ...]], ...]:
    """Replies that follow from what is shown, and codes that cannot stand there."""
    found = [(reply, _impossible(reply)) for reply in session_replies() if reply.before]
    return tuple((reply, wrong) for reply, wrong in found if len(wrong) >= 3)


def _impossible(reply: SessionReply) -> tuple[int, ...]:
    """Codes that the RFCs do not allow here; none where the reply itself is unusual."""
    if not _legal(reply):
        # Out of order: the command cannot have been carried out.
        return (250, 251, 354, 221) if reply.code == 503 and reply.verb in _IN_ORDER else ()
    if reply.code not in listed(reply.verb) or reply.code in allowed(ANY):
        return ()
    return tuple(code for code in _COMMON if code not in allowed(reply.verb))


def _legal(reply: SessionReply) -> bool:
    """Whether the command that the reply answers was in its place."""
    return reply.verb in reply.before[-2].snapshot.legal


def next_reply(random: Random, say: Say, blank: Item) -> Item:
    """Which code answers the last line of this session?"""
    reply, impossible = random.choice(askable())
    wrong = random.sample(impossible, 3)
    verb = named(reply.verb, say)
    return replace(
        blank,
        stem=say("generated.next_stem"),
        options=tuple(
            Option(
                _fitting(reply, code, verb, say, blank.language),
                f"`{code}`",
                right=code == reply.code,
                misconception=_belief(reply, code),
            )
            for code in (reply.code, *wrong)
        ),
        source=source(reply.verb, reply.code) if _legal(reply) else "RFC 5321 §4.1.4",
        hint=say("generated.next_hint"),
        why=code_meaning(reply.verb, reply.code, blank.language),
        lines=numbered(reply.before),
        at=reply.line,
    )


def _fitting(reply: SessionReply, code: int, verb: str, say: Say, language: str) -> str:
    if code == reply.code:
        return say("generated.next_right", session=reply.session)
    if not _legal(reply):
        return say("generated.next_order", verb=verb)
    return say("generated.next_wrong", code=code, verb=verb, title=card(code, language).title)


def _belief(reply: SessionReply, code: int) -> str:
    """What shows in choosing this code, where something does."""
    if code == reply.code:
        return ""
    if not _legal(reply):
        return "any-order" if code in (250, 251, 354) else ""
    if reply.verb == MESSAGE and code == 551 and 551 in reply.earlier:
        return "551-whole-message"
    return ""


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
def crossroads() -> dict[State, list[SessionReply]]:
    """The replies after which the order of commands leaves no doubt, by state."""
    found: dict[State, list[SessionReply]] = {}
    for reply in session_replies():
        # After STARTTLS comes TLS; 530 makes a session in which little is allowed.
        unsure = reply.verb == "STARTTLS" or {530, 538} & {reply.code, *reply.earlier}
        if reply.turn.snapshot.state in _NEXT and not unsure:
            found.setdefault(reply.turn.snapshot.state, []).append(reply)
    return found


def legal_next(random: Random, say: Say, blank: Item) -> Item:
    """What may the client send now?"""
    state = random.choice(sorted(crossroads()))  # states are not equally common
    reply = random.choice(crossroads()[state])
    fitting, others = _NEXT[state]
    right, wrong = random.choice(fitting), random.sample(others, 3)
    return replace(
        blank,
        stem=say("generated.legal_stem"),
        options=tuple(
            Option(
                _in_state(verb, verb == right, state, say),
                say("generated.message") if verb == MESSAGE else f"`{verb}`",
                right=verb == right,
                misconception="any-order" if verb != right and verb in _STEPS else "",
            )
            for verb in (right, *wrong)
        ),
        source="RFC 5321 §4.1.4",
        hint=say("generated.legal_hint"),
        why=say("generated.legal_why", state=say(f"state.{state}")),
        lines=numbered((*reply.before, reply.turn)),
    )


# The steps to a message (RFC 5321 §3.3), and where in them a session stands.
_STEPS = ("EHLO", "MAIL", "RCPT", "DATA", MESSAGE)
_REACHED = {State.CONNECTED: 0, State.READY: 1, State.MAIL: 2, State.RCPT: 3, State.DATA: 4}


def _in_state(verb: str, right: bool, state: State, say: Say) -> str:
    if right:
        return say("generated.legal_right")
    if state is State.DATA:
        return say("generated.legal_data")
    # What is none of the steps: BDAT needs a recipient, AUTH no transaction (RFC 3030, RFC 4954).
    step = _STEPS.index(verb) if verb in _STEPS else {"BDAT": 3, "AUTH": 1}[verb]
    when = "legal_early" if step > _REACHED[state] else "legal_late"
    return say(f"generated.{when}", state=say(f"state.{state}"))


@cache
def countable() -> tuple[SessionReply, ...]:
    """The replies up to which a server said more lines than replies."""
    asked = (reply for reply in session_replies() if reply.before)
    return tuple(reply for reply in asked if _counts(reply)[0] < _counts(reply)[1])


def _counts(reply: SessionReply) -> tuple[int, int, int]:
    """The replies so far, the server's lines, all lines."""
    turns = (*reply.before, reply.turn)
    said = [turn for turn in turns if isinstance(turn.said, Reply)]
    return len(said), sum(len(turn.lines) for turn in said), len(numbered(turns))


def count_replies(random: Random, say: Say, blank: Item) -> Item:
    """How many replies has the server given?"""
    reply = random.choice(countable())
    right, spoken, every = _counts(reply)
    values = {
        right: (say("generated.count_right"), ""),
        spoken: (say("generated.count_lines"), "each-line-a-reply"),
        every: (say("generated.count_all"), ""),
        right - 1: (say("generated.count_greeting"), ""),
    }
    return replace(
        blank,
        stem=say("generated.count_stem"),
        options=tuple(
            Option(feedback, str(value), value == right, misconception, value)
            for value, (feedback, misconception) in values.items()
        ),
        otherwise=say("generated.count_otherwise"),
        source="RFC 5321 §4.2.1",
        hint=say("generated.count_hint"),
        why=say("generated.count_why", replies=right, lines=spoken),
        lines=numbered((*reply.before, reply.turn)),
    )
