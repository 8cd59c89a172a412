"""Three-phase solar inverter with its panels under a day's sun."""

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
    sin,
    sqrt,
    state,
    uniform,
)
from emulators.devices.three_phase import line_voltage_v

__all__ = ["SolarInverter"]

PI = 3.141592653589793
SECONDS_PER_HOUR = 3600.0
SLEEPING, STARTING, MPPT, THROTTLED, SHUTTING_DOWN, FAULT, STANDBY = 2, 3, 4, 5, 6, 7, 8
GROUND_FAULT, GRID_DISCONNECT, OVER_TEMP, OVER_HZ, UNDER_HZ, OVER_VOLT, UNDER_VOLT = 1, 16, 128, 256, 512, 1024, 2048
FIXED_W, FIXED_VAR, FIXED_PF = 1, 2, 4
MPP_V, OPEN_V = 600.0, 750.0
TAKEN = 1e-6
CLOUD_PERIOD_S = 10.0
DRAWS_PER_SAMPLE = 4


class SolarInverter(Component):
    """Inverter in the operating states of SunSpec, with the immediate controls of its model 123.

    The sun rises and sets as half a sine over daylight_s, then it is night for as long; clouds take up to cloud_pct
    away, drawn each 10 s. The heat sink follows the losses. Outside the limits of voltage and frequency, without grid,
    with an earth fault or too hot it disconnects; start_delay_s after the cause has gone it is back. connect 0 ramps
    it down and keeps it in standby. Limit, power factor and reactive power act while they are enabled. Power moves by
    gradient_pct_per_s of maximum_w, a changed limit over limit_ramp_s if that is longer. limit_window_s delays a
    changed limit by a draw from 0 to the window; limit_revert_s after its last write it is disabled. Apparent power
    stays below maximum_va: active power goes first. Times 0 do nothing.

    Inputs: maximum_w, maximum_va, lowest_v, highest_v, gradient_pct_per_s, limit_ramp_s, limit_window_s,
    limit_revert_s, factor_setpoint, factor_enable, var_setpoint_pct, var_enable, grid_v, grid_hz. States that clients
    write: connect, limit_pct, limit_enable. Outputs: power_w, apparent_va, reactive_var, power_factor_pct, dc_power_w,
    dc_voltage_v, dc_current_a, current_a, current_a_a to current_c_a, voltage_a_v to voltage_c_v, voltage_ab_v to
    voltage_ca_v, frequency_hz, operating_state, cabinet_degc, heat_sink_degc, event_bits, available_w, available_var,
    pv_bits, grid_bits, control_bits, clock_s, insulation_ohm, and the state energy_wh.
    """

    PHASE = Phase.SENSOR

    rated_w: Param[float] = param(10000.0, unit="W", low=1.0)
    daylight_s: Param[float] = param(43200.0, unit="s", low=1.0, description="sunrise to sunset; the night is as long")
    sunrise_s: Param[float] = param(-10800.0, unit="s", description="sunrise in the time of the run")
    cloud_pct: Param[float] = param(20.0, unit="%", low=0.0, high=100.0)
    efficiency_pct: Param[float] = param(97.0, unit="%", low=1.0, high=100.0)
    start_delay_s: Param[float] = param(5.0, unit="s", low=0.0)
    first_clock_s: Param[float] = param(845000000.0, unit="s", low=0.0, description="seconds since 2000 at the start")

    grid_lost: Fault[bool] = fault(description="no grid: it disconnects")
    insulation_fault: Fault[bool] = fault(description="earth fault of the panels: it disconnects")
    fan_failed: Fault[bool] = fault(description="the heat sink gets six times as hot")
    shading_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=100.0, description="panels in the shade")

    maximum_w: Input[float] = port(10000.0, unit="W", low=0.0, high=10000.0, description="WMax: full power as set")
    maximum_va: Input[float] = port(10500.0, unit="VA", low=0.0, high=10500.0, description="VAMax")
    lowest_v: Input[float] = port(184.0, unit="V", low=0.0, high=300.0, description="VMin, phase to neutral")
    highest_v: Input[float] = port(264.5, unit="V", low=0.0, high=300.0, description="VMax, phase to neutral")
    gradient_pct_per_s: Input[float] = port(100.0, low=0.1, high=100.0, description="WGra, of WMax in a second")
    limit_ramp_s: Input[float] = port(0.0, unit="s", low=0.0, high=65534.0)
    limit_window_s: Input[float] = port(0.0, unit="s", low=0.0, high=65534.0)
    limit_revert_s: Input[float] = port(0.0, unit="s", low=0.0, high=65534.0)
    factor_setpoint: Input[float] = port(1.0, low=-1.0, high=1.0, description="OutPFSet, below 0: capacitive")
    factor_enable: Input[int] = port(0, low=0, high=1)
    var_setpoint_pct: Input[float] = port(0.0, unit="%", low=-100.0, high=100.0, description="VArWMaxPct")
    var_enable: Input[int] = port(0, low=0, high=1)
    grid_v: Input[float] = port(230.0, unit="V", low=0.0, high=300.0, description="between a phase and neutral")
    grid_hz: Input[float] = port(50.0, unit="Hz", low=45.0, high=65.0)

    connect: State[int] = state(1, low=0, high=1, description="0 disconnects")
    limit_pct: State[float] = state(100.0, unit="%", low=0.0, high=100.0, description="WMaxLimPct, of WMax")
    limit_enable: State[int] = state(0, low=0, high=1, description="WMaxLim_Ena")
    energy_wh: State[float] = state(0.0, unit="Wh", description="energy given since the start of its life")
    time_s: State[float] = state(0.0, unit="s", description="time of the run")
    starting_s: State[float] = state(0.0, unit="s", description="time since it wants to start")
    sink_degc: State[float] = state(25.0, unit="degC")
    true_w: State[float] = state(0.0, unit="W", description="power at the terminals")
    target_pct: State[float] = state(100.0, unit="%", description="limit that acts")
    seen_enable: State[int] = state(0, description="limit_enable of the last step")
    window_s: State[float] = state(0.0, unit="s", description="until a changed limit acts")
    since_write_s: State[float] = state(0.0, unit="s", description="since the limit was written")
    write_count: State[int] = state(0, description="written limits, counter of the draws")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    power_w: Output[float] = port(unit="W")
    apparent_va: Output[float] = port(unit="VA")
    reactive_var: Output[float] = port(unit="var")
    power_factor_pct: Output[float] = port(100.0, unit="%")
    dc_power_w: Output[float] = port(unit="W")
    dc_voltage_v: Output[float] = port(unit="V")
    dc_current_a: Output[float] = port(unit="A")
    current_a: Output[float] = port(unit="A", description="sum of the phases")
    current_a_a: Output[float] = port(unit="A")
    current_b_a: Output[float] = port(unit="A")
    current_c_a: Output[float] = port(unit="A")
    voltage_a_v: Output[float] = port(unit="V")
    voltage_b_v: Output[float] = port(unit="V")
    voltage_c_v: Output[float] = port(unit="V")
    voltage_ab_v: Output[float] = port(unit="V")
    voltage_bc_v: Output[float] = port(unit="V")
    voltage_ca_v: Output[float] = port(unit="V")
    frequency_hz: Output[float] = port(unit="Hz")
    operating_state: Output[int] = port(SLEEPING, low=1, high=8)
    cabinet_degc: Output[float] = port(25.0, unit="degC")
    heat_sink_degc: Output[float] = port(25.0, unit="degC")
    event_bits: Output[int] = port(0, low=0, description="bits of Evt1")
    available_w: Output[float] = port(unit="W", description="what the panels could give at the terminals")
    available_var: Output[float] = port(unit="var")
    pv_bits: Output[int] = port(0, low=0, high=15, description="connected, available, operating")
    grid_bits: Output[int] = port(0, low=0, high=1, description="connected")
    control_bits: Output[int] = port(0, low=0, description="active controls")
    clock_s: Output[float] = port(unit="s", description="seconds since 2000")
    insulation_ohm: Output[float] = port(2e6, unit="Ohm")

    def tick(self, step_s: float) -> None:
        self.time_s += step_s
        self.sample_count += 1
        self.shine()
        self.find_events()
        self.take_limit(step_s)
        wants = self.available_w > 0.01 * self.rated_w
        is_on = wants and self.event_bits == 0 and self.connect == 1
        self.starting_s = self.starting_s + step_s if is_on else 0.0
        self.give(step_s)
        self.find_state(wants)
        self.show(wants)

    def shine(self) -> None:
        day_s = (self.time_s - self.sunrise_s) % (2.0 * self.daylight_s)
        height = sin(PI * day_s / self.daylight_s) if day_s < self.daylight_s else 0.0
        draw = uniform(self.seed, int(self.time_s / CLOUD_PERIOD_S), self.noise_channel)
        light = height * (1.0 - 0.01 * self.cloud_pct * draw) * (1.0 - 0.01 * self.shading_pct)
        self.available_w = min(self.rated_w, 1.05 * 0.01 * self.efficiency_pct * self.rated_w * light)

    def find_events(self) -> None:
        word = GROUND_FAULT if self.insulation_fault else 0
        word += OVER_TEMP if self.sink_degc > (75.0 if self.event_bits & OVER_TEMP != 0 else 90.0) else 0
        if self.grid_lost or self.grid_v < 20.0:
            word += GRID_DISCONNECT
        else:
            word += OVER_VOLT if self.grid_v > self.highest_v else 0
            word += UNDER_VOLT if self.grid_v < self.lowest_v else 0
            word += OVER_HZ if self.grid_hz > 51.5 else 0
            word += UNDER_HZ if self.grid_hz < 47.5 else 0
        self.event_bits = word

    def take_limit(self, step_s: float) -> None:
        """Let a written limit act after its window and end after its revert time.

        A limit that has been taken is marked by a millionth of a percent, so that the same one written again counts.
        """
        whole_pct = float(round(100.0 * self.limit_pct)) / 100.0
        if abs(self.limit_pct - whole_pct) < 0.5 * TAKEN or self.limit_enable != self.seen_enable:
            self.limit_pct = whole_pct + TAKEN
            self.since_write_s = 0.0
            self.write_count += 1
            self.window_s = self.limit_window_s * uniform(self.seed, self.write_count, self.noise_channel)
        else:
            self.since_write_s += step_s
            self.window_s = max(0.0, self.window_s - step_s)
        is_due = self.limit_revert_s > 0.0 and self.since_write_s >= self.limit_revert_s
        if self.limit_enable == 1 and is_due:
            self.limit_enable = 0
        self.seen_enable = self.limit_enable
        if self.window_s <= 0.0:
            self.target_pct = whole_pct if self.limit_enable == 1 else 100.0

    def give(self, step_s: float) -> None:
        """Move the power towards what sun and limit allow."""
        runs = self.starting_s > self.start_delay_s
        allowed_w = min(0.01 * self.target_pct * self.maximum_w, self.maximum_va)
        wanted_w = min(self.available_w, allowed_w) if runs else 0.0
        rate_w_per_s = 0.01 * self.gradient_pct_per_s * self.maximum_w
        if self.limit_ramp_s > 0.0:
            rate_w_per_s = min(rate_w_per_s, self.maximum_w / self.limit_ramp_s)
        change_w = rate_w_per_s * step_s
        self.true_w += max(-change_w, min(change_w, wanted_w - self.true_w))
        self.true_w = min(self.true_w, self.available_w)
        if self.event_bits != 0:
            self.true_w = 0.0
        self.energy_wh += self.true_w * step_s / SECONDS_PER_HOUR
        losses_w = self.true_w * (100.0 / self.efficiency_pct - 1.0)
        rise_k = (0.6 if self.fan_failed else 0.1) * losses_w
        self.sink_degc += step_s / (600.0 + step_s) * (25.0 + rise_k - self.sink_degc)

    def find_state(self, wants: bool) -> None:
        if self.event_bits != 0:
            self.operating_state = FAULT
        elif self.connect == 0:
            self.operating_state = SHUTTING_DOWN if self.true_w > 0.0 else STANDBY
        elif not wants:
            self.operating_state = SLEEPING
        elif self.starting_s <= self.start_delay_s:
            self.operating_state = STARTING
        else:
            self.operating_state = THROTTLED if self.true_w < 0.999 * self.available_w else MPPT

    def show(self, wants: bool) -> None:
        has_grid = self.event_bits & GRID_DISCONNECT == 0
        is_feeding = self.true_w > 0.0
        self.power_w = self.true_w
        self.react()
        self.voltage_a_v = self.grid_v + 0.2 * self.unrest(0) if has_grid else 0.0
        self.voltage_b_v = self.grid_v + 0.2 * self.unrest(1) if has_grid else 0.0
        self.voltage_c_v = self.grid_v + 0.2 * self.unrest(2) if has_grid else 0.0
        self.voltage_ab_v = line_voltage_v(self.voltage_a_v, self.voltage_b_v)
        self.voltage_bc_v = line_voltage_v(self.voltage_b_v, self.voltage_c_v)
        self.voltage_ca_v = line_voltage_v(self.voltage_c_v, self.voltage_a_v)
        self.frequency_hz = self.grid_hz if has_grid else 0.0
        phase_va = self.apparent_va / 3.0
        self.current_a_a = phase_va / self.voltage_a_v if has_grid else 0.0
        self.current_b_a = phase_va / self.voltage_b_v if has_grid else 0.0
        self.current_c_a = phase_va / self.voltage_c_v if has_grid else 0.0
        self.current_a = self.current_a_a + self.current_b_a + self.current_c_a
        self.dc_power_w = 100.0 * self.true_w / self.efficiency_pct
        held_back = 1.0 - self.true_w / self.available_w if self.available_w > 0.0 else 1.0
        self.dc_voltage_v = MPP_V + (OPEN_V - MPP_V) * held_back if wants else 0.0
        self.dc_current_a = self.dc_power_w / self.dc_voltage_v if wants else 0.0
        self.heat_sink_degc = self.sink_degc
        self.cabinet_degc = 25.0 + 0.4 * (self.sink_degc - 25.0)
        self.pv_bits = (1 if wants else 0) + (2 if wants and self.event_bits == 0 else 0) + (4 if is_feeding else 0)
        self.grid_bits = 1 if has_grid and self.connect == 1 else 0
        self.clock_s = self.first_clock_s + self.time_s
        self.insulation_ohm = 2e4 if self.insulation_fault else 2e6

    def react(self) -> None:
        """Set reactive and apparent power as the enabled control says, below the greatest apparent power."""
        room = self.maximum_va * self.maximum_va - self.true_w * self.true_w
        self.available_var = sqrt(max(0.0, room))
        wanted_var = 0.0
        word = FIXED_W if self.target_pct < 100.0 else 0
        if self.factor_enable == 1:
            word += FIXED_PF
            factor = max(0.8, abs(self.factor_setpoint))
            wanted_var = self.true_w * sqrt(max(0.0, 1.0 - factor * factor)) / factor
            wanted_var = -wanted_var if self.factor_setpoint < 0.0 else wanted_var
        elif self.var_enable == 1:
            word += FIXED_VAR
            wanted_var = 0.01 * self.var_setpoint_pct * self.maximum_w if self.true_w > 0.0 else 0.0
        self.control_bits = word
        self.reactive_var = max(-self.available_var, min(self.available_var, wanted_var))
        self.apparent_va = sqrt(self.true_w * self.true_w + self.reactive_var * self.reactive_var)
        self.power_factor_pct = 100.0 * self.true_w / self.apparent_va if self.apparent_va > 0.0 else 100.0

    def unrest(self, draw: int) -> float:
        return gauss(self.seed, DRAWS_PER_SAMPLE * self.sample_count + draw, self.noise_channel)
