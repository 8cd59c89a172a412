"""Places, types and orders of a register map, and what is refused."""

import pytest

from emulators.description import ByteOrder, RegisterTable, register_type_named
from emulators.description.register_map_reader import parse_register_map, read_register_map
from emulators.description.source import Findings, SourceFile
from emulators.errors import DescriptionError


def entry_of(keys, head=""):
    source = SourceFile("m", f'format = 1\n{head}\n[[register]]\ntag = "X"\n{keys}\n')
    return parse_register_map(source).entries[0]


@pytest.mark.parametrize(
    ("reference", "table", "address"),
    [
        ("40001", RegisterTable.HOLDING_REGISTER, 0),
        ("400001", RegisterTable.HOLDING_REGISTER, 0),
        ("465536", RegisterTable.HOLDING_REGISTER, 65535),
        ("30010", RegisterTable.INPUT_REGISTER, 9),
        ('"00001"', RegisterTable.COIL, 0),
        ("10017", RegisterTable.DISCRETE_INPUT, 16),
    ],
)
def test_a_reference_is_one_more_than_the_address(reference, table, address):
    value_type = "bool" if table.has_bits else "int16"

    entry = entry_of(f'reference = {reference}\ntype = "{value_type}"')

    assert (entry.table, entry.address) == (table, address)
    assert int(entry.reference[1:]) == address + 1


@pytest.mark.parametrize(
    ("name", "quantity"),
    [("int16", 1), ("uint32", 2), ("float32", 2), ("int64", 4), ("float64", 4), ("string[7]", 4), ("string[8]", 4)],
)
def test_a_type_takes_its_quantity_of_registers(name, quantity):
    entry = entry_of(f'table = "input"\naddress = 5\ntype = "{name}"')

    assert (entry.quantity, entry.end_address) == (quantity, 5 + quantity)


@pytest.mark.parametrize("name", ["string[0]", "string[247]", "string", "float16"])
def test_other_types_are_unknown(name):
    assert register_type_named(name) is None


def test_orders_come_from_the_map_unless_the_entry_has_its_own():
    keys = 'table = "input"\naddress = 0\ntype = "float32"\nbyte_order = "big"'

    entry = entry_of(keys, head='word_order = "little"\nbyte_order = "little"')

    assert (entry.word_order, entry.byte_order) == (ByteOrder.LITTLE, ByteOrder.BIG)


def test_coils_are_bool_without_saying_so_and_read_only_by_default():
    entry = entry_of('table = "coil"\naddress = 3')

    assert (entry.type.name, entry.bit, entry.is_writable) == ("bool", None, False)


# keys of one register, all that is reported
REFUSED = [
    (
        'table = "holding"\naddress = 0\nreference = 40001\ntype = "int16"',
        "m:7:1: register 'X' has both an address and a reference; keep one: "
        "address counts from 0, reference from 40001",
    ),
    (
        'table = "input"\nreference = 40001\ntype = "int16"',
        "m:6:13: register 'X': the reference lies in table 'holding', not 'input'; "
        "drop the key table or correct the reference",
    ),
    (
        'reference = 20001\ntype = "int16"',
        "m:5:13: register 'X': reference 20001 is not a Modbus reference; "
        'write five or six digits such as 40001; a coil needs quotes: "00001"',
    ),
    ('type = "int16"', "m:3:1: register 'X' lacks the keys table, address; add table, address"),
    ('referense = 40001\ntype = "int16"', "m:5:1: unknown key 'referense' in register 'X'; did you mean 'reference'?"),
    ('table = "holding"\naddress = 0', "m:3:1: register 'X' lacks the key type; add type"),
    ('table = "holdng"\naddress = 0\ntype = "int16"', "m:5:9: table 'holdng' is unknown; did you mean 'holding'?"),
    ('table = "holding"\naddress = 0\ntype = "int61"', "m:7:8: unknown type 'int61'; did you mean 'int16'?"),
    ('table = "coil"\naddress = 0\ntype = "int16"', 'm:7:8: a coil holds one bit, not int16; write type = "bool"'),
    (
        'table = "holding"\naddress = 65535\ntype = "int32"',
        "m:6:11: register 'X' ends at address 65536; the last address is 65535",
    ),
    (
        'table = "input"\naddress = 0\ntype = "int16"\naccess = "rw"',
        "m:8:10: register 'X': a client cannot write to table 'input'; "
        'write access = "r" or use a coil or holding register',
    ),
    (
        'table = "input"\naddress = 0\ntype = "bool"',
        "m:7:1: register 'X': which bit of the register?; add bit = 0 … 15",
    ),
    (
        'table = "input"\naddress = 0\ntype = "int16"\nbit = 3',
        "m:8:1: register 'X': type int16 has no bit number; drop bit",
    ),
    (
        'table = "input"\naddress = 0\ntype = "int16"\nscale = 0',
        "m:8:1: register 'X': scale is 0; write how much one count is",
    ),
    ('table = "input"\naddress = 0\ntype = "string[4]"\nscale = 2', "m:8:1: a string[4] has no scale; drop scale"),
    ('table = "input"\naddress = -1\ntype = "int16"', "m:6:11: address -1 is outside 0..65535; write a number in it"),
]


@pytest.mark.parametrize(("keys", "expected"), REFUSED, ids=[row[0].replace("\n", " ")[:50] for row in REFUSED])
def test_one_mistake_in_a_register_is_reported_once(keys, expected):
    with pytest.raises(DescriptionError) as caught:
        entry_of(keys)

    assert str(caught.value) == expected


def test_bits_of_one_register_do_not_overlap():
    registers = "".join(
        f'[[register]]\ntag = "B{bit}"\ntable = "holding"\naddress = 7\ntype = "bit"\nbit = {bit}\n'
        for bit in range(16)
    )

    description = parse_register_map(SourceFile("m", f"format = 1\n{registers}"))

    assert [entry.bit for entry in description.in_table(RegisterTable.HOLDING_REGISTER)] == list(range(16))


# keys of one register, head of the map, part of what is reported
REFUSED_KEYS = [
    ('table = "input"\naddress = 0\ntype = "bits[4]"', "", "which bit of the register?"),
    ('table = "input"\naddress = 0\ntype = "bits[4]"\nbit = 13', "", "bits[4] from bit 13 ends behind bit 15"),
    ('table = "input"\naddress = 0\ntype = "float32"\nnames = { 0 = "off" }', "", "a float32 has no names of values"),
    ('table = "input"\naddress = 0\ntype = "int16"\nnames = { off = 0 }', "", "names are texts by whole numbers"),
    ('table = "input"\naddress = 0\ntype = "uint16"\nnames = { -1 = "off" }', "", "-1 is outside 0..65535"),
    ('table = "input"\naddress = 0\ntype = "string[3]"\ninitial = "ABCD"', "", "the text does not fit string[3]"),
    ('table = "input"\naddress = 0\ntype = "int16"\ninitial = true', "", "initial must be a number"),
    (
        'table = "input"\naddress = 0\ntype = "int16"\nnames = { 0 = "off", 1 = "on" }\ninitial = "onn"',
        "",
        "initial 'onn' is none of its names; did you mean 'on'?",
    ),
    ('table = "input"\naddress = 0\ntype = "int16"\ninitial = 40000', "", "initial 40000 is outside -32768..32767"),
    ('table = "input"\naddress = 0\ntype = "bcd16"\ninitial = -1', "", "initial -1 is outside 0..9999 of bcd16"),
    ('table = "input"\naddress = 0\ntype = "int16"\nsignal = "level"', "", "names a signal but the map has no twin"),
    (
        'table = "input"\naddress = 0\ntype = "int16"\nsignal = "level"\ninitial = 1',
        '[twin]\ncomponent = "tank"',
        "has a signal of the twin and initial",
    ),
    ('table = "input"\naddress = 0\ntype = "int16"\nbehaviour = { kind = "sinus" }', "", "did you mean 'sine'?"),
    (
        'table = "input"\naddress = 0\ntype = "int16"\nbehaviour = { kind = "sine", low = 0, high = 1 }',
        "",
        "the behaviour of register 'X' lacks the key period",
    ),
    (
        'reference = 30001\ntype = "int16"\nbehaviour = { kind = "ramp", low = 2, high = 1, period = "1 s" }',
        "",
        "low is not below high",
    ),
]


@pytest.mark.parametrize(("keys", "head", "message"), REFUSED_KEYS, ids=[row[2] for row in REFUSED_KEYS])
def test_keys_that_contradict_each_other_are_refused(keys, head, message):
    with pytest.raises(DescriptionError) as error:
        entry_of(keys, head)

    assert message in str(error.value)


def test_initial_value_may_be_one_of_the_names():
    entry = entry_of('table = "input"\naddress = 0\ntype = "int16"\nnames = { 0 = "off", 3 = "on" }\ninitial = "on"')

    assert entry.initial == 3


def test_neighbouring_fields_share_a_register_and_overlapping_ones_do_not():
    text = """format = 1
[[register]]
tag = "A"
reference = 40001
type = "bits[4]"
bit = 0
[[register]]
tag = "B"
reference = 40001
type = "bits[4]"
bit = 4
"""
    assert len(parse_register_map(SourceFile("m", text)).entries) == 2
    with pytest.raises(DescriptionError) as error:
        parse_register_map(SourceFile("m", text.replace("bit = 4", "bit = 3")))
    assert "B at holding 0 bit 3..6 overlaps A at holding 0 bit 0..3" in str(error.value)


# keys of two entries at one place, whether they may share it
SHARED_ROWS = [
    ('address = 0\ntype = "int32"\naccess = "r"', 'address = 0\ntype = "float32"\naccess = "w"', True),
    ('address = 0\ntype = "int32"\naccess = "w"', 'address = 0\ntype = "int32"\naccess = "r"', True),
    ('address = 0\ntype = "int32"\naccess = "r"', 'address = 0\ntype = "int16"\naccess = "w"', False),
    ('address = 0\ntype = "int32"\naccess = "r"', 'address = 1\ntype = "int32"\naccess = "w"', False),
    ('address = 0\ntype = "int32"\naccess = "rw"', 'address = 0\ntype = "int32"\naccess = "w"', False),
    ('address = 0\ntype = "int32"\naccess = "r"', 'address = 0\ntype = "int32"\naccess = "once"', False),
    ('address = 0\ntype = "int32"\naccess = "r"', 'address = 0\ntype = "int32"\naccess = "r"', False),
    ('address = 0\ntype = "int16"\naccess = "r"', 'address = 0\ntype = "bit"\nbit = 0\naccess = "w"', False),
]


@pytest.mark.parametrize(("first", "second", "may_share"), SHARED_ROWS)
def test_a_value_to_read_and_one_to_write_may_share_exactly_a_place(first, second, may_share):
    text = "format = 1\n" + "".join(
        f'[[register]]\ntag = "{tag}"\ntable = "holding"\n{keys}\n' for tag, keys in (("A", first), ("B", second))
    )
    findings = Findings()

    read_register_map(SourceFile("m", text), findings)

    assert (findings.diagnostics == ()) is may_share
    assert all(" overlaps A at " in found.message for found in findings.diagnostics)
