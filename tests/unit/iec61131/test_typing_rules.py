"""Types of expressions, folding of constants, calls: rows of an expression and what becomes of it."""

from __future__ import annotations

import pytest

from emulators.errors import CompileError
from emulators.iec61131 import SourceText, analyse, check, tree
from emulators.iec61131.types import type_name

DECLARATIONS = """
TYPE Color : (RED, GREEN := 5, BLUE); Small : INT (0..10); Named : DINT (ONE := 1, TWO); END_TYPE
VAR_GLOBAL CONSTANT C_INT : INT := 7; C_REAL : REAL := 0.1; C_TEXT : STRING[8] := 'abc'; END_VAR
FUNCTION Twice : DINT
VAR_INPUT x : INT; y : REAL := 1.0; END_VAR
VAR_OUTPUT o : INT; END_VAR
VAR_IN_OUT io : INT; END_VAR
    Twice := 2 * x; o := x; io := REAL_TO_INT(y);
END_FUNCTION
PROGRAM p
VAR
    b : BOOL; by : BYTE; w : WORD; i8 : SINT; i : INT; d : DINT; l : LINT; u : UINT; ul : ULINT; r : REAL; lr : LREAL;
    t : TIME; lt : LTIME; tod1 : TOD; dt1 : DT; date1 : DATE; s : STRING[10]; s2 : STRING[20]; ws : WSTRING; c : CHAR;
    color : Color; small : Small; named : Named; a : ARRAY[1..3] OF INT; timer : TON;
END_VAR
""".replace("by :", "oct :")

# expression, its type
TYPED = [
    ("i + 1", "INT"),
    ("i + 70000", "DINT"),
    ("i8 + 200", "INT"),
    ("u + 1", "UINT"),
    ("u - (-1)", "DINT"),
    ("u + d", "DINT"),
    ("i + u", "DINT"),
    ("i * 1.5", "REAL"),
    ("d * 1.5", "LREAL"),
    ("r * 1.5", "REAL"),
    ("r + lr", "LREAL"),
    ("r ** 2", "REAL"),
    ("i ** 2", "REAL"),
    ("d ** 2", "LREAL"),
    ("r ** lr", "LREAL"),
    ("2.0 ** r", "REAL"),
    ("small + 1", "INT"),
    ("t + T#1s", "TIME"),
    ("t + lt", "LTIME"),
    ("2 * t", "TIME"),
    ("t / 2.5", "TIME"),
    ("t * i", "TIME"),
    ("dt1 + t", "DT"),
    ("dt1 + lt", "LDT"),
    ("tod1 - tod1", "TIME"),
    ("date1 - date1", "TIME"),
    ("oct AND 16#0F", "BYTE"),
    ("oct OR w", "WORD"),
    ("w XOR 16#FFFF", "WORD"),
    ("NOT oct", "BYTE"),
    ("-i", "INT"),
    ("i = 3", "BOOL"),
    ("color = RED", "BOOL"),
    ("s = 'abc'", "BOOL"),
    ("w.3", "BOOL"),
    ("d.%B1", "BYTE"),
    ("s[1]", "CHAR"),
    ("a[i]", "INT"),
    ("timer.ET", "TIME"),
    ("Twice(x := i, io := a[1])", "DINT"),
    ("SQRT(i)", "REAL"),
    ("SQRT(d)", "LREAL"),
    ("ABS(-i)", "INT"),
    ("MAX(i, 3, d)", "DINT"),
    ("MAX(i, 3.5)", "REAL"),
    ("LIMIT(0, r, 100)", "REAL"),
    ("SEL(b, RED, color)", "Color"),
    ("SEL(b, 1, i)", "INT"),
    ("MUX(i, r, 2, lr)", "LREAL"),
    ("SHL(w, 2)", "WORD"),
    ("SHL(oct, i)", "BYTE"),
    ("LEN(s)", "INT"),
    ("LEFT(s, 3)", "STRING[10]"),
    ("CONCAT(s, s2)", "STRING[30]"),
    ("INSERT(s, 'ab', 2)", "STRING[12]"),
    ("INT_TO_STRING(i)", "STRING"),
    ("REAL_TO_INT(r)", "INT"),
    ("TO_DINT(r)", "DINT"),
    ("TO_INT(color)", "INT"),
    ("TRUNC(lr)", "DINT"),
    ("ADD(t, T#1s)", "TIME"),
    ("ADD(i, 2, 3)", "INT"),
    ("MUL(t, 2)", "TIME"),
    ("EXPT(r, 2)", "REAL"),
    ("AND(b, b)", "BOOL"),
    ("MOVE(color)", "Color"),
    ("%IW3", "WORD"),
    ("%IX3.1", "BOOL"),
]


def expression(text: str) -> tree.Expression:
    """Return an expression analysed as the left side of a comparison with itself, or as a condition."""
    project = analyse([SourceText("a.st", f"{DECLARATIONS}b := ({text}) = ({text});\nEND_PROGRAM")])
    value = project.pous["P"].body[0].value
    return value.left if isinstance(value, tree.Binary) else value


@pytest.mark.parametrize(("text", "name"), TYPED, ids=[row[0] for row in TYPED])
def test_expression_has_the_type(text, name):
    assert type_name(expression(text).type) == name


# target, expression, value of the folded literal
FOLDED = [
    ("i", "2 + 3 * 4", 14),
    ("i", "7 / 2", 3),
    ("i", "-7 / 2", -3),
    ("i", "-7 MOD 3", -1),
    ("i", "C_INT + 1", 8),
    ("d", "C_INT * 2", 14),
    ("r", "0.1", 0.10000000149011612),
    ("lr", "0.1", 0.1),
    ("lr", "1.0 / 3.0 * 3.0", 1.0),
    ("lr", "2 ** 10", 1024.0),
    ("r", "C_REAL + C_REAL", 0.20000000298023224),
    ("lr", "C_REAL", 0.10000000149011612),
    ("r", "1", 1.0),
    ("t", "T#1s * 2 + T#5ms", 2_005_000_000),
    ("t", "T#1s / 4", 250_000_000),
    ("w", "16#F0 OR 16#0F", 255),
    ("w", "NOT WORD#16#FF", 0xFF00),
    ("b", "NOT FALSE AND 3 < 4", True),
    ("color", "Color#BLUE", 6),
    ("color", "Color.GREEN", 5),
    ("i", "color.BLUE", 6),
    ("i", "INT#-5", -5),
    ("u", "UINT#16#FFFF", 65535),
    ("ul", "18446744073709551615", 2**64 - 1),
    ("l", "-9223372036854775808", -(2**63)),
    ("l", "9007199254740993 * 3", 27021597764222979),
    ("s", "'a$N'", "a\n"),
    ("c", "'x'", "x"),
    ("c", "CHAR#'x'", "x"),
    ("small", "10", 10),
]


@pytest.mark.parametrize(("target", "text", "value"), FOLDED, ids=[row[1] for row in FOLDED])
def test_constant_is_folded_to_a_literal(target, text, value):
    project = analyse([SourceText("a.st", f"{DECLARATIONS}{target} := {text};\nEND_PROGRAM")])

    literal = project.pous["P"].body[0].value
    assert isinstance(literal, tree.Literal)
    assert literal.value == value
    assert type(literal.value) is type(value)


# statement, code, part of the message or hint
REFUSED = [
    ("i := d;", "ST3004", "DINT_TO_INT"),
    ("i := r;", "ST3004", "REAL_TO_INT"),
    ("b := i;", "ST3004", "INT_TO_BOOL"),
    ("i := b;", "ST3004", "BOOL_TO_INT"),
    ("i := w;", "ST3004", "WORD_TO_INT"),
    ("w := i;", "ST3004", "INT_TO_WORD"),
    ("r := lr;", "ST3004", "LREAL_TO_REAL"),
    ("r := d;", "ST3004", "DINT_TO_REAL"),
    ("lr := l;", "ST3004", "LINT_TO_LREAL"),
    ("i := 1.5;", "ST3004", "1.5"),
    ("i := 70000;", "ST3005", "-32768..32767"),
    ("u := -1;", "ST3005", "0..65535"),
    ("w := 65536;", "ST3005", "WORD"),
    ("small := 11;", "ST3005", "0..10"),
    ("r := 1.0E39;", "ST3005", "REAL"),
    ("color := 5;", "ST3004", "Color#GREEN"),
    ("color := i;", "ST3004", "cannot assign INT to Color"),
    ("color := named;", "ST3004", "Named"),
    ("color := Color#PINK;", "ST3001", "PINK"),
    ("w := w + 1;", "ST3006", "WORD_TO_UINT"),
    ("b := b + b;", "ST3006", "BOOL and BOOL"),
    ("i := i AND 1;", "ST3006", "INT_TO_WORD"),
    ("b := color = 5;", "ST3006", "Color"),
    ("b := color = named;", "ST3006", "Color and Named"),
    ("l := l + ul;", "ST3006", "LINT and ULINT"),
    ("t := t * t;", "ST3006", "TIME and TIME"),
    ("t := t + 5;", "ST3006", "TIME"),
    ("b := s = ws;", "ST3006", "WSTRING"),
    ("s := ws;", "ST3004", "WSTRING_TO_STRING"),
    ("u := -u;", "ST3006", "UINT"),
    ("i := INT#32767 + INT#1;", "ST3025", "INT"),
    ("i := C_INT * 10000;", "ST3025", "INT"),
    ("i := i / 0;", "ST3026", "zero"),
    ("i := i MOD 0;", "ST3026", "zero"),
    ("i := INT#70000;", "ST3005", "INT"),
    ("i := INT#'a';", "ST1007", "INT#-5"),
    ("b := BOOL#2;", "ST3005", "BOOL"),
    ("a[0] := 1;", "ST3013", "1..3"),
    ("s[11] := 'x';", "ST3013", "1..10"),
    ("i := ABS(s);", "ST3045", "STRING"),
    ("i := SQRT(i);", "ST3004", "REAL_TO_INT"),
    ("i := MAX(i, b);", "ST3045", "INT, BOOL"),
    ("i := REAL_TO_INT(lr);", "ST3004", "LREAL_TO_INT"),
    ("r := INT_TO_REAL(r);", "ST3004", "REAL already"),
    ("i := LEN(i);", "ST3045", "ANY_STRING"),
    ("i := Twice(x := i, io := i);", "ST3004", "DINT_TO_INT"),
    ("d := Twice(x := d, io := i);", "ST3004", "INT 'x'"),
    ("d := Twice(x := i, io := 5);", "ST3008", "variable"),
    ("d := Twice(x := i, io := d);", "ST3004", "VAR_IN_OUT 'io'"),
    ("d := Twice(x := i, io := C_INT);", "ST3009", "CONSTANT"),
    ("d := Twice(x := i);", "ST3017", "'io'"),
    ("d := Twice(i);", "ST3016", "3 to 4"),
    ("d := Twice(x := i, io := i, o => b);", "ST3004", "'o'"),
    ("d := Twice(x := i, io := w.1);", "ST3020", "part"),
    ("d := Twise(i);", "ST3001", "did you mean 'Twice'"),
    ("timer(IN := b, PTT := t);", "ST3015", "did you mean 'PT'"),
    ("timer(IN := b, Q := b);", "ST3020", "Q =>"),
    ("timer(IN := 5);", "ST3005", "BOOL"),
    ("timer.Q := TRUE;", "ST3009", "output"),
    ("timer := timer;", "ST3024", "instance"),
    ("timer.M := TRUE;", "ST3010", "'M'"),
    ("FOR i := 1 TO 70000 DO ; END_FOR;", "ST3005", "INT"),
    ("FOR i := 1 TO 3 DO i := 2; END_FOR;", "ST3009", "FOR"),
    ("_SYSTEM_TIME();", "ST3001", "_SYSTEM_TIME"),
]


@pytest.mark.parametrize(("text", "code", "part"), REFUSED, ids=[row[0] for row in REFUSED])
def test_statement_is_refused_with_one_message(text, code, part):
    found = check([SourceText("a.st", f"{DECLARATIONS}{text}\nEND_PROGRAM")])

    errors = [each for each in found if not each.is_warning]
    assert [each.code for each in errors] == [code]
    assert part in str(errors[0])


def test_case_of_letters_never_matters():
    text = "program P var X : int; end_var x := X + 1; IF x > 3 then X := 0; end_IF; End_Program"

    assert check([SourceText("a.st", text)]) == []


def test_arguments_keep_the_order_of_writing():
    text = f"{DECLARATIONS}d := Twice(io := a[2], o => i, x := 3);\nEND_PROGRAM"

    call = analyse([SourceText("a.st", text)]).pous["P"].body[0].value

    assert [type(each).__name__ for each in call.arguments] == ["InOutArgument", "OutputArgument", "InputArgument"]
    assert [each.parameter.name for each in call.arguments] == ["io", "o", "x"]


def test_enable_input_and_output_are_kept_apart_from_the_arguments():
    text = f"{DECLARATIONS}timer(EN := b, IN := b, ENO => b);\nEND_PROGRAM"

    statement = analyse([SourceText("a.st", text)]).pous["P"].body[0]

    assert [each.parameter.name for each in statement.arguments] == ["IN"]
    assert isinstance(statement.enable, tree.Name)
    assert isinstance(statement.enable_output, tree.Name)


def test_local_names_hide_global_ones_and_functions():
    text = """VAR_GLOBAL x : REAL; END_VAR
        PROGRAM p VAR x : INT; max : INT; END_VAR x := 70000 MOD 7; max := MAX(x, 3); END_PROGRAM"""

    project = analyse([SourceText("a.st", text)])

    assert project.pous["P"].body[0].target.variable.owner == "p"


def test_compile_error_carries_every_diagnostic_with_its_place():
    with pytest.raises(CompileError) as caught:
        analyse([SourceText("a.st", f"{DECLARATIONS}i := d;\ni := r;\nEND_PROGRAM")])

    assert [each.span.file for each in caught.value.diagnostics] == ["a.st", "a.st"]
    assert "a.st:" in str(caught.value)
