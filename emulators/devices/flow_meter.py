"""Coriolis flow meter with totals."""

from __future__ import annotations

from emulators.component import (
    Component,
    Fault,
    Input,
    Output,
    Param,
    Phase,
    State,
    exp,
    fault,
    gauss,
    param,
    port,
    state,
)

__all__ = ["FlowMeter"]

SECONDS_PER_HOUR = 3600.0
PI = 3.141592653589793
DRAWS_PER_SAMPLE = 4
NO_COMMAND, RESET_1, RESET_2, ZERO_ADJUST, RESET_BOTH = 0, 1, 2, 3, 4
COUNTER_LIMIT_G = 9.0e15
FLOW_FAULT, LOW_FLOW, REVERSE, OVER_RANGE, PARTLY_FILLED, ADJUSTING, SENSOR = 1, 2, 4, 8, 16, 32, 64


class FlowMeter(Component):
    """Coriolis meter: mass flow, density and temperature measured, volume flow from both, three totals.

    Damping, zero point and low-flow cut-off act on the mass flow in this order; the cut-off comes at cutoff_pct of the
    range and goes at one and a half times that. Totals count what the meter shows: total 1 mass, both directions
    netted, total 2 volume, forward only, the counter whole grams of forward mass. Commands act once when they change:
    1 resets total 1, 2 total 2, 4 both, 3 adjusts the zero point over adjust_s; a true flow is then taken for zero. A
    partly filled pipe reads a low density and a restless flow. With a broken sensor the values stay and the status says
    so.

    Inputs: true_kg_per_h, true_kg_per_m3, temperature_degc, damping_s, cutoff_pct, command. Outputs: mass_kg_per_h,
    volume_m3_per_h, velocity_m_per_s, flow_pct, density_kg_per_m3, shown_degc, status_word, is_adjusting, and the
    states total_1_kg, total_2_m3, counter_g, zero_kg_per_h.
    """

    PHASE = Phase.SENSOR

    bore_m: Param[float] = param(0.025, unit="m", low=0.001)
    range_kg_per_h: Param[float] = param(18000.0, unit="kg/h", low=0.001, description="mass flow at 100 %")
    sigma_pct: Param[float] = param(0.05, unit="%", low=0.0, description="noise, of the range")
    adjust_s: Param[float] = param(10.0, unit="s", low=0.1, description="time of a zero adjustment")
    first_zero_kg_per_h: Param[float] = param(3.0, unit="kg/h", description="zero error as delivered")

    is_partly_filled: Fault[bool] = fault(description="gas in the pipe: low density, restless flow")
    sensor_broken: Fault[bool] = fault(description="a sensor coil is broken: the values stay")
    span_error_pct: Fault[float] = fault(0.0, unit="%", low=-50.0, high=50.0, description="it shows this much too much")

    true_kg_per_h: Input[float] = port(6000.0, unit="kg/h", low=-40000.0, high=40000.0, description="true mass flow")
    true_kg_per_m3: Input[float] = port(998.2, unit="kg/m3", low=1.0, high=3000.0, description="true density")
    temperature_degc: Input[float] = port(18.0, unit="degC", low=-50.0, high=200.0)
    damping_s: Input[float] = port(1.0, unit="s", low=0.0, high=100.0)
    cutoff_pct: Input[float] = port(1.0, unit="%", low=0.0, high=20.0, description="below this it shows 0")
    command: Input[int] = port(NO_COMMAND, low=0, high=65535)

    total_1_kg: State[float] = state(0.0, unit="kg", description="mass, forward less reverse")
    total_2_m3: State[float] = state(0.0, unit="m3", description="volume, forward")
    counter_g: State[int] = state(0, low=0, description="mass, forward, never reset")
    rest_g: State[float] = state(0.0, unit="g", description="part of a gram that the counter does not have yet")
    zero_kg_per_h: State[float] = state(0.0, unit="kg/h", description="what the zero adjustment takes away")
    filtered_kg_per_h: State[float] = state(0.0, unit="kg/h", description="behind the damping")
    is_cut_off: State[bool] = state(description="the low-flow cut-off acts")
    left_s: State[float] = state(0.0, unit="s", description="of the zero adjustment")
    adjusted_kg: State[float] = state(0.0, unit="kg", description="what flowed during the zero adjustment")
    seen_command: State[int] = state(NO_COMMAND, description="command of the last step")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    mass_kg_per_h: Output[float] = port(unit="kg/h")
    volume_m3_per_h: Output[float] = port(unit="m3/h")
    velocity_m_per_s: Output[float] = port(unit="m/s")
    flow_pct: Output[float] = port(unit="%")
    density_kg_per_m3: Output[float] = port(998.2, unit="kg/m3")
    shown_degc: Output[float] = port(18.0, unit="degC")
    is_adjusting: Output[bool] = port()
    status_word: Output[int] = port(0, low=0, high=65535, description="bits, see the register map")

    def tick(self, step_s: float) -> None:
        self.sample_count += 1
        self.obey()
        if not self.sensor_broken:
            self.measure(step_s)
        if self.left_s > 0.0:
            self.adjust(step_s)
        self.count(step_s)
        self.tell()

    def obey(self) -> None:
        if self.command != self.seen_command:
            if self.command == RESET_1 or self.command == RESET_BOTH:
                self.total_1_kg = 0.0
            if self.command == RESET_2 or self.command == RESET_BOTH:
                self.total_2_m3 = 0.0
            if self.command == ZERO_ADJUST and self.left_s <= 0.0:
                self.left_s = self.adjust_s
                self.adjusted_kg = 0.0
        self.seen_command = self.command

    def measure(self, step_s: float) -> None:
        restless = 20.0 if self.is_partly_filled else 1.0
        noise = 0.01 * self.sigma_pct * self.range_kg_per_h * restless * self.unrest(0)
        sensed = self.true_kg_per_h * (1.0 + 0.01 * self.span_error_pct) + self.first_zero_kg_per_h + noise
        gain = 1.0 if self.damping_s <= 0.0 else 1.0 - exp(-step_s / self.damping_s)
        self.filtered_kg_per_h += gain * (sensed - self.filtered_kg_per_h)
        self.shown_degc = self.temperature_degc + 0.02 * self.unrest(1)
        filling = 0.7 if self.is_partly_filled else 1.0
        self.density_kg_per_m3 = self.true_kg_per_m3 * filling + 0.1 * self.unrest(2)
        flow = self.filtered_kg_per_h - self.zero_kg_per_h
        limit = 0.01 * self.cutoff_pct * self.range_kg_per_h
        self.is_cut_off = abs(flow) < (1.5 * limit if self.is_cut_off else limit)
        self.mass_kg_per_h = 0.0 if self.is_cut_off else flow
        self.volume_m3_per_h = self.mass_kg_per_h / max(1.0, self.density_kg_per_m3)
        area_m2 = 0.25 * PI * self.bore_m * self.bore_m
        self.velocity_m_per_s = self.volume_m3_per_h / SECONDS_PER_HOUR / area_m2
        self.flow_pct = 100.0 * self.mass_kg_per_h / self.range_kg_per_h

    def adjust(self, step_s: float) -> None:
        self.adjusted_kg += self.filtered_kg_per_h * step_s / SECONDS_PER_HOUR
        self.left_s -= step_s
        if self.left_s <= 0.5 * step_s:
            self.left_s = 0.0
            self.zero_kg_per_h = self.adjusted_kg * SECONDS_PER_HOUR / self.adjust_s

    def count(self, step_s: float) -> None:
        moved_kg = self.mass_kg_per_h * step_s / SECONDS_PER_HOUR
        self.total_1_kg += moved_kg
        if moved_kg > 0.0:
            self.total_2_m3 += self.volume_m3_per_h * step_s / SECONDS_PER_HOUR
            self.rest_g += 1000.0 * moved_kg
            whole = int(min(self.rest_g, COUNTER_LIMIT_G))
            self.counter_g += whole
            self.rest_g -= float(whole)

    def tell(self) -> None:
        self.is_adjusting = self.left_s > 0.0
        word = FLOW_FAULT if self.sensor_broken or self.is_partly_filled else 0
        word += LOW_FLOW if self.is_cut_off else 0
        word += REVERSE if self.mass_kg_per_h < 0.0 else 0
        word += OVER_RANGE if abs(self.flow_pct) > 110.0 else 0
        word += PARTLY_FILLED if self.is_partly_filled else 0
        word += ADJUSTING if self.is_adjusting else 0
        word += SENSOR if self.sensor_broken else 0
        self.status_word = word

    def unrest(self, draw: int) -> float:
        return gauss(self.seed, DRAWS_PER_SAMPLE * self.sample_count + draw, self.noise_channel)
