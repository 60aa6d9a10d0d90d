"""One sitting at a quiz: its run in the learner's store, what is kept of it, how it went.

The law of this file: no widget. What a page sends is of unknown worth: each answer is graded
here, whatever the page thought of it, and what makes no sense stays where it was.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any
from uuid import uuid4

from smtpedu.progress.attempt import Attempt, AttemptError, moment, now, stamp
from smtpedu.progress.store import Run, Store, StoreError
from smtpedu.questions.bank import Misconception, Objective, bank, item, misconceptions, objectives
from smtpedu.questions.grading import Grade, ResponseError, grade, solution
from smtpedu.questions.items import Item
from smtpedu.questions.quiz import Quiz

TRIES = 2  # for each question; `attempts.js` holds the same


class Sitting:
    """The unfinished run of a quiz, else a new one. `trouble` is what the store last said.

    `quiz` holds the questions of this run, which are others than those of the quiz that was
    asked for where the learner has started again.
    """

    def __init__(self, quiz: Quiz, store: Store) -> None:
        self._asked, self._store = quiz, store
        self.trouble = ""
        # Of a quiz with another seed, or of an exam, there is a run of its own.
        self._key = " ".join([quiz.name, str(quiz.count), str(quiz.seed), *_marks(quiz)])
        self.quiz, self.run = quiz, self._begun(quiz)
        try:
            self.quiz = self._questions(self.run)
        except LookupError:  # a question is gone, so this run cannot end
            self._finish()
            self.run = self._begun(quiz)

    @property
    def page(self) -> dict[str, Any]:
        """What the browser needs of the questions; what is right is not in it in an exam."""
        exam, seed = self.quiz.exam, self.run.seed
        pages = [one.page(seed, key=not exam) for one in self.quiz.items]
        return {"items": pages, **({} if exam else texts(self.quiz.items))}

    def again(self) -> None:
        """End this run and begin one with other questions."""
        self._finish()
        self.quiz = self._asked.with_seed(self.run.seed + 1)
        self.run = self._begun(self.quiz)

    def answers(self) -> dict[str, list[dict[str, Any]]]:
        """Item → its attempts so far, as a page makes them."""
        found: dict[str, list[dict[str, Any]]] = {}
        items = {one.id: one for one in self.quiz.items}
        for attempt in self._attempts():
            response = placed(items.get(attempt.item), attempt.response, self.run.seed)
            if response is not None:
                names = ("id", "number", "guessed", "hints", "at")
                row = {name: getattr(attempt, name) for name in names}
                found.setdefault(attempt.item, []).append({**row, "response": response})
        return found

    def place(self) -> int:
        """The first question that is not finished."""
        attempts = self._attempts()
        tries = 1 if self.quiz.exam else TRIES
        for place, one in enumerate(self.quiz.items):
            own = [attempt for attempt in attempts if attempt.item == one.id]
            if len(own) < tries and not any(attempt.right for attempt in own):
                return place
        return len(self.quiz.items)

    def keep(self, entries: Iterable[object]) -> list[str]:
        """Store what a page sent, of this quiz or another; the ids of what is on the disk now."""
        attempts = [attempt for entry in entries if (attempt := self._attempt(entry))]
        try:
            kept = self._store.add(attempts)
        except StoreError as error:
            self.trouble = str(error)
            return []
        self.trouble = ""
        return kept

    def hand_in(self, entries: Iterable[object]) -> dict[str, Any]:
        """Grade the last answer to each question, end the run, tell what was right."""
        last: dict[str, Attempt] = {}
        for entry in entries:
            attempt = self._attempt(entry)
            if attempt and attempt.run == self.run.id:
                last[attempt.item] = max(attempt, last.get(attempt.item, attempt), key=_number)
        self._finish()
        seed, items = self.run.seed, self.quiz.items
        told = {one.id: _told(one, last.get(one.id), seed) for one in items}
        return {"items": told, **texts(items)}

    def _begun(self, quiz: Quiz) -> Run:
        ids = tuple(one.id for one in quiz.items)
        try:
            return self._store.run(self._key, quiz.seed, ids)
        except StoreError as error:
            self.trouble = str(error)
            return Run(uuid4().hex, self._key, quiz.seed, ids, now())

    def _finish(self) -> None:
        try:
            self._store.finish(self.run.id)
        except StoreError as error:
            self.trouble = str(error)

    def _attempts(self) -> list[Attempt]:
        try:
            return self._store.attempts(self.run.id)
        except StoreError as error:
            self.trouble = str(error)
            return []

    def _questions(self, run: Run) -> Quiz:
        """The quiz with the questions of that run."""
        items = tuple(self._item(name) for name in run.items)
        return replace(self._asked, items=items, seed=run.seed)

    def _item(self, name: str) -> Item:
        own = (one for one in (*self._asked.pool, *self._asked.items) if one.id == name)
        return next(own, None) or item(name)

    def _attempt(self, entry: Any) -> Attempt | None:
        """What a page sent as a graded attempt; None where it is none, or of a lost question."""
        try:
            asked = self._item(entry["item"])
            response = asked.canonical(entry["response"], entry["seed"])
            is_draft = entry.get("exam") and not entry.get("final")
            return Attempt(
                **{name: entry[name] for name in _FROM_PAGE},
                **(_draft(asked, response) if is_draft else _graded(asked, response)),
                kind=asked.kind,
                response=response,
                options=asked.answers,
                at=_time(entry["at"]),
            )
        except (LookupError, TypeError, ValueError, AttributeError):
            return None


def _marks(quiz: Quiz) -> Iterator[str]:
    """What else tells runs apart: an exam, and questions that only this notebook knows."""
    if quiz.exam:
        yield "exam"
    own = sorted(f"{one.id} {one.stem}" for one in quiz.pool if one.id not in bank())
    if own and quiz.renewed is None:
        yield sha256("\n".join(own).encode(errors="replace")).hexdigest()[:16]


_FROM_PAGE = ("id", "run", "quiz", "item", "number", "guessed", "hints")


def _graded(item: Item, response: object) -> dict[str, Any]:
    """What a response to this item says of the learner."""
    found = grade(item, response)
    return {
        "objective": item.objective,
        "level": item.level,
        "right": found.right,
        "score": found.score,
        "misconceptions": found.misconceptions,
    }


def _draft(item: Item, response: object) -> dict[str, Any]:
    """The same for one that may still be changed: nothing, or `progress()` would tell it."""
    blank = {"objective": "", "level": "", "right": False, "score": 0.0, "misconceptions": ()}
    return {**_graded(item, response), **blank}


def _number(attempt: Attempt) -> int:
    return attempt.number


def _time(written: Any) -> str:
    """When the page says that it was; a clock that is not right loses no answer."""
    try:
        return stamp(moment(written))
    except AttemptError:
        return now()


def placed(item: Item | None, response: Any, seed: int) -> Any:
    """A canonical response as positions on a page with this seed (`Item.canonical`'s inverse).

    None where it is no response to this item, or to no item.
    """
    if item is None or not fits(item, response):
        return None
    order = item.order(seed)
    match item.kind:
        case "number" | "point":
            return response
        case "choices":
            return sorted(order.index(index) for index in response)
        case "order":
            return [order.index(index) for index in response]
        case "classify":
            return [response[index] for index in order]
    return order.index(response)


def fits(item: Item, response: object) -> bool:
    """Whether this is a response to that item."""
    try:
        grade(item, response)
    except ResponseError:
        return False
    return True


def _told(item: Item, attempt: Attempt | None, seed: int) -> dict[str, Any]:
    """What an exam says of one question in the end."""
    found = grade(item, attempt.response) if attempt else Grade(False, 0.0, (), ())
    return {
        "right": found.right,
        "said": list(found.said),
        "misconceptions": list(found.misconceptions),
        "solution": placed(item, solution(item), seed),
        **{name: getattr(item, name) for name in ("why", "source", "objective")},
    }


def texts(items: Sequence[Item]) -> dict[str, Any]:
    """What to say of the objectives and misconceptions of these items, in all languages."""
    known: dict[str, Objective] = objectives()
    beliefs: dict[str, Misconception] = misconceptions()
    wanted = {one.objective for one in items}
    caught = {name for one in items for name in one.misconceptions}
    return {
        "objectives": {name: one.texts for name, one in known.items() if name in wanted},
        "misconceptions": {
            name: {"source": one.source, **one.texts}
            for name, one in beliefs.items()
            if name in caught
        },
    }
