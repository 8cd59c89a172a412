"""Which requests read a set of map entries: as few as the limits of the protocol and the gaps of the map allow.

Pure planning, no wire. A typed value is never split over two requests. Addresses that nobody asked for are read along
only where the map says that they can be read: other readable entries, and gaps of a map with ``gaps = "zero"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from emulators.description import RegisterEntry, RegisterMapDescription, RegisterTable
from emulators.description.device_requests import DeviceRequests
from emulators.modbus.codes import MAX_READ_BITS, MAX_READ_REGISTERS

__all__ = ["ScanGroup", "ScanLimits", "plan_scan_groups"]


@dataclass(frozen=True, slots=True)
class ScanLimits:
    """How much one request may ask for, and how many addresses nobody wants it may carry in a row.

    The defaults are the protocol's; a slow serial line does better with a small ``max_gap``.
    """

    max_registers: int = MAX_READ_REGISTERS
    max_bits: int = MAX_READ_BITS
    max_gap: int = MAX_READ_BITS

    def __post_init__(self) -> None:
        if not 1 <= self.max_registers <= MAX_READ_REGISTERS:
            raise ValueError(f"one request reads 1 to {MAX_READ_REGISTERS} registers, not {self.max_registers}")
        if not 1 <= self.max_bits <= MAX_READ_BITS:
            raise ValueError(f"one request reads 1 to {MAX_READ_BITS} bits, not {self.max_bits}")
        if self.max_gap < 0:
            raise ValueError(f"a gap cannot have {self.max_gap} addresses")

    @classmethod
    def of_device(cls, requests: DeviceRequests) -> ScanLimits:
        """Return the limits of a device."""
        return cls(requests.max_registers or MAX_READ_REGISTERS, requests.max_bits or MAX_READ_BITS)

    def max_count(self, table: RegisterTable) -> int:
        return self.max_bits if table.has_bits else self.max_registers


@dataclass(frozen=True, slots=True)
class ScanGroup:
    """One read request and the entries that its answer holds, by address."""

    table: RegisterTable
    address: int
    count: int
    entries: tuple[RegisterEntry, ...]


def plan_scan_groups(
    entries: Iterable[RegisterEntry], register_map: RegisterMapDescription, limits: ScanLimits | None = None
) -> tuple[ScanGroup, ...]:
    """Return the requests that read ``entries``, table by table in the order of addresses.

    Without ``limits`` they are those of the map's device.

    An entry wider than ``max_registers`` still gets a request of its own: half of it is worth nothing.

    Raises:
        ValueError: an entry cannot be read (write-only).
    """
    limits = limits or ScanLimits.of_device(register_map.requests)
    unique = {(entry.table, entry.address, entry.bit, entry.tag): entry for entry in entries}
    wanted = sorted(unique.values(), key=lambda entry: (entry.address, entry.bit or 0))
    for entry in wanted:
        if not entry.is_readable:
            raise ValueError(f"{entry.tag} is write-only")
    groups: list[ScanGroup] = []
    for table in RegisterTable:
        chosen = [entry for entry in wanted if entry.table is table]
        if chosen:
            groups.extend(_plan_table(table, chosen, _readable_addresses(register_map, table), limits))
    return tuple(groups)


def _plan_table(
    table: RegisterTable, entries: Sequence[RegisterEntry], readable: frozenset[int], limits: ScanLimits
) -> Iterable[ScanGroup]:
    members: list[RegisterEntry] = []
    for entry in entries:
        if members and not _is_joinable(members, entry, readable, limits):
            yield _group(table, members)
            members = []
        members.append(entry)
    yield _group(table, members)


def _is_joinable(
    members: Sequence[RegisterEntry], entry: RegisterEntry, readable: frozenset[int], limits: ScanLimits
) -> bool:
    first, end = members[0].address, max(member.end_address for member in members)
    if max(end, entry.end_address) - first > limits.max_count(entry.table):
        return False
    gap = range(end, entry.address)
    return len(gap) <= limits.max_gap and all(address in readable for address in gap)


def _group(table: RegisterTable, members: Sequence[RegisterEntry]) -> ScanGroup:
    first, end = members[0].address, max(member.end_address for member in members)
    return ScanGroup(table, first, end - first, tuple(members))


def _readable_addresses(register_map: RegisterMapDescription, table: RegisterTable) -> frozenset[int]:
    """Return every address of a table that the map lets a client read."""
    entries = register_map.in_table(table)
    readable: set[int] = set()
    if register_map.are_gaps_zero and entries:
        readable.update(range(entries[0].address, max(entry.end_address for entry in entries)))
        for entry in entries:
            if not entry.is_readable:
                readable.difference_update(range(entry.address, entry.end_address))
    for entry in entries:
        if entry.is_readable:
            readable.update(range(entry.address, entry.end_address))
    return frozenset(readable)
