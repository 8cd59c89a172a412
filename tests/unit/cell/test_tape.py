"""What the tape refuses: names that do not exist, what something else drives, values that do not fit."""

from __future__ import annotations

import pytest
from small_cells import SmallCells, event, fault, force, release, restart, write

from emulators.cell import Cell, Operation, TapeEvent, TargetError

BAD = [
    (write(0, "SETPIONT", 1), r"rig small has no signal or tag 'SETPIONT'; did you mean 'SETPOINT'\?"),
    (write(0, "PLC1.setpiont", 1), r"no signal or tag 'PLC1\.setpiont'; did you mean 'PLC1\.Main\.setpoint'\?"),
    (write(0, "T.levl", 1), r"no signal or tag 'T\.levl'; did you mean 'T\.level'\?"),
    (fault(0, "L.ofset", 1), r"no fault 'L\.ofset'; did you mean 'L\.offset'\?"),
    (restart(0, "PLC2", "cold"), r"no controller 'PLC2'; did you mean 'PLC1'\?"),
    (restart(0, "PLC1", "hot"), r"PLC1: no restart 'hot'; write one of cold, "),
    (event(0, Operation.LINK, "V.command", "down"), "no connection 'V.command'"),
    (write(0, "PLC1.level", 1.0), r"PLC1\.level cannot be written: it is wired to L\.reading; force it, or act on"),
    (write(0, "T.inflow", 1.0), r"T\.inflow cannot be written: it is wired to V\.opening; inject a fault there"),
    (write(0, "V.command", True), r"V\.command cannot be written: PLC1\.Main\.open drives it; force that"),
    (write(0, "T.doubled", 1.0), r"T\.doubled cannot be written: the plant computes it; write an input, or inject"),
    (write(0, "PLC1.limit", 1.0), r"PLC1\.limit cannot be written: it is a constant of the control program"),
    (write(0, "PLC1.mode", 1), r"PLC1\.mode cannot be written: the controller sets it; restart the controller"),
    (
        force(0, "T.level", 1.0),
        r"T\.level cannot be forced: only variables of a controller can; write it, or inject a fault",
    ),
    (release(0, "T.level"), r"T\.level cannot be forced"),
    (
        write(0, "SETPOINT", 101),
        r"SETPOINT: 101 is outside its range 0\.\.100; write PLC1\.Main\.setpoint to go beyond",
    ),
    (write(0, "SETPOINT", -1), r"SETPOINT: -1 is outside its range 0\.\.100"),
    (write(0, "PLC1.setpoint", 40000), r"PLC1\.setpoint: 40000 is outside -32768\.\.32767"),
    (write(0, "SETPOINT", 1.5), r"SETPOINT: 1\.5 is no whole number"),
    (write(0, "SETPOINT", True), r"SETPOINT: True is no whole number"),
    (write(0, "SETPOINT", "high"), r"SETPOINT: 'high' cannot be written; give a number or a truth value"),
    (write(0, "SETPOINT", None), r"SETPOINT: None cannot be written"),
    (write(0, "SETPOINT", float("nan")), r"SETPOINT: nan is outside its range"),
    (write(0, "SETPOINT", float("inf")), r"SETPOINT: inf is outside its range"),
    (write(0, "GO", 2), r"GO: 2 is no BOOL; write true or false"),
    (force(0, "PLC1.level", 1e39), r"PLC1\.level: 1e\+39 is outside the range of REAL"),
    (write(0, "T.divisor", True), r"T\.divisor: True is no number"),
    (fault(0, "V.stuck", 0.5), r"V\.stuck: 0\.5 is no BOOL"),
    (fault(0, "L.offset", 11.0), r"L\.offset: 11\.0 is outside -10\.\.10"),
    (fault(0, "L.offset", float("nan")), r"L\.offset: nan is outside -10\.\.10"),
]


@pytest.mark.parametrize(("bad", "message"), BAD, ids=[f"{row[0].target} {row[0].value}" for row in BAD])
def test_a_tape_that_cannot_be_played_is_refused_before_anything_runs(
    cells: SmallCells, bad: TapeEvent, message: str
) -> None:
    cell = cells.loop()

    with pytest.raises(TargetError, match=message):
        cell.run(1, tape=[write(0, "SETPOINT", 60), bad])

    assert cell.tick == 0
    assert cell.read("SETPOINT") == 50


def test_an_unknown_column_is_refused(cells: SmallCells) -> None:
    with pytest.raises(TargetError, match=r"no signal or tag 'LEVLE'; did you mean 'LEVEL'\?"):
        cells.loop().run(1, columns=["LEVLE"])


@pytest.mark.parametrize("name", ["PLC1.Main.setpoint", "PLC1.setpoint", "plc1.SETPOINT", "SETPOINT"])
def test_a_variable_is_found_by_its_tag_with_or_without_its_program_in_any_case(cells: SmallCells, name: str) -> None:
    cell = cells.loop()

    cell.run(1, tape=[write(0, name, 61)])

    assert cell.read(name) == 61


def two_programs(cells: SmallCells) -> Cell:
    program = "PROGRAM {0}\nVAR n : INT; {0}_only : INT; END_VAR\n  n := n + 1;\nEND_PROGRAM\n"
    return cells.plc(program.replace("{0}", "One") + program.replace("{0}", "Two"))


def test_a_short_name_that_may_mean_two_variables_is_refused(cells: SmallCells) -> None:
    cell = two_programs(cells)

    with pytest.raises(TargetError, match=r"PLC1\.n may mean several variables: PLC1\.One\.n, PLC1\.Two\.n; write the"):
        cell.read("PLC1.n")
    assert cell.read("PLC1.one_only") == 0


def test_a_whole_number_fits_a_float(cells: SmallCells) -> None:
    cell = cells.loop()

    cell.run(1, tape=[write(0, "T.divisor", 3)])

    assert cell.read("T.divisor") == 3.0


def test_a_fault_that_ends_takes_its_value_of_the_rig(cells: SmallCells) -> None:
    cell = cells.loop()

    cell.run(2, tape=[fault(0, "L.offset", 2.0), fault(20_000_000, "L.offset", None)])

    assert cell.read("L.offset") == 0.0


def test_a_variable_takes_what_its_tag_does_not(cells: SmallCells) -> None:
    cell = cells.loop()

    cell.run(1, tape=[write(0, "PLC1.setpoint", 101)])

    assert cell.read("SETPOINT") == 101
