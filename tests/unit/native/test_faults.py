"""Faults: what a person reads, loop budgets, the stop flag, guarded calls."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from emulators.errors import SourceSpan
from emulators.native import NativeContext, NativeFault, build, decode_fault, verify
from emulators.native.ir import (
    AddressOf,
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Break,
    Const,
    Continue,
    Conversion,
    Convert,
    CountedLoop,
    Element,
    Fault,
    FaultCode,
    Field,
    FormalParameter,
    Function,
    If,
    Intrinsic,
    Load,
    Local,
    Member,
    Module,
    Overflow,
    Parameter,
    Return,
    Run,
    RunGuarded,
    Scalar,
    Struct,
    Switch,
    SwitchCase,
    While,
)

SPAN = SourceSpan("fill.st", 12, 8)
I64, F64 = Scalar.I64, Scalar.F64
TRUE = Const(True, Scalar.BOOL)
A, B, X = Parameter("a", I64), Parameter("b", I64), Parameter("x", F64)
LIST = Local("list", Array(Scalar.I16, 10))
TRAP = Overflow.TRAP

MESSAGES = [
    (Binary(BinaryOperator.DIVIDE, A, B, I64, Overflow.WRAP, SPAN), (7, 0, 0.0), "division by zero: 7 / 0"),
    (Binary(BinaryOperator.FLOOR_MODULO, A, B, I64, TRAP, SPAN), (-7, 0, 0.0), "division by zero: -7 % 0"),
    (Binary(BinaryOperator.DIVIDE, X, Const(0.0, F64), F64, TRAP, SPAN), (0, 0, 2.5), "division by zero: 2.5 / 0"),
    (Binary(BinaryOperator.ADD, A, B, I64, TRAP, SPAN), (1 << 62, 1 << 62, 0.0), f"+ {1 << 62} does not fit i64"),
    (Binary(BinaryOperator.MULTIPLY, A, B, I64, TRAP, SPAN), (-(1 << 63), -1, 0.0), "* -1 does not fit i64"),
    (Load(Element(LIST, A, Scalar.I16, True, 1, SPAN), Scalar.I16), (10, 0, 0.0), "index 11 is outside 1..10"),
    (Load(Element(LIST, A, Scalar.I16, True, -5, SPAN), Scalar.I16), (-1, 0, 0.0), "index -6 is outside -5..4"),
    (Convert(X, Scalar.I16, Conversion.ROUND_EVEN, SPAN), (0, 0, 4e9), "4000000000.0 has no value of type i16"),
    (Convert(A, Scalar.U8, Conversion.TRAP, SPAN), (-3, 0, 0.0), "-3 does not fit u8"),
    (Intrinsic("sqrt", (X,), F64, SPAN), (0, 0, -4.0), "sqrt(-4.0) is not defined"),
    (Intrinsic("pow", (X, Const(0.5, F64)), F64, SPAN), (0, 0, -4.0), "pow(-4.0, 0.5) is not defined"),
    (Intrinsic("fmod", (X, Const(0.0, F64)), F64, SPAN), (0, 0, 1.5), "fmod(1.5, 0.0) is not defined"),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "given", "message"), MESSAGES, ids=[row[2] for row in MESSAGES])
def test_a_fault_says_where_and_with_which_values(executor, expression, given, message):
    parameters = (FormalParameter("a", I64), FormalParameter("b", I64), FormalParameter("x", F64))
    function = Function("ask", parameters, (Return(expression),), (LIST,), expression.type, True)
    verify(Module((), (function,)))

    with pytest.raises(NativeFault) as caught:
        build(Module((), (function,)), executor=executor).function("ask").call(*given)

    assert str(caught.value).startswith("fill.st:12:8: ")
    assert message in str(caught.value)


def test_a_fault_statement_carries_its_values(executor):
    fault = Fault(FaultCode.SUBRANGE, (A, Const(0, I64), Const(100, I64)), SPAN)
    program = build(
        Module((), (Function("check", (FormalParameter("a", I64),), (fault,), exported=True),)), executor=executor
    )

    with pytest.raises(NativeFault, match=r"fill\.st:12:8: value 101 is outside 0..100"):
        program.function("check").call(101)


def test_a_fault_read_from_a_state_block_is_explained():
    fault = decode_fault((), int(FaultCode.WATCHDOG), -1, (0, 0, 0))

    assert str(fault) == "the watchdog tripped"


def endless():
    return Function("endless", (), (While(TRUE, (), True, SPAN),), exported=True)


def test_the_loop_budget_ends_an_endless_loop(executor):
    program = build(Module((), (endless(),)), executor=executor)

    with pytest.raises(NativeFault, match=r"fill\.st:12:8: .*budget") as caught:
        program.function("endless").call(context=NativeContext(budget=100_000))
    assert caught.value.code is FaultCode.LOOP_BUDGET


@pytest.mark.parametrize("budget", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_loop_makes_exactly_as_many_turns_as_its_budget(executor, budget):
    count = Argument("count", I64)
    one_more = Assign(count, Binary(BinaryOperator.ADD, Load(count, I64), Const(1, I64), I64))
    function = Function(
        "endless", (FormalParameter("count", I64, True),), (While(TRUE, (one_more,), True, SPAN),), exported=True
    )
    turns = np.zeros(1, np.int64)

    with pytest.raises(NativeFault):
        build(Module((), (function,)), executor=executor).function("endless").call(
            turns, context=NativeContext(budget=budget)
        )
    assert turns[0] == budget


def test_another_thread_runs_and_stops_an_endless_call(executor):
    program = build(Module((), (endless(),)), executor=executor)
    context = NativeContext(budget=1 << 60)
    outcome = []

    def run():
        try:
            program.function("endless").call(context=context)
        except NativeFault as fault:
            outcome.append(fault.code)

    thread = threading.Thread(target=run)
    thread.start()
    context.stop()
    thread.join(20)

    assert outcome == [FaultCode.STOPPED]


STATE = Struct(
    "state",
    (Field("code", Scalar.I32), Field("site", Scalar.I32), Field("values", Array(I64, 3)), Field("handled", I64)),
)
STATE_ARGUMENT = Argument("state", STATE)
PLACES = (
    Member(STATE_ARGUMENT, "code", Scalar.I32),
    Member(STATE_ARGUMENT, "site", Scalar.I32),
    Member(STATE_ARGUMENT, "values", Array(I64, 3)),
)
HANDLED = Member(STATE_ARGUMENT, "handled", I64)


def guarded_module(callee, budget=None):
    handled = Assign(HANDLED, Binary(BinaryOperator.ADD, Load(HANDLED, I64), Const(1, I64), I64))
    guarded = RunGuarded(callee.name, (), *PLACES, (handled,), budget)
    run_all = Function("run_all", (FormalParameter("state", STATE, True),), (guarded, guarded), exported=True)
    return Module((STATE,), (callee, run_all))


def test_a_guarded_call_stores_the_fault_and_goes_on(executor):
    divide = Binary(BinaryOperator.DIVIDE, Const(9, I64), Load(Local("zero", I64), I64), I64, Overflow.WRAP, SPAN)
    callee = Function("callee", (), (Return(divide),), (Local("zero", I64),), I64)
    program = build(guarded_module(callee), executor=executor)
    state = np.zeros(5, np.int64)

    program.function("run_all").call(state)

    code, site = (int(number) for number in state[:1].view(np.int32))
    assert str(program.decode_fault(code, site, state[1:4])) == "fill.st:12:8: division by zero: 9 / 0"
    assert state[4] == 2


def test_a_guarded_call_has_a_budget_of_its_own(executor):
    program = build(guarded_module(endless(), budget=1000), executor=executor)
    state = np.zeros(5, np.int64)

    program.function("run_all").call(state, context=NativeContext(budget=5))

    assert int(state[:1].view(np.int32)[0]) == FaultCode.LOOP_BUDGET
    assert state[4] == 2


def test_a_request_to_stop_is_no_fault_of_the_guarded_program(executor):
    program = build(guarded_module(endless(), budget=1 << 60), executor=executor)
    state, context = np.zeros(5, np.int64), NativeContext()
    context.stop()

    with pytest.raises(NativeFault) as caught:
        program.function("run_all").call(state, context=context)
    assert caught.value.code is FaultCode.STOPPED
    assert state.tolist() == [0, 0, 0, 0, 0]


def test_functions_that_cannot_fault_carry_no_checks():
    add = Function(
        "add", (FormalParameter("a", I64),), (Return(Binary(BinaryOperator.ADD, A, Const(1, I64), I64)),), returns=I64
    )
    caller = Function("caller", (), (Run("add", (Const(1, I64),)),), exported=True)

    text = build_text(add, caller)

    assert "static i64 add(" in text
    assert "hil_fault(" not in text


def build_text(*functions):
    from emulators.native import emit_c

    text = emit_c(Module((), functions))
    return text[text.index("add(") - 30 :]


def test_an_index_that_cannot_leave_the_array_is_not_checked():
    index = Local("index", I64)
    element = Element(
        LIST, Binary(BinaryOperator.SUBTRACT, Load(index, I64), Const(1, I64), I64), Scalar.I16, True, 1, SPAN
    )
    loop = CountedLoop(index, Const(1, I64), Const(11, I64), (Assign(element, Const(3, Scalar.I16)),))
    add = Function("add", (), (loop,), (index, LIST), exported=True)

    assert "hil_fault(" not in build_text(add)


@pytest.mark.parametrize(("leave", "expected"), [(Break(), 3), (Continue(), 9)])
def test_break_and_continue_inside_a_case_mean_the_loop(executor, leave, expected):
    index, count = Local("index", I64), Local("count", I64)
    case = SwitchCase(((3, 3),), (leave,))
    body = (
        Switch(Load(index, I64), (case, SwitchCase(((0, 0), (7, 8)), ())), (If(TRUE, ()),)),
        Assign(count, Binary(BinaryOperator.ADD, Load(count, I64), Const(1, I64), I64)),
    )
    loop = CountedLoop(index, Const(0, I64), Const(10, I64), body)
    function = Function("turns", (), (loop, Return(Load(count, I64))), (index, count), I64, True)

    assert build(Module((), (function,)), executor=executor).function("turns").call() == expected


def test_a_fault_in_a_nested_call_reaches_the_caller(executor):
    divide = Binary(BinaryOperator.DIVIDE, Const(9, I64), A, I64, Overflow.WRAP, SPAN)
    inner = Function("inner", (FormalParameter("a", I64),), (Return(divide),), returns=I64)
    cell = Argument("cell", I64)
    middle = Function(
        "middle", (FormalParameter("cell", I64, True),), (Run("inner", (Load(cell, I64),)), Assign(cell, Const(1, I64)))
    )
    outer = Function(
        "outer", (FormalParameter("cell", I64, True),), (Run("middle", (AddressOf(cell),)),), exported=True
    )
    state = np.zeros(1, np.int64)

    with pytest.raises(NativeFault, match="division by zero"):
        build(Module((), (inner, middle, outer)), executor=executor).function("outer").call(state)
    assert state[0] == 0
