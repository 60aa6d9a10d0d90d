"""Makers of questions about what goes together: commands and codes, basic and enhanced codes."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from random import Random

from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.questions.generators.base import Say, allowed, listed, named, source
from smtpedu.questions.items import Item, Option
from smtpedu.reference.registry import defined_codes, enhanced, replies
from smtpedu.reference.texts import card

# ---- who may say it ----

_ASKED = (
    *(CONNECT, "EHLO", "MAIL", "RCPT", "DATA", MESSAGE, "RSET", "VRFY", "NOOP", "HELP"),
    *("AUTH", "STARTTLS", "QUIT"),
)
# A server may refuse any command that it does not have with 502 or 504 (RFC 5321 §4.2.4).
_UNSURE = {502, 504}


@cache
def answers() -> dict[int, tuple[list[str], list[str]]]:
    """Code → the commands it may answer, and those it never does."""
    general = allowed(ANY) | _UNSURE
    found = {}
    for code in sorted(set(defined_codes()) - general):
        may = [verb for verb in _ASKED if code in listed(verb)]
        never = [verb for verb in _ASKED if code not in allowed(verb)]
        if {"DATA", MESSAGE} & set(may):  # many say DATA and mean the message
            never = [verb for verb in never if verb not in ("DATA", MESSAGE)]
        if may and len(never) >= 3:
            found[code] = may, never
    return found


def who_may_say(random: Random, say: Say) -> Item:
    """Which command may get this code?"""
    code = random.choice(list(answers()))
    may, never = answers()[code]
    right, wrong = random.choice(may), random.sample(never, 3)
    return Item(
        id="",
        kind="choice",
        stem=say("generated.who_stem", code=code),
        options=tuple(
            Option(
                _answered(say, verb),
                named(verb, say),
                right=verb == right,
                misconception="551-whole-message" if (verb, code) == (MESSAGE, 551) else "",
            )
            for verb in (right, *wrong)
        ),
        objective="order",
        level="recall",
        source=source(right, code),
        hint=say("generated.who_hint", title=card(code, say.language).title),
        why=say("generated.who_why", code=code, verb=named(right, say)),
    )


def _answered(say: Say, verb: str) -> str:
    """What a command may get, the first few codes of it."""
    codes = [row["code"] for row in replies() if row["command"] == verb][:4]
    return say("generated.who_said", verb=named(verb, say), codes=_joined(codes, say))


def _joined(codes: Iterable[int], say: Say) -> str:
    return say("list.separator").join(f"`{code}`" for code in codes)


# ---- enhanced status codes ----


def enhanced_class(random: Random, say: Say) -> Item:
    """Which enhanced code may stand in a reply with this code?"""
    pairs = [
        (int(basic), row)
        for row in enhanced().values()
        for basic in row["basic_codes"].split()
        if basic.isdigit() and int(basic) in defined_codes()
    ]
    code, row = random.choice(pairs)
    first, rest = code // 100, f"{row['subject']}.{row['detail']}"
    return Item(
        id="",
        kind="choice",
        stem=say("generated.enhanced_stem", code=code),
        options=tuple(
            Option(
                _agreeing(say, code, digit),
                f"`{digit}.{rest}`",
                right=digit == first,
                misconception="551-temporary" if (code, digit) == (551, 4) else "",
            )
            for digit in (2, 3, 4, 5)
        ),
        objective="enhanced",
        level="recall",
        source="RFC 2034 §4",
        hint=say("generated.enhanced_hint"),
        why=say("generated.enhanced_why", code=code, digit=first),
    )


def _agreeing(say: Say, code: int, digit: int) -> str:
    if digit == 3:
        return say("generated.enhanced_three")
    if digit == code // 100:
        return say("generated.enhanced_right", code=code)
    return say("generated.enhanced_wrong", code=code, digit=digit)


def enhanced_subject(random: Random, say: Say) -> Item:
    """What is an enhanced code about, by its second number?"""
    row = random.choice([row for row in enhanced().values() if row["subject"]])
    right, code = row["subject"], f"{random.choice((4, 5))}.{row['subject']}.{row['detail']}"
    wrong = random.sample([subject for subject in range(1, 8) if subject != right], 3)
    return Item(
        id="",
        kind="choice",
        stem=say("generated.subject_stem", code=code),
        options=tuple(
            Option(
                say("generated.subject_right", code=f"X.{right}")
                if subject == right
                else say("generated.subject_wrong", other=f"X.{subject}", code=f"X.{right}"),
                say(f"subject.{subject}"),
                right=subject == right,
            )
            for subject in (right, *wrong)
        ),
        objective="enhanced",
        level="recall",
        source="RFC 3463 §2",
        hint=say("generated.subject_hint"),
        why=say("generated.subject_why", subject=say(f"subject.{right}"), code=f"X.{right}"),
    )
