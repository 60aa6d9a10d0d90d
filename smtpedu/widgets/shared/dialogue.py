"""Turns as the browser draws them: what the session player and the console have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from smtpedu.dialogue.session import shown_lines
from smtpedu.dialogue.turns import Turn
from smtpedu.i18n import LANGUAGES
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import Envelope
from smtpedu.reference import texts
from smtpedu.widgets.page.content import meanings


def drawn(turns: Sequence[Turn]) -> dict[str, Any]:
    """`turns`, and what they refer to: `envelopes`, `legal` (commands that may be sent), `texts`.

    `texts` has, by language, what replies mean whose meaning no page has (`content.meanings`).
    Fields that are empty are left out.
    """
    envelopes = {id(turn.snapshot.envelope): turn.snapshot.envelope for turn in turns}
    numbers = {key: n for n, key in enumerate(envelopes)}
    legal = list(dict.fromkeys(turn.snapshot.legal for turn in turns))
    rows = [
        _turn(turn, numbers[id(turn.snapshot.envelope)], legal.index(turn.snapshot.legal))
        for turn in turns
    ]
    shown = [_envelope(envelope) for envelope in envelopes.values()]
    found = {"turns": rows, "envelopes": shown, "legal": list(map(list, legal))}
    return found | _texts(turns)


def _turn(turn: Turn, envelope: int, legal: int) -> dict[str, Any]:
    """What the browser needs of one turn."""
    snapshot = turn.snapshot
    row: dict[str, Any] = {
        "from": turn.direction,
        "verb": turn.verb,
        "lines": shown_lines(turn),
        "state": str(snapshot.state),
        "envelope": envelope,
        "legal": legal,
        "decided": snapshot.accepted + snapshot.refused,
        "responsible": snapshot.responsible,
        "done": snapshot.done,
    }
    if isinstance(turn.said, Reply):
        row |= {"code": turn.said.code, "enhanced": str(turn.said.enhanced or "")}
        row["means"] = means(turn.verb, turn.said)
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
    known = meanings()["en"]["means"]
    said = {means(turn.verb, turn.said): turn for turn in turns if isinstance(turn.said, Reply)}
    own = {key: turn for key, turn in said.items() if key not in known}
    if not own:
        return {}
    return {
        "texts": {
            name: {
                key: texts.reply_meaning(turn.verb, turn.said, name)
                for key, turn in own.items()
                if isinstance(turn.said, Reply)
            }
            for name in LANGUAGES
        }
    }
