"""Temperature controller of an oven, and the oven."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, gauss, param, port, state

__all__ = ["TemperatureController"]


class TemperatureController(Component):
    """PI controller with proportional band, integral time, manual mode and a high alarm, on a heated oven.

    The oven is a first-order process: at full output it ends heater_rise_k above the ambience. The integral part
    stands still while the output is limited. A broken sensor reads sensor_break_degc and switches the output off.

    Inputs: setpoint_degc, manual_output_pct, is_manual, proportional_band_k, integral_time_s, alarm_degc. Outputs:
    process_degc, output_pct, working_setpoint_degc, is_alarm, is_sensor_broken.
    """

    PHASE = Phase.SENSOR

    heater_rise_k: Param[float] = param(300.0, unit="K", low=1.0, description="rise at full output")
    time_constant_s: Param[float] = param(120.0, unit="s", low=0.1, description="of the oven")
    ambient_degc: Param[float] = param(20.0, unit="degC")
    ramp_k_per_s: Param[float] = param(5.0, low=0.001, description="fastest change of the working setpoint")
    sigma_k: Param[float] = param(0.05, unit="K", low=0.0, description="noise of the sensor")
    sensor_break_degc: Param[float] = param(999.9, unit="degC", description="reading of a broken sensor")

    sensor_broken: Fault[bool] = fault(description="broken thermocouple")
    heater_failed: Fault[bool] = fault(description="the heater gives nothing")
    door_open: Fault[bool] = fault(description="the oven loses heat four times as fast")

    setpoint_degc: Input[float] = port(80.0, unit="degC", low=0.0, high=300.0, description="target")
    manual_output_pct: Input[float] = port(0.0, unit="%", low=0.0, high=100.0, description="output in manual mode")
    is_manual: Input[int] = port(0, low=0, high=1, description="0 automatic, 1 manual")
    proportional_band_k: Input[float] = port(30.0, unit="K", low=0.1, high=999.0)
    integral_time_s: Input[float] = port(120.0, unit="s", low=0.0, high=9999.0, description="0 switches it off")
    alarm_degc: Input[float] = port(250.0, unit="degC", low=0.0, high=300.0, description="high alarm")

    oven_degc: State[float] = state(20.0, unit="degC", description="true temperature")
    integral_pct: State[float] = state(0.0, unit="%")
    is_started: State[bool] = state(description="the working setpoint has started at the oven's temperature")
    sample_count: State[int] = state(0, description="steps, counter of the noise")

    process_degc: Output[float] = port(20.0, unit="degC", description="measured value")
    working_setpoint_degc: Output[float] = port(20.0, unit="degC", description="setpoint behind the ramp")
    output_pct: Output[float] = port(unit="%", low=0.0, high=100.0)
    is_alarm: Output[bool] = port(description="above the high alarm")
    is_sensor_broken: Output[bool] = port()

    def tick(self, step_s: float) -> None:
        self.heat(step_s)
        self.sample_count += 1
        noise_k = self.sigma_k * gauss(self.seed, self.sample_count, self.noise_channel)
        self.is_sensor_broken = self.sensor_broken
        self.process_degc = self.sensor_break_degc if self.sensor_broken else self.oven_degc + noise_k
        self.is_alarm = self.process_degc > self.alarm_degc
        if not self.is_started:
            self.is_started = True
            self.working_setpoint_degc = self.oven_degc
        change_k = self.ramp_k_per_s * step_s
        away_k = self.setpoint_degc - self.working_setpoint_degc
        self.working_setpoint_degc += max(-change_k, min(change_k, away_k))
        self.control(step_s)

    def heat(self, step_s: float) -> None:
        heating_pct = 0.0 if self.heater_failed else self.output_pct
        loss = 4.0 if self.door_open else 1.0
        balance_k = 0.01 * heating_pct * self.heater_rise_k - loss * (self.oven_degc - self.ambient_degc)
        self.oven_degc += step_s / (self.time_constant_s + loss * step_s) * balance_k

    def control(self, step_s: float) -> None:
        if self.is_manual == 1:
            self.output_pct = self.manual_output_pct
            self.integral_pct = self.manual_output_pct
            return
        if self.sensor_broken:
            self.output_pct = 0.0
            return
        error_pct = 100.0 * (self.working_setpoint_degc - self.process_degc) / self.proportional_band_k
        wanted_pct = error_pct + self.integral_pct
        self.output_pct = max(0.0, min(100.0, wanted_pct))
        is_limited = (wanted_pct > 100.0 and error_pct > 0.0) or (wanted_pct < 0.0 and error_pct < 0.0)
        if self.integral_time_s > 0.0 and not is_limited:
            self.integral_pct += error_pct * step_s / self.integral_time_s
