"""Open basin that collects water and is emptied by pumps."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, State, fault, param, port, state

__all__ = ["Sump"]


class Sump(Component):
    """Basin with upright walls.

    area * dh/dt = inflow + infiltration - outflow; what would rise above the rim is spilled.
    Several pumps on one sump: wire a list of their flows to outflow_m3_per_s.
    Source: balance of mass.

    Inputs: inflow_m3_per_s, outflow_m3_per_s. Outputs: level_pct, volume_m3, is_overflowing, is_dry, and the states
    level_m, spilled_m3.
    """

    area_m2: Param[float] = param(10.0, unit="m2", low=1e-3, description="surface of the basin")
    height_m: Param[float] = param(4.0, unit="m", low=1e-2, description="height of the rim")

    infiltration_m3_per_s: Fault[float] = fault(
        0.0, unit="m3/s", low=0.0, high=0.05, description="ground water that enters through the wall"
    )

    inflow_m3_per_s: Input[float] = port(unit="m3/s", low=0.0, high=10.0, description="flow into the basin")
    outflow_m3_per_s: Input[float] = port(unit="m3/s", low=0.0, high=10.0, description="flow drawn by pumps")

    level_m: State[float] = state(1.0, unit="m", low=0.0, high=100.0, description="true level")
    spilled_m3: State[float] = state(0.0, unit="m3", description="volume lost over the rim since the start")

    level_pct: Output[float] = port(unit="%", low=0.0, high=100.0, description="true level of the height")
    volume_m3: Output[float] = port(unit="m3")
    is_overflowing: Output[bool] = port(description="water runs over the rim")
    is_dry: Output[bool] = port(description="there is no water left to pump")

    def outputs(self) -> None:
        level_m = max(self.level_m, 0.0)
        self.level_pct = 100.0 * level_m / self.height_m
        self.volume_m3 = self.area_m2 * level_m
        self.is_overflowing = self.level_m >= self.height_m
        self.is_dry = self.level_m <= 0.0

    def derivatives(self) -> None:
        net_m3_per_s = self.inflow_m3_per_s + self.infiltration_m3_per_s - self.outflow_m3_per_s
        spill_m3_per_s = 0.0
        if self.level_m >= self.height_m and net_m3_per_s > 0.0:
            spill_m3_per_s = net_m3_per_s
        if self.level_m <= 0.0 and net_m3_per_s < 0.0:
            net_m3_per_s = 0.0
        self.der.level_m = (net_m3_per_s - spill_m3_per_s) / self.area_m2
        self.der.spilled_m3 = spill_m3_per_s
