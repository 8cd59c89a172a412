"""One entry of a register map as bytes on the wire and as an engineering value: both ways, without a publication.

``engineering = wire * scale + offset``. Encoding rounds half to even and saturates at the ends of the type. NaN becomes
the number that means "no value" in integer registers: that of the map, which reads back as NaN, else the lowest of a
signed type or the highest of an unsigned one.
Single bits and bit fields share their register with others: ``encode`` returns their bits in an otherwise empty one.
"""

from __future__ import annotations

import math
import struct
from functools import cached_property
from types import MappingProxyType

from emulators.description.register_map import ByteOrder, RegisterEntry
from emulators.description.register_types import RegisterType
from emulators.signals.tags import TagValue

__all__ = ["EntryCodec"]

_FLOATS = MappingProxyType({"f32": ">f", "f64": ">d"})


class EntryCodec:
    """Reads and writes the bytes of one entry of a register table."""

    def __init__(self, entry: RegisterEntry) -> None:
        self.entry = entry

    @cached_property
    def wire_order(self) -> tuple[int, ...]:
        """For each byte on the wire, the index of the byte in the big-endian value."""
        size = 2 * self.entry.quantity
        words = [(at, at + 1) for at in range(0, size, 2)]
        if self.entry.word_order is ByteOrder.LITTLE:
            words.reverse()
        if self.entry.byte_order is ByteOrder.LITTLE:
            words = [(low, high) for high, low in words]
        return tuple(index for word in words for index in word)

    @cached_property
    def divisor(self) -> int | None:
        """1/scale where that is a whole number: dividing by it keeps decimal values exact (3 / 10, not 3 * 0.1)."""
        inverse = 1.0 / self.entry.scale
        whole = round(inverse)
        return whole if whole and abs(inverse - whole) <= 1e-9 * abs(inverse) else None

    @cached_property
    def field_mask(self) -> int:
        """Bits of the register that belong to a single bit or a bit field."""
        return ((1 << self.entry.type.bit_count) - 1) << (self.entry.bit or 0)

    @cached_property
    def wire_mask(self) -> int:
        """``field_mask`` in the byte order of the wire."""
        return int.from_bytes(self.on_wire(self.field_mask.to_bytes(2, "big")), "big")

    @cached_property
    def missing_number(self) -> int:
        """What stands for NaN in the registers of a whole number."""
        if self.entry.no_value is not None:
            return self.entry.no_value
        low, high = self.entry.type.limits or (0, 0)
        return low if low < 0 else high

    def decode(self, wire: bytes) -> TagValue:
        """Return the engineering value of the bytes of this entry as they lie on the wire.

        Raises:
            ValueError: a digit of a decimal number is too large.
        """
        kind = self.entry.type
        ordered = bytearray(len(wire))
        for position, index in enumerate(self.wire_order):
            ordered[index] = wire[position]
        if kind.is_string:
            return bytes(ordered[: kind.length]).rstrip(b"\0").decode("latin-1")
        if kind.is_bit or kind.is_field:
            bits = (int.from_bytes(ordered, "big") & self.field_mask) >> (self.entry.bit or 0)
            return bool(bits) if kind.is_bit else self._engineering(bits)
        if kind.is_float:
            number: float = struct.unpack(_FLOATS[kind.native_label], ordered)[0]
            return self._engineering(number)
        whole = int.from_bytes(ordered, "big", signed=kind.native_label.startswith("i"))
        if whole == self.entry.no_value:
            return math.nan
        return self._engineering(self._decimal_number(whole) if kind.is_decimal else whole)

    def encode(self, value: TagValue) -> bytes:
        """Return the bytes on the wire for an engineering value.

        Raises:
            ValueError: a text for a number or the other way round, or a text that does not fit.
        """
        kind = self.entry.type
        if isinstance(value, str) is not kind.is_string:
            raise ValueError(f"{self.entry.tag} is a {kind.name}, not {value!r}")
        if isinstance(value, str):
            raw = value.encode("latin-1", errors="strict")
            if len(raw) > kind.length:
                raise ValueError(f"{self.entry.tag}: the text is longer than {kind.length} characters")
            return self.on_wire(raw.ljust(2 * kind.quantity, b"\0"))
        number = value if kind.is_bit else self._wire_number(value)
        if kind.is_bit or kind.is_field:
            return self.on_wire((int(number) << (self.entry.bit or 0)).to_bytes(2, "big"))
        if kind.is_float:
            return self.on_wire(_packed_float(_FLOATS[kind.native_label], float(number)))
        whole = _digit_by_digit(int(number), kind) if kind.is_decimal else int(number)
        return self.on_wire(whole.to_bytes(2 * kind.quantity, "big", signed=kind.native_label.startswith("i")))

    def on_wire(self, big_endian: bytes) -> bytes:
        """Return the bytes of a big-endian value in the order of the wire."""
        return bytes(big_endian[index] for index in self.wire_order)

    def _decimal_number(self, coded: int) -> int:
        kind, number = self.entry.type, 0
        for place in reversed(range(kind.digits)):
            digit = coded >> kind.digit_bits * place & (1 << kind.digit_bits) - 1
            if digit >= kind.radix:
                raise ValueError(f"{self.entry.tag}: {coded:0{4 * kind.quantity}X} is no {kind.name} number")
            number = number * kind.radix + digit
        return number

    def _engineering(self, number: int | float) -> int | float:
        entry = self.entry
        if not entry.is_scaled:
            return number
        scaled = number * entry.scale if self.divisor is None else number / self.divisor
        return scaled + entry.offset if entry.offset else scaled

    def _wire_number(self, value: bool | int | float) -> int | float:
        entry, limits = self.entry, self.entry.type.limits
        number: int | float = int(value) if isinstance(value, bool) else value
        if entry.is_scaled:
            number = (number - entry.offset) * (self.divisor or 1.0 / entry.scale)
        if limits is None:
            return number
        if isinstance(number, float) and math.isnan(number):
            return self.missing_number
        return round(min(max(number, limits[0]), limits[1]))


def _digit_by_digit(number: int, kind: RegisterType) -> int:
    """Return the digits of a decimal number, each in its bits."""
    coded = 0
    for place in range(kind.digits):
        number, digit = divmod(number, kind.radix)
        coded |= digit << kind.digit_bits * place
    return coded


def _packed_float(form: str, number: float) -> bytes:
    try:
        return struct.pack(form, number)
    except OverflowError:
        return struct.pack(form, math.copysign(math.inf, number))
