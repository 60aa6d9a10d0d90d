"""The code explorer: search and filter all reply codes, read a code's card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import traitlets

from smtpedu.display import Block, Displayable, Heading, Table
from smtpedu.i18n import text
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.widgets.shared import Widget, assets, packed_codes


class Explorer(Displayable):
    """All reply codes, to be explored; `code` is the one whose card is open."""

    _widget = "explorer"

    def __init__(self, code: object = None) -> None:
        self.code = registry.known(code).code if code is not None else 0

    def __repr__(self) -> str:
        return f"Explorer({self.code or ''})"

    def blocks(self) -> Iterator[Block]:
        yield Heading(text("explorer.title"))
        head = [text(f"explorer.{column}") for column in ("code", "name", "outcome")]
        rows = [
            (str(code), texts.card(code).title, text(f"outcome.{row.severity}"))
            for code, row in registry.table().items()
        ]
        yield Table(head, rows)


class ExplorerWidget(Widget):
    """Filters (`search`, `first`, `second` digit, `command`) and the chosen `code`; 0 is none."""

    _esm, _css = assets("explorer")
    string_keys = (
        *("explorer.", "card.", "outcome.", "severity.", "category.", "verb.", "compare.more"),
    )

    search = traitlets.Unicode().tag(sync=True)
    first = traitlets.Unicode().tag(sync=True)
    second = traitlets.Unicode().tag(sync=True)
    command = traitlets.Unicode().tag(sync=True)
    code = traitlets.Int().tag(sync=True)
    _book = traitlets.Bytes().tag(sync=True)
    _commands: traitlets.List[str] = traitlets.List().tag(sync=True)

    def __init__(self, explored: Explorer) -> None:
        verbs = [row["command"] for row in registry.replies() if row["command"] != ANY]
        codes, commands = packed_codes(pairs=False), list(dict.fromkeys(verbs))
        super().__init__(explored, code=explored.code, _book=codes, _commands=commands)


make = ExplorerWidget


def explorer(code: Any = None) -> Explorer:
    """Explore all reply codes; with `code` (an int or str) that code's card is open.

    Raises `UnknownCodeError` with the nearest known codes, `ValueError` for other text,
    `TypeError` for other types.
    """
    return Explorer(code)
