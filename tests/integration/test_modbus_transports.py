"""UDP, RTU over TCP and gateways over real loopback sockets."""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
from pymodbus import FramerType
from pymodbus.client import ModbusTcpClient, ModbusUdpClient

from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule
from emulators.modbus.gateway import Gateway
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.tcp import RTU_STREAM, ModbusTcpServer, StreamKind, TcpLimits
from emulators.modbus.udp import ModbusUdpServer
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
MS = 1_000_000
READ_ONE = bytes.fromhex("03 0000 0001")

Server = ModbusTcpServer | ModbusUdpServer


def units(n_units: int = 1) -> UnitDirectory:
    return UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(100)) for unit_id in range(1, n_units + 1)})


def frame(transaction: int, unit_id: int = 1, pdu: bytes = READ_ONE) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit_id) + pdu


def answer(transaction: int, unit_id: int = 1) -> bytes:
    return frame(transaction, unit_id, bytes.fromhex("03 02 0000"))


def receive(client: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size and (chunk := client.recv(size - len(received))):
        received += chunk
    return received


@pytest.fixture
def start() -> Iterator[Callable[[Server], Server]]:
    """Start servers on one loop thread; all are stopped at the end."""
    with EventLoopThread() as thread, ExitStack() as cleanup:

        def start_server(server: Server) -> Server:
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(), deadline_s=DEADLINE_S))
            return server

        yield start_server


@pytest.fixture
def udp_client() -> Iterator[Callable[[Server], socket.socket]]:
    with ExitStack() as cleanup:

        def connect(server: Server) -> socket.socket:
            client = cleanup.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
            client.settimeout(DEADLINE_S)
            client.connect(server.address)
            return client

        yield connect


def test_pymodbus_reads_and_writes_over_udp(start) -> None:
    host, port = start(ModbusUdpServer(units())).address
    client = ModbusUdpClient(host, port=port, timeout=DEADLINE_S, retries=0)
    assert client.connect()

    client.write_registers(5, [1, 2], device_id=1)
    registers = client.read_holding_registers(5, count=2, device_id=1).registers
    client.close()

    assert registers == [1, 2]


def test_each_udp_client_gets_its_own_answers(start, udp_client) -> None:
    server = start(ModbusUdpServer(units()))
    clients = [udp_client(server) for _ in range(20)]

    for number, client in enumerate(clients):
        client.send(frame(number) + frame(1000 + number))
    answers = [client.recv(300) for client in clients]

    assert answers == [answer(number) + answer(1000 + number) for number in range(20)]


@pytest.mark.parametrize(
    "rubbish", [b"", b"\0", frame(1)[:-1], b"\0\1\0\0\xff\xff\1\3", frame(1)[:2] + b"\0\5" + frame(1)[4:]]
)
def test_rubbish_in_a_datagram_does_not_reach_into_the_next_one(start, udp_client, rubbish: bytes) -> None:
    client = udp_client(start(ModbusUdpServer(units())))

    client.send(rubbish)
    client.send(frame(7))

    assert client.recv(300) == answer(7)


# fault and its options, transactions asked for, the datagrams that come
DATAGRAM_ROWS = [
    ("duplicate", {"extra": 2}, [1], [answer(1)] * 3),
    ("reorder", {"within": "60 s"}, [1, 2], [answer(2), answer(1)]),
    ("truncate", {"by": 9}, [1, 2], [answer(1)[:2], answer(2)[:2]]),
    ("dribble", {"gap": "1 us"}, [1, 2], [bytes((byte,)) for byte in answer(1) + answer(2)]),
]


@pytest.mark.parametrize(
    ("fault", "options", "asked", "expected"), DATAGRAM_ROWS, ids=[row[0] for row in DATAGRAM_ROWS]
)
def test_frames_of_a_udp_wire_that_fails_leave_in_a_datagram_each(
    start, udp_client, fault: str, options: dict[str, int | str], asked: list[int], expected: list[bytes]
) -> None:
    faults = FaultPipeline("wire", rules=[Rule.from_options(fault, options)])
    client = udp_client(start(ModbusUdpServer(units(), faults=faults)))

    client.send(b"".join(frame(transaction) for transaction in asked))

    assert [client.recv(300) for _ in expected] == expected


def test_slow_unit_behind_udp_answers_later(start, udp_client) -> None:
    directory = units(2)
    gateway = Gateway(directory, ResponseTimes({1: UnitLatency(20 * MS)}))
    client = udp_client(start(ModbusUdpServer(directory, make=partial(MbapConnection, gateway=gateway))))

    client.send(frame(1, 1))
    client.send(frame(2, 2))

    assert [client.recv(300), client.recv(300)] == [answer(2, 2), answer(1, 1)]


def test_pymodbus_reads_and_writes_rtu_over_tcp(start) -> None:
    host, port = start(ModbusTcpServer(units(2), kind=RTU_STREAM)).address
    client = ModbusTcpClient(host, port=port, framer=FramerType.RTU, timeout=DEADLINE_S, retries=0)
    assert client.connect()

    client.write_registers(5, [1, 2], device_id=2)
    registers = client.read_holding_registers(5, count=2, device_id=2).registers
    refusal = client.read_holding_registers(99, count=2, device_id=1)
    client.close()

    assert (registers, refusal.exception_code) == ([1, 2], 2)


def test_partial_rtu_frame_over_tcp_is_forgotten_after_a_pause_and_the_connection_lives(start) -> None:
    server = start(ModbusTcpServer(units(), kind=RTU_STREAM, limits=TcpLimits(partial_frame_s=DEADLINE_S)))
    request = with_crc(b"\1" + READ_ONE)
    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        client.sendall(request[:5])
        client.settimeout(0.5)  # longer than the pause
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(DEADLINE_S)
        client.sendall(request)

        assert receive(client, 7) == with_crc(bytes.fromhex("01 03 02 0000"))


def test_slow_unit_behind_a_gateway_does_not_delay_the_others(start) -> None:
    directory = units(3)
    gateway = Gateway(directory, ResponseTimes({1: UnitLatency(50 * MS)}))
    kind = StreamKind(MBAP_WIRE, partial(MbapConnection, gateway=gateway))
    server = start(ModbusTcpServer(directory, kind=kind))

    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        start_s = time.monotonic()
        client.sendall(frame(1, 1) + frame(2, 2) + frame(3, 3))
        answers = [receive(client, 11) for _ in range(3)]
        took_s = time.monotonic() - start_s

    assert answers == [answer(2, 2), answer(3, 3), answer(1, 1)]
    assert took_s >= 0.049


def test_client_that_has_finished_sending_still_gets_the_answer_of_a_slow_unit(start) -> None:
    directory = units()
    gateway = Gateway(directory, ResponseTimes({1: UnitLatency(20 * MS)}))
    server = start(ModbusTcpServer(directory, kind=StreamKind(MBAP_WIRE, partial(MbapConnection, gateway=gateway))))

    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        client.sendall(frame(1))
        client.shutdown(socket.SHUT_WR)

        assert receive(client, 1000) == answer(1)


def test_many_servers_live_in_one_process(start) -> None:
    servers = [start(ModbusTcpServer(units())) for _ in range(50)]

    for server in servers:
        with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
            client.sendall(frame(1))
            assert receive(client, 11) == answer(1)
