"""What all operators have in common: folding of constants, and the message for operands that do not fit."""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.expression_base import Operand, Untyped, operand_name
from emulators.iec61131.folding import ConstantOverflowError, fold_binary
from emulators.iec61131.place_analysis import PlaceAnalysis
from emulators.iec61131.syntax import BinaryNode
from emulators.iec61131.tree import BinaryOperator
from emulators.iec61131.types import Elementary, IecType, Kind, type_name, underlying

__all__ = ["ARITHMETIC", "BITWISE", "OperatorBase"]

ARITHMETIC = frozenset({BinaryOperator.ADD, BinaryOperator.SUBTRACT, BinaryOperator.MULTIPLY, BinaryOperator.DIVIDE})
BITWISE = frozenset({BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR})
_INTEGER_OF_BITS = {8: "SINT", 16: "INT", 32: "DINT", 64: "LINT"}
_BITS_OF_SIZE = {8: "BYTE", 16: "WORD", 32: "DWORD", 64: "LWORD"}


class OperatorBase(PlaceAnalysis):
    """The last step of every operator."""

    def finish(
        self,
        node: BinaryNode,
        operator: BinaryOperator,
        left: tree.Expression,
        right: tree.Expression,
        result: IecType,
    ) -> tree.Expression | None:
        """Return the node, folded if both operands are literals; reports overflow and division by zero."""
        span = self.scope.span(node)
        plain = underlying(left.type) if left.type is not None else None
        is_integer_division = isinstance(plain, Elementary) and not plain.is_real
        is_zero = isinstance(right, tree.Literal) and right.value == 0
        if operator in (BinaryOperator.DIVIDE, BinaryOperator.MODULO) and is_integer_division and is_zero:
            self.scope.report("ST3026", node, "division by zero")
            return None
        if isinstance(left, tree.Literal) and isinstance(right, tree.Literal) and plain is not None:
            try:
                folded = fold_binary(operator, left.value, right.value, plain)
            except ConstantOverflowError:
                self.scope.report("ST3025", node, f"the constant leaves the range of {type_name(result)}")
                return None
            except ZeroDivisionError:
                self.scope.report("ST3026", node, "division by zero")
                return None
            if folded is not None:
                return tree.Literal(folded, result, span)
        return tree.Binary(operator, left, right, result, span)

    def report_undefined(self, node: BinaryNode, operator: BinaryOperator, left: Operand, right: Operand) -> None:
        """Report that an operator does not take such operands, and what to convert."""
        names = operand_name(left), operand_name(right)
        hint = ""
        for operand in (left, right):
            plain = None if isinstance(operand, Untyped) or operand.type is None else underlying(operand.type)
            if not isinstance(plain, Elementary):
                continue
            if operator in ARITHMETIC and plain.kind is Kind.BITS:
                hint = f"convert with {plain.label}_TO_U{_INTEGER_OF_BITS[plain.bits]}"
            if operator in BITWISE and plain.is_integer and "BOOL" not in names:
                hint = f"convert with {plain.label}_TO_{_BITS_OF_SIZE[plain.bits]}"
        self.scope.report("ST3006", node, f"'{node.operator}' is not defined for {names[0]} and {names[1]}", hint)
