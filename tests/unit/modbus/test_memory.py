from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis.strategies import DataObject, binary, booleans, data, integers, lists

from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.memory import BitCells, RegisterCells

derandomized = settings(derandomize=True, max_examples=60, deadline=None)


@derandomized
@given(draw=data(), size=integers(1, 300))
def test_bits_read_back_as_written_and_their_neighbours_stay(draw: DataObject, size: int) -> None:
    bits = draw.draw(lists(booleans(), min_size=size, max_size=size))
    address = draw.draw(integers(0, size - 1))
    fresh = draw.draw(lists(booleans(), min_size=1, max_size=size - address))
    table = BitCells.of_size(size)
    table.store_in_place(0, size, packed(bits))

    table.write(address, len(fresh), packed(fresh))

    assert table.read(0, size) == packed(bits[:address] + fresh + bits[address + len(fresh) :])
    assert table.read(address, len(fresh)) == packed(fresh)


def packed(bits: list[bool]) -> bytes:
    return sum(bit << index for index, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")


@derandomized
@given(address=integers(0, 65535), payload=binary(min_size=2, max_size=246).map(lambda raw: raw[: len(raw) // 2 * 2]))
def test_registers_are_written_whole_or_refused(address: int, payload: bytes) -> None:
    table = RegisterCells.of_size(1000)
    count = len(payload) // 2
    outcome = None

    try:
        table.write(address, payload)
    except ModbusRefusal as refusal:
        outcome = refusal.code

    assert (outcome is None) == (address + count <= 1000)
    assert outcome == 2 or table.read(address, count) == payload


marks = lists(booleans(), min_size=1, max_size=12).map(bytes)


def refused(act: Callable[[], object]) -> bool:
    try:
        act()
    except ModbusRefusal as refusal:
        return refusal.code == ExceptionCode.ILLEGAL_DATA_ADDRESS
    return False


@derandomized
@given(draw=data(), present=marks)
def test_a_cell_is_read_where_it_exists_and_written_where_it_may_be(draw: DataObject, present: bytes) -> None:
    writable = bytes(draw.draw(lists(booleans(), min_size=len(present), max_size=len(present))))
    address, count = draw.draw(integers(0, 13)), draw.draw(integers(1, 13))
    asked = slice(address, address + count)
    registers, bits = RegisterCells(present, writable), BitCells(present, writable)

    is_absent = address + count > len(present) or 0 in present[asked]
    is_protected = address + count > len(present) or 0 in writable[asked]

    assert refused(lambda: registers.read(address, count)) == is_absent
    assert refused(lambda: bits.read(address, count)) == is_absent
    assert refused(lambda: registers.write(address, bytes(2 * count))) == is_protected
    assert refused(lambda: bits.write(address, count, bytes(2))) == is_protected


@derandomized
@given(draw=data(), present=marks)
def test_with_boundaries_a_read_starts_and_ends_at_one(draw: DataObject, present: bytes) -> None:
    boundaries = bytes(draw.draw(lists(booleans(), min_size=len(present) + 1, max_size=len(present) + 1)))
    address, count = draw.draw(integers(0, 13)), draw.draw(integers(1, 13))
    end = address + count
    table = RegisterCells(present, present)
    table.boundaries = boundaries

    is_whole = end <= len(present) and 0 not in present[address:end] and boundaries[address] and boundaries[end]

    assert refused(lambda: table.read(address, count)) == (not is_whole)


def test_surplus_bits_of_the_last_byte_are_ignored() -> None:
    table = BitCells.of_size(16)

    table.write(0, 3, b"\xff")

    assert table.read(0, 16) == b"\x07\x00"


def test_table_larger_than_the_address_space_is_refused() -> None:
    with pytest.raises(ValueError, match="65536"):
        RegisterCells.of_size(65537)


def test_marks_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="marks 1 addresses but 'present' 2"):
        RegisterCells(b"\x01\x01", b"\x01")


def test_highest_address_of_a_full_table_is_reachable() -> None:
    table = RegisterCells.of_size(65536)

    table.write(65535, b"\x12\x34")

    assert table.read(65535, 1) == b"\x12\x34"
