"""Motors and pumps: contactor, run-up, overload relay, curve of the pump, dry run."""

from __future__ import annotations

import pytest
from small_plants import start_plant, step_plant


def start_drive(component, **values):
    plant = start_plant({"M": (component, values)})
    return plant, plant["M"]


def test_contactor_feedback_comes_after_its_delay_and_speed_after_the_run_up():
    plant, motor = start_drive("dol_motor", run_command=True, contactor_delay_s=0.05, start_time_s=1.0)
    step_plant(plant, 5)
    early = motor.is_running
    step_plant(plant, 2)
    then = motor.is_running
    step_plant(plant, 105)

    assert (early, then, motor.speed_frac, motor.start_count) == (False, True, 1.0, 1)


def test_current_falls_from_six_times_rated_to_rated():
    plant, motor = start_drive("dol_motor", run_command=True)
    step_plant(plant, 10)
    inrush = motor.current_a
    step_plant(plant, 200)

    assert inrush > 55.0
    assert motor.current_a == pytest.approx(10.0)


def test_locked_rotor_trips_in_the_trip_time():
    plant, motor = start_drive("dol_motor", run_command=True, rotor_locked=True, trip_time_s=10.0)

    step_plant(plant, 950)
    before = motor.is_tripped
    step_plant(plant, 110)

    assert (before, motor.is_tripped, motor.is_running) == (False, True, False)


def test_trip_fault_stops_the_motor_until_it_is_over():
    plant, motor = start_drive("dol_motor", run_command=True)
    step_plant(plant, 200)
    motor.trip = True
    step_plant(plant, 300)
    tripped = (motor.is_tripped, motor.is_running, motor.speed_frac)

    motor.trip = False
    step_plant(plant, 300)

    assert tripped == (True, False, 0.0)
    assert (motor.is_tripped, motor.is_running) == (False, True)


def test_relay_without_automatic_reset_waits_for_the_button():
    plant, motor = start_drive("dol_motor", run_command=True, auto_reset=False, trip=True)
    step_plant(plant, 10)
    motor.trip = False
    step_plant(plant, 100)
    waiting = motor.is_tripped

    motor.reset = True
    step_plant(plant, 2)

    assert (waiting, motor.is_tripped) == (True, False)


def test_power_failure_drops_the_contactor_and_it_pulls_in_again():
    wires = {"M.power_on": "G.is_on"}
    plant = start_plant({"G": ("power_supply", {}), "M": ("dol_motor", {"run_command": True})}, wires)
    step_plant(plant, 200)
    plant["G"].power_failure = True
    step_plant(plant, 10)
    without = plant["M"].is_running

    plant["G"].power_failure = False
    step_plant(plant, 20)

    assert (without, plant["M"].is_running, plant["G"].failure_count) == (False, True, 1)


def test_running_hours_count_while_the_motor_runs():
    plant, motor = start_drive("dol_motor", run_command=True, contactor_delay_s=0.0)

    step_plant(plant, 3600)

    assert motor.run_time_h == pytest.approx(0.01, abs=1e-5)


def test_pump_works_where_its_curve_meets_the_line():
    plant, pump = start_drive("pump", run_command=True, suction_level_m=1.0, static_head_m=6.0, line_loss_m=7.0)

    step_plant(plant, 300)

    ratio = pump.flow_m3_per_h / 10.0
    assert 20.0 - 8.0 * ratio**2 == pytest.approx(5.0 + 7.0 * ratio**2)
    assert pump.discharge_pressure_bar == pytest.approx(0.0980665 * (20.0 - 8.0 * ratio**2))


def test_head_follows_the_square_of_the_speed():
    plant, pump = start_drive("pump", run_command=True, start_time_s=2.0, discharge_opening_frac=0.0)
    step_plant(plant, 5 + 101)
    half = pump.discharge_pressure_bar
    step_plant(plant, 200)

    assert half / pump.discharge_pressure_bar == pytest.approx(0.25, rel=0.03)


# faults or inputs of a running pump, flow in m3/h
PUMP_ROWS = [
    ("closed_line", {"discharge_opening_frac": 0.0}, 0.0),
    ("clogged", {"clog_frac": 1.0}, 0.0),
    ("dry", {"suction_level_m": 0.0}, 0.0),
    ("air", {"air_lock": True}, 0.0),
    ("too_high", {"static_head_m": 30.0}, 0.0),
]


@pytest.mark.parametrize(("values", "flow"), [row[1:] for row in PUMP_ROWS], ids=[row[0] for row in PUMP_ROWS])
def test_pump_gives_nothing(values, flow):
    plant, pump = start_drive("pump", run_command=True, **values)

    step_plant(plant, 300)

    assert pump.flow_m3_per_h == flow
    assert pump.is_running


def test_wear_lowers_the_flow():
    flows = []
    for wear in (0.0, 0.2, 0.4):
        plant, pump = start_drive("pump", run_command=True, wear_frac=wear)
        step_plant(plant, 300)
        flows.append(pump.flow_m3_per_h)

    assert flows == sorted(flows, reverse=True)
    assert len(set(flows)) == 3


def test_dry_run_is_timed_while_it_lasts():
    plant, pump = start_drive("pump", run_command=True, suction_level_m=0.01)
    step_plant(plant, 500)
    dry_s = pump.dry_run_s

    pump.suction_level_m = 1.0
    step_plant(plant)

    assert dry_s == pytest.approx(4.85, abs=0.05)
    assert (pump.dry_run_s, pump.is_dry) == (0.0, False)
