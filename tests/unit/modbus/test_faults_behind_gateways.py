"""Faults on the serial lines behind a gateway, and what its client on the network is shown; every time is handed in.

The line runs at 9600 baud, 8E1 or for ASCII 7E1: undisturbed a reading takes 25.2 ms in RTU and 33.3 ms in ASCII. The
gateway gives a unit up 1 s after the request has gone out, which takes 9.2 and 17.7 ms.
"""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples

from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.kinds import faults_on
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway import Gateway
from emulators.modbus.gateway_settings import GatewayLine, GatewaySettings
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.serial_settings import Parity, SerialSettings

MS = 1_000_000
SETTINGS = {
    "modbus-rtu": SerialSettings(9600, Parity.EVEN),
    "modbus-ascii": SerialSettings(9600, Parity.EVEN, 1, 7),
}
READ, WRITE = bytes.fromhex("03 0000 0001"), bytes.fromhex("06 0000 0007")
ZERO, FAILED = bytes.fromhex("03 02 0000"), bytes.fromhex("83 0B")


class Plant:
    """A gateway with units 1 and 2 on a line, unit 3 on another, and a client of it."""

    def __init__(self, protocol: str) -> None:
        self.devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (1, 2, 3)}
        self.network = FaultPipeline("gateway", seed=7)
        self.line = FaultPipeline("gateway.A", seed=7)
        units = UnitDirectory(self.devices)
        lines = tuple(
            GatewayLine(frozenset(unit_ids), SETTINGS[protocol], protocol, name)
            for name, unit_ids in (("A", (1, 2)), ("B", (3,)))
        )
        gateway = Gateway(units, ResponseTimes(), GatewaySettings(1000 * MS, 16, lines), line_faults={"A": self.line})
        self._client = MbapConnection(units, self.network.connect(MBAP_WIRE, 0), gateway=gateway)
        self._now_ns = 0

    def ask(self, unit_id: int, request: bytes = READ) -> tuple[int, bytes]:
        """Return after how many whole ms which PDU comes back."""
        start_ns = self._now_ns
        answer = self.send(unit_id, request)
        while not answer and (due_ns := self._client.due_ns) is not None:
            self._now_ns = due_ns
            answer = self._client.poll(due_ns)
        took_ms = (self._now_ns - start_ns) // MS
        self._now_ns += 5000 * MS  # whatever is late has passed by
        return took_ms, answer[7:]

    def send(self, unit_id: int, request: bytes = READ, *, transaction: int = 1) -> bytes:
        """Return what comes back at once."""
        frame = struct.pack(">HHHB", transaction, 0, 1 + len(request), unit_id) + request
        return self._client.feed(frame, self._now_ns)

    def pass_time(self, ms: int) -> bytes:
        """Return what comes back meanwhile."""
        self._now_ns += ms * MS
        return self._client.poll(self._now_ns)

    def holds(self, unit_id: int) -> int:
        return int.from_bytes(self.devices[unit_id].memory.holding_registers.read(0, 1), "big")


# fault, its value, ms and answer with RTU, ms and answer with ASCII
ROWS = [
    ("bad_checksum", True, (1009, FAILED), (1017, FAILED)),
    ("garble", True, (1009, FAILED), (1017, FAILED)),
    ("garble", "characters=4", (1009, FAILED), (1017, FAILED)),
    ("truncate", "by=1", (1009, FAILED), (1017, FAILED)),
    ("truncate", "by=500", (1009, FAILED), (1017, FAILED)),
    ("no_response", True, (1009, FAILED), (1017, FAILED)),
    ("no_response", "answer", (1009, FAILED), (1017, FAILED)),
    ("unit_off", "unit=1", (1009, FAILED), (1017, FAILED)),
    ("wrong_unit", True, (1009, FAILED), (1017, FAILED)),
    ("wrong_function", True, (1009, FAILED), (1017, FAILED)),
    ("delay", "300ms", (325, ZERO), (333, ZERO)),
    ("delay", "2s", (1009, FAILED), (1017, FAILED)),
    ("dribble", "10ms", (1009, FAILED), (158, ZERO)),  # silences end a frame of RTU, in ASCII they may last a second
    ("extra_bytes", "size=2", (1009, FAILED), (33, ZERO)),  # CR LF end a frame of ASCII, whatever follows
    ("duplicate", True, (25, ZERO), (33, ZERO)),
    ("exception", 6, (22, b"\x83\6"), (29, b"\x83\6")),
    ("corrupt", "ones", (25, b"\3\2\xff\xff"), (33, b"\3\2\xff\xff")),
]
CASES = [
    pytest.param(protocol, name, value, *answer, id=f"{protocol[7:]}-{name}-{value}")
    for name, value, *answers in ROWS
    for protocol, answer in zip(SETTINGS, answers, strict=True)
]


@pytest.mark.parametrize(("protocol", "name", "value", "ms", "answer"), CASES)
def test_gateway_shows_its_client_what_a_fault_on_the_line_leaves_of_an_answer(protocol, name, value, ms, answer):
    plant = Plant(protocol)
    plant.line.switch(name, value)

    shown = plant.ask(1)
    plant.line.clear()

    assert shown == (ms, answer)
    assert plant.ask(1)[1] == ZERO
    assert [(each.endpoint, each.connection, each.unit_id) for each in plant.line.injections] == [("gateway.A", 1, 1)]
    assert not plant.network.injections


STEPS = lists(tuples(sampled_from(sorted(faults_on("modbus-rtu"))), integers(1, 3), integers(0, 1500)), max_size=15)


@pytest.mark.parametrize("protocol", SETTINGS)
@settings(derandomize=True, max_examples=100, deadline=None)
@given(STEPS)
def test_each_request_is_answered_once_whatever_happens_on_the_lines(
    protocol: str, steps: list[tuple[str, int, int]]
) -> None:
    plant, received = Plant(protocol), b""

    for number, (name, unit_id, ms) in enumerate(steps):
        plant.line.switch(name, "probability=0.7")
        received += plant.send(unit_id, transaction=number) + plant.pass_time(ms)
    received += plant.pass_time(60_000)
    plant.line.clear()

    transactions, position = [], 0
    while position < len(received):
        transaction, _, size = struct.unpack_from(">HHH", received, position)
        transactions.append(transaction)
        position += 6 + size
    assert sorted(transactions) == list(range(len(steps)))
    assert [plant.ask(unit_id)[1] for unit_id in (1, 2, 3)] == [ZERO] * 3


@pytest.mark.parametrize("protocol", SETTINGS)
def test_unit_has_carried_out_what_only_its_answer_shows_to_have_failed(protocol):
    plant = Plant(protocol)
    plant.line.switch("bad_checksum", "unit=1")
    plant.line.switch("unit_off", "unit=2")

    answers = [plant.ask(unit_id, WRITE)[1] for unit_id in (1, 2)]

    assert answers == [bytes.fromhex("86 0B")] * 2
    assert (plant.holds(1), plant.holds(2)) == (7, 0)


@pytest.mark.parametrize("protocol", SETTINGS)
def test_line_that_is_cut_fails_its_units_and_no_others(protocol):
    plant = Plant(protocol)
    plant.line.take_down(is_down=True)

    cut = [plant.ask(unit_id)[1] for unit_id in (1, 2, 3)]
    plant.line.take_down(is_down=False)

    assert cut == [FAILED, FAILED, ZERO]
    assert plant.ask(1)[1] == ZERO


@pytest.mark.parametrize("protocol", SETTINGS)
def test_answer_that_waits_while_its_line_is_cut_is_lost(protocol):
    plant = Plant(protocol)
    plant.line.switch("delay", "300ms")
    plant.send(1)
    plant.pass_time(100)

    plant.line.take_down(is_down=True)
    plant.line.take_down(is_down=False)

    assert plant.pass_time(5000)[7:] == FAILED


def test_network_that_is_cut_off_leaves_the_lines_alone():
    plant = Plant("modbus-rtu")
    plant.network.take_down(is_down=True)

    plant.ask(1, WRITE)

    assert plant.holds(1) == 7


def test_same_seed_lets_line_and_network_fail_in_exchanges_of_their_own():
    plant = Plant("modbus-rtu")
    for wire in (plant.network, plant.line):
        wire.switch("wrong_function", "probability=0.5")

    for _ in range(60):
        plant.ask(1)

    on_network, on_line = ({each.exchange for each in wire.injections} for wire in (plant.network, plant.line))
    assert all((on_network & on_line, on_network - on_line, on_line - on_network))
