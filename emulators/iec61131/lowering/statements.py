"""Statements, and the coverage points of statements and branches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from emulators.iec61131 import tree
from emulators.iec61131.lowering.calls import call_for_effects, lower_block_call
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.loops import lower_for, lower_repeat, lower_while
from emulators.iec61131.lowering.machine_types import is_scalar, type_of
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.standard import standard_statement
from emulators.iec61131.lowering.texts import assign_aggregate
from emulators.native import ir
from emulators.native.ir import PointKind

__all__ = ["lower_statement"]


def lower_statement(b: FunctionBuilder, node: tree.Statement) -> None:
    """Append the machine statements of one statement."""
    b.count(PointKind.STATEMENT, node.span)
    match node:
        case tree.Assignment(target, value, span):
            if is_scalar(type_of(target)):
                store(b, target, b.expression(value), span)
            else:
                assign_aggregate(b, target, value, span)
        case tree.CallStatement(call):
            if isinstance(call, tree.FunctionCall):
                call_for_effects(b, call)
            else:
                standard_statement(b, call)
        case tree.FunctionBlockCall():
            lower_block_call(b, node)
        case tree.If():
            _if(b, node)
        case tree.Case():
            _case(b, node)
        case tree.For():
            lower_for(b, node)
        case tree.While():
            lower_while(b, node)
        case tree.Repeat():
            lower_repeat(b, node)
        case tree.Exit():
            b.emit(*b.loops[-1].leave, ir.Break())
        case tree.Continue():
            b.emit(ir.Continue())
        case tree.Return():
            for loop in reversed(b.loops):
                b.emit(*loop.leave)
            b.emit(ir.Return(b.result))
        case _:
            assert_never(node)


def _if(b: FunctionBuilder, node: tree.If) -> None:
    """Nest the ELSIF branches, from the last to the first, so that long chains cost no recursion here."""
    lowered = []
    for number, branch in enumerate(node.branches):
        with b.collect() as before:
            condition = b.expression(branch.condition)
        with b.collect() as then:
            b.count(PointKind.BRANCH, branch.span, "IF" if number == 0 else f"ELSIF {number}")
            b.emit(*b.statements(branch.body))
        lowered.append((before, condition, then, branch.span))
    with b.collect() as orelse:
        b.count(PointKind.BRANCH, node.span, "ELSE")
        b.emit(*b.statements(node.orelse or ()))
    for before, condition, then, span in reversed(lowered):
        orelse = [*before, ir.If(condition, tuple(then), tuple(orelse), span)]
    b.emit(*orelse)


def _case(b: FunctionBuilder, node: tree.Case) -> None:
    selector = b.expression(node.selector)
    cases = []
    for branch in node.branches:
        with b.collect() as body:
            b.count(PointKind.BRANCH, branch.span, _label(branch.ranges))
            b.emit(*b.statements(branch.body))
        ranges = tuple((item.low, item.high) for item in branch.ranges)
        cases.append(ir.SwitchCase(ranges, tuple(body)))
    with b.collect() as default:
        b.count(PointKind.BRANCH, node.span, "ELSE")
        b.emit(*b.statements(node.orelse or ()))
    b.emit(ir.Switch(selector, tuple(cases), tuple(default), node.span))


def _label(ranges: Sequence[tree.CaseRange]) -> str:
    parts = (str(item.low) if item.low == item.high else f"{item.low}..{item.high}" for item in ranges)
    return "CASE " + ", ".join(parts)
