"""One rig whose controller is reached over every Modbus transport at once."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from pymodbus.client import ModbusSerialClient, ModbusTlsClient, ModbusUdpClient
from pymodbus.exceptions import ModbusIOException

from emulators.description import load_register_map
from emulators.errors import LinkError
from emulators.modbus.certificates import LOCAL_NAMES, make_identity, role_extension
from emulators.serving import Pacing
from hil.assembly.serving import RunningCell, running_cell
from hil.resources import shipped_path
from hil.targets import read_modbus

ENDPOINTS = """
[[endpoints]]
name = "{name}"
protocol = "{protocol}"
controller = "PLC1"
map = "{map}"
{more}
"""
LINE = 'baud_rate = 115200\nlink = "{link}"'
TLS = 'certificate = "server.pem"\nkey = "server.key"\nclient_ca = "ca.pem"\nroles = {{ Operator = "all" }}'
MORE = {
    "modbus-udp": 'unknown_unit = "device"',
    "modbus-rtu-over-tcp": "",
    "modbus-rtu": LINE.format(link="ttyRTU"),
    "modbus-ascii": LINE.format(link="ttyASCII"),
    "modbus-tls": TLS.format(),
}


def write_rig(folder: Path, protocols: dict[str, str]) -> Path:
    fixtures = shipped_path("fixtures")
    text = (shipped_path("rigs") / "two_tanks.toml").read_text().replace('"../fixtures', f'"{fixtures}')
    text = text.replace('tags_csv = "', f'tags_csv = "{shipped_path("rigs")}/')
    for protocol, more in protocols.items():
        map_path = fixtures / "register_maps" / "two_tanks.toml"
        text += ENDPOINTS.format(name=protocol, protocol=protocol, map=map_path, more=more)
    path = folder / "rig.toml"
    path.write_text(text)
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rig")
    authority = make_identity(folder, "ca")
    make_identity(folder, "server", authority=authority, names=LOCAL_NAMES)
    make_identity(folder, "client", authority=authority, role_der=role_extension("Operator"))
    return folder


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[RunningCell]:
    with running_cell(write_rig(folder, MORE), pacing=Pacing.STEPPED) as running:
        running.served.step(200)
        yield running


def url(running: RunningCell, protocol: str) -> str:
    return next(each.url for each in running.endpoints if each.protocol == protocol)


@pytest.mark.parametrize("protocol", ["modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii"])
def test_tags_read_over_every_transport_are_those_read_over_tcp(running: RunningCell, protocol: str) -> None:
    register_map = load_register_map(shipped_path("fixtures") / "register_maps" / "two_tanks.toml")
    tags = [entry.tag for entry in register_map.entries]

    values = read_modbus(url(running, protocol), register_map, tags)

    assert values == read_modbus(url(running, "modbus-tcp"), register_map, tags)


def test_role_of_the_certificate_may_do_what_the_rig_says(running: RunningCell, folder: Path) -> None:
    address = urlsplit(url(running, "modbus-tls"))
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.check_hostname = False
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    client = ModbusTlsClient(str(address.hostname), port=int(address.port or 0), sslctx=context, timeout=60, retries=0)
    assert client.connect()

    answer = client.read_input_registers(0, count=2, device_id=1)
    client.close()

    assert not answer.isError()


def test_device_that_does_not_look_at_unit_ids_answers_for_another(running: RunningCell) -> None:
    address = urlsplit(url(running, "modbus-udp"))
    client = ModbusUdpClient(str(address.hostname), port=int(address.port or 0), timeout=60, retries=0)
    assert client.connect()

    answer = client.read_input_registers(0, count=2, device_id=18)
    client.close()

    assert not answer.isError()
    assert answer.dev_id == 18


def test_serial_endpoint_is_found_under_its_link_with_its_settings(running: RunningCell, folder: Path) -> None:
    assert url(running, "modbus-rtu") == f"modbus-rtu://{folder}/ttyRTU?baud=115200&parity=none&stop=1&unit=1"


@pytest.mark.parametrize("protocol", ["modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii"])
def test_wire_of_every_transport_fails_and_recovers(running: RunningCell, protocol: str) -> None:
    name = "plc1-modbus" if protocol == "modbus-tcp" else protocol
    register_map = load_register_map(shipped_path("fixtures") / "register_maps" / "two_tanks.toml")
    tag = register_map.entries[0].tag
    wire = running.wire(name)

    wire.inject("exception", code="memory_parity_error", unit=1)
    running.served.step(1)
    with pytest.raises(LinkError, match=r"0x08|MEMORY PARITY|code 8"):
        read_modbus(url(running, protocol), register_map, [tag])
    wire.clear()
    running.served.step(1)

    assert tag in read_modbus(url(running, protocol), register_map, [tag])
    assert {injection.endpoint for injection in wire.injections} == {name}


def test_line_that_is_down_is_silent_and_comes_up_again(running: RunningCell, folder: Path) -> None:
    wire = running.wires["modbus-rtu"]
    impatient, patient = (
        ModbusSerialClient(f"{folder}/ttyRTU", baudrate=115_200, parity="N", timeout=timeout_s, retries=0)
        for timeout_s in (0.2, 60)
    )

    wire.take_down(is_down=True)
    with impatient, pytest.raises(ModbusIOException):
        impatient.read_input_registers(0, count=1, device_id=1)
    wire.take_down(is_down=False)
    with patient:
        answer = patient.read_input_registers(0, count=1, device_id=1)

    assert not answer.isError()


def test_tls_handshake_fails_as_often_as_the_rule_says(running: RunningCell, folder: Path) -> None:
    address = urlsplit(url(running, "modbus-tls"))
    context = ssl.create_default_context(cafile=folder / "ca.pem")
    context.check_hostname = False
    context.load_cert_chain(folder / "client.pem", folder / "client.key")
    running.wire("modbus-tls").inject("tls_failure", count=1)
    running.served.step(1)

    def connects() -> bool:
        try:
            with (
                socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=60) as plain,
                context.wrap_socket(plain) as client,
            ):
                return client.version() is not None
        except (ssl.SSLError, ConnectionError):
            return False

    assert [connects(), connects()] == [False, True]
    assert [injection.exchange for injection in running.wire("modbus-tls").injections] == [0]
