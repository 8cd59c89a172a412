"""Read FIFO Queue (0x18), clause 6.18: the queue is read, not emptied."""

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING

from emulators.modbus.codes import MAX_FIFO_COUNT, ExceptionCode, ModbusRefusal
from emulators.modbus.functions.refusals import require_length, require_value

if TYPE_CHECKING:
    from emulators.modbus.device import ModbusDevice

__all__ = ["read_fifo_queue"]

_REQUEST = Struct(">BH")


def read_fifo_queue(device: ModbusDevice, request: bytes) -> bytes:
    """Answer Read FIFO Queue; a queue of more than 31 registers: ILLEGAL DATA VALUE."""
    require_length(request, _REQUEST.size)
    function_code, address = _REQUEST.unpack(request)
    queue = device.fifo_queues.get(address)
    if queue is None:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"no queue at {address}")
    count = len(queue)
    require_value(count <= MAX_FIFO_COUNT)
    return Struct(f">BHH{count}H").pack(function_code, 2 + 2 * count, count, *(register & 0xFFFF for register in queue))
