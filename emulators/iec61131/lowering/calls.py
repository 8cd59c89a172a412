"""Calls of users' functions and of function blocks: arguments in the order of writing, EN/ENO, outputs after.

A call always becomes a statement of its own; its value is then in a temporary. Scalars are passed by value, the rest
by reference. Outputs go through temporaries, because their targets may need a conversion.
"""

from __future__ import annotations

from collections.abc import Sequence

from emulators.errors import InternalError, SourceSpan
from emulators.iec61131 import tree
from emulators.iec61131.lowering.conversions import convert
from emulators.iec61131.lowering.function_builder import FunctionBuilder
from emulators.iec61131.lowering.initial_values import assign_initial
from emulators.iec61131.lowering.machine_types import constant, is_scalar, scalar_of, type_of
from emulators.iec61131.lowering.places import stable_place, store
from emulators.iec61131.lowering.ranges import to_i64
from emulators.iec61131.lowering.text_places import assign_text, copied
from emulators.iec61131.lowering.walk import calls_users_function
from emulators.iec61131.types import (
    ArrayInitial,
    IecType,
    Section,
    StringType,
    StructureInitial,
    SubrangeType,
    Variable,
    underlying,
)
from emulators.native import ir
from emulators.native.ir import Comparison, Scalar

__all__ = ["bind_block_arguments", "call_aggregate", "call_for_effects", "call_value", "lower_block_call"]

Actual = ir.Expression | ir.AddressOf


def call_value(b: FunctionBuilder, call: tree.FunctionCall) -> ir.Expression:
    """Return the scalar result of a function."""
    result = b.temporary(scalar_of(type_of(call)))
    _call(b, call, result)
    return ir.Load(result, scalar_of(type_of(call)))


def call_aggregate(b: FunctionBuilder, call: tree.FunctionCall) -> ir.Place:
    """Return the place of a string, array or structure that a function gives."""
    result = b.temporary(b.module.types.machine_type(type_of(call)), "result")
    _call(b, call, result)
    return result


def call_for_effects(b: FunctionBuilder, call: tree.FunctionCall) -> None:
    """Call a function as a statement."""
    variable = call.function.result
    result = b.temporary(b.module.types.machine_type(variable.type), "result") if variable is not None else None
    _call(b, call, result)


def _call(b: FunctionBuilder, call: tree.FunctionCall, result: ir.Local | None) -> None:
    if call.enable is None:
        _enabled_call(b, call, result)
        return
    enable = b.expression(call.enable)
    with b.collect() as enabled:
        _enabled_call(b, call, result)
        _set_enable_output(b, call, is_enabled=True)
    with b.collect() as disabled:
        if result is not None and call.function.result is not None:
            b.emit(ir.Zero(result, call.span))
            assign_initial(b, result, call.function.result.type, call.function.result.initial, is_zeroed=True)
        _set_enable_output(b, call, is_enabled=False)
    b.emit(ir.If(enable, tuple(enabled), tuple(disabled), call.span))


def _set_enable_output(
    b: FunctionBuilder, call: tree.FunctionCall | tree.FunctionBlockCall, *, is_enabled: bool
) -> None:
    if call.enable_output is not None:
        store(b, call.enable_output, ir.Const(is_enabled, Scalar.BOOL), call.span)


def _enabled_call(b: FunctionBuilder, call: tree.FunctionCall, result: ir.Local | None) -> None:
    actuals, after = _actual_arguments(b, call)
    arguments: list[Actual] = [ir.AddressOf(b.module.instance_place())]
    for variable in call.function.variables:
        if variable.section is Section.OUTPUT and variable not in actuals:
            unused = b.temporary(b.module.types.machine_type(variable.type), "unused")
            actuals[variable] = ir.AddressOf(unused)
        if variable.section is Section.INPUT and variable not in actuals:
            actuals[variable] = _default_input(b, variable)
        if variable.section in (Section.INPUT, Section.OUTPUT, Section.IN_OUT):
            arguments.append(actuals[variable])
    name = b.module.function_name(call.function.name)
    if result is not None and isinstance(result.type, Scalar):
        b.emit(ir.Assign(result, ir.Call(name, tuple(arguments), result.type, call.span), call.span))
    else:
        if result is not None:
            arguments.append(ir.AddressOf(result))
        b.emit(ir.Run(name, tuple(arguments), call.span))
    b.emit(*after)


def _default_input(b: FunctionBuilder, variable: Variable) -> Actual:
    """Return what an input that the call does not give is worth: its initial value."""
    if is_scalar(variable.type):
        assert not isinstance(variable.initial, ArrayInitial | StructureInitial)
        return constant(variable.initial, variable.type)
    local = b.temporary(b.module.types.machine_type(variable.type), "default")
    b.emit(ir.Zero(local))
    assign_initial(b, local, variable.type, variable.initial, is_zeroed=True)
    return ir.AddressOf(local)


def _actual_arguments(b: FunctionBuilder, call: tree.FunctionCall) -> tuple[dict[Variable, Actual], list[ir.Statement]]:
    """Evaluate the arguments in order of writing; also return what copies outputs back after the call."""
    variables: list[Variable] = []
    actuals: list[Actual] = []
    after: list[ir.Statement] = []
    for position, argument in enumerate(call.arguments):
        mark = len(b.block)
        match argument:
            case tree.InputArgument(parameter, value):
                is_last = not any(_has_calls(later) for later in call.arguments[position + 1 :])
                actual = _input(b, parameter, value, is_last=is_last)
            case tree.InOutArgument(parameter, place):
                actual, copy_back = _by_reference(b, parameter, place, call.span)
                after += copy_back
            case tree.OutputArgument(parameter, _):
                local = b.temporary(b.module.types.machine_type(parameter.type), "output")
                actual = ir.AddressOf(local)
                after += _copy_output(b, argument, local, call.span)
        b.store_before(mark, actuals)
        variables.append(argument.parameter)
        actuals.append(actual)
    return dict(zip(variables, actuals, strict=True)), after


def _has_calls(argument: tree.Argument) -> bool:
    if isinstance(argument, tree.InputArgument):
        return calls_users_function(argument.value)
    return calls_users_function(argument.place if isinstance(argument, tree.InOutArgument) else argument.target)


def _input(b: FunctionBuilder, parameter: Variable, value: tree.Expression, *, is_last: bool) -> Actual:
    if is_scalar(parameter.type):
        return b.expression(value)
    place = b.text(value)
    wanted = b.module.types.machine_type(parameter.type)
    if isinstance(parameter.type, StringType) and (place.type != wanted or isinstance(place, ir.Table)):
        local = b.temporary(wanted, "input")
        assign_text(b, local, place, value.span)
        return ir.AddressOf(local)
    if isinstance(place, ir.Table):
        return ir.AddressOf(copied(b, place, value.span))
    return ir.AddressOf(place if is_last else copied(b, place, value.span))


def _by_reference(
    b: FunctionBuilder, parameter: Variable, node: tree.Place, span: SourceSpan
) -> tuple[ir.AddressOf, list[ir.Statement]]:
    """Bind a VAR_IN_OUT. Bits, image values and strings of another length are copied in and back."""
    if isinstance(node, tree.PartialAccess):
        return _copied_part(b, parameter, node, span)
    place = stable_place(b, node)
    wanted = b.module.types.machine_type(parameter.type)
    if place.type == wanted and not isinstance(place, ir.Overlay | ir.Bit):
        return ir.AddressOf(place), []
    local = b.temporary(wanted, "in_out")
    if isinstance(parameter.type, StringType):
        assign_text(b, local, place, span)
        with b.collect() as back:
            assign_text(b, place, local, span)
        return ir.AddressOf(local), back
    scalar = scalar_of(parameter.type)
    b.emit(ir.Assign(local, ir.Load(place, scalar), span))
    return ir.AddressOf(local), [ir.Assign(place, ir.Load(local, scalar), span)]


def _copied_part(
    b: FunctionBuilder, parameter: Variable, node: tree.PartialAccess, span: SourceSpan
) -> tuple[ir.AddressOf, list[ir.Statement]]:
    local = b.temporary(scalar_of(parameter.type), "in_out")
    b.emit(ir.Assign(local, b.expression(node), span))
    with b.collect() as back:
        store(b, node, ir.Load(local, scalar_of(parameter.type)), span)
    return ir.AddressOf(local), back


def _copy_output(
    b: FunctionBuilder, argument: tree.OutputArgument, source: ir.Place, span: SourceSpan
) -> list[ir.Statement]:
    """Return what copies an output to its target, converted and checked."""
    parameter, target = argument.parameter, argument.target
    with b.collect() as after:
        if isinstance(parameter.type, StringType):
            assign_text(b, b.place(target), source, span)
        elif not is_scalar(parameter.type):
            b.emit(ir.Copy(b.place(target), source, span))
        else:
            value: ir.Expression = ir.Load(source, scalar_of(parameter.type))
            if argument.is_negated:
                value = ir.Unary(ir.UnaryOperator.NOT, value, value.type, span=span)
            store(b, target, _fitted(b, value, parameter.type, type_of(target), span), span)
    return after


def _fitted(
    b: FunctionBuilder, value: ir.Expression, source: IecType, target: IecType, span: SourceSpan
) -> ir.Expression:
    """Return an output converted to its target's type, inside its subrange."""
    if underlying(source) is not underlying(target):
        value = convert(value, source, target, span)
    if not isinstance(target, SubrangeType) or source == target:
        return value
    kept = b.keep(value, span)
    low, high = ir.Const(target.low, kept.type), ir.Const(target.high, kept.type)
    outside = ir.OrElse(ir.Compare(Comparison.LT, kept, low), ir.Compare(Comparison.GT, kept, high))
    b.fault_if(outside, ir.FaultCode.SUBRANGE, span, to_i64(kept), to_i64(low), to_i64(high))
    return kept


# --- function blocks -------------------------------------------------------------------------------------------------


def lower_block_call(b: FunctionBuilder, call: tree.FunctionBlockCall) -> None:
    """Assign the inputs, run the body, copy the outputs."""
    if call.enable is None:
        _enabled_block_call(b, call)
        return
    enable = b.expression(call.enable)
    with b.collect() as enabled:
        _enabled_block_call(b, call)
        _set_enable_output(b, call, is_enabled=True)
    with b.collect() as disabled:
        _set_enable_output(b, call, is_enabled=False)
    b.emit(ir.If(enable, tuple(enabled), tuple(disabled), call.span))


def _enabled_block_call(b: FunctionBuilder, call: tree.FunctionBlockCall) -> None:
    instance = stable_place(b, call.instance)
    references, after = bind_block_arguments(b, instance, call.arguments, call.span)
    in_outs = [variable for variable in call.type.variables if variable.section is Section.IN_OUT]
    missing = [variable.name for variable in in_outs if variable not in references]
    if missing:
        raise InternalError(f"{call.span}: {call.type.name} is called without its VAR_IN_OUT {', '.join(missing)}")
    actuals = (ir.AddressOf(b.module.instance_place()), ir.AddressOf(instance), *(references[v] for v in in_outs))
    b.emit(ir.Run(b.module.function_name(call.type.name), actuals, call.span))
    b.emit(*after)


def bind_block_arguments(
    b: FunctionBuilder, instance: ir.Place, arguments: Sequence[tree.Argument], span: SourceSpan
) -> tuple[dict[Variable, ir.AddressOf], list[ir.Statement]]:
    """Assign the inputs of an instance; return what its in-outs are bound to and what runs after the call."""
    references: dict[Variable, ir.AddressOf] = {}
    after: list[ir.Statement] = []
    for argument in arguments:
        match argument:
            case tree.InputArgument(parameter, value):
                _assign_input(b, instance, parameter, value, span)
            case tree.InOutArgument(parameter, place):
                references[parameter], copy_back = _by_reference(b, parameter, place, span)
                after += copy_back
            case tree.OutputArgument(parameter, _):
                after += _copy_output(b, argument, _member(b, instance, parameter), span)
    return references, after


def _member(b: FunctionBuilder, instance: ir.Place, variable: Variable) -> ir.Member:
    return ir.Member(instance, variable.name, b.module.types.machine_type(variable.type))


def _assign_input(
    b: FunctionBuilder, instance: ir.Place, parameter: Variable, value: tree.Expression, span: SourceSpan
) -> None:
    target = _member(b, instance, parameter)
    if is_scalar(parameter.type):
        b.emit(ir.Assign(target, b.expression(value), span))
    elif isinstance(parameter.type, StringType):
        assign_text(b, target, b.text(value), span)
    else:
        b.emit(ir.Copy(target, b.text(value), span))
