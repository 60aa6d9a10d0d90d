"""Learn how mail servers talk: SMTP reply codes, sessions and lessons for Jupyter.

import smtpedu as smtp

smtp.codes()                             # every reply code, a DataFrame
smtp.explain("551 5.1.6 User has moved") # what a code or a reply says
smtp.compare(250, 551)                   # any two codes, side by side
smtp.session("mixed-recipients").play()  # step through a captured session
smtp.servers()                           # what mail servers reply, side by side
smtp.annotate(text).to_frame()           # explain a transcript of your own
smtp.explorer()                          # search all codes
smtp.check("transient", [450, 451])      # an exercise of a lesson
smtp.quiz("250-vs-551")                  # questions, with feedback at once
smtp.progress()                          # what your answers amount to
smtp.review()                            # today's mix: what is due
smtp.language("ar")                      # Arabic, right-to-left
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from smtpedu.captures import session as session
    from smtpedu.captures import sessions as sessions
    from smtpedu.codes import codes as codes
    from smtpedu.codes import command_replies as command_replies
    from smtpedu.codes import compare as compare
    from smtpedu.codes import enhanced_codes as enhanced_codes
    from smtpedu.codes import explain as explain
    from smtpedu.codes import unofficial_codes as unofficial_codes
    from smtpedu.exchange.doors import export_questions as export_questions
    from smtpedu.exchange.doors import import_questions as import_questions
    from smtpedu.exercises import check as check
    from smtpedu.exercises import hint as hint
    from smtpedu.exercises import solution as solution
    from smtpedu.lab import Lab as Lab
    from smtpedu.language import language as language
    from smtpedu.matrix import servers as servers
    from smtpedu.progress.report import progress as progress
    from smtpedu.progress.review import review as review
    from smtpedu.questions.quiz import quiz as quiz
    from smtpedu.reply import parse_reply as parse_reply
    from smtpedu.session import Session as Session
    from smtpedu.session import annotate as annotate
    from smtpedu.widgets.explorer import explorer as explorer
    from smtpedu.widgets.policy import policy_explorer as policy_explorer

# Public name → the module it lives in.
_HOMES = {
    "Lab": "lab",
    "Session": "session",
    "annotate": "session",
    "check": "exercises",
    "codes": "codes",
    "command_replies": "codes",
    "compare": "codes",
    "enhanced_codes": "codes",
    "explain": "codes",
    "explorer": "widgets.explorer",
    "export_questions": "exchange.doors",
    "hint": "exercises",
    "import_questions": "exchange.doors",
    "language": "language",
    "parse_reply": "reply",
    "policy_explorer": "widgets.policy",
    "progress": "progress.report",
    "quiz": "questions.quiz",
    "review": "progress.review",
    "servers": "matrix",
    "session": "captures",
    "sessions": "captures",
    "solution": "exercises",
    "unofficial_codes": "codes",
}

__all__ = sorted([*_HOMES, "__version__"])  # noqa: PLE0605 (it is a list, made of one source)


class _Public:
    """A public name, imported when it is first used.

    Several names are also those of modules (`codes`, `session`, `language`), and importing
    `smtpedu.codes` binds the module as an attribute of the package. A descriptor of the
    package's class comes before that attribute, so `smtpedu.codes()` always is the function;
    PEP 562's module `__getattr__` would only be asked for names that are not bound.
    """

    def __init__(self, home: str, name: str) -> None:
        self.home, self.name = f"{__name__}.{home}", name

    def __get__(self, package: object, owner: type | None = None) -> Any:
        return getattr(import_module(self.home), self.name)

    def __set__(self, package: object, module: ModuleType) -> None:
        """The import system binds a submodule here: the public name stays."""


class _Package(ModuleType):
    @property
    def __version__(self) -> str:
        from importlib.metadata import version

        return version(__name__)

    def __dir__(self) -> list[str]:
        return sorted({*super().__dir__(), *__all__})


for _name, _home in _HOMES.items():
    setattr(_Package, _name, _Public(_home, _name))
sys.modules[__name__].__class__ = _Package
