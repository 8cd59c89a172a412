"""``hil read``, ``write``, ``force`` and ``inject`` on a cell that runs, and the ports file they share."""

import json
import os
import re
import subprocess
import sys
import threading
from pathlib import Path
from types import SimpleNamespace

import pytest

from emulators.errors import LinkError
from emulators.serving import Pacing
from hil.assembly.serving import running_cell
from hil.cli.main import main
from hil.cli.new import write_project


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """A cell that steps only when told, so that nothing moves between two commands."""
    folder = tmp_path_factory.mktemp("filling")
    write_project(folder, "filling")
    ports_file = folder / "ports.json"
    with running_cell(folder / "rig.toml", pacing=Pacing.STEPPED, ports_file=ports_file) as running:
        yield SimpleNamespace(cell=running.served, ports_file=str(ports_file), rig=folder / "rig.toml")


@pytest.fixture
def hil(served, capsys):
    def hil(command, *arguments):
        code = main([command, *arguments, "--ports-file", served.ports_file])
        captured = capsys.readouterr()
        served.cell.step(5)
        return SimpleNamespace(code=code, out=captured.out, err=captured.err)

    yield hil
    served.cell.release()


def test_read_prints_a_line_a_name(hil):
    shown = hil("read", "STOP", "LIC-101.HIGH")

    assert shown.out == "STOP          false\nLIC-101.HIGH  80 %\n"


def test_read_takes_patterns_and_prints_csv(hil):
    shown = hil("read", "LIC-101.H*", "ST[AO]*", "--csv")

    assert shown.out == "name,value,unit\nLIC-101.HIGH,80.0,%\nSTART,false,\nSTOP,false,\n"


def test_a_pattern_that_nothing_matches_is_a_name_that_is_not_there(hil):
    shown = hil("read", "LIC-999.*")

    assert (shown.code, "no signal or tag 'LIC-999.*'" in shown.err) == (1, True)


@pytest.fixture
def moving(served):
    """Let the cell step while a test waits for its readings."""
    is_over = threading.Event()

    def step():
        while not is_over.wait(0.001):
            served.cell.step(10)

    thread = threading.Thread(target=step)
    thread.start()
    yield
    is_over.set()
    thread.join()


# form, its lines
FORMS = [
    ((), r".+ (ms|s|min)\n  LIC-101.HIGH  80 %\n.+ (ms|s|min)\n  LIC-101.HIGH  80 %\n"),
    (("--csv",), r"time_s,LIC-101.HIGH\n(\d+\.\d{9},80.0\n){2}"),
    (("--json",), r'({"time_ns": \d+, "values": {"LIC-101.HIGH": 80.0}}\n){2}'),
]


@pytest.mark.usefixtures("moving")
@pytest.mark.parametrize(("form", "lines"), FORMS, ids=["text", "csv", "json"])
def test_read_every_shows_plant_time_in_every_form(hil, form, lines):
    shown = hil("read", "LIC-101.HIGH", "--every", "100ms", "--count", "2", *form)

    assert (shown.code, bool(re.fullmatch(lines, shown.out))) == (0, True)


def test_read_suggests_the_name_that_was_meant(hil):
    shown = hil("read", "LEVL")

    assert (shown.code, "did you mean 'LEVEL'?" in shown.err) == (1, True)


def test_swapped_letters_mean_the_name_with_the_same_letters(hil):
    assert "did you mean 'START'?" in hil("read", "STRAT").err


def test_write_acts_in_the_next_step(hil):
    assert hil("write", "LIC-101.HIGH", "60").out == "LIC-101.HIGH written: 60\n"

    assert hil("read", "LIC-101.HIGH").out == "LIC-101.HIGH  60 %\n"


def test_values_are_written_and_forced_as_name_equals_value(hil):
    assert hil("write", "LIC-101.HIGH=60", "STOP=on").out == "LIC-101.HIGH written: 60\nSTOP written: true\n"
    assert hil("force", "PLC1.START=false").out == "PLC1.START forced to false\n"
    assert hil("force", "--release").out == "released PLC1.START\n"


def test_write_refuses_what_is_outside_the_range(hil):
    shown = hil("write", "LIC-101.HIGH", "600")

    assert shown.code == 1
    assert "600 is outside its range 40..88 %" in shown.err


def test_a_force_holds_until_it_is_released(hil):
    hil("force", "PLC1.START", "true")
    hil("write", "START", "false")

    assert hil("read", "PLC1.START").out == "PLC1.START  true\n"
    assert hil("force").out == "PLC1.START  true\n"
    assert hil("force", "PLC1.START", "--release").out == "released PLC1.START\n"
    assert hil("read", "PLC1.START").out == "PLC1.START  false\n"


def test_no_force_is_said(hil):
    assert hil("force").err == "nothing is forced\n"


def test_a_force_on_a_tag_of_the_plant_names_the_input_of_the_controller(hil):
    shown = hil("force", "START", "true")

    assert shown.code == 1
    assert "START cannot be forced" in shown.err
    assert "did you mean 'PLC1.START'?" in shown.err


def test_a_fault_stays_until_it_is_cleared(hil):
    hil("inject", "LT-101.open_circuit")

    assert "= true" in hil("inject").out
    assert hil("inject", "--clear").out == "cleared LT-101.open_circuit\n"
    assert "= true" not in hil("inject").out


def test_a_second_cell_does_not_take_the_ports_file_of_one_that_runs(served, tmp_path):
    other = tmp_path / "ports.json"
    content = json.loads(Path(served.ports_file).read_text(encoding="utf-8"))
    other.write_text(json.dumps({**content, "pid": os.getppid()}), encoding="utf-8")

    with (
        pytest.raises(LinkError, match=rf"belongs to a cell that runs \(process {os.getppid()}\); stop that one"),
        running_cell(served.rig, pacing=Pacing.STEPPED, ports_file=other),
    ):
        pass

    assert other.exists()


def test_a_ports_file_of_a_dead_process_says_so_and_is_replaced(served, tmp_path, capsys):
    dead = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    stale = tmp_path / "ports.json"
    control = {"url": "tcp://127.0.0.1:1", "token": "x"}
    stale.write_text(json.dumps({"pid": int(dead.stdout), "endpoints": [], "control": control}), encoding="utf-8")

    code = main(["read", "--ports-file", str(stale)])

    assert code == 1
    assert capsys.readouterr().err == f"{stale}: its cell does not run any more; start it again with 'hil run'\n"
    with running_cell(served.rig, pacing=Pacing.STEPPED, ports_file=stale):
        assert json.loads(stale.read_text(encoding="utf-8"))["pid"] == os.getpid()
    assert not stale.exists()


def test_a_mode_is_read_by_its_name(hil):
    assert hil("read", "PLC1.mode").out == "PLC1.mode  RUN (1)\n"
