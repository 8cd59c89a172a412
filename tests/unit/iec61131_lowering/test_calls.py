"""Calls: order, results of every kind, outputs, in-outs, aliases, EN and ENO, edge inputs."""

from __future__ import annotations

from pathlib import Path

from st_compare import differences
from st_plc import plc

from emulators.native import available_executors

FEATURES = Path(__file__).with_name("features.st")


def test_a_program_of_all_kinds_of_calls_runs_as_the_evaluator_says():
    assert differences(FEATURES.read_text(encoding="utf-8"), available_executors(), 8) == []


def test_operands_are_evaluated_from_left_to_right():
    text = """
        VAR_GLOBAL g : INT := 1; END_VAR
        FUNCTION bump : INT g := g * 10; bump := g; END_FUNCTION
        PROGRAM P VAR a, b, c : INT; END_VAR
        a := g + bump() + g; b := g - bump() * g; c := MAX(g, bump(), g);
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in "abc"] == [21, (10 - 100 * 100), 1000]


def test_an_input_passed_by_reference_does_not_see_later_changes():
    text = """
        TYPE Big : STRUCT a : INT; b : ARRAY[0..9] OF INT; END_STRUCT; END_TYPE
        VAR_GLOBAL g : Big; END_VAR
        FUNCTION look : INT
        VAR_INPUT v : Big; END_VAR
        g.a := 99; look := v.a;
        END_FUNCTION
        FUNCTION change : INT g.a := g.a + 1; change := 0; END_FUNCTION
        FUNCTION pair : INT VAR_INPUT v : Big; n : INT; END_VAR pair := v.a; END_FUNCTION
        PROGRAM P VAR x, y : INT; END_VAR
        g.a := 5; x := look(g); g.a := 7; y := pair(g, change());
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("P.x"), native.read("P.y")) == (5, 7)


def test_a_result_may_be_assigned_to_an_argument():
    text = """
        TYPE Pair : STRUCT a, b : INT; END_STRUCT; END_TYPE
        FUNCTION swap : Pair VAR_INPUT v : Pair; END_VAR swap.a := v.b; swap.b := v.a; END_FUNCTION
        PROGRAM P VAR p : Pair := (a := 1, b := 2); s : STRING := 'ab'; END_VAR
        p := swap(p); s := CONCAT(s, s, RIGHT(s, 1));
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{path}") for path in ("p.a", "p.b", "s")] == [2, 1, "ababb"]


def test_an_in_out_bound_to_an_output_bit_writes_the_image():
    text = """
        FUNCTION_BLOCK Blink VAR_IN_OUT lamp : BOOL; END_VAR lamp := NOT lamp; END_FUNCTION_BLOCK
        VAR_GLOBAL lamp1 AT %QX0.3 : BOOL; word AT %QW1 : INT; END_VAR
        FUNCTION add : INT VAR_IN_OUT x : INT; END_VAR x := x + 1; add := x; END_FUNCTION
        PROGRAM P VAR b : Blink; n : INT; END_VAR b(lamp := lamp1); n := add(word); END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert (native.read("lamp1"), native.read("word"), native.read("P.n")) == (True, 1, 1)


def test_a_call_with_en_false_does_nothing_and_gives_the_default():
    text = """
        FUNCTION F : INT VAR_INPUT a : INT; END_VAR VAR_OUTPUT o : INT; END_VAR o := a; F := a + 1; END_FUNCTION
        PROGRAM P VAR x : INT := 5; o : INT := 6; eno, eno2 : BOOL; go : BOOL; y : INT; t : TON; END_VAR
        x := F(EN := go, a := 3, o => o, ENO => eno);
        y := ADD(EN := go, IN1 := 2, IN2 := 3);
        t(EN := go, IN := TRUE, PT := T#0s, ENO => eno2);
        END_PROGRAM
    """
    native = plc(text)

    native.scan()
    disabled = [native.read(f"P.{path}") for path in ("x", "o", "eno", "y", "t.Q", "eno2")]
    native.write("P.go", True)
    native.scan()

    assert disabled == [0, 6, False, 0, False, False]
    assert [native.read(f"P.{path}") for path in ("x", "o", "eno", "y", "t.Q", "eno2")] == [4, 3, True, 5, True, True]


def test_inputs_of_a_function_block_keep_their_values():
    text = """
        FUNCTION_BLOCK Sum VAR_INPUT a, b : INT := 2; END_VAR VAR_OUTPUT s : INT; END_VAR s := a + b; END_FUNCTION_BLOCK
        PROGRAM P VAR f : Sum; END_VAR f(a := f.a + 1); END_PROGRAM
    """
    native = plc(text)

    native.scan()
    native.scan()

    assert native.read("P.f.s") == 6


def test_a_string_is_cut_at_the_length_of_its_variable():
    text = """
        FUNCTION_BLOCK Cut VAR_INPUT s : STRING[3]; END_VAR VAR_OUTPUT n : INT; END_VAR n := LEN(s); END_FUNCTION_BLOCK
        PROGRAM P VAR long : STRING[100]; short : STRING[4]; c : Cut; n : INT; END_VAR
        long := 'abcdefgh'; short := long; c(s := long);
        n := LEN(CONCAT(long, long, long, long, long, long, long, long));
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{path}") for path in ("short", "c.s", "c.n", "n")] == ["abcd", "abc", 3, 64]


def test_names_that_c_or_the_runtime_owns_can_be_used():
    text = """
        FUNCTION main : INT VAR_INPUT register, context : INT; END_VAR main := register + context; END_FUNCTION
        PROGRAM P
        VAR double, int_, unsigned, self, plc, memset, b8, now_ns, globals : INT; END_VAR
        double := main(1, 2); unsigned := double; self := 1; plc := 2; memset := 3; b8 := 4; now_ns := 5; globals := 6;
        int_ := plc;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in ("double", "plc", "now_ns", "int_")] == [3, 2, 5, 2]


def test_the_longest_chain_of_operators_that_the_parser_takes_compiles():
    chain = " + ".join(["x"] * 155)
    nested = "(x + " * 55 + "x" + ")" * 55
    branches = "".join(f" ELSIF x = {number} THEN x := 2;" for number in range(400))
    text = f"""
        PROGRAM P VAR x, y, z : INT := 1; b : BOOL; END_VAR
        y := {chain}; z := {nested}; b := {" AND_THEN ".join(["x > 0"] * 100)};
        IF x = -1 THEN x := 0; {branches} END_IF;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in "xyzb"] == [2, 155, 56, True]


def test_an_input_that_a_call_does_not_give_has_its_initial_value_each_time():
    text = """
        TYPE Pair : STRUCT a : INT := 3; b : ARRAY[0..1] OF INT := [4, 5]; END_STRUCT; END_TYPE
        FUNCTION sum : INT
        VAR_INPUT x : INT := 7; s : STRING[8] := 'four'; p : Pair; c : CHAR := 'c'; y : INT; END_VAR
        sum := x + LEN(s) + p.a + p.b[1] + y;
        END_FUNCTION
        PROGRAM P VAR i, a, b, c : INT; END_VAR
        FOR i := 1 TO 3 DO a := sum(); b := sum(x := i); c := sum(s := '', y := 100); END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in "abc"] == [19, 15, 115]
    assert differences(text, available_executors(), 2) == []
