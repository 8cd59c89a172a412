"""C for conversions between scalars: in range by guard or by saturation, never by what a CPU happens to do."""

from __future__ import annotations

from emulators.errors import InternalError
from emulators.native.emit_types import integer_range, literal, scalar_name
from emulators.native.emit_writer import Code, FunctionWriter
from emulators.native.folding import fold
from emulators.native.ir import Const, Conversion, Convert, FaultCode, Scalar
from emulators.native.ranges import interval, is_inside

__all__ = ["emit_convert"]


def emit_convert(writer: FunctionWriter, node: Convert, operand: Code) -> Code:
    """Return the C of a conversion of an evaluated operand."""
    source = node.operand.type
    match node.how:
        case Conversion.WRAP:
            return _wrap(source, node.type, operand)
        case Conversion.TRAP:
            return _trap(writer, node, operand)
        case Conversion.TO_FLOAT:
            return _to_float(source, node.type, operand)
        case Conversion.BITS:
            return _bits(source, node.type, operand)
        case Conversion.ROUND_EVEN | Conversion.TRUNCATE:
            return _guarded(writer, node, operand)
        case Conversion.ROUND_EVEN_SATURATE | Conversion.TRUNCATE_SATURATE:
            return _saturated(node, operand)


def _wrap(source: Scalar, target: Scalar, operand: Code) -> Code:
    if source is target:
        return operand
    if target is Scalar.BOOL:
        return Code(f"({operand.text} != 0)", operand.depth + 1)
    if operand.const is not None:
        low, high = integer_range(target)
        value = (int(operand.const.value) - low) % (high - low + 1) + low
        return Code.of_const(Const(value, target))
    return Code(f"(({scalar_name(target)}){operand.text})", operand.depth + 1, is_simple=operand.is_simple)


def _trap(writer: FunctionWriter, node: Convert, operand: Code) -> Code:
    source, target = node.operand.type, node.type
    low, high = integer_range(target)
    inner = interval(node.operand, writer.counters)
    if not is_inside(inner, (low, high)):
        operand = writer.repeatable(operand, source)
        checks = []
        if inner[0] < low:
            checks.append(f"{operand.text} < {literal(low, source)}")
        if inner[1] > high:
            checks.append(f"{operand.text} > {literal(high, source)}")
        value = operand.text if source is not Scalar.U64 else f"(i64){operand.text}"
        writer.guard(" || ".join(checks), FaultCode.OVERFLOW, node.span, (value,), f"convert {target.label}")
    return _wrap(source, target, operand)


def _to_float(source: Scalar, target: Scalar, operand: Code) -> Code:
    if source is target:
        return operand
    if operand.const is not None:
        folded = fold(Convert(operand.const, target, Conversion.TO_FLOAT))
        if isinstance(folded, Const):
            return Code.of_const(folded)
    if source is Scalar.U64:
        return Code(f"hil_{target.label}_from_u64({operand.text})", operand.depth + 1)
    if source is Scalar.U32:
        return Code(f"(({scalar_name(target)})(i64){operand.text})", operand.depth + 1)
    return Code(f"(({scalar_name(target)}){operand.text})", operand.depth + 1)


def _bits(source: Scalar, target: Scalar, operand: Code) -> Code:
    if source.size != target.size:
        raise InternalError(f"bits of {source.label} cannot become {target.label}")
    if source.is_float == target.is_float:
        return _wrap(source, target, operand) if not source.is_float else operand
    if target.is_float:
        return Code(f"hil_{target.label}_from_bits({operand.text})", operand.depth + 1)
    text = f"hil_bits_from_{source.label}({operand.text})"
    return Code(f"(({scalar_name(target)}){text})", operand.depth + 1)


def _rounded(node: Convert, operand: Code) -> str:
    """Return the operand as a whole f64."""
    is_round = node.how in (Conversion.ROUND_EVEN, Conversion.ROUND_EVEN_SATURATE)
    wide = operand.text if node.operand.type is Scalar.F64 else f"(f64){operand.text}"
    if node.how is Conversion.ROUND_EVEN and node.type.size <= 4:
        return f"hil_round_even_small({wide})"  # what it does not round exactly lies outside the guard
    return f"{'hil_round_even' if is_round else 'hil_trunc'}({wide})"


def _guarded(writer: FunctionWriter, node: Convert, operand: Code) -> Code:
    operand = writer.repeatable(operand, node.operand.type)
    whole = writer.temporary(Scalar.F64, _rounded(node, operand))
    low, high = integer_range(node.type)
    # the upper bound is a power of two, exact in f64 for every width
    condition = f"!({whole.text} >= {literal(float(low), Scalar.F64)} && {whole.text} < {_power(high)})"
    writer.guard(
        condition,
        FaultCode.CONVERSION,
        node.span,
        (f"hil_bits_from_f64({operand.text})",),
        f"convert {node.type.label}",
    )
    if node.type is Scalar.U64:
        return Code(f"hil_u64_from_f64({whole.text})", 1)
    return Code(f"(({scalar_name(node.type)})(i64){whole.text})", 1, is_simple=True)


def _power(high: int) -> str:
    return literal(float(high + 1), Scalar.F64)


def _saturated(node: Convert, operand: Code) -> Code:
    low, high = integer_range(node.type)
    whole = _rounded(node, operand)
    if node.type is Scalar.U64:
        return Code(f"hil_saturate_u64({whole})", operand.depth + 2)
    bounds = f"{literal(low, Scalar.I64)}, {literal(high, Scalar.I64)}"
    text = f"hil_saturate({whole}, {literal(float(low), Scalar.F64)}, {_power(high)}, {bounds})"
    return Code(f"(({scalar_name(node.type)}){text})", operand.depth + 2)
