"""The quiz in a notebook: questions one by one, feedback in the page, answers on the disk."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import traitlets

from smtpedu.i18n import LANGUAGES
from smtpedu.learner.sitting import Sitting
from smtpedu.learner.store import Run, Store, store
from smtpedu.questions.bank import plans
from smtpedu.questions.quiz import Quiz
from smtpedu.widgets.shared import Widget, assets, packed

# Attempts that one message can bring: the newest, or what is of no worth would bar their way.
_AT_ONCE = 2_000


class QuizWidget(Widget):
    """A quiz. `answers` holds item → attempts so far, `at` the place, from 0, that is shown.

    The place after the last question is the summary. In an exam, no trait tells what is right
    before the page asks for the result, with all answers.
    """

    _esm, _css = assets("quiz")
    string_keys = ("ask.", "card.")  # card.js makes links to sources

    shown: Quiz

    answers = traitlets.Dict().tag(sync=True)
    at = traitlets.Int(0, min=0).tag(sync=True)
    _title = traitlets.Dict().tag(sync=True)
    _exam = traitlets.Bool().tag(sync=True)
    _page = traitlets.Bytes().tag(sync=True)
    _run = traitlets.Dict().tag(sync=True)
    _shared = traitlets.Bool().tag(sync=True)
    _result = traitlets.Dict().tag(sync=True)
    _notice = traitlets.Unicode().tag(sync=True)

    def __init__(self, quiz: Quiz, kept: Store | None = None) -> None:
        self._store = kept or store()
        self._sitting = Sitting(quiz, self._store)
        fixed = {"_title": _titles(quiz), "_exam": quiz.exam, "_shared": self._store.shared}
        super().__init__(quiz, **fixed, **self._state())
        self.on_msg(self._asked)

    def _state(self) -> dict[str, Any]:
        """The traits that depend on the run."""
        sitting = self._sitting
        run = sitting.run
        state: dict[str, Any] = {
            "_page": packed(sitting.page),
            "_run": self._of_each_attempt(run),
            "_result": sitting.result(),
            "answers": sitting.answers(),
            "at": sitting.position(),
        }
        return {**state, "_notice": sitting.trouble or self._store.notice}

    def _of_each_attempt(self, run: Run) -> dict[str, Any]:
        """What the page adds to each attempt, so that it can be told apart in its journal."""
        quiz, role = self._sitting.quiz.name, self._sitting.role
        return {"run": run.id, "quiz": quiz, "role": role, "seed": run.seed}

    def _asked(self, _: Any, content: Any, buffers: Any) -> None:
        """What the page wants; it hears at once that Python is there, and what is stored.

        It also hears whose file this is, each time and nowhere else: what a saved notebook holds
        may be opened by anybody.
        """
        stored: list[str] = []
        match content:
            case {"do": "hello"}:
                self._sitting.refresh_file_ids()
            case {"do": "store", "attempts": [*entries]}:
                stored = self._sitting.keep(entries[-_AT_ONCE:])
                self._tell()  # it was handed in to a Python that was gone
            case {"do": "hand in", "run": run, "attempts": [*entries]} if self._exam:
                stored = self._sitting.keep(entries[-_AT_ONCE:])
                if run == self._sitting.run.id:
                    self._tell(entries[-_AT_ONCE:])
            case {"do": "again", "run": run} if self._is_here(run):
                self._sitting.again()
                self._put(self._state())
        question = content.get("question") if isinstance(content, dict) else None
        sitting = self._sitting
        said = {"stored": stored, "owners": sitting.file_ids, "trouble": sitting.trouble}
        self.send({"heard": question, **said})

    def _is_here(self, run: object) -> bool:
        """Whether the page still shows that run: a second click must not end the new one."""
        return run in (self._sitting.run.id, self._run.get("run"))

    def _tell(self, entries: Iterable[object] = ()) -> None:
        """Tell the result of an exam once it was handed in, and once only."""
        if not self._result and (result := self._sitting.result(entries)):
            self._put({"_result": result, "at": len(self._sitting.quiz.items)})

    def _put(self, traits: dict[str, Any]) -> None:
        with self.hold_sync():
            for name, value in traits.items():
                self.set_trait(name, value)


def _titles(quiz: Quiz) -> dict[str, str]:
    """The title in each language."""
    plan = plans().get(quiz.name)
    return {code: plan.title(code) if plan else quiz.title for code in LANGUAGES}


make = QuizWidget
