"""The device of ``tests/support/modbus_rows.py`` behind a TCP port, once a server: ours, pymodbus, libmodbus.

Every server runs in a process of its own for one conversation, so that none inherits the state of another row.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import multiprocessing
import shutil
import subprocess
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from modbus_rows import IDENTITY
from modbus_stream_rows import conformance_directory
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer as PymodbusServer
from pymodbus.simulator import DataType, SimData, SimDevice

from emulators.modbus.tcp import ModbusTcpServer

__all__ = ["Server", "available_servers"]

Server = Callable[[bool], contextlib.AbstractContextManager[int]]
"""``server(is_protected)`` yields the port."""

_fork = multiprocessing.get_context("fork")


def available_servers() -> dict[str, Server]:
    """Return the servers by name; libmodbus only where its library and gcc are installed."""
    servers: dict[str, Server] = {"plc-hil": partial(_forked, _ours), "pymodbus": partial(_forked, _pymodbus)}
    program = _compiled_libmodbus()
    if program is not None:
        servers["libmodbus"] = partial(_libmodbus, program)
    return servers


@contextlib.contextmanager
def _forked(serve: Callable[[bool], Awaitable[int]], is_protected: bool) -> Iterator[int]:
    receiver, sender = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_serve_forever, args=(serve, is_protected, sender))
    process.start()
    try:
        if not receiver.poll(10.0):
            raise RuntimeError("server did not start within 10 s")
        yield receiver.recv()
    finally:
        process.kill()
        process.join()


def _serve_forever(serve: Callable[[bool], Awaitable[int]], is_protected: bool, sender: Connection) -> None:
    logging.disable()

    async def run() -> None:
        sender.send(await serve(is_protected))
        await asyncio.Event().wait()

    asyncio.run(run())


async def _ours(is_protected: bool) -> int:
    server = ModbusTcpServer(conformance_directory(is_protected=is_protected))
    await server.start()
    return server.address[1]


async def _pymodbus(is_protected: bool) -> int:
    server = PymodbusServer(_simulated(is_protected), identity=_identification(), address=("127.0.0.1", 0))
    await server.listen()
    return int(server.transport.sockets[0].getsockname()[1])


def _simulated(is_protected: bool) -> list[SimDevice]:
    gaps = (50, 60, 64) if is_protected else (200, 200, 200)
    holding = [
        _registers(0x0100, 0, gaps[0]),
        _registers(0x0100, gaps[0] + 1, gaps[1]),
        _registers(0x0100, gaps[1], gaps[2], readonly=True),
        _registers(0x0100, gaps[2], 200),
    ]
    coil_parts = [(0, 40, False), (41, 48, False), (48, 49, True), (49, 3000, False)]
    coils = [_bits(3, *part) for part in (coil_parts if is_protected else [(0, 3000, False)])]
    blocks = (coils, [_bits(5, 0, 3000, True)], [part for part in holding if part], [_registers(0x0200, 0, 200)])
    single = (
        [SimData(0, values=[False], datatype=DataType.BITS)],
        [SimData(0, values=[False], datatype=DataType.BITS)],
        [SimData(0, values=[0], datatype=DataType.REGISTERS)],
        [SimData(0, values=[0], datatype=DataType.REGISTERS)],
    )
    return [SimDevice(id=1, simdata=blocks), SimDevice(id=9, simdata=single)]


def _registers(first: int, start: int, end: int, *, readonly: bool = False) -> SimData | None:
    values = [first + address for address in range(start, end)]
    return SimData(start, values=values, datatype=DataType.REGISTERS, readonly=readonly) if values else None


def _bits(every: int, start: int, end: int, readonly: bool) -> SimData:
    values = [address % every == 0 for address in range(start, end)]
    return SimData(start, values=values, datatype=DataType.BITS, readonly=readonly)


def _identification() -> ModbusDeviceIdentification:
    return ModbusDeviceIdentification(
        info={number: content.decode("latin-1") for number, content in IDENTITY.objects.items()}
    )


def _compiled_libmodbus() -> Path | None:
    source = Path(__file__).with_name("modbus_conformance.c")
    program = Path(tempfile.mkdtemp(prefix="hil-benchmark-")) / "libmodbus-server"
    command = ["gcc", "-O2", "-I/usr/include/modbus", "-o", str(program), str(source), "-lmodbus"]
    if shutil.which("gcc") is None or subprocess.run(command, capture_output=True, check=False).returncode:
        return None
    return program


@contextlib.contextmanager
def _libmodbus(program: Path, is_protected: bool) -> Iterator[int]:
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield int(process.stdout.readline())
        finally:
            process.kill()
