"""The twin of the energy meter: laws of power, energy and demand, resets, wiring faults."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import start_plant, step_plant

STEP_S = 0.1


def start(**values):
    plant = start_plant({"X": ("energy_meter", values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


@given(
    load_kw=st.floats(-100, 100).filter(lambda load: abs(load) > 0.01),
    power_factor=st.floats(-1, 1).filter(lambda factor: abs(factor) >= 0.1),
    ct_primary_a=st.sampled_from([50.0, 100.0, 400.0]),
    is_reversed=st.booleans(),
    phase_1_lost=st.booleans(),
)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_readings_of_one_moment_belong_together(**values):
    plant, meter = start(**values)

    run(plant, 0.2)

    assert meter.apparent_va**2 == pytest.approx(meter.power_w**2 + meter.reactive_var**2)
    assert meter.power_w == pytest.approx(meter.factor * meter.apparent_va)
    assert meter.current_2_a * meter.voltage_2_v == pytest.approx(meter.apparent_2_va)
    assert meter.voltage_23_v == pytest.approx(math.sqrt(3) * meter.rated_voltage_v, rel=0.02)
    assert math.cos(math.radians(meter.angle_deg)) == pytest.approx(meter.factor)
    assert meter.neutral_a <= meter.current_sum_a


@given(loads=st.lists(st.floats(-90, 90), min_size=1, max_size=8))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_energy_is_the_integral_of_power_in_each_direction(loads):
    plant, meter = start(import_kwh=0.0)
    taken = given_back = 0.0

    for load_kw in loads:
        meter.load_kw = load_kw
        run(plant, 1)
        taken += max(0.0, load_kw) / 3600
        given_back += max(0.0, -load_kw) / 3600

    assert meter.import_kwh == pytest.approx(taken, abs=1e-12)
    assert meter.export_kwh == pytest.approx(given_back, abs=1e-12)
    assert meter.total_kwh == pytest.approx(taken + given_back)


def test_energies_of_the_phases_add_up():
    plant, meter = start(load_kw=36.0)
    before = meter.import_1_kwh + meter.import_2_kwh + meter.import_3_kwh

    run(plant, 100)

    assert meter.import_1_kwh + meter.import_2_kwh + meter.import_3_kwh - before == pytest.approx(1.0)


def test_a_reset_clears_what_it_names_and_the_command_itself():
    plant, meter = start(load_kw=36.0, demand_period_min=1.0)
    run(plant, 90)
    before = (meter.resettable_kwh, meter.max_demand_w, meter.import_kwh)
    meter.reset_command = 0
    run(plant, 0.1)
    after_demand = (meter.resettable_kwh > 0.9, meter.max_demand_w, meter.reset_command)
    meter.reset_command = 3
    run(plant, 0.1)

    assert before == (pytest.approx(0.9), pytest.approx(36000.0), pytest.approx(1235.4))
    assert after_demand == (True, 0.0, -1)
    assert meter.resettable_kwh == pytest.approx(0.001)
    assert meter.import_kwh > 1235.4


def test_demand_reaches_the_load_after_a_period_and_never_before():
    plant, meter = start(load_kw=10.0, demand_period_min=1.0)

    run(plant, 30)
    halfway_w = meter.demand_w
    run(plant, 30)
    meter_full_w = meter.demand_w
    meter.load_kw = 0.0
    run(plant, 60)

    assert halfway_w == pytest.approx(5000.0)
    assert meter_full_w == pytest.approx(10000.0)
    assert (meter.demand_w, meter.max_demand_w) == (pytest.approx(0.0), pytest.approx(10000.0))


def test_a_wrong_transformer_ratio_shows_in_currents_and_powers():
    plant, meter = start(load_kw=10.0, ct_primary_a=200.0, transformer_a=100.0)

    run(plant, 0.1)

    assert meter.power_w == pytest.approx(20000.0)


def test_a_leading_load_has_negative_reactive_power_and_counts_as_capacitive():
    plant, meter = start(load_kw=10.0, power_factor=-0.8)

    run(plant, 36)

    assert meter.reactive_var == pytest.approx(-7500.0)
    assert (meter.import_kvarh, meter.export_kvarh) == (0.0, pytest.approx(0.075))


def test_a_lost_phase_takes_its_power_along():
    plant, meter = start(load_kw=10.0, phase_1_lost=True)

    run(plant, 0.1)

    assert (meter.voltage_1_v, meter.current_1_a, meter.power_w) == (0.0, 0.0, pytest.approx(6000.0))


def test_a_stuck_meter_counts_nothing():
    plant, meter = start(load_kw=36.0)
    run(plant, 1)
    before = (meter.import_kwh, meter.voltage_1_v)
    meter.stuck = True
    run(plant, 10)

    assert (meter.import_kwh, meter.voltage_1_v) == before
