"""What a program that sends mail can meet: recipients, servers, and what it should report.

A case is a row of `CASES`, ordinary ones first. Its lab says what it says by policy; what the
program should report follows from the reply codes alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from smtpedu.lab.delivery import Forwarding, MailObject
from smtpedu.lab.lab import Lab
from smtpedu.lab.limits import Limits
from smtpedu.lab.policy import parse
from smtpedu.protocol.replies import reply
from smtpedu.protocol.reply import Reply

#: First digit of a reply → what becomes of the recipient: the key of the report that lists it.
OUTCOMES = {2: "accepted", 4: "try_later", 5: "refused"}
#: Where the mailboxes of the cases have moved to; mail for these would be accepted.
MOVED_TO = {f"{name}@new.example": "local" for name in ("bob", "carol", "ivy")}


class _Full(Lab):
    """A lab that has no room when a message has come."""

    def receive(self, mail: MailObject) -> tuple[Reply, list[Forwarding]]:
        return reply("mistake"), []


class _Strict(Lab):
    """A lab that takes no message, whatever is in it."""

    def receive(self, mail: MailObject) -> tuple[Reply, list[Forwarding]]:
        return Reply(554, ("5.6.0 Message refused for its content",)), []


class _Gone(Lab):
    """A lab whose port nobody listens on."""

    def start(self) -> Lab:
        super().start().stop()
        return self


@dataclass(frozen=True)
class Case:
    """Recipients with the policies they meet.

    `end` is the reply code that decides for all of them, where there is one; `blame` names
    what is wrong when a recipient is under the wrong key.
    """

    name: str
    policies: dict[str, str]
    end: int = 0
    blame: str = ""
    server: Callable[[dict[str, str]], Lab] = Lab

    def reply(self, recipient: str) -> Reply:
        """What `RCPT` is answered."""
        return parse(recipient, self.policies[recipient]).reply

    def code(self, recipient: str) -> int:
        """The code that decides what becomes of a recipient."""
        return self.end or self.reply(recipient).code

    def outcome(self, recipient: str) -> str:
        """The key of the report under which a recipient belongs: the first digit decides."""
        return OUTCOMES[self.code(recipient) // 100]

    def report(self) -> dict[str, Any]:
        """What the function should return."""
        report: dict[str, Any] = {outcome: [] for outcome in OUTCOMES.values()}
        for recipient in self.policies:
            report[self.outcome(recipient)].append(recipient)
        return report | {"moved": self.moved()}

    def moved(self) -> dict[str, str]:
        """The new addresses that a 551 gives."""
        refused = ((one, self.reply(one)) for one in self.policies if self.reply(one).code == 551)
        return {one: reply.forward_path for one, reply in refused if reply.forward_path}


ALICE, DAVE = {"alice@example.test": "local"}, {"dave@example.test": "local"}
NOBODY = {"nobody@example.test": "unknown"}
BOB = {"bob@example.test": "moved to bob@new.example"}
CAROL = {"carol@example.test": "forwarded to carol@new.example"}
#: What Postfix makes of an administrator's 551 (data/sessions/postfix/moved-551.txt).
IVY = {
    "ivy@example.test": "551 5.1.6 <ivy@example.test>: Recipient address rejected: "
    "User not local; please try <ivy@new.example>"
}
#: From the ordinary to the strange; the first that goes wrong is told.
CASES = (
    Case("all-accepted", ALICE | DAVE),
    Case("some-refused", ALICE | NOBODY),
    Case("all-refused", NOBODY | {"erin@example.test": "moved"}),
    Case("forwarded", ALICE | CAROL),
    Case("moved", BOB | {"gus@example.test": "551 5.7.1 Not through this server"} | ALICE),
    Case("only-moved", BOB),
    Case("two-addresses", IVY | ALICE),
    Case(
        "later",
        ALICE | {"frank@example.test": "greylisted", "gina@example.test": "full for now"} | NOBODY,
    ),
    Case(
        "odd-texts",
        ALICE
        | {
            "hal@example.test": "450 4.2.1 No such luck: mailbox unavailable",
            "ida@example.test": "550 5.2.1 Mailbox disabled, please try again later",
        },
        blame="reads-text",
    ),
    Case(
        "unknown-codes",
        ALICE
        | {
            "jo@example.test": "457 4.0.0 Words",
            "kai@example.test": "557 5.0.0 Words",
            "lea@example.test": "259 2.0.0 Words",
        },
        blame="first-digit",
    ),
    Case("busy", ALICE | DAVE, 421, "no-service", partial(Lab, limits=Limits(connections=0))),
    Case("unreachable", ALICE | DAVE, 421, "no-service", _Gone),
    Case("closing", ALICE | {"zoe@example.test": "shutting down"} | DAVE, 421, "closing"),
    Case("message-later", ALICE | DAVE, 451, "message-refused", _Full),
    Case("message-refused", ALICE | DAVE, 554, "message-refused", _Strict),
)
