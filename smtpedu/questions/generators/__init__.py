"""Items without end, made from the tables and the captured sessions, from a seed.

An item is rebuilt from its id alone, `generated:<maker>:<seed>`, in any process and any language.
A maker fills in a blank item, its options in any order. It takes its facts from a table, a captured
session or conditions that are drawn, and chance from a seed; what it draws never depends on the
language. A wrong option is one that no RFC's table allows, never one that is merely less likely.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from random import Random

from smtpedu.i18n import language as current
from smtpedu.i18n import text
from smtpedu.questions.generators import from_conditions, from_sessions, from_tables
from smtpedu.questions.generators.from_tables import Maker
from smtpedu.questions.items import Item, Level

#: Name → maker, and the kind, the objective and the level of what it makes.
MAKERS: dict[str, tuple[Maker, str, str, Level]] = {
    "class-of-code": (from_tables.class_of_code, "choice", "digits", "recall"),
    "category": (from_tables.category, "choice", "digits", "explain"),
    "retry-or-not": (from_tables.retry_or_not, "classify", "retry", "recall"),
    "who-may-say": (from_tables.who_may_say, "choice", "order", "recall"),
    "name-the-code": (from_tables.name_the_code, "number", "digits", "recall"),
    "enhanced-class": (from_tables.enhanced_class, "choice", "enhanced", "recall"),
    "enhanced-subject": (from_tables.enhanced_subject, "choice", "enhanced", "recall"),
    "next-reply": (from_sessions.next_reply, "predict", "order", "predict"),
    "legal-next": (from_sessions.legal_next, "diagnose", "order", "diagnose"),
    "count-replies": (from_sessions.count_replies, "number", "digits", "explain"),
    "moved": (from_conditions.moved, "predict", "moved", "predict"),
    "mixed": (from_conditions.mixed, "number", "recipients", "predict"),
}
_PREFIX = "generated"
_DIGITS = 18  # of a seed; more is no seed that anyone asked for


def generate(seed: int, maker: str | None = None, language: str | None = None) -> Item:
    """A question of this seed, by this maker (a key of `MAKERS`) or any of them.

    The same seed always gives the same question; in another language it says the same, its
    options in the same places. Raises `LookupError` for an unknown maker, naming those there are.
    """
    name = maker if maker is not None else Random(f"maker {seed}").choice(list(MAKERS))  # noqa: S311
    if name not in MAKERS:
        raise LookupError(text("generated.maker", name=name, known=", ".join(MAKERS)))
    random = Random(f"{name} {seed}")  # noqa: S311 (no secret)
    make, kind, objective, level = MAKERS[name]
    written_in = language or current()
    id = f"{_PREFIX}:{name}:{seed}"
    blank = Item(id, kind, "", (), objective, level, language=written_in)
    item = make(random, partial(text, in_language=written_in), blank)
    options = list(item.options)
    random.shuffle(options)
    return replace(item, options=tuple(options))


def rebuilt(id: str, language: str | None = None) -> Item:
    """The question of this id. Raises `LookupError` for what is no id of a generated one."""
    prefix, _, rest = id.partition(":")
    maker, _, seed = rest.partition(":")
    plain = seed.removeprefix("-")
    fits = plain.isascii() and plain.isdigit() and len(plain) <= _DIGITS
    # An id has one spelling: `+1` and `01` name nothing.
    if prefix != _PREFIX or maker not in MAKERS or not fits or str(int(seed)) != seed:
        raise LookupError(text("generated.unknown", id=id[:80]))
    return generate(int(seed), maker, language)
