"""`compare`: two codes side by side, what differs, when each is right, what to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from smtpedu.display import Beside, Block, Bullets, Displayable, Heading, Paragraph, Table
from smtpedu.i18n import text
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.reference.explain import card_blocks
from smtpedu.reference.registry import Code, find_code, rfc, rfc_url

if TYPE_CHECKING:
    import pandas as pd

#: The rows of a comparison's key differences, computed from the digits and the tables.
ASPECTS = ("severity", "category", "again", "commands", "standing", "source")


def facts(code: Code, in_language: str | None = None) -> dict[str, str]:
    """Aspect → what is true of this code, in words."""
    words = partial(text, in_language=in_language)
    return {
        "severity": f"`{code.severity}`: {words(f'severity.{code.severity}')}",
        "category": f"`{code.category}`: {words(f'category.{code.category}')}",
        "again": words(f"again.{code.severity}"),
        "commands": _answered(code, in_language),
        "standing": words("standing.obsolete" if code.obsolete else "standing.current"),
        "source": code.source,
    }


def commands(code: int) -> list[str]:
    """The commands, and `protocol` pseudo-commands, that may get this code (§4.3.2)."""
    return list(dict.fromkeys(row["command"] for row in registry.replies() if row["code"] == code))


def _answered(code: Code, in_language: str | None) -> str:
    """The commands that may get this code, in words."""
    words = partial(text, in_language=in_language)
    rows = [row for row in registry.replies() if row["code"] == code.code]
    general = [row for row in rows if row["command"] == ANY]
    if any(not row["condition"] for row in general):
        return words("commands.any")
    verbs = dict.fromkeys(row["command"] for row in rows if row["command"] != ANY)
    named = [f"`{verb}`" if verb.isupper() else words(f"verb.{verb}") for verb in verbs]
    if general:
        named.append(words("commands.most"))
    return words("list.separator").join(named)


def sources(a: Code, b: Code, in_language: str | None = None) -> list[str]:
    """What to read on two codes, most useful first: RFCs with their sections."""
    found = texts.pair(a.code, b.code, in_language)
    if found:
        return list(found.read)
    return list(dict.fromkeys([a.source, b.source, rfc(5321, "4.2.1"), rfc(5321, "4.3.2")]))


@dataclass(frozen=True)
class Comparison(Displayable):
    """Two codes compared. Show it, print it, or take `.to_frame()`."""

    a: Code
    b: Code

    _widget = "comparison"

    def __repr__(self) -> str:
        return f"Comparison({self.a.code}, {self.b.code})"

    @property
    def pair(self) -> texts.Pair | None:
        """The hand-written comparison, where there is one."""
        return texts.pair(self.a.code, self.b.code)

    def rows(self) -> list[tuple[str, str, str, str]]:
        """(part, aspect, of a, of b) of all that can be set side by side."""
        cards = texts.card(self.a.code), texts.card(self.b.code)
        parts = [
            ("card", name, getattr(cards[0], name), getattr(cards[1], name))
            for name in ("title", "description", "when", "fix")
        ]
        of_a, of_b = facts(self.a), facts(self.b)
        parts += [("difference", aspect, of_a[aspect], of_b[aspect]) for aspect in ASPECTS]
        return [*parts, ("use", "use", *self.use)]

    @property
    def use(self) -> tuple[str, str]:
        """When a server is right to say each."""
        a, b, pair = self.a.code, self.b.code, self.pair
        return (pair.use[a], pair.use[b]) if pair else (texts.card(a).use, texts.card(b).use)

    def to_frame(self) -> pd.DataFrame:
        """What can be set side by side, one row per aspect.

        Index `part` (card, difference, use) and `aspect`; columns: the two codes as
        strings (string, in the current language) and `differs` (bool).
        """
        import pandas as pd

        rows = self.rows()
        index = pd.MultiIndex.from_tuples([row[:2] for row in rows], names=["part", "aspect"])
        codes = [str(self.a.code), str(self.b.code)]
        frame = pd.DataFrame([row[2:] for row in rows], index, codes, dtype="string")
        return frame.assign(differs=[of_a != of_b for *_, of_a, of_b in rows])

    def blocks(self) -> Iterator[Block]:
        codes = [self.a.code] if self.a == self.b else [self.a.code, self.b.code]
        yield Heading(text("compare.title", a=self.a.code, b=self.b.code), 2)
        yield Beside([card_blocks(code) for code in codes])
        yield from self._differences() if self.a != self.b else [Paragraph(text("compare.same"))]
        yield Heading(text("compare.use"))
        uses = [f"{code}: {use}" for code, use in zip(codes, self.use, strict=False)]
        yield Beside([[Paragraph(use)] for use in uses], instead=[Bullets(uses)])
        if self.pair:
            yield Paragraph(f"{text('compare.trap')}: {self.pair.trap}")
        yield Heading(text("compare.more"))
        yield Bullets([f"{source}: {rfc_url(source)}" for source in sources(self.a, self.b)])
        yield Paragraph(text("card.reference"))

    def _differences(self) -> Iterator[Block]:
        head = (text("compare.aspect"), str(self.a.code), str(self.b.code))
        rows = [row for row in self.rows() if row[0] == "difference"]
        yield Heading(text("compare.differences"))
        yield Table(head, [(text(f"aspect.{row[1]}"), *row[2:]) for row in rows])
        if self.pair:
            yield Bullets(self.pair.difference)


def compare(a: object, b: object) -> Comparison:
    """Compare any two defined codes: their cards, key differences, when to use each, sources.

    `a` and `b` are ints or strings of three digits. In a notebook the result shows as a widget
    that compares any other two as well; `print()` gives text, `.to_frame()` a DataFrame.
    Raises `UnknownCodeError` with the nearest known codes, `ValueError` for other text,
    `TypeError` for other types.

    >>> compare(250, 551).to_frame().loc[("difference", "again"), "differs"]
    True
    """
    return Comparison(find_code(a), find_code(b))
