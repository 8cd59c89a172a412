"""Links: a controller scans a Modbus device of the plant in plant time."""

from __future__ import annotations

import re

import pytest
from link_cells import DEVICE_MAP, LINK_PROGRAM, LINK_PROTOCOLS, LinkedCells, link_rig, rows
from small_cells import MS, SmallCells, fault, force, release, restart


def test_the_controller_sees_the_device_as_the_last_scan_found_it(linked: LinkedCells) -> None:
    seen = rows(linked(), 100)

    assert seen["PLC1.seen"] == [0, *[1] * 9, *(n // 10 * 10 for n in range(10, 100))]
    assert seen["PLC1.level"][50] == 25.0
    assert seen["PLC1.echo"][50] == 40.0, "what was written a scan ago, with its scale both ways"
    assert seen["PLC1.odd"][:12] == [0, *[1] * 9, 0, 0]


def test_a_scan_of_nothing_but_registers_finds_the_device_as_it_is_now(linked: LinkedCells) -> None:
    device_map = "\n".join(line for line in DEVICE_MAP.splitlines() if "COUNT" in line or "tag" not in line)
    unknown = re.compile(".*BUS[.](?!COUNT|error|age).*")

    cell = linked.of(unknown.sub("", link_rig()), LINK_PROGRAM, device_map=device_map)
    seen = rows(cell, 60, columns=("PLC1.seen",))

    assert seen["PLC1.seen"][15::10] == [10, 20, 30, 40, 50]


def test_what_the_controller_writes_acts_in_the_step_after_the_scan(linked: LinkedCells) -> None:
    seen = rows(linked(), 40)

    assert seen["M.wanted"][:22] == [0, *[1] * 9, *[10] * 10, 20, 20]
    assert seen["M.gain"][0:2] == [1.0, 2.5]
    assert (seen["M.enabled"][29], seen["M.enabled"][30]) == (0, 1)


def test_a_scan_takes_its_time_on_a_serial_line(linked: LinkedCells) -> None:
    seen = rows(linked("modbus-rtu"), 40)

    assert (seen["PLC1.odd"][2], seen["PLC1.seen"][2], seen["PLC1.seen"][3]) == (1, 0, 2)
    assert seen["M.wanted"][5:10] == [0, 0, 0, 7, 7]


def test_values_of_the_device_itself_are_scanned_too(linked: LinkedCells) -> None:
    seen = rows(linked(), 55, columns=("PLC1.serial", "PLC1.clock"))

    assert set(seen["PLC1.serial"][1:]) == {4711}
    assert seen["PLC1.clock"][-1] == 5


@pytest.mark.parametrize("protocol", LINK_PROTOCOLS)
def test_silence_makes_an_error_until_a_scan_is_good_again(linked: LinkedCells, protocol: str) -> None:
    on, off = fault(300 * MS, "BUS.no_response", True), fault(1000 * MS, "BUS.no_response", None)

    seen = rows(linked(protocol), 150, on, off)

    assert not any(seen["PLC1.comm_error"][:30])
    first = seen["PLC1.comm_error"].index(1)
    assert 34 <= first <= 37, "one time-out after the first request that stays without an answer"
    assert all(seen["PLC1.comm_error"][first:100])
    assert not any(seen["PLC1.comm_error"][120:])
    assert seen["PLC1.age"][99] > 0.6
    assert seen["PLC1.age"][-1] < 0.12
    assert len(set(seen["PLC1.seen"][35:100])) == 1, "the last value stays"


def test_retries_hide_a_single_loss(linked: LinkedCells) -> None:
    lost = fault(300 * MS, "BUS.no_response", "count=1")

    patient, hasty = rows(linked("modbus-tcp", "retries = 1"), 100, lost), rows(linked(), 100, lost)

    assert (max(patient["PLC1.comm_error"]), max(hasty["PLC1.comm_error"])) == (0, 1)
    assert (patient["BUS.failures"][-1], hasty["BUS.failures"][-1]) == (0, 1)
    assert patient["BUS.injections"][-1] == hasty["BUS.injections"][-1] == 1


def test_an_exception_response_leaves_its_code(linked: LinkedCells) -> None:
    seen = rows(linked(), 60, fault(300 * MS, "BUS.exception", "6 function=4 count=1"))

    assert seen["BUS.exception_code"][30:32] == [6, 6]


def test_a_late_answer_on_a_serial_line_is_taken_for_the_next(linked: LinkedCells) -> None:
    late = fault(2060 * MS, "BUS.delay", "time=80ms address=0..3 function=4")
    cell = linked("modbus-rtu", "retries = 1")
    cell.run(205)

    seen = rows(cell, 20, late)

    first = next(row for row, value in enumerate(seen["PLC1.seen"]) if value != seen["PLC1.seen"][0])
    assert 206 + first - seen["PLC1.seen"][first] >= 8, "the answer to the first try answers the second"
    assert seen["BUS.failures"][first] == 0


def test_a_controller_without_power_is_silent_and_scans_when_it_is_back(linked: LinkedCells) -> None:
    off, on = restart(305 * MS, "PLC1", "power_off"), restart(605 * MS, "PLC1", "power_on")

    seen = rows(linked(), 100, off, on)

    assert len(set(seen["BUS.requests"][32:60])) == 1
    assert seen["BUS.requests"][62] == seen["BUS.requests"][58] + 6
    assert seen["PLC1.seen"][-1] >= 80


def test_an_input_from_a_link_can_be_forced(linked: LinkedCells) -> None:
    seen = rows(linked(), 60, force(200 * MS, "PLC1.seen", -7), release(400 * MS, "PLC1.seen"))

    assert (seen["PLC1.seen"][18], seen["PLC1.seen"][25], seen["PLC1.seen"][45]) == (10, -7, 40)


def test_a_value_outside_the_range_of_the_register_is_refused_by_the_device(linked: LinkedCells) -> None:
    cell = linked()

    cell.run(60, tape=[force(200 * MS, "PLC1.wanted", 20_001)])

    assert cell.read("BUS.exception_code") == 3
    assert cell.read("M.wanted") == 10


def test_a_link_reaches_a_controller_through_the_tags_of_the_rig(cells: SmallCells) -> None:
    rig = """
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC2]
language = "st"
sources = "PLC2.st"
[controllers.PLC2.inputs]
seen = "NET.COUNT"
[controllers.PLC2.outputs]
"NET.SETPOINT" = "wanted"
[tags.COUNT]
signal = "PLC1.n"
[tags.SETPOINT]
signal = "PLC1.setpoint"
writable = true
[links.NET]
protocol = "modbus-tcp"
controller = "PLC2"
map = "map.toml"
latency = "25 ms"
jitter = "5 ms"
"""
    programs = {
        "PLC1_st": "PROGRAM Main VAR n, setpoint : DINT; END_VAR n := n + 1; END_PROGRAM",
        "PLC2_st": "PROGRAM Main VAR seen, wanted : DINT; END_VAR wanted := seen * 2; END_PROGRAM",
    }
    registers = 'format = 1\n[[register]]\ntag = "COUNT"\nreference = 30001\ntype = "int32"\n'
    registers += '[[register]]\ntag = "SETPOINT"\nreference = 40001\ntype = "int32"\naccess = "rw"\n'

    cell = cells.cell(rig, map_toml=registers, **programs)
    cell.run(200)

    assert cell.read("PLC2.seen") == 193, "the device answers 25 to 30 ms later with what it has then"
    assert cell.read("PLC1.setpoint") == 2 * 183


def test_a_value_of_the_device_itself_may_follow_one_of_its_twin(linked: LinkedCells) -> None:
    follows = DEVICE_MAP.replace("initial = 4711", 'behaviour = { kind = "mirror", of = "COUNT" }')

    cell = linked.of(link_rig(), LINK_PROGRAM, device_map=follows)
    cell.run(102)

    assert cell.read("PLC1.serial") == 100
