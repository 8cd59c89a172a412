"""Values whose power of ten stands in another register of the map."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_map_writer import lost_in_csv, map_as_csv, map_as_toml
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues
from emulators.signals.publication import PublishedSnapshot


def map_of(factor, value):
    rows = [
        f'{{ tag = "A", table = "holding", address = 0, type = "int16", {value} }},',
        f'{{ tag = "A_SF", table = "holding", address = 1, {factor} }},',
    ]
    return parse_register_map(SourceFile("m.toml", "\n".join(["format = 1", "register = [", *rows, "]"])))


@given(exponent=st.integers(-10, 10), count=st.integers(-32768, 32767))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_the_device_shows_a_value_by_the_factor_that_it_has(exponent, count):
    value = count * 10**exponent if exponent >= 0 else count / 10**-exponent
    described = map_of(f'type = "int16", initial = {exponent}', f'scale_factor = "A_SF", initial = {value!r}')
    values = OwnValues(described.entries)
    image = RegisterImage(described, values.publication)

    image.publish(PublishedSnapshot(1, 1, values.record()))

    wire = image.memory.holding_registers.read(0, 2)
    assert [int.from_bytes(wire[at : at + 2], "big", signed=True) for at in (0, 2)] == [count, exponent]
    assert image.entries[0].decode(wire[:2]) == pytest.approx(value, rel=1e-15)


def test_a_factor_reads_back_from_toml_and_csv():
    described = map_of('type = "int16", initial = -2', 'scale_factor = "A_SF", initial = 1.25')

    again = parse_register_map(SourceFile("m.toml", map_as_toml(described)))

    assert [(entry.scale, entry.scale_factor and entry.scale_factor.value) for entry in again.entries] == [
        (0.01, "A_SF"),
        (1.0, None),
    ]
    assert "scale = " not in map_as_toml(described)
    assert lost_in_csv(described, map_as_csv(described)) == []


# keys of the factor, of the value, what is reported
REFUSED = [
    ('type = "int16"', 'scale_factor = "B_SF"', "there is no register 'B_SF'; did you mean 'A_SF'?"),
    ('type = "float32"', 'scale_factor = "A_SF"', "A_SF is no constant whole number"),
    ('type = "int16", scale = 0.1', 'scale_factor = "A_SF"', "A_SF is no constant whole number"),
    ('type = "int16", behaviour = { kind = "counter" }', 'scale_factor = "A_SF"', "A_SF is no constant whole number"),
    ('type = "int16", initial = 11', 'scale_factor = "A_SF"', "A_SF is 11, outside -10..10"),
    ('type = "int16"', 'scale_factor = "A_SF", scale = 0.1', "register 'A' has both a scale and a scale_factor"),
]


@pytest.mark.parametrize(("factor", "value", "message"), REFUSED, ids=[f"{row[0]} {row[1]}" for row in REFUSED])
def test_what_is_no_factor_is_refused(factor, value, message):
    with pytest.raises(DescriptionError) as error:
        map_of(factor, value)

    assert message in str(error.value)
