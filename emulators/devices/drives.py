"""Drives: the direct-on-line motor and the pump it turns."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, sqrt, state

__all__ = ["DolMotor", "Pump"]

SECONDS_PER_HOUR = 3600.0
TRIP_HEAT = 1.44
"""Heat at which the relay trips: 1.2 times the rated current for ever."""
COOL_HEAT = 0.8
HEATING_TIMES_OF_TRIP_TIME = 24.5
"""Time constant of the relay, in trip times at 6 times the rated current: 1 / ln(36 / (36 - 1.44))."""
BAR_PER_M = 0.0980665


class DolMotor(Component):
    """Motor switched direct on line: contactor with feedback, run-up and run-down, thermal overload relay.

    The relay's heat follows the square of the current; class 10 trips 10 s after a start with a locked rotor. It
    resets itself when cool, or on 'reset' if auto_reset is off. Without power the contactor drops out.
    Source: IEC 60947-4-1 (trip classes).

    Inputs: run_command, power_on, reset, load_frac. Outputs: is_running (contactor feedback), is_tripped, current_a,
    and the states speed_frac, run_time_h, start_count.
    """

    PHASE = Phase.ACTUATOR

    start_time_s: Param[float] = param(1.0, unit="s", low=0.01, description="standstill to full speed")
    stop_time_s: Param[float] = param(2.0, unit="s", low=0.01, description="full speed to standstill")
    contactor_delay_s: Param[float] = param(0.05, unit="s", low=0.0, description="command to feedback")
    rated_current_a: Param[float] = param(10.0, unit="A", low=0.1)
    trip_time_s: Param[float] = param(10.0, unit="s", low=0.1, description="trip time at 6 times the rated current")
    auto_reset: Param[bool] = param(True, description="the relay resets itself when it is cool")

    trip: Fault[bool] = fault(description="the overload relay trips")
    rotor_locked: Fault[bool] = fault(description="the motor does not turn and heats up")
    feedback_lost: Fault[bool] = fault(description="the contactor feedback reads off")
    contactor_stuck: Fault[bool] = fault(description="the contactor stays as it is")

    run_command: Input[bool] = port(description="contactor coil")
    power_on: Input[bool] = port(True, description="supply")
    reset: Input[bool] = port(description="reset button of the relay")
    load_frac: Input[float] = port(1.0, unit="1", low=0.0, high=2.0, description="torque of the load")

    is_pulled_in: State[bool] = state(description="the contactor is closed")
    delay_s: State[float] = state(0.0, unit="s", description="time since the command differs from the contactor")
    speed_frac: State[float] = state(0.0, unit="1", low=0.0, high=1.0, description="true speed")
    relay_heat: State[float] = state(0.0, low=0.0, description="heat of the overload relay, 1 at rated current")
    is_latched: State[bool] = state(description="the overload relay has tripped")
    run_time_h: State[float] = state(0.0, unit="h", low=0.0, description="running hours")
    start_count: State[int] = state(0, low=0, description="starts")

    is_running: Output[bool] = port(description="contactor feedback")
    is_tripped: Output[bool] = port(description="contact of the overload relay")
    current_a: Output[float] = port(unit="A", low=0.0)

    def tick(self, step_s: float) -> None:
        self.run_motor(step_s)

    def outputs(self) -> None:
        self.motor_outputs()

    def run_motor(self, step_s: float) -> None:
        self.switch_contactor(step_s)
        is_turning = self.is_pulled_in and self.power_on and not self.rotor_locked
        if is_turning:
            self.speed_frac = min(1.0, self.speed_frac + step_s / self.start_time_s)
        else:
            self.speed_frac = max(0.0, self.speed_frac - step_s / self.stop_time_s)
        self.heat_relay(step_s)
        if self.is_pulled_in and self.power_on:
            self.run_time_h += step_s / SECONDS_PER_HOUR

    def switch_contactor(self, step_s: float) -> None:
        is_wanted = self.run_command and self.power_on and not self.is_latched and not self.trip
        if self.contactor_stuck:
            return
        if is_wanted == self.is_pulled_in:
            self.delay_s = 0.0
            return
        self.delay_s += step_s
        if self.delay_s > self.contactor_delay_s:
            self.is_pulled_in = is_wanted
            self.delay_s = 0.0
            if is_wanted:
                self.start_count += 1

    def heat_relay(self, step_s: float) -> None:
        ratio = self.motor_current_a() / self.rated_current_a
        constant_s = HEATING_TIMES_OF_TRIP_TIME * self.trip_time_s
        self.relay_heat += (ratio * ratio - self.relay_heat) * step_s / (constant_s + step_s)
        if self.relay_heat >= TRIP_HEAT or self.trip:
            self.is_latched = True
        elif self.relay_heat < COOL_HEAT and (self.auto_reset or self.reset):
            self.is_latched = False

    def motor_current_a(self) -> float:
        """Return the current: 6 times rated at standstill, by the load at speed."""
        if not (self.is_pulled_in and self.power_on):
            return 0.0
        running = 0.3 + 0.7 * self.load_frac
        return self.rated_current_a * (running + (6.0 - running) * (1.0 - self.speed_frac))

    def motor_outputs(self) -> None:
        self.is_running = self.is_pulled_in and self.power_on and not self.feedback_lost
        self.is_tripped = self.is_latched
        self.current_a = self.motor_current_a()


class Pump(DolMotor):
    """Centrifugal pump on a direct-on-line motor: curve with affinity laws, line, dry run, closed discharge.

    Head H(Q) = n^2 * H0 - (H0 - Hr) * (Q / Qr)^2, line H(Q) = static + loss * (Q / Qr)^2 / opening^2; the flow is where
    both meet, and a check valve lets nothing back. Below least_suction_m the pump draws air and gives less.
    Source: affinity laws, e.g. J. F. Guelich, Centrifugal Pumps, chapter 3.

    Inputs: those of the motor, suction_level_m, discharge_level_m, discharge_opening_frac. Outputs: those of the motor,
    flow_m3_per_s, flow_m3_per_h, discharge_pressure_bar, is_dry, is_dead_headed, and the states dry_run_s, dead_head_s
    (how long it has run so in one go).
    """

    rated_flow_m3_per_h: Param[float] = param(10.0, unit="m3/h", low=1e-3, description="flow Qr at the rated point")
    rated_head_m: Param[float] = param(12.0, unit="m", low=0.0, description="head Hr at the rated flow")
    shutoff_head_m: Param[float] = param(20.0, unit="m", low=0.1, description="head H0 without flow, above Hr")
    static_head_m: Param[float] = param(
        5.0, unit="m", description="height to lift, between the bottoms of both vessels"
    )
    line_loss_m: Param[float] = param(7.0, unit="m", low=1e-3, description="loss in the line at the rated flow")
    least_suction_m: Param[float] = param(0.05, unit="m", low=1e-6, description="level below which it draws air")

    wear_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=0.9, description="head lost by a worn impeller")
    clog_frac: Fault[float] = fault(0.0, unit="1", low=0.0, high=1.0, description="share of the line that is blocked")
    air_lock: Fault[bool] = fault(description="the pump is full of air and gives nothing")

    suction_level_m: Input[float] = port(1.0, unit="m", description="level in the vessel it draws from")
    discharge_level_m: Input[float] = port(0.0, unit="m", description="level in the vessel it fills")
    discharge_opening_frac: Input[float] = port(1.0, unit="1", low=0.0, high=1.0, description="valve in the line")

    dry_run_s: State[float] = state(0.0, unit="s", low=0.0, description="how long it has been running dry")
    dead_head_s: State[float] = state(
        0.0, unit="s", low=0.0, description="how long it has been running against a closed line"
    )

    flow_m3_per_s: Output[float] = port(unit="m3/s", low=0.0, high=1.0, description="true flow")
    flow_m3_per_h: Output[float] = port(unit="m3/h", low=0.0, high=1000.0, description="true flow")
    discharge_pressure_bar: Output[float] = port(unit="bar", low=0.0, high=20.0)
    is_dry: Output[bool] = port(description="it turns without water")
    is_dead_headed: Output[bool] = port(description="it turns and nothing can flow")

    def tick(self, step_s: float) -> None:
        self.run_motor(step_s)
        is_turning = self.speed_frac > 0.1
        if is_turning and self.suction_level_m < self.least_suction_m:
            self.dry_run_s += step_s
        else:
            self.dry_run_s = 0.0
        if is_turning and self.line_opening_frac() < 0.01:
            self.dead_head_s += step_s
        else:
            self.dead_head_s = 0.0

    def outputs(self) -> None:
        self.motor_outputs()
        is_turning = self.speed_frac > 0.1
        self.is_dry = is_turning and self.suction_level_m < self.least_suction_m
        self.is_dead_headed = is_turning and self.line_opening_frac() < 0.01
        drive_m = self.shutoff_head_m * self.speed_frac * self.speed_frac * (1.0 - self.wear_frac)
        lift_m = max(0.0, self.static_head_m + self.discharge_level_m - max(0.0, self.suction_level_m))
        opening = self.line_opening_frac()
        ratio = 0.0
        if drive_m > lift_m and opening >= 0.001 and not self.air_lock:
            fall_m = self.shutoff_head_m - self.rated_head_m + self.line_loss_m / (opening * opening)
            ratio = sqrt((drive_m - lift_m) / max(fall_m, 0.001))
        ratio = ratio * max(0.0, min(1.0, self.suction_level_m / self.least_suction_m))
        self.flow_m3_per_h = self.rated_flow_m3_per_h * ratio
        self.flow_m3_per_s = self.flow_m3_per_h / SECONDS_PER_HOUR
        head_m = drive_m - (self.shutoff_head_m - self.rated_head_m) * ratio * ratio
        self.discharge_pressure_bar = BAR_PER_M * max(0.0, head_m)

    def line_opening_frac(self) -> float:
        return max(0.0, min(1.0, self.discharge_opening_frac)) * (1.0 - self.clog_frac)
