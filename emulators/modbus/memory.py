"""Wire-order memory of one Modbus unit: four tables that a request reads and writes without conversion.

Registers lie big-endian, two bytes each; coils and discrete inputs are packed, lowest address in the lowest bit.
A read is one slice. ``present`` and ``writable`` hold one byte per address (0 or 1) and may be shared by units
with the same map. All addresses are 0-based PDU addresses.

Whoever publishes from another thread replaces ``cells`` by a new buffer in one assignment: a reader sees the
old buffer or the new one, never a mixture. He may leave it to the next reader to make that buffer: he sets ``made`` to
None, and ``refill`` is asked for ``cells`` when somebody looks at them. Most cells of most devices are never looked at.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from emulators.errors import InternalError
from emulators.modbus.codes import ExceptionCode, ModbusRefusal

__all__ = ["BitCells", "RegisterCells", "StoreWrite", "UnitMemory"]

StoreWrite = Callable[[int, int, bytes], None]
"""``store(address, count, payload)`` takes a checked write whole, or raises ModbusRefusal and changes nothing."""


class _MarkedCells:
    """Which addresses of a table exist and which of them a client may write."""

    __slots__ = ("made", "present", "refill", "store", "writable")

    def __init__(self, present: bytes, writable: bytes, cells: bytearray) -> None:
        if len(present) > 0x10000:
            raise ValueError(f"a Modbus table has at most 65536 addresses, got {len(present)}")
        if len(writable) != len(present):
            raise ValueError(f"'writable' marks {len(writable)} addresses but 'present' {len(present)}")
        self.present = present
        self.writable = writable
        self.made: bytearray | None = cells
        self.refill: Callable[[], bytearray] = _nothing_to_make
        self.store: StoreWrite | None = None

    @property
    def cells(self) -> bytearray:
        """What the addresses hold; a buffer that is replaced, see above."""
        made = self.made
        return self.refill() if made is None else made

    @cells.setter
    def cells(self, cells: bytearray) -> None:
        self.made = cells

    def check_read(self, address: int, count: int) -> None:
        """Refuse with ILLEGAL DATA ADDRESS unless every address exists."""
        _check_range(self.present, address, count)

    def check_write(self, address: int, count: int) -> None:
        """Refuse with ILLEGAL DATA ADDRESS unless every address exists and may be written."""
        _check_range(self.writable, address, count)


class RegisterCells(_MarkedCells):
    """Holding or input registers; the payload of a write is big-endian, two bytes a register.

    ``boundaries``, where a device has it, holds one byte per address and one behind the last: 1 where a read may start
    or end, so that nobody reads a part of a value.
    """

    __slots__ = ("boundaries",)

    def __init__(self, present: bytes = b"", writable: bytes = b"") -> None:
        super().__init__(present, writable, bytearray(2 * len(present)))
        self.boundaries: bytes | None = None

    def check_read(self, address: int, count: int) -> None:
        """Refuse with ILLEGAL DATA ADDRESS unless every address exists and no value is read in part."""
        _check_range(self.present, address, count)
        marks = self.boundaries
        if marks is not None and not (marks[address] and marks[address + count]):
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, "part of a value")

    @classmethod
    def of_size(cls, count: int) -> RegisterCells:
        """Return a table whose addresses 0 to ``count`` - 1 all exist and may be written."""
        return cls(_all_marked(count), _all_marked(count))

    def read(self, address: int, count: int) -> bytes:
        """Return ``count`` registers in wire order."""
        end = address + count
        if self.boundaries is not None:
            self.check_read(address, count)
        elif end > len(self.present) or self.present.find(0, address, end) >= 0:  # written out: read most of all
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS)
        return bytes(self.cells[2 * address : 2 * end])

    def write(self, address: int, payload: bytes) -> None:
        """Write registers, all or none."""
        count = len(payload) // 2
        _check_range(self.writable, address, count)
        (self.store or self.store_in_place)(address, count, payload)

    def store_in_place(self, address: int, count: int, payload: bytes) -> None:
        """Write checked registers into the cells."""
        self.cells[2 * address : 2 * (address + count)] = payload


class BitCells(_MarkedCells):
    """Coils or discrete inputs; the payload of a write is packed, first bit lowest, surplus bits ignored."""

    __slots__ = ()

    def __init__(self, present: bytes = b"", writable: bytes = b"") -> None:
        super().__init__(present, writable, bytearray((len(present) + 7) // 8))

    @classmethod
    def of_size(cls, count: int) -> BitCells:
        """Return a table whose addresses 0 to ``count`` - 1 all exist and may be written."""
        return cls(_all_marked(count), _all_marked(count))

    def read(self, address: int, count: int) -> bytes:
        """Return ``count`` bits packed, the first in the lowest bit, the last byte filled with zeros."""
        _check_range(self.present, address, count)
        bits = int.from_bytes(self.cells[address >> 3 : (address + count + 7) >> 3], "little")
        return ((bits >> (address & 7)) & ((1 << count) - 1)).to_bytes((count + 7) >> 3, "little")

    def write(self, address: int, count: int, payload: bytes) -> None:
        """Write ``count`` bits, all or none."""
        _check_range(self.writable, address, count)
        (self.store or self.store_in_place)(address, count, payload)

    def store_in_place(self, address: int, count: int, payload: bytes) -> None:
        """Write checked bits into the cells."""
        first, end, shift = address >> 3, (address + count + 7) >> 3, address & 7
        mask = ((1 << count) - 1) << shift
        fresh = (int.from_bytes(payload, "little") << shift) & mask
        bits = int.from_bytes(self.cells[first:end], "little") & ~mask | fresh
        self.cells[first:end] = bits.to_bytes(end - first, "little")


@dataclass(slots=True)
class UnitMemory:
    """The four tables of one unit. They do not overlap; inputs are never written by a client."""

    coils: BitCells
    discrete_inputs: BitCells
    input_registers: RegisterCells
    holding_registers: RegisterCells

    @classmethod
    def of_size(cls, count: int) -> UnitMemory:
        """Return a memory with ``count`` cells in each table, all present."""
        return cls(
            BitCells.of_size(count), BitCells.of_size(count), RegisterCells.of_size(count), RegisterCells.of_size(count)
        )

    def clear(self) -> None:
        """Set every cell to zero."""
        for table in (self.coils, self.discrete_inputs, self.input_registers, self.holding_registers):
            table.cells = bytearray(len(table.cells))


@lru_cache(maxsize=16)
def _all_marked(count: int) -> bytes:
    return b"\x01" * count


def _nothing_to_make() -> bytearray:
    raise InternalError("cells were dropped by somebody who cannot make them anew")


def _check_range(marks: bytes, address: int, count: int) -> None:
    end = address + count
    if end > len(marks) or marks.find(0, address, end) >= 0:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS)
