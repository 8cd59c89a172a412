"""Twins behind the shipped Modbus devices: what they do when somebody commands them or something fails."""

from __future__ import annotations

import pytest
from small_plants import start_plant, step_plant

STEP_S = 0.1


def start(component, **values):
    plant = start_plant({"X": (component, values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


def test_energy_is_power_over_time():
    plant, meter = start("energy_meter", load_kw=36.0, import_kwh=100.0)

    run(plant, 100)

    assert meter.import_kwh == pytest.approx(101.0, rel=1e-9)
    assert meter.export_kwh == 0.0
    assert meter.power_1_w + meter.power_2_w + meter.power_3_w == pytest.approx(meter.power_w)


def test_reversed_current_transformers_count_as_export():
    plant, meter = start("energy_meter", load_kw=36.0, is_reversed=True)

    run(plant, 10)

    assert (meter.power_w, meter.export_kwh) == (pytest.approx(-36000.0), pytest.approx(0.1))


def test_the_resettable_energy_starts_again():
    plant, meter = start("energy_meter", load_kw=36.0)
    run(plant, 100)
    meter.reset_command = 1
    run(plant, 0.1)
    meter.reset_command = 0

    run(plant, 10)

    assert meter.resettable_kwh == pytest.approx(0.101)


def test_the_oven_reaches_its_setpoint_and_the_alarm_tells_when_it_does_not_stop():
    plant, controller = start("temperature_controller", setpoint_degc=100.0, alarm_degc=110.0)
    run(plant, 1500)
    held = controller.process_degc
    controller.is_manual, controller.manual_output_pct = 1, 100.0

    run(plant, 60)

    assert held == pytest.approx(100.0, abs=0.5)
    assert (controller.is_alarm, controller.output_pct) == (True, 100.0)


def test_a_broken_sensor_switches_the_heater_off():
    plant, controller = start("temperature_controller", setpoint_degc=100.0)
    run(plant, 10)
    controller.sensor_broken = True

    run(plant, 1)

    assert (controller.output_pct, controller.is_sensor_broken, controller.process_degc) == (0.0, True, 999.9)


# control words one after the other, status word without bits 4, 9 and 10 at the end
CIA402_ROWS = [
    ("at rest", [], 0x40),
    ("shut down", [0x06], 0x21),
    ("switch on", [0x06, 0x07], 0x23),
    ("enable", [0x06, 0x07, 0x0F], 0x27),
    ("no shortcut to enabled", [0x0F], 0x40),
    ("disable operation", [0x06, 0x07, 0x0F, 0x07], 0x23),
    ("shut down from enabled", [0x06, 0x07, 0x0F, 0x06], 0x21),
    ("disable voltage", [0x06, 0x07, 0x0F, 0x00], 0x40),
    ("quick stop at standstill before enabling", [0x06, 0x02], 0x40),
]


@pytest.mark.parametrize(("words", "status"), [row[1:] for row in CIA402_ROWS], ids=[row[0] for row in CIA402_ROWS])
def test_the_drive_follows_the_state_machine(words, status):
    plant, drive = start("frequency_converter")

    for word in words:
        drive.control_word = word
        run(plant, 0.1)
    run(plant, 0.1)

    assert drive.status_word & ~0x610 == (0x27 if status == 0x27 else status)


def enabled_drive(**values):
    plant, drive = start("frequency_converter", target_rpm=1500.0, acceleration_s=3.0, **values)
    for word in (0x06, 0x07, 0x0F):
        drive.control_word = word
        run(plant, 0.1)
    return plant, drive


def test_an_enabled_drive_ramps_to_its_target_and_says_so():
    plant, drive = enabled_drive()
    run(plant, 1.4)
    halfway = drive.speed_rpm
    run(plant, 2)

    assert halfway == pytest.approx(750.0, abs=1.0)
    assert (drive.speed_rpm, drive.frequency_hz) == (pytest.approx(1500.0), pytest.approx(50.0))
    assert drive.status_word == 0x637


def test_a_quick_stop_brakes_faster_than_the_ramp_and_ends_disabled():
    plant, drive = enabled_drive(deceleration_s=4.0)
    run(plant, 4)
    drive.control_word = 0x0B

    run(plant, 0.5)
    braking = (drive.drive_state, drive.speed_rpm)
    run(plant, 1)

    assert braking == (5, pytest.approx(750.0, abs=1.0))
    assert (drive.speed_rpm, drive.drive_state) == (0.0, 1)


def test_a_fault_is_reset_by_a_rising_edge_alone():
    plant, drive = enabled_drive(overcurrent=True)
    tripped = (drive.status_word & 0x4F, drive.error_code)
    drive.overcurrent = False
    run(plant, 0.2)
    still = drive.drive_state
    drive.control_word = 0x80
    run(plant, 0.1)

    assert tripped == (0x08, 9)
    assert (still, drive.drive_state, drive.error_code) == (7, 1, 0)


def test_outputs_fall_when_the_watchdog_expires_and_return_with_the_trigger():
    plant, coupler = start("remote_io", output_1=True, analog_output_1_ma=12.0, watchdog_time_s=1.0)
    coupler.watchdog_trigger = 1
    run(plant, 0.9)
    alive = (coupler.is_output_1_on, coupler.input_1, coupler.analog_input_1_ma, coupler.watchdog_state)
    run(plant, 0.4)
    expired = (coupler.is_output_1_on, coupler.analog_input_1_ma, coupler.watchdog_state, coupler.expiry_count)
    coupler.watchdog_trigger = 2
    run(plant, 0.1)

    assert alive == (True, True, 12.0, 1)
    assert expired == (False, 0.0, 2, 1)
    assert (coupler.is_output_1_on, coupler.watchdog_state) == (True, 1)


def test_a_trigger_in_time_keeps_the_outputs():
    plant, coupler = start("remote_io", output_1=True, watchdog_time_s=1.0)

    for trigger in range(1, 20):
        coupler.watchdog_trigger = trigger
        run(plant, 0.5)

    assert (coupler.is_output_1_on, coupler.expiry_count) == (True, 0)


def test_tare_needs_rest_and_makes_the_net_weight_zero():
    plant, scale = start("weighing_terminal", load_kg=100.0)
    scale.command = 2
    run(plant, 0.1)
    refused = scale.done_command
    scale.command = 0
    run(plant, 10)
    scale.command = 2
    run(plant, 0.1)

    assert refused == 65535
    assert (scale.gross_kg, scale.tare_kg, scale.net_kg, scale.done_command) == (100.0, 100.0, 0.0, 2)


def test_zero_is_refused_far_from_zero():
    plant, scale = start("weighing_terminal", load_kg=100.0)
    run(plant, 10)

    scale.command = 1
    run(plant, 0.1)

    assert (scale.done_command, scale.gross_kg) == (65535, 100.0)


def test_an_overload_is_told():
    plant, scale = start("weighing_terminal", load_kg=1600.0)

    run(plant, 10)

    assert (scale.is_overloaded, scale.status_word & 3) == (True, 3)


def test_totals_count_what_the_meter_shows():
    plant, meter = start("flow_computer", true_m3_per_h=36.0, sigma_pct=0.0, damping_s=0.0, span_error_pct=10.0)

    run(plant, 1000)

    assert meter.forward_m3 == pytest.approx(11.0)
    assert meter.velocity_m_per_s == pytest.approx(39.6 / 3600 / 0.0050265, rel=1e-3)


def test_reverse_flow_and_empty_pipe_have_their_bits():
    plant, meter = start("flow_computer", true_m3_per_h=-20.0, damping_s=0.0)
    run(plant, 1)
    reverse = meter.status_word
    meter.is_pipe_empty = True
    run(plant, 1)

    assert reverse == 2
    assert (meter.status_word, meter.flow_m3_per_h) == (1, 0.0)
    assert meter.reverse_m3 > 0.0


def test_the_inverter_starts_after_its_delay_and_follows_the_limit():
    plant, inverter = start("solar_inverter", sunrise_s=-21600.0, cloud_pct=0.0)
    run(plant, 3)
    starting = inverter.operating_state
    run(plant, 5)
    running = (inverter.operating_state, inverter.power_w)
    inverter.limit_pct = 50.0
    run(plant, 0.1)

    assert starting == 3
    assert running == (5, pytest.approx(10000.0))
    assert inverter.power_w == pytest.approx(5000.0)


def test_the_inverter_leaves_a_lost_grid_and_sleeps_at_night():
    plant, inverter = start("solar_inverter", sunrise_s=-21600.0, grid_lost=True)
    run(plant, 1)
    night, sleeper = start("solar_inverter", sunrise_s=-50000.0)
    run(night, 1)

    assert (inverter.operating_state, inverter.event_bits, inverter.power_w) == (7, 16, 0.0)
    assert (sleeper.operating_state, sleeper.power_w) == (2, 0.0)


def test_the_battery_carries_the_load_until_it_is_empty():
    plant, ups = start("ups", load_w=1200.0, battery_wh=10.0)
    ups.mains_lost = True
    run(plant, 20)
    carrying = (ups.output_source, ups.battery_status, ups.output_voltage_v, ups.transfer_count)
    run(plant, 20)

    assert carrying == (5, 2, 230.0, 1)
    assert (ups.output_source, ups.battery_status, ups.output_voltage_v) == (2, 4, 0.0)


def test_a_battery_test_passes_and_finds_a_worn_battery():
    results = []
    for worn_pct in (0.0, 50.0):
        plant, ups = start("ups", test_command=1, battery_worn_pct=worn_pct)
        run(plant, 5)
        during = ups.test_result
        run(plant, 10)
        results.append((during, ups.test_result, ups.output_source))

    assert results == [(5, 1, 3), (5, 2, 3)]
