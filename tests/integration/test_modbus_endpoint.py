"""A served cell with its Modbus endpoint: real sockets, virtual time that the test moves."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from pymodbus.client import ModbusTcpClient

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation, TapeEvent
from emulators.description import load_register_map
from emulators.errors import LinkError
from emulators.modbus import EndpointUnit, ModbusEndpoint, ModbusEndpointSettings
from emulators.modbus.tls import TlsSettings
from emulators.modbus.transports import LineSettings, Transport
from emulators.serving import EndpointHost, EventLoopThread, Pacing, ServedCell
from emulators.signals.publication import Publication, PublishedSnapshot, PublishedTag

STEP_NS = 10_000_000
REGISTER_MAP = """
format = 1
[[register]]
tag = "LEVEL"
table = "input"
address = 0
type = "float32"
[[register]]
tag = "SP"
table = "holding"
address = 10
type = "int16"
scale = 0.1
access = "rw"
[[register]]
tag = "START"
table = "coil"
address = 0
access = "rw"
"""


class FillingCell:
    """LEVEL rises by 1 each step while START is on, up to SP."""

    name = "filling"
    step_ns = STEP_NS
    targets: Mapping[str, TargetDescription] = {}

    def __init__(self) -> None:
        self.tick = 0
        self.level, self.setpoint, self.is_started = 0.0, 50.0, False
        self.published = (0.0, 50.0, False)
        self.publication = Publication(
            [
                PublishedTag("LEVEL", "f64"),
                PublishedTag("SP", "f64", is_writable=True, eu_range=(0.0, 80.0)),
                PublishedTag("START", "bool", is_writable=True),
            ]
        )

    def check(self, event: TapeEvent) -> None:
        assert event.operation is Operation.WRITE

    def advance(self, n_steps: int, events: Sequence[TapeEvent]) -> None:
        for _ in range(n_steps):
            self.tick += 1
            self.published = (self.level, self.setpoint, self.is_started)  # phase 3, before the latch
            for event in events:
                if event.target == "SP":
                    self.setpoint = event.value
                else:
                    self.is_started = event.value
            events = ()
            self.level = min(self.setpoint, self.level + 1.0) if self.is_started else self.level

    def snapshot(self) -> PublishedSnapshot:
        level, setpoint, is_started = self.published
        values = {"LEVEL": level, "SP": setpoint, "START": is_started}
        return self.publication.snapshot(self.tick, self.tick * STEP_NS, values)

    def read(self, name: str) -> float:
        return {"LEVEL": self.level, "SP": self.setpoint}[name]

    def controller_modes(self) -> Mapping[str, str]:
        return {}


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[ServedCell, ModbusTcpClient]]:
    """Return a stepped cell and a client of its endpoint."""
    path = tmp_path / "map.toml"
    path.write_text(REGISTER_MAP)
    cell = FillingCell()
    endpoint = ModbusEndpoint(
        ModbusEndpointSettings("plc1"), [EndpointUnit(1, load_register_map(path))], cell.publication
    )
    with EventLoopThread() as thread:
        host = EndpointHost(thread, [endpoint])
        host.start()
        server_host, port = endpoint.listener.server.address
        client = ModbusTcpClient(server_host, port=port, timeout=60, retries=0)
        assert client.connect()
        with ServedCell(cell, host, pacing=Pacing.STEPPED) as served:
            yield served, client
        client.close()
        host.stop()


def level(client: ModbusTcpClient) -> float:
    registers = client.read_input_registers(0, count=2).registers
    return struct.unpack(">f", struct.pack(">HH", *registers))[0]


def test_far_end_of_the_wire_sees_the_values_move_as_the_test_advances_time(served) -> None:
    cell, client = served
    client.write_coil(0, True)
    levels = []
    for _ in range(4):
        cell.step(10)
        levels.append(level(client))

    assert levels == [9.0, 19.0, 29.0, 39.0]  # the snapshot of phase 3 is one step older than the flush


def test_written_setpoint_reads_back_at_once_and_acts_in_the_next_step(served) -> None:
    cell, client = served
    client.write_register(10, 123)
    at_once = client.read_holding_registers(10, count=1).registers

    before = cell.read(["SP"])
    cell.step(1)
    after = cell.read(["SP"])
    read_back = [client.read_holding_registers(10, count=1).registers]
    cell.step(1)
    read_back.append(client.read_holding_registers(10, count=1).registers)

    assert (before, after) == ({"SP": 50.0}, {"SP": 12.3})
    assert (at_once, read_back) == ([123], [[123], [123]])


def test_live_write_stands_on_the_tape_at_the_step_in_which_it_acted(served) -> None:
    cell, client = served
    cell.step(7)
    client.write_register(10, 200)
    cell.step(3)

    assert cell.tape == (TapeEvent(8 * STEP_NS, 1, Operation.WRITE, "SP", 20.0),)


def test_value_out_of_range_is_refused_on_the_wire_and_never_reaches_the_cell(served) -> None:
    cell, client = served

    answer = client.write_register(10, 801)
    cell.step(1)

    assert answer.exception_code == 3
    assert cell.tape == ()


def test_endpoint_names_its_address_and_is_gone_after_the_stop(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(REGISTER_MAP)
    endpoint = ModbusEndpoint(
        ModbusEndpointSettings("plc1", controller="PLC1"),
        [EndpointUnit(7, load_register_map(path))],
        FillingCell().publication,
    )
    with EventLoopThread() as thread:
        host = EndpointHost(thread, [endpoint])
        host.start()
        (address,) = host.addresses
        server_host, port = endpoint.listener.server.address
        host.stop()

    assert (address.name, address.protocol, address.controller) == ("plc1", "modbus-tcp", "PLC1")
    assert address.url == f"modbus-tcp://127.0.0.1:{port}/7"
    assert not ModbusTcpClient(server_host, port=port, timeout=1, retries=0).connect()


def test_taken_port_is_an_error_that_names_endpoint_and_port(tmp_path: Path) -> None:
    path = tmp_path / "map.toml"
    path.write_text(REGISTER_MAP)
    units, publication = [EndpointUnit(1, load_register_map(path))], FillingCell().publication
    with EventLoopThread() as thread:
        first = ModbusEndpoint(ModbusEndpointSettings("first"), units, publication)
        host = EndpointHost(thread, [first])
        host.start()
        port = first.listener.server.address[1]
        second = ModbusEndpoint(ModbusEndpointSettings("second", transport=Transport(port=port)), units, publication)

        with pytest.raises(LinkError, match=f"endpoint second: cannot listen on 127.0.0.1:{port}: the port is taken"):
            EndpointHost(thread, [second]).start()
        host.stop()


@pytest.mark.parametrize(
    ("transport", "message"),
    [
        (
            Transport("modbus-rtu", line=LineSettings(serial_port="/dev/no-such-port")),
            "endpoint plc1: cannot open /dev/no-such-port: No such file",
        ),
        (
            Transport("modbus-rtu", line=LineSettings(serial_port="pyproject.toml")),
            "endpoint plc1: pyproject.toml is no serial port, or none that can be set to 19200 8E1",
        ),
        (
            Transport("modbus-rtu", line=LineSettings(link="pyproject.toml")),
            "endpoint plc1: cannot make the link pyproject.toml: a file of that name is there; name another",
        ),
        (
            Transport("modbus-tls", tls=TlsSettings("pyproject.toml", "pyproject.toml", "pyproject.toml")),
            "endpoint plc1: cannot use its certificate, key or client_ca",
        ),
        (
            Transport("modbus-tls", tls=TlsSettings("pyproject.toml", "pyproject.toml", "ca.pem")),
            "endpoint plc1: cannot read ca.pem: No such file or directory; name a PEM file",
        ),
    ],
    ids=["serial-port", "no-serial-port", "link", "certificate", "no-such-file"],
)
def test_endpoint_that_cannot_start_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, transport: Transport, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, text in (("map.toml", REGISTER_MAP), ("pyproject.toml", "no certificate")):
        (tmp_path / name).write_text(text)
    endpoint = ModbusEndpoint(
        ModbusEndpointSettings("plc1", transport=transport),
        [EndpointUnit(1, load_register_map("map.toml"))],
        FillingCell().publication,
    )

    with EventLoopThread() as thread, pytest.raises(LinkError, match=message):
        EndpointHost(thread, [endpoint]).start()


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EMFILE, r"127\.0\.0\.1:0: too many files and sockets are open; allow more \(ulimit -n\)"),
        (errno.EACCES, r"127\.0\.0\.1:0: not permitted; use a port from 1024 on"),
        (errno.EADDRNOTAVAIL, r"127\.0\.0\.1:0: that is no address of this machine"),
        (errno.EIO, r"127\.0\.0\.1:0: Input/output error"),
    ],
)
def test_a_port_that_cannot_be_had_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    (tmp_path / "map.toml").write_text(REGISTER_MAP)
    units = [EndpointUnit(1, load_register_map(tmp_path / "map.toml"))]
    endpoint = ModbusEndpoint(ModbusEndpointSettings("plc1"), units, FillingCell().publication)

    async def refuse() -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(endpoint.listener.server, "start", refuse)

    with EventLoopThread() as thread, pytest.raises(LinkError, match=message):
        EndpointHost(thread, [endpoint]).start()
