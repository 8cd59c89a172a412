"""How a value of a Modbus device is shown: names, units, bits that are set."""

import math

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from hil.cli.modbus_output import shown

# keys of the entry, value, text
ROWS = [
    ('type = "int16", unit = "rpm"', 1500, "1500 rpm"),
    ('type = "uint16", names = { 3 = "run" }', 3, "run (3)"),
    ('type = "uint16", flags = { 4 = "voltage", 6 = "disabled" }', 0x50, "80 (voltage, disabled)"),
    ('type = "uint16", flags = { 4 = "voltage" }', 0, "0"),
    ('type = "uint16", flags = { 4 = "voltage" }', 0x8010, "32784 (voltage, bit 15)"),
    ('type = "int16", flags = { 15 = "fault" }', -32768, "-32768 (fault)"),
    ('type = "uint32", flags = { 31 = "top" }', 2**31, "2147483648 (top)"),
    ('type = "int16", unit = "A", no_value = 0x8000', math.nan, "no value"),
]


@pytest.mark.parametrize(("keys", "value", "text"), ROWS)
def test_a_value_is_shown_with_what_it_means(keys, value, text):
    source = SourceFile("m.toml", f'format = 1\nregister = [{{ tag = "X", table = "input", address = 0, {keys} }}]\n')
    (entry,) = parse_register_map(source).entries

    assert shown(entry, value) == text
