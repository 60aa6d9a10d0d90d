"""Makers of items from conditions that are drawn: whom a server takes, and what follows from it.

What is right is worked out from the conditions by RFC 5321 §3.4 and §4.2.5. Where two errors lead
to the same answer, it shows neither misconception.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from random import Random

from smtpedu.questions.generators.from_tables import Say
from smtpedu.questions.items import Item, Option

_PEOPLE = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy")
_SENDERS = ("ann@laptop.example", "shop@store.example", "news@paper.example", "max@home.example")
_HOSTS = ("example.test", "mail.example", "school.example", "town.example")
_NEW = ("new.example", "home.example", "other.example")

# ---- one mailbox that has moved ----

# Whether the server forwards, and whether it shows the new address → its reply (RFC 5321 §3.4).
_MOVED = {(True, True): 251, (True, False): 250, (False, True): 551, (False, False): 550}


def moved(random: Random, say: Say, blank: Item) -> Item:
    """Which code does a server give for a mailbox that has moved?"""
    forwards, tells = random.choice(list(_MOVED))
    person, *others = random.sample(_PEOPLE, random.choice((1, 2, 3)))
    host = random.choice(_HOSTS)
    rows = [f"C: MAIL FROM:<{random.choice(_SENDERS)}>", "S: 250 OK"]
    for other in others:
        rows += [f"C: RCPT TO:<{other}@{host}>", "S: 250 OK"]
    rows.append(f"C: RCPT TO:<{person}@{host}>")
    conditions = say(f"generated.{_FORWARDS[forwards]}"), say(f"generated.{_SHOWS[tells]}")
    return replace(
        blank,
        stem=say("generated.moved_stem", old=f"{person}@{host}", conditions=" ".join(conditions)),
        options=tuple(
            Option(
                say(f"generated.{_said(case, (forwards, tells))}", code=code),
                f"`{code}`",
                right=case == (forwards, tells),
                misconception=_BELIEFS.get(((forwards, tells), code), ""),
            )
            for case, code in _MOVED.items()
        ),
        source="RFC 5321 §3.4",
        hint=say("generated.moved_hint"),
        why=say("generated.moved_why"),
        lines=tuple(enumerate(rows, 1)),
        at=len(rows) + 1,
    )


_FORWARDS = {True: "moved_yes", False: "moved_no"}
_SHOWS = {True: "shown_yes", False: "shown_no"}
# What shows who chooses this code under these conditions.
_BELIEFS = {
    ((True, True), 551): "551-server-forwards",
    ((True, False), 551): "moved-must-551",
    ((False, True), 251): "251-is-551",
    ((False, False), 551): "moved-must-551",
}


def _said(case: tuple[bool, bool], right: tuple[bool, bool]) -> str:
    """What to say of the reply that fits this case, where another is right."""
    if case == right:
        return "moved_right"
    if case[0] != right[0]:
        return "moved_takes" if case[0] else "moved_refuses"
    return "moved_tells" if case[1] else "moved_keeps"


# ---- several recipients, one message ----

_TEXTS = {
    250: "OK",
    251: "User not local; will forward to <{name}@{new}>",
    551: "User not local; please try <{name}@{new}>",
    550: "No such user here",
    450: "Mailbox busy",
}
_MESSAGE = {250: "OK", 451: "Local error in processing", 554: "Transaction failed"}
_LIKELY = (250, 250, 250, 451, 554)  # replies to the message
_ASKED = ("server", "later", "client")


def mixed(random: Random, say: Say, blank: Item) -> Item:
    """What follows for how many of the recipients of a message?"""
    asked, last = random.choice(_ASKED), random.choice(_LIKELY)
    codes = [250, 551, *random.choices(list(_TEXTS), k=random.choice((1, 2, 3)))]
    random.shuffle(codes)
    right = _count(asked, codes, last)
    foreseen = {right: (say("generated.mixed_right"), "")}
    for value, key, belief in _slips(asked, codes, last):
        if value in foreseen and belief:
            feedback, known = foreseen[value]
            foreseen[value] = feedback, belief if known == belief else ""
        elif value not in foreseen:
            foreseen[value] = say(f"generated.{key}"), belief
    return replace(
        blank,
        stem=say(f"generated.{asked}_stem"),
        options=tuple(
            Option(feedback, str(value), value == right, misconception, value)
            for value, (feedback, misconception) in islice(foreseen.items(), 4)
        ),
        otherwise=say("generated.mixed_otherwise"),
        source="RFC 5321 §3.3; RFC 5321 §3.4; RFC 5321 §4.2.5",
        hint=say("generated.mixed_hint"),
        why=say(f"generated.{asked}_why"),
        lines=tuple(enumerate(_dialogue(random, codes, last), 1)),
    )


def _dialogue(random: Random, codes: list[int], last: int) -> list[str]:
    host, new = random.choice(_HOSTS), random.choice(_NEW)
    rows = [f"C: MAIL FROM:<{random.choice(_SENDERS)}>", "S: 250 OK"]
    for name, code in zip(random.sample(_PEOPLE, len(codes)), codes, strict=True):
        rows.append(f"C: RCPT TO:<{name}@{host}>")
        rows.append(f"S: {code} {_TEXTS[code].format(name=name, new=new)}")
    rows += ["C: DATA", "S: 354 Go ahead", "C: Subject: Hello", "C:", "C: See you soon.", "C: ."]
    return [*rows, f"S: {last} {_MESSAGE[last]}"]


def _count(asked: str, codes: list[int], last: int) -> int:
    accepted = sum(code < 300 for code in codes)
    if asked == "server":
        return accepted if last == 250 else 0
    if asked == "later":
        return codes.count(450) + (accepted if last == 451 else 0)
    return codes.count(551)


def _slips(asked: str, codes: list[int], last: int) -> Iterator[tuple[int, str, str]]:
    """Wrong counts: the number, what to say of it, the misconception that it shows."""
    right, moved, told = _count(asked, codes, last), codes.count(551), codes.count(251)
    if asked == "server" and last == 250:
        yield right + moved, "mixed_551_counts", "551-server-forwards"
        yield right - told, "mixed_251_counts", "251-is-551"
        yield 0, "mixed_551_one", "551-whole-message"
    elif asked == "server":
        yield _count(asked, codes, 250), "mixed_refused_message", "responsible-at-rcpt"
    elif asked == "later":
        yield right + moved, "mixed_551_stays", "551-temporary"
        yield right + moved + codes.count(550), "mixed_5_stays", "5xx-retry"
        yield 0, "mixed_4_passes", "4xx-give-up"
    else:
        yield moved + told, "mixed_251_done", "251-resend"
        yield 0, "mixed_551_offers", "551-server-forwards"
    for value in (len(codes), right + 1, abs(right - 1), right + 2):
        yield value, "mixed_each_own", ""
