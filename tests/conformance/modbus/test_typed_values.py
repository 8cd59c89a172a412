"""Typed values of a register map as requests and their only right answers, with constants written out by hand."""

from __future__ import annotations

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.signals.publication import Publication, PublishedTag

PUBLICATION = Publication(
    [
        PublishedTag("WORD", "i16", is_writable=True),
        PublishedTag("COUNT", "u32", is_writable=True),
        PublishedTag("TOTAL", "i64", is_writable=True),
        PublishedTag("LEVEL", "f64", is_writable=True),
        PublishedTag("RUN", "bool", is_writable=True),
    ]
)
VALUES = {"WORD": -2, "COUNT": 0x12345678, "TOTAL": 0x0102030405060708, "LEVEL": 123.456, "RUN": True}

LITTLE_WORDS, LITTLE_BYTES = 'word_order = "little"', 'byte_order = "little"'
HOLDING, WRITABLE = 'table = "holding"; address = 0', 'table = "holding"; address = 0; access = "rw"'

ROWS = [
    # case, rows of the map (tag; keys), requests and responses in turn
    ("int16", [f'WORD; {HOLDING}; type = "int16"'], "03 0000 0001", "03 02 FFFE"),
    ("uint16 saturates at 0", [f'WORD; {HOLDING}; type = "uint16"'], "03 0000 0001", "03 02 0000"),
    ("uint16 saturates at 65535", [f'COUNT; {HOLDING}; type = "uint16"'], "03 0000 0001", "03 02 FFFF"),
    ("int32 sign", [f'WORD; {HOLDING}; type = "int32"'], "03 0000 0002", "03 04 FFFF FFFE"),
    ("uint32 ABCD", [f'COUNT; {HOLDING}; type = "uint32"'], "03 0000 0002", "03 04 1234 5678"),
    ("uint32 CDAB", [f'COUNT; {HOLDING}; type = "uint32"; {LITTLE_WORDS}'], "03 0000 0002", "03 04 5678 1234"),
    ("uint32 BADC", [f'COUNT; {HOLDING}; type = "uint32"; {LITTLE_BYTES}'], "03 0000 0002", "03 04 3412 7856"),
    (
        "uint32 DCBA",
        [f'COUNT; {HOLDING}; type = "uint32"; {LITTLE_WORDS}; {LITTLE_BYTES}'],
        *("03 0000 0002", "03 04 7856 3412"),
    ),
    ("float32 ABCD", [f'LEVEL; {HOLDING}; type = "float32"'], "03 0000 0002", "03 04 42F6 E979"),
    ("float32 CDAB", [f'LEVEL; {HOLDING}; type = "float32"; {LITTLE_WORDS}'], "03 0000 0002", "03 04 E979 42F6"),
    ("float32 BADC", [f'LEVEL; {HOLDING}; type = "float32"; {LITTLE_BYTES}'], "03 0000 0002", "03 04 F642 79E9"),
    (
        "float32 DCBA",
        [f'LEVEL; {HOLDING}; type = "float32"; {LITTLE_WORDS}; {LITTLE_BYTES}'],
        *("03 0000 0002", "03 04 79E9 F642"),
    ),
    ("int64", [f'TOTAL; {HOLDING}; type = "int64"'], "03 0000 0004", "03 08 0102 0304 0506 0708"),
    (
        "int64 little words",
        [f'TOTAL; {HOLDING}; type = "int64"; {LITTLE_WORDS}'],
        *("03 0000 0004", "03 08 0708 0506 0304 0102"),
    ),
    ("uint64 saturates at 0", [f'WORD; {HOLDING}; type = "uint64"'], "03 0000 0004", "03 08" + "0000" * 4),
    ("float64", [f'LEVEL; {HOLDING}; type = "float64"'], "03 0000 0004", "03 08 405E DD2F 1A9F BE77"),
    ("scaled integer", [f'LEVEL; {HOLDING}; type = "uint16"; scale = 0.1'], "03 0000 0001", "03 02 04D3"),
    (
        "scaled with offset",
        [f'LEVEL; {HOLDING}; type = "int16"; scale = 0.5; offset = 100'],
        "03 0000 0001",
        "03 02 002F",
    ),
    ("bit of a register", [f'RUN; {HOLDING}; type = "bit"; bit = 9'], "03 0000 0001", "03 02 0200"),
    (
        "bits of a later register",
        ['COUNT; table = "holding"; address = 5; type = "bits[4]"; bit = 4', f'WORD; {HOLDING}; type = "int16"'],
        *("03 0005 0001", "03 02 00F0"),
    ),
    (
        "bits of a later register are written with what stands before it, and nothing behind them moves",
        [
            'WORD; table = "holding"; address = 4; type = "int16"; access = "rw"',
            'COUNT; table = "holding"; address = 5; type = "bits[4]"; bit = 4; access = "rw"',
            'RUN; table = "holding"; address = 5; type = "bit"; bit = 0',
            'LEVEL; table = "holding"; address = 6; type = "float32"',
        ],
        *("03 0004 0004", "03 08 FFFE 00F1 42F6 E979"),
        *("10 0004 0002 04 0007 0050", "10 0004 0002"),
        *("03 0004 0004", "03 08 0007 0051 42F6 E979"),
    ),
    ("reference 40001", ['WORD; reference = "40001"; type = "int16"'], "03 0000 0001", "03 02 FFFE"),
    ("reference 400001", ['WORD; reference = "400001"; type = "int16"'], "03 0000 0001", "03 02 FFFE"),
    ("reference 30002", ['WORD; reference = "30002"; type = "int16"'], "04 0001 0001", "04 02 FFFE"),
    ("reference 10003", ['RUN; reference = "10003"'], "02 0002 0001", "02 01 01"),
    ("reference 00004", ['RUN; reference = "00004"'], "01 0003 0001", "01 01 01"),
    (
        "address 40001 is not a reference",
        ['WORD; table = "holding"; address = 40001; type = "int16"'],
        *("03 0000 0001", "83 02", "03 9C41 0001", "03 02 FFFE"),
    ),
    (
        "gap between two values",
        [f'WORD; {HOLDING}; type = "int16"', 'COUNT; table = "holding"; address = 3; type = "uint32"'],
        "03 0000 0005",
        "83 02",
    ),
    ("read-only register", [f'WORD; {HOLDING}; type = "int16"'], "06 0000 0001", "86 02"),
    (
        "write reads back",
        [f'WORD; {WRITABLE}; type = "int16"'],
        "06 0000 0005",
        "06 0000 0005",
        "03 0000 0001",
        "03 02 0005",
    ),
    (
        "half of a value is not written",
        [f'COUNT; {WRITABLE}; type = "uint32"'],
        *("06 0001 FFFF", "86 02", "03 0000 0002", "03 04 1234 5678"),
    ),
    (
        "whole value is written",
        [f'COUNT; {WRITABLE}; type = "uint32"'],
        *("10 0000 0002 04 00000007", "10 0000 0002", "03 0000 0002", "03 04 0000 0007"),
    ),
    ("NaN is no value of a tag", [f'LEVEL; {WRITABLE}; type = "float32"'], "10 0000 0002 04 7FC00000", "90 03"),
    (
        "refused value keeps its neighbour out",
        [f'WORD; {WRITABLE}; type = "int16"', 'LEVEL; table = "holding"; address = 1; access = "rw"; type = "float32"'],
        *("10 0000 0003 06 0005 7FC00000", "90 03", "03 0000 0001", "03 02 FFFE"),
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_typed_values_get_exactly_these_answers(row) -> None:
    _, entries, *conversation = row
    lines = ["format = 1"]
    for entry in entries:
        tag, *keys = entry.split("; ")
        lines += ["[[register]]", f'tag = "{tag}"', *keys]
    image = RegisterImage(parse_register_map(SourceFile("map.toml", "\n".join(lines))), PUBLICATION)
    image.publish(PUBLICATION.snapshot(1, 10, VALUES))
    device = ModbusDevice(image.memory)

    answers = [device.pdu(bytes.fromhex(request)).hex() for request in conversation[::2]]

    assert answers == [bytes.fromhex(answer).hex() for answer in conversation[1::2]]
