"""Plant of the closed-loop benchmark: two heated tanks with nine states, and a lagged, noisy sensor that counts."""

from __future__ import annotations

from emulators.component import Component, Input, Output, Param, Phase, State, gauss, param, port, sqrt, state

__all__ = ["HeatedTanks", "LaggedSensor"]


class HeatedTanks(Component):
    """Tank 1 is fed through a valve and heated, drains into tank 2; both have walls; the feed has a pressure filter."""

    valve_command: Input[float] = port(low=0.0, high=1.0)
    heater_command: Input[float] = port(low=0.0, high=1.0)

    level_1_m: State[float] = state(0.5)
    level_2_m: State[float] = state(0.5)
    temperature_1_degc: State[float] = state(20.0)
    temperature_2_degc: State[float] = state(20.0)
    wall_1_degc: State[float] = state(20.0)
    wall_2_degc: State[float] = state(20.0)
    valve_frac: State[float] = state(0.0)
    heating_kw: State[float] = state(0.0)
    feed_pressure_bar: State[float] = state(1.0)

    between_m3_per_s: Output[float] = port()
    drain_m3_per_s: Output[float] = port()

    def outputs(self) -> None:
        self.between_m3_per_s = 0.004 * sqrt(max(self.level_1_m, 0.0))
        self.drain_m3_per_s = 0.004 * sqrt(max(self.level_2_m, 0.0))

    def derivatives(self) -> None:
        feed = 0.008 * self.valve_frac * self.feed_pressure_bar
        volume_1 = max(self.level_1_m, 0.01)
        volume_2 = max(self.level_2_m, 0.01)
        self.der.level_1_m = feed - self.between_m3_per_s
        self.der.level_2_m = self.between_m3_per_s - self.drain_m3_per_s
        warming = self.heating_kw / 4180.0 - 0.0005 * (self.temperature_1_degc - self.wall_1_degc)
        self.der.temperature_1_degc = (feed * (15.0 - self.temperature_1_degc) + warming) / volume_1
        mixing = self.between_m3_per_s * (self.temperature_1_degc - self.temperature_2_degc)
        self.der.temperature_2_degc = (mixing - 0.0005 * (self.temperature_2_degc - self.wall_2_degc)) / volume_2
        self.der.wall_1_degc = 0.01 * (self.temperature_1_degc - self.wall_1_degc)
        self.der.wall_2_degc = 0.01 * (self.temperature_2_degc - self.wall_2_degc)
        self.der.valve_frac = 0.5 * (self.valve_command - self.valve_frac)
        self.der.heating_kw = 0.2 * (200.0 * self.heater_command - self.heating_kw)
        self.der.feed_pressure_bar = 0.05 * (1.0 - 0.3 * self.valve_frac - self.feed_pressure_bar)


class LaggedSensor(Component):
    """First-order lag, gaussian noise, counts of an input module."""

    PHASE = Phase.SENSOR

    gain: Param[float] = param(0.05, description="share of the distance covered in a step")
    sigma: Param[float] = param(0.001)
    counts: Param[float] = param(13824.0, description="counts for one unit")

    measured: Input[float] = port()

    filtered: State[float] = state(0.0)
    sample_count: State[int] = state(0)

    raw_count: Output[int] = port()

    def tick(self, step_s: float) -> None:
        self.filtered += self.gain * (self.measured - self.filtered)
        self.sample_count += 1

    def outputs(self) -> None:
        noisy = self.filtered + self.sigma * gauss(self.seed, self.sample_count, self.noise_channel)
        self.raw_count = max(-32768, min(32767, round(noisy * self.counts)))
