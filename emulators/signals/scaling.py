"""Scaling chain of a 4-20 mA analog channel: engineering value, loop current, raw count.

Pure functions; no I/O, no clock. Limits follow NAMUR NE 43: 3.8..20.5 mA is a measurement, at or below 3.6 mA and
at or above 21.0 mA the transmitter reports failure, between them the value is outside its range.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from emulators.signals.quality import StatusCode

__all__ = [
    "FAILURE_HIGH_MA",
    "FAILURE_LOW_MA",
    "MEASUREMENT_HIGH_MA",
    "MEASUREMENT_LOW_MA",
    "EngineeringRange",
    "RawSpan",
    "count_from_current",
    "current_from_count",
    "current_from_engineering",
    "engineering_from_current",
    "limit_to_measurement",
    "status_of_current",
]

FAILURE_LOW_MA = 3.6
MEASUREMENT_LOW_MA = 3.8
MEASUREMENT_HIGH_MA = 20.5
FAILURE_HIGH_MA = 21.0


@dataclass(frozen=True, slots=True)
class RawSpan:
    """Raw counts an input module reports at 4 mA and at 20 mA, e.g. 0 and 27648."""

    at_4_ma: int
    at_20_ma: int

    def __post_init__(self) -> None:
        if self.at_4_ma >= self.at_20_ma:
            raise ValueError(f"raw span {self.at_4_ma}..{self.at_20_ma} is empty; at_4_ma must be the lower count")


@dataclass(frozen=True, slots=True)
class EngineeringRange:
    """Engineering values at 4 mA and at 20 mA: the instrument range of a transmitter, in its unit."""

    low: float
    high: float

    def __post_init__(self) -> None:
        if not (math.isfinite(self.low) and math.isfinite(self.high)):
            raise ValueError(f"range {self.low}..{self.high} must be finite")
        if self.low >= self.high:
            reason = "is reversed; swap the two numbers" if self.low > self.high else "is empty"
            raise ValueError(f"range {self.low}..{self.high} {reason}")


def current_from_engineering(engineering: float, span: EngineeringRange) -> float:
    """Return the ideal loop current in mA, not limited: outside the range it leaves 4..20 mA.

    Source: linear 4-20 mA law, IEC 60381-1.
    """
    return 4.0 + 16.0 * ((engineering - span.low) / (span.high - span.low))


def engineering_from_current(current_ma: float, span: EngineeringRange) -> float:
    """Return the engineering value that a loop current stands for; the inverse of :func:`current_from_engineering`."""
    return span.low + (span.high - span.low) * ((current_ma - 4.0) / 16.0)


def limit_to_measurement(current_ma: float) -> float:
    """Return the current that a healthy transmitter drives: limited to 3.8..20.5 mA (NE 43)."""
    return min(MEASUREMENT_HIGH_MA, max(MEASUREMENT_LOW_MA, current_ma))


def count_from_current(current_ma: float, span: RawSpan) -> int:
    """Return the raw count an input module reports for a loop current.

    Args:
        current_ma: loop current in mA, any finite value, also outside 4..20.
        span: counts at the two ends of the measuring range.

    Returns:
        Count, rounded half to even, clamped to a signed 16-bit register.

    Raises:
        ValueError: ``current_ma`` is NaN or infinite.

    Source: linear 4-20 mA law, IEC 60381-1.
    """
    if not math.isfinite(current_ma):
        raise ValueError(f"loop current must be finite, got {current_ma} mA")
    fraction = (current_ma - 4.0) / 16.0
    exact = span.at_4_ma + fraction * (span.at_20_ma - span.at_4_ma)
    return round(max(-32768.0, min(32767.0, exact)))


def current_from_count(count: int, span: RawSpan) -> float:
    """Return the loop current in mA that a raw count stands for."""
    return 4.0 + 16.0 * ((count - span.at_4_ma) / (span.at_20_ma - span.at_4_ma))


def status_of_current(current_ma: float) -> StatusCode:
    """Return what NE 43 makes of a loop current: good, out of range (uncertain) or failure (bad)."""
    if not FAILURE_LOW_MA < current_ma < FAILURE_HIGH_MA:
        return StatusCode.BAD_SENSOR_FAILURE
    if not MEASUREMENT_LOW_MA <= current_ma <= MEASUREMENT_HIGH_MA:
        return StatusCode.UNCERTAIN_ENGINEERING_UNITS_EXCEEDED
    return StatusCode.GOOD
