"""Share of a core that 1,000 Modbus devices take while each is polled once a second, over loopback.

Every device has a TCP address and a client of its own, which reads 125 holding registers; devices have four tables of
1,000 cells. Counted is the processor time of the process that serves all of them, user and system. How fast they are
built and what memory they take: ``modbus_devices.py``.
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
from pathlib import Path

from measure import machine

TITLE = "1,000 Modbus devices polled at 1 Hz, 125 registers each"
SERVERS = Path(__file__).parent / "programs" / "modbus_servers.py"
SHARE_LIMIT_PCT = 15.0
REQUEST = bytes.fromhex("0001 0000 0006 01 03 0000 007D")
ANSWER = bytes.fromhex("0001 0000 00FD 01 03 FA") + bytes(250)
DEADLINE_S = 5.0


def poll_all(clients: list[socket.socket], period_s: float) -> None:
    """Ask every device once, evenly spread over the period, and check every answer."""
    start_s = time.monotonic()
    answers = dict.fromkeys(clients, b"")
    waiting = select.epoll()
    by_descriptor = {client.fileno(): client for client in clients}
    for descriptor in by_descriptor:
        waiting.register(descriptor, select.EPOLLIN)
    sent = 0
    while (passed_s := time.monotonic() - start_s) < period_s or any(
        len(got) < len(ANSWER) for got in answers.values()
    ):
        if passed_s > period_s + DEADLINE_S:
            raise RuntimeError("a device did not answer")
        due = min(len(clients), int(len(clients) * passed_s / period_s) + 1)
        for client in clients[sent:due]:
            client.sendall(REQUEST)
        sent = max(sent, due)
        for descriptor, _ in waiting.poll(period_s / len(clients)):
            client = by_descriptor[descriptor]
            answers[client] += client.recv(4096)
    waiting.close()
    if set(answers.values()) != {ANSWER}:
        raise RuntimeError("a device gave a wrong answer")


def shares_pct(seconds: int) -> list[float]:
    """Return the share of a core in each of so many seconds."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    command = [sys.executable, str(SERVERS), "fleet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process, ExitStack() as cleanup:
        cleanup.callback(process.kill)
        assert process.stdout is not None
        clients = [
            cleanup.enter_context(socket.create_connection(("127.0.0.1", int(port)), timeout=DEADLINE_S))
            for port in process.stdout.readline().split()
        ]
        poll_all(clients, 1.0)
        clock = (~process.pid << 3) | 2  # the process's clock, as clock_getcpuclockid makes it
        taken = []
        for _ in range(seconds):
            start_s, used_ns = time.monotonic(), time.clock_gettime_ns(clock)
            poll_all(clients, 1.0)
            taken.append((time.clock_gettime_ns(clock) - used_ns) / 1e7 / (time.monotonic() - start_s))
        return taken


def main() -> int:
    """Measure and report."""
    arguments = argparse.ArgumentParser(description=TITLE)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    arguments.add_argument("--seconds", type=int, default=9, help="how long to poll")
    options = arguments.parse_args()
    low, median, high = statistics.quantiles(shares_pct(max(2, options.seconds)), n=4)
    holds = median < SHARE_LIMIT_PCT
    if options.json:
        figures = {"share_pct": median, "share_low_pct": low, "share_high_pct": high}
        print(json.dumps({"title": TITLE, "machine": machine(), **figures, "holds": holds}, indent=2))
    else:
        print(f"{TITLE}\n{machine()}\n")
        print(f"  they take  {median:6.2f} % of a core   ({low:.2f} .. {high:.2f}), limit {SHARE_LIMIT_PCT:g}")
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
