"""What a server does with each mailbox, as data: from words such as `moved to x@y` to replies.

The law of this file: policies in, replies out. It opens nothing and knows no server; the words
and the replies they stand for are rows of `data/policies.csv`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtpedu.files import DataError, folder, read_toml
from smtpedu.i18n import text
from smtpedu.protocol.reply import Reply, ReplySyntaxError, parse_reply
from smtpedu.reference import registry
from smtpedu.reference.registry import rfc

if TYPE_CHECKING:
    import pandas as pd

    Source = Mapping[str, str] | pd.DataFrame | str | Path

_COLUMNS: registry.Columns = {
    "policy": str,
    "code": int,
    "enhanced": str,
    "text": str,
    "rfc": int,
    "section": str,
}
_ADDRESS = "<address>"
#: Policies with a part of their own in what follows, not only in the reply.
GREYLISTED, LOCAL, RELAY_DENIED, UNKNOWN = "greylisted", "local", "relay denied", "unknown"
POSTMASTER = "postmaster"  # every server takes its mail, without a domain too (RFC 5321 §4.5.1)

_TO = re.compile(r"(?P<words>.+ to) (?:<(?P<path>[^<>]+)>|(?P<bare>[^<>]+))", re.I)
_MAILBOX = re.compile(r"(?:[^\s<>@\"]+|\"[^\"]+\")@[^\s<>@]+")
_REMEMBERED = 10_000  # greylisted senders; then they are forgotten


@dataclass(frozen=True, slots=True)
class Policy:
    """What to do with one mailbox: `reply` answers RCPT, `address` is where mail goes on to.

    `words` is the policy's name in `data/policies.csv`, empty for a reply of the teacher's own;
    `source` is the RFC section that lets a server say this.
    """

    words: str
    reply: Reply
    source: str = ""
    address: str = ""

    @property
    def accepted(self) -> bool:
        """Whether the mailbox takes mail, perhaps to pass it on."""
        return self.reply.severity == 2


class PolicyError(ValueError):
    """A mailbox or a policy that makes no sense; the message names the mailbox."""


@cache
def rows() -> dict[str, dict[str, Any]]:
    """The words of a policy → its row in `data/policies.csv`."""
    loaded = registry.load(folder("data") / "policies.csv", _COLUMNS)
    return {row["policy"]: row for row in loaded}


def parse(mailbox: str, written: str, host: str = "") -> Policy:
    """The policy that is written as words of `data/policies.csv`, or as a whole reply.

    >>> parse("bob@example.test", "moved to bob@new.example").reply.forward_path
    'bob@new.example'

    Raises `PolicyError`, which names the mailbox and the words that are known.
    """
    words, address = " ".join(written.split()), ""
    if found := _TO.fullmatch(words):
        words, address = f"{found['words']} {_ADDRESS}", found["path"] or found["bare"]
    row = rows().get(words.lower())
    if row and (not address or _MAILBOX.fullmatch(address)):
        said = row["text"].replace(_ADDRESS, f"<{address}>").replace("<host>", host)
        reply = Reply(row["code"], (f"{row['enhanced']} {said}",))
        policy = Policy(row["policy"], reply, rfc(row["rfc"], row["section"]), address)
    else:
        policy = _own(mailbox, written)
    if problem := _unsendable(policy.reply):
        raise PolicyError(text("error.policy_reply", mailbox=mailbox, problem=problem))
    return policy


def _own(mailbox: str, written: str) -> Policy:
    """A reply of the teacher's own; one that says it forwards does."""
    try:
        reply = parse_reply(written.strip())
    except ReplySyntaxError:
        known = ", ".join(rows())
        problem = text("error.policy", mailbox=mailbox, written=written, known=known)
        raise PolicyError(problem) from None
    return Policy("", reply, address=(reply.forward_path or "") if reply.code == 251 else "")


def _unsendable(reply: Reply) -> str:
    """Why a server cannot send this reply; a second digit above 5 is met in the wild."""
    try:
        parse_reply(reply.format(), strict=True)
    except ReplySyntaxError as error:
        return "" if error.reason == "grammar" else text(f"syntax.{error.reason}")
    return ""


@dataclass
class Policies:
    """A server's mailboxes and the domains it answers for; greylisting remembers who came."""

    mailboxes: dict[str, Policy]
    domains: frozenset[str]
    host: str = ""
    _seen: set[tuple[str, str]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        source: Source,
        domains: Iterable[str] | None = None,
        host: str = "",
    ) -> Policies:
        """From a dict, a DataFrame with columns `mailbox` and `policy`, or a TOML file.

        The file has a table `[mailboxes]` and, if it likes, `domains = [...]`. Without domains,
        the server answers for those of its mailboxes. Raises `PolicyError`, `DataError`.
        """
        if isinstance(source, str | Path):
            source, named = _from_toml(Path(source))
            domains = named if domains is None else domains
        mailboxes: dict[str, Policy] = {}
        for mailbox, written in _pairs(source):
            key = _key(mailbox)
            if key in mailboxes:
                raise PolicyError(text("error.policy_twice", mailbox=mailbox))
            mailboxes[key] = parse(mailbox, str(written), host)
        if domains is None:
            domains = (box.rpartition("@")[2] for box, own in mailboxes.items() if _is_ours(own))
        elif isinstance(domains, str):
            domains = [domains]
        return cls(mailboxes, frozenset(name.lower() for name in domains) - {POSTMASTER}, host)

    def policy(self, mailbox: str) -> Policy:
        """What holds for a mailbox, listed or not.

        Domains are not case-sensitive, and here local-parts are not either (RFC 5321 §2.4).
        """
        if listed := self.mailboxes.get(mailbox.lower()):
            return listed
        local, _, domain = mailbox.lower().rpartition("@")
        ours = domain in self.domains
        if mailbox.lower() == POSTMASTER or (ours and local == POSTMASTER):
            return parse(mailbox, LOCAL)
        return parse(mailbox, UNKNOWN if ours else RELAY_DENIED)

    def to_rcpt(self, mailbox: str, sender: str = "") -> Policy:
        """What RCPT is answered now: greylisting refuses a sender only the first time."""
        policy = self.policy(mailbox)
        if policy.words != GREYLISTED:
            return policy
        pair = (sender.lower(), mailbox.lower())
        if pair in self._seen:
            return parse(mailbox, LOCAL)
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen.add(pair)
        return policy


def _key(mailbox: object) -> str:
    """A mailbox as policies are kept by; raises `PolicyError` for what is none."""
    name = mailbox.strip() if isinstance(mailbox, str) else ""
    if name.lower() != POSTMASTER and not _MAILBOX.fullmatch(name):
        raise PolicyError(text("error.mailbox", mailbox=mailbox))
    return name.lower()


def _pairs(source: Mapping[str, str] | pd.DataFrame) -> Iterable[tuple[Any, Any]]:
    if isinstance(source, Mapping):
        return source.items()
    if missing := [name for name in ("mailbox", "policy") if name not in source.columns]:
        found = ", ".join(map(str, source.columns))
        raise PolicyError(text("error.policy_columns", missing=", ".join(missing), found=found))
    return zip(source["mailbox"], source["policy"], strict=True)


def _from_toml(path: Path) -> tuple[dict[str, str], list[str] | None]:
    """Mailboxes and domains of a TOML file. Raises `DataError`, `OSError`."""
    content = read_toml(path)
    mailboxes, domains = content.pop("mailboxes", None), content.pop("domains", None)
    if not isinstance(mailboxes, dict):
        raise DataError(path, 1, "missing table [mailboxes]")
    if content:
        raise DataError(path, 1, f"unknown field {next(iter(content))!r}")
    if domains is not None and not (
        isinstance(domains, list) and all(isinstance(name, str) for name in domains)
    ):
        raise DataError(path, 1, "'domains' is not a list of names")
    return mailboxes, domains


def _is_ours(policy: Policy) -> bool:
    return policy.words != RELAY_DENIED
