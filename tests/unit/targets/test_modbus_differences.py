"""Differences between readings, and between a reading and its map."""

import math

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import LinkError
from hil.targets.modbus_differences import Tolerance, compare_readings, compare_with_map, tolerance_of

MAP = parse_register_map(
    SourceFile(
        "map.toml",
        """format = 1
[[register]]
tag = "LEVEL"
table = "input"
address = 0
type = "int16"
scale = 0.1
range = [0, 100]
initial = 50.04
[[register]]
tag = "MODE"
table = "holding"
address = 0
type = "uint16"
names = { 0 = "off", 1 = "on" }
[[register]]
tag = "WAVE"
table = "input"
address = 2
type = "float32"
initial = 1.0
behaviour = { kind = "sine", low = 0, high = 10, period = "1 min" }
""",
    )
)


@pytest.mark.parametrize(
    ("left", "right", "tolerance"),
    [
        (1.5, 1.5, 0.0),
        (0.1, 0.10000000149011612, 0.0),
        (math.nan, math.nan, 0.0),
        (math.inf, math.inf, 1.0),
        (10, 12, 2.0),
        ("AB ", "AB", 0.0),
        (True, True, 0.0),
    ],
)
def test_equal_values_do_not_differ(left, right, tolerance):
    assert compare_readings({"A": left}, {"A": right}, [Tolerance(distance=tolerance)]) == ()


@pytest.mark.parametrize(
    ("left", "right", "tolerance"),
    [
        (1.5, 1.6, 0.0),
        (16777216, 16777217, 0.0),
        (math.nan, 1.0, 5.0),
        (math.inf, 1.0, 5.0),
        (10, 12, 1.9),
        ("AB", "AC", 5.0),
        (True, False, 0.0),
    ],
)
def test_other_values_differ(left, right, tolerance):
    (difference,) = compare_readings({"A": left}, {"A": right}, [Tolerance(distance=tolerance)])

    assert difference.tag == "A"


def test_a_refusal_differs_from_a_value_but_not_from_a_refusal():
    refused = LinkError("answered ILLEGAL DATA ADDRESS (0x02)")

    differences = compare_readings({"A": refused, "B": refused}, {"A": 1, "B": refused})

    assert [(each.tag, each.left, each.right, each.reason) for each in differences] == [("A", None, 1, str(refused))]


def test_a_reading_as_the_map_expects_has_no_difference():
    assert compare_with_map({"LEVEL": 50.0, "MODE": 1, "WAVE": 7.3}, MAP) == ()


@pytest.mark.parametrize(
    ("reading", "reason"),
    [
        ({"LEVEL": 100.5}, "outside 0..100"),
        ({"LEVEL": 50.2}, "not the value in the map"),
        ({"MODE": 2}, "the map has no name for it"),
        ({"WAVE": LinkError("refused")}, "refused"),
    ],
)
def test_what_the_map_does_not_expect_is_found(reading, reason):
    (difference,) = compare_with_map(reading, MAP)

    assert difference.reason == reason


@pytest.mark.parametrize(
    ("text", "left", "right", "is_accepted"),
    [
        ("0.5", 10.0, 10.5, True),
        ("0.5", 10.0, 10.6, False),
        ("2%", 100.0, 98.0, True),
        ("2%", -100.0, -97.9, False),
        ("A=1", 1.0, 2.0, True),
        ("B=1", 1.0, 2.0, False),
        ("[A-C]=1", 1.0, 2.0, True),
        ("?=10%", 0.0, 0.0, True),
    ],
)
def test_a_tolerance_is_a_distance_or_a_fraction_for_all_tags_or_some(text, left, right, is_accepted):
    assert (compare_readings({"A": left}, {"A": right}, [Tolerance.parse(text)]) == ()) is is_accepted


def test_the_last_tolerance_that_speaks_of_a_tag_counts():
    tolerances = [Tolerance.parse("5"), Tolerance.parse("LEVEL*=1")]

    assert tolerance_of("LEVEL_2", tolerances).distance == 1
    assert tolerance_of("SPEED", tolerances).distance == 5


def test_no_tolerance_makes_a_switch_equal_to_its_opposite():
    assert compare_readings({"RUN": True}, {"RUN": False}, [Tolerance.parse("5")]) != ()


@pytest.mark.parametrize("text", ["", "much", "-1", "nan", "A=", "5 %%", "inf"])
def test_a_tolerance_that_is_none_says_what_to_write(text):
    with pytest.raises(ValueError, match=r"write 0\.5, 2%, LEVEL=0\.5"):
        Tolerance.parse(text)
