"""The overview: how a message travels from Ann to Bob, in one picture, and the words for it.

Client, server and who is responsible: RFC 5321 §2.1, §2.3.2 and §4.2.5; relaying: §2.3.10; envelope
and content: §2.3.1; replies: §2.3.7.
"""

from __future__ import annotations

from collections.abc import Iterator

import traitlets

from smtpedu.display import Block, Bullets, Displayable, Heading, Paragraph
from smtpedu.i18n import text
from smtpedu.widgets.shared import Widget

_HOLDERS = ("program", "own_server", "other_server")
_WORDS = (*_HOLDERS, "relaying", "envelope", "reply", "smtp", "rfc")


class Overview(Displayable):
    """A message's way, and the words for it."""

    _widget = "overview"

    def __repr__(self) -> str:
        return "Overview()"

    def blocks(self) -> Iterator[Block]:
        yield Heading(text("overview.title"))
        yield Paragraph(text("overview.sentence"))
        yield Bullets([text(f"overview.{word}") for word in _WORDS])
        yield Heading(text("overview.who"), 4)
        yield Bullets([text(f"overview.has_{holder}") for holder in _HOLDERS])


class OverviewWidget(Widget):
    """`step` says who has the message: 1 to 3 from Ann's program on; 0 shows the whole way."""

    step = traitlets.Int(min=0, max=len(_HOLDERS)).tag(page="both")

    def __init__(self, overview: Overview) -> None:
        super().__init__(overview, {"step": 0})


make = OverviewWidget


def overview() -> Overview:
    """See in one picture how a message travels, and the words for it."""
    return Overview()
