"""Whether a number may be written to an entry of a register map; pure, before anything is sent."""

from __future__ import annotations

import math
import sys

from emulators.description import RegisterEntry

__all__ = ["refusal_of_number"]

_MAX_F32 = 3.4028234663852886e38


def refusal_of_number(entry: RegisterEntry, value: int | float) -> str:
    """Return why an engineering value may not be written, nothing when it may: range, type and names of the map hold.

    Whole numbers are compared exactly: 2**64 does not fit uint64. Where a scale factor of the device counts, it alone
    knows what fits.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return f"{value} is not a finite number"
    if entry.eu_range is not None and not entry.eu_range[0] <= value <= entry.eu_range[1]:
        low, high = entry.eu_range
        return f"{_shown(value)} is outside {_shown(low)}..{_shown(high)} {entry.unit}".rstrip()
    if entry.scale_factor is None and not _fits(entry, value):
        low, high = sorted(limit * entry.scale + entry.offset if entry.is_scaled else limit for limit in _limits(entry))
        return f"{_shown(value)} does not fit {entry.type.name}: {_shown(low)}..{_shown(high)}"
    may_be_fraction = entry.type.is_float or entry.is_scaled or entry.scale_factor is not None
    if not may_be_fraction and value != int(value):
        return f"{_shown(value)} is no whole number"
    if entry.names and value not in dict(entry.names):
        known = ", ".join(f"{number} {name}" for number, name in entry.names)
        return f"{_shown(value)} has no name in the map; known are {known}"
    return ""


def _fits(entry: RegisterEntry, value: int | float) -> bool:
    low, high = _limits(entry)
    counts: int | float = value
    if entry.is_scaled:
        try:
            counts = (value - entry.offset) / entry.scale
        except OverflowError:  # a whole number beyond all floats
            return False
    if isinstance(counts, float) and math.isfinite(counts) and not entry.type.is_float:
        counts = round(counts)
    return low <= counts <= high


def _limits(entry: RegisterEntry) -> tuple[int | float, int | float]:
    """Return the least and the greatest number of the registers."""
    highest = _MAX_F32 if entry.type.native_label == "f32" else sys.float_info.max
    return entry.type.limits or (-highest, highest)


def _shown(number: int | float) -> str:
    return str(number) if isinstance(number, int) else f"{number:.12g}"
