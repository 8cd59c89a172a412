"""Tables of elementary types, units and status codes agree with what they stand for."""

import pytest

from emulators.native.ir import Scalar
from emulators.signals import (
    ELEMENTARY_TYPES,
    UNITS,
    Quality,
    StatusCode,
    Tag,
    convert,
    elementary_type,
    elementary_type_of_native,
    opcua_unit_id,
    quality_of_status,
    unit_named,
)

SCALARS = {scalar.label: scalar for scalar in Scalar}
MACHINE_TYPES = [row for row in ELEMENTARY_TYPES.values() if row.native_label is not None]


@pytest.mark.parametrize("row", MACHINE_TYPES, ids=lambda row: row.name)
def test_every_elementary_type_has_the_size_of_its_machine_type(row):
    assert SCALARS[row.native_label].size == row.size


@pytest.mark.parametrize("scalar", Scalar, ids=lambda scalar: scalar.label)
def test_every_machine_type_stands_for_an_elementary_type_of_the_same_kind(scalar):
    row = elementary_type_of_native(scalar.label)

    assert row.native_label == scalar.label
    assert (row.low is None) == scalar.is_float


def test_integer_ranges_are_those_of_the_standard():
    ranges = {name: (ELEMENTARY_TYPES[name].low, ELEMENTARY_TYPES[name].high) for name in ("SINT", "UINT", "LINT")}

    assert ranges == {"SINT": (-128, 127), "UINT": (0, 65535), "LINT": (-(2**63), 2**63 - 1)}


@pytest.mark.parametrize(("written", "name"), [("tod", "TIME_OF_DAY"), ("Dt", "DATE_AND_TIME"), ("real", "REAL")])
def test_types_are_found_in_any_case_and_by_their_short_names(written, name):
    assert elementary_type(written).name == name


def test_an_unknown_type_is_none():
    assert elementary_type("FLOAT") is None


@pytest.mark.parametrize(("written", "symbol"), [("°C", "degC"), ("m³/h", "m3/h"), ("L/min", "l/min"), ("%", "%")])
def test_units_are_found_in_their_usual_writings(written, symbol):
    assert unit_named(written).symbol == symbol


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (100.0, "degC", "degF", 212.0),
        (36.0, "m3/h", "l/s", 10.0),
        (1500.0, "rpm", "Hz", 25.0),
        (2.0, "bar", "kPa", 200),
    ],
)
def test_conversion_follows_the_definition_of_the_units(value, source, target, expected):
    assert convert(value, UNITS[source], UNITS[target]) == pytest.approx(expected)


def test_conversion_between_dimensions_is_refused():
    with pytest.raises(ValueError, match="kPa measures pressure, m measures length"):
        convert(1.0, UNITS["kPa"], UNITS["m"])


def test_no_two_units_share_a_unece_code():
    codes = [unit.unece_code for unit in UNITS.values()]

    assert len(codes) == len(set(codes))


def test_the_opcua_unit_id_is_made_of_the_characters_of_the_unece_code():
    assert opcua_unit_id(UNITS["degC"]) == 0x43454C


@pytest.mark.parametrize(
    ("status", "quality"),
    [
        (StatusCode.GOOD_LOCAL_OVERRIDE, Quality.GOOD),
        (StatusCode.UNCERTAIN_LAST_USABLE_VALUE, Quality.UNCERTAIN),
        (StatusCode.BAD_SENSOR_FAILURE, Quality.BAD),
        (0xC000_0000, Quality.BAD),
    ],
)
def test_quality_is_the_severity_of_the_status_code(status, quality):
    assert quality_of_status(status) is quality


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "9 lives"}, "not a tag name"),
        ({"type": "FLOAT"}, "not an elementary type"),
        ({"unit": "furlong"}, "unknown unit"),
        ({"eu_range": (5.0, 5.0)}, "not a range"),
        ({"eu_range": (0.0, 10.0), "safe_value": 11}, "outside 0.0..10.0"),
        ({"max_rate_per_s": 0.0}, "must be above 0"),
    ],
)
def test_an_invalid_tag_cannot_exist(changes, message):
    parts = {"name": "LT-101", "signal": "LT-101.raw_count"} | changes

    with pytest.raises(ValueError, match=message):
        Tag(**parts)
