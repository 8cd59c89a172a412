"""Streams of Modbus TCP and their only right answers, by clause of the Messaging on TCP/IP Guide V1.0b.

A row is a name, the bytes received, the answers as (transaction id, unit id, response), and in ``STREAM_ROWS`` whether
the server then closes the connection. In ``HALF_CLOSE_ROWS`` the client ends its side behind these bytes, and the
server closes when it owes nothing more; in ``SLOW_UNIT_ROWS`` unit 9 takes ``SLOW_NS`` for each request.
``conformance_directory`` returns the units: 1 is the device of ``modbus_rows`` and the one at the IP address itself, 9
has a single cell in each table.
"""

from __future__ import annotations

from modbus_rows import conformance_device

from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory, UnknownUnit
from emulators.modbus.memory import UnitMemory

READ_REGISTER_5 = "03 0005 0001"
REGISTER_5 = "03 02 0105"
SLOW_NS = 20_000_000

Answer = tuple[int, int, str]


def conformance_directory(
    unknown_unit: UnknownUnit = UnknownUnit.GATEWAY_TARGET_FAILED, *, is_protected: bool = False
) -> UnitDirectory:
    """Return the units that the streams speak to."""
    units = {1: conformance_device(is_protected=is_protected), 9: ModbusDevice(UnitMemory.of_size(1))}
    return UnitDirectory(units, direct=1, unknown_unit=unknown_unit)


def frame(pdu_hex: str, *, transaction: int = 1, unit: int = 1, protocol: int = 0) -> bytes:
    """Return a PDU with its MBAP header."""
    pdu = bytes.fromhex(pdu_hex)
    return (
        transaction.to_bytes(2, "big")
        + protocol.to_bytes(2, "big")
        + (1 + len(pdu)).to_bytes(2, "big")
        + bytes([unit])
        + pdu
    )


FIFTY_REQUESTS = b"".join(frame(READ_REGISTER_5, transaction=number) for number in range(50))
FIFTY_ANSWERS = [(number, 1, REGISTER_5) for number in range(50)]

FRAMING_ROWS: list[tuple[str, bytes, list[Answer], bool]] = [
    ("answer echoes the transaction id", frame(READ_REGISTER_5, transaction=0xBEEF), [(0xBEEF, 1, REGISTER_5)], False),
    ("unit 255 is the device itself", frame(READ_REGISTER_5, unit=255), [(1, 255, REGISTER_5)], False),
    ("unit 0 is the device itself", frame(READ_REGISTER_5, unit=0), [(1, 0, REGISTER_5)], False),
    ("unknown function gets 01", frame("63"), [(1, 1, "E3 01")], False),
    (
        "protocol id 1 is skipped",
        frame(READ_REGISTER_5, protocol=1) + frame(READ_REGISTER_5),
        [(1, 1, REGISTER_5)],
        False,
    ),
    ("length 0 closes", bytes.fromhex("0001 0000 0000 01 03"), [], True),
    ("length 1 closes", bytes.fromhex("0001 0000 0001 01 03"), [], True),
    ("length 1 closes behind the header", bytes.fromhex("0001 0000 0001 01"), [], True),
    ("length 2 is the shortest", bytes.fromhex("0001 0000 0002 01 03"), [(1, 1, "83 03")], False),
    ("length 254 is the longest", frame("63" + "00" * 252), [(1, 1, "E3 01")], False),
    ("length 255 closes", bytes.fromhex("0001 0000 00FF 01 03"), [], True),
    ("length 60000 closes", bytes.fromhex("0001 0000 EA60 01 03"), [], True),
    ("what came before the bad length is answered", frame(READ_REGISTER_5) + bytes(7), [(1, 1, REGISTER_5)], True),
    ("header alone waits", bytes.fromhex("0001 0000 0006 01"), [], False),
    ("one frame and a half", frame(READ_REGISTER_5) + frame(READ_REGISTER_5)[:8], [(1, 1, REGISTER_5)], False),
    ("fifty pipelined requests in one segment", FIFTY_REQUESTS, FIFTY_ANSWERS, False),
]

UNIT_ROWS: list[tuple[str, bytes, list[Answer], bool]] = [
    ("other unit has its own memory", frame(READ_REGISTER_5, unit=9), [(1, 9, "83 02")], False),
    ("unknown unit gets 0B", frame(READ_REGISTER_5, unit=2), [(1, 2, "83 0B")], False),
    (
        "units of one segment answer each for itself",
        b"".join(frame(READ_REGISTER_5, transaction=unit, unit=unit) for unit in (9, 1, 2, 9)),
        [(9, 9, "83 02"), (1, 1, REGISTER_5), (2, 2, "83 0B"), (9, 9, "83 02")],
        False,
    ),
]

STREAM_ROWS = [*FRAMING_ROWS, *UNIT_ROWS]

HALF_CLOSE_ROWS: list[tuple[str, bytes, list[Answer]]] = [
    ("a request is answered", frame(READ_REGISTER_5), [(1, 1, REGISTER_5)]),
    ("fifty pipelined requests are answered", FIFTY_REQUESTS, FIFTY_ANSWERS),
    ("half a request is not answered", frame(READ_REGISTER_5)[:-1], []),
    ("half a request behind fifty", FIFTY_REQUESTS + frame(READ_REGISTER_5)[:-1], FIFTY_ANSWERS),
    ("nothing asked", b"", []),
]

SLOW_UNIT_ROWS: list[tuple[str, bytes, list[Answer]]] = [
    (
        "a slow unit delays nobody else",
        frame(READ_REGISTER_5, transaction=1, unit=9) + frame(READ_REGISTER_5, transaction=2),
        [(2, 1, REGISTER_5), (1, 9, "83 02")],
    ),
    (
        "the answers of a slow unit keep their order",
        b"".join(frame(READ_REGISTER_5, transaction=number, unit=9) for number in range(3)),
        [(number, 9, "83 02") for number in range(3)],
    ),
    (
        "an unknown unit is refused before a slow one answers",
        frame(READ_REGISTER_5, transaction=1, unit=9) + frame(READ_REGISTER_5, transaction=2, unit=3),
        [(2, 3, "83 0B"), (1, 9, "83 02")],
    ),
]


def answer_frames(answers: list[Answer]) -> bytes:
    """Return the bytes of answers."""
    return b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in answers)
