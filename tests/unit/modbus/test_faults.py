"""Faults of a wire without a socket: what each does to the bytes, which exchanges it meets, each time the same."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.interface import Door, Ending, WireFraming
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.faults.matching import NumberSet
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.faults.rule import Rule, RuleError, rules_from_value
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory

READ_TWO = bytes.fromhex("03 0000 0002")
WRITE_ONE = bytes.fromhex("06 0005 1234")
TWO = bytes.fromhex("0001 0000 0007 01 03 04 0064 0065")
MS = 1_000_000


def directory() -> UnitDirectory:
    """Units 1 and 2 whose holding registers count from 100."""
    units = {}
    for unit_id in (1, 2):
        memory = UnitMemory.of_size(50)
        memory.holding_registers.cells[:] = struct.pack(">50H", *range(100, 150))
        memory.coils.cells[:2] = b"\x00\x00"
        units[unit_id] = ModbusDevice(memory)
    return UnitDirectory(units)


def pipeline(name: str = "", value: bool | int | float | str = True, *, seed: int = 7) -> FaultPipeline:
    faults = FaultPipeline("wire", seed=seed)
    if name:
        faults.switch(name, value)
    return faults


def connect(faults: FaultPipeline, *, peer: str = "", units: UnitDirectory | None = None) -> MbapConnection:
    return MbapConnection(units or directory(), faults.connect(MBAP_WIRE, 0, peer))


def request(pdu: bytes = READ_TWO, *, transaction: int = 1, unit: int = 1) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit) + pdu


def answers(connection: MbapConnection, count: int, pdu: bytes = READ_TWO) -> list[bytes]:
    return [connection.feed(request(pdu, transaction=number), number) for number in range(1, count + 1)]


# fault, its value, expected bytes of the answer to a read of two registers with transaction id 1 of unit 1
ANSWER_ROWS = [
    ("no_response", True, ""),
    ("exception", True, "0001 0000 0003 01 83 04"),
    ("exception", 11, "0001 0000 0003 01 83 0b"),
    ("exception", "illegal_data_value", "0001 0000 0003 01 83 03"),
    ("busy", True, "0001 0000 0003 01 83 06"),
    ("corrupt", "zero", "0001 0000 0007 01 03 04 0000 0000"),
    ("corrupt", "ones", "0001 0000 0007 01 03 04 ffff ffff"),
    ("corrupt", "ones address=1..9", "0001 0000 0007 01 03 04 0064 ffff"),
    ("short_read", True, "0001 0000 0005 01 03 02 0064"),
    ("short_read", 9, "0001 0000 0003 01 03 00"),
    ("wrong_function", True, "0001 0000 0007 01 04 04 0064 0065"),
    ("wrong_unit", 4, "0001 0000 0007 05 03 04 0064 0065"),
    ("wrong_transaction_id", True, "0002 0000 0007 01 03 04 0064 0065"),
    ("truncate", 3, "0001 0000 0007 01 03 04 00"),
    ("duplicate", True, "0001 0000 0007 01 03 04 0064 0065" * 2),
    ("delay", "10ms", ""),
    ("reorder", True, ""),
    ("dribble", "1ms", "00"),
    ("half_close", "middle", "0001 0000 0007"),
    ("reset", "before", ""),
    ("reset", "after", "0001 0000 0007 01 03 04 0064 0065"),
    ("bad_checksum", True, "0001 0000 0007 01 03 04 0064 0065"),
    ("stale_reply", True, "0001 0000 0007 01 03 04 0064 0065"),
]


@pytest.mark.parametrize(
    ("name", "value", "expected"), ANSWER_ROWS, ids=[f"{name}-{value}" for name, value, _ in ANSWER_ROWS]
)
def test_fault_changes_the_answer_as_its_name_says(name: str, value: bool | int | str, expected: str) -> None:
    connection = connect(pipeline(name, value))

    answer = connection.feed(request(), 0)

    assert answer == bytes.fromhex(expected)


def test_every_fault_of_the_catalogue_says_what_it_does() -> None:
    assert all(kind.SUMMARY and name == kind.NAME for name, kind in FAULTS.items())


def test_a_lost_request_is_not_carried_out_but_a_lost_answer_is() -> None:
    units = directory()
    lost_request = connect(pipeline("no_response"), units=units)
    lost_answer = connect(pipeline("no_response", "answer"), units=units)
    check = MbapConnection(units)

    lost_request.feed(request(WRITE_ONE), 0)
    before = check.feed(request(bytes.fromhex("03 0005 0001")))[-2:]
    lost_answer.feed(request(WRITE_ONE), 0)
    after = check.feed(request(bytes.fromhex("03 0005 0001")))[-2:]

    assert (before, after) == (bytes.fromhex("0069"), bytes.fromhex("1234"))


def test_a_delayed_answer_comes_after_the_delay_and_not_before() -> None:
    connection = connect(pipeline("delay", "10ms"))

    connection.feed(request(), 5 * MS)

    assert connection.due_ns == 15 * MS
    assert connection.poll(15 * MS - 1) == b""
    assert connection.poll(15 * MS) == TWO


@given(st.integers(0, 2**63))
@settings(derandomize=True, max_examples=50)
def test_jitter_adds_at_most_what_it_says(seed: int) -> None:
    connection = connect(pipeline("delay", "10ms jitter=5ms", seed=seed))

    connection.feed(request(), 0)

    assert connection.due_ns is not None
    assert 10 * MS <= connection.due_ns <= 15 * MS


def test_a_delayed_unit_holds_up_its_own_answers_but_no_other_unit_of_the_connection() -> None:
    connection = connect(pipeline("delay", "10ms unit=1 count=1"))

    first = connection.feed(request(transaction=1), 0)
    second = connection.feed(request(transaction=2), 0)
    other = connection.feed(request(transaction=3, unit=2), 0)

    assert (first, second, other[:2]) == (b"", b"", b"\x00\x03")
    assert connection.poll(10 * MS)[:2] + connection.poll(10 * MS)[:2] == b"\x00\x01"
    assert connection.due_ns is None


def test_dribbled_answer_comes_byte_by_byte_and_is_not_interrupted() -> None:
    connection = connect(pipeline("dribble", "1ms count=1"))

    pieces = [connection.feed(request() + request(transaction=2, unit=2), 0)]
    pieces += [connection.poll(number * MS) for number in range(1, len(TWO))]

    assert b"".join(pieces)[: len(TWO)] == TWO
    assert [len(piece) for piece in pieces[:-1]] == [1] * (len(TWO) - 1)
    assert b"".join(pieces)[len(TWO) :][:2] == b"\x00\x02"


def test_reordered_answer_follows_the_next_one() -> None:
    connection = connect(pipeline("reorder", "1s count=1"))

    first, second = connection.feed(request(transaction=1), 0), connection.feed(request(transaction=2), MS)

    assert first == b""
    assert (second[:2], second[len(TWO) : len(TWO) + 2]) == (b"\x00\x02", b"\x00\x01")


def test_while_answers_are_reordered_each_pair_changes_places() -> None:
    connection = connect(pipeline("reorder", "1s"))

    answered = b"".join(connection.feed(request(transaction=number), number * MS) for number in (1, 2, 3, 4))

    assert [answered[start + 1] for start in range(0, len(answered), len(TWO))] == [2, 1, 4, 3]


def test_reordered_answer_without_a_next_one_comes_at_its_time() -> None:
    connection = connect(pipeline("reorder", "1s"))

    connection.feed(request(), 0)

    assert connection.poll(1000 * MS) == TWO


def test_stale_reply_repeats_the_answer_before() -> None:
    connection = connect(pipeline("stale_reply"))
    renumbered = connect(pipeline("stale_reply", "new"))

    first, second = answers(connection, 2)
    _, new = answers(renumbered, 2)

    assert second == first == TWO
    assert new == b"\x00\x02" + TWO[2:]


def test_a_bit_of_a_read_coil_is_flipped_and_only_where_the_rule_says() -> None:
    connection = connect(pipeline("corrupt", "bit address=3"))

    answer = connection.feed(request(bytes.fromhex("01 0000 0008")), 0)

    assert answer[-2:] == bytes.fromhex("01 08")


def test_a_bit_of_a_read_register_is_flipped_and_no_other() -> None:
    right, spoilt = connect(pipeline()), connect(pipeline("corrupt", "bit"))

    differences = [
        int.from_bytes(one, "big") ^ int.from_bytes(other, "big")
        for one, other in zip(answers(right, 50), answers(spoilt, 50), strict=True)
    ]

    assert {difference.bit_count() for difference in differences} == {1}
    assert 10 < len(set(differences)) <= 32


def test_a_rule_may_name_the_address_of_a_queue() -> None:
    connection = connect(pipeline("busy", "address=1246"))

    assert connection.feed(request(bytes.fromhex("18 04DE")), 0)[-2:] == bytes.fromhex("98 06")
    assert connection.feed(request(bytes.fromhex("18 04DF")), 0)[-2:] == bytes.fromhex("98 02")


def test_exceptions_and_writes_have_no_values_to_corrupt() -> None:
    faults = pipeline("corrupt", "ones")
    connection = connect(faults)

    refused = connection.feed(request(bytes.fromhex("03 0100 0002")), 0)
    written = connection.feed(request(WRITE_ONE), 0)

    assert refused[-2:] == bytes.fromhex("83 02")
    assert written[-5:] == WRITE_ONE
    assert faults.injection_count == 0


def test_extra_bytes_follow_the_whole_answer() -> None:
    answer = connect(pipeline("extra_bytes", 5)).feed(request(), 0)

    assert answer[: len(TWO)] == TWO
    assert len(answer) == len(TWO) + 5


@pytest.mark.parametrize(("name", "ending"), [("half_close", Ending.HALF_CLOSE), ("reset", Ending.RESET)])
def test_nothing_is_answered_after_the_device_has_ended_the_connection(name: str, ending: Ending) -> None:
    faults = pipeline(name, "after")
    connection = connect(faults)

    first = connection.feed(request(), 0)
    faults.clear()
    second = connection.feed(request(transaction=2), 0)

    assert (first, second, connection.ending) == (TWO, b"", ending)


def test_checksums_are_spoilt_where_frames_have_them() -> None:
    framing = WireFraming("rtu", lambda _, unit, pdu: with_crc(bytes([unit]) + pdu), lambda frame: frame[:-1] + b"\0")
    line = pipeline("bad_checksum").connect(framing, 0)

    line.exchange(1, 0, 1, READ_TWO, lambda: bytes.fromhex("03 04 0064 0065"), 0)
    frame, _ = line.take(0)

    assert frame[:-2] == bytes.fromhex("01 03 04 0064 0065")
    assert crc16(frame) != 0


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
    assert faults.counts() == {"no_response lost=request count=3": 3}


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


RULES = st.sampled_from(sorted(FAULTS)).flatmap(
    lambda name: st.builds(
        lambda count, probability: Rule.from_options(name, {"count": count, "probability": probability}),
        st.integers(1, 99),
        st.floats(0.0, 1.0),
    )
)


@given(RULES)
@settings(derandomize=True, max_examples=100)
def test_a_rule_reads_back_from_its_text(rule: Rule) -> None:
    assert rules_from_value(rule.fault.NAME, rule.text) == (rule,)


# fault, value, what the refusal says
REFUSAL_ROWS: list[tuple[str, bool | int | float | str, str]] = [
    ("no_respons", True, "did you mean 'no_response'?"),
    ("busy", False, "clear the fault"),
    ("busy", 3, "no size"),
    ("delay", "tim=3ms", "did you mean 'time'?"),
    ("delay", "3 furlongs", "no option"),
    ("delay", "fast", "not a duration"),
    ("exception", 256, "outside 0..255"),
    ("exception", "server_device_bussy", "did you mean 'server_device_busy'?"),
    ("exception", "never", "write a number or one of illegal_function, "),
    ("exception", 2.5, "not a whole number"),
    ("exception", "code=4 code=5", "given twice"),
    ("reset", "never", "write one of before, middle, after"),
    ("busy", "address=9..1", "reversed"),
    ("busy", "unit=256", "outside 0..255"),
    ("busy", "function=read", "not a set of numbers"),
    ("busy", "probability=2", "no number from 0 to 1"),
    ("busy", "count=0", "outside 1.."),
    ("busy", "from=3s until=2s", "before it starts"),
    ("busy", "connection=0", "outside 1.."),
    ("busy", 'unit="1', "cannot read"),
    ("refuse_connection", "unit=1", "no option 'unit'"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSAL_ROWS, ids=[f"{r[0]}-{r[1]}" for r in REFUSAL_ROWS])
def test_wrong_rule_is_refused_with_what_to_write(name: str, value: bool | int | float | str, said: str) -> None:
    with pytest.raises(RuleError, match=said.replace(".", r"\.").replace("?", r"\?")):
        pipeline().switch(name, value)


@given(st.lists(st.tuples(st.integers(0, 99), st.integers(0, 9)), min_size=1, max_size=4), st.integers(0, 120))
@settings(derandomize=True)
def test_set_of_numbers_holds_what_its_ranges_hold(spans: list[tuple[int, int]], number: int) -> None:
    text = ",".join(f"{start}..{start + size}" for start, size in spans)
    numbers = NumberSet.parse(text, low=0, high=200)

    assert (number in numbers) == any(start <= number <= start + size for start, size in spans)
    assert numbers.meets(number, 1) == (number in numbers)


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
