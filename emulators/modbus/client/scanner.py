"""A client that scans devices over one connection: one request at a time, with time-outs.

Several scans share a serial line. Requests go out in the order in which they have fallen due, those of the same time in
the order of the scans; whoever has the line keeps it until its request is answered or given up, repetitions included,
so that a slow or silent device holds the others up.

No socket, no clock: ``advance`` moves it to a time, over everything that falls due until then, each at its own time.
The far end is a ``Framing`` that ``connect`` makes, with the devices and the faults of the wire in it. The same times
and answers give the same requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from emulators.modbus.client.frames import ClientFrames, StreamLost
from emulators.modbus.client.scan import Scan
from emulators.modbus.faults.interface import ConnectionFaults, Door, Ending
from emulators.modbus.framing import Framing, earliest

__all__ = ["Connection", "Scanner"]

ValuesT = TypeVar("ValuesT", contravariant=True)


@dataclass(slots=True)
class Connection:
    """The far end of an open connection, and how it let the client in; None where nothing keeps it out."""

    framing: Framing
    faults: ConnectionFaults | None = None

    @property
    def is_refused(self) -> bool:
        return self.faults is not None and self.faults.door is not Door.OPEN


class Scanner(Generic[ValuesT]):
    """Starts with a scan of each device at time 0. ``character_ns`` is how long a character takes on the line."""

    def __init__(
        self,
        scans: Sequence[Scan[ValuesT]],
        frames: ClientFrames,
        connect: Callable[[int], Connection],
        *,
        character_ns: int = 0,
    ) -> None:
        self._scans = tuple(scans)
        self._frames = frames
        self._connect = connect
        self._character_ns = character_ns
        self._connection: Connection | None = None
        self._current: Scan[ValuesT] | None = None  # it has the line
        self._deadline_ns: int | None = None
        self._free_ns = 0

    @property
    def due_ns(self) -> int | None:
        """When ``advance`` will next have something to do."""
        return earliest(self._send_ns, self._deadline_ns, self._far_end_due_ns)

    def waiting_count(self, time_ns: int) -> int:
        """Return how many scans have a request that is due and wait for the line."""
        return sum(due_ns <= time_ns for due_ns in self._others_due_ns)

    def next_waiting_ns(self, time_ns: int) -> int | None:
        """Return when, after this time, the next request falls due."""
        return min((due_ns for due_ns in self._others_due_ns if due_ns > time_ns), default=None)

    @property
    def _others_due_ns(self) -> list[int]:
        return [scan.due_ns for scan in self._scans if scan is not self._current and scan.due_ns is not None]

    @property
    def _far_end_due_ns(self) -> int | None:
        return None if self._connection is None else self._connection.framing.due_ns

    @property
    def _send_ns(self) -> int | None:
        if self._current is not None:
            return self._current.due_ns
        due_ns = earliest(*(scan.due_ns for scan in self._scans))
        return None if due_ns is None else max(due_ns, self._free_ns)

    def advance(self, time_ns: int, values: ValuesT) -> None:
        """Do everything that is due by now, in the order of time."""
        while True:
            far_end_ns = self._far_end_due_ns
            due_ns = earliest(self._send_ns, self._deadline_ns, far_end_ns)
            if due_ns is None or due_ns > time_ns:
                return
            if due_ns == far_end_ns:
                assert self._connection is not None
                self._receive(self._connection.framing.poll(due_ns), due_ns, values)
            elif self._deadline_ns is not None and self._deadline_ns <= due_ns:
                self._end_wait(due_ns)
            else:
                self._send(due_ns, values)

    def stop(self, time_ns: int) -> None:
        """Lose the connection and what was under way; the next scans start at this time."""
        self._forget_connection(time_ns)
        self._current = self._deadline_ns = None
        for scan in self._scans:
            scan.restart(time_ns)

    def lose_connection(self, time_ns: int) -> None:
        """Let the connection end, as a reset does: the request that is under way fails."""
        if self._connection is None or not self._frames.is_stream:
            return
        self._forget_connection(time_ns)
        if self._deadline_ns is not None:
            self._end(time_ns).fail(time_ns)

    def _send(self, time_ns: int, values: ValuesT) -> None:
        if self._connection is None:
            self._connection = self._connect(time_ns)
        scan = self._current = self._current or self._next()
        scan.begin()
        if self._connection.is_refused:
            self._forget_connection(time_ns)
            self._end(time_ns).fail(time_ns)
            return
        frame = self._frames.request(scan.settings.unit_id, scan.request(values))
        self._deadline_ns = time_ns + scan.settings.timeout_ns
        if scan.settings.is_broadcast:
            self._deadline_ns += len(frame) * self._character_ns
        self._receive(self._connection.framing.feed(frame, time_ns), time_ns, values)

    def _next(self) -> Scan[ValuesT]:
        """Return the scan whose request has been due for longest."""
        due = [scan for scan in self._scans if scan.due_ns is not None]
        return min(due, key=lambda scan: scan.due_ns or 0)

    def _receive(self, chunk: bytes, time_ns: int, values: ValuesT) -> None:
        assert self._connection is not None
        try:
            response = self._frames.feed(chunk) if chunk else None
        except StreamLost:
            self.lose_connection(time_ns)
            return
        if response is not None and self._deadline_ns is not None:
            self._end(time_ns).take(response, values, time_ns)
        if self._connection is not None and (
            self._connection.framing.ending is not Ending.NONE or self._connection.framing.is_closed
        ):
            self.lose_connection(time_ns)

    def _end_wait(self, time_ns: int) -> None:
        """Let the time for an answer be over."""
        scan = self._end(time_ns)
        if scan.settings.is_broadcast:
            scan.go_on(time_ns)
        elif scan.miss(time_ns):
            self._current = scan

    def _end(self, time_ns: int) -> Scan[ValuesT]:
        """Return the scan that has had the line, which is free again."""
        scan = self._current
        assert scan is not None, "a request is under way"
        self._current = self._deadline_ns = None
        self._free_ns = time_ns + scan.settings.silence_ns
        return scan

    def _forget_connection(self, time_ns: int) -> None:
        if self._frames.is_stream and self._connection is not None:
            self._connection.framing.leave(time_ns)
            self._connection = None
