"""A client that shuts down its sending side gets the answers it is owed, then the end: RFC 9293 clause 3.6, RFC 8446
clause 6.1."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from modbus_stream_rows import (
    HALF_CLOSE_ROWS,
    READ_REGISTER_5,
    REGISTER_5,
    answer_frames,
    conformance_directory,
    frame,
)
from modbus_tls_client import RecordClient
from modbus_tls_plant import VERSIONS, TlsPlant

from emulators.modbus.checksums import with_crc
from emulators.modbus.faults.interface import ConnectionFaults
from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.permissions import EVERY_FUNCTION, PermissionTable
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.tcp import RTU_STREAM, ModbusTcpServer, StreamKind
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
RTU_ASKED, RTU_ANSWERED = with_crc(bytes.fromhex("01" + READ_REGISTER_5)), with_crc(bytes.fromhex("01" + REGISTER_5))
TWO_ANSWERS = frame("83 02", unit=9) + frame(REGISTER_5)
TWO_UNITS = frame(READ_REGISTER_5) + frame(READ_REGISTER_5, unit=9)


def slow_first(directory: UnitDirectory, faults: ConnectionFaults | None) -> MbapConnection:
    """Return a connection on which unit 1 takes its time."""
    return MbapConnection(
        directory, faults, gateway=Gateway(conformance_directory(), ResponseTimes({1: UnitLatency(10_000_000)}))
    )


@pytest.fixture(scope="module")
def plant(tmp_path_factory: pytest.TempPathFactory) -> TlsPlant:
    return TlsPlant(tmp_path_factory.mktemp("plant"), roles=("Operator",))


@pytest.fixture
def start() -> Iterator[Callable[..., ModbusTcpServer]]:
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start_server(**options: object) -> ModbusTcpServer:
            server = ModbusTcpServer(conformance_directory(), **options)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S))
            return server

        yield start_server


def received_after_half_close(address: tuple[str, int], asked: bytes) -> bytes:
    with socket.create_connection(address, timeout=DEADLINE_S) as client:
        client.sendall(asked)
        client.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: client.recv(4096), b""))


@pytest.mark.parametrize(
    ("options", "asked", "answered"),
    [
        *(({}, asked, answer_frames(answers)) for _, asked, answers in HALF_CLOSE_ROWS),
        ({"kind": RTU_STREAM}, RTU_ASKED, RTU_ANSWERED),
        ({"kind": StreamKind(MBAP_WIRE, slow_first)}, TWO_UNITS, TWO_ANSWERS),
    ],
    ids=[*(row[0] for row in HALF_CLOSE_ROWS), "rtu over tcp", "one answer still to come"],
)
def test_client_that_has_finished_sending_gets_what_it_is_owed(start, options, asked: bytes, answered: bytes) -> None:
    assert received_after_half_close(start(**options).address, asked) == answered


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(
    ("options", "asked", "answered"),
    [
        *(({}, asked, answer_frames(answers)) for _, asked, answers in HALF_CLOSE_ROWS if asked),
        ({"kind": StreamKind(MBAP_WIRE, slow_first)}, TWO_UNITS, TWO_ANSWERS),
    ],
    ids=[*(name for name, asked, _ in HALF_CLOSE_ROWS if asked), "one answer still to come"],
)
def test_client_that_closes_its_side_of_tls_gets_what_it_is_owed(
    start, plant: TlsPlant, options, asked: bytes, answered: bytes, version: str
) -> None:
    server = start(tls=plant.settings(PermissionTable({"Operator": EVERY_FUNCTION})), **options)

    with RecordClient(server.address, plant.context(plant.clients["Operator"], VERSIONS[version])) as client:
        client.send(asked)
        client.finish()

        assert client.receive_rest() == answered
