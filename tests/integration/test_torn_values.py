"""No value is ever torn: whoever moves it (behaviour, twin, client), a request over the wire reads one step of all.

Every reading is judged by a law that two moments mixed would break. A client asks over TCP while the scan stands still
at a line of its step: in the first step at the first line, in the next at the second, until each line has had its
request. Commits that are split in two are planted to show that they are found.
"""

from __future__ import annotations

import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

import numpy as np
import pytest
from numpy.typing import NDArray
from standstill import Standstill, WatchedLock

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.image import RegisterImage
from emulators.serving import Pacing
from emulators.serving.device_cell import DeviceCell
from emulators.serving.emulated_cell import EmulatedCell
from emulators.signals.publication import PublishedSnapshot
from hil.assembly.devices import running_devices

DEADLINE_S = 60.0
WRAP = 2**40

# a 64-bit counter in large steps, its copies in other orders and tables, and a total of it: all move in each step
HALVES = 'behaviour = { kind = "counter", step = 0.5, period = "100 ms" }'
COUNTER = f'behaviour = {{ kind = "counter", step = 4294967297, period = "100 ms", modulus = {WRAP * 8192} }}'
BEHAVIOURS = f"""
format = 1
name = "counters"
half_values = "refuse"
register = [
    {{ tag = "UP", table = "holding", address = 0, type = "uint64", {COUNTER} }},
    {{ tag = "UP", table = "holding", address = 4, type = "uint64", word_order = "little" }},
    {{ tag = "UP", table = "holding", address = 8, type = "uint64", word_order = "little", byte_order = "little" }},
    {{ tag = "SAME", table = "holding", address = 12, type = "uint64", {COUNTER} }},
    {{ tag = "SHARE", table = "holding", address = 16, type = "float64", {HALVES} }},
]
"""
# the twin's energies and powers: floats that one step sets together
TWIN = """
format = 1
name = "meter"
register = [
    { tag = "P", signal = "power_w", table = "input", address = 0, type = "float64" },
    { tag = "S", signal = "apparent_va", table = "input", address = 4, type = "float64" },
    { tag = "Q", signal = "reactive_var", table = "input", address = 8, type = "float64", word_order = "little" },
    { tag = "V1", signal = "voltage_1_v", table = "input", address = 12, type = "float64" },
    { tag = "I1", signal = "current_1_a", table = "input", address = 16, type = "float64" },
    { tag = "S1", signal = "apparent_1_va", table = "input", address = 20, type = "float64" },
    { tag = "LOAD", signal = "load_kw", table = "holding", address = 0, type = "float64", access = "rw" },
]
[twin]
component = "energy_meter"
step = "100 ms"
sigma_pct = 5.0
"""
# what a client writes as one request: two values that belong together
WRITTEN = """
format = 1
name = "pair"
register = [
    { tag = "A", table = "holding", address = 0, type = "uint64", access = "rw", initial = 0 },
    { tag = "B", table = "holding", address = 4, type = "int64", word_order = "little", access = "rw", initial = -1 },
    { tag = "MOVES", table = "holding", address = 8, type = "uint32", behaviour = { kind = "counter" } },
]
"""


class Client:
    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=DEADLINE_S)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, pdu: bytes) -> None:
        self._socket.sendall(struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu)

    def is_answered(self, within_s: float) -> bool:
        return bool(select.select([self._socket], [], [], within_s)[0])

    def receive(self) -> bytes:
        head = self._socket.recv(7, socket.MSG_WAITALL)
        return self._socket.recv(int.from_bytes(head[4:6], "big") - 1, socket.MSG_WAITALL)

    def ask(self, pdu: bytes) -> bytes:
        self.send(pdu)
        return self.receive()

    def close(self) -> None:
        self._socket.close()


@contextmanager
def device(text: str) -> Iterator[tuple[Client, Any]]:
    """Yield a client of a device whose time passes in steps only."""
    with running_devices([parse_register_map(SourceFile("m.toml", text))], pacing=Pacing.STEPPED) as running:
        client = Client(running.url)
        try:
            yield client, running
        finally:
            client.close()


def swapped(wire: bytes) -> bytes:
    """Return the registers of a value in reverse order."""
    return b"".join(wire[at : at + 2] for at in range(len(wire) - 2, -1, -2))


def are_counters_of_one_step(wire: bytes) -> bool:
    up, same, share = (*struct.unpack(">Q", wire[:8]), *struct.unpack(">Qd", wire[24:40]))
    copies = {wire[:8], swapped(wire[8:16]), wire[16:24][::-1]}
    return up >> 32 == up & 0xFFFFFFFF == 2 * share and same == up and len(copies) == 1


def are_powers_of_one_step(wire: bytes) -> bool:
    power, apparent = struct.unpack(">dd", wire[:16])
    (reactive,) = struct.unpack(">d", swapped(wire[16:24]))
    voltage, current, apparent_1 = struct.unpack(">ddd", wire[24:48])
    return apparent**2 == pytest.approx(power**2 + reactive**2, rel=1e-9) and voltage * current == pytest.approx(
        apparent_1, rel=1e-12
    )


def set_load(client: Client, number: int) -> None:
    client.ask(struct.pack(">BHHBd", 16, 0, 4, 8, 1.0 + number % 50))


def pair(number: int) -> bytes:
    """Return two values that belong together as registers."""
    first = number * 0x0001_0001_0001_0001 % 2**63
    return struct.pack(">Q", first) + swapped(struct.pack(">q", -1 - first))


@dataclass(frozen=True)
class Source:
    """Values that move together: their map, the request that reads them, the law that holds within each step, and what
    the client does before its ``number``-th reading."""

    text: str
    read: bytes
    is_whole: Callable[[bytes], bool]
    act: Callable[[Client, int], object] = lambda client, number: None


SOURCES = {
    "behaviours": Source(BEHAVIOURS, bytes.fromhex("03 0000 0014"), are_counters_of_one_step),
    "twin": Source(TWIN, bytes.fromhex("04 0000 0018"), are_powers_of_one_step, set_load),
}
READ_PAIR, WRITE_PAIR = bytes.fromhex("03 0000 0008"), bytes.fromhex("10 0000 0008 10")


@pytest.fixture
def standstill() -> Iterator[Standstill]:
    standstill, former = Standstill(__file__), threading.gettrace()
    threading.settrace(standstill.trace)
    yield standstill
    threading.settrace(former)  # type: ignore[arg-type]  # None ends it


@pytest.fixture
def locks(monkeypatch: pytest.MonkeyPatch) -> list[WatchedLock]:
    """The locks of all images that are made."""
    made: list[WatchedLock] = []
    make = RegisterImage.__init__

    def make_watched(self: RegisterImage, *arguments: Any) -> None:
        make(self, *arguments)
        made.append(WatchedLock())
        self._lock = made[-1]  # type: ignore[assignment]  # it is used as a context alone

    monkeypatch.setattr(RegisterImage, "__init__", make_watched)
    return made


@contextmanager
def device_at_standstill(
    text: str, standstill: Standstill, locks: list[WatchedLock]
) -> Iterator[tuple[Client, Callable[[bytes], bytes | None]]]:
    """Yield a client of a device, and a step in which it sends a request at the next line; None where there is none."""
    with device(text) as (client, running):

        def ask_at_next_line(request: bytes) -> bytes | None:
            def send() -> None:
                """Go on when the request is answered, or waits for the commit to end."""
                client.send(request)
                end_s = time.monotonic() + DEADLINE_S
                while not client.is_answered(0.001) and not any(lock.is_awaited for lock in locks):
                    assert time.monotonic() < end_s, "neither answered nor held up by the commit"

            standstill.meanwhile = send
            standstill.position += 1
            standstill.is_over.clear()
            running.served.step(1)
            assert standstill.is_over.wait(DEADLINE_S)
            return client.receive() if standstill.n_lines >= standstill.position else None

        yield client, ask_at_next_line
        standstill.position = 0


def readings(source: Source, standstill: Standstill, locks: list[WatchedLock]) -> Iterator[bytes]:
    """Yield what a client reads at one line after the other, one line a step."""
    with device_at_standstill(source.text, standstill, locks) as (client, ask_at_next_line):
        while (answer := ask_at_next_line(source.read)) is not None:
            yield answer[2:]
            source.act(client, standstill.position)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES)
def test_values_that_move_together_are_read_of_one_step_at_whatever_line_it_is(
    source: Source, standstill: Standstill, locks: list[WatchedLock]
) -> None:
    wires = list(readings(source, standstill, locks))

    assert all(source.is_whole(wire) for wire in wires)
    assert len(set(wires)) > 20


def test_values_that_a_client_writes_together_are_read_together_at_whatever_line_they_come(
    standstill: Standstill, locks: list[WatchedLock]
) -> None:
    with device_at_standstill(WRITTEN, standstill, locks) as (client, ask_at_next_line):
        number = 1
        while ask_at_next_line(WRITE_PAIR + pair(number)) is not None:
            assert client.ask(READ_PAIR)[2:] == pair(number)
            number += 1

    assert number > 20


def cut_of(octets: Sized) -> int:
    """Return where a commit is split: between two registers."""
    return len(octets) // 3 // 2 * 2


def split_commit(patch: pytest.MonkeyPatch) -> None:
    """Let images show some of the values before the others."""
    publish = RegisterImage.publish
    shown: WeakKeyDictionary[RegisterImage, NDArray[np.uint8]] = WeakKeyDictionary()

    def publish_in_two(self: RegisterImage, snapshot: PublishedSnapshot) -> None:
        cut, before = cut_of(snapshot.record), shown.get(self, snapshot.record)
        publish(self, replace(snapshot, record=np.concatenate((snapshot.record[:cut], before[cut:]))))
        publish(self, snapshot)
        shown[self] = snapshot.record

    patch.setattr(RegisterImage, "publish", publish_in_two)


def cells_in_place(patch: pytest.MonkeyPatch) -> None:
    """Let images fill the cells that clients read in two assignments."""
    publish = RegisterImage.publish

    def publish_in_place(self: RegisterImage, snapshot: PublishedSnapshot) -> None:
        tables = (self.memory.input_registers, self.memory.holding_registers)
        before = [table.cells for table in tables]
        with self._lock:
            publish(self, snapshot)
            fresh = [table.cells for table in tables]
            for table, shown in zip(tables, before, strict=True):
                table.cells = shown
        for shown, cells in zip(before, fresh, strict=True):
            cut = cut_of(cells)
            shown[:cut] = cells[:cut]
            shown[cut:] = cells[cut:]

    patch.setattr(RegisterImage, "publish", publish_in_place)


def shared_record(patch: pytest.MonkeyPatch) -> None:
    """Let cells hand the scan's own record to the clients' thread, and go on filling it."""
    for kind in (DeviceCell, EmulatedCell):
        records: WeakKeyDictionary[object, NDArray[np.uint8]] = WeakKeyDictionary()

        def snapshot(self: Any, make: Any = kind.snapshot, records: Any = records) -> PublishedSnapshot:
            fresh = make(self)
            shared = records.setdefault(self, fresh.record.copy())
            cut = cut_of(shared)
            shared[:cut] = fresh.record[:cut]
            shared[cut:] = fresh.record[cut:]
            return replace(fresh, record=shared)

        patch.setattr(kind, "snapshot", snapshot)


@pytest.mark.parametrize("plant", [split_commit, cells_in_place, shared_record])
@pytest.mark.parametrize("moved_by", ["behaviours", "twin"])
def test_commit_that_is_split_in_two_is_found(
    moved_by: str,
    plant: Callable[[pytest.MonkeyPatch], None],
    standstill: Standstill,
    locks: list[WatchedLock],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plant(monkeypatch)
    source = SOURCES[moved_by]

    torn = [wire for wire in readings(source, standstill, locks) if not source.is_whole(wire)]

    assert torn
