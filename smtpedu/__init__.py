"""Learn how mail servers talk: SMTP reply codes, sessions and lessons for Jupyter.

import smtpedu as smtp

smtp.overview()                          # how a message travels, in one picture
smtp.codes()                             # every reply code, a DataFrame
smtp.explain("551 5.7.1 relaying denied") # what a code, reply, log or bounce says, and what to do
smtp.compare(250, 551)                   # any two codes, side by side
smtp.session("mixed-recipients").play()  # step through a captured session
smtp.servers()                           # what mail servers reply, side by side
print(smtp.replies("moved"))             # the same for one scenario, as text
smtp.annotate(text).to_frame()           # explain a transcript of your own
smtp.explorer()                          # search all codes
smtp.predict("bob-has-moved")            # a question before the answer; smtp.reveal shows it
smtp.check("transient", [450, 451])      # an exercise of a lesson
smtp.quiz("250-vs-551")                  # questions, with feedback at once
smtp.progress()                          # what your answers amount to
smtp.review()                            # today's mix: what is due
smtp.language("ar")                      # Arabic, right-to-left
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtpedu.course.exercises import check as check
    from smtpedu.course.exercises import hint as hint
    from smtpedu.course.exercises import solution as solution
    from smtpedu.course.predictions import predict as predict
    from smtpedu.course.predictions import reveal as reveal
    from smtpedu.dialogue.captures import bounce as bounce
    from smtpedu.dialogue.captures import replies as replies
    from smtpedu.dialogue.captures import servers as servers
    from smtpedu.dialogue.captures import session as session
    from smtpedu.dialogue.captures import sessions as sessions
    from smtpedu.dialogue.diagnosis import explain as explain
    from smtpedu.dialogue.session import Session as Session
    from smtpedu.dialogue.session import annotate as annotate
    from smtpedu.i18n import language as language
    from smtpedu.lab.lab import Lab as Lab
    from smtpedu.learner.report import progress as progress
    from smtpedu.learner.review import review as review
    from smtpedu.protocol.reply import parse_reply as parse_reply
    from smtpedu.questions.exchange import export_questions as export_questions
    from smtpedu.questions.exchange import import_questions as import_questions
    from smtpedu.questions.quiz import quiz as quiz
    from smtpedu.reference.compare import compare as compare
    from smtpedu.reference.frames import codes as codes
    from smtpedu.reference.frames import command_replies as command_replies
    from smtpedu.reference.frames import enhanced_codes as enhanced_codes
    from smtpedu.reference.frames import unofficial_codes as unofficial_codes
    from smtpedu.reference.situations import Situation as Situation
    from smtpedu.widgets.explorer import explorer as explorer
    from smtpedu.widgets.overview import overview as overview
    from smtpedu.widgets.policy import policy_explorer as policy_explorer

# Module → its public names; it is imported when one of them is first used (PEP 562).
_NAMES = {
    "course.exercises": "check hint solution",
    "course.predictions": "predict reveal",
    "dialogue.captures": "bounce replies servers session sessions",
    "dialogue.diagnosis": "explain",
    "dialogue.session": "Session annotate",
    "i18n": "language",
    "lab.lab": "Lab",
    "learner.report": "progress",
    "learner.review": "review",
    "protocol.reply": "parse_reply",
    "questions.exchange": "export_questions import_questions",
    "questions.quiz": "quiz",
    "reference.compare": "compare",
    "reference.frames": "codes command_replies enhanced_codes unofficial_codes",
    "reference.situations": "Situation",
    "widgets.explorer": "explorer",
    "widgets.overview": "overview",
    "widgets.policy": "policy_explorer",
}
_HOMES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605 (it is a list, made of one source)


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version(__name__)
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
