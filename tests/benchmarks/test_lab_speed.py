"""What the lab costs beside a bare aiosmtpd in the same run, and what its memory holds.

To measure: `pytest tests/benchmarks/test_lab_speed.py --benchmark-enable --benchmark-only`.
"""

from __future__ import annotations

import smtplib
import tracemalloc
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from smtpedu.lab.lab import Lab
from smtpedu.lab.loopback import free_port

PEERS = ("smtpedu.Lab", "bare aiosmtpd")
SESSIONS = 1000


@contextmanager
def serving(peer: str) -> Iterator[int]:
    if peer == "smtpedu.Lab":
        with Lab({"alice@example.test": "local"}) as lab:
            assert lab.port
            yield lab.port
        return
    port = free_port()
    controller = Controller(object(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def session(port: int) -> None:
    """One message to one mailbox."""
    with smtplib.SMTP("127.0.0.1", port, "laptop.example") as client:
        client.sendmail("me@laptop.example", ["alice@example.test"], "Subject: hi\r\n\r\nhello\r\n")


def sessions(port: int, count: int) -> None:
    for _ in range(count):
        session(port)


@pytest.mark.benchmark(group="one client, a session")
@pytest.mark.parametrize("peer", PEERS)
def test_session(benchmark: Any, peer: str) -> None:
    with serving(peer) as port:
        benchmark(session, port)


@pytest.mark.benchmark(group="one client, a command")
@pytest.mark.parametrize("peer", PEERS)
def test_command(benchmark: Any, peer: str) -> None:
    with serving(peer) as port, smtplib.SMTP("127.0.0.1", port, "laptop.example") as client:
        assert benchmark.pedantic(client.noop, rounds=2000)[0] == 250


@pytest.mark.benchmark(group="fifty clients at once")
@pytest.mark.parametrize("peer", PEERS)
def test_fifty_clients(benchmark: Any, peer: str) -> None:
    with serving(peer) as port, ThreadPoolExecutor(50) as clients:
        benchmark.pedantic(lambda: list(clients.map(session, [port] * 50)), rounds=5)


@pytest.mark.benchmark(group="start and stop")
@pytest.mark.parametrize("peer", PEERS)
def test_start(benchmark: Any, peer: str) -> None:
    def start_and_stop() -> None:
        with serving(peer):
            pass

    benchmark(start_and_stop)


@pytest.mark.benchmark(group="memory")
def test_memory_of_recorded_sessions(benchmark: Any) -> None:
    """Bytes that a thousand recorded sessions hold, in the extra column."""
    count = SESSIONS if not benchmark.disabled else 10
    with Lab({"alice@example.test": "local"}) as lab:
        assert lab.port
        tracemalloc.start()
        benchmark.pedantic(sessions, args=(lab.port, count), rounds=1)
        benchmark.extra_info["bytes a session"] = tracemalloc.get_traced_memory()[0] // count
        tracemalloc.stop()
        assert len(lab.recordings) == count
