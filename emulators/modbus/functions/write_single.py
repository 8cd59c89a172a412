"""Write Single Coil (0x05) and Write Single Register (0x06), clauses 6.5 and 6.6: the answer echoes the request."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["write_single_coil", "write_single_register"]

_REQUEST = Struct(">BHH")
_ON, _OFF = 0xFF00, 0x0000


def write_single_coil(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Write Single Coil; only FF00 and 0000 are values of a coil."""
    require_length(request, 5)
    _, address, pattern = _REQUEST.unpack(request)
    require_value(pattern in (_ON, _OFF))
    device.memory.coils.write(address, 1, b"\x01" if pattern == _ON else b"\x00")
    return request


def write_single_register(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Write Single Register."""
    require_length(request, 5)
    _, address, _ = _REQUEST.unpack(request)
    device.memory.holding_registers.write(address, request[3:5])
    return request
