"""Several devices behind one endpoint of a rig, each with its own map, twin and latency, over every transport."""

from __future__ import annotations

import json
import os
import socket
import struct
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import click.testing
import pytest
from pymodbus.client import ModbusSerialClient
from pymodbus.exceptions import ModbusIOException
from pymodbus.framer import FramerType

from emulators.modbus.ascii import ascii_frame
from emulators.modbus.endpoint_url import unit_url
from emulators.serving import Pacing
from hil.assembly.serving import running_cell
from hil.cli.check import command as check
from hil.cli.running_tables import cell_as_json
from hil.targets.modbus_link import read_modbus

RIG = """format = 1
name = "hall"
step = "100 ms"
[plant.T-1]
component = "tank"
inflow_m3_per_s = 0.001
area_m2 = 1.0
[tags.LEVEL]
signal = "T-1.level_m"
truth = true
unit = "m"
[[endpoints]]
name = "gateway"
protocol = "modbus-tcp"
[[endpoints.units]]
unit_id = 3
name = "METER-1"
map = "meter.toml"
[[endpoints.units]]
unit_id = 4
name = "METER-2"
map = "meter.toml"
latency = "300 ms"
[[endpoints.units]]
unit_id = 9
map = "level.toml"
"""
METER = """format = 1
[twin]
component = "energy_meter"
[[register]]
tag = "LOAD"
signal = "load_kw"
reference = 40001
type = "float32"
access = "rw"
[[register]]
tag = "NUMBER"
reference = 40003
type = "uint16"
access = "rw"
initial = 7
[[register]]
tag = "MODEL"
reference = 40010
type = "string[4]"
initial = "EM-3"
"""
LEVEL = 'format = 1\n[[register]]\ntag = "LEVEL"\nreference = 40001\ntype = "float32"\n'
READ_FIRST, READ_NUMBER = bytes.fromhex("03 0000 0002"), bytes.fromhex("03 0002 0001")


@pytest.fixture
def rig(tmp_path: Path) -> Path:
    for name, text in (("rig.toml", RIG), ("meter.toml", METER), ("level.toml", LEVEL)):
        (tmp_path / name).write_text(text)
    return tmp_path / "rig.toml"


class Client:
    """Sends frames of Modbus TCP and takes answers as they come."""

    def __init__(self, url: str) -> None:
        address = urlsplit(url)
        self._socket = socket.create_connection((address.hostname, address.port), timeout=60)

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def send(self, unit_id: int, pdu: bytes) -> None:
        self._socket.sendall(struct.pack(">HHHB", unit_id, 0, 1 + len(pdu), unit_id) + pdu)

    def receive(self) -> tuple[int, bytes]:
        head = self._socket.recv(7, socket.MSG_WAITALL)
        return head[6], self._socket.recv(int.from_bytes(head[4:6], "big") - 1, socket.MSG_WAITALL)

    def ask(self, unit_id: int, pdu: bytes) -> bytes:
        self.send(unit_id, pdu)
        answered, response = self.receive()
        assert answered == unit_id
        return response


def test_each_unit_has_its_own_registers_twin_and_values(rig) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running, Client(running.endpoints[0].url) as client:
        client.ask(3, bytes.fromhex("10 0000 0002 04") + struct.pack(">f", 12.5))
        client.ask(4, bytes.fromhex("06 0002 0063"))
        running.served.step(10)

        assert running.served.read(["METER-1.LOAD", "METER-1.NUMBER", "METER-2.NUMBER"]) == {
            "METER-1.LOAD": 12.5,
            "METER-1.NUMBER": 7,
            "METER-2.NUMBER": 99,
        }
        assert struct.unpack(">f", client.ask(3, READ_FIRST)[2:]) == (12.5,)
        assert client.ask(3, READ_NUMBER) == bytes.fromhex("03 02 0007")
        assert client.ask(4, READ_NUMBER) == bytes.fromhex("03 02 0063")
        assert struct.unpack(">f", client.ask(9, READ_FIRST)[2:]) == pytest.approx((0.001,))
        assert client.ask(5, READ_FIRST) == bytes.fromhex("83 0B")


def test_slow_unit_does_not_delay_the_others(rig) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running, Client(running.endpoints[0].url) as client:
        start_s = time.monotonic()
        client.send(4, READ_NUMBER)
        client.send(3, READ_NUMBER)
        client.send(9, READ_FIRST)
        answered = [(client.receive()[0], time.monotonic() - start_s) for _ in range(3)]

    assert [unit_id for unit_id, _ in answered] == [3, 9, 4]
    assert answered[2][1] >= 0.3


def test_fault_names_one_unit_and_leaves_the_others_alone(rig) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running, Client(running.endpoints[0].url) as client:
        running.served.inject("gateway.exception", "4 unit=3")
        running.served.inject("METER-2.phase_1_lost", True)
        running.served.step(1)

        assert client.ask(3, READ_NUMBER) == bytes.fromhex("83 04")
        assert client.ask(4, READ_NUMBER) == bytes.fromhex("03 02 0007")


def test_hil_run_lists_the_units_with_their_addresses(rig) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        content = json.loads(json.dumps(cell_as_json(running)))

    url = content["endpoints"][0]["url"]
    assert [(unit["unit"], unit["name"]) for unit in content["units"]] == [(3, "METER-1"), (4, "METER-2"), (9, "")]
    assert [unit["url"] for unit in content["units"]] == [url, url[:-1] + "4", url[:-1] + "9"]
    assert {"name": "METER-2.MODEL", "type": "STRING[4]"}.items() <= content["tags"][-1].items()
    assert {(row["unit"], row["tag"]) for row in content["registers"]} >= {(3, "METER-1.LOAD"), (4, "METER-2.LOAD")}


@pytest.mark.parametrize("protocol", ["modbus-rtu", "modbus-ascii"])
def test_units_share_one_serial_line(rig, protocol) -> None:
    rig.write_text(RIG.replace("modbus-tcp", protocol).replace('"300 ms"', '"20 ms"'))
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        address = urlsplit(running.endpoints[0].url)
        line = {key: values[0] for key, values in parse_qs(address.query).items()}
        framer = FramerType.RTU if protocol == "modbus-rtu" else FramerType.ASCII
        client = ModbusSerialClient(
            address.path, framer=framer, baudrate=int(line["baud"]), parity="N", timeout=60, retries=0
        )
        assert client.connect()
        answers = [client.read_holding_registers(2, count=1, device_id=unit_id) for unit_id in (3, 4)]
        client.close()

    assert [answer.registers for answer in answers] == [[7], [7]]


LINES = """[[endpoints.lines]]
name = "A"
baud_rate = 38400
[[endpoints.units]]
unit_id = 3"""


def test_units_on_a_line_of_a_gateway_are_asked_one_after_the_other(rig) -> None:
    on_line = RIG.replace("[[endpoints.units]]\nunit_id = 3", LINES, 1).replace("map = ", 'line = "A"\nmap = ', 2)
    rig.write_text(on_line.replace('"modbus-tcp"', '"modbus-tcp"\nunit_timeout = "100 ms"').replace("300 ms", "20 ms"))
    with running_cell(rig, pacing=Pacing.STEPPED) as running, Client(running.endpoints[0].url) as client:
        for unit_id in (4, 3, 9):
            client.send(unit_id, READ_NUMBER if unit_id != 9 else READ_FIRST)
        answered = [client.receive()[0] for _ in range(3)]
        nobody = client.ask(77, READ_NUMBER)
        client.send(0, bytes.fromhex("06 0002 0008"))
        everybody = client.ask(3, READ_NUMBER)

    assert answered == [9, 4, 3]
    assert nobody == bytes.fromhex("83 0B")
    assert everybody == bytes.fromhex("03 02 0008")


def test_unit_alone_on_a_line_of_a_gateway_is_not_the_device_at_the_address(rig) -> None:
    head, _, _ = RIG.partition("[[endpoints.units]]\nunit_id = 4")
    alone = head.replace("[[endpoints.units]]\nunit_id = 3", LINES).replace("map = ", 'line = "A"\nmap = ')
    rig.write_text(alone.replace('"modbus-tcp"', '"modbus-tcp"\nunit_timeout = "50 ms"'))
    with running_cell(rig, pacing=Pacing.STEPPED) as running, Client(running.endpoints[0].url) as client:
        answers = [client.ask(unit_id, READ_NUMBER) for unit_id in (255, 3)]

    assert answers == [bytes.fromhex("83 0B"), bytes.fromhex("03 02 0007")]


def test_write_to_a_slow_unit_acts_though_its_client_has_gone(rig) -> None:
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        with Client(running.endpoints[0].url) as client:
            client.ask(3, READ_NUMBER)
            client.send(4, bytes.fromhex("06 0002 0009"))
            client.ask(3, READ_NUMBER)  # by now the other one is under way
        deadline_s = time.monotonic() + 60
        while running.served.read(["METER-2.NUMBER"])["METER-2.NUMBER"] != 9 and time.monotonic() < deadline_s:
            running.served.step(1)

        assert running.served.read(["METER-2.NUMBER"]) == {"METER-2.NUMBER": 9}


def test_two_units_of_one_id_on_a_line_are_not_understood(rig) -> None:
    text = RIG.replace("modbus-tcp", "modbus-rtu").replace("unit_id = 4", "unit_id = 3\nconflicts = true")
    rig.write_text(text.replace('latency = "300 ms"', ""))
    walk = 'behaviour = { kind = "random_walk", low = 1, high = 60000, step = 9000 }'
    (rig.parent / "meter.toml").write_text(METER.replace("initial = 7", walk))
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        running.served.step(20)
        path = urlsplit(running.endpoints[0].url).path
        impatient, patient = (
            ModbusSerialClient(path, baudrate=19200, parity="N", timeout=timeout_s, retries=0)
            for timeout_s in (0.3, 60)
        )
        with impatient, pytest.raises(ModbusIOException):
            impatient.read_holding_registers(2, count=1, device_id=3)
        with patient:
            level = patient.read_holding_registers(0, count=2, device_id=9)

    assert not level.isError()


def test_without_line_time_nobody_talks_into_a_request(rig) -> None:
    text = RIG.replace("modbus-tcp", "modbus-ascii")
    rig.write_text(text.replace('protocol = "modbus-ascii"', 'protocol = "modbus-ascii"\nline_time = false'))
    request = ascii_frame(bytes.fromhex("03 03 0002 0001"))
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        port = os.open(urlsplit(running.endpoints[0].url).path, os.O_RDWR | os.O_NOCTTY)
        os.write(port, request * 2)
        answers = b""
        while len(answers) < 2 * len(ascii_frame(bytes.fromhex("03 03 02 0007"))):
            answers += os.read(port, 100)
        os.close(port)

    assert answers == ascii_frame(bytes.fromhex("03 03 02 0007")) * 2


def test_every_unit_of_the_shipped_gateway_reads() -> None:
    with running_cell("metering", pacing=Pacing.STEPPED) as running:
        running.served.step(10)
        (endpoint,) = running.blueprint.rig.endpoints
        url = running.endpoints[0].url
        for unit in endpoint.units:
            tags = [entry.tag for entry in unit.register_map.entries if entry.is_readable][:6]
            values = read_modbus(unit_url(url, unit.unit_id), unit.register_map, tags)

            assert values.keys() == set(tags)
            assert all(value == pytest.approx(running.served.read([tag])[tag]) for tag, value in values.items())


@pytest.mark.parametrize("protocol", ["modbus-udp", "modbus-rtu-over-tcp"])
def test_units_are_behind_one_port_of_every_network_transport(rig, protocol) -> None:
    rig.write_text(RIG.replace("modbus-tcp", protocol).replace('"300 ms"', '"20 ms"'))
    with running_cell(rig, pacing=Pacing.STEPPED) as running:
        (endpoint,) = running.blueprint.rig.endpoints
        running.served.force("METER-2.NUMBER", 8)
        running.served.step(1)
        numbers = [
            read_modbus(unit_url(running.endpoints[0].url, unit.unit_id), unit.register_map, [f"{unit.name}.NUMBER"])
            for unit in endpoint.units[:2]
        ]

    assert numbers == [{"METER-1.NUMBER": 7}, {"METER-2.NUMBER": 8}]


def test_rig_is_sound_and_a_second_unit_of_an_id_is_not(rig) -> None:
    sound = click.testing.CliRunner().invoke(check, [str(rig)], standalone_mode=False)
    rig.write_text(RIG.replace("unit_id = 9", "unit_id = 3"))
    unsound = click.testing.CliRunner().invoke(check, [str(rig)], standalone_mode=False)

    assert sound.return_value == 0, sound.output
    assert "rig.toml:25:11: unit id 3 is already taken at" in unsound.output
