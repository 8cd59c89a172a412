"""FOR, WHILE and REPEAT: number of turns, value of the control variable, EXIT, CONTINUE, ends of types."""

from __future__ import annotations

import pytest
from st_compare import differences
from st_plc import compile_text, plc

from emulators.native import Executor
from emulators.native.ir import CountedLoop, While

# id, type of i, head of the loop, turns, i afterwards
FOR_ROWS = [
    ("up", "INT", "1 TO 5", 5, 6),
    ("up_by_two", "INT", "1 TO 6 BY 2", 3, 7),
    ("down", "INT", "5 TO 1 BY -1", 5, 0),
    ("down_by_three", "INT", "5 TO 1 BY -3", 2, -1),
    ("never_up", "INT", "5 TO 1", 0, 5),
    ("never_down", "INT", "1 TO 5 BY -1", 0, 1),
    ("once", "INT", "3 TO 3", 1, 4),
    ("usint_to_its_end", "USINT", "250 TO 255", 6, 0),
    ("usint_jumps_over_its_end", "USINT", "250 TO 255 BY 4", 2, 2),
    ("sint_down_to_its_end", "SINT", "-126 TO -128 BY -1", 3, 127),
    ("int_to_its_end", "INT", "32766 TO 32767", 2, -32768),
    ("lint_to_its_end", "LINT", "9223372036854775805 TO 9223372036854775807", 3, -(2**63)),
    ("ulint_to_its_end", "ULINT", "18446744073709551614 TO 18446744073709551615", 2, 0),
    ("ulint_above_lint", "ULINT", "9223372036854775806 TO 9223372036854775809", 4, 2**63 + 2),
    ("variable_bounds", "INT", "n TO n + 3", 4, 9),
    ("variable_step", "INT", "1 TO 9 BY n", 2, 11),
    ("negative_variable_step", "INT", "9 TO 1 BY -n", 2, -1),
    ("variable_bounds_down", "DINT", "big TO 1 BY -2", 4, -1),
    ("lint_variable_step_near_the_end", "LINT", "9223372036854775800 TO 9223372036854775807 BY far", 2, -(2**63) + 2),
]


@pytest.mark.parametrize(
    ("iec_type", "head", "turns", "after"), [row[1:] for row in FOR_ROWS], ids=[row[0] for row in FOR_ROWS]
)
def test_for_runs_so_often_and_leaves_the_variable_so(iec_type, head, turns, after):
    text = f"""
        PROGRAM P
        VAR i : {iec_type}; turns : DINT; n : INT := 5; big : DINT := 7; far : LINT := 5; END_VAR
        turns := 0;
        FOR i := {head} DO turns := turns + 1; END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.turns"), native.read("P.i")) == (turns, after)
    assert differences(text, (Executor.TCC,), 2) == []


def test_exit_keeps_the_value_of_its_turn():
    native = plc("PROGRAM P VAR i : INT; END_VAR FOR i := 1 TO 9 DO IF i = 4 THEN EXIT; END_IF; END_FOR; END_PROGRAM")

    native.scan()

    assert native.read("P.i") == 4


def test_exit_of_a_loop_by_steps_keeps_the_value_of_its_turn():
    text = "PROGRAM P VAR i : INT; END_VAR FOR i := 9 TO 1 BY -2 DO IF i < 6 THEN EXIT; END_IF; END_FOR; END_PROGRAM"
    native = plc(text)

    native.scan()

    assert native.read("P.i") == 5


def test_exit_leaves_only_the_inner_loop():
    text = """
        PROGRAM P
        VAR i, j, inner : INT; END_VAR
        inner := 0;
        FOR i := 1 TO 3 DO
            FOR j := 1 TO 10 DO IF j > i THEN EXIT; END_IF; inner := inner + 1; END_FOR;
        END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in ("i", "j", "inner")] == [4, 4, 6]


def test_exit_inside_case_leaves_the_loop_around_it():
    text = """
        PROGRAM P
        VAR i, n : INT; END_VAR
        n := 0;
        FOR i := 1 TO 10 DO
            CASE i OF 3: EXIT; ELSE n := n + 1; END_CASE;
        END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.i"), native.read("P.n")) == (3, 2)


def test_return_inside_a_loop_keeps_the_control_variables():
    text = """
        PROGRAM P
        VAR i, j : INT; END_VAR
        FOR i := 1 TO 5 DO FOR j := 10 TO 50 BY 10 DO IF i = 2 AND j = 30 THEN RETURN; END_IF; END_FOR; END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.i"), native.read("P.j")) == (2, 30)


def test_bounds_are_evaluated_once():
    text = """
        PROGRAM P
        VAR i, last, turns : INT; END_VAR
        last := 3; turns := 0;
        FOR i := 1 TO last DO last := 10; turns := turns + 1; END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert native.read("P.turns") == 3


def test_a_global_control_variable_is_seen_by_called_functions():
    text = """
        VAR_GLOBAL g : INT; END_VAR
        FUNCTION peek : INT peek := g * 10; END_FUNCTION
        PROGRAM P
        VAR total : INT; END_VAR
        total := 0;
        FOR g := 1 TO 3 DO total := total + peek(); END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.total"), native.read("g")) == (60, 4)


def test_continue_in_repeat_goes_to_the_test():
    text = """
        PROGRAM P
        VAR n, odd : INT; END_VAR
        n := 0; odd := 0;
        REPEAT
            n := n + 1;
            IF n MOD 2 = 0 THEN CONTINUE; END_IF;
            odd := odd + 1;
        UNTIL n >= 6 END_REPEAT;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.n"), native.read("P.odd")) == (6, 3)


def test_a_loop_over_constant_bounds_is_counted_and_spends_no_budget():
    compiled = compile_text("PROGRAM P VAR i, n : INT; END_VAR FOR i := 1 TO 100 DO n := n + 1; END_FOR; END_PROGRAM")

    body = next(function for function in compiled.module.functions if function.name == "plc_P").body

    loops = [statement for statement in body if isinstance(statement, CountedLoop | While)]
    assert [(type(loop), loop.budgeted) for loop in loops] == [(CountedLoop, False)]


def test_nested_loops_with_too_many_turns_spend_the_budget():
    text = """
        PROGRAM P
        VAR i, j, k : DINT; n : LINT; END_VAR
        FOR i := 1 TO 100000 DO FOR j := 1 TO 100000 DO FOR k := 1 TO 100000 DO n := n + 1; END_FOR; END_FOR; END_FOR;
        END_PROGRAM
    """

    assert "LOOP_BUDGET" in differences_of_fault(text)


def differences_of_fault(text: str) -> str:
    from st_compare import fault_of

    return fault_of(plc(text).scan)
