"""Addresses of Modbus devices on the command line."""

import pytest

from hil.targets.modbus_url import ModbusUrl


@pytest.mark.parametrize(
    "text",
    [
        "modbus-tcp://127.0.0.1:5020/3",
        "modbus-udp://[::1]:502/1",
        "modbus-rtu-over-tcp://gateway:4001/17",
        "modbus-rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=3",
        "modbus-ascii:///dev/pts/3?baud=19200&parity=none&stop=2&unit=1",
    ],
)
def test_an_address_is_written_as_it_was_read(text):
    assert str(ModbusUrl.parse(text)) == text


def test_port_unit_and_line_settings_have_defaults():
    assert str(ModbusUrl.parse("modbus-tcp://plc")) == "modbus-tcp://plc:502/1"
    assert (
        str(ModbusUrl.parse("modbus-rtu:///dev/ttyS0"))
        == "modbus-rtu:///dev/ttyS0?baud=19200&parity=even&stop=1&unit=1"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("127.0.0.1:502", "write modbus-tcp://host:port/unit"),
        ("modbus-tpc://plc", "did you mean 'modbus-tcp'?"),
        ("modbus-tcp:///1", "write modbus-tcp://host:port/unit"),
        ("modbus-tcp://plc:99999/1", "1 to 65535"),
        ("modbus-tcp://plc/256", "0 to 255"),
        ("modbus-tcp://plc/one", "0 to 255"),
        ("modbus-rtu://", "modbus-rtu:///dev/ttyUSB0"),
        ("modbus-rtu:///dev/ttyS0?speed=9600", "known are baud"),
        ("modbus-rtu:///dev/ttyS0?parity=mark", "none, even or odd"),
        ("modbus-rtu:///dev/ttyS0?baud=fast", "must be a number"),
    ],
)
def test_a_wrong_address_says_what_to_write(text, hint):
    with pytest.raises(ValueError, match=r".") as refused:
        ModbusUrl.parse(text)

    assert hint in str(refused.value)


@pytest.mark.parametrize(
    ("text", "is_local"),
    [
        ("modbus-tcp://127.0.0.1/1", True),
        ("modbus-tcp://127.8.0.1/1", True),
        ("modbus-tcp://[::1]/1", True),
        ("modbus-tcp://localhost/1", True),
        ("modbus-tcp://192.0.2.7/1", False),
        ("modbus-tcp://localhost.example/1", False),
        ("modbus-rtu:///dev/pts/3", True),
        ("modbus-rtu:///dev/ttyUSB0", False),
    ],
)
def test_only_loopback_and_pseudo_terminals_are_local(text, is_local):
    assert ModbusUrl.parse(text).is_local is is_local


def test_ascii_lines_have_seven_bits_but_pseudo_terminals_eight():
    assert ModbusUrl.parse("modbus-ascii:///dev/ttyS0").data_bits == 7
    assert ModbusUrl.parse("modbus-ascii:///dev/pts/3").data_bits == 8
    assert ModbusUrl.parse("modbus-rtu:///dev/ttyS0").data_bits == 8
