"""Where two readings of the same tags differ, and where a reading is not what a map expects; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from emulators.description import RegisterMapDescription
from emulators.errors import LinkError
from emulators.signals.tags import TagValue

__all__ = ["Difference", "Reading", "compare_readings", "compare_with_map"]

Reading = Mapping[str, TagValue | LinkError]
"""Values by tag; the device's refusal where it gave none."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One tag with what stands on the left and on the right, as texts for people; ``reason`` says how they differ."""

    tag: str
    left: TagValue | None
    right: TagValue | None
    reason: str


def compare_readings(left: Reading, right: Reading, *, tolerance: float = 0.0) -> tuple[Difference, ...]:
    """Return the tags of ``left`` whose values differ from ``right`` by more than ``tolerance`` engineering units.

    A tag that both refuse does not differ, nor do blanks around a text; tags that ``right`` does not have are left out.
    """
    found = []
    for tag, mine in left.items():
        if tag not in right:
            continue
        theirs = right[tag]
        if isinstance(mine, LinkError) or isinstance(theirs, LinkError):
            if not (isinstance(mine, LinkError) and isinstance(theirs, LinkError)):
                refusal = mine if isinstance(mine, LinkError) else theirs
                found.append(Difference(tag, _value(mine), _value(theirs), str(refusal)))
        elif not _are_equal(mine, theirs, tolerance):
            found.append(Difference(tag, mine, theirs, "values differ"))
    return tuple(found)


def compare_with_map(
    reading: Reading, register_map: RegisterMapDescription, *, tolerance: float = 0.0
) -> tuple[Difference, ...]:
    """Return the tags that the device refuses, whose value lies outside the map's range or names, or is not the
    initial one although no behaviour moves it."""
    found = []
    for entry in register_map.entries:
        value = reading.get(entry.tag)
        if isinstance(value, LinkError):
            found.append(Difference(entry.tag, None, entry.initial, str(value)))
        elif value is None:
            continue
        elif entry.eu_range is not None and not (
            isinstance(value, int | float) and entry.eu_range[0] <= value <= entry.eu_range[1]
        ):
            low, high = entry.eu_range
            found.append(Difference(entry.tag, value, None, f"outside {low:g}..{high:g} {entry.unit}".rstrip()))
        elif entry.names and value not in dict(entry.names):
            found.append(Difference(entry.tag, value, None, "the map has no name for it"))
        elif (
            entry.initial is not None
            and entry.behaviour is None
            and not _are_equal(value, entry.initial, max(tolerance, abs(entry.scale) / 2 if entry.is_scaled else 0.0))
        ):
            found.append(Difference(entry.tag, value, entry.initial, "not the value in the map"))
    return tuple(found)


def _value(value: TagValue | LinkError) -> TagValue | None:
    return None if isinstance(value, LinkError) else value


def _are_equal(left: TagValue, right: TagValue, tolerance: float) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return str(left).strip() == str(right).strip()
    if left == right or (math.isnan(left) and math.isnan(right)):
        return True
    is_single = (
        math.isclose(left, right, rel_tol=1.2e-7) if isinstance(left, float) or isinstance(right, float) else False
    )
    return is_single or abs(left - right) <= tolerance
