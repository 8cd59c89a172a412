"""Frequency converter with the state machine of drives, and the motor it turns."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, sqrt, state

__all__ = ["FrequencyConverter"]

NOT_READY, SWITCH_ON_DISABLED, READY_TO_SWITCH_ON, SWITCHED_ON = 0, 1, 2, 3
OPERATION_ENABLED, QUICK_STOP_ACTIVE, FAULT_REACTION_ACTIVE, FAULT = 4, 5, 6, 7
SWITCH_ON_BIT, VOLTAGE_BIT, NO_QUICK_STOP_BIT, ENABLE_BIT, RESET_BIT, HALT_BIT = 1, 2, 4, 8, 128, 256
COAST, RAMP, QUICK_RAMP, RAMP_AND_STAY, QUICK_RAMP_AND_STAY = 0, 1, 2, 5, 6
OVERCURRENT, OVERVOLTAGE, UNDERVOLTAGE = 0x2310, 0x3210, 0x3220
DRIVE_HOT, MOTOR_OVERLOAD, LINK_LOST = 0x4210, 0x2350, 0x7500
STATUS_VOLTAGE, STATUS_WARNING, STATUS_REMOTE, STATUS_REACHED, STATUS_LIMITED = 16, 128, 512, 1024, 2048
MAINS_DC_V, UNDERVOLTAGE_V, OVERVOLTAGE_V = 565.0, 400.0, 800.0


class FrequencyConverter(Component):
    """Drive with control word and status word as in the drive profile CiA 402 (IEC 61800-7-201), velocity mode.

    All states and transitions of the profile: after a self-test it disables itself, then follows bits 0 to 3 of the
    control word; bit 7 rising resets a fault whose cause has gone, bit 8 halts. A failure leads through the fault
    reaction (coast, ramp or quick stop ramp) into the fault state; without its power stage the motor coasts. The
    current follows torque and magnetisation; the motor's heat follows the square of the current and trips at 120 %.
    Braking lifts the voltage of the DC link, mains failure lets it fall. With link_timeout_s above 0 the drive watches
    life_sign: once it has changed, it has to change again within that time.

    While torque_enabled is off (safe torque off, a contact of its own beside the control word) the power stage is off.

    Inputs: torque_enabled, control_word, target_rpm, low_rpm, high_rpm, acceleration_s, deceleration_s, quick_stop_s,
    quick_stop_option, fault_reaction, link_timeout_s, life_sign, load_pct. Outputs: status_word, speed_rpm,
    frequency_hz, current_a, torque_pct, power_kw, output_v, and the states drive_state, error_code, last_error,
    dc_link_v, motor_heat_pct, energy_kwh, operating_h.
    """

    PHASE = Phase.SENSOR

    rated_rpm: Param[float] = param(1500.0, unit="rpm", low=1.0)
    rated_frequency_hz: Param[float] = param(50.0, unit="Hz", low=1.0)
    rated_current_a: Param[float] = param(8.0, unit="A", low=0.1)
    rated_power_kw: Param[float] = param(3.0, unit="kW", low=0.01)
    run_up_s: Param[float] = param(0.3, unit="s", low=0.01, description="standstill to rated speed at rated torque")
    coasting_s: Param[float] = param(10.0, unit="s", low=0.1, description="rated speed to standstill without power")
    heating_s: Param[float] = param(120.0, unit="s", low=1.0, description="time constant of the motor's heat")
    self_test_s: Param[float] = param(0.5, unit="s", low=0.0)

    overcurrent: Fault[bool] = fault(description="the drive trips with overcurrent")
    overtemperature: Fault[bool] = fault(description="the drive trips with overtemperature")
    mains_lost: Fault[bool] = fault(description="no mains: the DC link discharges, below 400 V the drive trips")
    shaft_blocked: Fault[bool] = fault(description="the motor cannot turn and takes twice its current")

    torque_enabled: Input[bool] = port(True, description="safe torque off while this is off")
    control_word: Input[int] = port(0, low=0, high=65535)
    target_rpm: Input[float] = port(0.0, unit="rpm", low=-6000.0, high=6000.0)
    low_rpm: Input[float] = port(0.0, unit="rpm", low=0.0, high=6000.0, description="slowest speed above standstill")
    high_rpm: Input[float] = port(3000.0, unit="rpm", low=0.0, high=6000.0, description="fastest speed")
    acceleration_s: Input[float] = port(3.0, unit="s", low=0.1, high=999.9, description="standstill to rated speed")
    deceleration_s: Input[float] = port(3.0, unit="s", low=0.1, high=999.9, description="rated speed to standstill")
    quick_stop_s: Input[float] = port(1.0, unit="s", low=0.1, high=999.9, description="rated speed to standstill")
    quick_stop_option: Input[int] = port(QUICK_RAMP, low=0, high=6)
    fault_reaction: Input[int] = port(COAST, low=0, high=2)
    link_timeout_s: Input[float] = port(0.0, unit="s", low=0.0, high=600.0, description="0 switches it off")
    life_sign: Input[int] = port(0, low=0, high=65535, description="a different value restarts the link's time")
    load_pct: Input[float] = port(40.0, unit="%", low=0.0, high=300.0, description="torque of the load")

    drive_state: State[int] = state(NOT_READY, low=0, high=7, description="as in CiA 402")
    error_code: State[int] = state(0, low=0, high=65535, description="of the present fault, 0 after a reset")
    last_error: State[int] = state(0, low=0, high=65535, description="of the last fault, kept")
    previous_word: State[int] = state(0, description="control word of the last step")
    test_s: State[float] = state(0.0, unit="s", description="time of the self-test")
    seen_sign: State[int] = state(0, description="life sign of the last step")
    is_link_watched: State[bool] = state(description="a life sign has come")
    silent_s: State[float] = state(0.0, unit="s", description="time since the last life sign")
    true_rpm: State[float] = state(0.0, unit="rpm", description="speed of the motor")
    ramp_pct: State[float] = state(0.0, unit="%", description="torque that the present change of speed takes")
    dc_link_v: State[float] = state(MAINS_DC_V, unit="V", low=0.0, high=1000.0)
    motor_heat_pct: State[float] = state(0.0, unit="%", low=0.0, description="100: rated current for ever")
    energy_kwh: State[float] = state(0.0, unit="kWh", low=0.0)
    operating_h: State[float] = state(0.0, unit="h", low=0.0, description="time with the power stage on")

    status_word: Output[int] = port(0, low=0, high=65535)
    speed_rpm: Output[float] = port(unit="rpm", description="speed of the motor")
    frequency_hz: Output[float] = port(unit="Hz", description="output frequency")
    output_v: Output[float] = port(unit="V", low=0.0, description="output voltage")
    current_a: Output[float] = port(unit="A", low=0.0)
    torque_pct: Output[float] = port(unit="%", description="of the rated torque")
    power_kw: Output[float] = port(unit="kW")

    def tick(self, step_s: float) -> None:
        self.watch_link(step_s)
        code = self.present_error()
        if code != 0 and self.drive_state < FAULT_REACTION_ACTIVE:
            self.error_code = code
            self.last_error = code
            is_powered = self.drive_state == OPERATION_ENABLED or self.drive_state == QUICK_STOP_ACTIVE
            self.drive_state = FAULT_REACTION_ACTIVE if is_powered else FAULT
        else:
            self.change_state(code, step_s)
        self.previous_word = self.control_word
        self.turn(step_s)
        self.load_link(step_s)

    def change_state(self, code: int, step_s: float) -> None:
        """Take one transition of the state machine, if the control word or the time asks for it."""
        word = self.control_word
        has_voltage = word & VOLTAGE_BIT != 0
        is_stopping = has_voltage and word & NO_QUICK_STOP_BIT == 0
        is_standing = abs(self.true_rpm) < 0.001
        if self.drive_state == NOT_READY:
            self.test_s += step_s
            if self.test_s >= self.self_test_s:
                self.drive_state = SWITCH_ON_DISABLED
        elif self.drive_state == FAULT_REACTION_ACTIVE:
            if is_standing or self.fault_reaction == COAST or self.mains_lost or not self.torque_enabled:
                self.drive_state = FAULT
        elif self.drive_state == FAULT:
            if code == 0 and word & RESET_BIT != 0 and self.previous_word & RESET_BIT == 0:
                self.drive_state = SWITCH_ON_DISABLED
                self.error_code = 0
        elif not has_voltage or not self.torque_enabled or self.dc_link_v < UNDERVOLTAGE_V:
            self.drive_state = SWITCH_ON_DISABLED
        elif self.drive_state == QUICK_STOP_ACTIVE:
            self.leave_quick_stop(word, is_standing)
        elif is_stopping:
            is_ramping = self.drive_state == OPERATION_ENABLED and self.quick_stop_option != COAST
            self.drive_state = QUICK_STOP_ACTIVE if is_ramping else SWITCH_ON_DISABLED
        elif word & SWITCH_ON_BIT == 0:
            self.drive_state = READY_TO_SWITCH_ON
        elif self.drive_state == READY_TO_SWITCH_ON:
            self.drive_state = SWITCHED_ON
        elif self.drive_state == SWITCHED_ON and word & ENABLE_BIT != 0:
            self.drive_state = OPERATION_ENABLED
        elif self.drive_state == OPERATION_ENABLED and word & ENABLE_BIT == 0:
            self.drive_state = SWITCHED_ON

    def leave_quick_stop(self, word: int, is_standing: bool) -> None:
        if self.quick_stop_option == RAMP_AND_STAY or self.quick_stop_option == QUICK_RAMP_AND_STAY:
            if word & 15 == 15:
                self.drive_state = OPERATION_ENABLED
        elif is_standing:
            self.drive_state = SWITCH_ON_DISABLED

    def watch_link(self, step_s: float) -> None:
        if self.life_sign != self.seen_sign:
            self.is_link_watched = True
            self.silent_s = 0.0
        else:
            self.silent_s += step_s
        self.seen_sign = self.life_sign
        if self.link_timeout_s <= 0.0:
            self.is_link_watched = False

    def present_error(self) -> int:
        if self.overcurrent:
            return OVERCURRENT
        if self.overtemperature:
            return DRIVE_HOT
        if self.motor_heat_pct > 144.0:
            return MOTOR_OVERLOAD
        if self.dc_link_v > OVERVOLTAGE_V:
            return OVERVOLTAGE
        if self.dc_link_v < UNDERVOLTAGE_V and self.drive_state >= OPERATION_ENABLED:
            return UNDERVOLTAGE
        if self.is_link_watched and self.silent_s > self.link_timeout_s:
            return LINK_LOST
        return 0

    def is_powered(self) -> bool:
        is_on = self.drive_state == OPERATION_ENABLED or self.drive_state == QUICK_STOP_ACTIVE
        return is_on or self.drive_state == FAULT_REACTION_ACTIVE

    def limited_rpm(self) -> float:
        """Return the target between slowest and fastest speed, in its direction."""
        size = min(abs(self.target_rpm), self.high_rpm)
        if size > 0.0:
            size = max(size, min(self.low_rpm, self.high_rpm))
        return size if self.target_rpm >= 0.0 else -size

    def stop_s(self) -> float:
        """Return the time from rated speed to standstill in the present state."""
        if self.drive_state == QUICK_STOP_ACTIVE:
            is_slow = self.quick_stop_option == RAMP or self.quick_stop_option == RAMP_AND_STAY
            return self.deceleration_s if is_slow else self.quick_stop_s
        if self.drive_state == FAULT_REACTION_ACTIVE:
            return self.quick_stop_s if self.fault_reaction == QUICK_RAMP else self.deceleration_s
        return self.deceleration_s if self.drive_state == OPERATION_ENABLED else self.coasting_s

    def turn(self, step_s: float) -> None:
        before_rpm = self.true_rpm
        wanted_rpm = 0.0
        if self.drive_state == OPERATION_ENABLED and self.control_word & HALT_BIT == 0:
            wanted_rpm = self.limited_rpm()
        is_rising = abs(wanted_rpm) > abs(self.true_rpm) and wanted_rpm * self.true_rpm >= 0.0
        seconds = self.acceleration_s if is_rising else self.stop_s()
        change_rpm = self.rated_rpm * step_s / seconds
        self.true_rpm += max(-change_rpm, min(change_rpm, wanted_rpm - self.true_rpm))
        if self.shaft_blocked:
            self.true_rpm = 0.0
        change_share = (self.true_rpm - before_rpm) / (self.rated_rpm * step_s)
        self.ramp_pct = 100.0 * self.run_up_s * change_share if self.is_powered() else 0.0

    def load_link(self, step_s: float) -> None:
        """Move currents, heat, energy and the voltage of the DC link on."""
        share = self.true_rpm / self.rated_rpm
        load_pct = self.load_pct if self.true_rpm > 0.0 else -self.load_pct if self.true_rpm < 0.0 else 0.0
        self.torque_pct = load_pct + self.ramp_pct if self.is_powered() else 0.0
        is_pushing = self.drive_state == OPERATION_ENABLED and self.limited_rpm() != 0.0
        if self.shaft_blocked and is_pushing and self.control_word & HALT_BIT == 0:
            self.torque_pct = 200.0 if self.target_rpm > 0.0 else -200.0
        self.power_kw = 0.01 * self.torque_pct * share * self.rated_power_kw
        active = 0.0095 * self.torque_pct
        self.current_a = self.rated_current_a * sqrt(0.0975 + active * active) if self.is_powered() else 0.0
        ratio = self.current_a / self.rated_current_a
        self.motor_heat_pct += step_s / (self.heating_s + step_s) * (100.0 * ratio * ratio - self.motor_heat_pct)
        self.energy_kwh += max(0.0, self.power_kw) * step_s / 3600.0
        if self.is_powered():
            self.operating_h += step_s / 3600.0
        braking_v = 250.0 * max(0.0, -self.power_kw) / self.rated_power_kw
        wanted_v = 0.0 if self.mains_lost else MAINS_DC_V - 15.0 * max(0.0, self.power_kw) / self.rated_power_kw
        slow_s = 0.1 if not self.mains_lost else 5.0 / (1.0 + 20.0 * max(0.0, self.power_kw) / self.rated_power_kw)
        self.dc_link_v += step_s / (slow_s + step_s) * (wanted_v + braking_v - self.dc_link_v)

    def outputs(self) -> None:
        share = self.true_rpm / self.rated_rpm
        self.speed_rpm = self.true_rpm
        self.frequency_hz = share * self.rated_frequency_hz if self.is_powered() else 0.0
        self.output_v = min(400.0, 400.0 * abs(share), 0.707 * self.dc_link_v) if self.is_powered() else 0.0
        self.status_word = self.state_bits() + self.further_bits()

    def state_bits(self) -> int:
        """Return bits 0 to 3, 5 and 6, which tell the state."""
        if self.drive_state == SWITCH_ON_DISABLED:
            return 0x40
        if self.drive_state == READY_TO_SWITCH_ON:
            return 0x21
        if self.drive_state == SWITCHED_ON:
            return 0x23
        if self.drive_state == OPERATION_ENABLED:
            return 0x27
        if self.drive_state == QUICK_STOP_ACTIVE:
            return 0x07
        if self.drive_state == FAULT_REACTION_ACTIVE:
            return 0x0F
        return 0x08 if self.drive_state == FAULT else 0x00

    def further_bits(self) -> int:
        """Return voltage, warning, remote, target reached and internal limit."""
        bits = STATUS_REMOTE
        if self.dc_link_v >= UNDERVOLTAGE_V:
            bits += STATUS_VOLTAGE
        if self.motor_heat_pct > 115.0:
            bits += STATUS_WARNING
        if self.drive_state == OPERATION_ENABLED:
            wanted_rpm = 0.0 if self.control_word & HALT_BIT != 0 else self.limited_rpm()
            bits += STATUS_REACHED if abs(self.true_rpm - wanted_rpm) < 1.0 else 0
            bits += STATUS_LIMITED if abs(self.limited_rpm() - self.target_rpm) > 0.001 else 0
        return bits
