"""ASCII on an emulated line: every time is handed in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, lists

from emulators.modbus.ascii import ASCII_SETTINGS, AsciiLine, ascii_frame, ascii_octets
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.serial_settings import Parity, SerialSettings

READ_ONE = ascii_frame(bytes.fromhex("01 03 0000 0001"))
ZERO = ascii_frame(bytes.fromhex("01 03 02 0000"))
LATE_NS = 100_000_000_000


def line(**options: object) -> AsciiLine:
    return AsciiLine(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}), **options)


def exchange(ascii_line: AsciiLine, characters: bytes, time_ns: int = 0) -> bytes:
    return ascii_line.feed(characters, time_ns) + ascii_line.poll(time_ns + LATE_NS)


def test_frame_is_written_as_in_the_standard() -> None:
    assert ascii_frame(bytes.fromhex("1103006B0003")) == b":1103006B00037E\r\n"


@given(binary(min_size=2, max_size=254))
def test_frame_gives_back_its_octets(octets: bytes) -> None:
    assert ascii_octets(ascii_frame(octets)[1:-2]) == octets


def test_answer_takes_the_time_of_request_and_answer_and_no_silence() -> None:
    ascii_line = line()
    end_ns = (len(READ_ONE) + len(ZERO)) * ASCII_SETTINGS.character_ns

    ascii_line.feed(READ_ONE, 0)
    early, last = ascii_line.poll(end_ns - 1), ascii_line.poll(end_ns)

    assert (early, last) == (ZERO[:-1], ZERO[-1:])


@pytest.mark.parametrize(
    "request_frame",
    [
        READ_ONE[:-4] + b"00\r\n",
        READ_ONE[:3] + b"G" + READ_ONE[4:],
        READ_ONE.replace(b"\r\n", b"\n"),
        READ_ONE.replace(b":", b""),
        b":010300000001fb\r\n",
        b":01\r\n",
        b":\r\n",
        ascii_frame(bytes.fromhex("02 03 0000 0001")),
    ],
    ids=["lrc", "digit", "no-cr", "no-start", "lower-case", "too-short", "empty", "foreign-unit"],
)
def test_frame_that_is_not_right_or_not_for_us_gets_no_answer_and_the_next_one_does(request_frame: bytes) -> None:
    ascii_line = line()

    answers = [exchange(ascii_line, request_frame), exchange(ascii_line, READ_ONE, LATE_NS)]

    assert answers == [b"", ZERO]


def test_lower_case_is_taken_by_a_device_that_does_so() -> None:
    assert exchange(line(accepts_lower_case=True), b":010300000001fb\r\n") == ZERO


def test_start_character_begins_anew_inside_a_frame() -> None:
    ascii_line = line()

    assert exchange(ascii_line, READ_ONE[:7] + READ_ONE) == ZERO
    assert ascii_line.damaged_count == 1


@pytest.mark.parametrize(("pause_ns", "answer"), [(1_000_000_000, ZERO), (1_000_000_001, b"")], ids=["1s", "over-1s"])
def test_silence_of_more_than_a_second_inside_a_frame_drops_it(pause_ns: int, answer: bytes) -> None:
    ascii_line = line()
    ascii_line.feed(READ_ONE[:5], 0)

    assert exchange(ascii_line, READ_ONE[5:], 5 * ASCII_SETTINGS.character_ns + pause_ns) == answer


def test_diagnostics_change_the_delimiter_of_the_frames_to_come() -> None:
    ascii_line = line()
    change = ascii_frame(bytes.fromhex("01 08 0003 3B00"))

    answers = [
        exchange(ascii_line, change),
        exchange(ascii_line, READ_ONE, LATE_NS),
        exchange(ascii_line, READ_ONE[:-1] + b";", 2 * LATE_NS),
    ]

    assert answers == [change, b"", ZERO[:-1] + b";"]


def test_broadcast_is_executed_without_an_answer() -> None:
    ascii_line = line()

    answers = [
        exchange(ascii_line, ascii_frame(bytes.fromhex("00 06 0000 0007"))),
        exchange(ascii_line, READ_ONE, LATE_NS),
    ]

    assert answers == [b"", ascii_frame(bytes.fromhex("01 03 02 0007"))]


@pytest.mark.parametrize("far_end", [SerialSettings(9600, Parity.EVEN, 1, 7), SerialSettings(19_200, Parity.ODD, 1, 7)])
def test_client_with_other_settings_gets_no_answer(far_end: SerialSettings) -> None:
    ascii_line = line()
    ascii_line.line.far_end = far_end

    assert exchange(ascii_line, READ_ONE) == b""


@settings(derandomize=True, max_examples=80)
@given(lists(binary(min_size=1, max_size=600), max_size=6))
def test_rubbish_never_stops_a_line_from_answering_the_next_request(chunks: list[bytes]) -> None:
    ascii_line = line()
    for position, chunk in enumerate(chunks):
        exchange(ascii_line, chunk, position * 2 * LATE_NS)

    assert exchange(ascii_line, READ_ONE, 20 * LATE_NS) == ZERO
