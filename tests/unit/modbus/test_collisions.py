"""Two talkers at once on one line: they garble each other as on a real one, the same each time."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers

from emulators.modbus.ascii import ASCII_SETTINGS, AsciiLine, ascii_frame
from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.uart import Talk, hear

LINE = SerialSettings(9600, Parity.EVEN, 1)
MS = 1_000_000
READ, ZERO = with_crc(bytes.fromhex("01 03 0000 0002")), with_crc(bytes.fromhex("01 03 04 00000000"))
WRITE_TO_2 = with_crc(bytes.fromhex("02 06 0000 0007"))
WRITTEN_BY_2 = WRITE_TO_2
HEARD_NS = 8 * LINE.character_ns + LINE.t3_5_ns


def device(registers: bytes = b"") -> ModbusDevice:
    memory = UnitMemory.of_size(100)
    memory.holding_registers.cells[: len(registers)] = registers
    return ModbusDevice(memory)


def rival(unit: ModbusDevice, latency_ns: int = 0) -> LineStation:
    return LineStation(UnitDirectory({1: unit}), ResponseTimes({1: UnitLatency(latency_ns)}))


def listen(line: RtuLine | AsciiLine, until_ns: int = 10**12) -> bytes:
    received = b""
    while (due_ns := line.due_ns) is not None and due_ns <= until_ns:
        received += line.poll(due_ns)
    return received


def late_line(latency_ns: int, wires: int = 2) -> tuple[RtuLine, dict[int, ModbusDevice]]:
    devices = {1: device(), 2: device()}
    times = ResponseTimes({1: UnitLatency(latency_ns)})
    return RtuLine(UnitDirectory(devices), LINE, times=times, wires=wires), devices


def test_two_units_with_one_id_garble_each_other() -> None:
    def answer() -> bytes:
        line = RtuLine(UnitDirectory({1: device()}), LINE, rivals=[rival(device(b"\x12\x34\xff\x00"))])
        line.feed(READ, 0)
        return listen(line)

    assert answer() == answer()
    assert len(answer()) == len(ZERO)
    assert crc16(answer()) != 0


def test_two_units_with_one_id_both_do_as_they_are_told() -> None:
    units = [device(), device()]
    line = RtuLine(UnitDirectory({1: units[0]}), LINE, rivals=[rival(units[1])])

    line.feed(with_crc(bytes.fromhex("01 06 0003 00AB")), 0)
    answer = listen(line)

    assert [bytes(unit.memory.holding_registers.read(3, 1)) for unit in units] == [b"\0\xab"] * 2
    assert answer == with_crc(bytes.fromhex("01 06 0003 00AB"))  # alike to the bit, nobody can tell


def test_units_with_one_id_whose_answers_do_not_overlap_are_both_heard() -> None:
    line = RtuLine(UnitDirectory({1: device()}), LINE, rivals=[rival(device(b"\0\1\0\2"), 100 * MS)])

    line.feed(READ, 0)

    assert listen(line) == ZERO + with_crc(bytes.fromhex("01 03 04 00010002"))


def test_unit_that_answers_late_into_a_request_spoils_it_for_everybody() -> None:
    line, devices = late_line(50 * MS)
    line.feed(READ, 0)
    line.poll(HEARD_NS)

    line.feed(WRITE_TO_2, HEARD_NS + 50 * MS - LINE.character_ns)
    received = listen(line)

    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\0"
    assert [each.diagnostics.communication_error_count for each in devices.values()] == [1, 1]
    assert ZERO.endswith(received)
    assert len(received) < len(ZERO)  # the client hears what comes after it has spoken


def test_late_answer_does_not_spoil_what_is_said_before_or_behind_it() -> None:
    line, devices = late_line(50 * MS)
    line.feed(READ, 0)
    end_ns = HEARD_NS + 50 * MS + len(ZERO) * LINE.character_ns
    heard = listen(line, end_ns)

    line.feed(WRITE_TO_2, end_ns)

    assert heard + listen(line) == ZERO + WRITTEN_BY_2
    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\7"


def test_on_four_wires_units_and_client_do_not_disturb_each_other() -> None:
    line, devices = late_line(50 * MS, wires=4)
    line.feed(READ, 0)
    line.poll(HEARD_NS)

    line.feed(WRITE_TO_2, HEARD_NS + 50 * MS - LINE.character_ns)

    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\0"
    assert listen(line).startswith(ZERO[:7])
    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\7"


@pytest.mark.parametrize("wires", [2, 4])
def test_late_answer_of_one_unit_garbles_that_of_another(wires: int) -> None:
    line, devices = late_line(30 * MS, wires)
    line.feed(READ, 0)
    line.poll(HEARD_NS)
    begin_ns = HEARD_NS + 30 * MS
    line.feed(WRITE_TO_2, begin_ns - HEARD_NS - LINE.character_ns // 2)  # its answer begins within the late one's first

    received = listen(line)

    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\7"
    assert received not in (ZERO, WRITTEN_BY_2)
    assert crc16(received) != 0


def test_answer_that_a_fault_delays_into_the_next_request_spoils_it_too() -> None:
    faults = FaultPipeline("line")
    faults.switch("delay", "50ms unit=1")
    devices = {1: device(), 2: device()}
    line = RtuLine(UnitDirectory(devices), LINE, faults)
    line.feed(READ, 0)
    line.poll(HEARD_NS)

    line.feed(WRITE_TO_2, HEARD_NS + 50 * MS - 2 * LINE.character_ns)
    listen(line)

    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\0"
    assert devices[2].diagnostics.communication_error_count == 1


def test_ascii_frames_collide_as_well() -> None:
    read = ascii_frame(bytes.fromhex("01 03 0000 0001"))
    devices = {1: device(), 2: device()}
    line = AsciiLine(UnitDirectory(devices), times=ResponseTimes({1: UnitLatency(20 * MS)}))
    line.feed(read, 0)
    end_ns = len(read) * ASCII_SETTINGS.character_ns

    line.feed(ascii_frame(bytes.fromhex("02 06 0000 0007")), end_ns + 15 * MS)
    listen(line)

    assert bytes(devices[2].memory.holding_registers.read(0, 1)) == b"\0\0"
    assert line.damaged_count == 1


@settings(derandomize=True, max_examples=60)
@given(binary(min_size=1, max_size=8), binary(min_size=1, max_size=8), integers(0, 12 * LINE.character_ns))
def test_what_is_heard_of_two_talks_does_not_depend_on_who_is_named_first(a: bytes, b: bytes, shift_ns: int) -> None:
    talks = [Talk(1000, a), Talk(1000 + shift_ns, b)]

    assert list(hear(talks, LINE, LINE)) == list(hear(talks[::-1], LINE, LINE))


@settings(derandomize=True, max_examples=40)
@given(binary(min_size=1, max_size=12))
def test_two_talkers_that_say_the_same_at_the_same_time_are_heard_as_one(characters: bytes) -> None:
    heard = list(hear([Talk(0, characters), Talk(0, characters)], LINE, LINE))

    assert bytes(each.character for each in heard) == characters
    assert not any(each.is_damaged for each in heard)


@settings(derandomize=True, max_examples=40)
@given(binary(min_size=1, max_size=6), binary(min_size=1, max_size=6), integers(0, 50 * MS))
def test_talks_that_do_not_overlap_are_heard_one_after_the_other(a: bytes, b: bytes, gap_ns: int) -> None:
    later_ns = len(a) * LINE.character_ns + LINE.character_ns + gap_ns

    heard = list(hear([Talk(0, a), Talk(later_ns, b)], LINE, LINE))

    assert bytes(each.character for each in heard) == a + b
    assert heard[-1].end_ns == pytest.approx(later_ns + len(b) * LINE.character_ns, abs=20)
