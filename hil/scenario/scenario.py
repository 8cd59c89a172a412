"""Scenario: what may happen during a run, as an immutable value that drawing turns into timelines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from emulators.errors import Diagnostic, SourceSpan
from emulators.timebase import NS_PER_S, Duration, format_duration, parse_duration
from hil.scenario.fault_source import FaultSource
from hil.scenario.stimulus import Catalogue, Stimulus, caller_span
from hil.scenario.timeline import Event, Timeline

__all__ = ["Placed", "Scenario", "at", "scenario", "timeline"]


@dataclass(frozen=True)
class Placed:
    """Things that happen at a given time in every run of a scenario."""

    time_ns: int
    events: tuple[Event, ...]
    actions: tuple[Stimulus | FaultSource, ...]
    span: SourceSpan


@dataclass(frozen=True)
class Scenario:
    """Duration, generators of what operators and the process do, faults, and a fixed beginning."""

    duration_ns: int
    operator: tuple[Stimulus, ...] = ()
    process: tuple[Stimulus, ...] = ()
    faults: tuple[FaultSource, ...] = ()
    at_most: int = 0
    beginning: tuple[Placed, ...] = ()

    def with_faults(self, *faults: FaultSource, at_most: int = 1) -> Scenario:
        """Return this scenario with up to ``at_most`` of these faults in a run, beside any it already has."""
        if at_most < 0:
            raise ValueError(f"at_most={at_most} is negative; 0 means no faults")
        return replace(self, faults=(*self.faults, *faults), at_most=at_most)

    def starting_with(self, *placed: Placed) -> Scenario:
        """Return this scenario with a fixed beginning, such as the start-up; drawn events come after it."""
        whole = replace(self, beginning=(*self.beginning, *placed))
        if whole.begins_ns >= self.duration_ns:
            raise ValueError(
                f"the beginning lasts {format_duration(whole.begins_ns)}, the scenario only "
                f"{format_duration(self.duration_ns)}; give it more time with .lasting(...)"
            )
        return whole

    def lasting(self, duration: Duration) -> Scenario:
        """Return this scenario with another duration."""
        return replace(self, duration_ns=_positive(duration))

    @property
    def stimuli(self) -> tuple[Stimulus, ...]:
        return (*self.operator, *self.process)

    @property
    def fixed_events(self) -> tuple[Event, ...]:
        return tuple(replace(event, is_fixed=True) for placed in self.beginning for event in placed.events)

    @property
    def begins_ns(self) -> int:
        """Time after which drawn events may happen."""
        return max((event.last_ns for placed in self.beginning for event in placed.events), default=0)

    def findings(self, catalogue: Catalogue) -> list[Diagnostic]:
        """Return what does not fit a bench: unknown names, wrong types, faults that nothing offers."""
        placed = [action for entry in self.beginning for action in entry.actions]
        parts: list[Stimulus | FaultSource] = [*self.stimuli, *self.faults, *placed]
        return [finding for part in parts for finding in part.findings(catalogue)]

    def __str__(self) -> str:
        lines = [f"scenario of {format_duration(self.duration_ns)}"]
        for placed in self.beginning:
            what = ", ".join(str(action) for action in placed.actions)
            lines.append(f"  at {format_duration(placed.time_ns)}: {what}")
        for role, stimuli in (("operator", self.operator), ("process", self.process)):
            lines += [
                f"  {role}: {stimulus} every {format_duration(stimulus.every_ns[0])} to "
                f"{format_duration(stimulus.every_ns[1])}"
                for stimulus in stimuli
            ]
        if self.faults and self.at_most:
            lines.append(f"  faults, at most {self.at_most}: {', '.join(str(fault) for fault in self.faults)}")
        return "\n".join(lines)


def scenario(duration: Duration, *, operator: Sequence[Stimulus] = (), process: Sequence[Stimulus] = ()) -> Scenario:
    """Return a scenario: what operators do and what the process does during ``duration``."""
    return Scenario(_positive(duration), tuple(operator), tuple(process))


def at(time: Duration, *actions: Stimulus | FaultSource) -> Placed:
    """Place presses, writes, holds, faults or power cycles at a given time.

    Raises:
        ValueError: an action that only makes sense drawn, such as a set point between two limits.
    """
    time_ns = parse_duration(time)
    events: list[Event] = []
    for action in actions:
        fixed = action.fixed_events(time_ns)
        if fixed is None:
            raise ValueError(f"{action} leaves something to draw; at() places press, write, hold, inject, power_cycle")
        events += fixed
    return Placed(time_ns, tuple(events), actions, caller_span())


def timeline(duration: Duration, *placed: Placed, seed: int | None = None) -> Timeline:
    """Return a timeline in which only the given things happen."""
    return Timeline(_positive(duration), tuple(_events_of(placed)), seed)


def _events_of(placed: Iterable[Placed]) -> list[Event]:
    return [event for entry in placed for event in entry.events]


def _positive(duration: Duration) -> int:
    duration_ns = parse_duration(duration)
    if duration_ns < NS_PER_S // 1000:
        raise ValueError(f"a scenario of {format_duration(duration_ns)} is too short; give it at least 1 ms")
    return duration_ns
