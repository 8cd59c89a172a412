"""How ``hil run`` ends: Ctrl-C, SIGTERM, ``--for``, a plant that fails; what it leaves behind."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from hil_process import HilRun, run_hil
from small_cells import SmallCells
from small_loop import LOOP_ENDPOINT, LOOP_MAP, LOOP_PARTS, LOOP_PROGRAM, LOOP_RIG

from hil.cli.main import main

HEAD = 'format = 1\nname = "small"\nstep = "10 ms"\nseed = 5\n'


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    return SmallCells(tmp_path).served_loop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_a_signal_stops_it_cleanly(rig: Path, tmp_path: Path, number: signal.Signals) -> None:
    with HilRun(rig, folder=tmp_path) as running, running.control() as control:
        samples = control.samples(control.subscribe(["SCANS"]))
        next(samples)  # time passes by the wall clock

        code = running.stop(number)

    assert code == 0
    assert not running.ports_file.exists()
    assert "small: " in running.stderr
    assert "of plant time, PLC1 RUN" in running.stderr


def test_virtual_time_ends_exactly_at_the_limit(rig: Path, tmp_path: Path) -> None:
    done = run_hil("run", rig, "--for", "2s", "--time", "virtual", "--json", folder=tmp_path)

    assert done.returncode == 0
    assert json.loads(done.stdout)["rig"] == "small"
    assert done.stderr == "small: 2.0 s of plant time, PLC1 RUN\n"
    assert not (tmp_path / ".hil" / "ports.json").exists()


Run = Callable[..., tuple[int, str]]


@pytest.fixture
def hil(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``hil`` in this process and in an empty folder; return exit code and what it printed."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str]:
        code = main(arguments)
        captured = capsys.readouterr()
        return code, captured.out + captured.err

    return run


def test_wall_time_ends_at_the_limit_too(rig: Path, hil: Run) -> None:
    code, said = hil("run", str(rig), "--for", "1s", "--speed", "10")

    assert code == 0
    assert "small: 1.0 s of plant time, PLC1 RUN" in said


def test_a_plant_that_fails_ends_a_limited_run_with_its_line(tmp_path: Path, hil: Run) -> None:
    cells = SmallCells(tmp_path)
    failing = LOOP_RIG.replace('"parts.py:Tank"\n', '"parts.py:Tank"\ndivisor = 0.0\n')
    cells.write(rig_toml=HEAD + failing + LOOP_ENDPOINT, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM, map_toml=LOOP_MAP)

    code, said = hil("run", "rig.toml", "--for", "1s", "--time", "virtual")

    assert code == 1
    assert "parts.py:14:" in said
    assert "division by zero" in said
    assert not (tmp_path / ".hil" / "ports.json").exists()


BAD = [
    (('level = "L.reading"', 'level = "L.raeding"'), "did you mean 'reading'?"),
    (('signal = "PLC1.scans"', 'signal = "PLC1.scnas"'), "did you mean 'PLC1.scans'?"),
    (('component = "parts.py:Valve"', 'component = "parts.py:Vlave"'), "did you mean 'Valve'?"),
]


@pytest.mark.parametrize("command", ["check", "simulate", "run"])
def test_a_rig_with_mistakes_ends_every_command_with_1_and_all_places(tmp_path: Path, hil: Run, command: str) -> None:
    text = LOOP_RIG
    for (right, wrong), _ in BAD:
        text = text.replace(right, wrong)
    SmallCells(tmp_path).write(rig_toml=HEAD + text, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM)

    code, said = hil(command, "rig.toml")

    findings = [line for line in said.splitlines() if "rig.toml:" in line]
    assert code == 1
    assert len(findings) == 3
    for _, hint in BAD:
        assert [line for line in findings if hint in line], hint


def test_a_program_with_mistakes_ends_a_simulation_with_their_places(tmp_path: Path, hil: Run) -> None:
    cells = SmallCells(tmp_path)
    wrong = LOOP_PROGRAM.replace("scans + 1", "scans + 1.5").replace("go AND", "og AND")
    cells.write(rig_toml=HEAD + LOOP_RIG, parts_py=LOOP_PARTS, PLC1_st=wrong)

    code, said = hil("simulate", "rig.toml")

    places = [line.partition(" ")[0].rpartition("/")[2] for line in said.splitlines()]
    assert (code, places) == (1, ["PLC1.st:6:12:", "PLC1.st:8:11:"])


def test_a_tag_that_does_not_fit_its_register_is_found_by_check(tmp_path: Path, hil: Run) -> None:
    wrong = LOOP_MAP.replace('tag = "SCANS"\ntable = "input"', 'tag = "SCANS"\ntable = "discrete"')
    wrong = wrong.replace('type = "int32"\n', "")
    cells = SmallCells(tmp_path)
    cells.write(rig_toml=HEAD + LOOP_RIG + LOOP_ENDPOINT, parts_py=LOOP_PARTS, PLC1_st=LOOP_PROGRAM, map_toml=wrong)

    checked, ran = hil("check", "rig.toml"), hil("run", "rig.toml", "--for", "1s", "--time", "virtual")

    assert (checked[0], ran[0]) == (1, 1)
    assert "map.toml:4:7: tag SCANS is a number" in checked[1]
    assert "map.toml:4:7: tag SCANS is a number" in ran[1]
