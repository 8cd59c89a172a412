"""What stops the PLC: code, line and values of the fault, and what it had done until then."""

from __future__ import annotations

import pytest
from st_plc import plc

from emulators.native import NativeFault

# id, statement in line 4, code, values
ROWS = [
    ("integer_division_by_zero", "x := 7 / zero;", "DIVISION_BY_ZERO", None),
    ("modulo_zero", "x := 7 MOD zero;", "DIVISION_BY_ZERO", None),
    ("real_division_by_zero", "r := r / rzero;", "DIVISION_BY_ZERO", None),
    ("index_above", "x := a[i + 4];", "INDEX_OUT_OF_BOUNDS", (9, -2, 5)),
    ("index_below", "a[-i] := 1;", "INDEX_OUT_OF_BOUNDS", (-5, -2, 5)),
    ("second_index", "x := m[1, i];", "INDEX_OUT_OF_BOUNDS", (5, 1, 3)),
    ("index_of_a_function_block", "t[i](IN := TRUE, PT := T#1s);", "INDEX_OUT_OF_BOUNDS", (5, 0, 1)),
    ("index_of_a_character", "s[i * 20] := 'x';", "INDEX_OUT_OF_BOUNDS", (100, 1, 80)),
    ("subrange", "small := i;", "SUBRANGE", (5, -3, 3)),
    ("subrange_of_a_loop", "FOR small := 0 TO i DO ; END_FOR;", "SUBRANGE", (4, -3, 3)),
    ("real_to_int", "x := REAL_TO_INT(1.0E6 * r);", "CONVERSION", None),
    ("square_root", "r := SQRT(-r);", "DOMAIN", None),
    ("endless_loop", "WHILE TRUE DO x := 1; END_WHILE;", "LOOP_BUDGET", None),
    ("endless_repeat", "REPEAT x := 1; UNTIL FALSE END_REPEAT;", "LOOP_BUDGET", None),
    ("step_of_zero", "FOR i := 1 TO 3 BY zero DO ; END_FOR;", "LOOP_BUDGET", None),
]


def _program(statement: str) -> str:
    return f"""PROGRAM P VAR x, before, after, zero : INT; i : INT := 5; a : ARRAY[-2..5] OF INT; s : STRING;
        m : ARRAY[1..3, 1..3] OF INT; t : ARRAY[0..1] OF TON; small : INT(-3..3) := 0; r : REAL := 1.0; rzero : REAL;
        END_VAR
        {statement.join(("before := before + 1; ", " after := after + 1;"))}
        END_PROGRAM
    """


@pytest.mark.parametrize(("statement", "code", "values"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_fault_tells_code_line_and_values(statement, code, values):
    native = plc(_program(statement))

    with pytest.raises(NativeFault) as caught:
        native.scan()

    assert (caught.value.code.name, caught.value.span.file, caught.value.span.line) == (code, "test.st", 4)
    assert values is None or tuple(native.context.fault_values) == values
    assert (native.read("P.before"), native.read("P.after")) == (1, 0)


def test_the_program_goes_on_after_a_fault_when_it_is_called_again():
    native = plc("PROGRAM P VAR d, n : INT; END_VAR n := n + 1; d := 10 / (n - 1); END_PROGRAM")

    with pytest.raises(NativeFault):
        native.scan()
    native.scan()

    assert (native.read("P.n"), native.read("P.d")) == (2, 10)


def test_a_fault_in_a_function_names_its_own_line():
    text = """FUNCTION F : INT
        VAR_INPUT d : INT; END_VAR
        F := 1 / d;
        END_FUNCTION
        PROGRAM P VAR x, z : INT; END_VAR
        x := F(z);
        END_PROGRAM
    """
    native = plc(text)

    with pytest.raises(NativeFault) as caught:
        native.scan()

    assert caught.value.span.line == 3


def test_and_then_skips_what_would_fault():
    native = plc("PROGRAM P VAR z, n : INT; b : BOOL; END_VAR b := z <> 0 AND_THEN 10 / z > 1; n := 1; END_PROGRAM")

    native.scan()

    assert native.read("P.n") == 1


def test_and_evaluates_both_sides():
    native = plc("PROGRAM P VAR z : INT; b : BOOL; END_VAR b := z <> 0 AND 10 / z > 1; END_PROGRAM")

    with pytest.raises(NativeFault) as caught:
        native.scan()

    assert caught.value.code.name == "DIVISION_BY_ZERO"


def test_an_index_that_a_force_put_out_of_a_subrange_is_still_guarded():
    native = plc("PROGRAM P VAR k : INT(0..3); a : ARRAY[0..3] OF INT; x : INT; END_VAR x := a[k]; END_PROGRAM")
    native.write("P.k", 30_000)

    with pytest.raises(NativeFault) as caught:
        native.scan()

    assert caught.value.code.name == "INDEX_OUT_OF_BOUNDS"
