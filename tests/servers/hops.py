"""What stands around the sender's own server: the recipients' server, and the sender who gets mail.

Both are aiosmtpd with the least handler. One refuses recipients after the sender's server took the
message with 250; the other is given the bounce, and keeps the bytes that the server wrote.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from typing import Any

from aiosmtpd.controller import Controller

#: The bounces that every server writes.
BOUNCED = ("moved", "unknown", "refused", "several")
PORT = 25
SENDERS, RECIPIENTS = "mail.laptop.example", "mail.example.test"
# The files of a root in which the server is the sender's own.
NAMES = {
    "/etc/mailname": f"{SENDERS}\n",
    "/etc/hosts": f"""\
127.0.0.1 {SENDERS} localhost
127.0.0.2 laptop.example
127.0.0.3 {RECIPIENTS}
""",
}
REFUSING = "default: mail.example.test is aiosmtpd, whose replies are in tests/servers/hops.py"
REFUSES = {
    "bob@example.test": "551 5.1.6 User not local; please try <bob@new.example>",
    "nobody@example.test": "550 5.1.1 No such user",
    "carol@example.test": "551 5.7.1 Mail from your domain is refused by policy",
}


class Handler:
    """Refuses whom it is told to, takes everybody else, and keeps what came."""

    def __init__(self, refuses: dict[str, str]) -> None:
        self.refuses, self.got = refuses, SimpleQueue[bytes]()

    async def handle_EHLO(
        self, server: Any, session: Any, envelope: Any, hostname: str, responses: list[str]
    ) -> list[str]:
        """Says that its codes are enhanced ones: without that, Sendmail looks at none."""
        session.host_name = hostname
        return [*responses[:-1], "250-ENHANCEDSTATUSCODES", responses[-1]]

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """The reply to this recipient."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes the message."""
        self.got.put(envelope.original_content)
        return "250 2.0.0 OK"


@contextmanager
def hops() -> Iterator[SimpleQueue[bytes]]:
    """Both, running; what is given to the sender can be had from the queue."""
    sender, recipients = Handler({}), Handler(REFUSES)
    running = (
        Controller(sender, "127.0.0.2", PORT, server_hostname="laptop.example"),
        Controller(recipients, "127.0.0.3", PORT, server_hostname=RECIPIENTS),
    )
    for one in running:
        one.start()
    try:
        yield sender.got
    finally:
        for one in running:
            one.stop()
