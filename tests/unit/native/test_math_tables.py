"""Tables and constants behind the functions, recomputed with whole numbers of any length."""

from __future__ import annotations

from fractions import Fraction

import pytest

from emulators.native.same_bits import constants as c
from emulators.native.same_bits import tables

BITS = 1400
ONE = 1 << BITS


def log_of(numerator, denominator):
    """Return ln(numerator/denominator) in units of 2**-BITS, by the series of 2 artanh."""
    z = ONE * (numerator - denominator) // (numerator + denominator)
    square, power, total, count = z * z >> BITS, z, 0, 1
    while power:
        total += power // count
        power = power * square >> BITS
        count += 2
        if abs(power) < 4:
            break
    return 2 * total


def atan_inverse(denominator, numerator=1):
    """Return atan(numerator/denominator) in units of 2**-BITS."""
    power = ONE * numerator // denominator
    total, count, sign = 0, 1, 1
    while power:
        total += sign * (power // count)
        power = power * numerator * numerator // (denominator * denominator)
        count, sign = count + 2, -sign
    return total


LN2 = log_of(2, 1)
PI = 4 * (4 * atan_inverse(5) - atan_inverse(239))


def sum_of(*parts):
    return sum(Fraction(part) for part in parts)


def is_near(parts, exact, bits):
    return abs(sum_of(*parts) - Fraction(exact, ONE)) < Fraction(1, 1 << bits)


def test_log_table_holds_the_logarithms_of_its_reciprocals():
    for inverse, high, low in tables.LOG_TABLE:
        assert is_near((high, low), -log_of(*inverse.as_integer_ratio()), 94)
        assert (high * 2.0**42).is_integer()
        assert (inverse * 256).is_integer()


@pytest.mark.parametrize("row", range(64))
def test_exp_table_holds_powers_of_the_64th_root_of_two(row):
    exact = sum_of(*tables.EXP_TABLE[row])

    assert abs(exact**64 - 2**row) < Fraction(2**row, 1 << 96)


def test_atan_table_holds_arc_tangents():
    for row, parts in enumerate(tables.ATAN_TABLE[:32]):
        assert is_near(parts, atan_inverse(32, row), 105)
    assert is_near(tables.ATAN_TABLE[32], PI // 4, 105)


def test_digits_of_two_over_pi_are_exact():
    words = tables.TWO_OVER_PI[2:]
    digits = sum(word << 32 * (len(words) - 1 - position) for position, word in enumerate(words))

    assert tables.TWO_OVER_PI[:2] == (0, 0)
    assert digits == (2 << (BITS + 32 * len(words))) // PI


def test_constants_are_as_exact_as_they_say():
    assert is_near((c.LN2_HIGH, c.LN2_LOW), LN2, 94)
    assert is_near((c.STEP_HIGH, c.STEP_LOW), LN2 // 64, 94)
    assert is_near((c.PI_HIGH, c.PI_LOW), PI, 104)
    assert is_near((c.HALF_PI_HIGH, c.HALF_PI_LOW), PI // 2, 105)
    assert is_near((c.HALF_PI_FIRST, c.HALF_PI_SECOND, c.HALF_PI_THIRD), PI // 2, 118)
    assert is_near((c.INVERSE_LN10_HIGH, c.INVERSE_LN10_LOW), ONE * ONE // log_of(10, 1), 105)


def test_rectangles_of_the_bell_curve_have_one_area():
    rows = tables.GAUSS_TABLE
    areas = [left * (rows[index + 1][1] - low) for index, (left, low) in enumerate(rows[1:-1], 1)]

    assert len(rows) == 129
    assert rows[1][0] == c.GAUSS_TAIL
    assert max(areas) - min(areas) < 1e-15
    assert rows[0][0] * rows[1][1] == pytest.approx(areas[0], rel=1e-12)
