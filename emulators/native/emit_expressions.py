"""C for expressions. Guards, calls with effects and short circuits become statements ahead, in order of evaluation.

An operand that is only text so far is evaluated later than the statements written for its right siblings; that is
the same unless a sibling writes memory, and then the operand is saved in a temporary first.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.errors import InternalError
from emulators.native.c_names import c_function
from emulators.native.emit_arithmetic import emit_binary, emit_unary
from emulators.native.emit_conversions import emit_convert
from emulators.native.emit_places import emit_address, emit_load
from emulators.native.emit_types import declare
from emulators.native.emit_writer import Code, FunctionWriter
from emulators.native.intrinsics import INTRINSICS
from emulators.native.ir import (
    AddressOf,
    AndThen,
    Binary,
    Call,
    Compare,
    Comparison,
    Const,
    Convert,
    Expression,
    FaultCode,
    Intrinsic,
    Load,
    OrElse,
    Parameter,
    Scalar,
    Select,
    Unary,
)
from emulators.native.walk import argument_expressions, inner_expressions

__all__ = ["ExpressionEmitter"]

_COMPARISONS = {
    Comparison.EQ: "==",
    Comparison.NE: "!=",
    Comparison.LT: "<",
    Comparison.LE: "<=",
    Comparison.GT: ">",
    Comparison.GE: ">=",
}


class ExpressionEmitter(FunctionWriter):
    """Turns expressions into C text plus the statements that must run before it."""

    def emit(self, expression: Expression) -> Code:
        """Return the C of an expression. The left spine is walked in a loop: long chains nest to the left."""
        spine: list[Binary | AndThen | OrElse] = []
        while isinstance(expression, Binary | AndThen | OrElse):
            spine.append(expression)
            expression = expression.left
        code = self._emit_other(expression)
        while spine:
            node = spine.pop()
            code = self.shallow(code, node.left.type)
            if isinstance(node, Binary):
                code = self.saved_before(code, node.left.type, (node.right,))
                right = self.shallow(self.emit(node.right), node.right.type)
                code = emit_binary(self, node, code, right)
            else:
                code = self._short_circuit(node, code)
        return code

    def emit_flat(self, expression: Expression) -> Code:
        """Return the C of an expression that is used as an operand of another."""
        return self.shallow(self.emit(expression), expression.type)

    def _emit_other(self, expression: Expression) -> Code:
        match expression:
            case Const():
                return Code.of_const(expression)
            case Load(place):
                return emit_load(self, place)
            case Parameter(name):
                return Code(self.name(name), 0, is_simple=True)
            case Unary():
                return emit_unary(self, expression, self.emit_flat(expression.operand))
            case Compare():
                left, right = self.operands((expression.left, expression.right))
                text = f"({left.text} {_COMPARISONS[expression.operator]} {right.text})"
                return Code(text, max(left.depth, right.depth) + 1)
            case Convert():
                return emit_convert(self, expression, self.emit_flat(expression.operand))
            case Select():
                return self._select(expression)
            case Intrinsic():
                return self._intrinsic(expression)
            case Call():
                return self.call(expression)
            case _:
                raise InternalError(f"no C for {type(expression).__name__}")

    def operands(self, expressions: Sequence[Expression]) -> list[Code]:
        """Return the C of several operands that are evaluated from left to right."""
        codes = []
        for index, expression in enumerate(expressions):
            code = self.emit_flat(expression)
            codes.append(self.saved_before(code, expression.type, expressions[index + 1 :]))
        return codes

    def saved_before(self, code: Code, of: Scalar, later: Sequence[Expression]) -> Code:
        """Return the same value, in a temporary if evaluating ``later`` expressions could change it."""
        if code.const is not None or not any(self.writes(expression) for expression in later):
            return code
        return self.spill(code, of)

    def writes(self, expression: Expression) -> bool:
        """Return whether evaluating the expression may change memory."""
        writing = self.collection.writing
        if not writing:
            return False
        pending = [expression]
        while pending:
            node = pending.pop()
            if isinstance(node, Call) and node.function in writing:
                return True
            pending.extend(inner_expressions(node))
        return False

    def _short_circuit(self, node: AndThen | OrElse, left: Code) -> Code:
        is_and = isinstance(node, AndThen)
        with self.captured() as lines:
            right = self.emit_flat(node.right)
        if not lines:
            sign = "&&" if is_and else "||"
            return Code(f"({left.text} {sign} {right.text})", max(left.depth, right.depth) + 1)
        chosen = self.spill(left, Scalar.BOOL)
        self.line(f"if ({'' if is_and else '!'}{chosen.text}) {{")
        self.block(lines)
        self.line(f"    {chosen.text} = {right.text};")
        self.line("}")
        return chosen

    def _select(self, node: Select) -> Code:
        condition = self.emit_flat(node.condition)
        with self.captured() as then_lines:
            then = self.emit_flat(node.then)
        with self.captured() as else_lines:
            orelse = self.emit_flat(node.orelse)
        if not then_lines and not else_lines:
            depth = max(condition.depth, then.depth, orelse.depth) + 1
            text = f"({condition.text} ? {then.text} : {orelse.text})"
            return Code(self._typed(text, node.type), depth)
        name = self.label()
        self.line(f"{declare(node.type, name)};")
        self.line(f"if ({condition.text}) {{")
        self.block(then_lines)
        self.line(f"    {name} = {then.text};")
        self.line("} else {")
        self.block(else_lines)
        self.line(f"    {name} = {orelse.text};")
        self.line("}")
        return Code(name, 0, is_simple=True)

    @staticmethod
    def _typed(text: str, of: Scalar) -> str:
        """Both branches have the C type ``of`` up to promotion, which only matters for unsigned 32 bits and more."""
        return f"((u32){text})" if of is Scalar.U32 else text

    def _intrinsic(self, node: Intrinsic) -> Code:
        entry = INTRINSICS[node.name]
        self.collection.parts |= entry.parts
        texts, depth = [], 0
        codes = self.operands(node.arguments)
        for code, argument, wanted in zip(codes, node.arguments, entry.parameters, strict=True):
            if entry.guard is not None or entry.repeats_arguments:
                code = self.repeatable(code, argument.type)
            depth = max(depth, code.depth)
            is_widened = argument.type is Scalar.F32 and wanted is Scalar.F64
            texts.append(f"((f64){code.text})" if is_widened else code.text)
        if entry.guard is not None:
            values = [f"hil_bits_from_f64({text})" for text in texts]
            self.guard(entry.guard.format(*texts), FaultCode.DOMAIN, node.span, values, node.name)
        text = entry.template.format(*texts)
        return Code(f"((f32){text})" if node.type is Scalar.F32 else text, depth + 1)

    def arguments(self, arguments: Sequence[Expression | AddressOf]) -> list[str]:
        """Return the texts of call arguments, evaluated from left to right."""
        texts = []
        for index, argument in enumerate(arguments):
            later = list(argument_expressions(arguments[index + 1 :]))
            if isinstance(argument, AddressOf):
                is_fixed = any(self.writes(item) for item in later)
                texts.append(emit_address(self, argument.place, is_fixed=is_fixed))
            else:
                texts.append(self.saved_before(self.emit_flat(argument), argument.type, later).text)
        return texts

    def call(self, node: Call) -> Code:
        """Return the value of a call; one that may fault or write is made at once, in a statement of its own."""
        texts = ["context", *self.arguments(node.arguments)]
        name = c_function(node.function)
        if node.function in self.collection.stopping:
            self.may_stop = True
        if node.function in self.collection.faulting:
            self.may_fault = True
            result = self.temporary(node.type)
            call = f"{name}({', '.join([*texts, '&' + result.text])})"
            self.line(f"if (HIL_UNLIKELY({call})) {self.leave('return 1;')}")
            return result
        text = f"{name}({', '.join(texts)})"
        return self.temporary(node.type, text) if node.function in self.collection.writing else Code(text, 1)
