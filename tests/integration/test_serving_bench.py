"""A bench whose endpoints listen: a test as a client, wires that fail, scenarios with such faults."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from emulators.cell.tape import Operation
from emulators.errors import DescriptionError, EmulatorError
from emulators.timebase import NS_PER_S
from hil import faults
from hil.assembly import make_bench
from hil.bench.serving import ServingBench
from hil.campaign import run_campaign
from hil.errors import UnknownNameError
from hil.oracle import Run
from hil.scenario import Event, Timeline, press
from hil.scenario.drawing import Drawer
from hil.scenario.random_source import RandomSource
from hil.scenario.scenario import Scenario, scenario

DEADLINE_S = 60.0
SETPOINT_TAG = "LIC-101.SP"


@pytest.fixture(scope="module")
def made() -> Iterator[ServingBench]:
    bench = make_bench("two_tanks", endpoints=True)
    assert isinstance(bench, ServingBench)
    with closing(bench):
        yield bench


@pytest.fixture
def bench(made: ServingBench) -> ServingBench:
    made.reset()
    return made


@contextmanager
def connected(bench: ServingBench) -> Iterator[socket.socket]:
    endpoint = bench.endpoint("plc1-modbus")
    with socket.create_connection((endpoint.host, endpoint.port), timeout=DEADLINE_S) as client:
        yield client


def transact(client: socket.socket, pdu: bytes) -> bytes:
    client.sendall(struct.pack(">HHHB", 1, 0, 1 + len(pdu), 1) + pdu)
    return client.recv(300)[7:]


READ = bytes.fromhex("03 0000 0001")


def test_a_wire_fails_as_the_test_says_from_the_next_exchange_on(bench: ServingBench) -> None:
    wire = bench.wire("plc1-modbus")

    with connected(bench) as client:
        before = transact(client, READ)
        wire.inject("exception", code=6, function=3, count=1)
        after = [transact(client, READ) for _ in range(2)]

    assert [answer[:2] for answer in (before, *after)] == [b"\x03\x02", b"\x83\x06", b"\x03\x02"]
    assert [(injection.connection, injection.exchange) for injection in wire.injections] == [(1, 2)]


def test_the_wire_is_a_name_of_the_bench_like_any_instrument(bench: ServingBench) -> None:
    bench["plc1-modbus"].inject("no_response", "count=3 function=4")
    switched = [str(rule) for rule in bench.wire("plc1-modbus").rules]
    bench["plc1-modbus"].clear("no_response")

    assert switched == ["no_response lost=request function=4 count=3"]
    assert bench.wire("plc1-modbus").rules == ()


def test_a_window_of_a_rule_is_plant_time(bench: ServingBench) -> None:
    bench.wire("plc1-modbus").inject("busy", from_="1 s", until="2 s")

    with connected(bench) as client:
        answers = []
        for _ in range(3):
            bench.advance("700 ms")
            answers.append(transact(client, READ)[0])

    assert answers == [0x03, 0x83, 0x03]


def test_a_client_sees_the_last_step_and_its_write_acts_in_the_next(bench: ServingBench) -> None:
    mapped = next(each for each in bench.cell.blueprint.rig.endpoints if each.units).register_maps[0]
    assert mapped is not None
    (entry,) = [each for each in mapped.entries if each.tag == SETPOINT_TAG and each.is_writable]
    target = struct.pack(">HH", entry.address, entry.quantity)

    with connected(bench) as client:
        value = transact(client, b"\x03" + target)[2:]
        other = transact(client, b"\x10" + target + bytes([len(value)]) + value)
        bench.advance("10 ms")

    assert other[0] == 0x10
    (written,) = bench.client_writes
    assert (written.target, written.time_ns) == (SETPOINT_TAG, bench.step_ns)
    assert written.value == pytest.approx(bench.read(SETPOINT_TAG))


def test_a_run_on_a_serving_bench_has_the_bits_of_one_without_endpoints(bench: ServingBench) -> None:
    played = Timeline(3 * NS_PER_S, (Event(NS_PER_S, Operation.WRITE, "START", True, 2 * NS_PER_S),))

    served = bench.run(played, columns=["LT-101", "START"])
    plain = make_bench("two_tanks").run(played, columns=["LT-101", "START"])

    assert served["LT-101"].tobytes() == plain["LT-101"].tobytes()
    assert served["START"].tobytes() == plain["START"].tobytes()


def rough() -> Scenario:
    return scenario("4 s", operator=[press("START", "STOP", every=("1 s", "2 s"))]).with_faults(
        faults.network("plc1-modbus"), at_most=2
    )


def test_network_faults_are_drawn_among_all_ways_in_which_a_wire_fails(bench: ServingBench) -> None:
    drawer = Drawer(rough(), bench.catalogue)
    drawn = [drawer.draw(RandomSource("wire", index)) for index in range(200)]
    events = [event for each in drawn for event in each.events if event.target.startswith("plc1-modbus")]
    targets = {event.target for event in events}

    assert all(drawer.allows(each) for each in drawn)
    assert {"plc1-modbus", "plc1-modbus.delay", "plc1-modbus.no_response", "plc1-modbus.stale_reply"} <= targets
    assert "plc1-modbus.tls_failure" not in targets


def test_named_faults_of_a_wire_are_the_only_ones_drawn(bench: ServingBench) -> None:
    whole = scenario("20 s", operator=[press("START", every="2 s")]).with_faults(faults.wire("plc1-modbus", "delay"))

    drawn = [Drawer(whole, bench.catalogue).draw(RandomSource("wire", index)) for index in range(50)]

    assert {event.target for each in drawn for event in each.events} == {"START", "plc1-modbus.delay"}


def test_a_bench_without_endpoints_has_no_wire_that_fails() -> None:
    with pytest.raises(DescriptionError, match="no 'plc1-modbus' that can fail; give the rig a link"):
        Drawer(
            scenario("20 s", operator=[press("START", every="2 s")]).with_faults(faults.wire("plc1-modbus")),
            make_bench("two_tanks").catalogue,
        )


def test_a_campaign_plays_faults_of_wires_and_reduces_to_the_one_that_matters(bench: ServingBench) -> None:
    def stays_on_line(run: Run) -> None:
        assert not any(rule.fault.NAME == "no_response" for rule in bench.wire("plc1-modbus").rules)

    result = run_campaign(bench, rough(), stays_on_line, count=200, seed=1, columns=["START"])

    assert result.failure is not None
    assert [event.target for event in result.failure.timeline.events] == ["plc1-modbus.no_response"]


def test_the_trace_counts_what_happened_to_the_wire(bench: ServingBench) -> None:
    bench.wire("plc1-modbus").inject("busy")

    with connected(bench) as client:
        for _ in range(3):
            bench.advance("20 ms")
            transact(client, READ)
    bench.advance("20 ms")

    counted = bench.recorded()["plc1-modbus.injections"]
    assert counted.tolist() == [0, 1, 2, 3]
    assert bench["plc1-modbus.injections"].value == 3


def test_a_cold_start_ends_faults_and_connections(bench: ServingBench) -> None:
    bench.wire("plc1-modbus").inject("busy")

    with connected(bench) as client:
        transact(client, READ)
        bench.reset()
        with pytest.raises(ConnectionResetError):
            client.recv(1)

    assert bench.wire("plc1-modbus").rules == ()
    assert bench.wire("plc1-modbus").injections == ()


def test_recorded_injections_of_a_run_happen_again(bench: ServingBench) -> None:
    def play() -> list[bytes]:
        with connected(bench) as client:
            return [transact(client, READ) for _ in range(20)]

    bench.wire("plc1-modbus").inject("corrupt", values="random", probability=0.4)
    first, injections = play(), bench.wire("plc1-modbus").injections
    bench.reset()
    bench.wire("plc1-modbus").replay(injections)
    again = play()

    assert again == first
    assert bench.wire("plc1-modbus").injections == injections
    assert 2 < len(injections) < 18


def test_wrong_names_and_values_are_refused_before_time_moves(bench: ServingBench) -> None:
    with pytest.raises(UnknownNameError):
        bench.wire("plc2-modbus")
    with pytest.raises(UnknownNameError, match="did you mean 'no_response'"):
        bench["plc1-modbus"].inject("no_respons")
    with pytest.raises(UnknownNameError, match="did you mean 'plc1-modbus'"):
        bench.endpoint("plc1-modbu")
    with pytest.raises(EmulatorError, match=r"plc1-modbus\.delay"):
        bench["plc1-modbus"].inject("delay", "3 furlongs")
