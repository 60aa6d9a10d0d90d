"""A client that sends exactly what it is told and writes down every byte both ways.

The law of this file: sockets and line ends. What is said is for `scenarios`.
"""

from __future__ import annotations

import re
import socket
import time
from itertools import groupby
from operator import itemgetter

PATIENCE = 30.0  # seconds; a server that says nothing for so long is broken
IMPATIENCE = 3.0  # seconds; so long we wait for a reply that may never come
BARE_LF, SHOWN_LF = re.compile(rb"(?<!\r)\n"), "\N{SYMBOL FOR LINE FEED}"


class Client:
    """A connection to a server, and what was said on it so far."""

    def __init__(self, address: tuple[str, int], source: str, *, pause: float = 0) -> None:
        self.pause = pause
        self.said: list[tuple[str, bytes]] = []
        self.notes: list[str] = []
        self.socket = socket.create_connection(address, PATIENCE, (source, 0))
        self.unread = b""

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def send(self, data: bytes) -> None:
        """Send these bytes and no other."""
        self.socket.sendall(data)
        self.said.append(("C", data))

    def show_lf(self) -> None:
        """Show as `␊` what we ended in LF alone and the server did not take for an end."""
        latest = max(place for place, (who, _) in enumerate(self.said) if who == "C")
        _, data = self.said[latest]
        self.said[latest] = "C", BARE_LF.sub(SHOWN_LF.encode(), data)

    def hear(self) -> int:
        """Wait for one whole reply and return its code. Raises `EOFError` when there is none."""
        while True:
            line = self._line()
            self.said.append(("S", line))
            if line[3:4] != b"-":
                return int(line[:3])

    def hears_soon(self) -> bool:
        """Whether the server says anything to what was sent, or waits for more."""
        if not self.unread:
            self.socket.settimeout(IMPATIENCE)
            try:
                self.unread = self.socket.recv(65_536)
            except TimeoutError:
                return False
            finally:
                self.socket.settimeout(PATIENCE)
        return bool(self.unread)

    def say(self, *lines: str) -> int:
        """Send lines in one go, wait for the reply to the last and return its code."""
        self.send("".join(f"{line}\r\n" for line in lines).encode("ascii"))
        return self.hear()

    def wait(self) -> None:
        """Come back later."""
        time.sleep(self.pause)

    def _line(self) -> bytes:
        while b"\n" not in self.unread:
            more = self.socket.recv(65_536)
            if not more:
                raise EOFError
            self.unread += more
        line, _, self.unread = self.unread.partition(b"\n")
        return line + b"\n"

    def dialogue(self) -> str:
        """`C: ` and `S: ` lines. An LF that the server took for no end of a line shows as `␊`."""
        rows = []
        for who, pieces in groupby(self.said, itemgetter(0)):
            said = b"".join(data for _, data in pieces).decode()
            lines = said.replace("\r\n", "\n").removesuffix("\n").split("\n")
            # A blank at the end of a line is part of it; one after a lone marker is not.
            rows += [f"{who}: {line}" if line else f"{who}:" for line in lines]
        return "\n".join(rows) + "\n"
