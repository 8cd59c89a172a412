"""A day of polling with every fault of the wire switched on, in virtual time: counters add up, nothing drifts."""

from __future__ import annotations

import struct
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from emulators.modbus.ascii import ASCII_SETTINGS, AsciiLine, ascii_frame, spoil_lrc
from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.fault import Stage
from emulators.modbus.faults.faulted_connection import FaultedConnection
from emulators.modbus.faults.interface import Door, Ending, WireFraming
from emulators.modbus.faults.kinds import FAULTS, faults_on
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.framing import Framing
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import Parity, SerialSettings

SECOND_NS = 1_000_000_000
KEEP_FROM_DEVICE = ("unit_off", "no_response", "exception", "busy")
"""Faults after which the device has not seen the request."""


@dataclass(frozen=True)
class Wire:
    protocol: str
    framing: WireFraming
    make: Callable[[UnitDirectory, FaultedConnection], Framing]
    frame: Callable[[int, bytes], bytes]


@dataclass(frozen=True)
class ConnectedFaults:
    """Faults of an endpoint with the one connection that a line has."""

    connection: FaultedConnection

    def connect(self, framing: WireFraming, now_ns: int, peer: str = "") -> FaultedConnection:
        return self.connection


def mbap_frame(number: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", number & 0xFFFF, 0, 1 + len(pdu), 1) + pdu


def rtu_frame(number: int, pdu: bytes) -> bytes:
    return with_crc(b"\x01" + pdu)


RTU_SETTINGS = SerialSettings(19_200, Parity.EVEN, 1, 8)
ASCII_WIRE = WireFraming("ascii", lambda _, unit_id, pdu: ascii_frame(bytes((unit_id,)) + pdu), spoil_lrc)
WIRES = {
    "tcp": Wire("modbus-tcp", MBAP_WIRE, MbapConnection, mbap_frame),
    "rtu over tcp": Wire("modbus-rtu-over-tcp", RTU_WIRE, RtuStream, rtu_frame),
    "rtu": Wire(
        "modbus-rtu",
        RTU_WIRE,
        lambda directory, faults: RtuLine(directory, RTU_SETTINGS, ConnectedFaults(faults)),
        rtu_frame,
    ),
    "ascii": Wire(
        "modbus-ascii",
        ASCII_WIRE,
        lambda directory, faults: AsciiLine(directory, ASCII_SETTINGS, ConnectedFaults(faults)),
        lambda number, pdu: ascii_frame(b"\x01" + pdu),
    ),
}


class WatchedDevice(ModbusDevice):
    """Counts what it is asked and remembers what was written to register 0."""

    def __init__(self) -> None:
        super().__init__(UnitMemory.of_size(10))
        self.asked = 0
        self.written = 0

    def pdu(self, request: bytes) -> bytes:
        self.asked += 1
        if request[0] == 6:
            self.written = int.from_bytes(request[3:5], "big")
        return super().pdu(request)


class Soak:
    """One request a second: writes the number of the second to register 0, in the next second reads it back."""

    def __init__(self, wire: Wire, *, seed: int = 5) -> None:
        self.wire = wire
        self.device = WatchedDevice()
        self.faults = FaultPipeline("wire", seed=seed)
        for name in faults_on(wire.protocol):
            self.faults.switch(name, "probability=0.01")
        self.sent = self.undisturbed = self.refused = self.damaged = 0
        self.times_ns: dict[int, set[int]] = defaultdict(set)  # of undisturbed exchanges, by size of the answer
        self._directory = UnitDirectory({1: self.device})
        self._connection: Framing | None = None
        self._is_clean = True  # nothing of an earlier answer is on its way

    def run(self, seconds: int) -> None:
        for number in range(seconds):
            self._pass_second(number)

    def _pass_second(self, number: int) -> None:
        now_ns = number * SECOND_NS
        if self._connection is None:
            faults = self.faults.connect(self.wire.framing, now_ns)
            if faults.door is not Door.OPEN:
                self.refused += 1
                return
            self._connection, self._is_clean = self.wire.make(self._directory, faults), True
        injected = self.faults.injection_count
        pdu = struct.pack(">BHH", 6, 0, number & 0xFFFF) if number % 2 else bytes.fromhex("03 0000 0001")
        answer, end_ns = self._exchange(self._connection, self.wire.frame(number, pdu), now_ns)
        if self._is_clean and injected == self.faults.injection_count:
            expected = pdu if number % 2 else struct.pack(">BBH", 3, 2, self.device.written)
            assert answer == self.wire.frame(number, expected)
            self.times_ns[len(answer)].add(end_ns - now_ns)
            self.undisturbed += 1
        self._is_clean = self._connection.due_ns is None
        if self._connection.ending is not Ending.NONE:
            self._connection = None

    def _exchange(self, connection: Framing, request: bytes, now_ns: int) -> tuple[bytes, int]:
        """Return what came back within a second, and when the last of it did."""
        self.sent += 1
        received, end_ns = connection.feed(request, now_ns), now_ns
        damaged = getattr(connection, "damaged_count", 0)
        while connection.ending is Ending.NONE and (due_ns := connection.due_ns) is not None:
            if due_ns >= now_ns + SECOND_NS:
                break
            assert due_ns >= now_ns
            piece = connection.poll(due_ns)
            received, end_ns = received + piece, due_ns if piece else end_ns
        self.damaged += getattr(connection, "damaged_count", 0) - damaged
        return received, end_ns


def check(soak: Soak) -> None:
    """Assert that what was sent, what the device counts and what the faults recorded fit together."""
    injections = list(soak.faults.injections)
    by_fault = Counter(injection.rule.partition(" ")[0] for injection in injections)
    kept_from_device = {
        (injection.connection, injection.exchange)
        for injection in injections
        if injection.rule.partition(" ")[0] in KEEP_FROM_DEVICE
    }
    assert soak.sent == soak.device.asked + len(kept_from_device) + soak.damaged
    assert soak.faults.injection_count == len(injections)
    assert soak.refused == by_fault["refuse_connection"] + by_fault["tls_failure"]
    assert soak.undisturbed > soak.sent // 2
    assert all(len(times_ns) == 1 for times_ns in soak.times_ns.values())  # the last takes as long as the first
    assert all(0 <= injection.time_ns // SECOND_NS <= soak.sent + soak.refused for injection in injections)
    assert soak.device.diagnostics.exception_count == 0
    counted = soak.device.pdu(bytes.fromhex("08 000E 0000"))
    assert int.from_bytes(counted[3:], "big") == soak.device.asked & 0xFFFF


@pytest.mark.parametrize("name", WIRES)
def test_counters_add_up_after_twenty_minutes_of_every_fault(name: str) -> None:
    soak = Soak(WIRES[name])

    soak.run(1_200)

    check(soak)


@pytest.mark.parametrize("name", WIRES)
def test_same_seed_gives_the_same_faults_again(name: str) -> None:
    first, second, other = Soak(WIRES[name]), Soak(WIRES[name]), Soak(WIRES[name], seed=6)

    for soak in (first, second, other):
        soak.run(600)

    assert list(first.faults.injections) == list(second.faults.injections)
    assert list(first.faults.injections) != list(other.faults.injections)


@pytest.mark.campaign
@pytest.mark.timeout(300)
@pytest.mark.parametrize("hours", [pytest.param(2, id="slice"), 24])
@pytest.mark.parametrize("name", WIRES)
def test_counters_add_up_after_a_day_of_every_fault(name: str, hours: int) -> None:
    soak = Soak(WIRES[name])

    soak.run(hours * 3_600)

    check(soak)
    in_connection = {each for each in faults_on(WIRES[name].protocol) if FAULTS[each].STAGE is not Stage.DOOR}
    assert in_connection <= {injection.rule.partition(" ")[0] for injection in soak.faults.injections}
