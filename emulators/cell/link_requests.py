"""The requests of a link's scan, over the values under way in the state block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emulators.cell.directory import Directory
from emulators.cell.link_wiring import LinkedRegister, LinkWiring
from emulators.cell.slots import Slot, decode, store
from emulators.description.register_map import RegisterEntry, RegisterTable
from emulators.modbus.client.requests import read_request, write_request
from emulators.modbus.codec import EntryCodec
from emulators.modbus.codes import MAX_WRITE_BITS, MAX_WRITE_REGISTERS
from emulators.modbus.scan_groups import plan_scan_groups
from emulators.native.ir import Scalar

__all__ = ["Block", "LinkRequest", "scan_requests"]

Block = NDArray[np.uint8]
_MAX_I64 = 2**63 - 1


@dataclass(frozen=True, slots=True)
class _Place:
    """Register of a request with the slot of its value under way."""

    codec: EntryCodec
    slot: Slot

    @property
    def entry(self) -> RegisterEntry:
        return self.codec.entry


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """A request of the scan; satisfies ``ScanRequest`` over the state block."""

    table: RegisterTable
    address: int
    count: int
    places: tuple[_Place, ...]
    is_write: bool

    def pdu(self, values: Block) -> bytes:
        if not self.is_write:
            return read_request(self.table, self.address, self.count)
        payload = bytearray((self.count + 7) // 8 if self.table.has_bits else 2 * self.count)
        for place in self.places:
            at, value = place.entry.address - self.address, decode(place.slot, values)
            if self.table.has_bits:
                payload[at // 8] |= bool(value) << at % 8
                continue
            for index, byte in enumerate(place.codec.encode(value)):
                payload[2 * at + index] |= byte  # bits of one register come one by one
        return write_request(self.table, self.address, self.count, bytes(payload))

    def accept(self, payload: bytes, values: Block) -> None:
        if self.is_write:
            return
        read = [(place.slot, self._value(place, payload)) for place in self.places]
        for slot, value in read:
            store(slot, values, value)

    def _value(self, place: _Place, payload: bytes) -> bool | int | float:
        at = place.entry.address - self.address
        if self.table.has_bits:
            return bool(payload[at // 8] >> at % 8 & 1)
        value = place.codec.decode(payload[2 * at : 2 * (at + place.entry.quantity)])
        assert not isinstance(value, str), "texts are not wired"
        return min(value, _MAX_I64) if place.slot.scalar is Scalar.I64 else value


def scan_requests(wiring: LinkWiring, directory: Directory) -> tuple[LinkRequest, ...]:
    """Return the requests of one scan: reads in as few as the map allows, then writes."""
    return (*_reads(wiring, directory), *_writes(wiring, directory))


def _reads(wiring: LinkWiring, directory: Directory) -> Iterator[LinkRequest]:
    register_map = wiring.entry.register_map
    assert register_map is not None
    wanted = {id(each.entry): each for each in wiring.registers.values() if not each.is_written}
    for group in plan_scan_groups([each.entry for each in wanted.values()], register_map):
        places = tuple(_place(wanted[id(entry)], directory) for entry in group.entries)
        yield LinkRequest(group.table, group.address, group.count, places, is_write=False)


def _writes(wiring: LinkWiring, directory: Directory) -> Iterator[LinkRequest]:
    """Yield a request for each run of neighbours: what lies between registers is not the link's to write."""
    written = [each for each in wiring.registers.values() if each.is_written]
    run: list[LinkedRegister] = []
    for register in sorted(written, key=lambda each: (each.entry.table.value, each.entry.address, each.entry.bit or 0)):
        if run and not _is_next(run, register):
            yield _write(run, directory)
            run = []
        run.append(register)
    if run:
        yield _write(run, directory)


def _is_next(run: Sequence[LinkedRegister], register: LinkedRegister) -> bool:
    first, last, entry = run[0].entry, run[-1].entry, register.entry
    limit = MAX_WRITE_BITS if entry.table.has_bits else MAX_WRITE_REGISTERS
    is_near = entry.table is first.table and entry.address <= last.end_address
    return is_near and entry.end_address - first.address <= limit


def _write(run: Sequence[LinkedRegister], directory: Directory) -> LinkRequest:
    first = run[0].entry
    count = run[-1].entry.end_address - first.address
    places = tuple(_place(register, directory) for register in run)
    return LinkRequest(first.table, first.address, count, places, is_write=True)


def _place(register: LinkedRegister, directory: Directory) -> _Place:
    return _Place(EntryCodec(register.entry), directory.slots[register.slot])
