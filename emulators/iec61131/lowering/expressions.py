"""Scalar expressions: literals, variables, operators, implicit conversions, calls."""

from __future__ import annotations

from functools import partial
from typing import assert_never

from emulators.iec61131 import tree
from emulators.iec61131.lowering import texts
from emulators.iec61131.lowering.calls import call_value
from emulators.iec61131.lowering.conversions import convert
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import constant, type_of
from emulators.iec61131.lowering.operators import arithmetic, power, scale_duration
from emulators.iec61131.lowering.places import load
from emulators.iec61131.lowering.ranges import interval, to_i64
from emulators.iec61131.lowering.standard import standard_value
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.iec61131.types import Elementary, Kind, StringType, SubrangeType
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Scalar

__all__ = ["lower_expression"]

_COMPARISONS = {
    tree.BinaryOperator.EQUAL: Comparison.EQ,
    tree.BinaryOperator.NOT_EQUAL: Comparison.NE,
    tree.BinaryOperator.LESS: Comparison.LT,
    tree.BinaryOperator.LESS_EQUAL: Comparison.LE,
    tree.BinaryOperator.GREATER: Comparison.GT,
    tree.BinaryOperator.GREATER_EQUAL: Comparison.GE,
}
_ARITHMETIC = {
    tree.BinaryOperator.ADD: BinaryOperator.ADD,
    tree.BinaryOperator.SUBTRACT: BinaryOperator.SUBTRACT,
    tree.BinaryOperator.MULTIPLY: BinaryOperator.MULTIPLY,
    tree.BinaryOperator.DIVIDE: BinaryOperator.DIVIDE,
    tree.BinaryOperator.MODULO: BinaryOperator.MODULO,
    tree.BinaryOperator.AND: BinaryOperator.AND,
    tree.BinaryOperator.OR: BinaryOperator.OR,
    tree.BinaryOperator.XOR: BinaryOperator.XOR,
}


def lower_expression(b: FunctionBuilder, node: tree.Expression) -> ir.Expression:
    """Return the machine value of a scalar expression; may append statements that run before it."""
    match node:
        case tree.Literal(value, iec_type):
            return constant(value, iec_type)
        case tree.Unary():
            return _unary(b, node)
        case tree.Binary():
            return _binary(b, node)
        case tree.Convert(operand, iec_type):
            return convert(b.expression(operand), type_of(operand), iec_type, node.span)
        case tree.RangeCheck():
            return _range_check(b, node)
        case tree.FunctionCall():
            return call_value(b, node)
        case tree.StandardCall():
            return standard_value(b, node)
        case (
            tree.Name()
            | tree.Field()
            | tree.Member()
            | tree.Element()
            | tree.CharacterAccess()
            | tree.PartialAccess()
            | tree.AddressAccess()
        ):
            return load(b, node)
    assert_never(node)


def _unary(b: FunctionBuilder, node: tree.Unary) -> ir.Expression:
    operand = b.expression(node.operand)
    if node.operator is tree.UnaryOperator.NOT:
        return ir.Unary(ir.UnaryOperator.NOT, operand, operand.type, span=node.span)
    return ir.Unary(ir.UnaryOperator.NEGATE, operand, operand.type, span=node.span)


def _binary(b: FunctionBuilder, node: tree.Binary) -> ir.Expression:
    """Lower an operator; chains like ``a + b + c`` nest to the left and are followed without recursion."""
    if node.operator in (tree.BinaryOperator.AND_THEN, tree.BinaryOperator.OR_ELSE):
        return _short_circuit(b, node)
    if isinstance(node.left.type, StringType):
        return texts.compare(b, _COMPARISONS[node.operator], node.left, node.right)
    spine = [node]
    while _is_plain(spine[-1].left):
        left = spine[-1].left
        assert isinstance(left, tree.Binary)
        spine.append(left)
    result = b.expression(spine[-1].left)
    for parent in reversed(spine):
        first, second = b.in_order([partial(_given, result), partial(b.expression, parent.right)])
        result = _combine(b, parent, first, second)
    return result


def _is_plain(node: tree.Expression) -> bool:
    """Return whether both operands of a node are scalars that are always evaluated."""
    if not isinstance(node, tree.Binary) or isinstance(node.left.type, StringType):
        return False
    return node.operator not in (tree.BinaryOperator.AND_THEN, tree.BinaryOperator.OR_ELSE)


def _given(expression: ir.Expression) -> ir.Expression:
    return expression


def _combine(b: FunctionBuilder, node: tree.Binary, left: ir.Expression, right: ir.Expression) -> ir.Expression:
    comparison = _COMPARISONS.get(node.operator)
    if comparison is not None:
        return ir.Compare(comparison, left, right)
    if node.operator is tree.BinaryOperator.POWER:
        return power(left, right, node.span)
    machine_operator = _ARITHMETIC[node.operator]
    if _is_duration(node.left) and not _is_duration(node.right):
        return scale_duration(machine_operator, left, right, node.span)
    return arithmetic(machine_operator, left, right, node.span)


def _is_duration(node: tree.Expression) -> bool:
    return isinstance(node.type, Elementary) and node.type.kind is Kind.DURATION


def _short_circuit(b: FunctionBuilder, node: tree.Binary) -> ir.Expression:
    """Lower AND_THEN and OR_ELSE; an operand of AND_THEN knows that those before it hold.

    Chains nest to the left and are followed without recursion; not where a call may change what an operand has found.
    """
    links = [node]
    if not calls_users_function(node):
        while isinstance(left := links[-1].left, tree.Binary) and left.operator is node.operator:
            links.append(left)
    found = links[-1].left
    result = b.expression(found)
    with b.branch():
        for link in reversed(links):
            if node.operator is tree.BinaryOperator.AND_THEN:
                b.rules.assume(b, found)
            result = _with_right(b, link, result)
            found = link.right
    return result


def _with_right(b: FunctionBuilder, node: tree.Binary, left: ir.Expression) -> ir.Expression:
    """Return a lowered left side joined with the right one, which is evaluated only where the left does not decide."""
    is_and = node.operator is tree.BinaryOperator.AND_THEN
    with b.collect() as before_right:
        right = b.expression(node.right)
    if not before_right:
        return ir.AndThen(left, right) if is_and else ir.OrElse(left, right)
    result = b.temporary(Scalar.BOOL)
    body = (*before_right, ir.Assign(result, right, node.span))
    is_true = ir.Load(result, Scalar.BOOL)
    goes_on = is_true if is_and else ir.Unary(ir.UnaryOperator.NOT, is_true, Scalar.BOOL)
    b.emit(ir.Assign(result, left, node.span), ir.If(goes_on, body, (), node.span))
    return is_true


def _range_check(b: FunctionBuilder, node: tree.RangeCheck) -> ir.Expression:
    assert isinstance(node.type, SubrangeType)
    known = interval(b, node.operand)
    value = b.expression(node.operand)
    if known is not None and node.type.low <= known[0] and known[1] <= node.type.high:
        return value
    kept = b.keep(value, node.span)
    low, high = ir.Const(node.type.low, kept.type), ir.Const(node.type.high, kept.type)
    outside = ir.OrElse(ir.Compare(Comparison.LT, kept, low), ir.Compare(Comparison.GT, kept, high))
    b.fault_if(outside, ir.FaultCode.SUBRANGE, node.span, to_i64(kept), to_i64(low), to_i64(high))
    return kept
