"""Write Multiple Coils (0x0F) and Write Multiple Registers (0x10), clauses 6.11 and 6.12: all cells or none."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_WRITE_BITS, MAX_WRITE_REGISTERS
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["write_multiple_coils", "write_multiple_registers"]

_HEAD = Struct(">BHHB")


def write_multiple_coils(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Write Multiple Coils."""
    require_value(len(request) >= _HEAD.size)
    _, address, count, byte_count = _HEAD.unpack_from(request)
    require_value(1 <= count <= MAX_WRITE_BITS and byte_count == (count + 7) // 8)
    require_length(request, _HEAD.size + byte_count)
    device.memory.coils.write(address, count, request[_HEAD.size :])
    return request[:5]


def write_multiple_registers(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Write Multiple Registers."""
    size = len(request) - _HEAD.size
    require_value(size >= 0)
    _, address, count, byte_count = _HEAD.unpack_from(request)
    require_value(1 <= count <= MAX_WRITE_REGISTERS and byte_count == 2 * count == size)
    device.memory.holding_registers.write(address, request[_HEAD.size :])
    return request[:5]
