"""Mask Write Register (0x16), clause 6.16: ``(current AND and_mask) OR (or_mask AND NOT and_mask)``."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.functions.refusals import require_length

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["mask_write_register"]

_REQUEST = Struct(">BHHH")


def mask_write_register(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Mask Write Register; the answer echoes the request."""
    require_length(request, _REQUEST.size)
    _, address, and_mask, or_mask = _REQUEST.unpack(request)
    table = device.memory.holding_registers
    current = int.from_bytes(table.read(address, 1), "big")
    table.write(address, ((current & and_mask) | (or_mask & ~and_mask & 0xFFFF)).to_bytes(2, "big"))
    return request
