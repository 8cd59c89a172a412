from __future__ import annotations

import math
import struct
from dataclasses import replace

import pytest

from emulators.description import HalfValues
from emulators.errors import DescriptionError
from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.signals.publication import ClientWrite, Publication, PublishedTag

PUBLICATION = Publication(
    [
        PublishedTag("LEVEL", "f64"),
        PublishedTag("COUNT", "i32"),
        PublishedTag("TOTAL", "u64"),
        PublishedTag("RUN", "bool"),
        PublishedTag("SP", "f64", is_writable=True, eu_range=(0.0, 80.0)),
        PublishedTag("GAIN", "f32", is_writable=True),
        PublishedTag("START", "bool", is_writable=True),
        PublishedTag("STOP", "bool", is_writable=True),
        PublishedTag("MODE", "i16", is_writable=True, eu_range=(0, 3)),
    ]
)

# type and keys, published LEVEL, registers on the wire
ENCODE_ROWS = [
    ('type = "float64"', -2.5, struct.pack(">d", -2.5)),
    ('type = "float32"', 0.1, struct.pack(">f", 0.1)),
    ('type = "float32"; word_order = "little"', 0.1, bytes.fromhex("CCCD 3DCC")),
    ('type = "float32"; byte_order = "little"', 0.1, bytes.fromhex("CC3D CDCC")),
    ('type = "float32"; word_order = "little"; byte_order = "little"', 0.1, bytes.fromhex("CDCC CC3D")),
    ('type = "float64"; word_order = "little"', 1.1, bytes.fromhex("999A 9999 9999 3FF1")),
    ('type = "float32"', 1e300, struct.pack(">f", math.inf)),
    ('type = "int16"', -2.5, struct.pack(">h", -2)),
    ('type = "int16"', 3.5, struct.pack(">h", 4)),
    ('type = "int16"; scale = 0.1', 12.3, struct.pack(">h", 123)),
    ('type = "int16"; scale = 0.001', 1e308, struct.pack(">h", 32767)),
    ('type = "float32"; scale = 0.001', -1e308, struct.pack(">f", -math.inf)),
    ('type = "int16"; scale = 0.1; offset = -10', 12.3, struct.pack(">h", 223)),
    ('type = "int16"; scale = 100', 12340.0, struct.pack(">h", 123)),
    ('type = "int16"; scale = -1', 5.0, struct.pack(">h", -5)),
    ('type = "int16"', 40000.0, struct.pack(">h", 32767)),
    ('type = "int16"', -40000.0, struct.pack(">h", -32768)),
    ('type = "int16"', math.nan, struct.pack(">h", -32768)),
    ('type = "uint16"', math.nan, struct.pack(">H", 65535)),
    ('type = "uint16"', -1.0, struct.pack(">H", 0)),
    ('type = "uint16"', math.inf, struct.pack(">H", 65535)),
    ('type = "int64"', 1e19, struct.pack(">q", 2**63 - 1)),
    ('type = "int64"', 2.0**63, struct.pack(">q", 2**63 - 1)),
    ('type = "uint64"', 2.0**64, struct.pack(">Q", 2**64 - 1)),
    ('type = "uint64"', 1e19, struct.pack(">Q", 10**19)),
    ('type = "uint32"; word_order = "little"', 65538.0, bytes.fromhex("0002 0001")),
]


@pytest.mark.parametrize(("keys", "level", "wire"), ENCODE_ROWS, ids=[f"{row[0]} {row[1]}" for row in ENCODE_ROWS])
def test_number_stands_on_the_wire_as_the_map_says(write_map, keys: str, level: float, wire: bytes) -> None:
    image = RegisterImage(write_map(f'LEVEL; table = "input"; address = 3; {keys}'), PUBLICATION)

    image.publish(PUBLICATION.snapshot(1, 10, {"LEVEL": level}))

    assert image.memory.input_registers.read(3, len(wire) // 2) == wire


# register type, tag, published value, wire
INTEGER_ROWS = [
    ("int32", "COUNT", -5, struct.pack(">i", -5)),
    ("int16", "COUNT", -70000, struct.pack(">h", -32768)),
    ("uint16", "COUNT", -1, struct.pack(">H", 0)),
    ("uint64", "COUNT", -1, struct.pack(">Q", 0)),
    ("int64", "COUNT", -1, struct.pack(">q", -1)),
    ("float32", "COUNT", -5, struct.pack(">f", -5.0)),
    ("uint64", "TOTAL", 2**64 - 1, struct.pack(">Q", 2**64 - 1)),
    ("int64", "TOTAL", 2**64 - 1, struct.pack(">q", 2**63 - 1)),
    ("uint16", "TOTAL", 70000, struct.pack(">H", 65535)),
    ("uint16", "RUN", True, struct.pack(">H", 1)),
    ("float32", "RUN", True, struct.pack(">f", 1.0)),
]


@pytest.mark.parametrize(
    ("register_type", "tag", "number", "wire"),
    INTEGER_ROWS,
    ids=[f"{row[1]} {row[2]} as {row[0]}" for row in INTEGER_ROWS],
)
def test_integer_is_converted_without_a_detour_and_saturates(
    write_map, register_type: str, tag: str, number: int, wire: bytes
) -> None:
    image = RegisterImage(write_map(f'{tag}; table = "holding"; address = 0; type = "{register_type}"'), PUBLICATION)

    image.publish(PUBLICATION.snapshot(1, 10, {tag: number}))

    assert image.memory.holding_registers.read(0, len(wire) // 2) == wire


BITS_AND_REGISTERS = """
LEVEL; table = "holding"; address = 0; type = "float32"
SP; table = "holding"; address = 2; type = "int16"; scale = 0.1; access = "rw"
GAIN; table = "holding"; address = 3; type = "float32"; access = "rw"
RUN; table = "holding"; address = 5; type = "bit"; bit = 0
START; table = "holding"; address = 5; type = "bit"; bit = 9; access = "rw"
MODE; table = "holding"; address = 6; type = "int16"; access = "rw"
COUNT; table = "holding"; address = 8; type = "int16"
STOP; table = "coil"; address = 2; access = "rw"
RUN; table = "coil"; address = 3
RUN; table = "discrete"; address = 9
SP; table = "input"; address = 0; type = "float32"
"""


@pytest.fixture
def image(write_map) -> RegisterImage:
    image = RegisterImage(write_map(BITS_AND_REGISTERS), PUBLICATION)
    image.publish(PUBLICATION.snapshot(1, 10, {"LEVEL": 1.5, "SP": 50.0, "GAIN": 2.0, "RUN": True, "MODE": 1}))
    return image


def ask(image: RegisterImage, request_hex: str) -> str:
    return ModbusDevice(image.memory).pdu(bytes.fromhex(request_hex)).hex(" ").upper()


def test_all_tables_show_the_snapshot(image: RegisterImage) -> None:
    assert ask(image, "03 0000 0007") == "03 0E 3F C0 00 00 01 F4 40 00 00 00 00 01 00 01"
    assert ask(image, "01 0002 0002") == "01 01 02"
    assert ask(image, "02 0009 0001") == "02 01 01"
    assert ask(image, "04 0000 0002") == "04 04 42 48 00 00"


REFUSAL_ROWS = [
    ("gap in the registers", "06 0007 0001", "86 02"),
    ("gap in the coils", "05 0001 FF00", "85 02"),
    ("read-only register", "06 0008 0001", "86 02"),
    ("read-only coil", "05 0003 FF00", "85 02"),
    ("half of a float", "06 0003 0001", "86 02"),
    ("second half of a float", "06 0004 0001", "86 02"),
    ("above the range", "06 0002 0321", "86 03"),
    ("below the range", "06 0002 FFFF", "86 03"),
    ("enumeration above its range", "06 0006 0004", "86 03"),
    ("NaN", "10 0003 0002 04 7FC00000", "90 03"),
    ("infinity", "10 0003 0002 04 7F800000", "90 03"),
    ("one of two values is out of range", "10 0002 0003 06 0321 40400000", "90 03"),
    ("reads over a gap while writing", "17 0006 0002 0006 0001 02 0002", "97 02"),
]


@pytest.mark.parametrize(
    ("request_hex", "answer"), [row[1:] for row in REFUSAL_ROWS], ids=[row[0] for row in REFUSAL_ROWS]
)
def test_refused_write_changes_nothing_and_queues_nothing(image: RegisterImage, request_hex: str, answer: str) -> None:
    before = bytes(image.memory.holding_registers.cells), bytes(image.memory.coils.cells)

    assert ask(image, request_hex) == answer

    assert (bytes(image.memory.holding_registers.cells), bytes(image.memory.coils.cells)) == before
    assert image.take_writes(2) == ()


def test_value_at_the_end_of_its_range_is_accepted(image: RegisterImage) -> None:
    ask(image, "06 0002 0320")

    assert image.take_writes(2) == (ClientWrite("SP", 80.0),)


def test_scaled_value_reaches_the_tag_without_binary_noise(image: RegisterImage) -> None:
    ask(image, "06 0002 0003")

    assert image.take_writes(2) == (ClientWrite("SP", 0.3),)


def test_one_request_writes_several_tags(image: RegisterImage) -> None:
    ask(image, "10 0002 0003 06 007B 40400000")

    assert image.take_writes(2) == (ClientWrite("SP", 12.3), ClientWrite("GAIN", 3.0))


def test_writes_between_two_steps_are_one_write_the_last(image: RegisterImage) -> None:
    ask(image, "06 0006 0002")
    ask(image, "05 0002 FF00")
    ask(image, "06 0006 0003")

    assert image.take_writes(2) == (ClientWrite("STOP", True), ClientWrite("MODE", 3))
    assert image.take_writes(3) == ()


def test_register_of_bits_changes_its_writable_bits_only(image: RegisterImage) -> None:
    ask(image, "06 0005 0200")

    assert image.take_writes(2) == (ClientWrite("START", True),)
    assert ask(image, "03 0005 0001") == "03 02 02 01"


@pytest.mark.parametrize(("order", "written"), [("big", "FFFF"), ("little", "FFFF"), ("big", "0200")])
def test_a_register_of_bits_reads_back_as_it_is_after_the_next_step(write_map, order: str, written: str) -> None:
    keys = f'table = "holding"; address = 5; type = "bit"; byte_order = "{order}"'
    rows = [f"RUN; {keys}; bit = 0", f'START; {keys}; bit = 9; access = "rw"']
    image = RegisterImage(write_map("\n".join(rows)), PUBLICATION)
    image.publish(PUBLICATION.snapshot(1, 10, {"RUN": True}))

    ask(image, f"06 0005 {written}")
    before = ask(image, "03 0005 0001")
    image.publish(PUBLICATION.snapshot(2, 20, {"RUN": True, "START": image.take_writes(2)[0].value}))

    assert before == ask(image, "03 0005 0001") == ("03 02 02 01" if order == "big" else "03 02 01 02")


def test_client_reads_back_its_write_until_a_later_step_is_published(image: RegisterImage) -> None:
    ask(image, "06 0006 0002")
    before_latch = ask(image, "03 0006 0001")
    image.publish(PUBLICATION.snapshot(2, 20, {"MODE": 1}))
    still_waiting = ask(image, "03 0006 0001")
    image.take_writes(3)
    image.publish(PUBLICATION.snapshot(3, 30, {"MODE": 1}))
    in_the_step_it_acts = ask(image, "03 0006 0001")
    image.publish(PUBLICATION.snapshot(4, 40, {"MODE": 0}))
    after_the_program_overruled_it = ask(image, "03 0006 0001")

    assert (before_latch, still_waiting, in_the_step_it_acts) == ("03 02 00 02",) * 3
    assert after_the_program_overruled_it == "03 02 00 00"


def test_write_shows_at_every_place_of_the_tag(image: RegisterImage) -> None:
    ask(image, "06 0002 0064")

    assert ask(image, "04 0000 0002") == "04 04 41 20 00 00"


def test_write_forgets_itself_when_the_cell_is_set_back_in_time(image: RegisterImage) -> None:
    ask(image, "06 0006 0002")
    image.take_writes(100)

    image.publish(PUBLICATION.snapshot(1, 10, {"MODE": 1}))

    assert ask(image, "03 0006 0001") == "03 02 00 01"


def test_halves_of_a_value_are_merged_where_the_map_allows_it(write_map) -> None:
    register_map = replace(write_map(BITS_AND_REGISTERS), half_values=HalfValues.ALLOWED)
    image = RegisterImage(register_map, PUBLICATION)
    image.publish(PUBLICATION.snapshot(1, 10, {"GAIN": 2.0}))

    ask(image, "06 0003 4040")
    ask(image, "06 0004 0001")

    assert image.take_writes(2) == (ClientWrite("GAIN", struct.unpack(">f", bytes.fromhex("40400001"))[0]),)


def test_every_mistake_between_map_and_tags_is_named_with_its_place(write_map) -> None:
    rows = """
    LEVLE; table = "input"; address = 0; type = "int16"
    COUNT; table = "holding"; address = 0; type = "int16"; access = "rw"
    COUNT; table = "coil"; address = 0
    SP; table = "holding"; address = 2; type = "int16"; access = "rw"
    SP; table = "holding"; address = 4; type = "float32"; access = "rw"
    """

    with pytest.raises(DescriptionError) as raised:
        RegisterImage(write_map(rows), PUBLICATION)

    messages = [str(finding) for finding in raised.value.diagnostics]
    assert [message.split(".toml:")[1].split(":")[0] for message in messages] == ["3", "8", "14", "24"]
    assert "no tag 'LEVLE'; did you mean 'LEVEL'?" in messages[0]
    assert "COUNT is not writable" in messages[1]
    assert "does not fit a single bit" in messages[2]
    assert "SP is writable here and at holding 2, see" in messages[3]
