"""Expressions of the Python subset, lowered to IR: constants, variables, members, calls."""

from __future__ import annotations

import abc
import ast
import builtins

from emulators.component import builtin_calls, constants
from emulators.component.advice import EXPRESSION_ADVICE, describe
from emulators.component.base import BUILT_IN_MEMBERS, Member
from emulators.component.names import STATIC_MISSING, intrinsic_of, library_advice, static_value
from emulators.component.operators import OperatorLowering
from emulators.component.refusals import RefusalError
from emulators.errors import InternalError, did_you_mean
from emulators.native import ir
from emulators.native.ir import Conversion, Scalar

__all__ = ["ExpressionLowering", "scalar_of"]

F64, I64, BOOL = Scalar.F64, Scalar.I64, Scalar.BOOL


class ExpressionLowering(OperatorLowering):
    """Lowers the expressions of one function."""

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
            node, "PC1002", f"{describe(node)} is not in the subset", EXPRESSION_ADVICE.get(type(node), "")
        )

    def constant(self, node: ast.Constant) -> ir.Const:
        found = constants.from_python(node.value)
        if found is None:
            if isinstance(node.value, int):
                raise RefusalError(node, "PC1013", f"{node.value} does not fit 64 bits", "write a float instead")
            raise RefusalError(
                node, "PC1002", f"{describe(node)} is not in the subset", "write a float, int or bool instead"
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
