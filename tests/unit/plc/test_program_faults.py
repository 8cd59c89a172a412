"""A control program that fails stops its controller, with place and values; the cell goes on."""

from __future__ import annotations

import pytest
from small_cells import MS, SmallCells, restart, write

from emulators.cell import Cell
from emulators.plc import PlcMode

DIVIDES = """\
PROGRAM Main
VAR a : INT := 17; b : INT := 1; c : INT; lamp AT %QX0.0 : BOOL; END_VAR
  lamp := TRUE;
  c := a / b;
  c := c + 1;
END_PROGRAM
"""
INDEXES = """\
PROGRAM Main
VAR list : ARRAY[1..5] OF INT; i : INT := 5; lamp AT %QX0.0 : BOOL; END_VAR
  lamp := TRUE;
  list[i] := 3;
END_PROGRAM
"""
LOOPS = """\
PROGRAM Main
VAR n : DINT; more : BOOL; lamp AT %QX0.0 : BOOL; END_VAR
  lamp := TRUE;
  n := 0;
  REPEAT
    n := n + 1;
    IF n > 1000 THEN n := 0; END_IF;
  UNTIL NOT more END_REPEAT;
END_PROGRAM
"""
ROWS = [
    ("division by zero", DIVIDES, "b", 0, 4, "division by zero: 17 / 0"),
    ("index out of bounds", INDEXES, "i", 6, 4, "index 6 is outside 1..5"),
    ("endless loop", LOOPS, "more", True, 5, "does a loop never end?"),
]
IDS = [row[0] for row in ROWS]
Row = tuple[str, str, str, int, int, str]
rows = pytest.mark.parametrize("row", ROWS, ids=IDS)
OTHER = "PROGRAM Main\nVAR n : DINT; END_VAR\n  n := n + 1;\nEND_PROGRAM\n"


def broken(cells: SmallCells, row: Row) -> Cell:
    """Return a cell whose controller fails at 30 ms, beside another one that counts."""
    _, program, name, value, _, _ = row
    cell = cells.controllers({"PLC1": program, "PLC2": OTHER})
    cell.run(10, tape=[write(30 * MS, f"PLC1.{name}", value)])
    return cell


@rows
def test_the_fault_names_file_line_column_and_values(cells: SmallCells, row: Row) -> None:
    fault = broken(cells, row).plc_status("PLC1").fault

    assert fault is not None
    assert (fault.span.file.rpartition("/")[2], fault.span.line) == ("PLC1.st", row[4])
    assert fault.span.column > 1
    assert row[5] in fault.message
    assert str(fault).startswith(f"{fault.span}: ")


@rows
def test_the_controller_stops_with_its_outputs_off_and_the_rest_goes_on(cells: SmallCells, row: Row) -> None:
    cell = broken(cells, row)

    status = cell.plc_status("PLC1")
    assert (status.mode, status.fault_time_ns) == (PlcMode.FAULT, 30 * MS)
    assert cell.read("PLC1.lamp") is False
    assert cell.read("PLC2.n") == 10
    assert cell.time_ns == 100 * MS


@rows
@pytest.mark.parametrize("word", ["run", "stop"])
def test_only_a_restart_leaves_the_fault(cells: SmallCells, row: Row, word: str) -> None:
    cell = broken(cells, row)

    cell.run(2, tape=[restart(0, "PLC1", word)])

    assert cell.plc_status("PLC1").mode is PlcMode.FAULT


@rows
@pytest.mark.parametrize("word", ["cold", "warm"])
def test_a_restart_recovers(cells: SmallCells, row: Row, word: str) -> None:
    cell = broken(cells, row)

    cell.run(2, tape=[restart(0, "PLC1", word)])

    status = cell.plc_status("PLC1")
    assert (status.mode, status.fault) == (PlcMode.RUN, None)
    assert cell.read("PLC1.lamp") is True


def test_a_power_cycle_recovers(cells: SmallCells) -> None:
    cell = broken(cells, ROWS[0])

    cell.run(3, tape=[restart(0, "PLC1", "power_off"), restart(120 * MS, "PLC1", "power_on")])

    assert cell.plc_status("PLC1").mode is PlcMode.RUN


def test_what_was_assigned_before_the_fault_stays(cells: SmallCells) -> None:
    cell = cells.plc(DIVIDES)
    cell.run(3, tape=[write(20 * MS, "PLC1.a", 9), write(30 * MS, "PLC1.b", 0)])

    assert cell.read("PLC1.c") == 10


def test_the_loops_of_other_controllers_have_a_budget_of_their_own(cells: SmallCells) -> None:
    works = "PROGRAM Main\nVAR i, n : DINT; END_VAR\n  FOR i := 1 TO 900000 DO n := n + 1; END_FOR;\nEND_PROGRAM\n"
    cell = cells.controllers({"A": works, "B": works})

    cell.run(2)

    assert [cell.plc_status(name).mode for name in ("A", "B")] == [PlcMode.RUN, PlcMode.RUN]
