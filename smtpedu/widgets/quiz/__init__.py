"""The quiz in a notebook: questions one by one, feedback in the page, answers on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import traitlets

from smtpedu.course.predictions import answered
from smtpedu.learner.attempt import Role
from smtpedu.learner.sitting import Sitting
from smtpedu.learner.store import Run, Store, store
from smtpedu.questions.quiz import Quiz
from smtpedu.widgets.page import bank
from smtpedu.widgets.shared import Send, Widget

# Attempts that one message can bring: the newest, or what is of no worth would bar their way.
_AT_ONCE = 2_000


# What a page was told before Python ran, any of its widgets brings here: it may be another's.
_predictions: WeakSet[QuizWidget] = WeakSet()


class QuizWidget(Widget):
    """A quiz. `answers` holds item → attempts so far, `at` the place, from 0, that is shown.

    The place after the last question is the summary. In an exam, no trait tells what is right
    before the page asks for the result, with all answers.
    """

    shown: Quiz

    answers = traitlets.Dict().tag(page="both")
    at = traitlets.Int(0, min=0).tag(page="both")
    questions = traitlets.Dict(help="which, in what order").tag(page="told")
    run = traitlets.Dict(help="what the page adds to each attempt").tag(page="told")
    shared = traitlets.Bool(help="whether all visitors share the account").tag(page="told")
    result = traitlets.Dict(help="of an exam").tag(page="told")
    notice = traitlets.Unicode().tag(page="told")

    def __init__(self, quiz: Quiz, kept: Store | None = None) -> None:
        self._store = kept or store()
        self._sitting = Sitting(quiz, self._store)
        # What is the learner's own is in no notebook.
        asked = {} if quiz.own else bank.drawn(quiz, quiz.seed)
        exam = {"exam": True} if quiz.exam else {}
        data = {"quiz": quiz.name, "role": self._sitting.role, **exam, **asked}
        super().__init__(quiz, data, shared=self._store.shared, **self._state())
        if quiz.prediction:
            _predictions.add(self)

    def _state(self) -> dict[str, Any]:
        """The traits that depend on the run."""
        sitting = self._sitting
        return {
            **self._questions(),
            "result": sitting.result(),
            "answers": sitting.answers(),
            "at": sitting.position(),
            "notice": sitting.trouble or self._store.notice,
        }

    def _questions(self) -> dict[str, Any]:
        sitting = self._sitting
        questions = bank.drawn(sitting.quiz, sitting.run.seed)
        return {"questions": questions, "run": self._of_each_attempt(sitting.run)}

    def _of_each_attempt(self, run: Run) -> dict[str, Any]:
        """What the page adds to each attempt, so that it can be told apart in its journal."""
        quiz, role = self._sitting.quiz.name, self._sitting.role
        return {"run": run.id, "quiz": quiz, "role": role, "seed": run.seed}

    @traitlets.observe("answers")
    def _answered(self, change: Any) -> None:
        if self.shown.prediction:
            answered.update(item.id for item in self.shown.items if change["new"].get(item.id))

    def asked(self, said: dict[str, Any], send: Send) -> None:
        """What the page wants; it hears at once that Python is there, and what is stored.

        It also hears whose file this is, each time and nowhere else: what a saved notebook holds
        may be opened by anybody.
        """
        stored: list[str] = []
        match said:
            case {"do": "hello"}:
                self._sitting.refresh_file_ids()
            case {"do": "store", "attempts": [*sent], **more}:
                entries = [one for one in sent if isinstance(one, dict)]
                before = self._sitting.run
                stored = self._sitting.keep(entries[-_AT_ONCE:])
                self._acknowledge(said, stored, send)  # first: what follows reads the whole record
                self._tell()  # it was handed in to a Python that was gone
                seen = more.get("seen")
                self._sitting.follow_up(max(self.at, seen if type(seen) is int else 0))
                news = self._questions() if self._sitting.run != before else {}
                if stored:
                    self._tell_others(entries)
                if stored and any(one.get("alone") for one in entries):
                    # Who is reading what was said of an answer is not led away.
                    at = self.at if self.answers else self._sitting.position()
                    news |= {"answers": self._sitting.answers(), "at": at}
                self.put(**news)
                return
            case {"do": "hand in", "run": run, "attempts": [*entries]} if self._sitting.quiz.exam:
                stored = self._sitting.keep(entries[-_AT_ONCE:])
                if run == self._sitting.run.id:
                    self._tell(entries[-_AT_ONCE:])
            case {"do": "again", "run": run} if self._is_here(run):
                self._sitting.again()
                self.put(**self._state())
        self._acknowledge(said, stored, send)

    def _acknowledge(self, said: dict[str, Any], stored: list[Any], send: Send) -> None:
        sitting = self._sitting
        told = {"stored": stored, "owners": sitting.file_ids, "trouble": sitting.trouble}
        send({"heard": said.get("question"), "notice": self._store.notice, **told})

    def _tell_others(self, entries: Iterable[dict[str, Any]]) -> None:
        """Tell whoever asks the same that it was predicted."""
        predicted = [one.get("item") for one in entries if one.get("role") == Role.PREDICTION]
        for other in list(_predictions):
            if other.shown.items[0].id in predicted:
                other.put(answers=other._sitting.answers())

    def _is_here(self, run: object) -> bool:
        """Whether the page still shows that run: a second click must not end the new one."""
        return run in (self._sitting.run.id, self.run.get("run"))

    def _tell(self, entries: Iterable[object] = ()) -> None:
        """Tell the result of an exam once it was handed in, and once only."""
        if not self.result and (result := self._sitting.result(entries)):
            self.put(result=result, at=len(self._sitting.quiz.items))


make = QuizWidget
