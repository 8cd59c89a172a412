"""Behaviours that follow another value: total over time, mirror with a delay."""

from __future__ import annotations

from collections import deque

from emulators.description.behaviour import BehaviourEntry
from emulators.modbus.behaviours.moment import Moment, Origin, number_of
from emulators.signals.tags import TagValue

__all__ = ["Mirror", "Total"]


class Total:
    """Integral of another value: with ``per = "1 h"`` a power in kW becomes an energy in kWh."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        self._of = entry.text("of")
        self._factor = entry.number("factor") / entry.duration_ns("per")
        self._value = number_of(origin.initial)
        self._lost = 0.0

    def advance(self, moment: Moment) -> float:
        """Add this step's share; compensated, so that a year of small steps loses nothing (Kahan)."""
        share = number_of(moment.read(self._of)) * self._factor * moment.step_ns - self._lost
        total = self._value + share
        self._lost = (total - self._value) - share
        self._value = total
        return self._value

    def write(self, value: TagValue) -> None:
        self._value, self._lost = number_of(value), 0.0


class Mirror:
    """Shows another value ``delay`` later: a command and its feedback."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        self._of = entry.text("of")
        self._delay_ns = entry.duration_ns("delay")
        self._shown = origin.initial
        self._seen: TagValue | None = None
        self._coming: deque[tuple[int, TagValue]] = deque()

    def advance(self, moment: Moment) -> TagValue:
        present = moment.read(self._of)
        if present != self._seen or self._seen is None:
            self._seen = present
            self._coming.append((moment.time_ns + self._delay_ns, present))
        while self._coming and self._coming[0][0] <= moment.time_ns:
            self._shown = self._coming.popleft()[1]
        return self._shown

    def write(self, value: TagValue) -> None:
        """A mirror shows the other value alone."""
