"""Intervals of integer expressions, to leave out guards that can never fire."""

from __future__ import annotations

from collections.abc import Mapping

from emulators.native.emit_types import integer_range
from emulators.native.ir import (
    Binary,
    BinaryOperator,
    Const,
    Conversion,
    Convert,
    Expression,
    Load,
    Local,
    Select,
    Unary,
    UnaryOperator,
)

__all__ = ["Interval", "interval", "is_inside", "unbounded_result"]

Interval = tuple[int, int]
_DEPTH = 12


def interval(expression: Expression, counters: Mapping[str, Interval], depth: int = _DEPTH) -> Interval:
    """Return bounds of an integer expression; ``counters`` are bounds of loop counters by local name."""
    whole = integer_range(expression.type)
    if depth == 0:
        return whole
    match expression:
        case Const(value):
            return int(value), int(value)
        case Load(Local(name)) if name in counters:
            return counters[name]
        case Binary() | Unary(UnaryOperator.NEGATE):
            exact = unbounded_result(expression, counters, depth)
            return exact if exact is not None and is_inside(exact, whole) else whole
        case Convert(operand, _, Conversion.WRAP | Conversion.TRAP) if not operand.type.is_float:
            inner = interval(operand, counters, depth - 1)
            return inner if is_inside(inner, whole) else whole
        case Select(_, then, orelse):
            first, second = interval(then, counters, depth - 1), interval(orelse, counters, depth - 1)
            return min(first[0], second[0]), max(first[1], second[1])
        case _:
            return whole


def unbounded_result(
    expression: Binary | Unary, counters: Mapping[str, Interval], depth: int = _DEPTH
) -> Interval | None:
    """Return the interval of the mathematical result, before it wraps or traps; None when unknown."""
    if isinstance(expression, Unary):
        if expression.operator is not UnaryOperator.NEGATE:
            return None
        low, high = interval(expression.operand, counters, depth - 1)
        return -high, -low
    left = interval(expression.left, counters, depth - 1)
    right = interval(expression.right, counters, depth - 1)
    match expression.operator:
        case BinaryOperator.ADD:
            return left[0] + right[0], left[1] + right[1]
        case BinaryOperator.SUBTRACT:
            return left[0] - right[1], left[1] - right[0]
        case BinaryOperator.MULTIPLY:
            corners = [a * b for a in left for b in right]
            return min(corners), max(corners)
        case BinaryOperator.MODULO if right[0] > 0:
            bound = right[1] - 1
            return (0 if left[0] >= 0 else max(-bound, left[0])), min(bound, max(left[1], 0))
        case BinaryOperator.FLOOR_MODULO if right[0] > 0:
            return 0, right[1] - 1
        case BinaryOperator.DIVIDE | BinaryOperator.FLOOR_DIVIDE if left[0] >= 0 and right[0] > 0:
            return left[0] // right[1], left[1] // right[0]
        case BinaryOperator.AND if right[0] >= 0:
            return 0, right[1]
        case BinaryOperator.AND if left[0] >= 0:
            return 0, left[1]
        case _:
            return None


def is_inside(inner: Interval, outer: Interval) -> bool:
    """Return whether every value of ``inner`` lies in ``outer``."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]
