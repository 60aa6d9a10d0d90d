"""What one code, enhanced code or whole reply says: `explain`, and the card of a code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from smtpedu.display import Block, Bullets, Displayable, English, Heading, Paragraph, Stacked
from smtpedu.i18n import text
from smtpedu.protocol.reply import EnhancedCode, Reply, parse_reply
from smtpedu.protocol.states import ANY
from smtpedu.reference import registry, texts
from smtpedu.reference.registry import Code, find_code, rfc


@dataclass(frozen=True)
class Explanation(Displayable):
    """What a code, an enhanced code or a whole reply says. Show it, or print it."""

    reply: Reply | None
    code: Code | None
    enhanced: EnhancedCode | str | None

    def blocks(self) -> list[Block]:
        found: list[Block] = []
        if self.code:
            found += card_blocks(self.code.code, short=self.reply is not None)
        elif self.reply:
            code = self.reply.code
            found.append(Heading(str(code)))
            found.append(Paragraph(text("explain.unknown", code=f"`{code}`")))
            found.append(Paragraph(texts.code_meaning(ANY, code)))
        if self.enhanced:
            found += _enhanced_blocks(str(self.enhanced))
        return found if self.reply else [*found, Paragraph(text("card.reference"))]


def card_blocks(code: int, *, short: bool = False) -> list[Stacked]:
    """The card of a defined code: title, digits, description, when you see it, how to fix.

    The short one has title and description alone: a whole reply says better what to do.
    """
    row, card = registry.defined_codes()[code], texts.card(code)
    source = Paragraph(f"`{row.text}` ({row.source})")
    found: list[Stacked] = [Heading(f"{code} {card.title}")]
    if short:
        return [*found, Paragraph(card.description), source]
    found.append(Bullets([f"{digit}: {meaning}" for digit, meaning in digits(code)]))
    for part in ("description", "when", "fix"):
        found += [Heading(text(f"card.{part}"), 4), Paragraph(getattr(card, part))]
    return [*found, source]


def digits(code: int, in_language: str | None = None) -> list[tuple[str, str]]:
    """The three digits of a code and what each says (RFC 5321 §4.2.1)."""
    first, second, third = tuple(str(code))
    keys = (f"severity.{first}", f"category.{second}", "digit.third")
    patterns = (f"`{first}··`", f"`·{second}·`", f"`··{third}`")
    meanings = (text(key, in_language=in_language) for key in keys)
    return list(zip(patterns, meanings, strict=True))


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


def explain(what: object) -> Explanation:
    """Explain a reply code, an enhanced status code, or a whole reply.

    `what` is an int or str such as `551`, `"5.1.6"`, `"X.1.6"`, `"551 5.1.6 User has moved"`, or
    a `Reply`. A whole reply whose code no RFC defines is explained by its first digit
    (RFC 5321 §4.2). Raises `UnknownCodeError` for a lone code that is not known,
    `ReplySyntaxError` for text that is none of these, `TypeError` for other types.
    """
    if isinstance(what, Reply):
        return Explanation(what, registry.defined_codes().get(what.code), what.enhanced)
    if not isinstance(what, str) or re.fullmatch(r"\s*[0-9]+\s*", what):
        return Explanation(None, find_code(what), None)
    if enhanced := _enhanced_code(what.strip()):
        return Explanation(None, None, enhanced)
    return explain(parse_reply(what.strip()))


def _enhanced_code(written: str) -> str | None:
    """`5.1.6` or `X.1.6` when that is all there is. Raises `UnknownCodeError`."""
    class_, dot, rest = written.upper().partition(".")
    digits = all(map(str.isdigit, rest.split(".")))
    if class_ not in registry.ENHANCED_CLASSES or not dot or not digits:
        return None
    registry.find_enhanced(written)
    return f"{class_}.{rest}"
