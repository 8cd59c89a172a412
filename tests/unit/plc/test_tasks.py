"""When tasks run: interval, offset, priority, SINGLE, execution time, overruns, jitter, watchdog."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from small_cells import MS, SmallCells, fault, force, restart, write

from emulators.cell import Cell
from emulators.native.ir import FaultCode
from emulators.plc import PlcMode, TaskTiming

COUNTERS = """
PROGRAM Fast
VAR_EXTERNAL order, fast_saw, fast_runs : INT; END_VAR
  order := order + 1; fast_saw := order; fast_runs := fast_runs + 1;
END_PROGRAM
PROGRAM Slow
VAR_EXTERNAL order, slow_saw, slow_runs : INT; END_VAR
  order := order + 1; slow_saw := order; slow_runs := slow_runs + 1;
END_PROGRAM
CONFIGURATION Plant
  VAR_GLOBAL order, fast_saw, slow_saw, fast_runs, slow_runs : INT; trigger : BOOL; END_VAR
  RESOURCE Cpu ON PLC
    {tasks}
    PROGRAM S WITH SlowTask : Slow;
    PROGRAM F WITH FastTask : Fast;
  END_RESOURCE
END_CONFIGURATION
"""
USUAL = """
    TASK SlowTask(INTERVAL := T#30ms, PRIORITY := 2);
    TASK FastTask(INTERVAL := T#10ms, PRIORITY := 1);
"""


def two_tasks(cells: SmallCells, tasks: str = USUAL, extra: str = "", seed: int | None = None) -> Cell:
    return cells.plc(COUNTERS.replace("{tasks}", tasks), extra=extra, seed=seed)


def column(cell: Cell, name: str, n_steps: int, tape: Sequence[object] = ()) -> list[int]:
    return cell.run(n_steps, tape=tape, columns=[name]).columns[name].tolist()  # type: ignore[arg-type] # events


def test_a_task_runs_at_the_start_and_then_each_interval(cells: SmallCells) -> None:
    cell = two_tasks(cells)

    assert column(cell, "PLC1.slow_runs", 8) == [1, 1, 1, 2, 2, 2, 3, 3]
    assert cell.read("PLC1.fast_runs") == 8


def test_an_offset_of_the_rig_delays_the_first_run(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra='[controllers.PLC1.tasks.SlowTask]\noffset = "20 ms"\n')

    assert column(cell, "PLC1.slow_runs", 7) == [0, 0, 1, 1, 1, 2, 2]


def test_the_rig_replaces_interval_and_priority_of_the_program(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra='[controllers.PLC1.tasks.SlowTask]\ninterval = "20 ms"\npriority = 0\n')

    assert column(cell, "PLC1.slow_runs", 5) == [1, 1, 2, 2, 3]
    assert cell.read("PLC1.slow_saw") < cell.read("PLC1.fast_saw")


def test_the_most_urgent_task_runs_first_whatever_the_order_of_writing(cells: SmallCells) -> None:
    cell = two_tasks(cells)

    cell.run(1)

    assert (cell.read("PLC1.fast_saw"), cell.read("PLC1.slow_saw")) == (1, 2)


def test_tasks_of_one_priority_run_in_the_order_of_writing(cells: SmallCells) -> None:
    cell = two_tasks(cells, USUAL.replace(":= 2", ":= 1"))

    cell.run(1)

    assert (cell.read("PLC1.slow_saw"), cell.read("PLC1.fast_saw")) == (1, 2)


SINGLE = """
    TASK SlowTask(SINGLE := trigger, PRIORITY := 2);
    TASK FastTask(INTERVAL := T#10ms, PRIORITY := 1);
"""


def test_a_single_task_runs_at_each_rising_edge_of_its_variable(cells: SmallCells) -> None:
    cell = two_tasks(cells, SINGLE)
    tape = [write(ms * MS, "PLC1.trigger", on) for ms, on in [(30, True), (60, False), (70, True), (80, False)]]

    assert column(cell, "PLC1.slow_runs", 9, tape) == [0, 0, 1, 1, 1, 1, 2, 2, 2]


@pytest.mark.parametrize("area", ["M", "I", "Q"])
def test_a_trigger_at_a_bit_of_an_image_is_not_its_neighbour(cells: SmallCells, area: str) -> None:
    program = COUNTERS.replace("{tasks}", SINGLE).replace(
        "trigger : BOOL;", f"trigger AT %{area}X0.3 : BOOL; near : BOOL;"
    )
    cell = cells.plc(program.replace("near :", f"near AT %{area}X0.1 :"))
    tape = [force(20 * MS, "PLC1.near", True), force(40 * MS, "PLC1.trigger", True)]

    assert column(cell, "PLC1.slow_runs", 5, tape) == [0, 0, 0, 1, 1]


def test_a_task_with_interval_and_single_is_periodic_while_the_variable_is_false(cells: SmallCells) -> None:
    cell = two_tasks(cells, SINGLE.replace("(SINGLE", "(INTERVAL := T#10ms, SINGLE"))
    tape = [write(30 * MS, "PLC1.trigger", True), write(60 * MS, "PLC1.trigger", False)]

    assert column(cell, "PLC1.slow_runs", 7, tape) == [1, 2, 3, 3, 3, 4, 5]


def test_a_restart_sees_a_variable_that_is_on_as_an_edge(cells: SmallCells) -> None:
    retained = COUNTERS.replace("{tasks}", SINGLE).replace("trigger : BOOL; END_VAR", "END_VAR {RETAIN}")
    retained = retained.replace("slow_runs : INT;  END_VAR", "slow_runs : INT; END_VAR")
    cell = cells.plc(retained.replace("{RETAIN}", "VAR_GLOBAL RETAIN trigger : BOOL; END_VAR"))
    tape = [write(10 * MS, "PLC1.trigger", True), restart(30 * MS, "PLC1", "warm")]

    assert column(cell, "PLC1.slow_runs", 5, tape) == [1, 1, 1, 1, 1]
    assert cell.plc_status("PLC1").scan_count == 5


# --- execution time ---------------------------------------------------------------------------------------------------


BUSY = '[controllers.PLC1.tasks.FastTask]\nexecution_time = "25 ms"\n'


def test_a_busy_processor_holds_back_lower_tasks_and_counts_what_comes_too_late(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra=BUSY)

    recording = cell.run(12, columns=["PLC1.fast_runs", "PLC1.slow_runs"])

    # 25 ms from 0, 20, 50, 70 and 100 ms on: a run starts in the step in which the one before it ends
    assert recording.columns["PLC1.fast_runs"].tolist() == [1, 1, 2, 2, 2, 3, 3, 4, 4, 4, 5, 5]
    assert cell.read("PLC1.slow_runs") == 0
    assert cell.plc_status("PLC1").overrun_count > 0


def test_a_task_that_takes_less_than_its_interval_never_overruns(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra='[controllers.PLC1.tasks.FastTask]\nexecution_time = "8 ms"\n')

    cell.run(100)

    assert cell.plc_status("PLC1").overrun_count == 0
    assert cell.read("PLC1.fast_runs") == 100
    assert cell.read("PLC1.slow_runs") == 34


OUTPUTS = """
PROGRAM Main
VAR n AT %QW0 : INT; END_VAR
  n := n + 1;
END_PROGRAM
"""
PROBE = """
from emulators.component import Component, Input, Output, Phase, port

class Probe(Component):
    PHASE = Phase.ACTUATOR
    wanted: Input[int] = port()
    seen: Output[int] = port()
    def outputs(self) -> None:
        self.seen = self.wanted
"""
PROBE_RIG = """
[plant.M]
component = "parts.py:Probe"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.outputs]
"M.wanted" = "n"
[controllers.PLC1.tasks.default]
execution_time = "EXECUTION"
interval = "INTERVAL"
"""


def flushed(cells: SmallCells, execution: str, interval: str, n_steps: int) -> list[int]:
    rig = PROBE_RIG.replace("EXECUTION", execution).replace("INTERVAL", interval)
    name = cells.plc(OUTPUTS).blueprint.plcs["PLC1"].plc.tasks[0].name
    cell = cells.cell(rig.replace("tasks.default", f'tasks."{name}"'), parts_py=PROBE, PLC1_st=OUTPUTS)
    return cell.run(n_steps, columns=["M.seen"]).columns["M.seen"].tolist()


def test_outputs_are_flushed_when_the_task_ends(cells: SmallCells) -> None:
    assert flushed(cells, "25 ms", "40 ms", 9) == [0, 0, 1, 1, 1, 1, 2, 2, 2]


def test_a_processor_that_is_never_idle_still_flushes_each_run(cells: SmallCells) -> None:
    assert flushed(cells, "12 ms", "10 ms", 12) == [0, 1, 2, 3, 4, 5, 5, 6, 7, 8, 9, 10]


def test_the_drawn_execution_time_depends_on_the_seed_alone(cells: SmallCells) -> None:
    extra = '[controllers.PLC1.tasks.FastTask]\nexecution_time = ["1 ms", "30 ms"]\n'
    same, again, other = (two_tasks(cells, extra=extra, seed=seed) for seed in (1, 1, 2))

    runs = [column(cell, "PLC1.fast_runs", 200) for cell in (same, again, other)]

    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_tasks_and_controllers_draw_their_execution_times_independently(cells: SmallCells) -> None:
    program = COUNTERS.replace("{tasks}", USUAL)
    timing = "[controllers.{}.tasks.FastTask]\nexecution_time = ['1 ms', '30 ms']\n"
    cell = cells.controllers({"A": program, "B": program}, extra=timing.format("A") + timing.format("B"))

    columns = cell.run(200, columns=["A.fast_runs", "B.fast_runs"]).columns

    assert not np.array_equal(columns["A.fast_runs"], columns["B.fast_runs"])


# --- watchdog ---------------------------------------------------------------------------------------------------------

WATCHED = '[controllers.PLC1.tasks.FastTask]\nexecution_time = "2 ms"\nwatchdog = "5 ms"\n'


def test_an_execution_time_above_the_watchdog_stops_the_controller(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra=WATCHED)

    cell.run(5, tape=[fault(30 * MS, "PLC1.FastTask.execution_ns", 6 * MS)])
    status = cell.plc_status("PLC1")

    assert (status.mode, status.fault_time_ns) == (PlcMode.FAULT, 30 * MS)
    assert cell.read("PLC1.fast_runs") == 2
    assert status.fault is not None
    assert status.fault.code is FaultCode.WATCHDOG
    assert status.fault.message == "task FastTask took 6 ms, its watchdog allows 5 ms"
    assert (status.fault.span.file.rpartition("/")[2], status.fault.span.line) == ("rig.toml", 8)


def test_a_watchdog_of_exactly_the_execution_time_does_not_trip(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra=WATCHED.replace('"2 ms"', '"5 ms"'))

    cell.run(50)

    assert cell.plc_status("PLC1").mode is PlcMode.RUN


def test_the_fault_of_a_slow_task_ends_with_none(cells: SmallCells) -> None:
    cell = two_tasks(cells, extra=WATCHED)
    slow = [fault(10 * MS, "PLC1.FastTask.execution_ns", 6 * MS), fault(20 * MS, "PLC1.FastTask.execution_ns", None)]

    cell.run(4, tape=[*slow, restart(30 * MS, "PLC1", "warm")])

    assert cell.plc_status("PLC1").mode is PlcMode.RUN
    assert cell.read("PLC1.fast_runs") == 2


@pytest.mark.parametrize("field", ["execution_ns", "jitter_ns", "watchdog_ns"])
def test_negative_times_are_refused(field: str) -> None:
    with pytest.raises(ValueError, match="cannot be negative"):
        TaskTiming(**{field: -1})
