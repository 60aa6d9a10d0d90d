"""The lab beside a bare aiosmtpd and a raw asyncio server that checks nothing, in one run.

To measure: `pytest -n 0 tests/benchmarks/test_lab_speed.py --benchmark-enable --benchmark-only`, on
a machine that does nothing else. Servers take turns, round by round, so that a slow machine is slow
for all of them; what is printed are the medians of the ratios to aiosmtpd in the same round.
"""

from __future__ import annotations

import asyncio
import smtplib
import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from threading import Event, Thread
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from smtpedu.lab.lab import Lab, free_port

RECIPIENTS = [f"r{number}@example.test" for number in range(4)]
MESSAGE = "Subject: hi\r\n\r\n" + ("x" * 62 + "\r\n") * 16  # about 1 kB
SESSIONS = 1000  # that are recorded
CLIENTS = 50

# ---- the servers ----


class Raw(asyncio.Protocol):
    """The least that is still an SMTP server: it replies by verb and checks nothing."""

    def connection_made(self, transport: Any) -> None:
        self.transport, self.received, self.within = transport, b"", False
        transport.write(b"220 raw\r\n")

    def data_received(self, data: bytes) -> None:
        self.received += data
        end = b"\r\n.\r\n" if self.within else b"\r\n"
        while (at := self.received.find(end)) >= 0:
            verb, self.received = self.received[:4], self.received[at + len(end) :]
            begins = not self.within and verb.upper() == b"DATA"
            self.within = begins
            self.transport.write(b"354 go on\r\n" if begins else b"250 OK\r\n")
            if verb.upper() == b"QUIT" and end == b"\r\n":
                self.transport.close()
            end = b"\r\n.\r\n" if self.within else b"\r\n"


@contextmanager
def raw() -> Iterator[int]:
    loop, ready, ports = asyncio.new_event_loop(), Event(), []

    def run() -> None:
        server = loop.run_until_complete(loop.create_server(Raw, "127.0.0.1", 0))
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()
        server.close()
        loop.close()

    thread = Thread(target=run)
    thread.start()
    ready.wait()
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


@contextmanager
def bare_aiosmtpd() -> Iterator[int]:
    port = free_port()
    controller = Controller(object(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


@contextmanager
def lab() -> Iterator[int]:
    with Lab(dict.fromkeys(RECIPIENTS, "local")) as server:
        assert server.port
        yield server.port


PEERS = {"smtpedu.Lab": lab, "aiosmtpd": bare_aiosmtpd, "raw asyncio": raw}

# ---- the clients ----


def session(port: int, times: dict[str, list[float]] | None = None) -> None:
    """One message to four mailboxes by smtplib, command by command."""
    with_times: dict[str, list[float]] = {} if times is None else times

    def timed(name: str, act: Callable[..., Any], *arguments: Any) -> None:
        began = time.perf_counter()
        act(*arguments)
        with_times.setdefault(name, []).append(time.perf_counter() - began)

    client = smtplib.SMTP("127.0.0.1", port, "laptop.example")
    client.ehlo()
    timed("MAIL", client.mail, "me@laptop.example")
    for recipient in RECIPIENTS:
        timed("RCPT", client.rcpt, recipient)
    timed("DATA", client.data, MESSAGE)
    timed("QUIT", client.quit)


class Lean(asyncio.Protocol):
    """A client that has all it says ready, and looks at nothing but the ends of replies."""

    says = (
        b"EHLO laptop.example\r\n",
        b"MAIL FROM:<me@laptop.example>\r\n",
        *(f"RCPT TO:<{recipient}>\r\n".encode() for recipient in RECIPIENTS),
        b"DATA\r\n",
        MESSAGE.encode() + b".\r\n",
        b"QUIT\r\n",
    )

    def __init__(self, done: asyncio.Future[None]) -> None:
        self.done, self.rest, self.heard = done, iter(self.says), b""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        *lines, self.heard = (self.heard + data).split(b"\r\n")
        for line in lines:
            if line[3:4] != b"-":
                if line[:1] > b"3":
                    self.done.set_exception(ValueError(line))
                self.transport.write(next(self.rest, b""))

    def connection_lost(self, error: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


def lean_clients(port: int, each: int = 6) -> None:
    async def one() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(each):
            done = loop.create_future()
            await loop.create_connection(partial(Lean, done), "127.0.0.1", port)
            await done

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(CLIENTS)))

    asyncio.run(all_of_them())


def smtplib_clients(port: int, each: int = 6) -> None:
    with ThreadPoolExecutor(CLIENTS) as clients:
        list(clients.map(session, [port] * CLIENTS * each))


def seconds(act: Callable[[int], Any], port: int) -> float:
    began = time.perf_counter()
    act(port)
    return time.perf_counter() - began


def one_client(port: int) -> dict[str, float]:
    """Median seconds of each command."""
    times: dict[str, list[float]] = {}
    for _ in range(100):
        session(port, times)
    return {name: statistics.median(found) for name, found in times.items()}


# ---- measuring ----


def in_turn(measure: Callable[[int], dict[str, float]], rounds: int) -> dict[str, str]:
    """What a figure of each server is of aiosmtpd's: the median of all rounds."""
    figures: dict[str, list[dict[str, float]]] = {peer: [] for peer in PEERS}
    with ExitStack() as servers:
        ports = {peer: servers.enter_context(make()) for peer, make in PEERS.items()}
        for number in range(rounds + 1):
            for peer in [*PEERS][number % 3 :] + [*PEERS][: number % 3]:
                found = measure(ports[peer])
                if number:  # the first round is for warming up
                    figures[peer].append(found)
    ratios = {}
    for peer in ("smtpedu.Lab", "raw asyncio"):
        for name in figures[peer][0]:
            pairs = zip(figures[peer], figures["aiosmtpd"], strict=True)
            ratio = statistics.median(own[name] / other[name] for own, other in pairs)
            ratios[f"{name}, {peer}"] = f"{ratio:.2f}"
    return ratios


def tell(what: str, benchmark: Any, capsys: Any) -> None:
    """Print the figures, which the tables of pytest-benchmark leave out."""
    if benchmark.enabled:
        with capsys.disabled():
            print(f"\n{what}:", *(f"\n  {name}: {n}" for name, n in benchmark.extra_info.items()))


@pytest.mark.benchmark(group="sessions a second: × aiosmtpd (goals for the lab: 1.25 and 1.6)")
@pytest.mark.parametrize("clients", [smtplib_clients, lean_clients])
def test_sessions(benchmark: Any, capsys: Any, clients: Callable[..., None]) -> None:
    act = clients if benchmark.enabled else partial(clients, each=1)
    measure = lambda port: {"rate": 1 / seconds(act, port)}  # noqa: E731
    rounds = 9 if benchmark.enabled else 1
    ratios = benchmark.pedantic(in_turn, args=(measure, rounds), rounds=1)
    benchmark.extra_info.update(ratios)


@pytest.mark.benchmark(
    group="seconds for one command: × aiosmtpd (goals: MAIL, RCPT 0.8, others 1)"
)
def test_latency(benchmark: Any, capsys: Any) -> None:
    rounds = 9 if benchmark.enabled else 1
    benchmark.extra_info |= benchmark.pedantic(in_turn, args=(one_client, rounds), rounds=1)
    tell("one client", benchmark, capsys)


@pytest.mark.benchmark(group="start and stop")
@pytest.mark.parametrize("peer", ["smtpedu.Lab", "aiosmtpd"])
def test_start(benchmark: Any, peer: str) -> None:
    def start_and_stop() -> None:
        with PEERS[peer]():
            pass

    benchmark(start_and_stop)


@pytest.mark.benchmark(group="memory")
def test_memory_of_recorded_sessions(benchmark: Any, capsys: Any) -> None:
    """Bytes that a thousand recorded sessions hold, with their mail."""

    def sessions(port: int, count: int) -> None:
        for _ in range(count):
            session(port)

    count = SESSIONS if benchmark.enabled else 10
    with Lab(dict.fromkeys(RECIPIENTS, "local")) as server:
        assert server.port
        tracemalloc.start()
        benchmark.pedantic(sessions, args=(server.port, count), rounds=1)
        benchmark.extra_info["bytes a session"] = tracemalloc.get_traced_memory()[0] // count
        tracemalloc.stop()
        assert len(server.recordings) == count
    tell("memory", benchmark, capsys)
