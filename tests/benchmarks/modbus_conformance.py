"""Which rows of the Modbus conformance tables a server answers right over TCP: ours, and those of others.

The others are pymodbus and, where installed, libmodbus (its newest sources, else its library), pyModbusTCP and
modbus-tk. Every row speaks to a fresh server process. A peer has the same cells, gaps and identification objects as far
as it can be given them; a group of rows about something that it cannot be given stands in brackets, and the last line
leaves these groups out. ``--rows`` names the rows that each server missed.
"""

from __future__ import annotations

import argparse
import datetime
import json
import socket
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER / "programs"), str(FOLDER.parent / "support")]

from measure import machine  # noqa: E402 - the folders are put on the path above
from modbus_conformance_servers import Peer, Setup, available_peers  # noqa: E402
from modbus_rows import (  # noqa: E402
    CONVERSATION_ROWS,
    DATA_ROWS,
    FILE_ROWS,
    IDENTITY_ROWS,
    LIMIT_ROWS,
    PROTECTED_ROWS,
    STATUS_ROWS,
    Row,
)
from modbus_stream_rows import (  # noqa: E402
    FRAMING_ROWS,
    HALF_CLOSE_ROWS,
    SLOW_UNIT_ROWS,
    UNIT_ROWS,
    Answer,
    answer_frames,
    frame,
)

TITLE = "Modbus conformance over TCP, rows answered right"
ANSWER_S = 0.3
SILENCE_S = 0.1


Check = Callable[[socket.socket], bool]
"""Speaks to a server as a row says; whether it answers right."""
Missed = Mapping[str, Mapping[str, list[str]]]
"""Names of rows by server and group."""


@dataclass(frozen=True, slots=True)
class Group:
    """Rows about one thing, by name."""

    name: str
    setup: Setup
    rows: Mapping[str, Check]

    def missed(self, peer: Peer) -> list[str]:
        """Return the rows that a server answers otherwise."""
        return [name for name, check in self.rows.items() if not self._is_right(peer, check)]

    def _is_right(self, peer: Peer, check: Check) -> bool:
        with peer.serve(self.setup) as port, socket.create_connection(("127.0.0.1", port)) as client:
            return check(client)


def main() -> int:
    arguments = argparse.ArgumentParser(description=TITLE)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    arguments.add_argument("--rows", action="store_true", help="name the rows that were missed")
    options = arguments.parse_args()
    peers, all_groups = available_peers(), groups()
    missed = {peer.name: {group.name: group.missed(peer) for group in all_groups} for peer in peers}
    if options.json:
        print(json.dumps(figures(peers, all_groups, missed), indent=2))
    else:
        print_table(peers, all_groups, missed)
    if options.rows:
        for name, by_group in missed.items():
            print(f"\n{name} misses")
            print("\n".join(f"  {row}" for rows in by_group.values() for row in rows) or "  nothing")
    return 1 if any(missed["plc-hil"].values()) else 0


def groups() -> list[Group]:
    """Return every row there is."""
    ends = {row[0]: partial(ends_well, *row[1:]) for row in HALF_CLOSE_ROWS}
    slow = {row[0]: partial(follows, *row[1:], is_closed=False) for row in SLOW_UNIT_ROWS}
    return [
        Group("data access", Setup.PLAIN, conversations(DATA_ROWS, LIMIT_ROWS, CONVERSATION_ROWS)),
        Group("gaps, read-only cells", Setup.PROTECTED, conversations(PROTECTED_ROWS)),
        Group("status, diagnostics", Setup.PLAIN, conversations(STATUS_ROWS)),
        Group("files, queues", Setup.FILES, conversations(FILE_ROWS)),
        Group("identification", Setup.IDENTITY, conversations(IDENTITY_ROWS)),
        Group("framing", Setup.PLAIN, streams(FRAMING_ROWS)),
        Group("half-closed connections", Setup.PLAIN, ends),
        Group("several units", Setup.UNITS, streams(UNIT_ROWS)),
        Group("a slow unit among them", Setup.SLOW_UNIT, slow),
    ]


def conversations(*tables: Sequence[Row]) -> dict[str, Check]:
    return {row[0]: partial(converses, row) for table in tables for row in table}


def streams(table: Sequence[tuple[str, bytes, list[Answer], bool]]) -> dict[str, Check]:
    return {row[0]: partial(follows, row[1], row[2], is_closed=row[3]) for row in table}


# --- what a server answers --------------------------------------------------------------------------------------------


def converses(row: Row, client: socket.socket) -> bool:
    """Whether every request of a conversation gets its right response."""
    for number, (request, response) in enumerate(zip(row[1::2], row[2::2], strict=True)):
        client.sendall(frame(request, transaction=number))
        expected = frame(response, transaction=number) if response else b""
        if received(client, len(expected), is_closed=False) != (expected, False):
            return False
    return True


def follows(stream: bytes, answers: list[Answer], client: socket.socket, *, is_closed: bool) -> bool:
    """Whether a stream gets exactly these answers and the connection then stays open or not."""
    client.sendall(stream)
    expected = answer_frames(answers)
    return received(client, len(expected), is_closed=is_closed) == (expected, is_closed)


def ends_well(stream: bytes, answers: list[Answer], client: socket.socket) -> bool:
    """Whether a client that has finished sending gets its answers, then the end."""
    client.sendall(stream)
    client.shutdown(socket.SHUT_WR)
    return received(client, len(answer_frames(answers)), is_closed=True) == (answer_frames(answers), True)


def received(client: socket.socket, size: int, *, is_closed: bool) -> tuple[bytes, bool]:
    """Return what arrives, and whether the connection was closed; a moment is granted for bytes too many."""
    taken = b""
    while True:
        is_complete = len(taken) >= size
        client.settimeout(ANSWER_S if not is_complete or is_closed else SILENCE_S if not size else 0.01)
        try:
            chunk = client.recv(4096)
        except TimeoutError:
            return taken, False
        except OSError:
            return taken, True
        if not chunk:
            return taken, True
        taken += chunk


# --- what is printed --------------------------------------------------------------------------------------------------


def figures(peers: Sequence[Peer], all_groups: Sequence[Group], missed: Missed) -> dict[str, object]:
    return {
        "title": TITLE,
        "machine": machine(),
        "date": str(datetime.date.today()),
        "versions": {peer.name: peer.version for peer in peers},
        "cannot_be_given": {peer.name: sorted(each.value for each in peer.lacks) for peer in peers},
        "rows": {group.name: len(group.rows) for group in all_groups},
        "missed": missed,
    }


def print_table(peers: Sequence[Peer], all_groups: Sequence[Group], missed: Missed) -> None:
    """Print the right answers of each server by group."""
    print(f"{TITLE}\n{datetime.date.today()}, {machine()}\n")
    print_line("", "rows", [peer.name for peer in peers])
    print_line("", "", [peer.version for peer in peers])
    for group in all_groups:
        right = [len(group.rows) - len(missed[peer.name][group.name]) for peer in peers]
        texts = [f"({n})" if group.setup in peer.lacks else str(n) for peer, n in zip(peers, right, strict=True)]
        print_line(group.name, str(len(group.rows)), texts)
    counts = [score(peer, all_groups, missed[peer.name]) for peer in peers]
    print_line("all", str(sum(len(group.rows) for group in all_groups)), [str(right) for right, _, _ in counts])
    print_line("of those it can be given", "", [f"{right}/{size}" for _, right, size in counts])
    print("\nin brackets: what a server cannot be given")
    for peer in peers:
        if peer.lacks:
            print(f"  {peer.name}: {', '.join(setup.value for setup in Setup if setup in peer.lacks)}")


def score(peer: Peer, all_groups: Sequence[Group], missed: Mapping[str, Sequence[str]]) -> tuple[int, int, int]:
    """Return how many rows are right, how many of those about what a server can be given, and how many these are."""
    right = {group.name: len(group.rows) - len(missed[group.name]) for group in all_groups}
    given = [group for group in all_groups if group.setup not in peer.lacks]
    return sum(right.values()), sum(right[group.name] for group in given), sum(len(group.rows) for group in given)


def print_line(name: str, size: str, texts: Sequence[str]) -> None:
    print(f"  {name:<24}{size:>6}" + "".join(f"{text:>13}" for text in texts))


if __name__ == "__main__":
    raise SystemExit(main())
