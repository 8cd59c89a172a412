"""Operators of the Python subset, lowered to IR: arithmetic, bits, logic, comparisons.

A value is float (F64), int (I64, overflow is a fault) or bool; the three never mix silently, except that an int
operand of float arithmetic becomes a float as it does in Python.
"""

from __future__ import annotations

import abc
import ast
from collections.abc import Sequence
from types import FunctionType

from emulators.component import constants
from emulators.component.advice import conversion_advice, python_name
from emulators.component.refusals import RefusalError
from emulators.component.scope import Check, ClassScope, NodeKey, node_key
from emulators.component.source import FunctionSource
from emulators.errors import SourceSpan
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, Overflow, Scalar, UnaryOperator

__all__ = ["OperatorLowering"]

F64, I64, BOOL = Scalar.F64, Scalar.I64, Scalar.BOOL

_ARITHMETIC = {
    ast.Add: BinaryOperator.ADD,
    ast.Sub: BinaryOperator.SUBTRACT,
    ast.Mult: BinaryOperator.MULTIPLY,
    ast.Div: BinaryOperator.DIVIDE,
    ast.FloorDiv: BinaryOperator.FLOOR_DIVIDE,
    ast.Mod: BinaryOperator.FLOOR_MODULO,
}
_BITWISE = {ast.BitAnd: BinaryOperator.AND, ast.BitOr: BinaryOperator.OR, ast.BitXor: BinaryOperator.XOR}
_COMPARISONS = {
    ast.Eq: Comparison.EQ,
    ast.NotEq: Comparison.NE,
    ast.Lt: Comparison.LT,
    ast.LtE: Comparison.LE,
    ast.Gt: Comparison.GT,
    ast.GtE: Comparison.GE,
}


class OperatorLowering(abc.ABC):
    """Lowers the operators of one function; knows its variables, collects what it reads and calls."""

    def __init__(self, scope: ClassScope, source: FunctionSource, *, is_method: bool) -> None:
        self.scope = scope
        self.source = source
        self.is_method = is_method
        self.variables: dict[str, ir.Local | ir.Parameter | None] = {}  # None: its value was refused
        self.assigned = {
            item.id for item in ast.walk(source.node) if isinstance(item, ast.Name) and isinstance(item.ctx, ast.Store)
        }
        self.ranges: dict[str, tuple[int, int]] = {}  # loop variables with constant bounds: lowest, highest value
        self.checks: dict[NodeKey, Check] = {}
        self.reads: set[str] = set()
        self.writes: set[str] = set()
        self.helpers: set[FunctionType] = set()

    def span(self, node: ast.AST) -> SourceSpan:
        return self.source.span(node)

    def need(self, node: ast.AST, kind: str, length: int = 0) -> None:
        self.checks[node_key(node)] = Check(kind, length)

    @abc.abstractmethod
    def value(self, node: ast.expr) -> ir.Expression:
        """Return the IR of an expression.

        Raises:
            RefusalError: the subset does not have it.
        """

    def typed(self, node: ast.expr, scalar: Scalar, what: str) -> ir.Expression:
        """Return the IR of an expression that must have type ``scalar``."""
        expression = self.value(node)
        if expression.type is not scalar:
            raise RefusalError(
                node,
                "PC1005",
                f"{what} is {python_name(scalar)}, this is {python_name(expression.type)}",
                conversion_advice(node, expression, scalar),
            )
        return expression

    def condition(self, node: ast.expr) -> ir.Expression:
        expression = self.value(node)
        if expression.type is not BOOL:
            text = ast.unparse(node)
            zero = "0" if expression.type is I64 else "0.0"
            raise RefusalError(
                node,
                "PC1006",
                f"'{text}' is {python_name(expression.type)} where a bool is needed",
                f"write '{text} != {zero}' instead",
            )
        return expression

    def same_type(self, node: ast.expr, operands: Sequence[ast.expr]) -> list[ir.Expression]:
        values = [self.value(operand) for operand in operands]
        wanted = F64 if any(value.type is F64 for value in values) else values[0].type
        for operand, value in zip(operands, values, strict=True):
            if value.type is not wanted:
                raise RefusalError(
                    operand,
                    "PC1005",
                    f"'{ast.unparse(node)}' mixes {python_name(wanted)} and {python_name(value.type)}",
                    conversion_advice(operand, value, wanted),
                )
        return values

    def binary(self, node: ast.AST, left_node: ast.expr, op: ast.operator, right_node: ast.expr) -> ir.Expression:
        if isinstance(op, ast.Pow):
            base = ast.unparse(left_node)
            raise RefusalError(
                node,
                "PC1003",
                "'**' does not have the same bits everywhere",
                f"write '{base} * {base}' or power(x, y) instead",
            )
        left, right = self.value(left_node), self.value(right_node)
        if type(op) in _BITWISE:
            return self.bitwise(node, left, _BITWISE[type(op)], right)
        if isinstance(op, ast.LShift | ast.RShift):
            return self.shift(node, left, op, right)
        if type(op) not in _ARITHMETIC:
            raise RefusalError(node, "PC1002", f"operator '{type(op).__name__}' is not in the subset")
        for operand, value in ((left_node, left), (right_node, right)):
            if value.type is BOOL:
                raise RefusalError(
                    operand, "PC1005", "arithmetic on a bool", f"write 'int({ast.unparse(operand)})' instead"
                )
        if left.type is not right.type:
            left, right = self.to_float(left), self.to_float(right)
        if left.type is I64 and isinstance(op, ast.Div):
            raise RefusalError(
                node,
                "PC1005",
                "'/' of two ints is not exact in 64 bits",
                f"write 'float({ast.unparse(left_node)}) / float({ast.unparse(right_node)})' or '//' instead",
            )
        if left.type is I64 and not isinstance(op, ast.Mod):
            self.need(node, "int64")
        operator = _ARITHMETIC[type(op)]
        folded = constants.fold(operator, left, right)
        if folded is not None:
            return folded
        is_guarded = left.type is I64 or isinstance(op, ast.Div | ast.FloorDiv | ast.Mod)
        overflow = Overflow.TRAP if is_guarded else Overflow.WRAP
        return ir.Binary(operator, left, right, left.type, overflow, self.span(node))

    def to_float(self, value: ir.Expression) -> ir.Expression:
        if value.type is F64:
            return value
        if isinstance(value, ir.Const):
            return ir.Const(float(value.value), F64)
        return ir.Convert(value, F64, Conversion.TO_FLOAT)

    def bitwise(
        self, node: ast.AST, left: ir.Expression, operator: BinaryOperator, right: ir.Expression
    ) -> ir.Expression:
        if left.type is not right.type or left.type is F64:
            kinds = f"{python_name(left.type)} and {python_name(right.type)}"
            raise RefusalError(node, "PC1005", f"bitwise operation on {kinds}", "write it for two ints or two bools")
        return ir.Binary(operator, left, right, left.type)

    def shift(
        self, node: ast.AST, left: ir.Expression, op: ast.LShift | ast.RShift, right: ir.Expression
    ) -> ir.Expression:
        if left.type is not I64 or not isinstance(right, ir.Const) or right.type is not I64:
            raise RefusalError(
                node, "PC1002", "shift by something else than a constant", "write '* 2' or '// 2' instead"
            )
        if not 0 <= right.value <= 62:
            raise RefusalError(node, "PC1002", f"shift by {right.value}", "write a count from 0 to 62 instead")
        if isinstance(op, ast.RShift):
            return ir.Binary(BinaryOperator.SHIFT_RIGHT, left, right, I64)
        self.need(node, "int64")
        factor = ir.Const(1 << int(right.value), I64)
        return ir.Binary(BinaryOperator.MULTIPLY, left, factor, I64, Overflow.TRAP, self.span(node))

    def unary(self, node: ast.UnaryOp) -> ir.Expression:
        if isinstance(node.op, ast.Not):
            return ir.Unary(UnaryOperator.NOT, self.condition(node.operand), BOOL)
        if isinstance(node.op, ast.USub) and isinstance(node.operand, ast.Constant):
            negated = constants.from_python(_negated(node.operand.value))
            if negated is not None:
                return negated
        operand = self.value(node.operand)
        if operand.type is BOOL:
            raise RefusalError(node, "PC1005", "arithmetic on a bool", "write 'not' or 'int(…)' instead")
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.Invert):
            if operand.type is not I64:
                raise RefusalError(node, "PC1005", "'~' of a float", "write it for an int")
            return ir.Unary(UnaryOperator.NOT, operand, I64)
        if operand.type is I64:
            self.need(node, "int64")
            return ir.Unary(UnaryOperator.NEGATE, operand, I64, Overflow.TRAP, self.span(node))
        if isinstance(operand, ir.Const):
            return ir.Const(-operand.value, F64)
        return ir.Unary(UnaryOperator.NEGATE, operand, F64)

    def logic(self, node: ast.BoolOp) -> ir.Expression:
        operands = [self.condition(operand) for operand in node.values]
        result = operands[0]
        for operand in operands[1:]:
            result = ir.AndThen(result, operand) if isinstance(node.op, ast.And) else ir.OrElse(result, operand)
        return result

    def comparison(self, node: ast.Compare) -> ir.Expression:
        nodes = [node.left, *node.comparators]
        result: ir.Expression | None = None
        for left_node, op, right_node in zip(nodes, node.ops, nodes[1:], strict=False):
            if type(op) not in _COMPARISONS:
                raise RefusalError(
                    node, "PC1002", f"'{ast.unparse(node)}' is not in the subset", "write '==' or '!=' instead"
                )
            part = self.compared(node, left_node, _COMPARISONS[type(op)], right_node)
            result = part if result is None else ir.AndThen(result, part)
        if result is None:
            raise RefusalError(node, "PC1002", "empty comparison")
        return result

    def compared(self, node: ast.Compare, left_node: ast.expr, op: Comparison, right_node: ast.expr) -> ir.Expression:
        left, right = self.value(left_node), self.value(right_node)
        if left.type is not right.type:
            left, right = (
                self.compared_as_float(left_node, left, right),
                self.compared_as_float(right_node, right, left),
            )
        if left.type is BOOL and op not in (Comparison.EQ, Comparison.NE):
            raise RefusalError(node, "PC1005", "order of two bools", "write it with 'and', 'or', 'not' instead")
        return ir.Compare(op, left, right)

    def compared_as_float(self, node: ast.expr, value: ir.Expression, other: ir.Expression) -> ir.Expression:
        """Python compares int and float exactly; so do we where the int is a constant that a float holds."""
        if value.type is F64:
            if other.type is BOOL:
                raise RefusalError(node, "PC1005", "comparison of a float and a bool")
            return value
        if (
            value.type is I64
            and isinstance(value, ir.Const)
            and other.type is F64
            and float(value.value) == value.value
        ):
            return ir.Const(float(value.value), F64)
        kinds = f"{python_name(value.type)} and {python_name(other.type)}"
        raise RefusalError(node, "PC1005", f"comparison of {kinds}", conversion_advice(node, value, other.type))


def _negated(value: object) -> object:
    return -value if isinstance(value, int | float) and not isinstance(value, bool) else None
