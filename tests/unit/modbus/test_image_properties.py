from __future__ import annotations

import struct
import sys
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import floats, integers, sampled_from

from emulators.modbus.device import ModbusDevice
from emulators.modbus.image import RegisterImage
from emulators.signals.publication import ClientWrite, Publication, PublishedTag

derandomized = settings(
    derandomize=True, max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Let threads interleave every few microseconds."""
    before_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before_s)


ORDERS = sampled_from(["big", "little"])


@derandomized
@given(number=floats(width=64, allow_nan=False, allow_infinity=False), words=ORDERS, octets=ORDERS)
def test_what_a_client_reads_it_can_write_back_unchanged(write_map, number: float, words: str, octets: str) -> None:
    publication = Publication([PublishedTag("X", "f64", is_writable=True)])
    keys = f'type = "float64"; word_order = "{words}"; byte_order = "{octets}"; access = "rw"'
    image = RegisterImage(write_map(f'X; table = "holding"; address = 7; {keys}'), publication)
    image.publish(publication.snapshot(1, 10, {"X": number}))
    unit = ModbusDevice(image.memory)

    registers = unit.pdu(bytes.fromhex("03 0007 0004"))[2:]
    unit.pdu(bytes.fromhex("10 0007 0004 08") + registers)

    assert image.take_writes(2) == (ClientWrite("X", number),)


@derandomized
@given(count=integers(-32768, 32767), divisor=sampled_from([1, 2, 5, 10, 100, 1000]), offset=integers(-50, 50))
def test_scaled_register_written_by_a_client_is_published_as_the_same_register(
    write_map, count: int, divisor: int, offset: int
) -> None:
    publication = Publication([PublishedTag("X", "f64", is_writable=True)])
    keys = f'type = "int16"; scale = {1 / divisor}; offset = {offset}; access = "rw"'
    image = RegisterImage(write_map(f'X; table = "holding"; address = 0; {keys}'), publication)
    register = struct.pack(">h", count)
    ModbusDevice(image.memory).pdu(b"\x06\x00\x00" + register)
    (write,) = image.take_writes(1)

    image.publish(publication.snapshot(2, 20, {"X": write.value}))

    assert image.memory.holding_registers.read(0, 1) == register


@pytest.mark.usefixtures("hasty_threads")
def test_reader_never_sees_half_of_a_snapshot(write_map) -> None:
    names = [f"V{index}" for index in range(31)]
    publication = Publication([PublishedTag(name, "f64") for name in names])
    rows = "\n".join(
        f'{name}; table = "holding"; address = {4 * index}; type = "float64"' for index, name in enumerate(names)
    )
    image = RegisterImage(write_map(rows), publication)
    snapshots = [
        publication.snapshot(tick, tick, dict.fromkeys(names, float(value)))
        for tick, value in enumerate((0x0101010101, 987654321))
    ]
    image.publish(snapshots[0])
    stop = threading.Event()

    def publish_for_ever() -> None:
        while not stop.is_set():
            for snapshot in snapshots:
                image.publish(snapshot)

    publisher = threading.Thread(target=publish_for_ever)
    publisher.start()
    unit = ModbusDevice(image.memory)
    deadline_s = time.monotonic() + 30
    answers: list[bytes] = []
    while len(answers) < 5000 or (len(set(answers)) < 2 and time.monotonic() < deadline_s):
        answers.append(unit.pdu(bytes.fromhex("03 0000 007C"))[2:])
    stop.set()
    publisher.join(10)

    assert {len({answer[at : at + 8] for at in range(0, 248, 8)}) for answer in answers} == {1}
    assert len(set(answers)) == 2


@pytest.mark.usefixtures("hasty_threads")
def test_write_during_publishing_is_neither_lost_nor_hidden(write_map) -> None:
    publication = Publication([PublishedTag("X", "i32", is_writable=True)])
    image = RegisterImage(write_map('X; table = "holding"; address = 0; type = "int32"; access = "rw"'), publication)
    stop = threading.Event()
    taken: list[int | float] = []

    def scan() -> None:
        held = 0
        tick = 0
        while not stop.is_set():
            tick += 1
            writes = image.take_writes(tick)
            image.publish(publication.snapshot(tick, tick, {"X": held}))
            held = int(writes[-1].value) if writes else held
            taken.extend(write.value for write in writes)

    scanner = threading.Thread(target=scan)
    scanner.start()
    unit = ModbusDevice(image.memory)
    seen = []
    for number in range(1, 3001):
        wire = struct.pack(">i", number)
        unit.pdu(bytes.fromhex("10 0000 0002 04") + wire)
        seen.append(unit.pdu(bytes.fromhex("03 0000 0002"))[2:] == wire)
    stop.set()
    scanner.join(10)
    taken.extend(write.value for write in image.take_writes(0))

    assert all(seen)
    assert taken == sorted(taken)
    assert taken[-1] == 3000
