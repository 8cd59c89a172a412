"""Shifts, rotations and BCD on bit strings (tables 30 and 31; BCD of table 23)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from types import MappingProxyType

from emulators.errors import SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import scalar_of, type_of
from emulators.iec61131.lowering.ranges import to_i64
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, FaultCode, Scalar

__all__ = ["ROWS"]

Operands = Sequence[ir.Expression]


def _shift(operator: BinaryOperator, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """Return IN shifted by N with zeros moving in; N outside 0..width-1 leaves nothing."""
    value, count = operands[0], to_i64(operands[1])
    if value.type is not Scalar.BOOL:
        return ir.Binary(operator, value, count, value.type, span=call.span)
    moved = ir.Compare(Comparison.EQ, count, ir.Const(0, Scalar.I64))
    return ir.Binary(BinaryOperator.AND, value, moved, Scalar.BOOL)


def _rotate(is_left: bool, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    value = b.keep(operands[0], call.span)
    if value.type is Scalar.BOOL:
        return value
    width = value.type.size * 8
    mask = ir.Const(width - 1, Scalar.I64)
    count = b.keep(ir.Binary(BinaryOperator.AND, to_i64(operands[1]), mask, Scalar.I64), call.span)
    rest = ir.Binary(BinaryOperator.SUBTRACT, ir.Const(width, Scalar.I64), count, Scalar.I64)
    rest = ir.Binary(BinaryOperator.AND, rest, mask, Scalar.I64)
    forward, backward = (count, rest) if is_left else (rest, count)
    left = ir.Binary(BinaryOperator.SHIFT_LEFT, value, forward, value.type)
    right = ir.Binary(BinaryOperator.SHIFT_RIGHT, value, backward, value.type)
    return ir.Binary(BinaryOperator.OR, left, right, value.type)


def _digit(value: ir.Expression, number: int) -> ir.Expression:
    moved = ir.Binary(BinaryOperator.SHIFT_RIGHT, value, ir.Const(4 * number, Scalar.I32), Scalar.U64)
    return ir.Binary(BinaryOperator.AND, moved, ir.Const(15, Scalar.U64), Scalar.U64)


def _is_valid_digits(value: ir.Expression, digits: int) -> ir.Expression:
    result: ir.Expression = ir.Const(True, Scalar.BOOL)
    for number in range(digits):
        is_decimal = ir.Compare(Comparison.LE, _digit(value, number), ir.Const(9, Scalar.U64))
        result = is_decimal if number == 0 else ir.Binary(BinaryOperator.AND, result, is_decimal, Scalar.BOOL)
    return result


def _as_u64(b: FunctionBuilder, value: ir.Expression, span: SourceSpan) -> ir.Expression:
    wide = value if value.type is Scalar.U64 else ir.Convert(value, Scalar.U64, Conversion.WRAP)
    return b.keep(wide, span)


def _is_valid_bcd(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return _is_valid_digits(_as_u64(b, operands[0], call.span), max(1, operands[0].type.size * 2))


def _from_bcd(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """Return the number; a digit above 9 stops the PLC."""
    digits = operands[0].type.size * 2
    value = _as_u64(b, operands[0], call.span)
    is_wrong = ir.Unary(ir.UnaryOperator.NOT, _is_valid_digits(value, digits), Scalar.BOOL)
    b.fault_if(is_wrong, FaultCode.CONVERSION, call.span, to_i64(value))
    total = _digit(value, 0)
    for number in range(1, digits):
        weight = ir.Const(10**number, Scalar.U64)
        part = ir.Binary(BinaryOperator.MULTIPLY, _digit(value, number), weight, Scalar.U64)
        total = ir.Binary(BinaryOperator.ADD, total, part, Scalar.U64)
    return ir.Convert(total, scalar_of(type_of(call)), Conversion.WRAP)


def _to_bcd(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """Return the decimal digits; a number with too many of them stops the PLC."""
    wanted = scalar_of(type_of(call))
    digits = wanted.size * 2
    value = _as_u64(b, operands[0], call.span)
    limit = ir.Const(10**digits - 1, Scalar.U64)
    b.fault_if(ir.Compare(Comparison.GT, value, limit), FaultCode.OVERFLOW, call.span, to_i64(value))
    total: ir.Expression = ir.Const(0, Scalar.U64)
    for number in range(digits):
        quotient = ir.Binary(BinaryOperator.DIVIDE, value, ir.Const(10**number, Scalar.U64), Scalar.U64)
        digit = ir.Binary(BinaryOperator.MODULO, quotient, ir.Const(10, Scalar.U64), Scalar.U64)
        moved = ir.Binary(BinaryOperator.SHIFT_LEFT, digit, ir.Const(4 * number, Scalar.I32), Scalar.U64)
        total = ir.Binary(BinaryOperator.OR, total, moved, Scalar.U64)
    return ir.Convert(total, wanted, Conversion.WRAP)


ROWS: MappingProxyType[str, Callable[[FunctionBuilder, Operands, tree.StandardCall], ir.Expression]] = MappingProxyType(
    {
        "SHL": partial(_shift, BinaryOperator.SHIFT_LEFT),
        "SHR": partial(_shift, BinaryOperator.SHIFT_RIGHT),
        "ROL": partial(_rotate, True),
        "ROR": partial(_rotate, False),
        "IS_VALID_BCD": _is_valid_bcd,
        "FROM_BCD": _from_bcd,
        "TO_BCD": _to_bcd,
    }
)
