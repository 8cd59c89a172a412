"""The deepest program that the front end accepts goes through every later stage."""

from __future__ import annotations

import pytest

from emulators.iec61131 import SourceText, check, compile_program
from emulators.iec61131.expression_parser import MAX_EXPRESSION_DEPTH
from emulators.iec61131.token_stream import MAX_NESTING
from emulators.native import emit_c

WHOLE = "PROGRAM p VAR x : INT; b : BOOL; END_VAR {} END_PROGRAM"
DEEPEST = {
    "chain": WHOLE.format("x := x" + " + x" * MAX_EXPRESSION_DEPTH + ";"),
    "parentheses": WHOLE.format("x := " + "(x + " * (MAX_NESTING // 2) + "1" + ")" * (MAX_NESTING // 2) + ";"),
    "not": WHOLE.format("b := " + "NOT " * (MAX_NESTING - 1) + "b;"),
    "calls": WHOLE.format("x := " + "ABS(" * (MAX_NESTING - 1) + "x" + ")" * (MAX_NESTING - 1) + ";"),
    "blocks": WHOLE.format("IF b THEN " * MAX_NESTING + "b := FALSE; " + "END_IF; " * MAX_NESTING),
}
BEYOND = {
    "chain": WHOLE.format("x := x" + " + x" * (MAX_EXPRESSION_DEPTH + 1) + ";"),
    "parentheses": WHOLE.format("x := " + "(" * (MAX_NESTING + 1) + "1" + ")" * (MAX_NESTING + 1) + ";"),
    "blocks": WHOLE.format("IF b THEN " * (MAX_NESTING + 1) + "b := FALSE; " + "END_IF; " * (MAX_NESTING + 1)),
}


@pytest.mark.parametrize("name", DEEPEST)
def test_deepest_accepted_program_compiles_to_c(name):
    program = compile_program([SourceText("deep.st", DEEPEST[name])], prefix="deep_")

    assert "deep" in emit_c(program.module)


@pytest.mark.parametrize("name", BEYOND)
def test_one_level_more_is_one_finding(name):
    found = check([SourceText("deep.st", BEYOND[name])])

    assert [each.code for each in found] == ["ST2008"]
