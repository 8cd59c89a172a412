"""Loops: WHILE and REPEAT; FOR has a file of its own."""

from __future__ import annotations

from emulators.iec61131 import tree
from emulators.iec61131.lowering.facts import forget_written, turns_of_while
from emulators.iec61131.lowering.for_loops import lower_for
from emulators.iec61131.lowering.function_builder import FunctionBuilder, LoopFrame
from emulators.iec61131.lowering.walk import nodes
from emulators.native import ir
from emulators.native.ir import PointKind, Scalar

__all__ = ["lower_loop"]

_TRUE = ir.Const(True, Scalar.BOOL)


def lower_loop(b: FunctionBuilder, node: tree.For | tree.While | tree.Repeat) -> None:
    """Lower a loop; what it may assign is not known inside, whatever was known before."""
    turns = turns_of_while(b, node) if isinstance(node, tree.While) else None
    if isinstance(node, tree.For):
        forget_written(b, (node.start, node.stop, node.step, *node.body))
    else:
        forget_written(b, (node,))
    match node:
        case tree.For():
            lower_for(b, node)
        case tree.While():
            _while(b, node, turns)
        case tree.Repeat():
            _repeat(b, node)


def _while(b: FunctionBuilder, node: tree.While, turns: int | None) -> None:
    """Lower WHILE; a condition that needs statements is tested inside an endless loop."""
    entered = b.temporary(Scalar.BOOL, "entered") if b.counts_coverage else None
    if entered is not None:
        b.emit(ir.Assign(entered, ir.Const(False, Scalar.BOOL)))
    with b.collect() as before:
        condition = b.expression(node.condition)
    is_budgeted = turns is None or b.enter_turns(turns)
    b.loops.append(LoopFrame(most_turns=turns))
    with b.collect() as body, b.branch(node.condition):
        b.count(PointKind.BRANCH, node.span, "WHILE entered")
        if entered is not None:
            b.emit(ir.Assign(entered, _TRUE))
        b.emit(*b.statements(node.body))
    b.loops.pop()
    if before:
        leave = ir.If(ir.Unary(ir.UnaryOperator.NOT, condition, Scalar.BOOL), (ir.Break(),))
        b.emit(ir.While(_TRUE, (*before, leave, *body), is_budgeted, node.span))
    else:
        b.emit(ir.While(condition, tuple(body), is_budgeted, node.span))
    if entered is not None:
        with b.collect() as skipped:
            b.count(PointKind.BRANCH, node.span, "WHILE not entered")
        b.emit(ir.If(ir.Unary(ir.UnaryOperator.NOT, ir.Load(entered, Scalar.BOOL), Scalar.BOOL), tuple(skipped)))


def _repeat(b: FunctionBuilder, node: tree.Repeat) -> None:
    """Lower REPEAT; CONTINUE goes to the test of UNTIL."""
    with b.collect() as before:
        condition = b.expression(node.until)
    test = (*before, ir.If(condition, (ir.Break(),), (), node.span))
    b.loops.append(LoopFrame())
    with b.branch():
        body = b.statements(node.body)
    b.loops.pop()
    if not _continues(node.body):
        b.emit(ir.While(_TRUE, (*body, *test), span=node.span))
        return
    is_first = b.temporary(Scalar.BOOL, "first")
    b.emit(ir.Assign(is_first, _TRUE))
    begin = (ir.Assign(is_first, ir.Const(False, Scalar.BOOL)),)
    b.emit(ir.While(_TRUE, (ir.If(ir.Load(is_first, Scalar.BOOL), begin, test), *body), span=node.span))


def _continues(body: tuple[tree.Statement, ...]) -> bool:
    """Return whether a CONTINUE belongs to the loop with this body."""
    return any(isinstance(found, tree.Continue) for found in nodes(body))
