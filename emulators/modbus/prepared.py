"""MBAP requests that come again and again: checked once, then answered with little more than a copy of the cells.

A client that polls sends the same few requests for hours. What is left out are checks whose outcome cannot change:
the marks of a table and the functions of a device are fixed once it is served. What can change is looked at each
time: the cells, whether the device is ready, and whether whoever takes the writes accepts this one.
"""

from __future__ import annotations

from struct import Struct

from emulators.modbus.codes import FunctionCode, ModbusRefusal
from emulators.modbus.device import ModbusDevice
from emulators.modbus.functions.read_registers import read_holding_registers, read_input_registers
from emulators.modbus.functions.write_multiple import write_multiple_registers
from emulators.modbus.memory import RegisterCells

__all__ = ["PREPARABLE_CODES", "PreparedRequests"]

PREPARABLE_CODES = frozenset(
    (
        FunctionCode.READ_HOLDING_REGISTERS,
        FunctionCode.READ_INPUT_REGISTERS,
        FunctionCode.WRITE_MULTIPLE_REGISTERS,
    )
)
"""Function codes of the requests that may be worth it."""

_WRITE_HEAD_SIZE = 13  # of a frame of Write Multiple Registers, before its registers
_READ_HEAD_SIZE = 9  # of an answer, before its registers
_PDU_AT = 7
_ADDRESS_AND_QUANTITY = Struct(">HH")
_MAX_PREPARED = 256  # different requests; more than the clients of a device send again and again


PreparedRead = tuple[ModbusDevice, RegisterCells, slice, bytes]
"""Device, table, bytes of it that are read, and what the answer has between transaction id and registers."""

PreparedWrite = tuple[ModbusDevice, RegisterCells, int, int, int, bytes]
"""Device, table, address, quantity, size of the frame, and what the answer has behind the transaction id."""


class PreparedRequests:
    """Reads by frame without its transaction id, writes by the same up to their registers."""

    __slots__ = ("_writes", "reads")

    def __init__(self) -> None:
        self.reads: dict[bytes, PreparedRead] = {}
        self._writes: dict[bytes, PreparedWrite] = {}

    def __len__(self) -> int:
        return len(self.reads) + len(self._writes)

    def write(self, frame: bytes) -> bytes | None:
        """Carry out a write that is known; None when the frame has to be looked at anew, nothing is changed then."""
        known = self._writes.get(frame[2:_WRITE_HEAD_SIZE])
        if known is None:
            return None
        device, table, address, quantity, size, tail = known
        if len(frame) != size or not device.is_ready:
            return None
        try:
            (table.store or table.store_in_place)(address, quantity, frame[_WRITE_HEAD_SIZE:])
        except ModbusRefusal:
            return None
        device.diagnostics.request_count += 1
        return frame[:2] + tail

    def learn(self, device: ModbusDevice, frame: bytes, answer: bytes) -> None:
        """Keep what a frame asks for that ``device`` has just answered, unless it was refused or is of another kind."""
        if answer[_PDU_AT] != frame[_PDU_AT]:
            return
        function, memory = device.function(frame[_PDU_AT]), device.memory
        table = memory.input_registers if function is read_input_registers else memory.holding_registers
        if type(table) is not RegisterCells:  # what a user's table does is for it to say
            return
        address, quantity = _ADDRESS_AND_QUANTITY.unpack_from(frame, _PDU_AT + 1)
        if function is write_multiple_registers:
            _make_room(self._writes)
            self._writes[frame[2:_WRITE_HEAD_SIZE]] = device, table, address, quantity, len(frame), answer[2:]
        elif function in (read_holding_registers, read_input_registers):
            _make_room(self.reads)
            read = slice(2 * address, 2 * (address + quantity))
            self.reads[frame[2:]] = device, table, read, answer[2:_READ_HEAD_SIZE]


def _make_room(prepared: dict[bytes, PreparedRead] | dict[bytes, PreparedWrite]) -> None:
    if len(prepared) >= _MAX_PREPARED:
        prepared.clear()
