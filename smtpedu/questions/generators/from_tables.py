"""Makers of items from the tables: digits of codes, commands and codes, enhanced codes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import cache
from random import Random

from smtpedu.dialogue.captures import captures
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE
from smtpedu.questions.items import Item, Option
from smtpedu.reference.registry import defined_codes, distance, enhanced, replies, rfc
from smtpedu.reference.texts import card

# ---- what all makers use, those from sessions too ----


Say = Callable[..., str]  # `i18n.text` in the language of the item
Maker = Callable[[Random, Say, Item], Item]


@cache
def listed(verb: str) -> frozenset[int]:
    """The codes that may answer this command by the RFCs."""
    return frozenset(row["code"] for row in replies() if row["command"] == verb)


@cache
def allowed(verb: str) -> frozenset[int]:
    """The codes that can answer this command: by the RFCs, or in some captured session."""
    turns = [turn for one in captures().values() for turn in one.session.turns if turn.verb == verb]
    seen = {turn.said.code for turn in turns if isinstance(turn.said, Reply)}
    return listed(verb) | listed(ANY) | seen


def source(verb: str, code: int) -> str:
    """Where an RFC says that this code may answer this command."""
    rows = [row for row in replies() if (row["command"], row["code"]) == (verb, code)]
    return rfc(rows[0]["rfc"], rows[0]["section"]) if rows else "RFC 5321 §4.3.2"


def named(verb: str, say: Say) -> str:
    """A command in backticks, or what stands for one in words."""
    return f"`{verb}`" if verb.isupper() else say(f"verb.{verb}")


# ---- digits ----


def _any_code(random: Random, firsts: Iterable[int], seconds: Iterable[int]) -> int:
    """A code of these digits, whether an RFC defines it or not (RFC 5321 §4.2.1)."""
    first, second = random.choice(list(firsts)), random.choice(list(seconds))
    return first * 100 + second * 10 + random.randrange(10)


# (first digit, digit chosen) → what the learner then believes.
_MISREAD = {(5, 4): "5xx-retry", (4, 5): "4xx-give-up", (3, 2): "354-accepts"}


def class_of_code(random: Random, say: Say, blank: Item) -> Item:
    """What does the first digit say?"""
    code = _any_code(random, (2, 3, 4, 5), range(6))
    first = code // 100
    return replace(
        blank,
        stem=say("generated.class_stem", code=code),
        options=tuple(
            Option(
                _by_digit(say, digit == first, code, "generated.first_digit", digit),
                say(f"severity.{digit}"),
                right=digit == first,
                misconception=_MISREAD.get((first, digit), ""),
            )
            for digit in (2, 3, 4, 5)
        ),
        source="RFC 5321 §4.2.1",
        hint=say("generated.class_hint"),
        why=say("generated.class_why", code=code, digit=first),
    )


def category(random: Random, say: Say, blank: Item) -> Item:
    """What does the second digit say?"""
    code = _any_code(random, (2, 3, 4, 5), (0, 1, 2, 5))
    second = code // 10 % 10
    return replace(
        blank,
        stem=say("generated.category_stem", code=code),
        options=tuple(
            Option(
                _by_digit(say, digit == second, code, "generated.second_digit", digit),
                say(f"category.{digit}"),
                right=digit == second,
            )
            for digit in (0, 1, 2, 5)  # 3 and 4 are unspecified (§4.2.1)
        ),
        source="RFC 5321 §4.2.1",
        hint=say("generated.category_hint"),
        why=say("generated.category_why", code=code, digit=second),
    )


def _by_digit(say: Say, right: bool, code: int, which: str, digit: int) -> str:
    if right:
        return say("generated.digit_right")
    return say("generated.digit_wrong", code=code, digit=digit, place=say(which))


# Codes whose case is special: the order is wrong (503), a server's word that a client must not
# take literally (552, RFC 5321 §4.5.3.1.10), or a cure that is another command (432, 453, 459, and
# by RFC 4954 §6 530, 534, 538).
_SPECIAL = {503, 552, 432, 453, 458, 459, 530, 534, 538}


def retry_or_not(random: Random, say: Say, blank: Item) -> Item:
    """Which of these replies make it worth sending the same again later?"""
    temporary = random.choice((1, 2, 3))
    codes = [*_drawn(random, 4, temporary), *_drawn(random, 5, 4 - temporary)]
    return replace(
        blank,
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


_NAMED = ("generated.name_wrong", "generated.name_right")


def name_the_code(random: Random, say: Say, blank: Item) -> Item:
    """Which number has this meaning?"""
    known = [code for code in defined_codes().values() if code.rfc == 5321]
    right = random.choice(known)
    near = sorted(known, key=lambda code: distance(code.code, right.code))[1:7]
    wrong = [code.code for code in random.sample(near, 3)]
    return replace(
        blank,
        stem=say("generated.name_stem", title=card(right.code, blank.language).title),
        options=tuple(
            Option(
                say(_NAMED[code == right.code], code=code, title=card(code, blank.language).title),
                str(code),
                right=code == right.code,
                misconception="251-is-551" if {code, right.code} == {251, 551} else "",
                value=code,
            )
            for code in (right.code, *wrong)
        ),
        otherwise=say("generated.name_otherwise", digit=right.severity),
        source=right.source,
        hint=say("generated.name_hint", again=say(f"again.{right.severity}")),
        why=say("generated.name_why", code=right.code, text=right.text),
    )


# ---- commands and codes ----

_ASKED = (
    *(CONNECT, "EHLO", "MAIL", "RCPT", "DATA", MESSAGE, "RSET", "VRFY", "NOOP", "HELP"),
    *("AUTH", "STARTTLS", "QUIT"),
)
# A server may refuse any command that it does not have with 502 or 504 (RFC 5321 §4.2.4).
_UNSURE = {502, 504}


@cache
def commands_by_code() -> dict[int, tuple[list[str], list[str]]]:
    """Code → the commands it may answer, and those it never does."""
    general = allowed(ANY) | _UNSURE
    found = {}
    for code in sorted(set(defined_codes()) - general):
        may = [verb for verb in _ASKED if code in _by_5321(verb)]
        never = [verb for verb in _ASKED if code not in allowed(verb)]
        if {"DATA", MESSAGE} & set(may):  # many say DATA and mean the message
            never = [verb for verb in never if verb not in ("DATA", MESSAGE)]
        if may and len(never) >= 3:
            found[code] = may, never
    return found


def _by_5321(verb: str) -> list[int]:
    """The codes that RFC 5321 lists for this command, those of success first."""
    return sorted(
        {row["code"] for row in replies() if (row["command"], row["rfc"]) == (verb, 5321)}
    )


def who_may_say(random: Random, say: Say, blank: Item) -> Item:
    """Which command may get this code?"""
    code = random.choice(list(commands_by_code()))
    may, never = commands_by_code()[code]
    right, wrong = random.choice(may), random.sample(never, 3)
    return replace(
        blank,
        stem=say("generated.who_stem", code=code),
        options=tuple(
            Option(
                _answered(say, verb, code if verb == right else None),
                named(verb, say),
                right=verb == right,
                misconception="551-whole-message" if (verb, code) == (MESSAGE, 551) else "",
            )
            for verb in (right, *wrong)
        ),
        source=source(right, code),
        hint=say("generated.who_hint", title=card(code, blank.language).title),
        why=say("generated.who_why", code=code, verb=named(right, say)),
    )


def _answered(say: Say, verb: str, code: int | None) -> str:
    """What a command may get: this code, if any, and a few more."""
    others = [other for other in _by_5321(verb) if other != code]
    codes = [f"`{one}`" for one in ([code] if code else []) + others][:4]
    joined = say("list.separator").join(codes)
    return say("generated.who_said", verb=named(verb, say), codes=joined)


def enhanced_class(random: Random, say: Say, blank: Item) -> Item:
    """Which enhanced code may stand in a reply with this code?"""
    pairs = [
        (int(basic), row)
        for row in enhanced().values()
        for basic in row["basic_codes"].split()
        if basic.isdigit() and int(basic) in defined_codes()
    ]
    code, row = random.choice(pairs)
    first, rest = code // 100, f"{row['subject']}.{row['detail']}"
    return replace(
        blank,
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


def enhanced_subject(random: Random, say: Say, blank: Item) -> Item:
    """What is an enhanced code about, by its second number?"""
    row = random.choice([row for row in enhanced().values() if row["subject"]])
    right, code = row["subject"], f"{random.choice((4, 5))}.{row['subject']}.{row['detail']}"
    wrong = random.sample([subject for subject in range(1, 8) if subject != right], 3)
    return replace(
        blank,
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
        source="RFC 3463 §2",
        hint=say("generated.subject_hint"),
        why=say("generated.subject_why", subject=say(f"subject.{right}"), code=f"X.{right}"),
    )
