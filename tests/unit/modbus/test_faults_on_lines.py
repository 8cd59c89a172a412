"""Faults on serial lines: they go through check sums, line time and garbling like every other answer."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers

from emulators.modbus.ascii import ASCII_SETTINGS, AsciiLine, ascii_frame, ascii_octets
from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.draft import Draft, Draws
from emulators.modbus.faults.in_frame import Garble
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_frames import RTU_WIRE
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import Parity, SerialSettings

LINE = SerialSettings(9600, Parity.EVEN, 1)
READ_ONE, ZERO = with_crc(bytes.fromhex("01 03 0000 0001")), with_crc(bytes.fromhex("01 03 02 0000"))
MS = 1_000_000
CHARACTER_NS = ASCII_SETTINGS.character_ns
UNDISTURBED_NS = 8 * LINE.character_ns + LINE.t3_5_ns + 7 * LINE.character_ns


def units() -> UnitDirectory:
    return UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))})


def pipeline(name: str, value: bool | float | str) -> FaultPipeline:
    faults = FaultPipeline("line", seed=7)
    faults.switch(name, value)
    return faults


def rtu_line(name: str, value: bool | float | str = True) -> RtuLine:
    return RtuLine(units(), LINE, pipeline(name, value))


def listen(line: RtuLine | AsciiLine) -> tuple[bytes, int]:
    """Let time pass until the line rests; return what came and when the last of it came."""
    received, last_ns = b"", 0
    while (due_ns := line.due_ns) is not None:
        piece = line.poll(due_ns)
        last_ns = due_ns if piece else last_ns
        received += piece
    return received, last_ns


def test_answer_with_a_wrong_crc_takes_the_time_of_a_right_one() -> None:
    line = rtu_line("bad_checksum")
    line.feed(READ_ONE, 0)

    answer, last_ns = listen(line)

    assert (answer[:-2], len(answer), last_ns) == (ZERO[:-2], len(ZERO), UNDISTURBED_NS)
    assert crc16(answer) != 0


def test_stations_of_a_line_fail_each_through_the_faults_of_its_own_wire() -> None:
    other = LineStation(UnitDirectory({2: ModbusDevice(UnitMemory.of_size(10))}), faults=pipeline("delay", "5ms"))
    line = RtuLine(units(), LINE, pipeline("bad_checksum", True), rivals=[other])

    line.feed(READ_ONE, 0)
    spoilt, first_ns = listen(line)
    line.feed(with_crc(bytes.fromhex("02 03 0000 0001")), 100 * MS)
    late, second_ns = listen(line)

    assert crc16(spoilt) != 0
    assert first_ns == UNDISTURBED_NS
    assert late == with_crc(bytes.fromhex("02 03 02 0000"))
    assert second_ns == 100 * MS + UNDISTURBED_NS + 5 * MS


def test_delayed_answer_comes_so_much_later_on_the_line() -> None:
    line = rtu_line("delay", "200ms")
    line.feed(READ_ONE, 0)

    assert listen(line) == (ZERO, UNDISTURBED_NS + 200 * MS)


def test_answer_that_dribbles_faster_than_the_line_leaves_without_gaps() -> None:
    line = rtu_line("dribble", "gap=1us")
    line.feed(READ_ONE, 0)

    answer, last_ns = listen(line)

    assert (answer, last_ns // 1000) == (ZERO, UNDISTURBED_NS // 1000)


@pytest.mark.parametrize("extra", [1, 3])
def test_duplicates_have_the_silence_before_them_that_parts_frames(extra: int) -> None:
    line = rtu_line("duplicate", f"extra={extra}")
    line.feed(READ_ONE, 0)

    answers, last_ns = listen(line)

    assert answers == ZERO * (1 + extra)
    assert last_ns == UNDISTURBED_NS + extra * (LINE.t3_5_ns + 7 * LINE.character_ns)


def test_answer_that_is_overtaken_follows_with_the_silence_that_parts_frames() -> None:
    line = rtu_line("reorder", "within=60s")
    line.feed(READ_ONE, 0)
    held = listen(line)[0] if line.due_ns is None else b""
    line.feed(with_crc(bytes.fromhex("01 03 0000 0002")), 100 * MS)

    answers, last_ns = listen(line)

    assert (held, answers) == (b"", with_crc(bytes.fromhex("01 03 04 00000000")) + ZERO)
    assert last_ns == 100 * MS + UNDISTURBED_NS + LINE.t3_5_ns + 9 * LINE.character_ns


def test_dribbled_answer_has_gaps_between_its_characters() -> None:
    line = rtu_line("dribble", "gap=10ms")
    line.feed(READ_ONE, 0)

    answer, last_ns = listen(line)

    assert answer == ZERO
    assert last_ns >= UNDISTURBED_NS + 6 * (10 * MS - LINE.character_ns)


def test_unit_that_is_off_is_silent_and_does_not_do_as_it_is_told() -> None:
    device = ModbusDevice(UnitMemory.of_size(10))
    line = RtuLine(UnitDirectory({1: device}), LINE, pipeline("unit_off", "unit=1"))
    line.feed(with_crc(bytes.fromhex("01 06 0000 0007")), 0)

    assert listen(line) == (b"", 0)
    assert bytes(device.memory.holding_registers.read(0, 1)) == b"\0\0"


@pytest.mark.parametrize(
    ("fault", "answer"), [("no_response", b""), ("duplicate", ZERO + ZERO), ("truncate", ZERO[:-1])]
)
def test_fault_changes_the_answer_and_the_line_lives_on(fault: str, answer: bytes) -> None:
    faults = pipeline(fault, True)
    line = RtuLine(units(), LINE, faults)
    line.feed(READ_ONE, 0)
    disturbed, _ = listen(line)

    faults.clear()
    line.feed(READ_ONE, 10_000 * MS)

    assert (disturbed, listen(line)[0]) == (answer, ZERO)


def test_answer_of_an_ascii_line_can_have_a_wrong_lrc() -> None:
    line = AsciiLine(units(), faults=pipeline("bad_checksum", True))
    line.feed(ascii_frame(READ_ONE[:-2]), 0)

    answer, _ = listen(line)

    assert answer.startswith(b":0103020000")
    assert ascii_octets(answer[1:-2]) is None


@settings(derandomize=True, max_examples=60, deadline=None)
@given(binary(min_size=1, max_size=60), integers(1, 80), integers(0, 2**32))
def test_garbled_frame_differs_in_one_bit_of_so_many_characters(frame: bytes, characters: int, seed: int) -> None:
    draft = Draft(RTU_WIRE, 0, 1, b"\3", bytes, draws=Draws(seed, 1, 1), frame=frame)

    Garble(characters).act(draft)

    changed = [old ^ new for old, new in zip(frame, draft.frame, strict=True) if old != new]
    assert len(changed) == min(characters, len(frame))
    assert all(bits.bit_count() == 1 and bits < 0x80 for bits in changed)


@pytest.mark.parametrize(
    ("fault", "value", "later_ns"),
    [("delay", "200ms", 200 * MS), ("dribble", "gap=10ms", 14 * (10 * MS - CHARACTER_NS))],
)
def test_answer_of_an_ascii_line_can_come_late_or_in_pieces(fault: str, value: str, later_ns: int) -> None:
    plain, disturbed = AsciiLine(units()), AsciiLine(units(), faults=pipeline(fault, value))
    for line in (plain, disturbed):
        line.feed(ascii_frame(READ_ONE[:-2]), 0)

    answer, last_ns = listen(plain)
    same_answer, late_ns = listen(disturbed)

    assert answer == same_answer == ascii_frame(ZERO[:-2])
    assert late_ns >= last_ns + later_ns


def test_answer_of_rtu_over_tcp_can_have_a_wrong_crc_and_come_late() -> None:
    faults = pipeline("bad_checksum", True)
    faults.switch("delay", "50ms")
    stream = RtuStream(units(), faults.connect(RTU_WIRE, 0))

    at_once = stream.feed(READ_ONE, 0)
    later = stream.poll(stream.due_ns or 0)

    assert (at_once, later[:-2]) == (b"", ZERO[:-2])
    assert crc16(later) != 0
