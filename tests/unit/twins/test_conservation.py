"""Mass and energy are conserved: what flows in is in the vessel, has flowed out, or was spilled."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import booleans, floats
from small_plants import STEP_S, start_plant, step_plant

STEPS = 200
FEW = settings(max_examples=15, derandomize=True, deadline=None)
FLOWS = floats(0.0, 0.05)


@FEW
@given(inflow=FLOWS, outflow=FLOWS, opening=floats(0.0, 1.0), leak=floats(0.0, 0.01), level=floats(0.5, 2.0))
def test_tank_keeps_the_mass_that_flows(inflow, outflow, opening, leak, level):
    values = {"inflow_m3_per_s": inflow, "outflow_m3_per_s": outflow, "outlet_opening_frac": opening}
    values |= {"leak_m3_per_s": leak, "level_m": level, "outlet_area_m2": 0.001, "area_m2": 2.0, "height_m": 2.0}
    plant = start_plant({"T": ("tank", values)})
    tank = plant["T"]
    balance = tank.volume_m3
    for _ in range(STEPS):
        before = tank.outlet_m3_per_s + tank.leaking_m3_per_s
        step_plant(plant)
        after = tank.outlet_m3_per_s + tank.leaking_m3_per_s
        balance += STEP_S * (inflow - outflow - 0.5 * (before + after))

    assert tank.volume_m3 + tank.spilled_m3 == pytest.approx(balance, abs=1e-5)


@FEW
@given(inflow=floats(0.0, 0.3), outflow=floats(0.0, 0.3), level=floats(1.0, 4.0))
def test_sump_keeps_the_mass_that_flows(inflow, outflow, level):
    values = {"inflow_m3_per_s": inflow, "outflow_m3_per_s": outflow, "level_m": level}
    plant = start_plant({"S": ("sump", values)})
    before = plant["S"].volume_m3

    step_plant(plant, STEPS)

    change = plant["S"].volume_m3 + plant["S"].spilled_m3 - before
    assert change == pytest.approx((inflow - outflow) * STEPS * STEP_S, abs=1e-9)


@FEW
@given(level=floats(0.2, 2.0), start=floats(5.0, 90.0), heating=floats(0.0, 500.0))
def test_tank_without_flow_keeps_the_heat_it_gets(level, start, heating):
    values = {"level_m": level, "temperature_degc": start, "heating_kw": heating, "heat_loss_kw_per_k": 0.0}
    plant = start_plant({"T": ("tank", values)})

    step_plant(plant, STEPS)

    warmed_kj = 4180.0 * plant["T"].volume_m3 * (plant["T"].temperature_degc - start)
    assert warmed_kj == pytest.approx(heating * STEPS * STEP_S, abs=1e-6)


@FEW
@given(first=floats(0.0, 0.1), warm=floats(0.0, 100.0), second=floats(1e-9, 0.1), cold=floats(0.0, 100.0))
def test_junction_keeps_mass_and_heat(first, warm, second, cold):
    values = {"first_m3_per_s": first, "first_temperature_degc": warm}
    values |= {"second_m3_per_s": second, "second_temperature_degc": cold}

    junction = start_plant({"J": ("junction", values)})["J"]

    heat = junction.flow_m3_per_s * junction.temperature_degc
    assert junction.flow_m3_per_s == first + second
    assert heat == pytest.approx(first * warm + second * cold, abs=1e-12)


@FEW
@given(flow=floats(0.0005, 0.02))
def test_water_that_enters_a_pipe_warm_leaves_it_one_volume_later(flow):
    values = {"flow_m3_per_s": flow, "inlet_temperature_degc": 80.0, "volume_m3": 0.01}
    plant = start_plant({"P": ("pipe", values)})
    steps = 0
    while plant["P"].outlet_temperature_degc < 50.0 and steps < 5000:
        step_plant(plant)
        steps += 1

    assert steps * STEP_S == pytest.approx(0.01 / flow, abs=0.03 + 0.02 / flow / 64)


@FEW
@given(is_on=booleans(), share=floats(0.0, 1.0))
def test_heater_gives_in_the_long_run_what_it_draws(is_on, share):
    plant = start_plant({"H": ("heater", {"run_command": is_on, "power_frac": share, "time_constant_s": 0.1})})

    step_plant(plant, STEPS)

    assert plant["H"].heating_kw == pytest.approx(plant["H"].power_kw, abs=1e-6)


def test_tank_full_to_the_rim_spills_the_inflow():
    plant = start_plant({"T": ("tank", {"level_m": 2.0, "inflow_m3_per_s": 0.01})})

    step_plant(plant, 100)

    assert plant["T"].is_overflowing
    assert plant["T"].spilled_m3 == pytest.approx(0.01)
    assert plant["T"].level_m == 2.0


def test_empty_tank_stays_empty_when_more_is_drawn_than_flows_in():
    plant = start_plant({"T": ("tank", {"outflow_m3_per_s": 0.01, "inflow_m3_per_s": 0.001})})

    step_plant(plant, 300)

    assert plant["T"].level_m == pytest.approx(0.0, abs=1e-3)


def test_communicating_tanks_settle_at_one_level():
    line = {"kv_m3_per_h": 200.0, "has_check_valve": False}
    wires = {
        "L.inlet_level_m": "A.level_m",
        "L.outlet_level_m": "B.level_m",
        "A.outflow_m3_per_s": "L.flow_m3_per_s",
        "B.inflow_m3_per_s": "L.flow_m3_per_s",
    }
    plant = start_plant(
        {"A": ("tank", {"level_m": 1.5}), "B": ("tank", {"level_m": 0.5}), "L": ("gravity_line", line)}, wires
    )

    step_plant(plant, 2500)

    assert plant["A"].level_m == pytest.approx(1.0, abs=0.01)
    assert plant["A"].volume_m3 + plant["B"].volume_m3 == pytest.approx(1.0, abs=1e-9)
