"""The comparison widget: two code pickers and the five parts of a comparison."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.reference.compare import Comparison
from smtpedu.reference.registry import known
from smtpedu.widgets.shared import Widget, assets, packed_codes


class ComparisonWidget(Widget):
    """Compares `a` and `b`; the learner may choose any other two."""

    _esm, _css = assets("comparison")
    string_keys = ("compare.", "card.", "aspect.")

    a = traitlets.Int().tag(sync=True)
    b = traitlets.Int().tag(sync=True)
    _book = traitlets.Bytes().tag(sync=True)

    @traitlets.validate("a", "b")
    def _known(self, proposal: dict[str, Any]) -> int:
        return known(proposal["value"]).code

    def __init__(self, comparison: Comparison) -> None:
        a, b = comparison.a.code, comparison.b.code
        super().__init__(comparison, a=a, b=b, _book=packed_codes(pairs=True))


make = ComparisonWidget
