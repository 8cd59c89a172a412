"""Whatever text comes in: findings or a project come out, soon, and never another exception."""

from __future__ import annotations

import random
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.errors import CompileError
from emulators.iec61131 import SourceText, analyse, check
from emulators.iec61131.diagnostics import catalogue
from emulators.iec61131.lexer import KEYWORDS

PROGRAM = """
TYPE Mode : (OFF, ON := 5); Limits : STRUCT low, high : REAL := 1.5; END_STRUCT; Zone : INT (1..8); END_TYPE
VAR_GLOBAL CONSTANT SIZE : INT := 4; END_VAR
VAR_GLOBAL START AT %IX0.0 : BOOL; tank : ARRAY[1..SIZE, 0..2] OF Limits := [12((low := 0.5))]; END_VAR
FUNCTION Scale : REAL
VAR_INPUT raw : INT; span : REAL; END_VAR
    Scale := raw * span / 27648.0 - 2.0 ** 3;
END_FUNCTION
PROGRAM Main
VAR timer : TON := (PT := T#1s500ms); i : INT; mode : Mode; text : STRING[10] := 'a$N'; zone : Zone := 3; END_VAR
    timer(IN := START AND NOT (i > 5), PT := T#2s, Q => START);
    FOR i := 1 TO 10 BY 2 DO IF i = 3 THEN CONTINUE; ELSIF i MOD 7 = 1 THEN EXIT; END_IF; END_FOR;
    CASE mode OF OFF: mode := Mode#ON; ON: i := LIMIT(0, i, 16#FF); END_CASE;
    CASE i OF 6..9, 12: i := 0; ELSE RETURN; END_CASE;
    tank[i, 2].low := Scale(raw := i, span := -1.0e3); text := CONCAT(text, 'x');
    WHILE i < 5 DO i := i + 1; END_WHILE; REPEAT i := i - 1; UNTIL i <= 0 END_REPEAT; (* end (* of *) it *)
END_PROGRAM
CONFIGURATION C RESOURCE R ON PLC TASK T(INTERVAL := T#10ms, PRIORITY := 1); PROGRAM P WITH T : Main; END_RESOURCE
END_CONFIGURATION
"""
WORDS = [
    *sorted(KEYWORDS),
    *re.findall(r"\S+", "x y tank timer Main Mode INT REAL BOOL TON %IX0.0 T#1s 16#FF 'a' 1 2.5 INT# := => <= ** .."),
    *"()[],;:.+-=<>&/",
    "(*",
    "*)",
    "//",
    "{",
    "}",
    "'",
    "$",
    "\n",
    "\0",
    "é",
    "D#2024-01-01",
]
CODES = frozenset(catalogue())


def survive(text: str) -> None:
    """Check a text; every finding is of the catalogue and lies inside the text."""
    lines = text.count("\n") + 1

    found = check([SourceText("fuzz.st", text)])

    assert {each.code for each in found} <= CODES
    assert all(1 <= each.span.line <= each.span.end_line <= lines for each in found)


def mutate(text: str, rng: random.Random) -> str:
    """Return the text with a few tokens of it removed, doubled, moved or replaced."""
    pieces = re.findall(r"\w+|\s+|[^\w\s]+", text)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(pieces))
        choice = rng.randrange(4)
        if choice == 0:
            del pieces[at]
        elif choice == 1:
            pieces.insert(at, rng.choice(WORDS))
        elif choice == 2:
            pieces[at] = rng.choice(WORDS)
        else:
            pieces.insert(rng.randrange(len(pieces)), pieces[at])
    return "".join(pieces)


def test_the_program_that_is_mutated_below_is_right():
    assert [each for each in check([SourceText("fuzz.st", PROGRAM)]) if not each.is_warning] == []


def test_analyse_raises_all_findings_of_a_wrong_text_as_one_error():
    with pytest.raises(CompileError) as caught:
        analyse([SourceText("a.st", "PROGRAM p x := 1; y := 2; END_PROGRAM")])

    assert [each.code for each in caught.value.diagnostics] == ["ST3001", "ST3001"]


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=60))
def test_any_soup_of_tokens_gives_findings_only(words):
    survive(" ".join(words))


@settings(derandomize=True, max_examples=100, deadline=None)
@given(st.text(max_size=200))
def test_any_text_gives_findings_only(text):
    survive(text)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_read_as_latin_1_give_findings_only(data):
    survive("PROGRAM p\n" + data.decode("latin-1") + "\nEND_PROGRAM")


@pytest.mark.parametrize("seed", range(120))
def test_a_mutated_program_gives_findings_only(seed):
    survive(mutate(PROGRAM, random.Random(seed)))


@pytest.mark.parametrize("length", range(0, len(PROGRAM), 29))
def test_a_truncated_program_gives_findings_only(length):
    survive(PROGRAM[:length])


DEEP = {
    "parentheses": "PROGRAM p VAR x : INT; END_VAR x := " + "(" * 5000 + "1" + ")" * 5000 + "; END_PROGRAM",
    "open parentheses": "PROGRAM p VAR x : INT; END_VAR x := " + "(" * 50000,
    "unary": "PROGRAM p VAR x : INT; END_VAR x := " + "-" * 5000 + "1; END_PROGRAM",
    "not": "PROGRAM p VAR x : BOOL; END_VAR x := " + "NOT " * 5000 + "x; END_PROGRAM",
    "chain": "PROGRAM p VAR x : INT; END_VAR x := x" + " + x" * 20000 + "; END_PROGRAM",
    "precedence": "PROGRAM p VAR x : INT; END_VAR x := "
    + "x OR x XOR x AND x = x < x + x * x ** (" * 200
    + "; END_PROGRAM",
    "blocks": "PROGRAM p VAR x : BOOL; END_VAR " + "IF x THEN " * 5000 + "END_IF; " * 5000 + "END_PROGRAM",
    "unclosed blocks": "PROGRAM p VAR x : BOOL; END_VAR " + "WHILE x DO " * 5000,
    "comments": "PROGRAM p " + "(* " * 5000 + "*) " * 5000 + "END_PROGRAM",
    "unclosed comments": "(* " * 50000,
    "indices": "PROGRAM p VAR x : INT; END_VAR x := " + "x[" * 3000 + "1" + "]" * 3000 + "; END_PROGRAM",
    "fields": "PROGRAM p VAR x : INT; END_VAR x := x" + ".x" * 5000 + "; END_PROGRAM",
    "calls": "PROGRAM p VAR x : INT; END_VAR x := " + "ABS(" * 3000 + "x" + ")" * 3000 + "; END_PROGRAM",
    "arrays": "PROGRAM p VAR x : " + "ARRAY[1..2] OF " * 3000 + "INT; END_VAR END_PROGRAM",
    "structures": "TYPE t : " + "STRUCT a : " * 3000 + "INT; " + "END_STRUCT; " * 3000 + "END_TYPE",
    "initial values": "PROGRAM p VAR x : ARRAY[1..2] OF INT := " + "[" * 3000 + "]" * 3000 + "; END_VAR END_PROGRAM",
    "chain of types": "TYPE " + " ".join(f"T{i} : T{i + 1};" for i in range(3000)) + " END_TYPE",
    "chain of calls": " ".join(
        f"FUNCTION F{i} : INT VAR_INPUT x : INT; END_VAR F{i} := F{i + 1}(x); END_FUNCTION" for i in range(1500)
    ),
    "huge number": "PROGRAM p VAR x : INT; END_VAR x := " + "9" * 100000 + "; END_PROGRAM",
    "huge exponent": "PROGRAM p VAR x : LREAL; END_VAR x := 1.0e999999999; x := 10 ** 10 ** 10 ** 10; END_PROGRAM",
    "huge array": "PROGRAM p VAR x : ARRAY[0..2000000000] OF ARRAY[0..2000000000] OF INT; END_VAR END_PROGRAM",
    "huge repetition": "PROGRAM p VAR x : ARRAY[0..9] OF INT := [999999999(1, 2)]; END_VAR END_PROGRAM",
    "comma for a label": "PROGRAM p VAR x : INT; END_VAR CASE x OF\n, 1:\n ;\n- \n(\n..3: END_CASE; END_PROGRAM",
    "many mistakes": "PROGRAM p " + "x := y + ; " * 3000 + "END_PROGRAM",
}


@pytest.mark.parametrize("name", DEEP)
def test_extreme_text_is_answered_within_seconds(name):
    started = time.perf_counter()

    survive(DEEP[name])

    assert time.perf_counter() - started < 20


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(20))
def test_thousands_of_mutated_programs_give_findings_only(seed):
    rng = random.Random(f"campaign {seed}")
    for _ in range(1500):
        survive(mutate(PROGRAM, rng)[: rng.randint(10, 4000)])
