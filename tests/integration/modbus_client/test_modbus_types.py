"""Every type of a map in every order over a socket: written by the link, read back in as few requests as fit."""

from __future__ import annotations

import itertools

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_types import register_type_named
from emulators.description.source import SourceFile
from hil.assembly.devices import running_devices
from hil.targets.modbus_link import ModbusLink

VALUES = {
    "int16": -2,
    "uint16": 65535,
    "int32": -70_000,
    "uint32": 4_000_000_000,
    "int48": -(2**47),
    "uint48": 2**48 - 2,
    "int64": -(2**50),
    "uint64": 2**50,
    "float32": 0.5,
    "float64": 1e-9,
    "bcd16": 9876,
    "bcd32": 12_345_678,
    "bcd48": 123_456_789_012,
    "bcd64": 1_234_567_890_123,
    "mod10k32": 12_345_678,
    "mod10k48": 123_456_789_012,
    "mod10k64": 1_234_567_890_123,
    "string[5]": "PLC-7",
    "string[6]": "ABCDEF",
}


@pytest.fixture(scope="module")
def every_type():
    rows, address = [], 0
    for kind, word, byte in itertools.product(VALUES, ("big", "little"), ("big", "little")):
        rows.append(
            f'{{ tag = "{kind}-{word}-{byte}", table = "holding", address = {address}, type = "{kind}", '
            f'word_order = "{word}", byte_order = "{byte}", access = "rw" }},'
        )
        address += register_type_named(kind).quantity
    return parse_register_map(SourceFile("types.toml", "\n".join(["format = 1", "register = [", *rows, "]"])))


def test_every_type_in_every_order_is_read_as_it_was_written(every_type):
    expected = {entry.tag: VALUES[entry.type.name] for entry in every_type.entries}
    with running_devices([every_type]) as device, ModbusLink(device.url, every_type) as link:
        for tag, value in expected.items():
            link.write(tag, value)
        before = link.client.request_count

        assert link.read() == expected

        assert link.client.request_count - before == 2  # 204 registers, at most 125 a request
