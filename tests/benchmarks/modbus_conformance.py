"""Which rows of the Modbus conformance tables a server answers right over TCP: ours, pymodbus, libmodbus if installed.

Every row speaks to a fresh server process. A peer has the same cells, gaps and identification objects as far as it can
be given them; what it cannot be given (files, gaps and identity in libmodbus) counts as missed. ``--rows`` names the
rows that each server missed.
"""

from __future__ import annotations

import argparse
import json
import socket
import sys
from collections.abc import Sequence
from pathlib import Path

FOLDER = Path(__file__).parent
sys.path[:0] = [str(FOLDER / "programs"), str(FOLDER.parent / "support")]

from measure import machine  # noqa: E402 - the folders are put on the path above
from modbus_conformance_servers import Server, available_servers  # noqa: E402
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
from modbus_stream_rows import STREAM_ROWS, frame  # noqa: E402

TITLE = "Modbus conformance over TCP, rows answered right"
ANSWER_S = 0.3
SILENCE_S = 0.1
GROUPS: dict[str, Sequence[Row]] = {
    "data access": [*DATA_ROWS, *LIMIT_ROWS, *CONVERSATION_ROWS],
    "gaps, read-only cells": PROTECTED_ROWS,
    "status, diagnostics": STATUS_ROWS,
    "files, queues": FILE_ROWS,
    "identification": IDENTITY_ROWS,
}
STREAMS = "framing, unit ids"


def main() -> int:
    arguments = argparse.ArgumentParser(description=TITLE)
    arguments.add_argument("--json", action="store_true", help="print figures instead of a table")
    arguments.add_argument("--rows", action="store_true", help="name the rows that were missed")
    options = arguments.parse_args()
    sizes = {**{group: len(rows) for group, rows in GROUPS.items()}, STREAMS: len(STREAM_ROWS)}
    missed = {name: missed_rows(server) for name, server in available_servers().items()}
    if options.json:
        print(json.dumps({"title": TITLE, "machine": machine(), "rows": sizes, "missed": missed}, indent=2))
    else:
        print_table(sizes, missed)
    if options.rows:
        for name, groups in missed.items():
            print(f"\n{name} misses")
            print("\n".join(f"  {row}" for rows in groups.values() for row in rows) or "  nothing")
    return 1 if any(missed["plc-hil"].values()) else 0


def print_table(sizes: dict[str, int], missed: dict[str, dict[str, list[str]]]) -> None:
    """Print the right answers of each server by group."""
    print(f"{TITLE}\n{machine()}\n")
    print(f"  {'':<24}{'rows':>6}" + "".join(f"{name:>12}" for name in missed))
    for group, size in sizes.items():
        print(f"  {group:<24}{size:>6}" + "".join(f"{size - len(rows[group]):>12}" for rows in missed.values()))
    total = sum(sizes.values())
    print(
        f"  {'all':<24}{total:>6}" + "".join(f"{total - sum(map(len, rows.values())):>12}" for rows in missed.values())
    )


def missed_rows(server: Server) -> dict[str, list[str]]:
    """Return the names of the rows that a server answers otherwise, by group."""
    missed: dict[str, list[str]] = {}
    for group, rows in GROUPS.items():
        missed[group] = [row[0] for row in rows if not answers(server, row, is_protected=rows is PROTECTED_ROWS)]
    missed[STREAMS] = [row[0] for row in STREAM_ROWS if not follows(server, *row[1:])]
    return missed


def answers(server: Server, row: Row, *, is_protected: bool) -> bool:
    """Return whether every request of a conversation gets its right response."""
    with server(is_protected) as port, socket.create_connection(("127.0.0.1", port)) as client:
        for number, (request, response) in enumerate(zip(row[1::2], row[2::2], strict=True)):
            client.sendall(frame(request, transaction=number))
            expected = frame(response, transaction=number) if response else b""
            if received(client, len(expected), is_closed=False) != (expected, False):
                return False
    return True


def follows(server: Server, stream: bytes, responses: list[tuple[int, int, str]], is_closed: bool) -> bool:
    """Return whether a stream gets exactly these answers and the connection then stays open or not."""
    expected = b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in responses)
    with server(False) as port, socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(stream)
        return received(client, len(expected), is_closed=is_closed) == (expected, is_closed)


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


if __name__ == "__main__":
    raise SystemExit(main())
