"""Scan groups: few requests, inside the limits, never into what the map does not give."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description import RegisterMapDescription, RegisterTable
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.scan_groups import ScanLimits, plan_scan_groups
from hil.targets.modbus_ranges import map_of_ranges

WIDTHS = {"uint16": 1, "float32": 2, "float64": 4, "string[9]": 5}


def register_map(*entries: str, gaps: str = "refuse") -> RegisterMapDescription:
    text = f'format = 1\ngaps = "{gaps}"\n' + "".join(f"[[register]]\n{entry}\n" for entry in entries)
    return parse_register_map(SourceFile("map.toml", text))


def row(tag: str, address: int, more: str = 'type = "uint16"') -> str:
    return f'tag = "{tag}"\ntable = "holding"\naddress = {address}\n{more}'


def stretches(described: RegisterMapDescription, limits: ScanLimits | None = None, *tags: str) -> list[tuple[int, int]]:
    entries = [entry for entry in described.entries if not tags or entry.tag in tags]
    return [(group.address, group.count) for group in plan_scan_groups(entries, described, limits)]


def test_neighbours_are_read_in_one_request():
    assert stretches(register_map(row("A", 0), row("B", 1), row("C", 2, 'type = "float32"'))) == [(0, 4)]


def test_a_gap_that_the_map_does_not_give_is_never_read():
    assert stretches(register_map(row("A", 0), row("B", 2))) == [(0, 1), (2, 1)]


def test_a_gap_that_reads_as_zero_is_read_along():
    assert stretches(register_map(row("A", 0), row("B", 9), gaps="zero")) == [(0, 10)]


def test_a_readable_entry_that_nobody_asked_for_is_read_along():
    described = register_map(row("A", 0), row("B", 1), row("C", 2))

    assert stretches(described, None, "A", "C") == [(0, 3)]


def test_a_write_only_entry_splits_the_request_also_in_a_map_with_zero_gaps():
    secret = row("B", 1, 'type = "uint16"\naccess = "w"')
    described = register_map(row("A", 0), secret, row("C", 2), gaps="zero")

    assert stretches(described, None, "A", "C") == [(0, 1), (2, 1)]


def test_a_write_only_entry_cannot_be_planned():
    with pytest.raises(ValueError, match="B is write-only"):
        stretches(register_map(row("B", 1, 'type = "uint16"\naccess = "w"')))


def test_a_gap_longer_than_allowed_is_not_read():
    described = register_map(row("A", 0), row("B", 4), row("C", 9), gaps="zero")

    assert stretches(described, ScanLimits(max_gap=3)) == [(0, 5), (9, 1)]


def test_requests_end_at_125_registers_and_2000_bits():
    assert stretches(map_of_ranges(["holding:0..299"])) == [(0, 125), (125, 125), (250, 50)]
    assert stretches(map_of_ranges(["coil:0..2000"])) == [(0, 2000), (2000, 1)]


def test_a_typed_value_is_not_split_at_the_limit():
    assert stretches(map_of_ranges(["holding:0..123", "holding:124:float32"])) == [(0, 124), (124, 2)]


def test_an_entry_with_a_behaviour_is_planned_once_however_often_it_is_asked_for():
    moving = row("A", 0, 'type = "uint16"\nbehaviour = { kind = "counter" }')
    described = register_map(moving)

    (group,) = plan_scan_groups([*described.entries, *described.entries], described)

    assert [entry.tag for entry in group.entries] == ["A"]


def test_bits_of_one_register_take_one_request():
    bits = [row(f"B{bit}", 5, f'type = "bit"\nbit = {bit}') for bit in range(3)]

    assert stretches(register_map(*bits)) == [(5, 1)]


def test_the_last_addresses_of_a_table_are_read():
    assert stretches(map_of_ranges(["holding:65534..65535", "coil:65535"])) == [(65535, 1), (65534, 2)]


@pytest.mark.parametrize("limits", [{"max_registers": 126}, {"max_registers": 0}, {"max_bits": 2001}, {"max_gap": -1}])
def test_limits_beyond_the_protocol_are_refused(limits):
    with pytest.raises(ValueError, match=r"not|cannot"):
        ScanLimits(**limits)


@settings(derandomize=True, max_examples=150, deadline=None)
@given(
    layout=st.lists(st.tuples(st.integers(0, 12), st.sampled_from(sorted(WIDTHS))), min_size=1, max_size=25),
    gaps=st.sampled_from(["refuse", "zero"]),
    max_registers=st.integers(5, 125),
    max_gap=st.integers(0, 20),
)
def test_every_entry_is_read_once_inside_limits_and_readable_addresses(layout, gaps, max_registers, max_gap):
    address, rows = 0, []
    for index, (skip, type_name) in enumerate(layout):
        address += skip
        rows.append(row(f"T{index}", address, f'type = "{type_name}"'))
        address += WIDTHS[type_name]
    described = register_map(*rows, gaps=gaps)
    mapped = {at for entry in described.entries for at in range(entry.address, entry.end_address)}

    groups = plan_scan_groups(described.entries, described, ScanLimits(max_registers=max_registers, max_gap=max_gap))

    planned = [entry.tag for group in groups for entry in group.entries]
    read = {at for group in groups for at in range(group.address, group.address + group.count)}
    assert sorted(planned) == sorted(entry.tag for entry in described.entries)
    assert all(group.count <= max_registers and group.table is RegisterTable.HOLDING_REGISTER for group in groups)
    assert gaps == "zero" or read == mapped
