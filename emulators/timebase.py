"""Time as integer nanoseconds: durations written by people, read by machines."""

from __future__ import annotations

import functools
import re
from fractions import Fraction
from math import gcd

__all__ = [
    "NS_PER_MS",
    "NS_PER_S",
    "Duration",
    "format_duration",
    "format_timestamp",
    "greatest_common_step",
    "parse_duration",
]

Duration = str | int | float
"""A duration as people write it: ``"2 s"``, ``"250 ms"``; a bare number counts seconds."""

NS_PER_MS = 1_000_000
NS_PER_S = 1_000_000_000

_UNITS_NS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "ms": NS_PER_MS,
    "s": NS_PER_S,
    "min": 60 * NS_PER_S,
    "h": 3600 * NS_PER_S,
    "d": 86400 * NS_PER_S,
}
_PART = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*(ns|us|µs|ms|min|s|h|d)(?![A-Za-zµ])")


def parse_duration(text: Duration) -> int:
    """Return nanoseconds for ``"10 ms"``, ``"1.5 s"``, ``"1h30min"``; a bare number counts seconds.

    Raises:
        ValueError: not a duration, negative, or finer than one nanosecond.
    """
    if isinstance(text, bool):
        raise ValueError(f"not a duration: {text}; write a number with its unit, such as '10 ms'")
    parts_ns = Fraction(str(text)) * NS_PER_S if isinstance(text, int | float) else _sum_of_parts(text)
    if parts_ns < 0:
        raise ValueError(f"duration {text} is negative")
    if parts_ns.denominator != 1:
        raise ValueError(f"duration {text} is finer than one nanosecond")
    return int(parts_ns)


@functools.lru_cache(maxsize=256)  # a property writes its few durations in every run of a campaign
def _sum_of_parts(text: str) -> Fraction:
    stripped = text.strip()
    position, total = 0, Fraction(0)
    while position < len(stripped):
        match = _PART.match(stripped, position)
        if match is None:
            break
        number, unit = match[1], match[2]
        total += Fraction(number) * _UNITS_NS[unit]
        position = match.end()
    if position == 0 or stripped[position:].strip():
        raise ValueError(f"not a duration: '{text}'; write a number with its unit: '10 ms', '1.5 s', '1h30min'")
    return total


def format_duration(duration_ns: int) -> str:
    """Return the shortest common writing: ``250 ms``, ``2.0 s``, ``10 min``, ``3 h 20 min``."""
    if duration_ns < 0:
        return "-" + format_duration(-duration_ns)
    for unit, size in (("ns", 1_000), ("µs", NS_PER_MS), ("ms", NS_PER_S)):
        if duration_ns < size:
            return f"{duration_ns / _UNITS_NS[unit]:g} {unit}"
    if duration_ns < 60 * NS_PER_S:
        return f"{duration_ns / NS_PER_S:.1f} s"
    minutes, rest_ns = divmod(duration_ns, 60 * NS_PER_S)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{hours} h"] if hours else []
    if minutes:
        parts.append(f"{minutes} min")
    if rest_ns and not hours:
        parts.append(f"{rest_ns / NS_PER_S:g} s")
    return " ".join(parts)


def format_timestamp(time_ns: int) -> str:
    """Return plant time as ``mm:ss.t`` or ``h:mm:ss.t``, tenths rounded down."""
    tenths = time_ns // (NS_PER_S // 10)
    seconds, tenth = divmod(tenths, 10)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    if hours:
        return f"{hours}:{minute:02d}:{second:02d}.{tenth}"
    return f"{minute:02d}:{second:02d}.{tenth}"


def greatest_common_step(durations_ns: list[int]) -> int:
    """Return the greatest common divisor of positive durations in ns: the base step of a cell."""
    return gcd(*durations_ns)
