"""Connections opened and dropped in every state, while another client goes on working."""

from __future__ import annotations

import os
import random
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from modbus_fuzz import HeldBlocks

from emulators.modbus.device import ModbusDevice
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.tcp import ModbusTcpServer
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
LINGER_FOR_NO_TIME = struct.pack("ii", 1, 0)
READ_MANY = bytes.fromhex("0001 0000 0006 01 03 0000 007D")

Drop = Callable[[socket.socket], object]
DROPS: dict[str, Drop] = {
    "before a byte": lambda client: None,
    "in the header": lambda client: client.sendall(READ_MANY[:3]),
    "behind the header": lambda client: client.sendall(READ_MANY[:7]),
    "in the second frame": lambda client: client.sendall(READ_MANY + READ_MANY[:9]),
    "with the answer unread": lambda client: client.sendall(READ_MANY),
    "with many answers unread": lambda client: client.sendall(READ_MANY * 50),
    "with an answer read": lambda client: (client.sendall(READ_MANY), client.recv(259)),
    "with one direction shut": lambda client: (client.sendall(READ_MANY), client.shutdown(socket.SHUT_WR)),
    "behind rubbish": lambda client: client.sendall(b"\xff" * 40),
    "in a frame that is too long": lambda client: client.sendall(bytes.fromhex("0001 0000 FFFF 01")),
}


class DroppingClient:
    """Opens connections and drops them, in each state with an orderly end and with a reset."""

    def __init__(self, address: tuple[str, int], count: int) -> None:
        self.dropped: Counter[tuple[str, bool]] = Counter()
        self._address = address
        self._count = count
        self._thread = threading.Thread(target=self._drop_all)

    def __enter__(self) -> DroppingClient:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join(120)

    @property
    def is_done(self) -> bool:
        return not self._thread.is_alive()

    def _drop_all(self) -> None:
        chance = random.Random(7)
        held: list[socket.socket] = []
        for number in range(self._count):
            state = list(DROPS)[number % len(DROPS)]
            is_reset = chance.random() < 0.5
            client = socket.create_connection(self._address, timeout=DEADLINE_S)
            if is_reset:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_FOR_NO_TIME)
            with suppress(ConnectionError):
                DROPS[state](client)
            held.append(client)
            while len(held) > chance.randrange(20):  # some live on for a while
                held.pop(chance.randrange(len(held))).close()
            self.dropped[state, is_reset] += 1
        for client in held:
            client.close()


@pytest.fixture
def server() -> Iterator[ModbusTcpServer]:
    with EventLoopThread() as thread:
        server = ModbusTcpServer(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(1000))}))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        try:
            yield server
        finally:
            thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)


def receive(client: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size and (chunk := client.recv(size - len(received))):
        received += chunk
    return received


def write_and_read(client: socket.socket, number: int) -> int:
    """Write a register and read it back; return how many of the two answers were right."""
    body = struct.pack(">HH", number % 1000, number * 7919 & 0xFFFF)
    write = struct.pack(">HHHBB", number & 0xFFFF, 0, 6, 1, 6) + body
    read = struct.pack(">HHHBBHH", ~number & 0xFFFF, 0, 6, 1, 3, number % 1000, 1)
    client.sendall(write + read)
    answer = receive(client, 12 + 11)
    value = struct.pack(">HHHBBB", ~number & 0xFFFF, 0, 5, 1, 3, 2) + body[2:]
    return (answer[:12] == write) + (answer[12:] == value)


def wait_until_only_one_is_left(server: ModbusTcpServer) -> None:
    end_s = time.monotonic() + DEADLINE_S
    pause = threading.Event()
    while server.connection_count > 1 and time.monotonic() < end_s:
        pause.wait(0.01)


def churn(server: ModbusTcpServer, connections: int, requests: int) -> None:
    """Assert that nobody is disturbed and nothing stays behind."""
    with socket.create_connection(server.address, timeout=DEADLINE_S) as worker:
        write_and_read(worker, 0)
        descriptors, held = len(os.listdir("/proc/self/fd")), HeldBlocks()
        asked = correct = 0
        with DroppingClient(server.address, connections) as dropping:
            while asked < requests or not dropping.is_done:
                correct += write_and_read(worker, asked)
                asked += 2
        wait_until_only_one_is_left(server)

        assert correct == asked
        assert sum(dropping.dropped.values()) == connections
        assert len(dropping.dropped) == 2 * len(DROPS)
        assert server.connection_count == 1
        assert server.counters.accepted >= connections
        assert len(os.listdir("/proc/self/fd")) <= descriptors
        assert held.grown() < 2_000


def test_client_is_answered_while_others_come_and_go_in_every_state(server: ModbusTcpServer) -> None:
    churn(server, connections=200, requests=400)


@pytest.mark.campaign
@pytest.mark.timeout(300)
@pytest.mark.parametrize("count", [pytest.param(1_000, id="slice"), 10_000])
def test_ten_thousand_requests_are_answered_while_ten_thousand_connections_are_dropped(
    server: ModbusTcpServer, count: int
) -> None:
    churn(server, connections=count, requests=count)
