"""The policy explorer: four questions, the reply that results, and what a real server says."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import traitlets

from smtpedu.dialogue.session import Session
from smtpedu.display import Block, Bullets, Displayable, Heading, Paragraph, ProtocolText, Table
from smtpedu.i18n import text
from smtpedu.lab.lab import Lab, default_transport
from smtpedu.lab.policy import EXAMPLE_MAILBOXES, TREE, Leaf, leaves
from smtpedu.protocol.states import Speaker
from smtpedu.widgets.page import decision
from smtpedu.widgets.shared import Widget

if TYPE_CHECKING:
    import pandas as pd

_PATIENCE = 3  # seconds for a dialogue on this machine; the browser waits a little longer


class PolicyExplorer(Displayable):
    """The decision tree behind a server's reply to RCPT, to be explored and tried.

    `lab` is the server that is asked; without one, a lab of its own is started for each
    question and stopped after it.
    """

    _widget = "policy"

    def __init__(self, lab: Lab | None = None) -> None:
        self.lab = lab
        self.leaves = leaves(lab.policies if lab else None)

    def __repr__(self) -> str:
        return f"PolicyExplorer({'lab' if self.lab else ''})"

    def blocks(self) -> Iterator[Block]:
        yield Heading(text("policy.title"))
        yield Paragraph(text("policy.intro"))
        questions = [text(f"decision.{question}") for question in TREE]
        answers = [[_answer(leaf, question) for question in TREE] for leaf in self.leaves]
        replies = [(ProtocolText(leaf.line), leaf.policy.source) for leaf in self.leaves]
        rows = [(*given, *reply) for given, reply in zip(answers, replies, strict=True)]
        yield Table([*questions, text("policy.reply"), text("policy.because")], rows)
        yield Heading(text("policy.next"), 4)
        yield Bullets([f"`{leaf.line}`: {text(f'next.{leaf.name}')}" for leaf in self.leaves])
        yield Paragraph(text("policy.others"))

    def to_frame(self) -> pd.DataFrame:
        """One row per leaf.

        Columns: `ours`, `here`, `known`, `handling` (string: the answers, empty where a
        question does not matter), `code` (int64), `reply`, `policy`, `mailbox` (string: empty
        where the lab has none), `source` (string: the RFC section behind the reply).
        """
        import pandas as pd

        rows = [
            {
                **{question: leaf.answers.get(question, "") for question in TREE},
                "code": leaf.policy.reply.code,
                "reply": leaf.line,
                "policy": leaf.written,
                "mailbox": leaf.mailbox,
                "source": leaf.policy.source,
            }
            for leaf in self.leaves
        ]
        frame = pd.DataFrame(rows)
        return frame.astype({name: "string" for name in frame if name != "code"})


class PolicyWidget(Widget):
    """Maps questions to `answers`; `asking` names the leaf that a server is asked about now.

    `tried` maps a leaf's name to what the server said.
    """

    shown: PolicyExplorer

    answers = traitlets.Dict().tag(page="both")
    asking = traitlets.Unicode().tag(page="both")
    tried = traitlets.Dict().tag(page="told")
    revealed = traitlets.Bool().tag(page="both")

    def __init__(self, explorer: PolicyExplorer) -> None:
        self._one_at_a_time = threading.Lock()
        own = {"leaves": decision.changed(explorer.leaves)} if explorer.lab else {}
        super().__init__(explorer, own)

    @traitlets.observe("asking")
    def _asked(self, change: Any) -> None:
        """Ask in the background: the kernel stays free, and the lab may be in this process."""
        for leaf in self.shown.leaves:
            if leaf.mailbox and leaf.name == change["new"]:
                lab = self.shown.lab
                if (lab.transport if lab else default_transport()) == "memory":
                    self._ask(leaf)
                else:
                    threading.Thread(target=self._ask, args=(leaf,), daemon=True).start()

    def _ask(self, leaf: Leaf) -> None:
        with self._one_at_a_time:
            try:
                found = {**self.tried, leaf.name: tried(leaf, self.shown.lab)}
            except BaseException:
                self.put(asking="")
                raise
            self.put(tried=found, asking="")


make = PolicyWidget


def tried(leaf: Leaf, lab: Lab | None) -> dict[str, Any]:
    """What a server said about a leaf's mailbox, and whether it is what the leaf says.

    Without a lab, one is started for this and stopped.
    """
    try:
        with Lab(EXAMPLE_MAILBOXES) if lab is None else nullcontext(lab) as asked:
            turns = ask(asked, leaf.mailbox).turns
    except OSError:
        return {"problem": "unreachable"}
    replies = [turn for turn in turns if turn.direction is Speaker.SERVER]
    if not replies:
        return {"problem": "unreachable"}
    # A server that has had enough says so sooner, with a 421.
    answer = next((turn for turn in replies if turn.verb == "RCPT"), replies[-1])
    said = "\n".join(answer.lines)
    lines = [[turn.direction, turn.verb, line] for turn in turns for line in turn.lines]
    return {"lines": lines, "said": said, "agrees": said == leaf.line}


def ask(lab: Lab, mailbox: str) -> Session:
    """The session of a client that names one recipient and then leaves; it sends no message."""
    extended = "" if mailbox.isascii() else " SMTPUTF8"  # RFC 6531 §3.4
    sender = f"MAIL FROM:<sender@client.example.test>{extended}"
    recipient = f"RCPT TO:<{mailbox}>"
    return lab.play("EHLO client.example.test", sender, recipient, "QUIT", timeout=_PATIENCE)


def _answer(leaf: Leaf, question: str) -> str:
    answer = leaf.answers.get(question)
    return text(f"decision.{question}-{answer}") if answer else "—"


def policy_explorer(lab: Lab | None = None) -> PolicyExplorer:
    """Explore how a server comes to its reply to `RCPT`, and ask a real one.

    With `lab` it is that lab that is asked, with mailboxes of its own; else one that is
    started for each question. Raises `TypeError` for anything else.
    """
    if lab is not None and not isinstance(lab, Lab):
        raise TypeError(text("error.lab_type", type=type(lab).__name__))
    return PolicyExplorer(lab)
