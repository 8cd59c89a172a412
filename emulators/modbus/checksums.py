"""Check sums of the serial modes: CRC-16 of RTU and LRC of ASCII, Serial Line V1.02 clauses 2.5.1.2 and 2.5.2.2."""

from __future__ import annotations

__all__ = ["CRC_START", "crc16", "lrc", "with_crc"]

CRC_START = 0xFFFF


def _remainder(octet: int) -> int:
    for _ in range(8):
        octet = (octet >> 1) ^ 0xA001 if octet & 1 else octet >> 1
    return octet


_REMAINDERS = tuple(_remainder(octet) for octet in range(256))


def crc16(octets: bytes | bytearray | memoryview, start: int = CRC_START) -> int:
    """Return the CRC of the octets, 0 for a whole frame that ends with its own CRC."""
    remainders, crc = _REMAINDERS, start
    for octet in octets:
        crc = (crc >> 8) ^ remainders[(crc ^ octet) & 0xFF]
    return crc


def with_crc(octets: bytes) -> bytes:
    """Return the octets followed by their CRC, low byte first."""
    return octets + crc16(octets).to_bytes(2, "little")


def lrc(octets: bytes) -> int:
    """Return the two's complement of the sum of the octets: octets and LRC add up to 0 modulo 256."""
    return -sum(octets) & 0xFF
