"""What pymodbus simulates has the same registers here: its own examples, its shipped configuration, random devices."""

import copy
import json
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymodbus.datastore.simulator import CellType, ModbusSimulatorContext
from pymodbus.simulator import DataType, SimData, SimDevice

from emulators.description.pymodbus_json import map_of_simulator_json
from emulators.description.pymodbus_sim_device import map_of_sim_device
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError
from emulators.modbus.codes import ModbusRefusal
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues
from emulators.signals.publication import PublishedSnapshot

SHIPPED = files("pymodbus.server.simulator").joinpath("setup.json").read_text()


def image_of(register_map):
    values = OwnValues(register_map.entries)
    image = RegisterImage(register_map, values.publication)
    image.publish(PublishedSnapshot(1, 1, values.record()))
    return image


def registers(cells, first, count):
    """Return the registers from ``first``, None where the device refuses a read."""
    return [register(cells, address) for address in range(first, first + count)]


def register(cells, address):
    try:
        return int.from_bytes(cells.read(address, 1), "big")
    except ModbusRefusal:
        return None


def theirs(block):
    first, words, flags = block
    return first, [None if flag == DataType.INVALID else word for word, flag in zip(words, flags, strict=True)]


INTEGERS = {DataType.INT16: 15, DataType.INT32: 31, DataType.INT64: 63}
UNSIGNED = {DataType.UINT16: 16, DataType.REGISTERS: 16, DataType.UINT32: 32, DataType.UINT64: 64}
one_value = st.one_of(
    *(st.tuples(st.just(kind), st.integers(-(2**bits), 2**bits - 1)) for kind, bits in INTEGERS.items()),
    *(st.tuples(st.just(kind), st.integers(0, 2**bits - 1)) for kind, bits in UNSIGNED.items()),
    st.tuples(st.just(DataType.FLOAT32), st.floats(width=32, allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(DataType.FLOAT64), st.floats(allow_nan=False, allow_infinity=False)),
    st.tuples(st.just(DataType.STRING), st.text("ABCé", min_size=1, max_size=7)),
    st.tuples(st.just(DataType.BITS), st.integers(0, 65535)),
)
SIZES = {DataType.STRING: 7, DataType.BITS: 1}
blocks = st.lists(st.tuples(one_value, st.integers(0, 3), st.integers(1, 3)), min_size=1, max_size=5)


def laid_out(drawn):
    """Return SimData one behind the other with gaps; count stays 1 where pymodbus applies it twice (texts and bits)."""
    block, address = [], 0
    for (kind, value), gap, count in drawn:
        count = 1 if kind in SIZES else count
        block.append(SimData(address + gap, count=count, values=value, datatype=kind))
        address += gap + 4 * count * (2 if kind is DataType.STRING else 1)
    return block


@given(drawn=blocks)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_a_shared_block_has_the_registers_that_pymodbus_builds(drawn):
    device = SimDevice(id=1, simdata=laid_out(drawn))
    first, expected = theirs(device.build_device())

    memory = image_of(map_of_sim_device(device, "D", "d.py").register_map).memory

    assert registers(memory.holding_registers, first, len(expected)) == expected
    assert registers(memory.input_registers, first, len(expected)) == expected


@given(holding=blocks, inputs=blocks, bits=st.lists(st.booleans(), min_size=1, max_size=40), offset=st.integers(0, 20))
@settings(derandomize=True, max_examples=40, deadline=None)
def test_blocks_apart_have_their_own_cells(holding, inputs, bits, offset):
    data = SimData(offset, values=bits, datatype=DataType.BITS)
    device = SimDevice(id=1, simdata=([data], [data], laid_out(holding), laid_out(inputs)))
    built = device.build_device()

    memory = image_of(map_of_sim_device(device, "D", "d.py").register_map).memory

    for cells, name in ((memory.holding_registers, "h"), (memory.input_registers, "i")):
        first, expected = theirs(built[name])
        assert registers(cells, first, len(expected)) == expected
    packed = sum(bit << index for index, bit in enumerate(bits))
    assert int.from_bytes(memory.coils.read(offset, len(bits)), "little") == packed
    assert int.from_bytes(memory.discrete_inputs.read(offset, len(bits)), "little") == packed


# the examples of SimData's documentation, registers that they say they are
DOCUMENTED = [
    (SimData(100, count=5, values=12345678, datatype=DataType.INT32), [0x00BC, 0x614E] * 5),
    (SimData(100, values=[1, 2, 3, 4, 5], datatype=DataType.INT32), [0, 1, 0, 2, 0, 3, 0, 4, 0, 5]),
    (SimData(0, count=100, values=0x1234, datatype=DataType.REGISTERS), [0x1234] * 100),
    (SimData(100, values=[True] * 16, datatype=DataType.BITS), [0xFFFF]),
    (SimData(100, values=[0xFFFF], datatype=DataType.REGISTERS), [0xFFFF]),
    (SimData(7, count=2, values="ABCD", datatype=DataType.STRING), [0x4142, 0x4344] * 2),
    (SimData(7, count=3, values=[3, 2], datatype=DataType.INT32), [0, 3, 0, 2] * 3),
    (SimData(7, values=["ABCD", "EFGH"], datatype=DataType.STRING), [0x4142, 0x4344, 0x4546, 0x4748]),
]


@pytest.mark.parametrize(("data", "expected"), DOCUMENTED, ids=[str(index) for index in range(len(DOCUMENTED))])
def test_the_documented_examples_import_as_they_say(data, expected):
    imported = map_of_sim_device(SimDevice(id=1, simdata=data), "D", "d.py").register_map

    assert registers(image_of(imported).memory.holding_registers, data.address, len(expected)) == expected


@pytest.mark.parametrize("name", ["device", "device_try"])
def test_each_device_of_the_shipped_configuration_imports(name):
    imported = map_of_simulator_json(SourceFile("setup.json", SHIPPED), name)
    cells = image_of(imported.register_map).memory.holding_registers
    written = json.loads(SHIPPED)["device_list"][name]

    assert imported.notes == (("the action 'random' of bits is left out",) if name == "device_try" else ())
    for entry in written["uint16"]:
        if isinstance(entry, dict) and isinstance(entry["addr"], int) and entry.get("action") is None:
            assert register(cells, entry["addr"]) == entry["value"]
    text = next(entry for entry in written["string"] if isinstance(entry, dict))
    first, last = text["addr"]
    assert cells.read(first, last - first + 1) == text["value"].encode()


@pytest.mark.parametrize("first", [0, 4, 10])
@pytest.mark.parametrize("length", [4, 10])
@pytest.mark.parametrize("to", [[20, 39], [22, 41]])
def test_repeated_sections_fill_the_registers_that_pymodbus_fills(first, length, to):
    setup = json.loads(SHIPPED)
    device = setup["device_list"]["device"]
    empty = dict.fromkeys(("invalid", "write", "bits", "uint32", "float32", "float64", "string"), ())
    values = {
        "uint16": [{"addr": at, "value": 100 + at, "action": None} for at in (0, 1, 4, 7, 10, 25, 38)],
        "uint32": [{"addr": [2, 3], "value": 0x12345678, "action": None}],
        "float32": [{"addr": [5, 6], "value": -1.5, "action": None}],
        "string": [{"addr": [11, 13], "value": "ABCDEF"}, {"addr": [40, 41], "value": "last"}],
    }
    device |= empty | values | {"repeat": [{"addr": [first, first + length - 1], "to": to}]}
    device["setup"] |= {f"{table} size": 60 for table in ("co", "di", "hr", "ir")}

    cells = image_of(map_of_simulator_json(SourceFile("s.json", json.dumps(setup)), "device").register_map).memory
    pymodbus = ModbusSimulatorContext(copy.deepcopy(device), None).registers

    expected = [None if cell.type == CellType.INVALID else cell.value for cell in pymodbus[:44]]
    assert registers(cells.holding_registers, 0, 44) == expected


def test_a_configuration_with_several_devices_asks_which():
    with pytest.raises(DescriptionError, match=r"choose one: setup\.json:device, setup\.json:device_try"):
        map_of_simulator_json(SourceFile("setup.json", SHIPPED))


@given(data=st.data())
@settings(derandomize=True, max_examples=40, deadline=None)
def test_a_damaged_configuration_is_imported_or_refused_with_its_file(data):
    setup = json.loads(SHIPPED)
    device = setup["device_list"]["device"]
    section = data.draw(st.sampled_from(sorted(device)))
    damage = st.recursive(
        st.one_of(
            st.none(), st.booleans(), st.integers(-5, 70000), st.floats(), st.sampled_from(["", "x", "increment"])
        ),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["addr", "value", "action"]), inner)
        ),
        max_leaves=6,
    )
    device[section] = data.draw(damage)

    outcome = imported_or_error(SourceFile("setup.json", json.dumps(setup)))

    assert outcome == "imported" or outcome.startswith("setup.json:")


def imported_or_error(source):
    try:
        map_of_simulator_json(source, "device")
    except DescriptionError as error:
        return str(error)
    return "imported"
