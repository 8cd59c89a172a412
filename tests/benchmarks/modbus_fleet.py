"""Share of a core that many Modbus devices take in one process, over loopback.

Plain devices have four tables of 1,000 cells; energy meters are the shipped profile with its twin, moved every 100 ms.
Each device has a TCP address and, where it is polled, a client of its own, which asks once a second. Counted is the
processor time of the process that serves all of them, user and system. How fast plain devices are built and what memory
they take: ``modbus_devices.py``.
"""

from __future__ import annotations

import argparse
import json
import resource
import select
import socket
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from measure import machine

TITLE = "Modbus devices in one process: share of a core"
SERVERS = Path(__file__).parent / "programs" / "modbus_servers.py"
DEADLINE_S = 5.0


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices, what each is asked once a second, how its answer begins and how long it is; no request: nothing."""

    name: str
    argument: str
    limit_pct: float
    request: str = ""
    answer: str = ""
    answer_size: int = 0


FLEETS = (
    Fleet(
        "1,000 plain devices, 125 registers of each at 1 Hz",
        "fleet",
        15.0,
        "0001 0000 0006 01 03 0000 007D",
        "0001 0000 00FD 01 03 FA" + 250 * "00",
        259,
    ),
    Fleet("200 energy meters, nobody asks", "meters", 4.0),
    Fleet(
        "200 energy meters, 80 registers of each at 1 Hz",
        "meters",
        10.0,
        "0001 0000 0006 01 04 0000 0050",
        "0001 0000 00A3 01 04 A0",
        169,
    ),
)


@dataclass(frozen=True, slots=True)
class Share:
    """Median and quartiles of the share of a core in each second."""

    name: str
    share_pct: float
    share_low_pct: float
    share_high_pct: float
    limit_pct: float

    @property
    def holds(self) -> bool:
        return self.share_pct < self.limit_pct


def poll_all(clients: list[socket.socket], fleet: Fleet, period_s: float) -> None:
    """Ask every device once, evenly spread over the period, and check every answer."""
    start_s = time.monotonic()
    request, expected, size = bytes.fromhex(fleet.request), bytes.fromhex(fleet.answer), fleet.answer_size
    answers = dict.fromkeys(clients, b"")
    waiting = select.epoll()
    by_descriptor = {client.fileno(): client for client in clients}
    for descriptor in by_descriptor:
        waiting.register(descriptor, select.EPOLLIN)
    sent = 0
    while (passed_s := time.monotonic() - start_s) < period_s or any(len(got) < size for got in answers.values()):
        if passed_s > period_s + DEADLINE_S:
            raise RuntimeError("a device did not answer")
        due = min(len(clients), int(len(clients) * passed_s / period_s) + 1)
        for client in clients[sent:due]:
            client.sendall(request)
        sent = max(sent, due)
        for descriptor, _ in waiting.poll(period_s / len(clients)):
            client = by_descriptor[descriptor]
            answers[client] += client.recv(4096)
    waiting.close()
    if {(len(got), got[: len(expected)]) for got in answers.values()} != {(size, expected)}:
        raise RuntimeError("a device gave a wrong answer")


def shares_pct(fleet: Fleet, seconds: int) -> list[float]:
    """Return the share of a core in each of so many seconds."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    command = [sys.executable, str(SERVERS), fleet.argument]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ExitStack() as cleanup:
        cleanup.callback(process.kill)
        assert process.stdout is not None
        clients = [
            cleanup.enter_context(socket.create_connection(("127.0.0.1", int(port)), timeout=DEADLINE_S))
            for port in process.stdout.readline().split()
        ]

        def pass_second() -> None:
            if fleet.request:
                poll_all(clients, fleet, 1.0)
            else:
                time.sleep(1.0)

        pass_second()
        clock = (~process.pid << 3) | 2  # the process's clock, as clock_getcpuclockid makes it
        taken = []
        for _ in range(seconds):
            start_s, used_ns = time.monotonic(), time.clock_gettime_ns(clock)
            pass_second()
            taken.append((time.clock_gettime_ns(clock) - used_ns) / 1e7 / (time.monotonic() - start_s))
        return taken


def share_of(fleet: Fleet, seconds: int) -> Share:
    """Measure one fleet."""
    low, median, high = statistics.quantiles(shares_pct(fleet, seconds), n=4)
    return Share(fleet.name, median, low, high, fleet.limit_pct)


def main() -> int:
    """Measure and report."""
    arguments = argparse.ArgumentParser(description=TITLE)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    arguments.add_argument("--seconds", type=int, default=9, help="how long to look at each")
    options = arguments.parse_args()
    shares = [share_of(fleet, max(2, options.seconds)) for fleet in FLEETS]
    if options.json:
        figures = [{**asdict(share), "holds": share.holds} for share in shares]
        print(json.dumps({"title": TITLE, "machine": machine(), "shares": figures}, indent=2))
    else:
        print(f"{TITLE}\n{machine()}\n")
        for each in shares:
            spread = f"({each.share_low_pct:.2f} .. {each.share_high_pct:.2f}), limit {each.limit_pct:g}"
            print(f"  {each.name:<52} {each.share_pct:6.2f} %   {spread}")
    return 0 if all(share.holds for share in shares) else 1


if __name__ == "__main__":
    sys.exit(main())
