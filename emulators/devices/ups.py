"""Uninterruptible power supply with its battery."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["Ups"]

SOURCE_NORMAL = 3
SOURCE_BATTERY = 5
SOURCE_NONE = 2
BATTERY_NORMAL = 2
BATTERY_LOW = 3
BATTERY_DEPLETED = 4


class Ups(Component):
    """UPS in the words of the UPS management information base (RFC 1628): output source, battery status, test.

    On battery the charge falls with the load; below low_pct the battery is low, at 0 the output is off. On mains it
    charges again in recharge_s. Test command 1 runs the inverter from the battery for test_s; test_result is 1 passed,
    2 warning (battery worn), 3 failed (no battery), 6 no test since the start, 5 in progress.

    Inputs: load_w, test_command, input_voltage_v. Outputs: mains_v, output_source, battery_status, output_voltage_v,
    output_current_a, load_pct, minutes_left_min, battery_voltage_v, alarm_bits, and the states charge_pct, test_result,
    on_battery_s, transfer_count.
    """

    PHASE = Phase.SENSOR

    rated_w: Param[float] = param(2000.0, unit="W", low=1.0)
    battery_wh: Param[float] = param(400.0, unit="Wh", low=0.1, description="at full charge")
    recharge_s: Param[float] = param(14400.0, unit="s", low=1.0, description="empty to full")
    low_pct: Param[float] = param(20.0, unit="%", low=0.0, high=100.0)
    test_s: Param[float] = param(10.0, unit="s", low=0.1)

    mains_lost: Fault[bool] = fault(description="mains fail")
    battery_missing: Fault[bool] = fault(description="no battery: a mains failure switches the output off")
    battery_worn_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=95.0, description="capacity lost")

    load_w: Input[float] = port(600.0, unit="W", low=0.0, high=4000.0)
    test_command: Input[int] = port(0, low=0, high=65535, description="1 starts a battery test")
    input_voltage_v: Input[float] = port(230.0, unit="V", low=0.0, high=300.0, description="mains")

    charge_pct: State[float] = state(100.0, unit="%", low=0.0, high=100.0)
    on_battery_s: State[float] = state(0.0, unit="s", description="since the mains failed")
    transfer_count: State[int] = state(0, low=0, description="times it went to battery")
    testing_s: State[float] = state(0.0, unit="s", description="time that is left of the test")
    seen_command: State[int] = state(0, description="test command of the last step")
    test_result: State[int] = state(6, low=1, high=6)

    output_source: Output[int] = port(SOURCE_NORMAL, low=1, high=7, description="3 normal, 5 battery, 2 none")
    battery_status: Output[int] = port(BATTERY_NORMAL, low=1, high=4, description="2 normal, 3 low, 4 depleted")
    mains_v: Output[float] = port(unit="V", description="measured at the input")
    output_voltage_v: Output[float] = port(unit="V")
    output_current_a: Output[float] = port(unit="A")
    load_pct: Output[float] = port(unit="%")
    minutes_left_min: Output[float] = port(unit="min", low=0.0)
    battery_voltage_v: Output[float] = port(unit="V")
    alarm_bits: Output[int] = port(0, low=0, description="bits: on battery, low battery, overload, battery missing")

    def tick(self, step_s: float) -> None:
        self.mains_v = 0.0 if self.mains_lost else self.input_voltage_v
        is_mains_good = self.mains_v > 180.0
        self.run_test(step_s)
        has_battery = self.charge_pct > 0.0 and not self.battery_missing
        on_battery = has_battery and (not is_mains_good or self.testing_s > 0.0)
        if not is_mains_good and self.on_battery_s == 0.0:
            self.transfer_count += 1
        self.on_battery_s = 0.0 if is_mains_good else self.on_battery_s + step_s
        capacity_wh = self.battery_wh * (1.0 - 0.01 * self.battery_worn_pct)
        if on_battery:
            used_pct = 100.0 * self.load_w * step_s / (3600.0 * capacity_wh)
            self.charge_pct = max(0.0, self.charge_pct - used_pct)
        elif is_mains_good and not self.battery_missing:
            self.charge_pct = min(100.0, self.charge_pct + 100.0 * step_s / self.recharge_s)
        self.output_source = SOURCE_NONE
        if on_battery:
            self.output_source = SOURCE_BATTERY
        elif is_mains_good:
            self.output_source = SOURCE_NORMAL
        self.show(capacity_wh)

    def run_test(self, step_s: float) -> None:
        if self.testing_s > 0.0:
            self.testing_s = max(0.0, self.testing_s - step_s)
            if self.testing_s == 0.0:
                self.test_result = 2 if self.battery_worn_pct > 30.0 else 1
        elif self.test_command == 1 and self.seen_command != 1:
            if self.battery_missing or self.charge_pct < 10.0:
                self.test_result = 3
            else:
                self.testing_s = self.test_s
                self.test_result = 5
        self.seen_command = self.test_command

    def show(self, capacity_wh: float) -> None:
        is_on = self.output_source != SOURCE_NONE
        self.output_voltage_v = 230.0 if is_on else 0.0
        self.output_current_a = self.load_w / 230.0 if is_on else 0.0
        self.load_pct = 100.0 * self.load_w / self.rated_w if is_on else 0.0
        charge_wh = 0.0 if self.battery_missing else 0.01 * self.charge_pct * capacity_wh
        self.minutes_left_min = 60.0 * charge_wh / max(self.load_w, 1.0)
        self.battery_voltage_v = 0.0 if self.battery_missing else 44.0 + 0.1 * self.charge_pct
        self.battery_status = BATTERY_NORMAL
        if self.charge_pct <= 0.0 or self.battery_missing:
            self.battery_status = BATTERY_DEPLETED
        elif self.charge_pct < self.low_pct:
            self.battery_status = BATTERY_LOW
        word = 0
        if self.output_source == SOURCE_BATTERY:
            word += 1
        if self.battery_status != BATTERY_NORMAL:
            word += 2
        if self.load_pct > 100.0:
            word += 4
        if self.battery_missing:
            word += 8
        self.alarm_bits = word
