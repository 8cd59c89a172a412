"""Types of values in Modbus registers: how many registers they take and which machine type they carry."""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

__all__ = ["REGISTER_TYPE_NAMES", "RegisterEncoding", "RegisterType", "meant_type", "register_type_named"]


class RegisterEncoding(enum.Enum):
    """How a value lies in its registers."""

    BINARY = "binary"  # two's complement or IEEE 754
    DECIMAL = "decimal"  # digits apart from each other, unsigned: 0..9 in four bits, or 0..9999 in a register
    BIT = "bit"  # a coil, a discrete input or one bit of a register
    FIELD = "field"  # neighbouring bits of one register, unsigned
    TEXT = "text"  # one byte a character, two in a register


@dataclass(frozen=True, slots=True)
class RegisterType:
    """``name`` as written (``float32``, ``string[8]``), ``quantity`` in registers (coils count as one).

    ``native_label`` is the label of the machine type that holds the register's number, or ``string[n]``.
    ``bit_count`` is the width of a bit or bit field, ``length`` the characters of a text, ``digits`` how many digits a
    decimal number has, each below ``radix``.
    """

    name: str
    quantity: int
    native_label: str
    encoding: RegisterEncoding = RegisterEncoding.BINARY
    bit_count: int = 0
    length: int = 0
    digits: int = 0
    radix: int = 0

    @property
    def is_bit(self) -> bool:
        """Whether the value is one bit: a coil, a discrete input or a bit of a register."""
        return self.encoding is RegisterEncoding.BIT

    @property
    def is_field(self) -> bool:
        """Whether the value is several bits of one register."""
        return self.encoding is RegisterEncoding.FIELD

    @property
    def is_string(self) -> bool:
        return self.encoding is RegisterEncoding.TEXT

    @property
    def is_decimal(self) -> bool:
        """Whether the value lies in its registers digit by digit."""
        return self.encoding is RegisterEncoding.DECIMAL

    @property
    def digit_bits(self) -> int:
        """Width of a digit of a decimal number."""
        return 16 * self.quantity // self.digits

    @property
    def is_numeric(self) -> bool:
        return not self.is_bit and not self.is_string

    @property
    def is_float(self) -> bool:
        return self.native_label in ("f32", "f64")

    @property
    def limits(self) -> tuple[int, int] | None:
        """Lowest and highest number of a whole-number type, None for floats, bits and texts."""
        if not self.is_numeric or self.is_float:
            return None
        if self.is_field:
            return 0, (1 << self.bit_count) - 1
        if self.is_decimal:
            return 0, self.radix**self.digits - 1
        width = 16 * self.quantity
        return (-(1 << width - 1), (1 << width - 1) - 1) if self.native_label[0] == "i" else (0, (1 << width) - 1)


_ROWS = (
    RegisterType("bool", 1, "bool", RegisterEncoding.BIT, bit_count=1),
    RegisterType("bit", 1, "bool", RegisterEncoding.BIT, bit_count=1),
    RegisterType("int16", 1, "i16"),
    RegisterType("uint16", 1, "u16"),
    RegisterType("int32", 2, "i32"),
    RegisterType("uint32", 2, "u32"),
    RegisterType("int48", 3, "i64"),
    RegisterType("uint48", 3, "u64"),
    RegisterType("int64", 4, "i64"),
    RegisterType("uint64", 4, "u64"),
    RegisterType("float32", 2, "f32"),
    RegisterType("float64", 4, "f64"),
    RegisterType("bcd16", 1, "u16", RegisterEncoding.DECIMAL, digits=4, radix=10),
    RegisterType("bcd32", 2, "u32", RegisterEncoding.DECIMAL, digits=8, radix=10),
    RegisterType("bcd48", 3, "u64", RegisterEncoding.DECIMAL, digits=12, radix=10),
    RegisterType("bcd64", 4, "u64", RegisterEncoding.DECIMAL, digits=16, radix=10),
    RegisterType("mod10k32", 2, "u32", RegisterEncoding.DECIMAL, digits=2, radix=10_000),
    RegisterType("mod10k48", 3, "u64", RegisterEncoding.DECIMAL, digits=3, radix=10_000),
    RegisterType("mod10k64", 4, "u64", RegisterEncoding.DECIMAL, digits=4, radix=10_000),
)
_NAMED = MappingProxyType({row.name: row for row in _ROWS})
_SIZED = re.compile(r"(string|bits)\[([1-9][0-9]{0,2})\]")

REGISTER_TYPE_NAMES = (*_NAMED, "bits[4]", "string[8]")


_MAKERS_NAMES = MappingProxyType(
    {
        **dict.fromkeys(("int", "short", "sint16", "s16", "i16", "int16s", "int8"), "int16"),
        **dict.fromkeys(("uint", "word", "ushort", "u16", "int16u", "unsigned", "uint8", "byte", "enum"), "uint16"),
        **dict.fromkeys(("dint", "long", "sint32", "s32", "i32", "int32s"), "int32"),
        **dict.fromkeys(("udint", "dword", "ulong", "u32", "int32u"), "uint32"),
        **dict.fromkeys(("lint", "s64", "i64", "int64s", "long64"), "int64"),
        **dict.fromkeys(("ulint", "lword", "u64", "int64u"), "uint64"),
        **dict.fromkeys(("real", "float", "single", "f32", "ieee754"), "float32"),
        **dict.fromkeys(("lreal", "double", "f64"), "float64"),
        **dict.fromkeys(("ascii", "string", "utf8", "text", "char"), "string[8]"),
        **dict.fromkeys(("mod10", "mod10k"), "mod10k64"),
    }
)


def meant_type(name: str) -> str:
    """Return the name of the type that makers of devices call so, or write so; empty where none is known."""
    plain = name.casefold().replace("_", "").replace(" ", "")
    if plain in _MAKERS_NAMES or register_type_named(plain) is not None:
        return _MAKERS_NAMES.get(plain, plain)
    return ""


@lru_cache(maxsize=512)
def register_type_named(name: str) -> RegisterType | None:
    """Return the type, or None. ``string[n]`` has 1 to 246 characters, ``bits[n]`` is a field of 2 to 16 bits."""
    match = _SIZED.fullmatch(name)
    if match is None:
        return _NAMED.get(name)
    size = int(match[2])
    if match[1] == "bits":
        return RegisterType(name, 1, "u16", RegisterEncoding.FIELD, bit_count=size) if 2 <= size <= 16 else None
    text = RegisterEncoding.TEXT
    return RegisterType(name, (size + 1) // 2, name, text, length=size) if size <= 246 else None
