"""Law of findings: what a rig or a device with many mistakes reports is what each alone reports, sorted by place.

So no mistake hides another, whichever layer sees it, and none is reported twice or followed by others.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import DataObject, data, sampled_from, sets
from link_cells import DEVICE_MAP, DEVICE_PARTS, LINE_PROGRAM, line_rig

from emulators.description.register_map_reader import read_register_map
from emulators.description.source import Findings, read_source_file
from emulators.errors import DescriptionError
from hil.assembly import make_blueprint
from hil.assembly.devices import plan_devices
from hil.assembly.rig_checks import judge_rig
from hil.cli.main import main
from hil.resources import shipped_path

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
[controllers.PLC2.inputs]
SEEN = "LT-1.raw_count"
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
VAR COUNT : DINT; SEEN : INT; END_VAR
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
    ("rig.toml", 'RAW = "LT-1.raw_count"', 'RAW = "LT-1.raw_cuont"', "no output or state 'LT-1.raw_cuont'"),
    ("rig.toml", 'SEEN = "LT-1.raw_count"', 'SEEN = "LT-1.raw_coutn"', "no output or state 'LT-1.raw_coutn'"),
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

FAN_DRIVE = (shipped_path("rigs") / "fan_drive.toml").read_text(encoding="utf-8")
FAN_DRIVE_FILES = {"rig.toml": FAN_DRIVE.replace('"../fixtures', f'"{shipped_path("fixtures").as_posix()}')}
FAN_DRIVE_MISTAKES = [
    ("rig.toml", 'protocol = "modbus-rtu"', 'protocol = "modbus-rtuu"', "protocol 'modbus-rtuu' is unknown"),
    ("rig.toml", 'controller = "PLC1"\ndevice', 'controller = "PLC9"\ndevice', "there is no controller 'PLC9'"),
    ("rig.toml", 'device = "M-401"', 'device = "M-402"', "M-402"),
    ("rig.toml", 'period = "200 ms"', "period = 200", "period must be a duration"),
    ("rig.toml", "retries = 1", "retrys = 1", "unknown key 'retrys'"),
    ("rig.toml", '"VFD-401.SPEED"', '"VFD-401.SPED"', "no register 'SPED' to read"),
    ("rig.toml", '"VFD-401.age_s"', '"VFD-401.age"', "no register 'age' to read"),
    ("rig.toml", '"VFD-401.TARGET" =', '"VFD-401.TRAGET" =', "no register 'TRAGET' to write"),
    ("rig.toml", '"VFD-401.STATUS"', '"VFD-402.STATUS"', "there is no VFD-402"),
    ("rig.toml", 'control.st"]', 'contrl.st"]', "contrl.st"),
    ("rig.toml", "range = [0, 7]", "range = [7, 0]", "is reversed"),
    ("rig.toml", '"M-401.true_rpm"', '"M-401.true_rmp"', "there is no signal 'M-401.true_rmp'"),
]


LINE_FILES = {
    "rig.toml": 'format = 1\nname = "line"\nstep = "10 ms"\n' + line_rig(extra='[tags.N]\nsignal = "COM.requests"\n'),
    "PLC1.st": LINE_PROGRAM,
    "map.toml": DEVICE_MAP,
    "parts.py": DEVICE_PARTS,
}
LINE_MISTAKES = [
    ("rig.toml", "[lines.COM]\ncontroller", "[lines.COM]\ncontroler", "unknown key 'controler'"),
    ("rig.toml", "baud_rate = 10000", "baud_rate = 10", "baud_rate 10 is outside 50..4000000"),
    (
        "rig.toml",
        'line = "COM"\nunit_id = 1',
        'line = "CMO"\nunit_id = 1',
        "there is no line 'CMO'; did you mean 'COM'?",
    ),
    ("rig.toml", "unit_id = 2", "unit_id = 2\nbaud_rate = 9600", "link U2 has the baud_rate of line COM"),
    ("rig.toml", '"COM.waiting"', '"COM.waitng"', "line COM has no 'waitng'"),
    ("rig.toml", '"U1.COUNT"', '"U1.CUONT"', "no register 'CUONT' to read"),
    ("rig.toml", 'device = "M2"', 'device = "M3"', "there is no plant component 'M3'"),
    ("rig.toml", '"COM.requests"', '"COM.requsts"', "there is no signal 'COM.requsts'"),
    ("rig.toml", 'sources = "PLC1.st"', 'sources = "PLC9.st"', "there is no file"),
]

OVEN = (shipped_path("fixtures") / "devices" / "temperature_controller.toml").read_text(encoding="utf-8")
OVEN_MISTAKES = [
    ("map.toml", 'signal = "process_degc"', 'signal = "proces_degc"', "'TWIN.proces_degc'"),
    ("map.toml", "address = 9,", "address = 8,", "DERIVATIVE_TIME at holding 8 overlaps INTEGRAL_TIME"),
    ("map.toml", 'unit = "K", range = [0.1, 999.9]', 'unit = "Kel", range = [0.1, 999.9]', "unknown unit 'Kel'"),
    ("map.toml", "range = [0, 999]", "range = [999, 0]", "is reversed"),
    ("map.toml", ", initial = 0x0461", "", "nobody moves register 'VERSION'"),
    ("map.toml", 'type = "uint16", initial = 0x2460', 'type = "uint61", initial = 0x2460', "uint61"),
    ("map.toml", 'step = "100 ms"', "step = 100", "step must be a duration"),
]


def judge_device(folder: Path, findings: Findings) -> None:
    plan_devices([read_register_map(read_source_file(folder / "map.toml"), findings)], findings)


def judge_rig_in(folder: Path, findings: Findings) -> None:
    judge_rig(folder / "rig.toml", findings)


@dataclass(frozen=True)
class Project:
    """Files of a rig or a device, and mistakes: file, what is right, what is wrong, a part of the finding."""

    files: Mapping[str, str]
    mistakes: Sequence[tuple[str, str, str, str]]
    judge: Callable[[Path, Findings], None] = judge_rig_in

    def reported(self, folder: Path, chosen: Iterable[int]) -> list[str]:
        """Return what is found in the files with these mistakes in them, in the order of the report."""
        texts = dict(self.files)
        for index in chosen:
            file, right, wrong, _ = self.mistakes[index]
            assert right in texts[file]
            texts[file] = texts[file].replace(right, wrong)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        findings = Findings()
        self.judge(folder, findings)
        return [str(found).replace(f"{folder}/", "") for found in findings.diagnostics]


OF_EVERY_LAYER = Project(FILES, MISTAKES)
PROJECTS = {
    "every layer": OF_EVERY_LAYER,
    "links": Project(FAN_DRIVE_FILES, FAN_DRIVE_MISTAKES),
    "lines": Project(LINE_FILES, LINE_MISTAKES),
    "device": Project({"map.toml": OVEN}, OVEN_MISTAKES, judge_device),
}
Alone = dict[str, list[list[str]]]


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    """What each mistake alone is reported as."""
    return {
        name: [project.reported(tmp_path_factory.mktemp("alone"), [index]) for index in range(len(project.mistakes))]
        for name, project in PROJECTS.items()
    }


@pytest.mark.parametrize("name", PROJECTS)
def test_the_rig_without_mistakes_has_no_findings(tmp_path: Path, name: str) -> None:
    assert PROJECTS[name].reported(tmp_path, ()) == []


ROWS = [(name, index) for name, project in PROJECTS.items() for index in range(len(project.mistakes))]


@pytest.mark.parametrize(("name", "index"), ROWS, ids=[PROJECTS[name].mistakes[index][2] for name, index in ROWS])
def test_one_mistake_is_one_finding(alone: Alone, name: str, index: int) -> None:
    (found,) = alone[name][index]

    assert PROJECTS[name].mistakes[index][3] in found


@given(data=data())
@settings(max_examples=40, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_mistakes_together_are_what_each_is_alone(
    alone: Alone, tmp_path_factory: pytest.TempPathFactory, data: DataObject
) -> None:
    name = data.draw(sampled_from(sorted(PROJECTS)))
    mistakes = data.draw(sets(sampled_from(range(len(PROJECTS[name].mistakes))), min_size=2))

    found = PROJECTS[name].reported(tmp_path_factory.mktemp("together"), mistakes)

    assert sorted(found) == sorted(alone[name][index][0] for index in mistakes)


def test_all_mistakes_come_in_one_round_sorted_by_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    OF_EVERY_LAYER.reported(tmp_path, range(len(MISTAKES)))

    with pytest.raises(DescriptionError) as raised:
        make_blueprint("rig.toml")
    assert main(["check", "rig.toml"]) == 1

    places = [found.span for found in raised.value.diagnostics]
    assert len(places) == len(MISTAKES)
    assert places == sorted(places)
    printed = [line for line in capsys.readouterr().out.splitlines() if "warning: " not in line]
    assert printed == [str(found) for found in raised.value.diagnostics]
