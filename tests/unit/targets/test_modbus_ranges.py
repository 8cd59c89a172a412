"""Stretches of addresses without a map."""

import pytest

from emulators.description import ByteOrder, RegisterTable
from hil.targets.modbus_ranges import is_range, map_of_ranges, parse_range


def test_a_stretch_by_address_counts_from_zero():
    entries = parse_range("holding:100..102")

    assert [(entry.tag, entry.address, entry.type.name) for entry in entries] == [
        ("holding:100", 100, "uint16"),
        ("holding:101", 101, "uint16"),
        ("holding:102", 102, "uint16"),
    ]


def test_a_stretch_by_reference_counts_from_one():
    assert [entry.tag for entry in parse_range("40101..40102")] == ["40101", "40102"]
    assert [(entry.table.value, entry.address) for entry in parse_range("40101..40102")] == [
        ("holding", 100),
        ("holding", 101),
    ]
    assert [(entry.tag, entry.address) for entry in parse_range("00001")] == [("00001", 0)]
    assert [(entry.tag, entry.address) for entry in parse_range("365536")] == [("365536", 65535)]


def test_a_typed_stretch_has_an_entry_a_value():
    entries = parse_range("input:0..3:float32:little")

    assert [(entry.address, entry.quantity, entry.word_order) for entry in entries] == [
        (0, 2, ByteOrder.LITTLE),
        (2, 2, ByteOrder.LITTLE),
    ]
    assert [entry.end_address for entry in parse_range("holding:7:float64")] == [11]
    assert [entry.address for entry in parse_range("holding:7..12:uint48")] == [7, 10]


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("holdng:0", "did you mean 'holding'?"),
        ("holding:5..2", "the lower one first"),
        ("holding:65535:int32", "ends at 65536, behind the last address"),
        ("holding:0..2:float32", "has 3 registers"),
        ("holding:0:colour", "write a type such as"),
        ("holding:0:bits[4]", "write a type such as"),
        ("coil:0:uint16", "write a type such as bool"),
        ("40000", "count from 1"),
        ("holding:0:int16:uint16", "one type"),
        ("LEVEL", "names no registers"),
    ],
)
def test_a_wrong_stretch_says_what_to_write(text, hint):
    with pytest.raises(ValueError, match=r".") as refused:
        parse_range(text)

    assert hint in str(refused.value)


def test_names_of_tags_are_no_ranges():
    assert not any(is_range(name) for name in ("LEVEL", "LT-101", "LIC-101.SP", "20001"))
    assert all(is_range(text) for text in ("coil:0", "holding:0..9:int16", "30001..30010"))


def test_stretches_make_one_map_without_doubles():
    ranges = map_of_ranges(["holding:0..2", "holding:2..3", "coil:1"])

    assert [entry.tag for entry in ranges.entries] == [*(f"holding:{address}" for address in range(4)), "coil:1"]
    assert len(ranges.in_table(RegisterTable.COIL)) == 1


def test_two_forms_of_one_address_are_refused():
    with pytest.raises(ValueError, match="overlaps holding:0"):
        map_of_ranges(["holding:0:float32", "holding:1"])
