"""Relations of three-phase systems, for components."""

from __future__ import annotations

from emulators.component import sqrt

__all__ = ["line_voltage_v"]


def line_voltage_v(first_v: float, second_v: float) -> float:
    """Return the voltage between two phases that are 120 degrees apart, from theirs to neutral."""
    return sqrt(first_v * first_v + second_v * second_v + first_v * second_v)
