"""Rules ST3xxx about calls and their arguments."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["CALL_RULES"]

CALL_RULES = (
    Rule(
        "ST3014",
        "cannot be called",
        "Functions and instances of function blocks are called; types, programs and plain variables are not.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x();
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := TRUE);
END_PROGRAM
""",
    ),
    Rule(
        "ST3015",
        "unknown parameter",
        "The function, function block or task has no parameter of this name.",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := TRUE, PTT := T#1s);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := TRUE, PT := T#1s);
END_PROGRAM
""",
    ),
    Rule(
        "ST3016",
        "wrong number of arguments",
        "Arguments without names are given for all inputs, in their order.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := LIMIT(1, x);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := LIMIT(1, x, 9);
END_PROGRAM
""",
    ),
    Rule(
        "ST3017",
        "VAR_IN_OUT not given",
        "Each call binds every VAR_IN_OUT to a variable.",
        """\
FUNCTION_BLOCK Totalizer
    VAR_INPUT flow : INT; END_VAR
    VAR_IN_OUT total : DINT; END_VAR
    total := total + flow;
END_FUNCTION_BLOCK
PROGRAM Main
    VAR t : Totalizer; n : DINT; END_VAR
    t(flow := 3);
    n := n + 1;
END_PROGRAM
""",
        """\
FUNCTION_BLOCK Totalizer
    VAR_INPUT flow : INT; END_VAR
    VAR_IN_OUT total : DINT; END_VAR
    total := total + flow;
END_FUNCTION_BLOCK
PROGRAM Main
    VAR t : Totalizer; n : DINT; END_VAR
    t(flow := 3, total := n);
    n := n + 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3018",
        "given twice",
        "A parameter, field or property appears twice in one list.",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := TRUE, IN := FALSE);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
END_VAR
    timer(IN := TRUE, PT := T#1s);
END_PROGRAM
""",
    ),
    Rule(
        "ST3019",
        "names mixed",
        "In one call either all arguments have names or none.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := LIMIT(1, IN := x, MX := 9);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := LIMIT(MN := 1, IN := x, MX := 9);
END_PROGRAM
""",
    ),
    Rule(
        "ST3020",
        "wrong direction",
        "Inputs and VAR_IN_OUT take `:=`, outputs `=>`; a VAR_IN_OUT takes a whole variable.",
        """\
PROGRAM Main
VAR
    timer : TON;
    done : BOOL;
END_VAR
    timer(IN := TRUE, Q := done);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    timer : TON;
    done : BOOL;
END_VAR
    timer(IN := TRUE, Q => done);
END_PROGRAM
""",
    ),
    Rule(
        "ST3021",
        "recursion",
        "The language has no recursion: no unit calls itself, directly or through others.",
        """\
FUNCTION Fact : DINT
    VAR_INPUT n : DINT; END_VAR
    Fact := n * Fact(n - 1);
END_FUNCTION
""",
        """\
FUNCTION Fact : DINT
    VAR_INPUT n : DINT; END_VAR
    VAR i : DINT; END_VAR
    Fact := 1;
    FOR i := 2 TO n DO
        Fact := Fact * i;
    END_FOR;
END_FUNCTION
""",
    ),
    Rule(
        "ST3045",
        "standard function not defined for these types",
        "No overload of the standard function takes arguments of these types.",
        """\
PROGRAM Main
VAR
    s : STRING;
END_VAR
    s := ABS(s);
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    r : REAL;
END_VAR
    r := ABS(r);
END_PROGRAM
""",
    ),
)
