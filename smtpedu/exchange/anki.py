"""Questions as cards for Anki, by the library genanki (extra `anki`).

Anki asks oneself: a card shows the question and its answers, then which is right and why.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtpedu.exchange.shapes import Shape, shape
from smtpedu.exchange.wording import dialogue, paragraphs, plain, span
from smtpedu.language import text
from smtpedu.questions.items import Item

if TYPE_CHECKING:
    from smtpedu.questions.items import Option

# Anki knows decks and kinds of note by numbers that must stay what they are.
_DECK, _MODEL = 1_551_250_551, 1_551_250_251
_FIELDS = ("Id", "Question", "Hint", "Answer")
_FRONT = "{{Question}}{{#Hint}}<p>{{hint:Hint}}</p>{{/Hint}}"
_BACK = "{{Question}}<hr id=answer>{{Answer}}"
_CSS = ".card { font-family: sans-serif; text-align: start; } pre { overflow: auto; }"

LOST = ("misconceptions",)


def write(items: Iterable[Item], path: Path) -> list[str]:
    """Write the deck; returns what it does not hold, in words.

    Raises `ValueError` where genanki is not installed.
    """
    try:
        import genanki
    except ImportError:
        raise ValueError(text("interchange.no_genanki")) from None
    deck = genanki.Deck(_DECK, text("interchange.collection"))
    card = [{"name": "Card", "qfmt": _FRONT, "afmt": _BACK}]
    fields = [{"name": name} for name in _FIELDS]
    model = genanki.Model(_MODEL, "smtpedu", fields=fields, templates=card, css=_CSS)
    for item in items:
        deck.add_note(_note(genanki, model, shape(item)))
    # A fixed time: the same questions are the same deck.
    genanki.Package(deck).write_to_file(str(path), timestamp=_MODEL)
    return []


def _note(genanki: Any, model: Any, shape: Shape) -> Any:
    item = shape.item
    fields = [
        escape(plain(item.id)),
        paragraphs([item.stem], item.language) + dialogue(item.lines) + _choices(item),
        span(item.hint, item.language) if item.hint else "",
        _right(item) + paragraphs(shape.after, item.language),
    ]
    # What stands in brackets Anki would play or draw.
    fields = [field.replace("[", "&#91;") for field in fields]
    tags = [tag.replace(" ", "_") for tag in shape.tags]
    return genanki.Note(model, fields, guid=genanki.guid_for("smtpedu", item.id), tags=tags)


def _choices(item: Item) -> str:
    """What there is to choose from; numbers to type and lines to point at are not shown."""
    if item.kind in ("number", "point"):
        return ""
    shown = (item.options[index] for index in item.order(0))
    classes = _list(item.classes, item) if item.classes else ""
    return _list((option.text for option in shown), item) + classes


def _right(item: Item) -> str:
    """The right answer, with what is said of it."""
    match item.kind:
        case "order":
            return "<ol>" + "".join(_row(one.text, item) for one in item.options) + "</ol>"
        case "classify":
            pairs = [f"{one.text} → {item.classes[one.group or 0]}" for one in item.options]
            return _list(pairs, item)
    rights = [one for one in item.options if one.right]
    wrongs = [one for one in item.options if not one.right]
    return _list(map(_told, rights), item) + "<hr>" + _list(map(_told, wrongs), item)


def _told(option: Option) -> str:
    return f"{option.text} — {option.feedback}" if option.feedback else option.text


def _list(said: Iterable[str], item: Item) -> str:
    return "<ul>" + "".join(_row(one, item) for one in said) + "</ul>"


def _row(said: str, item: Item) -> str:
    return f"<li>{span(said, item.language)}</li>"
