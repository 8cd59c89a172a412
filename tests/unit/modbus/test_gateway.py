"""Units behind a gateway, each with its own latency; every time is handed in."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers, lists, tuples

from emulators.modbus.ascii import ASCII_SETTINGS
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.gateway import Gateway
from emulators.modbus.gateway_settings import GatewayLine, GatewaySettings
from emulators.modbus.mbap import MBAP_WIRE, MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.permissions import PermittedUnits
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.serial_settings import SerialSettings

READ_ONE, ZERO = bytes.fromhex("03 0000 0001"), bytes.fromhex("03 02 0000")
SLOW_NS, MS = 1000, 1_000_000


def frame(transaction: int, unit_id: int, pdu: bytes = READ_ONE) -> bytes:
    return struct.pack(">HHHB", transaction, 0, 1 + len(pdu), unit_id) + pdu


def directory(n_units: int = 3) -> UnitDirectory:
    return UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in range(1, n_units + 1)})


def connected(latencies: dict[int, UnitLatency], units: UnitDirectory | None = None, **keys: int) -> MbapConnection:
    units = units or directory()
    return MbapConnection(units, gateway=Gateway(units, ResponseTimes(latencies), GatewaySettings(**keys)))


def test_slow_unit_does_not_delay_the_answer_of_a_quick_one() -> None:
    connection = connected({1: UnitLatency(SLOW_NS)})

    at_once = connection.feed(frame(1, 1) + frame(2, 2), 0)
    due_ns = connection.due_ns
    early, later = connection.poll(SLOW_NS - 1), connection.poll(SLOW_NS)

    assert (at_once, due_ns, early, later) == (frame(2, 2, ZERO), SLOW_NS, b"", frame(1, 1, ZERO))


def test_unit_deals_with_one_request_at_a_time_also_of_two_connections() -> None:
    units = directory()
    gateway = Gateway(units, ResponseTimes({1: UnitLatency(SLOW_NS)}))
    first, second = MbapConnection(units, gateway=gateway), MbapConnection(units, gateway=gateway)

    first.feed(frame(1, 1), 0)
    second.feed(frame(2, 1), 10)
    answers = [(each.poll(SLOW_NS), each.poll(2 * SLOW_NS - 1), each.poll(2 * SLOW_NS)) for each in (first, second)]

    assert answers == [(frame(1, 1, ZERO), b"", b""), (b"", b"", frame(2, 1, ZERO))]


def test_unit_with_too_many_requests_waiting_is_busy_and_takes_the_next_one_later() -> None:
    connection = connected({1: UnitLatency(SLOW_NS)}, max_waiting=1)

    answers = connection.feed(frame(1, 1) + frame(2, 1) + frame(3, 1), 0)
    later = connection.poll(SLOW_NS) + connection.feed(frame(4, 1), SLOW_NS) + connection.poll(3 * SLOW_NS)

    assert answers == frame(3, 1, bytes.fromhex("83 06"))
    assert later == b"".join(frame(number, 1, ZERO) for number in (1, 2, 4))


def test_write_to_a_slow_unit_acts_when_it_is_answered() -> None:
    device = ModbusDevice(UnitMemory.of_size(10))
    connection = connected({1: UnitLatency(SLOW_NS)}, UnitDirectory({1: device}))
    connection.feed(frame(1, 1, bytes.fromhex("06 0000 0007")), 0)

    before = bytes(device.memory.holding_registers.read(0, 1))
    connection.poll(SLOW_NS)

    assert (before, bytes(device.memory.holding_registers.read(0, 1))) == (b"\0\0", b"\0\7")


def test_jitter_is_the_same_for_the_same_seed_and_stays_in_its_range() -> None:
    def delays(seed: int) -> list[int]:
        times = ResponseTimes({1: UnitLatency(SLOW_NS, jitter_ns=500)}, seed=seed)
        return [times.draw_ns(1) for _ in range(50)]

    assert delays(1) == delays(1) != delays(2)
    assert SLOW_NS <= min(delays(1)) < max(delays(1)) <= SLOW_NS + 500


@settings(derandomize=True, max_examples=80)
@given(lists(tuples(integers(1, 3), integers(0, 3000)), max_size=30))
def test_every_request_is_answered_once_and_in_order_within_its_unit(requests: list[tuple[int, int]]) -> None:
    latencies = {1: UnitLatency(SLOW_NS, 300), 2: UnitLatency(50)}
    connection, now_ns, received = connected(latencies, max_waiting=99), 0, b""
    for number, (unit_id, wait_ns) in enumerate(requests):
        now_ns += wait_ns
        received += connection.poll(now_ns) + connection.feed(frame(number, unit_id), now_ns)
    received += connection.poll(now_ns + 1_000_000)
    answers = [struct.unpack_from(">HHHB", received, position) for position in range(0, len(received), 11)]

    assert connection.due_ns is None
    assert [[n for n, _, _, unit_id in answers if unit_id == each] for each in (1, 2, 3)] == [
        [n for n, (unit_id, _) in enumerate(requests) if unit_id == each] for each in (1, 2, 3)
    ]


def test_latency_below_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        UnitLatency(-1)


def test_device_at_the_address_has_one_queue_whatever_unit_id_reaches_it() -> None:
    units = UnitDirectory({5: ModbusDevice(UnitMemory.of_size(10))}, direct=5)
    connection = connected({5: UnitLatency(SLOW_NS)}, units)

    connection.feed(frame(1, 5) + frame(2, 0) + frame(3, 255), 0)
    answers = [connection.poll(step * SLOW_NS) for step in (1, 2, 3)]

    assert answers == [frame(1, 5, ZERO), frame(2, 0, ZERO), frame(3, 255, ZERO)]


def test_unit_0_with_a_device_of_its_own_does_not_wait_for_the_device_at_the_address() -> None:
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (0, 5)}
    units = UnitDirectory(devices, direct=5)
    connection = connected({5: UnitLatency(SLOW_NS)}, units)

    assert connection.feed(frame(1, 5) + frame(2, 0), 0) == frame(2, 0, ZERO)


ON_A_LINE = GatewaySettings(1_000_000_000, 16, (GatewayLine(frozenset((1, 2)), SerialSettings()),))
WRITE_SEVEN = bytes.fromhex("06 0000 0007")
LINE = SerialSettings()
ON_LINE_NS = 8 * LINE.character_ns + 1_000_000_000
ANSWERED_NS = 8 * LINE.character_ns + LINE.t3_5_ns + 10 + 7 * LINE.character_ns + LINE.t3_5_ns


@pytest.mark.parametrize("behind", [GatewaySettings(), ON_A_LINE], ids=["no-line", "line"])
def test_what_a_unit_has_been_sent_is_carried_out_though_the_client_leaves_and_the_rest_is_not(
    behind: GatewaySettings,
) -> None:
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (1, 2)}
    units = UnitDirectory(devices)
    gateway = Gateway(units, ResponseTimes({1: UnitLatency(SLOW_NS)}), behind)
    leaving, staying = MbapConnection(units, gateway=gateway), MbapConnection(units, gateway=gateway)
    leaving.feed(frame(1, 1, WRITE_SEVEN) + frame(2, 1, bytes.fromhex("06 0001 0008")), 0)
    staying.feed(frame(3, 1, bytes.fromhex("03 0000 0002")), 1)

    leaving.leave(10)
    registers = bytes(devices[1].memory.holding_registers.read(0, 2))
    answers = []
    while (due_ns := staying.due_ns) is not None:
        answers.append(staying.poll(due_ns))

    assert registers == bytes.fromhex("0007 0000")
    assert b"".join(answers) == frame(3, 1, bytes.fromhex("03 04 0007 0000"))
    assert (leaving.due_ns, leaving.poll(10**12)) == (None, b"")


def test_request_that_the_role_of_a_client_forbids_never_comes_to_a_line() -> None:
    units = directory()
    gateway = Gateway(units, ResponseTimes(), ON_A_LINE)
    connection = MbapConnection(PermittedUnits(units, frozenset((3,))), gateway=gateway)

    assert connection.feed(frame(1, 1, WRITE_SEVEN), 0) == frame(1, 1, bytes.fromhex("86 01"))
    assert connection.due_ns is None


@pytest.mark.parametrize("behind", [GatewaySettings(), ON_A_LINE], ids=["no-line", "line"])
def test_faults_act_on_answers_that_come_through_a_gateway(behind: GatewaySettings) -> None:
    units, faults = directory(), FaultPipeline("gateway")
    faults.switch("wrong_function", "unit=1")
    connection = MbapConnection(units, faults.connect(MBAP_WIRE, 0), gateway=Gateway(units, ResponseTimes(), behind))

    answers = [connection.feed(frame(1, 1) + frame(2, 2), 0)]
    while (due_ns := connection.due_ns) is not None:
        answers.append(connection.poll(due_ns))

    assert b"".join(answers) == frame(1, 1, bytes.fromhex("04 02 0000")) + frame(2, 2, ZERO)


@pytest.mark.parametrize(
    ("behind", "answered"),
    [
        (GatewaySettings(), [(10, 2)]),
        (GatewaySettings(unit_timeout_ns=50), [(10, 2), (50, 1)]),
        (ON_A_LINE, [(ON_LINE_NS, 1), (ON_LINE_NS + ANSWERED_NS, 2)]),
    ],
    ids=["for-ever", "time-out", "line"],
)
def test_unit_that_is_switched_off_carries_nothing_out_and_its_gateway_says_so(
    behind: GatewaySettings, answered: list[tuple[int, int]]
) -> None:
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (1, 2)}
    units, faults = UnitDirectory(devices), FaultPipeline("gateway")
    faults.switch("unit_off", "unit=1 count=1")
    gateway = Gateway(units, ResponseTimes({2: UnitLatency(10)}), behind)
    connection = MbapConnection(units, faults.connect(MBAP_WIRE, 0), gateway=gateway)

    connection.feed(frame(1, 1, WRITE_SEVEN) + frame(2, 2), 0)
    answers = []
    while (due_ns := connection.due_ns) is not None:
        answers += [(due_ns, answer[6]) for answer in [connection.poll(due_ns)] if answer]

    assert answers == answered
    assert bytes(devices[1].memory.holding_registers.read(0, 1)) == b"\0\0"
    assert faults.injection_count == 1


@settings(derandomize=True, max_examples=40, deadline=None)
@given(lists(tuples(integers(1, 4), integers(0, 40)), max_size=12), lists(integers(0, 400), max_size=20))
def test_answers_are_the_same_however_often_anybody_looks(requests: list[tuple[int, int]], looks: list[int]) -> None:
    def play(further_looks_ns: list[int]) -> list[bytes]:
        units = directory(4)
        lines = (GatewayLine(frozenset((1, 2)), LINE), GatewayLine(frozenset((3,)), ASCII_SETTINGS, "modbus-ascii"))
        latencies = {1: UnitLatency(30 * MS, 10 * MS), 2: UnitLatency(120 * MS), 4: UnitLatency(5 * MS, 5 * MS)}
        gateway = Gateway(units, ResponseTimes(latencies, seed=3), GatewaySettings(100 * MS, 3, lines))
        clients = [MbapConnection(units, gateway=gateway) for _ in range(2)]
        moments, now_ns = [], 0
        for number, (unit_id, wait_ms) in enumerate(requests):
            now_ns += wait_ms * MS
            moments.append((now_ns, number, unit_id))
        moments += [(look_ns, -1, 0) for look_ns in further_looks_ns]
        received = [b"", b""]
        for time_ns, number, unit_id in [*sorted(moments), (10**11, -1, 0)]:
            for index, client in enumerate(clients):
                received[index] += client.poll(time_ns)
            if unit_id:
                received[number % 2] += clients[number % 2].feed(frame(number, unit_id), time_ns)
        return received

    seldom, often = play([]), play([look * MS for look in looks])

    assert seldom == often
    assert sum(len(each) > 0 for each in seldom) <= len(requests)


PDUS = binary(min_size=1, max_size=12)
STEPS = lists(tuples(integers(0, 2), integers(0, 6), PDUS, integers(0, 80)), max_size=25)


@settings(derandomize=True, max_examples=60, deadline=None)
@given(STEPS)
def test_gateway_serves_the_next_client_whatever_others_sent_and_whenever_they_left(
    steps: list[tuple[int, int, bytes, int]],
) -> None:
    units = directory(4)
    lines = (GatewayLine(frozenset((1, 2)), LINE), GatewayLine(frozenset((3,)), ASCII_SETTINGS, "modbus-ascii"))
    gateway = Gateway(
        units, ResponseTimes({1: UnitLatency(30 * MS), 2: UnitLatency(80 * MS)}), GatewaySettings(100 * MS, 2, lines)
    )
    clients, now_ns = [MbapConnection(units, gateway=gateway) for _ in range(3)], 0
    for index, unit_id, pdu, wait_ms in steps:
        now_ns += wait_ms * MS
        clients[index].poll(now_ns)
        if unit_id == 6:
            clients[index].leave(now_ns)
            clients[index] = MbapConnection(units, gateway=gateway)
        else:
            clients[index].feed(frame(index, unit_id, pdu), now_ns)
    for client in clients:
        client.leave(now_ns)
    newcomer = MbapConnection(units, gateway=gateway)

    answers = [
        newcomer.poll(now_ns) + newcomer.feed(frame(number, number, b"\x08\0\0\x12\x34"), now_ns)
        for number in (1, 3, 4)
    ]
    while (due_ns := newcomer.due_ns) is not None:
        answers.append(newcomer.poll(due_ns))

    received = b"".join(answers)
    listening = [number for number in (1, 3, 4) if not units.answer(number, b"\x08\0\0\x12\x34")]
    assert all(
        frame(number, number, b"\x08\0\0\x12\x34") in received for number in (1, 3, 4) if number not in listening
    )
