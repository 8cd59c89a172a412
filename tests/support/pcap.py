"""Packets of a conversation between a client and a server, as a capture file that every analyser reads."""

from __future__ import annotations

import struct
from pathlib import Path

__all__ = ["Capture"]

_RAW_IP = 101  # link type: packets start with their IP header
_CLIENT, _SERVER = bytes((127, 0, 0, 1)), bytes((127, 0, 0, 2))
_CLIENT_PORT = 50_000
_TCP, _UDP = 6, 17
_PUSH_ACK = 0x18
_US_PER_PACKET = 1000


class Capture:
    """Collects packets, a millisecond apart. Each TCP port of the server is one connection; check sums are 0."""

    def __init__(self) -> None:
        self._packets: list[bytes] = []
        self._sent: dict[tuple[int, bool], int] = {}

    def tcp(self, port: int, payload: bytes, *, is_answer: bool) -> None:
        """Add a segment between the client and a port of the server."""
        mine, theirs = self._sent.get((port, is_answer), 0), self._sent.get((port, not is_answer), 0)
        self._sent[port, is_answer] = mine + len(payload)
        ports = (port, _CLIENT_PORT) if is_answer else (_CLIENT_PORT, port)
        head = struct.pack(">HHIIBBHHH", *ports, 1 + mine, 1 + theirs, 5 << 4, _PUSH_ACK, 0xFFFF, 0, 0)
        self._add(_TCP, head + payload, is_answer=is_answer)

    def udp(self, port: int, payload: bytes, *, is_answer: bool) -> None:
        """Add a datagram."""
        ports = (port, _CLIENT_PORT) if is_answer else (_CLIENT_PORT, port)
        self._add(_UDP, struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload, is_answer=is_answer)

    def write(self, path: Path) -> None:
        """Write the file."""
        head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, _RAW_IP)
        records = []
        for number, packet in enumerate(self._packets):
            seconds, rest_us = divmod(number * _US_PER_PACKET, 1_000_000)
            records.append(struct.pack("<IIII", seconds, rest_us, len(packet), len(packet)) + packet)
        path.write_bytes(head + b"".join(records))

    def _add(self, protocol: int, segment: bytes, *, is_answer: bool) -> None:
        ends = (_SERVER, _CLIENT) if is_answer else (_CLIENT, _SERVER)
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(segment), 0, 0, 64, protocol, 0, *ends)
        self._packets.append(head + segment)
