"""Modes and restarts: RUN, STOP, FAULT, OFF; what a cold and a warm restart keep; what the outputs do meanwhile."""

from __future__ import annotations

import pytest
from small_cells import MS, SmallCells, fault, restart, write

from emulators.cell import Cell
from emulators.plc import PlcCommand, PlcMode

PROGRAM = """
TYPE Recipe : STRUCT count : INT; weight : REAL := 1.5; END_STRUCT; END_TYPE
FUNCTION_BLOCK Hours
VAR_INPUT on : BOOL; END_VAR
VAR RETAIN total : DINT; END_VAR
VAR since_start : DINT; END_VAR
  IF on THEN total := total + 1; since_start := since_start + 1; END_IF;
END_FUNCTION_BLOCK
PROGRAM Main
VAR RETAIN kept : INT := 7; table : ARRAY[1..3] OF INT := [1, 2, 3]; recipe : Recipe; timer_kept : TON; END_VAR
VAR plain : INT := 40; hours : Hours; timer_plain : TON; running AT %QX0.0 : BOOL; level AT %QW1 : INT; END_VAR
VAR go AT %IX0.0 : BOOL; unlocated : INT; END_VAR
  kept := kept + 1; plain := plain + 1; table[2] := table[2] + 1; recipe.count := recipe.count + 1;
  hours(on := TRUE); timer_kept(IN := TRUE, PT := T#1s); timer_plain(IN := TRUE, PT := T#1s);
  running := TRUE; level := plain; unlocated := plain;
END_PROGRAM
"""
PART = """
from emulators.component import Component, Input, Output, Phase, port

class Panel(Component):
    PHASE = Phase.ACTUATOR
    lamp: Input[bool] = port()
    number: Input[float] = port()
    lit: Output[bool] = port()
    shown: Output[float] = port()
    def outputs(self) -> None:
        self.lit = self.lamp
        self.shown = self.number
"""
RIG = """
[plant.PANEL]
component = "parts.py:Panel"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.outputs]
"PANEL.lamp" = "running"
"PANEL.number" = "unlocated"
"""
WORDS = [("stop", PlcMode.STOP), ("power_off", PlcMode.OFF)]


@pytest.fixture
def cell(cells: SmallCells) -> Cell:
    return cells.cell(RIG, parts_py=PART, PLC1_st=PROGRAM)


def values(cell: Cell, *names: str) -> tuple[bool | int | float, ...]:
    return tuple(cell.read(f"PLC1.{name}") for name in names)


@pytest.mark.parametrize(("word", "mode"), WORDS)
def test_outputs_are_de_energised_outside_run(cell: Cell, word: str, mode: PlcMode) -> None:
    cell.run(2)
    assert (cell.read("PANEL.lit"), cell.read("PANEL.shown")) == (True, 42.0)

    cell.run(1, tape=[restart(0, "PLC1", word)])

    assert cell.plc_status("PLC1").mode is mode
    assert (cell.read("PANEL.lit"), cell.read("PANEL.shown")) == (False, 0.0)
    assert values(cell, "running", "level") == (False, 0)
    assert values(cell, "unlocated", "plain") == (42, 42)


@pytest.mark.parametrize(("word", "mode"), WORDS)
def test_nothing_is_executed_outside_run(cell: Cell, word: str, mode: PlcMode) -> None:
    cell.run(10, tape=[restart(30 * MS, "PLC1", word)])

    assert values(cell, "plain") == (42,)
    assert cell.plc_status("PLC1").scan_count == 2


def test_run_goes_on_after_stop_where_the_program_was(cell: Cell) -> None:
    cell.run(8, tape=[restart(30 * MS, "PLC1", "stop"), restart(60 * MS, "PLC1", "run")])

    assert values(cell, "plain", "running") == (45, True)


def test_inputs_are_latched_in_stop_and_not_without_power(cells: SmallCells) -> None:
    part = PART.replace("Phase.ACTUATOR", "Phase.SENSOR")
    rig = RIG.partition("[controllers.PLC1.outputs]")[0] + '[controllers.PLC1.inputs]\ngo = "PANEL.lit"\n'
    cell = cells.cell(rig, parts_py=part, PLC1_st=PROGRAM)

    cell.run(1, tape=[restart(0, "PLC1", "stop"), write(0, "PANEL.lamp", True)])
    in_stop = cell.read("PLC1.go")
    cell.run(1, tape=[restart(0, "PLC1", "power_off"), write(0, "PANEL.lamp", False)])

    assert (in_stop, cell.read("PLC1.go")) == (True, True)


def test_a_cold_restart_gives_every_variable_its_initial_value(cell: Cell) -> None:
    cell.run(20)

    cell.run(1, tape=[restart(0, "PLC1", "cold")])

    assert values(cell, "kept", "plain", "table[2]", "recipe.count", "hours.total") == (8, 41, 3, 1, 1)
    assert values(cell, "recipe.weight", "timer_kept.ET") == (1.5, 0)
    assert cell.plc_status("PLC1").scan_count == 1


def test_a_warm_restart_keeps_retained_variables_arrays_structures_and_parts_of_blocks(cell: Cell) -> None:
    cell.run(20)

    cell.run(1, tape=[restart(0, "PLC1", "warm")])

    assert values(cell, "kept", "table[2]", "table[3]", "recipe.count", "hours.total") == (28, 23, 3, 21, 21)
    assert values(cell, "plain", "hours.since_start", "timer_plain.ET") == (41, 1, 0)
    assert cell.read("PLC1.timer_kept.ET") == 200 * MS


def test_power_that_comes_back_is_a_warm_restart(cell: Cell) -> None:
    cell.run(20)

    cell.run(10, tape=[restart(0, "PLC1", "power_off"), restart(300 * MS, "PLC1", "power_on")])

    assert values(cell, "kept", "plain", "running") == (28, 41, True)
    assert cell.plc_status("PLC1").mode is PlcMode.RUN


def test_power_on_of_a_powered_controller_does_nothing(cell: Cell) -> None:
    cell.run(5, tape=[restart(30 * MS, "PLC1", "power_on")])

    assert values(cell, "plain") == (45,)


@pytest.mark.parametrize("word", ["cold", "warm", "run", "stop"])
def test_without_power_no_command_but_power_on_does_anything(cell: Cell, word: str) -> None:
    cell.run(4, tape=[restart(20 * MS, "PLC1", "power_off"), restart(30 * MS, "PLC1", word)])

    assert cell.plc_status("PLC1").mode is PlcMode.OFF


def test_a_restart_from_stop_runs(cell: Cell) -> None:
    cell.run(4, tape=[restart(20 * MS, "PLC1", "stop"), restart(30 * MS, "PLC1", "warm")])

    assert cell.plc_status("PLC1").mode is PlcMode.RUN


def test_a_restart_begins_the_offsets_of_tasks_anew(cells: SmallCells) -> None:
    name = cells.plc(PROGRAM).blueprint.plcs["PLC1"].plc.tasks[0].name
    cell = cells.plc(PROGRAM, extra=f'[controllers.PLC1.tasks.{name}]\ninterval = "50 ms"\noffset = "20 ms"\n')

    recording = cell.run(10, tape=[restart(50 * MS, "PLC1", "warm")], columns=["PLC1.plain"])

    assert recording.columns["PLC1.plain"].tolist() == [40, 40, 41, 41, 40, 40, 41, 41, 41, 41]


def test_the_mode_can_be_recorded_and_is_named(cell: Cell) -> None:
    recording = cell.run(3, tape=[restart(20 * MS, "PLC1", "stop")], columns=["PLC1.mode"])

    assert recording.columns["PLC1.mode"].tolist() == [PlcMode.RUN, PlcMode.STOP, PlcMode.STOP]
    assert dict(cell.blueprint.directory.targets["PLC1.mode"].enumerators)[PlcMode.STOP] == "STOP"


def test_task_timing_survives_a_restart(cell: Cell) -> None:
    task = cell.blueprint.plcs["PLC1"].plc.tasks[0].name
    cell.run(2, tape=[fault(0, f"PLC1.{task}.execution_ns", 15 * MS), restart(20 * MS, "PLC1", "cold")])

    assert cell.read(f"PLC1.{task}.execution_ns") == 15 * MS


def test_a_command_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match="no restart 'hot'; write one of cold, power_off, power_on, run, stop, warm"):
        PlcCommand.from_word("hot")
