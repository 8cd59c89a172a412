"""Several controllers in a cell: what they exchange is double-buffered, so that their order does not matter."""

from __future__ import annotations

import numpy as np
import pytest
from small_cells import MS, SmallCells, event, fault, force, restart, write

from emulators.cell import Cell, Operation, Recording

COUNTS = """
PROGRAM Main
VAR n : INT := {start}; other, sum : INT; alive, other_alive : BOOL; END_VAR
  n := n + 1; sum := sum + other; alive := NOT alive;
END_PROGRAM
"""
PROGRAMS = {"A": COUNTS.replace("{start}", "0"), "B": COUNTS.replace("{start}", "100")}
WIRES = """
[controllers.A.inputs]
other = "B.n"
other_alive = "B.alive"
[controllers.B.inputs]
other = "A.n"
other_alive = "A.alive"
"""
TIMED = (
    WIRES.replace('"B.n"', '{ from = "B.n", period = "20 ms", delay = "5 ms", jitter = "40 ms" }').replace(
        '"A.n"', '{ from = "A.n", jitter = "70 ms" }'
    )
    + """
[controllers.A.tasks.NAME]
execution_time = ["1 ms", "25 ms"]
"""
)
COLUMNS = [f"{name}.{variable}" for name in "AB" for variable in ("n", "other", "sum", "other_alive", "mode")]
TAPE = (
    write(50 * MS, "A.n", 1000),
    restart(100 * MS, "B", "cold"),
    force(150 * MS, "A.other", 7),
    event(200 * MS, Operation.RELEASE, "A.other"),
    restart(250 * MS, "A", "stop"),
    restart(300 * MS, "A", "run"),
    restart(350 * MS, "B", "power_off"),
    restart(400 * MS, "B", "power_on"),
)


def both_orders(cells: SmallCells, extra: str) -> tuple[Cell, Cell]:
    name = cells.plc(PROGRAMS["A"]).blueprint.plcs["PLC1"].plc.tasks[0].name
    extra = extra.replace("NAME", name)
    backwards = dict(reversed(PROGRAMS.items()))
    return cells.controllers(PROGRAMS, extra=extra), cells.controllers(backwards, extra=extra)


def differences(first: Recording, second: Recording) -> list[str]:
    return [name for name in COLUMNS if not np.array_equal(first.columns[name], second.columns[name])]


def test_what_one_controller_flushed_the_other_latches_in_the_next_step(cells: SmallCells) -> None:
    cell, _ = both_orders(cells, WIRES)

    columns = cell.run(4, columns=COLUMNS).columns

    assert columns["A.n"].tolist() == [1, 2, 3, 4]
    assert columns["B.other"].tolist() == [0, 1, 2, 3]
    assert columns["A.other"].tolist() == [0, 101, 102, 103]


@pytest.mark.parametrize("extra", [WIRES, TIMED], ids=["direct", "timed"])
def test_the_order_of_controllers_does_not_matter(cells: SmallCells, extra: str) -> None:
    forwards, backwards = both_orders(cells, extra)

    runs = [cell.run(100, tape=TAPE, columns=COLUMNS) for cell in (forwards, backwards)]

    assert differences(*runs) == []


def test_a_controller_that_stops_sends_zero_as_its_outputs_do(cells: SmallCells) -> None:
    cell, _ = both_orders(cells, WIRES)

    columns = cell.run(5, tape=[restart(30 * MS, "A", "stop")], columns=["B.other", "A.n"]).columns

    assert columns["A.n"].tolist() == [1, 2, 2, 2, 2]
    assert columns["B.other"].tolist() == [0, 1, 2, 0, 0]


def test_a_connection_without_delay_behaves_as_a_plain_one(cells: SmallCells) -> None:
    timed = WIRES.replace('"A.n"', '{ from = "A.n", period = "10 ms" }')
    tape = [restart(60 * MS, "A", "stop"), restart(90 * MS, "A", "run")]

    plain, sampled = (both_orders(cells, extra)[0].run(20, tape=tape, columns=COLUMNS) for extra in (WIRES, timed))

    assert differences(plain, sampled) == []


def test_an_exchanged_output_can_be_forced_at_either_end(cells: SmallCells) -> None:
    cell, _ = both_orders(cells, WIRES)

    cell.run(3, tape=[force(0, "A.n", 77), force(0, "A.other", 55)])

    assert (cell.read("B.other"), cell.read("A.other")) == (77, 55)


def test_a_controller_may_take_its_own_output_a_step_later(cells: SmallCells) -> None:
    cell = cells.plc(PROGRAMS["A"], extra='[controllers.PLC1.inputs]\nother = "PLC1.n"\n')

    assert cell.run(3, columns=["PLC1.other"]).columns["PLC1.other"].tolist() == [0, 1, 2]


def test_a_busy_controller_sends_when_its_task_ends(cells: SmallCells) -> None:
    cell, _ = both_orders(cells, WIRES)
    task = cell.blueprint.plcs["A"].plc.tasks[0].name

    columns = cell.run(6, tape=[fault(0, f"A.{task}.execution_ns", 25 * MS)], columns=["A.n", "B.other"]).columns

    assert columns["A.n"].tolist() == [1, 1, 2, 2, 2, 3]
    assert columns["B.other"].tolist() == [0, 0, 0, 1, 1, 2]
