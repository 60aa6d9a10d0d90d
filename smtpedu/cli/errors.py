"""What the user is told instead of a traceback.

Whether a port can be had.
"""

from __future__ import annotations

import errno
import os
import socket

from smtpedu.i18n import text

# ---- commands.errors ----


class CommandError(Exception):
    """Why a command could not be carried out, in words."""


def unreadable(file: object, error: OSError) -> CommandError:
    """A file that was named cannot be read."""
    return CommandError(text("cli.cannot_read", file=file, reason=error.strerror))


def unwritable(file: object, error: OSError) -> CommandError:
    """A file that was named cannot be written."""
    return CommandError(text("cli.not_written", file=file, reason=error.strerror))


# ---- commands.ports ----


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
