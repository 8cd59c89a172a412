"""Where several devices alone listen, and what they are called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, sampled_from

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from hil.assembly.device_places import DevicePlace, PlaceError, device_endpoints, device_names, places

PROTOCOLS = ["modbus-tcp", "modbus-tls", "modbus-udp", "modbus-rtu-over-tcp", "modbus-rtu", "modbus-ascii"]


def device_map(name: str):
    return parse_register_map(
        SourceFile(
            f"{name}.toml", f'format = 1\nname = "{name}"\n[[register]]\ntag = "X"\nreference = 40001\ntype = "int16"\n'
        )
    )


@settings(derandomize=True, max_examples=60)
@given(sampled_from(PROTOCOLS), integers(1, 300), integers(1, 240))
def test_units_behind_one_place_follow_each_other_or_do_not_fit(protocol: str, count: int, first: int) -> None:
    place = DevicePlace(port=5020, unit_id=first, protocol=protocol)

    try:
        ((where, unit_ids),) = places(place, [None] * count)
    except PlaceError:
        assert first + count - 1 > place.last_unit_id
    else:
        assert where == place
        assert unit_ids == tuple(range(first, first + count))
        assert unit_ids[-1] <= place.last_unit_id


@settings(derandomize=True, max_examples=40)
@given(integers(2, 2000), sampled_from([0, 5020, 64000]))
def test_own_ports_follow_each_other_or_are_free_ones(count: int, port: int) -> None:
    place = DevicePlace(port=port, has_own_ports=True)

    try:
        found = places(place, [None] * count)
    except PlaceError:
        assert port + count - 1 > 65535
    else:
        assert [where.port for where, _ in found] == [port + index if port else 0 for index in range(count)]
        assert {unit_ids for _, unit_ids in found} == {(1,)}


def test_serial_line_has_no_ports_of_its_own() -> None:
    with pytest.raises(PlaceError, match="modbus-rtu has no ports"):
        places(DevicePlace(protocol="modbus-rtu", has_own_ports=True), [None, None])


def test_unit_id_0_is_for_nobody_alone_on_a_line() -> None:
    with pytest.raises(PlaceError, match="unit id 0 is the broadcast"):
        places(DevicePlace(protocol="modbus-rtu", unit_id=0), [None])

    assert places(DevicePlace(unit_id=0), [None])[0][1] == (0,)


# own unit ids, those that the devices get
OWN_IDS = [
    ([7], (7,)),
    ([None, 1, None], (2, 1, 3)),
    ([5, 5, None, 2], (5, 1, 3, 2)),
    ([3] * 4, (3, 1, 2, 4)),
]


@pytest.mark.parametrize(("own_ids", "expected"), OWN_IDS, ids=[str(row[0]) for row in OWN_IDS])
def test_devices_keep_the_unit_ids_of_their_maps_as_far_as_they_are_free(own_ids, expected) -> None:
    own_ports = places(DevicePlace(has_own_ports=True), [*own_ids, None])

    assert places(DevicePlace(), own_ids)[0][1] == expected
    assert [unit_ids for _, unit_ids in own_ports] == [(own_id or 1,) for own_id in (*own_ids, None)]
    assert places(DevicePlace(unit_id=20), own_ids)[0][1] == tuple(range(20, 20 + len(own_ids)))


def test_device_alone_has_no_name_and_several_of_one_map_are_numbered() -> None:
    maps = [device_map(name) for name in ("pump", "my meter", "pump", "3rd")]

    assert device_names(maps[:1]) == ("",)
    assert device_names(maps) == ("pump-1", "my_meter", "pump-2", "D3rd")


def test_endpoints_are_called_by_their_devices_where_each_has_one() -> None:
    maps = [device_map("pump"), device_map("fan")]

    names = [[each.name for each in device_endpoints(maps, DevicePlace(has_own_ports=own))[1]] for own in (False, True)]

    assert names == [["devices"], ["pump", "fan"]]
    assert device_endpoints(maps[:1], DevicePlace())[1][0].name == "pump"
