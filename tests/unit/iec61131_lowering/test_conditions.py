"""Condition coverage: the outcomes that are counted are those of the operands, judged by a plain evaluation."""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Callable

import pytest
from st_plc import NativePlc, compile_text

from emulators.native import Executor, available_executors

NAMES = "abcd"
Reference = Callable[[dict[str, bool], Counter[str]], bool]


def leaf(name: str) -> tuple[str, Reference]:
    def value(state: dict[str, bool], counts: Counter[str]) -> bool:
        counts[f"{name} {str(state[name]).upper()}"] += 1
        return state[name]

    return name, value


def drawn(dice: random.Random, depth: int) -> tuple[str, Reference]:
    """Return an expression as text, and what evaluates it and counts each condition that is looked at."""
    if depth == 0:
        return leaf(dice.choice(NAMES))
    kind = dice.choice(["AND", "OR", "XOR", "AND_THEN", "OR_ELSE", "NOT", "AND()"])
    (left_text, left), (right_text, right) = drawn(dice, depth - 1), drawn(dice, depth - 1)

    def negated(state: dict[str, bool], counts: Counter[str]) -> bool:
        return not left(state, counts)

    def combined(state: dict[str, bool], counts: Counter[str]) -> bool:
        first = left(state, counts)
        if kind == "AND_THEN" and not first:
            return False
        if kind == "OR_ELSE" and first:
            return True
        second = right(state, counts)
        return {"OR": first or second, "OR_ELSE": second, "XOR": first != second}.get(kind, first and second)

    if kind == "NOT":
        return f"NOT ({left_text})", negated
    if kind == "AND()":
        return f"AND({left_text}, {right_text})", combined
    return f"({left_text} {kind} {right_text})", combined


def conditions(plc: NativePlc) -> Counter[str]:
    points = zip(plc.compiled.module.points, plc.context.coverage, strict=True)
    counts: Counter[str] = Counter()
    for point, count in points:
        if point.kind.value == "condition":
            counts[point.label] += int(count)
    return counts


def program(*statements: str) -> str:
    body = "\n".join(statements)
    return (
        f"PROGRAM P\nVAR {', '.join(NAMES)}, q, r : BOOL; END_VAR\nVAR t : TON; x : INT; END_VAR\n{body}\nEND_PROGRAM"
    )


STATEMENTS = [
    "q{n} := {text};",
    "IF {text} THEN q{n} := TRUE; ELSE q{n} := FALSE; END_IF;",
    "IF r THEN x := 0; ELSIF {text} THEN q{n} := TRUE; ELSE q{n} := FALSE; END_IF;",
    "t{n}(IN := {text}, PT := T#0s); q{n} := t{n}.Q;",
]


@pytest.mark.parametrize("statement", STATEMENTS, ids=["assignment", "IF", "ELSIF", "input of a block"])
@pytest.mark.parametrize("executor", sorted({available_executors()[0], available_executors()[-1]}, key=str))
def test_every_outcome_that_is_evaluated_is_counted(executor: Executor, statement: str) -> None:
    dice = random.Random(1)
    expressions = [drawn(dice, dice.choice([1, 2, 3])) for _ in range(20)]
    lines = [statement.format(n=n, text=f"{text} AND a") for n, (text, _) in enumerate(expressions)]
    variables = "".join(f"VAR q{n} : BOOL; t{n} : TON; END_VAR\n" for n in range(len(lines)))
    plc = NativePlc(compile_text(program(variables, *lines)), executor, coverage=True)
    expected = Counter[str]()

    for values in itertools.product([False, True], repeat=len(NAMES)):
        state = dict(zip(NAMES, values, strict=True))
        for name, value in state.items():
            plc.write(f"P.{name}", value)
        plc.scan()
        for n, (_, reference) in enumerate(expressions):
            result = reference(state, expected) & leaf("a")[1](state, expected)
            assert plc.read(f"P.q{n}") == result

    assert +conditions(plc) == expected


NOT_COUNTED = [
    ("q := a;", "a single condition is what branches show"),
    ("IF NOT a THEN q := b; END_IF;", "a single condition"),
    ("q := a AND TRUE;", "a literal has one outcome"),
    ("x := 3 + x;", "numbers"),
]


@pytest.mark.parametrize(("statement", "why"), NOT_COUNTED, ids=[row[0] for row in NOT_COUNTED])
def test_what_is_no_combination_of_conditions_is_not_counted(statement: str, why: str) -> None:
    assert not conditions(NativePlc(compile_text(program(statement)), coverage=True)), why


def test_what_calls_a_function_is_called_once_and_not_counted() -> None:
    function = "FUNCTION Odd : BOOL\nVAR_IN_OUT n : INT; END_VAR\n  n := n + 1; Odd := TRUE;\nEND_FUNCTION\n"
    plc = NativePlc(compile_text(function + program("q := Odd(x) AND a AND b;")), coverage=True)

    plc.scan()

    assert plc.read("P.x") == 1
    assert conditions(plc) == Counter({"a FALSE": 1, "b FALSE": 1})


def test_a_guard_before_a_condition_keeps_it_from_being_evaluated() -> None:
    text = "PROGRAM P\nVAR i : INT := 9; v : ARRAY[1..3] OF INT; q : BOOL; END_VAR\n"
    plc = NativePlc(compile_text(text + "  q := i <= 3 AND_THEN v[i] = 0;\nEND_PROGRAM"), coverage=True)

    plc.scan()

    assert +conditions(plc) == Counter({"i <= 3 FALSE": 1})


def test_a_condition_is_named_as_it_is_written_and_has_its_place() -> None:
    compiled = compile_text(program("q := (x + 2 > 7) OR NOT t.Q;"))

    points = [point for point in compiled.module.points if point.kind.value == "condition"]

    assert [point.label for point in points] == ["x + 2 > 7 TRUE", "x + 2 > 7 FALSE", "t.Q TRUE", "t.Q FALSE"]
    assert [(point.span.line, point.span.column) for point in points[::2]] == [(4, 7), (4, 25)]
