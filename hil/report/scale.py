"""Axes: where ticks lie and how numbers and times become positions."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emulators.timebase import NS_PER_S, format_timestamp

__all__ = ["TimeAxis", "ValueAxis", "nice_ticks"]

_STEPS_NS = [
    *(step * NS_PER_S // 1000 for step in (1, 2, 5, 10, 20, 50, 100, 200, 500)),
    *(step * NS_PER_S for step in (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 28800, 86400)),
]


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """Plant time from ``start_ns`` to ``end_ns`` over pixels from ``left`` to ``right``."""

    start_ns: int
    end_ns: int
    left: float
    right: float

    def x(self, time_ns: int) -> float:
        """Return the position of a time, cut at both ends."""
        width_ns = max(1, self.end_ns - self.start_ns)
        inside = min(max(time_ns, self.start_ns), self.end_ns) - self.start_ns
        return self.left + (self.right - self.left) * inside / width_ns

    def ticks(self) -> list[tuple[int, str]]:
        """Return about eight times at round distances with their texts."""
        width_ns = max(1, self.end_ns - self.start_ns)
        step = next((step for step in _STEPS_NS if width_ns / step <= 9), _STEPS_NS[-1])
        first = -(-self.start_ns // step) * step
        return [(time_ns, _time_text(time_ns, step)) for time_ns in range(first, self.end_ns + 1, step)]


def _time_text(time_ns: int, step_ns: int) -> str:
    text = format_timestamp(time_ns)
    if step_ns >= NS_PER_S:
        return text[:-2]
    if step_ns >= NS_PER_S // 10:
        return text
    return f"{text[:-2]}.{time_ns % NS_PER_S // 1_000_000:03d}"


@dataclass(frozen=True, slots=True)
class ValueAxis:
    """Numbers from ``low`` to ``high`` over pixels from ``bottom`` up to ``top`` (y grows downwards)."""

    low: float
    high: float
    top: float
    bottom: float

    def y(self, value: float) -> float:
        """Return the position of a number, cut at both ends."""
        if math.isnan(value):
            return self.bottom
        fraction = (min(max(value, self.low), self.high) - self.low) / (self.high - self.low)
        return self.bottom - (self.bottom - self.top) * fraction

    def ticks(self, count: int = 3) -> list[tuple[float, str]]:
        """Return about ``count`` round numbers with their texts."""
        return [(number, f"{number:.6g}") for number in nice_ticks(self.low, self.high, count)]


def nice_ticks(low: float, high: float, count: int) -> list[float]:
    """Return round numbers inside ``low..high``, about ``count`` steps apart."""
    width = high - low
    if not (math.isfinite(width) and width > 0):
        return [low]
    raw = width / max(1, count - 1)
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 4, 5, 10) if factor * power >= raw * 0.85)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [index * step + 0.0 for index in range(first, last + 1)]
