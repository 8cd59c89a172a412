"""Open tank with level and temperature."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, State, fault, param, port, sqrt, state
from emulators.twins.flow import KW_S_PER_M3_K, gravity_flow_m3_per_s

__all__ = ["Tank"]


class Tank(Component):
    """Open upright tank of water: level, temperature, overflow, leak, outlet under gravity.

    Mass: area * dh/dt = inflow - outflow - outlet - leak; what would rise above the rim is spilled. Ideally mixed:
    V * dT/dt = inflow * (T_in - T) + (heating - losses) / (rho c), with at least 1 % of the tank as volume.
    The outlet at the bottom follows Torricelli's law.
    Source: balances of mass and energy, e.g. B. W. Bequette, Process Control (2003), chapter 2.

    Inputs: inflow_m3_per_s, inflow_temperature_degc, outflow_m3_per_s (what pumps draw), outlet_opening_frac,
    heating_kw, ambient_temperature_degc. Outputs: level_pct, volume_m3, outlet_m3_per_s, leaking_m3_per_s,
    is_overflowing, and the states level_m, temperature_degc, spilled_m3.
    """

    area_m2: Param[float] = param(0.5, unit="m2", low=1e-6, description="cross-section")
    height_m: Param[float] = param(2.0, unit="m", low=1e-3, description="height of the rim")
    outlet_area_m2: Param[float] = param(0.0, unit="m2", low=0.0, description="opening at the bottom, 0 for none")
    heat_loss_kw_per_k: Param[float] = param(0.002, low=0.0, description="heat loss to the surroundings")

    leak_m3_per_s: Fault[float] = fault(
        0.0, unit="m3/s", low=0.0, high=0.01, description="leak at the bottom when the tank is full"
    )

    inflow_m3_per_s: Input[float] = port(unit="m3/s", low=0.0, high=1.0, description="flow into the tank")
    inflow_temperature_degc: Input[float] = port(20.0, unit="degC", low=0.0, high=100.0)
    outflow_m3_per_s: Input[float] = port(unit="m3/s", low=0.0, high=1.0, description="flow drawn by pumps")
    outlet_opening_frac: Input[float] = port(1.0, unit="1", low=0.0, high=1.0, description="valve at the outlet")
    heating_kw: Input[float] = port(unit="kW", low=0.0, high=1000.0, description="heat from a heater")
    ambient_temperature_degc: Input[float] = port(20.0, unit="degC", low=-40.0, high=60.0)

    level_m: State[float] = state(0.0, unit="m", low=0.0, high=100.0, description="true level")
    temperature_degc: State[float] = state(20.0, unit="degC", low=-50.0, high=200.0, description="true temperature")
    spilled_m3: State[float] = state(0.0, unit="m3", description="volume lost over the rim since the start")

    level_pct: Output[float] = port(unit="%", low=0.0, high=100.0, description="true level of the height")
    volume_m3: Output[float] = port(unit="m3")
    outlet_m3_per_s: Output[float] = port(unit="m3/s", description="flow out of the opening at the bottom")
    leaking_m3_per_s: Output[float] = port(unit="m3/s", description="flow out of the leak")
    is_overflowing: Output[bool] = port(description="water runs over the rim")

    def outputs(self) -> None:
        level_m = max(self.level_m, 0.0)
        self.level_pct = 100.0 * level_m / self.height_m
        self.volume_m3 = self.area_m2 * level_m
        self.outlet_m3_per_s = gravity_flow_m3_per_s(self.outlet_area_m2 * self.outlet_opening_frac, level_m)
        self.leaking_m3_per_s = self.leak_m3_per_s * sqrt(level_m / self.height_m)
        self.is_overflowing = self.level_m >= self.height_m

    def derivatives(self) -> None:
        net_m3_per_s = self.inflow_m3_per_s - self.outflow_m3_per_s - self.outlet_m3_per_s - self.leaking_m3_per_s
        spill_m3_per_s = 0.0
        if self.level_m >= self.height_m and net_m3_per_s > 0.0:
            spill_m3_per_s = net_m3_per_s
        if self.level_m <= 0.0 and net_m3_per_s < 0.0:
            net_m3_per_s = 0.0
        self.der.level_m = (net_m3_per_s - spill_m3_per_s) / self.area_m2
        self.der.spilled_m3 = spill_m3_per_s
        mixed_m3 = max(self.volume_m3, 0.01 * self.area_m2 * self.height_m)
        warming = self.inflow_m3_per_s * (self.inflow_temperature_degc - self.temperature_degc)
        loss_kw = self.heat_loss_kw_per_k * (self.temperature_degc - self.ambient_temperature_degc)
        self.der.temperature_degc = (warming + (self.heating_kw - loss_kw) / KW_S_PER_M3_K) / mixed_m3
