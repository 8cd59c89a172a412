"""A component that fails ends the run with its line and values; the cell, its forks and its executor stay usable."""

from __future__ import annotations

import pytest
from small_cells import MS, SmallCells, write
from small_loop import LOOP_PARTS

from emulators.cell import Cell, CellFault

LINE = LOOP_PARTS.splitlines().index("        self.der.level = (self.inflow - self.leak) / self.divisor") + 1


@pytest.fixture(params=("tcc", "python"))
def cell(request: pytest.FixtureRequest, cells: SmallCells) -> Cell:
    return cells.loop(executor=request.param)


def fail(cell: Cell) -> CellFault:
    with pytest.raises(CellFault) as raised:
        cell.run(10, tape=[write(40 * MS, "T.divisor", 0.0)], columns=["T.level"])
    return raised.value


def test_the_fault_names_the_line_of_the_component_and_the_time(cell: Cell) -> None:
    fault = fail(cell)

    assert (fault.fault.span.file.rpartition("/")[2], fault.fault.span.line) == ("parts.py", LINE)
    assert fault.fault.span.column > 1
    assert fault.time_ns == 40 * MS
    assert "division by zero" in str(fault)
    assert str(fault).endswith("the plant of rig small stopped at 0.04 s")


def test_the_cell_stays_at_the_step_that_failed_and_can_be_read(cell: Cell) -> None:
    fail(cell)

    assert cell.tick == 4
    assert cell.read("PLC1.scans") == 3
    assert cell.read("T.divisor") == 0.0


def test_a_cell_that_failed_runs_again_after_a_reset(cell: Cell) -> None:
    fail(cell)

    cell.reset()
    cell.run(10)

    assert cell.read("PLC1.scans") == 10


def test_a_cell_that_failed_can_be_restored(cell: Cell) -> None:
    cell.run(2)
    snapshot = cell.snapshot()
    fail(cell)

    cell.restore(snapshot)
    cell.run(3)

    assert cell.read("PLC1.scans") == 5


def test_a_fork_does_not_notice(cell: Cell) -> None:
    fork = cell.fork()
    fail(cell)

    fork.run(10)

    assert fork.read("PLC1.scans") == 10


def test_the_cause_can_be_taken_away(cell: Cell) -> None:
    fail(cell)

    cell.run(3, tape=[write(0, "T.divisor", 1.0)])

    assert cell.read("PLC1.scans") == 6
