"""Rules ST2xxx: how declarations, statements and expressions are written."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["SYNTAX_RULES"]

SYNTAX_RULES = (
    Rule(
        "ST2001",
        "something else expected",
        "The grammar wants another token here.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := (1 + 2 3;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := (1 + 2);
END_PROGRAM
""",
    ),
    Rule(
        "ST2002",
        "missing semicolon",
        "Each statement and each declaration ends with `;`.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 1
    x := 2;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 1;
    x := 2;
END_PROGRAM
""",
    ),
    Rule(
        "ST2003",
        "block not closed",
        "IF, CASE, FOR, WHILE, REPEAT, VAR, TYPE and units end with their own END_ keyword.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x > 1 THEN
        x := 0;
    x := 2;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x > 1 THEN
        x := 0;
    END_IF;
    x := 2;
END_PROGRAM
""",
    ),
    Rule(
        "ST2004",
        "closing keyword without a block",
        "An END_ keyword, ELSE, ELSIF or UNTIL that belongs to no open block.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 1;
    END_IF;
    x := 2;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x > 0 THEN
        x := 1;
    END_IF;
    x := 2;
END_PROGRAM
""",
    ),
    Rule(
        "ST2005",
        "expression expected",
        "A value is missing.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := ;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 0;
END_PROGRAM
""",
    ),
    Rule(
        "ST2006",
        "assignment in a condition",
        "`:=` assigns, `=` compares; a condition compares.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x := 3 THEN x := 0; END_IF;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x = 3 THEN x := 0; END_IF;
END_PROGRAM
""",
    ),
    Rule(
        "ST2007",
        "keyword as a name",
        "Keywords cannot be names, in any case of letters.",
        """\
PROGRAM Main
VAR
    Repeat : INT;
END_VAR

END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    Repetition : INT;
END_VAR
    Repetition := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST2008",
        "nested too deep",
        (
            "Blocks and parentheses nest up to 120 levels, an expression is up to 160 operators deep, and "
            "declarations need each other in chains of up to 50."
        ),
        "PROGRAM Main\nVAR\n    x : INT;\nEND_VAR\n    x := " + "(" * 130 + "1" + ")" * 130 + ";\nEND_PROGRAM\n",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := (((1 + 2)));
END_PROGRAM
""",
    ),
    Rule(
        "ST2009",
        "not a statement",
        "A statement assigns, calls or controls; a name or value alone does nothing.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := x + 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST2010",
        "not supported yet",
        "A construct of the language that this compiler does not have yet.",
        """\
PROGRAM Main
VAR
    p : REF_TO INT;
END_VAR

END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    p : INT;
END_VAR
    p := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST2011",
        "declarations in the wrong place",
        "Variables are declared above the first statement of their unit.",
        """\
PROGRAM Main
    x := 1;
    VAR x : INT; END_VAR
END_PROGRAM
""",
        """\
PROGRAM Main
    VAR x : INT; END_VAR
    x := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST2012",
        "comparison where a value is assigned",
        "`=` compares; a statement and an initial value assign with `:=`.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x = 1;
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
        "ST2013",
        "statement before the first label",
        "Every statement in a CASE belongs to a label or to ELSE.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    CASE x OF
        x := 0;
        1: x := 2;
    END_CASE;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    CASE x OF
        1: x := 2;
    END_CASE;
END_PROGRAM
""",
    ),
    Rule(
        "ST2014",
        "declaration expected",
        "Outside units stand only PROGRAM, FUNCTION, FUNCTION_BLOCK, TYPE, VAR_GLOBAL and CONFIGURATION.",
        """\
x := 1;
PROGRAM Main
END_PROGRAM
""",
        """\
PROGRAM Main
END_PROGRAM
""",
    ),
)
