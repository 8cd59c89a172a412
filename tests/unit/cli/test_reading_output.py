"""Readings one after the other: a line or block each, what failed in between, and how it ends."""

from __future__ import annotations

import json

import pytest

from emulators.errors import LinkError
from hil.cli.reading_options import meant_names
from hil.cli.reading_output import ReadingSource, plant_moment, wall_moment, watch

SOURCE = ReadingSource("here", lambda name, value: f"{value} bar", lambda name: "bar")
GOOD, REFUSED = {"P": 1.5, "Q": True}, {"P": LinkError("no P"), "Q": False}
LOST = LinkError("nobody there")


def readings(*values):
    return [(plant_moment(2_000_000_000 * number), each) for number, each in enumerate(values)]


def test_csv_has_a_line_a_reading_and_blanks_for_what_is_missing(capsys):
    watch(SOURCE, "csv", readings(GOOD, LOST, REFUSED))

    out, err = capsys.readouterr()
    assert out.splitlines() == ["time_s,P,Q", "0.000000000,1.5,true", "2.000000000,,", "4.000000000,,false"]
    assert err == "nobody there\nno P\n"


def test_csv_begins_with_its_header_also_where_the_first_reading_fails(capsys):
    watch(SOURCE, "csv", readings(LOST, GOOD))

    out, err = capsys.readouterr()
    assert out.splitlines() == ["time_s,P,Q", "2.000000000,1.5,true"]
    assert err == "nobody there\n"


def test_json_has_an_object_a_reading(capsys):
    watch(SOURCE, "json", readings(GOOD, LOST, REFUSED))

    out, err = capsys.readouterr()
    assert [json.loads(line) for line in out.splitlines()] == [
        {"time_ns": 0, "values": {"P": 1.5, "Q": True}},
        {"time_ns": 2_000_000_000, "error": "nobody there"},
        {"time_ns": 4_000_000_000, "values": {"P": None, "Q": False}},
    ]
    assert err == "no P\n"


def test_text_has_the_time_and_a_line_a_value(capsys):
    watch(SOURCE, None, readings(LOST, GOOD))

    out, err = capsys.readouterr()
    assert out.splitlines() == ["0 ns", "2.0 s", "  P  1.5 bar", "  Q  True bar"]
    assert err == "nobody there\n"


@pytest.mark.parametrize(("values", "outcome"), [([GOOD, GOOD], True), ([GOOD, REFUSED], False), ([LOST, GOOD], False)])
def test_watching_says_whether_every_value_was_there(values, outcome, capsys):
    assert watch(SOURCE, "csv", readings(*values)) is outcome


def test_an_interrupt_ends_watching_with_what_was_shown(capsys):
    def interrupted():
        yield wall_moment(), GOOD
        raise KeyboardInterrupt

    assert watch(SOURCE, "csv", interrupted()) is True

    assert len(capsys.readouterr().out.splitlines()) == 2


def test_patterns_mean_known_names_once_and_in_order():
    known = ["A1", "A2", "B*", "B1"]

    assert meant_names(["B1", "A*", "A1", "B*", "holding:0", "X?"], known) == [
        *("B1", "A1", "A2", "B*", "holding:0", "X?"),
    ]
