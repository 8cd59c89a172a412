"""Types of values in Modbus registers: how many registers they take and which machine type they carry."""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["REGISTER_TYPE_NAMES", "RegisterType", "register_type_named"]


@dataclass(frozen=True, slots=True)
class RegisterType:
    """``name`` as written (``float32``, ``string[8]``), ``quantity`` in registers (coils count as one),
    ``native_label`` of the machine type, None for strings."""

    name: str
    quantity: int
    native_label: str | None

    @property
    def is_bit(self) -> bool:
        """Whether the value is one bit: a coil, a discrete input or a bit of a register."""
        return self.native_label == "bool"

    @property
    def is_string(self) -> bool:
        return self.native_label is None

    @property
    def is_numeric(self) -> bool:
        return not self.is_bit and not self.is_string


_ROWS = (
    RegisterType("bool", 1, "bool"),
    RegisterType("bit", 1, "bool"),
    RegisterType("int16", 1, "i16"),
    RegisterType("uint16", 1, "u16"),
    RegisterType("int32", 2, "i32"),
    RegisterType("uint32", 2, "u32"),
    RegisterType("int64", 4, "i64"),
    RegisterType("uint64", 4, "u64"),
    RegisterType("float32", 2, "f32"),
    RegisterType("float64", 4, "f64"),
)
_NAMED = MappingProxyType({row.name: row for row in _ROWS})
_STRING = re.compile(r"string\[([1-9][0-9]{0,2})\]")

REGISTER_TYPE_NAMES = (*_NAMED, "string[8]")


def register_type_named(name: str) -> RegisterType | None:
    """Return the type, or None; ``string[n]`` has n characters of one byte, two in a register, n up to 246."""
    match = _STRING.fullmatch(name)
    if match is None:
        return _NAMED.get(name)
    length = int(match[1])
    return RegisterType(name, (length + 1) // 2, None) if length <= 246 else None
