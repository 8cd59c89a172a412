"""A wire with faults and two units behind it, without a socket."""

from __future__ import annotations

import struct

from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory

__all__ = ["MS", "READ_TWO", "TWO", "WRITE_ONE", "answers", "connect", "directory", "pipeline", "request"]

READ_TWO = bytes.fromhex("03 0000 0002")
WRITE_ONE = bytes.fromhex("06 0005 1234")
TWO = bytes.fromhex("0001 0000 0007 01 03 04 0064 0065")
MS = 1_000_000


def directory() -> UnitDirectory:
    """Units 1 and 2 whose holding registers count from 100."""
    units = {}
    for unit_id in (1, 2):
        memory = UnitMemory.of_size(50)
        memory.holding_registers.cells[:] = struct.pack(">50H", *range(100, 150))
        memory.coils.cells[:2] = b"\x00\x00"
        units[unit_id] = ModbusDevice(memory)
    return UnitDirectory(units)


def pipeline(
    name: str = "", value: bool | int | float | str = True, *, seed: int = 7, wire: str = "wire"
) -> FaultPipeline:
    faults = FaultPipeline(wire, seed=seed)
    if name:
        faults.switch(name, value)
    return faults


def connect(faults: FaultPipeline, *, peer: str = "", units: UnitDirectory | None = None) -> MbapConnection:
    return MbapConnection(units or directory(), faults.connect(MBAP_WIRE, 0, peer))


def request(pdu: bytes = READ_TWO, *, transaction: int = 1, unit: int = 1) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit) + pdu


def answers(connection: MbapConnection, count: int, pdu: bytes = READ_TWO) -> list[bytes]:
    return [connection.feed(request(pdu, transaction=number), number) for number in range(1, count + 1)]
