"""Read/Write Multiple Registers (0x17), clause 6.17: everything is checked, then the write, then the read."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_READ_REGISTERS, MAX_READ_WRITE_REGISTERS
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["read_write_multiple_registers"]

_HEAD = Struct(">BHHHHB")


def read_write_multiple_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read/Write Multiple Registers; a refused read or write leaves every register as it was."""
    require_value(len(request) >= _HEAD.size)
    function_code, read_address, read_count, write_address, write_count, byte_count = _HEAD.unpack_from(request)
    require_value(1 <= read_count <= MAX_READ_REGISTERS)
    require_value(1 <= write_count <= MAX_READ_WRITE_REGISTERS and byte_count == 2 * write_count)
    require_length(request, _HEAD.size + byte_count)
    table = device.memory.holding_registers
    table.check_read(read_address, read_count)
    table.write(write_address, request[_HEAD.size :])
    return bytes((function_code, 2 * read_count)) + table.read(read_address, read_count)
