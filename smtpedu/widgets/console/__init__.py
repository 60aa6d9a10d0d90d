"""The console: a terminal that talks to a lab over a real connection, with challenges to solve."""

from __future__ import annotations

import weakref
from collections.abc import Iterable
from threading import Lock
from typing import Any

import traitlets

from smtpedu.course.challenges import Challenge, challenges
from smtpedu.display import Block, Bullets, Displayable, Heading
from smtpedu.i18n import text
from smtpedu.lab.client import STATUSES, Client, client_of
from smtpedu.lab.lab import Lab
from smtpedu.lab.policy import RELAY_DENIED, UNKNOWN, rows
from smtpedu.protocol.states import MESSAGE, Snapshot, State
from smtpedu.widgets.page.dialogue import drawn
from smtpedu.widgets.shared import Send, Widget

_KEPT = 200  # turns that the browser is given; the session keeps them all
_LINES = 2_000  # that can be pasted at once
_MAILBOXES = 12  # that a hint lists
# Lines that a hint offers; those with a mailbox are made for each lab.
_EXAMPLES: dict[str, tuple[str, ...]] = {
    "EHLO": ("EHLO me.example.test",),
    "HELO": ("HELO me.example.test",),
    "MAIL": ("MAIL FROM:<me@example.test>", "MAIL FROM:<>"),
    MESSAGE: ("Subject: Hello", "A first message.", "."),
    "EXPN": ("EXPN staff",),
    "AUTH": ("AUTH PLAIN", "AUTH LOGIN"),
}

# The newest console keeps its lab alive, even one that no variable holds; older ones do not,
# so that a cell that is run again leaves no server behind.
_newest: list[Lab] = []


class Task(Displayable):
    """What a console sets the learner: the lab's mailboxes and the challenges."""

    run_me_key = "console.run_me"

    def __init__(self, lab: Lab, challenges: list[Challenge]) -> None:
        self.hostname = lab.hostname
        self.mailboxes = list(lab.policies.mailboxes)
        self.domains = sorted(lab.policies.domains)
        self.challenges = challenges

    def __repr__(self) -> str:
        return f"Task({len(self.mailboxes)} mailboxes, {len(self.challenges)} challenges)"

    def blocks(self) -> list[Block]:
        found: list[Block] = [
            Heading(text("console.title", host=f"`{self.hostname}`")),
            Heading(text("console.mailboxes"), 4),
            Bullets([f"`{mailbox}`" for mailbox in self.mailboxes]),
        ]
        if self.challenges:
            found.append(Heading(text("console.challenges"), 4))
            found.append(Bullets([challenge.title() for challenge in self.challenges]))
        return found


class Console(Widget):
    """A terminal for one lab. `solved` are the names of the challenges that are done.

    `status` is "new" before the first connection, then a client's (`lab.client.STATUSES`).
    """

    shown: Task

    status = traitlets.Enum(["new", *STATUSES], "new").tag(page="told")
    solved: traitlets.List[str] = traitlets.List().tag(page="told")
    address = traitlets.Unicode().tag(page="told")
    omitted = traitlets.Int(help="turns that are not shown any more").tag(page="told")
    hints: traitlets.List[Any] = traitlets.List().tag(page="told")
    dialogue = traitlets.Dict(help="as `page.dialogue.drawn` makes it").tag(page="told")

    def __init__(self, lab: Lab, task: Task) -> None:
        self._lab = weakref.ref(lab)
        self._client: Client | None = None
        self._lock = Lock()  # what is drawn is worked out by one thread at a time
        names = [one.name for one in task.challenges]
        boxes = task.mailboxes[:_MAILBOXES]
        super().__init__(task, {"host": task.hostname, "mailboxes": boxes, "challenges": names})

    def connect(self) -> None:
        """Connect to the lab, anew where there is a connection already."""
        self.disconnect()
        lab = self._lab()
        if lab is None or not lab.address:
            self.status = "failed"
            return
        self.put(address=lab.address, status="connecting")
        self._client = client_of(lab, self._changed)
        self._client.start()

    def disconnect(self) -> None:
        """Hang up, without a QUIT."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def say(self, *lines: str) -> None:
        """Send lines to the server, one by one, each after the reply to the one before."""
        if self._client is not None:
            self._client.send(lines)

    def close(self) -> None:
        """Hang up and take the widget off the page."""
        self.disconnect()
        super().close()

    def asked(self, said: dict[str, Any], send: Send) -> None:
        """What the browser wants done; it hears at once that Python is there."""
        match said:
            case {"do": "hello"}:
                if self.status == "new":
                    self.connect()
            case {"do": "connect"}:
                self.connect()
            case {"do": "disconnect"}:
                self.disconnect()
            case {"do": "say", "lines": [*lines]}:
                self.say(*map(str, lines[:_LINES]))
        send({"heard": said.get("question")})

    def _changed(self, client: Client) -> None:
        """The client has news; called in its thread."""
        with self._lock:
            if client is not self._client:
                return  # an old connection's last words
            session = client.session
            unsolved = (one for one in self.shown.challenges if one.name not in self.solved)
            solved = [*self.solved, *(one.name for one in unsolved if one.solved(session))]
            turns = session.turns[-_KEPT:]
            self.put(
                hints=hints(turns[-1].snapshot, self.shown) if turns else [],
                omitted=len(session.turns) - len(turns),
                dialogue=drawn(turns),
                status=client.status,
                solved=solved,
            )


def hints(snapshot: Snapshot, task: Task) -> list[tuple[str, list[str]]]:
    """Each command that may be sent now, with lines that try it at this lab."""
    if snapshot.state is State.AUTH:
        return [("AUTH", ["*"])]  # RFC 4954 §4: the way out of it
    return [(verb, _lines(verb, task)) for verb in snapshot.legal]


def _lines(verb: str, task: Task) -> list[str]:
    if verb == "RCPT":
        strangers = [f"nobody@{domain}" for domain in task.domains[:1]]
        return [f"RCPT TO:<{box}>" for box in [*task.mailboxes[:_MAILBOXES], *strangers]]
    if verb == "VRFY":
        return [f"VRFY {mailbox}" for mailbox in task.mailboxes[:_MAILBOXES]]
    return list(_EXAMPLES.get(verb, (verb,)))


def make(lab: Lab, *, challenges: Iterable[str] | None = None) -> Console:
    """A console for a lab; `challenges` are names of `data/challenges.toml`.

    Without names, all that this lab's mailboxes make possible. Raises `LookupError` for an
    unknown name.
    """
    _newest[:] = [lab]
    return Console(lab, Task(lab, _chosen(lab, challenges)))


def _chosen(lab: Lab, names: Iterable[str] | None) -> list[Challenge]:
    codes = {policy.reply.code for policy in lab.policies.mailboxes.values()}
    # Whoever is not listed is unknown here, or belongs to somebody else.
    codes |= {rows()[words]["code"] for words in (UNKNOWN, RELAY_DENIED)}
    return challenges(names, codes)
