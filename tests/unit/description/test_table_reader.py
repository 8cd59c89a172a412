"""Every getter says what is wrong with a value, where, and what to write instead."""

import pytest

from emulators.description.source import Findings, SourceFile
from emulators.description.table_reader import TableReader
from emulators.description.toml_tree import parse_toml


def finding_of(text, read):
    """Return the one finding that ``read`` causes on the table ``text``."""
    findings = Findings()
    read(TableReader(parse_toml(SourceFile("f", text)), "the table", findings))
    (found,) = findings.diagnostics
    return str(found)


# text, getter, all that is reported
ROWS = [
    ("k = 5", lambda r: r.text("k"), "f:1:5: k must be a text, not the number 5; put it in quotes"),
    ("k = [1]", lambda r: r.text("k"), "f:1:5: k must be a text, not an array; put it in quotes"),
    ("[k]", lambda r: r.text("k"), "f:1:1: k must be a text, not a table; put it in quotes"),
    ("k = 12:00:00", lambda r: r.text("k"), "f:1:5: k must be a text, not a date or time; put it in quotes"),
    ("k = ' '", lambda r: r.text("k", may_be_empty=False), "f:1:5: k is empty; write a text"),
    (
        "k = 'yes'",
        lambda r: r.boolean("k", default=False),
        "f:1:5: k must be a boolean, not the text 'yes'; write true or false",
    ),
    (
        "k = true",
        lambda r: r.integer("k", low=0, high=9),
        "f:1:5: k must be a whole number, not the boolean true; write digits only",
    ),
    ("k = 10", lambda r: r.integer("k", low=0, high=9), "f:1:5: k 10 is outside 0..9; write a number in it"),
    ("k = '5'", lambda r: r.number("k"), "f:1:5: k must be a number, not the text '5'; write digits without quotes"),
    ("k = nan", lambda r: r.number("k"), "f:1:5: k must be a finite number; write a finite number"),
    ("k = 1" + "0" * 400, lambda r: r.number("k"), "f:1:5: k must be a finite number; write a finite number"),
    ("k = -inf", lambda r: r.boolean_or_number("k"), "f:1:5: k must be a finite number; write a finite number"),
    ("k = 'c'", lambda r: r.choice("k", ["a", "b"]), 'f:1:5: k \'c\' is unknown; write "a" or "b"'),
    ("k = 'c'", lambda r: r.choice("k", ["a"]), "f:1:5: k 'c' is unknown; write \"a\""),
    ("k = '0 s'", lambda r: r.duration_ns("k", may_be_zero=False), "f:1:5: k must be above zero; write a duration"),
    (
        "k = '0.1 ns'",
        lambda r: r.duration_ns("k"),
        "f:1:5: k: duration 0.1 ns is finer than one nanosecond; write it in",
    ),
    ("k = '1e9 d'", lambda r: r.duration_ns("k"), "f:1:5: k: not a duration: '1e9 d'; write a number with its unit"),
    ("k = '200000 d'", lambda r: r.duration_ns("k"), "f:1:5: k is longer than 292 years; write a shorter one"),
    (
        "k = ['1 s', '2 s', '3 s']",
        lambda r: r.duration_pair_ns("k"),
        "f:1:20: k must be one duration or two; write the shortest and the longest",
    ),
    ("k = ['1 s', '2']", lambda r: r.duration_pair_ns("k"), "f:1:13: k: not a duration: '2'; write a number"),
    ("k = []", lambda r: r.duration_pair_ns("k"), "f:1:5: k is an empty array; name at least one"),
    ("k = [1]", lambda r: r.number_pair("k"), "f:1:5: k must be two numbers, not an array; write [low, high]"),
    ("k = 1", lambda r: r.number_pair("k"), "f:1:5: k must be two numbers, not the number 1; write [low, high]"),
    ("k = [1, inf]", lambda r: r.number_pair("k"), "f:1:9: k must be a finite number; write a finite number"),
    ("k = [1, 1]", lambda r: r.number_pair("k"), "f:1:5: k 1..1 is empty; the first number must be below the second"),
    ("k = ['a', 1]", lambda r: r.texts("k"), "f:1:11: k must be a text, not the number 1; put it in quotes"),
    ("k = 1", lambda r: r.table("k"), "f:1:5: k must be a table, not the number 1; write [k] or k = { … }"),
    (
        "[k]\nx = 1",
        lambda r: list(r.named_tables("k")),
        'f:2:1: k.x must be a table, not the number 1; write [k."x"] and its keys',
    ),
    ("[k]", lambda r: list(r.array_of_tables("k")), "f:1:1: k must be an array of tables, not a table; write [[k]]"),
    ("k = [1]", lambda r: list(r.array_of_tables("k")), "f:1:6: k must be an array of tables, not the number 1"),
    ("zzz = 1", lambda r: (r.text("a"), r.finish()), "f:1:1: unknown key 'zzz' in the table; known are a"),
    ("", lambda r: (r.require("a", "b"), r.finish()), "f:1:1: the table lacks the keys a, b; add a, b"),
    (
        "nam = 1",
        lambda r: (r.require("name"), r.finish()),
        "f:1:1: unknown key 'nam' in the table; did you mean 'name'?",
    ),
]


@pytest.mark.parametrize(("text", "read", "expected"), ROWS, ids=[f"{row[0][:20]}-{n}" for n, row in enumerate(ROWS)])
def test_a_wrong_value_is_one_finding(text, read, expected):
    assert finding_of(text, read).startswith(expected)
