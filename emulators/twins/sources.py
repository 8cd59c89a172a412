"""Where flow comes from and where it goes: the boundary of a plant."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, State, fault, param, port, sin, state
from emulators.twins.flow import SECONDS_PER_HOUR

__all__ = ["Consumer", "Inflow"]

TWO_PI = 6.283185307179586


class Inflow(Component):
    """Flow that arrives whatever the plant does: a demand with a lag, and a daily wave on top.

    tau * dF/dt = demand + wave - F.

    Inputs: demand_m3_per_h, temperature_degc. Outputs: flow_m3_per_s, flow_temperature_degc, and the state
    flow_m3_per_h.
    """

    time_constant_s: Param[float] = param(10.0, unit="s", low=0.01, description="lag of the flow behind the demand")
    wave_m3_per_h: Param[float] = param(0.0, unit="m3/h", low=0.0, description="amplitude of the wave")
    wave_period_s: Param[float] = param(86400.0, unit="s", low=1.0, description="period of the wave")

    cut_off: Fault[bool] = fault(description="no flow arrives")
    surge_m3_per_h: Fault[float] = fault(
        0.0, unit="m3/h", low=0.0, high=500.0, description="additional flow, as after rain"
    )

    demand_m3_per_h: Input[float] = port(0.0, unit="m3/h", low=0.0, high=1000.0, description="flow wanted")
    temperature_degc: Input[float] = port(15.0, unit="degC", low=0.0, high=100.0)

    flow_m3_per_h: State[float] = state(0.0, unit="m3/h", low=0.0, high=1000.0, description="true flow")
    elapsed_s: State[float] = state(0.0, unit="s", description="time since the start")

    flow_m3_per_s: Output[float] = port(unit="m3/s", low=0.0, high=1.0)
    flow_temperature_degc: Output[float] = port(unit="degC")

    def outputs(self) -> None:
        self.flow_m3_per_s = max(self.flow_m3_per_h, 0.0) / SECONDS_PER_HOUR
        self.flow_temperature_degc = self.temperature_degc

    def derivatives(self) -> None:
        wanted = 0.0
        if not self.cut_off:
            wave = self.wave_m3_per_h * sin(TWO_PI * self.elapsed_s / self.wave_period_s)
            wanted = max(0.0, self.demand_m3_per_h + self.surge_m3_per_h + wave)
        self.der.flow_m3_per_h = (wanted - self.flow_m3_per_h) / self.time_constant_s
        self.der.elapsed_s = 1.0


class Consumer(Component):
    """Draws what is wanted as long as there is something to draw.

    Inputs: demand_m3_per_h, level_m (of the vessel it draws from). Output: flow_m3_per_s.
    """

    least_level_m: Param[float] = param(0.02, unit="m", low=1e-6, description="below this level less is drawn")

    blocked: Fault[bool] = fault(description="nothing is drawn")

    demand_m3_per_h: Input[float] = port(0.0, unit="m3/h", low=0.0, high=1000.0, description="flow wanted")
    level_m: Input[float] = port(1.0, unit="m", description="level where the flow is drawn")

    flow_m3_per_s: Output[float] = port(unit="m3/s", low=0.0, high=1.0)

    def outputs(self) -> None:
        share = max(0.0, min(1.0, self.level_m / self.least_level_m))
        if self.blocked:
            share = 0.0
        self.flow_m3_per_s = share * max(0.0, self.demand_m3_per_h) / SECONDS_PER_HOUR
