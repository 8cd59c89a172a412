"""Addresses of Modbus devices on the command line."""

import pytest

from emulators.description.characters import SERIAL_PROTOCOLS
from emulators.description.modbus_transport import MODBUS_PROTOCOLS
from hil.targets.modbus_url import ModbusUrl


@pytest.mark.parametrize(
    "text",
    [
        "modbus-tcp://127.0.0.1:5020/3",
        "modbus-udp://[::1]:502/1",
        "modbus-rtu-over-tcp://gateway:4001/17",
        "modbus-rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=3",
        "modbus-ascii:///dev/pts/3?baud=19200&parity=none&stop=2&unit=1",
        "modbus-ascii:///dev/ttyS1?baud=1200&parity=odd&stop=1&data=8&unit=1",
        "modbus-rtu:///dev/serial/by-id/usb%20bus?baud=9600&parity=even&stop=1&unit=3",
        "modbus-tls://plc:802/1",
        "modbus-tls://plc:8020/2?certificate=/etc/op.pem&key=op%26co.key&server_ca=ca.pem&server_name=line-7",
    ],
)
def test_an_address_is_written_as_it_was_read(text):
    assert str(ModbusUrl.parse(text)) == text


def test_the_scheme_may_be_short():
    assert str(ModbusUrl.parse("tcp://plc/3")) == "modbus-tcp://plc:502/3"
    assert ModbusUrl.parse("rtu:///dev/ttyUSB0?baud=9600&parity=none").line.baud_rate == 9600


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("127.0.0.1", "modbus-tcp://127.0.0.1:502/1"),
        ("localhost:5020/3", "modbus-tcp://localhost:5020/3"),
        ("[::1]:5020", "modbus-tcp://[::1]:5020/1"),
        ("/dev/ttyUSB0?baud=9600&unit=4", "modbus-rtu:///dev/ttyUSB0?baud=9600&parity=even&stop=1&unit=4"),
    ],
)
def test_an_ip_address_alone_is_modbus_tcp_and_a_serial_port_alone_rtu(text, means):
    assert ModbusUrl.is_meant_by(text)
    assert str(ModbusUrl.parse(text)) == means


@pytest.mark.parametrize("text", ["coil:7", "holding:100..109", "P-101.RUN", "localhost_2", "127.0.0.1.csv", "40101"])
def test_names_of_values_are_not_taken_for_addresses(text):
    assert not ModbusUrl.is_meant_by(text)


def test_port_unit_and_line_settings_have_defaults():
    assert str(ModbusUrl.parse("modbus-tcp://plc")) == "modbus-tcp://plc:502/1"
    assert str(ModbusUrl.parse("modbus-tls://plc")) == "modbus-tls://plc:802/1"
    assert (
        str(ModbusUrl.parse("modbus-rtu:///dev/ttyS0"))
        == "modbus-rtu:///dev/ttyS0?baud=19200&parity=even&stop=1&unit=1"
    )


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("energy_meter", "write modbus-tcp://energy_meter"),
        ("://", "it begins with one of"),
        ("", "write modbus-tcp://host:port/unit"),
        ("/dev/ttyUSB0?speed=9600", "known are baud, parity, stop, unit"),
        ("modbus-tpc://plc", "did you mean 'modbus-tcp'?"),
        ("rut:///dev/ttyUSB0", "did you mean 'rtu'?"),
        ("http://plc", "begins with one of modbus-tcp, modbus-tls"),
        ("modbus-tcp:///1", "write modbus-tcp://host:port/unit"),
        ("modbus-tcp://me@plc/1", "write modbus-tcp://host:port/unit"),
        ("modbus-tcp://plc:99999/1", "1 to 65535"),
        ("modbus-tcp://plc:0/1", "1 to 65535"),
        ("modbus-tcp://plc/256", "0 to 255"),
        ("modbus-tcp://plc/one", "0 to 255"),
        ("modbus-tcp://plc?unit=3", "the unit stands behind a slash: modbus-tcp://host:port/3"),
        ("modbus-tcp://plc?baud=9600", "unknown setting 'baud'; modbus-tcp has none"),
        ("modbus-tls://plc?certifcate=a.pem", "did you mean 'certificate'?"),
        ("modbus-rtu://", "write three slashes: modbus-rtu:///dev/ttyUSB0"),
        ("modbus-rtu://dev/ttyUSB0", "write three slashes: modbus-rtu:///dev/ttyUSB0"),
        ("modbus-rtu:///dev/ttyS0?speed=9600", "known are baud, parity, stop, unit"),
        ("modbus-rtu:///dev/ttyS0?data=7", "known are baud"),
        ("modbus-rtu:///dev/ttyS0?parity=mark", "parity is none, even, odd, not 'mark'"),
        ("modbus-rtu:///dev/ttyS0?baud=fast", "must be a number"),
        ("modbus-rtu:///dev/ttyS0?baud=", "write baud="),
        ("modbus-rtu:///dev/ttyS0?baud=9600&baud=1200", "says baud twice"),
    ],
)
def test_a_wrong_address_says_what_to_write(text, hint):
    with pytest.raises(ValueError, match=r".") as refused:
        ModbusUrl.parse(text)

    assert hint in str(refused.value)


def test_a_port_named_from_here_is_told_with_its_whole_path(tmp_path, monkeypatch):
    (tmp_path / "bus 1").touch()
    monkeypatch.chdir(tmp_path)

    with pytest.raises(ValueError, match=f"three slashes: modbus-rtu://{tmp_path}/bus%201"):
        ModbusUrl.parse("modbus-rtu://bus 1")


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


def test_ascii_lines_have_seven_bits_but_pseudo_terminals_eight_and_no_parity():
    assert str(ModbusUrl.parse("modbus-ascii:///dev/ttyS0").line) == "19200 7E1"
    assert str(ModbusUrl.parse("modbus-ascii:///dev/pts/3").line) == "19200 8N1"
    assert str(ModbusUrl.parse("modbus-rtu:///dev/ttyS0").line) == "19200 8E1"


def test_the_name_for_messages_has_no_settings():
    files = "certificate=op.pem&server_ca=ca.pem"

    assert ModbusUrl.parse(f"modbus-tls://plc/2?{files}").name == "modbus-tls://plc:802/2"
    assert ModbusUrl.parse("modbus-rtu:///dev/ttyS0?baud=9600&unit=4").name == "modbus-rtu:///dev/ttyS0 unit 4"


def test_every_protocol_of_rig_files_is_a_scheme():
    places = {protocol: "/dev/ttyS0" if protocol in SERIAL_PROTOCOLS else "plc" for protocol in MODBUS_PROTOCOLS}

    assert [ModbusUrl.parse(f"{protocol}://{place}").scheme for protocol, place in places.items()] == list(places)
