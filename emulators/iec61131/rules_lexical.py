"""Rules ST1xxx: characters, comments, literals and names."""

from __future__ import annotations

from emulators.iec61131.diagnostics import Rule

__all__ = ["LEXICAL_RULES"]

LEXICAL_RULES = (
    Rule(
        "ST1001",
        "character outside the language",
        "A character that no token of the language starts with.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 5 § ;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 5;
END_PROGRAM
""",
    ),
    Rule(
        "ST1002",
        "comment never closed",
        "A comment or pragma that is still open at the end of the file hides all that follows.",
        """\
PROGRAM Main
END_PROGRAM
(* the rest
""",
        """\
PROGRAM Main
END_PROGRAM
(* the (* nested *) rest *)
""",
    ),
    Rule(
        "ST1003",
        "string not closed",
        "A string ends on the line on which it starts.",
        """\
PROGRAM Main
VAR
    s : STRING;
END_VAR
    s := 'pump;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    s : STRING;
END_VAR
    s := 'pump';
END_PROGRAM
""",
    ),
    Rule(
        "ST1004",
        "malformed number",
        ("Digits that make no number: a letter inside, a digit outside its base, a base other than 2, 8, 10, 16."),
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 2#102;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    x := 2#101;
END_PROGRAM
""",
    ),
    Rule(
        "ST1005",
        "letter outside A-Z in a name",
        "Names have the letters A-Z and a-z, digits and underscores.",
        """\
PROGRAM Main
VAR
    Füllstand : INT;
END_VAR
    Füllstand := 1;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    Fuellstand : INT;
END_VAR
    Fuellstand := 1;
END_PROGRAM
""",
    ),
    Rule(
        "ST1006",
        "operator of another language",
        "`==`, `!=`, `&&`, `||` and the like are not Structured Text.",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x != 3 THEN x := 3; END_IF;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    x : INT;
END_VAR
    IF x <> 3 THEN x := 3; END_IF;
END_PROGRAM
""",
    ),
    Rule(
        "ST1007",
        "malformed time, date or typed literal",
        "The part behind `#` is not a value of the type before it.",
        """\
PROGRAM Main
VAR
    t : TIME;
END_VAR
    t := T#5x;
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    t : TIME;
END_VAR
    t := T#5s;
END_PROGRAM
""",
    ),
    Rule(
        "ST1008",
        "malformed string",
        "A `$` escape that does not exist, or a character that a STRING cannot hold.",
        """\
PROGRAM Main
VAR
    s : STRING;
END_VAR
    s := 'cost: $5';
END_PROGRAM
""",
        """\
PROGRAM Main
VAR
    s : STRING;
END_VAR
    s := 'cost: $$5';
END_PROGRAM
""",
    ),
)
