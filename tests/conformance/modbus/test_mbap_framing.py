"""Framing of Modbus TCP by clause of the Messaging on TCP/IP Implementation Guide V1.0b."""

from __future__ import annotations

import pytest
from modbus_stream_rows import (
    READ_REGISTER_5,
    REGISTER_5,
    SLOW_NS,
    SLOW_UNIT_ROWS,
    STREAM_ROWS,
    Answer,
    answer_frames,
    conformance_directory,
    frame,
)

from emulators.modbus.device import ModbusDevice
from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MbapConnection, UnitDirectory, UnknownUnit
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency


@pytest.mark.parametrize(
    ("stream", "answers", "is_closed"), [row[1:] for row in STREAM_ROWS], ids=[row[0] for row in STREAM_ROWS]
)
def test_stream_gets_exactly_these_answers(stream: bytes, answers: list[Answer], is_closed: bool) -> None:
    connection = MbapConnection(conformance_directory())

    answered = connection.feed(stream)

    assert answered == answer_frames(answers)
    assert connection.is_closed is is_closed


@pytest.mark.parametrize(
    ("stream", "answers", "is_closed"), [row[1:] for row in STREAM_ROWS], ids=[row[0] for row in STREAM_ROWS]
)
def test_stream_in_segments_of_one_byte_gets_the_same_answers(
    stream: bytes, answers: list[Answer], is_closed: bool
) -> None:
    connection = MbapConnection(conformance_directory())

    answered = b"".join(connection.feed(stream[index : index + 1]) for index in range(len(stream)))

    assert answered == answer_frames(answers)
    assert connection.is_closed is is_closed


@pytest.mark.parametrize(
    ("stream", "answers"), [row[1:] for row in SLOW_UNIT_ROWS], ids=[row[0] for row in SLOW_UNIT_ROWS]
)
def test_unit_that_takes_its_time_answers_behind_the_others(stream: bytes, answers: list[Answer]) -> None:
    units = conformance_directory()
    connection = MbapConnection(units, gateway=Gateway(units, ResponseTimes({9: UnitLatency(SLOW_NS)})))

    answered = connection.feed(stream, 0) + b"".join(connection.poll(number * SLOW_NS) for number in range(1, 4))

    assert answered == answer_frames(answers)
    assert connection.due_ns is None


def test_unknown_unit_is_met_with_silence_where_the_server_is_told_so() -> None:
    connection = MbapConnection(conformance_directory(UnknownUnit.SILENCE))

    assert connection.feed(frame(READ_REGISTER_5, unit=2)) == b""
    assert connection.feed(frame(READ_REGISTER_5)) == frame(REGISTER_5)


@pytest.mark.parametrize("unit", [0, 2, 247, 255])
def test_device_that_does_not_look_at_unit_ids_answers_for_all_that_no_other_has(unit: int) -> None:
    connection = MbapConnection(conformance_directory(UnknownUnit.DEVICE))

    assert connection.feed(frame(READ_REGISTER_5, unit=unit)) == frame(REGISTER_5, unit=unit)
    assert connection.feed(frame(READ_REGISTER_5, unit=9)) == frame("83 02", unit=9)


def test_closed_connection_answers_nothing_more() -> None:
    connection = MbapConnection(conformance_directory())
    connection.feed(bytes(7))

    assert connection.feed(frame(READ_REGISTER_5)) == b""


def test_direct_unit_must_be_one_of_the_units() -> None:
    with pytest.raises(ValueError, match="unit 3 shall answer"):
        UnitDirectory({1: ModbusDevice(UnitMemory.of_size(1))}, direct=3)


def test_somebody_must_be_the_device_that_answers_for_unknown_units() -> None:
    with pytest.raises(ValueError, match="name it as direct"):
        UnitDirectory({1: ModbusDevice(UnitMemory.of_size(1))}, unknown_unit=UnknownUnit.DEVICE)


def test_unit_id_outside_a_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="unit id 256"):
        UnitDirectory({256: ModbusDevice(UnitMemory.of_size(1))})
