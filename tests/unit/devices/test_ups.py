"""The twin of the UPS: source by mains, battery and load, runtime, tests, shutdown, alarms."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import start_plant, step_plant

STEP_S = 0.1
NONE, NORMAL, BYPASS, BATTERY, BOOSTER, REDUCER = 2, 3, 4, 5, 6, 7
PASSED, WARNING, ERROR, ABORTED, IN_PROGRESS, NO_TEST = 1, 2, 3, 4, 5, 6


def start(**values):
    plant = start_plant({"X": ("ups", values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


# what differs from a healthy UPS on mains: output source after 11 s, bits of the alarms
SOURCES = [
    ("normal", {}, NORMAL, 0),
    ("mains low", {"input_voltage_v": 200.0}, BOOSTER, 0),
    ("mains high", {"input_voltage_v": 258.0}, REDUCER, 0),
    ("mains too low", {"input_voltage_v": 170.0}, BATTERY, 1 + 64),
    ("mains too high", {"input_voltage_v": 280.0}, BATTERY, 1 + 64),
    ("frequency", {"input_hz": 70.0}, BATTERY, 1 + 64),
    ("mains lost", {"mains_lost": True}, BATTERY, 1 + 64),
    ("mains lost without battery", {"mains_lost": True, "battery_missing": True}, NONE, 4 + 16 + 64 + 128),
    ("overload", {"load_w": 2500.0}, BYPASS, 8 + 32),
    ("overload on battery", {"load_w": 2500.0, "mains_lost": True}, NONE, 64 + 128),
    ("a little overload", {"load_w": 2050.0}, NORMAL, 8),
    ("inverter failed", {"inverter_failed": True}, BYPASS, 32 + 2048),
    ("inverter failed, mains lost", {"inverter_failed": True, "mains_lost": True}, NONE, 64 + 128 + 2048),
    ("bypass by hand", {"is_bypass_wanted": 1}, BYPASS, 32),
    ("bypass by hand, mains lost", {"is_bypass_wanted": 1, "mains_lost": True}, BATTERY, 1 + 64),
    ("charger failed", {"charger_failed": True}, NORMAL, 512),
]


@pytest.mark.parametrize(("values", "source", "alarms"), [r[1:] for r in SOURCES], ids=[r[0] for r in SOURCES])
def test_the_output_comes_from_where_the_table_says(values, source, alarms):
    plant, ups = start(**values)

    run(plant, 11)

    assert (ups.output_source, ups.alarm_bits) == (source, alarms)
    assert ups.alarm_count == alarms.bit_count()
    assert (ups.output_voltage_v > 0.0) is (source != NONE)


@given(load_w=st.floats(200, 2000), battery_wh=st.floats(20, 60), worn_pct=st.floats(0, 50))
@settings(max_examples=15, derandomize=True, deadline=None)
def test_the_runtime_that_it_told_is_the_time_it_lasts(load_w, battery_wh, worn_pct):
    plant, ups = start(load_w=load_w, battery_wh=battery_wh, battery_worn_pct=worn_pct)
    run(plant, STEP_S)
    told_s = 60 * ups.minutes_left_min
    ups.mains_lost = True
    run(plant, 0.5 * told_s)
    halfway = (ups.output_source, 60 * ups.minutes_left_min, ups.on_battery_s)
    run(plant, 0.5 * told_s - 1)
    at_the_end = ups.output_source
    run(plant, 2)

    assert halfway == (BATTERY, pytest.approx(0.5 * told_s, abs=0.3), pytest.approx(0.5 * told_s, abs=0.2))
    assert (at_the_end, ups.output_source, ups.battery_status) == (BATTERY, NONE, 4)


def test_charge_falls_on_battery_and_rises_on_mains():
    plant, ups = start(mains_lost=True, recharge_s=1000.0)
    run(plant, 60)
    fallen = (ups.charge_pct, ups.battery_current_a > 0.0)
    ups.mains_lost = False
    run(plant, 10)

    used_pct = 100 * 600 / 0.9 * 60 / 3600 / 400
    assert fallen == (pytest.approx(100 - used_pct), True)
    assert ups.charge_pct == pytest.approx(100 - used_pct + 1.0)
    assert ups.battery_current_a < 0.0
    assert ups.transfer_count == 1


def test_an_emptied_ups_comes_back_with_its_restart_charge():
    plant, ups = start(mains_lost=True, charge_pct=0.1, recharge_s=100.0, restart_pct=10.0)
    run(plant, 20)
    empty = ups.output_source
    ups.mains_lost = False
    run(plant, 5)
    charging = (ups.output_source, ups.charge_pct < 10.0)
    run(plant, 10)

    assert (empty, charging, ups.output_source) == (NONE, (NONE, True), NORMAL)


def test_mains_at_the_limit_do_not_flutter():
    plant, ups = start(input_voltage_v=179.0)
    run(plant, 1)
    ups.input_voltage_v = 182.0
    run(plant, 1)
    still = ups.output_source
    ups.input_voltage_v = 186.0
    run(plant, 1)

    assert (still, ups.output_source, ups.transfer_count) == (BATTERY, BOOSTER, 1)


def test_it_leaves_bypass_when_the_overload_has_gone():
    plant, ups = start(load_w=2500.0)
    run(plant, 11)
    ups.load_w = 2050.0
    run(plant, 1)
    still = ups.output_source
    ups.load_w = 1900.0
    run(plant, 1)

    assert (still, ups.output_source) == (BYPASS, NORMAL)


# what differs, command, result during the test and after it
TESTS = [
    ("healthy", {}, 1, IN_PROGRESS, PASSED),
    ("worn", {"battery_worn_pct": 50.0}, 1, IN_PROGRESS, WARNING),
    ("missing", {"battery_missing": True}, 1, ERROR, ERROR),
    ("empty", {"charge_pct": 5.0, "recharge_s": 1e6}, 1, ERROR, ERROR),
    ("deep", {"battery_wh": 4.0}, 2, IN_PROGRESS, PASSED),
    ("deep until empty", {"battery_wh": 4.0, "low_pct": 0.0}, 2, IN_PROGRESS, ERROR),
    ("empty before its end", {"battery_wh": 1.2}, 1, IN_PROGRESS, ERROR),
]


@pytest.mark.parametrize(("values", "command", "during", "after"), [r[1:] for r in TESTS], ids=[r[0] for r in TESTS])
def test_a_battery_test_gives_its_result(values, command, during, after):
    plant, ups = start(test_command=command, **values)
    run(plant, 5)
    seen = (ups.test_result, ups.output_source == BATTERY, ups.test_command)
    run(plant, 30)

    assert seen == (during, during == IN_PROGRESS, 0)
    assert (ups.test_result, ups.output_source) == (after, NORMAL)


def test_a_deep_test_ends_when_the_battery_is_low():
    plant, ups = start(test_command=2, battery_wh=10.0, low_pct=40.0)
    run(plant, 20)
    during_pct = ups.charge_pct
    run(plant, 20)

    assert during_pct > 40.0
    assert ups.test_result == PASSED
    assert ups.charge_pct == pytest.approx(40.0, abs=1.0)


@pytest.mark.parametrize("source", [{"is_bypass_wanted": 1}, {"shutdown_delay_s": 0.0, "power_command": 1}])
@pytest.mark.parametrize("command", [1, 2])
def test_no_battery_test_starts_while_the_inverter_does_not_carry_the_load(source, command):
    plant, ups = start(**source)
    run(plant, 1)
    ups.test_command = command
    run(plant, 1)

    assert ups.test_result == ERROR
    assert ups.alarm_bits & 256 == 0


ABORTS = {
    "command": {"test_command": 3},
    "mains": {"mains_lost": True},
    "bypass": {"is_bypass_wanted": 1},
    "switched off": {"shutdown_delay_s": 0.0, "power_command": 1},
}


@pytest.mark.parametrize("command", [1, 2])
@pytest.mark.parametrize("change", ABORTS.values(), ids=ABORTS)
def test_a_test_is_aborted(change, command):
    plant, ups = start(test_command=command)
    run(plant, 3)
    for name, value in change.items():
        setattr(ups, name, value)
    run(plant, 1)

    assert ups.test_result == ABORTED


def test_a_shutdown_counts_down_and_stays_off_until_it_is_switched_on():
    plant, ups = start(shutdown_delay_s=5.0, power_command=1)
    run(plant, 4)
    counting = (ups.output_source, ups.shutdown_left_s, ups.alarm_bits)
    run(plant, 100)
    off = ups.output_source
    ups.power_command = 4
    run(plant, 1)

    assert counting == (NORMAL, pytest.approx(1.0), 1024)
    assert (off, ups.output_source) == (NONE, NORMAL)


def test_a_shutdown_is_cancelled():
    plant, ups = start(shutdown_delay_s=5.0, power_command=1)
    run(plant, 4)
    ups.power_command = 3
    run(plant, 10)

    assert (ups.output_source, ups.shutdown_left_s) == (NORMAL, -1.0)


def test_a_reboot_comes_back():
    plant, ups = start(shutdown_delay_s=2.0, reboot_s=10.0, power_command=2)
    run(plant, 5)
    off = ups.output_source
    run(plant, 10)

    assert (off, ups.output_source) == (NONE, NORMAL)


def test_a_muted_buzzer_is_silent():
    plant, ups = start(mains_lost=True)
    run(plant, 1)
    loud = ups.is_sounding
    ups.is_muted = 1
    run(plant, 1)

    assert (loud, ups.is_sounding, ups.alarm_count) == (True, False, 2)
