"""Every scenario at every server, as a table of the replies that decided.

The law of this file: what there is to show, as text or as a frame. The widget is in `widgets`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from smtpedu.dialogue.captures import Capture, captures, check_scenario, scenarios, sessions
from smtpedu.display import Block, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.i18n import text

if TYPE_CHECKING:
    import pandas as pd

MISSING = "—"


class Matrix(Displayable):
    """The captured sessions as a table; `scenario` is the one to look at first, or empty."""

    _widget = "servers"

    def __init__(self, scenario: str | None = None) -> None:
        if scenario is not None:
            check_scenario(scenario)
        self.scenario = scenario or ""

    def __repr__(self) -> str:
        return f"Matrix({self.scenario!r})" if self.scenario else "Matrix()"

    def to_frame(self) -> pd.DataFrame:
        """What every server said in every scenario: `smtpedu.sessions(scenario=…)` of all."""
        return sessions(scenario=list(scenarios()))

    def blocks(self) -> Iterator[Block]:
        """The table of codes; with a `scenario`, what each server replied in it."""
        yield Heading(text("servers.title"))
        if self.scenario:
            asked = scenarios()[self.scenario]
            yield Paragraph(f"{asked.title()}: {asked.asks()}")
            yield Table([text("servers.server"), text("servers.replies")], self._replies())
        else:
            yield Table([text("servers.scenario"), *names().values()], list(_codes()))

    def _replies(self) -> list[list[str]]:
        return [
            [one.shown, ProtocolText("\n".join(map(str, one.deciding)))]
            for one in compared().values()
            if one.scenario == self.scenario
        ]


def _codes() -> Iterator[list[str]]:
    """The rows of the table: each scenario's title and its codes at each server."""
    found = {(one.scenario, one.server): one for one in compared().values()}
    for name, asked in scenarios().items():
        cells = (found.get((name, server)) for server in names())
        yield [asked.title(), *(_decided(one) if one else MISSING for one in cells)]


def _decided(capture: Capture) -> str:
    return "\n".join(str(reply.code) for reply in capture.deciding)


def compared() -> dict[str, Capture]:
    """The sessions of scenarios that all servers were asked, by name."""
    return {name: one for name, one in captures().items() if one.compared}


def names() -> dict[str, str]:
    """Each server's folder and what it is called, in the order of tables."""
    return {one.server: one.shown for one in compared().values()}


def servers(scenario: str | None = None) -> Matrix:
    """What the servers that carry the world's mail say: scenarios × servers, side by side.

    In a notebook it shows as a widget: choose cells, and their sessions stand side by side,
    differing replies marked; with `scenario`, that row is chosen. `print()` gives the reply
    codes as text, or the replies in that scenario; `.to_frame()` gives all replies as a
    DataFrame. Raises `LookupError` for an unknown scenario, naming those there are.
    """
    return Matrix(scenario)
