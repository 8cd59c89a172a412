"""Values whose power of ten stands in another register of the map: ``scale_factor = "I.A_SF"``, as SunSpec has it.

The device holds such a factor as a constant, 0 where the map gives it no initial value. A client asks for it.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from emulators.description.register_map import RegisterEntry
from emulators.description.source import Findings
from emulators.errors import did_you_mean

__all__ = ["FACTORS", "power_of_ten", "with_scale_factors"]

FACTORS = range(-10, 11)
"""Exponents that a scale factor may have."""


def power_of_ten(exponent: int) -> float:
    """Return the float next to a power of ten."""
    return float(f"1e{exponent}")


def with_scale_factors(entries: Sequence[RegisterEntry], findings: Findings) -> list[RegisterEntry]:
    """Return the entries with the scale that the factors of the map give them; what is no factor is reported."""
    by_tag = {entry.tag: entry for entry in reversed(entries)}  # the first place of a tag counts
    return [
        entry if entry.scale_factor is None else replace(entry, scale=power_of_ten(_exponent(entry, by_tag, findings)))
        for entry in entries
    ]


def _exponent(entry: RegisterEntry, by_tag: dict[str, RegisterEntry], findings: Findings) -> int:
    assert entry.scale_factor is not None
    name, span = entry.scale_factor.value, entry.scale_factor.span
    factor = by_tag.get(name)
    if factor is None:
        hint = did_you_mean(name, by_tag) or "name a register of this map"
        findings.add(span, f"scale factor of {entry.tag}: there is no register '{name}'", hint)
        return 0
    is_moved = factor.behaviour is not None or factor.signal is not None
    if factor.type.limits is None or factor.is_scaled or factor.scale_factor is not None or is_moved:
        findings.add(span, f"scale factor of {entry.tag}: {name} is no constant whole number", "name one that is")
        return 0
    initial = factor.initial if isinstance(factor.initial, int | float) and not math.isnan(factor.initial) else 0
    if initial not in FACTORS:
        message = f"scale factor of {entry.tag}: {name} is {initial:g}, outside {FACTORS[0]}..{FACTORS[-1]}"
        findings.add(span, message, "write a power of ten")
        return 0
    return int(initial)
