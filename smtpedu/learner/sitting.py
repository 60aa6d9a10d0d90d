"""One sitting at a quiz: its run in the learner's store, what is kept of it, how it went.

What a page sends is of unknown worth: each answer is graded here, whatever the page thought of it,
and what makes no sense stays where it was. A response names options by their index, and on the
page by their position there (`kinds.from_page`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from secrets import randbelow
from typing import Any
from uuid import uuid4

from smtpedu.i18n import in_each_language
from smtpedu.learner.attempt import (
    Attempt,
    AttemptError,
    Role,
    check_text,
    format_time,
    now,
    parse_time,
)
from smtpedu.learner.review import current_beliefs
from smtpedu.learner.store import Run, Store, StoreError
from smtpedu.questions import kinds
from smtpedu.questions.bank import bank, item, misconceptions, objectives, predictions
from smtpedu.questions.items import Item
from smtpedu.questions.kinds import Grade, grade, solution
from smtpedu.questions.quiz import SEEDS, Quiz
from smtpedu.questions.selection import follow_up


def exam_verdict(item: Item, attempt: Attempt | None, seed: int) -> dict[str, Any]:
    """What an exam says of one question in the end, in other languages in `twins`."""
    nothing = Grade(False, 0.0, (), ())
    if attempt and not kinds.kind_of(item).fits(item, attempt.response):
        attempt = None  # the disk has changed it into what is no answer

    def said(one: Item) -> dict[str, Any]:
        found = grade(one, attempt.response) if attempt else nothing
        return {"said": list(found.said), "why": one.why}

    found = grade(item, attempt.response) if attempt else nothing
    return {
        "right": found.right,
        "misconceptions": list(found.misconceptions),
        "shows": sorted(item.misconceptions),
        "solution": kinds.to_page(item, solution(item), seed),
        **{name: getattr(item, name) for name in ("source", "objective")},
        **said(item),
        "twins": {one.language: said(one) for one in item.twins},
    }


def texts_about(items: Sequence[Item]) -> dict[str, Any]:
    """What to say of the objectives and misconceptions of these items, in all languages."""
    wanted = {one.objective for one in items}
    caught = {name for one in items for name in one.misconceptions}
    titled = (one for one in objectives().values() if one.name in wanted)
    beliefs = (one for one in misconceptions().values() if one.name in caught)
    return {
        "objectives": {
            one.name: {"lesson": one.lesson, **in_each_language(one.texts)} for one in titled
        },
        "misconceptions": {
            one.name: {"source": one.source, **in_each_language(one.texts)} for one in beliefs
        },
    }


TRIES = 2  # for each question; `attempts.js` holds the same


class Sitting:
    """The unfinished run of a quiz, else a new one. `trouble` is what the store last said.

    `quiz` holds the questions of this run, which are others than those of the quiz that was
    asked for where this is the learner's own, or has been started again.
    """

    quiz: Quiz
    run: Run

    def __init__(self, quiz: Quiz, store: Store) -> None:
        self._asked = quiz = quiz.with_seed(randbelow(SEEDS)) if quiz.own else quiz
        self._store = store
        self.trouble = ""
        self.file_ids: list[str] = []
        # Of a quiz with another seed, or of an exam, there is a run of its own.
        seed = "own" if quiz.own else str(quiz.seed)
        self._key = " ".join([quiz.name, str(quiz.blueprint.count), seed, *_marks(quiz)])
        self._open(quiz)

    @property
    def role(self) -> Role:
        """What an answer is given for, as long as nothing is handed in."""
        if self._asked.prediction:
            return Role.PREDICTION
        return Role.DRAFT if self._asked.exam else Role.PRACTICE

    def again(self) -> None:
        """End this run and begin one with other questions."""
        self._open(self._asked.with_seed(self.run.seed + 1), after=self._end())

    def answers(self) -> dict[str, list[dict[str, Any]]]:
        """Item → its attempts so far, as a page makes them."""
        found: dict[str, list[dict[str, Any]]] = {}
        items = {one.id: one for one in self.quiz.items}
        attempts = self._attempts()
        handed_in = {one.item for one in attempts if one.role is Role.EXAM}
        for attempt in attempts:
            if attempt.role is Role.DRAFT and attempt.item in handed_in:
                continue  # it was changed too late, or before
            response = kinds.to_page(items.get(attempt.item), attempt.response, self.run.seed)
            if response is not None:
                names = ("id", "number", "guessed", "hints", "at")
                row = {name: getattr(attempt, name) for name in names}
                found.setdefault(attempt.item, []).append({**row, "response": response})
        return found

    def position(self) -> int:
        """The first question that is not finished."""
        attempts = self._attempts()
        if self.quiz.exam and any(attempt.role is Role.EXAM for attempt in attempts):
            return len(self.quiz.items)
        tries = 1 if self.quiz.exam else TRIES
        for place, one in enumerate(self.quiz.items):
            own = [attempt for attempt in attempts if attempt.item == one.id]
            if len(own) < tries and not any(attempt.right for attempt in own):
                return place
        return len(self.quiz.items)

    def keep(self, entries: Iterable[Any]) -> list[Any]:
        """Store what a page sent, of this quiz or another; the keys of what is on the disk now.

        What was given to another file is left in the page's journal.
        """
        try:
            self.file_ids = self._store.file_ids()
            sent = [one for one in entries if isinstance(one, dict)]
            own = [one for one in sent if one.get("store") in self.file_ids]
            self._adopt(own)
            mine = [(one, found) for one in own if (found := self._attempt(one))]
            handed_in = {
                found.run: _time(one.get("handed", one["at"]))
                for one, found in mine
                if found.role is Role.EXAM
            }
            begun = self.run if any(found.run == self.run.id for _, found in mine) else None
            self._store.add([found for _, found in mine], run=begun, handed_in=handed_in)
        except StoreError as error:
            self.trouble = str(error)
            return []
        self.trouble = ""
        return [one.get("key") for one, _ in mine]

    def refresh_file_ids(self) -> None:
        """Learn to which files the answers of this page may have been given, if any can be used."""
        try:
            self.file_ids = self._store.file_ids()
            self._store.check()
            self.trouble = ""
        except StoreError as error:
            self.trouble = str(error)

    def result(self, entries: Iterable[object] = ()) -> dict[str, Any]:
        """What an exam says in the end; empty as long as no answer was handed in.

        The answers are those in the store that were handed in, and `entries`, which the store may
        not have taken. The run goes on until `again`, so that the result can be seen again.
        """
        if not self.quiz.exam:
            return {}
        sent = [attempt for entry in entries if (attempt := self._attempt(entry))]
        handed = [one for one in (*self._attempts(), *sent) if one.role is Role.EXAM]
        last = {one.item: one for one in handed if one.run == self.run.id}
        if not last:
            return {}
        items = self.quiz.items
        verdicts = {one.id: exam_verdict(one, last.get(one.id), self.run.seed) for one in items}
        return {"items": verdicts, **texts_about(items)}

    def follow_up(self, place: int) -> None:
        """Ask next, after this place, what can confirm a misconception that is suspected.

        Only where the questions are the learner's own, and not where something is answered.
        """
        if not self.quiz.own or self.quiz.exam:
            return
        asked = self.quiz
        try:
            attempts = self._store.attempts()
            found = current_beliefs(attempts)
            if names := [one.name for one in found if one.is_open and not one.held]:
                answered = {one.item for one in attempts if one.run == self.run.id}
                places = (n for n, one in enumerate(asked.items) if one.id in answered)
                start = max([place, *places]) + 1
                items = follow_up(asked.items, start, names, asked.pool, asked.blueprint)
                self._revise(items, self.run.seed)
        except StoreError as error:
            self.trouble = str(error)

    def _adopt(self, entries: Iterable[dict[str, Any]]) -> None:
        """Ask what a page asked that was alone, if nothing of this run is answered."""
        if not self._asked.own or self._attempts():
            return
        wanted = {"alone": True, "own": True, "quiz": self._asked.name}
        for one in entries:
            seed = one.get("seed")
            is_same = wanted.items() <= one.items() and self._attempt(one) is not None
            is_same = is_same and one["role"] in (self.role, self.run.role)
            if is_same and type(seed) is int and seed in range(SEEDS):
                items = self._asked.with_seed(seed).items
                if one["item"] in {item.id for item in items}:
                    self._revise(items, seed)
                    return

    def _revise(self, items: Iterable[Item], seed: int) -> None:
        """Make these the questions of this run, unless another notebook has made it others."""
        quiz = replace(self.quiz, items=tuple(items), seed=seed)
        run = replace(self.run, items=tuple(one.id for one in quiz.items), seed=seed)
        if run != self.run and self._store.revise(run, self.run):
            self.quiz, self.run = quiz, run

    def _with_answered(self, quiz: Quiz) -> Quiz:
        """The quiz with what was answered in its run among its questions.

        A page may have gone on before it heard of other questions, and so may another notebook.
        """
        if not quiz.own:
            return quiz
        items = list(quiz.items)
        answered = {attempt.item for attempt in self._attempts()}
        of_part = quiz.blueprint.pools(quiz.pool)
        for one in quiz.pool:
            if one.id in answered and one not in items:
                free = [n for n, other in enumerate(items) if other.id not in answered]
                alike = next((part for part in of_part if one in part), [])
                for place in ([n for n in free if items[n] in alike] or free)[-1:]:
                    items[place] = one
        return replace(quiz, items=tuple(items))

    def _open(self, quiz: Quiz, after: str = "") -> None:
        """Go on with the run that is there, which another notebook may have begun, or begin one."""
        self.quiz, self.run = quiz, self._begun(quiz, after)
        try:
            self.quiz = self._with_answered(self._questions(self.run))
            self._revise(self.quiz.items, self.run.seed)
        except LookupError:  # a question is gone, so this run cannot end
            self.run = self._begun(quiz, after=self._end())
        except StoreError as error:
            self.trouble = str(error)
        self._answered = {attempt.item for attempt in self._attempts()}
        if not self._answered:
            self.follow_up(0)

    def _begun(self, quiz: Quiz, after: str) -> Run:
        ids = tuple(one.id for one in quiz.items)
        role = Role.EXAM if quiz.exam else self.role
        try:
            return self._store.run(quiz.name, quiz.seed, ids, key=self._key, role=role, after=after)
        except StoreError as error:
            self.trouble = str(error)
            return Run(uuid4().hex, quiz.name, self._key, role, quiz.seed, ids, now())

    def _end(self) -> str:
        """End this run and give its id; an exam is finished by handing it in, and by that alone."""
        if not self.quiz.exam:
            try:
                self._store.finish(self.run.id)
            except StoreError as error:
                self.trouble = str(error)
        return self.run.id

    def _attempts(self) -> list[Attempt]:
        try:
            if self._asked.prediction:
                return self._predictions()
            return self._store.attempts(self.run.id)
        except StoreError as error:
            self.trouble = str(error)
            return []

    def _predictions(self) -> list[Attempt]:
        """What was predicted here, on whatever page; not where the question was another one."""
        runs = self._store.runs()
        others = {one.id for one in runs if one.quiz == self.quiz.name and one.key != self._key}
        found = self._store.attempts(item=self.quiz.items[0].id)
        return [one for one in found if one.role is Role.PREDICTION and one.run not in others]

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
            shown = kinds.fingerprint(asked, entry["seed"])
            if entry.get("mark", shown)[: len(shown)] != shown:
                return None  # of another file's question with this id, or as it was before
            if not self._is_of(entry["role"], asked) or self._is_forged(entry, asked):
                return None
            response = kinds.from_page(asked, entry["response"], entry["seed"])
            given = {name: entry[name] for name in _FROM_PAGE} | {"run": self._run_of(entry)}
            given |= _SAID_OF[entry["role"]](asked, response)
            given |= {"kind": asked.kind, "options": kinds.guesses(asked), "at": _time(entry["at"])}
            check_text("key", entry["key"], 200)  # the page hears it again
            return Attempt(**given, response=response)
        except (AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return None

    def _is_of(self, role: str, asked: Item) -> bool:
        """Whether this is answered in that role: a prediction is none of a quiz, nor else."""
        is_prediction = predictions().get(asked.id) is asked
        if role == Role.PREDICTION:
            return is_prediction
        return not (is_prediction and self._asked.prediction)

    def _is_forged(self, entry: dict[str, Any], asked: Item) -> bool:
        """Whether the words of the question may be anybody's: they were in a notebook.

        Nobody's notebook holds those of the bank; others come from Python, or are asked here.
        """
        if not entry.get("foreign"):
            return False
        is_shipped = asked in (bank().get(asked.id), predictions().get(asked.id))
        return is_shipped or asked not in self.quiz.items

    def _run_of(self, entry: Any) -> str:
        """A page that was alone has begun a run of its own; it is this one, if it asks the same."""
        roles = (self.role, self.run.role)  # a draft, or what was handed in
        is_same = (entry["quiz"], entry["seed"]) == (self.quiz.name, self.run.seed)
        is_same = is_same and entry["role"] in roles
        is_new = entry["item"] in self.run.items and entry["item"] not in self._answered
        alone: str = entry["run"]
        return self.run.id if entry.get("alone") and is_same and is_new else alone


def _marks(quiz: Quiz) -> Iterator[str]:
    """What else tells runs apart: an exam, and what is asked, which a file or the bank changes.

    What was answered is kept as indexes, which mean nothing where the options are others.
    """
    if quiz.exam:
        yield "exam"
    if quiz.renewed is None:
        asked = "\n".join(sorted(map(_contents, quiz.pool)))
        yield sha256(asked.encode(errors="replace")).hexdigest()[:16]


def _contents(item: Item) -> str:
    options = [option.text for option in item.options]
    return repr((item.id, item.kind, item.stem, options, item.classes, item.lines))


_FROM_PAGE = ("id", "run", "quiz", "role", "item", "number", "guessed", "hints")


def _graded(item: Item, response: object) -> dict[str, Any]:
    """What a response to this item says of the learner."""
    found = grade(item, response)
    names = ("right", "score", "misconceptions")
    grades = {name: getattr(found, name) for name in names}
    return {"objective": item.objective, "level": item.level, **grades}


def _ungraded(item: Item, response: object) -> dict[str, Any]:
    """Nothing: of an answer that may still be changed `progress()` would tell it."""
    return {"objective": "", "level": "", "right": False, "score": 0.0, "misconceptions": ()}


def _handed_in(item: Item, response: object) -> dict[str, Any]:
    """To have changed the answer in an exam costs nothing."""
    return {**_graded(item, response), "number": 1, "hints": 0}


def _predicted(item: Item, response: object) -> dict[str, Any]:
    """A prediction is no evidence of what is known: it comes before the lesson."""
    return {**_graded(item, response), "objective": ""}


_SAID_OF = {
    Role.PRACTICE: _graded,
    Role.DRAFT: _ungraded,
    Role.EXAM: _handed_in,
    Role.PREDICTION: _predicted,
}


def _time(written: Any) -> str:
    """When the page says that it was; a clock that is not right loses no answer."""
    try:
        return format_time(parse_time(written))
    except AttemptError:
        return now()
