"""Valves and cylinders: strokes, limit switches, characteristics and faults."""

from __future__ import annotations

import pytest
from small_plants import start_plant, step_plant


def start_valve(component="on_off_valve", **values):
    plant = start_plant({"V": (component, values)})
    return plant, plant["V"]


def test_on_off_valve_opens_in_its_stroke_time():
    plant, valve = start_valve(open_command=True, stroke_time_s=2.0)

    step_plant(plant, 100)
    halfway = (valve.position_frac, valve.is_open, valve.is_closed)
    step_plant(plant, 100)

    assert halfway == (pytest.approx(0.5), False, False)
    assert (valve.opening_frac, valve.is_open, valve.is_closed) == (pytest.approx(1.0), True, False)


def test_valve_that_fails_open_opens_without_air():
    plant, valve = start_valve(fails_open=True, open_command=True)
    step_plant(plant, 200)
    closed = valve.is_closed

    valve.air_lost = True
    step_plant(plant, 210)

    assert (closed, valve.is_open) == (True, True)


# fault, value, (opening, is_open, is_closed) of an open valve 3 s after it is told to close
ON_OFF_FAULTS = [
    ("none", {}, (0.0, False, True)),
    ("stuck", {"stuck": True}, (1.0, True, False)),
    ("slow", {"slow_factor": 10.0}, (0.85, False, False)),
    ("leak", {"leak_frac": 0.1}, (0.1, False, True)),
    ("switch", {"closed_switch_lost": True}, (0.0, False, False)),
]


@pytest.mark.parametrize(("faults", "state"), [row[1:] for row in ON_OFF_FAULTS], ids=[row[0] for row in ON_OFF_FAULTS])
def test_fault_of_an_on_off_valve(faults, state):
    plant, valve = start_valve(open_command=True, position_frac=1.0)
    for name, value in faults.items():
        setattr(valve, name, value)

    valve.open_command = False
    step_plant(plant, 300)

    assert (pytest.approx(valve.opening_frac), valve.is_open, valve.is_closed) == state


# characteristic, position in %, share of Kvs (IEC 60534: rangeability 50)
CURVES = [
    (False, 0.0, 0.0),
    (False, 40.0, 0.4),
    (False, 100.0, 1.0),
    (True, 0.0, 0.0),
    (True, 50.0, 50.0**-0.5),
    (True, 100.0, 1.0),
]


@pytest.mark.parametrize(("equal_percentage", "position", "share"), CURVES)
def test_control_valve_follows_its_characteristic(equal_percentage, position, share):
    plant, valve = start_valve("control_valve", is_equal_percentage=equal_percentage, command_pct=position)

    step_plant(plant, 1100)

    assert valve.position_pct == pytest.approx(position)
    assert valve.opening_frac == pytest.approx(share)
    assert valve.flow_m3_per_h == pytest.approx(10.0 * share)


def test_flow_of_a_control_valve_grows_with_the_root_of_the_pressure():
    plant, valve = start_valve("control_valve", position_pct=100.0, command_pct=100.0, pressure_drop_bar=4.0)

    step_plant(plant)

    assert valve.flow_m3_per_h == pytest.approx(20.0)


def test_stiction_holds_the_stem_until_the_command_is_out_of_its_band():
    plant, valve = start_valve("control_valve", position_pct=50.0, stiction_pct=2.0, command_pct=51.5)
    step_plant(plant, 500)
    held = valve.position_pct

    valve.command_pct = 53.0
    step_plant(plant, 500)

    assert (held, valve.position_pct) == (50.0, 53.0)


def test_single_acting_cylinder_returns_by_its_spring():
    plant, cylinder = start_valve("cylinder", extend_command=True)
    step_plant(plant, 60)
    out = (cylinder.is_extended, cylinder.is_retracted)

    cylinder.extend_command = False
    step_plant(plant, 60)

    assert (out, (cylinder.is_extended, cylinder.is_retracted)) == ((True, False), (False, True))


def test_double_acting_cylinder_stays_without_command():
    plant, cylinder = start_valve("cylinder", is_double_acting=True, extend_command=True)
    step_plant(plant, 25)

    cylinder.extend_command = False
    step_plant(plant, 60)
    kept = cylinder.extension_frac
    cylinder.retract_command = True
    step_plant(plant, 60)

    assert (kept, cylinder.extension_frac) == (pytest.approx(0.5), 0.0)
