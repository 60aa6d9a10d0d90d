"""Captures the sessions of `data/sessions` from a real server and a real client on loopback.

`python tests/capture.py` writes them all again. The server is a `Lab` over loopback, the
client Python's smtplib; what is recorded is every byte on the client's socket. Any Python gives the
same dialogues.
"""

from __future__ import annotations

import platform
import smtplib
import socket
from collections.abc import Callable
from datetime import date
from email.message import EmailMessage
from email.policy import SMTP
from importlib.metadata import version
from pathlib import Path
from typing import Any

from smtpedu.lab.lab import Lab
from smtpedu.lab.policy import EXAMPLE_MAILBOXES

SESSIONS = Path(__file__).parent.parent / "data" / "sessions"
SERVER, CLIENT, SENDER = "mail.example.test", "laptop.example", "sender@laptop.example"


class Recorder:
    """A socket that writes down what passes, split into the two directions as it comes."""

    def __init__(self, inner: socket.socket) -> None:
        self.inner = inner
        self.said: list[tuple[str, bytes]] = []

    def sendall(self, data: bytes) -> None:
        self.said.append(("C", data))
        self.inner.sendall(data)

    def makefile(self, mode: str) -> Recorder:
        self.file = self.inner.makefile(mode)
        return self

    def readline(self, limit: int = -1) -> bytes:
        line: bytes = self.file.readline(limit)
        self.said.append(("S", line))
        return line

    def close(self) -> None:
        self.inner.close()
        if hasattr(self, "file"):
            self.file.close()

    def dialogue(self) -> str:
        """`C: ` and `S: ` lines. Raises `ValueError` where a line did not end in CRLF."""
        lines = []
        for who, data in self.said:
            *whole, rest = data.split(b"\r\n")
            if rest or b"\r" in b"".join(whole) or b"\n" in b"".join(whole):
                raise ValueError(f"bare line end in {data!r}")
            # A blank at the end of a line is part of it; one after a lone marker is not.
            lines += [f"{who}: {line.decode('ascii')}" if line else f"{who}:" for line in whole]
        return "\n".join(lines) + "\n"


class Pinned(smtplib.SMTP):
    """smtplib's client, which says `FROM:` and `TO:` on any Python: since 3.13 they are small."""

    def putcmd(self, cmd: str, args: str = "") -> None:
        keyword, colon, rest = args.partition(":")
        known = keyword.upper() in ("FROM", "TO")
        super().putcmd(cmd, f"{keyword.upper()}{colon}{rest}" if known else args)


class Client(Pinned):
    """That client on a recorded socket."""

    def _get_socket(self, host: str, port: int, timeout: float) -> Any:
        self.recorder = Recorder(super()._get_socket(host, port, timeout))
        return self.recorder


MESSAGE = EmailMessage()
MESSAGE["From"] = SENDER
MESSAGE["To"] = "friends@example.test"
MESSAGE["Subject"] = "Lunch"
MESSAGE["Date"] = "Mon, 05 Jan 2026 12:00:00 +0000"
MESSAGE["Message-ID"] = "<lunch@laptop.example>"
MESSAGE.set_content("Shall we meet at noon?\n")


def transaction(client: Client, *recipients: str) -> None:
    """One mail transaction; the message is sent when anyone was accepted."""
    client.mail(SENDER)
    replies = [client.rcpt(recipient)[0] for recipient in recipients]
    if any(code // 100 == 2 for code in replies):
        client.data(MESSAGE.as_bytes(policy=SMTP))
    else:
        client.rset()


def to(*recipients: str) -> Callable[[Client], None]:
    """A scenario: greet, one transaction, goodbye."""

    def scenario(client: Client) -> None:
        client.ehlo(CLIENT)
        transaction(client, *recipients)
        client.quit()

    return scenario


def wrong_order(client: Client) -> None:
    """RCPT before MAIL, DATA before RCPT, MAIL within a transaction."""
    client.ehlo(CLIENT)
    client.rcpt("alice@example.test")
    client.mail(SENDER)
    client.docmd("DATA")
    client.mail(SENDER)
    client.rcpt("alice@example.test")
    client.data(MESSAGE.as_bytes(policy=SMTP))
    client.quit()


def greylisting(client: Client) -> None:
    """Refused for now, then tried again."""
    client.ehlo(CLIENT)
    transaction(client, "frank@example.test")
    transaction(client, "frank@example.test")
    client.quit()


def many_250s(client: Client) -> None:
    """Everything that 250 answers, and VRFY's 252."""
    client.ehlo(CLIENT)
    client.noop()
    client.verify("alice")
    client.mail(SENDER)
    client.rset()
    transaction(client, "alice@example.test")
    client.quit()


SCENARIOS: dict[str, Callable[[Client], None]] = {
    "all-accepted": to("alice@example.test"),
    "many-250s": many_250s,
    "moved-refused": to("bob@example.test"),
    "moved-forwarded": to("carol@example.test"),
    "moved-silently": to("dave@example.test"),
    "moved-undisclosed": to("erin@example.test"),
    "relay-denied": to("someone@elsewhere.example"),
    "unknown-user": to("nobody@example.test"),
    "mixed-recipients": to(
        "alice@example.test", "carol@example.test", "bob@example.test", "nobody@example.test"
    ),
    "wrong-order": wrong_order,
    "greylisting": greylisting,
}


def lab() -> Lab:
    """The server of every scenario: names are pinned, the port is free."""
    return Lab(EXAMPLE_MAILBOXES, hostname=SERVER)


def capture(name: str) -> str:
    """Play a scenario and return its dialogue."""
    with lab() as server:
        client = Client(server.host, server.port, local_hostname=CLIENT)
        try:
            SCENARIOS[name](client)
        finally:
            client.close()
    return client.recorder.dialogue()


def document(name: str) -> str:
    """The dialogue with its provenance, as the files have it."""
    provenance = {
        "server": "smtpedu.Lab",
        "version": version("smtpedu"),
        "client": f"smtplib of Python {platform.python_version()}",
        "captured": date.today().isoformat(),
        "configuration": "default: mailboxes of smtpedu serve",
        "repeat": "python tests/capture.py",
    }
    head = "".join(f"{key}: {value}\n" for key, value in provenance.items())
    return f"---\n{head}---\n{capture(name)}"


if __name__ == "__main__":
    for scenario in SCENARIOS:
        (SESSIONS / f"{scenario}.txt").write_text(document(scenario), encoding="utf-8")
