"""What the user is told instead of a traceback; whether a port can be had."""

from __future__ import annotations

import argparse
import errno
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from smtpedu.files import write_whole
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
        reason = error.strerror or error
        raise CommandError(text("cli.cannot_read", file=file, reason=reason)) from None


def write_new(file: Path, content: bytes) -> None:
    """Write a file that was named, if there is none of this name."""
    try:
        write_whole(file, content)
    except FileExistsError:
        raise CommandError(text("interchange.exists", file=file)) from None
    except OSError as error:
        problem = text("cli.not_written", file=file, reason=error.strerror)
        raise CommandError(problem) from None


def check_port(port: int, host: str = "127.0.0.1") -> None:
    """Say at once that a port cannot be had."""
    if not 0 < port < 65536:
        raise CommandError(text("cli.port_range", port=port))
    from smtpedu.lab.loopback import listen

    try:
        listen(host, port).close()
    except OSError as error:
        in_use = error.errno == errno.EADDRINUSE
        said = text("cli.port_in_use", port=port) if in_use else str(error)
        raise CommandError(said) from None
