"""``ModbusLink`` against our own device over loopback: values by tag, writes that the map allows, errors that help."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from emulators.description import RegisterMapDescription, RegisterTable
from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import LinkError
from hil.assembly.blank_devices import blank_devices
from hil.assembly.device_places import DevicePlace
from hil.assembly.devices import running_devices
from hil.errors import SafetyRefusal
from hil.targets import ModbusLink, read_modbus
from hil.targets.modbus_errors import ExceptionAnswerError, NoAnswerError
from hil.targets.modbus_ranges import map_of_ranges

INITIAL = {
    "VOLTAGE": 230.5,
    "SERIAL": "AB-1234",
    "SP": 20.0,
    "MODE": 1,
    "ENERGY": 12345678901,
    "FLAG": True,
    "GEAR": 5,
    "COUNT": -7,
    "RUN": True,
    "DOOR": True,
}


@pytest.fixture
def link(meter_url: str, meter_map: RegisterMapDescription) -> Iterator[ModbusLink]:
    with ModbusLink(meter_url, meter_map) as opened:
        yield opened


@pytest.fixture
def own_link(meter_map: RegisterMapDescription) -> Iterator[ModbusLink]:
    """A device of one test, which may write."""
    with running_devices([meter_map]) as device, ModbusLink(device.url, meter_map) as opened:
        yield opened


def test_all_readable_values_come_in_the_units_of_the_map(link):
    assert link.read() == INITIAL


def test_values_come_in_the_order_asked(link):
    assert list(link.read(["DOOR", "SP", "VOLTAGE"])) == ["DOOR", "SP", "VOLTAGE"]


def test_neighbouring_values_share_a_request(link):
    link.read(["SP", "MODE", "GEAR", "FLAG"])

    assert link.client.request_count == 2


@pytest.mark.parametrize(
    ("tag", "value", "read_back"),
    [
        ("SP", 55.5, 55.5),
        ("SP", 20, 20.0),
        ("MODE", "cool", 2),
        ("MODE", 1, 1),
        ("COUNT", -70000, -70000),
        ("COUNT", -7, -7),
        ("RUN", False, False),
        ("RUN", 1, True),
    ],
)
def test_a_written_value_is_read_back(own_link, tag, value, read_back):
    own_link.write(tag, value)

    assert own_link.read([tag]) == {tag: read_back}


def test_writing_bits_of_a_register_leaves_its_other_bits(own_link):
    own_link.write("GEAR", 2)
    after_gear = own_link.read(["GEAR", "FLAG"])
    own_link.write("FLAG", False)
    after_flag = own_link.read(["GEAR", "FLAG"])
    own_link.write("FLAG", True)
    own_link.write("GEAR", 5)

    assert (after_gear, after_flag) == ({"GEAR": 2, "FLAG": True}, {"GEAR": 2, "FLAG": False})
    assert own_link.read(["GEAR", "FLAG"]) == {"GEAR": 5, "FLAG": True}


def test_a_write_only_tag_is_written_and_never_read(own_link):
    own_link.write("UNLOCK", 4711)

    with pytest.raises(LinkError, match=r"UNLOCK is write-only, see meter\.toml:"):
        own_link.read(["UNLOCK"])


@pytest.mark.parametrize(
    ("tag", "value", "reason"),
    [
        ("VOLTAGE", 1.0, 'the map says access = "r"'),
        ("SP", 100.5, "100.5 is outside 0..100 degC"),
        ("SP", float("nan"), "not a finite number"),
        ("COUNT", 2**31, "does not fit int32"),
        ("COUNT", 0.5, "no whole number"),
        ("GEAR", 8, "does not fit bits[3]"),
        ("MODE", 3, "known are 0 off, 1 heat, 2 cool"),
        ("MODE", "het", "did you mean 'heat'?"),
        ("COUNT", "many", "write a number"),
        ("RUN", 2, "neither true nor false"),
    ],
)
def test_what_the_map_does_not_allow_is_refused_before_anything_is_sent(link, tag, value, reason):
    with pytest.raises(LinkError, match=r"was not written") as refused:
        link.write(tag, value)

    assert reason in str(refused.value)
    assert link.client.request_count == 0


def test_an_unknown_tag_gets_a_suggestion(link):
    with pytest.raises(LinkError, match="did you mean 'VOLTAGE'"):
        link.read(["VOLTAGES"])


def test_a_refusal_names_place_addresses_and_exception(meter_url):
    with (
        ModbusLink(meter_url, map_of_ranges(["holding:100..102"])) as link,
        pytest.raises(ExceptionAnswerError) as refused,
    ):
        link.read()

    assert str(refused.value) == (f"{meter_url}: read of holding:100..102 answered ILLEGAL DATA ADDRESS (0x02)")
    assert refused.value.code == 2


def test_reading_each_value_tells_the_refused_from_the_good(meter_url):
    with ModbusLink(meter_url, map_of_ranges(["holding:0..2"])) as link:
        values = link.read_each()

    assert (values["holding:0"], values["holding:1"]) == (200, 1)
    assert isinstance(values["holding:2"], ExceptionAnswerError)


def test_a_write_to_another_machine_is_refused_unless_it_is_allowed(meter_map):
    link = ModbusLink("modbus-tcp://192.0.2.1:502/1", meter_map)

    with pytest.raises(SafetyRefusal, match=r"nothing was written.*--allow-host 192\.0\.2\.1"):
        link.write("SP", 1.0)


@pytest.mark.parametrize(
    "write",
    [
        lambda client: client.write_coil(0, is_on=True),
        lambda client: client.write_registers(0, b"\x00\x01"),
        lambda client: client.mask_register(0, kept=0, added=1),
    ],
    ids=["coil", "registers", "mask"],
)
def test_the_client_behind_a_link_refuses_raw_writes_to_another_machine_too(meter_map, write):
    link = ModbusLink("modbus-tcp://192.0.2.1:502/1", meter_map)

    with pytest.raises(SafetyRefusal, match="is not on this machine"):
        write(link.client)

    assert link.client.request_count == 0


def test_an_allowed_host_is_still_held_to_the_map(meter_map):
    link = ModbusLink("modbus-tcp://192.0.2.1:502/1", meter_map, allowed_hosts=["192.0.2.1"])

    with pytest.raises(LinkError, match="outside"):
        link.write("SP", 101.0)


def test_nobody_at_the_port_is_a_link_error(meter_map):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"modbus-tcp://127.0.0.1:{unused.getsockname()[1]}/1"

        with pytest.raises(LinkError, match="nobody listens on port"):
            read_modbus(url, meter_map, ["SP"])


def test_silence_ends_at_the_deadline(meter_map):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"modbus-tcp://127.0.0.1:{silent.getsockname()[1]}/1"

        with pytest.raises(NoAnswerError, match=r"no answer within 0\.1 s"):
            read_modbus(url, meter_map, ["SP"], timeout_s=0.1)


@pytest.mark.parametrize(
    "answer",
    [
        "00010000000509030200FF",
        "00010000000501030400FF",
        "000100000003010390",
        "0001000000020103",
        "0001000000FF01",
        "",
    ],
    ids=["another unit", "too few bytes", "wrong length", "no data", "half an answer", "closed"],
)
def test_an_answer_without_sense_is_a_link_error(meter_map, answer):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_once, args=(server, bytes.fromhex(answer)))
        thread.start()
        url = f"modbus-tcp://127.0.0.1:{server.getsockname()[1]}/1"

        with pytest.raises(NoAnswerError, match=r"read of holding:1"):
            read_modbus(url, meter_map, ["MODE"], timeout_s=0.2)
        thread.join()


def answer_once(server: socket.socket, answer: bytes) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(60.0)
        connection.recv(260)
        connection.sendall(answer)
        if answer:
            connection.recv(260)  # until the client gives up


def test_a_malformed_address_is_a_link_error(meter_map):
    with pytest.raises(LinkError, match="is no Modbus address"):
        ModbusLink("meter:502", meter_map)


def test_bits_are_written_without_mask_write_where_the_device_has_none(meter_map, monkeypatch):
    bits = replace(meter_map, entries=tuple(each for each in meter_map.entries if each.tag in ("FLAG", "GEAR")))
    with blank_devices(100, DevicePlace()) as blank, ModbusLink(blank.url, bits) as link:
        monkeypatch.setattr(link.client, "mask_register", _unknown_function)

        link.write("GEAR", 6)
        link.write("FLAG", True)

        assert link.read() == {"FLAG": True, "GEAR": 6}


def _unknown_function(address: int, *, kept: int, added: int) -> None:
    raise ExceptionAnswerError("answered ILLEGAL FUNCTION (0x01)", 1)


FRUGAL = """format = 1
register = [
    { tag = "A", table = "holding", address = 0, type = "int16", access = "rw" },
    { tag = "B", table = "holding", address = 1, type = "bit", bit = 2, access = "rw" },
    { tag = "C", table = "holding", address = 2, type = "float64", access = "rw" },
]
[requests]
functions = [3, 16]
max_registers = 4
"""


def test_a_device_that_takes_few_and_small_requests_is_read_and_written():
    register_map = parse_register_map(SourceFile("frugal.toml", FRUGAL))
    with running_devices([register_map]) as device, ModbusLink(device.url, register_map) as link:
        for tag, value in (("A", -5), ("B", True), ("C", 2.5)):
            link.write(tag, value)

        assert link.read() == {"A": -5, "B": True, "C": 2.5}

        with pytest.raises(ExceptionAnswerError, match="ILLEGAL DATA VALUE"):
            link.client.read(RegisterTable.HOLDING_REGISTER, 0, 6)


def scaled_map(exponent, access="rw"):
    rows = [
        f'{{ tag = "A", table = "holding", address = 0, type = "int16", scale_factor = "SF", access = "{access}" }},',
        '{ tag = "B", table = "holding", address = 1, type = "int32" },',
        f'{{ tag = "SF", table = "holding", address = 7, type = "int16", no_value = 0x8000, initial = {exponent} }},',
    ]
    return parse_register_map(SourceFile("scaled.toml", "\n".join(["format = 1", "register = [", *rows, "]"])))


@pytest.mark.parametrize(("exponent", "value"), [(-2, 123.45), (0, 7), (3, 4_000_000)])
def test_values_are_scaled_by_the_factor_that_the_device_has(exponent, value):
    theirs, ours = scaled_map(exponent), scaled_map(-1)
    with running_devices([theirs]) as device, ModbusLink(device.url, ours) as link:
        link.write("A", value)

        assert link.read() == link.read_each() == {"A": value, "B": 0, "SF": exponent}
        assert link.read(["B", "A"]) == {"B": 0, "A": value}
        with pytest.raises(LinkError, match="does not fit int16"):
            link.write("A", 40_000 * 10.0**exponent)


SF_ALONE = """format = 1
gaps = "zero"
register = [
    {{ tag = "A", table = "holding", address = 0, type = "int16" }},
    {{ tag = "SF", table = "holding", address = 7, type = "int16", no_value = 0x8000, initial = {exponent} }},
]
"""


def test_a_value_without_a_usable_factor_is_refused_and_others_are_not():
    theirs = parse_register_map(SourceFile("m.toml", SF_ALONE.format(exponent=55)))
    with running_devices([theirs]) as device, ModbusLink(device.url, scaled_map(0)) as link:
        values = link.read_each()

        with pytest.raises(LinkError, match="factor SF is 55"):
            link.read(["A"])

    assert (values["B"], "factor SF is 55" in str(values["A"])) == (0, True)


def test_without_a_factor_there_is_no_value_and_nothing_to_write():
    theirs = parse_register_map(SourceFile("m.toml", SF_ALONE.format(exponent="nan")))
    with running_devices([theirs]) as device, ModbusLink(device.url, scaled_map(0)) as link:
        values = [link.read(["A"])["A"], link.read_each()["A"]]

        with pytest.raises(LinkError, match="A was not written: the device has no scale factor for it"):
            link.write("A", 1)

    assert all(math.isnan(value) for value in values)
