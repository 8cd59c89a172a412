"""Ways from a gateway to its units: one for each serial line, one for each unit on none; one request at a time each.

No clock: each lane goes through its events up to the time that it is handed. Units answer in the order of the time at
which they do so, whoever asks.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable
from typing import Protocol

from emulators.modbus.codes import BROADCAST
from emulators.modbus.framing import earliest
from emulators.modbus.line_client import LineClient
from emulators.modbus.response_times import ResponseTimes
from emulators.modbus.serial_line import SerialLine

__all__ = ["Job", "Lane", "LineLane", "UnitLane"]

_TURNAROUND_NS = 100_000_000
"""How long a line rests after a broadcast, so that every unit has dealt with it; Serial Line V1.02 clause 2.4.1."""


class Job(Protocol):
    """A request on its way to a unit, and what becomes of it."""

    @property
    def unit_id(self) -> int: ...

    @property
    def request(self) -> bytes: ...

    @property
    def arrived_ns(self) -> int: ...

    def is_unit_off(self, time_ns: int) -> bool:
        """Whether it is to come to no unit."""
        ...

    def ask(self, time_ns: int) -> bool:
        """Let the unit carry it out and pass on its answer; return whether it said anything."""
        ...

    def carry_out(self) -> None:
        """Let the unit carry it out; nobody waits for the answer any more."""
        ...

    def answer(self, response: bytes, time_ns: int) -> None:
        """Pass on what has been heard of the unit."""
        ...

    def fail(self, time_ns: int) -> None:
        """Say that the unit does not answer."""
        ...

    def end(self) -> None:
        """Say that nothing more becomes of it."""
        ...


class Lane(ABC):
    """Jobs in the order of their arrival."""

    def __init__(self, *, max_waiting: int) -> None:
        self._max_waiting = max_waiting
        self._waiting: deque[Job] = deque()
        self._current: Job | None = None
        self._free_ns = 0

    @property
    def due_ns(self) -> int | None:
        """When something happens next."""
        if self._current is not None:
            return self._current_due_ns
        return max(self._free_ns, self._waiting[0].arrived_ns) if self._waiting else None

    def submit(self, job: Job) -> bool:
        """Take a job that arrives now; return False when too many wait already."""
        self.advance(job.arrived_ns)
        is_busy = self._current is not None or self._free_ns > job.arrived_ns
        if is_busy and len(self._waiting) >= self._max_waiting:
            return False
        self._waiting.append(job)
        self.advance(job.arrived_ns)
        return True

    def advance(self, time_ns: int) -> None:
        """Go through all that happens until then."""
        while (due_ns := self.due_ns) is not None and due_ns <= time_ns:
            if self._current is None:
                self._current = self._waiting.popleft()
                self._begin(self._current, due_ns)
            else:
                self._go_on(self._current, due_ns)

    def abandon(self, job: Job) -> None:
        """Give up a job nobody waits for. A unit that has been sent it carries it out nevertheless, at once; the lane
        stays busy as long as it would have been."""
        if job is not self._current:
            if job in self._waiting:
                self._waiting.remove(job)
                job.end()
            return
        while self._current is job:
            self._go_on(job, self._current_due_ns)

    def restart(self) -> None:
        """Know of no job, and be free."""
        self._waiting.clear()
        self._current, self._free_ns = None, 0

    def _end(self, job: Job, free_ns: int) -> None:
        job.end()
        self._current, self._free_ns = None, free_ns

    @property
    @abstractmethod
    def _current_due_ns(self) -> int: ...

    @abstractmethod
    def _begin(self, job: Job, time_ns: int) -> None: ...

    @abstractmethod
    def _go_on(self, job: Job, time_ns: int) -> None: ...


class UnitLane(Lane):
    """One unit that takes its time for each request."""

    def __init__(self, unit_id: int, times: ResponseTimes, *, unit_timeout_ns: int | None, max_waiting: int) -> None:
        super().__init__(max_waiting=max_waiting)
        self._unit_id = unit_id
        self._times = times
        self._unit_timeout_ns = unit_timeout_ns
        self._ready_ns = 0  # when the unit has carried the request out
        self._deadline_ns: int | None = None
        self._is_silent = False

    @property
    def _current_due_ns(self) -> int:
        if self._is_silent:
            assert self._deadline_ns is not None, "only a deadline is waited for then"
            return self._deadline_ns
        return self._ready_ns if self._deadline_ns is None else min(self._ready_ns, self._deadline_ns)

    def _begin(self, job: Job, time_ns: int) -> None:
        self._ready_ns = time_ns + self._times.draw_ns(self._unit_id)
        self._deadline_ns = None if self._unit_timeout_ns is None else time_ns + self._unit_timeout_ns
        self._is_silent = job.is_unit_off(time_ns)
        if self._is_silent and self._deadline_ns is None:
            self._end(job, time_ns)

    def _go_on(self, job: Job, time_ns: int) -> None:
        if self._is_silent:
            job.fail(time_ns)
            self._end(job, time_ns)
        elif time_ns < self._ready_ns:  # the gateway gives it up before the unit has come to it
            job.fail(time_ns)
            job.carry_out()
            self._end(job, self._ready_ns)
        elif job.ask(time_ns) or self._deadline_ns is None:
            self._end(job, time_ns)
        else:
            self._is_silent = True


class LineLane(Lane):
    """A serial line on which the gateway is the client; what units say too late garbles what it sends next.

    ``make_line`` connects the units to it.
    """

    def __init__(
        self, make_line: Callable[[], SerialLine], client: LineClient, *, unit_timeout_ns: int, max_waiting: int
    ) -> None:
        super().__init__(max_waiting=max_waiting)
        self._line = make_line()
        self._make_line = make_line
        self._client = client
        self._timeout_ns = unit_timeout_ns
        self._deadline_ns = 0

    def reset(self) -> None:
        """Connect the units anew, as after a cut: what they have not said yet is lost; any thread."""
        self._line = self._make_line()

    def restart(self) -> None:
        super().restart()
        self.reset()

    @property
    def _current_due_ns(self) -> int:
        due_ns = earliest(self._line.due_ns, self._client.due_ns, self._deadline_ns)
        assert due_ns is not None, "there always is a deadline"
        return due_ns

    def _begin(self, job: Job, time_ns: int) -> None:
        frame = self._client.frame(job.unit_id, job.request)
        sent_ns = time_ns + len(frame) * self._line.line.settings.character_ns
        self._client.forget()
        if not job.is_unit_off(time_ns):
            self._line.feed(frame, time_ns)  # what came in between is nobody's
        self._deadline_ns = sent_ns + (_TURNAROUND_NS if job.unit_id == BROADCAST else self._timeout_ns)

    def _go_on(self, job: Job, time_ns: int) -> None:
        for octets in self._client.hear(self._line.poll(time_ns), time_ns):
            if octets[0] == job.unit_id and octets[1] & 0x7F == job.request[0]:
                job.answer(octets[1:], time_ns)
                self._end(job, time_ns)
                return
        if time_ns >= self._deadline_ns:
            if job.unit_id != BROADCAST:
                job.fail(time_ns)  # after a broadcast the line has only rested
            self._end(job, time_ns)
