"""Frames as a client sends and awaits them: one request at a time, bytes of the answer in any pieces.

What cannot be the answer is passed over and the time-out decides: another transaction id or unit, a damaged frame.
A TCP stream in which the position is lost ends the connection.
"""

from __future__ import annotations

from struct import Struct
from typing import Protocol

from emulators.modbus.ascii import ASCII_SETTINGS, ascii_frame, spoil_lrc
from emulators.modbus.client.requests import response_size
from emulators.modbus.codes import MAX_PDU_SIZE
from emulators.modbus.faults.interface import WireFraming
from emulators.modbus.line_client import AsciiClient
from emulators.modbus.mbap import MBAP_WIRE
from emulators.modbus.rtu_frames import RTU_WIRE, is_whole

__all__ = [
    "AsciiFrames",
    "ClientFrames",
    "DatagramFrames",
    "MbapFrames",
    "RtuFrames",
    "RtuStreamFrames",
    "StreamLost",
]

_HEADER = Struct(">HHHB")
_UNIT_AND_CRC = 3
_EXCEPTION_SIZE = 5


class StreamLost(Exception):  # noqa: N818 - what is left to do is to connect again
    """Bytes came that no frame can start with."""


class ClientFrames(Protocol):
    """Framing of one connection. ``is_stream`` tells whether it can end and be opened again."""

    wire: WireFraming
    is_stream: bool

    def request(self, unit_id: int, pdu: bytes) -> bytes:
        """Return the frame of the next request; only its answer counts from now on."""
        ...

    def feed(self, chunk: bytes) -> bytes | None:
        """Take bytes that have come; return the response PDU once it is whole.

        Raises:
            StreamLost: the connection is of no use any more.
        """
        ...


class MbapFrames:
    """Modbus TCP."""

    wire = MBAP_WIRE
    is_stream = True

    def __init__(self) -> None:
        self._transaction_id = 0
        self._unit_id = 0
        self._rest = b""

    def request(self, unit_id: int, pdu: bytes) -> bytes:
        self._transaction_id = self._transaction_id + 1 & 0xFFFF
        self._unit_id = unit_id
        return self.wire.encode(self._transaction_id, unit_id, pdu)

    def feed(self, chunk: bytes) -> bytes | None:
        stream = self._rest + chunk
        answer = None
        while len(stream) >= _HEADER.size:
            transaction_id, protocol_id, length, unit_id = _HEADER.unpack_from(stream)
            if protocol_id or not 2 <= length <= MAX_PDU_SIZE + 1:
                raise StreamLost
            end = _HEADER.size - 1 + length
            if len(stream) < end:
                break
            if (transaction_id, unit_id) == (self._transaction_id, self._unit_id) and answer is None:
                answer = stream[_HEADER.size : end]
            stream = stream[end:]
        self._rest = stream
        return answer


class DatagramFrames(MbapFrames):
    """Modbus UDP: what a datagram begins and does not end is lost, and with it nothing else."""

    is_stream = False

    def feed(self, chunk: bytes) -> bytes | None:
        try:
            return super().feed(chunk)
        except StreamLost:
            return None
        finally:
            self._rest = b""


class RtuFrames:
    """Modbus RTU: what is in the receive buffer when a request is sent is thrown away.

    A late answer to an earlier request of the same function and size cannot be told from the right one.
    """

    wire = RTU_WIRE
    is_stream = False

    def __init__(self) -> None:
        self._unit_id = 0
        self._size = 0
        self._received = b""

    def request(self, unit_id: int, pdu: bytes) -> bytes:
        self._unit_id, self._size, self._received = unit_id, response_size(pdu) + _UNIT_AND_CRC, b""
        return self.wire.encode(0, unit_id, pdu)

    def feed(self, chunk: bytes) -> bytes | None:
        self._received += chunk
        if len(self._received) < _EXCEPTION_SIZE:
            return None
        size = _EXCEPTION_SIZE if self._received[1] & 0x80 else self._size
        if len(self._received) < size:
            return None
        frame, self._received = self._received[:size], b""
        return frame[1:-2] if is_whole(frame) and frame[0] == self._unit_id else None


class RtuStreamFrames(RtuFrames):
    """Modbus RTU over TCP: the same frames in a connection that can end."""

    is_stream = True


class AsciiFrames:
    """Modbus ASCII: what comes before the colon and after CR LF is passed over, as is a frame with a wrong LRC.

    A late answer to an earlier request of the same function and size cannot be told from the right one.
    """

    wire = WireFraming("ascii", lambda _, unit_id, pdu: ascii_frame(bytes((unit_id,)) + pdu), spoil_lrc)
    is_stream = False

    def __init__(self) -> None:
        self._unit_id = 0
        self._client = AsciiClient(ASCII_SETTINGS)

    def request(self, unit_id: int, pdu: bytes) -> bytes:
        self._unit_id = unit_id
        self._client.forget()
        return self._client.frame(unit_id, pdu)

    def feed(self, chunk: bytes) -> bytes | None:
        heard = self._client.hear(chunk, 0)
        return next((octets[1:] for octets in heard if octets[0] == self._unit_id), None)
