"""The client's side of a link: frames in any pieces, answers that fit or do not, a scan with time-outs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emulators.description.register_map import RegisterTable
from emulators.modbus.ascii import ascii_frame
from emulators.modbus.checksums import with_crc
from emulators.modbus.client.frames import AsciiFrames, ClientFrames, DatagramFrames, MbapFrames, RtuFrames, StreamLost
from emulators.modbus.client.requests import (
    ResponseError,
    check_response,
    read_request,
    response_size,
    write_request,
)
from emulators.modbus.client.scan import Scan, ScanSettings
from emulators.modbus.client.scanner import Connection, Scanner
from emulators.modbus.device import ModbusDevice
from emulators.modbus.faults.pipeline import FaultPipeline
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory

MS = 1_000_000
UNIT = 9
READ = read_request(RegisterTable.HOLDING_REGISTER, 3, 2)
ANSWER = bytes.fromhex("03 04 0001 0002")


def mbap(transaction_id: int, pdu: bytes, unit_id: int = UNIT) -> bytes:
    return bytes((0, transaction_id, 0, 0, 0, 1 + len(pdu), unit_id)) + pdu


def rtu(transaction_id: int, pdu: bytes, unit_id: int = UNIT) -> bytes:
    return with_crc(bytes((unit_id,)) + pdu)


def ascii_text(transaction_id: int, pdu: bytes, unit_id: int = UNIT) -> bytes:
    return ascii_frame(bytes((unit_id,)) + pdu)


FRAMES: list[tuple[type[ClientFrames], Callable[..., bytes]]] = [
    (MbapFrames, mbap),
    (RtuFrames, rtu),
    (AsciiFrames, ascii_text),
]


def in_pieces(frames: ClientFrames, stream: bytes, cuts: list[int]) -> list[bytes]:
    ends = sorted({min(cut, len(stream)) for cut in cuts} | {len(stream)})
    starts = [0, *ends[:-1]]
    answers = [frames.feed(stream[start:end]) for start, end in zip(starts, ends, strict=True)]
    return [answer for answer in answers if answer is not None]


@pytest.mark.parametrize(("make", "frame"), FRAMES)
@given(table=st.sampled_from(RegisterTable), count=st.integers(1, 125), cuts=st.lists(st.integers(0, 520), max_size=8))
@settings(derandomize=True, max_examples=60, deadline=None)
def test_an_answer_is_found_however_its_bytes_come(
    make: type[ClientFrames], frame: Callable[..., bytes], table: RegisterTable, count: int, cuts: list[int]
) -> None:
    request = read_request(table, 0, count)
    device = ModbusDevice(UnitMemory.of_size(200))
    answer = device.pdu(request)
    frames = make()
    frames.request(UNIT, request)

    assert len(answer) == response_size(request)
    assert in_pieces(frames, frame(1, answer), cuts) == [answer]
    assert check_response(request, answer) == answer[2:]


@given(
    values=st.lists(st.integers(0, 65535), min_size=1, max_size=123),
    bits=st.lists(st.booleans(), min_size=1, max_size=40),
)
@settings(derandomize=True, max_examples=40, deadline=None)
def test_a_device_carries_out_what_a_write_request_says(values: list[int], bits: list[bool]) -> None:
    device = ModbusDevice(UnitMemory.of_size(200))
    payload = b"".join(value.to_bytes(2, "big") for value in values)
    packed = sum(bit << index for index, bit in enumerate(bits)).to_bytes((len(bits) + 7) // 8, "little")

    for table, count, written in (
        (RegisterTable.HOLDING_REGISTER, len(values), payload),
        (RegisterTable.COIL, len(bits), packed),
    ):
        request = write_request(table, 5, count, written)
        assert check_response(request, device.pdu(request)) == b""
        read = read_request(table, 5, count)
        assert check_response(read, device.pdu(read)) == written


@pytest.mark.parametrize(("make", "frame"), FRAMES)
def test_an_exception_response_ends_the_wait_too(make: type[ClientFrames], frame: Callable[..., bytes]) -> None:
    frames = make()
    frames.request(UNIT, READ)

    assert frames.feed(frame(1, b"\x83\x02")) == b"\x83\x02"


@pytest.mark.parametrize(("make", "frame"), FRAMES)
def test_the_answer_of_another_unit_is_passed_over(make: type[ClientFrames], frame: Callable[..., bytes]) -> None:
    frames = make()
    frames.request(UNIT, READ)

    assert frames.feed(frame(1, ANSWER, unit_id=UNIT + 1)) is None
    assert frames.feed(frame(1, ANSWER)) == ANSWER


def test_the_answer_to_an_earlier_transaction_is_passed_over() -> None:
    frames = MbapFrames()
    frames.request(UNIT, READ)
    frames.request(UNIT, READ)

    assert frames.feed(mbap(1, ANSWER) + mbap(2, ANSWER[:-1] + b"\x07")) == ANSWER[:-1] + b"\x07"


@pytest.mark.parametrize("stream", ["0001 0007 0003 09 83 02", "0001 0000 0001 09 83", "0001 0000 0100 09 83"])
def test_a_stream_in_which_the_position_is_lost_is_of_no_use(stream: str) -> None:
    frames = MbapFrames()
    frames.request(UNIT, READ)

    with pytest.raises(StreamLost):
        frames.feed(bytes.fromhex(stream))


@pytest.mark.parametrize("damaged", ["0001 0007 0003 09 83 02", "0001 0000 0007 09 0304 0001", "00"])
def test_a_damaged_datagram_is_no_answer_and_spoils_no_other(damaged: str) -> None:
    frames = DatagramFrames()
    frames.request(UNIT, READ)

    assert frames.feed(bytes.fromhex(damaged)) is None
    assert frames.feed(mbap(1, ANSWER)) == ANSWER


@pytest.mark.parametrize(("make", "frame", "spoilt"), [(RtuFrames, rtu, -1), (AsciiFrames, ascii_text, -3)])
def test_a_damaged_serial_frame_is_no_answer_and_a_new_request_empties_the_buffer(
    make: type[ClientFrames], frame: Callable[..., bytes], spoilt: int
) -> None:
    frames = make()
    frames.request(UNIT, READ)
    whole = frame(0, ANSWER)
    damaged = bytearray(whole)
    damaged[spoilt] ^= 1

    assert frames.feed(bytes(damaged)) is None
    assert frames.feed(whole[:4]) is None
    frames.request(UNIT, READ)
    assert frames.feed(whole) == ANSWER


@pytest.mark.parametrize(
    ("response", "says", "code"),
    [
        ("83 02", "exception 02", 2),
        ("04 04 0001 0002", "function code 04 instead of 03", 0),
        ("03 04 0001", "4 bytes instead of 6", 0),
        ("03 02 0001 0002", "byte count 2 instead of 4", 0),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(response: str, says: str, code: int) -> None:
    with pytest.raises(ResponseError, match=says) as caught:
        check_response(READ, bytes.fromhex(response))

    assert caught.value.exception_code == code


def test_a_write_that_is_confirmed_differently_is_refused() -> None:
    request = write_request(RegisterTable.HOLDING_REGISTER, 1, 1, b"\x00\x05")

    with pytest.raises(ResponseError, match="confirmed differently"):
        check_response(request, bytes.fromhex("10 0002 0001"))


@dataclass
class Read:
    """A request of a scan that notes when it was sent and what came."""

    taken: list[bytes] = field(default_factory=list)
    sent: int = 0

    def pdu(self, values: object) -> bytes:
        self.sent += 1
        return READ

    def accept(self, payload: bytes, values: object) -> None:
        self.taken.append(payload)


class Bench:
    """A scanner of one request, a device, and the wire between them."""

    def __init__(self, **settings: int) -> None:
        self.wire = FaultPipeline("wire")
        self.wire.show_time(0)
        self.connections = 0
        self.read = Read()
        timing = {"period_ns": 100 * MS, "timeout_ns": 30 * MS, **settings}
        self.scan: Scan[object] = Scan(ScanSettings(UNIT, **timing), [self.read])
        self.scanner = Scanner([self.scan], MbapFrames(), self.connect)

    def connect(self, time_ns: int) -> Connection:
        self.connections += 1
        faults = self.wire.connect(MbapFrames.wire, time_ns)
        return Connection(MbapConnection(UnitDirectory({UNIT: ModbusDevice(UnitMemory.of_size(9))}), faults), faults)


def test_a_scan_starts_each_period() -> None:
    bench = Bench()

    bench.scanner.advance(1000 * MS, None)

    assert len(bench.read.taken) == 11
    assert bench.scanner.due_ns == 1100 * MS
    assert bench.scan.status.good_ns == 1000 * MS
    assert bench.connections == 1


def test_a_request_is_sent_again_as_often_as_the_settings_say_and_then_fails() -> None:
    bench = Bench(retries=2)
    bench.wire.switch("no_response", True)

    bench.scanner.advance(89 * MS, None)

    assert (bench.scan.status.request_count, bench.scan.status.failure_count) == (3, 0)
    bench.scanner.advance(90 * MS, None)
    assert (bench.scan.status.failure_count, bench.scan.status.is_failing) == (1, True)
    assert bench.read.sent == 1, "a retry repeats the request, it does not make a new one"


def test_the_next_scan_waits_for_one_that_takes_longer_than_the_period() -> None:
    bench = Bench(timeout_ns=250 * MS)
    bench.wire.switch("no_response", "count=1")

    bench.scanner.advance(249 * MS, None)
    assert bench.read.sent == 1

    bench.scanner.advance(260 * MS, None)
    assert (bench.read.sent, bench.scanner.due_ns) == (2, 350 * MS)


def test_a_late_answer_does_not_answer_the_next_request_of_a_stream() -> None:
    bench = Bench()
    bench.wire.switch("delay", "time=40ms count=1")

    bench.scanner.advance(120 * MS, None)

    assert len(bench.read.taken) == 1
    assert bench.scan.status.failure_count == 1


def test_a_connection_that_is_reset_is_opened_again() -> None:
    bench = Bench()
    bench.wire.switch("reset", "count=1")

    bench.scanner.advance(0, None)
    assert (bench.scan.status.failure_count, bench.scanner.due_ns) == (1, 100 * MS)

    bench.scanner.advance(100 * MS, None)
    assert (bench.connections, len(bench.read.taken)) == (2, 1)
    assert not bench.scan.status.is_failing


def test_a_client_that_is_not_let_in_fails_at_once_and_tries_again_in_the_next_scan() -> None:
    bench = Bench()
    bench.wire.switch("refuse_connection", "count=1")

    bench.scanner.advance(0, None)
    assert bench.scan.status.is_failing

    bench.scanner.advance(100 * MS, None)
    assert not bench.scan.status.is_failing


def test_a_scanner_that_was_stopped_begins_anew() -> None:
    bench = Bench()
    bench.wire.switch("no_response", "count=1")
    bench.scanner.advance(10 * MS, None)

    bench.scanner.stop(55 * MS)
    bench.scanner.advance(55 * MS, None)

    assert (bench.read.sent, len(bench.read.taken), bench.scanner.due_ns) == (2, 1, 155 * MS)
    assert bench.scan.status.failure_count == 0


def test_scans_share_a_connection_in_the_order_in_which_their_requests_fall_due() -> None:
    bench = Bench()
    bench.wire.switch("delay", "time=20ms")
    reads = [Read(), Read(), Read()]
    periods_ms = (100, 100, 30)
    scans = [
        Scan(ScanSettings(UNIT, period * MS, 60 * MS), [read]) for period, read in zip(periods_ms, reads, strict=True)
    ]
    scanner = Scanner(scans, MbapFrames(), bench.connect)

    # sent at 0 A, 20 B, 40 C, 60 C, 90 C, 110 A and 130 B (both due at 100), 150 C (due at 120)
    seen = []
    for time_ms in range(0, 180, 20):
        scanner.advance((time_ms + 1) * MS, None)
        seen.append(("".join(str(read.sent) for read in reads), scanner.waiting_count((time_ms + 1) * MS)))

    assert [counts for counts, _ in seen] == ["100", "110", "111", "112", "112", "113", "213", "223", "224"]
    assert [waiting for _, waiting in seen] == [2, 1, 0, 0, 0, 2, 2, 1, 0]


def test_a_scanner_without_requests_has_nothing_to_do() -> None:
    scanner: Scanner[object] = Scanner([Scan(ScanSettings(UNIT, 1, 1), [])], MbapFrames(), Bench().connect)

    assert scanner.due_ns is None
