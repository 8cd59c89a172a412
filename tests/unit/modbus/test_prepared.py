"""Requests that come again are answered as they were the first time: by a device that sees every request anew."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import RegisterCells, UnitMemory
from emulators.modbus.permissions import PermittedUnits
from emulators.modbus.response_times import ResponseTimes, UnitLatency

SIZE = 8
READ_TWO = bytes.fromhex("03 0001 0002")
WRITE_TWO = bytes.fromhex("10 0001 0002 04 1234 5678")


def frame(transaction: int, pdu: bytes, unit_id: int = 1) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit_id) + pdu


def device() -> ModbusDevice:
    """A device with a gap, a register that is read only and a value of two registers."""
    memory = UnitMemory.of_size(SIZE)
    present, writable = bytearray(b"\1" * SIZE), bytearray(b"\1" * SIZE)
    present[6], writable[6], writable[0] = 0, 0, 0
    memory.holding_registers = RegisterCells(bytes(present), bytes(writable))
    memory.holding_registers.boundaries = b"\1\1\1\1\0\1\1\1\1"
    return ModbusDevice(memory)


def registers(pdu_head: int, quantity_factor: int) -> st.SearchStrategy[bytes]:
    return st.builds(
        lambda address, quantity: struct.pack(">BHH", pdu_head, address, quantity),
        st.integers(0, SIZE),
        st.integers(0, 3 * quantity_factor),
    )


WRITES = st.builds(
    lambda address, values, surplus: struct.pack(
        f">BHHB{len(values)}H", 0x10, address, len(values), 2 * len(values) + surplus, *values
    ),
    st.integers(0, SIZE),
    st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=2),
    st.sampled_from([0, 0, 0, 1]),
)
EVENTS = st.sampled_from(["busy", "idle", "08 0004 0000", "08 0001 0000", "07"])
REQUESTS = st.one_of(registers(3, 1), registers(4, 1), WRITES, EVENTS)


@settings(derandomize=True, max_examples=60)
@given(st.lists(REQUESTS, min_size=1, max_size=12))
def test_answers_and_counters_are_those_of_a_device_that_sees_every_request_anew(
    requests: list[bytes | str],
) -> None:
    served, anew = device(), device()
    connection = MbapConnection(UnitDirectory({1: served}))
    for number, request in enumerate(requests * 3):
        if request in ("busy", "idle"):
            served.is_busy = anew.is_busy = request == "busy"
            continue
        pdu = bytes.fromhex(request) if isinstance(request, str) else request
        response = anew.pdu(pdu)

        assert connection.feed(frame(number, pdu)) == (frame(number, response) if response else b"")

    assert served.memory.holding_registers.cells == anew.memory.holding_registers.cells
    assert served.diagnostics.event_log == anew.diagnostics.event_log
    assert served.diagnostics.event_count == anew.diagnostics.event_count
    assert served.diagnostics.server_message_count == anew.diagnostics.server_message_count


@pytest.fixture
def directory() -> UnitDirectory:
    """Units 1 and 2; unit 1 has answered a read and a write."""
    directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(SIZE)), 2: ModbusDevice(UnitMemory.of_size(SIZE))})
    connection = MbapConnection(directory)
    for pdu in (WRITE_TWO, READ_TWO):
        connection.feed(frame(1, pdu))
    assert len(directory.prepared) == 2
    return directory


def test_other_unit_answers_for_itself(directory: UnitDirectory) -> None:
    assert MbapConnection(directory).feed(frame(5, READ_TWO, 2)) == frame(5, bytes.fromhex("03 04 0000 0000"), 2)


def test_cells_that_were_swapped_in_are_read(directory: UnitDirectory) -> None:
    unit = ModbusDevice(UnitMemory.of_size(SIZE))
    connection = MbapConnection(UnitDirectory({1: unit}))
    connection.feed(frame(1, READ_TWO))

    unit.memory.holding_registers.cells = bytearray(range(2 * SIZE))

    assert connection.feed(frame(2, READ_TWO)) == frame(2, bytes.fromhex("03 04 0203 0405"))


def test_frame_that_only_looks_like_a_known_one_behind_a_part_of_another_is_not_answered_as_such(
    directory: UnitDirectory,
) -> None:
    connection = MbapConnection(directory)
    outer = frame(7, bytes.fromhex("10 0000 0006 0C") + frame(1, READ_TWO))

    assert connection.feed(outer[:13]) == b""
    assert connection.feed(outer[13:]) == frame(7, bytes.fromhex("10 0000 0006"))


def test_known_frame_of_a_write_with_more_behind_it_is_split(directory: UnitDirectory) -> None:
    connection = MbapConnection(directory)
    echo = frame(1, WRITE_TWO[:5])

    assert connection.feed(frame(1, WRITE_TWO) * 2) == echo * 2
    assert connection.feed(frame(1, WRITE_TWO)[:-1]) == b""
    assert connection.feed(frame(1, WRITE_TWO)[-1:]) == echo


def test_faults_see_requests_that_are_known(directory: UnitDirectory) -> None:
    pipeline = FaultPipeline("wire", seed=1)
    connection = MbapConnection(directory, pipeline.connect(MBAP_WIRE, 0))
    assert connection.feed(frame(1, READ_TWO)) != b""

    pipeline.switch("no_response", True)

    assert connection.feed(frame(2, READ_TWO)) == b""
    assert pipeline.injections[0].exchange == 2


def test_units_behind_a_gateway_take_their_time_for_requests_that_are_known(directory: UnitDirectory) -> None:
    connection = MbapConnection(directory, gateway=Gateway(directory, ResponseTimes({1: UnitLatency(10)})))

    assert connection.feed(frame(1, READ_TWO), 0) == b""
    assert connection.poll(10) == frame(1, bytes.fromhex("03 04 1234 5678"))


def test_client_that_may_not_read_is_refused_what_others_read(directory: UnitDirectory) -> None:
    connection = MbapConnection(PermittedUnits(directory, frozenset({0x10})))

    assert connection.feed(frame(1, READ_TWO)) == frame(1, bytes.fromhex("83 01"))


def test_write_that_is_not_accepted_any_more_is_refused_and_counted_once(directory: UnitDirectory) -> None:
    unit = ModbusDevice(UnitMemory.of_size(SIZE))
    connection = MbapConnection(UnitDirectory({1: unit}))
    connection.feed(frame(1, WRITE_TWO))

    def refuse(address: int, count: int, payload: bytes) -> None:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)

    unit.memory.holding_registers.store = refuse

    assert connection.feed(frame(2, WRITE_TWO)) == frame(2, bytes.fromhex("90 03"))
    assert (unit.diagnostics.request_count, unit.diagnostics.exception_count) == (2, 1)


def test_function_and_table_of_a_user_are_asked_every_time() -> None:
    class Clock(RegisterCells):
        def read(self, address: int, count: int) -> bytes:
            self.cells[0] += 1
            return super().read(address, count)

    memory = UnitMemory.of_size(SIZE)
    memory.input_registers = Clock(b"\1" * SIZE, b"\0" * SIZE)
    unit = ModbusDevice(memory, user_functions={3: lambda device, request: b"\x03" + bytes([len(request)])})
    connection = MbapConnection(UnitDirectory({1: unit}))

    answers = [connection.feed(frame(1, bytes.fromhex("04 0000 0001")))[-2] for _ in range(3)]

    assert answers == [1, 2, 3]
    assert connection.feed(frame(1, READ_TWO)) == connection.feed(frame(1, READ_TWO)) == frame(1, b"\x03\x05")


def test_client_that_never_asks_twice_does_not_fill_the_memory() -> None:
    unit = ModbusDevice(UnitMemory.of_size(0x10000))
    directory = UnitDirectory({1: unit})
    connection = MbapConnection(directory)

    for address in range(2000):
        connection.feed(frame(1, struct.pack(">BHH", 3, address, 1)))
        connection.feed(frame(1, struct.pack(">BHHBH", 16, address, 1, 2, address)))

    assert len(directory.prepared) <= 512
    assert unit.diagnostics.request_count == 4000
