"""A Modbus TCP server in a process of its own: prints its port, serves 1000 cells a table until it is killed.

Argument: ``asyncio`` for ours on the loop that ``hil`` uses, ``asyncio.run`` or ``uvloop`` for ours on another,
``pymodbus``, or ``fleet`` for 1,000 devices of ours, a port each: prints their ports in one line. ``meters`` are 200
energy meters with their twins, as ``hil device run energy_meter --count 200 --own-ports`` runs them.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import sys
import threading

CELLS = 1000
FLEET = 1000
METERS = 200


async def serve_ours() -> None:
    """Serve one device of this project."""
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.mbap import UnitDirectory
    from emulators.modbus.memory import UnitMemory
    from emulators.modbus.tcp import ModbusTcpServer

    server = ModbusTcpServer(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(CELLS))}))
    await server.start()
    gc.freeze()
    print(server.address[1], flush=True)
    await asyncio.Event().wait()


async def serve_fleet() -> None:
    """Serve many devices of this project, each at an address of its own."""
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.mbap import UnitDirectory
    from emulators.modbus.memory import UnitMemory
    from emulators.modbus.tcp import ModbusTcpServer

    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    servers = [ModbusTcpServer(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(CELLS))})) for _ in range(FLEET)]
    for server in servers:
        await server.start()
    gc.freeze()
    print(*(server.address[1] for server in servers), flush=True)
    await asyncio.Event().wait()


def serve_meters() -> None:
    """Serve shipped devices, each with a twin that moves its values."""
    from urllib.parse import urlsplit

    from hil.assembly.device_places import DevicePlace
    from hil.assembly.devices import running_devices
    from hil.assembly.register_maps import load_any_map
    from hil.cli.descriptors import allow_many_descriptors

    allow_many_descriptors()
    maps = [load_any_map("energy_meter").register_map] * METERS
    with running_devices(maps, place=DevicePlace(has_own_ports=True)) as running:
        print(*(urlsplit(each.url).port for each in running.endpoints), flush=True)
        threading.Event().wait()


async def serve_pymodbus() -> None:
    """Serve the same cells with pymodbus."""
    from pymodbus.server import ModbusTcpServer
    from pymodbus.simulator import DataType, SimData, SimDevice

    logging.disable(logging.CRITICAL)
    bits = [SimData(0, values=[False] * CELLS, datatype=DataType.BITS)]
    registers = [SimData(0, values=[0] * CELLS, datatype=DataType.REGISTERS)]
    server = ModbusTcpServer(SimDevice(1, simdata=(bits, bits, registers, registers)), address=("127.0.0.1", 0))
    await server.listen()
    gc.freeze()
    print(server.transport.sockets[0].getsockname()[1], flush=True)  # type: ignore[union-attr]  # asyncio.Server
    await asyncio.Event().wait()


def main() -> None:
    """Serve what the argument says."""
    from emulators.sockets.serving_loop import new_loop

    match sys.argv[1]:
        case "asyncio":
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(serve_ours())
        case "asyncio.run":
            asyncio.run(serve_ours())
        case "fleet":
            with asyncio.Runner(loop_factory=new_loop) as runner:
                runner.run(serve_fleet())
        case "meters":
            serve_meters()
        case "uvloop":
            import uvloop

            uvloop.run(serve_ours())
        case "pymodbus":
            asyncio.run(serve_pymodbus())


if __name__ == "__main__":
    main()
