"""C declarations and literals for the types of the IR."""

from __future__ import annotations

import math
import struct as packing
from collections.abc import Iterable

from emulators.native.c_names import c_field
from emulators.native.ir import Array, Scalar, Struct, Table, Type

__all__ = [
    "declare",
    "declare_pointer",
    "integer_range",
    "literal",
    "round_to",
    "scalar_name",
    "struct_text",
    "table_text",
]

_NAMES = {scalar: ("b8" if scalar is Scalar.BOOL else scalar.label) for scalar in Scalar}
_SUFFIXES = {Scalar.U32: "u", Scalar.I64: "LL", Scalar.U64: "ULL"}


def scalar_name(scalar: Scalar) -> str:
    """Return the C type of a scalar."""
    return _NAMES[scalar]


def declare(of: Type, name: str) -> str:
    """Return the declaration of a variable or field, without semicolon."""
    base, dimensions = _base(of)
    return f"{base} {name}{dimensions}"


def declare_pointer(of: Type, name: str) -> str:
    """Return the declaration of a pointer to a type."""
    base, dimensions = _base(of)
    return f"{base} (*{name}){dimensions}" if dimensions else f"{base} *{name}"


def _base(of: Type) -> tuple[str, str]:
    dimensions = ""
    while isinstance(of, Array):
        dimensions += f"[{of.length}]"
        of = of.element
    return (_NAMES[of] if isinstance(of, Scalar) else f"struct {c_field(of.name)}"), dimensions


def struct_text(struct: Struct) -> Iterable[str]:
    """Yield the lines that define a structure."""
    yield f"struct {c_field(struct.name)} {{"
    for member in struct.fields:
        yield f"    {declare(member.type, c_field(member.name))};"
    if not struct.fields:
        yield "    u8 hil_nothing;"
    yield "};"


def table_text(table: Table) -> str:
    """Return the definition of a constant table; one that holds NaN or infinities is stored as bits."""
    if is_bit_table(table):
        integer = Scalar.U64 if table.element is Scalar.F64 else Scalar.U32
        code, raw = ("<d", "<Q") if table.element is Scalar.F64 else ("<f", "<I")
        bits = (packing.unpack(raw, packing.pack(code, float(value)))[0] for value in table.values)
        items = ", ".join(literal(value, integer) for value in bits)
        return f"static const {_NAMES[integer]} {table.name}[{len(table.values)}] = {{{items}}};"
    items = ", ".join(literal(value, table.element).strip("()") for value in table.values)
    return f"static const {_NAMES[table.element]} {table.name}[{len(table.values)}] = {{{items}}};"


def is_bit_table(table: Table) -> bool:
    """Return whether the table cannot be written as float literals."""
    return table.element.is_float and not all(math.isfinite(value) for value in table.values)


def integer_range(scalar: Scalar) -> tuple[int, int]:
    """Return the least and the greatest value of an integer type or BOOL."""
    if scalar is Scalar.BOOL:
        return 0, 1
    bits = scalar.size * 8
    return (-(1 << bits - 1), (1 << bits - 1) - 1) if scalar.is_signed else (0, (1 << bits) - 1)


def round_to(scalar: Scalar, value: float) -> float:
    """Return ``value`` rounded to the float type; overflow gives an infinity."""
    if scalar is Scalar.F64:
        return value
    try:
        return float(packing.unpack("<f", packing.pack("<f", value))[0])
    except OverflowError:
        return math.copysign(math.inf, value)


def literal(value: float | bool, of: Scalar) -> str:
    """Return a literal that every C compiler reads as exactly this value."""
    if of.is_float:
        return _float_literal(round_to(of, float(value)), of)
    number = int(value)
    suffix = _SUFFIXES.get(of, "")
    if of is Scalar.I64 and number == -(1 << 63):
        return "(-9223372036854775807LL - 1)"
    if of is Scalar.I32 and number == -(1 << 31):
        return "(-2147483647 - 1)"
    return f"({number}{suffix})" if number < 0 else f"{number}{suffix}"


def _float_literal(value: float, of: Scalar) -> str:
    if math.isnan(value):
        return "HIL_NAN" if of is Scalar.F64 else "HIL_NAN_F32"
    if math.isinf(value):
        sign = "-" if value < 0 else ""
        return f"({sign}HIL_INFINITY)" if of is Scalar.F64 else f"({sign}HIL_INFINITY_F32)"
    if value == int(value) and abs(value) < 1e9 and (value != 0 or _is_plus(value)):
        text = f"{int(value)}.0"
    else:
        mantissa, exponent = value.hex().split("p")
        text = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}p{exponent}"
    text += "f" if of is Scalar.F32 else ""
    return f"({text})" if text.startswith("-") else text


def _is_plus(value: float) -> bool:
    return math.copysign(1.0, value) > 0
