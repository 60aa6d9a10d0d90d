"""`smtpedu serve`: a lab for swaks, telnet or a whole class, printed as it happens."""

from __future__ import annotations

import argparse
import ipaddress
import time
from collections.abc import Iterator
from pathlib import Path

from smtpedu.cli.errors import Command, CommandError, check_port, reading
from smtpedu.cli.printing import say
from smtpedu.dialogue.turns import Turn
from smtpedu.i18n import text
from smtpedu.lab.lab import Lab
from smtpedu.lab.policy import EXAMPLE_MAILBOXES
from smtpedu.protocol.reply import Reply
from smtpedu.protocol.states import Speaker
from smtpedu.reference.texts import reply_meaning

_BEAT = 0.1  # seconds between two looks at the recordings
_AT_ONCE = 1000  # turns of one connection, before it is another's turn
_ALL = -1  # in place of a count: this recording is over and printed


def add(command: Command) -> None:
    """Add the command and its options."""
    serve = command("serve", serve_lab)
    one_of = serve.add_mutually_exclusive_group().add_argument
    one_of("--mailbox", action="append", default=[], metavar="A=POLICY", help=text("cli.mailbox"))
    one_of("--policies", type=Path, metavar="FILE", help=text("cli.policies"))
    option = serve.add_argument
    option("--host", default="127.0.0.1", help=text("cli.host"))
    option("--port", type=int, default=2525, help=text("cli.serve_port"))
    option("--tls", action="store_true", help=text("cli.tls"))
    option("--user", action="append", default=[], metavar="NAME:PASSWORD", help=text("cli.user"))


def serve_lab(options: argparse.Namespace) -> None:
    """Run a lab until it is interrupted."""
    check_port(options.port, options.host)
    mailboxes = parse_mailboxes(options.mailbox) or EXAMPLE_MAILBOXES
    users = dict(map(_user, options.user))
    if len(users) < len(options.user):
        raise CommandError(text("cli.user_twice"))
    more = {"host": options.host, "port": options.port, "tls": options.tls, "users": users}
    with reading(options.policies):
        lab = Lab(options.policies or mailboxes, **more)
    run(lab)


def _user(written: str) -> tuple[str, str]:
    name, colon, password = written.partition(":")
    if not (name and colon):
        raise CommandError(text("cli.no_password", written=written))
    return name, password


def parse_mailboxes(written: list[str]) -> dict[str, str]:
    """`address=policy`, as on the command line. Raises `ValueError` for anything else."""
    mailboxes = {}
    for address, equals, policy in (part.partition("=") for part in written):
        if not equals or "@" not in address:
            raise ValueError(text("serve.mailbox_form", written=address))
        if address.strip() in mailboxes:
            raise ValueError(text("error.policy_twice", mailbox=address.strip()))
        mailboxes[address.strip()] = policy.strip()
    return mailboxes


def introduction(lab: Lab) -> Iterator[str]:
    """What to know before connecting: where, which mailboxes, and who can reach it."""
    yield text("serve.listening", host=lab.host, port=lab.port)
    if not _is_loopback(lab.host):
        yield text("serve.open_to_others", host=lab.host)
    for mailbox, policy in lab.policies.mailboxes.items():
        words = policy.words.replace("<address>", policy.address) or policy.reply.text
        yield f"  {mailbox}  {policy.reply.code}  {words}"
    yield text("serve.how_to_stop")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def run(lab: Lab) -> None:
    """Serve until interrupted, printing each exchange with its explanation."""
    with lab:
        printed: dict[int, int] = {}
        try:
            for line in introduction(lab):
                say(line)
            while True:
                time.sleep(_BEAT)
                for line in news(lab, printed):
                    say(line)
        except KeyboardInterrupt:
            say(text("serve.stopped"))


def news(lab: Lab, printed: dict[int, int]) -> Iterator[str]:
    """What has been said since the last call.

    `printed` remembers, by the recording's number, how many turns were; `_ALL` once it is over.
    """
    for recording in lab.recordings.copy():
        before = printed.get(recording.number, 0)
        if before == _ALL:
            continue
        closed = recording.closed  # asked first: what is said after this comes the next time
        turns = lab.session_of(recording).turns[before:] if closed else recording.turns(before)
        for turn in turns[:_AT_ONCE]:
            yield from _lines(recording.peer, turn)
        printed[recording.number] = before + len(turns[:_AT_ONCE])
        if closed and len(turns) <= _AT_ONCE:
            printed[recording.number] = _ALL
            if recording.cut:
                yield f"[{recording.peer}] {text('session.cut', octets=recording.omitted)}"


def _lines(peer: str, turn: Turn) -> Iterator[str]:
    speaker = "S:" if turn.direction is Speaker.SERVER else "C:"
    for line in turn.lines:
        yield f"[{peer}] {speaker} {line}"
    if isinstance(turn.said, Reply):
        yield f"    {reply_meaning(turn.verb, turn.said).replace('`', '')}"
