"""The twin of the weighing terminal: weights, rest, commands with their conditions, limits, alibi memory."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_plants import start_plant, step_plant

STEP_S = 0.05
ZERO, TARE, CLEAR_TARE, PRESET_TARE, STORE, RESTORE_ZERO = 1, 2, 3, 4, 5, 6
DONE, BUSY, MOTION, RANGE, UNKNOWN = 1, 2, 3, 4, 5


def start(**values):
    plant = start_plant({"X": ("weighing_terminal", values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


def command(plant, scale, code, seconds=0.1):
    scale.command = 0
    run(plant, STEP_S)
    scale.command = code
    run(plant, seconds)
    return scale.answer


def loaded(load_kg, **values):
    """Return a scale that has come to rest under a load."""
    plant, scale = start(load_kg=load_kg, **values)
    run(plant, 5)
    return plant, scale


@given(load_kg=st.floats(0, 1500), tare_kg=st.floats(1, 1400), division_kg=st.sampled_from([0.1, 0.2, 0.5, 1.0]))
@settings(max_examples=25, derandomize=True, deadline=None)
def test_gross_is_net_and_tare_in_whole_divisions(load_kg, tare_kg, division_kg):
    plant, scale = loaded(tare_kg, division_kg=division_kg, sigma_kg=0.0)
    command(plant, scale, TARE)
    scale.load_kg = load_kg
    run(plant, 6)

    assert scale.gross_kg == pytest.approx(scale.net_kg + scale.tare_kg)
    assert scale.gross_kg == pytest.approx(load_kg, abs=0.51 * division_kg)
    assert scale.gross_kg / division_kg == pytest.approx(round(scale.gross_kg / division_kg))
    assert scale.fine_kg == pytest.approx(load_kg, abs=0.06 * division_kg)


def test_a_changed_load_is_at_rest_only_after_it_has_settled():
    plant, scale = loaded(100.0)
    resting = scale.is_at_rest
    scale.load_kg = 500.0
    run(plant, 0.2)
    moving = (scale.is_at_rest, scale.flow_kg_per_s > 50.0)
    run(plant, 5)

    assert (resting, moving, scale.is_at_rest) == (True, (False, True), True)
    assert scale.gross_kg == 500.0


def test_slow_filling_is_motion_too():
    plant, scale = loaded(100.0, sigma_kg=0.0)
    for _ in range(100):
        scale.load_kg += 0.1
        run(plant, STEP_S)

    assert scale.is_at_rest is False
    assert scale.flow_kg_per_s == pytest.approx(2.0, rel=0.05)


def test_vibration_never_rests():
    plant, scale = loaded(100.0, vibration_kg=5.0)

    assert scale.is_at_rest is False
    assert command(plant, scale, TARE, seconds=4.0) == MOTION


def test_a_tare_waits_for_rest():
    plant, scale = start(load_kg=100.0)
    busy = command(plant, scale, TARE)
    before_kg = scale.tare_kg
    run(plant, 3)

    assert (busy, before_kg) == (BUSY, 0.0)
    assert (scale.answer, scale.tare_kg, scale.net_kg, scale.is_net) == (DONE, 100.0, 0.0, True)


# true load at rest, command, answer, tare, gross
COMMANDS = [
    ("tare", 100.0, TARE, DONE, 100.0, 100.0),
    ("tare of nothing", 0.0, TARE, RANGE, 0.0, 0.0),
    ("zero near zero", 20.0, ZERO, DONE, 0.0, 0.0),
    ("zero far from zero", 100.0, ZERO, RANGE, 0.0, 100.0),
    ("preset tare", 100.0, PRESET_TARE, DONE, 25.0, 100.0),
    ("clear tare", 100.0, CLEAR_TARE, DONE, 0.0, 100.0),
    ("unknown", 100.0, 99, UNKNOWN, 0.0, 100.0),
    ("tare when overloaded", 1600.0, TARE, RANGE, 0.0, 1600.0),
    ("preset tare when overloaded", 1600.0, PRESET_TARE, RANGE, 0.0, 1600.0),
    ("clear tare when overloaded", 1600.0, CLEAR_TARE, DONE, 0.0, 1600.0),
]


@pytest.mark.parametrize(
    ("load_kg", "code", "answer", "tare_kg", "gross_kg"), [r[1:] for r in COMMANDS], ids=[r[0] for r in COMMANDS]
)
def test_a_command_is_carried_out_or_says_why_not(load_kg, code, answer, tare_kg, gross_kg):
    plant, scale = loaded(load_kg, preset_tare_kg=25.0)

    given_answer = command(plant, scale, code)

    assert (given_answer, scale.answered_command) == (answer, code)
    assert (scale.tare_kg, scale.gross_kg) == (tare_kg, gross_kg)


def test_a_command_that_stands_acts_once():
    plant, scale = loaded(100.0)
    command(plant, scale, STORE)
    stored = scale.alibi_number
    run(plant, 5)

    assert scale.alibi_number == stored == 1043


def test_the_alibi_memory_keeps_the_net_weight_of_its_moment():
    plant, scale = loaded(100.0)
    command(plant, scale, TARE)
    scale.load_kg = 350.0
    run(plant, 5)
    command(plant, scale, STORE)
    scale.load_kg = 0.0
    run(plant, 5)

    assert (scale.alibi_kg, scale.net_kg) == (250.0, -100.0)


def test_zeroing_takes_a_drift_away_and_can_be_undone():
    plant, scale = loaded(0.0, drift_kg=10.0)
    drifted_kg = scale.gross_kg
    command(plant, scale, ZERO)
    zeroed = (scale.gross_kg, scale.is_zero)
    command(plant, scale, RESTORE_ZERO)

    assert (drifted_kg, zeroed, scale.gross_kg) == (10.0, (0.0, True), 10.0)


# true load, faults, bits 1, 2 and 7: overloaded, underloaded, valid
RANGES = [
    (1504.0, {}, 0x80),
    (1505.0, {}, 0x02),
    (0.0, {"drift_kg": -9.0}, 0x80),
    (0.0, {"drift_kg": -11.0}, 0x04),
    (500.0, {"cable_broken": True}, 0x04),
]


@pytest.mark.parametrize(("load_kg", "faults", "bits"), RANGES)
def test_a_weight_outside_the_range_is_invalid(load_kg, faults, bits):
    _, scale = loaded(load_kg, sigma_kg=0.0, **faults)

    assert scale.status_word & 0x86 == bits


def test_a_broken_load_cell_shows_three_quarters():
    _, scale = loaded(400.0, load_cell_broken=True)

    assert scale.gross_kg == 300.0


def test_a_limit_switches_with_its_hysteresis():
    plant, scale = loaded(0.0, limit_1_kg=100.0, limit_hysteresis_kg=10.0, sigma_kg=0.0)
    seen = []
    for load_kg in (99.0, 100.0, 91.0, 90.0, 99.0):
        scale.load_kg = load_kg
        run(plant, 5)
        seen.append(scale.is_limit_1)

    assert seen == [False, True, True, False, False]
