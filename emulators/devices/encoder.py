"""Incremental encoder on a belt or shaft, counted by the input module."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["Encoder"]


class Encoder(Component):
    """Counts travel; the counter of the input module wraps.

    Input: travel_m. Output: count (0 .. modulus - 1).
    """

    PHASE = Phase.SENSOR

    counts_per_m: Param[float] = param(1000.0, low=1e-3, description="resolution")
    modulus: Param[int] = param(65536, low=2, description="the counter wraps here")

    frozen: Fault[bool] = fault(description="no pulses arrive: the count stays")
    lost_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=0.5, description="share of the pulses that are lost")

    travel_m: Input[float] = port(unit="m", description="true travel")

    seen_m: State[float] = state(0.0, unit="m", description="travel at the last step")
    counted_m: State[float] = state(0.0, unit="m", description="travel that was counted")

    count: Output[int] = port(low=0, description="what the input module reports")

    def tick(self, step_s: float) -> None:
        moved_m = self.travel_m - self.seen_m
        self.seen_m = self.travel_m
        if not self.frozen:
            self.counted_m += moved_m * (1.0 - self.lost_frac)

    def outputs(self) -> None:
        self.count = int(self.counted_m * self.counts_per_m) % self.modulus
