"""Rules ST3xxx about statements."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["STATEMENT_RULES"]

STATEMENT_RULES = (
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
)
