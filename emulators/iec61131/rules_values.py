"""Rules ST3xxx about values: conversions, operators, constants."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["VALUE_RULES"]

VALUE_RULES = (
    Rule(
        "ST3004",
        "types do not convert implicitly",
        (
            "Only conversions that lose nothing are implicit: INT to DINT, REAL to LREAL, BYTE to WORD and so on. "
            "All others are written: REAL_TO_INT(x)."
        ),
        """\
PROGRAM Main
VAR
    r : REAL;
    x : INT;
END_VAR
    x := r;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    r : REAL;
    x : INT;
END_VAR
    x := REAL_TO_INT(r);
END_PROGRAM
""",
    ),
    Rule(
        "ST3005",
        "constant does not fit",
        "The number is outside the range of the type that it takes here.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 70000;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : DINT;
END_VAR
    x := 70000;
END_PROGRAM
""",
    ),
    Rule(
        "ST3006",
        "operator not defined",
        "The operator does not exist for operands of these types.",
        """\
PROGRAM Main
VAR
    w : WORD;
END_VAR
    w := w + 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    w : WORD;
END_VAR
    w := UINT_TO_WORD(WORD_TO_UINT(w) + 1);
END_PROGRAM
""",
    ),
    Rule(
        "ST3023",
        "function without a result",
        "A function declared without a result type cannot stand in an expression.",
        """\
FUNCTION Reset
    VAR_IN_OUT x : INT; END_VAR
    x := 0;
END_FUNCTION
PROGRAM Main
    VAR n : INT; END_VAR
    n := Reset(n);
END_PROGRAM
""",
        """\
FUNCTION Reset
    VAR_IN_OUT x : INT; END_VAR
    x := 0;
END_FUNCTION
PROGRAM Main
    VAR n : INT; END_VAR
    Reset(n);
END_PROGRAM
""",
    ),
    Rule(
        "ST3025",
        "constant overflow",
        "Constants are computed exactly; the result does not fit the type of the operands.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := INT#32767 + INT#1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : DINT;
END_VAR
    x := DINT#32767 + DINT#1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3026",
        "division by zero",
        "The divisor is the constant 0; other divisors are checked while the program runs.",
        """\
PROGRAM Main
VAR
    x : INT := 5;
END_VAR
    x := x / 0;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT := 5;
END_VAR
    x := x / 2;
END_PROGRAM
""",
    ),
    Rule(
        "ST3027",
        "not constant",
        "Initial values, bounds, lengths and labels are computed before the program runs.",
        """\
PROGRAM Main
VAR
    n : INT;
    x : INT := n;
END_VAR
    x := n;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR CONSTANT
    n : INT := 3;
END_VAR
VAR
    x : INT := n;
END_VAR
    x := x + n;
END_PROGRAM
""",
    ),
    Rule(
        "ST3028",
        "value of several enumerations",
        "Two enumerations have a value of this name; write which one: Color#RED.",
        """\
TYPE
    Color : (RED, GREEN);
    Lamp : (OFF, RED);
END_TYPE
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := RED;
END_PROGRAM
""",
        """\
TYPE
    Color : (RED, GREEN);
    Lamp : (OFF, RED);
END_TYPE
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := Color#RED;
END_PROGRAM
""",
    ),
)
