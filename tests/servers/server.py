"""What a server is to the capture tool: packages, files, a command, and what caused each reply.

The law of this file: descriptions, and no action. Each server's own module holds one of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace

DEFAULT = "default"  # in place of a file: nobody wrote this line, it is how the server was made


@dataclass(frozen=True)
class Setup:
    """What one scenario needs of a server beyond what all have, and where its reply comes from.

    `configuration` are the lines that produced the reply, each "file: line" or "default: ...";
    `source` is where documentation or program say so; `note` is what a reader has to know.
    `files` are written and `commands` run before the server starts. `pause` is how many seconds
    the client waits before it comes again; `after` a command whose output ends the note.
    """

    configuration: tuple[str, ...]
    source: str
    note: str = ""
    files: dict[str, str] = field(default_factory=dict)
    commands: tuple[tuple[str, ...], ...] = ()
    pause: float = 0
    after: str = ""


@dataclass(frozen=True)
class Server:
    """A mail server from Debian, run in a root folder; the first package has its version.

    In `setups` it is the recipients' server. In `bounces` it took mail that cannot be delivered,
    as the sender's own server does, and tells the sender.
    """

    name: str
    packages: tuple[str, ...]
    files: dict[str, str]
    start: tuple[str, ...]
    setups: dict[str, Setup]
    bounces: dict[str, Setup]
    commands: tuple[tuple[str, ...], ...] = ()
    users: tuple[str, ...] = ("alice", "frank", "grace")

    def setup(self, name: str) -> Setup:
        """The setup of a scenario, or of a bounce (`bounces/moved`), with what all share."""
        kind, _, scenario = name.rpartition("/")
        own = (self.bounces if kind else self.setups)[scenario]
        files, commands = self.files | own.files, own.commands + self.commands
        return replace(own, files=files, commands=commands)


@dataclass(frozen=True)
class Library:
    """A mail server within this program: `run` is given a scenario and yields host and port."""

    name: str
    package: str
    run: Callable[[str], AbstractContextManager[tuple[str, int]]]
    setups: dict[str, Setup]
    bounces: dict[str, Setup] = field(default_factory=dict)


@dataclass(frozen=True)
class Captured:
    """What came of one scenario: the dialogue in the transcript format, a note, and the bounce."""

    dialogue: str
    note: str = ""
    bounce: str = ""
