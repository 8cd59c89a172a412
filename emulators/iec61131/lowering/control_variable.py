"""The control variable of a FOR loop, in the body and after it.

Where nobody else can see the variable during the loop, its reads become reads of the machine's counter, and it is
stored once at the end.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from emulators.iec61131 import tree
from emulators.iec61131.lowering.facts import forget_written
from emulators.iec61131.lowering.function_builder import FunctionBuilder, LoopFrame
from emulators.iec61131.lowering.machine_types import is_located, read, scalar_of, type_of
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.ranges import Interval, interval, to_i64
from emulators.iec61131.lowering.walk import nodes, root_variable, written_places
from emulators.iec61131.types import Section, SubrangeType, Variable
from emulators.native import ir
from emulators.native.ir import Comparison, Conversion, PointKind, Scalar

__all__ = ["control", "is_private", "one_turn", "store_final"]


def is_private(node: tree.For) -> bool:
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
def control(
    b: FunctionBuilder, node: tree.For, value: ir.Local, values: Interval | None, most_turns: int | None
) -> Iterator[None]:
    """Bind the control variable for the body."""
    frame = LoopFrame(most_turns=most_turns)
    variable: Variable | None = None
    saved = dict(b.counters), dict(b.intervals)
    forget_written(b, (node,))
    if is_private(node):
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


def one_turn(b: FunctionBuilder, node: tree.For, value: ir.Local) -> None:
    """Emit one turn of the loop: the variable, checked and stored where others may see it, and the body."""
    b.count(PointKind.BRANCH, node.span, "FOR entered")
    _check_subrange(b, node, read(value))
    if not is_private(node):
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


def store_final(b: FunctionBuilder, node: tree.For, value: ir.Expression) -> None:
    """Store what the control variable holds after the loop."""
    declared = type_of(node.variable)
    if isinstance(declared, SubrangeType) and value.type is Scalar.I64:
        kept = b.keep(value, node.span)
        low, high = ir.Const(declared.low, Scalar.I64), ir.Const(declared.high, Scalar.I64)
        raised = ir.Select(ir.Compare(Comparison.LT, kept, low), low, kept, Scalar.I64)
        value = ir.Select(ir.Compare(Comparison.GT, kept, high), high, raised, Scalar.I64)
    _store_value(b, node, value)
