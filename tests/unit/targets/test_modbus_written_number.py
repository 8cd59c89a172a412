"""Numbers that a client may write by a register map: exact at the ends of each type, told in full."""

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from hil.targets.modbus_written_number import refusal_of_number


def entry(keys):
    lines = ["format = 1", "[[register]]", 'tag = "X"', 'table = "holding"', "address = 0", *keys.split("; ")]
    lines += ["[[register]]", 'tag = "SF"', 'table = "holding"', "address = 9", 'type = "int16"', "initial = -2"]
    return parse_register_map(SourceFile("map.toml", "\n".join(lines))).entries[0]


# keys of the entry, lowest and highest number that it takes, the nearest ones that it does not
ENDS = [
    ('type = "int16"', -(2**15), 2**15 - 1, -(2**15) - 1, 2**15),
    ('type = "uint32"', 0, 2**32 - 1, -1, 2**32),
    ('type = "uint48"', 0, 2**48 - 1, -(10**400), 10**400),
    ('type = "int64"', -(2**63), 2**63 - 1, -(2**63) - 1, 2**63),
    ('type = "uint64"', 0, 2**64 - 1, -1, 2**64),
    ('type = "bcd64"', 0, 10**16 - 1, -1, 10**16),
    ('type = "mod10k32"', 0, 10**8 - 1, -1, 10**8),
    ('type = "bits[4]"; bit = 2', 0, 15, -1, 16),
    ('type = "uint16"; scale = 0.1', 0.0, 6553.5, -0.1, 6553.6),
    ('type = "int16"; scale = -0.5; offset = 10', -16373.5, 16394.0, -16374, 16394.5),
    ('type = "float32"', -3.4028234663852886e38, 3.4028234663852886e38, -3.5e38, 3.5e38),
    ('type = "float64"', -1.7976931348623157e308, 1.7976931348623157e308, -(10**400), 10**400),
    ('type = "float64"; scale = 0.1', -1e307, 1e307, -1e308, 10**400),
    ('type = "uint64"; scale = 2', 0, 2**64 - 2, -2, 2**66),
]


@pytest.mark.parametrize(("keys", "low", "high", "below", "above"), ENDS, ids=[row[0] for row in ENDS])
def test_a_number_fits_up_to_the_ends_of_its_type(keys, low, high, below, above):
    found = entry(keys)

    assert [refusal_of_number(found, number) for number in (low, high)] == ["", ""]
    assert all("does not fit" in refusal_of_number(found, number) for number in (below, above))


# keys of the entry, number, what is told
TOLD = [
    ('type = "uint32"', 2**32, "4294967296 does not fit uint32: 0..4294967295"),
    ('type = "mod10k32"', 10**8, "100000000 does not fit mod10k32: 0..99999999"),
    ('type = "int16"; scale = 0.1', 4000, "4000 does not fit int16: -3276.8..3276.7"),
    ('type = "int16"', 1.0000001, "1.0000001 is no whole number"),
    ('type = "float32"; initial = 0; range = [0, 40]', 40.000001, "40.000001 is outside 0..40"),
    ('type = "uint32"; initial = 0; range = [0, 16777217]', 2e7, "20000000 is outside 0..16777217"),
    ('type = "int16"', float("inf"), "inf is not a finite number"),
    ('type = "uint16"; names = { 0 = "off", 70 = "on" }', 7, "7 has no name in the map; known are 0 off, 70 on"),
]


@pytest.mark.parametrize(("keys", "number", "text"), TOLD, ids=[row[2] for row in TOLD])
def test_a_refusal_tells_number_and_limits_in_full(keys, number, text):
    assert refusal_of_number(entry(keys), number) == text


def test_a_scale_factor_of_the_device_says_what_fits():
    assert refusal_of_number(entry('type = "uint16"; scale_factor = "SF"'), 100_000.5) == ""
