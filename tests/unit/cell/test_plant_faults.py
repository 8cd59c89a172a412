"""A component that fails ends the run with its line and values; the cell, its forks and its executor stay usable."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers
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


WATCHED = ["T.level", "L.reading", "V.opening", "PLC1.scans", "PLC1.open", "T.divisor"]


def stopped(cell: Cell, *, go_ms: int, stop_ms: int, n_steps: int) -> CellFault:
    tape = [write(go_ms * MS, "PLC1.go", True), write(stop_ms * MS, "T.divisor", 0.0)]
    cell.reset()
    with pytest.raises(CellFault) as raised:
        cell.run(n_steps, tape=tape, columns=WATCHED)
    return raised.value


def test_the_rows_before_the_step_that_failed_are_kept(cell: Cell) -> None:
    recording = stopped(cell, go_ms=10, stop_ms=40, n_steps=10).recording

    assert recording.time_ns.tolist() == [10 * MS, 20 * MS, 30 * MS]
    assert recording.columns["PLC1.scans"].tolist() == [1, 2, 3]
    assert recording.columns["T.divisor"].tolist() == [1.0, 1.0, 1.0]


def test_a_plant_that_fails_at_once_keeps_no_row(cell: Cell) -> None:
    fault = stopped(cell, go_ms=10, stop_ms=0, n_steps=10)

    assert fault.time_ns == 10 * MS
    assert len(fault.recording.time_ns) == 0
    assert {len(rows) for rows in fault.recording.columns.values()} == {0}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[Cell, Cell]:
    cells = SmallCells(tmp_path_factory.mktemp("both"))
    return cells.loop(executor="tcc"), cells.loop(executor="python")


@given(go_ms=integers(0, 300), stop_ms=integers(0, 290), n_steps=integers(30, 40))
@settings(max_examples=25, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_executor_keeps_the_same_rows_and_names_the_same_moment(
    both: tuple[Cell, Cell], go_ms: int, stop_ms: int, n_steps: int
) -> None:
    native, plain = (stopped(cell, go_ms=go_ms, stop_ms=stop_ms, n_steps=n_steps) for cell in both)

    assert (native.time_ns, native.fault.span.line) == (plain.time_ns, plain.fault.span.line)
    assert len(native.recording.time_ns) == native.time_ns // (10 * MS) - 1
    np.testing.assert_array_equal(native.recording.time_ns, plain.recording.time_ns)
    for name in WATCHED:
        assert native.recording.columns[name].tobytes() == plain.recording.columns[name].tobytes()
