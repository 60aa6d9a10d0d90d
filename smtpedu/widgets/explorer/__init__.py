"""The code explorer: search and filter all reply codes, read a code's card."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import traitlets

from smtpedu.display import Block, Displayable, Heading, Paragraph, Table
from smtpedu.i18n import text
from smtpedu.reference import registry, texts
from smtpedu.widgets.shared import Widget


class Explorer(Displayable):
    """All reply codes, to be explored; `code` is the one whose card is open."""

    _widget = "explorer"

    def __init__(self, code: object = None) -> None:
        self.code = registry.find_code(code).code if code is not None else 0

    def __repr__(self) -> str:
        return f"Explorer({self.code or ''})"

    def blocks(self) -> Iterator[Block]:
        yield Heading(text("explorer.title"))
        head = [text(f"explorer.{column}") for column in ("code", "name", "outcome")]
        rows = [
            (str(code), texts.card(code).title, text(f"outcome.{row.severity}"))
            for code, row in registry.defined_codes().items()
        ]
        yield Table(head, rows)
        yield Paragraph(text("card.reference"))


class ExplorerWidget(Widget):
    """What is looked for (`search`, `command`) and the chosen `code`; 0 is none."""

    search = traitlets.Unicode().tag(page="both")
    command = traitlets.Unicode().tag(page="both")
    code = traitlets.Int().tag(page="both")

    def __init__(self, explored: Explorer) -> None:
        data = {"search": "", "command": "", "code": explored.code}
        super().__init__(explored, data, code=explored.code)


make = ExplorerWidget


def explorer(code: Any = None) -> Explorer:
    """Explore all reply codes; with `code` (an int or str) that code's card is open.

    Raises `UnknownCodeError` with the nearest known codes, `ValueError` for other text,
    `TypeError` for other types.
    """
    return Explorer(code)
