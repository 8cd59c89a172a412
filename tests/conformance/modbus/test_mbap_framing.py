"""Framing of Modbus TCP by clause of the Messaging on TCP/IP Implementation Guide V1.0b."""

from __future__ import annotations

import pytest

from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import MbapConnection, UnitDirectory, UnknownUnit
from emulators.modbus.memory import UnitMemory

READ_REGISTER_5 = "03 0005 0001"
REGISTER_5 = "03 02 0007"


def make_directory(unknown_unit: UnknownUnit = UnknownUnit.GATEWAY_TARGET_FAILED) -> UnitDirectory:
    unit = ModbusDevice(UnitMemory.of_size(100))
    unit.pdu(bytes.fromhex("06 0005 0007"))
    return UnitDirectory({1: unit, 9: ModbusDevice(UnitMemory.of_size(1))}, direct=1, unknown_unit=unknown_unit)


def frame(pdu_hex: str, *, transaction: int = 1, unit: int = 1, protocol: int = 0) -> bytes:
    pdu = bytes.fromhex(pdu_hex)
    return (
        transaction.to_bytes(2, "big")
        + protocol.to_bytes(2, "big")
        + (1 + len(pdu)).to_bytes(2, "big")
        + bytes([unit])
        + pdu
    )


STREAM_ROWS = [
    # case, bytes received, bytes answered, connection is closed
    ("answer echoes the transaction id", frame(READ_REGISTER_5, transaction=0xBEEF), [(0xBEEF, 1, REGISTER_5)], False),
    ("unit 255 is the device itself", frame(READ_REGISTER_5, unit=255), [(1, 255, REGISTER_5)], False),
    ("unit 0 is the device itself", frame(READ_REGISTER_5, unit=0), [(1, 0, REGISTER_5)], False),
    ("other unit has its own memory", frame(READ_REGISTER_5, unit=9), [(1, 9, "83 02")], False),
    ("unknown unit gets 0B", frame(READ_REGISTER_5, unit=2), [(1, 2, "83 0B")], False),
    ("unknown function gets 01", frame("63"), [(1, 1, "E3 01")], False),
    (
        "protocol id 1 is skipped",
        frame(READ_REGISTER_5, protocol=1) + frame(READ_REGISTER_5),
        [(1, 1, REGISTER_5)],
        False,
    ),
    ("length 0 closes", bytes.fromhex("0001 0000 0000 01 03"), [], True),
    ("length 1 closes", bytes.fromhex("0001 0000 0001 01 03"), [], True),
    ("length 2 is the shortest", bytes.fromhex("0001 0000 0002 01 03"), [(1, 1, "83 03")], False),
    ("length 254 is the longest", frame("63" + "00" * 252), [(1, 1, "E3 01")], False),
    ("length 255 closes", bytes.fromhex("0001 0000 00FF 01 03"), [], True),
    ("length 60000 closes", bytes.fromhex("0001 0000 EA60 01 03"), [], True),
    ("what came before the bad length is answered", frame(READ_REGISTER_5) + bytes(7), [(1, 1, REGISTER_5)], True),
    ("header alone waits", bytes.fromhex("0001 0000 0006 01"), [], False),
    ("one frame and a half", frame(READ_REGISTER_5) + frame(READ_REGISTER_5)[:8], [(1, 1, REGISTER_5)], False),
    (
        "fifty pipelined requests in one segment",
        b"".join(frame(READ_REGISTER_5, transaction=number) for number in range(50)),
        [(number, 1, REGISTER_5) for number in range(50)],
        False,
    ),
]


@pytest.mark.parametrize(
    ("stream", "answers", "is_closed"), [row[1:] for row in STREAM_ROWS], ids=[row[0] for row in STREAM_ROWS]
)
def test_stream_gets_exactly_these_answers(stream: bytes, answers: list[tuple[int, int, str]], is_closed: bool) -> None:
    connection = MbapConnection(make_directory())

    answered = connection.feed(stream)

    assert answered == b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in answers)
    assert connection.is_closed is is_closed


@pytest.mark.parametrize(
    ("stream", "answers", "is_closed"), [row[1:] for row in STREAM_ROWS], ids=[row[0] for row in STREAM_ROWS]
)
def test_stream_in_segments_of_one_byte_gets_the_same_answers(
    stream: bytes, answers: list[tuple[int, int, str]], is_closed: bool
) -> None:
    connection = MbapConnection(make_directory())

    answered = b"".join(connection.feed(stream[index : index + 1]) for index in range(len(stream)))

    assert answered == b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in answers)
    assert connection.is_closed is is_closed


def test_unknown_unit_is_met_with_silence_where_the_server_is_told_so() -> None:
    connection = MbapConnection(make_directory(UnknownUnit.SILENCE))

    assert connection.feed(frame(READ_REGISTER_5, unit=2)) == b""
    assert connection.feed(frame(READ_REGISTER_5)) == frame(REGISTER_5)


def test_closed_connection_answers_nothing_more() -> None:
    connection = MbapConnection(make_directory())
    connection.feed(bytes(7))

    assert connection.feed(frame(READ_REGISTER_5)) == b""


def test_direct_unit_must_be_one_of_the_units() -> None:
    with pytest.raises(ValueError, match="unit 3 shall answer"):
        UnitDirectory({1: ModbusDevice(UnitMemory.of_size(1))}, direct=3)


def test_unit_id_outside_a_byte_is_refused() -> None:
    with pytest.raises(ValueError, match="unit id 256"):
        UnitDirectory({256: ModbusDevice(UnitMemory.of_size(1))})
