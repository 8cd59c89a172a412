"""Nearly right streams over real TLS sockets, judged by a second device that gets them without any socket."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from modbus_fuzz import HeldBlocks, chunks, fuzzed_mbap
from modbus_rows import conformance_device
from modbus_tls_client import RecordClient
from modbus_tls_plant import VERSIONS, TlsPlant

from emulators.modbus.mbap import MbapConnection, UnitDirectory
from emulators.modbus.permissions import EVERY_FUNCTION, PermissionTable, PermittedUnits
from emulators.modbus.tcp import ModbusTcpServer, TcpLimits
from emulators.serving.loop_thread import EventLoopThread

DEADLINE_S = 60.0
WARM_UP = 50
FLAT_BLOCKS = 2_000
"""Blocks that may be held for good: a log, values that are cached. A stream that leaks one is seen in 10,000."""


class Devices:
    """Two devices as units 1 and 2, the same each time they are made."""

    def __init__(self) -> None:
        self.devices = (conformance_device(), conformance_device(is_protected=True))
        self.directory = UnitDirectory(dict(zip((1, 2), self.devices, strict=True)))

    def wake(self) -> None:
        """Undo what a legal request may have done: listen-only mode."""
        for device in self.devices:
            device.restart_communications(clear_log=False)


@dataclass
class Outcome:
    """What a run of streams was made of, and whether each was answered as the judge says."""

    frames: int = 0
    right_frames: int = 0
    answers_size: int = 0
    wrong_streams: int = 0


class Fuzz:
    """A server on TLS, its judge, and the clients that send streams."""

    def __init__(self, plant: TlsPlant, thread: EventLoopThread, server: ModbusTcpServer, served: Devices) -> None:
        self._contexts = [plant.context(plant.clients["Operator"], version) for version in VERSIONS.values()]
        self._thread, self._server, self._served = thread, server, served
        self._judge = Devices()
        self._judged = PermittedUnits(self._judge.directory, EVERY_FUNCTION)

    def run(self, chance: random.Random, count: int) -> Outcome:
        """Send so many streams, each over a connection of its own."""
        outcome = Outcome()
        for number in range(count):
            frames = [fuzzed_mbap(chance) for _ in range(chance.randint(1, 4))]
            stream = b"".join(frame for frame, _ in frames)
            expected = MbapConnection(self._judged).feed(stream)
            with RecordClient(self._server.address, self._contexts[number % 2]) as client:
                client.send(*chunks(chance, stream))
                client.finish()
                outcome.wrong_streams += client.receive_rest() != expected
            self._judge.wake()
            self._thread.run(self._wake_served(), deadline_s=DEADLINE_S)
            outcome.frames += len(frames)
            outcome.right_frames += sum(is_right for _, is_right in frames)
            outcome.answers_size += len(expected)
        return outcome

    async def _wake_served(self) -> None:
        self._served.wake()


@pytest.fixture
def fuzz(tmp_path: Path) -> Iterator[Fuzz]:
    plant, served = TlsPlant(tmp_path, roles=("Operator",)), Devices()
    settings = plant.settings(PermissionTable({"Operator": EVERY_FUNCTION}))
    with EventLoopThread() as thread:
        server = ModbusTcpServer(served.directory, tls=settings, limits=TcpLimits(partial_frame_s=DEADLINE_S))
        thread.run(server.start(), deadline_s=DEADLINE_S)
        yield Fuzz(plant, thread, server, served)
        thread.run(server.stop(deadline_s=0.2), deadline_s=DEADLINE_S)


def test_nearly_right_streams_over_tls_get_the_answers_of_the_device(fuzz: Fuzz) -> None:
    outcome = fuzz.run(random.Random(1), 60)

    assert outcome.wrong_streams == 0
    assert outcome.answers_size > 0


@pytest.mark.campaign
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("count", [pytest.param(500, id="slice"), 10_000])
def test_ten_thousand_streams_over_tls_get_the_answers_of_the_device_and_leave_memory_flat(
    fuzz: Fuzz, count: int
) -> None:
    fuzz.run(random.Random(2), WARM_UP)
    held = HeldBlocks()

    outcome = fuzz.run(random.Random(3), count)

    assert outcome.wrong_streams == 0
    assert outcome.right_frames >= 0.3 * outcome.frames
    assert held.grown() < FLAT_BLOCKS
