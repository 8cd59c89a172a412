"""Analog transmitters: lag, noise, 4-20 mA with NAMUR NE 43, raw counts of the input module."""

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
    uniform,
)
from emulators.signals.scaling import FAILURE_HIGH_MA, FAILURE_LOW_MA, MEASUREMENT_HIGH_MA, MEASUREMENT_LOW_MA

__all__ = [
    "FlowTransmitter",
    "HeightSensor",
    "LevelTransmitter",
    "PressureTransmitter",
    "TemperatureTransmitter",
    "Transmitter",
]

SECONDS_PER_HOUR = 3600.0
SHORT_CIRCUIT_MA = 22.8
COUNTS_AT_20_MA = 27648.0
SPIKES_PER_S = 0.5


class Transmitter(Component):
    """What all analog transmitters do; subclasses say what they measure.

    The measured value passes a first-order lag and gains noise; the reading becomes 4..20 mA over the range, limited to
    3.8..20.5 mA as a measurement; a broken loop reads 0 mA, a short circuit 22.8 mA. Raw count 0 at 4 mA, 27648 at 20.
    Source: NAMUR NE 43.

    Outputs: raw_count, current_ma, reading (in the unit of the range), reading_pct, is_failed (outside 3.6..21 mA).
    """

    PHASE = Phase.SENSOR

    range_low: Param[float] = param(0.0, description="value at 4 mA")
    range_high: Param[float] = param(100.0, description="value at 20 mA")
    time_constant_s: Param[float] = param(0.2, unit="s", low=0.0, description="lag of the instrument")
    sigma_pct: Param[float] = param(0.05, unit="%", low=0.0, description="standard deviation of the noise, of the span")

    stuck: Fault[bool] = fault(description="the reading stays at its last value")
    bias_pct: Fault[float] = fault(0.0, unit="%", low=-50.0, high=50.0, description="zero error, of the span")
    scale_pct: Fault[float] = fault(0.0, unit="%", low=-50.0, high=50.0, description="span error")
    drift_pct_per_min: Fault[float] = fault(
        0.0, low=-20.0, high=20.0, description="zero error that grows while it lasts"
    )
    noise_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=20.0, description="additional standard deviation")
    spike_pct: Fault[float] = fault(0.0, unit="%", low=-100.0, high=100.0, description="single samples wrong by this")
    open_circuit: Fault[bool] = fault(description="broken wire: 0 mA")
    short_circuit: Fault[bool] = fault(description="short circuit: 22.8 mA")

    filtered_pct: State[float] = state(0.0, unit="%", description="value behind the lag")
    drift_pct: State[float] = state(0.0, unit="%", description="zero error that the drift has reached")
    lag_gain: State[float] = state(0.0, description="share of the distance that the lag covers in a step")
    lag_step_s: State[float] = state(0.0, unit="s", description="step that lag_gain belongs to, 0 before the first")
    sample_count: State[int] = state(0, description="samples taken, counter of the noise")

    raw_count: Output[int] = port(low=-32768, high=32767, description="what the input module reports")
    current_ma: Output[float] = port(4.0, unit="mA", low=0.0, high=24.0)
    reading: Output[float] = port(description="measured value, in the unit of the range")
    reading_pct: Output[float] = port(unit="%", low=-10.0, high=110.0, description="measured value, of the span")
    is_failed: Output[bool] = port(description="the current says failure (NE 43)")

    def measured(self) -> float:
        """Return the true value in the unit of the range."""
        return 0.0

    def tick(self, step_s: float) -> None:
        true_pct = 100.0 * (self.measured() - self.range_low) / (self.range_high - self.range_low)
        self.follow(true_pct, step_s)
        self.sample_count += 1
        if self.drift_pct_per_min == 0.0:
            self.drift_pct = 0.0
        else:
            self.drift_pct += self.drift_pct_per_min * step_s / 60.0
        if not self.stuck:
            self.report(step_s)
        self.transmit()

    def follow(self, true_pct: float, step_s: float) -> None:
        """First-order lag, exact for a value that is constant during the step; it starts at the true value."""
        if self.sample_count == 0:
            self.filtered_pct = true_pct
        if self.lag_step_s != step_s:
            self.lag_step_s = step_s
            self.lag_gain = 1.0
            if self.time_constant_s > 0.0:
                self.lag_gain = 1.0 - exp(-step_s / self.time_constant_s)
        self.filtered_pct += self.lag_gain * (true_pct - self.filtered_pct)

    def report(self, step_s: float) -> None:
        sigma_pct = self.sigma_pct + self.noise_pct
        noise_pct = 0.0
        if sigma_pct > 0.0:
            noise_pct = sigma_pct * gauss(self.seed, self.sample_count, self.noise_channel)
        if self.spike_pct != 0.0 and uniform(self.seed, -self.sample_count, self.noise_channel) < SPIKES_PER_S * step_s:
            noise_pct += self.spike_pct
        gain = 1.0 + 0.01 * self.scale_pct
        self.reading_pct = self.filtered_pct * gain + self.bias_pct + self.drift_pct + noise_pct

    def transmit(self) -> None:
        current_ma = max(MEASUREMENT_LOW_MA, min(MEASUREMENT_HIGH_MA, 4.0 + 0.16 * self.reading_pct))
        if self.open_circuit:
            current_ma = 0.0
        elif self.short_circuit:
            current_ma = SHORT_CIRCUIT_MA
        self.current_ma = current_ma
        self.is_failed = current_ma <= FAILURE_LOW_MA or current_ma >= FAILURE_HIGH_MA
        self.raw_count = max(-32768, min(32767, round((current_ma - 4.0) / 16.0 * COUNTS_AT_20_MA)))
        self.reading = self.range_low + (current_ma - 4.0) / 16.0 * (self.range_high - self.range_low)


class LevelTransmitter(Transmitter):
    """Level transmitter. Input: level_m. Outputs: raw_count, current_ma, reading (m), reading_pct, is_failed."""

    range_low: Param[float] = param(0.0, unit="m", description="level at 4 mA")
    range_high: Param[float] = param(2.0, unit="m", description="level at 20 mA")
    level_m: Input[float] = port(unit="m", description="true level")
    reading: Output[float] = port(unit="m", description="measured level")

    def measured(self) -> float:
        return self.level_m


class TemperatureTransmitter(Transmitter):
    """Temperature transmitter in a thermowell.

    Input: temperature_degc. Outputs: raw_count, current_ma, reading (degC), reading_pct, is_failed.
    """

    range_low: Param[float] = param(0.0, unit="degC", description="temperature at 4 mA")
    range_high: Param[float] = param(100.0, unit="degC", description="temperature at 20 mA")
    time_constant_s: Param[float] = param(5.0, unit="s", low=0.0, description="lag of the thermowell")
    temperature_degc: Input[float] = port(20.0, unit="degC", description="true temperature")
    reading: Output[float] = port(unit="degC", description="measured temperature")

    def measured(self) -> float:
        return self.temperature_degc


class FlowTransmitter(Transmitter):
    """Flow transmitter; its range is in m3/h.

    Input: flow_m3_per_s. Outputs: raw_count, current_ma, reading (m3/h), reading_pct, is_failed.
    """

    range_low: Param[float] = param(0.0, unit="m3/h", description="flow at 4 mA")
    range_high: Param[float] = param(20.0, unit="m3/h", description="flow at 20 mA")
    flow_m3_per_s: Input[float] = port(unit="m3/s", description="true flow")
    reading: Output[float] = port(unit="m3/h", description="measured flow")

    def measured(self) -> float:
        return self.flow_m3_per_s * SECONDS_PER_HOUR


class PressureTransmitter(Transmitter):
    """Pressure transmitter.

    Input: pressure_bar. Outputs: raw_count, current_ma, reading (bar), reading_pct, is_failed.
    """

    range_low: Param[float] = param(0.0, unit="bar", description="pressure at 4 mA")
    range_high: Param[float] = param(10.0, unit="bar", description="pressure at 20 mA")
    pressure_bar: Input[float] = port(unit="bar", description="true pressure")
    reading: Output[float] = port(unit="bar", description="measured pressure")

    def measured(self) -> float:
        return self.pressure_bar


class HeightSensor(Transmitter):
    """Height gauge above a belt; reads 0 mm when nothing is below it.

    Input: height_mm. Outputs: raw_count, current_ma, reading (mm), reading_pct, is_failed.
    """

    range_low: Param[float] = param(0.0, unit="mm", description="height at 4 mA")
    range_high: Param[float] = param(200.0, unit="mm", description="height at 20 mA")
    time_constant_s: Param[float] = param(0.02, unit="s", low=0.0, description="lag of the gauge")
    height_mm: Input[float] = port(unit="mm", description="true height")
    reading: Output[float] = port(unit="mm", description="measured height")

    def measured(self) -> float:
        return self.height_mm
