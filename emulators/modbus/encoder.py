"""Turn a snapshot into the wire-order cells of the four tables, many values per numpy call.

Values that go out as they are (same machine type, no scaling) are copied byte by byte with one gather for all of
them; the others are converted group by group. The result is always a new buffer: nobody sees half of a snapshot.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True)
class _Types:
    """Machine type of the tag and of the register."""

    source: np.dtype[np.generic]
    target: np.dtype[np.generic]


class _ConvertedGroup:
    """Entries with one tag type and one register type, converted together."""

    def __init__(self, members: Sequence[BoundEntry]) -> None:
        self._types = _types(members[0])
        size = self._types.source.itemsize
        self._from = _indices(bound.record_offset + byte for bound in members for byte in range(size))
        self._to = _indices(
            2 * bound.entry.address + position for bound in members for position in range(2 * bound.entry.quantity)
        )
        self._order = _indices(
            row * self._types.target.itemsize + _little_endian(index, 2 * bound.entry.quantity)
            for row, bound in enumerate(members)
            for index in bound.wire_order
        )
        self._kind = members[0].entry.type
        self._is_scaled = any(bound.entry.is_scaled for bound in members)
        self._offset = np.array([bound.entry.offset for bound in members])
        self._factor = np.array([float(bound.divisor or 1.0 / bound.entry.scale) for bound in members])

    def write(self, record: Bytes, wire: Bytes) -> None:
        numbers = self._numbers(record[self._from].view(self._types.source))
        if self._kind.is_decimal:
            numbers = _digit_by_digit(numbers, self._kind)
        wire[self._to] = numbers.view(np.uint8)[self._order]

    def _numbers(self, values: NDArray[np.generic]) -> NDArray[np.generic]:
        """Return what the registers hold, in their machine type."""
        target, limits = self._types.target, self._kind.limits
        if self._is_scaled:
            return _from_float((values.astype(np.float64) - self._offset) * self._factor, target, limits)
        if limits is None or self._types.source.kind == "f":
            return _from_float(values.astype(np.float64), target, limits)
        return _saturated_integers(values, target, limits)


def _from_float(
    numbers: NDArray[np.float64], target: np.dtype[np.generic], limits: tuple[int, int] | None
) -> NDArray[np.generic]:
    if limits is None:
        with np.errstate(over="ignore", invalid="ignore"):
            return numbers.astype(target)
    low, high = limits
    rounded = np.rint(numbers)
    is_low, is_high = rounded <= float(low), rounded >= float(high)
    is_nan = np.isnan(numbers)
    inside = np.where(is_low | is_high | is_nan, 0.0, rounded).astype(target)
    inside[is_low] = low
    inside[is_high] = high
    inside[is_nan] = low if low < 0 else high
    return inside


def _saturated_integers(
    values: NDArray[np.generic], target: np.dtype[np.generic], limits: tuple[int, int]
) -> NDArray[np.generic]:
    low, high = limits
    if values.dtype.kind == "u":
        return np.minimum(values.astype(np.uint64), np.uint64(high)).astype(target)
    signed = np.iinfo(np.int64)
    return np.clip(values.astype(np.int64), max(low, signed.min), min(high, signed.max)).astype(target)


def _digit_by_digit(numbers: NDArray[np.generic], kind: RegisterType) -> NDArray[np.generic]:
    """Return decimal numbers with each digit in its bits."""
    rest = numbers.astype(np.uint64)
    coded = np.zeros_like(rest)
    for place in range(kind.digits):
        rest, digit = np.divmod(rest, np.uint64(kind.radix))
        coded |= digit << np.uint64(kind.digit_bits * place)
    return coded.astype(numbers.dtype)


def _types(bound: BoundEntry) -> _Types:
    label = bound.entry.type.native_label
    kind = {"i": "i", "u": "u", "f": "f"}[label[0]]
    return _Types(bound.tag.dtype, np.dtype(f"<{kind}{int(label[1:]) // 8}"))


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
    groups: dict[tuple[str, str], list[BoundEntry]] = {}
    for bound in entries:
        groups.setdefault((bound.tag.native_label, bound.entry.type.name), []).append(bound)
    return list(groups.values())


def _little_endian(index: int, size: int) -> int:
    """Return where byte ``index`` of the big-endian value lies in memory."""
    return size - 1 - index


def _indices(values: Iterable[int]) -> Indices:
    return np.fromiter(values, dtype=np.intp)
