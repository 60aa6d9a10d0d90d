"""What one code, enhanced code or reply says: the card, and the explanation built from it."""

from __future__ import annotations

from dataclasses import dataclass

from smtpedu.display import Block, Bullets, Displayable, English, Heading, Paragraph
from smtpedu.i18n import text
from smtpedu.protocol.reply import EnhancedCode, Reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.reference.registry import Code, rfc


@dataclass(frozen=True)
class Explanation(Displayable):
    """What a code, an enhanced code or a whole reply says. Show it, or print it."""

    reply: Reply | None
    code: Code | None
    enhanced: EnhancedCode | str | None

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        if self.code:
            title, *card = card_blocks(self.code.code)
            found += [title, *self._particular(), *card]
        elif self.reply:
            code = self.reply.code
            found.append(Heading(str(code)))
            found.append(Paragraph(text("explain.unknown", code=f"`{code}`")))
            found.append(Paragraph(texts.meaning(ANY, code)))
        if self.enhanced:
            found += _enhanced_blocks(str(self.enhanced))
        if self.reply and self.reply.forward_path:
            path = self.reply.forward_path
            found.append(Paragraph(text("explain.forward_path", path=f"`<{path}>`")))
        return found

    def _particular(self) -> list[Block]:
        """What holds for such a reply, and not for every one with its code."""
        if self.reply is None or not texts.condition(ANY, self.reply):
            return []
        said = texts.meaning_of(ANY, self.reply)
        return [Heading(text("explain.this_reply"), 4), Paragraph(said)]


def card_blocks(code: int) -> list[Block]:
    """The card of a defined code: title, digits, description, when you see it, how to fix."""
    row, card = registry.table()[code], texts.card(code)
    return [
        Heading(f"{code} {card.title}"),
        Bullets([f"{digit}: {said}" for digit, said in digits(code)]),
        Heading(text("card.description"), 4),
        Paragraph(card.description),
        Heading(text("card.when"), 4),
        Paragraph(card.when),
        Heading(text("card.fix"), 4),
        Paragraph(card.fix),
        Paragraph(f"`{row.text}` ({row.source})"),
    ]


def digits(code: int, in_language: str | None = None) -> list[tuple[str, str]]:
    """The three digits of a code and what each says (RFC 5321 §4.2.1)."""
    first, second, third = tuple(str(code))
    keys = (f"severity.{first}", f"category.{second}", "digit.third")
    said = [text(key, in_language=in_language) for key in keys]
    patterns = (f"`{first}··`", f"`·{second}·`", f"`··{third}`")
    return list(zip(patterns, said, strict=True))


def _enhanced_blocks(code: str) -> list[Block]:
    row = registry.enhanced().get("X" + code[1:])
    if row is None:
        return [Heading(code), Paragraph(text("explain.enhanced_unknown", code=f"`{code}`"))]
    source = rfc(row["rfc"], row["section"]) if row["rfc"] else "IANA"
    found: list[Block] = [Heading(English(f"{code} {row['name']}"))]
    found.append(Paragraph(English(f"{row['description']} ({source})")))
    if row["basic_codes"]:
        found.append(Paragraph(text("explain.basic", codes=row["basic_codes"])))
    return found
