"""The Modbus TCP server over real loopback sockets."""

from __future__ import annotations

import os
import random
import resource
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

import pytest
from tcp_ways import OUR_TRANSPORT_WAYS, TCP_WAYS, TcpWay

from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
READ_TEN = bytes.fromhex("03 0000 000A")

StartServer = Callable[..., ModbusTcpServer]


@pytest.fixture(params=TCP_WAYS)
def way(request: pytest.FixtureRequest) -> TcpWay:
    return request.param


@pytest.fixture
def start_server(way: TcpWay) -> Iterator[StartServer]:
    """Start servers on one loop thread; all are stopped at the end."""
    with EventLoopThread(make_loop=way.make_loop) as thread, ExitStack() as cleanup:

        def start(limits: TcpLimits | None = None) -> ModbusTcpServer:
            directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(1000))}, direct=1)
            server = ModbusTcpServer(directory, limits=limits, make_listener=way.make_listener)
            thread.run(server.start(), deadline_s=DEADLINE_S)
            cleanup.callback(lambda: thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S))
            return server

        yield start


@contextmanager
def connected(server: ModbusTcpServer) -> Iterator[socket.socket]:
    with socket.create_connection(server.address, timeout=DEADLINE_S) as client:
        yield client


def frame(transaction: int, pdu: bytes) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), 1) + pdu


def receive(client: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        chunk = client.recv(size - len(received))
        if not chunk:
            break
        received += chunk
    return received


def transact(client: socket.socket, transaction: int, pdu: bytes) -> bytes:
    client.sendall(frame(transaction, pdu))
    number, protocol, length, unit = struct.unpack(">HHHB", receive(client, 7))
    assert (number, protocol, unit) == (transaction, 0, 1)
    return receive(client, length - 1)


def is_cut_off(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_register_written_over_the_socket_reads_back(start_server: StartServer) -> None:
    with connected(start_server()) as client:
        transact(client, 1, bytes.fromhex("10 0001 0002 04 1234 5678"))

        assert transact(client, 2, bytes.fromhex("03 0000 0004")) == bytes.fromhex("03 08 0000 1234 5678 0000")


def test_requests_pipelined_in_one_segment_are_all_answered_in_order(start_server: StartServer) -> None:
    with connected(start_server()) as client:
        client.sendall(b"".join(frame(number, READ_TEN) for number in range(200)))

        answers = receive(client, 200 * 29)

    assert [int.from_bytes(answers[at : at + 2], "big") for at in range(0, len(answers), 29)] == list(range(200))


def test_client_that_has_finished_sending_still_gets_its_answers(start_server: StartServer) -> None:
    with connected(start_server()) as client:
        client.sendall(b"".join(frame(number, READ_TEN) for number in range(50)))
        client.shutdown(socket.SHUT_WR)

        answers = receive(client, 50 * 29 + 1)

    assert len(answers) == 50 * 29


def test_bad_length_cuts_off_this_client_only(start_server: StartServer) -> None:
    server = start_server()
    with connected(server) as good, connected(server) as bad:
        bad.sendall(bytes.fromhex("0001 0000 EA60 01 03"))

        assert is_cut_off(bad)
        assert len(transact(good, 1, READ_TEN)) == 22


def test_client_that_never_reads_is_cut_off_and_stalls_nobody(start_server: StartServer) -> None:
    server = start_server(TcpLimits(stalled_write_s=0.2))
    request = frame(1, bytes.fromhex("03 0000 007D")) * 1000
    with connected(server) as greedy, connected(server) as good:
        greedy.settimeout(0.05)

        sent_bytes = pour_until_refused(greedy, request)

        assert sent_bytes < 100_000_000
        assert len(transact(good, 1, READ_TEN)) == 22


def pour_until_refused(client: socket.socket, request: bytes) -> int:
    sent_bytes = 0
    try:
        while sent_bytes < 100_000_000:
            try:
                sent_bytes += client.send(request)
            except TimeoutError:
                continue
    except (ConnectionResetError, BrokenPipeError):
        pass
    return sent_bytes


def test_answers_that_a_client_reads_late_arrive_whole_and_in_order(start_server: StartServer) -> None:
    count, size = 30_000, 259  # more than the buffers of both sockets hold
    requests = b"".join(frame(number, bytes.fromhex("03 0000 007D")) for number in range(count))
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.settimeout(DEADLINE_S)
        client.connect(start_server().address)

        client.sendall(requests)
        numbers = [int.from_bytes(receive(client, size)[:2], "big") for _ in range(count)]

    assert numbers == list(range(count))


@pytest.mark.parametrize("ending", ["bad length", "end of stream"])
def test_answers_that_are_owed_come_before_the_end(start_server: StartServer, ending: str) -> None:
    requests = b"".join(frame(number, bytes.fromhex("03 0000 007D")) for number in range(2000))
    with connected(start_server()) as client:
        client.sendall(requests + bytes.fromhex("0001 0000 EA60 01 03") * (ending == "bad length"))
        if ending == "end of stream":
            client.shutdown(socket.SHUT_WR)

        answers = receive(client, 2000 * 259 + 1)

    assert len(answers) == 2000 * 259


@pytest.mark.parametrize("way", OUR_TRANSPORT_WAYS, indirect=True)
def test_client_that_finds_no_descriptor_left_waits_and_is_served_later(
    start_server: StartServer, caplog: pytest.LogCaptureFixture
) -> None:
    server = start_server()
    with connected(server) as early, socket.socket() as late:
        transact(early, 1, READ_TEN)
        with no_descriptor_left():
            late.connect(server.address)
            late.settimeout(0.3)
            late.sendall(frame(1, READ_TEN))
            with pytest.raises(TimeoutError):
                late.recv(1)
            assert len(transact(early, 2, READ_TEN)) == 22
        late.settimeout(DEADLINE_S)

        assert len(receive(late, 29)) == 29
    assert 1 <= len(caplog.records) <= 3  # it does not try all the time


@contextmanager
def no_descriptor_left() -> Iterator[None]:
    """Let this process open nothing."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    with open(os.devnull) as first_free:
        lowest = first_free.fileno()
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_idle_client_is_cut_off(start_server: StartServer) -> None:
    with connected(start_server(TcpLimits(idle_s=0.05))) as client:
        assert is_cut_off(client)


def test_client_that_dawdles_over_a_frame_is_cut_off(start_server: StartServer) -> None:
    with connected(start_server(TcpLimits(partial_frame_s=0.05))) as client:
        client.sendall(frame(1, READ_TEN)[:9])

        assert is_cut_off(client)


def test_client_beyond_the_limit_is_refused(start_server: StartServer) -> None:
    server = start_server(TcpLimits(max_connections=2))
    with connected(server) as first, connected(server) as second:
        transact(first, 1, READ_TEN)
        transact(second, 1, READ_TEN)

        with connected(server) as third:
            assert is_cut_off(third)
        assert len(transact(first, 2, READ_TEN)) == 22


def test_new_client_takes_the_place_of_one_that_is_idle_for_long(start_server: StartServer) -> None:
    server = start_server(TcpLimits(max_connections=2, evict_idle_s=0.1))
    with connected(server) as first, connected(server) as second:
        transact(first, 1, READ_TEN)

        while not server.counters.evicted:
            transact(second, 1, READ_TEN)
            with connected(server) as third, suppress(OSError):
                third.sendall(frame(1, READ_TEN))
                third.recv(1)

        assert server.counters.refused
        assert is_cut_off(first)
        assert len(transact(second, 2, READ_TEN)) == 22


def test_hundred_connections_are_served_side_by_side(start_server: StartServer) -> None:
    server = start_server()
    with ExitStack() as clients:
        opened = [clients.enter_context(connected(server)) for _ in range(100)]
        for number, client in enumerate(opened):
            client.sendall(frame(number, bytes.fromhex("06 0005") + number.to_bytes(2, "big")))

        answers = [receive(client, 12) for client in opened]

    assert [int.from_bytes(answer[10:12], "big") for answer in answers] == list(range(100))


def test_stop_closes_the_connections_and_frees_the_port(way: TcpWay) -> None:
    with EventLoopThread(make_loop=way.make_loop) as thread:
        directory = UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))})
        server = ModbusTcpServer(directory, make_listener=way.make_listener)
        thread.run(server.start(), deadline_s=DEADLINE_S)
        with connected(server) as client:
            transact(client, 1, bytes.fromhex("03 0000 0001"))

            thread.run(server.stop(), deadline_s=DEADLINE_S)

            assert is_cut_off(client)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(server.address, timeout=DEADLINE_S)


class RubbishClient:
    """Sends random bytes, half of them well framed, as fast as it can; connects again whenever it is cut off."""

    def __init__(self, server: ModbusTcpServer) -> None:
        self._server = server
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._shout)
        self.connection_count = 0
        self.sent_count = 0

    def __enter__(self) -> RubbishClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(DEADLINE_S)

    def _shout(self) -> None:
        chance = random.Random(11)
        while not self._stop.is_set():
            with suppress(OSError), connected(self._server) as client:
                self.connection_count += 1
                while not self._stop.is_set():
                    noise = chance.randbytes(chance.randint(1, 400))
                    client.sendall(frame(self.sent_count & 0xFFFF, noise[:253]) if chance.random() < 0.8 else noise)
                    self.sent_count += 1
                    if select.select([client], [], [], 0)[0] and not client.recv(65536):
                        break


def count_correct_requests(server: ModbusTcpServer, count: int) -> int:
    """Write and read back ``count`` values; return how many answers were right."""
    correct = 0
    with connected(server) as client:
        for number in range(count):
            value = struct.pack(">H", number * 7919 & 0xFFFF)
            echo = transact(client, 2 * number & 0xFFFF, b"\x06\x00\x64" + value)
            answer = transact(client, 2 * number + 1 & 0xFFFF, bytes.fromhex("03 0064 0001"))
            correct += echo == b"\x06\x00\x64" + value and answer == b"\x03\x02" + value
    return correct


def test_thousand_requests_are_answered_while_another_client_sends_rubbish(start_server: StartServer) -> None:
    server = start_server()
    asked = correct = 0

    with RubbishClient(server) as rubbish:
        while asked < 1000 or rubbish.connection_count < 20:
            asked += 250
            correct += count_correct_requests(server, 250)

    assert correct == asked
    assert rubbish.sent_count > 100


@pytest.mark.campaign
@pytest.mark.timeout(180)
def test_requests_are_answered_during_a_minute_of_rubbish(start_server: StartServer) -> None:
    server = start_server()
    end_s = time.monotonic() + 60
    asked = correct = 0

    with RubbishClient(server):
        while time.monotonic() < end_s:
            asked += 1000
            correct += count_correct_requests(server, 1000)

    assert correct == asked
