"""Statements, and where their coverage is counted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from emulators.iec61131 import tree
from emulators.iec61131.lowering.calls import call_for_effects, lower_block_call
from emulators.iec61131.lowering.conditions import count_conditions
from emulators.iec61131.lowering.facts import after_statement, forget_written
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.loops import lower_loop
from emulators.iec61131.lowering.machine_types import is_scalar, type_of
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.promotion import promoted
from emulators.iec61131.lowering.ranges import interval
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
            forget_written(b, (value, target))
            count_conditions(b, value)
            assigned = interval(b, value)
            if is_scalar(type_of(target)):
                store(b, target, b.expression(value), span)
            else:
                assign_aggregate(b, target, value, span)
            after_statement(b, node, assigned)
        case tree.CallStatement(call):
            forget_written(b, (node,))
            if isinstance(call, tree.FunctionCall):
                call_for_effects(b, call)
            else:
                standard_statement(b, call)
            after_statement(b, node, None)
        case tree.FunctionBlockCall():
            forget_written(b, (node,))
            for argument in node.arguments:
                if isinstance(argument, tree.InputArgument):
                    count_conditions(b, argument.value)
            lower_block_call(b, node)
            after_statement(b, node, None)
        case tree.If():
            _if(b, node)
        case tree.Case():
            _case(b, node)
        case tree.For() | tree.While() | tree.Repeat():
            with promoted(b, node):
                lower_loop(b, node)
            forget_written(b, (node,))
        case tree.Exit():
            b.emit(*b.loops[-1].leave, ir.Break())
        case tree.Continue():
            b.emit(ir.Continue())
        case tree.Return():
            for loop in reversed(b.loops):
                b.emit(*loop.leave)
            b.emit(*b.write_back, ir.Return(b.result))
        case _:
            assert_never(node)


def _if(b: FunctionBuilder, node: tree.If) -> None:
    """Nest the ELSIF branches, from the last to the first, so that long chains cost no recursion here."""
    lowered = []
    for number, branch in enumerate(node.branches):
        forget_written(b, (branch.condition,))
        with b.collect() as before:
            count_conditions(b, branch.condition)
            condition = b.expression(branch.condition)
        with b.collect() as then, b.branch(branch.condition):
            b.count(PointKind.BRANCH, branch.span, "IF" if number == 0 else f"ELSIF {number}")
            b.emit(*b.statements(branch.body))
        lowered.append((before, condition, then, branch.span))
    with b.collect() as orelse, b.branch():
        b.count(PointKind.BRANCH, node.span, "ELSE")
        b.emit(*b.statements(node.orelse or ()))
    forget_written(b, (node,))
    for before, condition, then, span in reversed(lowered):
        orelse = [*before, ir.If(condition, tuple(then), tuple(orelse), span)]
    b.emit(*orelse)


def _case(b: FunctionBuilder, node: tree.Case) -> None:
    forget_written(b, (node.selector,))
    selector = b.expression(node.selector)
    cases = []
    for branch in node.branches:
        with b.collect() as body, b.branch():
            b.count(PointKind.BRANCH, branch.span, _label(branch.ranges))
            b.emit(*b.statements(branch.body))
        ranges = tuple((item.low, item.high) for item in branch.ranges)
        cases.append(ir.SwitchCase(ranges, tuple(body)))
    with b.collect() as default, b.branch():
        b.count(PointKind.BRANCH, node.span, "ELSE")
        b.emit(*b.statements(node.orelse or ()))
    forget_written(b, (node,))
    b.emit(ir.Switch(selector, tuple(cases), tuple(default), node.span))


def _label(ranges: Sequence[tree.CaseRange]) -> str:
    parts = (str(item.low) if item.low == item.high else f"{item.low}..{item.high}" for item in ranges)
    return "CASE " + ", ".join(parts)
