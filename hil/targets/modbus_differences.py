"""Where two readings of the same tags differ, and where a reading is not what a map expects; pure functions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from emulators.description import RegisterEntry, RegisterMapDescription
from emulators.errors import LinkError
from emulators.signals.tags import TagValue

__all__ = [
    "Difference",
    "Reading",
    "Tolerance",
    "compare_readings",
    "compare_with_map",
    "is_as_written",
    "tolerance_of",
]

Reading = Mapping[str, TagValue | LinkError]
"""Values by tag; the device's refusal where it gave none."""


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far the values of some tags may lie apart: engineering units plus a fraction of the larger value.

    ``tags`` is a tag or a pattern with ``*`` and ``?``.
    """

    tags: str = "*"
    distance: float = 0.0
    fraction: float = 0.0

    @classmethod
    def parse(cls, text: str) -> Tolerance:
        """Return what ``0.5``, ``2%``, ``LEVEL=0.5`` or ``VOLTAGE_*=2%`` means.

        Raises:
            ValueError: with what to write instead.
        """
        tags, _, size = text.rpartition("=")
        try:
            number = float(size.removesuffix("%"))
        except ValueError:
            number = -1.0
        if not 0 <= number < math.inf:
            raise ValueError(f"'{text}' is no tolerance; write 0.5, 2%, LEVEL=0.5 or 'VOLTAGE_*=2%'")
        return cls(tags or "*", fraction=number / 100) if size.endswith("%") else cls(tags or "*", distance=number)

    def accepts(self, left: float, right: float) -> bool:
        """Whether two values are as good as equal."""
        return abs(left - right) <= self.distance + self.fraction * max(abs(left), abs(right))


_EXACT = Tolerance()


def tolerance_of(tag: str, tolerances: Sequence[Tolerance]) -> Tolerance:
    """Return the last tolerance that speaks of a tag, or none at all."""
    return next((each for each in reversed(tolerances) if fnmatchcase(tag, each.tags)), _EXACT)


@dataclass(frozen=True, slots=True)
class Difference:
    """One tag with what stands on the left and on the right, as texts for people; ``reason`` says how they differ."""

    tag: str
    left: TagValue | None
    right: TagValue | None
    reason: str


def compare_readings(left: Reading, right: Reading, tolerances: Sequence[Tolerance] = ()) -> tuple[Difference, ...]:
    """Return the tags of ``left`` whose values differ from ``right`` by more than their tolerance.

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
        elif not _are_equal(mine, theirs, tolerance_of(tag, tolerances)):
            found.append(Difference(tag, mine, theirs, "values differ"))
    return tuple(found)


def compare_with_map(
    reading: Reading, register_map: RegisterMapDescription, tolerances: Sequence[Tolerance] = ()
) -> tuple[Difference, ...]:
    """Return the tags that the device refuses, whose value lies outside the map's range or names, or is not the
    initial one although no behaviour moves it."""
    found = []
    for entry in register_map.entries:
        value = reading.get(entry.tag)
        if isinstance(value, LinkError):
            found.append(Difference(entry.tag, None, entry.initial, str(value)))
        elif value is None or (value != value and entry.initial is None):  # NaN: there is no value at the moment
            continue
        elif entry.eu_range is not None and not (
            isinstance(value, int | float) and entry.eu_range[0] <= value <= entry.eu_range[1]
        ):
            low, high = entry.eu_range
            found.append(Difference(entry.tag, value, None, f"outside {low:.12g}..{high:.12g} {entry.unit}".rstrip()))
        elif entry.names and value not in dict(entry.names):
            found.append(Difference(entry.tag, value, None, "the map has no name for it"))
        elif (
            entry.initial is not None
            and entry.behaviour is None
            and not _are_equal(value, entry.initial, _with_resolution(tolerance_of(entry.tag, tolerances), entry))
        ):
            found.append(Difference(entry.tag, value, entry.initial, "not the value in the map"))
    return tuple(found)


def _value(value: TagValue | LinkError) -> TagValue | None:
    return None if isinstance(value, LinkError) else value


def is_as_written(entry: RegisterEntry, written: TagValue, seen: TagValue) -> bool:
    """Whether a value that was read back is the one that was written, as far as its register can hold it."""
    return _are_equal(written, seen, _with_resolution(_EXACT, entry))


def _with_resolution(tolerance: Tolerance, entry: RegisterEntry) -> Tolerance:
    """Return a tolerance of half a count at least: a scaled register does not hold every value that a map may name."""
    return replace(tolerance, distance=max(tolerance.distance, abs(entry.scale) / 2)) if entry.is_scaled else tolerance


def _are_equal(left: TagValue, right: TagValue, tolerance: Tolerance) -> bool:
    if isinstance(left, str) or isinstance(right, str):
        return str(left).strip() == str(right).strip()
    if isinstance(left, bool) or isinstance(right, bool):
        return left == right
    if left == right or (math.isnan(left) and math.isnan(right)):
        return True
    is_single = (
        math.isclose(left, right, rel_tol=1.2e-7) if isinstance(left, float) or isinstance(right, float) else False
    )
    return is_single or tolerance.accepts(left, right)
