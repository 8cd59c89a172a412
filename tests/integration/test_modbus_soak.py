"""A day of polling with every fault of the wire switched on, in virtual time: counters add up, nothing drifts."""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Callable

import pytest

from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import Door, Ending, WireFraming
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream

SECOND_NS = 1_000_000_000
KEEP_FROM_DEVICE = ("unit_off", "no_response", "exception", "busy")
"""Faults after which the device has not seen the request."""

Frame = Callable[[int, bytes], bytes]
Wire = tuple[WireFraming, Callable[..., MbapConnection | RtuStream], Frame]


def mbap_frame(number: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", number & 0xFFFF, 0, 1 + len(pdu), 1) + pdu


WIRES: dict[str, Wire] = {
    "tcp": (MBAP_WIRE, MbapConnection, mbap_frame),
    "rtu over tcp": (RTU_WIRE, RtuStream, lambda number, pdu: with_crc(b"\x01" + pdu)),
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
        self.framing, self._make, self._frame = wire
        self.device = WatchedDevice()
        self.faults = FaultPipeline("wire", seed=seed)
        for name in FAULTS:
            self.faults.switch(name, "probability=0.01")
        self.sent = self.undisturbed = self.refused = self.reconnected = 0
        self._directory = UnitDirectory({1: self.device})
        self._connection: MbapConnection | RtuStream | None = None
        self._is_clean = True  # nothing of an earlier answer is on its way

    def run(self, seconds: int) -> None:
        for number in range(seconds):
            self._pass_second(number)

    def _pass_second(self, number: int) -> None:
        now_ns = number * SECOND_NS
        if self._connection is None:
            faults = self.faults.connect(self.framing, now_ns)
            if faults.door is not Door.OPEN:
                self.refused += 1
                return
            self._connection, self._is_clean = self._make(self._directory, faults), True
            self.reconnected += 1
        injected = self.faults.injection_count
        pdu = struct.pack(">BHH", 6, 0, number & 0xFFFF) if number % 2 else bytes.fromhex("03 0000 0001")
        answer = self._exchange(self._connection, self._frame(number, pdu), now_ns)
        if self._is_clean and injected == self.faults.injection_count:
            expected = pdu if number % 2 else struct.pack(">BBH", 3, 2, self.device.written)
            assert answer == self._frame(number, expected)
            self.undisturbed += 1
        self._is_clean = self._connection.due_ns is None
        if self._connection.ending is not Ending.NONE:
            self._connection = None

    def _exchange(self, connection: MbapConnection | RtuStream, request: bytes, now_ns: int) -> bytes:
        self.sent += 1
        received = connection.feed(request, now_ns)
        while connection.ending is Ending.NONE and (due_ns := connection.due_ns) is not None:
            if due_ns >= now_ns + SECOND_NS:
                break
            assert due_ns >= now_ns
            received += connection.poll(due_ns)
        return received


def check(soak: Soak) -> None:
    """Assert that what was sent, what the device counts and what the faults recorded fit together."""
    injections = list(soak.faults.injections)
    by_fault = Counter(injection.rule.partition(" ")[0] for injection in injections)
    kept_from_device = {
        (injection.connection, injection.exchange)
        for injection in injections
        if injection.rule.partition(" ")[0] in KEEP_FROM_DEVICE
    }
    assert soak.sent == soak.device.asked + len(kept_from_device)
    assert soak.faults.injection_count == len(injections) == sum(soak.faults.counts().values())
    assert soak.refused == by_fault["refuse_connection"] + by_fault["tls_failure"]
    assert soak.undisturbed > soak.sent // 2
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
    in_connection = set(FAULTS) - ({"bad_checksum"} if name == "tcp" else {"wrong_transaction_id"}) - {"tls_failure"}
    assert in_connection <= {injection.rule.partition(" ")[0] for injection in soak.faults.injections}
