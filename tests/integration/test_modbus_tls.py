"""Modbus/TCP Security over real loopback sockets: who gets in, and what it may do there."""

from __future__ import annotations

import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from pymodbus.client import ModbusTlsClient

from emulators.modbus.certificates import LOCAL_NAMES, Identity, make_identity, role_extension
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import Door
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.permissions import EVERY_FUNCTION, READ_FUNCTIONS, PermissionTable
from emulators.modbus.tcp import ModbusTcpServer
from emulators.modbus.tls import TlsSettings, client_role
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 10.0
READ_ONE, WRITE_ONE = bytes.fromhex("03 0000 0001"), bytes.fromhex("06 0000 0007")
PERMISSIONS = PermissionTable({"Operator": EVERY_FUNCTION, "Viewer": READ_FUNCTIONS, "": frozenset({1})})


class Plant:
    """Certificates of a plant: server, clients by role, and a stranger with an authority of its own."""

    def __init__(self, folder: Path) -> None:
        self.authority = make_identity(folder, "authority")
        self.server = make_identity(folder, "server", authority=self.authority, names=LOCAL_NAMES)
        self.stranger = make_identity(folder, "stranger", authority=make_identity(folder, "elsewhere"))
        self.clients = {
            role: make_identity(folder, f"client-{role}", authority=self.authority, role_der=role_extension(role))
            for role in ("Operator", "Viewer", "Guest")
        }
        self.clients["without"] = make_identity(folder, "client", authority=self.authority)

    def context(self, client: Identity | None, **limits: ssl.TLSVersion) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self.authority.certificate)
        for name, version in limits.items():
            setattr(context, name, version)
        if client is not None:
            context.load_cert_chain(client.certificate, client.key)
        return context


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    return Plant(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def start_server(plant: Plant) -> Iterator[Callable[..., ModbusTcpServer]]:
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start(**options: object) -> ModbusTcpServer:
            tls = TlsSettings(plant.server.certificate, plant.server.key, plant.authority.certificate, PERMISSIONS)
            directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}, direct=1)
            server = ModbusTcpServer(directory, tls=tls, **options)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S))
            return server

        yield start


@contextmanager
def connected(
    server: ModbusTcpServer, context: ssl.SSLContext, session: ssl.SSLSession | None = None
) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(server.address, timeout=DEADLINE_S) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1", session=session) as client,
    ):
        yield client


def ask(client: ssl.SSLSocket, pdu: bytes) -> bytes:
    client.sendall(struct.pack(">HHHB", 1, 0, 1 + len(pdu), 1) + pdu)
    return client.recv(300)[7:]


@pytest.mark.parametrize(
    ("role", "answers"),
    [
        ("Operator", ["03020000", "0600000007"]),
        ("Viewer", ["03020000", "8601"]),
        ("Guest", ["8301", "8601"]),
        ("without", ["8301", "8601"]),
    ],
)
def test_role_in_the_certificate_decides_what_a_client_may_do(
    plant: Plant, start_server, role: str, answers: list[str]
) -> None:
    server = start_server()

    with connected(server, plant.context(plant.clients[role])) as client:
        got = [ask(client, READ_ONE).hex(), ask(client, WRITE_ONE).hex()]

    assert got == answers


@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_client_without_a_certificate_of_the_plant_gets_no_answer(plant: Plant, start_server, who: str) -> None:
    server = start_server()
    identity = plant.stranger if who == "stranger" else None

    with (
        pytest.raises((ssl.SSLError, ConnectionError)),
        connected(server, plant.context(identity, maximum_version=ssl.TLSVersion.TLSv1_2)) as client,
    ):
        ask(client, READ_ONE)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_resumed_session_keeps_the_role(plant: Plant, start_server, version: ssl.TLSVersion) -> None:
    server = start_server()
    context = plant.context(plant.clients["Viewer"], minimum_version=version, maximum_version=version)
    with connected(server, context) as client:
        ask(client, READ_ONE)
        session = client.session

    with connected(server, context, session) as client:
        answers = [ask(client, READ_ONE).hex(), ask(client, WRITE_ONE).hex()]
        is_resumed = client.session_reused

    assert is_resumed
    assert answers == ["03020000", "8601"]


def test_request_split_over_records_is_answered_once_it_is_whole(plant: Plant, start_server) -> None:
    server = start_server()
    request = struct.pack(">HHHB", 9, 0, 6, 1) + READ_ONE

    with connected(server, plant.context(plant.clients["Viewer"])) as client:
        for position in range(len(request)):
            client.sendall(request[position : position + 1])
        answer = client.recv(300)

    assert answer == struct.pack(">HHHB", 9, 0, 5, 1) + bytes.fromhex("03020000")


def test_old_protocol_versions_are_refused(plant: Plant, start_server) -> None:
    server = start_server()
    context = plant.context(plant.clients["Viewer"])
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises((ssl.SSLError, ConnectionError)), connected(server, context) as client:
        ask(client, READ_ONE)
    end_s = time.monotonic() + DEADLINE_S
    while server.counters.failed_handshakes == 0 and time.monotonic() < end_s:
        select.select([], [], [], 0.002)

    assert server.counters.failed_handshakes == 1


def test_pymodbus_reads_and_writes_over_tls(plant: Plant, start_server) -> None:
    host, port = start_server().address
    context = plant.context(plant.clients["Operator"])
    context.check_hostname = False  # this client never says whom it expects
    client = ModbusTlsClient(host, port=port, sslctx=context, timeout=DEADLINE_S, retries=0)
    assert client.connect()

    client.write_register(3, 77, device_id=1)
    registers = client.read_holding_registers(3, count=1, device_id=1).registers
    client.close()

    assert registers == [77]


class FailingDoor:
    """Lets the handshakes of the first client fail."""

    def __init__(self) -> None:
        self.count = 0

    def connect(self, framing: object, now_ns: int, peer: str = "") -> SimpleNamespace:
        self.count += 1
        door = Door.FAIL_TLS if self.count == 1 else Door.OPEN
        return SimpleNamespace(door=door, is_active=False, next_ns=None, take=lambda now_ns: (b"", None))


def test_fault_at_the_door_fails_the_handshake_and_the_next_client_gets_in(plant: Plant, start_server) -> None:
    door = FailingDoor()
    server = start_server(faults=door)
    context = plant.context(plant.clients["Viewer"])

    with pytest.raises(ssl.SSLError, match=r"(?i)handshake failure"), connected(server, context):
        pass
    with connected(server, context) as client:
        answer = ask(client, READ_ONE).hex()

    assert (answer, door.count) == ("03020000", 2)


@pytest.mark.parametrize(
    ("role_der", "role"),
    [
        (None, None),
        (role_extension("Operator"), "Operator"),
        (role_extension("Bediener für Ofen"), "Bediener für Ofen"),
        (b"", None),
        (b"\x0c\x09short", None),
        (b"\x13\x08Operator", None),
        (b"\x0c\x02\xff\xfe", None),
    ],
    ids=["none", "text", "utf-8", "empty", "length", "other-type", "not-utf-8"],
)
def test_role_is_read_from_its_extension_or_not_at_all(
    plant: Plant, tmp_path: Path, role_der: bytes | None, role: str | None
) -> None:
    identity = make_identity(tmp_path, "client", authority=plant.authority, role_der=role_der)

    assert client_role(identity.der) == role


def test_rubbish_instead_of_a_certificate_has_no_role() -> None:
    assert client_role(b"\x30\x03abc") is None
    assert client_role(b"") is None


def test_permission_for_a_function_code_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.127"):
        PermissionTable({"Operator": frozenset({3, 200})})
