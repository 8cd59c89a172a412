"""Sensors with a contact: level, temperature and pressure switches, photo-eyes."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["ContactSensor", "LevelSwitch", "PhotoEye", "PressureSwitch", "TemperatureSwitch"]


class ContactSensor(Component):
    """What all sensors with a contact do; subclasses say when they are active.

    A change must last for delay_s. A normally closed contact opens when the sensor is active, so that a broken wire
    looks like the active sensor.

    Outputs: contact (what the input module sees), is_active (what a program concludes from it).
    """

    PHASE = Phase.SENSOR

    is_normally_closed: Param[bool] = param(False, description="the contact opens when the sensor is active")
    delay_s: Param[float] = param(0.0, unit="s", low=0.0, description="how long a change must last")

    stuck: Fault[bool] = fault(description="the contact stays as it is")
    open_circuit: Fault[bool] = fault(description="broken wire: the contact reads open")
    short_circuit: Fault[bool] = fault(description="short circuit: the contact reads closed")

    is_detecting: State[bool] = state(description="the sensor is active, behind its delay")
    pending_s: State[float] = state(0.0, unit="s", description="how long the change has lasted")

    contact: Output[bool] = port(description="the contact is closed")
    is_active: Output[bool] = port(description="active, as the contact says")

    def detects(self) -> bool:
        """Return if the sensor should be active now."""
        return False

    def tick(self, step_s: float) -> None:
        if self.stuck:
            return
        if self.detects() == self.is_detecting:
            self.pending_s = 0.0
            return
        self.pending_s += step_s
        if self.pending_s > self.delay_s:
            self.is_detecting = not self.is_detecting
            self.pending_s = 0.0

    def outputs(self) -> None:
        is_closed = self.is_detecting != self.is_normally_closed
        is_closed = (is_closed or self.short_circuit) and not self.open_circuit
        self.contact = is_closed
        self.is_active = is_closed != self.is_normally_closed


class LevelSwitch(ContactSensor):
    """Level or float switch: active above switch_level_m, or below it as a low-level switch.

    Input: level_m. Outputs: contact, is_active.
    """

    switch_level_m: Param[float] = param(1.0, unit="m", description="level at which it becomes active")
    hysteresis_m: Param[float] = param(0.02, unit="m", low=0.0, description="how far back until it is not")
    is_low_switch: Param[bool] = param(False, description="active below the level instead of above")

    level_m: Input[float] = port(unit="m", description="true level")

    def detects(self) -> bool:
        if self.is_low_switch:
            limit_m = self.switch_level_m + (self.hysteresis_m if self.is_detecting else 0.0)
            return self.level_m <= limit_m
        limit_m = self.switch_level_m - (self.hysteresis_m if self.is_detecting else 0.0)
        return self.level_m >= limit_m


class TemperatureSwitch(ContactSensor):
    """Thermostat: active above switch_temperature_degc. Input: temperature_degc. Outputs: contact, is_active."""

    switch_temperature_degc: Param[float] = param(90.0, unit="degC", description="temperature at which it is active")
    hysteresis_k: Param[float] = param(2.0, unit="K", low=0.0, description="how far back until it is not")

    temperature_degc: Input[float] = port(20.0, unit="degC", description="true temperature")

    def detects(self) -> bool:
        back_k = self.hysteresis_k if self.is_detecting else 0.0
        return self.temperature_degc >= self.switch_temperature_degc - back_k


class PressureSwitch(ContactSensor):
    """Pressure switch: active above switch_pressure_bar. Input: pressure_bar. Outputs: contact, is_active."""

    switch_pressure_bar: Param[float] = param(5.0, unit="bar", description="pressure at which it is active")
    hysteresis_bar: Param[float] = param(0.1, unit="bar", low=0.0, description="how far back until it is not")

    pressure_bar: Input[float] = port(unit="bar", description="true pressure")

    def detects(self) -> bool:
        back_bar = self.hysteresis_bar if self.is_detecting else 0.0
        return self.pressure_bar >= self.switch_pressure_bar - back_bar


class PhotoEye(ContactSensor):
    """Photo-eye: active while something interrupts its beam. Input: is_blocked. Outputs: contact, is_active."""

    dirty: Fault[bool] = fault(description="the lens is dirty: it is always active")
    misaligned: Fault[bool] = fault(description="it looks past the parts: it is never active")

    is_blocked: Input[bool] = port(description="something interrupts the beam")

    def detects(self) -> bool:
        return (self.is_blocked or self.dirty) and not self.misaligned
