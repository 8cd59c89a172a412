"""Several links on one serial line: one request at a time, and what one unit does to the others."""

from __future__ import annotations

import math
from typing import Any

import pytest
from link_cells import LINE_PROGRAM, LinkedCells, line_rig, rows
from small_cells import MS, event, fault, restart

from emulators.cell import Cell, Operation, TapeEvent

EXCHANGE_MS = 22  # of one register: 8 + 3.5 + 7 + 3.5 characters of a millisecond
BROADCAST = """
[controllers.PLC1.outputs]
"ALL.WANTED" = "common"
[links.ALL]
line = "COM"
unit_id = 0
map = "map.toml"
period = "500 ms"
"""
RIGS = {
    "saturated": line_rig(first='period = "10 ms"', second='period = "10 ms"'),
    "ascii": line_rig(line='protocol = "modbus-ascii"', first='period = "10 ms"', second='period = "10 ms"'),
    "ascii 8": line_rig(
        line='protocol = "modbus-ascii"\ndata_bits = 8', first='period = "10 ms"', second='period = "10 ms"'
    ),
    "calm": line_rig(first='period = "200 ms"', second='period = "200 ms"'),
    "patient": line_rig(first='period = "200 ms"\nretries = 2', second='period = "200 ms"'),
    "uneven": line_rig(first='period = "200 ms"\nretries = 2', second='period = "230 ms"'),
    "broadcast": line_rig(extra=BROADCAST, line='turnaround = "150 ms"'),
}
COLUMNS = (
    *("PLC1.seen1", "PLC1.seen2", "PLC1.error1", "PLC1.error2", "PLC1.waiting", "M1.wanted", "M2.wanted"),
    *(f"U{unit}.{name}" for unit in (1, 2) for name in ("requests", "failures", "injections", "age_s")),
    *(f"COM.{name}" for name in ("waiting", "requests", "failures", "injections")),
)
A_BIT_OF_EVERYTHING = (
    fault(300 * MS, "U1.delay", "time=60ms jitter=90ms probability=0.5"),
    fault(500 * MS, "COM.corrupt", "values=random probability=0.5"),
    fault(700 * MS, "U2.no_response", "probability=0.7"),
    fault(900 * MS, "COM.bad_checksum", "unit=1 probability=0.3"),
    event(1100 * MS, Operation.LINK, "U2", "down"),
    event(1200 * MS, Operation.LINK, "COM", "down"),
    event(1300 * MS, Operation.LINK, "COM", "up"),
    event(1400 * MS, Operation.LINK, "U2", "up"),
)


def cell_of(linked: LinkedCells, rig: str, *, executor: str = "tcc") -> Cell:
    return linked.of(RIGS[rig], LINE_PROGRAM, executor=executor)


def run(cell: Cell, n_steps: int, *events: TapeEvent) -> dict[str, Any]:
    return rows(cell, n_steps, *events, columns=COLUMNS)


@pytest.mark.parametrize(
    ("rig", "exchange_ms"),
    # ASCII: 17 + 15 characters of 9 or 10 bits and no silence between
    [("saturated", EXCHANGE_MS), ("ascii", 32 * 0.9), ("ascii 8", 32)],
)
def test_exchanges_of_all_units_follow_each_other_on_the_line(
    linked: LinkedCells, rig: str, exchange_ms: float
) -> None:
    seen = run(cell_of(linked, rig), 200)

    n_begun = int(1990 / exchange_ms) + 1
    assert seen["COM.requests"][-1] == n_begun
    assert (seen["U1.requests"][-1], seen["U2.requests"][-1]) == ((n_begun + 1) // 2, n_begun // 2)
    assert set(seen["COM.waiting"][1:]) == {1}, "one has the line, the other waits for it"
    assert not any(seen["PLC1.error1"] + seen["PLC1.error2"])


def test_requests_that_fall_due_together_go_out_in_the_order_of_the_file(linked: LinkedCells) -> None:
    seen = run(cell_of(linked, "calm"), 30)

    assert seen["U1.requests"][1:4] == [1, 1, 1]
    assert seen["U2.requests"][1:4] == [0, 0, 1], "22 ms later, when the line is free again"
    assert seen["COM.waiting"][1:4] == [1, 1, 0]
    assert (seen["PLC1.seen1"][3], seen["PLC1.seen2"][5]) == (2, 4), "each unit answers with what it has then"


@pytest.mark.parametrize(("rig", "tries"), [("calm", 1), ("patient", 3)])
def test_a_silent_unit_holds_the_others_up_for_its_time_out_and_repetitions(
    linked: LinkedCells, rig: str, tries: int
) -> None:
    seen = run(cell_of(linked, rig), 120, fault(390 * MS, "U1.no_response", True))

    begun = seen["U2.requests"].index(3)
    assert begun == math.ceil((400 + tries * (100 + 3.5)) / 10)
    assert seen["COM.waiting"][41:begun] == [1] * (begun - 41)
    assert (seen["PLC1.error1"][-1], max(seen["PLC1.error2"])) == (1, 0)
    assert max(seen["U2.age_s"][40:]) == pytest.approx(0.2 + tries * 0.1035, abs=0.03)


def test_a_request_waits_from_when_it_falls_due(linked: LinkedCells) -> None:
    seen = run(cell_of(linked, "uneven"), 80, fault(390 * MS, "U1.no_response", True))

    assert seen["COM.waiting"][44:72] == [0] * 2 + [1] * 26, "due at 460, until the third try has failed at 710"


def test_line_and_link_draw_apart_from_each_other(linked: LinkedCells) -> None:
    cell = cell_of(linked, "saturated")

    cell.run(200, tape=[fault(0, f"{wire}.delay", "time=1ms unit=1 probability=0.5") for wire in ("COM", "U1")])

    of_line, of_link = ({each.exchange for each in cell.wires[wire].injections} for wire in ("COM", "U1"))
    assert min(len(of_line - of_link), len(of_link - of_line), len(of_line & of_link)) > 3


def test_a_fault_of_a_link_spoils_its_unit_and_one_of_the_line_all_units(linked: LinkedCells) -> None:
    cell = cell_of(linked, "calm")

    of_link = run(cell, 50, fault(0, "U2.bad_checksum", True))
    of_line = run(cell, 50, fault(500 * MS, "U2.bad_checksum", None), fault(500 * MS, "COM.busy", "count=3"))

    assert (of_link["U1.failures"][-1], of_link["U2.failures"][-1], of_link["COM.failures"][-1]) == (0, 2, 2)
    assert (of_link["U2.injections"][-1], of_link["COM.injections"][-1]) == (3, 0)
    assert (of_line["U1.failures"][-1], of_line["COM.injections"][-1]) == (2, 3)
    assert of_line["U2.injections"][-1] == 3, "what happens to the line is counted there"
    kept = cell.wires["COM"].injections
    assert [(each.endpoint, each.unit_id) for each in kept] == [("COM", unit) for unit in (1, 2, 1)]


def test_a_line_that_is_down_fails_all_its_links_and_a_link_that_is_down_only_itself(linked: LinkedCells) -> None:
    down, up = event(100 * MS, Operation.LINK, "COM", "down"), event(700 * MS, Operation.LINK, "COM", "up")
    cut = event(700 * MS, Operation.LINK, "U1", "down")

    seen = run(cell_of(linked, "calm"), 130, down, up, cut)

    assert (seen["PLC1.error1"][69], seen["PLC1.error2"][69]) == (1, 1)
    assert (seen["PLC1.error1"][-1], seen["PLC1.error2"][-1]) == (1, 0)


def test_a_unit_that_answers_too_late_talks_into_the_exchange_of_another(linked: LinkedCells) -> None:
    late = fault(
        390 * MS, "U1.delay", "time=95ms count=1"
    )  # ends its answer 114 ms after the request, and another has begun

    seen = run(cell_of(linked, "calm"), 100, late)

    assert (seen["U1.failures"][-1], seen["U2.failures"][-1]) == (1, 1)
    assert (seen["U1.injections"][-1], seen["U2.injections"][-1], seen["COM.injections"][-1]) == (1, 0, 0)


def test_a_broadcast_is_carried_out_by_all_units_and_the_line_rests_after_it(linked: LinkedCells) -> None:
    seen = run(cell_of(linked, "broadcast"), 60)

    assert seen["M1.wanted"][-1] == seen["M2.wanted"][-1] == 101
    assert seen["M1.wanted"].index(100) == seen["M2.wanted"].index(100)
    sent = seen["COM.requests"].index(3)
    assert seen["COM.requests"][sent : sent + 17] == [3] * 16 + [4], "8 characters, then 150 ms of rest"


@pytest.mark.parametrize(
    ("name", "value"),
    [("down", True), ("unit_off", True), ("no_response", True), ("busy", True), ("exception", 4)],
)
def test_a_unit_that_cannot_hear_a_broadcast_does_not_carry_it_out(
    linked: LinkedCells, name: str, value: bool | int
) -> None:
    cell = cell_of(linked, "broadcast")

    cell.run(60, tape=[fault(0, f"U1.{name}", value)])

    assert (cell.read("M1.wanted"), cell.read("M2.wanted")) == (0, 101)
    assert cell.read("ALL.failures") == 0, "nobody answers, nor refuses"


def test_a_controller_without_power_leaves_the_line_silent(linked: LinkedCells) -> None:
    seen = run(
        cell_of(linked, "calm"), 100, restart(205 * MS, "PLC1", "power_off"), restart(605 * MS, "PLC1", "power_on")
    )

    assert len(set(seen["COM.requests"][21:60])) == 1
    assert not any(seen["PLC1.error1"] + seen["PLC1.error2"])
    assert seen["PLC1.seen2"][-1] > 80


def test_a_line_has_the_same_bits_on_every_executor_and_in_any_pieces(linked: LinkedCells) -> None:
    whole = run(cell_of(linked, "calm"), 180, *A_BIT_OF_EVERYTHING)
    python = run(cell_of(linked, "calm", executor="python"), 180, *A_BIT_OF_EVERYTHING)
    cell, pieces = cell_of(linked, "calm"), []
    for first, last in ((0, 1), (1, 34), (34, 35), (35, 110), (110, 180)):
        due = [each for each in A_BIT_OF_EVERYTHING if first * 10 * MS < each.time_ns <= last * 10 * MS]
        pieces.append(run(cell, last - first, *due))

    assert whole == python
    assert whole == {name: [value for piece in pieces for value in piece[name]] for name in COLUMNS}
    assert min(whole["U1.injections"][-1], whole["U2.injections"][-1], whole["COM.injections"][-1]) > 0


@pytest.mark.parametrize("at_step", [31, 48, 95, 125])
def test_a_copy_of_a_line_goes_on_by_itself(linked: LinkedCells, at_step: int) -> None:
    cell = cell_of(linked, "calm")
    later = [each for each in A_BIT_OF_EVERYTHING if each.time_ns > at_step * 10 * MS]
    cell.run(at_step, tape=[each for each in A_BIT_OF_EVERYTHING if each not in later])
    snapshot, twin = cell.snapshot(), cell.fork()

    first = run(cell, 180 - at_step, *later)
    injections = {name: tuple(wire.injections) for name, wire in cell.wires.items()}
    cell.restore(snapshot)
    again = run(cell, 180 - at_step, *later)
    forked = run(twin, 180 - at_step, *later)

    assert first == again == forked
    assert injections == {name: tuple(wire.injections) for name, wire in twin.wires.items()}


def test_what_happened_on_a_line_happens_again_without_its_rules(linked: LinkedCells) -> None:
    cell = cell_of(linked, "calm")
    first = run(cell, 110, *A_BIT_OF_EVERYTHING[:4])
    injections = {name: tuple(wire.injections) for name, wire in cell.wires.items()}

    cell.reset()
    for name, wire in cell.wires.items():
        wire.replay(injections[name])
    again = run(cell, 110)

    assert again == first
    assert {name: tuple(wire.injections) for name, wire in cell.wires.items()} == injections


def test_a_fault_of_the_line_acts_once_on_a_broadcast_for_all_that_hear_it(linked: LinkedCells) -> None:
    cell = cell_of(linked, "broadcast")
    seen = run(cell, 60, fault(0, "COM.no_response", "unit=0 count=1"))
    injections = tuple(cell.wires["COM"].injections)
    wanted = (cell.read("M1.wanted"), cell.read("M2.wanted"))

    cell.reset()
    cell.wires["COM"].replay(injections)
    cell.run(60)

    assert len(injections) == 1
    assert seen["M1.wanted"][49] == seen["M2.wanted"][49] == 0
    assert wanted == (cell.read("M1.wanted"), cell.read("M2.wanted")) == (101, 101), "the second broadcast"
    assert tuple(cell.wires["COM"].injections) == injections
