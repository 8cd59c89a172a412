"""Which exchanges a fault of a wire meets: those that its rule names, each time the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from faulty_wire import MS, TWO, answers, connect, directory, pipeline, request

from emulators.modbus.faults.interface import Door, Ending
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule
from emulators.modbus.faults.switched_rules import SwitchedRules
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection

# what the rule asks for, unit, request, whether it is met
MATCH_ROWS = [
    ("unit=1", 1, "03 0000 0002", True),
    ("unit=2..9", 1, "03 0000 0002", False),
    ("function=1,3", 1, "03 0000 0002", True),
    ("function=4", 1, "03 0000 0002", False),
    ("address=1", 1, "03 0000 0002", True),
    ("address=2", 1, "03 0000 0002", False),
    ("address=0..5", 1, "10 0005 0001 02 0000", True),
    ("address=0..4", 1, "10 0005 0001 02 0000", False),
    ("address=20", 1, "17 0000 0002 0014 0001 02 0000", True),
    ("address=1", 1, "17 0000 0002 0014 0001 02 0000", True),
    ("address=2", 1, "17 0000 0002 0014 0001 02 0000", False),
    ("address=0..65535", 1, "08 0000 0000", False),
    ("quantity=2..125", 1, "03 0000 0002", True),
    ("quantity=3..125", 1, "03 0000 0002", False),
    ("quantity=1", 1, "06 0000 0002", True),
    ("quantity=2", 1, "17 0000 0002 0014 0001 02 0000", True),
    ("quantity=0..65535", 1, "08 0000 0000", False),
    ("address=1 quantity=2", 1, "03 0000 0002", True),
    ("address=2 quantity=2", 1, "03 0000 0002", False),
    ("address=1 quantity=1", 1, "17 0000 0002 0014 0001 02 0000", False),
    ("connection=1", 1, "03 0000 0002", True),
    ("connection=2", 1, "03 0000 0002", False),
    ("connection=10.0.0.7", 1, "03 0000 0002", True),
    ("connection=10.0.0.7:555", 1, "03 0000 0002", True),
    ("connection=10.0.0.8", 1, "03 0000 0002", False),
]


@pytest.mark.parametrize(("options", "unit", "pdu", "is_met"), MATCH_ROWS, ids=[f"{r[0]} {r[2]}" for r in MATCH_ROWS])
def test_rule_acts_on_the_exchanges_it_names(options: str, unit: int, pdu: str, is_met: bool) -> None:
    faults = pipeline("busy", options)
    connection = connect(faults, peer="10.0.0.7:555")

    connection.feed(request(bytes.fromhex(pdu), unit=unit), 0)

    assert faults.injection_count == int(is_met)


def test_count_is_how_often_a_rule_acts() -> None:
    faults = pipeline("no_response", "count=3")

    assert [bool(answer) for answer in answers(connect(faults), 5)] == [False] * 3 + [True] * 2
    assert faults.injection_count == 3


def test_window_is_plant_time_with_its_end_excluded() -> None:
    faults = pipeline("no_response", "from=2s until=3s")
    connection = connect(faults)
    answered = []

    for time_ms in (1999, 2000, 2999, 3000):
        faults.show_time(time_ms * MS)
        answered.append(bool(connection.feed(request(), 0)))

    assert answered == [True, False, False, True]


@pytest.mark.parametrize(("probability", "low", "high"), [(0.0, 0, 0), (0.3, 250, 350), (1.0, 1000, 1000)])
def test_probability_is_how_often_a_rule_acts_in_the_long_run(probability: float, low: int, high: int) -> None:
    faults = pipeline("busy", f"probability={probability}")

    answers(connect(faults), 1000)

    assert low <= faults.injection_count <= high


def run_of_many(seed: int, *, is_replay_of: FaultPipeline | None = None) -> tuple[list[bytes], FaultPipeline]:
    faults = FaultPipeline("wire", seed=seed)
    faults.switch("corrupt", "bit probability=0.3 ; random probability=0.1 address=1")
    faults.switch("extra_bytes", "4 probability=0.2")
    faults.switch("delay", "1us jitter=3us probability=0.4")
    if is_replay_of is not None:
        faults.clear()
        faults.replay(is_replay_of.injections)
    connection = connect(faults)
    return [answer for number in range(60) for answer in (answers(connection, 1)[0], connection.poll(number))], faults


def test_same_seed_gives_the_same_faults_and_another_seed_others() -> None:
    first, _ = run_of_many(1)
    again, _ = run_of_many(1)
    other, _ = run_of_many(2)

    assert first == again
    assert first != other


def test_recorded_injections_replay_without_their_rules() -> None:
    first, recorded = run_of_many(1)

    replayed, faults = run_of_many(1, is_replay_of=recorded)

    assert replayed == first
    assert list(faults.injections) == list(recorded.injections)


def test_two_connections_fail_independently_of_how_their_requests_mix() -> None:
    def failures(order: str) -> list[tuple[int, int]]:
        faults = pipeline("busy", "probability=0.5")
        connections = {"a": connect(faults), "b": connect(faults)}
        for name in order:
            connections[name].feed(request(), 0)
        return sorted((injection.connection, injection.exchange) for injection in faults.injections)

    assert failures("a" * 20 + "b" * 20) == failures("ab" * 20)


def test_exchanges_are_counted_before_a_fault_is_switched_on() -> None:
    faults = pipeline()
    connection = connect(faults)

    answers(connection, 3)
    faults.switch("busy", True)
    answers(connection, 1)

    assert [injection.exchange for injection in faults.injections] == [4]


def test_injection_says_what_was_hit() -> None:
    faults = pipeline("busy", "unit=2 count=9")
    faults.show_time(5 * MS)
    connect(faults).feed(request(bytes.fromhex("04 0007 0001"), unit=2), 0)

    (injection,) = faults.injections

    assert (injection.time_ns, injection.endpoint, injection.connection, injection.exchange) == (5 * MS, "wire", 1, 1)
    assert (injection.unit_id, injection.function_code, injection.address) == (2, 4, 7)
    assert injection.rule == "busy unit=2"


def test_switching_a_fault_again_replaces_it_and_none_ends_it() -> None:
    faults = pipeline("exception", 3)

    faults.switch("exception", 4)
    changed = connect(faults).feed(request(), 0)
    faults.switch("exception", None)
    ended = connect(faults).feed(request(), 0)

    assert changed[-1] == 4
    assert ended == TWO
    assert not faults.is_active


@pytest.mark.parametrize(("name", "door"), [("refuse_connection", Door.REFUSE), ("tls_failure", Door.FAIL_TLS)])
def test_door_faults_keep_the_named_connections_out(name: str, door: Door) -> None:
    faults = pipeline(name, "connection=2")

    doors = [faults.connect(MBAP_WIRE, 0).door for _ in range(3)]

    assert doors == [Door.OPEN, door, Door.OPEN]


def test_endpoint_that_is_down_answers_nothing_and_lets_nobody_in_until_it_is_up() -> None:
    faults = pipeline()
    cuts: list[bool] = []
    faults.when_down = lambda: cuts.append(True)
    connection = connect(faults)

    faults.take_down(is_down=True)
    down = connection.feed(request(), 0)
    door = faults.connect(MBAP_WIRE, 0).door
    faults.take_down(is_down=False)

    assert (down, door, cuts) == (b"", Door.REFUSE, [True])
    assert connection.feed(request(), 1) == TWO


def test_connections_draw_for_themselves() -> None:
    faults = pipeline("no_response", "probability=0.5")

    silent = [[not answer for answer in answers(connect(faults), 40)] for _ in range(2)]

    assert silent[0] != silent[1]


def test_connection_breaks_where_the_device_is_silent_too() -> None:
    faults = pipeline("no_response")
    faults.switch("reset", "before")
    connection = connect(faults)

    assert connection.feed(request(), 0) == b""
    assert connection.ending is Ending.RESET


def test_a_rule_acts_until_the_one_in_its_place_does() -> None:
    busy = Rule.from_options("busy", {})
    switched = SwitchedRules("wire", [busy])
    meanwhile = []

    def once() -> Iterator[Rule]:
        meanwhile.extend(switched)
        yield Rule.from_options("busy", {"count": 1})

    switched.switch("busy", once())

    assert meanwhile == [busy]
    assert [rule.count for rule in switched] == [1]


def test_windows_open_anew_after_a_restart() -> None:
    faults = FaultPipeline("wire", rules=[Rule.from_options("busy", {"until": "10 ms"})])

    def is_busy(now_ns: int) -> bool:
        connection = MbapConnection(directory(), faults.connect(MBAP_WIRE, now_ns))
        return connection.feed(request(), now_ns) != TWO

    before = [is_busy(0), is_busy(20 * MS)]
    faults.restart()

    assert before == [is_busy(40 * MS), is_busy(60 * MS)] == [True, False]


def test_restart_brings_back_the_first_rules_and_forgets_everything_else() -> None:
    first = Rule.from_options("busy", {"count": 1})
    faults = FaultPipeline("wire", seed=7, rules=[first])
    connect(faults).feed(request(), 0)
    faults.switch("no_response", True)
    faults.take_down(is_down=True)
    cuts = []
    faults.when_down = lambda: cuts.append(faults.injection_count)

    faults.restart(seed=8)

    assert (faults.rules, faults.seed, faults.injection_count, list(faults.injections)) == ((first,), 8, 0, [])
    assert cuts == [0]
    assert connect(faults).feed(request(), 0)[-2:] == bytes.fromhex("83 06")
    assert [injection.connection for injection in faults.injections] == [1]
