"""How values are assigned on the command line: alike in ``hil write``, ``hil force`` and ``hil modbus write``."""

from __future__ import annotations

import click
import pytest

from hil.cli.assignments import parse_assignments
from hil.cli.main import main

# words, names and texts of values
READ_ROWS = [
    (("SP=60",), [("SP", "60")]),
    (("SP=60", "START=true"), [("SP", "60"), ("START", "true")]),
    (("SP", "60"), [("SP", "60")]),
    (("SP", "-5.5"), [("SP", "-5.5")]),
    (("NAME", "a=b"), [("NAME", "a=b")]),
    (("NAME=a=b",), [("NAME", "a=b")]),
    (("NAME=",), [("NAME", "")]),
    ((), []),
]
# words, what is said about them
REFUSED_ROWS = [
    (("SP",), "'SP' assigns nothing; write NAME=VALUE, as in SP=60"),
    (("=60",), "'=60' assigns nothing"),
    (("SP", "60", "70"), "'SP' assigns nothing"),
    (("SP=60", "START"), "'START' assigns nothing"),
    (("SP=60", "--dryrun"), "--dryrun"),
]


@pytest.mark.parametrize(("words", "expected"), READ_ROWS)
def test_words_are_read_as_assignments(words, expected):
    assert parse_assignments(words, example="SP=60") == expected


@pytest.mark.parametrize(("words", "said"), REFUSED_ROWS)
def test_word_that_assigns_nothing_is_wrong_usage(words, said):
    with pytest.raises(click.UsageError) as refused:
        parse_assignments(words, example="SP=60")

    assert said in refused.value.format_message()


def test_mistyped_option_is_told_with_the_one_that_was_meant(capsys):
    assert main(["force", "PLC1.START", "--relaese"]) == 2
    assert "Did you mean" in capsys.readouterr().err
