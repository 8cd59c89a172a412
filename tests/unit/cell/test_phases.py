"""One communication step, phase by phase: what acts where and when. The table is in ARCHITECTURE.md and README.md."""

from __future__ import annotations

import pytest
from small_cells import MS, SmallCells, event, fault, write

from emulators.cell import Cell, Operation

EXECUTORS = ("tcc", "python")


@pytest.fixture(params=EXECUTORS)
def cell(request: pytest.FixtureRequest, cells: SmallCells) -> Cell:
    return cells.loop(executor=request.param)


def rows(cell: Cell, names: list[str], n_steps: int, *tape: object) -> list[tuple[float, ...]]:
    """Return one tuple a step, rounded to a millionth."""
    columns = cell.run(n_steps, tape=tape, columns=names).columns  # type: ignore[arg-type] # events of small_cells
    return [tuple(round(float(columns[name][row]), 6) for name in names) for row in range(n_steps)]


def test_phase_1_integrates_to_the_end_of_the_step_with_the_actuators_held(cell: Cell) -> None:
    # the valve opens in phase 7 of step 2, so the tank fills from step 3 on, a whole step each
    found = rows(cell, ["V.opening", "T.level"], 4, write(20 * MS, "PLC1.go", True))

    assert found == [(0.0, 0.0), (1.0, 0.0), (1.0, 0.01), (1.0, 0.02)]


def test_phase_1_follows_what_the_tape_writes_to_the_plant_in_this_step(cell: Cell) -> None:
    tape = (write(0, "PLC1.go", True), write(30 * MS, "T.divisor", 2.0), fault(40 * MS, "T.leak", 1.0))

    assert [level for (level,) in rows(cell, ["T.level"], 4, *tape)] == [0.0, 0.01, 0.015, 0.015]


def test_phase_1_leaves_outputs_of_the_plant_as_of_the_end_of_the_step(cell: Cell) -> None:
    found = rows(cell, ["T.level", "T.doubled"], 5, write(0, "PLC1.go", True))

    assert [doubled for _, doubled in found] == [round(2 * level, 6) for level, _ in found]


def test_phase_2_senses_the_end_of_the_step_with_the_faults_of_this_step(cell: Cell) -> None:
    found = rows(cell, ["T.level", "L.reading"], 4, write(0, "PLC1.go", True), fault(30 * MS, "L.offset", 5.0))

    assert found == [(0.0, 0.0), (0.01, 0.01), (0.02, 5.02), (0.03, 5.03)]


def test_phase_3_publishes_the_plant_of_this_step_and_the_controllers_of_the_last(cell: Cell) -> None:
    cell.publish_snapshots(enabled=True)

    cell.run(3, tape=[write(10 * MS, "PLC1.go", True), write(30 * MS, "PLC1.setpoint", 70)])

    assert cell.published("LEVEL") == cell.read("T.level") == pytest.approx(0.02)
    assert (cell.published("SCANS"), cell.read("SCANS")) == (2, 3)
    assert (cell.published("SETPOINT"), cell.read("SETPOINT")) == (50, 70)


def test_phase_3_is_left_out_unless_it_is_asked_for(cell: Cell) -> None:
    cell.run(3)

    assert cell.published("SCANS") == 0


def test_phase_4_latches_what_was_sensed_in_this_step(cell: Cell) -> None:
    found = rows(cell, ["L.reading", "PLC1.level"], 4, write(0, "PLC1.go", True))

    assert [level for _, level in found] == pytest.approx([reading for reading, _ in found])


def test_phase_4_takes_writes_of_clients_before_the_program_runs(cell: Cell) -> None:
    # acts at the latch of step 2: the scan of step 2 opens the valve
    found = rows(cell, ["PLC1.go", "PLC1.open"], 3, write(20 * MS, "GO", True))

    assert found == [(0, 0), (1, 1), (1, 1)]


def test_an_event_between_two_steps_acts_in_the_step_that_ends_after_it(cell: Cell) -> None:
    found = rows(cell, ["PLC1.go"], 3, write(10 * MS + 1, "GO", True))

    assert found == [(0,), (1,), (1,)]


def test_phase_5_runs_the_program_at_the_time_of_the_end_of_the_step(cell: Cell) -> None:
    found = rows(cell, ["PLC1.scans", "PLC1.seen"], 4)

    assert found == [(1, 0), (2, 10 * MS), (3, 20 * MS), (4, 30 * MS)]


def test_phase_6_gives_outputs_to_the_actuators_in_the_same_step(cell: Cell) -> None:
    found = rows(cell, ["PLC1.open", "V.command"], 2, write(20 * MS, "GO", True))

    assert found == [(0, 0), (1, 1)]


def test_phase_7_moves_actuators_once_a_step_with_the_faults_of_this_step(cell: Cell) -> None:
    tape = (write(10 * MS, "GO", True), fault(20 * MS, "V.stuck", True), write(20 * MS, "GO", False))

    found = rows(cell, ["V.command", "V.opening", "V.moves"], 4, *tape, fault(40 * MS, "V.stuck", None))

    assert found == [(1, 1.0, 1), (0, 1.0, 1), (0, 1.0, 1), (0, 0.0, 2)]


def test_phase_8_records_one_row_a_step_at_its_end(cell: Cell) -> None:
    recording = cell.run(3, columns=["PLC1.scans"])
    further = cell.run(2, columns=["PLC1.scans", "PLC1.go"])

    assert recording.time_ns.tolist() == [10 * MS, 20 * MS, 30 * MS]
    assert further.time_ns.tolist() == [40 * MS, 50 * MS]
    assert further.columns["PLC1.scans"].tolist() == [4, 5]
    assert (further.is_bool, str(further.columns["PLC1.scans"].dtype)) == (frozenset({"PLC1.go"}), "int32")


def test_events_of_one_time_act_by_rank(cell: Cell) -> None:
    first = event(10 * MS, Operation.WRITE, "SETPOINT", 1, order=1)
    second = event(10 * MS, Operation.WRITE, "SETPOINT", 2, order=2)

    cell.run(1, tape=[second, first])

    assert cell.read("SETPOINT") == 2


def test_what_lies_before_the_next_step_acts_in_it(cell: Cell) -> None:
    cell.run(5)

    cell.run(1, tape=[write(10 * MS, "GO", True)])

    assert cell.read("V.opening") == 1.0
