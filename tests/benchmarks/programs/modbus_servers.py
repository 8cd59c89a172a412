"""A Modbus TCP server in a process of its own: prints its port, serves 1000 cells a table until it is killed.

Argument: ``asyncio`` for ours on the loop that ``hil`` uses, ``asyncio.run`` or ``uvloop`` for ours on another,
``pymodbus``, or ``fleet`` for 1,000 devices of ours, a port each: prints their ports in one line.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import resource
import sys

CELLS = 1000
FLEET = 1000


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
        case "uvloop":
            import uvloop

            uvloop.run(serve_ours())
        case "pymodbus":
            asyncio.run(serve_pymodbus())


if __name__ == "__main__":
    main()
