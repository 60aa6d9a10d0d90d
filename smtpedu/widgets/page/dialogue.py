"""Dialogues as a page draws them: turns, envelopes, and what replies mean."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, partial
from typing import Any

from smtpedu.dialogue.captures import captures
from smtpedu.dialogue.session import PLAYABLE, Session, shown_lines
from smtpedu.dialogue.turns import Turn
from smtpedu.i18n import LANGUAGES, text
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import ANY, CONNECT, MESSAGE, Envelope, Snapshot
from smtpedu.reference import registry, texts

# What is offered when a reply to this is predicted. The same each time, so that the choice
# gives nothing away; a reply of another code joins them.
CHOICES: dict[str, tuple[int, ...]] = {
    CONNECT: (220, 250, 421, 554),
    "EHLO": (220, 250, 502, 550),
    "HELO": (220, 250, 502, 550),
    "MAIL": (250, 354, 451, 503),
    "RCPT": (250, 251, 450, 503, 550, 551),
    "DATA": (250, 354, 503, 554),
    MESSAGE: (250, 354, 452, 554),
    "RSET": (220, 250, 354, 503),
    "NOOP": (211, 250, 354, 500),
    "VRFY": (250, 251, 252, 502, 550),
    "QUIT": (221, 250, 421, 503),
}
CHOICES_OTHERWISE = (250, 421, 500, 502)
# Replies to these are the same in nearly every session: they are asked only by name, or where a
# session has no others.
USUAL = (CONNECT, "EHLO", "HELO", "QUIT")


def asked(session: Session) -> set[str]:
    """To which commands the replies are asked where nobody has named any."""
    verbs = {turn.verb for turn in session.turns[:PLAYABLE] if isinstance(turn.said, Reply)}
    return verbs - {*USUAL} or verbs


def choices(verb: str, code: int) -> list[int]:
    """The codes that are offered when this reply is predicted."""
    return sorted({code, *CHOICES.get(verb, CHOICES_OTHERWISE)})


def worth(turns: Sequence[Turn], number: int, guess: int) -> float:
    """What a prediction of turn `number` (from 1) is worth: 1, 0, or 0.5 if it is lawful there."""
    said = turns[number - 1].said
    if isinstance(said, Reply) and said.code == guess:
        return 1.0
    verb, codes = turns[number - 1].verb, lawful()
    before = [turn.snapshot.legal for turn in turns[: number - 1] if isinstance(turn.said, Reply)]
    in_turn = verb == CONNECT or verb in (before[-1] if before else ())
    if guess == 503:
        return 0.0 if in_turn else 0.5
    fits = in_turn or guess >= 400
    return 0.5 if fits and guess in codes.get(verb, codes[ANY]) else 0.0


def drawn(turns: Sequence[Turn]) -> dict[str, Any]:
    """`turns`, and what they refer to: `moments`, `envelopes`, `legal` (what may be sent), `texts`.

    A moment is how things stand after a turn, which is `at` it; several turns share one.

    `texts` has, by language, what replies mean whose meaning no page has (`content.meanings`).
    Fields that are empty are left out.
    """
    envelopes = {id(turn.snapshot.envelope): turn.snapshot.envelope for turn in turns}
    numbers = {key: n for n, key in enumerate(envelopes)}
    legal = list(dict.fromkeys(turn.snapshot.legal for turn in turns))
    moments: list[dict[str, Any]] = []
    rows = []
    for turn in turns:
        snapshot = turn.snapshot
        moment = _moment(snapshot, numbers[id(snapshot.envelope)], legal.index(snapshot.legal))
        if moment not in moments[-1:]:
            moments.append(moment)
        rows.append(_turn(turn, len(moments) - 1))
    shown = [_envelope(envelope) for envelope in envelopes.values()]
    found = {"turns": rows, "moments": moments, "envelopes": shown, "legal": list(map(list, legal))}
    return found | _texts(turns)


def _moment(snapshot: Snapshot, envelope: int, legal: int) -> dict[str, Any]:
    """State and envelope, what is decided of it and who answers for it."""
    row = {
        "state": str(snapshot.state),
        "envelope": envelope,
        "legal": legal,
        "decided": snapshot.accepted + snapshot.refused,
        "responsible": snapshot.responsible,
        "done": snapshot.done,
    }
    return {name: value for name, value in row.items() if value}


def _turn(turn: Turn, at: int) -> dict[str, Any]:
    """What the browser needs of one turn; one with a `code` is the server's."""
    row: dict[str, Any] = {"verb": turn.verb, "lines": shown_lines(turn), "at": at}
    if isinstance(turn.said, Reply):
        row |= {"code": turn.said.code, "enhanced": str(turn.said.enhanced or "")}
        key = means(turn.verb, turn.said)
        row["means"] = key if key != f"{turn.verb} {turn.said.code}" else ""
    return {name: value for name, value in row.items() if value}


def _envelope(envelope: Envelope) -> dict[str, Any]:
    recipients = [
        {"path": one.path, "code": one.reply.code, "forward": one.reply.forward_path or ""}
        for one in envelope.recipients
    ]
    return {"reverse": envelope.reverse_path, "recipients": recipients}


def means(verb: str, reply: Reply) -> str:
    """Under which key the texts have what this reply means."""
    return f"{verb} {texts.special_case(verb, reply) or reply.code}"


def _texts(turns: Sequence[Turn]) -> dict[str, Any]:
    """Language → what replies mean that are not among the usual ones."""
    known = _usual().keys() | texts.special_meanings("en").keys()
    said = [(turn.verb, turn.said) for turn in turns if isinstance(turn.said, Reply)]
    own = {means(*asked): asked for asked in said if means(*asked) not in known}
    if not own:
        return {}
    return {
        "texts": {
            name: {key: texts.reply_meaning(*asked, name) for key, asked in own.items()}
            for name in LANGUAGES
        }
    }


def drawn_session(session: Session) -> dict[str, Any]:
    """What the browser needs of a session."""
    turns = drawn(session.turns[:PLAYABLE])
    return {"name": session.name, **turns, "remarks": session.remarks()}


@cache
def _usual() -> dict[str, tuple[str, int]]:
    """The key of a meaning → command and code, of every code after every command."""
    verbs = sorted({row["command"] for row in registry.replies()})
    codes = registry.defined_codes()
    return {f"{verb} {code}": (verb, code) for verb in verbs for code in codes}


@cache
def meanings() -> dict[str, Any]:
    """Language → `means` (`VERB CODE` or `VERB CODE situation` → sentence), `why_not`, `titles`.

    `enhanced` has the registry's English names, by `X.1.6`; `bare` the words for those whose detail
    is 0 (RFC 3463 §3), by `5.1.0`.

    Situations, and commands that no RFC knows, are those of the captured sessions.
    """
    codes, usual = registry.defined_codes(), _usual()
    turns = [turn for one in captures().values() for turn in one.session.turns]
    said = [(turn.verb, turn.said) for turn in turns if isinstance(turn.said, Reply)]
    special = {means(verb, reply): (verb, reply) for verb, reply in said}
    return {
        name: {
            "means": {key: texts.code_meaning(*asked, name) for key, asked in usual.items()}
            | {key: texts.reply_meaning(*asked, name) for key, asked in special.items()}
            | texts.special_meanings(name),
            "why_not": texts.why_not(name),
            "titles": {str(code): texts.card(code, name).title for code in codes},
            "enhanced": {code: row["name"] for code, row in registry.enhanced().items()},
            "bare": _bare(name),
        }
        for name in LANGUAGES
    }


def _bare(name: str) -> dict[str, str]:
    """Enhanced codes that say no more than class and subject, in words."""
    say = partial(text, in_language=name)
    found = {}
    for class_, outcome in ((one, say(f"enhanced.{one}")) for one in "245"):
        found[f"{class_}.0.0"] = say("enhanced.bare", outcome=outcome)
        for one in "1234567":
            about = say("enhanced.about", outcome=outcome, subject=say(f"subject.{one}"))
            found[f"{class_}.{one}.0"] = about
    return found


@cache
def lawful() -> dict[str, list[int]]:
    """Command → the codes that a server may lawfully send in reply."""
    rows = registry.replies()
    # What else stands under `any` is for states that the server announced before.
    general = [row["code"] for row in rows if row["command"] == ANY and row["section"] == "4.3.2"]
    own = {
        row["command"]: [r["code"] for r in rows if r["command"] == row["command"]] for row in rows
    }
    return {verb: sorted({*codes, *general}) for verb, codes in {**own, ANY: general}.items()}
