"""The comparison widget: two code pickers and the five parts of a comparison."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.reference.compare import Comparison
from smtpedu.reference.registry import find_code
from smtpedu.widgets.shared import Widget, assets, book


class ComparisonWidget(Widget):
    """Compares `a` and `b`; the learner may choose any other two."""

    _esm, _css = assets("comparison")
    string_keys = ("compare.", "card.", "aspect.")

    a = traitlets.Int().tag(sync=True)
    b = traitlets.Int().tag(sync=True)
    _book = traitlets.Bytes().tag(sync=True)

    @traitlets.validate("a", "b")
    def _known(self, proposal: dict[str, Any]) -> int:
        return find_code(proposal["value"]).code

    def __init__(self, comparison: Comparison) -> None:
        super().__init__(
            comparison, a=comparison.a.code, b=comparison.b.code, _book=book(pairs=True)
        )


make = ComparisonWidget
