"""Modbus over TLS on real loopback sockets: other clients, old versions, failing doors, how a role is read.

Who gets in and what it may do: ``tests/conformance/modbus/test_tls_security.py``.
"""

from __future__ import annotations

import os
import random
import select
import socket
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import SimpleNamespace

import pytest
from modbus_tls_plant import TlsPlant
from pymodbus.client import ModbusTlsClient

from emulators.modbus.certificates import make_identity, role_extension
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import Door
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.permissions import EVERY_FUNCTION, READ_FUNCTIONS, PermissionTable
from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
from emulators.modbus.tls import client_role
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
READ_ONE, WRITE_ONE = bytes.fromhex("03 0000 0001"), bytes.fromhex("06 0000 0007")
PERMISSIONS = PermissionTable({"Operator": EVERY_FUNCTION, "Viewer": READ_FUNCTIONS})


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> TlsPlant:
    return TlsPlant(tmp_path_factory.mktemp("certificates"))


@pytest.fixture
def start_server(plant: TlsPlant) -> Iterator[Callable[..., ModbusTcpServer]]:
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start(**options: object) -> ModbusTcpServer:
            directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}, direct=1)
            server = ModbusTcpServer(directory, tls=plant.settings(PERMISSIONS), **options)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S))
            return server

        yield start


@contextmanager
def connected(server: ModbusTcpServer, context: ssl.SSLContext) -> Iterator[ssl.SSLSocket]:
    with (
        socket.create_connection(server.address, timeout=DEADLINE_S) as plain,
        context.wrap_socket(plain, server_hostname="127.0.0.1") as client,
    ):
        yield client


def ask(client: ssl.SSLSocket, pdu: bytes) -> bytes:
    client.sendall(struct.pack(">HHHB", 1, 0, 1 + len(pdu), 1) + pdu)
    return client.recv(300)[7:]


def test_old_protocol_versions_are_refused(plant: TlsPlant, start_server) -> None:
    server = start_server()
    context = plant.context(plant.clients["Viewer"])
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1

    with pytest.raises((ssl.SSLError, ConnectionError)), connected(server, context) as client:
        ask(client, READ_ONE)
    wait_for(lambda: server.counters.failed_handshakes > 0)

    assert server.counters.failed_handshakes == 1


def test_client_that_never_shakes_hands_is_cut_off_and_counted(start_server) -> None:
    server = start_server(limits=TcpLimits(partial_frame_s=0.05))

    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        assert client.recv(1) == b""

    assert server.counters.failed_handshakes == 1


def test_client_that_speaks_no_tls_gets_no_answer(start_server) -> None:
    server = start_server()

    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        client.sendall(struct.pack(">HHHB", 1, 0, 6, 1) + READ_ONE)

        assert client.recv(100) == b""

    assert server.counters.failed_handshakes == 1


def test_damaged_record_ends_the_connection_with_an_alert(plant: TlsPlant, start_server) -> None:
    server = start_server()
    context = plant.context(plant.clients["Viewer"])

    with connected(server, context) as client, socket.socket(fileno=os.dup(client.fileno())) as plain:
        plain.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
        with pytest.raises(ssl.SSLError, match=r"(?i)alert bad record mac"):
            client.recv(100)


def test_server_stops_while_clients_stand_at_the_door(plant: TlsPlant) -> None:
    with EventLoopThread() as thread, ExitStack() as cleanup:
        server = ModbusTcpServer(UnitDirectory({}), tls=plant.settings(PERMISSIONS))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        clients = [
            cleanup.enter_context(socket.create_connection(server.address, timeout=DEADLINE_S)) for _ in range(5)
        ]

        thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)

        assert [is_cut_off(client) for client in clients] == [True] * 5


def is_cut_off(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


@pytest.mark.parametrize("count", [40, pytest.param(2_000, marks=pytest.mark.campaign, id="slice")])
def test_clients_that_drop_out_in_every_state_leave_nothing_behind(plant: TlsPlant, start_server, count: int) -> None:
    server = start_server()
    context = plant.context(plant.clients["Viewer"])
    hello = client_hello(context)
    chance = random.Random(1)

    for _ in range(count):
        drop_out(server.address, context, hello, chance)
    with connected(server, context) as client:
        answer = ask(client, READ_ONE).hex()
    wait_for(lambda: server.connection_count == 0)

    assert answer == "03020000"
    assert server.connection_count == 0


def client_hello(context: ssl.SSLContext) -> bytes:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    with suppress(ssl.SSLWantReadError):
        context.wrap_bio(incoming, outgoing, server_hostname="127.0.0.1").do_handshake()
    return outgoing.read()


def drop_out(address: tuple[str, int], context: ssl.SSLContext, hello: bytes, chance: random.Random) -> None:
    """Leave before the hello, in it, after it, after the handshake, in a request or with an answer unread; at times
    with a reset."""
    with socket.create_connection(address, timeout=DEADLINE_S) as client:
        state = chance.randrange(6)
        if state in (1, 2):
            client.sendall(hello[: len(hello) // 2] if state == 1 else hello)
        elif state > 2:
            client = context.wrap_socket(client, server_hostname="127.0.0.1")
            client.sendall((struct.pack(">HHHB", 1, 0, 6, 1) + READ_ONE)[: 6 * (state - 3)])
        if chance.random() < 0.5:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()


def wait_for(condition: Callable[[], bool]) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not condition() and time.monotonic() < end_s:
        select.select([], [], [], 0.002)


def test_pymodbus_reads_and_writes_over_tls(plant: TlsPlant, start_server) -> None:
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


def test_fault_at_the_door_fails_the_handshake_and_the_next_client_gets_in(plant: TlsPlant, start_server) -> None:
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
    plant: TlsPlant, tmp_path: Path, role_der: bytes | None, role: str | None
) -> None:
    identity = make_identity(tmp_path, "client", authority=plant.authority, role_der=role_der)

    assert client_role(identity.der) == role


def test_rubbish_instead_of_a_certificate_has_no_role() -> None:
    assert client_role(b"\x30\x03abc") is None
    assert client_role(b"") is None


def test_permission_for_a_function_code_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match=r"outside 1\.\.127"):
        PermissionTable({"Operator": frozenset({3, 200})})
