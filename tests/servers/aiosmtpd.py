"""aiosmtpd with the least handler that knows its users: what it says of itself, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiosmtpd.controller import Controller

from smtpedu.lab.lab import free_port

from .server import Library, Setup

USERS = ("alice@example.test", "frank@example.test", "grace@example.test")
SAYS = {
    "moved-551": "551 5.1.6 User not local; please try <bob@new.example>",
    "moved-251": "251 2.1.5 User not local; will forward to <bob@new.example>",
}


class Handler:
    """Knows who has a mailbox; for a moved user it says what the scenario tells it to."""

    def __init__(self, moved: str = "") -> None:
        self.moved = moved

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        """250 for users, the reply of `moved` for the moved one, 550 for everybody else."""
        if self.moved and address == "bob@example.test":
            reply = self.moved
        elif address in USERS:
            reply = "250 OK"
        else:
            reply = "550 5.1.1 No such user"
        if reply.startswith("2"):
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        """Takes the message; nothing is kept."""
        return "250 Message accepted for delivery"


@contextmanager
def run(scenario: str) -> Iterator[tuple[str, int]]:
    """The server for one scenario."""
    handler, port = Handler(SAYS.get(scenario, "")), free_port()
    controller = Controller(handler, "127.0.0.1", port, server_hostname="mail.example.test")
    controller.start()
    try:
        yield "127.0.0.1", port
    finally:
        controller.stop()


KNOWS = ("handle_RCPT: 550 5.1.1 No such user, for an address that is not among its users",)
OWN = ("default: aiosmtpd.smtp.SMTP",)
HANDLER = "aiosmtpd documentation, Handlers, handle_RCPT: the string it returns is the reply"


def smtp(method: str) -> str:
    """Where in aiosmtpd's program."""
    return f"aiosmtpd/smtp.py, SMTP.{method}()"


SERVER = Library(
    name="aiosmtpd",
    package="aiosmtpd",
    run=run,
    setups={
        "ehlo": Setup(OWN, smtp("smtp_EHLO")),
        "local": Setup(("handle_RCPT: 250 OK, for one of its users",), HANDLER),
        "moved": Setup(
            KNOWS,
            HANDLER,
            "aiosmtpd has no means of its own for a moved user: he is unknown",
        ),
        "moved-551": Setup((f"handle_RCPT: {SAYS['moved-551']}",), HANDLER),
        "moved-251": Setup(
            (f"handle_RCPT: {SAYS['moved-251']}",),
            HANDLER,
            "the handler alone decides whether the recipient counts, and whether anything is "
            "forwarded: here nothing is",
        ),
        "unknown": Setup(
            KNOWS, HANDLER, "without a handler for RCPT, aiosmtpd would accept everybody"
        ),
        "relay": Setup(
            KNOWS, HANDLER, "without a handler for RCPT, aiosmtpd would accept everybody"
        ),
        "vrfy": Setup(OWN, smtp("smtp_VRFY")),
        "expn": Setup(OWN, smtp("smtp_EXPN")),
        "rcpt-before-mail": Setup(OWN, smtp("smtp_RCPT")),
        "bad-syntax": Setup(OWN, smtp("smtp_MAIL")),
        "oversized": Setup(("default: data_size_limit = 33554432",), smtp("smtp_MAIL")),
        "no-valid-recipient": Setup(KNOWS, smtp("smtp_DATA")),
        "mixed": Setup(KNOWS, HANDLER),
        "bare-lf": Setup(OWN, smtp("smtp_DATA")),
        "pipelining": Setup(OWN, "aiosmtpd/smtp.py"),
    },
)
