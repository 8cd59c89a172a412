"""Literals: what is written to what it is worth."""

from __future__ import annotations

import struct
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.iec61131 import SourceText, check
from emulators.iec61131.literals import (
    date_literal,
    duration_literal,
    integer_literal,
    real_literal,
    round_to_width,
    string_literal,
)

MS, S = 1_000_000, 1_000_000_000

INTEGERS = [("0", 0), ("1_000", 1000), ("16#FF", 255), ("16#ff_FF", 65535), ("2#1010_1010", 170), ("8#17", 15)]
DURATIONS = [
    ("T#14ms", 14 * MS),
    ("T#-14ms", -14 * MS),
    ("T#14.7s", 14_700 * MS),
    ("T#14.7m", 882 * S),
    ("T#25h15m", 90900 * S),
    ("t#5d14h12m18s3.5ms", 483_138 * S + 3_500_000),
    ("T#25h_15m", 90900 * S),
    ("TIME#1us", 1000),
    ("LTIME#5m_30s_500ms_100.1us", 330 * S + 500 * MS + 100_100),
    ("T#1.5ns", 1),
]
DATES = [
    ("D#1970-01-01", ("DATE", 0)),
    ("DATE#1984-06-25", ("DATE", 5289 * 86400 * S)),
    ("LD#2012-02-29", ("LDATE", 15399 * 86400 * S)),
    ("TOD#15:36:55.36", ("TOD", (15 * 3600 + 36 * 60 + 55) * S + 360 * MS)),
    ("TIME_OF_DAY#00:00:00", ("TOD", 0)),
    ("DT#1984-06-25-15:36:55.36", ("DT", 5289 * 86400 * S + 56215 * S + 360 * MS)),
    ("LDT#1970-01-01-00:00:00.000_000_001", ("LDT", 1)),
]
STRINGS = [
    ("'abc'", "abc"),
    ("''", ""),
    ("'$$ $' $N$L$P$R$T'", "$ ' \n\n\f\r\t"),
    ("'$41$e4'", "Aä"),
    ("'\"'", '"'),
    ('"a$"b$00E4"', 'a"bä'),
    ('"€"', "€"),
]
WRONG = [
    (integer_literal, "3#12"),
    (integer_literal, "16#G"),
    (integer_literal, "2#2"),
    (duration_literal, "T#5"),
    (duration_literal, "T#5x"),
    (duration_literal, "T#1s2m"),
    (duration_literal, "T#1.5s3ms"),
    (duration_literal, "T#300000d"),
    (date_literal, "D#2023-02-29"),
    (date_literal, "D#2023-02"),
    (date_literal, "TOD#24:00:00"),
    (date_literal, "DT#2023-01-01"),
    (date_literal, "D#9999-01-01"),
    (string_literal, "'$Z'"),
    (string_literal, "'€'"),
]


@pytest.mark.parametrize(("text", "value"), INTEGERS)
def test_integer_is_worth(text, value):
    assert integer_literal(text) == value


@pytest.mark.parametrize(("text", "value"), DURATIONS)
def test_duration_is_worth_nanoseconds(text, value):
    assert duration_literal(text) == value


@pytest.mark.parametrize(("text", "value"), DATES)
def test_date_is_worth_nanoseconds_of_its_type(text, value):
    assert date_literal(text) == value


@pytest.mark.parametrize(("text", "value"), STRINGS)
def test_string_has_characters(text, value):
    assert string_literal(text) == value


@pytest.mark.parametrize(("reader", "text"), WRONG)
def test_wrong_literal_is_refused_with_an_explanation(reader, text):
    with pytest.raises(ValueError, match=r"\w+ \w+"):
        reader(text)


def test_wide_string_counts_utf_16_units():
    assert len(string_literal('"😀"')) == 2


@settings(derandomize=True, max_examples=300)
@given(st.fractions(min_value=-(10**39), max_value=10**39))
def test_rounding_to_32_bits_gives_the_nearest_float(value):
    try:
        rounded = round_to_width(value, 32)
    except OverflowError:
        assert abs(value) > Fraction(2**128 - 2**103)
        return

    (bits,) = struct.unpack("<I", struct.pack("<f", rounded))
    neighbours = [struct.unpack("<f", struct.pack("<I", near))[0] for near in (max(bits, 1) - 1, bits + 1)]
    finite = [Fraction(near) for near in neighbours if abs(near) < 3.5e38]
    assert all(abs(Fraction(rounded) - value) <= abs(near - value) for near in finite)


@settings(derandomize=True, max_examples=200)
@given(st.floats(allow_nan=False, allow_infinity=False, min_value=0.0))
def test_a_real_literal_keeps_a_written_float(value):
    text = f"{Fraction(value).limit_denominator(10**6).numerator}.5e-3"

    assert real_literal(text) == Fraction(text)


@settings(derandomize=True, max_examples=200)
@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_duration_written_in_nanoseconds_is_itself(value):
    assert duration_literal(f"LT#{value}ns") == value


BOOL_TAKES = [("TRUE", True), ("0", True), ("1", True), ("BOOL#1", True), ("BOOL#FALSE", True), ("2", False)]


@pytest.mark.parametrize(("text", "is_right"), BOOL_TAKES)
def test_bool_takes_only_true_false_zero_and_one(text, is_right):
    found = check([SourceText("a.st", f"PROGRAM p VAR b : BOOL := {text}; END_VAR b := {text}; END_PROGRAM")])

    assert (found == []) == is_right
