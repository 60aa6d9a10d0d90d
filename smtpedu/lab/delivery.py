"""What becomes of a message: trace fields on top, a mailbox, or the way to another server."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default as modern
from email.utils import format_datetime

from smtpedu.lab.policy import Policy
from smtpedu.protocol.reply import Reply, ReplyReader, ReplySyntaxError

_PATIENCE = 30  # seconds for one forwarded message
_NAME = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_FIELD = re.compile(rb"Received:", re.I)
_LOST = Reply(451, ("4.4.1 The next server does not answer",))


@dataclass(frozen=True, slots=True)
class MailObject:
    """A message as it came: its envelope, its content, and the client (RFC 5321 §2.3.1)."""

    sender: str
    recipients: dict[str, Policy]
    data: bytes
    client: str = ""  # as EHLO named it
    peer: str = ""  # its address


@dataclass(slots=True)
class Forwarded:
    """A message for a mailbox that has moved.

    `reply` is the last that the server of its new domain said, None where no lab was given for
    that domain: then this is where the message stays.
    """

    mailbox: str
    address: str
    sender: str
    message: EmailMessage
    reply: Reply | None = None


def hop_count(data: bytes) -> int:
    """How many servers a message has passed: its Received fields (RFC 5321 §6.3)."""
    header, _, _ = data.partition(b"\r\n\r\n")
    return sum(bool(_FIELD.match(line)) for line in header.split(b"\r\n"))


def add_received(mail: MailObject, hostname: str) -> bytes:
    """The message with this server's Received field on top (§4.4)."""
    client = mail.client if _NAME.fullmatch(mail.client) else "unknown"
    now = format_datetime(datetime.now(UTC))
    field = f"Received: from {client} ([{mail.peer}]) by {hostname}; {now}\r\n"
    # A first line that begins with a space would become part of our field.
    gap = b"\r\n" if mail.data[:1] in (b" ", b"\t") else b""
    return field.encode() + gap + mail.data


def add_return_path(mail: MailObject, hostname: str) -> EmailMessage:
    """The message as a mailbox gets it: the reverse-path on top of it as Return-Path (§4.4)."""
    path = f"Return-Path: <{mail.sender}>\r\n".encode()
    # Python's own line ends; only CRLF was accepted as one.
    content = (path + add_received(mail, hostname)).replace(b"\r\n", b"\n")
    return message_from_bytes(content, policy=modern)


async def send(host: str, port: int, hostname: str, out: Forwarded, data: bytes) -> Reply:
    """Be the client of the next server; returns the reply that decided."""
    ascii_only = out.sender.isascii() and out.address.isascii()
    dotted = re.sub(rb"(?:\A|(?<=\r\n))\.", b"..", data)
    commands = (
        f"EHLO {hostname}".encode(),
        # The reverse-path stays: a forwarded message is nobody else's (§3.9.1).
        f"MAIL FROM:<{out.sender}>{'' if ascii_only else ' SMTPUTF8'}".encode(),
        f"RCPT TO:<{out.address}>".encode(),
        b"DATA",
        dotted.removesuffix(b"\r\n") + b"\r\n.",
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                return await _transaction(reader, writer, commands)
            finally:
                writer.close()
    except (OSError, EOFError, ReplySyntaxError):  # TimeoutError is an OSError
        return _LOST


async def _transaction(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, commands: Iterable[bytes]
) -> Reply:
    reply = await _reply(reader)
    for command in commands:
        if reply.severity > 3:
            break
        writer.write(command + b"\r\n")
        reply = await _reply(reader)
    with suppress(OSError, EOFError):  # after a 421 nobody answers
        writer.write(b"QUIT\r\n")
        await _reply(reader)
    return reply


async def _reply(reader: asyncio.StreamReader) -> Reply:
    lines = ReplyReader()
    while True:
        line = await reader.readuntil(b"\r\n")
        if reply := lines.feed(line.decode("utf-8", "replace").removesuffix("\r\n")):
            return reply


def subject(message: EmailMessage) -> str:
    """A message's subject; "" where it has none, and where none can be made of it."""
    try:
        return str(message["Subject"] or "")
    except Exception:  # the standard library's parser trips over some malformed fields
        return ""
