"""What holds for every DataFrame of the package: text is empty where there is nothing."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd
import pytest

import smtpedu as smtp
from smtpedu.learner.attempt import Attempt, Role
from smtpedu.learner.store import store
from smtpedu.questions.bank import misconceptions

PACKAGE = Path(smtp.__file__).parent
# A client that says nothing of itself, a bare reply, nobody to send mail back to, no subject.
BARE = (
    "S: 220 x\nC: HELO y\nS: 250 x\nC: MAIL FROM:<>\nS: 250 OK\nC: RCPT TO:<a@b.example>\n"
    "S: 550 no\nC: QUIT\nS: 221\n"
)


def messages() -> Iterator[pd.DataFrame]:
    with smtp.Lab({"bob@example.test": "local"}, transport="memory") as lab:
        yield lab.messages()
        mail = ("MAIL FROM:<>", "RCPT TO:<bob@example.test>", "DATA", "\nHello\n.", "QUIT")
        lab.play("HELO laptop.example", *mail)
        assert list(lab.messages()["subject"]) == list(lab.messages()["sender"]) == [""]
        yield lab.messages()


def progress(part: str) -> Iterator[pd.DataFrame]:
    """Without answers, and with two that show what nobody has described."""
    yield getattr(smtp.progress(), part)
    given = dict.fromkeys(("objective", "level", "kind"), "")
    wrong = {"response": None, "right": False, "score": 0.0, "guessed": False, "hints": 0}
    for name in ("of my own", next(iter(misconceptions()))):
        store().add(
            Attempt(
                **{"id": f"{name} {n}", "item": f"{name} {n}", "run": "run", "quiz": "quiz"},
                **{"role": Role.PRACTICE, "number": 1, "options": 4, "misconceptions": (name,)},
                **given,
                **wrong,
                at=f"2026-01-0{n}T09:30:00Z",
            )
            for n in (1, 2)
        )
    found = getattr(smtp.progress(), part)
    assert len(found)
    yield found


FRAMES: dict[str, Callable[[], Iterator[pd.DataFrame] | list[pd.DataFrame]]] = {
    "codes": lambda: [smtp.codes(), smtp.codes(551, columns="name")],
    "enhanced_codes": lambda: [smtp.enhanced_codes()],
    "command_replies": lambda: [smtp.command_replies()],
    "unofficial_codes": lambda: [smtp.unofficial_codes()],
    "sessions": lambda: [smtp.sessions(), smtp.sessions(scenario=["moved", "unknown"])],
    "Matrix.to_frame": lambda: [smtp.servers().to_frame()],
    "Session.to_frame": lambda: [
        smtp.annotate(BARE).to_frame(),
        *(smtp.session(name).to_frame() for name in smtp.sessions().index),
    ],
    "Diagnosis.to_frame": lambda: [
        smtp.explain(what).to_frame()
        for what in (551, "550 no", smtp.annotate(BARE), smtp.bounce("postfix/several"))
    ],
    "Comparison.to_frame": lambda: [smtp.compare(250, 551).to_frame()],
    "Lab.messages": messages,
    "Progress.attempts": lambda: progress("attempts"),
    "Progress.mastery": lambda: progress("mastery"),
    "Progress.misconceptions": lambda: progress("misconceptions"),
    "PolicyExplorer.to_frame": lambda: [
        smtp.policy_explorer().to_frame(),
        smtp.policy_explorer(smtp.Lab({"bob@example.test": "local"})).to_frame(),
    ],
}
NO_TEXT = ["number", "bool", "boolean", "category", "datetimetz"]
# What the package itself makes frames with.
INNER = {"attempts_frame", "mastery_frame", "misconceptions_frame", "selected"}


def gives_a_frame(function: ast.FunctionDef) -> bool:
    given = function.returns and ast.unparse(function.returns)
    return given == "pd.DataFrame" and not function.name.startswith("_")


def makers(parent: ast.AST, within: str = "") -> Iterator[str]:
    """The public functions, methods and properties below here that give a DataFrame."""
    for node in ast.iter_child_nodes(parent):
        if isinstance(node, ast.ClassDef):
            yield from makers(node, f"{node.name}.")
        if isinstance(node, ast.FunctionDef) and gives_a_frame(node):
            yield within + node.name


def test_every_frame_is_looked_at_here() -> None:
    trees = [ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")]
    assert {name for tree in trees for name in makers(tree)} - INNER == set(FRAMES)


@pytest.mark.parametrize("name", FRAMES)
def test_no_text_is_missing(name: str) -> None:
    for frame in FRAMES[name]():
        texts = frame.reset_index().select_dtypes(exclude=NO_TEXT)
        missing = texts.isna().sum()
        assert missing[missing > 0].to_dict() == {}
        assert len(texts.columns)
