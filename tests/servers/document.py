"""From a capture to the file it becomes, and back to what of it another machine would say too."""

from __future__ import annotations

import platform
import re
from datetime import date
from importlib import import_module
from pathlib import Path

from .server import Captured, Library, Server

DATA = Path(__file__).parents[2] / "data"
SESSIONS, BOUNCES = DATA / "sessions", DATA / "bounces"
SERVERS = ("postfix", "exim", "sendmail", "opensmtpd", "aiosmtpd", "lab")
# What differs from day to day and from update to update, and what stands in its place.
_PASSING = (
    (r"\w{3}, \d\d? \w{3} \d{4} \d\d:\d\d:\d\d [+-]?\w+", "DATE"),
    (r"(?<=ESMTP Exim )\S+|(?<=ESMTP Sendmail )[^\s;]+|(?<=Python SMTP )\S+", "VERSION"),
    # In bounces: what a message is called, there and where its parts are parted.
    (r"(?<=with ESMTP id )\w+|(?<=with ESMTPA id )\w+|\d+(?=/mail\.)|(?<=ID: <)\w+(?=@)", "ID"),
    (r"(?<=queued as )\w+|(?<=id=)[\w-]+|(?<=250 2\.0\.0 )\w+(?= Message accepted)", "ID"),
)


def server_of(module: str) -> Server | Library:
    """The description in one of this folder's modules."""
    server: Server | Library = import_module(f".{module}", __package__).SERVER
    return server


def path_of(module: str, name: str) -> Path:
    """Where a session's file is. The bounce that came of one (`bounces/moved`) is beside it."""
    kind, _, scenario = name.rpartition("/")
    return (BOUNCES if kind else SESSIONS) / module / f"{scenario}.txt"


def document(module: str, name: str, version: str, captured: Captured) -> str:
    """A session's file: where it comes from, then what was said."""
    server, (kind, _, scenario) = server_of(module), name.rpartition("/")
    setup = server.bounces[scenario] if kind else server.setups[scenario]
    provenance = {
        "server": server.name,
        "version": version,
        "scenario": scenario,
        "client": f"socket of Python {platform.python_version()}",
        "captured": date.today().isoformat(),
        "configuration": "\n  ".join(setup.configuration),
        "source": setup.source,
        "repeat": f"python -m tests.servers {module}",
        "note": note(setup.note, captured.note),
    }
    head = "".join(f"{key}: {value}\n" for key, value in provenance.items() if value)
    return f"---\n{head}---\n{captured.dialogue}"


def note(written: str, found: str) -> str:
    """What a reader has to know in one line: written by hand, and found by the capture."""
    if written.endswith(":"):
        return f"{written} {found}"
    return "; ".join(part for part in (written, found) if part)


def normalised(text: str) -> str:
    """A dialogue without dates, the servers' names for messages, and versions in greetings."""
    for pattern, instead in _PASSING:
        text = re.sub(pattern, instead, text)
    return text
