"""The 4-20 mA chain: inverse functions, limits of NE 43, clamping."""

import math

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers

from emulators.signals import (
    EngineeringRange,
    RawSpan,
    StatusCode,
    count_from_current,
    current_from_count,
    current_from_engineering,
    engineering_from_current,
    limit_to_measurement,
    status_of_current,
)

# row of our table, loop current in mA, expected raw count for span 0..27648
LINEAR_ROWS = [("low_end", 4.0, 0), ("mid", 12.0, 13824), ("high_end", 20.0, 27648), ("open_wire", 0.0, -6912)]

# row of our table, loop current in mA, status
NE43_ROWS = [
    ("open_wire", 0.0, StatusCode.BAD_SENSOR_FAILURE),
    ("failure_low_limit", 3.6, StatusCode.BAD_SENSOR_FAILURE),
    ("below_measurement", 3.7, StatusCode.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED),
    ("measurement_low_limit", 3.8, StatusCode.GOOD),
    ("measurement_high_limit", 20.5, StatusCode.GOOD),
    ("above_measurement", 20.8, StatusCode.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED),
    ("failure_high_limit", 21.0, StatusCode.BAD_SENSOR_FAILURE),
    ("not_a_number", math.nan, StatusCode.BAD_SENSOR_FAILURE),
]


@pytest.mark.parametrize(("current_ma", "expected"), [r[1:] for r in LINEAR_ROWS], ids=[r[0] for r in LINEAR_ROWS])
def test_raw_count_follows_the_linear_law(current_ma, expected):
    assert count_from_current(current_ma, RawSpan(0, 27648)) == expected


@pytest.mark.parametrize(("current_ma", "expected"), [r[1:] for r in NE43_ROWS], ids=[r[0] for r in NE43_ROWS])
def test_status_follows_the_limits_of_ne_43(current_ma, expected):
    assert status_of_current(current_ma) is expected


@settings(derandomize=True)
@given(low=integers(-32768, 32766), width=integers(1, 1000), current_ma=floats(4.0, 20.0))
def test_count_stays_inside_the_span_for_a_valid_current(low, width, current_ma):
    span = RawSpan(low, min(32767, low + width))

    count = count_from_current(current_ma, span)

    assert span.at_4_ma <= count <= span.at_20_ma


@settings(derandomize=True)
@given(count=integers(-32768, 32767), low=integers(-32768, 0), width=integers(1, 32767))
def test_current_from_count_is_the_inverse_of_count_from_current(count, low, width):
    span = RawSpan(low, low + width)

    assert count_from_current(current_from_count(count, span), span) == count


@settings(derandomize=True)
@given(current_ma=floats(0.0, 24.0), low=floats(-1e3, 1e3), width=floats(1e-3, 1e3))
def test_engineering_value_and_current_are_inverse(current_ma, low, width):
    span = EngineeringRange(low, low + width)

    engineering = engineering_from_current(current_ma, span)

    assert current_from_engineering(engineering, span) == pytest.approx(current_ma, abs=1e-4)


@settings(derandomize=True)
@given(current_ma=floats(allow_nan=False))
def test_a_healthy_transmitter_never_leaves_the_measurement_range(current_ma):
    assert 3.8 <= limit_to_measurement(current_ma) <= 20.5


def test_count_is_clamped_to_a_signed_register():
    assert count_from_current(1e9, RawSpan(0, 27648)) == 32767


@pytest.mark.parametrize("current_ma", [math.nan, math.inf])
def test_a_current_that_is_not_finite_has_no_count(current_ma):
    with pytest.raises(ValueError, match="must be finite"):
        count_from_current(current_ma, RawSpan(0, 27648))


def test_an_empty_raw_span_cannot_exist():
    with pytest.raises(ValueError, match="is empty"):
        RawSpan(5, 5)


def test_a_reversed_engineering_range_cannot_exist():
    with pytest.raises(ValueError, match="swap the two numbers"):
        EngineeringRange(5.0, 0.0)
