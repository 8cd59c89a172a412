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


def read_holding_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Holding Registers."""
    return _read(device.memory.holding_registers, request)


def read_input_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read Input Registers."""
    return _read(device.memory.input_registers, request)


def _read(table: RegisterCells, request: bytes) -> bytes:
    if len(request) == _REQUEST.size:  # written out, as in read_bits: these requests are most of what devices get
        function_code, address, count = _REQUEST.unpack(request)
        if 1 <= count <= MAX_READ_REGISTERS:
            return bytes((function_code, 2 * count)) + table.read(address, count)
    raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE)
