"""What is wrong with bytes that came back in place of an answer, in words; pure functions."""

from __future__ import annotations

from emulators.modbus.checksums import crc16, lrc
from hil.targets.modbus_url import ModbusUrl

__all__ = ["why_no_answer"]

_MBAP_SIZE = 7
_MAX_SHOWN = 24


def why_no_answer(url: ModbusUrl, sent: bytes, received: bytes) -> str:
    """Return why ``received`` does not answer the frame ``sent``; both whole, as they were on the wire."""
    if url.scheme == "modbus-ascii":
        reason = _why_not_ascii(sent, received)
    elif url.scheme in ("modbus-rtu", "modbus-rtu-over-tcp"):
        reason = _why_not_rtu(sent, received)
    else:
        reason = _why_not_mbap(sent, received)
    hint = f"; are {url.line} and the wires right?" if url.is_serial and reason.startswith("garbage") else ""
    return f"{reason}: {_hex(received)}{hint}"


def _why_not_mbap(sent: bytes, received: bytes) -> str:
    if len(received) >= 6:
        protocol, length = int.from_bytes(received[2:4], "big"), int.from_bytes(received[4:6], "big")
        if protocol:
            return f"garbage: protocol id {protocol} in place of 0"
        if len(received) < 6 + length:
            return f"half an answer, {len(received)} of {6 + length} bytes"
    if len(received) <= _MBAP_SIZE:
        return f"half an answer, {len(received)} bytes"
    transaction, asked = int.from_bytes(received[:2], "big"), int.from_bytes(sent[:2], "big")
    if received[6] != sent[6]:
        return f"unit {received[6]} answered in place of unit {sent[6]}"
    if transaction != asked:
        return f"an answer to another request, transaction id {transaction} in place of {asked}"
    return _why_not_pdu(sent[_MBAP_SIZE], received[_MBAP_SIZE])


def _why_not_rtu(sent: bytes, received: bytes) -> str:
    if len(received) >= 4 and crc16(received[:-2]) == int.from_bytes(received[-2:], "little"):
        return _why_not_unit(sent, received)
    if received[:2] == sent[:2] and _is_part_of_read(received):
        return f"half an answer, {len(received)} bytes"
    if received[:1] == sent[:1] and len(received) >= 4:
        return "garbage: its checksum is wrong"
    return "garbage"


def _is_part_of_read(frame: bytes) -> bool:
    return len(frame) < 3 or (frame[1] <= 4 and len(frame) < 5 + frame[2])


def _why_not_ascii(sent: bytes, received: bytes) -> str:
    start, end = received.find(b":"), received.find(b"\r\n")
    if start < 0:
        return "garbage"
    if end < 0:
        return f"half an answer, {len(received)} characters"
    try:
        frame = bytes.fromhex(received[start + 1 : end].decode("ascii"))
    except ValueError:
        return "garbage"
    if len(frame) < 3 or lrc(frame[:-1]) != frame[-1]:
        return "garbage: its checksum is wrong"
    return _why_not_unit(bytes.fromhex(sent[1:-2].decode("ascii")), frame)


def _why_not_unit(sent: bytes, received: bytes) -> str:
    if received[0] != sent[0]:
        return f"unit {received[0]} answered in place of unit {sent[0]}"
    return _why_not_pdu(sent[1], received[1])


def _why_not_pdu(asked: int, answered: int) -> str:
    if answered & 0x7F != asked:
        return f"an answer to function {answered & 0x7F} in place of {asked}"
    return "an answer without sense"


def _hex(received: bytes) -> str:
    rest = f" … ({len(received)} bytes)" if len(received) > _MAX_SHOWN else ""
    return received[:_MAX_SHOWN].hex(" ").upper() + rest
