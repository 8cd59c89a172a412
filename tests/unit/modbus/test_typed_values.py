"""Every type in every order, from the device's values to the registers and back, judged by letters and digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.codec import EntryCodec
from emulators.modbus.codes import ExceptionCode, ModbusRefusal
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues
from emulators.signals.publication import Publication, PublishedSnapshot, PublishedTag

WHOLE = [f"{sign}int{width}" for width in (16, 32, 48, 64) for sign in ("", "u")]
DECIMAL = [*(f"bcd{width}" for width in (16, 32, 48, 64)), *(f"mod10k{width}" for width in (32, 48, 64))]
NUMBERS = [*WHOLE, *DECIMAL, "float32", "float64"]
REGISTERS = {kind: int(kind[-2:]) // 16 for kind in NUMBERS}
UP_TO_48_BITS = [kind for kind in (*WHOLE, *DECIMAL) if REGISTERS[kind] <= 3]  # what a float64 holds exactly
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
    ("int48", "big", "big", "ABCDEF"),
    ("int48", "little", "big", "EFCDAB"),
    ("uint48", "big", "little", "BADCFE"),
    ("uint48", "little", "little", "FEDCBA"),
    ("bcd48", "little", "big", "EFCDAB"),
    ("mod10k64", "little", "big", "GHEFCDAB"),
    ("string[6]", "big", "big", "ABCDEF"),
    ("string[6]", "little", "big", "EFCDAB"),
    ("string[6]", "big", "little", "BADCFE"),
    ("string[6]", "little", "little", "FEDCBA"),
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
def test_whole_numbers_stand_in_twos_complement_and_stop_at_the_ends(kind, number, word, byte, share):
    low, high = limits(kind)
    value = number if share == 0 else number % (high - low + 1) + low
    (entry,) = map_of(row("X", kind, 0, word_order=word, byte_order=byte)).entries
    codec = EntryCodec(entry)

    wire = codec.encode(value)

    stopped = min(max(value, low), high)
    assert wire == codec.on_wire((stopped % (high - low + 1)).to_bytes(2 * REGISTERS[kind], "big"))
    assert codec.decode(wire) == stopped


def decimal_registers(kind, number):
    """Return the registers of a number from its decimal writing, most significant first."""
    digits = f"{number:0{4 * REGISTERS[kind]}d}"
    words = [digits[at : at + 4] for at in range(0, len(digits), 4)]
    return b"".join(int(word, 16 if kind.startswith("bcd") else 10).to_bytes(2, "big") for word in words)


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
        keys = {key: item[key] for key in ("word_order", "byte_order")}
        scale = {} if item["scale"] is None else {"scale": item["scale"]}
        rows.append(row(f"X{index}", item["kind"], address, access="rw", **keys, **scale))
        address += REGISTERS[item["kind"]]
    return rows


@given(drawn=typed_rows(NUMBERS))
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


@given(drawn=typed_rows(UP_TO_48_BITS, (0.1, 0.001, 0.25, 2, 10, 0.3)))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_a_scaled_number_reads_back_as_it_was_written(drawn):
    device = Device(map_of(*laid_out(drawn)))
    expected = {}

    for index, item in enumerate(drawn):
        tag = f"X{index}"
        wire = item["wire"][: 2 * device.entries[tag].quantity]
        if item["kind"] in DECIMAL:
            number = int.from_bytes(wire, "big") % 10 ** (2 * len(wire))
            wire = EntryCodec(device.entries[tag]).on_wire(decimal_registers(item["kind"], number))
        device.write(tag, wire)
        expected[tag] = wire
    device.step()

    assert {tag: device.wire(tag) for tag in expected} == expected


@given(number=st.integers(-99, 10**17), kind=st.sampled_from(DECIMAL), scale=st.sampled_from([1, 0.1, 10]), word=ORDERS)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_decimal_numbers_stand_digit_by_digit_and_stop_at_nines(number, kind, scale, word):
    (entry,) = map_of(row("X", kind, 0, scale=scale, word_order=word)).entries
    codec, highest = EntryCodec(entry), 10 ** (4 * REGISTERS[kind]) - 1
    number = number if scale == 1 else number % 10**15

    wire = codec.encode(number)

    stopped = min(max(round(number * (10 if scale == 0.1 else 1 / scale)), 0), highest)
    assert wire == codec.on_wire(decimal_registers(kind, stopped))


@pytest.mark.parametrize("kind", DECIMAL)
def test_a_digit_that_is_too_large_is_refused_and_named(kind):
    (entry,) = map_of(row("X", kind, 0)).entries
    wire = decimal_registers(kind, 0)[:-2] + (b"\x00\x0a" if kind.startswith("bcd") else b"\x27\x10")

    with pytest.raises(ValueError, match=f"{wire.hex().upper()} is no {kind} number"):
        EntryCodec(entry).decode(wire)


@given(
    number=st.integers(-(2**63), 2**64 - 1),
    source=st.sampled_from(["i32", "u32", "i64", "u64", "f64"]),
    rows=typed_rows(NUMBERS, (None, 0.1)),
)
@settings(derandomize=True, max_examples=100, deadline=None)
def test_the_device_shows_a_tag_as_the_codec_encodes_it(number, source, rows):
    entries = [{**each, "tag": "X", "access": "r"} for each in laid_out(rows)]
    publication = Publication([PublishedTag("X", source)])
    image = RegisterImage(map_of(*entries), publication)
    field = np.array([number]).astype({"f": "float"}.get(source[0], source[0] + str(int(source[1:]) // 8)))[0].item()

    image.publish(publication.snapshot(1, 1, {"X": field}))

    for bound in image.entries:
        wire = image.memory.holding_registers.read(bound.entry.address, bound.entry.quantity)
        assert wire == bound.encode(field)


def test_a_large_integer_keeps_its_last_digit_beside_one_that_is_scaled():
    rows = [row("X", "uint64", 0), row("X", "uint64", 4, scale=0.5)]
    image = RegisterImage(map_of(*rows), publication := Publication([PublishedTag("X", "i64")]))

    image.publish(publication.snapshot(1, 1, {"X": 2**60 + 1}))

    assert image.memory.holding_registers.read(0, 4) == (2**60 + 1).to_bytes(8, "big")


@given(
    kind=st.sampled_from(WHOLE),
    pattern=st.integers(0, 2**64 - 1),
    number=st.integers(-(2**40), 2**40),
    scale=st.sampled_from([1, 0.1]),
    word=ORDERS,
)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_the_number_for_no_value_reads_as_nan_and_no_other_does(kind, pattern, number, scale, word):
    bits = 16 * REGISTERS[kind]
    pattern %= 2**bits
    keys = {"no_value": pattern, "initial": math.nan, "scale": scale, "word_order": word}
    device = Device(map_of(row("X", kind, 0, access="rw", **keys)))
    codec = EntryCodec(device.entries["X"])
    wire = codec.on_wire((number % 2**bits).to_bytes(bits // 8, "big"))

    assert device.wire("X") == codec.encode(math.nan) == codec.on_wire(pattern.to_bytes(bits // 8, "big"))
    assert math.isnan(codec.decode(device.wire("X")))
    assert math.isnan(codec.decode(wire)) is (number % 2**bits == pattern)


@given(value=st.text("ABCxyz é", max_size=7), length=st.integers(7, 9), word=ORDERS, byte=ORDERS)
@settings(derandomize=True, max_examples=60, deadline=None)
def test_texts_come_back_from_the_registers_in_all_orders(value, length, word, byte):
    keys = {"access": "rw", "word_order": word, "byte_order": byte, "initial": "?"}
    device = Device(map_of(row("X", f"string[{length}]", 0, **keys)))
    codec = EntryCodec(device.entries["X"])

    device.write("X", codec.encode(value))
    device.step()

    assert device.values.read("X") == codec.decode(device.wire("X")) == value


def test_the_word_order_of_a_map_is_that_of_its_numbers():
    rows = [row("N", "uint32", 0), row("T", "string[4]", 2), row("OWN", "string[4]", 4, word_order="little")]

    number, text, own = map_of(*rows, head='word_order = "little"').entries

    assert [each.word_order.value for each in (number, text, own)] == ["little", "big", "little"]


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


@pytest.mark.parametrize("kind", [*(kind for kind in NUMBERS if REGISTERS[kind] > 1), "string[7]"])
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


@given(
    kind=st.sampled_from(NUMBERS),
    wires=st.lists(st.binary(min_size=8, max_size=8), min_size=1, max_size=4),
    word=ORDERS,
    reads_back=st.booleans(),
)
@settings(derandomize=True, max_examples=80, deadline=None)
def test_what_is_written_behind_a_value_that_is_read_shows_only_elsewhere(kind, wires, word, reads_back):
    rows = [row("IN", kind, 4, initial=7), row("OUT", kind, 4, access="w", word_order=word)]
    rows += [row("OUT", kind, 20, word_order=word)] if reads_back else []
    device = Device(map_of(*rows, head='half_values = "allow"'))
    codec, quantity = EntryCodec(device.image.entries[1].entry), REGISTERS[kind]
    shown = device.holding.read(4, quantity)

    for drawn in wires:
        number = int.from_bytes(drawn, "big") % 10 ** (4 * quantity)
        wire = codec.on_wire(decimal_registers(kind, number) if kind in DECIMAL else b"\x40" + drawn[1 : 2 * quantity])
        device.holding.write(4, wire)
        at_once = [device.holding.read(at, quantity) for at in ([4, 20] if reads_back else [4])]
        device.step()

        assert at_once == ([shown, wire] if reads_back else [shown])
        assert device.holding.read(4, quantity) == shown
        assert codec.encode(device.values.read("OUT")) == wire


def test_a_part_of_a_value_behind_another_is_not_written():
    device = Device(map_of(row("IN", "int32", 0), row("OUT", "int32", 0, access="w"), head='half_values = "allow"'))

    assert succeeds(device.holding.write, 0, bytes(4))
    assert not succeeds(device.holding.write, 0, bytes(2))


def test_a_coil_is_written_behind_the_one_that_is_read():
    coils = [
        {"tag": tag, "table": "coil", "address": 3, "access": access} for tag, access in (("DO", "w"), ("DI", "r"))
    ]
    device = Device(map_of(coils[0], {**coils[1], "initial": False}))

    device.image.memory.coils.write(3, 1, b"\x01")
    at_once = device.image.memory.coils.read(3, 1)
    device.step()

    assert (at_once, device.image.memory.coils.read(3, 1), device.values.read("DO")) == (b"\x00", b"\x00", True)


def test_a_bit_is_written_as_a_coil_and_in_its_register():
    bit = row("RUN", "bit", 0, bit=6, access="rw", initial=False)
    device = Device(map_of(bit, {"tag": "RUN", "table": "coil", "address": 6, "access": "rw"}))
    coils = device.image.memory.coils

    coils.write(6, 1, b"\x01")
    by_coil = device.holding.read(0, 1)
    device.step()
    device.holding.write(0, b"\x00\x00")

    assert (by_coil, coils.read(6, 1)) == (b"\x00\x40", b"\x00")


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
