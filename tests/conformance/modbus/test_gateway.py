"""What a gateway answers for the units behind it, by clause, with the time of every answer.

Units 1 to 4 are on no line: 1 answers at once, 2 takes 50 ms, 3 listens only, 4 takes 1.5 s. Units 5 and 6 share a line
with unit 9, which takes 1 s; 7 and the silent 8 are on another. Both lines run at 9600 baud 8E1: a request of 8
characters, an answer of 7 and the silences of 3.5 behind both take 25.2 ms. In the second table both lines speak ASCII
at 9600 baud 7E1: a request of 17 characters and an answer of 15 take 33.3 ms. The gateway waits 1 s for a unit and
keeps 2 requests for each line and each unit on none. Clauses are of Messaging on TCP/IP V1.0b (exceptions: Application
Protocol 7) and, with SL, of Serial Line V1.02; with AP of the Application Protocol V1.1b3.
"""

from __future__ import annotations

import struct

import pytest

from emulators.modbus.device import ModbusDevice
from emulators.modbus.gateway import Gateway
from emulators.modbus.gateway_settings import GatewayLine, GatewaySettings
from emulators.modbus.mbap import MbapConnection, UnitDirectory, UnknownUnit
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.serial_settings import Parity, SerialSettings

MS = 1_000_000
LINE = SerialSettings(9600, Parity.EVEN, 1)
LATENCIES = {2: UnitLatency(50 * MS), 4: UnitLatency(1500 * MS), 9: UnitLatency(1000 * MS)}
LINES = (GatewayLine(frozenset((5, 6, 9)), LINE), GatewayLine(frozenset((7, 8)), LINE))
READ, ZERO, WRITE = "03 0000 0001", "03 02 0000", "06 0000 0007"

ROWS = [
    # clause and case, (ms, unit, request) in turn, (whole ms, unit, answer) in turn
    ("unit on no line answers at once", [(0, 1, READ)], [(0, 1, ZERO)]),
    ("unit takes its time", [(0, 2, READ)], [(50, 2, ZERO)]),
    (
        "slow unit delays nobody else",
        [(0, 2, READ), (0, 1, READ), (0, 5, READ)],
        [(0, 1, ZERO), (25, 5, ZERO), (50, 2, ZERO)],
    ),
    ("unit deals with one request at a time", [(0, 2, READ), (10, 2, READ)], [(50, 2, ZERO), (100, 2, ZERO)]),
    ("unit on a line takes the time of the line", [(0, 5, READ)], [(25, 5, ZERO)]),
    ("units on one line are asked one after the other", [(0, 5, READ), (0, 6, READ)], [(25, 5, ZERO), (50, 6, ZERO)]),
    ("units on two lines are asked at the same time", [(0, 5, READ), (0, 7, READ)], [(25, 5, ZERO), (25, 7, ZERO)]),
    ("exception of a unit comes through", [(0, 5, "03 FFFF 0002")], [(22, 5, "83 02")]),
    ("7 silent unit on a line: 0B after the time-out", [(0, 8, READ)], [(1009, 8, "83 0B")]),
    ("7 silent unit on no line: 0B after the time-out", [(0, 3, READ)], [(1000, 3, "83 0B")]),
    ("7 unit slower than the time-out: 0B", [(0, 4, READ)], [(1000, 4, "83 0B")]),
    ("7 silent unit holds its line up", [(0, 8, READ), (0, 7, READ)], [(1009, 8, "83 0B"), (1034, 7, ZERO)]),
    ("7 silent unit holds no other line up", [(0, 8, READ), (0, 5, READ)], [(25, 5, ZERO), (1009, 8, "83 0B")]),
    ("7 no path leads to the unit: 0A at once", [(0, 99, READ)], [(0, 99, "83 0A")]),
    ("7 unit id 255 is a unit like others", [(0, 255, READ)], [(0, 255, "83 0A")]),
    (
        "7 queue of a line is full: 06 at once",
        [(0, 5, READ), (0, 5, READ), (0, 6, READ), (0, 5, READ)],
        [(0, 5, "83 06"), (25, 5, ZERO), (50, 5, ZERO), (75, 6, ZERO)],
    ),
    (
        "7 queue of a unit is full: 06 at once",
        [(0, 2, READ), (0, 2, READ), (0, 2, READ), (0, 2, READ)],
        [(0, 2, "83 06"), (50, 2, ZERO), (100, 2, ZERO), (150, 2, ZERO)],
    ),
    (
        "7 full queue of one line leaves others alone",
        [(0, 5, READ), (0, 5, READ), (0, 5, READ), (0, 7, READ)],
        [(25, 5, ZERO), (25, 7, ZERO), (50, 5, ZERO), (75, 5, ZERO)],
    ),
    (
        "SL 2.4.1 broadcast: no answer, every unit on a line acts, the line rests for the turnaround",
        [(0, 0, WRITE), (0, 6, READ), (0, 7, READ)],
        [(134, 6, "03 02 0007"), (134, 7, "03 02 0007")],
    ),
    (
        "SL 3.3 late answer garbles the next request",
        [(0, 9, READ), (0, 5, READ), (0, 6, READ)],
        [(1009, 9, "83 0B"), (2018, 5, "83 0B"), (2043, 6, ZERO)],
    ),
    (
        "SL 2.4.1 late answer in the silence before the next request is nobody's",
        [(0, 9, READ), (1040, 5, READ)],
        [(1009, 9, "83 0B"), (1065, 5, ZERO)],
    ),
]

ASCII_LINE = SerialSettings(9600, Parity.EVEN, 1, 7)
ASCII_LINES = tuple(GatewayLine(line.unit_ids, ASCII_LINE, "modbus-ascii") for line in LINES)
ASCII_ROWS = [
    ("unit on a line takes the time of the line", [(0, 5, READ)], [(33, 5, ZERO)]),
    ("units on one line are asked one after the other", [(0, 5, READ), (0, 6, READ)], [(33, 5, ZERO), (66, 6, ZERO)]),
    ("units on two lines are asked at the same time", [(0, 5, READ), (0, 7, READ)], [(33, 5, ZERO), (33, 7, ZERO)]),
    ("exception of a unit comes through", [(0, 5, "03 FFFF 0002")], [(29, 5, "83 02")]),
    ("7 silent unit holds its line up", [(0, 8, READ), (0, 7, READ)], [(1017, 8, "83 0B"), (1051, 7, ZERO)]),
    ("7 no path leads to the unit: 0A at once", [(0, 99, READ)], [(0, 99, "83 0A")]),
    (
        "SL 2.4.1 broadcast: no answer, every unit on a line acts, the line rests for the turnaround",
        [(0, 0, WRITE), (0, 6, READ), (0, 7, READ)],
        [(151, 6, "03 02 0007"), (151, 7, "03 02 0007")],
    ),
    (
        "SL 3.3 late answer garbles the next request",
        [(0, 9, READ), (0, 5, READ), (0, 6, READ)],
        [(1017, 9, "83 0B"), (2035, 5, "83 0B"), (2068, 6, ZERO)],
    ),
    (
        "AP 6.8.1 unit that was told of another delimiter hears no gateway that goes on with LF",
        [(0, 5, "08 0003 2100"), (0, 5, READ), (0, 6, READ)],
        [(35, 5, "08 0003 2100"), (1053, 5, "83 0B"), (1086, 6, ZERO)],
    ),
]


def units() -> UnitDirectory:
    devices = {unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in range(1, 10)}
    for unit_id in (3, 8):
        devices[unit_id].listen_only()
    return UnitDirectory(devices)


def frame(unit_id: int, pdu: str) -> bytes:
    body = bytes.fromhex(pdu)
    return struct.pack(">HHHB", 1, 0, 1 + len(body), unit_id) + body


def with_pdus(answers: list[tuple[int, int, str]]) -> list[tuple[int, int, bytes]]:
    return [(ms, unit_id, bytes.fromhex(pdu)) for ms, unit_id, pdu in answers]


def answers_of(connection: MbapConnection, requests: list[tuple[int, int, str]]) -> list[tuple[int, int, bytes]]:
    """Send requests at their times and return the answers with theirs."""
    received: list[tuple[int, bytes]] = []
    for ms, unit_id, pdu in requests:
        received += listen(connection, ms * MS)
        received.append((ms * MS, connection.feed(frame(unit_id, pdu), ms * MS)))
    received += listen(connection, 60_000 * MS)
    answers = []
    for time_ns, stream in received:
        position = 0
        while position < len(stream):
            _, _, length, unit_id = struct.unpack_from(">HHHB", stream, position)
            pdu = stream[position + 7 : position + 6 + length]
            answers.append((time_ns // MS, unit_id, pdu))
            position += 6 + length
    return answers


def listen(connection: MbapConnection, until_ns: int) -> list[tuple[int, bytes]]:
    received = []
    while (due_ns := connection.due_ns) is not None and due_ns <= until_ns:
        received.append((due_ns, connection.poll(due_ns)))
    return received


@pytest.mark.parametrize(("requests", "answers"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_gateway_gives_exactly_these_answers_at_these_times(requests, answers) -> None:
    directory = units()
    gateway = Gateway(directory, ResponseTimes(LATENCIES), GatewaySettings(1000 * MS, 2, LINES))

    assert answers_of(MbapConnection(directory, gateway=gateway), requests) == with_pdus(answers)


@pytest.mark.parametrize(("requests", "answers"), [row[1:] for row in ASCII_ROWS], ids=[row[0] for row in ASCII_ROWS])
def test_gateway_with_ascii_lines_gives_exactly_these_answers_at_these_times(requests, answers) -> None:
    directory = units()
    gateway = Gateway(directory, ResponseTimes(LATENCIES), GatewaySettings(1000 * MS, 2, ASCII_LINES))

    assert answers_of(MbapConnection(directory, gateway=gateway), requests) == with_pdus(answers)


def test_unit_nobody_has_is_tried_where_there_is_one_line() -> None:
    directory = units()
    gateway = Gateway(directory, ResponseTimes(LATENCIES), GatewaySettings(1000 * MS, 2, LINES[:1]))

    assert answers_of(MbapConnection(directory, gateway=gateway), [(0, 99, READ)]) == with_pdus([(1009, 99, "83 0B")])


def test_unit_nobody_has_gets_no_answer_where_the_gateway_is_silent() -> None:
    directory = UnitDirectory({5: ModbusDevice(UnitMemory.of_size(10))}, unknown_unit=UnknownUnit.SILENCE)
    gateway = Gateway(directory, ResponseTimes(), GatewaySettings(1000 * MS, 2, (GatewayLine(frozenset((5,)), LINE),)))

    assert answers_of(MbapConnection(directory, gateway=gateway), [(0, 99, READ)]) == []
