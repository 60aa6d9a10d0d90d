"""Makers of questions about the three digits of a reply code, and what follows from the first."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

from smtpedu.questions.generators.base import Say
from smtpedu.questions.items import Item, Option
from smtpedu.reference.registry import defined_codes, distance
from smtpedu.reference.texts import card

# ---- digit by digit ----


def _any_code(random: Random, firsts: Iterable[int], seconds: Iterable[int]) -> int:
    """A code of these digits, whether an RFC defines it or not (RFC 5321 §4.2.1)."""
    first, second = random.choice(list(firsts)), random.choice(list(seconds))
    return first * 100 + second * 10 + random.randrange(10)


# (first digit, digit chosen) → what the learner then believes.
_MISREAD = {(5, 4): "5xx-retry", (4, 5): "4xx-give-up", (3, 2): "354-accepts"}


def class_of_code(random: Random, say: Say) -> Item:
    """What does the first digit say?"""
    code = _any_code(random, (2, 3, 4, 5), range(6))
    first = code // 100
    return Item(
        id="",
        kind="choice",
        stem=say("generated.class_stem", code=code),
        options=tuple(
            Option(
                _by_digit(say, digit == first, code, "first", digit),
                say(f"severity.{digit}"),
                right=digit == first,
                misconception=_MISREAD.get((first, digit), ""),
            )
            for digit in (2, 3, 4, 5)
        ),
        objective="digits",
        level="recall",
        source="RFC 5321 §4.2.1",
        hint=say("generated.class_hint"),
        why=say("generated.class_why", code=code, digit=first),
    )


def category(random: Random, say: Say) -> Item:
    """What does the second digit say?"""
    code = _any_code(random, (2, 3, 4, 5), (0, 1, 2, 5))
    second = code // 10 % 10
    return Item(
        id="",
        kind="choice",
        stem=say("generated.category_stem", code=code),
        options=tuple(
            Option(
                _by_digit(say, digit == second, code, "second", digit),
                say(f"category.{digit}"),
                right=digit == second,
            )
            for digit in (0, 1, 2, 5)  # 3 and 4 are unspecified (§4.2.1)
        ),
        objective="digits",
        level="explain",
        source="RFC 5321 §4.2.1",
        hint=say("generated.category_hint"),
        why=say("generated.category_why", code=code, digit=second),
    )


def _by_digit(say: Say, right: bool, code: int, place: str, digit: int) -> str:
    if right:
        return say("generated.digit_right")
    told = {"first": say("generated.first_digit"), "second": say("generated.second_digit")}
    return say("generated.digit_wrong", code=code, digit=digit, place=told[place])


# ---- again or not ----

# Codes whose case is special: the order is wrong (503), a server's word that a client must not
# take literally (552, RFC 5321 §4.5.3.1.10), or a cure that is another command (432, 453, 459).
_SPECIAL = {503, 552, 432, 453, 458, 459}


def retry_or_not(random: Random, say: Say) -> Item:
    """Which of these replies make it worth sending the same again later?"""
    temporary = random.choice((1, 2, 3))
    codes = [*_drawn(random, 4, temporary), *_drawn(random, 5, 4 - temporary)]
    return Item(
        id="",
        kind="classify",
        stem=say("generated.retry_stem"),
        options=tuple(
            Option(
                say("generated.retry_said", code=code, digit=code // 100),
                f"`{code}`",
                misconception="4xx-give-up" if code < 500 else "5xx-retry",
                group=0 if code < 500 else 1,
            )
            for code in codes
        ),
        classes=(say("generated.retry_later"), say("generated.retry_never")),
        objective="retry",
        level="recall",
        source="RFC 5321 §4.2.1; RFC 5321 §4.5.4.1",
        hint=say("generated.class_hint"),
        why=say("generated.retry_why"),
    )


def _drawn(random: Random, first: int, count: int) -> list[int]:
    """Different codes of this class, known ones and others: a client meets both (§4.2)."""
    known = [code for code in defined_codes() if code // 100 == first and code not in _SPECIAL]
    found: list[int] = []
    while len(found) < count:
        code = random.choice(known) if random.random() < 0.7 else _any_code(random, [first], [0, 5])
        if code not in found and code not in _SPECIAL:
            found.append(code)
    return found


# ---- the number ----


def name_the_code(random: Random, say: Say) -> Item:
    """Which number has this meaning?"""
    known = [code for code in defined_codes().values() if code.rfc == 5321]
    right = random.choice(known)
    near = sorted(known, key=lambda code: distance(code.code, right.code))[1:7]
    wrong = random.sample(near, 3)
    return Item(
        id="",
        kind="number",
        stem=say("generated.name_stem", title=card(right.code, say.language).title),
        options=tuple(
            Option(
                _meant(say, code.code, code is right),
                str(code.code),
                right=code is right,
                misconception="251-is-551" if {code.code, right.code} == {251, 551} else "",
                value=code.code,
            )
            for code in (right, *wrong)
        ),
        otherwise=say("generated.name_otherwise", digit=right.severity),
        objective="digits",
        level="recall",
        source=right.source,
        hint=say("generated.name_hint", again=say(f"again.{right.severity}")),
        why=say("generated.name_why", code=right.code, text=right.text),
    )


def _meant(say: Say, code: int, right: bool) -> str:
    title = card(code, say.language).title
    if right:
        return say("generated.name_right", code=code, title=title)
    return say("generated.name_wrong", code=code, title=title)
