"""Modbus clients that others wrote, over TCP and over ptys, against one device whose cells are known."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from outside_clients import installed, node, program, run

from emulators.modbus.device import ModbusDevice

pytestmark = pytest.mark.outside

BAUD_RATE = 115_200
INPUT_REGISTERS = [0x0200 + address for address in range(1000)]


def holding_register(device: ModbusDevice, address: int) -> int:
    return int.from_bytes(device.memory.holding_registers.read(address, 1), "big")


# --- pyModbusTCP ------------------------------------------------------------------------------------------------------


@pytest.fixture
def py_modbus_tcp(serve: Callable[..., str]) -> Iterator[Any]:
    port = int(serve("modbus-tcp"))
    client = installed("pyModbusTCP.client").ModbusClient("127.0.0.1", port, unit_id=1, timeout=5.0)
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
def instrument(request: pytest.FixtureRequest, serve: Callable[..., str]) -> Iterator[Any]:
    minimalmodbus = installed("minimalmodbus")
    instrument = minimalmodbus.Instrument(serve(f"modbus-{request.param}"), 1, mode=request.param)
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


def test_mbpoll_reads_and_writes_over_a_pty(device: ModbusDevice, serve: Callable[..., str]) -> None:
    mbpoll = [program("mbpoll"), "-m", "rtu", "-a", "1", "-b", str(BAUD_RATE), "-P", "none", "-1"]
    path = serve("modbus-rtu")

    read = run(*mbpoll, "-t", "3", "-r", "1", "-c", "20", path)
    run(*mbpoll, "-t", "4", "-r", "101", path, "11", "22", "33")

    assert numbers(read) == INPUT_REGISTERS[:20]
    assert [holding_register(device, address) for address in (100, 101, 102)] == [11, 22, 33]


# --- modbus-serial ----------------------------------------------------------------------------------------------------


def test_modbus_serial_reads_writes_and_is_refused(device: ModbusDevice, serve: Callable[..., str]) -> None:
    script = Path(__file__).with_name("modbus_serial.js")

    found = json.loads(node(script, "modbus-serial", serve("modbus-tcp")))

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


# --- modbus-stream, jsmodbus ------------------------------------------------------------------------------------------


def test_modbus_stream_reads_and_writes_over_tcp_and_udp(serve: Callable[..., str]) -> None:
    script = Path(__file__).with_name("modbus_stream.js")

    found = json.loads(node(script, "modbus-stream", serve("modbus-tcp"), serve("modbus-udp")))

    rest = {"coils": [1, 0, 1], "queue": [1, 2, 3], "refusal": "IllegalDataAddress"}
    assert found["tcp"] == found["udp"] == {"written": [0x0112, 0x0304], "most": 125, **rest}


def test_jsmodbus_sends_fifty_requests_at_once(serve: Callable[..., str]) -> None:
    found = json.loads(node(Path(__file__).with_name("jsmodbus.js"), "jsmodbus", serve("modbus-tcp")))

    assert found == {"written": list(range(1000, 1050)), "most": 125, "inputs": [1, 0] * 4, "refusal": 2}


# --- nmap -------------------------------------------------------------------------------------------------------------


def test_nmap_discovers_unit_and_identity(serve: Callable[..., str]) -> None:
    where = [program("nmap"), "-Pn", "-n", "-p", serve("modbus-tcp"), "--script", "+modbus-discover", "127.0.0.1"]

    found = run(*where)

    assert re.search(r"sid 0x1:.*Slave ID data: \*", found, re.DOTALL)
    assert "Device identification: outside emulated-device 1.0" in found
