"""What the user is told instead of a traceback; whether a port can be had."""

from __future__ import annotations

import argparse
import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from smtpedu.i18n import text

#: Adds a command to the parser: its name, what runs it.
Command = Callable[[str, object], argparse.ArgumentParser]


class CommandError(Exception):
    """Why a command could not be carried out, in words."""


@contextmanager
def reading(file: object) -> Iterator[None]:
    """What the system says of a file that cannot be read becomes a `CommandError`."""
    try:
        yield
    except OSError as error:
        raise CommandError(text("cli.cannot_read", file=file, reason=error.strerror)) from None


def unwritable(file: object, error: OSError) -> CommandError:
    """A file that was named cannot be written."""
    return CommandError(text("cli.not_written", file=file, reason=error.strerror))


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Say at once that a port cannot be had."""
    if not 0 < port < 65536:
        raise CommandError(text("cli.port_range", port=port))
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As the server will: a port that lingers after a stop is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name == "posix")
        try:
            probe.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise CommandError(text("cli.port_in_use", port=port)) from None
            reason = error.strerror or error
            problem = text("cli.cannot_listen", host=host, port=port, reason=reason)
            raise CommandError(problem) from None
