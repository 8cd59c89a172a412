"""The selector of MUX, shared by scalars and aggregates."""

from __future__ import annotations

from emulators.errors import SourceSpan
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.ranges import to_i64
from emulators.native import ir
from emulators.native.ir import Comparison, Scalar

__all__ = ["multiplex_selector"]


def multiplex_selector(b: FunctionBuilder, selector: ir.Expression, count: int, span: SourceSpan) -> ir.Expression:
    """Return K of MUX as I64; outside 0..count-1 the PLC stops."""
    kept = b.keep(to_i64(selector), span)
    low, high = ir.Const(0, Scalar.I64), ir.Const(count - 1, Scalar.I64)
    outside = ir.OrElse(ir.Compare(Comparison.LT, kept, low), ir.Compare(Comparison.GT, kept, high))
    b.fault_if(outside, ir.FaultCode.INDEX_OUT_OF_BOUNDS, span, kept, low, high)
    return kept
