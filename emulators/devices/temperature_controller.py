"""Temperature controller of an oven, and the oven."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, gauss, param, port, state

__all__ = ["TemperatureController"]

PI = 3.141592653589793
OFF, SCALE_HIGH, SCALE_LOW, DEVIATION_HIGH, DEVIATION_LOW, DEVIATION_BAND = 0, 1, 2, 3, 4, 5
RELAY_HYSTERESIS_K = 0.5
RELAY_TURNS = 6
STATUS_ALARM_1, STATUS_ALARM_2 = 1, 2
STATUS_MANUAL, STATUS_SENSOR, STATUS_RAMP, STATUS_TUNING, STATUS_LIMIT = 16, 32, 64, 1024, 2048


class TemperatureController(Component):
    """PID controller with proportional band, set point ramp, manual mode, two alarms and autotuning, on a heated oven.

    The oven is of first order with a lag of the sensor behind it: at full output it ends heater_rise_k above the
    ambience. The integral part stands still while the output is limited; from manual to automatic the output does not
    jump. Autotuning switches the output as a relay around the set point and takes band and times from amplitude and
    period of the oscillation (Ziegler and Nichols); a manual mode or a broken sensor ends it. An alarm goes when the
    temperature is back by its hysteresis; a latched one stays until it has been acknowledged too. A broken sensor
    switches the output off.

    Inputs: setpoint_degc, setpoint_rate_k_per_min, setpoint_low_degc, setpoint_high_degc, manual_output_pct, is_manual,
    output_low_pct, output_high_pct, alarm_1_type, alarm_1_k, alarm_1_hysteresis_k, alarm_2_type, alarm_2_k,
    alarm_2_hysteresis_k, are_alarms_latched. Outputs: process_degc, output_pct, working_setpoint_degc, deviation_k,
    is_alarm_1, is_alarm_2, is_sensor_broken, status_word; states that clients write: proportional_band_k,
    integral_time_s, derivative_time_s, tune_command, acknowledge_command.
    """

    PHASE = Phase.SENSOR

    heater_rise_k: Param[float] = param(300.0, unit="K", low=1.0, description="rise at full output")
    time_constant_s: Param[float] = param(120.0, unit="s", low=0.1, description="of the oven")
    sensor_lag_s: Param[float] = param(4.0, unit="s", low=0.01)
    ambient_degc: Param[float] = param(20.0, unit="degC")
    sigma_k: Param[float] = param(0.05, unit="K", low=0.0, description="noise of the sensor")
    sensor_break_degc: Param[float] = param(999.9, unit="degC", description="reading of a broken sensor")

    sensor_broken: Fault[bool] = fault(description="broken thermocouple")
    heater_failed: Fault[bool] = fault(description="the heater gives nothing")
    heater_stuck_on: Fault[bool] = fault(description="the relay of the heater is welded")
    door_open: Fault[bool] = fault(description="the oven loses heat four times as fast")

    setpoint_degc: Input[float] = port(80.0, unit="degC", low=0.0, high=400.0, description="target")
    setpoint_rate_k_per_min: Input[float] = port(0.0, low=0.0, high=999.9, description="fastest change, 0: at once")
    setpoint_low_degc: Input[float] = port(0.0, unit="degC", low=0.0, high=400.0)
    setpoint_high_degc: Input[float] = port(300.0, unit="degC", low=0.0, high=400.0)
    manual_output_pct: Input[float] = port(0.0, unit="%", low=0.0, high=100.0, description="output in manual mode")
    is_manual: Input[int] = port(0, low=0, high=1, description="0 automatic, 1 manual")
    output_low_pct: Input[float] = port(0.0, unit="%", low=0.0, high=100.0)
    output_high_pct: Input[float] = port(100.0, unit="%", low=0.0, high=100.0)
    alarm_1_type: Input[int] = port(SCALE_HIGH, low=0, high=5)
    alarm_1_k: Input[float] = port(250.0, low=-400.0, high=400.0, description="temperature, or deviation")
    alarm_1_hysteresis_k: Input[float] = port(1.0, unit="K", low=0.1, high=100.0)
    alarm_2_type: Input[int] = port(DEVIATION_BAND, low=0, high=5)
    alarm_2_k: Input[float] = port(20.0, low=-400.0, high=400.0, description="temperature, or deviation")
    alarm_2_hysteresis_k: Input[float] = port(1.0, unit="K", low=0.1, high=100.0)
    are_alarms_latched: Input[int] = port(0, low=0, high=1)

    proportional_band_k: State[float] = state(30.0, unit="K", low=0.1, high=999.9)
    integral_time_s: State[float] = state(120.0, unit="s", low=0.0, high=9999.0, description="0 switches it off")
    derivative_time_s: State[float] = state(4.0, unit="s", low=0.0, high=999.9, description="0 switches it off")
    tune_command: State[int] = state(0, low=0, high=1, description="1 starts autotuning; 0 when it has ended")
    acknowledge_command: State[int] = state(0, low=0, high=1, description="1 acknowledges, cleared when done")
    oven_degc: State[float] = state(20.0, unit="degC", description="true temperature")
    sensor_degc: State[float] = state(20.0, unit="degC", description="behind the lag of the sensor")
    integral_pct: State[float] = state(0.0, unit="%")
    seen_degc: State[float] = state(20.0, unit="degC", description="reading of the last step")
    slope_k_per_s: State[float] = state(0.0, description="change of the reading, filtered")
    is_started: State[bool] = state(description="the working set point has started at the oven's temperature")
    is_relay_on: State[bool] = state(description="autotuning: the output is on")
    relay_turns: State[int] = state(0, low=0, description="autotuning: times the output has changed")
    relay_s: State[float] = state(0.0, unit="s", description="autotuning: time since the third change")
    relay_low_degc: State[float] = state(0.0, unit="degC", description="autotuning: lowest since the third change")
    relay_high_degc: State[float] = state(0.0, unit="degC", description="autotuning: highest since the third change")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    process_degc: Output[float] = port(20.0, unit="degC", description="measured value")
    working_setpoint_degc: Output[float] = port(20.0, unit="degC", description="set point behind limits and ramp")
    deviation_k: Output[float] = port(unit="K", description="measured value less working set point")
    output_pct: Output[float] = port(unit="%", low=0.0, high=100.0)
    is_alarm_1: Output[bool] = port()
    is_alarm_2: Output[bool] = port()
    is_sensor_broken: Output[bool] = port()
    status_word: Output[int] = port(0, low=0, high=65535, description="bits, see the register map")

    def tick(self, step_s: float) -> None:
        self.heat(step_s)
        self.measure()
        self.move_setpoint(step_s)
        self.follow_slope(step_s)
        if self.is_manual == 1:
            self.output_pct = self.limited(self.manual_output_pct)
            self.integral_pct = self.output_pct + self.fast_part_pct()
            self.tune_command = 0
        elif self.sensor_broken:
            self.output_pct = 0.0
            self.tune_command = 0
        elif self.tune_command == 1:
            self.tune(step_s)
        else:
            self.control(step_s)
        if self.tune_command == 0:
            self.relay_turns = 0
        self.watch()

    def heat(self, step_s: float) -> None:
        heating_pct = 0.0 if self.heater_failed else 100.0 if self.heater_stuck_on else self.output_pct
        loss = 4.0 if self.door_open else 1.0
        balance_k = 0.01 * heating_pct * self.heater_rise_k - loss * (self.oven_degc - self.ambient_degc)
        self.oven_degc += step_s / (self.time_constant_s + loss * step_s) * balance_k
        self.sensor_degc += step_s / (self.sensor_lag_s + step_s) * (self.oven_degc - self.sensor_degc)

    def measure(self) -> None:
        self.sample_count += 1
        noise_k = self.sigma_k * gauss(self.seed, self.sample_count, self.noise_channel)
        self.is_sensor_broken = self.sensor_broken
        self.process_degc = self.sensor_break_degc if self.sensor_broken else self.sensor_degc + noise_k

    def move_setpoint(self, step_s: float) -> None:
        if not self.is_started:
            self.is_started = True
            self.working_setpoint_degc = self.oven_degc
            self.seen_degc = self.process_degc
        target = max(self.setpoint_low_degc, min(self.setpoint_high_degc, self.setpoint_degc))
        change_k = self.setpoint_rate_k_per_min * step_s / 60.0
        away_k = target - self.working_setpoint_degc
        if self.setpoint_rate_k_per_min > 0.0:
            away_k = max(-change_k, min(change_k, away_k))
        self.working_setpoint_degc += away_k
        self.deviation_k = self.process_degc - self.working_setpoint_degc

    def follow_slope(self, step_s: float) -> None:
        raw_k_per_s = (self.process_degc - self.seen_degc) / step_s
        self.slope_k_per_s += step_s / (0.25 * self.derivative_time_s + step_s) * (raw_k_per_s - self.slope_k_per_s)
        self.seen_degc = self.process_degc

    def fast_part_pct(self) -> float:
        """Return what proportional and derivative part take from the output."""
        return 100.0 / self.proportional_band_k * (self.deviation_k + self.derivative_time_s * self.slope_k_per_s)

    def control(self, step_s: float) -> None:
        wanted_pct = self.integral_pct - self.fast_part_pct()
        self.output_pct = self.limited(wanted_pct)
        is_too_high = wanted_pct > self.output_pct and self.deviation_k < 0.0
        is_too_low = wanted_pct < self.output_pct and self.deviation_k > 0.0
        if self.integral_time_s > 0.0 and not is_too_high and not is_too_low:
            error_pct = 100.0 * self.deviation_k / self.proportional_band_k
            self.integral_pct -= error_pct * step_s / self.integral_time_s

    def limited(self, wanted_pct: float) -> float:
        return max(self.output_low_pct, min(self.output_high_pct, wanted_pct))

    def tune(self, step_s: float) -> None:
        if self.relay_turns == 0:
            self.is_relay_on = self.deviation_k < 0.0
            self.relay_turns = 1
        crossed_k = self.deviation_k if self.is_relay_on else -self.deviation_k
        if crossed_k > RELAY_HYSTERESIS_K:
            self.is_relay_on = not self.is_relay_on
            self.relay_turns += 1
            if self.relay_turns == 4:
                self.relay_s = 0.0
                self.relay_low_degc = self.process_degc
                self.relay_high_degc = self.process_degc
        self.relay_s += step_s
        self.relay_low_degc = min(self.relay_low_degc, self.process_degc)
        self.relay_high_degc = max(self.relay_high_degc, self.process_degc)
        self.output_pct = self.output_high_pct if self.is_relay_on else self.output_low_pct
        if self.relay_turns >= RELAY_TURNS:
            self.take_tuning()

    def take_tuning(self) -> None:
        """Take the parameters from one whole oscillation, the third to the fifth change of the relay."""
        amplitude_k = max(0.1, 0.5 * (self.relay_high_degc - self.relay_low_degc))
        swing_pct = 0.5 * (self.output_high_pct - self.output_low_pct)
        gain_pct_per_k = 4.0 * swing_pct / (PI * amplitude_k)
        self.proportional_band_k = max(0.1, min(999.9, 100.0 / (0.6 * max(gain_pct_per_k, 0.001))))
        self.integral_time_s = min(9999.0, 0.5 * self.relay_s)
        self.derivative_time_s = min(999.9, 0.12 * self.relay_s)
        self.integral_pct = 100.0 * (self.working_setpoint_degc - self.ambient_degc) / self.heater_rise_k
        self.tune_command = 0

    def watch(self) -> None:
        is_acknowledged = self.acknowledge_command == 1
        self.acknowledge_command = 0
        stays = self.are_alarms_latched == 1 and not is_acknowledged
        over_1_k = excess(self.alarm_1_type, self.process_degc, self.deviation_k, self.alarm_1_k)
        over_2_k = excess(self.alarm_2_type, self.process_degc, self.deviation_k, self.alarm_2_k)
        self.is_alarm_1 = over_1_k > 0.0 or (self.is_alarm_1 and (stays or over_1_k > -self.alarm_1_hysteresis_k))
        self.is_alarm_2 = over_2_k > 0.0 or (self.is_alarm_2 and (stays or over_2_k > -self.alarm_2_hysteresis_k))
        target = max(self.setpoint_low_degc, min(self.setpoint_high_degc, self.setpoint_degc))
        word = (STATUS_ALARM_1 if self.is_alarm_1 else 0) + (STATUS_ALARM_2 if self.is_alarm_2 else 0)
        word += (STATUS_MANUAL if self.is_manual == 1 else 0) + (STATUS_SENSOR if self.sensor_broken else 0)
        word += STATUS_RAMP if self.working_setpoint_degc != target else 0
        word += STATUS_TUNING if self.tune_command == 1 else 0
        word += STATUS_LIMIT if target != self.setpoint_degc else 0
        self.status_word = word


def excess(alarm_type: int, process_degc: float, deviation_k: float, limit_k: float) -> float:
    """Return how far an alarm's limit is passed; below 0: not passed, very low: switched off."""
    if alarm_type == SCALE_HIGH:
        return process_degc - limit_k
    if alarm_type == SCALE_LOW:
        return limit_k - process_degc
    if alarm_type == DEVIATION_HIGH:
        return deviation_k - limit_k
    if alarm_type == DEVIATION_LOW:
        return -deviation_k - limit_k
    if alarm_type == DEVIATION_BAND:
        return abs(deviation_k) - limit_k
    return -1e9
