"""Analog transmitters: 4-20 mA with NE 43, lag, noise, and each of their faults."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given, settings
from hypothesis.strategies import floats
from small_plants import STEP_S, start_plant, step_plant

from emulators.signals import EngineeringRange, RawSpan, count_from_current, current_from_engineering
from emulators.signals.scaling import limit_to_measurement

QUIET = {"sigma_pct": 0.0, "time_constant_s": 0.0}


def start_level(values=None, level_m=1.0, seed=0):
    return start_plant({"LT": ("level_transmitter", {**QUIET, "level_m": level_m, **(values or {})})}, seed=seed)


# id, level in m of 0..2 m, current in mA, count, failed
NE43_ROWS = [
    ("low_end", 0.0, 4.0, 0, False),
    ("middle", 1.0, 12.0, 13824, False),
    ("high_end", 2.0, 20.0, 27648, False),
    ("below_range", -0.02, 3.84, -276, False),
    ("limited_low", -0.5, 3.8, -346, False),
    ("limited_high", 5.0, 20.5, 28512, False),
]


@pytest.mark.parametrize(
    ("level", "current", "count", "failed"), [r[1:] for r in NE43_ROWS], ids=[r[0] for r in NE43_ROWS]
)
def test_level_becomes_current_and_count(level, current, count, failed):
    plant = start_level(level_m=level)

    step_plant(plant)

    part = plant["LT"]
    assert (part.current_ma, part.raw_count, part.is_failed) == (pytest.approx(current), count, failed)


@pytest.mark.parametrize(
    ("fault", "current", "count"), [("open_circuit", 0.0, -6912), ("short_circuit", 22.8, 32486)], ids=["open", "short"]
)
def test_broken_loop_reports_failure(fault, current, count):
    plant = start_level({fault: True})

    step_plant(plant)

    part = plant["LT"]
    assert (part.current_ma, part.raw_count, part.is_failed) == (current, count, True)


@settings(max_examples=60, derandomize=True, deadline=None)
@given(level=floats(-1.0, 4.0))
def test_count_is_that_of_the_scaling_chain(level):
    plant = start_level(level_m=level)
    step_plant(plant)

    current = limit_to_measurement(current_from_engineering(level, EngineeringRange(0.0, 2.0)))

    assert abs(plant["LT"].raw_count - count_from_current(current, RawSpan(0, 27648))) <= 1


def test_lag_covers_63_percent_in_one_time_constant():
    plant = start_level({"time_constant_s": 0.5}, level_m=0.0)
    step_plant(plant)

    plant["LT"].level_m = 2.0
    step_plant(plant, 50)

    assert plant["LT"].reading_pct == pytest.approx(100.0 * (1.0 - math.exp(-1.0)))


def test_first_reading_is_the_true_value():
    plant = start_level({"time_constant_s": 10.0}, level_m=1.3)

    step_plant(plant)

    assert plant["LT"].reading == pytest.approx(1.3)


def test_noise_has_the_stated_deviation_and_no_bias():
    plant = start_level({"sigma_pct": 0.5}, seed=11)
    readings = []
    for _ in range(3000):
        plant.sense(STEP_S)
        readings.append(plant["LT"].reading_pct)

    assert statistics.mean(readings) == pytest.approx(50.0, abs=0.05)
    assert statistics.stdev(readings) == pytest.approx(0.5, rel=0.1)


# fault, value, reading in % of the span after 60 s at 50 %
FAULT_ROWS = [("bias_pct", 10.0, 60.0), ("scale_pct", -20.0, 40.0), ("drift_pct_per_min", 6.0, 56.0)]


@pytest.mark.parametrize(("fault", "size", "reading"), FAULT_ROWS, ids=[row[0] for row in FAULT_ROWS])
def test_fault_moves_the_reading_and_goes_away(fault, size, reading):
    plant = start_level()
    setattr(plant["LT"], fault, size)
    for _ in range(6000):
        plant.sense(STEP_S)
    moved = plant["LT"].reading_pct

    setattr(plant["LT"], fault, 0.0)
    plant.sense(STEP_S)

    assert moved == pytest.approx(reading, abs=0.01)
    assert plant["LT"].reading_pct == pytest.approx(50.0)


def test_stuck_transmitter_keeps_its_reading_and_follows_again():
    plant = start_level()
    step_plant(plant)
    plant["LT"].stuck = True
    plant["LT"].level_m = 1.8
    step_plant(plant, 100)
    kept = plant["LT"].raw_count

    plant["LT"].stuck = False
    step_plant(plant)

    assert (kept, plant["LT"].raw_count) == (13824, round(0.9 * 27648))


def test_spikes_hit_single_samples():
    plant = start_level({"spike_pct": 30.0})
    hits = 0
    for _ in range(6000):
        plant.sense(STEP_S)
        hits += plant["LT"].reading_pct > 70.0

    assert 10 <= hits <= 60


def test_noise_fault_adds_to_the_noise():
    plant = start_level({"noise_pct": 5.0})
    readings = []
    for _ in range(2000):
        plant.sense(STEP_S)
        readings.append(plant["LT"].reading_pct)

    assert statistics.stdev(readings) == pytest.approx(5.0, rel=0.1)


# component, input, value, reading
KIND_ROWS = [
    ("temperature_transmitter", "temperature_degc", 60.0, 60.0),
    ("flow_transmitter", "flow_m3_per_s", 10.0 / 3600.0, 10.0),
    ("pressure_transmitter", "pressure_bar", 2.5, 2.5),
    ("height_sensor", "height_mm", 150.0, 150.0),
]


@pytest.mark.parametrize(("component", "member", "size", "reading"), KIND_ROWS, ids=[row[0] for row in KIND_ROWS])
def test_each_transmitter_reads_what_it_measures(component, member, size, reading):
    plant = start_plant({"X": (component, {**QUIET, member: size})})

    step_plant(plant)

    assert plant["X"].reading == pytest.approx(reading)
