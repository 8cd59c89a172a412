"""The device of ``tests/support/modbus_rows.py`` behind a TCP port, once a server: ours and those of others.

Every server runs in a process of its own for one conversation, so that none inherits the state of another row.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import importlib.metadata
import logging
import multiprocessing
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from libmodbus_sources import find_libmodbus
from modbus_rows import IDENTITY
from modbus_stream_rows import SLOW_NS, conformance_directory
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.server import ModbusTcpServer as PymodbusServer
from pymodbus.simulator import DataType, SimData, SimDevice

from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.tcp import ModbusTcpServer, StreamKind

__all__ = ["Peer", "Setup", "available_peers"]

N_BITS, N_REGISTERS = 3000, 200


class Setup(enum.Enum):
    """How the device is set up; the value says what a server that lacks it cannot be given."""

    PLAIN = "cells"
    PROTECTED = "gaps and read-only cells"
    FILES = "files and queues"
    IDENTITY = "identification objects"
    UNITS = "a second unit"
    SLOW_UNIT = "a unit that takes its time"


Server = Callable[[Setup], contextlib.AbstractContextManager[int]]
"""``server(setup)`` yields the port."""


@dataclass(frozen=True, slots=True)
class Peer:
    """A server, its version, and what it cannot be given."""

    name: str
    version: str
    serve: Server
    lacks: frozenset[Setup] = frozenset()


_fork = multiprocessing.get_context("fork")
_LACKED_BY_PYMODBUS = frozenset({Setup.FILES, Setup.SLOW_UNIT})
_LACKED_BY_MODBUS_TK = frozenset({Setup.PROTECTED, Setup.FILES, Setup.IDENTITY, Setup.SLOW_UNIT})
_LACKED_BY_PY_MODBUS_TCP = frozenset({Setup.PROTECTED, Setup.FILES, Setup.UNITS, Setup.SLOW_UNIT})
_LACKED_BY_LIBMODBUS = frozenset({Setup.PROTECTED, Setup.FILES, Setup.IDENTITY, Setup.UNITS, Setup.SLOW_UNIT})


def available_peers() -> list[Peer]:
    """Return ours and the others that are installed; libmodbus needs gcc and its sources or its library."""
    peers = [
        Peer("plc-hil", _version("plc-hil"), partial(_forked, _ours)),
        Peer("pymodbus", _version("pymodbus"), partial(_forked, _pymodbus), _LACKED_BY_PYMODBUS),
    ]
    program = _compiled_libmodbus()
    if program is not None:
        with _libmodbus_process(program) as (_, version):
            peers.append(Peer("libmodbus", version, partial(_libmodbus, program), _LACKED_BY_LIBMODBUS))
    for name, serve, lacks in (
        ("pyModbusTCP", _py_modbus_tcp, _LACKED_BY_PY_MODBUS_TCP),
        ("modbus-tk", _modbus_tk, _LACKED_BY_MODBUS_TK),
    ):
        with contextlib.suppress(importlib.metadata.PackageNotFoundError):
            peers.append(Peer(name, _version(name), partial(_forked, serve), lacks))
    return peers


def _version(package: str) -> str:
    return importlib.metadata.version(package)


@contextlib.contextmanager
def _forked(serve: Callable[[Setup], Awaitable[int]], setup: Setup) -> Iterator[int]:
    receiver, sender = _fork.Pipe(duplex=False)
    process = _fork.Process(target=_serve_forever, args=(serve, setup, sender))
    process.start()
    try:
        if not receiver.poll(10.0):
            raise RuntimeError("server did not start within 10 s")
        yield receiver.recv()
    finally:
        process.kill()
        process.join()


def _serve_forever(serve: Callable[[Setup], Awaitable[int]], setup: Setup, sender: Connection) -> None:
    logging.disable()
    warnings.simplefilter("ignore")

    async def run() -> None:
        sender.send(await serve(setup))
        await asyncio.Event().wait()

    asyncio.run(run())


async def _ours(setup: Setup) -> int:
    directory = conformance_directory(is_protected=setup is Setup.PROTECTED)
    slow = Gateway(directory, ResponseTimes({9: UnitLatency(SLOW_NS)})) if setup is Setup.SLOW_UNIT else None
    server = ModbusTcpServer(directory, kind=StreamKind(MBAP_WIRE, partial(MbapConnection, gateway=slow)))
    await server.start()
    return server.address[1]


async def _pymodbus(setup: Setup) -> int:
    devices = _simulated(is_protected=setup is Setup.PROTECTED)
    server = PymodbusServer(devices, identity=_identification(), address=("127.0.0.1", 0))
    await server.listen()
    return int(server.transport.sockets[0].getsockname()[1])


def _simulated(*, is_protected: bool) -> list[SimDevice]:
    gaps = (50, 60, 64) if is_protected else (N_REGISTERS,) * 3
    holding = [
        _registers(0x0100, 0, gaps[0]),
        _registers(0x0100, gaps[0] + 1, gaps[1]),
        _registers(0x0100, gaps[1], gaps[2], readonly=True),
        _registers(0x0100, gaps[2], N_REGISTERS),
    ]
    coil_parts = [(0, 40, False), (41, 48, False), (48, 49, True), (49, N_BITS, False)]
    coils = [_bits(3, *part) for part in (coil_parts if is_protected else [(0, N_BITS, False)])]
    blocks = (
        coils,
        [_bits(5, 0, N_BITS, True)],
        [part for part in holding if part],
        [_registers(0x0200, 0, N_REGISTERS)],
    )
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


async def _py_modbus_tcp(_setup: Setup) -> int:
    from pyModbusTCP.server import DataBank, DeviceIdentification, ModbusServer

    bank = DataBank(N_BITS, False, N_BITS, False, N_REGISTERS, 0, N_REGISTERS, 0)
    bank.set_coils(0, [address % 3 == 0 for address in range(N_BITS)])
    bank.set_discrete_inputs(0, [address % 5 == 0 for address in range(N_BITS)])
    bank.set_holding_registers(0, [0x0100 + address for address in range(N_REGISTERS)])
    bank.set_input_registers(0, [0x0200 + address for address in range(N_REGISTERS)])
    identification = DeviceIdentification(objects_id=dict(IDENTITY.objects))
    server = ModbusServer("127.0.0.1", 0, no_block=True, data_bank=bank, device_id=identification)
    server.start()
    return int(server._service.server_address[1])


async def _modbus_tk(_setup: Setup) -> int:
    from modbus_tk.modbus_tcp import TcpServer

    server = TcpServer(0, "127.0.0.1")
    coils, inputs, holding, registers = 1, 2, 3, 4
    for unit_id, n_bits, n_registers in ((1, N_BITS, N_REGISTERS), (9, 1, 1)):
        unit = server.add_slave(unit_id)
        for kind, size in ((coils, n_bits), (inputs, n_bits), (holding, n_registers), (registers, n_registers)):
            unit.add_block(str(kind), kind, 0, size)
    unit = server.get_slave(1)
    unit.set_values(str(coils), 0, [int(address % 3 == 0) for address in range(N_BITS)])
    unit.set_values(str(inputs), 0, [int(address % 5 == 0) for address in range(N_BITS)])
    unit.set_values(str(holding), 0, [0x0100 + address for address in range(N_REGISTERS)])
    unit.set_values(str(registers), 0, [0x0200 + address for address in range(N_REGISTERS)])
    server.start()
    while not server._sockets:  # filled once it listens
        await asyncio.sleep(0.001)
    return int(server._sock.getsockname()[1])


def _compiled_libmodbus() -> Path | None:
    if shutil.which("gcc") is None:
        return None
    source = Path(__file__).with_name("modbus_conformance.c")
    folder = Path(tempfile.mkdtemp(prefix="hil-benchmark-"))
    sources = find_libmodbus()
    if sources is not None:
        return sources.compile(source.read_text(encoding="utf-8"), folder)
    program = folder / "libmodbus-server"
    command = ["gcc", "-O2", "-I/usr/include/modbus", "-o", str(program), str(source), "-lmodbus"]
    return None if subprocess.run(command, capture_output=True, check=False).returncode else program


@contextlib.contextmanager
def _libmodbus(program: Path, _setup: Setup) -> Iterator[int]:
    with _libmodbus_process(program) as (port, _):
        yield port


@contextlib.contextmanager
def _libmodbus_process(program: Path) -> Iterator[tuple[int, str]]:
    with subprocess.Popen([program], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            port, version = process.stdout.readline().split()
            yield int(port), version
        finally:
            process.kill()
