"""Read Holding Registers (0x03) and Read Input Registers (0x04), clauses 6.3 and 6.4."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_READ_REGISTERS, ExceptionCode, ModbusRefusal
from emulators.modbus.memory import RegisterCells

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["read_holding_registers", "read_input_registers"]

_REQUEST = Struct(">BHH")
_UNPACK, _SIZE = _REQUEST.unpack, _REQUEST.size
_BYTE_COUNTS = tuple(bytes((2 * count,)) for count in range(MAX_READ_REGISTERS + 1))


def read_holding_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Holding Registers."""
    return _read(device.memory.holding_registers, request)


def read_input_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Input Registers."""
    return _read(device.memory.input_registers, request)


def _read(table: RegisterCells, request: bytes) -> bytes:
    if len(request) == _SIZE:  # written out, as in read_bits: these requests are most of what devices get
        _, address, count = _UNPACK(request)
        if 1 <= count <= MAX_READ_REGISTERS:
            byte_count: bytes = _BYTE_COUNTS[count]
            return request[:1] + byte_count + table.read(address, count)
    raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)
