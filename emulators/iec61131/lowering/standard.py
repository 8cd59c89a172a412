"""Standard functions with a scalar result on scalar inputs: one row a function in the table below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from emulators.errors import InternalError
from emulators.iec61131 import tree
from emulators.iec61131.lowering import bits, calendar, text_functions
from emulators.iec61131.lowering.conversions import convert, truncate
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import constant, is_scalar, read, type_of
from emulators.iec61131.lowering.operators import arithmetic, power, real_intrinsic, scale_duration
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.selector import multiplex_selector
from emulators.iec61131.types import StringType, default_initial
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Scalar

__all__ = ["standard_statement", "standard_value"]

Operands = Sequence[ir.Expression]
Row = Callable[[FunctionBuilder, Operands, tree.StandardCall], ir.Expression]


def standard_value(b: FunctionBuilder, call: tree.StandardCall) -> ir.Expression:
    """Return the scalar result of a standard function."""
    if call.enable is None:
        return _value(b, call)
    iec_type = type_of(call)
    initial = default_initial(iec_type)
    assert isinstance(initial, bool | int | float | str)
    result = b.temporary(constant(initial, iec_type).type)
    enable = b.expression(call.enable)
    with b.collect() as enabled:
        b.emit(ir.Assign(result, _value(b, call), call.span))
        _set_enable_output(b, call, is_enabled=True)
    with b.collect() as disabled:
        b.emit(ir.Assign(result, constant(initial, iec_type), call.span))
        _set_enable_output(b, call, is_enabled=False)
    b.emit(ir.If(enable, tuple(enabled), tuple(disabled), call.span))
    return read(result)


def standard_statement(b: FunctionBuilder, call: tree.StandardCall) -> None:
    """Lower a standard function called for its outputs (``SPLIT_DATE``) or for nothing."""
    enable = b.expression(call.enable) if call.enable is not None else None
    with b.collect() as enabled:
        if call.type is not None:
            _ = b.keep(_value(b, call), call.span) if is_scalar(call.type) else b.text(call)
        else:
            values = calendar.split(b, b.expression(call.inputs[0]), call.function.operation)
            for name, target in call.outputs:
                store(b, target, values[name], call.span)
        if enable is not None:
            _set_enable_output(b, call, is_enabled=True)
    if enable is None:
        b.emit(*enabled)
        return
    with b.collect() as disabled:
        _set_enable_output(b, call, is_enabled=False)
    b.emit(ir.If(enable, tuple(enabled), tuple(disabled), call.span))


def _set_enable_output(b: FunctionBuilder, call: tree.StandardCall, *, is_enabled: bool) -> None:
    if call.enable_output is not None:
        store(b, call.enable_output, ir.Const(is_enabled, Scalar.BOOL), call.span)


def _value(b: FunctionBuilder, call: tree.StandardCall) -> ir.Expression:
    if any(isinstance(node.type, StringType) for node in call.inputs):
        return text_functions.scalar_result(b, call)
    row = _ROWS.get(call.function.operation)
    if row is None:
        raise InternalError(f"{call.span}: standard function {call.function.name} has no lowering")
    return row(b, b.operands(*call.inputs), call)


# --- rows ------------------------------------------------------------------------------------------------------------


def _fold(operator: BinaryOperator, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    result = operands[0]
    for operand in operands[1:]:
        result = arithmetic(operator, result, operand, call.span)
    return result


def _compare(operator: Comparison, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    kept = list(operands) if len(operands) == 2 else [b.keep(operand) for operand in operands]
    result: ir.Expression = ir.Compare(operator, kept[0], kept[1])
    for left, right in pairwise(kept[1:]):
        result = ir.Binary(BinaryOperator.AND, result, ir.Compare(operator, left, right), Scalar.BOOL)
    return result


def _scale(operator: BinaryOperator, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return scale_duration(operator, operands[0], operands[1], call.span)


def _real(name: str, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return real_intrinsic(name, tuple(operands), call.span)


def _absolute(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    value = operands[0]
    if value.type.is_float:
        return real_intrinsic("fabs", (value,), call.span)
    if not value.type.is_signed:
        return value
    kept = b.keep(value, call.span)
    negated = ir.Unary(ir.UnaryOperator.NEGATE, kept, kept.type, span=call.span)
    return ir.Select(ir.Compare(Comparison.LT, kept, ir.Const(0, kept.type)), negated, kept, kept.type)


def _extreme(operator: Comparison, b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """MAX and MIN: a later input wins only if it is truly greater (smaller)."""
    result = b.keep(operands[0], call.span)
    for operand in operands[1:]:
        kept = b.keep(operand, call.span)
        result = b.keep(ir.Select(ir.Compare(operator, kept, result), kept, result, kept.type), call.span)
    return result


def _limit(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    """LIMIT is MIN(MAX(IN, MN), MX), as the standard defines it: MX wins when the limits are crossed."""
    low, value, high = operands
    raised = _extreme(Comparison.GT, b, (value, low), call)
    return _extreme(Comparison.LT, b, (raised, high), call)


def _select(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    condition, if_false, if_true = (b.keep(operand, call.span) for operand in operands)
    return ir.Select(condition, if_true, if_false, if_true.type)


def _multiplex(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    choices = [b.keep(operand, call.span) for operand in operands[1:]]
    selector = multiplex_selector(b, operands[0], len(choices), call.span)
    result = choices[-1]
    for number, choice in reversed(list(enumerate(choices[:-1]))):
        is_chosen = ir.Compare(Comparison.EQ, selector, ir.Const(number, Scalar.I64))
        result = ir.Select(is_chosen, choice, result, choice.type)
    return result


def _not(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return ir.Unary(ir.UnaryOperator.NOT, operands[0], operands[0].type, span=call.span)


def _move(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return operands[0]


def _power(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return power(operands[0], operands[1], call.span)


def _convert(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return convert(operands[0], type_of(call.inputs[0]), type_of(call), call.span)


def _truncate(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return truncate(operands[0], type_of(call), call.span)


def _is_valid(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    size = real_intrinsic("fabs", (operands[0],), call.span)
    greatest = 1.7976931348623157e308 if size.type is Scalar.F64 else 3.4028234663852886e38
    return ir.Compare(Comparison.LE, size, ir.Const(greatest, size.type))


def _system_time(b: FunctionBuilder, operands: Operands, call: tree.StandardCall) -> ir.Expression:
    return ir.Load(b.module.instance_field("now_ns"), Scalar.I64)


_INTRINSICS = {
    "SQRT": "sqrt",
    "LN": "log",
    "LOG": "log10",
    "EXP": "exp",
    "SIN": "sin",
    "COS": "cos",
    "TAN": "tan",
    "ASIN": "asin",
    "ACOS": "acos",
    "ATAN": "atan",
    "ATAN2": "atan2",
}
_ROWS: MappingProxyType[str, Row] = MappingProxyType(
    {
        "ADD": partial(_fold, BinaryOperator.ADD),
        "SUB": partial(_fold, BinaryOperator.SUBTRACT),
        "MUL": partial(_fold, BinaryOperator.MULTIPLY),
        "DIV": partial(_fold, BinaryOperator.DIVIDE),
        "MOD": partial(_fold, BinaryOperator.MODULO),
        "ADD_NS": partial(_fold, BinaryOperator.ADD),
        "SUB_NS": partial(_fold, BinaryOperator.SUBTRACT),
        "MUL_NUM": partial(_scale, BinaryOperator.MULTIPLY),
        "DIV_NUM": partial(_scale, BinaryOperator.DIVIDE),
        "AND": partial(_fold, BinaryOperator.AND),
        "OR": partial(_fold, BinaryOperator.OR),
        "XOR": partial(_fold, BinaryOperator.XOR),
        "NOT": _not,
        "GT": partial(_compare, Comparison.GT),
        "GE": partial(_compare, Comparison.GE),
        "EQ": partial(_compare, Comparison.EQ),
        "LE": partial(_compare, Comparison.LE),
        "LT": partial(_compare, Comparison.LT),
        "NE": partial(_compare, Comparison.NE),
        "MAX": partial(_extreme, Comparison.GT),
        "MIN": partial(_extreme, Comparison.LT),
        "LIMIT": _limit,
        "SEL": _select,
        "MUX": _multiplex,
        "MOVE": _move,
        "ABS": _absolute,
        "EXPT": _power,
        **{operation: partial(_real, intrinsic) for operation, intrinsic in _INTRINSICS.items()},
        "CONVERT": _convert,
        "TRUNC": _truncate,
        "IS_VALID": _is_valid,
        "SYSTEM_TIME": _system_time,
        **bits.ROWS,
        **calendar.ROWS,
    }
)
