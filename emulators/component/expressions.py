"""Expressions of the Python subset, lowered to IR.

A value is float (F64), int (I64, overflow is a fault) or bool; the three never mix silently, except that an int
operand of float arithmetic becomes a float as it does in Python.
"""

from __future__ import annotations

import abc
import ast
import builtins
from collections.abc import Sequence
from types import FunctionType

from emulators.component import builtin_calls, constants
from emulators.component.base import BUILT_IN_MEMBERS, Member
from emulators.component.names import STATIC_MISSING, intrinsic_of, library_advice, static_value
from emulators.component.refusals import RefusalError
from emulators.component.scope import Check, ClassScope, NodeKey, node_key
from emulators.component.source import FunctionSource
from emulators.errors import InternalError, SourceSpan, did_you_mean
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, Overflow, Scalar, UnaryOperator

__all__ = ["ExpressionLowering", "conversion_advice", "python_name", "scalar_of"]

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


def python_name(scalar: Scalar | None) -> str:
    """Return the Python type that a scalar of the subset stands for."""
    return {F64: "float", I64: "int", BOOL: "bool", None: "nothing"}[scalar]


class ExpressionLowering(abc.ABC):
    """Lowers the expressions of one function; knows its variables, collects what it reads and calls."""

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

    # --- values ----------------------------------------------------------------------------------------------------

    def value(self, node: ast.expr) -> ir.Expression:
        """Return the IR of an expression.

        Raises:
            RefusalError: the subset does not have it.
        """
        match node:
            case ast.Constant():
                return self.constant(node)
            case ast.Name():
                return self.name(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Subscript():
                place = self.element(node, is_write=False)
                return ir.Load(place, scalar_of(place.type))
            case ast.BinOp():
                return self.binary(node, node.left, node.op, node.right)
            case ast.UnaryOp():
                return self.unary(node)
            case ast.BoolOp():
                return self.logic(node)
            case ast.Compare():
                return self.comparison(node)
            case ast.IfExp():
                then, orelse = self.same_type(node, [node.body, node.orelse])
                return ir.Select(self.condition(node.test), then, orelse, then.type)
            case ast.Call():
                return self.call(node)
        raise RefusalError(
            node, "PC1002", f"{_describe(node)} is not in the subset", _EXPRESSION_ADVICE.get(type(node), "")
        )

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

    def constant(self, node: ast.Constant) -> ir.Const:
        found = constants.from_python(node.value)
        if found is None:
            if isinstance(node.value, int):
                raise RefusalError(node, "PC1013", f"{node.value} does not fit 64 bits", "write a float instead")
            raise RefusalError(
                node, "PC1002", f"{_describe(node)} is not in the subset", "write a float, int or bool instead"
            )
        return found

    def name(self, node: ast.Name) -> ir.Expression:
        if node.id in self.variables:
            variable = self.variables[node.id]
            if variable is None:
                raise RefusalError(node, "", "")
            return variable if isinstance(variable, ir.Parameter) else ir.Load(variable, scalar_of(variable.type))
        if node.id in self.assigned:
            raise RefusalError(node, "", "")  # set further below: the data flow reports it
        return self.captured(node)

    def captured(self, node: ast.expr) -> ir.Const:
        """Return a constant of the module, a class or another module."""
        value = static_value(node, self.source.names)
        text = ast.unparse(node)
        if value is STATIC_MISSING:
            known = [*self.variables, *self.source.names]
            raise RefusalError(node, "PC1004", f"'{text}' has no value here", did_you_mean(text, known))
        found = constants.from_python(value)
        if found is None:
            raise RefusalError(
                node,
                "PC1004",
                f"'{text}' is not a float, int or bool",
                "capture plain constants only; keep everything else in members",
            )
        return found

    # --- members ----------------------------------------------------------------------------------------------------

    def attribute(self, node: ast.Attribute) -> ir.Expression:
        if not (self.is_method and isinstance(node.value, ast.Name) and node.value.id == "self"):
            return self.captured(node)
        if node.attr in BUILT_IN_MEMBERS:
            self.reads.add(node.attr)
            return ir.Load(self.field(node.attr, I64), I64)
        if node.attr not in self.scope.members:
            found = constants.from_python(getattr(self.scope.cls, node.attr, None))
            if found is not None:
                return found
        member = self.member(node)
        if member.length:
            raise RefusalError(
                node, "PC1002", f"'self.{member.name}' is an array", f"write 'self.{member.name}[index]' instead"
            )
        self.reads.add(member.name)
        return ir.Load(self.field(member.name, member.scalar), member.scalar)

    def member(self, node: ast.Attribute) -> Member:
        member = self.scope.members.get(node.attr)
        if member is None:
            raise RefusalError(
                node,
                "PC1010",
                f"{self.scope.cls.__name__} declares no member '{node.attr}'",
                did_you_mean(node.attr, self.scope.members) or "declare it as Input, Output, State, Param or Fault",
            )
        return member

    def field(self, name: str, type_: ir.Type) -> ir.Member:
        return ir.Member(ir.Argument("self", self.scope.struct), name, type_)

    def element(self, node: ast.Subscript, *, is_write: bool) -> ir.Element:
        """Return the place of ``self.array[index]``; an index outside the array is a fault, also a negative one."""
        base = node.value
        if not (self.is_method and isinstance(base, ast.Attribute) and ast.unparse(base.value) == "self"):
            raise RefusalError(node, "PC1002", f"'{ast.unparse(node)}' is not an element of a member array")
        member = self.member(base)
        if not member.length:
            raise RefusalError(
                node, "PC1005", f"'self.{member.name}' is no array", f"write 'self.{member.name}' instead"
            )
        if not is_write:
            self.reads.add(member.name)
        index = self.typed(node.slice, I64, "an index")
        is_proven = self.is_inside(node.slice, member.length)
        if not is_proven:
            if isinstance(index, ir.Const):
                raise RefusalError(
                    node, "PC1002", f"index {index.value} is outside 'self.{member.name}', 0..{member.length - 1}"
                )
            self.need(node, "index", member.length)
        array = self.field(member.name, ir.Array(member.scalar, member.length))
        return ir.Element(array, index, member.scalar, not is_proven, 0, self.span(node))

    def is_inside(self, index: ast.expr, length: int) -> bool:
        interval = self.interval(index)
        return interval is not None and interval[0] >= 0 and interval[1] < length

    def interval(self, node: ast.expr) -> tuple[int, int] | None:
        """Return the lowest and highest value of an index expression where constants and loop bounds tell."""
        if isinstance(node, ast.Name) and node.id in self.ranges:
            return self.ranges[node.id]
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            left, right = self.interval(node.left), self.interval(node.right)
            if left is None or right is None:
                return None
            if isinstance(node.op, ast.Add):
                return left[0] + right[0], left[1] + right[1]
            return left[0] - right[1], left[1] - right[0]
        try:
            found = self.value(node)
        except RefusalError:
            return None
        if isinstance(found, ir.Const) and isinstance(found.value, int):
            return found.value, found.value
        return None

    # --- operators --------------------------------------------------------------------------------------------------

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

    # --- calls ------------------------------------------------------------------------------------------------------

    def call(self, node: ast.Call) -> ir.Expression:
        """Return the value of a call."""
        if node.keywords:
            raise RefusalError(
                node, "PC1002", "keyword arguments are not in the subset", "write them by position instead"
            )
        function = node.func
        if isinstance(function, ast.Name) and function.id not in self.variables:
            target = static_value(function, self.source.names)
            if target is STATIC_MISSING:
                target = getattr(builtins, function.id, STATIC_MISSING)
            return self.call_of(node, target)
        if isinstance(function, ast.Attribute) and ast.unparse(function.value) == "self" and self.is_method:
            found = self.method_call(node, function.attr)
            if not isinstance(found, ir.Call):
                raise RefusalError(node, "PC1005", f"'self.{function.attr}' returns nothing")
            return found
        return self.call_of(node, static_value(function, self.source.names))

    def call_of(self, node: ast.Call, target: object) -> ir.Expression:
        builtin = builtin_calls.lowering_of(target)
        if builtin is not None:
            return builtin(self, node)
        intrinsic = intrinsic_of(target)
        if intrinsic is not None:
            return self.intrinsic_call(node, intrinsic)
        advice = library_advice(target, ast.unparse(node.func))
        if advice is not None:
            raise RefusalError(node, "PC1004", *advice)
        return self.helper_call(node, target)

    def intrinsic_call(self, node: ast.Call, signature: tuple[str, tuple[Scalar, ...], Scalar]) -> ir.Expression:
        name, wanted, result = signature
        if len(node.args) != len(wanted):
            raise RefusalError(node, "PC1002", f"{name} takes {len(wanted)} arguments, here are {len(node.args)}")
        arguments: list[ir.Expression] = []
        for argument, scalar in zip(node.args, wanted, strict=True):
            if scalar is Scalar.U64:
                number = self.typed(argument, I64, f"this argument of {name}")
                arguments.append(ir.Convert(number, Scalar.U64, Conversion.WRAP))
            else:
                arguments.append(self.typed(argument, scalar, f"this argument of {name}"))
        return ir.Intrinsic(name, tuple(arguments), result, self.span(node))

    @abc.abstractmethod
    def helper_call(self, node: ast.Call, target: object) -> ir.Expression:
        """Return the call of a pure function written in Python."""

    @abc.abstractmethod
    def method_call(self, node: ast.Call, name: str) -> ir.Call | ir.Run:
        """Return the call of another method of the class."""


def scalar_of(type_: ir.Type) -> Scalar:
    """Return a type that is known to be a scalar."""
    if not isinstance(type_, Scalar):
        raise InternalError(f"component compiler: {type_} is no scalar")
    return type_


def conversion_advice(node: ast.expr, value: ir.Expression, wanted: Scalar) -> str:
    """Return what to write so that ``value`` becomes a ``wanted``."""
    text = ast.unparse(node)
    if wanted is F64 and isinstance(value, ir.Const) and value.type is I64:
        return f"write '{float(value.value)}' instead"
    if wanted is BOOL:
        return f"write '{text} != {'0' if value.type is I64 else '0.0'}' instead"
    if wanted is F64 and value.type is BOOL:
        return f"write '1.0 if {text} else 0.0' instead"
    return f"write '{python_name(wanted)}({text})' instead"


def _negated(value: object) -> object:
    return -value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _describe(node: ast.expr) -> str:
    return _EXPRESSION_NAMES.get(type(node), f"'{ast.unparse(node)}'")


_EXPRESSION_NAMES: dict[type[ast.expr], str] = {
    ast.ListComp: "a list comprehension",
    ast.SetComp: "a set comprehension",
    ast.DictComp: "a dict comprehension",
    ast.GeneratorExp: "a generator expression",
    ast.Lambda: "a lambda",
    ast.JoinedStr: "a string",
    ast.List: "a list",
    ast.Tuple: "a tuple",
    ast.Dict: "a dict",
    ast.Set: "a set",
    ast.NamedExpr: "':='",
    ast.Await: "'await'",
    ast.Yield: "'yield'",
    ast.Starred: "'*' of a sequence",
}
_EXPRESSION_ADVICE: dict[type[ast.expr], str] = {
    ast.ListComp: "write a for loop over the elements instead",
    ast.GeneratorExp: "write a for loop over the elements instead",
    ast.Lambda: "write a function with def instead",
    ast.JoinedStr: "members are float, int or bool; keep a number instead",
    ast.List: "declare a member with array(length) instead",
    ast.Tuple: "write one variable for each value instead",
    ast.Dict: "write if and elif instead",
    ast.NamedExpr: "write an assignment of its own instead",
}
