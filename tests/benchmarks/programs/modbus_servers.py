"""A Modbus TCP server in a process of its own: prints its port, serves 1000 cells a table until it is killed.

Argument: ``asyncio`` or ``uvloop`` for ours, or ``pymodbus``.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys

CELLS = 1000


async def serve_ours() -> None:
    """Serve one device of this project."""
    from emulators.modbus.device import ModbusDevice
    from emulators.modbus.mbap import UnitDirectory
    from emulators.modbus.memory import UnitMemory
    from emulators.modbus.tcp import ModbusTcpServer, TcpLimits

    directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(CELLS))})
    server = ModbusTcpServer(directory, limits=TcpLimits(max_connections=4000))
    await server.start()
    gc.freeze()
    print(server.address[1], flush=True)
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
    match sys.argv[1]:
        case "asyncio":
            asyncio.run(serve_ours())
        case "uvloop":
            import uvloop

            uvloop.run(serve_ours())
        case "pymodbus":
            asyncio.run(serve_pymodbus())


if __name__ == "__main__":
    main()
