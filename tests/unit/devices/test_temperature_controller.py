"""The twin of the temperature controller: control, ramp, alarms, autotuning, broken sensor and heater."""

import pytest
from small_plants import start_plant, step_plant

STEP_S = 0.1


def start(**values):
    plant = start_plant({"X": ("temperature_controller", values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


def lowest_and_highest(plant, controller, seconds):
    readings = []
    for _ in range(round(seconds / STEP_S)):
        step_plant(plant, 1, STEP_S)
        readings.append(controller.oven_degc)
    return min(readings), max(readings)


@pytest.mark.parametrize("setpoint_degc", [50.0, 120.0, 200.0])
def test_the_oven_settles_at_its_set_point(setpoint_degc):
    plant, controller = start(setpoint_degc=setpoint_degc)
    run(plant, 1500)

    low, high = lowest_and_highest(plant, controller, 100)

    assert low == pytest.approx(setpoint_degc, abs=0.5)
    assert high == pytest.approx(setpoint_degc, abs=0.5)
    assert controller.output_pct == pytest.approx(100 * (setpoint_degc - 20) / 300, abs=6.0)


def test_without_an_integral_part_an_offset_stays():
    plant, controller = start(setpoint_degc=100.0, integral_time_s=0.0, derivative_time_s=0.0, sigma_k=0.0)

    run(plant, 2000)

    gain = 3.0 * 100.0 / 30.0  # kelvin of the oven per kelvin of deviation
    assert controller.process_degc == pytest.approx(20 + gain * 80 / (1 + gain), abs=0.2)


def test_the_working_set_point_follows_the_ramp_and_its_limits():
    plant, controller = start(setpoint_degc=250.0, setpoint_rate_k_per_min=60.0, setpoint_high_degc=100.0)

    run(plant, 30)
    halfway = (controller.working_setpoint_degc, controller.status_word & 0x840)
    run(plant, 60)

    assert halfway == (pytest.approx(50.0), 0x840)
    assert (controller.working_setpoint_degc, controller.status_word & 0x840) == (pytest.approx(100.0), 0x800)


def test_the_output_does_not_jump_from_manual_to_automatic():
    plant, controller = start(setpoint_degc=100.0, is_manual=1, manual_output_pct=40.0, sigma_k=0.0)
    run(plant, 200)
    manual_pct = controller.output_pct
    controller.is_manual = 0

    run(plant, 0.1)

    assert manual_pct == 40.0
    assert controller.output_pct == pytest.approx(40.0, abs=1.0)


def test_the_output_stays_between_its_limits():
    plant, controller = start(setpoint_degc=300.0, output_high_pct=30.0, output_low_pct=5.0)
    run(plant, 1)
    heating_pct = controller.output_pct
    controller.setpoint_degc = 0.0
    run(plant, 50)

    assert (heating_pct, controller.output_pct) == (30.0, 5.0)


# type, limit, temperatures at which it is off, on, still on (hysteresis 5 K), off again
ALARM_ROWS = [
    ("high", 1, 100.0, [99.0, 101.0, 96.0, 94.0]),
    ("low", 2, 50.0, [51.0, 49.0, 54.0, 56.0]),
    ("deviation high", 3, 10.0, [89.0, 91.0, 86.0, 84.0]),
    ("deviation low", 4, 10.0, [71.0, 69.0, 74.0, 76.0]),
    ("deviation band", 5, 10.0, [89.0, 69.0, 86.0, 84.0]),
]


@pytest.mark.parametrize(("kind", "limit_k", "readings"), [r[1:] for r in ALARM_ROWS], ids=[r[0] for r in ALARM_ROWS])
def test_an_alarm_comes_at_its_limit_and_goes_behind_its_hysteresis(kind, limit_k, readings):
    plant, controller = start(
        setpoint_degc=80.0, alarm_1_type=kind, alarm_1_k=limit_k, alarm_1_hysteresis_k=5.0, sigma_k=0.0
    )
    seen = []

    for degc in readings:
        controller.oven_degc = controller.sensor_degc = degc
        run(plant, 0.1)
        seen.append((controller.is_alarm_1, controller.status_word & 1))

    assert seen == [(False, 0), (True, 1), (True, 1), (False, 0)]


def test_a_latched_alarm_waits_for_its_acknowledgement():
    plant, controller = start(are_alarms_latched=1, alarm_1_k=100.0, sigma_k=0.0)
    seen = []
    for degc, command in ((110.0, 0), (110.0, 1), (50.0, 0), (50.0, 1)):
        controller.oven_degc = controller.sensor_degc = degc
        controller.acknowledge_command = command
        run(plant, 0.1)
        seen.append((controller.is_alarm_1, controller.acknowledge_command))

    assert seen == [(True, 0), (True, 0), (True, 0), (False, 0)]


def test_autotuning_ends_with_parameters_that_hold_the_oven():
    plant, controller = start(setpoint_degc=120.0, proportional_band_k=999.0, integral_time_s=9999.0, tune_command=1)
    run(plant, 10)
    during = (controller.tune_command, controller.status_word & 0x400, controller.output_pct)
    run(plant, 590)
    band_k, integral_s, derivative_s = (
        controller.proportional_band_k,
        controller.integral_time_s,
        controller.derivative_time_s,
    )
    ended = controller.tune_command
    run(plant, 300)

    low, high = lowest_and_highest(plant, controller, 100)

    assert during == (1, 0x400, 100.0)
    assert ended == 0
    assert derivative_s == pytest.approx(0.24 * integral_s)
    assert 0.1 < band_k < 100.0
    assert (low, high) == (pytest.approx(120.0, abs=1.0), pytest.approx(120.0, abs=1.0))


def test_a_broken_sensor_switches_the_heater_off_and_ends_autotuning():
    plant, controller = start(setpoint_degc=100.0, tune_command=1)
    run(plant, 10)
    controller.sensor_broken = True

    run(plant, 1)

    assert (controller.output_pct, controller.process_degc, controller.tune_command) == (0.0, 999.9, 0)
    assert controller.status_word & 0x420 == 0x20


@pytest.mark.parametrize(("fault", "rises"), [("heater_failed", False), ("heater_stuck_on", True)])
def test_a_failed_heater_is_seen_at_the_temperature(fault, rises):
    plant, controller = start(setpoint_degc=100.0)
    run(plant, 600)
    setattr(controller, fault, True)
    run(plant, 60)

    assert (controller.process_degc > 105.0) is rises
    assert (controller.process_degc < 95.0) is not rises
