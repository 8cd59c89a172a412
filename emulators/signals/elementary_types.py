"""Elementary types of IEC 61131-3 and what they are elsewhere: one table for compiler, register maps and nodes.

``native_label`` is the label of the machine type in ``emulators.native.ir.Scalar`` (this package lies below it).
Times and dates are 64-bit nanoseconds: TIME since nothing, DATE and DATE_AND_TIME since 1970-01-01 00:00:00,
TIME_OF_DAY since midnight. Strings have no machine type: their size depends on the declaration.

Source: IEC 61131-3 (3rd edition) table 10; OPC 30000 table 27 for OPC UA.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass
from types import MappingProxyType

__all__ = ["ELEMENTARY_TYPES", "ElementaryType", "TypeFamily", "elementary_type", "elementary_type_of_native"]


class TypeFamily(enum.Enum):
    """Generic type an elementary type belongs to; the value is the name used in IEC 61131-3."""

    BOOL = "ANY_BOOL"
    BIT_STRING = "ANY_BIT"
    SIGNED = "ANY_SIGNED"
    UNSIGNED = "ANY_UNSIGNED"
    REAL = "ANY_REAL"
    DURATION = "ANY_DURATION"
    DATE = "ANY_DATE"
    CHARACTERS = "ANY_CHARS"


@dataclass(frozen=True, slots=True)
class ElementaryType:
    """One row of the table.

    ``size`` is in bytes, 0 for strings. ``low`` and ``high`` bound integers, bit strings, times and dates (in ns);
    they are None for reals and strings. ``modbus_name`` is the type written in a register map, ``opcua_name`` the
    built-in OPC UA type that carries the value.
    """

    name: str
    family: TypeFamily
    native_label: str | None
    size: int
    low: int | None
    high: int | None
    modbus_name: str
    opcua_name: str

    @property
    def is_numeric(self) -> bool:
        """Whether the type counts or measures: integers and reals, not bit strings, times or texts."""
        return self.family in (TypeFamily.SIGNED, TypeFamily.UNSIGNED, TypeFamily.REAL)


def _integer(name: str, family: TypeFamily, bits: int, opcua_name: str) -> ElementaryType:
    is_signed = family is TypeFamily.SIGNED
    low = -(1 << (bits - 1)) if is_signed else 0
    high = (1 << (bits - 1)) - 1 if is_signed else (1 << bits) - 1
    label = f"{'i' if is_signed else 'u'}{bits}"
    modbus_bits = max(bits, 16)
    modbus_name = f"{'int' if is_signed else 'uint'}{modbus_bits}"
    return ElementaryType(name, family, label, bits // 8, low, high, modbus_name, opcua_name)


def _nanoseconds(name: str, family: TypeFamily) -> ElementaryType:
    return ElementaryType(name, family, "i64", 8, -(1 << 63), (1 << 63) - 1, "int64", "Int64")


def _characters(name: str, opcua_name: str) -> ElementaryType:
    return ElementaryType(name, TypeFamily.CHARACTERS, None, 0, None, None, "string", opcua_name)


_ROWS = (
    ElementaryType("BOOL", TypeFamily.BOOL, "bool", 1, 0, 1, "bool", "Boolean"),
    _integer("SINT", TypeFamily.SIGNED, 8, "SByte"),
    _integer("INT", TypeFamily.SIGNED, 16, "Int16"),
    _integer("DINT", TypeFamily.SIGNED, 32, "Int32"),
    _integer("LINT", TypeFamily.SIGNED, 64, "Int64"),
    _integer("USINT", TypeFamily.UNSIGNED, 8, "Byte"),
    _integer("UINT", TypeFamily.UNSIGNED, 16, "UInt16"),
    _integer("UDINT", TypeFamily.UNSIGNED, 32, "UInt32"),
    _integer("ULINT", TypeFamily.UNSIGNED, 64, "UInt64"),
    _integer("BYTE", TypeFamily.BIT_STRING, 8, "Byte"),
    _integer("WORD", TypeFamily.BIT_STRING, 16, "UInt16"),
    _integer("DWORD", TypeFamily.BIT_STRING, 32, "UInt32"),
    _integer("LWORD", TypeFamily.BIT_STRING, 64, "UInt64"),
    ElementaryType("REAL", TypeFamily.REAL, "f32", 4, None, None, "float32", "Float"),
    ElementaryType("LREAL", TypeFamily.REAL, "f64", 8, None, None, "float64", "Double"),
    _nanoseconds("TIME", TypeFamily.DURATION),
    _nanoseconds("LTIME", TypeFamily.DURATION),
    _nanoseconds("DATE", TypeFamily.DATE),
    _nanoseconds("LDATE", TypeFamily.DATE),
    _nanoseconds("TIME_OF_DAY", TypeFamily.DATE),
    _nanoseconds("LTIME_OF_DAY", TypeFamily.DATE),
    _nanoseconds("DATE_AND_TIME", TypeFamily.DATE),
    _nanoseconds("LDATE_AND_TIME", TypeFamily.DATE),
    ElementaryType("CHAR", TypeFamily.CHARACTERS, "u8", 1, 0, 255, "uint16", "Byte"),
    ElementaryType("WCHAR", TypeFamily.CHARACTERS, "u16", 2, 0, 65535, "uint16", "UInt16"),
    _characters("STRING", "String"),
    _characters("WSTRING", "String"),
)

ELEMENTARY_TYPES = MappingProxyType({row.name: row for row in _ROWS})

_SHORT_NAMES = MappingProxyType(
    {"TOD": "TIME_OF_DAY", "LTOD": "LTIME_OF_DAY", "DT": "DATE_AND_TIME", "LDT": "LDATE_AND_TIME"}
)
_OF_NATIVE = MappingProxyType(
    {
        "bool": "BOOL",
        "i8": "SINT",
        "i16": "INT",
        "i32": "DINT",
        "i64": "LINT",
        "u8": "USINT",
        "u16": "UINT",
        "u32": "UDINT",
        "u64": "ULINT",
        "f32": "REAL",
        "f64": "LREAL",
    }
)


def elementary_type(name: str) -> ElementaryType | None:
    """Return the type written ``name`` in any case, short names (``TOD``, ``DT``) included, or None."""
    upper = name.upper()
    return ELEMENTARY_TYPES.get(_SHORT_NAMES.get(upper, upper))


def elementary_type_of_native(native_label: str) -> ElementaryType:
    """Return the plain type that a machine type stands for: ``i16`` is INT, ``f64`` is LREAL.

    Raises:
        KeyError: not a label of ``emulators.native.ir.Scalar``.
    """
    return ELEMENTARY_TYPES[_OF_NATIVE[native_label]]
