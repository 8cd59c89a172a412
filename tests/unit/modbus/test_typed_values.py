"""Every type in every order, from the device's values to the registers and back, judged by ``struct`` and letters."""

from __future__ import annotations

import math
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.codec import EntryCodec
from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues
from emulators.signals.publication import PublishedSnapshot

FORMATS = {
    "int16": ">h",
    "uint16": ">H",
    "int32": ">i",
    "uint32": ">I",
    "int64": ">q",
    "uint64": ">Q",
    "float32": ">f",
    "float64": ">d",
}
WHOLE = [kind for kind in FORMATS if not kind.startswith("float")]
# type, word order, byte order: where the bytes of the big-endian value (A first) stand on the wire
LETTERS = [
    ("int16", "big", "big", "AB"),
    ("int16", "little", "big", "AB"),
    ("int16", "big", "little", "BA"),
    ("uint32", "big", "big", "ABCD"),
    ("uint32", "little", "big", "CDAB"),
    ("uint32", "big", "little", "BADC"),
    ("uint32", "little", "little", "DCBA"),
    ("float32", "little", "big", "CDAB"),
    ("bcd32", "little", "big", "CDAB"),
    ("float64", "big", "big", "ABCDEFGH"),
    ("float64", "little", "big", "GHEFCDAB"),
    ("int64", "big", "little", "BADCFEHG"),
    ("uint64", "little", "little", "HGFEDCBA"),
    ("string[6]", "big", "big", "ABCDEF"),
    ("string[6]", "little", "big", "ABCDEF"),
    ("string[6]", "big", "little", "BADCFE"),
]
ORDERS = st.sampled_from(["big", "little"])


def toml(value):
    return str(value).lower() if isinstance(value, bool) else repr(value)


def map_of(*rows, head=""):
    lines = ["format = 1", head, "register = ["]
    lines += ["  { " + ", ".join(f"{key} = {toml(value)}" for key, value in row.items()) + " }," for row in rows]
    return parse_register_map(SourceFile("m.toml", "\n".join((*lines, "]"))))


class Device:
    """Own values behind a register image; ``step`` lets accepted writes act."""

    def __init__(self, register_map):
        self.values = OwnValues(register_map.entries)
        self.image = RegisterImage(register_map, self.values.publication)
        self.entries = {entry.tag: entry for entry in register_map.entries}
        self.holding = self.image.memory.holding_registers
        self.tick = 0
        self.step()

    def step(self):
        for _ in range(2):
            self.tick += 1
            for write in self.image.take_writes(self.tick):
                self.values.write(write.tag, write.value)
            self.image.publish(PublishedSnapshot(self.tick, self.tick, self.values.record()))

    def wire(self, tag):
        entry = self.entries[tag]
        return self.holding.read(entry.address, entry.quantity)

    def write(self, tag, wire):
        self.holding.write(self.entries[tag].address, wire)


def row(tag, kind, address, **keys):
    return {"tag": tag, "table": "holding", "address": address, "type": kind, **keys}


@pytest.mark.parametrize(("kind", "word", "byte", "letters"), LETTERS, ids=[" ".join(entry) for entry in LETTERS])
def test_the_bytes_stand_on_the_wire_in_the_order_of_the_letters(kind, word, byte, letters):
    (entry,) = map_of(row("X", kind, 0, word_order=word, byte_order=byte)).entries

    wire = EntryCodec(entry).on_wire(bytes(sorted(letters.encode())))

    assert wire.decode() == letters


def limits(kind):
    bits = int(kind.strip("uint"))
    return (0, 2**bits - 1) if kind.startswith("u") else (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


@given(
    kind=st.sampled_from(WHOLE), number=st.integers(-(2**70), 2**70), word=ORDERS, byte=ORDERS, share=st.integers(0, 9)
)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_whole_numbers_stand_as_struct_packs_them_and_stop_at_the_ends(kind, number, word, byte, share):
    low, high = limits(kind)
    value = number if share == 0 else number % (high - low + 1) + low
    (entry,) = map_of(row("X", kind, 0, word_order=word, byte_order=byte)).entries
    codec = EntryCodec(entry)

    wire = codec.encode(value)

    assert wire == codec.on_wire(struct.pack(FORMATS[kind], min(max(value, low), high)))
    assert codec.decode(wire) == min(max(value, low), high)


def typed_rows(kinds, scales=(None,)):
    return st.lists(
        st.fixed_dictionaries(
            {
                "kind": st.sampled_from(kinds),
                "word_order": ORDERS,
                "byte_order": ORDERS,
                "gap": st.integers(0, 3),
                "scale": st.sampled_from(scales),
                "wire": st.binary(min_size=8, max_size=8),
            }
        ),
        min_size=1,
        max_size=6,
    )


def laid_out(drawn):
    rows, address = [], 0
    for index, item in enumerate(drawn):
        address += item["gap"]
        size = {"16": 1, "32": 2, "64": 4}[item["kind"][-2:]]
        keys = {key: item[key] for key in ("word_order", "byte_order")}
        scale = {} if item["scale"] is None else {"scale": item["scale"]}
        rows.append(row(f"X{index}", item["kind"], address, access="rw", **keys, **scale))
        address += size
    return rows


@given(drawn=typed_rows([*FORMATS, "bcd16", "bcd32"]))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_what_a_client_writes_reads_back_bit_for_bit_or_is_refused_and_changes_nothing(drawn):
    device = Device(map_of(*laid_out(drawn)))
    expected = {}

    for index, item in enumerate(drawn):
        tag = f"X{index}"
        wire = item["wire"][: 2 * device.entries[tag].quantity]
        expected[tag] = device.wire(tag)
        try:
            value = EntryCodec(device.entries[tag]).decode(wire)
            is_number = math.isfinite(value)
        except ValueError:
            is_number = False
        if is_number:
            device.write(tag, wire)
            expected[tag] = wire
        else:
            with pytest.raises(ModbusRefusal) as refusal:
                device.write(tag, wire)
            assert refusal.value.code is ExceptionCode.ILLEGAL_DATA_VALUE
    at_once = {tag: device.wire(tag) for tag in expected}
    device.step()

    assert at_once == expected
    assert {tag: device.wire(tag) for tag in expected} == expected


@given(drawn=typed_rows(["int16", "uint16", "int32", "uint32", "bcd16", "bcd32"], (0.1, 0.001, 0.25, 2, 10, 0.3)))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_scaled_number_reads_back_as_it_was_written(drawn):
    device = Device(map_of(*laid_out(drawn)))
    expected = {}

    for index, item in enumerate(drawn):
        tag = f"X{index}"
        nibbles = bytes(byte % 10 + byte // 16 % 10 * 16 for byte in item["wire"])
        wire = (nibbles if item["kind"].startswith("bcd") else item["wire"])[: 2 * device.entries[tag].quantity]
        device.write(tag, wire)
        expected[tag] = wire
    device.step()

    assert {tag: device.wire(tag) for tag in expected} == expected


@given(number=st.floats(-1e12, 1e12), kind=st.sampled_from(["bcd16", "bcd32"]), scale=st.sampled_from([1, 0.1, 10]))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_bcd_holds_decimal_digits_and_stops_at_nines(number, kind, scale):
    (entry,) = map_of(row("X", kind, 0, scale=scale)).entries
    digits = 4 if kind == "bcd16" else 8

    written = EntryCodec(entry).encode(number).hex()

    assert written.isdecimal()
    assert int(written) == min(max(round(number * (10 if scale == 0.1 else 1 / scale)), 0), 10**digits - 1)


@pytest.mark.parametrize("text", ["", "A", "AB", "ABCDE", "ÄÖ", "A B ", "\x00"])
def test_texts_are_padded_with_zeros_and_read_without_them(text):
    device = Device(map_of(row("X", "string[5]", 0, access="rw", initial="?????")))
    wire = text.encode("latin-1").ljust(6, b"\0")

    device.write("X", wire)
    device.step()

    assert device.wire("X") == wire
    assert device.values.read("X") == text.rstrip("\0")


def test_the_last_byte_of_an_odd_text_is_not_part_of_it():
    device = Device(map_of(row("X", "string[3]", 0, access="rw", initial="")))

    device.write("X", b"ABCD")
    device.step()

    assert (device.values.read("X"), device.wire("X")) == ("ABC", b"ABC\0")


@given(width=st.integers(2, 16), data=st.data(), byte=ORDERS)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_bit_field_shares_its_register_and_leaves_the_other_bits(width, data, byte):
    bit = data.draw(st.integers(0, 16 - width))
    word = data.draw(st.integers(0, 0xFFFF))
    mask = ((1 << width) - 1) << bit
    fields = row("FIELD", f"bits[{width}]", 0, bit=bit, byte_order=byte, access="rw", initial=0)
    others = [
        row(f"B{each}", "bit", 0, bit=each, byte_order=byte, initial=each % 2 == 0)
        for each in range(16)
        if not mask >> each & 1
    ]
    device = Device(map_of(fields, *others))

    device.holding.write(0, word.to_bytes(2, byte))
    at_once = device.holding.read(0, 1)
    device.step()

    kept = 0x5555 & ~mask & 0xFFFF
    assert device.values.read("FIELD") == (word & mask) >> bit
    assert int.from_bytes(at_once, byte) == int.from_bytes(device.holding.read(0, 1), byte) == kept | word & mask


@pytest.mark.parametrize("kind", ["int32", "uint32", "float32", "bcd32", "int64", "uint64", "float64", "string[7]"])
@pytest.mark.parametrize(
    ("mode", "reads", "writes"), [("refuse", False, False), ("read", True, False), ("allow", True, True)]
)
def test_a_part_of_a_value_of_any_type_is_taken_as_the_map_says(kind, mode, reads, writes):
    initial = {"initial": "ABCDEFG"} if kind.startswith("string") else {}
    device = Device(map_of(row("X", kind, 0, access="rw", **initial), head=f'half_values = "{mode}"'))
    quantity = device.entries["X"].quantity
    parts = [(start, end) for start in range(quantity) for end in range(start + 1, quantity + 1)]
    parts.remove((0, quantity))

    outcomes = {
        (
            succeeds(device.holding.read, start, end - start),
            succeeds(device.holding.write, start, bytes(2 * (end - start))),
        )
        for start, end in parts
    }

    assert outcomes == {(reads, writes)}
    assert succeeds(device.holding.read, 0, quantity)


def succeeds(access, *arguments):
    """Whether an access is carried out rather than refused for its address."""
    try:
        access(*arguments)
    except ModbusRefusal as refusal:
        return refusal.code is not ExceptionCode.ILLEGAL_DATA_ADDRESS
    return True


def test_a_write_once_coil_keeps_its_first_value():
    device = Device(map_of({"tag": "X", "table": "coil", "address": 3, "access": "once"}))
    coils = device.image.memory.coils

    coils.write(3, 1, b"\x01")
    device.step()

    with pytest.raises(ModbusRefusal, match="written already"):
        coils.write(3, 1, b"\x00")
    assert coils.read(3, 1) == b"\x01"


def test_a_write_only_bit_is_written_and_reads_as_zero_beside_bits_that_read():
    bits = [row("SECRET", "bit", 0, bit=0, access="w"), row("OPEN", "bit", 0, bit=1, access="rw", initial=False)]
    device = Device(map_of(*bits))

    device.holding.write(0, b"\x00\x03")
    at_once = device.holding.read(0, 1)
    device.step()

    assert (device.values.read("SECRET"), device.values.read("OPEN")) == (True, True)
    assert at_once == device.holding.read(0, 1) == b"\x00\x02"


TABLES = {"0": "coil", "1": "discrete", "3": "input", "4": "holding"}


@given(
    digit=st.sampled_from(sorted(TABLES)), address=st.one_of(st.integers(0, 65535), st.sampled_from([0, 9998, 9999]))
)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_reference_is_its_address_and_one_in_its_table(digit, address):
    writings = [f"{digit}{address + 1:05d}"] + ([f"{digit}{address + 1:04d}"] if address < 9999 else [])
    kind = {} if digit in "01" else {"type": "int16"}

    by_reference = [map_of({"tag": "X", "reference": each, **kind}).entries[0] for each in writings]
    by_address = map_of({"tag": "X", "table": TABLES[digit], "address": address, **kind}).entries[0]

    assert {(each.table, each.address) for each in by_reference} == {(by_address.table, by_address.address)}
    assert {each.reference for each in by_reference} == {by_address.reference}
    assert by_address.reference in writings
