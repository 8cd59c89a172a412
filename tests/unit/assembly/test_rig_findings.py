"""Law of findings: what a rig with many mistakes reports is what each mistake alone reports, sorted by place.

So no mistake hides another, whichever layer sees it, and none is reported twice or followed by others.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import sampled_from, sets

from emulators.description.source import Findings
from emulators.errors import DescriptionError
from hil.assembly import make_blueprint
from hil.assembly.rig_checks import judge_rig
from hil.cli.main import main

FILES = {
    "rig.toml": """\
format = 1
name = "r"
step = "10 ms"
seed = 3
tags_csv = "io.csv"
[plant.T-1]
component = "tank"
area_m2 = 0.5
inputs = { inflow_m3_per_s = "P-1.flow_m3_per_s" }
[plant.P-1]
component = "pump"
[plant.LT-1]
component = "level_transmitter"
inputs = { level_m = "T-1.level_m" }
[plant.A-1]
component = "parts.py:Gain"
inputs = { x = "T-1.level_m" }
[plant.P-2]
component = "pump"  # a second one
[controllers.PLC1]
language = "st"
sources = "one.st"
[controllers.PLC1.inputs]
RAW = "LT-1.raw_count"
OTHER = { from = "PLC2.COUNT", delay = "20 ms" }
[controllers.PLC1.outputs]
P-1.run_command = "RUN"
P-2.run_command = "RUN"
[controllers.PLC1.tasks.Default]
watchdog = "5 ms"
[controllers.PLC2]
language = "st"
sources = "two.st"
[tags.LEVEL]
signal = "T-1.level_m"
unit = "m"
range = [0, 2]
[tags.RUN]
signal = "PLC1.RUN"
[tags.SETPOINT]
signal = "PLC1.SETPOINT"
writable = true
[tags.COUNT]
signal = "PLC2.COUNT"
[[endpoints]]
name = "wire"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"
[[endpoints.faults]]
fault = "no_response"
lost = "answer"
""",
    "one.st": """\
PROGRAM P
VAR RAW : INT; RUN : BOOL; OTHER : DINT; SETPOINT : REAL; END_VAR
VAR PRESSED : BOOL; END_VAR
  RUN := RAW > 100 OR OTHER > 3 OR PRESSED;
END_PROGRAM
CONFIGURATION C
  RESOURCE R ON PLC
    TASK Default(INTERVAL := T#10ms, PRIORITY := 1);
    PROGRAM P WITH Default : P;
  END_RESOURCE
END_CONFIGURATION
""",
    "two.st": """\
PROGRAM P
VAR COUNT : DINT; END_VAR
  COUNT := COUNT + 1;
END_PROGRAM
""",
    "parts.py": """\
from emulators.component import Component, Input, Output, port

class Gain(Component):
    \"\"\"Doubles.\"\"\"
    x: Input[float] = port(unit="m")
    y: Output[float] = port(unit="m")
    def outputs(self) -> None:
        self.y = 2.0 * self.x
""",
    "io.csv": """\
tag,signal,description,unit,writable
PRESSED,PLC1.PRESSED,a button,,yes
DOUBLE,A-1.y,twice the level,m,no
""",
    "map.toml": """\
format = 1
[[register]]
tag = "LEVEL"
table = "input"
address = 0
type = "float32"
[[register]]
tag = "SETPOINT"
table = "holding"
address = 0
type = "float32"
access = "rw"
[[register]]
tag = "RUN"
table = "discrete"
address = 0
[[register]]
tag = "COUNT"
table = "input"
address = 10
type = "int32"
[[register]]
tag = "WAVE"
table = "input"
address = 20
type = "int16"
behaviour = { kind = "total", of = "LEVEL" }
""",
}

MISTAKES = [
    # what the files say
    ("rig.toml", 'step = "10 ms"', "step = 10", "step must be a duration"),
    ("rig.toml", "seed = 3", "sed = 3", "unknown key 'sed'"),
    ("rig.toml", "[plant.P-1]\ncomponent", "[plant.P-1]\ncomponnt", "unknown key 'componnt'"),
    ("rig.toml", 'controller = "PLC1"', 'controller = "PLC3"', "there is no controller 'PLC3'"),
    ("rig.toml", "range = [0, 2]", "range = [2, 0]", "is reversed"),
    ("io.csv", "a button,,yes", "a button,,maybe", "neither yes nor no"),
    ("io.csv", "DOUBLE,A-1.y", "DOUBLE,", "the cell 'signal' is empty"),
    ("map.toml", "address = 10", "address = 1", "overlaps"),
    # what components and programs say
    ("rig.toml", "area_m2 = 0.5", "aera_m2 = 0.5", "no such parameter"),
    ("rig.toml", '"LT-1.raw_count"', '"LT-1.raw_cuont"', "no output or state"),
    ("rig.toml", 'P-2.run_command = "RUN"', 'P-2.run_command = "RAW"', "i16 cannot feed bool"),
    ("rig.toml", "tasks.Default", "tasks.Defualt", "no task 'Defualt'"),
    ("rig.toml", '"PLC1.SETPOINT"', '"PLC1.SETPONT"', "there is no signal"),
    ("two.st", "COUNT + 1", "COUNT + 1.5", "cannot"),
    ("parts.py", "2.0 * self.x", "2.0 * self.z", "Gain declares no member"),
    # what the endpoints say
    ("rig.toml", 'lost = "answer"', 'lost = "reply"', "reply"),
    ("map.toml", 'tag = "RUN"', 'tag = "LEVEL"', "does not fit a single bit"),
    ("map.toml", 'of = "LEVEL"', 'of = "LEVLE"', "follows 'LEVLE'"),
]
IDS = [row[2] for row in MISTAKES]


def reported(folder: Path, mistakes: Iterable[int]) -> list[str]:
    """Return what is found in the files with these mistakes in them, in the order of the report."""
    texts = dict(FILES)
    for index in mistakes:
        file, right, wrong, _ = MISTAKES[index]
        assert right in texts[file]
        texts[file] = texts[file].replace(right, wrong)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    findings = Findings()
    judge_rig(folder / "rig.toml", findings)
    return [str(found).replace(f"{folder}/", "") for found in findings.diagnostics]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> list[list[str]]:
    """What each mistake alone is reported as."""
    return [reported(tmp_path_factory.mktemp("alone"), [index]) for index in range(len(MISTAKES))]


def test_the_rig_without_mistakes_has_no_findings(tmp_path: Path) -> None:
    assert reported(tmp_path, ()) == []


@pytest.mark.parametrize("index", range(len(MISTAKES)), ids=IDS)
def test_one_mistake_is_one_finding(alone: list[list[str]], index: int) -> None:
    (found,) = alone[index]

    assert MISTAKES[index][3] in found


@given(mistakes=sets(sampled_from(range(len(MISTAKES))), min_size=2))
@settings(max_examples=60, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_mistakes_together_are_what_each_is_alone(
    alone: list[list[str]], tmp_path_factory: pytest.TempPathFactory, mistakes: set[int]
) -> None:
    found = reported(tmp_path_factory.mktemp("together"), mistakes)

    assert sorted(found) == sorted(alone[index][0] for index in mistakes)


def test_all_mistakes_come_in_one_round_sorted_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    reported(tmp_path, range(len(MISTAKES)))

    with pytest.raises(DescriptionError) as raised:
        make_blueprint("rig.toml")
    assert main(["check", "rig.toml"]) == 1

    places = [found.span for found in raised.value.diagnostics]
    assert len(places) == len(MISTAKES)
    assert places == sorted(places)
    printed = [line for line in capsys.readouterr().out.splitlines() if "warning: " not in line]
    assert printed == [str(found) for found in raised.value.diagnostics]
