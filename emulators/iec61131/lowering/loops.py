"""FOR, WHILE and REPEAT.

FOR evaluates start, stop and step once; what the body could do to the control variable does not change the number of
turns. After the loop the variable holds the first value that was not used (start + n * step, wrapped in its type; of a
subrange, kept inside it); after EXIT or RETURN the value of that turn. ``FOR b := 250 TO 255`` on a USINT ends.

Where nobody else can see the variable during the loop, its reads become reads of the machine's counter, and it is
stored once at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emulators.iec61131 import tree
from emulators.iec61131.lowering.facts import forget_written, turns_of_while
from emulators.iec61131.lowering.function_builder import FunctionBuilder, LoopFrame
from emulators.iec61131.lowering.machine_types import is_located, read, scalar_of, type_of
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.ranges import Interval, interval, to_i64, wide
from emulators.iec61131.lowering.walk import nodes, root_variable, written_places
from emulators.iec61131.types import Section, SubrangeType, Variable
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, PointKind, Scalar

__all__ = ["lower_loop"]

_EXACT_LIMIT = 1 << 62
_UNBUDGETED_TURNS = 20_000_000
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
            _for(b, node)
        case tree.While():
            _while(b, node, turns)
        case tree.Repeat():
            _repeat(b, node)


# --- FOR -------------------------------------------------------------------------------------------------------------


def _for(b: FunctionBuilder, node: tree.For) -> None:
    """Lower a FOR loop, as a counted loop where its step and ranges allow."""
    start, stop = interval(b, node.start), interval(b, node.stop)
    is_exact = start is not None and stop is not None and _is_exact(start) and _is_exact(stop)
    if isinstance(node.step, tree.Literal) and is_exact:
        assert start is not None
        assert stop is not None
        _counted(b, node, int(node.step.value), start, stop)
    else:
        _stepped(b, node)


def _is_exact(known: Interval) -> bool:
    return known[0] > -_EXACT_LIMIT and known[1] < _EXACT_LIMIT


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
    is_budgeted = _enter_turns(b, most_turns)
    with _control(b, node, value, values, most_turns), b.collect() as body:
        if step != 1:
            b.emit(ir.Assign(value, _add(first, _times(counter, step)), node.span))
        _turn(b, node, value)
    begin, end = (first, _add(last, _i64(1))) if step == 1 else (_i64(0), turns)
    b.emit(ir.CountedLoop(counter, begin, end, tuple(body), is_budgeted, node.span))
    if not _has_exit(node.body):
        _store_final(b, node, _after(first, last, turns, step))
    elif _is_private(node):
        _store_final(b, node, _add(first, _times(counter, step)) if step != 1 else read(counter))
    else:
        with b.collect() as final:
            _store_final(b, node, _after(first, last, turns, step))
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
        _store_final(b, node, current)
    end = (*final, ir.Break())
    # The distance is tested before the value moves, so that a wrap at the end of the type is not seen as progress.
    move = (ir.If(_would_pass(current, last, step, is_up), (advance, *end)), advance)
    begin = (ir.Assign(is_first, ir.Const(False, Scalar.BOOL)), ir.If(beyond, end))
    _enter_turns(b, _UNBUDGETED_TURNS)
    with _control(b, node, value, None, None), b.collect() as body:
        b.emit(ir.If(ir.Load(is_first, Scalar.BOOL), begin, move, node.span))
        _turn(b, node, value)
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


# --- the control variable --------------------------------------------------------------------------------------------


def _is_private(node: tree.For) -> bool:
    """Return whether nothing but this loop can read or write the variable while the loop runs."""
    if not isinstance(node.variable, tree.Name):
        return False
    variable = node.variable.variable
    if variable.section is Section.IN_OUT or is_located(variable):
        return False
    written = [root_variable(place) for place in written_places(node.body)]
    if variable in written:
        return False
    if variable.section in (Section.VAR, Section.TEMP) and variable.owner:
        return True
    has_calls = any(isinstance(found, tree.FunctionCall | tree.FunctionBlockCall) for found in nodes(node.body))
    return not has_calls and not any(root is not None and root.section is Section.IN_OUT for root in written)


@contextmanager
def _control(
    b: FunctionBuilder, node: tree.For, value: ir.Local, values: Interval | None, most_turns: int | None
) -> Iterator[None]:
    """Bind the control variable for the body."""
    frame = LoopFrame(most_turns=most_turns)
    variable: Variable | None = None
    saved = dict(b.counters), dict(b.intervals)
    forget_written(b, (node,))
    if _is_private(node):
        assert isinstance(node.variable, tree.Name)
        variable = node.variable.variable
        b.counters[variable] = value
        if values is not None:
            b.intervals[variable] = values
        with b.collect() as leave:
            _store_value(b, node, read(value))
        frame.leave = tuple(leave)
    b.loops.append(frame)
    try:
        yield
    finally:
        b.loops.pop()
        b.counters, b.intervals = saved


def _turn(b: FunctionBuilder, node: tree.For, value: ir.Local) -> None:
    b.count(PointKind.BRANCH, node.span, "FOR entered")
    _check_subrange(b, node, read(value))
    if not _is_private(node):
        _store_value(b, node, read(value))
    b.emit(*b.statements(node.body))


def _check_subrange(b: FunctionBuilder, node: tree.For, value: ir.Expression) -> None:
    declared = type_of(node.variable)
    if not isinstance(declared, SubrangeType):
        return
    low, high = ir.Const(declared.low, value.type), ir.Const(declared.high, value.type)
    outside = ir.OrElse(ir.Compare(Comparison.LT, value, low), ir.Compare(Comparison.GT, value, high))
    bounds = interval(b, node.start), interval(b, node.stop)
    if not all(known is not None and declared.low <= known[0] and known[1] <= declared.high for known in bounds):
        b.fault_if(outside, ir.FaultCode.SUBRANGE, node.span, to_i64(value), to_i64(low), to_i64(high))


def _store_value(b: FunctionBuilder, node: tree.For, value: ir.Expression) -> None:
    scalar = scalar_of(type_of(node.variable))
    narrow = value if value.type is scalar else ir.Convert(value, scalar, Conversion.WRAP)
    if isinstance(value, ir.Const):
        narrow = _wrapped(int(value.value), scalar)
    store(b, node.variable, narrow, node.span)


def _wrapped(value: int, scalar: Scalar) -> ir.Const:
    bits = scalar.size * 8
    value &= (1 << bits) - 1
    return ir.Const(value - (1 << bits) if scalar.is_signed and value >> (bits - 1) else value, scalar)


def _store_final(b: FunctionBuilder, node: tree.For, value: ir.Expression) -> None:
    declared = type_of(node.variable)
    if isinstance(declared, SubrangeType) and value.type is Scalar.I64:
        kept = b.keep(value, node.span)
        low, high = _i64(declared.low), _i64(declared.high)
        raised = ir.Select(ir.Compare(Comparison.LT, kept, low), low, kept, Scalar.I64)
        value = ir.Select(ir.Compare(Comparison.GT, kept, high), high, raised, Scalar.I64)
    _store_value(b, node, value)


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


def _enter_turns(b: FunctionBuilder, most_turns: int) -> bool:
    """Return whether a loop with so many turns, inside the loops around it, has to spend the loop budget."""
    total = most_turns
    for frame in b.loops:
        total *= frame.most_turns if frame.most_turns is not None else 1
    b.most_turns = max(b.most_turns, total)
    return total > _UNBUDGETED_TURNS


# --- WHILE and REPEAT ------------------------------------------------------------------------------------------------


def _while(b: FunctionBuilder, node: tree.While, turns: int | None) -> None:
    """Lower WHILE; a condition that needs statements is tested inside an endless loop."""
    entered = b.temporary(Scalar.BOOL, "entered") if b.counts_coverage else None
    if entered is not None:
        b.emit(ir.Assign(entered, ir.Const(False, Scalar.BOOL)))
    with b.collect() as before:
        condition = b.expression(node.condition)
    is_budgeted = turns is None or _enter_turns(b, turns)
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
