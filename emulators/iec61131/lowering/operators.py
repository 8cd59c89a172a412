"""Arithmetic as IEC 61131-3 means it, on machine values; shared by operators and standard functions.

Integers wrap in their own width. Division and MOD by zero stop the PLC, of reals too; the least integer divided by
-1 wraps. REAL operations round to 32 bits each.
"""

from __future__ import annotations

from emulators.errors import SourceSpan
from emulators.iec61131.lowering.ranges import to_i64
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Conversion, Overflow, Scalar

__all__ = ["arithmetic", "power", "real_intrinsic", "scale_duration", "to_f64"]


def arithmetic(operator: BinaryOperator, left: ir.Expression, right: ir.Expression, span: SourceSpan) -> ir.Expression:
    """Return ``left operator right``; both of one type, or I64 dates and durations."""
    is_guarded = left.type.is_float and operator is BinaryOperator.DIVIDE
    return ir.Binary(operator, left, right, left.type, Overflow.TRAP if is_guarded else Overflow.WRAP, span)


def scale_duration(
    operator: BinaryOperator, duration: ir.Expression, factor: ir.Expression, span: SourceSpan
) -> ir.Expression:
    """Return a duration times or divided by a number; of a real, rounded to the nearest nanosecond, ties to even."""
    if not factor.type.is_float:
        return arithmetic(operator, duration, to_i64(factor), span)
    exact = arithmetic(operator, to_f64(duration), to_f64(factor), span)
    return ir.Convert(exact, Scalar.I64, Conversion.ROUND_EVEN, span)


def to_f64(value: ir.Expression) -> ir.Expression:
    """Return the value as F64."""
    if value.type is Scalar.F64:
        return value
    if value.type is Scalar.BOOL:
        value = ir.Convert(value, Scalar.I32, Conversion.WRAP)
    return ir.Convert(value, Scalar.F64, Conversion.TO_FLOAT)


def real_intrinsic(name: str, arguments: tuple[ir.Expression, ...], span: SourceSpan) -> ir.Expression:
    """Call an intrinsic of F64; a REAL result is rounded once from it."""
    wanted = arguments[0].type
    result = ir.Intrinsic(name, tuple(to_f64(argument) for argument in arguments), Scalar.F64, span)
    return result if wanted is Scalar.F64 else ir.Convert(result, wanted, Conversion.TO_FLOAT, span)


def power(base: ir.Expression, exponent: ir.Expression, span: SourceSpan) -> ir.Expression:
    """Return ``base ** exponent`` in the real type of the base."""
    return real_intrinsic("pow", (base, exponent), span)
