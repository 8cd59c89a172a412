"""Standard functions on strings and other aggregates (tables 28, 32 to 34): LEN … FIND, SEL, MUX, conversions.

Positions count from 1. Lengths and positions outside the string are cut to it: ``LEFT('abc', 7)`` is ``'abc'``,
``MID`` from behind the end is empty. FIND gives 0 when nothing is found.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import pairwise
from types import MappingProxyType

from emulators.errors import InternalError
from emulators.iec61131 import tree
from emulators.iec61131.lowering.conversions import convert
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.machine_types import scalar_of, type_of
from emulators.iec61131.lowering.operators import to_f64
from emulators.iec61131.lowering.places import store
from emulators.iec61131.lowering.ranges import to_i64
from emulators.iec61131.lowering.selector import multiplex_selector
from emulators.iec61131.lowering.text_places import (
    assign_text,
    character_type,
    compare_places,
    copied,
    in_order_places,
    new_text,
    runtime,
    sized,
)
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.iec61131.types import Elementary, IecType, Kind, StringType, underlying
from emulators.native import ir
from emulators.native.ir import BinaryOperator, Comparison, Conversion, Scalar

__all__ = ["aggregate_result", "scalar_result"]

_COMPARISONS = {"GT": Comparison.GT, "GE": Comparison.GE, "EQ": Comparison.EQ, "LE": Comparison.LE, "LT": Comparison.LT}
_COMPARISONS["NE"] = Comparison.NE


# --- scalar results --------------------------------------------------------------------------------------------------


def scalar_result(b: FunctionBuilder, call: tree.StandardCall) -> ir.Expression:
    """Return the scalar result of a standard function with string inputs."""
    operation = call.function.operation
    if operation in _COMPARISONS:
        return _compare(b, call, _COMPARISONS[operation])
    if operation == "LEN":
        return _measure(b, "length", in_order_places(b, call.inputs), call)
    if operation == "FIND":
        return _measure(b, "find", in_order_places(b, call.inputs), call)
    if operation == "CONVERT":
        return _parse(b, call)
    raise InternalError(f"{call.span}: {call.function.name} has no lowering for strings")


def _compare(b: FunctionBuilder, call: tree.StandardCall, operator: Comparison) -> ir.Expression:
    places = in_order_places(b, call.inputs)
    result = compare_places(b, operator, places[0], places[1])
    for left, right in pairwise(places[1:]):
        result = ir.Binary(BinaryOperator.AND, result, compare_places(b, operator, left, right), Scalar.BOOL)
    return result


def _measure(b: FunctionBuilder, name: str, places: list[ir.Place], call: tree.StandardCall) -> ir.Expression:
    count = b.temporary(Scalar.I64)
    arguments = tuple(argument for place in places for argument in sized(place))
    runtime(b, name, arguments, call.span, like=places[0], target=count)
    return ir.Convert(ir.Load(count, Scalar.I64), Scalar.I16, Conversion.WRAP)


def _parse(b: FunctionBuilder, call: tree.StandardCall) -> ir.Expression:
    """Return the value a string spells; what cannot be read gives 0, as vendors do."""
    place, wanted = b.text(call.inputs[0]), type_of(call)
    base = underlying(wanted)
    assert isinstance(base, Elementary)
    if base.kind is Kind.CHARACTER:
        first = ir.Element(place, ir.Const(0, Scalar.I64), character_type(place), checked=False)
        return ir.Load(first, character_type(place))
    if base.is_real:
        name = "to_f32" if base is Elementary.REAL else "to_f64"
        return _read(b, name, Scalar.F32 if base is Elementary.REAL else Scalar.F64, place, call)
    if base is Elementary.BOOL:
        return _read(b, "to_bool", Scalar.BOOL, place, call)
    if base.is_integer or base.is_bit_string:
        number = _read(b, "to_u64", Scalar.U64, place, call)
        return convert(number, Elementary.ULINT, base, call.span)
    return _read(b, _TIME_NAMES[base.kind].replace("from", "to"), Scalar.I64, place, call)


def _read(b: FunctionBuilder, name: str, scalar: Scalar, place: ir.Place, call: tree.StandardCall) -> ir.Expression:
    target = b.temporary(scalar)
    runtime(b, name, sized(place), call.span, like=place, target=target)
    return ir.Load(target, scalar)


_TIME_NAMES = {
    Kind.DURATION: "from_duration",
    Kind.DATE: "from_date",
    Kind.TIME_OF_DAY: "from_time_of_day",
    Kind.DATE_AND_TIME: "from_date_and_time",
}


# --- aggregate results -----------------------------------------------------------------------------------------------


def aggregate_result(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    """Return the place that holds the string, array or structure a standard function gives."""
    if call.enable is None:
        return _aggregate(b, call)
    result = b.temporary(b.module.types.machine_type(type_of(call)), "text")
    enable = b.expression(call.enable)
    with b.collect() as enabled:
        _copy(b, result, _aggregate(b, call), call)
        if call.enable_output is not None:
            store(b, call.enable_output, ir.Const(True, Scalar.BOOL), call.span)
    with b.collect() as disabled:
        b.emit(ir.Zero(result, call.span))
        if call.enable_output is not None:
            store(b, call.enable_output, ir.Const(False, Scalar.BOOL), call.span)
    b.emit(ir.If(enable, tuple(enabled), tuple(disabled), call.span))
    return result


def _aggregate(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    operation = call.function.operation
    if operation in ("LEFT", "RIGHT", "MID", "DELETE", "INSERT", "REPLACE", "CONCAT"):
        return _edit(b, call, operation)
    if operation == "CONVERT":
        return _spell(b, call)
    row = _CHOICES.get(operation)
    if row is None:
        raise InternalError(f"{call.span}: {call.function.name} has no lowering for strings")
    return row(b, call)


def _edit(b: FunctionBuilder, call: tree.StandardCall, operation: str) -> ir.Place:
    """Call the runtime: the result, then the strings, then lengths and positions."""
    texts = [node for node in call.inputs if isinstance(node.type, StringType)]
    numbers = call.inputs[len(texts) :]
    places = in_order_places(b, call.inputs[: len(texts)])
    if any(calls_users_function(number) for number in numbers):
        places = [copied(b, place, call.span) for place in places]
    counts = [to_i64(count) for count in b.operands(*numbers)]
    wanted = type_of(call)
    assert isinstance(wanted, StringType)
    result = new_text(b, wanted.length, character_type(places[0]))
    if operation == "CONCAT":
        assign_text(b, result, places[0], call.span)
        for place in places[1:]:
            runtime(b, "append", (*sized(result), *sized(place)), call.span, like=place)
        return result
    inputs = tuple(argument for place in places for argument in sized(place))
    runtime(b, operation.lower(), (*sized(result), *inputs, *counts), call.span, like=result)
    return result


def _spell(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    """Return a value as the standard's literals spell it, without type prefix of numbers."""
    wanted = type_of(call)
    assert isinstance(wanted, StringType)
    element = Scalar.U16 if wanted.is_wide else Scalar.U8
    source = type_of(call.inputs[0])
    result = new_text(b, wanted.length, element)
    if isinstance(source, StringType):
        _widen(b, result, b.text(call.inputs[0]), call)
        return result
    value = b.expression(call.inputs[0])
    name, arguments = _spelling(value, source)
    runtime(b, name, (*sized(result), *arguments), call.span, like=result)
    return result


def _widen(b: FunctionBuilder, result: ir.Place, source: ir.Place, call: tree.StandardCall) -> None:
    if character_type(result) is character_type(source):
        assign_text(b, result, source, call.span)
    else:
        runtime(b, "from_other", (*sized(result), *sized(source)), call.span, like=result)


def _spelling(value: ir.Expression, source: IecType) -> tuple[str, tuple[ir.Expression, ...]]:
    base = underlying(source)
    assert isinstance(base, Elementary)
    if base is Elementary.BOOL:
        return "from_bool", (value,)
    if base.kind is Kind.CHARACTER:
        return "from_character", (to_i64(value),)
    if base is Elementary.REAL:
        return "from_f32", (value,)
    if base is Elementary.LREAL:
        return "from_f64", (to_f64(value),)
    if base.is_integer and scalar_of(base).is_signed:
        return "from_i64", (to_i64(value),)
    if base.is_integer or base.is_bit_string:
        return "from_u64", (ir.Convert(value, Scalar.U64, Conversion.WRAP),)
    is_long = ir.Const(int(base.name.startswith("L")), Scalar.I32)
    return _TIME_NAMES[base.kind], (value, is_long)


# --- choices between aggregates --------------------------------------------------------------------------------------


def _copy(b: FunctionBuilder, target: ir.Place, source: ir.Place, call: tree.StandardCall) -> None:
    if isinstance(call.type, StringType):
        assign_text(b, target, source, call.span)
    else:
        b.emit(ir.Copy(target, source, call.span))


def _result(b: FunctionBuilder, call: tree.StandardCall) -> ir.Local:
    return b.temporary(b.module.types.machine_type(type_of(call)), "choice")


def _copy_block(
    b: FunctionBuilder, target: ir.Place, source: ir.Place, call: tree.StandardCall
) -> tuple[ir.Statement, ...]:
    with b.collect() as body:
        _copy(b, target, source, call)
    return tuple(body)


def _move(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    return b.text(call.inputs[0])


def _select(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    result = _result(b, call)
    condition = b.keep(b.expression(call.inputs[0]), call.span)
    if_false, if_true = in_order_places(b, call.inputs[1:])
    then, orelse = _copy_block(b, result, if_true, call), _copy_block(b, result, if_false, call)
    b.emit(ir.If(condition, then, orelse, call.span))
    return result


def _multiplex(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    result = _result(b, call)
    selector = b.keep(to_i64(b.expression(call.inputs[0])), call.span)
    choices = in_order_places(b, call.inputs[1:])
    selector = multiplex_selector(b, selector, len(choices), call.span)
    cases = [
        ir.SwitchCase(((number, number),), _copy_block(b, result, choice, call))
        for number, choice in enumerate(choices)
    ]
    b.emit(ir.Switch(selector, tuple(cases), (), call.span))
    return result


def _extreme(operator: Comparison, b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    """MAX and MIN of strings: a later input wins only if it is truly greater (smaller)."""
    return _pick(b, call, in_order_places(b, call.inputs), (operator,) * (len(call.inputs) - 1))


def _limit(b: FunctionBuilder, call: tree.StandardCall) -> ir.Place:
    low, value, high = in_order_places(b, call.inputs)
    return _pick(b, call, [value, low, high], (Comparison.GT, Comparison.LT))


def _pick(
    b: FunctionBuilder, call: tree.StandardCall, places: list[ir.Place], operators: tuple[Comparison, ...]
) -> ir.Place:
    result = _result(b, call)
    _copy(b, result, places[0], call)
    for operator, place in zip(operators, places[1:], strict=True):
        condition = compare_places(b, operator, place, result)
        b.emit(ir.If(condition, _copy_block(b, result, place, call), (), call.span))
    return result


_CHOICES: MappingProxyType[str, Callable[[FunctionBuilder, tree.StandardCall], ir.Place]] = MappingProxyType(
    {
        "MOVE": _move,
        "SEL": _select,
        "MUX": _multiplex,
        "MAX": partial(_extreme, Comparison.GT),
        "MIN": partial(_extreme, Comparison.LT),
        "LIMIT": _limit,
    }
)
