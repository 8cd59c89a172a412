"""Built-in functions of Python that the subset has: abs, min, max, int, float, bool, round, len."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import TYPE_CHECKING

from emulators.component.refusals import RefusalError
from emulators.native import ir
from emulators.native.ir import Comparison, Conversion, Overflow, Scalar, UnaryOperator

if TYPE_CHECKING:
    from emulators.component.expressions import ExpressionLowering

__all__ = ["lowering_of"]

F64, I64, BOOL = Scalar.F64, Scalar.I64, Scalar.BOOL
Lowering = Callable[["ExpressionLowering", ast.Call], ir.Expression]


def lowering_of(target: object) -> Lowering | None:
    """Return how calls of a built-in function are lowered, None when it is no such function."""
    for function, lowering in _TABLE:
        if target is function:
            return lowering
    return None


def _arguments(node: ast.Call, count: int, form: str) -> list[ast.expr]:
    if len(node.args) != count:
        raise RefusalError(
            node, "PC1002", f"'{ast.unparse(node)}' has {len(node.args)} arguments", f"write {form} instead"
        )
    return node.args


def _abs(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "abs(x)")
    value = _number(lowering, argument)
    if value.type is F64:
        return ir.Intrinsic("fabs", (value,), F64, lowering.span(node))
    lowering.need(node, "int64")
    negated = ir.Unary(UnaryOperator.NEGATE, value, I64, Overflow.TRAP, lowering.span(node))
    return ir.Select(ir.Compare(Comparison.LT, value, ir.Const(0, I64)), negated, value, I64)


def _extremum(name: str) -> Lowering:
    def lower(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
        if len(node.args) < 2:
            raise RefusalError(node, "PC1002", f"{name} of {len(node.args)} values", f"write {name}(a, b) instead")
        values = lowering.same_type(node, node.args)
        if values[0].type is BOOL:
            raise RefusalError(node, "PC1005", f"{name} of bools", "write 'and' or 'or' instead")
        result = values[0]
        for value in values[1:]:
            intrinsic = f"f{name}_py" if value.type is F64 else f"{name}_i64"
            result = ir.Intrinsic(intrinsic, (result, value), value.type, lowering.span(node))
        return result

    return lower


def _int(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "int(x)")
    value = lowering.value(argument)
    if value.type is I64:
        return value
    if value.type is BOOL:
        return ir.Convert(value, I64, Conversion.WRAP)
    lowering.need(node, "truncate")
    return ir.Convert(value, I64, Conversion.TRUNCATE, lowering.span(node))


def _round(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "round(x)")
    value = _number(lowering, argument)
    if value.type is I64:
        return value
    lowering.need(node, "round")
    return ir.Convert(value, I64, Conversion.ROUND_EVEN, lowering.span(node))


def _float(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "float(x)")
    value = lowering.value(argument)
    if value.type is BOOL:
        return ir.Select(value, ir.Const(1.0, F64), ir.Const(0.0, F64), F64)
    return lowering.to_float(value)


def _bool(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "bool(x)")
    value = lowering.value(argument)
    if value.type is BOOL:
        return value
    zero = ir.Const(0.0, F64) if value.type is F64 else ir.Const(0, I64)
    return ir.Compare(Comparison.NE, value, zero)


def _len(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    (argument,) = _arguments(node, 1, "len(self.array)")
    if isinstance(argument, ast.Attribute) and ast.unparse(argument.value) == "self":
        member = lowering.member(argument)
        if member.length:
            return ir.Const(member.length, I64)
    raise RefusalError(node, "PC1002", f"'{ast.unparse(argument)}' is no member array", "write len(self.array) instead")


def _range(lowering: ExpressionLowering, node: ast.Call) -> ir.Expression:
    raise RefusalError(node, "PC1002", "range(…) outside a for statement", "write 'for i in range(…):' instead")


def _number(lowering: ExpressionLowering, node: ast.expr) -> ir.Expression:
    value = lowering.value(node)
    if value.type is BOOL:
        raise RefusalError(node, "PC1005", "arithmetic on a bool", f"write 'int({ast.unparse(node)})' instead")
    return value


_TABLE: tuple[tuple[object, Lowering], ...] = (
    (abs, _abs),
    (min, _extremum("min")),
    (max, _extremum("max")),
    (int, _int),
    (round, _round),
    (float, _float),
    (bool, _bool),
    (len, _len),
    (range, _range),
)
