"""How much a lab's clients may use up."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one client, or a whole class, may use up. Sizes in octets, times in seconds."""

    message: int = 1_000_000  # beyond it: 552 (RFC 5321 §4.5.3.1.9)
    recipients: int = 100  # the least allowed by §4.5.3.1.8; beyond it: 452
    connections: int = 100  # at once; beyond it the longest idle one makes room: 421
    commands: int = 10_000  # in one connection; beyond it: 421
    idle: float = 300  # for one command or one message, the least of §4.5.3.2.7; then: 421
    hops: int = 100  # Received fields, the least of §6.3; beyond it: 554
    stored: int = 100_000_000  # of accepted mail, and 1,000 for each copy; then the oldest goes
    accepted: int = 10_000_000  # of mail accepted over one connection; beyond it: 452
    recorded: int = 2_000_000  # of one connection, in each direction
    kept: int = 100_000_000  # of all recordings; beyond it the oldest is dropped
    sessions: int = 10_000  # recordings; beyond it the oldest is dropped
