"""Two tests with one bench: what clients did to its devices in the first is not there in the second."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from hil.assembly import make_bench
from hil.bench.serving import ServingBench

RIG = """format = 1
name = "hall"
step = "10 ms"
seed = 3
[[endpoints]]
name = "gateway"
protocol = "modbus-tcp"
[[endpoints.units]]
unit_id = 1
name = "QUICK"
map = "map.toml"
[[endpoints.units]]
unit_id = 2
name = "SLOW"
map = "map.toml"
latency = "50 ms"
"""
MAP = """format = 1
[[register]]
tag = "SP"
reference = 40001
type = "uint16"
access = "rw"
initial = 7
[[register]]
tag = "SERIAL"
reference = 40002
type = "uint16"
access = "once"
initial = 1
[files]
4 = [1, 2, 3]
[queues]
100 = [11, 12]
"""
REQUESTS = (
    ("03 0000 0002", "03 04 0007 0001"),
    ("06 0000 0009", "06 0000 0009"),
    ("06 0001 0005", "06 0001 0005"),
    ("06 0001 0006", "86 02"),  # it has been written
    ("03 0000 0002", "03 04 0009 0005"),
    ("14 07 06 0004 0000 0003", "14 08 07 06 0001 0002 0003"),
    ("15 09 06 0004 0001 0001 BEEF", "15 09 06 0004 0001 0001 BEEF"),
    ("14 07 06 0004 0000 0003", "14 08 07 06 0001 BEEF 0003"),
    ("18 0064", "18 0006 0002 000B 000C"),
    ("08 000B 0000", "08 000B 000A"),  # the tenth message
    ("08 000D 0000", "08 000D 0001"),  # one exception
    ("0B", "0B 0000 000A"),
    ("08 0004 0000", ""),  # listen only
)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[ServingBench]:
    (tmp_path / "rig.toml").write_text(RIG)
    (tmp_path / "map.toml").write_text(MAP)
    bench = make_bench(tmp_path / "rig.toml", endpoints=True)
    assert isinstance(bench, ServingBench)
    with closing(bench):
        yield bench


@contextmanager
def connected(bench: ServingBench) -> Iterator[socket.socket]:
    endpoint = bench.endpoint("gateway")
    with socket.create_connection((endpoint.host, endpoint.port), timeout=60) as client:
        yield client


def ask(client: socket.socket, request: str, *, unit_id: int = 1) -> None:
    pdu = bytes.fromhex(request)
    client.sendall(struct.pack(">HHHB", 1, 0, 1 + len(pdu), unit_id) + pdu)


def answers(bench: ServingBench) -> list[bytes]:
    """Return the answers of unit 1 to all requests; what follows a silent one is asked of the other unit."""
    found = []
    with connected(bench) as client:
        for request, expected in REQUESTS:
            ask(client, request)
            found.append(client.recv(300)[7:] if expected else b"")
        ask(client, "03 0000 0001")
        ask(client, "03 0000 0001", unit_id=2)
        found.append(client.recv(300)[6:])
    return found


def test_what_clients_did_to_a_device_is_forgotten(bench: ServingBench) -> None:
    expected = [*(bytes.fromhex(answer) for _, answer in REQUESTS), bytes.fromhex("02 03 02 0007")]

    for _ in range(3):
        assert answers(bench) == expected
        bench.reset()


def test_what_a_slow_unit_was_asked_before_does_not_come_to_it_after(bench: ServingBench) -> None:
    with connected(bench) as client:
        ask(client, "06 0000 0055", unit_id=2)
        ask(client, "03 0000 0001")
        assert client.recv(300)[6:] == bytes.fromhex("01 03 02 0007")  # so the write has arrived

        bench.reset()

    with connected(bench) as client:
        ask(client, "03 0000 0001", unit_id=2)
        assert client.recv(300)[6:] == bytes.fromhex("02 03 02 0007")
    bench.advance_steps(1)
    assert bench.read("SLOW.SP") == 7


def test_a_client_over_udp_that_goes_on_is_a_new_one(tmp_path: Path) -> None:
    (tmp_path / "rig.toml").write_text(RIG.replace("modbus-tcp", "modbus-udp"))
    (tmp_path / "map.toml").write_text(MAP)
    bench = make_bench(tmp_path / "rig.toml", endpoints=True)
    assert isinstance(bench, ServingBench)
    with closing(bench), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        endpoint = bench.endpoint("gateway")
        client.connect((endpoint.host, endpoint.port))
        client.settimeout(60)

        def play() -> tuple[list[bytes], list[tuple[int, int]]]:
            bench.wire("gateway").inject("corrupt", values="random", probability=0.5)
            found = []
            for _ in range(12):
                ask(client, "03 0000 0001")
                found.append(client.recv(300)[6:])
            return found, [(each.connection, each.exchange) for each in bench.wire("gateway").injections]

        first = play()
        bench.reset()
        second = play()

    assert second == first
    assert {connection for connection, _ in first[1]} == {1}
    assert 1 < len(first[1]) < 12
