"""RTU on an emulated line: every time is handed in."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers, lists
from modbus_fuzz import well_formed

from emulators.modbus.checksums import with_crc
from emulators.modbus.codes import FunctionCode
from emulators.modbus.device import ModbusDevice
from emulators.modbus.functions.table import FUNCTIONS
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.response_times import ResponseTimes, UnitLatency
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_frames import request_size
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import Parity, SerialSettings

LINE = SerialSettings(9600, Parity.EVEN, 1)
READ_TWO = with_crc(bytes.fromhex("01 03 0000 0002"))
TWO_ZEROS = with_crc(bytes.fromhex("01 03 04 00000000"))
WRITE_SEVEN = with_crc(bytes.fromhex("01 06 0000 0007"))
MS = 1_000_000


class Line:
    """A line with two devices and a clock that the test moves."""

    def __init__(self, **options: object) -> None:
        self.devices = {unit_id: ModbusDevice(UnitMemory.of_size(100)) for unit_id in (1, 2)}
        self.rtu = RtuLine(UnitDirectory(self.devices), LINE, **options)
        self.now_ns = 0

    def send(self, characters: bytes, *, after_ns: int = 0) -> None:
        """Begin to send when the line has been silent for so long."""
        start_ns = max(self.now_ns, self.rtu.line.received_ns) + after_ns
        self.now_ns = start_ns
        assert self.rtu.feed(characters, start_ns) == b""

    def listen(self) -> bytes:
        """Let time pass until the line rests."""
        received = b""
        while (due_ns := self.rtu.due_ns) is not None:
            self.now_ns = max(self.now_ns, due_ns)
            received += self.rtu.poll(self.now_ns)
        return received


def test_request_is_answered_after_its_own_time_a_silence_and_the_time_of_the_answer() -> None:
    line = Line()

    line.send(READ_TWO)
    answer = line.listen()

    assert answer == TWO_ZEROS
    assert line.now_ns == 8 * LINE.character_ns + LINE.t3_5_ns + 9 * LINE.character_ns


def test_response_delay_of_the_device_comes_on_top() -> None:
    line = Line(times=ResponseTimes({1: UnitLatency(5 * MS)}))

    line.send(READ_TWO)
    line.listen()

    assert line.now_ns == 17 * LINE.character_ns + LINE.t3_5_ns + 5 * MS


def test_answer_leaves_character_by_character() -> None:
    line = Line()
    line.send(READ_TWO)
    start_ns = 8 * LINE.character_ns + LINE.t3_5_ns

    pieces = [line.rtu.poll(start_ns + n * LINE.character_ns) for n in (0, 1, 4, 9)]

    assert pieces == [b"", TWO_ZEROS[:1], TWO_ZEROS[1:4], TWO_ZEROS[4:]]


def test_request_is_executed_only_once_the_line_has_been_silent() -> None:
    line = Line()
    line.send(WRITE_SEVEN)
    end_ns = 8 * LINE.character_ns + LINE.t3_5_ns

    line.rtu.poll(end_ns - 1)
    before = bytes(line.devices[1].memory.holding_registers.read(0, 1))
    line.rtu.poll(end_ns)
    after = bytes(line.devices[1].memory.holding_registers.read(0, 1))

    assert (before, after) == (b"\0\0", b"\0\7")


@pytest.mark.parametrize(
    ("gap_ns", "answer"),
    [(LINE.t1_5_ns, TWO_ZEROS), (LINE.t1_5_ns + 1, b""), (LINE.t3_5_ns - 1, b""), (LINE.t3_5_ns, b"")],
    ids=["t1.5", "over-t1.5", "under-t3.5", "t3.5"],
)
def test_silence_inside_a_frame_spoils_it_beyond_one_and_a_half_characters(gap_ns: int, answer: bytes) -> None:
    line = Line()

    line.send(READ_TWO[:3])
    line.send(READ_TWO[3:], after_ns=gap_ns)

    assert line.listen() == answer


def test_device_that_does_not_look_at_short_silences_takes_such_a_frame() -> None:
    line = Line(keeps_t1_5=False)

    line.send(READ_TWO[:3])
    line.send(READ_TWO[3:], after_ns=LINE.t3_5_ns - 1)

    assert line.listen() == TWO_ZEROS


def test_request_after_a_partial_frame_and_a_pause_is_answered() -> None:
    line = Line()

    line.send(READ_TWO[:5])
    line.send(READ_TWO, after_ns=LINE.t3_5_ns)

    assert line.listen() == TWO_ZEROS
    assert line.rtu.damaged_count == 1


def test_wrong_crc_is_dropped_and_counted_by_every_device() -> None:
    line = Line()

    line.send(READ_TWO[:-1] + b"\0")

    assert line.listen() == b""
    assert [device.diagnostics.communication_error_count for device in line.devices.values()] == [1, 1]


def test_frame_for_a_unit_of_someone_else_is_left_alone_with_its_answer() -> None:
    line = Line()

    line.send(with_crc(bytes.fromhex("09 03 0000 0002")))
    line.send(with_crc(bytes.fromhex("09 03 04 00010002")), after_ns=LINE.t3_5_ns)
    line.send(READ_TWO, after_ns=LINE.t3_5_ns)

    assert line.listen() == TWO_ZEROS
    assert line.devices[1].diagnostics.bus_message_count == 3


def test_frames_without_any_silence_between_them_are_all_answered_with_silences_between() -> None:
    line = Line()

    line.send(READ_TWO * 50)

    assert line.listen() == TWO_ZEROS * 50
    assert line.now_ns == 400 * LINE.character_ns + 50 * LINE.t3_5_ns + 450 * LINE.character_ns


def test_broadcast_is_executed_by_every_device_and_answered_by_none() -> None:
    line = Line()

    line.send(with_crc(bytes.fromhex("00 06 0003 00AB")))

    assert line.listen() == b""
    assert [bytes(d.memory.holding_registers.read(3, 1)) for d in line.devices.values()] == [b"\0\xab"] * 2


def test_request_of_a_wrong_length_with_a_right_crc_gets_an_exception() -> None:
    line = Line()

    line.send(with_crc(bytes.fromhex("01 03 0000 0002 00")))

    assert line.listen() == with_crc(bytes.fromhex("01 83 03"))


@pytest.mark.parametrize(
    "far_end",
    [SerialSettings(19_200, Parity.EVEN), SerialSettings(4800, Parity.EVEN), SerialSettings(9600, Parity.ODD)],
    ids=str,
)
def test_client_with_other_settings_gets_no_answer(far_end: SerialSettings) -> None:
    line = Line()
    line.rtu.line.far_end = far_end

    line.send(READ_TWO)

    assert line.listen() == b""


def test_answer_garbles_for_a_client_that_listens_at_another_baud_rate() -> None:
    line = Line()
    line.send(READ_TWO)
    line.rtu.line.far_end = SerialSettings(4800, Parity.EVEN)

    assert line.listen() not in (b"", TWO_ZEROS)


@settings(derandomize=True, max_examples=60)
@given(integers(1, 20), lists(integers(1, 159), max_size=12))
def test_stream_answers_requests_however_they_are_cut(n_requests: int, cuts: list[int]) -> None:
    stream = RtuStream(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}))
    sent = READ_TWO * n_requests
    edges = [0, *sorted({cut for cut in cuts if cut < len(sent)}), len(sent)]

    answers = b"".join(stream.feed(sent[a:b], 0) for a, b in pairwise(edges))

    assert answers == TWO_ZEROS * n_requests


def test_stream_drops_what_stays_incomplete_for_the_pause() -> None:
    stream = RtuStream(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}), pause_ns=100)
    stream.feed(READ_TWO[:5], 0)

    assert stream.due_ns == 100
    assert stream.feed(READ_TWO, 100) == TWO_ZEROS
    assert stream.due_ns is None


def test_stream_goes_on_behind_a_request_with_a_wrong_crc_and_every_device_counts_it() -> None:
    devices = [ModbusDevice(UnitMemory.of_size(10)) for _ in range(2)]
    stream = RtuStream(UnitDirectory(dict(enumerate(devices, 1))))

    assert stream.feed(READ_TWO[:-1] + b"\0" + READ_TWO, 0) == TWO_ZEROS
    assert stream.damaged_count == 1
    assert [device.diagnostics.communication_error_count for device in devices] == [1, 1]


def test_stream_reads_past_the_answer_of_another_device_on_the_line() -> None:
    stream = RtuStream(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}))
    foreign = with_crc(bytes.fromhex("09 03 04 00010002"))

    answers = [stream.feed(foreign[:8], 0), stream.feed(foreign[8:] + READ_TWO, 1)]

    assert answers == [b"", TWO_ZEROS]


def framings() -> list[Callable[[UnitDirectory], object]]:
    return [lambda directory: RtuLine(directory, LINE), RtuStream]


@pytest.mark.parametrize("make", framings(), ids=["line", "stream"])
@settings(derandomize=True, max_examples=80)
@given(chunks=lists(binary(min_size=1, max_size=300), max_size=8))
def test_rubbish_never_stops_a_line_from_answering_the_next_request(make, chunks: list[bytes]) -> None:
    framing = make(UnitDirectory({1: ModbusDevice(UnitMemory.of_size(10))}))
    now_ns = 0
    for chunk in chunks:
        framing.feed(chunk, now_ns)
        now_ns += 1000 * MS
        framing.poll(now_ns)
    now_ns += 10_000 * MS
    framing.poll(now_ns)
    framing.poll(now_ns + 10_000 * MS)

    first = framing.feed(READ_TWO, now_ns + 10_000 * MS)
    answer = first + framing.poll(now_ns + 11_000 * MS)

    assert answer == TWO_ZEROS


def test_size_of_a_request_follows_from_its_beginning_for_every_function_but_diagnostics() -> None:
    chance = random.Random(11)
    frames = [with_crc(b"\x01" + well_formed(chance)) for _ in range(1_000)]

    assert {frame[1] for frame in frames} == set(FUNCTIONS)
    for frame in frames:
        expected = None if frame[1] == FunctionCode.DIAGNOSTICS else len(frame)
        assert request_size(frame + b"\x01\x03") == expected


def test_slow_unit_answers_one_connection_after_the_other() -> None:
    units = UnitDirectory({unit_id: ModbusDevice(UnitMemory.of_size(10)) for unit_id in (1, 2)})
    station = LineStation(units, ResponseTimes({1: UnitLatency(100)}))
    first, second = (RtuStream(units, station=station) for _ in range(2))

    at_once = first.feed(READ_TWO, 0) + second.feed(READ_TWO, 10)
    quick = second.feed(with_crc(bytes.fromhex("02 03 0000 0002")), 20)

    assert at_once == b""
    assert quick == with_crc(bytes.fromhex("02 03 04 00000000"))
    assert [(each.due_ns, each.poll(199), each.poll(200)) for each in (first, second)] == [
        (100, TWO_ZEROS, b""),
        (200, b"", TWO_ZEROS),
    ]
