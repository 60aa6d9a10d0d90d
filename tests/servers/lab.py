"""The lab of this package: each reply is a policy that a learner can write down."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from smtpedu.lab.lab import Lab
from smtpedu.lab.policy import EXAMPLE_MAILBOXES

from .server import Library, Setup

FORWARDED = "forwarded to bob@new.example"


@contextmanager
def run(scenario: str) -> Iterator[tuple[str, int]]:
    """The lab for one scenario."""
    moved = {"bob@example.test": FORWARDED} if scenario == "moved-251" else {}
    with Lab(EXAMPLE_MAILBOXES | moved) as server:
        yield server.host, server.port or 0


OWN = ("default: smtpedu.Lab",)
REPLIES = "smtpedu/protocol/replies.py"
POLICIES = "data/policies.csv; RFC 5321 section 3.4"


def policy(*names: str) -> tuple[str, ...]:
    """The mailboxes' policies, as a learner writes them."""
    addresses = (f"{name}@example.test" for name in names)
    return tuple(f'Lab: "{address}": "{EXAMPLE_MAILBOXES[address]}"' for address in addresses)


SERVER = Library(
    name="smtpedu.Lab",
    package="smtpedu",
    run=run,
    setups={
        "ehlo": Setup(OWN, "smtpedu/protocol/server.py; RFC 5321 section 4.1.1.1"),
        "local": Setup(policy("alice"), "data/policies.csv; RFC 5321 section 3.3"),
        "moved": Setup(policy("bob"), POLICIES),
        "moved-251": Setup((f'Lab: "bob@example.test": "{FORWARDED}"',), POLICIES),
        "unknown": Setup(OWN, "data/policies.csv; RFC 5321 section 3.3"),
        "relay": Setup(OWN, "data/policies.csv; RFC 5321 section 3.6.2"),
        "vrfy": Setup(
            policy("alice", "bob"), "smtpedu/lab/policy.py; RFC 5321 sections 3.5 and 7.3"
        ),
        "expn": Setup(OWN, f"{REPLIES}; RFC 5321 section 4.2.4"),
        "rcpt-before-mail": Setup(OWN, f"{REPLIES}; RFC 5321 section 4.1.4"),
        "bad-syntax": Setup(OWN, f"{REPLIES}; RFC 5321 sections 4.2.2, 4.2.4 and 4.3.2"),
        "oversized": Setup(("default: Limits.message",), f"{REPLIES}; RFC 1870 section 6"),
        "no-valid-recipient": Setup(OWN, f"{REPLIES}; RFC 5321 section 3.3"),
        "mixed": Setup(policy("alice", "bob"), "as in local, moved, unknown and relay"),
        "bare-lf": Setup(OWN, f"{REPLIES}; RFC 5321 sections 2.3.8 and 4.1.1.4"),
        "pipelining": Setup(OWN, "smtpedu/protocol/server.py; RFC 2920"),
        "quota": Setup(policy("grace"), "data/policies.csv; RFC 5321 section 4.2.2"),
        "greylisting": Setup(policy("frank"), "data/policies.csv; RFC 6647"),
    },
)
