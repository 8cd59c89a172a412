"""Faults of a wire without a socket: what each does to the bytes of an answer."""

from __future__ import annotations

import pytest
from faulty_wire import MS, READ_TWO, TWO, WRITE_ONE, answers, connect, directory, pipeline, request
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.modbus.checksums import crc16, with_crc
from emulators.modbus.faults.interface import Ending, WireFraming
from emulators.modbus.faults.kinds import FAULTS
from emulators.modbus.mbap import MbapConnection

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


def test_wires_of_one_seed_fail_each_in_its_own_exchanges_and_in_the_same_ones_again() -> None:
    def hits(wire: str, seed: int = 7) -> list[bytes]:
        return answers(connect(pipeline("no_response", "probability=0.5", wire=wire, seed=seed)), 64)

    assert hits("pump") == hits("pump")
    assert len({tuple(hits(wire, seed)) for wire in ("pump", "fan") for seed in (7, 8)}) == 4


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


def test_stale_reply_is_never_older_than_what_came_while_nothing_was_switched_on() -> None:
    faults = pipeline("busy", "unit=9")
    connection = connect(faults)
    connection.feed(request(transaction=1), 0)
    faults.clear()
    connection.feed(request(transaction=2), 0)
    faults.switch("stale_reply", True)

    third, fourth = (connection.feed(request(transaction=number), 0) for number in (3, 4))

    assert (third[:2], fourth[:2]) == (b"\x00\x03", b"\x00\x03")
    assert [each.exchange for each in faults.injections] == [4]


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
