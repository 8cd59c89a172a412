"""Forces on any variable of a controller: held at task boundaries, whatever the program writes in between."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import integers, lists, sampled_from, tuples
from small_cells import MS, SmallCells, force, release, restart, write

from emulators.cell import Cell, Recording, TapeEvent
from emulators.native import Executor, available_executors

PROGRAM = """
TYPE Recipe : STRUCT speed : REAL; steps : ARRAY[1..3] OF INT; END_STRUCT; END_TYPE
PROGRAM Fast
VAR_EXTERNAL trip, go : BOOL; shared : DINT; END_VAR
VAR count, before, after : INT; recipe : Recipe; clock : TON; marker AT %MX2.3 : BOOL; other AT %MX2.4 : BOOL; END_VAR
VAR wide : LREAL; small : SINT := -3; colour : (red, green, blue); END_VAR
  before := count;
  count := count + 1;
  after := count;
  recipe.speed := recipe.speed + 0.5;
  recipe.steps[2] := recipe.steps[2] + 10;
  clock(IN := go, PT := T#40ms);
  marker := NOT marker; other := NOT other;
  wide := wide + 0.25; small := -small; colour := blue;
  shared := shared + 1;
END_PROGRAM
PROGRAM Slow
VAR_EXTERNAL shared : DINT; END_VAR
VAR seen : DINT; END_VAR
  seen := shared;
END_PROGRAM
PROGRAM Tripped
VAR runs : INT; END_VAR
  runs := runs + 1;
END_PROGRAM
CONFIGURATION C
  VAR_GLOBAL trip, go : BOOL; shared : DINT; END_VAR
  RESOURCE R ON PLC
    TASK Cyclic(INTERVAL := T#10ms, PRIORITY := 1);
    TASK Later(INTERVAL := T#20ms, PRIORITY := 2);
    TASK OnTrip(SINGLE := trip, PRIORITY := 3);
    PROGRAM Fast WITH Cyclic : Fast;
    PROGRAM Slow WITH Later : Slow;
    PROGRAM Tripped WITH OnTrip : Tripped;
  END_RESOURCE
END_CONFIGURATION
"""


@pytest.fixture
def cell(cells: SmallCells) -> Cell:
    return cells.plc(PROGRAM)


def rows(cell: Cell, n_steps: int, tape: list[TapeEvent], *names: str) -> list[list[float]]:
    recording = cell.run(n_steps, tape=tape, columns=[f"PLC1.{name}" for name in names])
    return [column.tolist() for column in recording.columns.values()]


def test_a_forced_variable_has_its_value_before_and_after_each_task_and_the_program_s_in_between(cell: Cell) -> None:
    tape = [force(20 * MS, "PLC1.count", 100), release(40 * MS, "PLC1.count")]

    before, after, count = rows(cell, 5, tape, "before", "after", "count")

    assert count == [1, 100, 100, 101, 102]
    assert before == [0, 100, 100, 100, 101]
    assert after == [1, 101, 101, 101, 102]


VARIABLES = [
    ("recipe.speed", 7.25, [0.5, 7.25, 7.25, 7.75]),
    ("recipe.steps[2]", -5, [10, -5, -5, 5]),
    ("clock.ET", 123, [0, 123, 123, 0]),
    ("marker", True, [1, 1, 1, 0]),
    ("wide", -1.5, [0.25, -1.5, -1.5, -1.25]),
    ("small", 9, [3, 9, 9, -9]),
    ("colour", 1, [2, 1, 1, 2]),
]


@pytest.mark.parametrize(("name", "forced", "expected"), VARIABLES, ids=[row[0] for row in VARIABLES])
def test_variables_of_every_kind_can_be_forced(
    cell: Cell, name: str, forced: bool | int | float, expected: list[float]
) -> None:
    tape = [force(20 * MS, f"PLC1.Fast.{name}", forced), release(40 * MS, f"PLC1.Fast.{name}")]

    (seen,) = rows(cell, 4, tape, f"Fast.{name}")

    assert seen == expected


def test_a_force_on_a_bit_of_the_memory_leaves_its_neighbours_alone(cell: Cell) -> None:
    marker, other = rows(cell, 4, [force(0, "PLC1.marker", True)], "marker", "other")

    assert marker == [1, 1, 1, 1]
    assert other == [1, 0, 1, 0]


def test_the_next_task_of_the_same_step_sees_the_forced_value(cell: Cell) -> None:
    (seen,) = rows(cell, 3, [force(0, "PLC1.shared", 50)], "seen")

    assert seen == [50, 50, 50]


def test_a_forced_trigger_starts_its_task(cell: Cell) -> None:
    tape = [force(20 * MS, "PLC1.trip", True), release(30 * MS, "PLC1.trip"), write(30 * MS, "PLC1.trip", False)]

    (runs,) = rows(cell, 4, tape, "runs")

    assert runs == [0, 1, 1, 1]


def test_a_write_to_a_forced_variable_waits_for_the_release_and_is_lost(cell: Cell) -> None:
    tape = [force(0, "PLC1.go", True), write(20 * MS, "PLC1.go", False), release(30 * MS, "PLC1.go")]

    (go,) = rows(cell, 3, tape, "go")

    assert go == [1, 1, 1]


def test_a_forced_variable_stays_forced_while_the_controller_is_stopped(cell: Cell) -> None:
    tape = [force(0, "PLC1.count", 8), restart(20 * MS, "PLC1", "stop"), write(30 * MS, "PLC1.count", 3)]

    (count,) = rows(cell, 3, tape, "count")

    assert count == [8, 8, 8]


def test_a_fork_carries_the_forces_on(cell: Cell) -> None:
    cell.run(1, tape=[force(0, "PLC1.count", 8)])
    fork = cell.fork()

    cell.run(1, tape=[release(0, "PLC1.count")])
    fork.run(1)

    assert (cell.read("PLC1.count"), fork.read("PLC1.count")) == (9, 8)


NAMES = ["PLC1.count", "PLC1.small", "PLC1.Fast.recipe.steps[2]", "PLC1.shared", "PLC1.marker", "PLC1.Fast.clock.IN"]
WATCHED = [*NAMES, "PLC1.before", "PLC1.after", "PLC1.seen", "PLC1.other", "PLC1.Fast.clock.ET"]


@pytest.fixture(scope="module")
def cells_of_all_executors(tmp_path_factory: pytest.TempPathFactory) -> list[Cell]:
    names = ["tcc", "python", *(["gcc"] if Executor.GCC in available_executors() else [])]
    folder = tmp_path_factory.mktemp("forced")
    return [SmallCells(folder).controllers({"PLC1": PROGRAM}, executor=name) for name in names]


def run_anew(cell: Cell, tape: list[TapeEvent]) -> Recording:
    cell.reset()
    return cell.run(30, tape=tape, columns=WATCHED)


FORCES = tuples(integers(0, 29), sampled_from(NAMES), integers(0, 1), integers(1, 12))


@given(drawn=lists(FORCES, max_size=12))
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_executor_gives_the_same_bits_and_holds_what_is_forced(
    cells_of_all_executors: list[Cell], drawn: list[tuple[int, str, int, int]]
) -> None:
    tape = []
    for step, name, value, n_steps in drawn:
        tape += [force(step * 10 * MS, name, value), release((step + n_steps) * 10 * MS, name)]

    recordings = [run_anew(cell, tape) for cell in cells_of_all_executors]

    for name in WATCHED:
        assert len({recording.columns[name].tobytes() for recording in recordings}) == 1
    for name in NAMES:
        held = held_values(name, drawn)
        seen = recordings[0].columns[name]
        assert {step: seen[step] for step in held} == held


def held_values(name: str, drawn: list[tuple[int, str, int, int]]) -> dict[int, int]:
    """Return row → value while a variable is forced: the last force or release of the tape counts."""
    held: dict[int, int] = {}
    for row in range(30):
        tick = row + 1
        acts = []
        for order, (step, target, value, n_steps) in enumerate(drawn):
            if target == name:
                acts.append((max(1, step), step, 2 * order, value))
                acts.append((step + n_steps, step + n_steps, 2 * order + 1, None))
        due = sorted(act for act in acts if act[0] <= tick)
        if due and due[-1][3] is not None:
            held[row] = due[-1][3]
    return held


def test_what_was_forced_and_released_leaves_no_trace_in_what_the_program_does(cell: Cell) -> None:
    untouched = run_anew(cell, [])
    cell.reset()
    cell.run(1, tape=[force(0, "PLC1.wide", 0.25)])

    after = cell.run(29, tape=[release(0, "PLC1.wide")], columns=WATCHED)

    for name in WATCHED:
        assert after.columns[name].tobytes() == untouched.columns[name][1:].tobytes()
