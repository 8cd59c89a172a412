"""Expressions: names, literals and the dispatch over the syntax tree.

How untyped literals get their type: a number without ``TYPE#`` stays exact until it meets one. Next to a typed operand
it takes that type if it fits, else its own narrowest type and the common type rules decide (``int_var + 70000`` is
DINT). In an assignment or as an argument it takes the wanted type and must fit. ``0`` and ``1`` may stand for BOOL.
Two untyped numbers are computed exactly; ``5 / 2`` of whole numbers is 2.
Names: variables of the unit, then globals, then values of enumerations.
"""

from __future__ import annotations

from fractions import Fraction

from emulators.errors import did_you_mean
from emulators.iec61131 import tree
from emulators.iec61131.call_analysis import CallAnalysis
from emulators.iec61131.conversion import constant_in_type
from emulators.iec61131.environment import ELEMENTARY_NAMES
from emulators.iec61131.expression_base import Operand, Untyped
from emulators.iec61131.literals import (
    date_literal,
    duration_literal,
    integer_literal,
    real_literal,
    string_literal,
)
from emulators.iec61131.syntax import (
    AddressNode,
    BinaryNode,
    CallNode,
    ExpressionNode,
    FieldNode,
    IndexNode,
    LiteralNode,
    NameNode,
    TypedNode,
    UnaryNode,
    WrongNode,
)
from emulators.iec61131.types import (
    ArrayInitial,
    Elementary,
    EnumerationType,
    IecType,
    Kind,
    Section,
    StringType,
    StructureInitial,
    type_name,
    underlying,
)

__all__ = ["ExpressionAnalyser"]

_FOLDED_SECTIONS = frozenset({Section.VAR, Section.GLOBAL, Section.TEMP})


class ExpressionAnalyser(CallAnalysis):
    """Analyses any expression of one scope."""

    def expression(self, node: ExpressionNode, expected: IecType | None = None) -> Operand | None:
        match node:
            case NameNode():
                return self._name(node, expected)
            case LiteralNode():
                return self._literal(node)
            case BinaryNode():
                return self.binary(node, expected)
            case UnaryNode():
                return self.unary(node, expected)
            case CallNode():
                return self.call(node, expected)
            case FieldNode():
                return self._field(node)
            case IndexNode() | AddressNode():
                return self.place(node)
            case TypedNode():
                return self._typed_literal(node)
            case WrongNode():
                return None

    def condition(self, node: ExpressionNode, what: str) -> tree.Expression | None:
        """Return a BOOL expression, or report that it is none."""
        operand = self.expression(node, Elementary.BOOL)
        if operand is None:
            return None
        if not isinstance(operand, Untyped) and operand.type is Elementary.BOOL:
            return operand
        shown = "a number" if isinstance(operand, Untyped) else type_name(operand.type) if operand.type else "no value"
        hint = "compare it with a value" if shown != "no value" else ""
        self.scope.report("ST3007", node, f"{what} is BOOL, not {shown}", hint)
        return None

    def constant(self, node: ExpressionNode, target: IecType, purpose: str) -> tree.Literal | None:
        """Return a constant of ``target``, or report that the expression is none."""
        value = self.value(node, target, purpose)
        if value is None or isinstance(value, tree.Literal):
            return value
        self.scope.report("ST3027", node, "this is not constant", "use literals and CONSTANT variables")
        return None

    def whole_number(self, node: ExpressionNode, what: str) -> int | None:
        """Return a constant integer of any size, for bounds, lengths and the like."""
        operand = self.expression(node)
        if isinstance(operand, Untyped):
            if isinstance(operand.value, int):
                return operand.value
            self.scope.report("ST3004", node, f"{what} is an integer")
            return None
        if operand is None:
            return None
        plain = underlying(operand.type) if operand.type is not None else None
        if not isinstance(plain, Elementary) or not plain.is_integer:
            self.scope.report("ST3004", node, f"{what} is an integer")
            return None
        if not isinstance(operand, tree.Literal):
            self.scope.report("ST3027", node, f"{what} is constant", "use literals and CONSTANT variables")
            return None
        return int(operand.value)

    # --- names -----------------------------------------------------------------------------------------------------

    def _name(self, node: NameNode, expected: IecType | None) -> Operand | None:
        folded = node.name.upper()
        is_declared, variable = self.find_variable(folded, node.start)
        if is_declared:
            if variable is None:
                return None
            self.scope.touched.add(variable)
            initial = variable.initial
            is_folded = variable.is_constant and variable.section in _FOLDED_SECTIONS and variable.address is None
            if is_folded and not isinstance(initial, ArrayInitial | StructureInitial):
                return tree.Literal(initial, variable.type, self.scope.span(node))
            return tree.Name(variable, variable.type, self.scope.span(node))
        if folded in self.environment.enumerators:
            return self._enumerator(node, folded, expected)
        self.report_no_variable(node, folded)
        return None

    def _enumerator(self, node: NameNode, folded: str, expected: IecType | None) -> Operand | None:
        found = self.environment.enumerators[folded]
        chosen = next((pair for pair in found if pair[0] is expected), None)
        if chosen is None and len(found) > 1:
            names = [f"{enumeration.name}#{enumerator.name}" for enumeration, enumerator in found]
            self.scope.report("ST3028", node, f"'{node.name}' is a value of several types", f"write {names[0]}")
            return None
        enumeration, enumerator = chosen or found[0]
        return tree.Literal(enumerator.value, enumeration, self.scope.span(node))

    def _field(self, node: FieldNode) -> Operand | None:
        base = node.base
        if isinstance(base, NameNode):
            folded = base.name.upper()
            if folded in self.environment.type_nodes and not self._has_members(folded, base.start):
                use = self.environment.type_use(base.name, self.scope, base.start)
                if use is None:
                    return None
                if isinstance(use.type, EnumerationType):
                    return self._value_of(use.type, node.name, node.name_start, node)
        return self.place(node)

    def _has_members(self, folded: str, start: int) -> bool:
        """True if the name is a variable with parts, so that it hides a type of the same name (``mode : Mode``)."""
        is_declared, variable = self.find_variable(folded, start)
        if variable is None:
            return is_declared
        return not isinstance(variable.type, EnumerationType)

    def _value_of(
        self, enumeration: EnumerationType, name: str, start: int, node: ExpressionNode
    ) -> tree.Expression | None:
        enumerator = enumeration.by_name(name)
        if enumerator is None:
            hint = did_you_mean(name, [value.name for value in enumeration.values])
            self.scope.report_at("ST3001", start, len(name), f"{enumeration.name} has no value '{name}'", hint)
            return None
        return tree.Literal(enumerator.value, enumeration, self.scope.span(node))

    # --- literals --------------------------------------------------------------------------------------------------

    def _literal(self, node: LiteralNode) -> Operand | None:
        span = self.scope.span(node)
        try:
            match node.kind:
                case "INTEGER" | "BASED":
                    return Untyped(integer_literal(node.text), span)
                case "REAL":
                    return Untyped(real_literal(node.text), span)
                case "TRUE" | "FALSE":
                    return tree.Literal(node.kind == "TRUE", Elementary.BOOL, span)
                case "STRING" | "WSTRING":
                    text = string_literal(node.text)
                    return tree.Literal(text, StringType(max(1, len(text)), node.kind == "WSTRING"), span)
                case "DURATION":
                    kind = Elementary.LTIME if node.text[0] in "lL" else Elementary.TIME
                    return tree.Literal(duration_literal(node.text), kind, span)
                case _:
                    name, value = date_literal(node.text)
                    return tree.Literal(value, Elementary[name], span)
        except ValueError as problem:
            code = "ST1008" if node.kind in ("STRING", "WSTRING") else "ST1007"
            if node.kind in ("INTEGER", "BASED", "REAL"):
                code = "ST1004"
            shown = node.text if len(node.text) <= 40 else f"{node.text[:37]}..."
            what = "a string" if code == "ST1008" else "a number" if code == "ST1004" else "a literal"
            self.scope.report(code, node, f"{shown} is not {what} of the language", str(problem))
            return None

    def _typed_literal(self, node: TypedNode) -> Operand | None:
        folded = node.prefix.upper()
        value_node = node.value
        if folded in ELEMENTARY_NAMES:
            return self._elementary_literal(node, ELEMENTARY_NAMES[folded])
        if folded in ("STRING", "WSTRING"):
            operand = self.expression(value_node)
            is_text = isinstance(operand, tree.Literal) and isinstance(operand.type, StringType)
            if operand is not None and not is_text:
                self.scope.report("ST1007", node, f"{node.prefix}# is followed by a string")
            return operand if is_text else None
        if folded not in self.environment.type_nodes:
            hint = did_you_mean(node.prefix, self.environment.type_names())
            if self.environment.has_all_names:
                message = f"type '{node.prefix}' is not declared"
                self.scope.report_at("ST3002", node.start, len(node.prefix), message, hint)
            return None
        use = self.environment.type_use(node.prefix, self.scope, node.start)
        if use is None:
            return None
        if isinstance(use.type, EnumerationType) and isinstance(value_node, NameNode):
            return self._value_of(use.type, value_node.name, value_node.start, node)
        operand = self.expression(value_node)
        return None if operand is None else self.convert(operand, use.type, node, f"write {{}} as {node.prefix}#")

    def _elementary_literal(self, node: TypedNode, target: Elementary) -> Operand | None:
        operand = self.expression(node.value)
        if operand is None:
            return None
        span = self.scope.span(node)
        if isinstance(operand, Untyped):
            is_number = target.is_integer or target.is_real or target.is_bit_string
            if is_number and (target.is_real or not isinstance(operand.value, Fraction)):
                value = constant_in_type(operand.value, target)
                if value is not None:
                    return tree.Literal(value, target, span)
                self.convert(operand, target, node, f"write {{}} as {target.label}#")
                return None
            if target.kind is Kind.CHARACTER and isinstance(operand.value, int) and 0 <= operand.value <= target.high:
                return tree.Literal(chr(operand.value), target, span)
        elif isinstance(operand, tree.Literal) and isinstance(node.value, LiteralNode):
            if target is Elementary.BOOL and operand.type is Elementary.BOOL:
                return tree.Literal(operand.value, target, span)
            if target.kind is Kind.CHARACTER and isinstance(operand.type, StringType) and len(str(operand.value)) == 1:
                return tree.Literal(operand.value, target, span)
        self.scope.report("ST1007", node, f"this is not a value of {target.label}", _example_of(target))
        return None


def _example_of(target: Elementary) -> str:
    examples = {
        Kind.BOOL: "BOOL#TRUE",
        Kind.BITS: f"{target.label}#16#FF",
        Kind.SIGNED: f"{target.label}#-5",
        Kind.UNSIGNED: f"{target.label}#5",
        Kind.REAL: f"{target.label}#1.5",
        Kind.DURATION: "T#1h30m",
        Kind.DATE: "D#2024-02-29",
        Kind.TIME_OF_DAY: "TOD#23:59:59",
        Kind.DATE_AND_TIME: "DT#2024-02-29-23:59:59",
        Kind.CHARACTER: f"{target.label}#'A'" if target is Elementary.CHAR else f'{target.label}#"A"',
    }
    return f"for example {examples[target.kind]}"
