"""Rules ST3xxx about names, and about the parts of variables."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["NAME_RULES"]

NAME_RULES = (
    Rule(
        "ST3001",
        "unknown name",
        (
            "No variable, value of an enumeration or function of this name is visible here. Reported once for a "
            "name in a unit."
        ),
        """\
PROGRAM Main
VAR
    Counter : INT;
END_VAR
    Coutner := 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    Counter : INT;
END_VAR
    Counter := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3002",
        "unknown or unfit type",
        "The name is no type, or not one that may stand here.",
        """\
PROGRAM Main
VAR
    x : INTT;
END_VAR

END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3003",
        "declared twice",
        "Two things of one name in one scope; case of letters does not matter.",
        """\
PROGRAM Main
VAR
    x : INT;
    X : REAL;
END_VAR
    x := 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
    y : REAL;
END_VAR
    x := 1;
    y := 1.0;
END_PROGRAM
""",
    ),
    Rule(
        "ST3008",
        "not a variable",
        "A type, a unit, a function or a value stands where a variable is wanted.",
        """\
PROGRAM Main
VAR
    t : TIME;
END_VAR
    t := TON.ET;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
    t : TIME;
END_VAR
    timer(IN := TRUE);
    t := timer.ET;
END_PROGRAM
""",
    ),
    Rule(
        "ST3009",
        "must not be written",
        (
            "CONSTANT variables, what an instance declares other than inputs, and the variable of a FOR loop "
            "inside that loop cannot be assigned."
        ),
        """\
VAR_GLOBAL CONSTANT
    LIMIT_PCT : INT := 80;
END_VAR
PROGRAM Main
    LIMIT_PCT := 90;
END_PROGRAM
""",
        """\
VAR_GLOBAL
    LIMIT_PCT : INT := 80;
END_VAR
PROGRAM Main
    LIMIT_PCT := 90;
END_PROGRAM
""",
    ),
    Rule(
        "ST3010",
        "unknown field",
        "The structure has no field, the function block no input or output of this name.",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := timer.QQ);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := NOT timer.Q);
END_PROGRAM
""",
    ),
    Rule(
        "ST3011",
        "variable of an instance not visible",
        "Outside a function block its VAR_TEMP, VAR_IN_OUT and VAR_EXTERNAL are not visible.",
        """\
FUNCTION_BLOCK Valve
    VAR_OUTPUT is_open : BOOL; END_VAR
    VAR_TEMP stroke : INT; END_VAR
    is_open := stroke > 0;
END_FUNCTION_BLOCK
PROGRAM Main
    VAR v : Valve; END_VAR
    v();
    IF v.stroke > 0 THEN RETURN; END_IF;
END_PROGRAM
""",
        """\
FUNCTION_BLOCK Valve
    VAR_OUTPUT is_open : BOOL; END_VAR
    VAR stroke : INT; END_VAR
    is_open := stroke > 0;
END_FUNCTION_BLOCK
PROGRAM Main
    VAR v : Valve; END_VAR
    v();
    IF v.is_open THEN RETURN; END_IF;
END_PROGRAM
""",
    ),
    Rule(
        "ST3012",
        "wrong indices",
        "Only arrays and strings take indices, an array one for each dimension.",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..2, 1..3] OF INT;
END_VAR
    a[1] := 0;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..2, 1..3] OF INT;
END_VAR
    a[1, 1] := 0;
END_PROGRAM
""",
    ),
    Rule(
        "ST3013",
        "constant index out of bounds",
        "The index is known and outside the array; unknown ones are checked while the program runs.",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..3] OF INT;
END_VAR
    a[4] := 0;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..3] OF INT;
END_VAR
    a[3] := 0;
END_PROGRAM
""",
    ),
    Rule(
        "ST3024",
        "an instance is not a value",
        ("A function block instance is called as a statement and read through its outputs; it cannot be assigned."),
        """\
PROGRAM Main
VAR
    timer : TON;
    done : BOOL;
END_VAR
    done := timer(IN := TRUE);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
    done : BOOL;
END_VAR
    timer(IN := TRUE);
    done := timer.Q;
END_PROGRAM
""",
    ),
    Rule(
        "ST3044",
        "no such part",
        ("Bit strings and integers have parts .%X0 (or .0), .%B0, .%W0, .%D0, smaller than the whole and inside it."),
        """\
PROGRAM Main
VAR
    w : WORD;
END_VAR
    w.16 := TRUE;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    w : WORD;
END_VAR
    w.15 := TRUE;
END_PROGRAM
""",
    ),
)
