"""Nearly right requests and streams against the device and every framing, without a socket."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

import pytest
from modbus_fuzz import HeldBlocks, chunks, fuzzed_mbap, fuzzed_pdu
from modbus_rows import conformance_device

from emulators.modbus.ascii import AsciiLine, ascii_frame, ascii_octets
from emulators.modbus.checksums import with_crc
from emulators.modbus.device import ModbusDevice
from emulators.modbus.functions.table import FUNCTIONS
from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.memory import UnitMemory
from emulators.modbus.rtu import RtuLine
from emulators.modbus.rtu_stream import RtuStream
from emulators.modbus.serial_settings import Parity, SerialSettings

SECOND_NS = 1_000_000_000
LINE = SerialSettings(115_200, Parity.EVEN, 1)
ASCII_LINE = SerialSettings(115_200, Parity.EVEN, 1, 7)
READ_FIRST = bytes.fromhex("01 03 0000 0001")
FLAT_BLOCKS = 2_000
"""Blocks a device may come to hold for good: its log, values it caches. 10,000 requests that leak one are seen."""


def check_answer(device: ModbusDevice, request: bytes) -> str:
    """Let the device answer; return what it did."""
    response = device.pdu(request)
    if device.is_listening:
        device.restart_communications(clear_log=False)
        return "silence"
    assert 2 <= len(response) <= 253, request.hex()
    assert response[0] & 0x7F == request[0] & 0x7F, request.hex()
    if response[0] & 0x80 == 0:
        return "answer"
    assert len(response) == 2
    assert response[1] in (1, 2, 3), request.hex()
    assert response[1] != 1 or request[0] not in FUNCTIONS or request[0] in (8, 43), request.hex()
    return "refusal"


def fuzz_device(seed: int, count: int) -> Counter[str]:
    """Give a device so many requests; return how often it did what."""
    chance = random.Random(seed)
    device = conformance_device()
    outcomes: Counter[str] = Counter(check_answer(device, fuzzed_pdu(chance)) for _ in range(2_000))
    held = HeldBlocks()
    outcomes.update(check_answer(device, fuzzed_pdu(chance)) for _ in range(count))
    assert held.grown() < FLAT_BLOCKS
    return outcomes


def addressed(chance: random.Random) -> bytes:
    return bytes((chance.choice((1, 1, 1, 2, 0, 77)),)) + fuzzed_pdu(chance)


def rtu_frame(chance: random.Random) -> bytes:
    frame = with_crc(addressed(chance))
    return frame if chance.random() < 0.8 else frame[:-1] + chance.randbytes(chance.randrange(3))


def ascii_line_frame(chance: random.Random) -> bytes:
    frame = ascii_frame(addressed(chance))
    return frame if chance.random() < 0.8 else frame[:-3] + chance.randbytes(chance.randrange(5))


def frames_of_mbap(stream: bytes) -> int:
    """Return how many answers a stream holds; each must be whole."""
    count = position = 0
    while position < len(stream):
        length = int.from_bytes(stream[position + 4 : position + 6], "big")
        assert stream[position + 2 : position + 4] == b"\0\0"
        assert 3 <= length <= 254
        position += 6 + length
        count += 1
    assert position == len(stream)
    return count


def frames_of_ascii(stream: bytes) -> int:
    frames = stream.split(b":")[1:]
    assert all(ascii_octets(frame[:-2]) is not None for frame in frames)
    return len(frames)


class Plant:
    """Two devices and the directory they are in."""

    def __init__(self) -> None:
        self.first = conformance_device()
        self.devices = (self.first, ModbusDevice(UnitMemory.of_size(200)))
        self.directory = UnitDirectory(dict(zip((1, 2), self.devices, strict=True)))

    def wake(self) -> None:
        """Undo what a legal request may have done: listen-only mode, another delimiter."""
        for device in self.devices:
            device.restart_communications(clear_log=False)
            device.ascii_delimiter = 0x0A

    def first_register(self) -> bytes:
        """Return unit id and PDU of the only right answer to READ_FIRST."""
        return b"\x01\x03\x02" + self.first.memory.holding_registers.read(0, 1)


def fuzz_mbap(seed: int, count: int) -> int:
    """Send streams over a connection each; return the number of answers."""
    chance = random.Random(seed)
    plant = Plant()
    held, answered = HeldBlocks(), 0
    for _ in range(count):
        connection = MbapConnection(plant.directory)
        stream = b"".join(fuzzed_mbap(chance)[0] for _ in range(chance.randint(1, 5)))
        answers = b"".join(connection.feed(chunk) for chunk in chunks(chance, stream))
        assert frames_of_mbap(answers) <= connection.frame_count <= 5
        answered += frames_of_mbap(answers)
        plant.wake()
    assert held.grown() < FLAT_BLOCKS
    return answered


def fuzz_datagrams(seed: int, count: int) -> int:
    """Send datagrams to one framing; after each, a good request must get its answer. Return the number of answers."""
    chance = random.Random(seed)
    plant = Plant()
    framing, held, answered = MbapConnection(plant.directory), HeldBlocks(), 0
    for _ in range(count):
        datagram = b"".join(fuzzed_mbap(chance)[0] for _ in range(chance.randint(1, 3)))
        answered += frames_of_mbap(framing.feed(datagram[: chance.randint(1, 2 * len(datagram))]))
        framing.forget_partial()
        plant.wake()
        answer = framing.feed(bytes.fromhex("ABCD 0000 0006") + READ_FIRST)
        framing.forget_partial()
        assert answer == bytes.fromhex("ABCD 0000 0005") + plant.first_register()
    assert held.grown() < FLAT_BLOCKS
    return answered


Line = RtuStream | RtuLine | AsciiLine


def passed(line: Line, until_ns: int) -> bytes:
    """Let time pass; return what the line carried toward the client."""
    carried = b""
    while (due_ns := line.due_ns) is not None and due_ns <= until_ns:
        carried += line.poll(due_ns)
    return carried + line.poll(until_ns)


def fuzz_line(
    make_line: Callable[[UnitDirectory], Line],
    make_frame: Callable[[random.Random], bytes],
    enframe: Callable[[bytes], bytes],
    seed: int,
    count: int,
) -> int:
    """Send streams over one line; after each, a good request must get its answer. Return how many frames were whole."""
    chance = random.Random(seed)
    plant = Plant()
    line = make_line(plant.directory)
    held, time_ns = HeldBlocks(), 0
    for _ in range(count):
        for chunk in chunks(chance, b"".join(make_frame(chance) for _ in range(chance.randint(1, 3)))):
            time_ns += chance.choice((0, 100_000, 2_000_000))
            line.feed(chunk, time_ns)
        time_ns += 10 * SECOND_NS
        passed(line, time_ns)
        plant.wake()
        answer = line.feed(enframe(READ_FIRST), time_ns) + passed(line, time_ns + SECOND_NS)
        assert answer == enframe(plant.first_register())
        time_ns += 10 * SECOND_NS
    assert held.grown() < FLAT_BLOCKS
    return line.frame_count


LINES = {
    "rtu over tcp": (RtuStream, rtu_frame, with_crc),
    "rtu": (lambda directory: RtuLine(directory, LINE), rtu_frame, with_crc),
    "ascii": (lambda directory: AsciiLine(directory, ASCII_LINE), ascii_line_frame, ascii_frame),
}


def test_nearly_right_requests_get_their_function_code_back_and_leave_memory_flat() -> None:
    outcomes = fuzz_device(seed=1, count=6_000)

    assert outcomes["answer"] > 1_500
    assert outcomes["refusal"] > 1_500


def test_nearly_right_streams_over_tcp_get_whole_answers() -> None:
    assert fuzz_mbap(seed=2, count=500) > 400


def test_good_request_is_answered_after_every_nearly_right_datagram() -> None:
    assert fuzz_datagrams(seed=6, count=300) > 200


@pytest.mark.parametrize("name", LINES)
def test_good_request_is_answered_after_every_nearly_right_stream(name: str) -> None:
    assert fuzz_line(*LINES[name], seed=3, count=150) > 300


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("seed", "count"), [pytest.param(100, 50_000, id="slice"), *((seed, 100_000) for seed in range(10))]
)
def test_million_nearly_right_requests_get_their_function_code_back(seed: int, count: int) -> None:
    outcomes = fuzz_device(seed=seed, count=count)

    assert outcomes["answer"] > count // 6


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [pytest.param(1_000, id="slice"), 10_000])
def test_ten_thousand_nearly_right_streams_over_tcp_get_whole_answers(count: int) -> None:
    assert fuzz_mbap(seed=4, count=count) > count


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [pytest.param(500, id="slice"), 10_000])
@pytest.mark.parametrize("name", LINES)
def test_good_request_is_answered_after_each_of_ten_thousand_streams(name: str, count: int) -> None:
    assert fuzz_line(*LINES[name], seed=5, count=count) > count


@pytest.mark.campaign
@pytest.mark.timeout(600)
@pytest.mark.parametrize("count", [pytest.param(1_000, id="slice"), 10_000])
def test_good_request_is_answered_after_each_of_ten_thousand_datagrams(count: int) -> None:
    assert fuzz_datagrams(seed=7, count=count) > count // 2
