"""Modbus RTU where time says little: through a network (RTU over TCP), or from a serial driver that batches bytes.

A frame is answered as soon as its last byte is there, found by the length that its function code asks for and its
CRC. What stays incomplete for ``pause_ns`` is dropped, so a client that gave up in the middle can start again.
"""

from __future__ import annotations

import bisect
from operator import itemgetter

from emulators.modbus.faults.interface import ConnectionFaults, Ending
from emulators.modbus.framing import earliest
from emulators.modbus.line_units import LineStation
from emulators.modbus.mbap import UnitDirectory
from emulators.modbus.rtu_frames import MAX_FRAME_SIZE, RTU_WIRE, frame_end, request_size
from emulators.modbus.wire_exit import WireExit

__all__ = ["RtuStream"]


class RtuStream:
    """One connection's framing; satisfies ``Framing``.

    ``silence_ns`` passes before each response, and what its unit takes: as ``station`` says, which the connections
    to the same units share.
    """

    is_closed = False

    def __init__(
        self,
        directory: UnitDirectory,
        faults: ConnectionFaults | None = None,
        *,
        pause_ns: int = 100_000_000,
        silence_ns: int = 0,
        station: LineStation | None = None,
    ) -> None:
        self.frame_count = 0
        self.damaged_count = 0
        self._directory = directory
        self._exit = WireExit(RTU_WIRE, directory.answer_on_line, faults)
        self._pause_ns = pause_ns
        self._silence_ns = silence_ns
        self._station = station or LineStation(directory)
        self._rest = b""
        self._rest_ns = 0
        self._answers: list[tuple[int, bytes]] = []

    @property
    def has_partial_frame(self) -> bool:
        return bool(self._rest)

    @property
    def due_ns(self) -> int | None:
        dropped_ns = self._rest_ns + self._pause_ns if self._rest else None
        return earliest(self._answers[0][0] if self._answers else None, dropped_ns, self._exit.due_ns)

    @property
    def ending(self) -> Ending:
        return self._exit.ending

    def feed(self, chunk: bytes, time_ns: int) -> bytes:
        """Take the next bytes; return the answers that are due, in order."""
        self._drop_if_paused(time_ns)
        self._rest += chunk
        self._rest_ns = time_ns
        while self._rest:
            size = frame_end(self._rest)
            if size is not None:
                self._answer(self._rest[:size], time_ns)
            else:
                size = self._damaged_size()
                if size is None:
                    break
                self._drop()
            self._rest = self._rest[size:]
        return self.poll(time_ns)

    def poll(self, time_ns: int) -> bytes:
        """Return the answers that are due; drop what has stayed incomplete for too long."""
        self._drop_if_paused(time_ns)
        n_due = sum(due_ns <= time_ns for due_ns, _ in self._answers)
        due = b"".join(frame for _, frame in self._answers[:n_due])
        del self._answers[:n_due]
        return due + self._exit.take(time_ns)

    def leave(self, time_ns: int) -> None:
        """What the client has asked for has been carried out when it came."""

    def _damaged_size(self) -> int | None:
        """Return how much is certainly no frame; None while more bytes may make it one."""
        if len(self._rest) >= MAX_FRAME_SIZE:
            return len(self._rest)
        size = request_size(self._rest)
        is_ours = self._directory.has(self._rest[0])
        # what another device answers has another size than a request
        return size if size is not None and is_ours and len(self._rest) >= size else None

    def _answer(self, frame: bytes, time_ns: int) -> None:
        self.frame_count += 1
        answer = self._exit.answer(self.frame_count, 0, frame[0], frame[1:-2], time_ns)
        if answer:
            due_ns = self._station.begin_ns(frame[0], time_ns + self._silence_ns)
            self._station.end(frame[0], due_ns)
            bisect.insort(self._answers, (due_ns, answer), key=itemgetter(0))

    def _drop_if_paused(self, time_ns: int) -> None:
        if self._rest and time_ns - self._rest_ns >= self._pause_ns:
            self._rest = b""
            self._drop()

    def _drop(self) -> None:
        self.damaged_count += 1
        self._directory.record_damage()
