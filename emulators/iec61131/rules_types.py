"""Rules ST3xxx about names, types, operators and statements."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["TYPE_RULES"]

TYPE_RULES = (
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
        "ST3007",
        "condition is not BOOL",
        "IF, WHILE and UNTIL decide on a BOOL.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x THEN x := 0; END_IF;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x <> 0 THEN x := 0; END_IF;
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
    Rule(
        "ST3031",
        "selector of CASE",
        "CASE chooses by an integer, a bit string or an enumeration.",
        """\
PROGRAM Main
VAR
    r : REAL;
END_VAR
    CASE r OF
        1: r := 0;
    END_CASE;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    r : INT;
END_VAR
    CASE r OF
        1: r := 0;
    END_CASE;
END_PROGRAM
""",
    ),
    Rule(
        "ST3032",
        "label twice",
        "Labels of one CASE do not overlap, or the second could never be chosen.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    CASE x OF
        1..5: x := 0;
        3: x := 1;
    END_CASE;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    CASE x OF
        1..5: x := 0;
        6: x := 1;
    END_CASE;
END_PROGRAM
""",
    ),
    Rule(
        "ST3033",
        "variable of FOR",
        "FOR counts in a variable of an integer type.",
        """\
PROGRAM Main
VAR
    r : REAL;
END_VAR
    FOR r := 1 TO 3 DO
        ;
    END_FOR;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    i : INT;
END_VAR
    FOR i := 1 TO 3 DO
        ;
    END_FOR;
END_PROGRAM
""",
    ),
    Rule(
        "ST3037",
        "step of zero",
        "A FOR loop with a step of 0 never ends.",
        """\
PROGRAM Main
VAR
    i : INT;
END_VAR
    FOR i := 1 TO 3 BY 0 DO
        ;
    END_FOR;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    i : INT;
END_VAR
    FOR i := 1 TO 3 BY 1 DO
        ;
    END_FOR;
END_PROGRAM
""",
    ),
    Rule(
        "ST3038",
        "EXIT or CONTINUE outside a loop",
        "They leave or repeat the innermost FOR, WHILE or REPEAT.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 1;
    EXIT;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    WHILE x < 5 DO
        x := x + 1;
        EXIT;
    END_WHILE;
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
