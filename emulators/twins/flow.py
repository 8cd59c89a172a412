"""Flow through openings: pure functions that twins share.

Sources: E. Torricelli (1643) for outflow under gravity; the definition of the flow coefficient Kv, IEC 60534-1.
"""

from __future__ import annotations

from emulators.component import sqrt

__all__ = [
    "GRAVITY_M_PER_S2",
    "KW_S_PER_M3_K",
    "SECONDS_PER_HOUR",
    "clamp",
    "gravity_flow_m3_per_s",
    "kv_flow_m3_per_h",
]

GRAVITY_M_PER_S2 = 9.80665
SECONDS_PER_HOUR = 3600.0
KW_S_PER_M3_K = 4180.0
"""Heat capacity of water by volume at 20 degC, in kW s/(m3 K)."""


def clamp(x: float, low: float, high: float) -> float:
    """Return ``x`` limited to low..high."""
    return max(low, min(high, x))


def gravity_flow_m3_per_s(area_m2: float, head_m: float) -> float:
    """Return what flows out of an opening under a head of liquid; nothing flows back."""
    if head_m <= 0.0:
        return 0.0
    return area_m2 * sqrt(2.0 * GRAVITY_M_PER_S2 * head_m)


def kv_flow_m3_per_h(kv_m3_per_h: float, pressure_drop_bar: float) -> float:
    """Return the flow of water through a valve; against the pressure with a negative sign."""
    if pressure_drop_bar < 0.0:
        return -kv_m3_per_h * sqrt(-pressure_drop_bar)
    return kv_m3_per_h * sqrt(pressure_drop_bar)
