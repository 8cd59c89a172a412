"""Rules ST3xxx about declarations, addresses and the configuration."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["DECLARATION_RULES"]

DECLARATION_RULES = (
    Rule(
        "ST3022",
        "contains itself",
        "A type that contains itself would be of endless size; a constant that needs itself has no value.",
        """\
TYPE
    Node : STRUCT
        next : Node;
    END_STRUCT;
END_TYPE
""",
        """\
TYPE
    Node : STRUCT
        next : INT;
    END_STRUCT;
END_TYPE
""",
    ),
    Rule(
        "ST3029",
        "impossible bounds",
        "Bounds, limits and ranges go from low to high; lengths and sizes have limits.",
        """\
PROGRAM Main
VAR
    a : ARRAY[3..1] OF INT;
END_VAR

END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..3] OF INT;
END_VAR
    a[1] := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3030",
        "initial value of another shape",
        ("An array is initialised by [1, 2, 3(0)], a structure or instance by (name := value), others by one value."),
        """\
PROGRAM Main
VAR
    a : ARRAY[1..3] OF INT := [1, 2, 3, 4];
END_VAR
    a[1] := 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    a : ARRAY[1..3] OF INT := [1, 2(3)];
END_VAR
    a[1] := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3034",
        "malformed address",
        "Addresses are %IX0.3, %QW2, %MD10: area I, Q, M; size X, B, W, D, L; a number counted in that size.",
        """\
VAR_GLOBAL
    START AT %IX0.9 : BOOL;
END_VAR
""",
        """\
VAR_GLOBAL
    START AT %IX0.7 : BOOL;
END_VAR
""",
    ),
    Rule(
        "ST3035",
        "address and variable do not agree",
        (
            "The size of an address is that of the variable (or of the element of an array); only globals and "
            "variables of programs have addresses."
        ),
        """\
VAR_GLOBAL
    LEVEL AT %IX0.0 : INT;
END_VAR
""",
        """\
VAR_GLOBAL
    LEVEL AT %IW0 : INT;
END_VAR
""",
    ),
    Rule(
        "ST3036",
        "VAR_EXTERNAL without its global",
        "A VAR_EXTERNAL names a VAR_GLOBAL of the same type; a constant one is VAR_EXTERNAL CONSTANT.",
        """\
VAR_GLOBAL
    SPEED : INT;
END_VAR
PROGRAM Main
    VAR_EXTERNAL SPED : INT; END_VAR
    SPED := 1;
END_PROGRAM
""",
        """\
VAR_GLOBAL
    SPEED : INT;
END_VAR
PROGRAM Main
    VAR_EXTERNAL SPEED : INT; END_VAR
    SPEED := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST3039",
        "declaration not allowed here",
        "The section, qualifier or kind of variable does not belong here.",
        """\
FUNCTION_BLOCK Valve
    VAR_GLOBAL x : INT; END_VAR
END_FUNCTION_BLOCK
""",
        """\
VAR_GLOBAL x : INT; END_VAR
FUNCTION_BLOCK Valve
    x := 1;
END_FUNCTION_BLOCK
""",
    ),
    Rule(
        "ST3040",
        "task never runs or runs wrong",
        "A task has an INTERVAL longer than 0 s or a SINGLE, and a PRIORITY from 0 to 65535.",
        """\
PROGRAM Main
END_PROGRAM
CONFIGURATION Plant
    RESOURCE Cpu ON PLC
        TASK Fast(PRIORITY := 1);
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
        "ST3041",
        "unknown task or program",
        "A program instance names a task of its resource and a PROGRAM.",
        """\
PROGRAM Main
END_PROGRAM
CONFIGURATION Plant
    RESOURCE Cpu ON PLC
        TASK Fast(INTERVAL := T#10ms);
        PROGRAM Run WITH Slow : Main;
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
        "ST3042",
        "path of VAR_CONFIG",
        "The path goes from a program instance to one of its variables, whose type is repeated.",
        """\
PROGRAM Main
    VAR lamp AT %Q* : BOOL; END_VAR
    lamp := TRUE;
END_PROGRAM
VAR_CONFIG
    Main.lamp AT %QX0.0 : BOOL;
    Main.lmp AT %QX0.1 : BOOL;
END_VAR
""",
        """\
PROGRAM Main
    VAR lamp AT %Q* : BOOL; END_VAR
    lamp := TRUE;
END_PROGRAM
VAR_CONFIG
    Main.lamp AT %QX0.0 : BOOL;
END_VAR
""",
    ),
    Rule(
        "ST3043",
        "address left open",
        "A variable declared AT %I*, %Q* or %M* gets its address in VAR_CONFIG.",
        """\
PROGRAM Main
    VAR lamp AT %Q* : BOOL; END_VAR
    lamp := TRUE;
END_PROGRAM
""",
        """\
PROGRAM Main
    VAR lamp AT %Q* : BOOL; END_VAR
    lamp := TRUE;
END_PROGRAM
VAR_CONFIG
    Main.lamp AT %QX0.0 : BOOL;
END_VAR
""",
    ),
)
