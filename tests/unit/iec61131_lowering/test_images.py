"""Located variables: which bytes and bits of the images they are, and how they overlap."""

from __future__ import annotations

from st_plc import plc

PROGRAM = """
VAR_GLOBAL
    bit AT %QX1.2 : BOOL; byte0 AT %QB2 : BYTE; word AT %QW2 : WORD; double AT %QD2 : DWORD; long AT %QL2 : LWORD;
    int AT %QW12 : INT; real AT %QD7 : REAL; flag AT %MX3.7 : BOOL; same AT %MB3 : BYTE; time AT %QL5 : LINT;
    in_bit AT %IX0.5 : BOOL; in_word AT %IW3 : INT;
END_VAR
PROGRAM P
VAR seen : INT; seen_bit, b : BOOL; END_VAR
bit := NOT bit; word := 16#1234; byte0 := 16#AB; double := 16#01020304; long := 16#1122334455667788;
int := -2; real := 1.5; flag := TRUE; %QX0.1 := TRUE; %QW20 := 16#BEEF;
seen := in_word; seen_bit := in_bit; b := %IX0.5;
END_PROGRAM
"""


def image(native, name):
    entry = native.layout.entry(name)
    return native.memory[entry.offset : entry.offset + entry.type.length].tobytes()


def test_a_located_variable_is_little_endian_at_its_bytes():
    native = plc(PROGRAM)

    native.scan()

    output = image(native, "output_image")
    assert output[0:3] == bytes([0x02, 0x04, 0xAB])
    assert output[4:6] == bytes([0x34, 0x12])
    assert output[8:12] == bytes([4, 3, 2, 1])
    assert output[16:24] == bytes([0x88, 0x77, 0x66, 0x55, 0x44, 0x33, 0x22, 0x11])
    assert output[24:26] == bytes([0xFE, 0xFF])
    assert output[28:32] == bytes([0, 0, 0xC0, 0x3F])
    assert output[40:42] == bytes([0xEF, 0xBE])


def test_a_bit_and_its_byte_are_one_memory():
    native = plc(PROGRAM)

    native.scan()

    assert native.read("same") == 0x80


def test_writing_a_bit_leaves_its_neighbours():
    native = plc("VAR_GLOBAL a AT %QX0.0 : BOOL; b AT %QX0.1 : BOOL; END_VAR PROGRAM P a := FALSE; END_PROGRAM")
    native.write("a", True)
    native.write("b", True)

    native.scan()

    assert (native.read("a"), native.read("b")) == (False, True)


def test_inputs_are_read_from_their_image():
    native = plc(PROGRAM)
    start = native.layout.entry("input_image").offset
    native.memory[start] = 0x20
    native.memory[start + 6 : start + 8] = [0x00, 0x80]

    native.scan()

    assert (native.read("P.seen"), native.read("P.seen_bit"), native.read("P.b")) == (-32768, True, True)


def test_images_are_aligned_and_padded_to_eight_bytes():
    layout = plc(PROGRAM).layout

    entries = [layout.entry(name) for name in ("input_image", "output_image", "memory_image")]

    assert [entry.offset % 8 for entry in entries] == [0, 0, 0]
    assert [entry.type.length % 8 for entry in entries] == [0, 0, 0]
    assert layout.entry("now_ns").offset == 0


def test_parts_of_inputs_and_parts_of_parts_can_be_read_and_written():
    text = """
        FUNCTION bit3 : BOOL VAR_INPUT w : WORD; END_VAR bit3 := w.3; END_FUNCTION
        FUNCTION low : BYTE VAR_INPUT w : DWORD; END_VAR w.%B0 := 16#77; low := w.%B0; END_FUNCTION
        PROGRAM P
        VAR d : DWORD := 16#11223344; a : BOOL; b, c : BYTE; i : INT; n : INT := 5; e : ARRAY[0..9] OF BOOL; END_VAR
        a := bit3(16#0008); b := low(d); c := d.%B3; d.%W1 := 16#ABCD; d.0 := TRUE; n.15 := TRUE;
        FOR i := 0 TO 9 DO e[i] := i.0; END_FOR;
        END_PROGRAM
    """
    native = plc(text)

    native.scan()

    assert [native.read(f"P.{name}") for name in "abcdn"] == [True, 0x77, 0x11, 0xABCD3345, 5 - 32768]
    assert [native.read(f"P.e[{i}]") for i in range(4)] == [False, True, False, True]
