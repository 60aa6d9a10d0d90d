"""The server matrix: scenarios × servers; chosen sessions stand side by side."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.dialogue.captures import Capture, Matrix, compared, scenarios, server_names
from smtpedu.dialogue.session import Exchange
from smtpedu.i18n import in_each_language
from smtpedu.protocol.states import ANY, CONNECT, Message
from smtpedu.widgets.shared import Widget

LIMIT = 4  # sessions side by side
_MESSAGE_LINES = 60  # of mail data that are taken along


class ServersWidget(Widget):
    """`chosen` are the names of the sessions side by side; `step` of their rows are shown.

    With `step` 0 all rows are.
    """

    chosen: traitlets.List[str] = traitlets.List(traitlets.Unicode(), maxlen=LIMIT).tag(page=True)
    step = traitlets.Int(min=0).tag(page=True)

    def __init__(self, matrix: Matrix) -> None:
        row = [name for name, one in compared().items() if one.scenario == matrix.scenario]
        super().__init__(matrix, chosen=row[:LIMIT])

    def data(self) -> dict[str, Any]:
        """What is chosen at first; the matrix itself is of the page."""
        return {"chosen": self.chosen}

    @traitlets.validate("chosen")
    def _known(self, proposal: dict[str, Any]) -> list[str]:
        """Each at most once, and only what there is."""
        return [name for name in dict.fromkeys(proposal["value"]) if name in compared()]


make = ServersWidget


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
