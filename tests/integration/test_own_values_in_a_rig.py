"""Values of a device's own in the map of a rig: they move beside the rig's tags, and only there."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError
from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.serving import Pacing
from hil.assembly import make_bench
from hil.assembly.serving import running_cell
from hil.cli.check import command as check
from hil.targets.modbus_link import read_modbus

RIG = """format = 1
name = "own"
step = "100 ms"
[plant.T-1]
component = "tank"
inflow_m3_per_s = 0.001
area_m2 = 1.0
[controllers.PLC1]
language = "st"
sources = ["control.st"]
[tags.LEVEL]
signal = "T-1.level_m"
truth = true
unit = "m"
[[endpoints]]
name = "wire"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"
"""
PROGRAM = "PROGRAM Main\nVAR n : INT; END_VAR\nn := n + 1;\nEND_PROGRAM\n"
MAP = """format = 1
[[register]]
tag = "LEVEL"
reference = 30001
type = "float32"
[[register]]
tag = "BEATS"
reference = 30003
type = "uint16"
behaviour = { kind = "counter", period = "100 ms" }
[[register]]
tag = "LEVEL.LATER"
reference = 30004
type = "float32"
behaviour = { kind = "mirror", of = "LEVEL", delay = "500 ms" }
"""


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    (tmp_path / "control.st").write_text(PROGRAM)
    (tmp_path / "map.toml").write_text(MAP)
    (tmp_path / "rig.toml").write_text(RIG)
    return tmp_path / "rig.toml"


def test_own_values_move_beside_the_tags_of_the_rig(rig: Path) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        running.served.step(2_000_000_000 // running.blueprint.step_ns)
        tags = ["LEVEL", "BEATS", "LEVEL.LATER"]
        register_map = running.blueprint.rig.endpoints[0].register_maps[0]
        assert register_map is not None
        values = read_modbus(running.endpoints[0].url, register_map, tags)
        inside = running.served.read(tags)

    assert values["BEATS"] == inside["BEATS"] == 20
    assert values["LEVEL"] == pytest.approx(0.002)
    assert values["LEVEL.LATER"] == pytest.approx(0.0015)


def test_check_accepts_them_and_finds_what_they_follow_wrongly(rig: Path) -> None:
    good = CliRunner().invoke(check, [str(rig)], standalone_mode=False)
    (rig.parent / "map.toml").write_text(MAP.replace('of = "LEVEL"', 'of = "LEVLE"'))
    bad = CliRunner().invoke(check, [str(rig)], standalone_mode=False)

    assert (good.return_value, bad.return_value) == (0, 1)
    assert "LEVEL.LATER follows 'LEVLE'" in bad.output


def test_a_tag_of_the_rig_has_no_value_of_its_own(rig: Path) -> None:
    (rig.parent / "map.toml").write_text(MAP.replace("reference = 30001", "reference = 30001\ninitial = 1.0"))

    result = CliRunner().invoke(check, [str(rig)], standalone_mode=False)

    assert "LEVEL has a value of its own here and is a tag of rig" in result.output


def test_a_bench_with_endpoints_says_that_it_cannot_move_them(rig: Path) -> None:
    with pytest.raises(DescriptionError, match="cannot move 'BEATS'"):
        make_bench(rig, endpoints=True)


def own_device(rows: str) -> ModbusDevice:
    register_map = parse_register_map(SourceFile("m", "format = 1\n" + rows))
    values = OwnValues(own_entries([register_map], are_all_own=True))
    image = RegisterImage(register_map, values.publication)
    return ModbusDevice(image.memory)


WRITE_ONLY = """[[register]]
tag = "KEY"
reference = 40001
type = "uint16"
access = "w"
[[register]]
tag = "SP"
reference = 40002
type = "uint16"
access = "rw"
"""

# request, answer
ACCESS_ROWS = [
    ("write single", "06 0000 1234", "06 0000 1234"),
    ("read", "03 0000 0001", "83 02"),
    ("mask write reads first", "16 0000 FFFF 0001", "96 02"),
    ("write and read the same", "17 0000 0001 0000 0001 02 1234", "97 02"),
    ("write and read another", "17 0001 0001 0000 0001 02 1234", "17 02 0000"),
    ("write both", "10 0000 0002 04 12345678", "10 0000 0002"),
]


@pytest.mark.parametrize(("request_pdu", "answer"), [r[1:] for r in ACCESS_ROWS], ids=[r[0] for r in ACCESS_ROWS])
def test_a_write_only_register_is_written_by_every_function_that_does_not_read_it(request_pdu, answer) -> None:
    device = own_device(WRITE_ONLY)

    assert device.pdu(bytes.fromhex(request_pdu)) == bytes.fromhex(answer)
