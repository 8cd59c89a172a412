"""Register map: which tag stands in which Modbus coil or register, and in what form.

``engineering value = register value * scale + offset``. Addresses here are 0-based; ``rigs/README.md`` has the keys of
the file, ``register_map_reader`` reads it.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from emulators.description.behaviour import BehaviourEntry
from emulators.description.device_requests import DeviceRequests
from emulators.description.device_services import DeviceServices
from emulators.description.register_types import RegisterType
from emulators.description.source import Located, Spanned, span_of
from emulators.errors import SourceSpan
from emulators.signals.tags import TagValue

__all__ = [
    "UNIT_IDS",
    "ByteOrder",
    "HalfValues",
    "RegisterAccess",
    "RegisterEntry",
    "RegisterMapDescription",
    "RegisterTable",
    "TwinEntry",
]


UNIT_IDS = range(1, 248)
"""Addresses of single devices; over TCP a device alone answers to 0 and 255 too."""


class RegisterTable(enum.Enum):
    """The four data tables; the value is the word in a register map."""

    COIL = "coil"
    DISCRETE_INPUT = "discrete"
    INPUT_REGISTER = "input"
    HOLDING_REGISTER = "holding"

    @property
    def has_bits(self) -> bool:
        """Whether an address of this table is a single bit."""
        return self in (RegisterTable.COIL, RegisterTable.DISCRETE_INPUT)

    @property
    def is_client_writable(self) -> bool:
        """Whether the protocol lets a client write to this table."""
        return self in (RegisterTable.COIL, RegisterTable.HOLDING_REGISTER)

    @property
    def first_reference_digit(self) -> str:
        return _REFERENCE_DIGITS[self]


_REFERENCE_DIGITS = {
    RegisterTable.COIL: "0",
    RegisterTable.DISCRETE_INPUT: "1",
    RegisterTable.INPUT_REGISTER: "3",
    RegisterTable.HOLDING_REGISTER: "4",
}


class ByteOrder(enum.Enum):
    """Order of the words of a value, or of the bytes of a word."""

    BIG = "big"
    LITTLE = "little"


class RegisterAccess(enum.Enum):
    """What a client may do; the value is the word in a register map."""

    READ = "r"
    READ_WRITE = "rw"
    WRITE = "w"  # a read answers ILLEGAL DATA ADDRESS
    WRITE_ONCE = "once"  # read at all times, written until a first write has been accepted


class HalfValues(enum.Enum):
    """What a request may do that takes a part of a value over several registers."""

    REFUSED = "refuse"  # neither read nor write
    READ_ONLY = "read"
    ALLOWED = "allow"


@dataclass(frozen=True, slots=True)
class TwinEntry:
    """Component that moves the values of a device's map; parameters as in a rig, ``step_ns`` is 0 for the default."""

    component: Located[str]
    parameters: tuple[tuple[Located[str], bool | int | float | str], ...]
    step_ns: int
    span: SourceSpan


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One value of the map; ``address`` is 0-based, ``quantity`` counts registers or coils.

    ``bit`` is set for a bit of a register and for the lowest bit of a field (0 is the least significant). ``signal``
    is the twin's signal behind the value, ``names`` those of an enumeration, ``flags`` those of single bits of a word
    that is one value (for people: a client may write other bits too). A value with ``initial`` or ``behaviour`` belongs
    to the device itself. ``no_value`` is the number in the registers that means that there is none; it reads as NaN.
    ``scale_factor`` is the tag whose value is the power of ten in ``scale``.
    """

    tag: str
    table: RegisterTable
    address: int
    type: RegisterType
    bit: int | None
    word_order: ByteOrder
    byte_order: ByteOrder
    scale: float
    offset: float
    access: RegisterAccess
    unit: str
    description: str
    place: SourceSpan | Spanned
    tag_place: SourceSpan | Spanned
    signal: Located[str] | None = None
    initial: TagValue | None = None
    eu_range: tuple[float, float] | None = None
    names: tuple[tuple[int, str], ...] = ()
    flags: tuple[tuple[int, str], ...] = ()
    behaviour: BehaviourEntry | None = None
    no_value: int | None = None
    scale_factor: Located[str] | None = None

    @property
    def span(self) -> SourceSpan:
        """Where the entry says where it lies."""
        return span_of(self.place)

    @property
    def tag_span(self) -> SourceSpan:
        return span_of(self.tag_place)

    @property
    def is_writable(self) -> bool:
        """Whether a client may write it, at least once."""
        return self.access is not RegisterAccess.READ

    @property
    def is_readable(self) -> bool:
        return self.access is not RegisterAccess.WRITE

    @property
    def is_own(self) -> bool:
        """Whether the device itself holds the value: no twin, no tag of a rig."""
        return self.initial is not None or self.behaviour is not None

    @property
    def quantity(self) -> int:
        return self.type.quantity

    @property
    def end_address(self) -> int:
        """First address behind the value."""
        return self.address + self.type.quantity

    def is_behind(self, other: RegisterEntry) -> bool:
        """Whether it is write-only and has exactly the place of a read-only value: a read there gives the other."""
        is_pair = self.access is RegisterAccess.WRITE and other.access is RegisterAccess.READ
        is_same_place = (self.table, self.address, self.quantity) == (other.table, other.address, other.quantity)
        return is_pair and is_same_place and self.bit is None and other.bit is None

    @property
    def reference(self) -> str:
        """The 1-based writing of the address: ``40001``, six digits behind 9999."""
        number = self.address + 1
        return f"{self.table.first_reference_digit}{number:0{4 if number <= 9999 else 5}d}"

    @property
    def is_scaled(self) -> bool:
        return self.scale != 1.0 or self.offset != 0.0

    @property
    def is_float(self) -> bool:
        """Whether its engineering values are floating point numbers: fractions, or NaN where there is no value."""
        is_fraction = self.type.is_float or self.is_scaled or self.scale_factor is not None
        return is_fraction or self.no_value is not None


@dataclass(frozen=True, slots=True)
class RegisterMapDescription:
    """A whole map; entries in the order of the file, no two overlap.

    ``are_gaps_zero``: addresses between the first and the last entry of a table read as 0 instead of being refused.
    ``unit_id`` is that of the device where the map is of one device and not of a kind.
    ``identity`` has the texts by which the device says who it is, by the names of the map's table ``identity``.
    ``services`` are what it answers besides registers, ``requests`` what it takes at all. ``is_whole`` is False where
    entries are left out for their mistakes.
    """

    file: str
    name: str
    description: str
    entries: tuple[RegisterEntry, ...]
    are_gaps_zero: bool = False
    half_values: HalfValues = HalfValues.READ_ONLY
    twin: TwinEntry | None = None
    identity: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    is_whole: bool = True
    services: DeviceServices = field(default_factory=DeviceServices)
    unit_id: int | None = None
    requests: DeviceRequests = field(default_factory=DeviceRequests)

    def in_table(self, table: RegisterTable) -> tuple[RegisterEntry, ...]:
        """Return the entries of one table by address and bit."""
        chosen = [entry for entry in self.entries if entry.table is table]
        return tuple(sorted(chosen, key=lambda entry: (entry.address, entry.bit or 0)))
