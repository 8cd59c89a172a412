"""Electromagnetic flow meter with totals."""

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

__all__ = ["FlowComputer"]

SECONDS_PER_HOUR = 3600.0
PI = 3.141592653589793
STATUS_EMPTY = 1
STATUS_REVERSE = 2
STATUS_OUT_OF_RANGE = 4
STATUS_COIL = 8


class FlowComputer(Component):
    """Flow meter with damping, low-flow cut-off, totals in both directions and an empty-pipe detection.

    Velocity follows from the bore. Totals keep counting what the meter shows, not what truly flows.

    Inputs: true_m3_per_h, temperature_degc, damping_s, cutoff_pct, reset_command. Outputs: flow_m3_per_h,
    velocity_m_per_s, flow_pct, status_word, and the states forward_m3, reverse_m3.
    """

    PHASE = Phase.SENSOR

    bore_m: Param[float] = param(0.08, unit="m", low=0.001)
    range_m3_per_h: Param[float] = param(50.0, unit="m3/h", low=0.001, description="flow at 100 %")
    sigma_pct: Param[float] = param(0.1, unit="%", low=0.0, description="noise, of the range")

    is_pipe_empty: Fault[bool] = fault(description="no liquid: the meter shows 0 and says so")
    coil_broken: Fault[bool] = fault(description="the field coil is broken: the meter shows 0 and says so")
    span_error_pct: Fault[float] = fault(
        0.0, unit="%", low=-50.0, high=50.0, description="the meter shows this much too much"
    )

    true_m3_per_h: Input[float] = port(20.0, unit="m3/h", low=-100.0, high=100.0, description="true flow")
    temperature_degc: Input[float] = port(18.0, unit="degC", low=-20.0, high=150.0)
    damping_s: Input[float] = port(1.0, unit="s", low=0.0, high=100.0)
    cutoff_pct: Input[float] = port(1.0, unit="%", low=0.0, high=20.0, description="below this it shows 0")
    reset_command: Input[int] = port(0, low=0, high=65535, description="1 clears the totals")

    forward_m3: State[float] = state(0.0, unit="m3")
    reverse_m3: State[float] = state(0.0, unit="m3")
    filtered_m3_per_h: State[float] = state(0.0, unit="m3/h", description="behind the damping")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    flow_m3_per_h: Output[float] = port(unit="m3/h")
    velocity_m_per_s: Output[float] = port(unit="m/s")
    flow_pct: Output[float] = port(unit="%")
    status_word: Output[int] = port(0, low=0, high=65535, description="bits: empty pipe, reverse, out of range, coil")

    def tick(self, step_s: float) -> None:
        self.sample_count += 1
        noise = 0.01 * self.sigma_pct * self.range_m3_per_h * gauss(self.seed, self.sample_count, self.noise_channel)
        sensed = self.true_m3_per_h * (1.0 + 0.01 * self.span_error_pct) + noise
        gain = 1.0
        if self.damping_s > 0.0:
            gain = 1.0 - exp(-step_s / self.damping_s)
        self.filtered_m3_per_h += gain * (sensed - self.filtered_m3_per_h)
        self.show()
        moved_m3 = self.flow_m3_per_h * step_s / SECONDS_PER_HOUR
        if self.reset_command == 1:
            self.forward_m3 = 0.0
            self.reverse_m3 = 0.0
        if moved_m3 >= 0.0:
            self.forward_m3 += moved_m3
        else:
            self.reverse_m3 -= moved_m3

    def show(self) -> None:
        flow = self.filtered_m3_per_h
        if abs(flow) < 0.01 * self.cutoff_pct * self.range_m3_per_h or self.is_pipe_empty or self.coil_broken:
            flow = 0.0
        self.flow_m3_per_h = flow
        self.flow_pct = 100.0 * flow / self.range_m3_per_h
        self.velocity_m_per_s = flow / SECONDS_PER_HOUR / (0.25 * PI * self.bore_m * self.bore_m)
        word = 0
        if self.is_pipe_empty:
            word += STATUS_EMPTY
        if flow < 0.0:
            word += STATUS_REVERSE
        if abs(self.flow_pct) > 110.0:
            word += STATUS_OUT_OF_RANGE
        if self.coil_broken:
            word += STATUS_COIL
        self.status_word = word
