"""What the compiler leaves out because it is proven: bounds checks, loop budget; and that it proves nothing wrong."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest
from st_compare import fault_of
from st_plc import compile_text, plc

from emulators.native import ir

DECLARED = "VAR a : ARRAY[1..10] OF INT; i, j, x : INT; u : USINT; w AT %IW0 : INT; d : DINT; END_VAR"


def nodes(root: object) -> Iterator[object]:
    """Yield the nodes of an IR tree."""
    if isinstance(root, tuple):
        for item in root:
            yield from nodes(item)
    elif dataclasses.is_dataclass(root) and not isinstance(root, type | ir.Struct):
        yield root
        for field in dataclasses.fields(root):
            yield from nodes(getattr(root, field.name))


def lowered(body: str) -> list[object]:
    """Return the IR nodes of the body of a program."""
    module = compile_text(f"PROGRAM P {DECLARED} {body} END_PROGRAM").module
    function = next(function for function in module.functions if function.name == "plc_P")
    return list(nodes(function.body))


def checks(body: str) -> int:
    """Return how many indices of a program are checked at run time."""
    elements = [node for node in lowered(body) if isinstance(node, ir.Element)]
    return sum(element.checked and not isinstance(element.index, ir.Const) for element in elements)


PROVEN = [
    ("for", "FOR i := 1 TO 10 DO a[i] := i; END_FOR;"),
    ("for_with_offset", "FOR i := 1 TO 9 DO a[i + 1] := a[i]; END_FOR;"),
    ("for_down", "FOR i := 10 TO 2 BY -2 DO a[i - 1] := i; END_FOR;"),
    ("nested_for", "FOR i := 1 TO 5 DO FOR j := i TO i + 5 DO a[j] := i; END_FOR; END_FOR;"),
    ("condition", "IF i >= 1 AND i <= 10 THEN a[i] := 1; END_IF;"),
    ("mirrored_condition", "IF 1 <= i AND_THEN 10 >= i THEN a[i] := 1; END_IF;"),
    ("and_then", "IF i > 0 AND_THEN i < 11 AND_THEN a[i] > 3 THEN x := 1; END_IF;"),
    ("modulo", "IF i >= 0 THEN a[i MOD 10 + 1] := 1; END_IF;"),
    ("assignment", "i := 3; a[i] := 1; i := i + 7; a[i] := 2;"),
    ("while", "i := 10; WHILE i >= 1 AND i <= 10 DO a[i] := 0; i := i - 1; END_WHILE;"),
]
NOT_PROVEN = [
    ("no_condition", "a[i] := 1;", 1),
    ("half_a_condition", "IF i >= 1 THEN a[i] := 1; END_IF;", 1),
    ("or", "IF i >= 1 OR i <= 10 THEN a[i] := 1; END_IF;", 1),
    ("changed_in_between", "IF i >= 1 AND i <= 10 THEN i := i + 1; a[i] := 1; END_IF;", 1),
    ("changed_in_a_branch", "i := 1; IF x > 0 THEN i := 20; END_IF; a[i] := 1;", 1),
    ("changed_in_a_loop", "i := 1; FOR j := 1 TO 3 DO a[i] := 1; i := i + 5; END_FOR;", 1),
    ("after_the_loop", "FOR i := 1 TO 10 DO ; END_FOR; a[i] := 1;", 1),
    ("located", "IF w >= 1 AND w <= 10 THEN a[w] := 1; END_IF;", 1),
    ("other_side_of_the_condition", "IF i < 1 THEN x := 1; ELSE a[i] := 1; END_IF;", 1),
    ("wraps", "IF u < 250 THEN a[u - 1] := 1; END_IF;", 1),
]


@pytest.mark.parametrize("body", [row[1] for row in PROVEN], ids=[row[0] for row in PROVEN])
def test_a_proven_index_is_not_checked(body):
    assert checks(body) == 0


@pytest.mark.parametrize(("body", "left"), [row[1:] for row in NOT_PROVEN], ids=[row[0] for row in NOT_PROVEN])
def test_an_index_that_is_not_proven_is_checked(body, left):
    assert checks(body) == left


def test_a_second_use_of_a_checked_index_is_not_checked_again():
    assert checks("a[i] := 1; x := a[i];") == 1


def test_an_output_argument_ends_what_was_known():
    text = """
        FUNCTION F : INT VAR_OUTPUT o : INT; END_VAR o := 99; F := 1; END_FUNCTION
        PROGRAM P VAR a : ARRAY[1..10] OF INT; i, x : INT; END_VAR
        i := 1;
        x := F(o => i) + a[i];
        END_PROGRAM
    """

    assert "INDEX_OUT_OF_BOUNDS" in fault_of(plc(text).scan)


ENDING = [
    ("down", "i := 5; WHILE i >= 0 AND x < 5 DO i := i - 1; END_WHILE;", False),
    ("up", "WHILE i < 100 DO x := x + 1; i := i + 2; END_WHILE;", False),
    ("never", "WHILE i >= 0 DO x := x + 1; END_WHILE;", True),
    ("at_the_end_of_the_type", "WHILE i >= -32768 DO i := i - 1; END_WHILE;", True),
    ("assigned_twice", "WHILE i >= 0 DO i := i - 1; IF x > 0 THEN i := 5; END_IF; END_WHILE;", True),
    ("assigned_in_a_branch", "WHILE i >= 0 DO IF x > 0 THEN i := i - 1; END_IF; END_WHILE;", True),
    ("continue", "WHILE i >= 0 DO IF x > 0 THEN CONTINUE; END_IF; i := i - 1; END_WHILE;", True),
    ("too_long", "WHILE d < 2000000000 DO d := d + 1; END_WHILE;", True),
    ("either", "WHILE i >= 0 OR x > 0 DO i := i - 1; END_WHILE;", True),
]


@pytest.mark.parametrize(("body", "is_budgeted"), [row[1:] for row in ENDING], ids=[row[0] for row in ENDING])
def test_only_a_loop_that_surely_ends_spends_no_budget(body, is_budgeted):
    loops = [node for node in lowered(body) if isinstance(node, ir.While)]

    assert [loop.budgeted for loop in loops] == [is_budgeted]


def test_a_loop_keeps_variables_in_locals_and_writes_them_back_on_every_way_out():
    text = """
        PROGRAM P
        VAR i, n, total, mode : INT; END_VAR
        mode := mode + 1; total := 0;
        FOR i := 1 TO 10 DO
            total := total + i;
            IF mode = 2 AND i = 4 THEN EXIT; END_IF;
            IF mode = 3 AND i = 6 THEN RETURN; END_IF;
        END_FOR;
        n := total;
        END_PROGRAM
    """
    native = plc(text)

    seen = []
    for _ in range(3):
        native.scan()
        seen.append((native.read("P.total"), native.read("P.i"), native.read("P.n")))

    assert seen == [(55, 11, 55), (10, 4, 10), (21, 6, 10)]
