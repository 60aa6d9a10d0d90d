"""How a server comes to its reply to RCPT: four questions, and the policy that they lead to.

The law of this file: the tree is a literal table, its leaves are policies of
`data/policies.csv`. It opens nothing. The section behind each leaf is in that table.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from smtpedu.i18n import text
from smtpedu.lab.policy import Policies, Policy

#: Question → answer → the next question, or the policy it all comes to. RFC 5321 §3.4 leaves
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
FIRST = next(iter(TREE))

#: Mailboxes that meet the leaves; two leaves are met by mailboxes that no server lists.
MAILBOXES = {
    "alice@example.test": "local",
    "carol@example.test": "forwarded to carol@new.example",
    "dave@example.test": "silently forwarded to dave@new.example",
    "bob@example.test": "moved to bob@new.example",
    "erin@example.test": "moved",
}
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

    Without `policies`, those of `MAILBOXES`.
    """
    examples = _examples()
    found = []
    for answers, words in _paths(FIRST):
        mailbox = _mailbox(words, policies or examples)
        known = (policies or examples) if mailbox else examples
        found.append(Leaf(answers, known.policy(mailbox or _mailbox(words, examples)), mailbox))
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
    asked, place = [], FIRST
    while place in TREE:
        asked.append(place)
        answer = answers.get(place)
        if answer is None:
            break
        if answer not in TREE[place]:
            known = ", ".join(TREE[place])
            raise ValueError(text("error.answer", question=place, answer=answer, known=known))
        place = TREE[place][answer]
    return asked


def _paths(place: str) -> Iterator[tuple[dict[str, str], str]]:
    """The answers from this question on, and the policy they end in."""
    for answer, after in TREE[place].items():
        if after in TREE:
            yield from (({place: answer} | rest, words) for rest, words in _paths(after))
        else:
            yield {place: answer}, after


def _mailbox(words: str, policies: Policies) -> str:
    """A mailbox with this policy, listed or not; empty where there is none."""
    unlisted = (f"nobody@{domain}" for domain in sorted(policies.domains))
    candidates = (*policies.mailboxes, *unlisted, *_STRANGERS)
    return next((box for box in candidates if policies.policy(box).words == words), "")


@cache
def _examples() -> Policies:
    return Policies.of(MAILBOXES)
