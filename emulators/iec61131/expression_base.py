"""Base of expression analysis: operands, and how one becomes a value of a wanted type."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from emulators.errors import SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.conversion import (
    constant_in_type,
    converts_implicitly,
    default_literal_type,
    needs_convert,
)
from emulators.iec61131.folding import fold_convert
from emulators.iec61131.scope import Located, Scope
from emulators.iec61131.standard_functions import standard_overloads
from emulators.iec61131.syntax import ExpressionNode
from emulators.iec61131.types import (
    Elementary,
    EnumerationType,
    FunctionBlockType,
    IecType,
    StringType,
    SubrangeType,
    type_name,
    underlying,
)

__all__ = ["ExpressionBase", "Operand", "Untyped", "operand_name"]


@dataclass(frozen=True, slots=True)
class Untyped:
    """A number without a type yet: ``int`` for a whole literal, ``Fraction`` for one with a point; always exact."""

    value: int | Fraction
    span: SourceSpan


Operand = tree.Expression | Untyped


def operand_name(operand: Operand) -> str:
    """Return the type of an operand for messages."""
    if isinstance(operand, Untyped):
        return "a number" if isinstance(operand.value, int) else "a real number"
    return type_name(operand.type) if operand.type is not None else "no value"


def shown_number(value: int | Fraction) -> str:
    """Return an exact number briefly, for messages."""
    if isinstance(value, int):
        return str(value) if value.bit_length() < 200 else "a very large number"
    try:
        return f"{float(value):.10g}"
    except OverflowError:
        return "a very large number"


class ExpressionBase:
    """One expression analyser works in one scope. Methods return None for what was reported as wrong."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.environment = scope.environment

    def expression(self, node: ExpressionNode, expected: IecType | None = None) -> Operand | None:
        """Return the analysed expression; ``expected`` resolves what is open, it does not convert."""
        raise AssertionError("overridden by ExpressionAnalyser")

    def value(self, node: ExpressionNode, target: IecType, purpose: str) -> tree.Expression | None:
        """Return the expression as a value of ``target``; ``purpose`` ends the message: ``assign {} to 'Count'``."""
        operand = self.expression(node, target)
        return None if operand is None else self.convert(operand, target, node, purpose)

    def typed(self, operand: Operand, node: Located, expected: IecType | None = None) -> tree.Expression | None:
        """Give an untyped number the expected type if it fits, else its default type."""
        if not isinstance(operand, Untyped):
            return operand
        if expected is not None:
            value = constant_in_type(operand.value, expected)
            if value is not None:
                return tree.Literal(value, expected, operand.span)
        default = default_literal_type(operand.value)
        if default is None:
            self.scope.report("ST3005", node, f"{shown_number(operand.value)} is larger than every integer type")
            return None
        value = constant_in_type(operand.value, default)
        if value is None:
            self.scope.report("ST3005", node, f"{shown_number(operand.value)} is beyond the range of {default.label}")
            return None
        return tree.Literal(value, default, operand.span)

    def convert(self, operand: Operand, target: IecType, node: Located, purpose: str) -> tree.Expression | None:
        """Return the operand as a value of ``target``, converted implicitly, or report why not."""
        if isinstance(operand, Untyped):
            return self._number_in_type(operand, target, node, purpose)
        if operand.type is None:
            self.scope.report("ST3023", node, "this function has no result", "call it as a statement")
            return None
        source = operand.type
        if isinstance(source, FunctionBlockType):
            self.scope.report("ST3024", node, f"instance of {source.name} is not a value", "name one of its outputs")
            return None
        if isinstance(operand, tree.Literal) and isinstance(source, StringType):
            return self._text_in_type(operand, target, node, purpose)
        if not converts_implicitly(source, target):
            self.report_mismatch(source, target, node, purpose)
            return None
        return self._wrapped(operand, target, node, purpose)

    def _wrapped(
        self, operand: tree.Expression, target: IecType, node: Located, purpose: str
    ) -> tree.Expression | None:
        source = operand.type
        assert source is not None
        if needs_convert(source, target):
            base = underlying(target)
            if isinstance(operand, tree.Literal):
                folded = fold_convert(operand.value, base)
                operand = tree.Literal(folded, base, operand.span) if folded is not None else operand
            if needs_convert(operand.type or source, target):
                operand = tree.Convert(operand, base, operand.span)
        if isinstance(target, SubrangeType) and not self._is_inside(source, target):
            if isinstance(operand, tree.Literal):
                return self._number_in_type(Untyped(int(operand.value), operand.span), target, node, purpose)
            return tree.RangeCheck(operand, target, operand.span)
        return operand

    @staticmethod
    def _is_inside(source: IecType, target: SubrangeType) -> bool:
        if isinstance(source, SubrangeType):
            return target.low <= source.low and source.high <= target.high
        return isinstance(source, Elementary) and target.low <= source.low and source.high <= target.high

    def _number_in_type(self, operand: Untyped, target: IecType, node: Located, purpose: str) -> tree.Expression | None:
        value = constant_in_type(operand.value, target)
        if value is not None:
            return tree.Literal(value, target, operand.span)
        plain = underlying(target)
        is_whole = isinstance(operand.value, int)
        if isinstance(plain, Elementary) and not isinstance(target, EnumerationType):
            takes_number = plain.is_real or (is_whole and (plain.is_integer or plain.is_bit_string))
            if takes_number:
                self._report_range(operand.value, target, plain, node)
                return None
        source = default_literal_type(operand.value)
        if isinstance(target, EnumerationType) and is_whole:
            self._report_number_for_enumeration(operand, target, node)
        elif source is not None:
            self.report_mismatch(source, target, node, purpose, shown=shown_number(operand.value))
        else:
            self.scope.report("ST3005", node, f"{shown_number(operand.value)} is larger than every integer type")
        return None

    def _report_range(self, value: int | Fraction, target: IecType, plain: Elementary, node: Located) -> None:
        if plain.is_real:
            limits = "the largest finite value"
        elif isinstance(target, SubrangeType):
            limits = f"{target.low}..{target.high}"
        else:
            limits = f"{plain.low}..{plain.high}"
        message = f"{shown_number(value)} does not fit {type_name(target)} ({limits})"
        self.scope.report("ST3005", node, message)

    def _report_number_for_enumeration(self, operand: Untyped, target: EnumerationType, node: Located) -> None:
        names = [value.name for value in target.values if value.value == operand.value]
        hint = f"write {target.name + '#' if target.name else ''}{names[0]}" if names else ""
        message = f"{shown_number(operand.value)} is not a value of {type_name(target)}"
        self.scope.report("ST3004", node, message, hint)

    def _text_in_type(
        self, operand: tree.Literal, target: IecType, node: Located, purpose: str
    ) -> tree.Expression | None:
        source, text = operand.type, str(operand.value)
        assert isinstance(source, StringType)
        if isinstance(target, StringType) and target.is_wide == source.is_wide:
            if len(text) > target.length:
                self.scope.report("ST4007", node, f"{len(text)} characters do not fit {type_name(target)}; cut")
            return tree.Literal(text[: target.length], target, operand.span)
        character = Elementary.WCHAR if source.is_wide else Elementary.CHAR
        if target is character and len(text) == 1:
            return tree.Literal(text, character, operand.span)
        self.report_mismatch(source, target, node, purpose)
        return None

    def report_mismatch(
        self, source: IecType, target: IecType, node: Located, purpose: str, *, shown: str = ""
    ) -> None:
        """Report that no implicit conversion exists, with the explicit one if the library has it."""
        source_name, target_name = type_name(source), type_name(target)
        if isinstance(source, StringType):
            source_name = "WSTRING" if source.is_wide else "STRING"
        hint = ""
        plain_source, plain_target = underlying(source), underlying(target)
        if not isinstance(target, EnumerationType):
            words = [_conversion_word(each) for each in (plain_source, plain_target)]
            function = f"{words[0]}_TO_{words[1]}"
            if all(words) and standard_overloads(function):
                hint = f"convert with {function}"
        what = purpose.format(f"{shown} ({source_name})" if shown else source_name)
        self.scope.report("ST3004", node, f"cannot {what}", hint if target_name else "")


def _conversion_word(iec_type: IecType) -> str:
    if isinstance(iec_type, Elementary):
        return iec_type.name
    if isinstance(iec_type, StringType):
        return "WSTRING" if iec_type.is_wide else "STRING"
    return ""
