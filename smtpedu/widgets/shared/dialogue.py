"""Turns as the browser draws them: what the session player and the console have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from smtpedu.dialogue.session import shown_lines
from smtpedu.dialogue.turns import Turn
from smtpedu.i18n import LANGUAGES
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import Envelope
from smtpedu.reference import registry, texts
from smtpedu.widgets.shared import Widget


class DialogueWidget(Widget):
    """Base of the widgets that show turns: the turns, their envelopes, and texts about them."""

    # What `panels.js` needs to explain a turn.
    string_keys: tuple[str, ...] = (
        *("player.", "severity.", "category.", "digit."),
        *("state.", "verb.", "does.", "responsible.", "envelope."),
    )

    _turns: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _envelopes: traitlets.List[dict[str, Any]] = traitlets.List().tag(sync=True)
    _texts = traitlets.Dict().tag(sync=True)


def drawn(
    turns: Sequence[Turn], choices: Callable[[str, int], list[int]] | None = None
) -> dict[str, Any]:
    """The traits of a `DialogueWidget`.

    `choices` gives the codes to choose from when a reply is to be predicted.
    """
    envelopes = {id(turn.snapshot.envelope): turn.snapshot.envelope for turn in turns}
    numbers = {key: n for n, key in enumerate(envelopes)}
    rows = [_turn(turn, numbers[id(turn.snapshot.envelope)], choices) for turn in turns]
    shown = [_envelope(envelope) for envelope in envelopes.values()]
    return {"_turns": rows, "_envelopes": shown, "_texts": _texts(rows, turns)}


def _turn(
    turn: Turn, envelope: int, choices: Callable[[str, int], list[int]] | None
) -> dict[str, Any]:
    """What the browser needs of one turn."""
    snapshot = turn.snapshot
    row = {
        "from": turn.direction,
        "verb": turn.verb,
        "lines": shown_lines(turn),
        "state": str(snapshot.state),
        "envelope": envelope,
        "decided": snapshot.accepted + snapshot.refused,
        "responsible": snapshot.responsible,
        "done": snapshot.done,
        "legal": list(snapshot.legal),
    }
    if isinstance(turn.said, Reply):
        row |= {"code": turn.said.code, "enhanced": str(turn.said.enhanced or "")}
        row["means"] = _means(turn.verb, turn.said)
        if choices:
            row["choices"] = choices(turn.verb, turn.said.code)
    return row


def _envelope(envelope: Envelope) -> dict[str, Any]:
    recipients = [
        {"path": one.path, "code": one.reply.code, "forward": one.reply.forward_path or ""}
        for one in envelope.recipients
    ]
    return {"reverse": envelope.reverse_path, "recipients": recipients}


def _means(verb: str, reply: Reply) -> str:
    """Under which key `_texts` has what this reply means."""
    return f"{verb} {texts.special_case(verb, reply) or reply.code}"


def _texts(rows: list[dict[str, Any]], turns: Sequence[Turn]) -> dict[str, Any]:
    """Language → what each reply and each code that is offered means, and the codes' titles."""
    spoken = [(one.verb, one.said) for one in turns if isinstance(one.said, Reply)]
    said = {(verb, _means(verb, reply)): reply for verb, reply in spoken}
    replies = [row for row in rows if "code" in row]
    offered = {(row["verb"], code) for row in replies for code in row.get("choices", [row["code"]])}
    ordered = sorted(offered)
    enhanced = {row["enhanced"] for row in replies if row["enhanced"]}
    return {
        name: {
            "means": {
                **{
                    f"{verb} {code}": texts.code_meaning(verb, code, name) for verb, code in ordered
                },
                **{
                    key: texts.reply_meaning(verb, reply, name)
                    for (verb, key), reply in said.items()
                },
            },
            "titles": {str(code): _title(code, name) for _, code in ordered},
            "enhanced": {code: _registered(code) for code in sorted(enhanced)},
        }
        for name in LANGUAGES
    }


def _title(code: int, name: str) -> str:
    return texts.card(code, name).title if code in registry.defined_codes() else ""


def _registered(enhanced: str) -> str:
    row = registry.enhanced().get("X" + enhanced[1:])
    return row["name"] if row else ""
