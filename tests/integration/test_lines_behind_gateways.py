"""RTU and ASCII lines behind a gateway of a rig, and their faults, as a client on the network meets them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import click.testing
import pytest
from pymodbus.client import ModbusSerialClient, ModbusTcpClient
from pymodbus.framer import FramerType

from emulators.serving import Pacing
from hil.assembly import make_bench
from hil.assembly.serving import RunningCell, running_cell
from hil.bench.serving import ServingBench
from hil.cli.check import command as check
from hil.cli.inject import command as inject

RIG = """format = 1
name = "hall"
step = "100 ms"
[[endpoints]]
name = "gateway"
protocol = "modbus-tcp"
unit_timeout = "100 ms"
[[endpoints.lines]]
name = "A"
baud_rate = 38400
[[endpoints.lines]]
name = "C"
protocol = "modbus-ascii"
baud_rate = 38400
[[endpoints.units]]
unit_id = 3
name = "RTU-3"
line = "A"
map = "map.toml"
[[endpoints.units]]
unit_id = 4
name = "ASCII-4"
line = "C"
map = "map.toml"
"""
MAP = """format = 1
[[register]]
tag = "NUMBER"
reference = 40001
type = "uint16"
access = "rw"
initial = 7
"""
LINE_OF_UNIT = {3: "gateway.A", 4: "gateway.C"}


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    (tmp_path / "rig.toml").write_text(RIG)
    (tmp_path / "map.toml").write_text(MAP)
    return tmp_path / "rig.toml"


@contextmanager
def running_with_client(rig: Path) -> Iterator[tuple[RunningCell, ModbusTcpClient]]:
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        address = urlsplit(running.endpoints[0].url)
        with ModbusTcpClient(address.hostname, port=address.port, timeout=60, retries=0) as client:
            yield running, client


def read(client: ModbusTcpClient, unit_id: int) -> int | str:
    """Return the number, or the exception in its place."""
    answer = client.read_holding_registers(0, count=1, device_id=unit_id)
    return f"exception {answer.exception_code:02X}" if answer.isError() else answer.registers[0]


def test_client_reads_and_writes_units_on_lines_of_both_modes(rig) -> None:
    with running_with_client(rig) as (running, client):
        client.write_register(0, 99, device_id=4)
        running.served.step(1)

        assert [read(client, unit_id) for unit_id in (3, 4)] == [7, 99]
        assert running.served.read(["ASCII-4.NUMBER"]) == {"ASCII-4.NUMBER": 99}


@pytest.mark.parametrize("unit_id", LINE_OF_UNIT)
@pytest.mark.parametrize(
    ("fault", "options", "shown"),
    [
        ("bad_checksum", "unit={unit_id}", "exception 0B"),
        ("truncate", "by=2", "exception 0B"),
        ("garble", "characters=1", "exception 0B"),  # of two, an LRC can miss both
        ("no_response", "function=3", "exception 0B"),
        ("delay", "150ms", "exception 0B"),
        ("delay", "20ms", 7),
        ("exception", "code=6", "exception 06"),
        ("bad_checksum", "function=16", 7),
        ("bad_checksum", "unit=77", 7),
    ],
)
def test_fault_on_a_line_shows_at_the_network_as_behind_a_real_gateway(rig, unit_id, fault, options, shown) -> None:
    others = [other for other in LINE_OF_UNIT if other != unit_id]
    with running_with_client(rig) as (running, client):
        running.served.inject(f"{LINE_OF_UNIT[unit_id]}.{fault}", options.format(unit_id=unit_id))
        running.served.step(1)
        during = read(client, unit_id), [read(client, other) for other in others]
        running.served.inject(f"{LINE_OF_UNIT[unit_id]}.{fault}", None)
        running.served.step(1)
        count = running.served.read([f"{LINE_OF_UNIT[unit_id]}.injections", "gateway.injections"])

        # what came late is still on the line: the first request may meet it, the next does not
        assert 7 in (read(client, unit_id), read(client, unit_id))
    assert during == (shown, [7])
    acted = shown != 7 or fault == "delay"
    assert count == {f"{LINE_OF_UNIT[unit_id]}.injections": int(acted), "gateway.injections": 0}


def test_hil_inject_lists_several_wires_by_name_and_one_with_all_that_can_fail(rig, tmp_path) -> None:
    ports_file = str(tmp_path / "ports.json")
    with running_cell(rig, pacing=Pacing.STEPPED, ports_file=ports_file):
        every, one = (
            click.testing.CliRunner().invoke(inject, [*words, "--ports-file", ports_file], catch_exceptions=False)
            for words in ((), ("gateway.A",))
        )

    assert [line.split()[0] for line in every.output.splitlines()] == ["gateway", "gateway.A", "gateway.C"]
    assert "  gateway.A  wire, 'hil inject gateway.A' lists how it fails\n" in every.output
    assert "  gateway.A.bad_checksum " in one.output


def test_line_that_is_cut_takes_its_units_away_until_it_is_whole_again(rig) -> None:
    with running_with_client(rig) as (running, client):
        line = running.wire("gateway.A")
        line.take_down()
        running.served.step(1)
        cut = [read(client, unit_id) for unit_id in (3, 4)]
        line.bring_up()
        running.served.step(1)

        assert cut == ["exception 0B", 7]
        assert read(client, 3) == 7


def test_line_fails_from_the_start_as_its_rig_says_and_the_same_way_again(rig) -> None:
    rig.write_text(
        RIG.replace('name = "C"\n', 'name = "C"\nfaults = [{ fault = "bad_checksum", probability = 0.5 }]\n')
    )
    with running_with_client(rig) as (running, client):
        first = [read(client, 4) for _ in range(12)]
        happened = running.wire("gateway.C").injections
    rig.write_text(RIG)
    with running_with_client(rig) as (running, client):
        running.wire("gateway.C").replay(happened)
        again = [read(client, 4) for _ in range(12)]

    assert first == again
    assert set(first) == {7, "exception 0B"}
    assert [each.exchange for each in happened] == [n for n, shown in enumerate(first, start=1) if shown != 7]


def client_of(bench: ServingBench, name: str) -> ModbusTcpClient | ModbusSerialClient:
    address = urlsplit(bench.endpoint(name).url)
    if address.scheme == "modbus-tcp":
        return ModbusTcpClient(address.hostname, port=address.port, timeout=60, retries=0)
    framer = FramerType.RTU if address.scheme == "modbus-rtu" else FramerType.ASCII
    return ModbusSerialClient(address.path, framer=framer, baudrate=38400, parity="N", timeout=60, retries=0)


@pytest.mark.parametrize(
    ("endpoint", "wire", "unit_id"),
    [("gateway", "gateway.A", 3), ("gateway", "gateway.C", 4), ("rtu", "rtu", 1), ("ascii", "ascii", 1)],
)
def test_line_fails_in_the_same_exchanges_before_and_after_a_reset_of_its_bench(rig, endpoint, wire, unit_id) -> None:
    serial = '[[endpoints]]\nname = "{0}"\nprotocol = "modbus-{0}"\nbaud_rate = 38400\n[[endpoints.units]]\n'
    unit = 'unit_id = 1\nname = "ON-{0}"\nmap = "map.toml"\n'
    rig.write_text(RIG + "".join((serial + unit).format(mode) for mode in ("rtu", "ascii")))
    bench = make_bench(rig, endpoints=True)
    assert isinstance(bench, ServingBench)

    def run() -> list[tuple[int, int]]:
        with client_of(bench, endpoint) as client:
            undisturbed = [read(client, unit_id) for _ in range(3)]
            bench.wire(wire).inject("exception", code=4, probability=0.5)
            bench.advance_steps(1)
            shown = [read(client, unit_id) for _ in range(9)]
        assert undisturbed == [7] * 3
        assert set(shown) == {7, "exception 04"}
        return [(each.connection, each.exchange) for each in bench.wire(wire).injections]

    with closing(bench):
        first = run()
        bench.reset()
        assert run() == first


# what a line says, what is found
MISTAKES = [
    ('[[endpoints.lines.faults]]\nfault = "reset"\n', "a wire of modbus-rtu cannot have the fault 'reset'"),
    ('[[endpoints.lines.faults]]\nfault = "truncte"\n', "did you mean 'truncate'?"),
    ('[[endpoints.lines.faults]]\nfault = "delay"\ntime = "soon"\n', "time: not a duration: 'soon'"),
]


@pytest.mark.parametrize(("line", "finding"), MISTAKES, ids=[row[1] for row in MISTAKES])
def test_mistake_in_a_fault_of_a_line_is_found_by_hil_check(rig, line, finding) -> None:
    rig.write_text(RIG.replace("baud_rate = 38400\n[[endpoints.lines]]", f"{line}[[endpoints.lines]]"))

    found = click.testing.CliRunner().invoke(check, [str(rig)], standalone_mode=False)

    assert finding in found.output
    assert found.return_value == 1
