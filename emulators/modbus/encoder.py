"""Turn a snapshot into the wire-order cells of the four tables, many values per numpy call.

Values that go out as they are (same machine type, no scaling) are copied byte by byte with one gather for all of
them; the others are converted group by group. The result is always a new buffer: nobody sees half of a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from emulators.description.register_types import RegisterType
from emulators.modbus.binding import BoundEntry

__all__ = ["BitEncoder", "RegisterEncoder"]

Bytes = NDArray[np.uint8]
Indices = NDArray[np.intp]


class RegisterEncoder:
    """Encodes the entries of one register table of ``count`` registers."""

    def __init__(self, entries: Sequence[BoundEntry], count: int) -> None:
        self._size = 2 * count
        bits = [bound for bound in entries if bound.entry.type.is_bit]
        fields = [bound for bound in entries if bound.entry.type.is_field]
        texts = [bound for bound in entries if bound.entry.type.is_string]
        numbers = [bound for bound in entries if bound.entry.type.is_numeric and not bound.entry.type.is_field]
        plain = [bound for bound in numbers if _is_copied(bound)]
        converted = [bound for bound in numbers if not _is_copied(bound)]
        self._copy_to = _indices(
            2 * bound.entry.address + position for bound in plain for position in range(2 * bound.entry.quantity)
        )
        self._copy_from = _indices(
            bound.record_offset + _little_endian(index, 2 * bound.entry.quantity)
            for bound in plain
            for index in bound.wire_order
        )
        self._text_to = _indices(at for bound in texts for at, _ in _text_bytes(bound))
        self._text_from = _indices(source for bound in texts for _, source in _text_bytes(bound))
        self._groups = tuple(_ConvertedGroup(members) for members in _grouped(converted))
        self._fields = tuple(_Field(bound) for bound in fields)
        self._bit_to = _indices(2 * bound.entry.address + bound.bit_place[0] for bound in bits)
        self._bit_shift = np.array([bound.bit_place[1] for bound in bits], dtype=np.uint8)
        self._bit_from = _indices(bound.record_offset for bound in bits)

    def __deepcopy__(self, memo: object) -> RegisterEncoder:
        return self  # it never changes

    def encode(self, record: Bytes) -> bytearray:
        """Return the cells for a snapshot's record."""
        cells = bytearray(self._size)
        wire = np.frombuffer(cells, dtype=np.uint8)
        if self._copy_to.size:
            wire[self._copy_to] = record[self._copy_from]
        if self._text_to.size:
            wire[self._text_to] = record[self._text_from]
        for part in self._fields:
            part.write(record, wire)
        with np.errstate(over="ignore", invalid="ignore"):  # too large is infinity, or the end of the type
            for group in self._groups:
                group.write(record, wire)
        if self._bit_to.size:
            np.bitwise_or.at(wire, self._bit_to, record[self._bit_from] << self._bit_shift)
        return cells


class BitEncoder:
    """Encodes the entries of one bit table of ``count`` addresses."""

    def __init__(self, entries: Sequence[BoundEntry], count: int) -> None:
        self._count = count
        self._to = _indices(bound.entry.address for bound in entries)
        self._from = _indices(bound.record_offset for bound in entries)

    def __deepcopy__(self, memo: object) -> BitEncoder:
        return self  # it never changes

    def encode(self, record: Bytes) -> bytearray:
        """Return the packed cells for a snapshot's record."""
        bits = np.zeros(self._count, dtype=np.uint8)
        bits[self._to] = record[self._from]
        return bytearray(np.packbits(bits, bitorder="little").tobytes())


class _Field:
    """Neighbouring bits of one register; there are few of them in a map, so they go one by one."""

    def __init__(self, bound: BoundEntry) -> None:
        self._bound = bound
        self._from = slice(bound.record_offset, bound.record_offset + bound.tag.dtype.itemsize)
        self._to = 2 * bound.entry.address

    def write(self, record: Bytes, wire: Bytes) -> None:
        value: bool | int | float = record[self._from].view(self._bound.tag.dtype)[0].item()
        high, low = self._bound.encode(value)
        wire[self._to] |= high
        wire[self._to + 1] |= low


class _ConvertedGroup:
    """Entries of one kind, see ``_grouped``, converted together. Whole numbers are made with 64 bits, whatever the
    width of their registers; each has its own limits."""

    def __init__(self, members: Sequence[BoundEntry]) -> None:
        entries = [bound.entry for bound in members]
        self._source = members[0].tag.dtype
        self._target = _made_as(entries[0].type)
        self._from = _indices(bound.record_offset + byte for bound in members for byte in range(self._source.itemsize))
        self._to = _indices(2 * entry.address + position for entry in entries for position in range(2 * entry.quantity))
        self._order = _indices(
            row * self._target.itemsize + _little_endian(index, 2 * bound.entry.quantity)
            for row, bound in enumerate(members)
            for index in bound.wire_order
        )
        self._is_scaled = any(entry.is_scaled for entry in entries)
        self._offset = np.array([entry.offset for entry in entries])
        self._factor = np.array([float(bound.divisor or 1.0 / bound.entry.scale) for bound in members])
        self._saturation = _Saturation([bound for bound in members if bound.entry.type.limits], self._target)
        self._digits = _Digits(entries[0].type) if entries[0].type.is_decimal else None

    def write(self, record: Bytes, wire: Bytes) -> None:
        values = record[self._from].view(self._source)
        wire[self._to] = self._made(values).view(np.uint8)[self._order]

    def _made(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return what the registers hold."""
        is_whole = self._target.kind != "f"
        if is_whole and not self._is_scaled and self._source.kind != "f":
            numbers = self._saturation.of_integers(values)
        else:
            engineering = values.astype(np.float64)
            raw = (engineering - self._offset) * self._factor if self._is_scaled else engineering
            numbers = self._saturation.of_floats(raw) if is_whole else raw.astype(self._target)
        return numbers if self._digits is None else self._digits.of(numbers)


class _Saturation:
    """Whole numbers within the limits of each entry: int64, or uint64 where a limit asks for it."""

    def __init__(self, members: Sequence[BoundEntry], target: np.dtype[np.generic]) -> None:
        limits = [bound.entry.type.limits or (0, 0) for bound in members]
        self._target = target
        self._low = np.array([low for low, _ in limits], dtype=target)
        self._high = np.array([high for _, high in limits], dtype=target)
        self._missing = np.array([bound.missing_number for bound in members], dtype=target)
        self._lowest = self._low.astype(np.float64)
        highest = self._high.astype(np.float64)
        is_beyond = [float(high) > high for _, high in limits]  # the next float64 above: 2**63 for 2**63 - 1
        self._highest = np.where(is_beyond, np.nextafter(highest, 0.0), highest)

    def of_floats(self, numbers: NDArray[np.float64]) -> NDArray[np.generic]:
        """Return the nearest whole numbers, of two the even one; NaN is what means "no value"."""
        rounded = np.rint(numbers)
        is_inside = (rounded >= self._lowest) & (rounded <= self._highest)
        if is_inside.all():
            return rounded.astype(self._target)
        whole = np.where(is_inside, rounded, 0.0).astype(self._target)
        outside = np.where(rounded < self._lowest, self._low, self._high)
        return np.where(is_inside, whole, np.where(np.isnan(numbers), self._missing, outside))

    def of_integers(self, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return whole numbers without a detour over floating point."""
        if numbers.dtype.kind == "u":
            return np.minimum(numbers.astype(np.uint64), self._high.astype(np.uint64)).astype(self._target)
        signed = numbers.astype(np.int64)
        if self._target.kind == "u":
            return np.maximum(signed, 0).astype(self._target)
        return np.minimum(np.maximum(signed, self._low), self._high)


class _Digits:
    """Decimal numbers with each digit in its bits."""

    def __init__(self, kind: RegisterType) -> None:
        places = np.arange(kind.digits, dtype=np.uint64)
        self._radix = np.uint64(kind.radix)
        self._weights = self._radix**places
        self._shifts = places * np.uint64(kind.digit_bits)

    def of(self, numbers: NDArray[np.generic]) -> NDArray[np.generic]:
        digits = numbers.astype(np.uint64)[:, np.newaxis] // self._weights % self._radix
        coded: NDArray[np.generic] = (digits << self._shifts).sum(axis=1, dtype=np.uint64)
        return coded


def _made_as(kind: RegisterType) -> np.dtype[np.generic]:
    """Return the machine type in which numbers for registers of a type are made."""
    if kind.limits is None:
        return np.dtype({"f32": "<f4", "f64": "<f8"}[kind.native_label])
    return np.dtype("<u8" if kind.limits[1] > np.iinfo(np.int64).max else "<i8")


def _is_copied(bound: BoundEntry) -> bool:
    kind = bound.entry.type
    is_whole = not kind.is_decimal and 2 * kind.quantity == bound.tag.dtype.itemsize
    return is_whole and bound.tag.native_label == kind.native_label and not bound.entry.is_scaled


def _text_bytes(bound: BoundEntry) -> Iterator[tuple[int, int]]:
    """Yield the byte of the table and the byte of the record for each character."""
    for position, index in enumerate(bound.wire_order):
        if index < min(bound.entry.type.length, bound.tag.dtype.itemsize):
            yield 2 * bound.entry.address + position, bound.record_offset + index


def _grouped(entries: Iterable[BoundEntry]) -> list[list[BoundEntry]]:
    """Return entries that are converted alike: same machine types on both sides, and digits or none. Integers with a
    scale are apart: on their way through floating point the others would lose their last digits."""
    groups: dict[tuple[str, ...], list[BoundEntry]] = {}
    for bound in entries:
        kind, label = bound.entry.type, bound.tag.native_label
        digits = kind.name if kind.is_decimal else ""
        scaled = "scaled" if bound.entry.is_scaled and not bound.tag.is_float else ""
        groups.setdefault((label, _made_as(kind).str, digits, scaled), []).append(bound)
    return list(groups.values())


def _little_endian(index: int, size: int) -> int:
    """Return where byte ``index`` of the big-endian value lies in memory."""
    return size - 1 - index


def _indices(values: Iterable[int]) -> Indices:
    return np.fromiter(values, dtype=np.intp)
