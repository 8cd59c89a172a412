"""Processor time of a Modbus TCP server for one request, ours beside libmodbus and pymodbus, over loopback.

A load client in C, compiled here, checks every answer. Counted is the processor time of the server's process, user
and system. Servers take turns and what is judged is the median of the ratios of each round, so that a busy machine
disturbs all alike; with one connection it still disturbs most. ``ours`` is on the loop that ``hil`` uses, asyncio's
with our selector; ``asyncio.run`` and ``uvloop`` are the same server on those loops. libmodbus takes part when its
headers are installed (Debian: libmodbus-dev), uvloop when it can be imported; what is left out is named.
"""

from __future__ import annotations

import argparse
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from measure import Ratio, report, timing_of

PROGRAMS = Path(__file__).parent / "programs"
ROUNDS = 9
TIMES_AS_OFTEN_WITH_ONE = 3
DEADLINE_S = 60
LIMITS = (("ours", "libmodbus", 1.2), ("ours, uvloop", "libmodbus", 1.0), ("ours", "pymodbus", 0.25))
LEAST_PIPELINED_PER_S = (("ours", 60_000), ("ours, uvloop", 150_000))

Samples = dict[str, list[float]]
"""By server: nanoseconds of processor time for one request, round by round."""


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients ask: request, start and size of the answer in bytes of PDU, and how many in one segment."""

    name: str
    connections: int
    request: str
    answer: str
    answer_size: int
    requests: int
    depth: int = 1


def loads(requests: int) -> tuple[Load, ...]:
    """Return every load with about as many requests."""
    sizes = (1, 10, 100, 1000)
    return (
        *(Load(f"FC3 x 10, {size} connections", size, "030000000A", "0314", 22, requests) for size in sizes),
        *(Load(f"FC3 x 125, {size} connections", size, "030000007D", "03FA", 252, requests) for size in sizes),
        *(
            Load(f"FC16 x 10, {size} connections", size, "100000000A14" + 10 * "1234", "100000000A", 5, requests)
            for size in sizes
        ),
        Load(PIPELINED, 10, "030000000A", "0314", 22, 4 * requests, depth=10),
    )


PIPELINED = "FC3 x 10, 10 connections, pipelined 10 deep"


class Server:
    """A server's process: its port, and the processor time it has used."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        self._clock = (~process.pid << 3) | 2  # the process's clock, as clock_getcpuclockid makes it
        self.port = int(process.stdout.readline())

    def processor_ns(self) -> int:
        return time.clock_gettime_ns(self._clock)


@contextmanager
def started(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a program until the end of the block."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def compiled(name: str, folder: Path, *flags: str) -> str:
    """Compile a program of ours with gcc -O2; return its path."""
    program = folder / name
    subprocess.run(["gcc", "-O2", "-o", str(program), str(PROGRAMS / f"{name}.c"), *flags], check=True)
    return str(program)


def server_commands(folder: Path) -> dict[str, list[str]]:
    """Return how to start each server that this machine has."""
    python = [sys.executable, str(PROGRAMS / "modbus_servers.py")]
    commands = {
        name: [*python, argument] for name, argument in (("ours", "asyncio"), ("ours, asyncio.run", "asyncio.run"))
    }
    commands["pymodbus"] = [*python, "pymodbus"]
    if importlib.util.find_spec("uvloop"):
        commands["ours, uvloop"] = [*python, "uvloop"]
    else:
        print("uvloop is not installed: left out", file=sys.stderr)
    try:
        commands["libmodbus"] = [compiled("modbus_libmodbus", folder, "-I/usr/include/modbus", "-lmodbus")]
    except subprocess.CalledProcessError:
        print("libmodbus is not installed: left out", file=sys.stderr)
    return commands


def measured(client: str, server: Server, load: Load) -> float:
    """Put the load on the server; return nanoseconds of its processor for one request."""
    arguments = (server.port, load.connections, load.requests, load.depth, load.request, load.answer, load.answer_size)
    with started([client, *map(str, arguments)]) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if process.stdout.readline() != "ready\n":
            raise RuntimeError(f"{load.name}: the load client could not start")
        start_ns = server.processor_ns()
        process.stdin.write("\n")
        process.stdin.flush()
        figures = process.stdout.readline().split()
        used_ns = server.processor_ns() - start_ns
        if len(figures) != 2:
            raise RuntimeError(f"{load.name}: the load client found a fault in the answers")
        process.communicate("\n", timeout=DEADLINE_S)
    return used_ns / int(figures[0])


def measure_all(requests: int, rounds: int) -> dict[str, Samples]:
    """Return the samples of each load."""
    with tempfile.TemporaryDirectory(prefix="hil-benchmark-") as name, ExitStack() as running:
        folder = Path(name)
        client = compiled("modbus_load", folder)
        commands = server_commands(folder)
        servers = {name: Server(running.enter_context(started(command))) for name, command in commands.items()}
        taken: dict[str, Samples] = {}
        for load in loads(requests):
            taking_part = [
                name for name in servers if name != "pymodbus" or load.depth == 1
            ]  # else it answers one in ten
            taken[load.name] = {name: [] for name in taking_part}
            for _ in range(rounds * (TIMES_AS_OFTEN_WITH_ONE if load.connections == 1 else 1)):
                for name in taking_part:
                    taken[load.name][name].append(measured(client, servers[name], load))
        return taken


def ratio(samples: Samples, ours: str, theirs: str) -> float:
    """Return how the processor times of the best rounds compare."""
    return min(samples[ours]) / min(samples[theirs])


def ratios(taken: dict[str, Samples]) -> list[Ratio]:
    """Return the sentences of each load: at most so many times the processor time of the other server."""
    found = []
    for load, samples in taken.items():
        for ours, theirs, limit in LIMITS:
            if load != PIPELINED and ours in samples and theirs in samples:
                found.append(Ratio(f"{load}: {ours} against {theirs}", ratio(samples, ours, theirs), limit))
    for ours, least_per_s in LEAST_PIPELINED_PER_S:
        if ours in taken[PIPELINED]:
            per_s = 1e9 / statistics.median(taken[PIPELINED][ours])
            sentence = f"{PIPELINED}: {ours}, {least_per_s:,} a second of processor against {per_s:,.0f}"
            found.append(Ratio(sentence, least_per_s / per_s, 1.0))
    return found


def main() -> int:
    """Measure and report."""
    arguments = argparse.ArgumentParser(add_help=False)
    arguments.add_argument("--requests", type=int, default=3_000, help="requests of each load and round")
    arguments.add_argument("--rounds", type=int, default=ROUNDS, help="how often each server takes its turn")
    known, sys.argv[1:] = arguments.parse_known_args()
    taken = measure_all(known.requests, max(2, known.rounds))
    timings = [
        timing_of(f"{load}: {name}", used_ns) for load, samples in taken.items() for name, used_ns in samples.items()
    ]
    return 0 if report("Modbus TCP: processor time of the server for a request", timings, ratios(taken)) else 1


if __name__ == "__main__":
    sys.exit(main())
