"""Units behind a gateway, each with its own latency; every time is handed in."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists, tuples

from emulators.modbus.device import ModbusDevice
from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import UnitLatency

READ_ONE, ZERO = bytes.fromhex("03 0000 0001"), bytes.fromhex("03 02 0000")
SLOW_NS = 1000


def frame(transaction: int, unit_id: int, pdu: bytes = READ_ONE) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit_id) + pdu


def directory(n_units: int = 3) -> UnitDirectory:
    return UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in range(1, n_units + 1)})


def test_slow_unit_does_not_delay_the_answer_of_a_quick_one() -> None:
    connection = MbapConnection(directory(), gateway=Gateway({1: UnitLatency(SLOW_NS)}))

    at_once = connection.feed(frame(1, 1) + frame(2, 2), 0)
    due_ns = connection.due_ns
    early, later = connection.poll(SLOW_NS - 1), connection.poll(SLOW_NS)

    assert (at_once, due_ns, early, later) == (frame(2, 2, ZERO), SLOW_NS, b"", frame(1, 1, ZERO))


def test_unit_deals_with_one_request_at_a_time_also_of_two_connections() -> None:
    units, gateway = directory(), Gateway({1: UnitLatency(SLOW_NS)})
    first, second = MbapConnection(units, gateway=gateway), MbapConnection(units, gateway=gateway)

    first.feed(frame(1, 1), 0)
    second.feed(frame(1, 1), 10)

    assert (first.due_ns, second.due_ns) == (SLOW_NS, 2 * SLOW_NS)


def test_unit_with_too_many_requests_waiting_is_busy_and_takes_the_next_one_later() -> None:
    connection = MbapConnection(directory(), gateway=Gateway({1: UnitLatency(SLOW_NS, max_waiting=1)}))

    answers = connection.feed(frame(1, 1) + frame(2, 1) + frame(3, 1), 0)
    later = connection.poll(SLOW_NS) + connection.feed(frame(4, 1), SLOW_NS) + connection.poll(3 * SLOW_NS)

    assert answers == frame(3, 1, bytes.fromhex("83 06"))
    assert later == b"".join(frame(number, 1, ZERO) for number in (1, 2, 4))


def test_write_to_a_slow_unit_acts_when_it_is_answered() -> None:
    device = ModbusDevice(UnitMemory.of_size(10))
    connection = MbapConnection(UnitDirectory({1: device}), gateway=Gateway({1: UnitLatency(SLOW_NS)}))
    connection.feed(frame(1, 1, bytes.fromhex("06 0000 0007")), 0)

    before = bytes(device.memory.holding_registers.read(0, 1))
    connection.poll(SLOW_NS)

    assert (before, bytes(device.memory.holding_registers.read(0, 1))) == (b"\0\0", b"\0\7")


def test_jitter_is_the_same_for_the_same_seed_and_stays_in_its_range() -> None:
    def delays(seed: int) -> list[int]:
        gateway = Gateway({1: UnitLatency(SLOW_NS, jitter_ns=500)}, seed=seed)
        return [gateway.admit(1, step * 10_000) - step * 10_000 for step in range(50)]

    assert delays(1) == delays(1) != delays(2)
    assert SLOW_NS <= min(delays(1)) < max(delays(1)) <= SLOW_NS + 500


@settings(derandomize=True, max_examples=80)
@given(lists(tuples(integers(1, 3), integers(0, 3000)), max_size=30))
def test_every_request_is_answered_once_and_in_order_within_its_unit(requests: list[tuple[int, int]]) -> None:
    latencies = {1: UnitLatency(SLOW_NS, 300, 99), 2: UnitLatency(50, 0, 99)}
    connection, now_ns, received = MbapConnection(directory(), gateway=Gateway(latencies)), 0, b""
    for number, (unit_id, wait_ns) in enumerate(requests):
        now_ns += wait_ns
        received += connection.poll(now_ns) + connection.feed(frame(number, unit_id), now_ns)
    received += connection.poll(now_ns + 1_000_000)
    answers = [struct.unpack_from(">HHHB", received, position) for position in range(0, len(received), 11)]

    assert connection.due_ns is None
    assert [[n for n, _, _, unit_id in answers if unit_id == each] for each in (1, 2, 3)] == [
        [n for n, (unit_id, _) in enumerate(requests) if unit_id == each] for each in (1, 2, 3)
    ]


def test_latency_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        UnitLatency(-1)


def test_device_at_the_address_has_one_queue_whatever_unit_id_reaches_it() -> None:
    units = UnitDirectory({5: ModbusDevice(UnitMemory.of_size(10))}, direct=5)
    connection = MbapConnection(units, gateway=Gateway({5: UnitLatency(SLOW_NS)}, aliases=units.aliases))

    connection.feed(frame(1, 5) + frame(2, 0) + frame(3, 255), 0)
    answers = [connection.poll(step * SLOW_NS) for step in (1, 2, 3)]

    assert answers == [frame(1, 5, ZERO), frame(2, 0, ZERO), frame(3, 255, ZERO)]


def test_unit_0_with_a_device_of_its_own_does_not_wait_for_the_device_at_the_address() -> None:
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (0, 5)}
    units = UnitDirectory(devices, direct=5)
    connection = MbapConnection(units, gateway=Gateway({5: UnitLatency(SLOW_NS)}, aliases=units.aliases))

    assert connection.feed(frame(1, 5) + frame(2, 0), 0) == frame(2, 0, ZERO)
