"""Frames on a serial line and their only right answers, by clause of Modbus over Serial Line V1.02.

Units 1 (the device of ``modbus_rows``) and 9 share the line. Each row sends its parts one after the other, each
behind a silence, then the line rests. No time passes but on the line.
"""

from __future__ import annotations

import pytest
from modbus_rows import conformance_device

from emulators.modbus.ascii import ASCII_SETTINGS, AsciiLine, ascii_frame
from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_settings import Parity, SerialSettings

RESTING_MS = 10_000.0
LINE = SerialSettings(9600, Parity.EVEN, 1)
CHARACTER_MS = ASCII_SETTINGS.character_ns / 1e6


def directory() -> UnitDirectory:
    return UnitDirectory({1: conformance_device(), 9: ModbusDevice(UnitMemory.of_size(1))})


def rtu(frame_hex: str) -> bytes:
    return with_crc(bytes.fromhex(frame_hex))


def spoilt(frame: bytes) -> bytes:
    return frame[:-1] + bytes([frame[-1] ^ 0x01])


READ = rtu("01 03 0005 0001")
ANSWER = rtu("01 03 02 0105")

RTU_ROWS = [
    # clause and case, (silence before it in characters, characters) in turn, answer
    ("2.5.1 request of this unit", [(4, READ)], ANSWER),
    ("2.5.1 other unit on the line", [(4, rtu("09 03 0000 0001"))], rtu("09 03 02 0000")),
    ("2.5.1 shortest frame", [(4, rtu("01 07"))], rtu("01 07 00")),
    ("2.5.1 longest frame", [(4, rtu("01 08 0000" + "A5" * 250))], rtu("01 08 0000" + "A5" * 250)),
    ("2.5.1 longer than a frame may be", [(4, rtu("01 08 0000" + "A5" * 252))], b""),
    ("2.5.1 exception comes back", [(4, rtu("01 03 FFFF 0002"))], rtu("01 83 02")),
    ("2.5.1 unknown function", [(4, rtu("01 63"))], rtu("01 E3 01")),
    ("2.5.1.1 two parts with 1.4 characters of silence", [(4, READ[:4]), (1.4, READ[4:])], ANSWER),
    ("2.5.1.1 two parts with 1.6 characters of silence", [(4, READ[:4]), (1.6, READ[4:])], b""),
    ("2.5.1.1 two parts with 3.6 characters of silence", [(4, READ[:4]), (3.6, READ[4:])], b""),
    ("2.5.1.1 partial frame, pause, request", [(4, READ[:5]), (4, READ)], ANSWER),
    ("2.5.1.1 rubbish, pause, request", [(4, bytes.fromhex("FF 00 55")), (4, READ)], ANSWER),
    ("2.5.1.1 two requests parted by a silence", [(4, READ), (40, READ)], ANSWER + ANSWER),
    ("2.5.1.1 two requests with no silence", [(4, READ + rtu("09 03 0000 0001"))], ANSWER + rtu("09 03 02 0000")),
    ("3.3.3 second request runs into the answer to the first", [(4, READ), (5, READ)], ANSWER[:1]),
    ("2.5.1.2 wrong CRC", [(4, spoilt(READ))], b""),
    ("2.5.1.2 CRC bytes swapped", [(4, READ[:-2] + READ[:-3:-1])], b""),
    ("2.5.1.2 wrong CRC, then a request", [(4, spoilt(READ)), (4, READ)], ANSWER),
    ("2.2 unknown unit is silent", [(4, rtu("02 03 0005 0001"))], b""),
    ("2.2 reserved unit 248 is silent", [(4, rtu("F8 03 0005 0001"))], b""),
    ("2.2 unit 255 is silent", [(4, rtu("FF 03 0005 0001"))], b""),
    ("2.2 answer of another unit is let pass", [(4, rtu("02 03 02 0000")), (4, READ)], ANSWER),
    ("2.1 broadcast read is silent", [(4, rtu("00 03 0005 0001"))], b""),
    ("2.1 broadcast write is executed", [(4, rtu("00 06 0005 BEEF")), (4, READ)], rtu("01 03 02 BEEF")),
    (
        "2.1 broadcast write reaches every unit",
        [(4, rtu("00 06 0000 BEEF")), (4, rtu("09 03 0000 0001"))],
        rtu("09 03 02 BEEF"),
    ),
    (
        "6.8 sub 11 counts messages for others",
        [(4, rtu("02 03 0005 0001")), (4, rtu("01 08 000B 0000"))],
        rtu("01 08 000B 0002"),
    ),
    ("6.8 sub 12 counts wrong CRCs", [(4, spoilt(READ)), (4, rtu("01 08 000C 0000"))], rtu("01 08 000C 0001")),
    (
        "6.8 sub 14 counts messages for this unit and for all",
        [(4, rtu("02 03 0005 0001")), (4, rtu("00 06 0005 BEEF")), (4, rtu("01 08 000E 0000"))],
        rtu("01 08 000E 0002"),
    ),
    (
        "6.8 sub 15 counts broadcasts",
        [(4, rtu("00 06 0005 BEEF")), (4, rtu("01 08 000F 0000"))],
        rtu("01 08 000F 0001"),
    ),
    (
        "6.8 sub 4 silences this unit only",
        [(4, rtu("01 08 0004 0000")), (4, READ), (4, rtu("09 03 0000 0001"))],
        rtu("09 03 02 0000"),
    ),
    (
        "6.8 sub 1 for all ends the silence",
        [(4, rtu("01 08 0004 0000")), (4, rtu("00 08 0001 0000")), (4, READ)],
        ANSWER,
    ),
    (
        "6.10 log shows broadcast and damage",
        [(4, rtu("00 06 0005 BEEF")), (4, spoilt(READ)), (4, rtu("01 0C"))],
        rtu("01 0C 0A 0000 0001 0002 80 82 40 C0"),
    ),
]

ASCII_READ = ascii_frame(bytes.fromhex("01 03 0005 0001"))
ASCII_ANSWER = ascii_frame(bytes.fromhex("01 03 02 0105"))
SEMICOLON = ascii_frame(bytes.fromhex("01 08 0003 3B00"))

ASCII_ROWS = [
    # clause and case, (silence before it in characters, characters) in turn, answer
    ("2.5.2 request of this unit", [(1, ASCII_READ)], ASCII_ANSWER),
    ("2.5.2 characters as the standard writes them", [(1, b":010300050001F6\r\n")], b":0103020105F4\r\n"),
    (
        "2.5.2 silence of half a second inside",
        [(1, ASCII_READ[:6]), (0.5e3 / CHARACTER_MS, ASCII_READ[6:])],
        ASCII_ANSWER,
    ),
    ("2.5.2 silence of 1.1 seconds inside", [(1, ASCII_READ[:6]), (1.1e3 / CHARACTER_MS, ASCII_READ[6:])], b""),
    ("2.5.2 colon begins anew", [(1, ASCII_READ[:6] + ASCII_READ)], ASCII_ANSWER),
    ("2.5.2 what stands before the colon", [(1, b"0103" + ASCII_READ)], ASCII_ANSWER),
    ("2.5.2 lower case", [(1, b":010300050001f6\r\n")], b""),
    ("2.5.2 no hexadecimal digit", [(1, b":0103000500G1F6\r\n")], b""),
    ("2.5.2 odd number of digits", [(1, b":01030005001F6\r\n")], b""),
    ("2.5.2 CR is missing", [(1, b":010300050001F6\n")], b""),
    ("3.3.3 second request runs into the answer to the first", [(1, ASCII_READ + ASCII_READ)], b""),
    ("2.5.2.2 wrong LRC", [(1, b":010300050001F7\r\n")], b""),
    ("2.5.2.2 wrong LRC, then a request", [(1, b":010300050001F7\r\n"), (1, ASCII_READ)], ASCII_ANSWER),
    ("2.2 unknown unit is silent", [(1, ascii_frame(bytes.fromhex("02 03 0005 0001")))], b""),
    (
        "2.1 broadcast write is executed",
        [(1, ascii_frame(bytes.fromhex("00 06 0005 BEEF"))), (1, ASCII_READ)],
        ascii_frame(bytes.fromhex("01 03 02 BEEF")),
    ),
    (
        "6.8 sub 3 changes the delimiter",
        [(1, SEMICOLON), (60, ASCII_READ[:-1] + b";")],
        SEMICOLON + ASCII_ANSWER[:-1] + b";",
    ),
    ("6.8 sub 3 ends the old delimiter", [(1, SEMICOLON), (60, ASCII_READ)], SEMICOLON),
    (
        "6.8 sub 12 counts wrong LRCs",
        [(1, b":010300050001F7\r\n"), (1, ascii_frame(bytes.fromhex("01 08 000C 0000")))],
        ascii_frame(bytes.fromhex("01 08 000C 0001")),
    ),
]


FOUR_WIRE_ROWS = [
    # clause and case, line, (silence before it in characters, characters) in turn, answer
    ("3.3.4 ASCII requests while units answer", AsciiLine, [(1, ASCII_READ * 2)], ASCII_ANSWER * 2),
    ("3.3.4 RTU requests while units answer", RtuLine, [(4, READ), (5, READ)], ANSWER + ANSWER),
]


def answered(line: RtuLine | AsciiLine, parts: list[tuple[float, bytes]]) -> bytes:
    """Send the parts, let the line rest, return what it answered."""
    character_ns = line.line.settings.character_ns
    now_ns, sent = 0, b""
    for silence, characters in parts:
        now_ns = max(now_ns, line.line.received_ns) + round(silence * character_ns)
        sent += line.poll(now_ns) + line.feed(characters, now_ns)
    return sent + line.poll(now_ns + round(RESTING_MS * 1e6))


@pytest.mark.parametrize(("parts", "answer"), [row[1:] for row in RTU_ROWS], ids=[row[0] for row in RTU_ROWS])
def test_rtu_frames_get_exactly_these_answers(parts: list[tuple[float, bytes]], answer: bytes) -> None:
    assert answered(RtuLine(directory(), LINE), parts) == answer


@pytest.mark.parametrize(("parts", "answer"), [row[1:] for row in ASCII_ROWS], ids=[row[0] for row in ASCII_ROWS])
def test_ascii_frames_get_exactly_these_answers(parts: list[tuple[float, bytes]], answer: bytes) -> None:
    assert answered(AsciiLine(directory()), parts) == answer


@pytest.mark.parametrize(
    ("kind", "parts", "answer"), [row[1:] for row in FOUR_WIRE_ROWS], ids=[row[0] for row in FOUR_WIRE_ROWS]
)
def test_on_four_wires_nobody_talks_into_a_request(kind, parts: list[tuple[float, bytes]], answer: bytes) -> None:
    settings = LINE if kind is RtuLine else ASCII_SETTINGS

    assert answered(kind(directory(), settings, wires=4), parts) == answer
