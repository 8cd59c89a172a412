"""Scan groups: few requests, inside the limits, never into what the map does not give."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description import RegisterEntry, RegisterMapDescription, RegisterTable
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.scan_groups import ScanLimits, plan_scan_groups
from hil.targets.modbus_ranges import map_of_ranges, parse_range

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


def test_two_names_of_one_place_are_both_read():
    described = replace(
        register_map(row("A", 0)), entries=(register_map(row("A", 0)).entries[0], *parse_range("40001"))
    )

    (group,) = plan_scan_groups(described.entries, described)

    assert [entry.tag for entry in group.entries] == ["A", "40001"]


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


@settings(derandomize=True, max_examples=200, deadline=None)
@given(
    layout=st.lists(
        st.tuples(
            st.integers(0, 6), st.sampled_from(sorted(WIDTHS)), st.sampled_from(["asked", "not asked", "secret"])
        ),
        min_size=1,
        max_size=20,
    ),
    gaps=st.sampled_from(["refuse", "zero"]),
    limits=st.builds(ScanLimits, max_registers=st.integers(5, 40), max_gap=st.integers(0, 12)),
)
def test_no_value_is_split_no_secret_is_touched_and_fewer_requests_would_not_do(layout, gaps, limits):
    address, rows, asked, secret = 0, [], [], set()
    for index, (skip, type_name, role) in enumerate(layout):
        address += skip
        access = "w" if role == "secret" else "r"
        rows.append(row(f"T{index}", address, f'type = "{type_name}"\naccess = "{access}"'))
        asked += [f"T{index}"] * (role == "asked")
        secret |= set(range(address, address + WIDTHS[type_name])) if role == "secret" else set()
        address += WIDTHS[type_name]
    described = register_map(*rows, gaps=gaps)
    wanted = [entry for entry in described.entries if entry.tag in asked]

    groups = plan_scan_groups(wanted, described, limits)

    read = [set(range(group.address, group.address + group.count)) for group in groups]
    places = [set(range(entry.address, entry.end_address)) for entry in described.entries]
    assert all(place <= span or not place & span for place in places for span in read)
    assert not secret & set().union(*read)
    assert len(groups) == fewest_requests(wanted, described, limits, may_read_gaps=gaps == "zero")


def fewest_requests(
    wanted: Sequence[RegisterEntry], described: RegisterMapDescription, limits: ScanLimits, *, may_read_gaps: bool
) -> int:
    """Try every way of parting the entries: an independent and slow judge."""
    given_by_map = {at for each in described.entries for at in range(each.address, each.end_address)}
    secret = {at for each in described.entries if not each.is_readable for at in range(each.address, each.end_address)}

    def is_one_request(first: int, last: int) -> bool:
        part = wanted[first : last + 1]
        span = range(part[0].address, part[-1].end_address)
        along = sorted(set(span) - {at for each in part for at in range(each.address, each.end_address)})
        rows = [part[index + 1].address - part[index].end_address for index in range(len(part) - 1)]
        is_allowed = all(at not in secret and (may_read_gaps or at in given_by_map) for at in along)
        return len(span) <= limits.max_registers and is_allowed and all(gap <= limits.max_gap for gap in rows)

    fewest = [0]
    for last in range(len(wanted)):
        fewest.append(1 + min(fewest[first] for first in range(last + 1) if is_one_request(first, last)))
    return fewest[-1]
