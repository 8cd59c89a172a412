"""The twin of the Coriolis flow meter: relations of its values, totals, cut-off, zero adjustment, faults."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import start_plant, step_plant

STEP_S = 0.1
QUIET = {"sigma_pct": 0.0, "damping_s": 0.0, "first_zero_kg_per_h": 0.0}


def start(**values):
    plant = start_plant({"X": ("flow_meter", {**QUIET, **values})}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


@given(flow=st.floats(-30000, 30000), density=st.floats(500, 2000))
@settings(max_examples=30, derandomize=True, deadline=None)
def test_mass_volume_density_and_velocity_belong_together(flow, density):
    plant, meter = start(true_kg_per_h=flow, true_kg_per_m3=density)

    run(plant, 0.2)

    assert meter.volume_m3_per_h * meter.density_kg_per_m3 == pytest.approx(meter.mass_kg_per_h)
    assert meter.velocity_m_per_s * 0.25 * math.pi * 0.025**2 * 3600 == pytest.approx(meter.volume_m3_per_h)
    assert meter.flow_pct == pytest.approx(100 * meter.mass_kg_per_h / 18000)


@given(flows=st.lists(st.floats(-20000, 20000), min_size=1, max_size=8))
@settings(max_examples=20, derandomize=True, deadline=None)
def test_totals_are_the_integral_of_what_is_shown(flows):
    plant, meter = start()
    mass_kg = forward_kg = volume_m3 = 0.0

    for flow in flows:
        meter.true_kg_per_h = flow
        for _ in range(10):
            run(plant, STEP_S)
            mass_kg += meter.mass_kg_per_h * STEP_S / 3600
            forward_kg += max(0.0, meter.mass_kg_per_h) * STEP_S / 3600
            volume_m3 += max(0.0, meter.volume_m3_per_h) * STEP_S / 3600

    assert meter.total_1_kg == pytest.approx(mass_kg, abs=1e-9)
    assert meter.total_2_m3 == pytest.approx(volume_m3, abs=1e-9)
    assert meter.counter_g + meter.rest_g == pytest.approx(1000 * forward_kg, abs=1e-6)


def test_the_cut_off_comes_at_its_limit_and_goes_above_it():
    plant, meter = start(cutoff_pct=1.0)
    seen = []
    for flow in (200.0, 179.0, 200.0, 269.0, 271.0, 181.0):
        meter.true_kg_per_h = flow
        run(plant, 0.1)
        seen.append((meter.mass_kg_per_h, meter.status_word & 2))

    assert seen == [(200.0, 0), (0.0, 2), (0.0, 2), (0.0, 2), (271.0, 0), (181.0, 0)]


def test_damping_shows_63_percent_after_its_time():
    plant, meter = start(damping_s=5.0, true_kg_per_h=10000.0)

    run(plant, 5)

    assert meter.mass_kg_per_h == pytest.approx(10000 * (1 - math.exp(-1)), rel=0.01)


# command, total 1 and total 2 become 0
RESETS = [(0, False, False), (1, True, False), (2, False, True), (4, True, True), (99, False, False)]


@pytest.mark.parametrize(("command", "first", "second"), RESETS)
def test_a_reset_clears_its_totals_and_never_the_counter(command, first, second):
    plant, meter = start(true_kg_per_h=18000.0)
    run(plant, 10)
    meter.true_kg_per_h = 0.0
    meter.command = command

    run(plant, 0.1)

    assert (meter.total_1_kg == 0.0, meter.total_2_m3 == 0.0) == (first, second)
    assert meter.counter_g + meter.rest_g == pytest.approx(50000)


def test_a_command_that_stands_acts_once():
    plant, meter = start(true_kg_per_h=18000.0, command=1)

    run(plant, 10)

    assert meter.total_1_kg == pytest.approx(50.0)


def test_a_zero_adjustment_at_rest_takes_the_zero_error_away():
    plant, meter = start(first_zero_kg_per_h=30.0, cutoff_pct=0.0, true_kg_per_h=0.0)
    run(plant, 1)
    wrong = meter.mass_kg_per_h
    meter.command = 3
    run(plant, 5)
    during = (meter.is_adjusting, meter.status_word & 32)
    run(plant, 6)

    assert (wrong, during) == (30.0, (True, 32))
    assert (meter.mass_kg_per_h, meter.zero_kg_per_h, meter.is_adjusting) == (
        pytest.approx(0.0),
        pytest.approx(30.0),
        False,
    )


def test_a_zero_adjustment_while_it_flows_spoils_the_meter():
    plant, meter = start(true_kg_per_h=3600.0, command=3)
    run(plant, 11)

    assert meter.mass_kg_per_h == 0.0


# what is wrong, bits of the status
STATES = [
    ({"true_kg_per_h": -6000.0}, 4),
    ({"true_kg_per_h": 20000.0}, 8),
    ({"is_partly_filled": True}, 1 + 16),
    ({"sensor_broken": True}, 1 + 64),
]


@pytest.mark.parametrize(("wrong", "bits"), STATES)
def test_each_state_has_its_bits(wrong, bits):
    plant, meter = start(cutoff_pct=0.0, **wrong)

    run(plant, 1)

    assert meter.status_word == bits


def test_a_broken_sensor_freezes_the_values_and_the_totals_follow_them():
    plant, meter = start(true_kg_per_h=3600.0)
    run(plant, 1)
    meter.sensor_broken = True
    meter.true_kg_per_h = 0.0
    run(plant, 9)

    assert meter.total_1_kg == pytest.approx(10.0)


def test_a_partly_filled_pipe_reads_a_low_density():
    plant, meter = start(is_partly_filled=True)

    run(plant, 1)

    assert meter.density_kg_per_m3 == pytest.approx(0.7 * 998.2, rel=0.01)


def test_a_span_error_shows_in_the_totals():
    plant, meter = start(true_kg_per_h=3600.0, span_error_pct=10.0)

    run(plant, 100)

    assert meter.total_1_kg == pytest.approx(110.0)
