"""Constants of the Python subset and their folding: the C compiler never sees a constant float operation."""

from __future__ import annotations

import enum

from emulators.native import ir
from emulators.native.ir import BinaryOperator, Scalar

__all__ = ["INT64_MAX", "INT64_MIN", "fold", "from_python"]

INT64_MIN = -(1 << 63)
INT64_MAX = (1 << 63) - 1


def from_python(value: object) -> ir.Const | None:
    """Return a float, bool, 64-bit int or member of an IntEnum as constant, None for anything else."""
    if isinstance(value, bool):
        return ir.Const(value, Scalar.BOOL)
    if isinstance(value, float):
        return ir.Const(float(value), Scalar.F64)
    if isinstance(value, enum.Enum) and not isinstance(value, int):
        return None
    if isinstance(value, int) and INT64_MIN <= value <= INT64_MAX:
        return ir.Const(int(value), Scalar.I64)
    return None


def fold(operator: BinaryOperator, left: ir.Expression, right: ir.Expression) -> ir.Const | None:
    """Return the constant that an operation on two constants gives; None when it would be a fault."""
    if not (isinstance(left, ir.Const) and isinstance(right, ir.Const)):
        return None
    try:
        return from_python(_PYTHON[operator](left.value, right.value))
    except ArithmeticError:
        return None


_PYTHON = {
    BinaryOperator.ADD: lambda a, b: a + b,
    BinaryOperator.SUBTRACT: lambda a, b: a - b,
    BinaryOperator.MULTIPLY: lambda a, b: a * b,
    BinaryOperator.DIVIDE: lambda a, b: a / b,
    BinaryOperator.FLOOR_DIVIDE: lambda a, b: a // b,
    BinaryOperator.FLOOR_MODULO: lambda a, b: a % b,
}
