"""The captured sessions of real servers as a page draws them side by side."""

from __future__ import annotations

from typing import Any

from smtpedu.dialogue.captures import Capture, compared, scenarios, server_names
from smtpedu.dialogue.session import Exchange
from smtpedu.i18n import in_each_language
from smtpedu.protocol.states import ANY, CONNECT, Message

LIMIT = 4  # sessions side by side
_MESSAGE_LINES = 60  # of mail data that are taken along


def captured() -> dict[str, Any]:
    """Servers, scenarios in each language, and what was said in each session."""
    return {
        "limit": LIMIT,
        "servers": list(server_names().items()),
        "scenarios": [
            {"name": one.name, "verb": one.verb, "texts": in_each_language(one.texts)}
            for one in scenarios().values()
        ],
        "sessions": {name: _captured(one) for name, one in compared().items()},
    }


def _captured(capture: Capture) -> dict[str, Any]:
    """What the browser needs of one session."""
    session = capture.session
    return {
        "server": capture.server,
        "scenario": capture.scenario,
        "decides": [[reply.code, str(reply.enhanced or "")] for reply in capture.deciding],
        # The greeting, and what nobody asked for, answer no command.
        "said": [
            _exchange(pair, ANY if n else CONNECT) for n, pair in enumerate(session.exchanges)
        ],
        # An empty field says nothing.
        "about": {key: value.strip() for key, value in session.provenance.items() if value},
    }


def _exchange(pair: Exchange, unasked: str) -> dict[str, Any]:
    row: dict[str, Any] = {"verb": pair.sent.verb if pair.sent else unasked, "sent": []}
    if isinstance(pair.sent, Message):
        row["sent"] = [*pair.sent.lines[:_MESSAGE_LINES]]
        row["lines"] = len(pair.sent.lines)
    elif pair.sent:
        row["sent"] = [pair.sent.line]
    if pair.reply:
        row |= {"code": pair.reply.code, "reply": pair.reply.format().split("\r\n")[:-1]}
    return row
