"""Register image: the tags of a cell as the memory of a Modbus unit, published by the scan, written by clients.

``publish`` and ``take_writes`` belong to the scan's thread, everything else to the event loop's. Publishing takes the
snapshot in one assignment; each table is encoded from it into a new buffer when it is next asked for, so a request
reads one snapshot, no value is torn, and a device that nobody polls costs next to nothing.

A client reads back what it wrote: an accepted write shows at once and stays until a snapshot is published of a step
after the one in which it acted. Writes of one tag between two steps are one write, the last, as in the memory of a
PLC between two scans.

Refusals, in the order of the checks: an address that does not exist, is read-only, write-only, was written once, or
half of a typed value (as the map says): ILLEGAL DATA ADDRESS; a value that the tag does not accept (type, NaN, range,
no decimal digits, not named in its enumeration): ILLEGAL DATA VALUE. A request is taken whole or not at all. Writing a
register of bits changes its writable bits; its other bits stay as they are. What is written to a write-only value at
the place of a read-only one is never shown there.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from copy import copy, deepcopy
from dataclasses import dataclass
from functools import partial, reduce
from operator import or_
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emulators.description.register_map import HalfValues, RegisterAccess, RegisterMapDescription, RegisterTable
from emulators.modbus.binding import BoundEntry, bind_register_map
from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.encoder import BitEncoder, RegisterEncoder
from emulators.modbus.memory import BitCells, RegisterCells, UnitMemory
from emulators.signals.publication import ClientWrite, Publication, PublishedSnapshot, WriteRefusal
from emulators.signals.tags import TagValue

__all__ = ["RegisterImage"]

_Table = BitCells | RegisterCells


@dataclass(slots=True)
class _PendingWrite:
    """Accepted write of one tag; ``tick`` is the step in which it acts, None while it still waits."""

    bound: BoundEntry
    value: TagValue
    tick: int | None = None

    def show(self, record: NDArray[np.uint8]) -> None:
        dtype, offset = self.bound.tag.dtype, self.bound.record_offset
        field = self.bound.tag.field_value(self.value)
        record[offset : offset + dtype.itemsize] = np.array([field], dtype=dtype).view(np.uint8)


class RegisterImage:
    """Memory of one unit, bound to a publication by a register map."""

    def __init__(self, register_map: RegisterMapDescription, publication: Publication) -> None:
        """Bind the map.

        Raises:
            DescriptionError: the map does not fit the publication.
        """
        bound = bind_register_map(register_map, publication)
        places = {table: [each for each in bound if each.entry.table is table] for table in RegisterTable}
        coils, discrete = places[RegisterTable.COIL], places[RegisterTable.DISCRETE_INPUT]
        inputs, holding = places[RegisterTable.INPUT_REGISTER], places[RegisterTable.HOLDING_REGISTER]
        self.entries = bound
        zero = register_map.are_gaps_zero
        self.memory = UnitMemory(
            BitCells(*_marks(coils, are_gaps_zero=zero)),
            BitCells(*_marks(discrete, are_gaps_zero=zero)),
            RegisterCells(*_marks(inputs, are_gaps_zero=zero)),
            RegisterCells(*_marks(holding, are_gaps_zero=zero)),
        )
        if register_map.half_values is HalfValues.REFUSED:
            self.memory.input_registers.boundaries = _boundaries(inputs, len(self.memory.input_registers.present))
            self.memory.holding_registers.boundaries = _boundaries(holding, len(self.memory.holding_registers.present))
        self.memory.coils.store = self._store_coils
        self.memory.holding_registers.store = self._store_registers
        memory = self.memory
        self._behind = _behind(coils) | _behind(holding)
        shown_coils, shown_holding = (
            [each for each in places if each not in self._behind] for places in (coils, holding)
        )
        encoders: tuple[tuple[_Table, RegisterEncoder | BitEncoder], ...] = (
            (memory.coils, BitEncoder(shown_coils, len(memory.coils.present))),
            (memory.discrete_inputs, BitEncoder(discrete, len(memory.discrete_inputs.present))),
            (memory.input_registers, RegisterEncoder(inputs, len(memory.input_registers.present))),
            (memory.holding_registers, RegisterEncoder(_shown(shown_holding), len(memory.holding_registers.present))),
        )
        for table, encoder in encoders:
            table.refill = partial(self._encode, table, encoder)
        self._encoded = {table for table, _ in encoders}
        self._coil_at = {each.entry.address: each for each in coils if each.entry.is_writable}
        self._holding_at = _by_address(
            [each for each in holding if each.entry.is_writable or each.entry.bit is not None]
        )
        self._bits_in_use = _bits_in_use(self._holding_at)
        places_of = Counter(each.tag.name for each in bound)
        shown_twice = {tag for tag, count in places_of.items() if count > 1}
        self._shown_elsewhere = frozenset(shown_twice.union(each.tag.name for each in self._behind))
        self._has_half_writes = register_map.half_values is HalfValues.ALLOWED
        self._written_once: set[str] = set()
        self._lock = threading.RLock()  # cells may be made anew in the middle of a write
        self._pending: dict[str, _PendingWrite] = {}
        self._record: NDArray[np.uint8] = np.zeros(publication.dtype.itemsize, dtype=np.uint8)

    def __deepcopy__(self, memo: dict[int, Any]) -> RegisterImage:
        """Return an image in the same state with a memory of its own; what never changes is shared."""
        twin = copy(self)
        memo[id(self)] = twin
        twin._lock = threading.RLock()
        twin.memory = deepcopy(self.memory, memo)
        twin._encoded = deepcopy(self._encoded, memo)
        twin._written_once = set(self._written_once)
        twin._pending = {tag: copy(pending) for tag, pending in self._pending.items()}
        return twin

    def publish(self, snapshot: PublishedSnapshot) -> None:
        """Show a snapshot to the clients."""
        with self._lock:
            self._record = snapshot.record
            for tag, pending in tuple(self._pending.items()):
                if pending.tick is not None and snapshot.tick != pending.tick:
                    del self._pending[tag]
            self._outdate()

    def restart(self) -> None:
        """Forget what clients have written; shown is what is published next."""
        with self._lock:
            self._pending.clear()
            self._written_once.clear()
            self._outdate()

    def take_writes(self, tick: int) -> tuple[ClientWrite, ...]:
        """Return the writes accepted since the last call, oldest first; they act in step ``tick``."""
        if not self._pending:
            return ()
        with self._lock:
            waiting = [pending for pending in self._pending.values() if pending.tick is None]
            for pending in waiting:
                pending.tick = tick
        return tuple(ClientWrite(pending.bound.tag.name, pending.value) for pending in waiting)

    def _outdate(self) -> None:
        """Have each table encoded anew when it is next asked for."""
        for table in self._encoded:
            table.made = None
        self._encoded.clear()

    def _encode(self, table: _Table, encoder: RegisterEncoder | BitEncoder) -> bytearray:
        """Make the cells of a table: what is published, with the accepted writes that it does not show yet."""
        with self._lock:
            record = self._record
            if self._pending:
                record = record.copy()
                for pending in self._pending.values():
                    pending.show(record)
            table.cells = cells = encoder.encode(record)
            self._encoded.add(table)
            return cells

    def _store_coils(self, address: int, count: int, payload: bytes) -> None:
        bits = int.from_bytes(payload, "little")
        with self._lock:
            accepted = [
                self._accepted(self._coil_at[address + index], bool(bits >> index & 1)) for index in range(count)
            ]
            self.memory.coils.store_in_place(address, count, payload)
            self._take(accepted)

    def _store_registers(self, address: int, count: int, payload: bytes) -> None:
        with self._lock:
            cells = self.memory.holding_registers.cells
            after = bytearray(payload)
            accepted = [
                self._accepted(bound, value)
                for bound in self._touched(address, address + count)
                for value in self._written_values(bound, address, after, cells)
            ]
            if self._bits_in_use:
                self._clear_spare_bits(address, after)
            self.memory.holding_registers.store_in_place(address, count, bytes(after))
            self._take(accepted)

    def _clear_spare_bits(self, address: int, after: bytearray) -> None:
        """Write 0 to the bits that no entry has, in registers of bits: that is what they show after the next step."""
        for first in range(0, len(after), 2):
            bits = self._bits_in_use.get(address + first // 2)
            if bits is not None:
                after[first] &= bits >> 8
                after[first + 1] &= bits & 0xFF

    def _touched(self, address: int, end: int) -> Iterator[BoundEntry]:
        """Yield each entry that has a register in the range once, by address."""
        for at in range(address, end):
            for bound in self._holding_at[at]:
                if bound.entry.address == at or at == address:
                    yield bound

    def _written_values(
        self, bound: BoundEntry, address: int, after: bytearray, cells: bytearray
    ) -> Iterator[TagValue]:
        """Yield the value that a write gives to an entry: none for a read-only bit, which ``after`` gets back.

        A write-only bit is 0 in ``after``: its register may be readable by other bits.
        """
        entry = bound.entry
        if entry.bit is not None:
            first = 2 * (entry.address - address)
            is_taken = entry.is_writable and entry.tag not in self._written_once
            if is_taken:
                yield _decoded(bound, bytes(after[first : first + 2]))
            if is_taken and entry.is_readable:
                return
            shown = 0 if is_taken else int.from_bytes(cells[2 * entry.address : 2 * entry.address + 2], "big")
            mask = bound.wire_mask
            fresh = int.from_bytes(after[first : first + 2], "big") & ~mask
            after[first : first + 2] = (fresh | shown & mask).to_bytes(2, "big")
            return
        first, last = 2 * (entry.address - address), 2 * (entry.end_address - address)
        if first >= 0 and last <= len(after):
            yield _decoded(bound, bytes(after[first:last]))
            return
        if not self._has_half_writes or bound in self._behind:
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"half of {entry.tag}")
        wire = bytearray(cells[2 * entry.address : 2 * entry.end_address])
        wire[max(0, -first) : min(len(wire), len(after) - first)] = after[max(0, first) : min(len(after), last)]
        yield _decoded(bound, bytes(wire))

    def _accepted(self, bound: BoundEntry, value: TagValue) -> _PendingWrite:
        if bound.entry.tag in self._written_once:
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_ADDRESS, f"{bound.entry.tag} has been written already")
        try:
            return _PendingWrite(bound, bound.tag.accept(value))
        except WriteRefusal as refusal:
            raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE, str(refusal)) from None

    def _take(self, accepted: Sequence[_PendingWrite]) -> None:
        for pending in accepted:
            self._pending.pop(pending.bound.tag.name, None)  # a later write moves to the end
            self._pending[pending.bound.tag.name] = pending
            if pending.bound.entry.access is RegisterAccess.WRITE_ONCE:
                self._written_once.add(pending.bound.entry.tag)
        if any(pending.bound.tag.name in self._shown_elsewhere for pending in accepted):
            self._outdate()


def _decoded(bound: BoundEntry, wire: bytes) -> TagValue:
    try:
        value = bound.decode(wire)
    except ValueError as error:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE, str(error)) from None
    names = bound.entry.names
    if names and value not in [number for number, _ in names]:
        raise ModbusRefusal(ExceptionCode.ILLEGAL_DATA_VALUE, f"{bound.entry.tag} has no name for {value}")
    return value


def _marks(places: Sequence[BoundEntry], *, are_gaps_zero: bool) -> tuple[bytes, bytes]:
    """Return which addresses of a table a client may read and to which of them it may write something."""
    count = max((each.entry.end_address for each in places), default=0)
    readable, writable = bytearray(count), bytearray(count)
    if are_gaps_zero:
        first = min((each.entry.address for each in places), default=0)
        readable[first:] = b"\x01" * (count - first)
    for each in places:
        entry = each.entry
        if entry.is_writable:
            writable[entry.address : entry.end_address] = b"\x01" * entry.quantity
        if not entry.is_readable:
            readable[entry.address : entry.end_address] = b"\x00" * entry.quantity
    for each in places:  # a register is readable when one of its bits is
        if each.entry.is_readable:
            readable[each.entry.address : each.entry.end_address] = b"\x01" * each.entry.quantity
    return bytes(readable), bytes(writable)


def _behind(places: Sequence[BoundEntry]) -> frozenset[BoundEntry]:
    """Return the write-only entries at whose place clients read another one."""
    readable = {each.entry.address: each.entry for each in places if each.entry.is_readable}
    return frozenset(
        each for each in places if (other := readable.get(each.entry.address)) and each.entry.is_behind(other)
    )


def _shown(places: Sequence[BoundEntry]) -> list[BoundEntry]:
    """Return the entries without write-only bits: other bits may make their register readable."""
    return [each for each in places if each.entry.is_readable or each.entry.bit is None]


def _boundaries(places: Sequence[BoundEntry], count: int) -> bytes:
    """Return a byte per address, 1 where a request may start or end without taking a part of a value."""
    marks = bytearray(b"\x01" * (count + 1))
    for each in places:
        marks[each.entry.address + 1 : each.entry.end_address] = b"\x00" * (each.entry.quantity - 1)
    return bytes(marks)


def _by_address(places: Sequence[BoundEntry]) -> dict[int, tuple[BoundEntry, ...]]:
    found: dict[int, tuple[BoundEntry, ...]] = {}
    for each in places:
        for address in range(each.entry.address, each.entry.end_address):
            found[address] = (*found.get(address, ()), each)
    return found


def _bits_in_use(places: Mapping[int, Sequence[BoundEntry]]) -> dict[int, int]:
    """Return the wire bits that entries have in each register that consists of bits and bit fields."""
    return {
        address: reduce(or_, (each.wire_mask for each in entries))
        for address, entries in places.items()
        if all(each.entry.bit is not None for each in entries)
    }
