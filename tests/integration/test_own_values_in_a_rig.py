"""Values of a device's own in the map of a rig: they move beside the rig's tags, and only there."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from emulators.cell import Operation, TargetError
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues, own_entries
from emulators.serving import Pacing
from emulators.timebase import NS_PER_S
from hil.assembly import make_bench
from hil.assembly.serving import running_cell
from hil.bench.protocol import MissingCapability
from hil.bench.serving import ServingBench
from hil.cli.check import command as check
from hil.scenario import Event, Timeline
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


@pytest.fixture
def bench(rig: Path) -> Iterator[ServingBench]:
    values = 'tag = "NOTE"\nreference = 40001\ntype = "string[4]"\ninitial = "abcd"\naccess = "rw"\n'
    values += '[[register]]\ntag = "LIMIT"\nreference = 40011\ntype = "int16"\ninitial = 7\naccess = "rw"\n'
    values += '[[register]]\ntag = "DRIFT"\nreference = 30011\ntype = "float32"\n'
    values += 'behaviour = { kind = "random_walk", low = 0, high = 9, step = 1, period = "200 ms" }\n'
    (rig.parent / "map.toml").write_text(f"{MAP}[[register]]\n{values}")
    made = make_bench(rig, endpoints=True)
    assert isinstance(made, ServingBench)
    with closing(made):
        yield made


def test_a_bench_moves_own_values_step_by_step_and_records_them(bench: ServingBench) -> None:
    bench.advance("1 s")
    took = bench.wait_for(bench["BEATS"] >= 15, within="2 s")

    trace = bench.recorded()
    (register_map,) = bench.cell.blueprint.rig.endpoints[0].register_maps
    later, level = trace["LEVEL.LATER"], trace["LEVEL"]

    assert took == "500 ms"
    assert trace["BEATS"].tolist() == [step // 10 for step in range(1, 151)]
    assert later[60:].tolist() == pytest.approx(level[10:-50].tolist(), rel=1e-6)
    assert trace["LIMIT"].tolist() == [7] * 150
    assert "NOTE" not in trace, "texts have no column"
    assert read_modbus(bench.endpoint("wire").url, register_map, ["BEATS"])["BEATS"] == 15


def test_a_bench_takes_what_a_test_and_a_client_write_to_own_values(bench: ServingBench) -> None:
    bench["LIMIT"].write(11)
    bench.advance("100 ms")
    with socket.create_connection((bench.endpoint("wire").host, bench.endpoint("wire").port), timeout=60) as client:
        client.sendall(bytes.fromhex("0001 0000 0006 01 06 000a 0017"))
        client.recv(100)
    bench.advance("200 ms")

    assert bench.recorded()["LIMIT"].tolist() == [11] * 10 + [23] * 20
    assert [(each.target, each.value) for each in bench.client_writes] == [("LIMIT", 23)]
    with pytest.raises(TargetError, match=r"LEVEL\.LATER"):
        bench.run(Timeline(NS_PER_S, (Event(0, Operation.WRITE, "LEVEL.LATER", 1.0),)))


def test_a_bench_starts_own_values_anew_with_the_seed_of_the_run(bench: ServingBench) -> None:
    def drift(seed: int | None) -> list[float]:
        return bench.run(Timeline(4 * NS_PER_S), columns=["DRIFT", "BEATS"], seed=seed)["DRIFT"].tolist()

    first, other, again = drift(1), drift(2), drift(1)

    assert first == again != other


def test_a_bench_with_endpoints_says_why_it_cannot_be_forked(bench: ServingBench) -> None:
    with pytest.raises(MissingCapability, match="its endpoints can listen only once"):
        bench.fork()


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
