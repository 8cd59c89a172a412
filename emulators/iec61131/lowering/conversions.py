"""Conversions between scalar types, implicit ones and the functions ``*_TO_**``; see ``standard_conversions``."""

from __future__ import annotations

from types import MappingProxyType

from emulators.errors import SourceSpan
from emulators.iec61131.lowering.machine_types import scalar_of
from emulators.iec61131.lowering.operators import to_f64
from emulators.iec61131.lowering.ranges import to_i64
from emulators.iec61131.types import Elementary, IecType, Kind, underlying
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Conversion, Overflow, Scalar

__all__ = ["DAY_NS", "NUMBER_UNIT_NS", "convert", "floor_modulo", "truncate"]

DAY_NS = 86_400_000_000_000

NUMBER_UNIT_NS = MappingProxyType(
    {
        Elementary.TIME: 1_000_000,
        Elementary.TOD: 1_000_000,
        Elementary.DATE: 1_000_000_000,
        Elementary.DT: 1_000_000_000,
        Elementary.LTIME: 1,
        Elementary.LTOD: 1,
        Elementary.LDATE: 1,
        Elementary.LDT: 1,
    }
)
"""What one unit of a number stands for when a time or date becomes a number or the reverse, in ns."""

_SAME_BITS = frozenset(
    {
        (Elementary.REAL, Elementary.DWORD),
        (Elementary.DWORD, Elementary.REAL),
        (Elementary.LREAL, Elementary.LWORD),
        (Elementary.LWORD, Elementary.LREAL),
    }
)


def convert(value: ir.Expression, source: IecType, target: IecType, span: SourceSpan) -> ir.Expression:
    """Return the value converted from one scalar type to another."""
    origin, wanted = underlying(source), underlying(target)
    assert isinstance(origin, Elementary)
    assert isinstance(wanted, Elementary)
    if origin is wanted:
        return value
    if (origin, wanted) in _SAME_BITS:
        return ir.Convert(value, scalar_of(wanted), Conversion.BITS, span)
    if wanted is Elementary.BOOL:
        return ir.Compare(ir.Comparison.NE, value, ir.Const(0.0 if value.type.is_float else 0, value.type))
    if origin in NUMBER_UNIT_NS and wanted in NUMBER_UNIT_NS:
        return _between_times(value, origin, wanted)
    if origin in NUMBER_UNIT_NS:
        return _from_time(value, NUMBER_UNIT_NS[origin], scalar_of(wanted), span)
    if wanted in NUMBER_UNIT_NS:
        return _to_time(value, NUMBER_UNIT_NS[wanted], span)
    return _numbers(value, scalar_of(wanted), span)


def _numbers(value: ir.Expression, wanted: Scalar, span: SourceSpan) -> ir.Expression:
    if value.type is wanted:
        return value
    if isinstance(value, ir.Const) and value.type.is_integer and wanted.is_integer:
        return _wrapped_constant(int(value.value), wanted)
    if wanted.is_float:
        if value.type is Scalar.BOOL:
            value = ir.Convert(value, Scalar.I32, Conversion.WRAP)
        return ir.Convert(value, wanted, Conversion.TO_FLOAT, span)
    if value.type.is_float:
        return ir.Convert(value, wanted, Conversion.ROUND_EVEN, span)
    return ir.Convert(value, wanted, Conversion.WRAP, span)


def _wrapped_constant(value: int, wanted: Scalar) -> ir.Const:
    bits = wanted.size * 8
    value &= (1 << bits) - 1
    if wanted.is_signed and value >> (bits - 1):
        value -= 1 << bits
    return ir.Const(value, wanted)


def _between_times(value: ir.Expression, origin: Elementary, wanted: Elementary) -> ir.Expression:
    if wanted.kind is Kind.TIME_OF_DAY and origin.kind is not Kind.TIME_OF_DAY:
        return floor_modulo(value, DAY_NS)
    if wanted.kind is Kind.DATE and origin.kind is Kind.DATE_AND_TIME:
        return ir.Binary(BinaryOperator.SUBTRACT, value, floor_modulo(value, DAY_NS), Scalar.I64)
    return value


def floor_modulo(value: ir.Expression, divisor: int) -> ir.Expression:
    """Return the value modulo a positive constant, never negative."""
    return ir.Binary(BinaryOperator.FLOOR_MODULO, value, ir.Const(divisor, Scalar.I64), Scalar.I64)


def _from_time(value: ir.Expression, unit_ns: int, wanted: Scalar, span: SourceSpan) -> ir.Expression:
    if wanted.is_float:
        in_units = ir.Binary(
            BinaryOperator.DIVIDE, to_f64(value), ir.Const(float(unit_ns), Scalar.F64), Scalar.F64, Overflow.TRAP, span
        )
        return _numbers(in_units, wanted, span)
    if unit_ns > 1:
        value = ir.Binary(BinaryOperator.DIVIDE, value, ir.Const(unit_ns, Scalar.I64), Scalar.I64, span=span)
    return _numbers(value, wanted, span)


def _to_time(value: ir.Expression, unit_ns: int, span: SourceSpan) -> ir.Expression:
    if value.type.is_float:
        scaled = ir.Binary(BinaryOperator.MULTIPLY, to_f64(value), ir.Const(float(unit_ns), Scalar.F64), Scalar.F64)
        return ir.Convert(scaled, Scalar.I64, Conversion.ROUND_EVEN, span)
    return ir.Binary(BinaryOperator.MULTIPLY, to_i64(value), ir.Const(unit_ns, Scalar.I64), Scalar.I64, span=span)


def truncate(value: ir.Expression, target: IecType, span: SourceSpan) -> ir.Expression:
    """Return a real cut toward zero."""
    return ir.Convert(value, scalar_of(target), Conversion.TRUNCATE, span)
