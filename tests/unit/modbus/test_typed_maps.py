"""BCD, bit fields, texts, enumerations, access and halves of values, on the wire of a register image."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats, integers, sampled_from, text

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.codec import EntryCodec
from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.image import RegisterImage
from emulators.signals.publication import ClientWrite, Publication, PublishedTag

PUBLICATION = Publication(
    [
        PublishedTag("COUNT", "i32", is_writable=True),
        PublishedTag("MODE", "i16", is_writable=True),
        PublishedTag("LEVEL", "f64", is_writable=True),
        PublishedTag("RUN", "bool", is_writable=True),
        PublishedTag("NAME", "string[8]", is_writable=True),
    ]
)


def image_of(rows: str, head: str = "") -> RegisterImage:
    lines = ["format = 1", head]
    for row in rows.strip().splitlines():
        tag, *keys = [part.strip() for part in row.split(";")]
        lines += ["[[register]]", f'tag = "{tag}"', 'table = "holding"', *keys]
    return RegisterImage(parse_register_map(SourceFile("m", "\n".join(lines))), PUBLICATION)


# keys, published values, registers 0 … of the wire
WIRE_ROWS = [
    ('COUNT; address = 0; type = "bcd16"', {"COUNT": 1234}, "1234"),
    ('COUNT; address = 0; type = "bcd16"', {"COUNT": 123456}, "9999"),
    ('COUNT; address = 0; type = "bcd16"', {"COUNT": -5}, "0000"),
    ('COUNT; address = 0; type = "bcd32"', {"COUNT": 12345678}, "1234 5678"),
    ('COUNT; address = 0; type = "bcd32"; word_order = "little"', {"COUNT": 12345678}, "5678 1234"),
    ('LEVEL; address = 0; type = "bcd16"; scale = 0.1', {"LEVEL": 12.3}, "0123"),
    ('MODE; address = 0; type = "bits[3]"; bit = 4', {"MODE": 5}, "0050"),
    ('MODE; address = 0; type = "bits[3]"; bit = 4', {"MODE": 9}, "0070"),
    ('MODE; address = 0; type = "bits[4]"; bit = 12; byte_order = "little"', {"MODE": 6}, "0060"),
    (
        'MODE; address = 0; type = "bits[3]"; bit = 4\nRUN; address = 0; type = "bit"; bit = 0',
        {"MODE": 2, "RUN": True},
        "0021",
    ),
    ('NAME; address = 0; type = "string[5]"', {"NAME": "PLC-7"}, "504C 432D 3700"),
    ('NAME; address = 0; type = "string[4]"', {"NAME": "ABCDEF"}, "4142 4344"),
    ('NAME; address = 0; type = "string[4]"; byte_order = "little"', {"NAME": "ABCD"}, "4241 4443"),
    ('NAME; address = 0; type = "string[4]"; word_order = "little"', {"NAME": "ABCD"}, "4344 4142"),
    ('COUNT; address = 0; type = "int48"', {"COUNT": -2}, "FFFF FFFF FFFE"),
    ('COUNT; address = 0; type = "uint48"; word_order = "little"', {"COUNT": 0x12345678}, "5678 1234 0000"),
    ('COUNT; address = 0; type = "mod10k48"; word_order = "little"', {"COUNT": 100_020_003}, "0003 0002 0001"),
]


@pytest.mark.parametrize(("rows", "values", "wire"), WIRE_ROWS, ids=[f"{row[0]} {row[1]}" for row in WIRE_ROWS])
def test_value_stands_on_the_wire_as_its_type_says(rows, values, wire) -> None:
    image = image_of(rows)

    image.publish(PUBLICATION.snapshot(1, 10, values))

    assert image.memory.holding_registers.read(0, len(bytes.fromhex(wire)) // 2).hex() == bytes.fromhex(wire).hex()


# keys, registers written, writes that reach the cell
WRITE_ROWS = [
    ('COUNT; address = 0; type = "bcd16"; access = "rw"', "4711", [ClientWrite("COUNT", 4711)]),
    ('MODE; address = 0; type = "bits[3]"; bit = 4; access = "rw"', "FFDF", [ClientWrite("MODE", 5)]),
    ('NAME; address = 0; type = "string[4]"; access = "rw"', "4142 0000", [ClientWrite("NAME", "AB")]),
    ('MODE; address = 0; type = "int16"; access = "w"', "0007", [ClientWrite("MODE", 7)]),
    (
        'MODE; address = 0; type = "uint16"; access = "rw"; names = { 0 = "off", 3 = "on" }',
        "0003",
        [ClientWrite("MODE", 3)],
    ),
]


@pytest.mark.parametrize(("rows", "wire", "writes"), WRITE_ROWS, ids=[row[0] for row in WRITE_ROWS])
def test_client_writes_arrive_as_engineering_values(rows, wire, writes) -> None:
    image = image_of(rows)

    image.memory.holding_registers.write(0, bytes.fromhex(wire))

    assert list(image.take_writes(1)) == writes


# keys, registers written, exception
REFUSED_ROWS = [
    ('COUNT; address = 0; type = "bcd16"; access = "rw"', "12A4", ExceptionCode.ILLEGAL_DATA_VALUE),
    (
        'MODE; address = 0; type = "uint16"; access = "rw"; names = { 0 = "off", 3 = "on" }',
        "0002",
        ExceptionCode.ILLEGAL_DATA_VALUE,
    ),
    ('MODE; address = 0; type = "int16"', "0002", ExceptionCode.ILLEGAL_DATA_ADDRESS),
]


@pytest.mark.parametrize(("rows", "wire", "code"), REFUSED_ROWS, ids=[f"{row[0]} {row[1]}" for row in REFUSED_ROWS])
def test_what_the_type_does_not_hold_is_refused(rows, wire, code) -> None:
    image = image_of(rows)

    with pytest.raises(ModbusRefusal) as refusal:
        image.memory.holding_registers.write(0, bytes.fromhex(wire))

    assert refusal.value.code is code
    assert image.take_writes(1) == ()


def test_a_write_only_register_is_never_read() -> None:
    image = image_of('MODE; address = 0; type = "int16"; access = "w"\nCOUNT; address = 1; type = "int16"')

    with pytest.raises(ModbusRefusal, match="ADDRESS"):
        image.memory.holding_registers.read(0, 1)

    assert image.memory.holding_registers.read(1, 1) == b"\0\0"


def test_a_write_once_register_keeps_its_first_value() -> None:
    image = image_of('MODE; address = 0; type = "int16"; access = "once"')
    image.memory.holding_registers.write(0, b"\0\5")

    with pytest.raises(ModbusRefusal, match="written already"):
        image.memory.holding_registers.write(0, b"\0\6")

    assert image.memory.holding_registers.read(0, 1) == b"\0\5"
    assert image.take_writes(1) == (ClientWrite("MODE", 5),)


def test_a_refused_value_does_not_use_up_the_single_write() -> None:
    image = image_of('MODE; address = 0; type = "bcd16"; access = "once"')
    with pytest.raises(ModbusRefusal):
        image.memory.holding_registers.write(0, b"\xff\xff")

    image.memory.holding_registers.write(0, b"\x00\x42")

    assert image.take_writes(1) == (ClientWrite("MODE", 42),)


@pytest.mark.parametrize(("address", "count"), [(1, 1), (0, 1), (1, 2), (2, 1), (0, 3)])
def test_half_of_a_value_is_not_read_where_the_map_refuses_it(address, count) -> None:
    rows = 'LEVEL; address = 0; type = "float32"\nCOUNT; address = 2; type = "int32"'
    image = image_of(rows, 'half_values = "refuse"')

    with pytest.raises(ModbusRefusal, match="part of a value"):
        image.memory.holding_registers.read(address, count)

    assert len(image.memory.holding_registers.read(0, 4)) == 8


def test_half_of_a_value_is_written_where_the_map_allows_it() -> None:
    image = image_of('COUNT; address = 0; type = "int32"; access = "rw"', 'half_values = "allow"')
    image.publish(PUBLICATION.snapshot(1, 10, {"COUNT": 0x10002}))

    image.memory.holding_registers.write(1, b"\x00\x07")

    assert image.take_writes(1) == (ClientWrite("COUNT", 0x10007),)


def test_gaps_read_as_zero_where_the_map_says_so() -> None:
    rows = 'MODE; address = 2; type = "int16"\nCOUNT; address = 6; type = "int16"'
    image = image_of(rows, 'gaps = "zero"')

    assert image.memory.holding_registers.read(2, 5) == bytes(10)
    with pytest.raises(ModbusRefusal):
        image.memory.holding_registers.read(1, 1)


def codec_of(kind: str, word_order: str, byte_order: str) -> EntryCodec:
    keys = f'table = "input"\naddress = 0\ntype = "{kind}"\nword_order = "{word_order}"\nbyte_order = "{byte_order}"'
    source = SourceFile("m", f'format = 1\n[[register]]\ntag = "X"\n{keys}\n')
    return EntryCodec(parse_register_map(source).entries[0])


ORDERS = sampled_from(["big", "little"])


@settings(derandomize=True, max_examples=60)
@given(value=integers(-(2**31), 2**31 - 1), word_order=ORDERS, byte_order=ORDERS)
def test_integers_survive_encoding_in_all_orders(value, word_order, byte_order) -> None:
    codec = codec_of("int32", word_order, byte_order)

    assert codec.decode(codec.encode(value)) == value


@settings(derandomize=True, max_examples=60)
@given(value=floats(width=32, allow_nan=False), word_order=ORDERS, byte_order=ORDERS)
def test_floats_survive_encoding_in_all_orders(value, word_order, byte_order) -> None:
    codec = codec_of("float32", word_order, byte_order)

    assert codec.decode(codec.encode(value)) == struct.unpack("f", struct.pack("f", value))[0]


@settings(derandomize=True, max_examples=40)
@given(value=integers(0, 99_999_999), word_order=ORDERS, byte_order=ORDERS)
def test_bcd_numbers_survive_encoding_in_all_orders(value, word_order, byte_order) -> None:
    codec = codec_of("bcd32", word_order, byte_order)

    assert codec.decode(codec.encode(value)) == value


@settings(derandomize=True, max_examples=40)
@given(value=text("ABCxyz é", max_size=7), byte_order=ORDERS)
def test_texts_survive_encoding(value, byte_order) -> None:
    codec = codec_of("string[7]", "big", byte_order)

    assert codec.decode(codec.encode(value)) == value
