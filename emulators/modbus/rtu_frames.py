"""Where RTU frames end when no silence tells: lengths of requests and check sums.

Frames that follow each other too closely, or that came through a network, have no silence between them. The CRC of a
whole frame, its own CRC included, is 0; that and the length which a request's function code asks for find the ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.faults.interface import WireFraming

__all__ = ["MAX_FRAME_SIZE", "MIN_FRAME_SIZE", "RTU_WIRE", "frame_end", "is_whole", "request_size", "split_frames"]

MIN_FRAME_SIZE, MAX_FRAME_SIZE = 4, 256

_FIXED_SIZES = {
    **dict.fromkeys((0x01, 0x02, 0x03, 0x04, 0x05, 0x06), 8),
    **dict.fromkeys((0x07, 0x0B, 0x0C, 0x11), 4),
    0x16: 10,
    0x18: 6,
}
_BYTE_COUNTS = {0x0F: 6, 0x10: 6, 0x14: 2, 0x15: 2, 0x17: 10}  # where the byte count stands
_READ_DEVICE_IDENTIFICATION = b"\x2b\x0e"


def _encode(transaction_id: int, unit_id: int, pdu: bytes) -> bytes:
    return with_crc(bytes((unit_id,)) + pdu)


def _spoil_crc(frame: bytes) -> bytes:
    return frame[:-1] + bytes((frame[-1] ^ 0xFF,))


RTU_WIRE = WireFraming("rtu", _encode, _spoil_crc)


def request_size(frame: bytes) -> int | None:
    """Return the whole size of a request that starts like this; None if unknown, or not yet known."""
    if len(frame) < 2:
        return None
    fixed = _FIXED_SIZES.get(frame[1])
    if fixed is not None:
        return fixed
    position = _BYTE_COUNTS.get(frame[1])
    if position is not None:
        return position + 3 + frame[position] if len(frame) > position else None
    return 7 if frame[1:3] == _READ_DEVICE_IDENTIFICATION else None


def is_whole(frame: bytes) -> bool:
    """Whether these bytes are one undamaged frame."""
    return MIN_FRAME_SIZE <= len(frame) <= MAX_FRAME_SIZE and crc16(frame) == 0


def frame_end(stream: bytes) -> int | None:
    """Return the size of the undamaged frame that the stream starts with, or None.

    The size that its function code asks for goes before others at which the CRC happens to be right.
    """
    size = request_size(stream)
    if size is not None and size <= len(stream) and is_whole(stream[:size]):
        return size
    end = min(len(stream), MAX_FRAME_SIZE)
    crc = crc16(stream[: MIN_FRAME_SIZE - 1])
    for position in range(MIN_FRAME_SIZE - 1, end):
        crc = crc16(stream[position : position + 1], crc)
        if crc == 0:
            return position + 1
    return None


def split_frames(burst: bytes) -> Iterator[bytes]:
    """Yield the undamaged frames at the start of a burst; what is left over is yielded last, as a damaged frame."""
    while burst:
        if is_whole(burst):
            yield burst
            return
        end = frame_end(burst)
        if end is None:
            yield burst
            return
        yield burst[:end]
        burst = burst[end:]
