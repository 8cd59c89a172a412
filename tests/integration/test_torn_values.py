"""No value is ever torn: whoever moves it (behaviour, twin, client), a request over the wire reads one step of all.

A scan runs as fast as it can while clients read over TCP; every reading is judged by a law that two moments mixed
would break.
"""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.serving import Pacing
from hil.assembly.devices import running_devices

READINGS = 1500
WRAP = 2**40

# a 64-bit counter in large steps, its copies in other orders and tables, and a total of it: all move in each step
HALVES = 'behaviour = { kind = "counter", step = 0.5 }'
COUNTER = f'behaviour = {{ kind = "counter", step = 4294967297, modulus = {WRAP * 8192} }}'
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
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, pdu: bytes) -> bytes:
        self._socket.sendall(struct.pack(">HHHB", 1, 0, len(pdu) + 1, 1) + pdu)
        head = self._socket.recv(7, socket.MSG_WAITALL)
        return self._socket.recv(int.from_bytes(head[4:6], "big") - 1, socket.MSG_WAITALL)

    def read(self, function: int, address: int, count: int) -> bytes:
        answer = self.ask(struct.pack(">BHH", function, address, count))
        assert answer[0] == function, answer.hex()
        return answer[2:]

    def close(self) -> None:
        self._socket.close()


@contextmanager
def busy_device(text: str):
    """Yield a client of a device whose scan steps without a pause until the end."""
    ends = threading.Event()
    with running_devices([parse_register_map(SourceFile("m.toml", text))], pacing=Pacing.STEPPED) as running:

        def step() -> None:
            while not ends.is_set():
                running.served.step(1)

        thread = threading.Thread(target=step)
        client = Client(running.url)
        thread.start()
        try:
            yield client, running
        finally:
            ends.set()
            thread.join()
            client.close()


def swapped(wire: bytes) -> bytes:
    """Return the registers of a value in reverse order."""
    return b"".join(wire[at : at + 2] for at in range(len(wire) - 2, -1, -2))


def test_values_that_behaviours_move_are_read_of_one_step():
    seen = set()
    with busy_device(BEHAVIOURS) as (client, _):
        for _ in range(READINGS):
            wire = client.read(3, 0, 20)
            up, same, share = (*struct.unpack(">Q", wire[:8]), *struct.unpack(">Qd", wire[24:40]))
            seen.add(up)

            assert up >> 32 == up & 0xFFFFFFFF == 2 * share
            assert swapped(wire[8:16]) == wire[:8] == wire[16:24][::-1]
            assert same == up

    assert len(seen) > 20


def test_values_that_a_twin_moves_are_read_of_one_step():
    seen = set()
    with busy_device(TWIN) as (client, _):
        for reading in range(READINGS // 2):
            client.ask(struct.pack(">BHHBd", 16, 0, 4, 8, 1.0 + reading % 50))
            wire = client.read(4, 0, 24)
            power, apparent = struct.unpack(">dd", wire[:16])
            (reactive,) = struct.unpack(">d", swapped(wire[16:24]))
            voltage, current, apparent_1 = struct.unpack(">ddd", wire[24:48])
            seen.add(voltage)

            assert apparent**2 == pytest.approx(power**2 + reactive**2, rel=1e-9)
            assert voltage * current == pytest.approx(apparent_1, rel=1e-12)

    assert len(seen) > 20


def test_values_that_one_client_writes_together_are_read_together_by_another():
    ends = threading.Event()
    with busy_device(WRITTEN) as (reader, running):
        writer = Client(running.url)

        def write() -> None:
            number = 0
            while not ends.is_set():
                number = (number + 0x0001_0001_0001_0001) % 2**63
                words = struct.pack(">Q", number) + swapped(struct.pack(">q", -1 - number))
                writer.ask(struct.pack(">BHHB", 16, 0, 8, 16) + words)

        thread = threading.Thread(target=write)
        thread.start()
        seen = set()
        try:
            for _ in range(READINGS):
                wire = reader.read(3, 0, 8)
                (first,) = struct.unpack(">Q", wire[:8])
                (second,) = struct.unpack(">q", swapped(wire[8:16]))
                seen.add(first)
                assert second == -1 - first
        finally:
            ends.set()
            thread.join()
            writer.close()

    assert len(seen) > 20
