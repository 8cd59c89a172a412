"""Condition coverage: whether each operand of AND, OR, XOR, AND_THEN and OR_ELSE was TRUE, and whether it was FALSE.

Counted are the operands of the Boolean operators of an IF, ELSIF, an assignment or an input of a block; NOT belongs to
its operand. A single condition is what the coverage of branches shows. What calls a user's function or needs statements
of its own is not counted, as it is evaluated a second time for that.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import reduce

from emulators.iec61131 import tree
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.iec61131.types import Elementary
from emulators.native import ir
from emulators.native.ir import PointKind, Scalar

__all__ = ["count_conditions"]

_ALWAYS = ("AND", "OR", "XOR")
_LONGEST_TEXT = 40


@dataclass(frozen=True, slots=True)
class _Condition:
    """An operand and what must hold for it to be evaluated: operands of AND_THEN and OR_ELSE before it."""

    node: tree.Expression
    guards: tuple[tuple[tree.Expression, bool], ...]


def count_conditions(b: FunctionBuilder, value: tree.Expression) -> None:
    """Append what counts the outcomes of the conditions in an expression that is evaluated next."""
    if not b.counts_coverage or value.type is not Elementary.BOOL:
        return
    conditions = list(_conditions(value, ()))
    for condition in conditions if len(conditions) > 1 else ():
        _count(b, condition)


def _conditions(node: tree.Expression, guards: tuple[tuple[tree.Expression, bool], ...]) -> Iterator[_Condition]:
    """Yield the conditions from left to right; chains nest to the left and are followed without recursion."""
    pending = [(node, guards)]
    while pending:
        node, guards = pending.pop()
        match node:
            case tree.Unary(tree.UnaryOperator.NOT, operand):
                pending.append((operand, guards))
            case tree.Binary(tree.BinaryOperator.AND_THEN | tree.BinaryOperator.OR_ELSE as operator, left, right):
                must_be = operator is tree.BinaryOperator.AND_THEN
                pending += [(right, (*guards, (left, must_be))), (left, guards)]
            case tree.Binary(operator, left, right) if operator.value in _ALWAYS:
                pending += [(right, guards), (left, guards)]
            case tree.StandardCall(function, inputs, enable=None) if function.operation in (*_ALWAYS, "NOT"):
                pending += [(operand, guards) for operand in reversed(inputs)]
            case tree.Literal():
                continue
            case _:
                yield _Condition(node, guards)


def _count(b: FunctionBuilder, condition: _Condition) -> None:
    if any(map(calls_users_function, (condition.node, *(guard for guard, _ in condition.guards)))):
        return
    guards: list[ir.Expression] = []
    with b.collect() as before, ExitStack() as known:
        for guard, must_be in condition.guards:
            guards.append(_holds(b, guard, must_be))
            known.enter_context(b.branch(guard if must_be else None))
        outcome = b.expression(condition.node)
    if before:
        return
    text = _text(condition.node)
    if_true, if_false = (
        b.module.new_point(PointKind.CONDITION, condition.node.span, f"{text} {word}") for word in ("TRUE", "FALSE")
    )
    when = reduce(ir.AndThen, guards) if guards else None
    b.emit(ir.CountOutcome(outcome, if_true, if_false, when))


def _holds(b: FunctionBuilder, guard: tree.Expression, must_be: bool) -> ir.Expression:
    value = b.expression(guard)
    return value if must_be else ir.Unary(ir.UnaryOperator.NOT, value, Scalar.BOOL)


def _text(node: tree.Expression) -> str:
    """Return a condition as it may be written, shortened."""
    match node:
        case tree.Name(variable):
            text = variable.name
        case tree.Field(base, name):
            text = f"{_text(base)}.{name}"
        case tree.Member(base, variable):
            text = f"{_text(base)}.{variable.name}"
        case tree.Element(base):
            text = f"{_text(base)}[…]"
        case tree.Literal(value):
            text = str(value)
        case tree.Convert(operand) | tree.RangeCheck(operand):
            text = _text(operand)
        case tree.Binary(operator, left, right):
            text = f"{_text(left)} {operator.value} {_text(right)}"
        case _:
            text = "…"
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
