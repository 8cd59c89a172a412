"""Behaviours that move by themselves: counter, ramp, sine, random walk."""

from __future__ import annotations

import math

from emulators.description.behaviour import BehaviourEntry
from emulators.modbus.behaviours.moment import Moment, Origin, number_of
from emulators.native.same_bits.noise import uniform
from emulators.signals.tags import TagValue

__all__ = ["Counter", "Ramp", "RandomWalk", "Sine"]


class Counter:
    """Adds ``step`` each ``period``; with a ``modulus`` it wraps as counters do."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        self._period_ns = entry.duration_ns("period")
        self._step, self._modulus = entry.number("step"), entry.number("modulus")
        self._value = number_of(origin.initial)

    def advance(self, moment: Moment) -> float:
        before_ns = moment.time_ns - moment.step_ns
        periods = moment.time_ns // self._period_ns - before_ns // self._period_ns
        self._value += self._step * periods
        if self._modulus:
            self._value %= self._modulus
        return self._value

    def write(self, value: TagValue) -> None:
        self._value = number_of(value)


class Ramp:
    """Rises from ``low`` to ``high`` in a ``period`` and starts again; with ``returns`` it falls back as it rose."""

    def __init__(self, entry: BehaviourEntry, _origin: Origin) -> None:
        self._low, self._high = entry.number("low"), entry.number("high")
        self._period_ns = entry.duration_ns("period")
        self._returns = bool(entry.values["returns"])

    def advance(self, moment: Moment) -> float:
        share = moment.time_ns % self._period_ns / self._period_ns
        if self._returns:
            share = 1.0 - abs(1.0 - 2.0 * share)
        return self._low + share * (self._high - self._low)

    def write(self, value: TagValue) -> None:
        """A ramp follows the time alone."""


class Sine:
    """Swings between ``low`` and ``high``; starts in the middle, rising, at ``phase_deg`` 0."""

    def __init__(self, entry: BehaviourEntry, _origin: Origin) -> None:
        self._middle = (entry.number("low") + entry.number("high")) / 2.0
        self._amplitude = (entry.number("high") - entry.number("low")) / 2.0
        self._period_ns = entry.duration_ns("period")
        self._phase_rad = math.radians(entry.number("phase_deg"))

    def advance(self, moment: Moment) -> float:
        share = moment.time_ns % self._period_ns / self._period_ns
        return self._middle + self._amplitude * math.sin(2.0 * math.pi * share + self._phase_rad)

    def write(self, value: TagValue) -> None:
        """A sine follows the time alone."""


class RandomWalk:
    """Moves by at most ``step`` each ``period``, up or down, and is reflected at ``low`` and ``high``."""

    def __init__(self, entry: BehaviourEntry, origin: Origin) -> None:
        self._low, self._high = entry.number("low"), entry.number("high")
        self._step, self._period_ns = entry.number("step"), entry.duration_ns("period")
        self._seed, self._channel = origin.seed, origin.channel
        self._value = min(max(number_of(origin.initial), self._low), self._high)

    def advance(self, moment: Moment) -> float:
        first = (moment.time_ns - moment.step_ns) // self._period_ns
        for index in range(first + 1, moment.time_ns // self._period_ns + 1):
            moved = self._value + self._step * (2.0 * uniform(self._seed, index, self._channel) - 1.0)
            if moved > self._high:
                moved = 2.0 * self._high - moved
            elif moved < self._low:
                moved = 2.0 * self._low - moved
            self._value = min(max(moved, self._low), self._high)
        return self._value

    def write(self, value: TagValue) -> None:
        self._value = min(max(number_of(value), self._low), self._high)
