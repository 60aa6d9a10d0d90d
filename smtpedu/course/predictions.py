"""What a lesson asks before it shows the answer: `predict` asks, `reveal` shows what happened.

Nothing is shown before the learner has answered, not even where all cells are run at once.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from smtpedu.display import Block, Displayable, Paragraph
from smtpedu.foreign import visible
from smtpedu.i18n import text
from smtpedu.learner.attempt import Role
from smtpedu.learner.store import StoreError, store
from smtpedu.protocol.reply import Reply
from smtpedu.questions.bank import predictions
from smtpedu.questions.items import Item
from smtpedu.questions.quiz import Quiz, only
from smtpedu.questions.schema import suggestions

#: The predictions that this Python knows to be answered.
answered: set[str] = set()


def predict(name: str) -> Quiz:
    """The question of this name, which a lesson asks before it shows the answer.

    What is answered is kept (`smtp.progress()`) and replied to at once; it earns no mark.
    Raises `LookupError` for a name that there is not.
    """
    return only(_prediction(name))


def reveal(name: str, shown: Any) -> Any:
    """What happened: `shown`, once the prediction of this name was answered; else a request.

    Text and replies are shown as they are, anything else as a cell shows it. Raises `LookupError`
    for a name that there is not.
    """
    if not _is_answered(_prediction(name)):
        return Withheld()
    return AsItIs(str(shown)) if isinstance(shown, str | Reply) else shown


def _is_answered(item: Item) -> bool:
    if item.id not in answered:  # it may have been answered in an earlier Python, or in another one
        with suppress(StoreError):
            kept = store().attempts(item=item.id)
            answered.update(one.item for one in kept if one.role is Role.PREDICTION)
    return item.id in answered


def _prediction(name: str) -> Item:
    if not isinstance(name, str) or name not in predictions():
        near = suggestions(str(name), predictions())
        raise LookupError(text("error.prediction", name=name, near=near))
    return predictions()[name]


@dataclass(frozen=True)
class Withheld(Displayable):
    """In the place of what happened, as long as the prediction is not answered."""

    def __repr__(self) -> str:
        return "Withheld()"

    def blocks(self) -> list[Block]:
        return [Paragraph(text("quiz.predict_first"))]


@dataclass(frozen=True, repr=False)
class AsItIs:
    """Text that a cell shows without quotation marks."""

    said: str

    def __repr__(self) -> str:
        return visible(self.said)
