"""Read Coils (0x01) and Read Discrete Inputs (0x02), clauses 6.1 and 6.2."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_READ_BITS, ExceptionCode, ModbusRefusal
from emulators.modbus.memory import BitCells

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["read_coils", "read_discrete_inputs"]

_REQUEST = Struct(">BHH")


def read_coils(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Coils."""
    return _read(device.memory.coils, request)


def read_discrete_inputs(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Discrete Inputs."""
    return _read(device.memory.discrete_inputs, request)


def _read(table: BitCells, request: bytes) -> bytes:
    if len(request) == _REQUEST.size:
        function_code, address, count = _REQUEST.unpack(request)
        if 1 <= count <= MAX_READ_BITS:
            payload = table.read(address, count)
            return bytes((function_code, len(payload))) + payload
    raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)
