"""What is known about the values of integer expressions: from FOR bounds, constants and types.

An interval is only given where no operation on the way can leave the type's range, so an index that is computed
from FOR variables can be computed in 64 bits without changing the result, and its bounds check left out.
"""

from __future__ import annotations

from functools import partial

from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import type_of
from emulators.iec61131.types import Elementary, IecType, SubrangeType, underlying
from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["Interval", "interval", "type_range", "wide"]

Interval = tuple[int, int]


def type_range(iec_type: IecType) -> Interval | None:
    """Return the least and greatest value of an integer or bit-string type.

    The limits of a subrange are not trusted: a force or a tape may have written anything.
    """
    base = underlying(iec_type)
    if isinstance(base, Elementary) and (base.is_integer or base.is_bit_string):
        return base.low, base.high
    return None


def interval(b: FunctionBuilder, node: tree.Expression) -> Interval | None:
    """Return the interval of an integer expression, or None if it is not one."""
    known = type_range(node.type) if node.type is not None else None
    if known is None:
        return None
    match node:
        case tree.Literal(value):
            return int(value), int(value)
        case tree.Name(variable):
            return b.intervals.get(variable, known)
        case tree.Convert(operand):
            return _inside(interval(b, operand), known)
        case tree.RangeCheck(operand):
            limits = (node.type.low, node.type.high) if isinstance(node.type, SubrangeType) else known
            return _checked(interval(b, operand), limits)
        case tree.Unary(tree.UnaryOperator.NEGATE, operand):
            inner = interval(b, operand)
            return _inside((-inner[1], -inner[0]), known) if inner else known
        case tree.Binary():
            return _binary(b, node, known)
    return known


def _inside(found: Interval | None, limits: Interval) -> Interval:
    """Return the interval found if it lies in the limits of the type; else all of the type."""
    if found is not None and limits[0] <= found[0] and found[1] <= limits[1]:
        return found
    return limits


def _checked(found: Interval | None, limits: Interval) -> Interval:
    if found is None or found[1] < limits[0] or found[0] > limits[1]:
        return limits
    return max(found[0], limits[0]), min(found[1], limits[1])


def _binary(b: FunctionBuilder, node: tree.Binary, known: Interval) -> Interval:
    left, right = interval(b, node.left), interval(b, node.right)
    if left is None or right is None:
        return known
    match node.operator:
        case tree.BinaryOperator.ADD:
            return _inside((left[0] + right[0], left[1] + right[1]), known)
        case tree.BinaryOperator.SUBTRACT:
            return _inside((left[0] - right[1], left[1] - right[0]), known)
        case tree.BinaryOperator.MULTIPLY:
            corners = [x * y for x in left for y in right]
            return _inside((min(corners), max(corners)), known)
        case tree.BinaryOperator.DIVIDE if right[0] > 0 and left[0] >= 0:
            return left[0] // right[1], left[1] // right[0]
        case tree.BinaryOperator.MODULO if right[0] > 0:
            return (0 if left[0] >= 0 else 1 - right[1]), min(right[1] - 1, max(left[1], 0))
        case tree.BinaryOperator.AND if left[0] >= 0 and right[0] >= 0:
            return 0, min(left[1], right[1])
    return known


_EXACT = {
    tree.BinaryOperator.ADD: ir.BinaryOperator.ADD,
    tree.BinaryOperator.SUBTRACT: ir.BinaryOperator.SUBTRACT,
    tree.BinaryOperator.MULTIPLY: ir.BinaryOperator.MULTIPLY,
}


def wide(b: FunctionBuilder, node: tree.Expression) -> ir.Expression:
    """Lower an integer expression to I64 (an index); arithmetic that cannot overflow is done in I64 outright."""
    match node:
        case tree.Literal(value):
            return ir.Const(int(value), Scalar.I64)
        case tree.Name(variable) if variable in b.counters:
            return ir.Load(b.counters[variable], Scalar.I64)
        case tree.Convert(operand) if operand.type is not Elementary.BOOL and type_range(type_of(operand)) is not None:
            return wide(b, operand)
        case tree.Binary(operator, left, right) if operator in _EXACT and _fits(b, node):
            sides = b.in_order([partial(wide, b, left), partial(wide, b, right)])
            return ir.Binary(_EXACT[operator], sides[0], sides[1], Scalar.I64)
    return to_i64(b.expression(node))


def to_i64(expression: ir.Expression) -> ir.Expression:
    """Return the value as I64; U64 wraps."""
    if expression.type is Scalar.I64:
        return expression
    if isinstance(expression, ir.Const):
        return ir.Const((int(expression.value) + (1 << 63)) % (1 << 64) - (1 << 63), Scalar.I64)
    return ir.Convert(expression, Scalar.I64, ir.Conversion.WRAP)


def _fits(b: FunctionBuilder, node: tree.Binary) -> bool:
    """Return whether the exact result surely lies in the type's range (and in I64)."""
    limits = type_range(node.type)
    left, right = interval(b, node.left), interval(b, node.right)
    if limits is None or left is None or right is None or limits[1] >= 1 << 63:
        return False
    corners = _corners(node.operator, left, right)
    return limits[0] <= min(corners) and max(corners) <= limits[1]


def _corners(operator: tree.BinaryOperator, left: Interval, right: Interval) -> list[int]:
    match operator:
        case tree.BinaryOperator.ADD:
            return [left[0] + right[0], left[1] + right[1]]
        case tree.BinaryOperator.SUBTRACT:
            return [left[0] - right[1], left[1] - right[0]]
        case _:
            return [x * y for x in left for y in right]
