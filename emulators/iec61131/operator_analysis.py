"""Operators: which operands they take and their common type."""

from __future__ import annotations

from fractions import Fraction

from emulators.iec61131 import tree
from emulators.iec61131.conversion import common_type, constant_in_type, default_literal_type
from emulators.iec61131.expression_base import Operand, Untyped, operand_name
from emulators.iec61131.folding import ConstantOverflowError, fold_unary, fold_untyped
from emulators.iec61131.operator_base import ARITHMETIC, BITWISE
from emulators.iec61131.syntax import BinaryNode, UnaryNode
from emulators.iec61131.temporal_operators import TemporalOperators
from emulators.iec61131.tree import BinaryOperator, UnaryOperator
from emulators.iec61131.types import (
    Elementary,
    EnumerationType,
    IecType,
    Kind,
    StringType,
    underlying,
)

__all__ = ["OperatorAnalysis"]

_OPERATORS = {operator.value: operator for operator in BinaryOperator} | {"&": BinaryOperator.AND}
_SHORT_CIRCUIT = frozenset({BinaryOperator.AND_THEN, BinaryOperator.OR_ELSE})
_EQUALITY = frozenset({BinaryOperator.EQUAL, BinaryOperator.NOT_EQUAL})


class OperatorAnalysis(TemporalOperators):
    """Unary and binary operators."""

    # --- unary -----------------------------------------------------------------------------------------------------

    def unary(self, node: UnaryNode, expected: IecType | None) -> Operand | None:
        operand = self.expression(node.operand, expected)
        if operand is None:
            return None
        if node.operator == "NOT":
            return self._not(node, operand, expected)
        if isinstance(operand, Untyped):
            return Untyped(-operand.value if node.operator == "-" else operand.value, self.scope.span(node))
        plain = underlying(operand.type) if operand.type is not None else None
        is_signed = isinstance(plain, Elementary) and plain.kind in (Kind.SIGNED, Kind.REAL, Kind.DURATION)
        is_enumeration = isinstance(operand.type, EnumerationType)
        if node.operator == "+" and isinstance(plain, Elementary) and (is_signed or plain.is_integer):
            return operand
        if not isinstance(plain, Elementary) or not is_signed or is_enumeration:
            self.scope.report("ST3006", node, f"'{node.operator}' is not defined for {operand_name(operand)}")
            return None
        return self._fold_unary(node, UnaryOperator.NEGATE, operand, plain)

    def _not(self, node: UnaryNode, operand: Operand, expected: IecType | None) -> Operand | None:
        typed: tree.Expression | None
        if isinstance(operand, Untyped):
            plain = underlying(expected) if expected is not None else None
            is_bits = isinstance(plain, Elementary) and plain.is_bit_string
            typed = self.typed(operand, node, expected if is_bits else None)
        else:
            typed = operand
        if typed is None:
            return None
        base = underlying(typed.type) if typed.type is not None else None
        if not isinstance(base, Elementary) or not base.is_bit_string or isinstance(typed.type, EnumerationType):
            self.scope.report("ST3006", node, f"'NOT' is not defined for {operand_name(operand)}")
            return None
        return self._fold_unary(node, UnaryOperator.NOT, typed, base)

    def _fold_unary(
        self, node: UnaryNode, operator: UnaryOperator, operand: tree.Expression, plain: Elementary
    ) -> tree.Expression | None:
        span = self.scope.span(node)
        if isinstance(operand, tree.Literal):
            try:
                folded = fold_unary(operator, operand.value, plain)
            except ConstantOverflowError:
                self.scope.report("ST3025", node, f"the constant leaves the range of {plain.label}")
                return None
            if folded is not None:
                return tree.Literal(folded, plain, span)
        return tree.Unary(operator, operand, plain, span)

    # --- binary ----------------------------------------------------------------------------------------------------

    def binary(self, node: BinaryNode, expected: IecType | None) -> Operand | None:
        operator = _OPERATORS[node.operator]
        left_expected = None if operator.is_comparison else expected
        if operator.is_comparison and self.is_ambiguous(node.left):
            known = self.expression(node.right)
            left_expected = known.type if known is not None and not isinstance(known, Untyped) else None
        left = self.expression(node.left, left_expected)
        right_expected = left_expected
        if left is not None and not isinstance(left, Untyped) and (operator.is_comparison or expected is None):
            right_expected = left.type
        right = self.expression(node.right, right_expected)
        if left is None or right is None:
            return None
        if isinstance(left, Untyped) and isinstance(right, Untyped):
            return self._both_untyped(node, operator, left, right, expected)
        if operator is BinaryOperator.POWER:
            return self._power(node, left, right, expected)
        if operator in ARITHMETIC:
            special = self.temporal(node, operator, left, right)
            if special is not None:
                return special[0]
        return self._unified(node, operator, left, right)

    def _both_untyped(
        self, node: BinaryNode, operator: BinaryOperator, left: Untyped, right: Untyped, expected: IecType | None
    ) -> Operand | None:
        span = self.scope.span(node)
        try:
            result = fold_untyped(operator, left.value, right.value)
        except ZeroDivisionError:
            self.scope.report("ST3026", node, "division by zero")
            return None
        except ConstantOverflowError:
            self.scope.report("ST3025", node, "the constant is larger than every type")
            return None
        if isinstance(result, bool):
            return tree.Literal(result, Elementary.BOOL, span)
        if result is not None:
            return Untyped(result, span)
        if operator is BinaryOperator.POWER:
            return self._power(node, left, right, expected)
        self.report_undefined(node, operator, left, right)
        return None

    def _power(self, node: BinaryNode, left: Operand, right: Operand, expected: IecType | None) -> Operand | None:
        plain = underlying(expected) if expected is not None else None
        wanted = plain if isinstance(plain, Elementary) and plain.is_real else None
        if isinstance(left, Untyped):
            right_type = None if isinstance(right, Untyped) else right.type
            target = right_type if isinstance(right_type, Elementary) and right_type.is_real else wanted
            base = self.typed(Untyped(Fraction(left.value), left.span), node.left, target or Elementary.LREAL)
        else:
            base = self._as_real(left, node)
        exponent: tree.Expression | None
        if isinstance(right, Untyped) and isinstance(right.value, int):
            exponent = self.typed(right, node.right)
        elif isinstance(right, Untyped):
            exponent = self.typed(right, node.right, base.type if base is not None else None)
        else:
            exponent = right
        if base is None or exponent is None:
            return None
        exponent_type = underlying(exponent.type) if exponent.type is not None else None
        is_number = isinstance(exponent_type, Elementary) and (exponent_type.is_integer or exponent_type.is_real)
        if not is_number or isinstance(exponent.type, EnumerationType) or not isinstance(exponent_type, Elementary):
            self.report_undefined(node, BinaryOperator.POWER, left, right)
            return None
        result = base.type
        if exponent_type.is_real and exponent_type != base.type:
            result = Elementary.LREAL
            base = self.convert(base, result, node.left, "raise {} to a power")
            exponent = self.convert(exponent, result, node.right, "raise to a power of {}")
        if base is None or exponent is None or result is None:
            return None
        return tree.Binary(BinaryOperator.POWER, base, exponent, result, self.scope.span(node))

    def _as_real(self, operand: tree.Expression, node: BinaryNode) -> tree.Expression | None:
        plain = underlying(operand.type) if operand.type is not None else None
        if isinstance(plain, Elementary) and plain.is_real:
            return operand
        for real in (Elementary.REAL, Elementary.LREAL):
            is_integer = isinstance(plain, Elementary) and plain.is_integer
            if is_integer and plain is not None and common_type(plain, real) is real:
                return self.convert(operand, real, node.left, "raise {} to a power")
        self.scope.report("ST3006", node, f"'**' is not defined for {operand_name(operand)} on its left")
        return None

    def _unified(
        self, node: BinaryNode, operator: BinaryOperator, left: Operand, right: Operand
    ) -> tree.Expression | None:
        """Bring both operands to their common type and build the node, if the operator is defined for that type."""
        operand_type = self.unify_types([left, right])
        if operand_type is None or not _is_defined(operator, operand_type):
            self.report_undefined(node, operator, left, right)
            return None
        purpose = f"use {{}} with '{node.operator}'"
        left_value = self.convert(left, operand_type, node.left, purpose)
        right_value = self.convert(right, operand_type, node.right, purpose)
        if left_value is None or right_value is None:
            return None
        if operator in _EQUALITY:
            self._warn_about_real_equality(node, operand_type, left_value, right_value)
        result = Elementary.BOOL if operator.is_comparison else operand_type
        return self.finish(node, operator, left_value, right_value, result)

    def unify_types(self, operands: list[Operand]) -> IecType | None:
        """Return the narrowest type that all operands convert to; untyped numbers adapt to the typed ones.

        None: there is none, or nothing is typed. Subranges count as their base.
        """
        found: IecType | None = None
        for operand in operands:
            if isinstance(operand, Untyped):
                continue
            if operand.type is None:
                return None
            plain = operand.type if isinstance(operand.type, EnumerationType) else underlying(operand.type)
            found = plain if found is None else common_type(found, plain)
            if found is None:
                return None
        for operand in operands:
            if isinstance(operand, Untyped) and found is not None:
                found = _with_number(found, operand)
        return found

    def _warn_about_real_equality(
        self, node: BinaryNode, operand_type: IecType, left: tree.Expression, right: tree.Expression
    ) -> None:
        if not isinstance(operand_type, Elementary) or not operand_type.is_real:
            return
        if any(isinstance(side, tree.Literal) and side.value == 0.0 for side in (left, right)):
            return
        self.scope.report(
            "ST4005", node, f"'{node.operator}' on {operand_type.label} is exact", "compare ABS(a - b) with a tolerance"
        )


def _with_number(found: IecType, operand: Untyped) -> IecType | None:
    """Return the type an untyped number shares with the typed operands."""
    if constant_in_type(operand.value, found) is not None:
        return found
    default = default_literal_type(operand.value)
    if default is None or isinstance(found, EnumerationType):
        return None
    if isinstance(operand.value, Fraction):
        default = Elementary.REAL
    plain = underlying(found)
    if isinstance(plain, Elementary) and plain.kind is Kind.UNSIGNED and isinstance(operand.value, int):
        return common_type(plain, _narrowest(operand.value) or default)
    return common_type(found, default)


def _narrowest(value: int) -> Elementary | None:
    """Return the narrowest integer type of a number, signed if it is negative."""
    names = ("SINT", "INT", "DINT", "LINT") if value < 0 else ("USINT", "UINT", "UDINT", "ULINT")
    for name in names:
        candidate = Elementary[name]
        if candidate.low <= value <= candidate.high:
            return candidate
    return None


def _is_defined(operator: BinaryOperator, operand_type: IecType) -> bool:
    if operator.is_comparison:
        return isinstance(operand_type, Elementary | StringType | EnumerationType)
    plain = operand_type
    if not isinstance(plain, Elementary):
        return False
    if operator in BITWISE:
        return plain.is_bit_string
    if operator in _SHORT_CIRCUIT:
        return plain is Elementary.BOOL
    if operator is BinaryOperator.MODULO:
        return plain.is_integer
    if operator in (BinaryOperator.ADD, BinaryOperator.SUBTRACT) and plain.kind is Kind.DURATION:
        return True
    return plain.is_integer or plain.is_real
