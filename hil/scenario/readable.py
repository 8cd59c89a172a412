"""Numbers and durations that people like to read: what the reducer tries first and generators round to."""

from __future__ import annotations

import math

from emulators.timebase import NS_PER_MS, NS_PER_S

__all__ = ["READABLE_DURATIONS_NS", "round_to_digits", "rounder_numbers"]

READABLE_DURATIONS_NS = tuple(
    [100 * NS_PER_MS, 200 * NS_PER_MS, 500 * NS_PER_MS]
    + [seconds * NS_PER_S for seconds in (1, 2, 3, 5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300, 600, 900, 1200, 1800)]
    + [hours * 3600 * NS_PER_S for hours in (1, 2, 3, 6, 12, 24)]
)


def round_to_digits(value: float, digits: int) -> float:
    """Return ``value`` with ``digits`` significant decimal digits; 0 and non-finite numbers stay."""
    if value == 0.0 or not math.isfinite(value):
        return value
    return float(f"{value:.{digits - 1}e}")


def rounder_numbers(value: float, low: float, high: float) -> list[float]:
    """Return numbers near ``value`` inside ``low..high`` with one, two and three digits, roundest first."""
    rounded = (round_to_digits(value, digits) for digits in (1, 2, 3))
    return list(dict.fromkeys(number for number in rounded if low <= number <= high and number != value))
