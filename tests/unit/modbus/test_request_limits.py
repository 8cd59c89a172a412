"""Devices that take fewer requests, or smaller ones, than the protocol allows; clients that keep to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map_reader import parse_register_map
from emulators.description.register_map_writer import lost_in_csv, map_as_csv, map_as_toml
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError
from emulators.modbus.described_device import described_device
from emulators.modbus.functions.table import FUNCTIONS
from emulators.modbus.image import RegisterImage
from emulators.modbus.own_values import OwnValues
from emulators.modbus.scan_groups import plan_scan_groups


def map_of(requests, rows=40):
    tables = (("coil", 'access = "rw"'), ("input", 'type = "int16"'), ("holding", 'type = "int16", access = "rw"'))
    lines = [
        f'{{ tag = "{table}{at}", table = "{table}", address = {at}, {keys} }},'
        for table, keys in tables
        for at in range(rows)
    ]
    text = "\n".join(["format = 1", "register = [", *lines, "]", *(["[requests]"] if requests else []), *requests])
    return parse_register_map(SourceFile("m.toml", text))


def device_of(register_map):
    return described_device(
        register_map, RegisterImage(register_map, OwnValues(register_map.entries).publication).memory
    )


LIMITED = device_of(map_of(["functions = [3, 6, 16, 1, 15, 23, 4]", "max_registers = 8", "max_bits = 24"]))
FREE = device_of(map_of([]))


def request_of(code, address, count, written):
    """Return a request that is sound but for how much it asks for."""
    head = bytes([code]) + address.to_bytes(2, "big") + count.to_bytes(2, "big")
    size = (count + 7) // 8 if code == 15 else 2 * count
    tails = {15: bytes([size]) + bytes(size), 16: bytes([size]) + bytes(size)}
    both = address.to_bytes(2, "big") + written.to_bytes(2, "big") + bytes([2 * written]) + bytes(2 * written)
    return head + (both if code == 23 else tails.get(code, b""))


@given(
    code=st.sampled_from([1, 3, 4, 15, 16, 23]),
    address=st.integers(0, 10),
    count=st.integers(1, 30),
    written=st.integers(1, 12),
)
@settings(derandomize=True, max_examples=150, deadline=None)
def test_a_request_is_answered_as_ever_or_is_too_large(code, address, count, written):
    request = request_of(code, address, count, written)
    most = 24 if code in (1, 15) else 8

    answer = LIMITED.pdu(request)

    is_too_large = count > most or (code == 23 and written > most)
    assert answer == (bytes([code | 0x80, 3]) if is_too_large else FREE.pdu(request))


@pytest.mark.parametrize("code", FUNCTIONS)
def test_other_function_codes_are_not_there(code):
    answer = LIMITED.pdu(bytes([code]))

    assert (answer == bytes([code | 0x80, 1])) is (code not in (1, 3, 4, 6, 15, 16, 23))


@given(max_registers=st.integers(1, 40), max_bits=st.integers(1, 40))
@settings(derandomize=True, max_examples=30, deadline=None)
def test_a_client_reads_everything_in_requests_that_the_device_takes(max_registers, max_bits):
    register_map = map_of([f"max_registers = {max_registers}", f"max_bits = {max_bits}"])

    groups = plan_scan_groups(register_map.entries, register_map)

    assert all(group.count <= (max_bits if group.table.has_bits else max_registers) for group in groups)
    assert sum(len(group.entries) for group in groups) == len(register_map.entries)


def test_what_a_device_takes_reads_back_from_toml_and_csv():
    register_map = map_of(["functions = [16, 3]", "max_bits = 100"], rows=1)

    again = parse_register_map(SourceFile("m.toml", map_as_toml(register_map)))

    assert again.requests == register_map.requests
    assert register_map.requests.functions == (3, 16)
    assert lost_in_csv(register_map, map_as_csv(register_map)) == []


# keys, what is reported
REFUSED = [
    ("functions = [3, 65]", "functions must be public function codes"),
    ("functions = []", "functions must be public function codes"),
    ("max_registers = 126", "max_registers 126 is outside 1..125"),
    ("max_bit = 5", "unknown key 'max_bit'"),
]


@pytest.mark.parametrize(("key", "message"), REFUSED, ids=[row[0] for row in REFUSED])
def test_what_no_device_can_take_is_refused(key, message):
    with pytest.raises(DescriptionError, match=message):
        map_of([key], rows=1)


def test_a_value_that_fits_no_request_is_refused():
    text = (
        'format = 1\nregister = [{ tag = "A", reference = 40001, type = "string[30]" }]\n[requests]\nmax_registers = 10'
    )

    with pytest.raises(DescriptionError, match="A takes 15 registers, a request of the device at most 10"):
        parse_register_map(SourceFile("m.toml", text))
