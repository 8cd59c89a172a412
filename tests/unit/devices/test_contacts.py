"""Sensors with a contact, operator elements, supply."""

from __future__ import annotations

import pytest
from small_plants import start_plant, step_plant


def start_part(component, **values):
    plant = start_plant({"S": (component, values)})
    step_plant(plant)
    return plant, plant["S"]


def test_level_switch_has_a_hysteresis():
    plant, switch = start_part("level_switch", switch_level_m=1.0, hysteresis_m=0.1)
    seen = []
    for level in (0.95, 1.0, 0.95, 0.89, 0.95):
        switch.level_m = level
        step_plant(plant)
        seen.append(switch.is_active)

    assert seen == [False, True, True, False, False]


def test_low_level_switch_is_active_below():
    _, switch = start_part("level_switch", switch_level_m=0.2, is_low_switch=True, level_m=0.1)

    assert switch.is_active


def test_change_shorter_than_the_delay_is_ignored():
    plant, eye = start_part("photo_eye", delay_s=0.05)
    eye.is_blocked = True
    step_plant(plant, 4)
    eye.is_blocked = False
    step_plant(plant, 20)
    short = eye.is_active

    eye.is_blocked = True
    step_plant(plant, 7)

    assert (short, eye.is_active) == (False, True)


# normally closed, fault, contact and is_active of a sensor that detects nothing
CONTACT_ROWS = [
    (False, {}, False, False),
    (True, {}, True, False),
    (False, {"open_circuit": True}, False, False),
    (True, {"open_circuit": True}, False, True),
    (False, {"short_circuit": True}, True, True),
    (True, {"short_circuit": True}, True, False),
]


@pytest.mark.parametrize(("closed", "faults", "contact", "active"), CONTACT_ROWS)
def test_broken_wire_of_a_normally_closed_contact_looks_active(closed, faults, contact, active):
    _, switch = start_part("level_switch", is_normally_closed=closed, **faults)

    assert (switch.contact, switch.is_active) == (contact, active)


@pytest.mark.parametrize(("fault", "active"), [("dirty", True), ("misaligned", False), ("stuck", False)])
def test_photo_eye_faults(fault, active):
    plant, eye = start_part("photo_eye", **{fault: True})
    eye.is_blocked = fault != "dirty"
    step_plant(plant, 5)

    assert eye.is_active is active


def test_thermostat_and_pressure_switch_are_active_above_their_limit():
    _, hot = start_part("temperature_switch", temperature_degc=95.0)
    _, high = start_part("pressure_switch", pressure_bar=4.9)

    assert (hot.is_active, high.is_active) == (True, False)


def test_push_button_is_pressed_while_the_finger_is_on_it():
    plant, button = start_part("push_button", pressed=True)
    down = button.is_pressed
    button.pressed = False
    step_plant(plant)

    assert (down, button.is_pressed) == (True, False)


def test_emergency_stop_latches_until_it_is_pulled():
    plant, stop = start_part("e_stop", pressed=True)
    stop.pressed = False
    step_plant(plant, 10)
    latched = (stop.contact, stop.is_pressed)
    stop.pulled = True
    step_plant(plant)

    assert (latched, (stop.contact, stop.is_pressed)) == ((False, True), (True, False))


def test_broken_wire_of_an_emergency_stop_looks_pressed():
    _, stop = start_part("e_stop", open_circuit=True)

    assert (stop.contact, stop.is_pressed) == (False, True)


def test_selector_closes_the_contact_of_its_position_only():
    _, selector = start_part("selector", last_position=2, wanted=2)

    contacts = [getattr(selector, f"is_position_{number}") for number in range(4)]

    assert contacts == [False, False, True, False]


def test_lamp_counts_how_often_it_was_lit():
    plant, lamp = start_part("lamp", command=True)
    for command in (False, True, True):
        lamp.command = command
        step_plant(plant)

    assert (lamp.is_lit, lamp.on_count) == (True, 2)


def test_supply_returns_after_its_delay():
    plant, supply = start_part("power_supply", return_delay_s=0.5, power_failure=True)
    supply.power_failure = False
    step_plant(plant, 45)
    early = supply.is_on
    step_plant(plant, 10)

    assert (early, supply.is_on) == (False, True)
