"""The server matrix: scenarios × servers; chosen sessions stand side by side."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.dialogue.captures import Matrix, compared
from smtpedu.widgets.page.servers import LIMIT
from smtpedu.widgets.shared import Widget


class ServersWidget(Widget):
    """`chosen` are the names of the sessions side by side; `step` of their rows are shown.

    With `step` 0 all rows are.
    """

    chosen: traitlets.List[str] = traitlets.List(traitlets.Unicode(), maxlen=LIMIT).tag(page="both")
    step = traitlets.Int(min=0).tag(page="both")

    def __init__(self, matrix: Matrix) -> None:
        row = [name for name, one in compared().items() if one.scenario == matrix.scenario]
        super().__init__(matrix, {"chosen": row[:LIMIT], "step": 0}, chosen=row[:LIMIT])

    @traitlets.validate("chosen")
    def _known(self, proposal: dict[str, Any]) -> list[str]:
        """Each at most once, and only what there is."""
        return [name for name in dict.fromkeys(proposal["value"]) if name in compared()]


make = ServersWidget
