"""Bytes that are no answer are named for what they are."""

import pytest

from emulators.modbus.checksums import lrc, with_crc
from hil.targets.modbus_rubbish import why_no_answer
from hil.targets.modbus_url import ModbusUrl

TCP = ModbusUrl.parse("modbus-tcp://127.0.0.1/3")
RTU = ModbusUrl.parse("modbus-rtu:///dev/ttyS0?baud=9600&unit=3")
ASCII = ModbusUrl.parse("modbus-ascii:///dev/ttyS0?baud=9600&unit=3")


def mbap(pdu: str, *, transaction: int = 7, protocol: int = 0, unit: int = 3) -> bytes:
    content = bytes([unit]) + bytes.fromhex(pdu)
    return b"".join(each.to_bytes(2, "big") for each in (transaction, protocol, len(content))) + content


def rtu(pdu: str, *, unit: int = 3) -> bytes:
    return with_crc(bytes([unit]) + bytes.fromhex(pdu))


def colon(pdu: str, *, unit: int = 3) -> bytes:
    frame = bytes([unit]) + bytes.fromhex(pdu)
    return b":" + (frame + bytes([lrc(frame)])).hex().upper().encode() + b"\r\n"


ROWS = [
    ("tcp, other unit", TCP, mbap, mbap("03020005", unit=9), "unit 9 answered in place of unit 3"),
    ("tcp, other transaction", TCP, mbap, mbap("03020005", transaction=6), "transaction id 6 in place of 7"),
    ("tcp, other protocol", TCP, mbap, mbap("03020005", protocol=5), "garbage: protocol id 5 in place of 0"),
    ("tcp, other function", TCP, mbap, mbap("04020005"), "an answer to function 4 in place of 3"),
    ("tcp, cut in the data", TCP, mbap, mbap("03020005")[:-1], "half an answer, 10 of 11 bytes"),
    ("tcp, cut in the header", TCP, mbap, mbap("03020005")[:5], "half an answer, 5 bytes"),
    ("tcp, wrong inside", TCP, mbap, mbap("03090005"), "an answer without sense"),
    ("rtu, other unit", RTU, rtu, rtu("03020005", unit=9), "unit 9 answered in place of unit 3"),
    ("rtu, other function", RTU, rtu, rtu("04020005"), "an answer to function 4 in place of 3"),
    ("rtu, cut", RTU, rtu, rtu("03020005")[:-1], "half an answer, 6 bytes"),
    ("rtu, bad checksum", RTU, rtu, rtu("03020005")[:-1] + b"\x00", "garbage: its checksum is wrong"),
    ("rtu, noise", RTU, rtu, bytes.fromhex("F0FE80"), "garbage: F0 FE 80; are 9600 8E1 and the wires right?"),
    ("ascii, other unit", ASCII, colon, colon("03020005", unit=9), "unit 9 answered in place of unit 3"),
    ("ascii, cut", ASCII, colon, colon("03020005")[:-2], "half an answer, 13 characters"),
    ("ascii, bad checksum", ASCII, colon, b":03030200051F\r\n", "garbage: its checksum is wrong"),
    ("ascii, no hexadecimal", ASCII, colon, b":0X\r\n", "garbage"),
    ("ascii, no colon", ASCII, colon, b"OK\r\n", "garbage: 4F 4B 0D 0A; are 9600 7E1 and the wires right?"),
]


@pytest.mark.parametrize(
    ("url", "frame", "received", "reason"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_what_came_in_place_of_an_answer_is_said(url, frame, received, reason):
    assert reason in why_no_answer(url, frame("0300000001"), received)


def test_only_the_first_bytes_of_many_are_shown():
    text = why_no_answer(TCP, mbap("0300000001"), mbap("03020005", unit=9) + bytes(100))

    assert text.endswith("00 … (111 bytes)")
