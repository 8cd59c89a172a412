"""Generators a test author writes: buttons, set points, process inputs, selectors.

Each says what it does, on what, between which limits and how often; drawing decides the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation, TapeValue
from emulators.timebase import NS_PER_MS
from hil.scenario.random_source import RandomSource
from hil.scenario.stimulus import (
    DurationRange,
    Stimulus,
    Temper,
    caller_span,
    draw_duration,
    draw_value,
    parse_range,
)
from hil.scenario.timeline import Event

__all__ = ["choose", "hold", "press", "pulse", "ramp", "setpoint", "step", "toggle", "write"]

_PRESS_NS = 500 * NS_PER_MS


def press(*targets: str, every: DurationRange = ("5 s", "2 min"), hold: DurationRange = ("200 ms", "1 s")) -> Stimulus:
    """Press one of some push buttons now and then, and let it go after ``hold``."""
    return _Press(_names("press", targets), parse_range(every, "every"), caller_span(), parse_range(hold, "hold"))


def setpoint(target: str, low: float, high: float, *, every: DurationRange = ("10 s", "3 min")) -> Stimulus:
    """Write a number between ``low`` and ``high``, as an operator does: round numbers and limits first."""
    return _Number((target,), parse_range(every, "every"), caller_span(), *_limits(target, low, high), "setpoint")


def step(target: str, low: float, high: float, *, every: DurationRange = ("5 s", "3 min")) -> Stimulus:
    """Let a process input jump to a value between ``low`` and ``high`` and stay there."""
    return _Number((target,), parse_range(every, "every"), caller_span(), *_limits(target, low, high), "step")


def ramp(
    target: str,
    low: float,
    high: float,
    *,
    over: DurationRange = ("5 s", "1 min"),
    every: DurationRange = ("10 s", "3 min"),
) -> Stimulus:
    """Let a process input move in a straight line between two values of ``low..high``."""
    limits = _limits(target, low, high)
    return _Ramp((target,), parse_range(every, "every"), caller_span(), *limits, parse_range(over, "over"))


def pulse(
    target: str,
    low: float,
    high: float,
    *,
    hold: DurationRange = ("500 ms", "10 s"),
    every: DurationRange = ("10 s", "3 min"),
) -> Stimulus:
    """Let a process input jump from ``low`` to a higher value and back after ``hold``."""
    limits = _limits(target, low, high)
    return _Pulse((target,), parse_range(every, "every"), caller_span(), *limits, parse_range(hold, "hold"))


def hold(
    target: str,
    value: TapeValue,
    *,
    rest: TapeValue = None,
    lasting: DurationRange = ("1 s", "1 min"),
    every: DurationRange = ("10 s", "3 min"),
) -> Stimulus:
    """Keep an input at ``value`` for a while, then return it to ``rest`` (for a BOOL: the other value)."""
    if rest is None and not isinstance(value, bool):
        raise ValueError(f"hold of {target} at {value}: say in 'rest' what it returns to")
    rest = not value if rest is None else rest
    return _Hold((target,), parse_range(every, "every"), caller_span(), value, rest, parse_range(lasting, "lasting"))


def toggle(*targets: str, every: DurationRange = ("5 s", "3 min")) -> Stimulus:
    """Switch one of some BOOL inputs over now and then, to TRUE first."""
    return _Toggle(_names("toggle", targets), parse_range(every, "every"), caller_span())


def choose(target: str, *values: TapeValue, every: DurationRange = ("10 s", "3 min")) -> Stimulus:
    """Write one of some values, such as the positions of a selector."""
    if not values:
        raise ValueError(f"choose({target}) offers no values; name at least one")
    return _Choose((target,), parse_range(every, "every"), caller_span(), values)


def write(target: str, value: TapeValue) -> Stimulus:
    """Write a value once; to be placed with ``at``."""
    return _Choose((target,), (_PRESS_NS, _PRESS_NS), caller_span(), (value,))


@dataclass(frozen=True)
class _Press(Stimulus):
    hold_ns: tuple[int, int]

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        held_ns = draw_duration(source, *self.hold_ns)
        return Event(time_ns, Operation.WRITE, source.pick(targets), True, time_ns + held_ns, source=str(self))

    def fixed_events(self, time_ns: int) -> tuple[Event, ...]:
        held_ns = min(self.hold_ns[1], max(self.hold_ns[0], _PRESS_NS))
        return tuple(
            Event(time_ns, Operation.WRITE, target, True, time_ns + held_ns, source=str(self))
            for target in self.targets
        )

    def check_target(self, target: TargetDescription) -> str:
        return super().check_target(target) if target.is_bool else f"is a {target.type or 'thing'}, no push button"

    def allows(self, event: Event) -> bool:
        return _lasts(event, self.hold_ns)

    def __str__(self) -> str:
        return f"press({', '.join(self.targets)})"


@dataclass(frozen=True)
class _Number(Stimulus):
    low: float
    high: float
    word: str

    def neutral(self) -> float:
        return _nearest_zero(self.low, self.high)

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        value = draw_value(source, self.low, self.high, temper)
        return Event(time_ns, Operation.WRITE, self.targets[0], value, source=str(self))

    def extremes(self) -> tuple[float, ...]:
        return self.low, self.high

    def check_target(self, target: TargetDescription) -> str:
        return "is a BOOL; use toggle or press" if target.is_bool else super().check_target(target)

    def __str__(self) -> str:
        return f"{self.word}({self.targets[0]}, {self.low:g}..{self.high:g})"


@dataclass(frozen=True)
class _Ramp(Stimulus):
    low: float
    high: float
    over_ns: tuple[int, int]

    def neutral(self) -> float:
        return _nearest_zero(self.low, self.high)

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        first = draw_value(source, self.low, self.high, temper)
        last = draw_value(source, self.low, self.high, temper)
        until_ns = time_ns + draw_duration(source, *self.over_ns)
        return Event(
            time_ns, Operation.WRITE, self.targets[0], float(last), until_ns, source=str(self), ramp_from=first
        )

    def extremes(self) -> tuple[float, ...]:
        return self.low, self.high

    def check_target(self, target: TargetDescription) -> str:
        return "is a BOOL; a ramp needs a number" if target.is_bool else super().check_target(target)

    def allows(self, event: Event) -> bool:
        return _lasts(event, self.over_ns)

    def __str__(self) -> str:
        return f"ramp({self.targets[0]}, {self.low:g}..{self.high:g})"


@dataclass(frozen=True)
class _Pulse(Stimulus):
    low: float
    high: float
    hold_ns: tuple[int, int]

    def neutral(self) -> float:
        return self.low

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        value = draw_value(source, self.low, self.high, temper)
        value = self.high if value == self.low else value
        until_ns = time_ns + draw_duration(source, *self.hold_ns)
        return Event(time_ns, Operation.WRITE, self.targets[0], value, until_ns, source=str(self), rest=self.low)

    def extremes(self) -> tuple[float, ...]:
        return self.low, self.high

    def check_target(self, target: TargetDescription) -> str:
        return "is a BOOL; use press or hold" if target.is_bool else super().check_target(target)

    def allows(self, event: Event) -> bool:
        return _lasts(event, self.hold_ns)

    def __str__(self) -> str:
        return f"pulse({self.targets[0]}, {self.low:g}..{self.high:g})"


@dataclass(frozen=True)
class _Hold(Stimulus):
    value: TapeValue
    rest: TapeValue
    lasting_ns: tuple[int, int]

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        until_ns = time_ns + draw_duration(source, *self.lasting_ns)
        return Event(time_ns, Operation.WRITE, self.targets[0], self.value, until_ns, source=str(self), rest=self.rest)

    def fixed_events(self, time_ns: int) -> tuple[Event, ...]:
        until_ns = time_ns + self.lasting_ns[0]
        return (
            Event(time_ns, Operation.WRITE, self.targets[0], self.value, until_ns, source=str(self), rest=self.rest),
        )

    def extremes(self) -> tuple[float, ...]:
        return _numbers(self.value, self.rest)

    def allows(self, event: Event) -> bool:
        return event.value == self.value and _lasts(event, self.lasting_ns)

    def __str__(self) -> str:
        return f"hold({self.targets[0]}, {self.value})"


@dataclass(frozen=True)
class _Toggle(Stimulus):
    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        target = targets[turn % len(targets)]
        return Event(time_ns, Operation.WRITE, target, turn // len(targets) % 2 == 0, source=str(self))

    def check_target(self, target: TargetDescription) -> str:
        return super().check_target(target) if target.is_bool else f"is a {target.type or 'thing'}, no BOOL"

    def __str__(self) -> str:
        return f"toggle({', '.join(self.targets)})"


@dataclass(frozen=True)
class _Choose(Stimulus):
    values: tuple[TapeValue, ...]

    def event(self, time_ns: int, turn: int, temper: Temper, source: RandomSource, targets: list[str]) -> Event:
        return Event(time_ns, Operation.WRITE, self.targets[0], source.pick(self.values), source=str(self))

    def fixed_events(self, time_ns: int) -> tuple[Event, ...] | None:
        if len(self.values) != 1:
            return None
        return (Event(time_ns, Operation.WRITE, self.targets[0], self.values[0], source=str(self)),)

    def extremes(self) -> tuple[float, ...]:
        return _numbers(*self.values)

    def allows(self, event: Event) -> bool:
        return event.value in self.values

    def __str__(self) -> str:
        values = ", ".join(str(value) for value in self.values)
        return f"{'write' if len(self.values) == 1 else 'choose'}({self.targets[0]}, {values})"


def _names(what: str, targets: tuple[str, ...]) -> tuple[str, ...]:
    if not targets:
        raise ValueError(f"{what}() names no target; name at least one")
    return targets


def _limits(target: str, low: float, high: float) -> tuple[float, float]:
    if not low < high:
        raise ValueError(f"range {low}..{high} of {target} is empty; give the lower number first")
    return low, high


def _lasts(event: Event, lasting_ns: tuple[int, int]) -> bool:
    """Return whether an event ends, and no sooner or later than the two durations say."""
    return event.until_ns is not None and lasting_ns[0] <= event.until_ns - event.time_ns <= lasting_ns[1]


def _nearest_zero(low: float, high: float) -> float:
    return min(max(low, 0.0), high)


def _numbers(*values: TapeValue) -> tuple[float, ...]:
    return tuple(value for value in values if isinstance(value, int | float) and not isinstance(value, bool))
