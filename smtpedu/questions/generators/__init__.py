"""Questions without end: made from the tables and the captured sessions, from a seed.

The law of this file: an item is rebuilt from its id alone, `generated:<maker>:<seed>`, in any
process and either language. Makers are in `digits`,
`pairings` and `dialogues`.
"""

from __future__ import annotations

from dataclasses import replace
from random import Random

from smtpedu.i18n import language as current
from smtpedu.i18n import text
from smtpedu.questions.generators import dialogues, digits, pairings
from smtpedu.questions.generators.base import Maker
from smtpedu.questions.items import Item

MAKERS: dict[str, Maker] = {
    "class-of-code": digits.class_of_code,
    "category": digits.category,
    "retry-or-not": digits.retry_or_not,
    "who-may-say": pairings.who_may_say,
    "name-the-code": digits.name_the_code,
    "enhanced-class": pairings.enhanced_class,
    "enhanced-subject": pairings.enhanced_subject,
    "next-reply": dialogues.next_reply,
    "legal-next": dialogues.legal_next,
    "count-replies": dialogues.count_replies,
}
_PREFIX = "generated"
_DIGITS = 18  # of a seed; more is no seed that anyone asked for


class _Say:
    """`text` in one language."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: object) -> str:
        return text(key, in_language=self.language, **values)


def generate(seed: int, maker: str | None = None, language: str | None = None) -> Item:
    """A question of this seed, by this maker (a key of `MAKERS`) or any of them.

    The same seed always gives the same question; in another language it says the same, its
    options in the same places. Raises `LookupError` for an unknown maker, naming those there are.
    """
    name = maker if maker is not None else Random(f"maker {seed}").choice(list(MAKERS))  # noqa: S311
    if name not in MAKERS:
        raise LookupError(text("generated.maker", name=name, known=", ".join(MAKERS)))
    random = Random(f"{name} {seed}")  # noqa: S311 (no secret)
    said = language or current()
    item = MAKERS[name](random, _Say(said))
    options = list(item.options)
    random.shuffle(options)
    return replace(item, id=f"{_PREFIX}:{name}:{seed}", options=tuple(options), language=said)


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
