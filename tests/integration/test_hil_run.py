"""``hil run two_tanks`` in a process of its own, seen by Modbus, OPC UA and control clients and by the other commands.

Time is stepped by the test, so that what acts when is exact.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import random
import socket
import stat
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, TypeVar
from urllib.parse import urlsplit

import pytest
from asyncua import Client, ua
from hil_process import HilRun
from pymodbus.client import ModbusTcpClient

from emulators.description import load_register_map
from emulators.opcua import node_id_text
from emulators.serving import ControlClient
from hil.resources import shipped_path
from hil.targets import read_modbus, read_opcua

ResultT = TypeVar("ResultT")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HilRun]:
    """One process for the module: it costs two seconds."""
    with HilRun("two_tanks", "--paused", "--json", folder=tmp_path_factory.mktemp("run")) as running:
        yield running
        assert running.process.poll() is None, running.stderr
        assert running.stop() == 0
        assert not running.ports_file.exists()


@pytest.fixture
def control(running: HilRun) -> Iterator[ControlClient]:
    with running.control() as client:
        yield client
        client.release()
        for name in client.status()["faults"]:
            client.inject(name, None)
        client.step(1)


@pytest.fixture
def modbus(running: HilRun) -> Iterator[ModbusTcpClient]:
    address = urlsplit(running.url("modbus-tcp"))
    client = ModbusTcpClient(str(address.hostname), port=int(address.port or 0), timeout=60)
    assert client.connect()
    yield client
    client.close()


def opcua(running: HilRun, act: Callable[[Client], Coroutine[Any, Any, ResultT]]) -> ResultT:
    """Do something with a connected OPC UA client."""

    async def connected() -> ResultT:
        async with Client(running.url("opcua"), timeout=60) as client:
            return await act(client)

    return asyncio.run(connected())


def all_over_modbus(running: HilRun) -> dict[str, Any]:
    register_map = load_register_map(shipped_path("fixtures") / "register_maps" / "two_tanks.toml")
    return read_modbus(running.url("modbus-tcp"), register_map, [entry.tag for entry in register_map.entries])


def test_the_ports_file_says_who_listens_where(running: HilRun) -> None:
    endpoints = running.ports["endpoints"]

    assert running.ports["pid"] == running.process.pid
    assert [(each["name"], each["protocol"], each["controller"]) for each in endpoints] == [
        ("plc1-modbus", "modbus-tcp", "PLC1"),
        ("plc1-opcua", "opcua", "PLC1"),
    ]
    assert stat.S_IMODE(os.stat(running.ports_file).st_mode) == 0o600


def test_everything_listens_once_the_ports_file_is_there(running: HilRun) -> None:
    urls = [each["url"] for each in running.ports["endpoints"]] + [running.ports["control"]["url"]]

    for url in map(urlsplit, urls):
        socket.create_connection((url.hostname, url.port), timeout=60).close()
        assert url.hostname == "127.0.0.1"


def test_what_it_prints_as_json_says_the_same(running: HilRun) -> None:
    printed = json.loads(running.printed("}\n"))

    assert printed["rig"] == "two_tanks"
    assert printed["endpoints"] == running.ports["endpoints"]
    assert {row["tag"] for row in printed["nodes"]} <= {row["name"] for row in printed["tags"]}
    assert next(row for row in printed["registers"] if row["tag"] == "LIC-101.SP")["reference"] == "40001"


def test_modbus_and_opc_ua_show_what_hil_read_shows(running: HilRun, control: ControlClient) -> None:
    control.write("START", True)
    control.step(200)
    printed = json.loads(running.hil("read", "--json").stdout)
    control.step(1)  # phase 3 publishes what the controllers had at the end of the step before

    over_modbus = all_over_modbus(running)
    over_opcua = read_opcua(running.url("opcua"), list(over_modbus))

    assert len(over_modbus) >= 20
    assert over_modbus["P-101.RUN"] is True
    assert over_modbus["LT-101"] > 0.0
    assert over_opcua == pytest.approx({name: printed["values"][name] for name in over_modbus}, rel=1e-6, abs=1e-6)
    assert over_modbus == pytest.approx(over_opcua, rel=1e-6, abs=1e-6)


def test_a_modbus_write_arrives_at_the_next_scan(
    running: HilRun, control: ControlClient, modbus: ModbusTcpClient
) -> None:
    registers = modbus.convert_to_registers(42.5, modbus.DATATYPE.FLOAT32)
    before = control.read("LIC-101.SP")

    assert not modbus.write_registers(0, registers, device_id=1).isError()
    unchanged = control.read("LIC-101.SP")
    control.step(1)

    assert unchanged == before
    assert control.read("LIC-101.SP", "PLC1.LIC101_SP") == {"LIC-101.SP": 42.5, "PLC1.LIC101_SP": 42.5}
    assert modbus.read_holding_registers(0, count=2, device_id=1).registers == registers


def test_an_opc_ua_write_arrives_at_the_next_scan(running: HilRun, control: ControlClient) -> None:
    async def write(client: Client) -> None:
        value = ua.DataValue(ua.Variant(33.25, ua.VariantType.Float))
        await client.get_node(node_id_text("TIC-101.SP")).write_value(value)

    opcua(running, write)
    control.step(1)

    assert control.read("TIC-101.SP") == {"TIC-101.SP": 33.25}


def test_hil_force_holds_an_output_until_it_is_released(running: HilRun, control: ControlClient) -> None:
    forced = running.hil("force", "HORN", "true")
    control.step(5)
    held = control.read("HORN", "HA-101.command")
    released = running.hil("force", "HORN", "--release")
    control.step(2)

    assert (forced.returncode, forced.stdout.strip()) == (0, "HORN forced to true")
    assert held == {"HORN": True, "HA-101.command": True}
    assert (released.returncode, released.stdout.strip()) == (0, "released HORN")
    assert control.status()["forces"] == {}


def test_hil_inject_makes_an_instrument_fail(running: HilRun, control: ControlClient) -> None:
    control.step(2)
    before = control.read("LSHH-101")

    injected = running.hil("inject", "LSHH-101.open_circuit")
    control.step(2)

    assert (injected.returncode, injected.stdout.strip()) == (0, "LSHH-101.open_circuit set to true")
    assert before == {"LSHH-101": True}
    assert control.read("LSHH-101", "LSHH-101.contact") == {"LSHH-101": False, "LSHH-101.contact": False}


def test_hil_inject_with_the_name_of_an_endpoint_lists_how_its_wire_fails(running: HilRun) -> None:
    listed = running.hil("inject", "plc1-modbus").stdout

    assert "  delay                 time=500ms jitter=0ns\n" in listed
    assert "options of each\n  connection probability count from until unit function address" in listed
    assert "LT-101" not in listed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("read", "LT-11"), "did you mean 'LT-101'"),
        (("force", "T-101.level_m", "1"), "cannot be forced: only variables of a controller can"),
        (("inject", "LT-101.stuk"), "did you mean 'LT-101.stuck'"),
        (("force", "LIC-101.SP", "loud"), "LIC-101.SP"),
    ],
)
def test_what_the_cell_refuses_ends_with_1(running: HilRun, arguments: tuple[str, ...], message: str) -> None:
    refused = running.hil(*arguments)

    assert refused.returncode == 1
    assert message in refused.stderr


WRONG_WRITES = [
    ("type", "LIC-101.SP", ua.Variant("high", ua.VariantType.String), ua.uaerrors.BadTypeMismatch),
    ("range", "LIC-101.SP", ua.Variant(101.0, ua.VariantType.Float), ua.uaerrors.BadOutOfRange),
    ("node", "LIC-101.PV", ua.Variant(1.0, ua.VariantType.Float), ua.uaerrors.BadNodeIdUnknown),
    ("access", "LT-101", ua.Variant(1.0, ua.VariantType.Float), ua.uaerrors.BadNotWritable),
]


def test_an_opc_ua_client_with_wrong_type_range_or_node_changes_nothing(
    running: HilRun, control: ControlClient
) -> None:
    control.step(1)
    before = control.read("LIC-101.SP")

    async def write(client: Client) -> None:
        for _, tag, variant, refusal in WRONG_WRITES:
            with pytest.raises(refusal):
                await client.get_node(node_id_text(tag)).write_value(ua.DataValue(variant))
        assert await client.get_node(node_id_text("LIC-101.SP")).read_value() == pytest.approx(before["LIC-101.SP"])

    opcua(running, write)
    control.step(1)

    assert control.read("LIC-101.SP") == before
    assert control.status()["refused_write_count"] == 0
    assert running.process.poll() is None


def rubbish(seed: int) -> bytes:
    """Return bytes that are hardly ever a Modbus frame, or nearly one."""
    draw = random.Random(seed)
    noise = draw.randbytes(draw.randrange(1, 300))
    return [
        noise,
        b"\x00\x01\x00\x00\xff\xff\x01" + noise,  # length far beyond the limit
        b"\x00\x01\x00\x07\x00\x06\x01\x03\x00\x00\x00\x0a",  # protocol 7
        b"\x00\x01\x00\x00\x00\x06\x01" + draw.randbytes(5),  # any function with any arguments
        b"GET / HTTP/1.1\r\nHost: plc\r\n\r\n",
    ][seed % 5]


def send_rubbish(address: tuple[str, int], stop: threading.Event, counts: list[int]) -> None:
    seed = 0
    while not stop.is_set():
        try:
            with socket.create_connection(address, timeout=60) as client:
                for _ in range(20):
                    client.sendall(rubbish(seed))
                    seed += 1
        except OSError:
            pass  # the server hung up, as it should
        counts.append(seed)


@pytest.mark.parametrize("seconds", [0, pytest.param(60, marks=pytest.mark.campaign)])
def test_rubbish_on_modbus_disturbs_nobody(
    running: HilRun, control: ControlClient, modbus: ModbusTcpClient, seconds: int
) -> None:
    url = urlsplit(running.url("modbus-tcp"))
    stop, counts, answers, times = threading.Event(), [0], [], []
    sender = threading.Thread(target=send_rubbish, args=((url.hostname, url.port), stop, counts))
    samples = control.samples(control.subscribe(["LT-101"]))
    first = control.status()["tick"]
    sender.start()
    try:
        end = time.monotonic() + seconds
        while len(answers) < 1000 or counts[-1] < 100 or time.monotonic() < end:
            answers.append(modbus.read_input_registers(0, count=8, device_id=1))
            if len(answers) % 20 == 0:
                control.step(1)
                times.append(next(samples).time_ns)
    finally:
        stop.set()
        sender.join(30)

    assert [answer for answer in answers if answer.isError() or len(answer.registers) != 8] == []
    assert control.status()["tick"] == first + len(answers) // 20
    assert {late - early for early, late in itertools.pairwise(times)} == {control.status()["step_ns"]}
    assert read_opcua(running.url("opcua"), ["LIC-101.SP"])
    assert running.stderr == ""
