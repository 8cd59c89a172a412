"""Modbus/TCP Security over real sockets: who gets in, what a role may do, how records and requests part.

Clauses are those of MODBUS/TCP Security Protocol Specification V21.
"""

from __future__ import annotations

import select
import socket
import ssl
import time
from collections.abc import Iterator

import pytest
from modbus_stream_rows import READ_REGISTER_5, REGISTER_5, STREAM_ROWS, conformance_directory, frame
from modbus_tls_client import RecordClient
from modbus_tls_plant import VERSIONS, TlsPlant

from emulators.modbus.codes import ExceptionCode
from emulators.modbus.permissions import EVERY_FUNCTION, READ_FUNCTIONS, PermissionTable
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
METER = frozenset({3, 4})
PERMISSIONS = PermissionTable(
    {"Operator": EVERY_FUNCTION, "Viewer": READ_FUNCTIONS, "Meter": METER, "": frozenset({1})}
)
REQUESTS = {
    1: "01 0000 0001",
    2: "02 0000 0001",
    3: "03 0000 0001",
    4: "04 0000 0001",
    5: "05 0000 FF00",
    6: "06 0000 0007",
    7: "07",
    8: "08 0000 1234",
    11: "0B",
    12: "0C",
    15: "0F 0000 0001 01 01",
    16: "10 0000 0001 02 0007",
    17: "11",
    20: "14 07 06 0004 0000 0001",
    21: "15 09 06 0004 0000 0001 0007",
    22: "16 0000 FFFF 0000",
    23: "17 0000 0001 0000 0001 02 0007",
    24: "18 04DE",
    43: "2B 0E 01 00",
}
"""A right request of every public function code."""


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> TlsPlant:
    return TlsPlant(tmp_path_factory.mktemp("plant"), roles=("Operator", "Viewer", "Meter", "Guest"))


@pytest.fixture(scope="module")
def server(plant: TlsPlant) -> Iterator[ModbusTcpServer]:
    with EventLoopThread() as thread:
        server = ModbusTcpServer(conformance_directory(), tls=plant.settings(PERMISSIONS))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        yield server
        thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)


def ask(client: RecordClient, pdu_hex: str) -> bytes:
    client.send(frame(pdu_hex))
    header = client.receive(7)
    return client.receive(int.from_bytes(header[4:6], "big") - 1)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("role", "permitted"),
    [
        ("Operator", EVERY_FUNCTION),
        ("Viewer", READ_FUNCTIONS),
        ("Meter", METER),
        ("Guest", frozenset[int]()),
        ("", frozenset({1})),
    ],
    ids=["all", "read", "two codes", "role that the table does not name", "no role"],
)
def test_each_function_code_is_permitted_by_role_or_answered_with_exception_01(
    plant: TlsPlant, server: ModbusTcpServer, version: str, role: str, permitted: frozenset[int]
) -> None:
    with RecordClient(server.address, plant.context(plant.clients[role], VERSIONS[version])) as client:
        answers = {code: ask(client, request) for code, request in REQUESTS.items()}
        spoken = client.version

    refused = {
        code for code, answer in answers.items() if answer == bytes((code | 0x80, ExceptionCode.ILLEGAL_FUNCTION))
    }
    assert spoken == version.replace(" ", "v")
    assert refused == set(REQUESTS) - permitted
    assert all(answers[code][0] == code for code in set(REQUESTS) & permitted)


@pytest.mark.parametrize("version", VERSIONS)
def test_what_a_role_may_not_do_is_not_done(plant: TlsPlant, server: ModbusTcpServer, version: str) -> None:
    with RecordClient(server.address, plant.context(plant.clients["Meter"], VERSIONS[version])) as client:
        before = ask(client, "03 0064 0001")
        refusal = ask(client, "10 0064 0001 02 DEAD")

        assert refusal == bytes.fromhex("90 01")
        assert ask(client, "03 0064 0001") == before


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "who",
    [
        "no certificate",
        "certificate of another authority",
        "certificate of its own",
        "certificate that has expired",
        "certificate that is not valid yet",
        "certificate of a server",
    ],
)
def test_client_that_cannot_show_who_it_is_gets_no_answer_and_the_next_one_does(
    plant: TlsPlant, server: ModbusTcpServer, version: str, who: str
) -> None:
    failed_before = server.counters.failed_handshakes

    answer = answer_or_nothing(server, plant.context(plant.strangers[who], VERSIONS[version]))
    wait_for(lambda: server.counters.failed_handshakes > failed_before)

    assert answer == b""
    assert server.counters.failed_handshakes == failed_before + 1
    assert answer_or_nothing(server, plant.context(plant.clients["Viewer"])) == frame(REGISTER_5)


def answer_or_nothing(server: ModbusTcpServer, context: ssl.SSLContext) -> bytes:
    """Ask once and return all that comes; in TLS 1.3 a client learns of its refusal only after the handshake."""
    try:
        with RecordClient(server.address, context) as client:
            client.send(frame(READ_REGISTER_5))
            client.finish()
            return client.receive_rest()
    except (ssl.SSLError, ConnectionError):
        return b""


def wait_for(condition) -> None:
    end_s = time.monotonic() + DEADLINE_S
    while not condition() and time.monotonic() < end_s:
        select.select([], [], [], 0.002)


@pytest.mark.parametrize("version", VERSIONS)
def test_session_that_is_resumed_keeps_its_role(plant: TlsPlant, server: ModbusTcpServer, version: str) -> None:
    context = plant.context(plant.clients["Viewer"], VERSIONS[version])
    with connected(server, context) as first:
        answers = [exchange(first, READ_REGISTER_5)]
        session = first.session

    with connected(server, context, session) as second:
        answers += [exchange(second, READ_REGISTER_5), exchange(second, "06 0064 0007")]
        is_resumed = second.session_reused

    assert is_resumed
    assert answers == [frame(REGISTER_5), frame(REGISTER_5), frame("86 01")]


def connected(server: ModbusTcpServer, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> ssl.SSLSocket:
    plain = socket.create_connection(server.address, timeout=DEADLINE_S)
    return context.wrap_socket(plain, server_hostname="127.0.0.1", session=session)


def exchange(client: ssl.SSLSocket, pdu_hex: str) -> bytes:
    client.sendall(frame(pdu_hex))
    return client.recv(300)


@pytest.mark.parametrize(
    ("version", "size"), [("TLS 1.3", 1000), ("TLS 1.2", 1), ("TLS 1.3", 5)], ids=["whole", "a byte", "five bytes"]
)
@pytest.mark.parametrize(("stream", "answers"), [row[1:3] for row in STREAM_ROWS], ids=[row[0] for row in STREAM_ROWS])
def test_records_part_a_stream_anywhere_and_its_answers_are_the_same(
    plant: TlsPlant,
    server: ModbusTcpServer,
    stream: bytes,
    answers: list[tuple[int, int, str]],
    version: str,
    size: int,
) -> None:
    with RecordClient(server.address, plant.context(plant.clients["Operator"], VERSIONS[version])) as client:
        client.send(*(stream[at : at + size] for at in range(0, len(stream), size)))
        client.finish()

        answered = client.receive_rest()

    assert answered == b"".join(frame(pdu, transaction=number, unit=unit) for number, unit, pdu in answers)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    "stream", [row[1] for row in STREAM_ROWS if row[3]], ids=[row[0] for row in STREAM_ROWS if row[3]]
)
def test_stream_that_cannot_be_followed_is_closed_by_the_server(
    plant: TlsPlant, server: ModbusTcpServer, stream: bytes, version: str
) -> None:
    with RecordClient(server.address, plant.context(plant.clients["Operator"], VERSIONS[version])) as client:
        client.send(stream)

        assert client.receive_rest() == b"".join(frame(REGISTER_5) for _ in range(stream.count(frame(READ_REGISTER_5))))
