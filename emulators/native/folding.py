"""Constant operations, done in Python so that no C compiler folds them its own way or warns about them."""

from __future__ import annotations

import math

from emulators.native.emit_types import integer_range, round_to
from emulators.native.ir import (
    Binary,
    BinaryOperator,
    Const,
    Conversion,
    Convert,
    Expression,
    Overflow,
    Scalar,
    Unary,
    UnaryOperator,
)

__all__ = ["fold"]


def fold(expression: Expression) -> Expression:
    """Return a constant for an operation on constants, else the expression itself.

    Divisions of integers and operations that will trap stay as they are.

    32-bit results are exact: one operation on 32-bit values in 64 bits, then rounded, rounds once in effect.
    """
    match expression:
        case Unary(UnaryOperator.NEGATE, Const(value), type) if type.is_float:
            return Const(-round_to(type, float(value)), type)
        case Unary(UnaryOperator.NEGATE, Const(value), type, Overflow.WRAP):
            return _wrapped(-int(value), type)
        case Unary(UnaryOperator.NOT, Const(value), type) if type.is_integer:
            return _wrapped(~int(value), type)
        case Convert(Const(value, source), type, Conversion.TO_FLOAT):
            if source.is_float:
                value = round_to(source, float(value))
            elif abs(value) >= 1 << 53:
                return expression
            return Const(round_to(type, float(value)), type)
        case Binary(operator, Const(left), Const(right), type) if type.is_float:
            result = _arithmetic(operator, round_to(type, float(left)), round_to(type, float(right)))
            return expression if result is None else Const(round_to(type, result), type)
        case Binary(operator, Const(left), Const(right), type, overflow) if not type.is_float:
            exact = _integer(operator, int(left), int(right))
            low, high = integer_range(type)
            if exact is None or (overflow is Overflow.TRAP and not low <= exact <= high):
                return expression
            return _wrapped(exact, type)
        case _:
            return expression


def _wrapped(exact: int, of: Scalar) -> Const:
    low, high = integer_range(of)
    return Const((exact - low) % (high - low + 1) + low, of)


def _integer(operator: BinaryOperator, left: int, right: int) -> int | None:
    match operator:
        case BinaryOperator.ADD:
            return left + right
        case BinaryOperator.SUBTRACT:
            return left - right
        case BinaryOperator.MULTIPLY:
            return left * right
        case BinaryOperator.AND:
            return left & right
        case BinaryOperator.OR:
            return left | right
        case BinaryOperator.XOR:
            return left ^ right
        case _:
            return None


def _arithmetic(operator: BinaryOperator, left: float, right: float) -> float | None:
    match operator:
        case BinaryOperator.ADD:
            result = left + right
        case BinaryOperator.SUBTRACT:
            result = left - right
        case BinaryOperator.MULTIPLY:
            result = left * right
        case BinaryOperator.DIVIDE if right != 0:
            result = left / right
        case _:
            return None
    return None if math.isnan(result) else result
