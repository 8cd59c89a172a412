"""Register map: which tag stands in which Modbus coil or register, and in what form.

``engineering value = register value * scale + offset``. Addresses here are 0-based; ``rigs/README.md`` has the keys of
the file, ``register_map_reader`` reads it.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

from emulators.description.register_types import RegisterType
from emulators.errors import SourceSpan

__all__ = ["ByteOrder", "RegisterEntry", "RegisterMapDescription", "RegisterTable"]


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


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """One value of the map; ``address`` is 0-based, ``quantity`` counts registers or coils.

    ``bit`` is set for a bit of a register (0 is the least significant). ``is_writable`` says that a client may write.
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
    is_writable: bool
    unit: str
    description: str
    span: SourceSpan
    tag_span: SourceSpan

    @property
    def quantity(self) -> int:
        return self.type.quantity

    @property
    def end_address(self) -> int:
        """First address behind the value."""
        return self.address + self.type.quantity

    @property
    def reference(self) -> str:
        """The 1-based writing of the address: ``40001``, six digits behind 9999."""
        number = self.address + 1
        return f"{self.table.first_reference_digit}{number:0{4 if number <= 9999 else 5}d}"

    @property
    def is_scaled(self) -> bool:
        return self.scale != 1.0 or self.offset != 0.0


@dataclass(frozen=True, slots=True)
class RegisterMapDescription:
    """A whole map; entries in the order of the file, no two overlap."""

    file: str
    name: str
    description: str
    entries: tuple[RegisterEntry, ...]

    def in_table(self, table: RegisterTable) -> tuple[RegisterEntry, ...]:
        """Return the entries of one table by address and bit."""
        chosen = [entry for entry in self.entries if entry.table is table]
        return tuple(sorted(chosen, key=lambda entry: (entry.address, entry.bit or 0)))
