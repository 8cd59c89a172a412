"""Faults of a Modbus TCP server as raw sockets and pymodbus's client see them over loopback."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from pymodbus.client import ModbusTcpClient
from pymodbus.exceptions import ConnectionException, ModbusIOException
from tcp_ways import TCP_WAYS, TcpWay

from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread
from emulators.sockets.listeners import MakeListener, plain_listener

DEADLINE_S = 60.0
QUIET_S = 0.1  # how long a client waits for an answer that must not come
READ_TWO = bytes.fromhex("0001 0000 0006 01 03 0000 0002")
TWO = bytes.fromhex("0001 0000 0007 01 03 04 0064 0065")

Faulty = tuple[ModbusTcpServer, FaultPipeline]
Serve = Callable[..., Faulty]


@pytest.fixture(scope="module")
def loop_thread() -> Iterator[EventLoopThread]:
    with EventLoopThread() as thread:
        yield thread


@pytest.fixture
def serve(loop_thread: EventLoopThread) -> Iterator[Serve]:
    """Start a server with units 1 and 2 and one fault."""
    with faulty_servers(loop_thread, plain_listener) as start:
        yield start


@contextmanager
def faulty_servers(loop_thread: EventLoopThread, make_listener: MakeListener) -> Iterator[Serve]:
    with ExitStack() as cleanup:

        def start(name: str = "", value: bool | int | float | str = True) -> Faulty:
            units = {}
            for unit_id in (1, 2):
                memory = UnitMemory.of_size(50)
                memory.holding_registers.cells[:] = struct.pack(">50H", *range(100, 150))
                units[unit_id] = ModbusDevice(memory)
            faults = FaultPipeline("wire", seed=1)
            if name:
                faults.switch(name, value)
            server = ModbusTcpServer(UnitDirectory(units), faults=faults, make_listener=make_listener)
            loop_thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: loop_thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S))
            return server, faults

        yield start


@contextmanager
def connected(server: ModbusTcpServer, timeout_s: float = DEADLINE_S) -> Iterator[socket.socket]:
    with socket.create_connection(server.address, timeout=timeout_s) as client:
        yield client


def met(server: ModbusTcpServer, expected: bytes) -> bytes:
    """Return what comes for a read of two registers; only silence after what is expected is a matter of time."""
    bytes_expected = expected.removesuffix(b"<silence>")
    with connected(server) as client:
        client.sendall(READ_TWO)
        if bytes_expected == expected:
            return received(client, 1000, DEADLINE_S)
        return received(client, len(bytes_expected), DEADLINE_S) + received(client, 1000)


def received(client: socket.socket, size: int, wait_s: float = QUIET_S) -> bytes:
    chunks = b""
    client.settimeout(wait_s)
    try:
        while len(chunks) < size:
            chunk = client.recv(size - len(chunks))
            if not chunk:
                return chunks + b"<end>"
            chunks += chunk
    except TimeoutError:
        return chunks + b"<silence>"
    except ConnectionError:
        return chunks + b"<reset>"
    return chunks


# fault, value, what a raw client reads until silence, end or reset
SOCKET_ROWS = [
    ("no_response", True, b"<silence>"),
    ("exception", 4, bytes.fromhex("0001 0000 0003 01 83 04") + b"<silence>"),
    ("busy", True, bytes.fromhex("0001 0000 0003 01 83 06") + b"<silence>"),
    ("wrong_transaction_id", True, b"\x00\x02" + TWO[2:] + b"<silence>"),
    ("wrong_unit", True, TWO[:6] + b"\x02" + TWO[7:] + b"<silence>"),
    ("wrong_function", True, TWO[:7] + b"\x04" + TWO[8:] + b"<silence>"),
    ("corrupt", "zero", TWO[:9] + bytes(4) + b"<silence>"),
    ("truncate", 2, TWO[:-2] + b"<silence>"),
    ("duplicate", True, TWO + TWO + b"<silence>"),
    ("dribble", "1ms", TWO + b"<silence>"),
    ("delay", "20ms", TWO + b"<silence>"),
    ("reorder", "20ms", TWO + b"<silence>"),
    ("half_close", "before", b"<end>"),
    ("half_close", "middle", TWO[: len(TWO) // 2] + b"<end>"),
    ("half_close", "after", TWO + b"<end>"),
    ("reset", "before", b"<reset>"),
    ("reset", "middle", TWO[: len(TWO) // 2] + b"<reset>"),
    ("reset", "after", TWO + b"<reset>"),
    ("refuse_connection", True, b"<reset>"),
]


@pytest.mark.parametrize(
    ("name", "value", "expected"), SOCKET_ROWS, ids=[f"{name}-{value}" for name, value, _ in SOCKET_ROWS]
)
def test_raw_client_meets_the_fault(serve: Serve, name: str, value: bool | int | str, expected: bytes) -> None:
    server, faults = serve(name, value)

    seen = met(server, expected) if name != "refuse_connection" else after_connecting(server)

    assert seen == expected
    assert faults.injection_count == 1


@pytest.mark.parametrize("way", TCP_WAYS)
@pytest.mark.parametrize(
    ("name", "value", "expected"), [row for row in SOCKET_ROWS if row[0] in ("half_close", "reset", "dribble")]
)
def test_fault_looks_the_same_whatever_moves_the_bytes(
    way: TcpWay, name: str, value: bool | int | str, expected: bytes
) -> None:
    with EventLoopThread(make_loop=way.make_loop) as thread, faulty_servers(thread, way.make_listener) as start:
        server, faults = start(name, value)

        assert met(server, expected) == expected
        assert faults.injection_count == 1


def after_connecting(server: ModbusTcpServer) -> bytes:
    """Return how a connection ends; the reset may come before ``connect`` has returned."""
    try:
        with connected(server) as client:
            return received(client, 1, DEADLINE_S)
    except ConnectionError:
        return b"<reset>"


def test_extra_bytes_come_with_the_answer(serve: Serve) -> None:
    server, _ = serve("extra_bytes", 3)

    with connected(server) as client:
        client.sendall(READ_TWO)
        seen = received(client, len(TWO) + 3, DEADLINE_S)

    assert seen[: len(TWO)] == TWO
    assert len(seen) == len(TWO) + 3


def test_dribbled_bytes_arrive_one_at_a_time(serve: Serve) -> None:
    server, _ = serve("dribble", "100ms")

    with connected(server) as client:
        client.sendall(READ_TWO)
        first_reads = [client.recv(100) for _ in range(3)]

    assert b"".join(first_reads) == TWO[: sum(map(len, first_reads))]
    assert len(first_reads[0]) < len(TWO)


def test_pipelined_answers_change_places_and_the_late_one_is_not_lost(serve: Serve) -> None:
    server, _ = serve("reorder", "5s count=1")

    with connected(server) as client:
        client.sendall(READ_TWO + b"\x00\x02" + READ_TWO[2:])
        seen = received(client, 2 * len(TWO), DEADLINE_S)

    assert (seen[:2], seen[len(TWO) : len(TWO) + 2]) == (b"\x00\x02", b"\x00\x01")


def test_only_the_named_connection_suffers(serve: Serve) -> None:
    server, faults = serve("no_response", "connection=2")

    with connected(server) as healthy, connected(server) as sick:
        healthy.sendall(READ_TWO)
        sick.sendall(READ_TWO)
        seen = received(healthy, len(TWO), DEADLINE_S), received(sick, 1)

    assert seen == (TWO, b"<silence>")
    assert [injection.connection for injection in faults.injections] == [2]


def test_a_delayed_client_does_not_delay_another(serve: Serve) -> None:
    server, _ = serve("delay", "30s connection=1")

    with connected(server) as slow, connected(server) as quick:
        slow.sendall(READ_TWO)
        quick.sendall(READ_TWO * 20)
        seen = received(quick, 20 * len(TWO), DEADLINE_S)
        waiting = received(slow, 1)

    assert seen == TWO * 20
    assert waiting == b"<silence>"


def test_a_fault_can_be_switched_while_a_client_is_connected(serve: Serve) -> None:
    server, faults = serve()

    with connected(server) as client:
        seen = []
        for value in (None, 6, None):
            faults.switch("exception", value)
            client.sendall(READ_TWO)
            seen.append(received(client, 9, DEADLINE_S)[-2:])
            received(client, 1000, 0.02)

    assert [piece.hex() for piece in seen] == ["0304", "8306", "0304"]


def test_a_client_of_a_stopped_server_does_not_wait_for_delayed_answers(serve: Serve) -> None:
    server, _ = serve("delay", "1h")

    with connected(server) as client:
        client.sendall(READ_TWO)
        assert received(client, 1) == b"<silence>"

    assert threading.active_count() < 20  # and the fixture stops the server within its deadline


@contextmanager
def pymodbus_client(server: ModbusTcpServer, timeout_s: float = DEADLINE_S) -> Iterator[ModbusTcpClient]:
    host, port = server.address
    client = ModbusTcpClient(host, port=port, timeout=timeout_s, retries=0)
    try:
        yield client
    finally:
        client.close()


@pytest.mark.parametrize(("name", "value", "code"), [("exception", 2, 2), ("busy", True, 6)])
def test_pymodbus_reports_the_exception(serve: Serve, name: str, value: bool | int, code: int) -> None:
    server, _ = serve(name, value)

    with pymodbus_client(server) as client:
        response = client.read_holding_registers(0, count=2, device_id=1)

    assert response.exception_code == code


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no_response", True),
        ("delay", "2s"),
        ("truncate", 2),
        ("wrong_transaction_id", True),
        ("wrong_unit", True),
        ("half_close", "before"),
        ("reset", "before"),
        ("reset", "middle"),
    ],
)
def test_pymodbus_gets_no_valid_answer(serve: Serve, name: str, value: bool | int | str) -> None:
    server, _ = serve(name, value)

    with pymodbus_client(server, QUIET_S) as client, pytest.raises((ModbusIOException, ConnectionException, OSError)):
        client.read_holding_registers(0, count=2, device_id=1)


@pytest.mark.parametrize(
    ("name", "value", "registers"),
    [
        ("delay", "10ms", [100, 101]),
        ("dribble", "1ms", [100, 101]),
        ("duplicate", True, [100, 101]),
        ("corrupt", "ones address=1", [100, 65535]),
        ("half_close", "after", [100, 101]),
    ],
)
def test_pymodbus_reads_on_through_the_fault(serve: Serve, name: str, value: bool | str, registers: list[int]) -> None:
    server, _ = serve(name, value)

    with pymodbus_client(server) as client:
        response = client.read_holding_registers(0, count=2, device_id=1)

    assert response.registers == registers


def test_same_seed_fails_the_same_exchanges_over_sockets(serve: Serve) -> None:
    def failures() -> list[int]:
        server, faults = serve("no_response", "probability=0.5")
        with connected(server) as client:
            for _ in range(40):
                client.sendall(READ_TWO)
            client.shutdown(socket.SHUT_WR)
            received(client, 100_000, DEADLINE_S)
        return [injection.exchange for injection in faults.injections]

    first = failures()

    assert failures() == first
    assert 5 < len(first) < 35
