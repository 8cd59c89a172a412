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
    param,
    port,
    sin,
    state,
    uniform,
)

__all__ = ["SolarInverter"]

PI = 3.141592653589793
SECONDS_PER_HOUR = 3600.0
SQRT_3 = 1.7320508075688772
STATE_SLEEPING = 2
STATE_STARTING = 3
STATE_MPPT = 4
STATE_THROTTLED = 5
STATE_FAULT = 7


class SolarInverter(Component):
    """Inverter in the operating states of SunSpec: sleeping, starting, MPPT, throttled, fault.

    The sun rises and sets as half a sine over daylight_s, then it is night for as long; clouds take up to cloud_pct
    away, drawn each 10 s. The heat sink follows the losses. It disconnects while the grid is away and comes back
    start_delay_s after it has returned.

    Inputs: limit_pct, grid_v, grid_hz. Outputs: power_w, dc_power_w, dc_voltage_v, dc_current_a, phase_current_a,
    phase_voltage_v, line_voltage_v, frequency_hz, apparent_va, power_factor_pct, operating_state, heat_sink_degc,
    event_bits, and the state energy_wh.
    """

    PHASE = Phase.SENSOR

    rated_w: Param[float] = param(10000.0, unit="W", low=1.0)
    daylight_s: Param[float] = param(43200.0, unit="s", low=1.0, description="sunrise to sunset; the night is as long")
    sunrise_s: Param[float] = param(-10800.0, unit="s", description="sunrise in the time of the run")
    cloud_pct: Param[float] = param(20.0, unit="%", low=0.0, high=100.0)
    efficiency_pct: Param[float] = param(97.0, unit="%", low=1.0, high=100.0)
    start_delay_s: Param[float] = param(5.0, unit="s", low=0.0)

    grid_lost: Fault[bool] = fault(description="no grid: it disconnects")
    insulation_fault: Fault[bool] = fault(description="earth fault of the panels: it disconnects")
    shading_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=100.0, description="panels in the shade")

    limit_pct: Input[float] = port(100.0, unit="%", low=0.0, high=100.0, description="of the rated power")
    grid_v: Input[float] = port(230.0, unit="V", low=0.0, high=300.0, description="between a phase and neutral")
    grid_hz: Input[float] = port(50.0, unit="Hz", low=45.0, high=65.0)

    energy_wh: State[float] = state(0.0, unit="Wh", description="energy given since the start of its life")
    time_s: State[float] = state(0.0, unit="s", description="time of the run")
    starting_s: State[float] = state(0.0, unit="s", description="time since it wants to start")
    sink_degc: State[float] = state(25.0, unit="degC")
    cloud_frac: State[float] = state(0.0, unit="1", description="share of the sun that the clouds let through")

    power_w: Output[float] = port(unit="W")
    dc_power_w: Output[float] = port(unit="W")
    dc_voltage_v: Output[float] = port(unit="V")
    dc_current_a: Output[float] = port(unit="A")
    current_a: Output[float] = port(unit="A", description="sum of the phases")
    phase_current_a: Output[float] = port(unit="A")
    phase_voltage_v: Output[float] = port(unit="V")
    line_voltage_v: Output[float] = port(unit="V")
    frequency_hz: Output[float] = port(unit="Hz")
    apparent_va: Output[float] = port(unit="VA")
    power_factor_pct: Output[float] = port(100.0, unit="%")
    operating_state: Output[int] = port(STATE_SLEEPING, low=1, high=8)
    heat_sink_degc: Output[float] = port(25.0, unit="degC")
    event_bits: Output[int] = port(0, low=0, description="bit 0 ground fault, bit 4 grid disconnected")

    def tick(self, step_s: float) -> None:
        self.time_s += step_s
        draw = uniform(self.seed, int(self.time_s / 10.0), self.noise_channel)
        self.cloud_frac = 1.0 - 0.01 * self.cloud_pct * draw
        available_w = self.available_w()
        has_grid = not self.grid_lost and self.grid_v > 180.0
        is_failed = self.insulation_fault or not has_grid
        wants = available_w > 0.01 * self.rated_w
        if is_failed or not wants:
            self.starting_s = 0.0
        else:
            self.starting_s += step_s
        runs = self.starting_s > self.start_delay_s
        limit_w = 0.01 * self.limit_pct * self.rated_w
        self.dc_power_w = min(available_w, limit_w / (0.01 * self.efficiency_pct)) if runs else 0.0
        self.power_w = 0.01 * self.efficiency_pct * self.dc_power_w
        self.energy_wh += self.power_w * step_s / SECONDS_PER_HOUR
        losses_w = self.dc_power_w - self.power_w
        self.sink_degc += step_s / (600.0 + step_s) * (25.0 + 0.1 * losses_w - self.sink_degc)
        self.operating_state = self.state_of(is_failed, wants, runs, available_w > self.dc_power_w)
        self.event_bits = (1 if self.insulation_fault else 0) + (0 if has_grid else 16)
        self.show(has_grid, wants)

    def available_w(self) -> float:
        day_s = (self.time_s - self.sunrise_s) % (2.0 * self.daylight_s)
        if day_s >= self.daylight_s:
            return 0.0
        height = sin(PI * day_s / self.daylight_s)
        return 1.05 * self.rated_w * height * self.cloud_frac * (1.0 - 0.01 * self.shading_pct)

    def state_of(self, is_failed: bool, wants: bool, runs: bool, is_limited: bool) -> int:
        if is_failed:
            return STATE_FAULT
        if not wants:
            return STATE_SLEEPING
        if not runs:
            return STATE_STARTING
        return STATE_THROTTLED if is_limited else STATE_MPPT

    def show(self, has_grid: bool, wants: bool) -> None:
        self.phase_voltage_v = self.grid_v if has_grid else 0.0
        self.line_voltage_v = SQRT_3 * self.phase_voltage_v
        self.frequency_hz = self.grid_hz if has_grid else 0.0
        self.phase_current_a = self.power_w / (3.0 * self.grid_v) if has_grid else 0.0
        self.current_a = 3.0 * self.phase_current_a
        self.apparent_va = self.power_w
        self.power_factor_pct = 100.0
        self.dc_voltage_v = 600.0 if wants else 0.0
        self.dc_current_a = self.dc_power_w / 600.0
        self.heat_sink_degc = self.sink_degc
