"""A register map while it is made from somebody else's description of a device, and what could not be taken over."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from emulators.description.behaviour import BehaviourEntry
from emulators.description.register_map import (
    UNIT_IDS,
    ByteOrder,
    RegisterAccess,
    RegisterEntry,
    RegisterMapDescription,
    RegisterTable,
)
from emulators.description.register_types import RegisterType
from emulators.description.source import file_span
from emulators.signals.tags import TagValue

__all__ = ["ImportedMap", "MapBuilder", "identity_texts"]

_SHORT = MappingProxyType(
    {
        RegisterTable.COIL: "CO",
        RegisterTable.DISCRETE_INPUT: "DI",
        RegisterTable.INPUT_REGISTER: "IR",
        RegisterTable.HOLDING_REGISTER: "HR",
    }
)
_IDENTITY = MappingProxyType(
    {
        "vendor_name": "VendorName",
        "product_code": "ProductCode",
        "revision": "MajorMinorRevision",
        "vendor_url": "VendorUrl",
        "product_name": "ProductName",
        "model_name": "ModelName",
        "user_application_name": "UserApplicationName",
    }
)


@dataclass(frozen=True, slots=True)
class ImportedMap:
    """A map, and what of the original it does not have."""

    register_map: RegisterMapDescription
    notes: tuple[str, ...]


@dataclass(slots=True)
class MapBuilder:
    """Entries and notes while a device is read."""

    file: str
    entries: list[RegisterEntry] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _taken: set[tuple[RegisterTable, int]] = field(default_factory=set)

    def add(
        self,
        tables: Sequence[RegisterTable],
        address: int,
        kind: RegisterType,
        initial: TagValue,
        *,
        is_writable: bool,
        behaviour: BehaviourEntry | None = None,
    ) -> None:
        """Add one value at the same address of some tables; the first is the one that clients may write.

        Raises:
            ValueError: the address is none or taken, or the value does not fit its type.
        """
        shared = "B" if tables[0].has_bits else "R"
        tag = f"{shared if len(tables) > 1 else _SHORT[tables[0]]}{address}"
        self._take(tables[0], address, kind)
        low, high = kind.limits or (-math.inf, math.inf)
        if isinstance(initial, int) and not low <= initial <= high:
            raise ValueError(f"{tag}: {initial} is outside {low}..{high} of {kind.name}")
        for index, table in enumerate(tables):
            writable = is_writable and index == 0 and table.is_client_writable
            span = file_span(self.file)
            self.entries.append(
                RegisterEntry(
                    tag=tag,
                    table=table,
                    address=address,
                    type=kind,
                    bit=None,
                    word_order=ByteOrder.BIG,
                    byte_order=ByteOrder.BIG,
                    scale=1.0,
                    offset=0.0,
                    access=RegisterAccess.READ_WRITE if writable else RegisterAccess.READ,
                    unit="",
                    description="",
                    place=span,
                    tag_place=span,
                    initial=initial if index == 0 else None,
                    behaviour=behaviour if index == 0 else None,
                )
            )

    def _take(self, table: RegisterTable, address: int, kind: RegisterType) -> None:
        end = address + kind.quantity
        if not 0 <= address < end <= 65536:
            raise ValueError(f"{table.value} {address} is outside 0..65535")
        places = {(table, at) for at in range(address, end)}
        if places & self._taken:
            raise ValueError(f"{table.value} {address} has two values")
        self._taken |= places

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def finished(self, name: str, unit_id: int | None, identity: Mapping[str, str]) -> ImportedMap:
        """Return the map; a unit id that no single device can have becomes a note."""
        entries = tuple(sorted(self.entries, key=lambda entry: (entry.table.value, entry.address)))
        if unit_id is not None and unit_id not in UNIT_IDS:
            self.note(f"the unit id {unit_id} is left out: single devices have 1 to {UNIT_IDS[-1]}")
            unit_id = None
        register_map = RegisterMapDescription(
            self.file,
            name,
            "imported from pymodbus",
            entries,
            identity=MappingProxyType(identity),
            unit_id=unit_id,
        )
        return ImportedMap(register_map, tuple(self.notes))


def identity_texts(text_named: Callable[[str], object]) -> dict[str, str]:
    """Return the texts of an identity by our keys; ``text_named`` gives one by pymodbus's name, or nothing."""
    texts = {key: str(text_named(theirs) or "") for key, theirs in _IDENTITY.items()}
    return {key: text for key, text in texts.items() if text}
