"""What a server replies to a recipient, and why: policies in words, and the questions behind them.

A policy such as `moved to x@y` is a row of `data/policies.csv`, which has the reply and the RFC
section that allows it. `TREE` holds the questions by which a server comes to a policy.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from smtpedu.files import DataError, folder, read_toml
from smtpedu.i18n import check_type, text
from smtpedu.protocol.reply import Reply, ReplySyntaxError, parse_reply
from smtpedu.protocol.states import POSTMASTER
from smtpedu.reference import registry
from smtpedu.reference.registry import rfc

if TYPE_CHECKING:
    import pandas as pd

    Mailboxes = Mapping[str, str] | pd.DataFrame | str | Path

#: One mailbox for each thing a server may do; what a class meets when nothing else is said.
EXAMPLE_MAILBOXES = {
    "alice@example.test": "local",
    "bob@example.test": "moved to bob@new.example",
    "carol@example.test": "forwarded to carol@new.example",
    "dave@example.test": "silently forwarded to dave@new.example",
    "erin@example.test": "moved",
    "frank@example.test": "greylisted",
    "grace@example.test": "full for now",
}

# ---- policies ----

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

_VRFY = (251, 550, 551, 553)  # replies to RCPT that VRFY may get as well (RFC 5321 §4.3.2)
_TO = re.compile(r"(?>(?P<words>.+? to) )(?:<(?P<path>[^<>]+)>|(?P<bare>[^<>]+))", re.I)
_MAILBOX = re.compile(r"(?:[^\s<>@\"]+|\"[^\"]+\")@[^\s<>@]+")
_REMEMBERED = 10_000  # greylisted attempts; then they are forgotten


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
        wording = row["text"].replace(_ADDRESS, f"<{address}>").replace("<host>", host)
        reply = Reply(row["code"], (f"{row['enhanced']} {wording}",))
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
    _seen: set[tuple[str, str, str]] = field(default_factory=set)

    @classmethod
    def of(
        cls,
        given: Mailboxes,
        domains: Iterable[str] | None = None,
        host: str = "",
    ) -> Policies:
        """From a dict, a DataFrame with columns `mailbox` and `policy`, or a TOML file.

        The file has a table `[mailboxes]` and, if it likes, `domains = [...]`. Without domains,
        the server answers for those of its mailboxes. Raises `PolicyError`, `DataError`.
        """
        if isinstance(given, str | Path):
            given, named = _from_toml(Path(given))
            domains = named if domains is None else domains
        mailboxes: dict[str, Policy] = {}
        for mailbox, written in _pairs(given):
            key = _key(mailbox)
            if key in mailboxes:
                raise PolicyError(text("error.policy_twice", mailbox=mailbox))
            mailboxes[key] = parse(mailbox, str(written), host)
        if domains is None:
            ours = (box for box, own in mailboxes.items() if own.words != RELAY_DENIED)
            domains = (mailbox.rpartition("@")[2] for mailbox in ours)
        check_type("domains", domains, str, Iterable)
        domains = [domains] if isinstance(domains, str) else list(domains)
        for name in domains:
            check_type("domains", name, str)
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
            return _unlisted(LOCAL)
        return _unlisted(UNKNOWN if ours else RELAY_DENIED)

    def to_rcpt(self, mailbox: str, sender: str = "", client: str = "") -> Policy:
        """What RCPT is answered now: greylisting refuses a client's sender only the first time.

        `client` is its address: the same sender elsewhere is another attempt.
        """
        policy = self.policy(mailbox)
        if policy.words != GREYLISTED:
            return policy
        attempt = (client, sender.lower(), mailbox.lower())
        if attempt in self._seen:
            return _unlisted(LOCAL)
        if len(self._seen) >= _REMEMBERED:
            self._seen.clear()
        self._seen.add(attempt)
        return policy

    def to_vrfy(self, mailbox: str) -> Reply | None:
        """What VRFY is answered; None where the server keeps it to itself (RFC 5321 §3.5, §7.3)."""
        policy = self.policy(mailbox)
        if "@" in mailbox and mailbox.isascii():
            if policy.words == LOCAL:
                return Reply(250, (f"2.1.5 <{mailbox}>",))
            if policy.reply.code in _VRFY:
                return policy.reply
        return None


@cache
def _unlisted(words: str) -> Policy:
    return parse("", words)


def _key(mailbox: object) -> str:
    """A mailbox as policies are kept by; raises `PolicyError` for what is none."""
    name = mailbox.strip() if isinstance(mailbox, str) else ""
    if name.lower() != POSTMASTER and not _MAILBOX.fullmatch(name):
        raise PolicyError(text("error.mailbox", mailbox=mailbox))
    return name.lower()


def _pairs(given: Mapping[str, str] | pd.DataFrame) -> Iterable[tuple[Any, Any]]:
    if isinstance(given, Mapping):
        return given.items()
    if not hasattr(given, "columns"):
        check_type("mailboxes", given, str, Path, Mapping)
    if missing := [name for name in ("mailbox", "policy") if name not in given.columns]:
        found = ", ".join(map(str, given.columns))
        raise PolicyError(text("error.policy_columns", missing=", ".join(missing), found=found))
    return zip(given["mailbox"], given["policy"], strict=True)


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


# ---- the questions behind a policy ----

#: Question → answer → the next question, or the policy that it all comes to. RFC 5321 §3.4 leaves
#: the last question open: who has moved may be forwarded or not, and told of or not.
TREE: dict[str, dict[str, str]] = {
    "ours": {"yes": "here", "no": "relay denied"},
    "here": {"yes": "local", "no": "known"},
    "known": {"yes": "handling", "no": "unknown"},
    "handling": {
        "forward_tell": "forwarded to <address>",
        "forward_hide": "silently forwarded to <address>",
        "refuse_tell": "moved to <address>",
        "refuse_hide": "moved",
    },
}
FIRST_QUESTION = next(iter(TREE))
# Two leaves are met by mailboxes that no server lists.
_STRANGERS = ("nobody@example.com", "nobody@new.example")


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where `answers` lead: the policy, and a mailbox that it holds for.

    `mailbox` is empty where the server has none; the reply is then that of an example.
    """

    answers: dict[str, str]
    policy: Policy
    mailbox: str

    @property
    def name(self) -> str:
        """The policy's words as one word."""
        return self.policy.words.removesuffix(" <address>").replace(" ", "-")

    @property
    def line(self) -> str:
        """The whole reply."""
        return self.policy.reply.format().strip()

    @property
    def written(self) -> str:
        """The policy as a lab takes it."""
        return self.policy.words.replace("<address>", self.policy.address)


def leaves(policies: Policies | None = None) -> list[Leaf]:
    """Every end of the tree, in its order, with mailboxes and replies of this server.

    Without `policies`, those of `EXAMPLE_MAILBOXES`.
    """
    examples = _examples()
    policies = policies or examples
    found = []
    for answers, words in _paths(FIRST_QUESTION):
        mailbox = _mailbox_with(words, policies)
        example = examples.policy(_mailbox_with(words, examples))
        found.append(Leaf(answers, policies.policy(mailbox) if mailbox else example, mailbox))
    return found


def decide(answers: Mapping[str, str], policies: Policies | None = None) -> Leaf | None:
    """The leaf that the answers lead to, `None` while a question is open.

    Answers to questions that do not matter are passed over.

    >>> decide({"ours": "no"}).policy.reply.code
    550

    Raises `ValueError` for an answer that its question does not have.
    """
    last = questions(answers)[-1]
    end = TREE[last].get(answers.get(last, ""))
    return next((leaf for leaf in leaves(policies) if leaf.policy.words == end), None)


def questions(answers: Mapping[str, str]) -> list[str]:
    """The questions that matter after these answers, in order; the last may be open.

    Raises `ValueError` for an answer that its question does not have.
    """
    asked, last = [FIRST_QUESTION], FIRST_QUESTION
    while (answer := answers.get(last)) is not None:
        if answer not in TREE[last]:
            known = ", ".join(TREE[last])
            raise ValueError(text("error.answer", question=last, answer=answer, known=known))
        last = TREE[last][answer]
        if last not in TREE:
            break
        asked.append(last)
    return asked


def _paths(question: str) -> Iterator[tuple[dict[str, str], str]]:
    """The answers from this question on, and the policy they end in."""
    for answer, after in TREE[question].items():
        rests = _paths(after) if after in TREE else [({}, after)]
        yield from (({question: answer} | rest, words) for rest, words in rests)


def _mailbox_with(words: str, policies: Policies) -> str:
    """A mailbox with this policy, listed or not; empty where there is none."""
    unlisted = (f"nobody@{domain}" for domain in sorted(policies.domains))
    candidates = (*policies.mailboxes, *unlisted, *_STRANGERS)
    return next((box for box in candidates if policies.policy(box).words == words), "")


@cache
def _examples() -> Policies:
    return Policies.of(EXAMPLE_MAILBOXES)
