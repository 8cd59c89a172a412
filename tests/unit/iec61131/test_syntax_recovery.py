"""One mistake, one message: the parser goes on behind a mistake without follow-up errors."""

from __future__ import annotations

import pytest

from emulators.iec61131 import SourceText, check

HEAD = "PROGRAM p\nVAR x, y : INT; b : BOOL; t : TON; a : ARRAY[0..3] OF INT; END_VAR\nt(IN := b); a[1] := x;\n"
GOOD_LINE = "\ny := 2;\ny := undeclared_name;\nEND_PROGRAM\n"

# a statement with one mistake, in line 4; its code, column; the lines behind it must be analysed as ever
STATEMENTS = [
    ("x := 1 +;", "ST2005", 9),
    ("x := (1;", "ST2001", 8),
    ("x := 1);", "ST2001", 7),
    ("x := a[1;", "ST2001", 9),
    ("x := 1", "ST2002", 7),
    ("x = 1;", "ST2012", 3),
    ("x == 1;", "ST1006", 3),
    ("x != 1;", "ST1006", 3),
    ("x : = 1;", "ST2012", 3),
    ("x++;", "ST2001", 2),
    ("x += 1;", "ST2001", 3),
    ("x y := 1;", "ST2001", 3),
    ("x := y z;", "ST2001", 8),
    ("x := y := 1;", "ST2001", 8),
    ("x;", "ST2009", 1),
    ("5;", "ST2001", 1),
    ("THEN", "ST2001", 1),
    ("END_IF;", "ST2004", 1),
    ("ELSE", "ST2004", 1),
    ("x := 'abc;", "ST1003", 6),
    ("x := 16#GG;", "ST1004", 6),
    ("x := 1.2.3;", "ST2001", 9),
    ("x := b ? 1 : 2;", "ST1001", 8),
    ("@ x := 1;", "ST1001", 1),
    ("IF b\n x := 1;\nEND_IF;", "ST2001", 5),
    ("IF b THEN x := 1;\nEND_WHILE;", "ST2003", 1),
    ("IF x := 1 THEN x := 1; END_IF;", "ST2006", 6),
    ("IF (x = 1 THEN x := 1; END_IF;", "ST2001", 11),
    ("IF x = 1) THEN x := 1; END_IF;", "ST2001", 9),
    ("IF x y THEN x := 1; END_IF;", "ST2001", 6),
    ("IF THEN x := 1; END_IF;", "ST2005", 4),
    ("FOR x := 1 TO 3\n y := x;\nEND_FOR;", "ST2001", 16),
    ("FOR x = 1 TO 3 DO y := x; END_FOR;", "ST2001", 7),
    ("FOR x := 1 TOO 3 DO y := x; END_FOR;", "ST2001", 12),
    ("FOR x := 1 3 DO y := x; END_FOR;", "ST2001", 12),
    ("WHILE b\n x := 1;\nEND_WHILE;", "ST2001", 8),
    ("REPEAT x := 1; END_REPEAT;", "ST2001", 16),
    ("CASE x OF\n1 x := 1;\n2: y := 1;\nEND_CASE;", "ST2001", 3),
    ("CASE x\n1: x := 1;\nEND_CASE;", "ST2001", 7),
    ("CASE x OF 1: IF b THEN y := 1; 2: y := 3; END_CASE;", "ST2003", 14),
    ("CASE x OF 1: y := 1; ELSE y := 2; ELSE y := 3; END_CASE;", "ST2004", 35),
    ("t(IN := b PT := T#1s);", "ST2001", 11),
    ("t(IN := b, );", "ST2001", 12),
    ("t(IN = b);", "ST2012", 6),
    ("x := MAX(1, 2;", "ST2001", 14),
    ("VAR z : INT; END_VAR z := 1;", "ST2011", 1),
    ("METHOD m : INT m := 1; END_METHOD", "ST2010", 1),
    ("x := y^;", "ST2010", 7),
]


@pytest.mark.parametrize(("text", "code", "column"), STATEMENTS, ids=[row[0].replace("\n", " ") for row in STATEMENTS])
def test_mistake_in_a_statement_is_one_message_and_the_rest_is_analysed(text, code, column):
    found = check([SourceText("a.st", HEAD + text + GOOD_LINE)])

    errors = [each for each in found if not each.is_warning]
    assert [each.code for each in errors] == [code, "ST3001"]
    assert errors[0].span.column == column
    assert "undeclared_name" in errors[1].message


# a declaration with one mistake in line 3
DECLARATIONS = [
    ("x : INT", "ST2002", 8),
    ("x INT;", "ST2001", 3),
    ("x : ;", "ST2001", 5),
    ("x : INT := ;", "ST2005", 12),
    ("x : INT = 3;", "ST2012", 9),
    ("x : ARRAY[1..] OF INT;", "ST2005", 14),
    ("x : ARRAY OF INT;", "ST2001", 11),
    ("x : INTEGER;", "ST3002", 5),
    ("x, : INT;", "ST2001", 4),
    ("x : INT; IF : BOOL;", "ST2007", 10),
    ("x AT %QW0 INT;", "ST2001", 11),
    ("x AT : INT;", "ST2001", 6),
    ("x : REF_TO INT;", "ST2010", 5),
    ("9x : INT; x : INT;", "ST1004", 1),
    ("x : INT := 70000;", "ST3005", 12),
    ("x : INT; x : REAL;", "ST3003", 10),
]


@pytest.mark.parametrize(("text", "code", "column"), DECLARATIONS, ids=[row[0] for row in DECLARATIONS])
def test_mistake_in_a_declaration_is_one_message_and_uses_of_the_name_are_silent(text, code, column):
    source = f"PROGRAM p\nVAR\n{text}\ny : INT;\nEND_VAR\nx := 1; y := x; x := 2;\nEND_PROGRAM\n"

    found = check([SourceText("a.st", source)])

    assert [(each.code, each.span.line, each.span.column) for each in found] == [(code, 3, column)]


# whole texts: codes in order
TEXTS = {
    "section not closed": ("PROGRAM p\nVAR x : INT;\nx := 1;\nEND_PROGRAM", ["ST2003"]),
    "section not closed before IF": ("PROGRAM p\nVAR x : INT;\nIF x > 1 THEN x := 1; END_IF;\nEND_PROGRAM", ["ST2003"]),
    "program not closed": ("PROGRAM p\nPROGRAM q\nEND_PROGRAM", ["ST2003"]),
    "unit closed as another": ("FUNCTION f\nEND_FUNCTION_BLOCK\nPROGRAM q\nEND_PROGRAM", ["ST2003"]),
    "structure not closed": ("TYPE a : STRUCT x : INT; END_TYPE\nVAR_GLOBAL g : a; END_VAR", ["ST2003"]),
    "result type missing": ("FUNCTION f :\nVAR_INPUT x : INT; END_VAR\nf := x;\nEND_FUNCTION", ["ST2001"]),
    "blocks contain each other": (
        "FUNCTION_BLOCK a VAR x : b; END_VAR x(); END_FUNCTION_BLOCK\n"
        "FUNCTION_BLOCK b VAR x : a; END_VAR x(); END_FUNCTION_BLOCK",
        ["ST3022"],
    ),
    "class": ("CLASS c METHOD m END_METHOD END_CLASS\nPROGRAM p\nEND_PROGRAM", ["ST2010"]),
    "extends": ("FUNCTION_BLOCK f EXTENDS g END_FUNCTION_BLOCK", ["ST2010"]),
    "sequential function chart": ("PROGRAM p\nINITIAL_STEP s:\nEND_STEP\nEND_PROGRAM", ["ST2010"]),
    "instruction list": ("PROGRAM p\nVAR x : INT; END_VAR\nLD x\nADD 1\nST x\nEND_PROGRAM", ["ST2010"]),
    "wrong parameter of a unit with a wrong parameter": (
        "FUNCTION f : INT VAR_INPUT a : INTT; END_VAR f := 1; END_FUNCTION\n"
        "PROGRAM p VAR x : INT; END_VAR x := f(a := 1); x := f(1); END_PROGRAM",
        ["ST3002"],
    ),
    "unknown name, many times": ("PROGRAM p\na := 1; a := a + 1; a();\nEND_PROGRAM", ["ST3001"]),
    "garbage first": ("%%% hello\nPROGRAM p\nx := 1;\nEND_PROGRAM", ["ST2014"]),
}


@pytest.mark.parametrize("name", TEXTS)
def test_mistake_in_a_whole_text_does_not_cascade(name):
    text, codes = TEXTS[name]

    found = check([SourceText("a.st", text)])

    assert [each.code for each in found if not each.is_warning] == codes


def test_files_are_checked_together_and_findings_come_in_the_order_of_the_files():
    first = SourceText("b.st", "PROGRAM p\nVAR x : Speed; END_VAR\nx := limit_of_all;\nEND_PROGRAM")
    second = SourceText("a.st", "TYPE Speed : INT; END_TYPE\nVAR_GLOBAL limit_of_all : INT := 70000; END_VAR")

    found = check([first, second])

    assert [str(each) for each in found] == ["a.st:2:34: ST3005 70000 does not fit INT (-32768..32767)"]
    assert check([second, first]) == found
