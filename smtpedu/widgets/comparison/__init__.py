"""The comparison widget: two code pickers and the five parts of a comparison."""

from __future__ import annotations

from typing import Any

import traitlets

from smtpedu.reference.compare import Comparison
from smtpedu.reference.registry import defined_codes
from smtpedu.widgets.shared import Widget


class ComparisonWidget(Widget):
    """Compares `a` and `b`; the learner may choose any other two."""

    a = traitlets.Int().tag(page="both")
    b = traitlets.Int().tag(page="both")

    @traitlets.validate("a", "b")
    def _known(self, proposal: dict[str, Any]) -> int:
        if proposal["value"] not in defined_codes():
            raise traitlets.TraitError
        return int(proposal["value"])

    def __init__(self, comparison: Comparison) -> None:
        a, b = comparison.a.code, comparison.b.code
        super().__init__(comparison, {"a": a, "b": b}, a=a, b=b)


make = ComparisonWidget
