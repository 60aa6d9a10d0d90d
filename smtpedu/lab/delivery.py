"""What becomes of a message: trace fields on top, a mailbox, or the way to another server."""

from __future__ import annotations

import asyncio
import re
import time
from collections import deque
from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cached_property, lru_cache
from threading import local
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

from smtpedu.dialogue.mail import DECODED, parse_mail
from smtpedu.foreign import visible
from smtpedu.protocol.reply import Reply, ReplyReader, ReplySyntaxError

if TYPE_CHECKING:
    from smtpedu.lab.lab import Lab

_PATIENCE = 30  # seconds for one forwarded message
_NAME = re.compile(r"[A-Za-z0-9.:\[\]-]{1,255}")
_LOST = Reply(451, ("4.4.1 The next server does not answer",))
# How a talk ends: the last is a generator's way. TimeoutError is an OSError.
_ENDS = (OSError, EOFError, ReplySyntaxError, StopIteration)


@dataclass(frozen=True, slots=True)
class MailObject:
    """A message as it came: its envelope, its content, and the client (RFC 5321 §2.3.1)."""

    reverse_path: str
    recipients: tuple[str, ...]
    data: bytes
    client: str = ""  # as EHLO named it
    peer: str = ""  # its address


@dataclass
class Kept:
    """A message in one or more mailboxes, parsed when it is first asked for.

    `content` has trace fields on top; `size` is that of the mail data without them, in octets,
    `weight` what it takes up with its copies.
    """

    mailboxes: list[str]
    sender: str
    content: bytes
    size: int
    weight: int = 0

    @cached_property
    def message(self) -> EmailMessage:
        """The message as a mailbox gets it."""
        return parse(self.content)

    @cached_property
    def subject(self) -> str:
        """Its subject, to be shown; "" where it has none, and where none can be made of it."""
        return visible(str(self.message["Subject"] or ""))


@dataclass
class Forwarded:
    """A message for a mailbox that has moved.

    `reply` is the last that the server of its new domain said, None where no lab was given for
    that domain: then this is where the message stays.
    """

    mailbox: str
    address: str
    sender: str
    content: bytes
    reply: Reply | None = None

    @cached_property
    def message(self) -> EmailMessage:
        """The message as the mailbox would have got it."""
        return parse(self.content)


class Forwarding(NamedTuple):
    """A message on its way: to which lab, from which host, and its data with trace fields."""

    out: Forwarded
    lab: Lab
    hostname: str
    data: bytes


# ---- trace fields ----


def hop_count(data: bytes) -> int:
    """How many servers a message has passed: its Received fields (RFC 5321 §6.3)."""
    header, _, _ = data.partition(b"\r\n\r\n")
    return (b"\r\n" + header.lower()).count(b"\r\nreceived:")


def add_received(mail: MailObject, hostname: str) -> bytes:
    """The message with this server's Received field on top (§4.4)."""
    client = mail.client if _NAME.fullmatch(mail.client) else "unknown"
    now = _date(int(time.time()))
    field = f"Received: from {client} ([{mail.peer}]) by {hostname}; {now}\r\n"
    # A first line that begins with a space would become part of our field.
    gap = b"\r\n" if mail.data[:1] in (b" ", b"\t") else b""
    return field.encode() + gap + mail.data


@lru_cache(1)
def _date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC))


def add_return_path(mail: MailObject, received: bytes) -> bytes:
    """The reverse-path on top of it as Return-Path (§4.4): what a mailbox gets."""
    return f"Return-Path: <{mail.reverse_path}>\r\n".encode() + received


def parse(content: bytes) -> EmailMessage:
    """A message of lines that end in CRLF, with Python's own line ends."""
    return parse_mail(content.replace(b"\r\n", b"\n"), DECODED)


# ---- being the next server's client ----


async def pass_on(forwarding: Forwarding) -> None:
    """Pass a message on from within an event loop; `out.reply` is then what decided."""
    out, lab, *_ = forwarding
    talk = _talk_in_memory if lab.transport == "memory" else _talk
    try:
        async with asyncio.timeout(_PATIENCE):
            await talk(lab, _transaction(*forwarding))
    except _ENDS:
        out.reply = out.reply or _LOST


async def _talk(lab: Lab, saying: Generator[bytes, Reply, None]) -> None:
    lines = ReplyReader()
    reader, writer = await asyncio.open_connection(lab.host, lab.port or 0)
    with closing(writer):
        command = next(saying)
        while True:
            writer.write(command)
            while not (reply := _heard(lines, await reader.readline())):
                pass
            command = saying.send(reply)


async def _talk_in_memory(lab: Lab, saying: Generator[bytes, Reply, None]) -> None:
    """Where the way leads back to the lab of this loop, it is not kept waiting."""
    with closing(lab.connect()) as connection:
        replies = connection.makefile("rb")
        command = next(saying)
        while True:
            connection.give(command)
            while forwardings := connection.work():
                await asyncio.gather(*map(pass_on, forwardings), return_exceptions=True)
            command = saying.send(_reply(replies))


def pass_on_now(forwarding: Forwarding) -> None:
    """Pass a message on, and wait for it; `out.reply` is then what decided."""
    out, lab, *_ = forwarding
    saying = _transaction(*forwarding)
    try:
        with closing(lab.connect(_PATIENCE)) as connection:
            replies = connection.makefile("rb")
            command = next(saying)
            while True:
                connection.sendall(command)
                command = saying.send(_reply(replies))
    except _ENDS:
        out.reply = out.reply or _LOST


class _Waiting(local):
    """What this thread is to pass on, while it passes on something; None while it does not."""

    forwardings: deque[Forwarding] | None = None


_waiting = _Waiting()


def pass_on_in_turn(forwardings: list[Forwarding]) -> None:
    """Pass messages on, and then what the servers that took them pass on, one after the other.

    Each within the other would be as deep as the way is long.
    """
    if _waiting.forwardings is not None:
        _waiting.forwardings.extend(forwardings)
        return
    _waiting.forwardings = queue = deque(forwardings)
    try:
        while queue:
            pass_on_now(queue.popleft())
    finally:
        _waiting.forwardings = None


def _transaction(
    out: Forwarded, lab: Lab, hostname: str, data: bytes
) -> Generator[bytes, Reply, None]:
    """What to say to the next server, which gives each reply; first nothing, for the greeting."""
    ascii_only = out.sender.isascii() and out.address.isascii()
    dotted = re.sub(rb"(?:\A|(?<=\r\n))\.", b"..", data)
    commands = (
        b"",
        f"EHLO {hostname}\r\n".encode(),
        # The reverse-path stays: a forwarded message is nobody else's (§3.9.1).
        f"MAIL FROM:<{out.sender}>{'' if ascii_only else ' SMTPUTF8'}\r\n".encode(),
        f"RCPT TO:<{out.address}>\r\n".encode(),
        b"DATA\r\n",
        dotted.removesuffix(b"\r\n") + b"\r\n.\r\n",
    )
    for command in commands:
        reply = yield command
        if reply.severity > 3:
            break
    out.reply = reply
    yield b"QUIT\r\n"  # after a 421 nobody answers


def _reply(replies: BinaryIO) -> Reply:
    lines = ReplyReader()
    while not (reply := _heard(lines, replies.readline())):
        pass
    return reply


def _heard(lines: ReplyReader, line: bytes) -> Reply | None:
    if not line.endswith(b"\r\n"):
        raise EOFError
    return lines.feed(line.decode("utf-8", "replace").removesuffix("\r\n"))
