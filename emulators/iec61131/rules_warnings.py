"""Rules ST4xxx: what is allowed but looks wrong."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["WARNING_RULES"]

WARNING_RULES = (
    Rule(
        "ST4001",
        "variable never used",
        "The variable is declared and neither read nor written.",
        """\
PROGRAM Main
VAR
    x : INT;
    y : INT;
END_VAR
    x := 1;
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
        "ST4002",
        "never reached",
        "The statement before it always leaves.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    RETURN;
    x := 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x > 0 THEN RETURN; END_IF;
    x := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST4003",
        "result never assigned",
        "The function always returns the default value.",
        """\
FUNCTION Twice : INT
    VAR_INPUT x : INT; END_VAR
    VAR y : INT; END_VAR
    y := 2 * x;
END_FUNCTION
""",
        """\
FUNCTION Twice : INT
    VAR_INPUT x : INT; END_VAR
    Twice := 2 * x;
END_FUNCTION
""",
    ),
    Rule(
        "ST4004",
        "shared address",
        "Two variables lie on the same bits of the process image.",
        """\
VAR_GLOBAL
    A AT %QW0 : INT;
    B AT %QX1.0 : BOOL;
END_VAR
""",
        """\
VAR_GLOBAL
    A AT %QW0 : INT;
    B AT %QX2.0 : BOOL;
END_VAR
""",
    ),
    Rule(
        "ST4005",
        "exact comparison of reals",
        "Rounding makes two computed reals differ in the last digit; comparison with 0.0 is not reported.",
        """\
PROGRAM Main
VAR
    r : REAL;
END_VAR
    IF r = 0.1 THEN r := 0.0; END_IF;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    r : REAL;
END_VAR
    IF ABS(r - 0.1) < 0.001 THEN r := 0.0; END_IF;
END_PROGRAM
""",
    ),
    Rule(
        "ST4006",
        "instance never called",
        "Its outputs never change.",
        """\
PROGRAM Main
VAR
    timer : TON;
    done : BOOL;
END_VAR
    done := timer.Q;
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
        "ST4007",
        "string cut",
        "The literal is longer than the string that takes it.",
        """\
PROGRAM Main
VAR
    s : STRING[3];
END_VAR
    s := 'pump';
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    s : STRING[4];
END_VAR
    s := 'pump';
END_PROGRAM
""",
    ),
    Rule(
        "ST4008",
        "input image written",
        "The next latch overwrites it.",
        """\
VAR_GLOBAL
    START AT %IX0.0 : BOOL;
END_VAR
PROGRAM Main
    START := FALSE;
END_PROGRAM
""",
        """\
VAR_GLOBAL
    START AT %MX0.0 : BOOL;
END_VAR
PROGRAM Main
    START := FALSE;
END_PROGRAM
""",
    ),
    Rule(
        "ST4009",
        "value of an enumeration not handled",
        "A CASE without ELSE leaves out values of its enumeration.",
        """\
TYPE
    Mode : (OFF, MANUAL, AUTO);
END_TYPE
PROGRAM Main
VAR
    m : Mode;
END_VAR
    CASE m OF
        OFF: m := AUTO;
        AUTO: m := OFF;
    END_CASE;
END_PROGRAM
""",
        """\
TYPE
    Mode : (OFF, MANUAL, AUTO);
END_TYPE
PROGRAM Main
VAR
    m : Mode;
END_VAR
    CASE m OF
        OFF: m := AUTO;
        MANUAL, AUTO: m := OFF;
    END_CASE;
END_PROGRAM
""",
    ),
    Rule(
        "ST4010",
        "loop never runs",
        "The first value is beyond the last one.",
        """\
PROGRAM Main
VAR
    i : INT;
END_VAR
    FOR i := 3 TO 1 DO
        ;
    END_FOR;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    i : INT;
END_VAR
    FOR i := 3 TO 1 BY -1 DO
        ;
    END_FOR;
END_PROGRAM
""",
    ),
    Rule(
        "ST4011",
        "program never runs",
        "The configuration has no instance of this PROGRAM.",
        """\
PROGRAM Spare
END_PROGRAM
PROGRAM Main
END_PROGRAM
CONFIGURATION Plant
    RESOURCE Cpu ON PLC
        TASK Fast(INTERVAL := T#10ms, PRIORITY := 1);
        PROGRAM Run WITH Fast : Main;
    END_RESOURCE
END_CONFIGURATION
""",
        """\
PROGRAM Main
END_PROGRAM
CONFIGURATION Plant
    RESOURCE Cpu ON PLC
        TASK Fast(INTERVAL := T#10ms, PRIORITY := 1);
        PROGRAM Run WITH Fast : Main;
    END_RESOURCE
END_CONFIGURATION
""",
    ),
    Rule(
        "ST4012",
        "input written",
        "An input belongs to the caller; what the unit writes into it is lost or surprises the next reader.",
        """\
FUNCTION Twice : INT
    VAR_INPUT x : INT; END_VAR
    x := 2 * x;
    Twice := x;
END_FUNCTION
""",
        """\
FUNCTION Twice : INT
    VAR_INPUT x : INT; END_VAR
    Twice := 2 * x;
END_FUNCTION
""",
    ),
    Rule(
        "ST4013",
        "inside of an instance read",
        "A VAR of a function block is its own business; what others read is a VAR_OUTPUT.",
        """\
FUNCTION_BLOCK Valve
    VAR stroke : INT; END_VAR
    stroke := stroke + 1;
END_FUNCTION_BLOCK
PROGRAM Main
VAR
    v : Valve;
    x : INT;
END_VAR
    v();
    x := v.stroke;
END_PROGRAM
""",
        """\
FUNCTION_BLOCK Valve
    VAR_OUTPUT stroke : INT; END_VAR
    stroke := stroke + 1;
END_FUNCTION_BLOCK
PROGRAM Main
VAR
    v : Valve;
    x : INT;
END_VAR
    v();
    x := v.stroke;
END_PROGRAM
""",
    ),
)
