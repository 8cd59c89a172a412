"""Words of the messages about expressions: names of types and constructs, and what to write instead."""

from __future__ import annotations

import ast

from emulators.native import ir
from emulators.native.ir import Scalar

__all__ = ["EXPRESSION_ADVICE", "conversion_advice", "describe", "python_name"]


def python_name(scalar: Scalar | None) -> str:
    """Return the Python type that a scalar of the subset stands for."""
    return {Scalar.F64: "float", Scalar.I64: "int", Scalar.BOOL: "bool", None: "nothing"}[scalar]


def conversion_advice(node: ast.expr, value: ir.Expression, wanted: Scalar) -> str:
    """Return what to write so that ``value`` becomes a ``wanted``."""
    text = ast.unparse(node)
    if wanted is Scalar.F64 and isinstance(value, ir.Const) and value.type is Scalar.I64:
        return f"write '{float(value.value)}' instead"
    if wanted is Scalar.BOOL:
        return f"write '{text} != {'0' if value.type is Scalar.I64 else '0.0'}' instead"
    if wanted is Scalar.F64 and value.type is Scalar.BOOL:
        return f"write '1.0 if {text} else 0.0' instead"
    return f"write '{python_name(wanted)}({text})' instead"


def describe(node: ast.expr) -> str:
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
EXPRESSION_ADVICE: dict[type[ast.expr], str] = {
    ast.ListComp: "write a for loop over the elements instead",
    ast.GeneratorExp: "write a for loop over the elements instead",
    ast.Lambda: "write a function with def instead",
    ast.JoinedStr: "members are float, int or bool; keep a number instead",
    ast.List: "declare a member with array(length) instead",
    ast.Tuple: "write one variable for each value instead",
    ast.Dict: "write if and elif instead",
    ast.NamedExpr: "write an assignment of its own instead",
}
