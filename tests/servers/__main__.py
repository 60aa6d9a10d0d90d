"""`python -m tests.servers [server …]` captures the sessions of all servers, or of some, again."""

from __future__ import annotations

import sys

from . import inside, library
from .document import SERVERS, SESSIONS, document, server_of
from .root import missing
from .server import Library


def write(module: str) -> None:
    """Capture one server's sessions and put them in place of those there were."""
    server = server_of(module)
    scenarios = list(server.setups)
    if isinstance(server, Library):
        version, played = library.capture(server, scenarios)
    else:
        version, played = inside.capture(module, scenarios)
    folder = SESSIONS / module
    folder.mkdir(exist_ok=True)
    for old in folder.glob("*.txt"):
        old.unlink()
    for scenario, captured in played.items():
        text = document(module, scenario, version, captured)
        (folder / f"{scenario}.txt").write_text(text, encoding="utf-8")
    print(f"{server.name} {version}: {len(played)} sessions")


def main(chosen: list[str]) -> None:
    """Ask the chosen servers, or all of them."""
    if unknown := set(chosen) - set(SERVERS):
        sys.exit(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(SERVERS)}")
    for module in chosen or SERVERS:
        if not isinstance(server_of(module), Library) and (reason := missing()):
            sys.exit(f"{module} cannot be captured here: it {reason}")
        write(module)


main(sys.argv[1:])
