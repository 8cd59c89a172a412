"""Uninterruptible power supply with its battery."""

from __future__ import annotations

from emulators.component import Component, Fault, Input, Output, Param, Phase, State, fault, param, port, state

__all__ = ["Ups"]

NONE, NORMAL, BYPASS, BATTERY, BOOSTER, REDUCER = 2, 3, 4, 5, 6, 7
BATTERY_NORMAL, BATTERY_LOW, BATTERY_DEPLETED = 2, 3, 4
PASSED, WARNING, ERROR, ABORTED, IN_PROGRESS, NO_TEST = 1, 2, 3, 4, 5, 6
NO_COMMAND, TEST_QUICK, TEST_DEEP, TEST_ABORT = 0, 1, 2, 3
SHUT_DOWN, REBOOT, CANCEL, SWITCH_ON = 1, 2, 3, 4
WORN_PCT = 30.0
DEAD_V = 20.0
ALARM_COUNT = 12


class Ups(Component):
    """UPS in the words of the UPS management information base (RFC 1628): output source, battery, test, alarms.

    On mains between low_v and high_v it is normal, boosts or reduces beyond a tenth from the rated voltage, and charges
    the battery. Otherwise the battery carries the load, with the inverter's losses: low below low_pct, off when empty,
    back once mains have returned and restart_pct are charged. Above 105 % of load it goes to bypass after overload_s,
    on battery it switches off; it leaves bypass by itself below 100 %. A failed inverter is bypassed too. Test command
    1 takes the load to the battery for test_s, 2 until the battery is low, 3 aborts, as bypass and switching off do:
    passed, warning (a third worn), error (no battery, empty, or the inverter does not carry the load). Power command 1
    switches the output off after shutdown_delay_s, 2 and on again reboot_s later, 3 cancels, 4 switches on. Commands
    are cleared when they are taken.

    Inputs: load_w, input_voltage_v, input_hz, low_v, high_v, low_pct, restart_pct, shutdown_delay_s, reboot_s,
    is_bypass_wanted, is_muted. States that clients write: test_command, power_command. Outputs: output_source,
    battery_status, mains_v, mains_hz, output_voltage_v, output_hz, output_current_a, output_w, load_pct,
    minutes_left_min, battery_voltage_v, battery_current_a, battery_degc, alarm_bits, alarm_count, is_sounding, and the
    states charge_pct, test_result, on_battery_s, transfer_count, shutdown_left_s.
    """

    PHASE = Phase.SENSOR

    rated_w: Param[float] = param(2000.0, unit="W", low=1.0)
    rated_v: Param[float] = param(230.0, unit="V", low=1.0)
    battery_wh: Param[float] = param(400.0, unit="Wh", low=0.1, description="at full charge")
    efficiency_pct: Param[float] = param(90.0, unit="%", low=1.0, high=100.0, description="of the inverter")
    recharge_s: Param[float] = param(14400.0, unit="s", low=1.0, description="empty to full")
    test_s: Param[float] = param(10.0, unit="s", low=0.1)
    overload_s: Param[float] = param(10.0, unit="s", low=0.0, description="until an overload takes it to bypass")

    mains_lost: Fault[bool] = fault(description="mains fail")
    battery_missing: Fault[bool] = fault(description="no battery: a mains failure switches the output off")
    battery_worn_pct: Fault[float] = fault(0.0, unit="%", low=0.0, high=95.0, description="capacity lost")
    charger_failed: Fault[bool] = fault(description="the battery is not charged")
    inverter_failed: Fault[bool] = fault(description="only bypass is left")

    load_w: Input[float] = port(600.0, unit="W", low=0.0, high=4000.0)
    input_voltage_v: Input[float] = port(230.0, unit="V", low=0.0, high=300.0, description="mains")
    input_hz: Input[float] = port(50.0, unit="Hz", low=40.0, high=70.0)
    low_v: Input[float] = port(180.0, unit="V", low=140.0, high=210.0, description="below it the battery takes over")
    high_v: Input[float] = port(265.0, unit="V", low=240.0, high=290.0, description="above it the battery takes over")
    low_pct: Input[float] = port(20.0, unit="%", low=0.0, high=90.0, description="charge below which it is low")
    restart_pct: Input[float] = port(0.0, unit="%", low=0.0, high=90.0, description="charge to come back with")
    shutdown_delay_s: Input[float] = port(20.0, unit="s", low=0.0, high=9999.0)
    reboot_s: Input[float] = port(60.0, unit="s", low=0.0, high=9999.0, description="off time of a reboot")
    is_bypass_wanted: Input[int] = port(0, low=0, high=1, description="1: bypass by hand")
    is_muted: Input[int] = port(0, low=0, high=1, description="1: the buzzer is silent")

    test_command: State[int] = state(NO_COMMAND, low=0, high=3)
    power_command: State[int] = state(NO_COMMAND, low=0, high=4)
    charge_pct: State[float] = state(100.0, unit="%", low=0.0, high=100.0)
    on_battery_s: State[float] = state(0.0, unit="s", description="since the battery carries the load")
    transfer_count: State[int] = state(0, low=0, description="times mains have failed")
    is_mains_good: State[bool] = state(True, description="mains are between their limits")
    is_switched_off: State[bool] = state(description="the output was switched off")
    has_dropped: State[bool] = state(description="the output went off with an empty battery or an overload")
    shutdown_left_s: State[float] = state(-1.0, unit="s", description="until it switches off, -1: it does not")
    reboot_left_s: State[float] = state(-1.0, unit="s", description="until it switches on again, -1: it does not")
    is_rebooting: State[bool] = state(description="the shutdown is a reboot")
    overloaded_s: State[float] = state(0.0, unit="s")
    running_test: State[int] = state(NO_COMMAND, low=0, high=2)
    testing_s: State[float] = state(0.0, unit="s", description="time of the running test")
    test_result: State[int] = state(NO_TEST, low=1, high=6)
    warmth_k: State[float] = state(0.0, unit="K", description="the battery's above 25 degC")

    output_source: Output[int] = port(NORMAL, low=1, high=7)
    battery_status: Output[int] = port(BATTERY_NORMAL, low=1, high=4)
    mains_v: Output[float] = port(unit="V", description="measured at the input")
    mains_hz: Output[float] = port(unit="Hz")
    output_voltage_v: Output[float] = port(unit="V")
    output_hz: Output[float] = port(unit="Hz")
    output_current_a: Output[float] = port(unit="A")
    output_w: Output[float] = port(unit="W")
    load_pct: Output[float] = port(unit="%")
    minutes_left_min: Output[float] = port(unit="min", low=0.0)
    battery_voltage_v: Output[float] = port(unit="V")
    battery_current_a: Output[float] = port(unit="A", description="above 0: it gives")
    battery_degc: Output[float] = port(25.0, unit="degC")
    alarm_bits: Output[int] = port(0, low=0, description="bits, see the register map")
    alarm_count: Output[int] = port(0, low=0, description="alarms that are present")
    is_sounding: Output[bool] = port(description="the buzzer")

    def tick(self, step_s: float) -> None:
        self.watch_mains()
        self.take_commands()
        self.run_shutdown(step_s)
        self.run_test(step_s)
        self.find_source(step_s)
        self.use_battery(step_s)
        self.show()
        self.raise_alarms()

    def watch_mains(self) -> None:
        self.mains_v = 0.0 if self.mains_lost else self.input_voltage_v
        self.mains_hz = self.input_hz if self.mains_v > DEAD_V else 0.0
        was_good = self.is_mains_good
        margin_v = 0.0 if was_good else 5.0
        is_voltage_good = self.low_v + margin_v <= self.mains_v and self.mains_v <= self.high_v - margin_v
        self.is_mains_good = is_voltage_good and self.mains_hz > 45.0 and self.mains_hz < 65.0
        if was_good and not self.is_mains_good:
            self.transfer_count += 1

    def take_commands(self) -> None:
        if self.power_command == SHUT_DOWN or self.power_command == REBOOT:
            self.shutdown_left_s = self.shutdown_delay_s
            self.is_rebooting = self.power_command == REBOOT
        elif self.power_command == CANCEL:
            self.shutdown_left_s = -1.0
        elif self.power_command == SWITCH_ON:
            self.is_switched_off = False
            self.has_dropped = False
            self.reboot_left_s = -1.0
        self.power_command = NO_COMMAND
        if self.test_command == TEST_ABORT:
            if self.running_test != NO_COMMAND:
                self.test_result = ABORTED
            self.running_test = NO_COMMAND
        elif self.test_command != NO_COMMAND and self.running_test == NO_COMMAND:
            is_able = self.charge_pct >= 10.0 and self.is_mains_good and not self.is_inverter_idle()
            if not is_able or self.battery_missing or self.inverter_failed:
                self.test_result = ERROR
            else:
                self.running_test = self.test_command
                self.testing_s = 0.0
                self.test_result = IN_PROGRESS
        self.test_command = NO_COMMAND

    def run_shutdown(self, step_s: float) -> None:
        if self.shutdown_left_s >= 0.0:
            self.shutdown_left_s -= step_s
            if self.shutdown_left_s <= 0.0:
                self.shutdown_left_s = -1.0
                self.is_switched_off = True
                self.reboot_left_s = self.reboot_s if self.is_rebooting else -1.0
        elif self.reboot_left_s >= 0.0:
            self.reboot_left_s -= step_s
            if self.reboot_left_s <= 0.0:
                self.reboot_left_s = -1.0
                self.is_switched_off = False

    def run_test(self, step_s: float) -> None:
        if self.running_test == NO_COMMAND:
            return
        self.testing_s += step_s
        has_failed = self.battery_missing or self.inverter_failed or self.charge_pct <= 0.0
        if has_failed or not self.is_mains_good or self.is_inverter_idle():
            self.test_result = ERROR if has_failed else ABORTED
            self.running_test = NO_COMMAND
            return
        is_over = self.testing_s > self.test_s
        if self.running_test == TEST_DEEP:
            is_over = self.charge_pct < self.low_pct
        if is_over:
            self.test_result = WARNING if self.battery_worn_pct > WORN_PCT else PASSED
            self.running_test = NO_COMMAND

    def is_inverter_idle(self) -> bool:
        """Return whether the output is off or bypassed, so that no test can load the battery."""
        return self.output_source == NONE or self.output_source == BYPASS

    def find_source(self, step_s: float) -> None:
        has_battery = self.charge_pct > 0.0 and not self.battery_missing and not self.inverter_failed
        is_overloaded = self.load_w > 1.05 * self.rated_w
        self.overloaded_s = self.overloaded_s + step_s if is_overloaded else 0.0
        has_overloaded = self.overloaded_s > self.overload_s
        if self.is_mains_good and self.charge_pct >= self.restart_pct:
            self.has_dropped = False
        was_bypass = self.output_source == BYPASS and self.load_w > self.rated_w
        if self.is_switched_off or self.has_dropped:
            self.output_source = NONE
        elif not self.is_mains_good:
            self.has_dropped = not has_battery or has_overloaded
            self.output_source = NONE if self.has_dropped else BATTERY
        elif self.is_bypass_wanted == 1 or self.inverter_failed or has_overloaded or was_bypass:
            self.output_source = BYPASS
        elif self.running_test != NO_COMMAND:
            self.output_source = BATTERY
        elif self.mains_v < 0.9 * self.rated_v:
            self.output_source = BOOSTER
        else:
            self.output_source = REDUCER if self.mains_v > 1.1 * self.rated_v else NORMAL

    def use_battery(self, step_s: float) -> None:
        capacity_wh = self.battery_wh * (1.0 - 0.01 * self.battery_worn_pct)
        self.battery_current_a = 0.0
        if self.output_source == BATTERY:
            taken_w = 100.0 * self.load_w / self.efficiency_pct
            self.charge_pct = max(0.0, self.charge_pct - 100.0 * taken_w * step_s / (3600.0 * capacity_wh))
            self.battery_current_a = taken_w / 48.0
            self.on_battery_s += step_s
        else:
            self.on_battery_s = 0.0
            if self.is_mains_good and not self.battery_missing and not self.charger_failed and self.charge_pct < 100.0:
                self.charge_pct = min(100.0, self.charge_pct + 100.0 * step_s / self.recharge_s)
                self.battery_current_a = -capacity_wh / 48.0 * 3600.0 / self.recharge_s
        heat_k = 0.01 * self.battery_current_a * self.battery_current_a
        self.warmth_k += step_s / (600.0 + step_s) * (min(30.0, heat_k) - self.warmth_k)
        charge_wh = 0.0 if self.battery_missing else 0.01 * self.charge_pct * capacity_wh
        self.minutes_left_min = 60.0 * charge_wh * 0.01 * self.efficiency_pct / max(self.load_w, 1.0)

    def show(self) -> None:
        source = self.output_source
        self.output_voltage_v = self.rated_v if source == BATTERY else self.mains_v
        self.output_hz = 50.0 if source == BATTERY else self.mains_hz
        if source == BOOSTER:
            self.output_voltage_v = min(self.rated_v, 1.15 * self.mains_v)
        elif source == REDUCER:
            self.output_voltage_v = max(self.rated_v, 0.87 * self.mains_v)
        elif source == NONE:
            self.output_voltage_v = 0.0
            self.output_hz = 0.0
        self.output_w = self.load_w if source != NONE else 0.0
        self.output_current_a = self.output_w / self.output_voltage_v if source != NONE else 0.0
        self.load_pct = 100.0 * self.output_w / self.rated_w
        sag_v = 0.05 * max(0.0, self.battery_current_a)
        self.battery_voltage_v = 0.0 if self.battery_missing else 44.0 + 0.1 * self.charge_pct - sag_v
        self.battery_degc = 25.0 + self.warmth_k
        self.battery_status = BATTERY_NORMAL
        if self.charge_pct <= 0.0 or self.battery_missing:
            self.battery_status = BATTERY_DEPLETED
        elif self.charge_pct < self.low_pct:
            self.battery_status = BATTERY_LOW

    def raise_alarms(self) -> None:
        is_worn = self.battery_missing or self.battery_worn_pct > WORN_PCT
        word = (1 if self.output_source == BATTERY else 0) + (2 if self.battery_status == BATTERY_LOW else 0)
        word += (4 if self.battery_status == BATTERY_DEPLETED else 0) + (8 if self.load_pct > 100.0 else 0)
        word += (16 if is_worn else 0) + (32 if self.output_source == BYPASS else 0)
        word += (64 if not self.is_mains_good else 0) + (128 if self.output_source == NONE else 0)
        word += (256 if self.running_test != NO_COMMAND else 0) + (512 if self.charger_failed else 0)
        word += (1024 if self.shutdown_left_s >= 0.0 else 0) + (2048 if self.inverter_failed else 0)
        self.alarm_bits = word
        self.is_sounding = word != 0 and self.is_muted == 0
        count = 0
        for _ in range(ALARM_COUNT):
            count += word % 2
            word = word // 2
        self.alarm_count = count
