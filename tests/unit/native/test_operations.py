"""Every operator, comparison and conversion on every type, against exact arithmetic in Python."""

from __future__ import annotations

import itertools
import math
from functools import partial

import pytest

from emulators.errors import SourceSpan
from emulators.native import Executor, NativeContext, NativeFault, build, verify
from emulators.native.ir import (
    Binary,
    BinaryOperator,
    Compare,
    Comparison,
    Const,
    Conversion,
    Convert,
    FormalParameter,
    Function,
    Module,
    Overflow,
    Parameter,
    Return,
    Scalar,
    Unary,
    UnaryOperator,
)

SPAN = SourceSpan("operations.st", 1, 1)
INTEGERS = [item for item in Scalar if item.is_integer]
FLOATS = [Scalar.F32, Scalar.F64]
SHIFTS = (BinaryOperator.SHIFT_LEFT, BinaryOperator.SHIFT_RIGHT)
BITWISE = (BinaryOperator.AND, BinaryOperator.OR, BinaryOperator.XOR)
FLOAT_VALUES = (
    0.0, -0.0, 0.5, -0.5, 1.0, 1.5, 2.5, -2.5, 3.0, -7.25, 127.4, 127.5, 128.0, -128.5, 255.5, 32767.5, 65535.5,
    2147483647.0, 2147483648.0, -2147483649.0, 4294967295.5, 9.2e18, 9223372036854775808.0, -9223372036854775808.0,
    1.8446744073709552e19, 1e300, -1e300, 5e-324, math.inf, -math.inf, math.nan,
)  # fmt: skip


def integer_values(of):
    bits = of.size * 8
    low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if of.is_signed else (0, (1 << bits) - 1)
    near = {
        0,
        1,
        2,
        3,
        7,
        -1,
        -2,
        -7,
        10,
        100,
        181,
        46341,
        3037000500,
        low,
        low + 1,
        high,
        high - 1,
        high // 2,
        high // 3,
    }
    return sorted(value for value in near if low <= value <= high)


def values_of(of):
    if of is Scalar.BOOL:
        return [False, True]
    return list(FLOAT_VALUES) if of.is_float else integer_values(of)


def operations():
    """Yield name, parameter types and expression of every operation."""
    for of in INTEGERS:
        for overflow in Overflow:
            for operator in BinaryOperator:
                if operator in (*SHIFTS, *BITWISE) and overflow is Overflow.TRAP:
                    continue
                right = Parameter("b", Scalar.I64 if operator in SHIFTS else of)
                node = Binary(operator, Parameter("a", of), right, of, overflow, SPAN)
                yield f"{operator.value}_{of.label}_{overflow.value}", (of, right.type), node
            for unary in UnaryOperator:
                node = Unary(unary, Parameter("a", of), of, overflow, SPAN)
                yield f"{unary.value}_{of.label}_{overflow.value}", (of,), node
    for of in FLOATS:
        for operator in [item for item in BinaryOperator if item not in (*SHIFTS, *BITWISE)]:
            for overflow in Overflow:
                node = Binary(operator, Parameter("a", of), Parameter("b", of), of, overflow, SPAN)
                yield f"{operator.value}_{of.label}_{overflow.value}", (of, of), node
        yield f"neg_{of.label}", (of,), Unary(UnaryOperator.NEGATE, Parameter("a", of), of)
    for operator in BITWISE:
        node = Binary(operator, Parameter("a", Scalar.BOOL), Parameter("b", Scalar.BOOL), Scalar.BOOL)
        yield f"{operator.value}_bool", (Scalar.BOOL, Scalar.BOOL), node
    yield "not_bool", (Scalar.BOOL,), Unary(UnaryOperator.NOT, Parameter("a", Scalar.BOOL), Scalar.BOOL)
    for of in Scalar:
        for comparison in Comparison:
            yield (
                f"{comparison.value}_{of.label}",
                (of, of),
                Compare(comparison, Parameter("a", of), Parameter("b", of)),
            )


def conversions():
    """Yield name, parameter types and expression of every conversion."""
    for source, target in itertools.product(Scalar, Scalar):
        for how in Conversion:
            if is_conversion(source, target, how):
                node = Convert(Parameter("a", source), target, how, SPAN)
                yield f"{how.value}_{source.label}_to_{target.label}", (source,), node


def is_conversion(source, target, how):
    match how:
        case Conversion.WRAP:
            return not source.is_float and not target.is_float
        case Conversion.TRAP:
            return not source.is_float and target.is_integer
        case Conversion.TO_FLOAT:
            return target.is_float
        case Conversion.BITS:
            return source.size == target.size and source.is_float != target.is_float
        case _:
            return source.is_float and target.is_integer


def module_of(cases):
    """Return a module with a function for every case."""
    functions = (
        Function(
            name,
            tuple(FormalParameter(item, of) for item, of in zip("ab", types, strict=False)),
            (Return(node),),
            returns=node.type,
            exported=True,
        )
        for name, types, node in cases
    )
    return Module((), tuple(functions))


def shown(value):
    """Return a value in a form that tells -0.0 from 0.0 and takes NaN for NaN."""
    return "nan" if value != value else repr(value)


def outcome(call, fault_types):
    try:
        return shown(call())
    except fault_types as fault:
        return (fault.code, fault.values)


def arguments_of(types, to_f32):
    """Yield every combination of interesting values."""
    columns = ([to_f32(v) for v in values_of(of)] if of is Scalar.F32 else values_of(of) for of in types)
    return itertools.product(*columns)


def plain_outcomes(cases, ir_interpreter):
    """Return name, arguments and what the plain evaluator makes of them, for every operation and combination."""
    evaluator = ir_interpreter.Interpreter(module_of(cases), patience=1 << 40)
    return [
        (name, given, outcome(partial(evaluator.call, name, *given), ir_interpreter.Faulted))
        for name, types, _node in cases
        for given in arguments_of(types, ir_interpreter.to_f32)
    ]


def differences(cases, executor, expected):
    """Return where native code differs."""
    module = module_of(cases)
    verify(module)
    program, context = build(module, executor=executor), NativeContext()
    calls = {name: partial(program.function(name).call, context=context) for name, _types, _node in cases}
    found = [outcome(partial(calls[name], *given), NativeFault) for name, given, _ in expected]
    return [(row, native) for row, native in zip(expected, found, strict=True) if native != row[2]]


@pytest.fixture(scope="module")
def plain_operations(ir_interpreter):
    return plain_outcomes(list(operations()), ir_interpreter)


@pytest.fixture(scope="module")
def plain_conversions(ir_interpreter):
    return plain_outcomes(list(conversions()), ir_interpreter)


def test_every_operation_is_exact(executor, plain_operations):
    assert differences(list(operations()), executor, plain_operations)[:5] == []


def test_every_conversion_is_exact(executor, plain_conversions):
    assert differences(list(conversions()), executor, plain_conversions)[:5] == []


def constant_cases():
    """Yield operations on constants, which the emitter folds."""
    for of in (*INTEGERS, *FLOATS):
        values = (0.1, 3.0, -0.0) if of.is_float else (integer_values(of)[0], 0, 3, integer_values(of)[-1])
        operators = [item for item in BinaryOperator if not of.is_float or item not in (*SHIFTS, *BITWISE)]
        for operator, left, right in itertools.product(operators, values, values):
            right_type = Scalar.I64 if operator in SHIFTS else of
            if operator in SHIFTS:
                right = right % 70
            node = Binary(operator, Const(left, of), Const(right, right_type), of, Overflow.WRAP, SPAN)
            yield node
            if operator not in (*SHIFTS, *BITWISE):
                yield Binary(operator, Const(left, of), Const(right, of), of, Overflow.TRAP, SPAN)


def test_a_constant_keeps_the_precision_of_its_type_when_it_is_converted(executor):
    node = Convert(Const(0.1, Scalar.F32), Scalar.F64, Conversion.TO_FLOAT)
    program = build(module_of([("widened", (), node)]), executor=executor)

    assert program.function("widened").call() == 0.10000000149011612


def test_operations_on_constants_are_exact(ir_interpreter):
    cases = [(f"constant_{index}", (), node) for index, node in enumerate(constant_cases())]

    assert differences(cases, Executor.TCC, plain_outcomes(cases, ir_interpreter))[:5] == []
