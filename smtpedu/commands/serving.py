"""`smtpedu serve`: the lab for swaks, telnet or a whole class."""

from __future__ import annotations

import argparse

from smtpedu.commands.errors import CommandError, unreadable
from smtpedu.commands.ports import check_port
from smtpedu.language import text


def serve_lab(options: argparse.Namespace) -> None:
    """Run a lab until it is interrupted."""
    from smtpedu import serve
    from smtpedu.lab import Lab

    check_port(options.port, options.host)
    mailboxes = serve.parse_mailboxes(options.mailbox) or serve.MAILBOXES
    users = dict(map(_user, options.user))
    more = {"host": options.host, "port": options.port, "tls": options.tls, "users": users}
    try:
        lab = Lab(options.policies or mailboxes, **more)
    except OSError as error:
        raise unreadable(options.policies, error) from None
    serve.run(lab)


def _user(written: str) -> tuple[str, str]:
    name, colon, password = written.partition(":")
    if not (name and colon):
        raise CommandError(text("cli.no_password", written=written))
    return name, password
