"""Challenges: what a learner is asked to bring about at a server, and whether a session shows it.

The law of this file: sessions in, verdicts out. A challenge is a table of
`data/challenges.toml`; what its fields ask for is a row of `_ASKED`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from smtpedu.dialogue.session import Session
from smtpedu.files import DataError, check_fields, folder, read_toml
from smtpedu.i18n import in_each_language, in_language, languages_of, text
from smtpedu.protocol.reply import Command, Reply
from smtpedu.protocol.states import Envelope


@dataclass(frozen=True)
class Challenge:
    """Something to bring about. `asks` are the conditions, all of which a session has to meet.

    `needs` are reply codes that the server's mailboxes must be able to cause.
    """

    name: str
    asks: dict[str, Any]
    needs: tuple[int, ...]
    texts: dict[str, dict[str, str]]

    def solved(self, session: Session) -> bool:
        """Whether the session shows it."""
        return all(_ASKED[asked](session, wanted) for asked, wanted in self.asks.items())

    def title(self, language: str | None = None) -> str:
        """What is to be done."""
        return in_language(self.texts, language)["title"]

    def hint(self, language: str | None = None) -> str:
        """How to go about it."""
        return in_language(self.texts, language)["hint"]


# ---- conditions ----


def _said(session: Session) -> Iterator[tuple[str, int]]:
    """What each reply answered, and its code."""
    for turn in session.turns:
        if isinstance(turn.said, Reply):
            yield turn.verb, turn.said.code


def _replies(session: Session, wanted: list[dict[str, Any]]) -> bool:
    """Each of these codes was said, in answer to this `verb` where one is given."""
    said = set(_said(session))
    codes = {code for _, code in said}
    return all(
        (one["verb"], one["code"]) in said if "verb" in one else one["code"] in codes
        for one in wanted
    )


def _promises(session: Session, wanted: dict[str, int]) -> bool:
    """One `code` answered this many `different` commands."""
    answered = {verb for verb, code in _said(session) if code == wanted["code"]}
    return len(answered) >= wanted["different"]


def _again(session: Session, wanted: dict[str, int]) -> bool:
    """The same mailbox was answered `first`, and later `then`."""
    earlier = set()
    for pair in session.exchanges:
        if isinstance(pair.sent, Command) and pair.sent.path and pair.reply:
            mailbox = pair.sent.path.lower()
            if pair.reply.code == wanted["then"] and mailbox in earlier:
                return True
            if pair.reply.code == wanted["first"]:
                earlier.add(mailbox)
    return False


def _message(session: Session, wanted: dict[str, Any]) -> bool:
    """The server took one message whose envelope looks like this."""
    return any(
        _looks(turn.snapshot.envelope, wanted)
        for turn in session.turns
        if turn.snapshot.responsible == "server"
    )


def _looks(envelope: Envelope, wanted: dict[str, Any]) -> bool:
    accepted = {recipient.path.lower() for recipient in envelope.accepted}
    # A second digit 5 is about the mailbox; a misspelt RCPT refuses nobody.
    about = (recipient for recipient in envelope.refused if recipient.reply.category == 5)
    refused = {recipient.path.lower() for recipient in about} - accepted
    return (
        len(accepted) >= wanted.get("accepted", 1)
        and len(refused) >= wanted.get("refused", 0)
        and wanted.get("reverse_path", envelope.reverse_path) == envelope.reverse_path
    )


#: Field of a challenge → whether a session is what the field asks for.
_ASKED: dict[str, Callable[[Session, Any], bool]] = {
    "replies": _replies,
    "promises": _promises,
    "again": _again,
    "message": _message,
}


# ---- the challenges there are ----


def challenges(names: Iterable[str] | None = None, codes: Collection[int] = ()) -> list[Challenge]:
    """The challenges of these names, or all that need no other reply codes than `codes`.

    Raises `LookupError` for an unknown name, and names those there are.
    """
    known = _all()
    if names is None:
        return [one for one in known.values() if set(one.needs) <= set(codes)]
    wanted = [names] if isinstance(names, str) else list(names)
    for name in wanted:
        if name not in known:
            raise LookupError(text("error.challenge", name=name, known=", ".join(known)))
    return [known[name] for name in wanted]


@cache
def _all() -> dict[str, Challenge]:
    return load(folder("data") / "challenges.toml")


def load(path: Path) -> dict[str, Challenge]:
    """Read and check challenges. Raises `DataError` with file, line and field."""
    return {name: _challenge(path, name, table) for name, table in read_toml(path).items()}


def _challenge(path: Path, name: str, table: dict[str, Any]) -> Challenge:
    asks = {field: wanted for field, wanted in table.items() if field in _ASKED}
    if not asks:
        raise DataError(path, 1, f"[{name}] asks for nothing; known are {', '.join(_ASKED)}")
    optional = ("needs",) if "needs" in table else ()
    for code in languages_of(path, name, table, (*optional, *asks)):
        check_fields(path, f"{name}.{code}", table[code], ("title", "hint"))
    return Challenge(name, asks, tuple(table.get("needs", ())), in_each_language(table))
