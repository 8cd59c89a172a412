"""Three-phase energy meter with the load behind it."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Floats,
    Input,
    Output,
    Param,
    Phase,
    State,
    acos,
    array,
    fault,
    gauss,
    param,
    port,
    sqrt,
    state,
)
from emulators.devices.three_phase import line_voltage_v

__all__ = ["EnergyMeter"]

SECONDS_PER_HOUR = 3600.0
DEGREES_PER_RADIAN = 57.29577951308232
DEMAND_PARTS = 10
DRAWS_PER_SAMPLE = 8
RESET_DEMAND = 0
RESET_ENERGY = 3
NO_COMMAND = -1


class EnergyMeter(Component):
    """Three-phase meter behind current transformers: what it measures, energies both ways, demands, resets.

    The phases share the load as 40, 35 and 25 %. Power against the direction of import counts as export; reactive power
    is positive for an inductive load (power_factor above 0). Powers of the system are sums of the phases. Demand is the
    mean power over demand_period_min, moved on in tenths of it. A transformer ratio other than that of the transformers
    shows wrong currents, powers and energies. reset_command 0 clears the greatest demand, 3 the resettable energies.

    Inputs: load_kw, power_factor, ct_primary_a, demand_period_min. Outputs: voltage_1_v to voltage_3_v, voltage_12_v,
    voltage_23_v, voltage_31_v, voltage_ln_v, voltage_ll_v, current_1_a to current_3_a, current_a, current_sum_a,
    neutral_a, power_1_w to power_3_w, power_w, apparent_1_va to apparent_3_va, apparent_va, reactive_1_var to
    reactive_3_var, reactive_var, factor_1 to factor_3, factor, angle_deg, frequency_hz, thd_voltage_pct, total_kwh, and
    the states of energy and demand.
    """

    PHASE = Phase.SENSOR

    rated_voltage_v: Param[float] = param(230.0, unit="V", low=1.0, description="between a phase and neutral")
    rated_frequency_hz: Param[float] = param(50.0, unit="Hz", low=1.0)
    transformer_a: Param[float] = param(100.0, unit="A", low=1.0, description="primary current of the transformers")
    sigma_pct: Param[float] = param(0.2, unit="%", low=0.0, description="unrest of the voltages")

    phase_1_lost: Fault[bool] = fault(description="no voltage at L1")
    is_reversed: Fault[bool] = fault(description="current transformers are wired the wrong way round")
    voltage_dip_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=100.0, description="all voltages are this lower")
    stuck: Fault[bool] = fault(description="all readings stay as they are, energies stop")

    load_kw: Input[float] = port(4.0, unit="kW", low=-100.0, high=100.0, description="active power of the load")
    power_factor: Input[float] = port(0.95, unit="1", low=-1.0, high=1.0, description="of the load, below 0: leading")
    ct_primary_a: Input[float] = port(100.0, unit="A", low=1.0, high=9999.0, description="as set in the meter")
    demand_period_min: Input[float] = port(15.0, unit="min", low=1.0, high=60.0)

    reset_command: State[int] = state(NO_COMMAND, low=-1, high=65535, description="cleared when carried out")
    import_kwh: State[float] = state(1234.5, unit="kWh", description="energy taken")
    export_kwh: State[float] = state(0.0, unit="kWh", description="energy given back")
    import_kvarh: State[float] = state(0.0, unit="kvarh", description="inductive reactive energy")
    export_kvarh: State[float] = state(0.0, unit="kvarh", description="capacitive reactive energy")
    import_1_kwh: State[float] = state(493.8, unit="kWh", description="energy taken at L1")
    import_2_kwh: State[float] = state(432.075, unit="kWh", description="energy taken at L2")
    import_3_kwh: State[float] = state(308.625, unit="kWh", description="energy taken at L3")
    resettable_kwh: State[float] = state(0.0, unit="kWh", description="energy taken since the last reset")
    resettable_export_kwh: State[float] = state(0.0, unit="kWh", description="energy given since the last reset")
    demand_w: State[float] = state(0.0, unit="W", description="mean power over the demand period")
    max_demand_w: State[float] = state(0.0, unit="W", description="greatest demand since the last reset")
    demand_parts_w: State[Floats] = array(DEMAND_PARTS, unit="W", description="mean power of the last tenths")
    part_index: State[int] = state(0, low=0, high=DEMAND_PARTS - 1)
    part_ws: State[float] = state(0.0, description="energy of the present tenth")
    part_s: State[float] = state(0.0, unit="s", description="time of the present tenth")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    voltage_1_v: Output[float] = port(unit="V", low=0.0, high=1000.0, description="L1 to neutral")
    voltage_2_v: Output[float] = port(unit="V", low=0.0, high=1000.0, description="L2 to neutral")
    voltage_3_v: Output[float] = port(unit="V", low=0.0, high=1000.0, description="L3 to neutral")
    voltage_12_v: Output[float] = port(unit="V", low=0.0, description="L1 to L2")
    voltage_23_v: Output[float] = port(unit="V", low=0.0, description="L2 to L3")
    voltage_31_v: Output[float] = port(unit="V", low=0.0, description="L3 to L1")
    voltage_ln_v: Output[float] = port(unit="V", low=0.0, description="mean of the phases to neutral")
    voltage_ll_v: Output[float] = port(unit="V", low=0.0, description="mean between the phases")
    current_1_a: Output[float] = port(unit="A", low=0.0)
    current_2_a: Output[float] = port(unit="A", low=0.0)
    current_3_a: Output[float] = port(unit="A", low=0.0)
    current_a: Output[float] = port(unit="A", low=0.0, description="mean of the phases")
    current_sum_a: Output[float] = port(unit="A", low=0.0, description="sum of the phases")
    neutral_a: Output[float] = port(unit="A", low=0.0, description="current in the neutral")
    power_1_w: Output[float] = port(unit="W")
    power_2_w: Output[float] = port(unit="W")
    power_3_w: Output[float] = port(unit="W")
    power_w: Output[float] = port(unit="W", description="sum of the phases")
    apparent_1_va: Output[float] = port(unit="VA", low=0.0)
    apparent_2_va: Output[float] = port(unit="VA", low=0.0)
    apparent_3_va: Output[float] = port(unit="VA", low=0.0)
    apparent_va: Output[float] = port(unit="VA", low=0.0, description="sum of the phases")
    reactive_1_var: Output[float] = port(unit="var")
    reactive_2_var: Output[float] = port(unit="var")
    reactive_3_var: Output[float] = port(unit="var")
    reactive_var: Output[float] = port(unit="var", description="sum of the phases")
    factor_1: Output[float] = port(unit="1", description="power factor of L1, below 0: export")
    factor_2: Output[float] = port(unit="1")
    factor_3: Output[float] = port(unit="1")
    factor: Output[float] = port(unit="1", description="power over apparent power of the system")
    angle_deg: Output[float] = port(unit="deg", description="phase angle of the system")
    frequency_hz: Output[float] = port(50.0, unit="Hz", low=0.0, high=100.0)
    thd_voltage_pct: Output[float] = port(
        unit="%", low=0.0, description="total harmonic distortion, mean of the phases"
    )
    total_kwh: Output[float] = port(unit="kWh", description="import and export")

    def tick(self, step_s: float) -> None:
        self.obey()
        if self.stuck:
            return
        self.sample_count += 1
        self.measure_voltages()
        self.measure_phases()
        self.sum_up()
        self.count(step_s)
        self.average(step_s)

    def obey(self) -> None:
        if self.reset_command == RESET_DEMAND:
            self.max_demand_w = 0.0
        elif self.reset_command == RESET_ENERGY:
            self.resettable_kwh = 0.0
            self.resettable_export_kwh = 0.0
        self.reset_command = NO_COMMAND

    def measure_voltages(self) -> None:
        self.voltage_1_v = 0.0 if self.phase_1_lost else self.voltage_of(1)
        self.voltage_2_v = self.voltage_of(2)
        self.voltage_3_v = self.voltage_of(3)
        self.voltage_12_v = line_voltage_v(self.voltage_1_v, self.voltage_2_v)
        self.voltage_23_v = line_voltage_v(self.voltage_2_v, self.voltage_3_v)
        self.voltage_31_v = line_voltage_v(self.voltage_3_v, self.voltage_1_v)
        self.voltage_ln_v = (self.voltage_1_v + self.voltage_2_v + self.voltage_3_v) / 3.0
        self.voltage_ll_v = (self.voltage_12_v + self.voltage_23_v + self.voltage_31_v) / 3.0
        self.frequency_hz = self.rated_frequency_hz + 0.01 * self.unrest(0)
        self.thd_voltage_pct = 2.1 + 0.05 * self.unrest(4)

    def measure_phases(self) -> None:
        ratio = self.ct_primary_a / self.transformer_a
        load_w = 1000.0 * self.load_kw * ratio * (-1.0 if self.is_reversed else 1.0)
        self.power_1_w = 0.0 if self.voltage_1_v < 1.0 else 0.40 * load_w
        self.power_2_w = 0.0 if self.voltage_2_v < 1.0 else 0.35 * load_w
        self.power_3_w = 0.0 if self.voltage_3_v < 1.0 else 0.25 * load_w
        used = max(0.1, abs(self.power_factor))
        self.apparent_1_va = abs(self.power_1_w) / used
        self.apparent_2_va = abs(self.power_2_w) / used
        self.apparent_3_va = abs(self.power_3_w) / used
        leads = -1.0 if self.power_factor < 0.0 else 1.0
        share = leads * sqrt(max(0.0, 1.0 - used * used))
        self.reactive_1_var = share * self.apparent_1_va
        self.reactive_2_var = share * self.apparent_2_va
        self.reactive_3_var = share * self.apparent_3_va
        self.factor_1 = ratio_of(self.power_1_w, self.apparent_1_va)
        self.factor_2 = ratio_of(self.power_2_w, self.apparent_2_va)
        self.factor_3 = ratio_of(self.power_3_w, self.apparent_3_va)
        self.current_1_a = self.apparent_1_va / max(1.0, self.voltage_1_v)
        self.current_2_a = self.apparent_2_va / max(1.0, self.voltage_2_v)
        self.current_3_a = self.apparent_3_va / max(1.0, self.voltage_3_v)

    def sum_up(self) -> None:
        self.power_w = self.power_1_w + self.power_2_w + self.power_3_w
        self.apparent_va = self.apparent_1_va + self.apparent_2_va + self.apparent_3_va
        self.reactive_var = self.reactive_1_var + self.reactive_2_var + self.reactive_3_var
        self.factor = ratio_of(self.power_w, self.apparent_va)
        self.angle_deg = DEGREES_PER_RADIAN * acos(max(-1.0, min(1.0, self.factor)))
        if self.reactive_var < 0.0:
            self.angle_deg = -self.angle_deg
        self.current_sum_a = self.current_1_a + self.current_2_a + self.current_3_a
        self.current_a = self.current_sum_a / 3.0
        squares = self.current_1_a * self.current_1_a + self.current_2_a * self.current_2_a
        products = self.current_1_a * self.current_2_a + self.current_3_a * (self.current_1_a + self.current_2_a)
        self.neutral_a = sqrt(max(0.0, squares + self.current_3_a * self.current_3_a - products))

    def count(self, step_s: float) -> None:
        hours = step_s / SECONDS_PER_HOUR
        energy_kwh = 0.001 * abs(self.power_w) * hours
        if self.power_w >= 0.0:
            self.import_kwh += energy_kwh
            self.resettable_kwh += energy_kwh
            self.import_1_kwh += 0.001 * self.power_1_w * hours
            self.import_2_kwh += 0.001 * self.power_2_w * hours
            self.import_3_kwh += 0.001 * self.power_3_w * hours
        else:
            self.export_kwh += energy_kwh
            self.resettable_export_kwh += energy_kwh
        if self.reactive_var >= 0.0:
            self.import_kvarh += 0.001 * self.reactive_var * hours
        else:
            self.export_kvarh -= 0.001 * self.reactive_var * hours
        self.total_kwh = self.import_kwh + self.export_kwh

    def average(self, step_s: float) -> None:
        self.part_ws += self.power_w * step_s
        self.part_s += step_s
        if self.part_s * DEMAND_PARTS < 60.0 * self.demand_period_min - 0.5 * step_s:
            return
        self.demand_parts_w[self.part_index] = self.part_ws / self.part_s
        self.part_index = (self.part_index + 1) % DEMAND_PARTS
        self.part_ws = 0.0
        self.part_s = 0.0
        total_w = 0.0
        for index in range(DEMAND_PARTS):
            total_w += self.demand_parts_w[index]
        self.demand_w = total_w / DEMAND_PARTS
        self.max_demand_w = max(self.max_demand_w, self.demand_w)

    def voltage_of(self, phase: int) -> float:
        dip = 1.0 - 0.01 * self.voltage_dip_pct
        return self.rated_voltage_v * dip * (1.0 + 0.01 * self.sigma_pct * self.unrest(phase))

    def unrest(self, draw: int) -> float:
        return gauss(self.seed, DRAWS_PER_SAMPLE * self.sample_count + draw, self.noise_channel)


def ratio_of(power_w: float, apparent_va: float) -> float:
    return power_w / apparent_va if apparent_va > 0.0 else 1.0
