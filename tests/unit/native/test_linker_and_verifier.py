"""Modules joined into one, and modules that are not well formed."""

from __future__ import annotations

import pytest

from emulators.errors import InternalError
from emulators.native import Executor, build, emit_c, link_modules, verify
from emulators.native.ir import (
    NO_SPAN,
    AddressOf,
    Argument,
    Array,
    Assign,
    Binary,
    BinaryOperator,
    Break,
    Call,
    Compare,
    Comparison,
    Const,
    Conversion,
    Convert,
    CountOutcome,
    CountPoint,
    CoveragePoint,
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
    Parameter,
    PointKind,
    Return,
    Run,
    Scalar,
    Struct,
    Table,
    While,
)

I64, F64, BOOL = Scalar.I64, Scalar.F64, Scalar.BOOL
TANK = Struct("tank", (Field("level_m", F64), Field("count", I64)))
A = Parameter("a", I64)
TANK_ARGUMENT = Argument("tank", TANK)
TANK_PARAMETER = FormalParameter("tank", TANK, True)


def point(label):
    return CoveragePoint(PointKind.BRANCH, NO_SPAN, label)


def test_outcomes_of_conditions_are_renumbered_and_counted_where_their_guard_holds():
    first = Module((), (Function("a", (), (CountPoint(0),), exported=True),), (point("a"),))
    guarded = CountOutcome(Const(True, BOOL), 0, 1, when=Const(False, BOOL))
    outcomes = (CountOutcome(Const(True, BOOL), 0, 1), CountOutcome(Const(False, BOOL), 0, 1), guarded)
    second = Module((), (Function("b", (), outcomes, exported=True),), (point("TRUE"), point("FALSE")))

    program = build(link_modules([first, second]), executor=Executor.TCC, coverage=True)
    context = program.new_context()
    program.function("b").call(context=context)

    assert context.coverage.tolist() == [0, 1, 1]


def test_coverage_points_are_renumbered():
    first = Module((), (Function("a", (), (CountPoint(0),), exported=True),), (point("a"),))
    branch = If(Const(True, BOOL), (CountPoint(1),), (While(Const(False, BOOL), (CountPoint(0),)),))
    second = Module((), (Function("b", (), (branch,), exported=True),), (point("b0"), point("b1")))

    joined = link_modules([first, second])
    program = build(joined, executor=Executor.TCC, coverage=True)
    context = program.new_context()
    program.function("b").call(context=context)

    assert [item.label for item in joined.points] == ["a", "b0", "b1"]
    assert context.coverage.tolist() == [0, 0, 1]


def test_a_structure_shared_by_two_modules_is_there_once_and_after_what_it_holds():
    plant = Struct("plant", (Field("tanks", Array(TANK, 3)),))

    joined = link_modules([Module((plant,)), Module((TANK, plant))])

    assert [item.name for item in joined.structs] == ["tank", "plant"]


@pytest.mark.parametrize(
    "modules",
    [
        (Module((TANK,)), Module((Struct("tank", ()),))),
        (Module((), (Function("a", (), ()),)), Module((), (Function("a", (), ()),))),
    ],
    ids=["structures", "functions"],
)
def test_two_things_of_one_name_are_refused(modules):
    with pytest.raises(InternalError, match="are named"):
        link_modules(modules)


def test_a_chain_of_alternatives_longer_than_the_stack_is_linked_counted_and_verified():
    arms = ()
    for step in range(1500):
        is_it = Compare(Comparison.EQ, A, Const(step, I64))
        arms = (CountPoint(0), If(is_it, (CountPoint(0),), arms))
    chain = Function("chain", (FormalParameter("a", I64),), arms, exported=True)
    first = Module((), (Function("first", (), (CountPoint(0),), exported=True),), (point("first"),))

    joined = link_modules([first, Module((), (chain,), (point("arm"),))])
    verify(joined)
    program = build(joined, executor=Executor.TCC, coverage=True)
    context = program.new_context()
    program.function("chain").call(700, context=context)

    assert context.coverage.tolist() == [0, 1500 - 700 + 1]


def test_only_what_exported_functions_reach_is_kept_when_they_are_named():
    inner = Function("inner", (), (), exported=True)
    outer = Function("outer", (), (Run("inner", ()),), exported=True)
    other = Function("other", (), (), exported=True)

    joined = link_modules([Module((), (inner, outer, other))], exported={"outer"})

    assert [(item.name, item.exported) for item in joined.functions] == [("inner", False), ("outer", True)]


def test_recursion_is_refused():
    first = Function("first", (), (Run("second", ()),))
    second = Function("second", (), (Run("first", ()),))

    with pytest.raises(InternalError, match="first -> second -> first"):
        emit_c(Module((), (first, second)))


ILL_FORMED = [
    ("names", Return(Parameter("b", I64)), "there is no value parameter b"),
    ("locals", Assign(Local("x", I64), A), "Local x is nothing, not i64"),
    ("fields", Assign(Member(TANK_ARGUMENT, "height", F64), Const(1.0, F64)), "Member height is nothing"),
    ("assignment", Assign(Member(TANK_ARGUMENT, "count", I64), Const(1.0, F64)), "f64 is assigned to i64"),
    ("operands", Return(Binary(BinaryOperator.ADD, A, Const(1, Scalar.I32), I64)), "the right operand is not i64"),
    ("comparison", If(Compare(Comparison.EQ, A, Const(1.0, F64)), ()), "a comparison of different types"),
    ("condition", While(A, ()), "a condition is not BOOL"),
    ("constant", Return(Const(1 << 63, I64)), "does not fit i64"),
    ("conversion", Return(Convert(A, I64, Conversion.TRUNCATE)), "truncate from i64 to i64"),
    ("intrinsic", Return(Convert(Intrinsic("sine", (), F64), I64, Conversion.TRUNCATE)), "there is no intrinsic sine"),
    ("break", Break(), "Break or Continue outside a loop"),
    ("index", Return(Load(Element(Local("list", Array(I64, 3)), Const(1.0, F64), I64), I64)), "an index is no integer"),
    ("function", Run("nothing", ()), "there is no function nothing"),
    ("arguments", Return(Call("broken", (A,), I64)), "broken takes 2 arguments, got 1"),
    ("reference", Return(Call("broken", (A, A), I64)), "argument tank of broken is by reference"),
    ("by value", Return(Call("broken", (AddressOf(TANK_ARGUMENT), AddressOf(TANK_ARGUMENT)), I64)), "is by value"),
    ("fault", Fault(FaultCode.ASSERTION, (Const(1, Scalar.I8),)), "a value of Fault is not I64"),
    ("point", CountPoint(0), "there is no coverage point 0"),
    ("outcome", CountOutcome(Const(True, BOOL), 0, 1), "there is no coverage point 0"),
    ("result", Return(Const(True, BOOL)), "Return gives another type"),
    ("table", Assign(Element(Table("t", I64, (1, 2), Array(I64, 2)), A, I64), A), "a table is written"),
]


@pytest.mark.parametrize(("statement", "message"), [row[1:] for row in ILL_FORMED], ids=[row[0] for row in ILL_FORMED])
def test_the_verifier_names_what_is_wrong(statement, message):
    parameters = (TANK_PARAMETER, FormalParameter("a", I64))
    broken = Function("broken", parameters, (statement,), (Local("list", Array(I64, 3)),), I64)

    with pytest.raises(InternalError) as caught:
        verify(Module((TANK,), (broken,)))
    assert message in str(caught.value)


def test_names_of_the_user_may_be_words_of_c_or_of_the_runtime(executor):
    names = ["int", "int_", "t_1", "context", "result", "i64", "hil_x", "read", "double"]
    body = [Assign(Local(name, I64), Const(index, I64)) for index, name in enumerate(names)]
    total = Const(0, I64)
    for name in names:
        total = Binary(BinaryOperator.ADD, total, Load(Local(name, I64), I64), I64)
    inner = Function("read", (), (), exported=True)
    outer = Function("exp", (), (*body, Run("read", ()), Return(total)), tuple(Local(n, I64) for n in names), I64, True)

    program = build(Module((), (inner, outer)), executor=executor)

    assert program.function("exp").call() == sum(range(len(names)))


def test_file_names_with_quotes_and_backslashes_are_escaped(executor):
    from emulators.errors import SourceSpan

    span = SourceSpan('C:\\new\\"plant"\n.st', 3, 1)
    fault = Fault(FaultCode.ASSERTION, (), span)
    program = build(Module((), (Function("f", (), (fault,), exported=True, span=span),)), executor=executor)

    assert '#line 3 "C:\\\\new\\\\\\"plant\\"?.st"' in program.text


def test_an_empty_module_compiles(executor):
    build(Module((Struct("nothing", ()),)), executor=executor).close()
