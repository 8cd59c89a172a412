"""Control programs that pass the check and fail at work: a PLC fault with its place, and the cell goes on."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from small_cells import MS

from emulators.cell import Operation
from hil.assembly import make_bench
from hil.bench.emulated import EmulatedBench
from hil.cli.main import main
from hil.scenario.timeline import Event, Timeline

BAD = Path(__file__).parent / "bad"
ROWS = [
    ("divides", "divides.st:11:14: division by zero: 120 / 0"),
    ("indexes", "indexes.st:10:5: index 3 is outside 1..2"),
    ("loops", "loops.st:11:5: the loops of one call made more turns than its budget; does a loop never end?"),
]
rows = pytest.mark.parametrize(("name", "fault"), ROWS, ids=[row[0] for row in ROWS])


@pytest.fixture
def rig(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> str:
    """Copy the cell with this program into the current folder; return the rig's name."""
    shutil.copytree(BAD, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    text = Path("cell.toml").read_text(encoding="utf-8")
    Path("cell.toml").write_text(text.replace("divides.st", f"{name}.st"), encoding="utf-8")
    return "cell.toml"


@rows
def test_the_program_is_well_formed(rig: str, name: str, fault: str) -> None:
    assert main(["check", rig]) == 0


@rows
def test_a_simulation_says_where_the_controller_stopped_and_goes_on(
    rig: str, name: str, fault: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["simulate", rig, "--for", "1s"])

    lines = capsys.readouterr().out.splitlines()
    (stopped,) = [line for line in lines if line.startswith("PLC1 ")]
    (going_on,) = [line for line in lines if line.startswith("PLC2 ")]
    assert code == 0
    assert stopped.startswith("PLC1 FAULT after 3 scans: ")
    assert stopped.endswith(fault)
    assert going_on == "PLC2 RUN after 100 scans"


@rows
def test_the_trace_survives_and_shows_the_fault_and_the_restart(rig: str, name: str, fault: str) -> None:
    bench: EmulatedBench = make_bench(rig)

    trace = bench.run(Timeline(100 * MS, (Event(60 * MS, Operation.RESTART, "PLC1", "cold"),)))

    assert trace["SCANS"].tolist() == list(range(1, 11))
    assert trace["LAMP"].tolist() == [1, 1, 0, 0, 0, 1, 1, 0, 0, 0]
    assert trace["PLC1.mode"].tolist() == [1, 1, 2, 2, 2, 1, 1, 2, 2, 2]
