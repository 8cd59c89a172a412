"""A link inside a cell fails as a served wire does: the same seed, faults and requests give the same answers."""

from __future__ import annotations

import socket
from contextlib import closing
from pathlib import Path

import pytest

from emulators.description import RegisterTable
from emulators.modbus.client.frames import MbapFrames
from emulators.modbus.client.requests import ResponseError, check_response, read_request, write_request
from emulators.modbus.faults.injection import Injection
from hil.assembly import make_bench
from hil.bench.serving import ServingBench

SCANS = 25
PROGRAM = "PROGRAM Main VAR n : DINT := 123456; setpoint : DINT; END_VAR END_PROGRAM"
CLIENT = "PROGRAM Main VAR seen : DINT; wanted : DINT := 7; END_VAR END_PROGRAM"
MAP = """format = 1
[[register]]
tag = "N"
reference = 30001
type = "int32"
[[register]]
tag = "SETPOINT"
reference = 40001
type = "int32"
access = "rw"
"""
RIG = """format = 1
name = "pair"
step = "10 ms"
seed = 11
[controllers.PLC1]
language = "st"
sources = "server.st"
[tags.N]
signal = "PLC1.n"
[tags.SETPOINT]
signal = "PLC1.setpoint"
writable = true
"""
LINK = """
[controllers.PLC2]
language = "st"
sources = "client.st"
[controllers.PLC2.inputs]
seen = "NET.N"
[controllers.PLC2.outputs]
"NET.SETPOINT" = "wanted"
[links.NET]
protocol = "modbus-tcp"
controller = "PLC2"
map = "map.toml"
"""
ENDPOINT = """
[[endpoints]]
name = "NET"
protocol = "modbus-tcp"
controller = "PLC1"
map = "map.toml"
"""
FAULTS = {
    "corrupt": {"values": "random", "probability": 0.5},
    "exception": {"code": 4, "probability": 0.3},
    "stale_reply": {"transaction": "new", "probability": 0.3},
    "short_read": {"probability": 0.5},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {"server.st": PROGRAM, "client.st": CLIENT, "map.toml": MAP}.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def where(injections: tuple[Injection, ...]) -> list[tuple[object, ...]]:
    """Return injections without what they happened at: time and name of the wire."""
    return [(each.connection, each.exchange, each.function_code, each.number, each.rule) for each in injections]


def linked(rig: Path, fault: str) -> tuple[list[int], list[tuple[object, ...]]]:
    """Return what the controller has seen after each scan."""
    bench = make_bench(rig)
    bench.wire("NET").inject(fault, **FAULTS[fault])
    bench.advance_steps(10 * SCANS)
    column = bench.recorded()["PLC2.Main.seen"].tolist()
    return [column[max(1, 10 * scan)] for scan in range(SCANS)], where(bench.wire("NET").injections)


def served(rig: Path, fault: str) -> tuple[list[int], list[tuple[object, ...]]]:
    """Return what a client of the endpoint has seen after each scan of the same requests."""
    requests = (
        read_request(RegisterTable.INPUT_REGISTER, 0, 2),
        write_request(RegisterTable.HOLDING_REGISTER, 0, 2, (7).to_bytes(4, "big")),
    )
    bench = make_bench(rig, endpoints=True)
    assert isinstance(bench, ServingBench)
    seen, last, frames = [], 0, MbapFrames()
    with closing(bench), socket.create_connection((bench.endpoint("NET").host, bench.endpoint("NET").port)) as client:
        client.settimeout(10)
        bench.wire("NET").inject(fault, **FAULTS[fault])
        for _ in range(SCANS):
            bench.advance_steps(1)
            for request in requests:
                client.sendall(frames.request(1, request))
                answer = None
                while answer is None:
                    answer = frames.feed(client.recv(300))
                try:
                    payload = check_response(request, answer)
                except ResponseError:
                    continue
                last = int.from_bytes(payload, "big", signed=True) if payload else last
            seen.append(last)
        return seen, where(bench.wire("NET").injections)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_link_fails_as_a_served_wire_does(folder: Path, fault: str) -> None:
    (folder / "linked.toml").write_text(RIG + LINK)
    (folder / "served.toml").write_text(RIG + ENDPOINT)

    seen, injections = linked(folder / "linked.toml", fault)

    assert (seen, injections) == served(folder / "served.toml", fault)
    assert len(injections) > 3
