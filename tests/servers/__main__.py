"""`python -m tests.servers [server …]` captures sessions and bounces of all servers, or some."""

from __future__ import annotations

import sys

from . import inside, library
from .document import SERVERS, document, path_of, server_of
from .root import missing
from .server import Library


def write(module: str) -> None:
    """Capture one server's sessions and bounces and put them in place of those there were."""
    server = server_of(module)
    if isinstance(server, Library):
        version, played = library.capture(server, list(server.setups))
    else:
        bounces = [f"bounces/{scenario}" for scenario in server.bounces]
        version, played = inside.capture(module, [*server.setups, *bounces])
    for path in {path_of(module, name).parent for name in played}:
        path.mkdir(parents=True, exist_ok=True)
        for old in path.iterdir():
            old.unlink()
    for name, captured in played.items():
        path, text = path_of(module, name), document(module, name, version, captured)
        path.write_text(text, encoding="utf-8")
        if captured.bounce:
            path.with_suffix(".eml").write_text(captured.bounce, encoding="utf-8")
    print(f"{server.name} {version}: {len(played)} sessions and bounces")


def main(chosen: list[str]) -> None:
    """Ask the chosen servers, or all of them."""
    if unknown := set(chosen) - set(SERVERS):
        sys.exit(f"no such server: {', '.join(sorted(unknown))}; there are {', '.join(SERVERS)}")
    for module in chosen or SERVERS:
        if not isinstance(server_of(module), Library) and (reason := missing()):
            sys.exit(f"{module} cannot be captured here: it {reason}")
        write(module)


main(sys.argv[1:])
