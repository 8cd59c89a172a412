"""Forces on the process image: laid over inputs at the latch, over outputs at the flush, until they are released."""

from __future__ import annotations

import pytest
from small_cells import MS, SmallCells, force, release, restart, write

from emulators.cell import Cell, TargetError

PROGRAM = """
PROGRAM Main
VAR start AT %IX0.0 : BOOL; stop AT %IX0.1 : BOOL; raw AT %IW2 : INT; wide AT %ID4 : DINT; END_VAR
VAR lamp AT %QX0.0 : BOOL; horn AT %QX0.1 : BOOL; speed AT %QW2 : INT; END_VAR
VAR measured, wanted : REAL; saw_start, saw_stop : BOOL; saw_raw : INT; saw_measured : REAL; inside : INT; END_VAR
VAR CONSTANT limit : INT := 5; END_VAR
  saw_start := start; saw_stop := stop; saw_raw := raw; saw_measured := measured;
  lamp := start; horn := stop; speed := raw; wanted := measured * 2.0;
END_PROGRAM
"""
PARTS = """
from emulators.component import Component, Input, Output, Phase, port

class Sensor(Component):
    PHASE = Phase.SENSOR
    pressed: Input[bool] = port()
    stopped: Input[bool] = port()
    level: Input[float] = port()
    count: Input[int] = port()
    is_pressed: Output[bool] = port()
    is_stopped: Output[bool] = port()
    reading: Output[float] = port()
    raw: Output[int] = port()
    def outputs(self) -> None:
        self.is_pressed = self.pressed
        self.is_stopped = self.stopped
        self.reading = self.level
        self.raw = self.count

class Actor(Component):
    PHASE = Phase.ACTUATOR
    lamp: Input[bool] = port()
    horn: Input[bool] = port()
    speed: Input[int] = port()
    wanted: Input[float] = port()
    def outputs(self) -> None:
        return
"""
RIG = """
[plant.IN]
component = "parts.py:Sensor"
[plant.OUT]
component = "parts.py:Actor"
[controllers.PLC1]
language = "st"
sources = "PLC1.st"
[controllers.PLC1.inputs]
start = "IN.is_pressed"
stop = "IN.is_stopped"
raw = "IN.raw"
measured = "IN.reading"
[controllers.PLC1.outputs]
"OUT.lamp" = "lamp"
"OUT.horn" = "horn"
"OUT.speed" = "speed"
"OUT.wanted" = "wanted"
"""


@pytest.fixture
def cell(cells: SmallCells) -> Cell:
    return cells.cell(RIG, parts_py=PARTS, PLC1_st=PROGRAM)


INPUTS = [("start", "saw_start", True, "IN.pressed", False), ("raw", "saw_raw", -1234, "IN.count", 55)]
INPUTS.append(("measured", "saw_measured", 2.5, "IN.level", 1.0))


@pytest.mark.parametrize(("name", "seen", "forced", "plant", "true"), INPUTS, ids=[row[0] for row in INPUTS])
def test_the_program_sees_a_forced_input_until_it_is_released(
    cell: Cell, name: str, seen: str, forced: bool | int | float, plant: str, true: bool | int | float
) -> None:
    tape = [write(0, plant, true), force(20 * MS, f"PLC1.{name}", forced), release(40 * MS, f"PLC1.{name}")]

    recording = cell.run(5, tape=tape, columns=[f"PLC1.{seen}"])

    assert recording.columns[f"PLC1.{seen}"].tolist() == [true, forced, forced, true, true]


OUTPUTS = [("lamp", "OUT.lamp", True, False), ("speed", "OUT.speed", 4321, 0), ("wanted", "OUT.wanted", -7.5, 0.0)]


@pytest.mark.parametrize(("name", "plant", "forced", "computed"), OUTPUTS, ids=[row[0] for row in OUTPUTS])
def test_the_plant_gets_a_forced_output_until_it_is_released(
    cell: Cell, name: str, plant: str, forced: bool | int | float, computed: bool | int | float
) -> None:
    tape = [force(20 * MS, f"PLC1.{name}", forced), release(40 * MS, f"PLC1.{name}")]

    recording = cell.run(5, tape=tape, columns=[plant])

    assert recording.columns[plant].tolist() == [computed, forced, forced, computed, computed]


def test_a_forced_bit_leaves_its_neighbours_alone(cell: Cell) -> None:
    cell.run(2, tape=[write(0, "IN.stopped", True), force(0, "PLC1.start", True), force(0, "PLC1.lamp", False)])

    assert [cell.read(f"PLC1.{name}") for name in ("saw_start", "saw_stop", "horn")] == [True, True, True]
    assert (cell.read("OUT.lamp"), cell.read("OUT.horn")) == (False, True)


def test_a_released_bit_leaves_the_force_on_its_neighbour(cell: Cell) -> None:
    tape = [force(0, "PLC1.start", True), force(0, "PLC1.stop", True), release(20 * MS, "PLC1.start")]

    cell.run(2, tape=tape)

    assert (cell.read("PLC1.saw_start"), cell.read("PLC1.saw_stop")) == (False, True)


def test_a_bit_is_forced_off_as_well(cell: Cell) -> None:
    cell.run(2, tape=[write(0, "IN.pressed", True), force(0, "PLC1.start", False)])

    assert cell.read("PLC1.saw_start") is False


def test_a_second_force_replaces_the_first(cell: Cell) -> None:
    cell.run(2, tape=[force(0, "PLC1.raw", 1), force(20 * MS, "PLC1.raw", 2)])

    assert cell.read("PLC1.saw_raw") == 2


@pytest.mark.parametrize("word", ["cold", "warm"])
def test_forces_survive_a_restart(cell: Cell, word: str) -> None:
    tape = [force(0, "PLC1.raw", 9), force(0, "PLC1.measured", 4.0), restart(20 * MS, "PLC1", word)]

    cell.run(3, tape=tape)

    assert (cell.read("PLC1.saw_raw"), cell.read("PLC1.saw_measured")) == (9, 4.0)


def test_a_forced_output_is_de_energised_outside_run_too(cell: Cell) -> None:
    tape = [force(0, "PLC1.lamp", True), restart(20 * MS, "PLC1", "stop"), restart(30 * MS, "PLC1", "run")]

    recording = cell.run(3, tape=tape, columns=["OUT.lamp"])

    assert recording.columns["OUT.lamp"].tolist() == [True, False, True]


def test_a_reset_forgets_forces(cell: Cell) -> None:
    cell.run(1, tape=[force(0, "PLC1.raw", 9)])

    cell.reset()
    cell.run(1)

    assert cell.read("PLC1.saw_raw") == 0


def test_located_inputs_that_nothing_is_wired_to_can_be_forced(cell: Cell) -> None:
    cell.run(1, tape=[force(0, "PLC1.wide", -2_000_000_000)])

    assert cell.read("PLC1.wide") == -2_000_000_000


REFUSED = [
    ("PLC1.limit", "it is a constant of the control program"),
    ("PLC1.mode", "the controller sets it; restart the controller instead"),
    ("IN.pressed", "only variables of a controller can; write it, or inject a fault"),
    ("IN.reading", "the plant computes it; write an input, or inject a fault"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_is_no_variable_of_a_controller_cannot_be_forced(cell: Cell, name: str, reason: str) -> None:
    with pytest.raises(TargetError) as refused:
        cell.run(1, tape=[force(0, name, 1)])

    assert str(refused.value) == f"{name} cannot be forced: {reason}"


def test_a_force_outside_the_type_is_refused(cell: Cell) -> None:
    with pytest.raises(TargetError, match=r"PLC1\.raw: 40000 is outside -32768\.\.32767"):
        cell.run(1, tape=[force(0, "PLC1.raw", 40000)])
