"""Maps imported from pymodbus: values, access, behaviours, what is left out; and TOML that reads back."""

from __future__ import annotations

import json

import pytest
from pymodbus.pdu.device import ModbusDeviceIdentification
from pymodbus.simulator import DataType, SimData, SimDevice

from emulators.description import RegisterTable, load_register_map
from emulators.description.pymodbus_json import map_of_simulator_json
from emulators.description.pymodbus_sim_device import map_of_sim_device
from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_map_writer import map_as_toml
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError

DEFAULTS = {"bits": 0, "uint16": 0, "uint32": 0, "float32": 0.0, "float64": 0.0, "string": " "}


def simulator_json(*, is_shared=True, size=100, actions=None, **sections):
    setup = {f"{table} size": size for table in ("co", "di", "hr", "ir")}
    setup |= {
        "shared blocks": is_shared,
        "type exception": True,
        "defaults": {"value": DEFAULTS, "action": dict.fromkeys(DEFAULTS) | (actions or {})},
    }
    device = {"setup": setup, "invalid": [], "write": [], "repeat": [], **sections}
    return SourceFile("setup.json", json.dumps({"device_list": {"meter": device}}))


def facts(imported):
    entries = imported.register_map.entries
    return {
        (entry.table.value, entry.address): (entry.type.name, entry.initial, entry.access.value) for entry in entries
    }


def test_values_of_a_shared_block_stand_in_both_register_tables():
    source = simulator_json(
        uint16=[{"addr": 3, "value": 17}, [5, 6]],
        float32=[{"addr": [8, 11], "value": 1.5}],
        string=[{"addr": [20, 22], "value": "ABCDEF"}],
        write=[3],
    )

    found = facts(map_of_simulator_json(source))

    assert found[("holding", 3)] == ("uint16", 17, "rw")
    assert found[("input", 3)] == ("uint16", None, "r")
    assert found[("holding", 5)] == ("uint16", 0, "r")
    assert [found[("holding", at)] for at in (8, 10)] == [("float32", 1.5, "r")] * 2
    assert found[("holding", 20)] == ("string[6]", "ABCDEF", "r")


def test_bits_become_coils_at_sixteen_times_their_register():
    found = facts(map_of_simulator_json(simulator_json(bits=[{"addr": 2, "value": 5}], write=[2])))

    coils = [found[("coil", 32 + bit)] for bit in range(4)]
    assert coils == [("bool", True, "rw"), ("bool", False, "rw"), ("bool", True, "rw"), ("bool", False, "rw")]
    assert ("discrete", 47) in found


def test_separate_blocks_lie_one_behind_the_other():
    source = simulator_json(is_shared=False, uint16=[{"addr": 205, "value": 1}, {"addr": 307, "value": 2}])

    assert facts(map_of_simulator_json(source)) == {
        ("input", 5): ("uint16", 1, "r"),
        ("holding", 7): ("uint16", 2, "r"),
    }


def test_invalid_registers_are_gaps():
    found = facts(map_of_simulator_json(simulator_json(uint16=[[1, 4]], invalid=[[2, 3]])))

    assert {address for _, address in found} == {1, 4}


# keys of the value, kind of the behaviour and a value of it
ACTION_ROWS = [
    ({"action": "increment"}, "counter", "step", 1.0),
    ({"action": "uptime"}, "counter", "period", 1_000_000_000),
    ({"action": "increment", "parameters": {"minval": 45, "maxval": 155}}, "ramp", "period", 110_000_000_000),
    ({"action": "random", "parameters": {"minval": 45, "maxval": 55}}, "random_walk", "low", 45.0),
]


@pytest.mark.parametrize(("keys", "kind", "key", "value"), ACTION_ROWS, ids=[str(row[0]) for row in ACTION_ROWS])
def test_actions_become_behaviours(keys, kind, key, value):
    imported = map_of_simulator_json(simulator_json(uint16=[{"addr": 1, "value": 50, **keys}]))

    behaviour = imported.register_map.entries[0].behaviour
    assert (behaviour.kind, behaviour.values[key]) == (kind, value)


def test_what_has_no_counterpart_is_noted_once():
    source = simulator_json(
        uint16=[{"addr": 1, "action": "timestamp"}, {"addr": 2, "action": "timestamp"}],
        uint32=[[4, 5]],
        repeat=[{"addr": [1, 4], "to": [11, 14]}, {"addr": [1, 2], "to": [21, 22]}, {"addr": [1, 5], "to": [31, 34]}],
    )

    assert map_of_simulator_json(source).notes == (
        "the action 'timestamp' of uint16 is left out",
        "values that the section 'repeat' cuts are left out",
    )


def test_a_repeated_section_has_behaviours_bits_and_rights_of_its_original():
    source = simulator_json(
        bits=[{"addr": 1, "value": 2}],
        uint16=[{"addr": 2, "value": 7, "action": "increment"}, {"addr": 3, "value": 8}, {"addr": 14, "value": 9}],
        write=[1, 3],
        repeat=[{"addr": [1, 4], "to": [11, 18]}],
    )

    imported = map_of_simulator_json(source)

    found = facts(imported)
    assert [found[("coil", 16 * at + 1)] for at in (1, 11, 15)] == [("bool", True, "rw")] * 3
    assert [found[("holding", at)] for at in (3, 13, 17)] == [("uint16", 8, "rw")] * 3
    assert ("holding", 14) not in found
    counters = [entry.address for entry in imported.register_map.entries if entry.behaviour is not None]
    assert counters == [2, 12, 16]


# text, what is reported
REFUSED = [
    ("{", "setup.json:1:2: this is no JSON"),
    ("{}", "there is no device_list"),
    ('{"device_list": {"a": {}, "b": {}}}', "the file has 2 devices; choose one: setup.json:a, setup.json:b"),
    ('{"device_list": {"a": {}}}', "device 'a' is not as the simulator of pymodbus has it"),
]


@pytest.mark.parametrize(("text", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_a_file_that_is_no_setup_of_the_simulator_is_refused(text, message):
    with pytest.raises(DescriptionError) as error:
        map_of_simulator_json(SourceFile("setup.json", text))

    assert message in str(error.value)


# sections of a device, what is told of them
UNUSABLE = [
    ({"uint16": [{"addr": 1, "value": 70000}]}, "R1: 70000 is outside 0..65535 of uint16"),
    ({"uint16": [{"addr": 1, "value": -5}]}, "R1: -5 is outside 0..65535 of uint16"),
    ({"uint16": [[3, 9]], "float32": [[8, 9]]}, "the register 8 has two values"),
    ({"uint16": [[3, 9]], "float32": [[2, 3]]}, "holding 2 has two values"),
    ({"uint32": [[65535, 65536]]}, "holding 65535 is outside 0..65535"),
    ({"uint16": [{"addr": 1, "value": float("inf")}]}, "cannot convert float infinity"),
    ({"uint16": [3, {"value": 1}]}, "uint16 {\"value\": 1}: 'addr' is missing; correct the file"),
    ({"string": [3.5]}, "string 3.5: it has another form; correct the file"),
    ({"write": ["x"]}, 'write "x": '),
    ({"repeat": [{"addr": [2, 1], "to": [4, 5]}]}, "the range [2, 1] is reversed or negative"),
]


@pytest.mark.parametrize(("sections", "message"), UNUSABLE, ids=[row[1] for row in UNUSABLE])
def test_a_device_that_no_map_can_have_is_refused_at_once(sections, message):
    with pytest.raises(DescriptionError, match=r"device 'meter' is not as the simulator of pymodbus has it") as error:
        map_of_simulator_json(simulator_json(**sections))

    assert message in str(error.value)


def test_a_misspelt_device_is_found():
    with pytest.raises(DescriptionError, match="did you mean 'meter'"):
        map_of_simulator_json(simulator_json(), "metr")


def test_a_sim_device_with_shared_registers_is_read():
    device = SimDevice(
        id=1,
        simdata=[
            SimData(0, values=[1, 2], count=2, datatype=DataType.INT32),
            SimData(10, values="ABCD", datatype=DataType.STRING, readonly=True),
            SimData(20, count=3, datatype=DataType.INVALID),
            SimData(30, values=[True, False] * 8, datatype=DataType.BITS),
        ],
        identity=ModbusDeviceIdentification(info_name={"VendorName": "Example"}),
    )

    imported = map_of_sim_device(device, "DEVICE", "own.py")
    found = facts(imported)

    assert [found[("holding", at)] for at in (0, 2, 4, 6)] == [("int32", value, "rw") for value in (1, 2, 1, 2)]
    assert found[("holding", 10)] == ("string[4]", "ABCD", "r")
    assert found[("holding", 30)] == ("uint16", 0x5555, "rw")
    assert ("holding", 20) not in found
    assert imported.register_map.identity["vendor_name"] == "Example"


def test_a_sim_device_with_four_blocks_is_read():
    bits = [SimData(0, values=[True, False], datatype=DataType.BITS)]
    registers = [SimData(5, values=7, datatype=DataType.REGISTERS)]
    device = SimDevice(id=1, simdata=(bits, bits, registers, registers))

    found = facts(map_of_sim_device(device, "DEVICE", "own.py"))

    assert found == {
        ("coil", 0): ("bool", True, "rw"),
        ("coil", 1): ("bool", False, "rw"),
        ("discrete", 0): ("bool", True, "r"),
        ("discrete", 1): ("bool", False, "r"),
        ("holding", 5): ("uint16", 7, "rw"),
        ("input", 5): ("uint16", 7, "r"),
    }


def test_something_else_is_no_sim_device():
    with pytest.raises(DescriptionError, match="'x' is no SimDevice"):
        map_of_sim_device(object(), "x", "own.py")


def test_an_imported_map_reads_back_from_its_toml(tmp_path):
    source = simulator_json(
        bits=[2], uint16=[{"addr": 3, "value": 17, "action": "increment"}], string=[{"addr": 9, "value": 'a"'}]
    )
    imported = map_of_simulator_json(source)
    (tmp_path / "map.toml").write_text(map_as_toml(imported.register_map))

    again = load_register_map(tmp_path / "map.toml")

    assert [(entry.tag, entry.table, entry.initial, entry.access) for entry in again.entries] == [
        (entry.tag, entry.table, entry.initial, entry.access) for entry in imported.register_map.entries
    ]
    assert again.entries[-1].table is RegisterTable.INPUT_REGISTER
    moved = {entry.tag: entry.behaviour.values for entry in again.entries if entry.behaviour is not None}
    assert moved["R3"]["period"] == 1_000_000_000


ALL_KEYS = """format = 1
name = "all"
description = "every key"
gaps = "zero"
half_values = "refuse"
[[register]]
tag = "A"
table = "holding"
address = 0
type = "bits[4]"
bit = 3
access = "once"
names = { 0 = "off \\"x\\"", 1 = "on" }
initial = 1
[[register]]
tag = "B"
reference = 30001
type = "float32"
word_order = "little"
byte_order = "little"
scale = 0.1
offset = -2
unit = "degC"
range = [-5, 5.5]
signal = "oven_degc"
description = "temperature"
[[register]]
tag = "C"
reference = 40010
type = "int16"
behaviour = { kind = "mirror", of = "A", delay = "200 ms" }
[twin]
component = "temperature_controller"
step = "50 ms"
heater_rise_k = 200.0
[identity]
vendor_name = "Example"
"""


def test_toml_of_a_map_has_every_key():
    original = parse_register_map(SourceFile("m.toml", ALL_KEYS))

    again = parse_register_map(SourceFile("m.toml", map_as_toml(original)))

    def plain(register_map):
        entries = [
            (*(getattr(entry, key) for key in PLAIN_KEYS), getattr(entry.signal, "value", None))
            for entry in register_map.entries
        ]
        behaviour = dict(register_map.entries[2].behaviour.values)
        twin = register_map.twin
        parameters = [(name.value, value) for name, value in twin.parameters]
        head = (register_map.name, register_map.description, register_map.are_gaps_zero, register_map.half_values)
        return entries, behaviour, twin.component.value, twin.step_ns, parameters, head, dict(register_map.identity)

    assert plain(again) == plain(original)


PLAIN_KEYS = (
    *("tag", "table", "address", "type", "bit", "word_order", "byte_order", "scale", "offset"),
    *("access", "unit", "eu_range", "names", "initial", "description"),
)


def test_the_unit_id_of_a_sim_device_is_that_of_the_map():
    data = [SimData(0, values=[1], datatype=DataType.REGISTERS)]

    imported = {unit_id: map_of_sim_device(SimDevice(unit_id, data), "D", "d.py") for unit_id in (0, 1, 247, 250)}

    assert [each.register_map.unit_id for each in imported.values()] == [None, 1, 247, None]
    assert imported[250].notes == ("the unit id 250 is left out: single devices have 1 to 247",)


# servers of the file, unit id and vendor of the map, notes
SERVER_ROWS = [
    ([], None, None, ()),
    ([{"comm": "tcp"}], None, None, ()),
    ([{"device_id": 9, "identity": {"VendorName": "Example", "ModelName": ""}}], 9, "Example", ()),
    ([{"device_id": "9"}, {"device_id": "9"}], 9, None, ()),
    ([{"device_id": 9}, {"comm": "serial"}], None, None, ("the servers differ in device_id, which is left out",)),
]


@pytest.mark.parametrize(
    ("servers", "unit_id", "vendor", "notes"), SERVER_ROWS, ids=[str(row[0]) for row in SERVER_ROWS]
)
def test_what_the_servers_of_a_simulator_agree_on_is_the_devices(servers, unit_id, vendor, notes):
    content = json.loads(simulator_json(uint16=[1]).text)
    content["server_list"] = {f"server {index}": each for index, each in enumerate(servers)}

    imported = map_of_simulator_json(SourceFile("setup.json", json.dumps(content)))

    assert imported.register_map.unit_id == unit_id
    assert imported.register_map.identity.get("vendor_name") == vendor
    assert imported.notes == notes
