"""FOR: loops over a machine counter where the number of turns is known at the start, others step by step.

Start, stop and step are evaluated once; what the body could do to the control variable does not change the number of
turns. After the loop the variable holds the first value that was not used (start + n * step, wrapped in its type; of a
subrange, kept inside it); after EXIT or RETURN the value of that turn. ``FOR b := 250 TO 255`` on a USINT ends.
"""

from __future__ import annotations

from typing import TypeGuard

from emulators.iec61131 import tree
from emulators.iec61131.lowering.control_variable import control, is_private, one_turn, store_final
from emulators.iec61131.lowering.function_builder import UNBUDGETED_TURNS, FunctionBuilder
from emulators.iec61131.lowering.machine_types import read, scalar_of, type_of
from emulators.iec61131.lowering.ranges import Interval, interval, to_i64, wide
from emulators.iec61131.lowering.walk import nodes
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, PointKind, Scalar

__all__ = ["lower_for"]

_EXACT_LIMIT = 1 << 62
_TRUE = ir.Const(True, Scalar.BOOL)


def lower_for(b: FunctionBuilder, node: tree.For) -> None:
    """Lower a FOR loop, as a counted loop where its step and ranges allow."""
    start, stop = interval(b, node.start), interval(b, node.stop)
    if isinstance(node.step, tree.Literal) and _is_exact(start) and _is_exact(stop):
        _counted(b, node, int(node.step.value), start, stop)
    else:
        _stepped(b, node)


def _is_exact(known: Interval | None) -> TypeGuard[Interval]:
    """Return whether sums and differences of such values stay inside 64 bits."""
    return known is not None and known[0] > -_EXACT_LIMIT and known[1] < _EXACT_LIMIT


def _i64(value: int) -> ir.Const:
    return ir.Const(value, Scalar.I64)


def _add(left: ir.Expression, right: ir.Expression) -> ir.Expression:
    if isinstance(left, ir.Const) and isinstance(right, ir.Const):
        return _i64(int(left.value) + int(right.value))
    return ir.Binary(BinaryOperator.ADD, left, right, Scalar.I64)


def _counted(b: FunctionBuilder, node: tree.For, step: int, start: Interval, stop: Interval) -> None:
    """A loop whose number of turns is known when it starts."""
    first, last = (b.keep(bound, node.span) for bound in _bounds(b, node))
    turns = _turns(first, last, step)
    if not isinstance(turns, ir.Const) and step != 1:
        turns = b.keep(turns, node.span)
    most_turns = max(0, (stop[1] - start[0] if step > 0 else start[1] - stop[0]) // abs(step) + 1)
    counter = b.temporary(Scalar.I64, "turn")
    value = counter if step == 1 else b.temporary(Scalar.I64, "control")
    _not_entered_point(b, node, first, last, step)
    values = (start[0], max(start[0], stop[1])) if step > 0 else (min(start[1], stop[0]), start[1])
    is_budgeted = b.enter_turns(most_turns)
    with control(b, node, value, values, most_turns), b.collect() as body:
        if step != 1:
            b.emit(ir.Assign(value, _add(first, _times(counter, step)), node.span))
        one_turn(b, node, value)
    begin, end = (first, _add(last, _i64(1))) if step == 1 else (_i64(0), turns)
    b.emit(ir.CountedLoop(counter, begin, end, tuple(body), is_budgeted, node.span))
    if not _has_exit(node.body):
        store_final(b, node, _after(first, last, turns, step))
    elif is_private(node):
        store_final(b, node, _add(first, _times(counter, step)) if step != 1 else read(counter))
    else:
        with b.collect() as final:
            store_final(b, node, _after(first, last, turns, step))
        b.emit(ir.If(ir.Compare(Comparison.GE, read(counter), end), tuple(final)))


def _times(counter: ir.Local, step: int) -> ir.Expression:
    return ir.Binary(BinaryOperator.MULTIPLY, read(counter), _i64(step), Scalar.I64)


def _has_exit(body: tuple[tree.Statement, ...]) -> bool:
    """Return whether an EXIT may leave the loop with this body (or one inside it)."""
    return any(isinstance(found, tree.Exit) for found in nodes(body))


def _bounds(b: FunctionBuilder, node: tree.For) -> list[ir.Expression]:
    return b.in_order([lambda: wide(b, node.start), lambda: wide(b, node.stop)])


def _turns(first: ir.Expression, last: ir.Expression, step: int) -> ir.Expression:
    """Return how often the body runs (0 or less: never; only 0 if both bounds are constant)."""
    low, high = (first, last) if step > 0 else (last, first)
    if isinstance(low, ir.Const) and isinstance(high, ir.Const):
        return _i64(max(0, (int(high.value) - int(low.value)) // abs(step) + 1))
    span = ir.Binary(BinaryOperator.SUBTRACT, high, low, Scalar.I64)
    steps = ir.Binary(BinaryOperator.FLOOR_DIVIDE, span, _i64(abs(step)), Scalar.I64) if abs(step) > 1 else span
    return _add(steps, _i64(1))


def _after(first: ir.Expression, last: ir.Expression, turns: ir.Expression, step: int) -> ir.Expression:
    """Return the value of the control variable after the loop."""
    if isinstance(first, ir.Const) and isinstance(turns, ir.Const):
        return _i64(int(first.value) + int(turns.value) * step)
    if step == 1:
        ran = ir.Compare(Comparison.LE, first, last)
        return ir.Select(ran, _add(last, _i64(1)), first, Scalar.I64)
    ran = ir.Compare(Comparison.GT, turns, _i64(0))
    product = ir.Binary(BinaryOperator.MULTIPLY, turns, _i64(step), Scalar.I64)
    return ir.Select(ran, _add(first, product), first, Scalar.I64)


def _stepped(b: FunctionBuilder, node: tree.For) -> None:
    """A loop with a step that is a variable, or over 64-bit values that may come near the end of their type."""
    scalar = Scalar.U64 if scalar_of(type_of(node.variable)) is Scalar.U64 else Scalar.I64
    first, last, step = (
        b.keep(bound if bound.type is scalar else to_i64(bound), node.span)
        for bound in b.operands(node.start, node.stop, node.step)
    )
    value, is_first = b.temporary(scalar, "control"), b.temporary(Scalar.BOOL, "first")
    current = ir.Load(value, scalar)
    is_up = ir.Compare(Comparison.GE, step, ir.Const(0, scalar))
    beyond = ir.Select(
        is_up, ir.Compare(Comparison.GT, current, last), ir.Compare(Comparison.LT, current, last), Scalar.BOOL
    )
    b.emit(ir.Assign(value, first, node.span), ir.Assign(is_first, _TRUE, node.span))
    advance = ir.Assign(value, ir.Binary(BinaryOperator.ADD, current, step, scalar), node.span)
    with b.collect() as final:
        store_final(b, node, current)
    end = (*final, ir.Break())
    # The distance is tested before the value moves, so that a wrap at the end of the type is not seen as progress.
    move = (ir.If(_would_pass(current, last, step, is_up), (advance, *end)), advance)
    begin = (ir.Assign(is_first, ir.Const(False, Scalar.BOOL)), ir.If(beyond, end))
    b.enter_turns(UNBUDGETED_TURNS)
    with control(b, node, value, None, None), b.collect() as body:
        b.emit(ir.If(ir.Load(is_first, Scalar.BOOL), begin, move, node.span))
        one_turn(b, node, value)
    b.emit(ir.While(_TRUE, tuple(body), budgeted=True, span=node.span))


def _would_pass(
    current: ir.Expression, last: ir.Expression, step: ir.Expression, is_up: ir.Expression
) -> ir.Expression:
    """Return whether the next value lies beyond ``last``, computed without overflow."""

    def distance(high: ir.Expression, low: ir.Expression) -> ir.Expression:
        return _as_u64(ir.Binary(BinaryOperator.SUBTRACT, high, low, high.type))

    upward = ir.Compare(Comparison.LT, distance(last, current), _as_u64(step))
    if step.type is Scalar.U64:
        return upward
    size = _as_u64(ir.Unary(ir.UnaryOperator.NEGATE, step, step.type))
    downward = ir.Compare(Comparison.LT, distance(current, last), size)
    return ir.Select(is_up, upward, downward, Scalar.BOOL)


def _as_u64(value: ir.Expression) -> ir.Expression:
    return value if value.type is Scalar.U64 else ir.Convert(value, Scalar.U64, Conversion.WRAP)


def _not_entered_point(
    b: FunctionBuilder, node: tree.For, first: ir.Expression, last: ir.Expression, step: int
) -> None:
    if isinstance(first, ir.Const) and isinstance(last, ir.Const):
        return
    operator = Comparison.GT if step > 0 else Comparison.LT
    with b.collect() as skipped:
        b.count(PointKind.BRANCH, node.span, "FOR not entered")
    if skipped:
        b.emit(ir.If(ir.Compare(operator, first, last), tuple(skipped)))
