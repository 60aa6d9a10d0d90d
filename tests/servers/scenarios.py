"""What the client says in each scenario, the same to every server.

The law of this file: the dialogue. What is asked and why stands in `data/scenarios.toml`.
"""

from __future__ import annotations

from collections.abc import Callable

from .client import Client

CLIENT, SENDER = "laptop.example", "sender@laptop.example"
LOCAL, MOVED, UNKNOWN = "alice@example.test", "bob@example.test", "nobody@example.test"
REFUSED, FOREIGN = "carol@example.test", "someone@elsewhere.example"
LIST = "friends@example.test"
GREYLISTED, FULL = "frank@example.test", "grace@example.test"
MESSAGE = (
    f"From: {SENDER}",
    f"To: {LIST}",
    "Subject: Lunch",
    "Date: Mon, 05 Jan 2026 12:00:00 +0000",
    "Message-ID: <lunch@laptop.example>",
    "",
    "Shall we meet at noon?",
)
Scenario = Callable[[Client], None]


def mail(client: Client) -> int:
    """Begin a mail transaction."""
    return client.say(f"MAIL FROM:<{SENDER}>")


def rcpt(client: Client, recipient: str) -> int:
    """Name a recipient."""
    return client.say(f"RCPT TO:<{recipient}>")


def data(client: Client) -> None:
    """Send the message, if the server will have it."""
    if client.say("DATA") == 354:
        client.say(*MESSAGE, ".")


def transaction(*recipients: str) -> Scenario:
    """One transaction; the message is sent when anyone was accepted."""

    def scenario(client: Client) -> None:
        mail(client)
        codes = [rcpt(client, recipient) for recipient in recipients]
        if any(code // 100 == 2 for code in codes):
            data(client)
        else:
            client.say("RSET")

    return scenario


def ask(*commands: str) -> Scenario:
    """One command after another."""

    def scenario(client: Client) -> None:
        for command in commands:
            client.say(command)

    return scenario


def no_valid_recipient(client: Client) -> None:
    """DATA although the only recipient was refused."""
    mail(client)
    rcpt(client, UNKNOWN)
    data(client)


def twice(client: Client) -> None:
    """A transaction, and the same again a little later."""
    transaction(GREYLISTED)(client)
    client.wait()
    transaction(GREYLISTED)(client)


def pipelining(client: Client) -> None:
    """A batch of commands, then as many replies (RFC 2920)."""
    offered = b"PIPELINING" in b"".join(said for who, said in client.said if who == "S")
    if not offered:
        client.notes.append("the server did not offer PIPELINING; the client sent a batch anyway")
    client.send(
        f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{LOCAL}>\r\nRCPT TO:<{UNKNOWN}>\r\nDATA\r\n".encode()
    )
    if [client.hear() for _ in range(4)][-1] == 354:
        client.say(*MESSAGE, ".")


def bare_lf(client: Client) -> None:
    """A command, and then the mail data, end in LF alone; CRLF only if the server waits."""
    client.send(b"NOOP\n")
    outcome = "was taken for an end" if client.hear() < 400 else "was refused"
    client.notes.append(f"`NOOP` ended in LF alone, which {outcome}")
    mail(client)
    rcpt(client, LOCAL)
    client.say("DATA")
    client.send("\r\n".join(MESSAGE).encode() + b"\n.\n")
    client.notes.append(
        f"the message's last line and a dot ended in LF alone, which {_end(client)}"
    )


def _end(client: Client) -> str:
    """What a server makes of mail data that ended in LF; if nothing, it is sent a proper end."""
    if client.hears_soon():
        if client.hear() < 400:
            return "was taken for an end"
        client.show_lf()
        return "was refused (shown as ␊)"
    client.show_lf()
    client.send(b"\r\n.\r\n")
    outcome = "the message taken" if client.hear() < 400 else "the message refused"
    return f"was no end (shown as ␊); when CRLF had come, {outcome}"


SCENARIOS: dict[str, Scenario] = {
    "ehlo": ask(f"HELO {CLIENT}"),
    "local": transaction(LOCAL),
    "moved": transaction(MOVED),
    "moved-default": transaction(MOVED),
    "moved-551": transaction(MOVED),
    "moved-251": transaction(MOVED),
    "unknown": transaction(UNKNOWN),
    "relay": transaction(FOREIGN),
    "vrfy": ask(f"VRFY {LOCAL}", f"VRFY {MOVED}", f"VRFY {UNKNOWN}"),
    "expn": ask(f"EXPN {LIST}"),
    "rcpt-before-mail": ask(f"RCPT TO:<{LOCAL}>"),
    "bad-syntax": ask("JUMP", f"MAIL <{SENDER}>", f"MAIL FROM:<{SENDER}"),
    "oversized": ask(f"MAIL FROM:<{SENDER}> SIZE=1000000000"),
    "no-valid-recipient": no_valid_recipient,
    "mixed": transaction(LOCAL, MOVED, UNKNOWN, FOREIGN),
    "bare-lf": bare_lf,
    "pipelining": pipelining,
    "quota": transaction(FULL),
    "greylisting": twice,
}
# What comes back from the sender's own server.
BOUNCES: dict[str, Scenario] = {
    "moved": transaction(MOVED),
    "moved-default": transaction(MOVED),
    "unknown": transaction(UNKNOWN),
    "refused": transaction(REFUSED),
    "several": transaction(LOCAL, MOVED, UNKNOWN, REFUSED),
}


def play(scenario: Scenario, client: Client) -> None:
    """Greet, play the scenario, say goodbye."""
    try:
        client.hear()
        client.say(f"EHLO {CLIENT}")
        scenario(client)
        client.say("QUIT")
    except (EOFError, ConnectionResetError, BrokenPipeError):
        client.notes.append("the server closed the connection")
