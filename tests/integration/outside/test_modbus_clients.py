"""Modbus clients that others wrote, over TCP and over ptys, against one device whose cells are known."""

from __future__ import annotations

import importlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from emulators.modbus.ascii import AsciiLine
from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.serial_port import PtyPort
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread

pytestmark = pytest.mark.outside

DEADLINE_S = 10.0
BAUD_RATE = 115_200
LINE = SerialSettings(BAUD_RATE, Parity.NONE, 1)
INPUT_REGISTERS = [0x0200 + address for address in range(1000)]


@pytest.fixture
def device() -> ModbusDevice:
    """Return a device: input registers 0x0200 + address, discrete inputs alternately on and off, the rest 0."""
    memory = UnitMemory.of_size(1000)
    memory.input_registers.cells[:] = b"".join(number.to_bytes(2, "big") for number in INPUT_REGISTERS)
    memory.discrete_inputs.cells[:] = b"\x55" * 125
    return ModbusDevice(memory, identity=DeviceIdentity(vendor_name="outside"))


@pytest.fixture
def loop_thread() -> Iterator[EventLoopThread]:
    with EventLoopThread() as thread:
        yield thread


@pytest.fixture
def tcp_port(device: ModbusDevice, loop_thread: EventLoopThread) -> Iterator[int]:
    server = ModbusTcpServer(UnitDirectory({1: device}, direct=1))
    loop_thread.run(server.start(), deadline_s=DEADLINE_S)
    yield server.address[1]
    loop_thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)


@pytest.fixture
def serve_pty(device: ModbusDevice, loop_thread: EventLoopThread) -> Iterator[Callable[[type, SerialSettings], str]]:
    """Serve the device on a pty; return its path."""
    with ExitStack() as cleanup:

        def serve(make_line: Callable[..., Any], settings: SerialSettings) -> str:
            server = ModbusSerialServer(PtyPort(settings), make_line(UnitDirectory({1: device}), settings))
            loop_thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: loop_thread.run(server.stop(), deadline_s=DEADLINE_S))
            return server.port.path

        yield serve


def installed(module: str) -> ModuleType:
    """Import a client's package; it is no dependency of this project."""
    try:
        return importlib.import_module(module)
    except ImportError:
        pytest.skip(f"{module} is not installed")


def program(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def run(*command: str) -> str:
    """Run a client to its end; return what it printed."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def holding_register(device: ModbusDevice, address: int) -> int:
    return int.from_bytes(device.memory.holding_registers.read(address, 1), "big")


# --- pyModbusTCP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def py_modbus_tcp(tcp_port: int) -> Iterator[Any]:
    client = installed("pyModbusTCP.client").ModbusClient("127.0.0.1", tcp_port, unit_id=1, timeout=5.0)
    yield client
    client.close()


def test_py_modbus_tcp_reads_as_much_as_one_request_may(py_modbus_tcp: Any) -> None:
    assert py_modbus_tcp.read_input_registers(0, 125) == INPUT_REGISTERS[:125]
    assert py_modbus_tcp.read_discrete_inputs(0, 2000) is None  # there are 1000
    assert py_modbus_tcp.last_except == 2
    assert py_modbus_tcp.read_discrete_inputs(0, 1000) == [True, False] * 500


def test_what_py_modbus_tcp_writes_reads_back(py_modbus_tcp: Any) -> None:
    registers, coils = [number * 531 & 0xFFFF for number in range(123)], [True, True, False] * 300

    assert py_modbus_tcp.write_multiple_registers(10, registers)
    assert py_modbus_tcp.write_multiple_coils(7, coils)
    assert py_modbus_tcp.write_single_register(500, 0xBEEF)
    assert py_modbus_tcp.write_single_coil(990, True)

    assert py_modbus_tcp.read_holding_registers(10, 123) == registers
    assert py_modbus_tcp.read_coils(7, 900) == coils
    assert py_modbus_tcp.read_holding_registers(500, 1) == [0xBEEF]
    assert py_modbus_tcp.read_coils(990, 1) == [True]


def test_py_modbus_tcp_writes_and_reads_in_one_request(py_modbus_tcp: Any) -> None:
    assert py_modbus_tcp.write_read_multiple_registers(40, [1, 2, 3], 39, 5) == [0, 1, 2, 3, 0]


def test_py_modbus_tcp_reads_the_identity(py_modbus_tcp: Any) -> None:
    assert py_modbus_tcp.read_device_identification().objects_by_id[0] == b"outside"


# --- minimalmodbus ----------------------------------------------------------------------------------------------------


@pytest.fixture(params=["rtu", "ascii"])
def instrument(request: pytest.FixtureRequest, serve_pty: Callable[..., str]) -> Iterator[Any]:
    minimalmodbus = installed("minimalmodbus")
    path = serve_pty(RtuLine if request.param == "rtu" else AsciiLine, LINE)
    instrument = minimalmodbus.Instrument(path, 1, mode=request.param)
    instrument.serial.baudrate, instrument.serial.timeout = BAUD_RATE, 2.0
    yield instrument
    instrument.serial.close()


def test_minimalmodbus_reads_over_a_pty(instrument: Any) -> None:
    assert instrument.read_registers(0, 100, functioncode=4) == INPUT_REGISTERS[:100]
    assert instrument.read_bits(0, 9, functioncode=2) == [1, 0, 1, 0, 1, 0, 1, 0, 1]


def test_what_minimalmodbus_writes_over_a_pty_reads_back(instrument: Any) -> None:
    instrument.write_float(20, 12.5)
    instrument.write_long(30, -123_456, signed=True)
    instrument.write_string(40, "PUMP 101", 4)
    instrument.write_register(50, 7.25, 2)
    instrument.write_bit(3, 1)

    assert instrument.read_float(20) == 12.5
    assert instrument.read_long(30, signed=True) == -123_456
    assert instrument.read_string(40, 4) == "PUMP 101"
    assert instrument.read_register(50, 2) == 7.25
    assert instrument.read_bit(3, functioncode=1) == 1


def test_minimalmodbus_is_told_that_a_register_does_not_exist(instrument: Any) -> None:
    with pytest.raises(installed("minimalmodbus").IllegalRequestError, match="data address"):
        instrument.read_register(60_000)


# --- mbpoll -----------------------------------------------------------------------------------------------------------


def numbers(printed: str) -> list[int]:
    """Return the values that mbpoll printed as ``[1]: 60``."""
    return [int(found) for found in re.findall(r"^\[\d+\]:\s+(-?\d+)", printed, re.MULTILINE)]


def test_mbpoll_reads_and_writes_over_a_pty(device: ModbusDevice, serve_pty: Callable[..., str]) -> None:
    mbpoll = [program("mbpoll"), "-m", "rtu", "-a", "1", "-b", str(BAUD_RATE), "-P", "none", "-1"]
    path = serve_pty(RtuLine, LINE)

    read = run(*mbpoll, "-t", "3", "-r", "1", "-c", "20", path)
    run(*mbpoll, "-t", "4", "-r", "101", path, "11", "22", "33")

    assert numbers(read) == INPUT_REGISTERS[:20]
    assert [holding_register(device, address) for address in (100, 101, 102)] == [11, 22, 33]


# --- modbus-serial ----------------------------------------------------------------------------------------------------


def test_modbus_serial_reads_writes_and_is_refused(device: ModbusDevice, tcp_port: int) -> None:
    node = program("node")
    folders = [Path(folder) for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    if not any((folder / "modbus-serial").is_dir() for folder in folders):
        pytest.skip("modbus-serial is not installed")

    found = json.loads(run(node, str(Path(__file__).with_name("modbus_serial.js")), str(tcp_port)))

    assert found == {
        "written": [1, 2, 0xFFFF],
        "masked": [0xAB34],
        "most": INPUT_REGISTERS[:125],
        "coils": [True, False, True],
        "coil": True,
        "inputs": [True, False] * 4,
        "vendor": "outside",
        "refusal": 2,
    }
    assert holding_register(device, 110) == 0xAB34
