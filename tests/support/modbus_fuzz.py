"""Random Modbus requests and streams that are nearly right: the parts of a device that see rubbish see them."""

from __future__ import annotations

import gc
import random
import sys
from collections.abc import Callable

__all__ = ["HeldBlocks", "chunks", "fuzzed_mbap", "fuzzed_pdu", "well_formed"]

_LIMITS = {1: 2000, 2: 2000, 3: 125, 4: 125}
_Build = Callable[[random.Random], bytes]


def _word(chance: random.Random, low: int = 0, high: int = 0xFFFF) -> bytes:
    return chance.randint(low, high).to_bytes(2, "big")


def _read(function_code: int) -> _Build:
    most = _LIMITS[function_code] + 2  # a little beyond what is allowed
    return lambda chance: bytes((function_code,)) + _word(chance, 0, 600) + _word(chance, 0, most)


def _write_many(function_code: int, most: int, bits: int) -> _Build:
    def build(chance: random.Random) -> bytes:
        count = chance.randint(1, most)
        size = (count * bits + 7) // 8
        return bytes((function_code,)) + _word(chance, 0, 600) + _word(chance, count, count) + _counted(chance, size)

    return build


def _counted(chance: random.Random, size: int) -> bytes:
    return bytes((size,)) + chance.randbytes(size)


def _read_write(chance: random.Random) -> bytes:
    count = chance.randint(1, 121)
    spans = _word(chance, 0, 300) + _word(chance, 1, 125) + _word(chance, 0, 300) + _word(chance, count, count)
    return b"\x17" + spans + _counted(chance, 2 * count)


def _file_read(chance: random.Random) -> bytes:
    groups = b"".join(
        b"\x06" + _word(chance, 1, 10) + _word(chance, 0, 30) + _word(chance, 0, 30)
        for _ in range(chance.randint(1, 8))
    )
    return b"\x14" + bytes((len(groups),)) + groups


def _file_write(chance: random.Random) -> bytes:
    count = chance.randint(1, 40)
    head = b"\x06" + _word(chance, 1, 10) + _word(chance, 0, 30) + _word(chance, count, count)
    return b"\x15" + bytes((len(head) + 2 * count,)) + head + chance.randbytes(2 * count)


_BUILDERS: tuple[_Build, ...] = (
    *map(_read, _LIMITS),
    lambda chance: b"\x05" + _word(chance, 0, 600) + chance.choice((b"\x00\x00", b"\xff\x00", b"\x12\x34")),
    lambda chance: b"\x06" + _word(chance, 0, 600) + _word(chance),
    lambda chance: chance.choice((b"\x07", b"\x0b", b"\x0c", b"\x11")),
    lambda chance: b"\x08" + _word(chance, 0, 24) + _word(chance),
    _write_many(0x0F, 1968, 1),
    _write_many(0x10, 123, 16),
    _file_read,
    _file_write,
    lambda chance: b"\x16" + _word(chance, 0, 600) + _word(chance) + _word(chance),
    _read_write,
    lambda chance: b"\x18" + _word(chance, 0, 2000),
    lambda chance: b"\x2b\x0e" + bytes((chance.randint(0, 5), chance.randrange(256))),
)


def well_formed(chance: random.Random) -> bytes:
    """Return a request of a public function with the right length: only the function's own fields are at random."""
    return chance.choice(_BUILDERS)(chance)


def _mutated(chance: random.Random, pdu: bytes) -> bytes:
    mutant = bytearray(pdu)
    for _ in range(chance.randint(1, 3)):
        match chance.randrange(3):
            case 0:
                mutant[chance.randrange(len(mutant))] ^= 1 << chance.randrange(8)
            case 1:
                mutant += chance.randbytes(chance.randint(1, 8))
            case _:
                del mutant[chance.randint(1, len(mutant)) :]
    return bytes(mutant[:253])


def fuzzed_pdu(chance: random.Random) -> bytes:
    """Return a request: 40 % well formed, 40 % mutated, 20 % noise."""
    kind = chance.random()
    if kind < 0.4:
        return well_formed(chance)
    return _mutated(chance, well_formed(chance)) if kind < 0.8 else chance.randbytes(chance.randint(1, 253))


def fuzzed_mbap(chance: random.Random) -> tuple[bytes, bool]:
    """Return a frame of Modbus TCP, and whether it is right up to the fields of its function.

    A frame in ten lies about its length, another has a foreign protocol id; some are for units that are not there.
    """
    is_right = chance.random() < 0.45
    unit_id = bytes((chance.choice((1, 1, 1, 2, 0, 77)),))
    octets = unit_id + (well_formed(chance) if is_right else fuzzed_pdu(chance))
    length, protocol = len(octets), 0
    match chance.randrange(10):
        case 0:
            length, is_right = chance.choice((0, 1, 255, 60_000, len(octets) + 3)), False
        case 1:
            protocol, is_right = 7, False
    head = protocol.to_bytes(2, "big") + length.to_bytes(2, "big")
    return chance.randbytes(2) + head + octets, is_right


def chunks(chance: random.Random, stream: bytes) -> list[bytes]:
    """Return a stream as a network may cut it: whole, in a few pieces, or byte by byte."""
    kind = chance.random()
    if kind < 0.5:
        return [stream]
    if kind < 0.6:
        return [stream[position : position + 1] for position in range(len(stream))]
    cuts = sorted(chance.randrange(len(stream) + 1) for _ in range(chance.randint(1, 4)))
    return [stream[start:end] for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True) if start < end]


class HeldBlocks:
    """How many memory blocks the interpreter holds more than when this was made."""

    def __init__(self) -> None:
        gc.collect()
        self._before = sys.getallocatedblocks()

    def grown(self) -> int:
        gc.collect()
        return sys.getallocatedblocks() - self._before
