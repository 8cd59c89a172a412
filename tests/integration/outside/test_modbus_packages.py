"""Modbus packages of PyPI against one device: each over the transports that it speaks.

What they get wrong themselves is left out: modbus-tk waits for more bytes than a refusal over RTU has on TCP.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

import pytest
from outside_clients import installed
from serial import Serial

from emulators.description import load_register_map
from emulators.modbus.device import ModbusDevice
from emulators.serving import Pacing
from hil.assembly.devices import RunningDevices, running_devices
from hil.resources import resolve_register_map

pytestmark = pytest.mark.outside

BAUD_RATE = 115_200
INPUT_REGISTERS = [0x0200 + address for address in range(125)]
WRITTEN = [number * 531 & 0xFFFF for number in range(123)]
COILS = [True, True, False] * 9

Serve = Callable[..., str]


# --- modbus-tk --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["modbus-tcp", "modbus-rtu-over-tcp", "modbus-rtu"])
def modbus_tk(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Any]:
    where = serve(request.param)
    if request.param == "modbus-tcp":
        client = installed("modbus_tk.modbus_tcp").TcpMaster("127.0.0.1", int(where), timeout_in_sec=5.0)
    elif request.param == "modbus-rtu-over-tcp":
        client = installed("modbus_tk.modbus_rtu_over_tcp").RtuOverTcpMaster(
            "127.0.0.1", int(where), timeout_in_sec=5.0
        )
    else:
        client = installed("modbus_tk.modbus_rtu").RtuMaster(Serial(where, BAUD_RATE, timeout=5.0))
        client.set_timeout(5.0)
    yield client
    client.close()


def test_modbus_tk_reads_and_writes(modbus_tk: Any) -> None:
    modbus_tk.execute(1, 16, 10, output_value=WRITTEN)
    modbus_tk.execute(1, 15, 7, output_value=COILS)
    modbus_tk.execute(1, 22, 300, and_mask=0xFF00, or_mask=0x0012)

    assert list(modbus_tk.execute(1, 4, 0, 125)) == INPUT_REGISTERS
    assert list(modbus_tk.execute(1, 3, 10, 123)) == WRITTEN
    assert list(modbus_tk.execute(1, 1, 7, 27)) == COILS
    assert modbus_tk.execute(1, 23, 299, 4, output_value=[4, 5], write_starting_address_fc23=301) == (0, 0x12, 4, 5)
    assert modbus_tk.execute(1, 20, (2, 7), (3, 2), number_file=(1, 1)) == ((2, 3, 4), (7, 8))
    assert modbus_tk.execute(1, 7, 0) == (0,)


# --- uModbus ----------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["modbus-tcp", "modbus-rtu"])
def umodbus(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Callable[..., Any]]:
    """Send a request of uModbus, by the name of the function that makes it."""
    where = serve(request.param)
    if request.param == "modbus-tcp":
        maker = installed("umodbus.client.tcp")
        line: Any = socket.create_connection(("127.0.0.1", int(where)), timeout=5.0)
    else:
        maker, line = installed("umodbus.client.serial.rtu"), Serial(where, BAUD_RATE, timeout=5.0)
    installed("umodbus").conf.SIGNED_VALUES = False
    with closing(line):
        yield lambda name, *arguments: maker.send_message(getattr(maker, name)(1, *arguments), line)


def test_umodbus_reads_writes_and_is_refused(umodbus: Callable[..., Any]) -> None:
    umodbus("write_multiple_registers", 10, WRITTEN)
    umodbus("write_multiple_coils", 7, COILS)
    umodbus("write_single_register", 500, 0xBEEF)
    umodbus("write_single_coil", 6, 1)

    assert umodbus("read_input_registers", 0, 125) == INPUT_REGISTERS
    assert umodbus("read_holding_registers", 10, 123) == WRITTEN
    assert umodbus("read_holding_registers", 500, 1) == [0xBEEF]
    assert umodbus("read_coils", 6, 28) == [True, *COILS]
    assert umodbus("read_discrete_inputs", 0, 10) == [True, False] * 5
    with pytest.raises(installed("umodbus.exceptions").IllegalDataAddressError):
        umodbus("read_coils", 1000, 1)


# --- modbus-rs: a Rust library ----------------------------------------------------------------------------------------


@pytest.fixture(params=["modbus-tcp", "modbus-rtu", "modbus-ascii"])
def modbus_rs(request: pytest.FixtureRequest, serve: Serve) -> Iterator[Any]:
    package, where = installed("modbus_rs"), serve(request.param)
    if request.param == "modbus-tcp":
        transport = package.TcpTransport.connect("127.0.0.1", int(where), 5000)
    else:
        kind = package.RtuTransport if request.param == "modbus-rtu" else package.AsciiTransport
        transport = kind.open(where, BAUD_RATE, 5000, 8, "none", 1, 0)
    with closing(transport):
        yield transport.create_client(1)


def test_modbus_rs_reads_and_writes_cells(modbus_rs: Any) -> None:
    states = installed("modbus_rs").CoilState
    modbus_rs.write_registers(10, WRITTEN)
    modbus_rs.write_coils(7, [states.On if is_on else states.Off for is_on in COILS])
    modbus_rs.mask_write_register(300, 0xFF00, 0x0012)

    assert modbus_rs.read_input_registers(0, 125) == INPUT_REGISTERS
    assert modbus_rs.read_holding_registers(10, 123) == WRITTEN
    assert [state == states.On for state in modbus_rs.read_coils(7, 27)] == COILS
    assert [state == states.On for state in modbus_rs.read_discrete_inputs(0, 9)] == [True, False] * 4 + [True]
    assert modbus_rs.read_write_registers(299, 4, 301, [4, 5]) == [0, 0x12, 4, 5]
    with pytest.raises(installed("modbus_rs").ModbusDeviceException, match="0x02"):
        modbus_rs.read_holding_registers(60_000, 1)


def test_modbus_rs_reads_status_files_queues_and_identity(device: ModbusDevice, modbus_rs: Any) -> None:
    modbus_rs.write_file_record([(1, 4, [0xAAAA, 0xBBBB])])
    records = modbus_rs.read_file_record([(1, 3, 3)])

    assert records[0]["record_data"] == [3, 0xAAAA, 0xBBBB]
    assert modbus_rs.read_fifo_queue(0x04DE) == [1, 2, 3]
    assert modbus_rs.report_server_id() == b"\x2a\xff"
    assert modbus_rs.read_exception_status() == 0
    assert modbus_rs.diagnostics(0, [0xA55A]) == (0, [0xA55A])
    status, event_count = modbus_rs.get_event_counter()
    assert (status, event_count) == (0, device.diagnostics.event_count)
    assert modbus_rs.get_comm_event_log()[1] == event_count
    if modbus_rs.__class__.__name__ != "SerialModbusClient":  # it takes what a read of the port returns for all of it
        assert modbus_rs.get_device_identification(0, "extended") == dict(device.identity.objects)


# --- SunSpec ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def sunspec() -> Iterator[tuple[RunningDevices, Any]]:
    """Yield the shipped inverter and the SunSpec tools' client that has scanned it."""
    tools = installed("sunspec2.modbus.client")
    inverter_map = load_register_map(resolve_register_map("sunspec_inverter"))
    with running_devices([inverter_map], pacing=Pacing.STEPPED) as device:
        device.served.step(100)
        port = urlsplit(device.url).port
        client = tools.SunSpecModbusClientDeviceTCP(slave_id=1, ipaddr="127.0.0.1", ipport=port, timeout=5.0)
        client.scan()
        yield device, client
        client.close()


def test_sunspec_tools_find_every_model_of_the_inverter(sunspec: tuple[RunningDevices, Any]) -> None:
    _, client = sunspec

    lengths = {number: client.models[number][0].L.value for number in client.models if isinstance(number, int)}
    (inverter,) = client.models[103]

    assert lengths == {1: 66, 103: 50, 120: 26, 121: 30, 122: 44, 123: 24}
    assert [client.models[number][0].model_len for number in lengths] == list(lengths.values())
    assert client.models[1][0].Mn.value == "plc-hil"
    assert inverter.PhVphA.cvalue == pytest.approx(230.0, abs=2.0)
    assert inverter.Hz.cvalue == 50.0
    assert inverter.W.cvalue == pytest.approx(client.models[122][0].WAval.cvalue, rel=0.01)
    assert inverter.TmpOt.value is None  # not implemented
    assert client.models[120][0].ARtg.cvalue == pytest.approx(15.2)


def test_sunspec_tools_limit_the_inverter(sunspec: tuple[RunningDevices, Any]) -> None:
    device, client = sunspec
    controls, inverter = client.models[123][0], client.models[103][0]

    controls.WMaxLimPct.cvalue = 25.0
    controls.WMaxLim_Ena.value = 1
    controls.write()
    device.served.step(20)
    controls.read()
    inverter.read()

    assert (controls.WMaxLimPct.cvalue, controls.WMaxLim_Ena.value) == (25.0, 1)
    assert (inverter.W.cvalue, inverter.St.value) == (2500, 5)
