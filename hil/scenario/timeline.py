"""A whole run as data: events on absolute integer nanoseconds, expandable to a symbolic tape.

Taking an event away leaves all others where they are, which is what makes a timeline reducible and readable.
"""

from __future__ import annotations

import hashlib
from dataclasses import KW_ONLY, dataclass, replace
from functools import cached_property

from emulators.cell.tape import Operation, TapeEvent, TapeValue
from emulators.timebase import NS_PER_S

__all__ = ["Event", "Timeline"]

_RAMP_STEPS = 64
_RAMP_STEP_NS = NS_PER_S // 10
_ENDS: dict[Operation, tuple[Operation, TapeValue]] = {
    Operation.FORCE: (Operation.RELEASE, None),
    Operation.FAULT: (Operation.FAULT, None),
    Operation.LINK: (Operation.LINK, "up"),
    Operation.RESTART: (Operation.RESTART, "power_on"),
}


@dataclass(frozen=True, slots=True)
class Event:
    """Something done to a cell at ``time_ns``; with ``until_ns`` it is undone then.

    A press is a write of TRUE with an end: FALSE is written there. A number written with an end returns to ``rest``.
    A write with ``ramp_from`` moves in a straight line from there to ``value`` and arrives at ``until_ns``.
    ``source`` says what asked for the event; ``is_fixed`` events belong to the scenario and are never reduced away.
    """

    time_ns: int
    operation: Operation
    target: str
    value: TapeValue = None
    until_ns: int | None = None
    _: KW_ONLY
    source: str = ""
    rest: TapeValue = None
    ramp_from: float | None = None
    is_fixed: bool = False

    def __post_init__(self) -> None:
        fault = self._what_is_wrong()
        if fault:
            raise ValueError(f"{self.operation.value} of {self.target or 'nothing'} at {self.time_ns} ns {fault}")

    def _what_is_wrong(self) -> str:
        if not self.target:
            return "names no target"
        if self.time_ns < 0:
            return "lies before the start; use 0 or later"
        if self.until_ns is None:
            return "ramps without an end; say when it arrives" if self.ramp_from is not None else ""
        if self.until_ns <= self.time_ns:
            return f"ends at {self.until_ns} ns, not after its start"
        if self.operation is Operation.WRITE:
            return "" if self._end_value is not None else "ends; say in 'rest' what is written then"
        return "ramps; only a write can ramp" if self.ramp_from is not None else ""

    @property
    def _end_value(self) -> TapeValue:
        if self.ramp_from is not None:
            return self.value
        return self.rest if self.rest is not None or not isinstance(self.value, bool) else not self.value

    @property
    def last_ns(self) -> int:
        """Time of the last thing this event does."""
        return self.time_ns if self.until_ns is None else self.until_ns

    def writes(self) -> list[tuple[int, Operation, TapeValue]]:
        """Return what goes on the tape: time, operation, value."""
        if self.ramp_from is not None and self.until_ns is not None:
            return [(time_ns, Operation.WRITE, value) for time_ns, value in self._ramp(self.ramp_from, self.until_ns)]
        start: list[tuple[int, Operation, TapeValue]] = [(self.time_ns, self.operation, self.value)]
        if self.until_ns is None:
            return start
        operation, value = _ENDS.get(self.operation, (Operation.WRITE, self._end_value))
        return [*start, (self.until_ns, operation, value)]

    def _ramp(self, first: float, until_ns: int) -> list[tuple[int, float]]:
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise ValueError(f"ramp of {self.target} ends at {self.value!r}; give a number")
        span_ns = until_ns - self.time_ns
        count = max(1, min(_RAMP_STEPS, span_ns // _RAMP_STEP_NS))
        points = [
            (self.time_ns + span_ns * index // count, first + (self.value - first) * index / count)
            for index in range(count)
        ]
        return [*points, (until_ns, float(self.value))]


@dataclass(frozen=True)
class Timeline:
    """Events of one run in order of time, and how long the run lasts.

    ``seed`` feeds noise and jitter of the run; None leaves the rig's own.
    """

    duration_ns: int
    events: tuple[Event, ...] = ()
    seed: int | None = None

    def __post_init__(self) -> None:
        if self.duration_ns <= 0:
            raise ValueError(f"a timeline of {self.duration_ns} ns does not run; give it a positive duration")
        ordered = tuple(sorted(self.events, key=_time_of))
        object.__setattr__(self, "events", ordered)
        if ordered and ordered[-1].time_ns > self.duration_ns:
            late = ordered[-1]
            raise ValueError(f"event on {late.target} at {late.time_ns} ns lies after the end at {self.duration_ns} ns")

    def tape(self) -> tuple[TapeEvent, ...]:
        """Return everything the events do up to the end; at one time ends come before starts."""
        rows = [
            (time_ns, 0 if index else 1, position, index, operation, event.target, value)
            for position, event in enumerate(self.events)
            for index, (time_ns, operation, value) in enumerate(event.writes())
            if time_ns <= self.duration_ns
        ]
        rows.sort(key=lambda row: row[:4])
        return tuple(TapeEvent(row[0], order, row[4], row[5], row[6]) for order, row in enumerate(rows))

    def with_events(self, events: tuple[Event, ...]) -> Timeline:
        return replace(self, events=events)

    @cached_property
    def digest(self) -> str:
        """Hash of the content, twelve hexadecimal digits."""
        parts = [f"{self.duration_ns} {self.seed}"]
        parts += [
            f"{event.time_ns} {event.operation.value} {event.target} {event.value!r} {event.until_ns} "
            f"{event.rest!r} {event.ramp_from!r}"
            for event in self.events
        ]
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def _time_of(event: Event) -> int:
    return event.time_ns
