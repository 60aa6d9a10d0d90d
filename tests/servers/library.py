"""Captures from the servers that are Python libraries and run within this program."""

from __future__ import annotations

from importlib.metadata import version

from .client import Client
from .scenarios import SCENARIOS, play
from .server import Captured, Library


def capture(server: Library, scenarios: list[str]) -> tuple[str, dict[str, Captured]]:
    """Play scenarios against a server; its version and what came of each."""
    return version(server.package), {name: _played(server, name) for name in scenarios}


def _played(server: Library, scenario: str) -> Captured:
    with server.run(scenario) as address:
        client = Client(address, "127.0.0.1")
        try:
            play(SCENARIOS[scenario], client)
        finally:
            client.close()
    return Captured(client.dialogue(), "; ".join(client.notes))
