"""A connection that cannot be had, or not with TLS: each reason in words, with what to do about it."""

from __future__ import annotations

import datetime
import os
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from emulators.errors import LinkError
from emulators.modbus.certificates import LOCAL_NAMES, Validity, make_identity, role_extension
from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.permissions import EVERY_FUNCTION, PermissionTable
from emulators.modbus.tcp import ModbusTcpServer
from emulators.modbus.tls import TlsSettings
from emulators.serving.loop_thread import EventLoopThread
from hil.targets import ModbusLink
from hil.targets.modbus_connection import tls_failure
from hil.targets.modbus_errors import ExceptionAnswerError
from hil.targets.modbus_ranges import map_of_ranges
from hil.targets.modbus_url import ModbusUrl

DEADLINE_S = 60.0
RANGES = map_of_ranges(["holding:0..3"])
PERMISSIONS = PermissionTable({"Operator": EVERY_FUNCTION, "Guest": frozenset({1})})


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Certificates of a plant, of a stranger, and two that are not in time."""
    folder = tmp_path_factory.mktemp("certificates")
    authority, elsewhere = make_identity(folder, "ca"), make_identity(folder, "elsewhere")
    make_identity(folder, "server", authority=authority, names=LOCAL_NAMES)
    make_identity(folder, "plc7", authority=authority, names=["plc7.example"])
    make_identity(folder, "late", authority=authority, names=LOCAL_NAMES, validity=years(1990, 1999))
    make_identity(folder, "early", authority=authority, names=LOCAL_NAMES, validity=years(2190, 2199))
    make_identity(folder, "stranger", authority=elsewhere, role_der=role_extension("Operator"))
    make_identity(folder, "expired", authority=authority, validity=years(1990, 1999))
    for role in ("Operator", "Guest", "Nobody"):
        make_identity(folder, role, authority=authority, role_der=role_extension(role))
    both = (folder / "Operator.key").read_text() + (folder / "Operator.pem").read_text()
    (folder / "both.pem").write_text(both)
    return folder


def years(first: int, last: int) -> Validity:
    return Validity(datetime.datetime(first, 1, 1), datetime.datetime(last, 1, 1))


@contextmanager
def tls_server(folder: Path, name: str = "server") -> Iterator[str]:
    tls = TlsSettings(folder / f"{name}.pem", folder / f"{name}.key", folder / "ca.pem", PERMISSIONS)
    directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}, direct=1)
    with EventLoopThread() as thread:
        server = ModbusTcpServer(directory, tls=tls)
        thread.run(server.start(), deadline_s=DEADLINE_S)
        try:
            yield f"modbus-tls://127.0.0.1:{server.address[1]}/1"
        finally:
            thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)


@pytest.fixture(scope="module")
def server_url(folder: Path) -> Iterator[str]:
    with tls_server(folder) as url:
        yield url


def shown_by(folder: Path, name: str) -> str:
    return f"certificate={folder}/{name}.pem&key={folder}/{name}.key&server_ca={folder}/ca.pem"


def failure(url: str) -> str:
    with pytest.raises(LinkError) as failed, ModbusLink(url, RANGES, timeout_s=DEADLINE_S) as link:
        link.read()
    assert str(failed.value).startswith(url.partition("?")[0])
    return str(failed.value)


def test_values_are_written_and_read_over_tls(folder, server_url):
    for settings in (shown_by(folder, "Operator"), f"certificate={folder}/both.pem&server_ca={folder}/ca.pem"):
        with ModbusLink(f"{server_url}?{settings}", RANGES) as link:
            link.write("holding:2", 4711)

            assert link.read(["holding:2"]) == {"holding:2": 4711}


@pytest.mark.parametrize("role", ["Guest", "Nobody"])
def test_a_role_that_may_not_read_gets_illegal_function(folder, server_url, role):
    with (
        ModbusLink(f"{server_url}?{shown_by(folder, role)}", RANGES) as link,
        pytest.raises(ExceptionAnswerError, match=r"ILLEGAL FUNCTION \(0x01\)"),
    ):
        link.read()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ("server_ca=FOLDER/ca.pem", "certificate required); it asks for a certificate: certificate=FILE"),
        ("certificate=FOLDER/stranger.pem&key=FOLDER/stranger.key&server_ca=FOLDER/ca.pem", "(unknown ca); does it"),
        ("certificate=FOLDER/expired.pem&key=FOLDER/expired.key&server_ca=FOLDER/ca.pem", "(certificate expired)"),
        ("certificate=FOLDER/both.pem", "authority not trusted here"),
        ("certificate=FOLDER/both.pem&server_ca=FOLDER/elsewhere.pem", "write server_ca=FILE"),
        ("certificate=FOLDER/both.pem&server_ca=FOLDER/ca.pem&server_name=plc7", "does not name 'plc7'"),
        ("certificate=FOLDER/Nobody.pem&server_ca=FOLDER/ca.pem", "or write key=FILE"),
        ("certificate=FOLDER/Nobody.pem&key=FOLDER/Guest.key", "is not that of certificate"),
        ("certificate=FOLDER/Nobody.pem&key=FOLDER/Nobody.pem", "are not both in PEM form"),
        ("key=FOLDER/Guest.key", "a key without its certificate"),
        ("certificate=FOLDER/none.pem", "none.pem': it is not there"),
        ("server_ca=FOLDER/Guest.key", "holds no certificate in PEM form"),
    ],
)
def test_trust_that_is_missing_says_whose_and_what_to_write(folder, server_url, settings, reason):
    assert reason in failure(f"{server_url}?{settings.replace('FOLDER', str(folder))}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("plc7", "does not name '127.0.0.1'; write whom it names: server_name=NAME"),
        ("late", "its certificate has expired"),
        ("early", "its certificate is not valid yet"),
    ],
)
def test_a_server_that_is_not_whom_it_should_be_is_refused(folder, name, reason):
    with tls_server(folder, name) as url:
        assert reason in failure(f"{url}?{shown_by(folder, 'Operator')}")


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ("certificate=both.pem", "(handshake failure); it does not say why"),
        ("", "(handshake failure); it asks for a certificate: certificate=FILE"),
    ],
)
def test_a_handshake_that_fails_asks_for_a_certificate_only_who_shows_none(settings, hint):
    error = ssl.SSLError(1, "[SSL] ssl/tls alert handshake failure (_ssl.c:1)")
    error.reason = "SSLV3_ALERT_HANDSHAKE_FAILURE"

    assert tls_failure(ModbusUrl.parse(f"modbus-tls://127.0.0.1:802/1?{settings}"), error).endswith(hint)


def test_a_server_may_be_named(folder):
    with (
        tls_server(folder, "plc7") as url,
        ModbusLink(f"{url}?{shown_by(folder, 'Operator')}&server_name=plc7.example", RANGES) as link,
    ):
        assert link.read(["holding:0"]) == {"holding:0": 0}


def test_a_server_without_tls_is_told_from_one_that_refuses(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer_in_clear, args=(server,))
        thread.start()
        url = f"modbus-tls://127.0.0.1:{server.getsockname()[1]}/1"

        assert "does not speak TLS" in failure(f"{url}?{shown_by(folder, 'Operator')}")
        thread.join()


def answer_in_clear(server: socket.socket) -> None:
    connection, _ = server.accept()
    with connection:
        connection.settimeout(DEADLINE_S)
        connection.recv(2000)
        connection.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")


def test_a_device_that_closes_without_a_word_after_the_handshake_may_not_trust_us(folder):
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=shake_hands_and_close, args=(server, folder))
        thread.start()
        url = f"modbus-tls://127.0.0.1:{server.getsockname()[1]}/1"

        assert "does it trust our certificate, or ask for one?" in failure(f"{url}?{shown_by(folder, 'Operator')}")
        thread.join()


def shake_hands_and_close(server: socket.socket, folder: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "server.pem", folder / "server.key")
    connection, _ = server.accept()
    with context.wrap_socket(connection, server_side=True):
        pass


@pytest.mark.parametrize("scheme", ["modbus-tcp", "modbus-udp", "modbus-rtu-over-tcp"])
def test_nobody_at_the_port_is_told_from_a_silent_device(scheme):
    kind = socket.SOCK_DGRAM if scheme == "modbus-udp" else socket.SOCK_STREAM
    with socket.socket(type=kind) as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    assert f"nobody listens on port {port}" in failure(f"{scheme}://127.0.0.1:{port}/1")


@pytest.mark.parametrize("scheme", ["modbus-tcp", "modbus-udp"])
def test_a_host_that_does_not_exist_is_named(scheme):
    assert "there is no host 'no.such.host.invalid'" in failure(f"{scheme}://no.such.host.invalid:502/1")


def test_a_serial_port_that_is_not_there_is_named():
    text = "modbus-rtu:///dev/ttyNONE9"
    assert "there is no port /dev/ttyNONE9; this machine has" in failure(text)


def test_what_is_no_serial_port_says_so(tmp_path):
    file = tmp_path / "port"
    file.touch()

    assert "cannot be opened at 9600 8E1; does another program use it, is it a serial port?" in failure(
        f"modbus-rtu://{file}?baud=9600"
    )


def test_a_pseudo_terminal_has_no_parity():
    master, slave = os.openpty()
    try:
        assert "write parity=none" in failure(f"modbus-rtu://{os.ttyname(slave)}?parity=even")
    finally:
        os.close(master)
        os.close(slave)
