"""Frequency converter with the state machine of drives, and the motor it turns."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["FrequencyConverter"]

SWITCH_ON_DISABLED = 1
READY_TO_SWITCH_ON = 2
SWITCHED_ON = 3
OPERATION_ENABLED = 4
QUICK_STOP_ACTIVE = 5
FAULT = 7
OVERTEMPERATURE = 16
OVERCURRENT = 9
UNDERVOLTAGE = 30


class FrequencyConverter(Component):
    """Drive with control word and status word as in the drive profile CiA 402 (IEC 61800-7-201), speed mode.

    States: switch on disabled, ready to switch on, switched on, operation enabled, quick stop active, fault. Commands
    are decoded from bits 0 to 3 and 7 of the control word; a fault is reset by a rising edge of bit 7. The motor ramps
    to target_rpm and coasts when the power stage is off.

    While torque_enabled is off (safe torque off, a contact of its own beside the control word) the power stage is off.

    Inputs: torque_enabled, control_word, target_rpm, acceleration_s, deceleration_s, load_pct. Outputs: status_word,
    speed_rpm, frequency_hz, current_a, power_kw, dc_link_v, and the states drive_state, error_code.
    """

    PHASE = Phase.SENSOR

    rated_rpm: Param[float] = param(1500.0, unit="rpm", low=1.0)
    rated_frequency_hz: Param[float] = param(50.0, unit="Hz", low=1.0)
    rated_current_a: Param[float] = param(8.0, unit="A", low=0.1)
    rated_power_kw: Param[float] = param(3.0, unit="kW", low=0.01)
    coasting_s: Param[float] = param(10.0, unit="s", low=0.1, description="full speed to standstill without power")

    overcurrent: Fault[bool] = fault(description="the drive trips with overcurrent")
    overtemperature: Fault[bool] = fault(description="the drive trips with overtemperature")
    mains_lost: Fault[bool] = fault(description="the drive trips with undervoltage")

    torque_enabled: Input[bool] = port(True, description="safe torque off while this is off")
    control_word: Input[int] = port(0, low=0, high=65535)
    target_rpm: Input[float] = port(0.0, unit="rpm", low=-6000.0, high=6000.0)
    acceleration_s: Input[float] = port(3.0, unit="s", low=0.1, high=999.9, description="standstill to rated speed")
    deceleration_s: Input[float] = port(3.0, unit="s", low=0.1, high=999.9, description="rated speed to standstill")
    load_pct: Input[float] = port(40.0, unit="%", low=0.0, high=200.0, description="torque of the load")

    drive_state: State[int] = state(SWITCH_ON_DISABLED, low=0, high=7, description="as in CiA 402")
    error_code: State[int] = state(0, description="of the last fault, 0 after a reset")
    previous_word: State[int] = state(0, description="control word of the last step")
    true_rpm: State[float] = state(0.0, unit="rpm", description="speed of the motor")

    status_word: Output[int] = port(0, low=0, high=65535)
    speed_rpm: Output[float] = port(unit="rpm", description="speed of the motor")
    frequency_hz: Output[float] = port(unit="Hz", description="output frequency")
    current_a: Output[float] = port(unit="A", low=0.0)
    power_kw: Output[float] = port(unit="kW")
    dc_link_v: Output[float] = port(560.0, unit="V", low=0.0, high=1000.0)

    def tick(self, step_s: float) -> None:
        self.change_state()
        self.previous_word = self.control_word
        self.turn(step_s)

    def change_state(self) -> None:
        word = self.control_word
        code = self.present_error()
        if code != 0:
            self.drive_state = FAULT
            self.error_code = code
            return
        if self.drive_state == FAULT:
            if word & 128 != 0 and self.previous_word & 128 == 0:
                self.drive_state = SWITCH_ON_DISABLED
                self.error_code = 0
            return
        if word & 2 == 0 or not self.torque_enabled:
            self.drive_state = SWITCH_ON_DISABLED
        elif word & 4 == 0:
            self.stop_quickly()
        elif self.drive_state == QUICK_STOP_ACTIVE:
            if word & 15 == 15:
                self.drive_state = OPERATION_ENABLED
        elif word & 1 == 0:
            self.drive_state = READY_TO_SWITCH_ON
        elif self.drive_state == READY_TO_SWITCH_ON:
            self.drive_state = SWITCHED_ON
        elif self.drive_state == SWITCHED_ON and word & 8 != 0:
            self.drive_state = OPERATION_ENABLED
        elif self.drive_state == OPERATION_ENABLED and word & 8 == 0:
            self.drive_state = SWITCHED_ON

    def stop_quickly(self) -> None:
        if self.drive_state == OPERATION_ENABLED:
            self.drive_state = QUICK_STOP_ACTIVE
        elif self.drive_state != QUICK_STOP_ACTIVE or self.true_rpm == 0.0:
            self.drive_state = SWITCH_ON_DISABLED

    def present_error(self) -> int:
        if self.overcurrent:
            return OVERCURRENT
        if self.overtemperature:
            return OVERTEMPERATURE
        if self.mains_lost:
            return UNDERVOLTAGE
        return 0

    def turn(self, step_s: float) -> None:
        wanted_rpm = self.target_rpm if self.drive_state == OPERATION_ENABLED else 0.0
        down_s = self.coasting_s
        if self.drive_state == OPERATION_ENABLED:
            down_s = self.deceleration_s
        elif self.drive_state == QUICK_STOP_ACTIVE:
            down_s = 0.25 * self.deceleration_s
        rises = abs(wanted_rpm) > abs(self.true_rpm) and wanted_rpm * self.true_rpm >= 0.0
        seconds = self.acceleration_s if rises else down_s
        change_rpm = self.rated_rpm * step_s / seconds
        self.true_rpm += max(-change_rpm, min(change_rpm, wanted_rpm - self.true_rpm))

    def outputs(self) -> None:
        is_powered = self.drive_state == OPERATION_ENABLED or self.drive_state == QUICK_STOP_ACTIVE
        share = self.true_rpm / self.rated_rpm
        self.speed_rpm = self.true_rpm
        self.frequency_hz = share * self.rated_frequency_hz if is_powered else 0.0
        self.current_a = self.rated_current_a * (0.3 + 0.007 * self.load_pct) if is_powered else 0.0
        self.power_kw = self.rated_power_kw * abs(share) * 0.01 * self.load_pct if is_powered else 0.0
        self.dc_link_v = 0.0 if self.mains_lost else 560.0
        self.status_word = self.state_bits() + self.voltage_bits()

    def state_bits(self) -> int:
        """Return bits 0 to 3, 5 and 6, which tell the state."""
        if self.drive_state == READY_TO_SWITCH_ON:
            return 0x21
        if self.drive_state == SWITCHED_ON:
            return 0x23
        if self.drive_state == OPERATION_ENABLED:
            return 0x27
        if self.drive_state == QUICK_STOP_ACTIVE:
            return 0x07
        if self.drive_state == FAULT:
            return 0x08
        return 0x40

    def voltage_bits(self) -> int:
        """Return bit 4 (voltage), 9 (remote) and 10 (target reached)."""
        is_at_target = self.drive_state == OPERATION_ENABLED and abs(self.true_rpm - self.target_rpm) < 1.0
        bits = 0x200
        if not self.mains_lost:
            bits += 0x10
        if is_at_target:
            bits += 0x400
        return bits
