"""Direct addresses: ``%IX0.3`` and the like, as written to byte offset and bit."""

from __future__ import annotations

import re

from emulators.iec61131.types import Address, Area, ArrayType, Elementary, IecType, underlying

__all__ = ["IMAGE_LIMIT_BYTES", "address_type", "is_incomplete", "locatable_bits", "occupied_bits", "parse_address"]

IMAGE_LIMIT_BYTES = 65536

_SIZE_BITS = {"": 1, "X": 1, "B": 8, "W": 16, "D": 32, "L": 64}
_WRITTEN = re.compile(r"%([IQM])([XBWDL]?)([0-9]+(?:\.[0-9]+)*)$", re.IGNORECASE)
_INCOMPLETE = re.compile(r"%[IQM]\*$", re.IGNORECASE)
_TYPE_OF_SIZE = {
    1: Elementary.BOOL,
    8: Elementary.BYTE,
    16: Elementary.WORD,
    32: Elementary.DWORD,
    64: Elementary.LWORD,
}


def is_incomplete(text: str) -> bool:
    """True for ``%I*``, which VAR_CONFIG completes."""
    return _INCOMPLETE.match(text) is not None


def parse_address(text: str) -> Address:
    """Return the address; see ``Address`` for how it counts.

    Raises:
        ValueError: not an address; the message says what is.
    """
    match = _WRITTEN.match(text)
    if match is None:
        raise ValueError("an address is %, I, Q or M, a size X, B, W, D or L, and a number: %IX0.3, %QW2, %MD10")
    area, size_bits = Area(match[1].upper()), _SIZE_BITS[match[2].upper()]
    parts = match[3].split(".")
    if any(len(part) > 9 for part in parts):
        raise ValueError(f"addresses end at byte {IMAGE_LIMIT_BYTES - 1}")
    numbers = [int(part) for part in parts]
    bit: int | None = None
    if size_bits == 1:
        if len(numbers) > 2:
            raise ValueError("a bit address has a byte and a bit: %IX0.3")
        if len(numbers) == 2 and numbers[1] > 7:
            raise ValueError("bits of a byte count from 0 to 7")
        byte_offset, bit = (numbers[0], numbers[1]) if len(numbers) == 2 else divmod(numbers[0], 8)
    elif len(numbers) > 1:
        raise ValueError(f"an address of size {match[2].upper()} has one number; only bits are written with a point")
    else:
        byte_offset = numbers[0] * size_bits // 8
    if byte_offset + max(1, size_bits // 8) > IMAGE_LIMIT_BYTES:
        raise ValueError(f"addresses end at byte {IMAGE_LIMIT_BYTES - 1}")
    return Address(text, area, size_bits, byte_offset, bit)


def address_type(address: Address) -> Elementary:
    """Return the type of a direct address in an expression."""
    return _TYPE_OF_SIZE[address.size_bits]


def locatable_bits(iec_type: IecType) -> int | None:
    """Return the size of one element that a located variable of this type takes in the image, None if it cannot."""
    element = underlying(iec_type.element if isinstance(iec_type, ArrayType) else iec_type)
    return element.bits if isinstance(element, Elementary) else None


def occupied_bits(address: Address, iec_type: IecType) -> tuple[int, int]:
    """Return the first bit and the number of bits that a variable takes in its area."""
    count = iec_type.length if isinstance(iec_type, ArrayType) else 1
    return address.byte_offset * 8 + (address.bit or 0), address.size_bits * count
