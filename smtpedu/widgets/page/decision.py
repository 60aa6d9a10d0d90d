"""The decision behind a reply to RCPT as a page draws it: the tree, its leaves, what these mean."""

from __future__ import annotations

from typing import Any

from smtpedu.i18n import LANGUAGES
from smtpedu.lab.policy import TREE, Leaf, leaves
from smtpedu.reference import registry, texts


def shipped() -> dict[str, Any]:
    """The `tree` as lists, whose order counts, and the leaves of a lab as it comes."""
    tree = [[name, list(map(list, answers.items()))] for name, answers in TREE.items()]
    return {"tree": tree, "leaves": drawn(leaves(None))}


def drawn(found: list[Leaf]) -> list[dict[str, Any]]:
    """What the browser needs of leaves; `texts` is what is said of a reply, by language."""
    return [_leaf(leaf) for leaf in found]


def changed(found: list[Leaf]) -> list[dict[str, Any]]:
    """Only what is other than in the leaf of this name in a lab as it comes."""
    usual = {row["name"]: row for row in shipped()["leaves"]}

    def is_told(row: dict[str, Any], key: str) -> bool:
        return key == "name" or row[key] != usual[row["name"]][key]

    return [{key: row[key] for key in row if is_told(row, key)} for row in drawn(found)]


def _leaf(leaf: Leaf) -> dict[str, Any]:
    """What the browser needs of one leaf."""
    return {
        "name": leaf.name,
        "words": leaf.policy.words,
        "answers": leaf.answers,
        "mailbox": leaf.mailbox,
        "written": leaf.written,
        "code": leaf.policy.reply.code,
        "enhanced": str(leaf.policy.reply.enhanced or ""),
        # RFC 3463 §3.2 has a code for who has moved without an address, none for one given.
        "odd": bool(leaf.policy.reply.forward_path) and not leaf.policy.accepted,
        "line": leaf.line,
        "source": leaf.policy.source,
        "texts": {name: _texts(leaf, name) for name in LANGUAGES},
    }


def _texts(leaf: Leaf, name: str) -> dict[str, str]:
    reply = leaf.policy.reply
    return {
        "title": texts.card(reply.code, name).title,
        "means": texts.reply_meaning("RCPT", reply, name),
        "enhanced": registry.enhanced()["X" + str(reply.enhanced)[1:]]["name"],
    }
