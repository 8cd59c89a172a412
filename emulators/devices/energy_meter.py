"""Three-phase energy meter with the load behind it."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Input,
    Output,
    Param,
    Phase,
    State,
    fault,
    gauss,
    param,
    port,
    sqrt,
    state,
)

__all__ = ["EnergyMeter"]

SECONDS_PER_HOUR = 3600.0


class EnergyMeter(Component):
    """Three-phase meter: voltages, currents, powers, energies in both directions, and a resettable energy.

    The load is shared by the phases as 40, 35 and 25 %; power beyond zero in the other direction counts as export.
    Apparent power is the geometric sum of active and reactive power.

    Inputs: load_kw, power_factor, reset_command. Outputs: voltage_1_v, voltage_2_v, voltage_3_v, current_1_a,
    current_2_a, current_3_a, power_1_w, power_2_w, power_3_w, power_w, apparent_va, reactive_var, frequency_hz, and the
    states import_kwh, export_kwh, resettable_kwh.
    """

    PHASE = Phase.SENSOR

    rated_voltage_v: Param[float] = param(230.0, unit="V", low=1.0, description="between a phase and neutral")
    rated_frequency_hz: Param[float] = param(50.0, unit="Hz", low=1.0)
    sigma_pct: Param[float] = param(0.2, unit="%", low=0.0, description="unrest of the voltages")

    phase_1_lost: Fault[bool] = fault(description="no voltage at L1")
    is_reversed: Fault[bool] = fault(description="current transformers are wired the wrong way round")
    stuck: Fault[bool] = fault(description="all readings stay as they are, energies stop")

    load_kw: Input[float] = port(4.0, unit="kW", low=-100.0, high=100.0, description="active power of the load")
    power_factor: Input[float] = port(0.95, unit="1", low=0.1, high=1.0, description="power factor of the load")
    reset_command: Input[int] = port(0, low=0, high=65535, description="1 clears the resettable energy")

    import_kwh: State[float] = state(1234.5, unit="kWh", description="energy taken")
    export_kwh: State[float] = state(0.0, unit="kWh", description="energy given back")
    resettable_kwh: State[float] = state(0.0, unit="kWh", description="energy taken since the last reset")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    voltage_1_v: Output[float] = port(unit="V", low=0.0, high=1000.0)
    voltage_2_v: Output[float] = port(unit="V", low=0.0, high=1000.0)
    voltage_3_v: Output[float] = port(unit="V", low=0.0, high=1000.0)
    current_1_a: Output[float] = port(unit="A", low=0.0)
    current_2_a: Output[float] = port(unit="A", low=0.0)
    current_3_a: Output[float] = port(unit="A", low=0.0)
    power_1_w: Output[float] = port(unit="W")
    power_2_w: Output[float] = port(unit="W")
    power_3_w: Output[float] = port(unit="W")
    power_w: Output[float] = port(unit="W", description="sum of the phases")
    apparent_va: Output[float] = port(unit="VA", low=0.0, description="sum of the phases")
    reactive_var: Output[float] = port(unit="var", description="sum of the phases")
    frequency_hz: Output[float] = port(50.0, unit="Hz", low=0.0, high=100.0)

    def tick(self, step_s: float) -> None:
        if self.reset_command == 1:
            self.resettable_kwh = 0.0
        if self.stuck:
            return
        self.sample_count += 1
        self.voltage_1_v = 0.0 if self.phase_1_lost else self.voltage_of(1)
        self.voltage_2_v = self.voltage_of(2)
        self.voltage_3_v = self.voltage_of(3)
        direction = -1.0 if self.is_reversed else 1.0
        load_w = 1000.0 * self.load_kw * direction
        self.power_1_w = 0.0 if self.phase_1_lost else 0.40 * load_w
        self.power_2_w = 0.35 * load_w
        self.power_3_w = 0.25 * load_w
        self.current_1_a = self.current_of(self.power_1_w, self.voltage_1_v)
        self.current_2_a = self.current_of(self.power_2_w, self.voltage_2_v)
        self.current_3_a = self.current_of(self.power_3_w, self.voltage_3_v)
        self.power_w = self.power_1_w + self.power_2_w + self.power_3_w
        self.apparent_va = abs(self.power_w) / self.power_factor
        self.reactive_var = sqrt(max(0.0, self.apparent_va * self.apparent_va - self.power_w * self.power_w))
        self.frequency_hz = self.rated_frequency_hz + 0.01 * gauss(self.seed, self.sample_count, self.noise_channel)
        energy_kwh = abs(self.power_w) * step_s / (1000.0 * SECONDS_PER_HOUR)
        if self.power_w >= 0.0:
            self.import_kwh += energy_kwh
            self.resettable_kwh += energy_kwh
        else:
            self.export_kwh += energy_kwh

    def voltage_of(self, phase: int) -> float:
        unrest = gauss(self.seed, 4 * self.sample_count + phase, self.noise_channel)
        return self.rated_voltage_v * (1.0 + 0.01 * self.sigma_pct * unrest)

    def current_of(self, power_w: float, voltage_v: float) -> float:
        if voltage_v < 1.0:
            return 0.0
        return abs(power_w) / (voltage_v * self.power_factor)
