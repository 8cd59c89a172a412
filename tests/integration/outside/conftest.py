"""One Modbus device whose cells are known, served over whatever transport a client speaks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from emulators.modbus.device import ModbusDevice
from emulators.modbus.device_files import FileRecords
from emulators.modbus.device_identity import DeviceIdentity
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.serial_server import ModbusSerialServer
from emulators.modbus.serial_settings import Parity, SerialSettings
from emulators.modbus.tls import TlsSettings
from emulators.modbus.transports import LineSettings, ServedUnits, Transport, make_gateway, make_server
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
LINE = LineSettings(SerialSettings(115_200, Parity.NONE, 1))


@pytest.fixture
def device() -> ModbusDevice:
    """Return a device of 1000 cells a table.

    Input registers hold 0x0200 + address, discrete inputs are alternately on and off, the rest is 0. The ten records
    of file 1 count from 0, queue 0x04DE holds 1, 2, 3.
    """
    memory = UnitMemory.of_size(1000)
    memory.input_registers.cells[:] = b"".join((0x0200 + address).to_bytes(2, "big") for address in range(1000))
    memory.discrete_inputs.cells[:] = b"\x55" * 125
    return ModbusDevice(
        memory,
        identity=DeviceIdentity(
            vendor_name="outside", model_name="M-1", server_id=b"\x2a", further_objects={0x80: b"X"}
        ),
        files=FileRecords({1: b"".join(number.to_bytes(2, "big") for number in range(10))}),
        fifo_queues={0x04DE: [1, 2, 3]},
    )


@pytest.fixture
def serve(device: ModbusDevice) -> Iterator[Callable[..., str]]:
    """Serve the device as unit 1 over a protocol; return its port, or the path of its pty (115200 baud, 8N1)."""
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start(protocol: str, *, tls: TlsSettings | None = None) -> str:
            transport = Transport(protocol, line=LINE, tls=tls)
            units = UnitDirectory({1: device}, direct=1 if transport.is_direct else None)
            served = ServedUnits(units, FaultPipeline("outside"))
            server = make_server(transport, served, make_gateway(transport, served))
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(), deadline_s=DEADLINE_S))
            return server.path if isinstance(server, ModbusSerialServer) else str(server.address[1])

        yield start
