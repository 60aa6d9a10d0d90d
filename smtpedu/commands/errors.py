"""What the user is told instead of a traceback."""

from __future__ import annotations

from smtpedu.language import text


class CommandError(Exception):
    """Why a command could not be carried out, in words."""


def unreadable(file: object, error: OSError) -> CommandError:
    """A file that was named cannot be read."""
    return CommandError(text("cli.cannot_read", file=file, reason=error.strerror))


def unwritable(file: object, error: OSError) -> CommandError:
    """A file that was named cannot be written."""
    return CommandError(text("cli.not_written", file=file, reason=error.strerror))
