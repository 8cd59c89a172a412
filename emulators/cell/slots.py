"""Where a named value lies in the state block, and how values become bytes there and back."""

from __future__ import annotations

import enum
import math
import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulators.cell.conversion import integer_range
from emulators.native.ir import Scalar

__all__ = ["SCALAR_FORMATS", "Slot", "Stage", "decode", "encode", "store"]

SCALAR_FORMATS = {
    Scalar.BOOL: "<B",
    Scalar.I8: "<b",
    Scalar.I16: "<h",
    Scalar.I32: "<i",
    Scalar.I64: "<q",
    Scalar.U8: "<B",
    Scalar.U16: "<H",
    Scalar.U32: "<I",
    Scalar.U64: "<Q",
    Scalar.F32: "<f",
    Scalar.F64: "<d",
}
"""How ``struct`` and numpy write a value in the state block; a BOOL is one byte."""


class Stage(enum.IntEnum):
    """When a write of the tape acts within its step."""

    PLANT = 0  # before phase 1
    CONTROLLER = 1  # at the latch, phase 4


@dataclass(frozen=True, slots=True)
class Slot:
    """Scalar at a byte offset of the state block; ``bit`` selects one bit of the byte there."""

    path: str
    offset: int
    scalar: Scalar
    bit: int | None = None
    stage: Stage = Stage.PLANT

    @property
    def size(self) -> int:
        """Bytes that a write to this slot touches."""
        return 1 if self.bit is not None else self.scalar.size


def encode(slot: Slot, value: bool | int | float) -> tuple[int, int]:
    """Return ``(bits, mask)`` of a masked write of ``value`` to ``slot``.

    Raises:
        ValueError: the value is not of the slot's type or outside its range; it says which values fit.
    """
    if slot.scalar is Scalar.BOOL:
        if value not in (False, True):
            raise ValueError(f"{value!r} is no BOOL; write true or false")
        if slot.bit is not None:
            return (1 << slot.bit if value else 0), 1 << slot.bit
        return int(value), 0xFF
    packed = _pack_float(slot.scalar, value) if slot.scalar.is_float else _pack_integer(slot.scalar, value)
    return int.from_bytes(packed, "little"), (1 << 8 * slot.scalar.size) - 1


def _pack_float(scalar: Scalar, value: bool | int | float) -> bytes:
    if isinstance(value, bool):
        raise ValueError(f"{value!r} is no number")
    number = float(value)
    if scalar is Scalar.F32 and math.isfinite(number) and abs(number) > 3.4028235677973366e38:
        raise ValueError(f"{value!r} is outside the range of REAL")
    return struct.pack(SCALAR_FORMATS[scalar], number)


def _pack_integer(scalar: Scalar, value: bool | int | float) -> bytes:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(f"{value!r} is no whole number")
    low, high = integer_range(scalar)
    if not low <= value <= high:
        raise ValueError(f"{value!r} is outside {low}..{high}")
    return struct.pack(SCALAR_FORMATS[scalar], int(value))


def decode(slot: Slot, block: NDArray[np.uint8]) -> bool | int | float:
    """Return the value at ``slot`` in a state block."""
    if slot.bit is not None:
        return bool(block[slot.offset] >> slot.bit & 1)
    number: int | float = struct.unpack_from(SCALAR_FORMATS[slot.scalar], block.data, slot.offset)[0]
    return bool(number) if slot.scalar is Scalar.BOOL else number


def store(slot: Slot, block: NDArray[np.uint8], value: bool | int | float) -> None:
    """Write a value of the slot's type into a state block.

    Raises:
        ValueError: it is of another type or outside its range.
    """
    if slot.bit is not None:
        mask = 1 << slot.bit
        block[slot.offset] = block[slot.offset] | mask if value else block[slot.offset] & (mask ^ 0xFF)
        return
    try:
        struct.pack_into(SCALAR_FORMATS[slot.scalar], block.data, slot.offset, value)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{value!r} does not fit {slot.scalar.label}") from error
