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
    Unary,
    UnaryOperator,
)

__all__ = ["fold"]


def fold(expression: Expression) -> Expression:
    """Return a constant for an operation on constants, else the expression itself.

    Integer operations that trap or divide stay as they are.

    32-bit results are exact: one operation on 32-bit values in 64 bits, then rounded, rounds once in effect.
    """
    match expression:
        case Unary(UnaryOperator.NEGATE, Const(value), type) if type.is_float:
            return Const(-round_to(type, float(value)), type)
        case Convert(Const(value), type, Conversion.TO_FLOAT):
            if isinstance(value, int) and abs(value) >= 1 << 53:
                return expression
            return Const(round_to(type, float(value)), type)
        case Binary(operator, Const(left), Const(right), type) if type.is_float:
            result = _arithmetic(operator, round_to(type, float(left)), round_to(type, float(right)))
            return expression if result is None else Const(round_to(type, result), type)
        case Binary(operator, Const(left), Const(right), type, Overflow.WRAP) if not type.is_float:
            exact = _integer(operator, int(left), int(right))
            if exact is None:
                return expression
            low, high = integer_range(type)
            return Const((exact - low) % (high - low + 1) + low, type)
        case _:
            return expression


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
