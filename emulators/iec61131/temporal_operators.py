"""Operators on durations and dates: scaled durations, moved moments, differences of moments."""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.conversion import common_type
from emulators.iec61131.expression_base import Operand, Untyped
from emulators.iec61131.operator_base import OperatorBase
from emulators.iec61131.syntax import BinaryNode
from emulators.iec61131.tree import BinaryOperator
from emulators.iec61131.types import Elementary, EnumerationType, Kind, underlying

__all__ = ["TemporalOperators"]

_DATE_KINDS = frozenset({Kind.DATE, Kind.TIME_OF_DAY, Kind.DATE_AND_TIME})
_LONG_DATES = frozenset({Elementary.LDATE, Elementary.LTOD, Elementary.LDT})
_LONG_OF = {Elementary.TOD: Elementary.LTOD, Elementary.DT: Elementary.LDT}


class TemporalOperators(OperatorBase):
    """What ``+ - * /`` do where a duration or a date takes part."""

    def temporal(
        self, node: BinaryNode, operator: BinaryOperator, left: Operand, right: Operand
    ) -> tuple[tree.Expression | None] | None:
        """Return (result,) if a duration or date takes part in a way of its own; None: the plain rules hold."""
        left_kind, right_kind = _kind(left), _kind(right)
        if operator in (BinaryOperator.MULTIPLY, BinaryOperator.DIVIDE):
            if left_kind is Kind.DURATION and right_kind is not Kind.DURATION and not isinstance(left, Untyped):
                return (self._scaled(node, operator, left, right),)
            if right_kind is Kind.DURATION and operator is BinaryOperator.MULTIPLY and not isinstance(right, Untyped):
                return (self._scaled(node, operator, right, left),)
            return None
        if isinstance(left, Untyped) or isinstance(right, Untyped):
            return None
        if left_kind in (Kind.TIME_OF_DAY, Kind.DATE_AND_TIME) and right_kind is Kind.DURATION:
            return (self._moved(node, operator, left, right),)
        if left_kind in _DATE_KINDS and right_kind is left_kind and operator is BinaryOperator.SUBTRACT:
            return (self._difference(node, left, right),)
        return None

    def _scaled(
        self, node: BinaryNode, operator: BinaryOperator, duration: tree.Expression, factor: Operand
    ) -> tree.Expression | None:
        number: tree.Expression | None
        if isinstance(factor, Untyped):
            whole = isinstance(factor.value, int)
            number = self.typed(factor, node, Elementary.LINT if whole else Elementary.LREAL)
        else:
            plain = underlying(factor.type) if factor.type is not None else None
            is_number = isinstance(plain, Elementary) and (plain.is_integer or plain.is_real)
            if not is_number or isinstance(factor.type, EnumerationType) or not isinstance(plain, Elementary):
                self.report_undefined(node, operator, duration, factor)
                return None
            number = factor
            if plain.is_real:
                number = self.convert(factor, Elementary.LREAL, node, "scale a duration by {}")
        if number is None or duration.type is None:
            return None
        return self.finish(node, operator, duration, number, duration.type)

    def _moved(
        self, node: BinaryNode, operator: BinaryOperator, moment: tree.Expression, duration: tree.Expression
    ) -> tree.Expression | None:
        moment_type = moment.type
        if duration.type is Elementary.LTIME and isinstance(moment_type, Elementary):
            moment_type = _LONG_OF.get(moment_type, moment_type)
        if moment_type is None:
            return None
        wanted = Elementary.LTIME if moment_type in _LONG_DATES else Elementary.TIME
        left = self.convert(moment, moment_type, node.left, "move {} by a duration")
        right = self.convert(duration, wanted, node.right, "move a moment by {}")
        if left is None or right is None:
            return None
        return self.finish(node, operator, left, right, moment_type)

    def _difference(self, node: BinaryNode, left: tree.Expression, right: tree.Expression) -> tree.Expression | None:
        shared = common_type(left.type, right.type) if left.type is not None and right.type is not None else None
        if shared is None:
            return None
        purpose = "take the difference of {}"
        left_value = self.convert(left, shared, node.left, purpose)
        right_value = self.convert(right, shared, node.right, purpose)
        if left_value is None or right_value is None:
            return None
        result = Elementary.LTIME if shared in _LONG_DATES else Elementary.TIME
        return self.finish(node, BinaryOperator.SUBTRACT, left_value, right_value, result)


def _kind(operand: Operand) -> Kind | None:
    if isinstance(operand, Untyped) or not isinstance(operand.type, Elementary):
        return None
    return operand.type.kind
