"""Guards, calls and short circuits happen in the order of the source, and only where they should."""

from __future__ import annotations

import numpy as np
import pytest

from emulators.errors import SourceSpan
from emulators.native import NativeFault, build, verify
from emulators.native.emit_module import emit_module
from emulators.native.ir import (
    AddressOf,
    AndThen,
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Call,
    Compare,
    Comparison,
    Const,
    CountedLoop,
    Element,
    Field,
    FormalParameter,
    Function,
    If,
    Load,
    Local,
    Member,
    Module,
    OrElse,
    Overflow,
    Parameter,
    Return,
    Run,
    Scalar,
    Select,
    Struct,
)

I64 = Scalar.I64
STATE = Struct("state", (Field("log", I64), Field("level", I64), Field("list", Array(I64, 4))))
STATE_ARGUMENT = Argument("state", STATE)
LOG = Member(STATE_ARGUMENT, "log", I64)
LEVEL = Member(STATE_ARGUMENT, "level", I64)
LIST = Member(STATE_ARGUMENT, "list", Array(I64, 4))
STATE_PARAMETER = FormalParameter("state", STATE, True)


def number(value):
    return Const(value, I64)


def plus(left, right):
    return Binary(BinaryOperator.ADD, left, right, I64)


def span(line):
    return SourceSpan("order.st", line, 1)


def divided(left, right, line):
    return Binary(BinaryOperator.DIVIDE, left, right, I64, Overflow.WRAP, span(line))


# note(state, n): appends digit n to the log and returns n
NOTE = Function(
    "note",
    (STATE_PARAMETER, FormalParameter("n", I64)),
    (
        Assign(LOG, plus(Binary(BinaryOperator.MULTIPLY, Load(LOG, I64), number(10), I64), Parameter("n", I64))),
        Return(Parameter("n", I64)),
    ),
    returns=I64,
)


def note(digit):
    return Call("note", (AddressOf(STATE_ARGUMENT), number(digit)), I64)


def noted(digit, is_true):
    return Compare(Comparison.EQ if is_true else Comparison.NE, note(digit), number(digit))


def run(executor, expression, *, log=0, level=0, numbers=(0, 0, 0, 0)):
    """Return the value of an expression and the log that it leaves."""
    main = Function("main_", (STATE_PARAMETER,), (Return(expression),), returns=expression.type, exported=True)
    module = Module((STATE,), (NOTE, main))
    verify(module)
    state = np.array([log, level, *numbers], np.int64)
    value = build(module, executor=executor).function("main_").call(state)
    return value, int(state[0])


def test_operands_are_evaluated_from_left_to_right(executor):
    expression = plus(plus(note(1), note(2)), plus(note(3), note(4)))

    assert run(executor, expression) == (10, 1234)


def test_a_value_read_before_a_call_that_changes_it_stays_as_it_was(executor):
    expression = plus(Load(LOG, I64), note(5))

    assert run(executor, expression, log=7) == (7 + 5, 75)


def test_an_index_read_before_a_call_that_changes_it_stays_as_it_was(executor):
    expression = plus(Load(Element(LIST, Load(LOG, I64), I64), I64), note(1))

    assert run(executor, expression, log=2, numbers=(0, 0, 40, 0)) == (41, 21)


def test_arguments_of_a_call_are_evaluated_from_left_to_right(executor):
    inner = Call("note", (AddressOf(STATE_ARGUMENT), plus(note(1), Load(LOG, I64))), I64)

    assert run(executor, inner) == (2, 12)


@pytest.mark.parametrize(
    ("operator", "first", "expected"),
    [(AndThen, True, (True, 12)), (AndThen, False, (False, 1)), (OrElse, True, (True, 1)), (OrElse, False, (True, 12))],
)
def test_short_circuits_run_the_right_side_only_when_it_counts(executor, operator, first, expected):
    assert run(executor, operator(noted(1, first), noted(2, True))) == expected


def test_a_guard_behind_a_short_circuit_does_not_fire(executor):
    is_safe = Compare(Comparison.NE, Load(LEVEL, I64), number(0))
    big = Compare(Comparison.GT, divided(number(100), Load(LEVEL, I64), 1), number(10))

    assert run(executor, AndThen(is_safe, big)) == (False, 0)
    assert run(executor, AndThen(is_safe, big), level=5) == (True, 0)


@pytest.mark.parametrize(("level", "expected"), [(0, (-1, 0)), (4, (25, 0))])
def test_only_the_chosen_branch_of_a_choice_is_evaluated(executor, level, expected):
    is_zero = Compare(Comparison.EQ, Load(LEVEL, I64), number(0))
    choice = Select(is_zero, number(-1), divided(number(100), Load(LEVEL, I64), 1), I64)

    assert run(executor, choice, level=level) == expected


def test_the_leftmost_of_two_guards_fires(executor):
    both = plus(divided(number(1), Load(LEVEL, I64), 10), divided(number(2), Load(LEVEL, I64), 20))

    with pytest.raises(NativeFault) as caught:
        run(executor, both)
    assert caught.value.span.line == 10


def test_effects_before_a_fault_stay_and_effects_after_it_do_not_happen(executor):
    body = (
        Run("note", (AddressOf(STATE_ARGUMENT), number(1))),
        Assign(LEVEL, divided(number(1), Load(LEVEL, I64), 3)),
        Run("note", (AddressOf(STATE_ARGUMENT), number(2))),
    )
    module = Module((STATE,), (NOTE, Function("main_", (STATE_PARAMETER,), body, exported=True)))
    state = np.zeros(6, np.int64)

    with pytest.raises(NativeFault, match="division by zero: 1 / 0"):
        build(module, executor=executor).function("main_").call(state)
    assert state[0] == 1


def test_the_right_side_of_an_assignment_is_evaluated_before_its_place(executor):
    index = Binary(BinaryOperator.SUBTRACT, note(2), number(1), I64)
    body = (Assign(Element(LIST, index, I64), note(3)),)
    module = Module((STATE,), (NOTE, Function("main_", (STATE_PARAMETER,), body, exported=True)))
    state = np.zeros(6, np.int64)

    build(module, executor=executor).function("main_").call(state)

    assert state.tolist() == [32, 0, 0, 3, 0, 0]


def test_a_field_kept_in_a_local_of_a_loop_is_in_memory_when_the_loop_faults(executor):
    index = Local("index", I64)
    body = (
        Assign(LEVEL, plus(Load(LEVEL, I64), number(1))),
        If(Compare(Comparison.EQ, Load(LEVEL, I64), number(3)), (Assign(LOG, divided(number(1), Load(LOG, I64), 5)),)),
    )
    loop = CountedLoop(index, number(0), number(10), body)
    main = Function("main_", (STATE_PARAMETER,), (loop,), (index,), exported=True)
    module = Module((STATE,), (main,))
    state = np.zeros(6, np.int64)

    with pytest.raises(NativeFault):
        build(module, executor=executor).function("main_").call(state)
    assert "t_1 = state->level" in emit_module(module).text
    assert state[1] == 3


def test_two_references_to_one_structure_are_not_kept_in_locals(executor):
    other = Member(Argument("other", STATE), "level", I64)
    index = Local("index", I64)
    body = (Assign(LEVEL, plus(Load(LEVEL, I64), number(1))), Assign(other, plus(Load(other, I64), number(10))))
    loop = CountedLoop(index, number(0), number(3), body)
    parameters = (STATE_PARAMETER, FormalParameter("other", STATE, True))
    module = Module((STATE,), (Function("main_", parameters, (loop,), (index,), exported=True),))
    state = np.zeros(6, np.int64)

    build(module, executor=executor).function("main_").call(state, state)

    assert state[1] == 33


@pytest.mark.parametrize("length", [10, 1000, 5000])
def test_long_chains_of_operators_compile(executor, length):
    chain = Load(LEVEL, I64)
    for step in range(length):
        chain = plus(chain, number(step % 3))

    assert run(executor, chain, level=1)[0] == 1 + sum(step % 3 for step in range(length))


def test_deeply_nested_right_sides_compile(executor):
    chain = Load(LEVEL, I64)
    for _ in range(150):
        chain = Binary(BinaryOperator.SUBTRACT, number(1), chain, I64)

    assert run(executor, chain, level=5)[0] == 5


def test_a_long_chain_of_alternatives_compiles(executor):
    arms = (Return(number(-1)),)
    for step in reversed(range(400)):
        arms = (If(Compare(Comparison.EQ, Load(LEVEL, I64), number(step)), (Return(number(step * 2)),), arms),)
    main = Function("main_", (STATE_PARAMETER,), arms, returns=I64, exported=True)
    function = build(Module((STATE,), (main,)), executor=executor).function("main_")

    assert function.call(np.array([0, 399, 0, 0, 0, 0], np.int64)) == 798
    assert function.call(np.array([0, 400, 0, 0, 0, 0], np.int64)) == -1
