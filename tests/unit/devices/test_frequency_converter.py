"""The twin of the frequency converter: state by command as in CiA 402, ramps, faults and their reset, link watching."""

import pytest
from small_plants import start_plant, step_plant

STEP_S = 0.02
NOT_READY, DISABLED, READY, ON, ENABLED, QUICK_STOP, REACTION, FAULT = range(8)
SHUTDOWN, SWITCH_ON, ENABLE, NO_VOLTAGE, QUICK, HALT, RESET = 0x06, 0x07, 0x0F, 0x00, 0x02, 0x10F, 0x80
PATHS = {
    DISABLED: [],
    READY: [SHUTDOWN],
    ON: [SHUTDOWN, SWITCH_ON],
    ENABLED: [SHUTDOWN, SWITCH_ON, ENABLE],
    QUICK_STOP: [SHUTDOWN, SWITCH_ON, ENABLE, QUICK],
}


def start(**values):
    plant = start_plant({"X": ("frequency_converter", {"self_test_s": 0.0, **values})}, step_s=STEP_S)
    step_plant(plant, 1, STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


def drive_in(state, **values):
    """Return a drive in a state of the power stage, its motor at 1500 rpm where it has been enabled."""
    plant, drive = start(target_rpm=1500.0, acceleration_s=0.5, quick_stop_option=6, **values)
    for word in PATHS[state]:
        drive.control_word = word
        run(plant, 1.0 if word == ENABLE else STEP_S)
    assert drive.drive_state == state
    return plant, drive


# state, command, state after one step: IEC 61800-7-201, table of commands and transitions
TRANSITIONS = [
    (DISABLED, SHUTDOWN, READY),
    (DISABLED, SWITCH_ON, DISABLED),
    (DISABLED, ENABLE, DISABLED),
    (DISABLED, NO_VOLTAGE, DISABLED),
    (DISABLED, QUICK, DISABLED),
    (DISABLED, RESET, DISABLED),
    (READY, SHUTDOWN, READY),
    (READY, SWITCH_ON, ON),
    (READY, ENABLE, ON),
    (READY, NO_VOLTAGE, DISABLED),
    (READY, QUICK, DISABLED),
    (ON, SHUTDOWN, READY),
    (ON, SWITCH_ON, ON),
    (ON, ENABLE, ENABLED),
    (ON, NO_VOLTAGE, DISABLED),
    (ON, QUICK, DISABLED),
    (ENABLED, SHUTDOWN, READY),
    (ENABLED, SWITCH_ON, ON),
    (ENABLED, ENABLE, ENABLED),
    (ENABLED, HALT, ENABLED),
    (ENABLED, NO_VOLTAGE, DISABLED),
    (ENABLED, QUICK, QUICK_STOP),
    (QUICK_STOP, SHUTDOWN, QUICK_STOP),
    (QUICK_STOP, SWITCH_ON, QUICK_STOP),
    (QUICK_STOP, ENABLE, ENABLED),
    (QUICK_STOP, NO_VOLTAGE, DISABLED),
    (QUICK_STOP, QUICK, QUICK_STOP),
]
NAMES = ("not ready", "disabled", "ready", "on", "enabled", "quick stop", "reaction", "fault")
IDS = [f"{NAMES[state]} and {command:#x}" for state, command, _ in TRANSITIONS]


@pytest.mark.parametrize(("state", "command", "after"), TRANSITIONS, ids=IDS)
def test_each_state_answers_each_command_as_the_profile_says(state, command, after):
    plant, drive = drive_in(state)
    drive.control_word = command

    run(plant, STEP_S)

    assert drive.drive_state == after


# status word under the mask 0x6F of the profile, by state
STATUS = {DISABLED: 0x40, READY: 0x21, ON: 0x23, ENABLED: 0x27, QUICK_STOP: 0x07}


@pytest.mark.parametrize("state", STATUS, ids=[NAMES[state] for state in STATUS])
def test_the_status_word_tells_the_state(state):
    _, drive = drive_in(state)

    assert drive.status_word & 0x6F == STATUS[state]
    assert drive.status_word & 0x210 == 0x210


def test_it_is_not_ready_until_its_self_test_is_over():
    plant, drive = start(self_test_s=0.5, control_word=SHUTDOWN)
    run(plant, 0.2)
    testing = (drive.drive_state, drive.status_word & 0x6F)
    run(plant, 0.5)

    assert testing == (NOT_READY, 0)
    assert drive.drive_state == READY


def test_one_command_passes_through_the_states_one_by_one():
    plant, drive = drive_in(READY)
    drive.control_word = ENABLE
    seen = []
    for _ in range(3):
        run(plant, STEP_S)
        seen.append(drive.drive_state)

    assert seen == [ON, ENABLED, ENABLED]


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_an_enabled_drive_ramps_to_its_target_and_says_so(direction):
    plant, drive = drive_in(ON)
    drive.target_rpm, drive.acceleration_s, drive.control_word = 1500.0 * direction, 3.0, ENABLE
    run(plant, STEP_S)
    start_rpm = drive.speed_rpm
    run(plant, 1.5)
    halfway = (drive.speed_rpm - start_rpm, drive.status_word & 0x400)
    run(plant, 1.6)

    assert halfway == (pytest.approx(750.0 * direction), 0)
    assert drive.speed_rpm == 1500.0 * direction
    assert drive.frequency_hz == pytest.approx(50.0 * direction)
    assert drive.status_word == 0x637


def test_a_target_outside_the_limits_is_limited_and_told():
    plant, drive = drive_in(ENABLED, high_rpm=2000.0)
    drive.target_rpm = 2500.0
    run(plant, 2)

    assert (drive.speed_rpm, drive.status_word & 0xC00) == (2000.0, 0xC00)


def test_halt_stops_on_the_ramp_and_keeps_the_power_stage_on():
    plant, drive = drive_in(ENABLED, deceleration_s=2.0)
    drive.control_word = HALT
    run(plant, 1.0)
    braking_rpm = drive.speed_rpm
    run(plant, 1.1)

    assert braking_rpm == pytest.approx(750.0)
    assert (drive.speed_rpm, drive.drive_state, drive.status_word & 0x400) == (0.0, ENABLED, 0x400)


# option, seconds until standstill, state afterwards
QUICK_STOPS = [(1, 2.0, DISABLED), (2, 0.4, DISABLED), (5, 2.0, QUICK_STOP), (6, 0.4, QUICK_STOP)]


@pytest.mark.parametrize(("option", "seconds", "after"), QUICK_STOPS)
def test_a_quick_stop_follows_its_option(option, seconds, after):
    plant, drive = drive_in(ENABLED, deceleration_s=2.0, quick_stop_s=0.4)
    drive.quick_stop_option = option
    drive.control_word = QUICK
    run(plant, seconds - 2 * STEP_S)
    before = (drive.drive_state, drive.speed_rpm > 0.0)
    run(plant, 4 * STEP_S)

    assert before == (QUICK_STOP, True)
    assert (drive.drive_state, drive.speed_rpm) == (after, 0.0)


def test_without_its_power_stage_the_motor_coasts_without_current():
    plant, drive = drive_in(ENABLED, coasting_s=10.0)
    drive.control_word = NO_VOLTAGE
    run(plant, 5.0)

    assert (drive.speed_rpm, drive.current_a, drive.frequency_hz) == (pytest.approx(750.0), 0.0, 0.0)


# reaction, seconds until the drive is in the fault state
@pytest.mark.parametrize(("reaction", "seconds"), [(0, STEP_S), (1, 2.0), (2, 0.4)], ids=["coast", "ramp", "quick"])
def test_a_fault_goes_through_its_reaction(reaction, seconds):
    plant, drive = drive_in(ENABLED, fault_reaction=reaction, deceleration_s=2.0, quick_stop_s=0.4)
    drive.overcurrent = True
    run(plant, STEP_S)
    reacting = (drive.drive_state, drive.status_word & 0x6F, drive.error_code)
    run(plant, seconds + STEP_S)

    assert reacting == (REACTION, 0x0F, 0x2310)
    assert (drive.drive_state, drive.status_word & 0x4F) == (FAULT, 0x08)


def faulty_drive():
    plant, drive = drive_in(ENABLED)
    drive.overtemperature = True
    run(plant, 0.1)
    return plant, drive


def test_a_fault_is_reset_by_a_rising_edge_once_its_cause_has_gone():
    plant, drive = faulty_drive()
    seen = []
    for word, is_hot in ((RESET, True), (RESET, False), (0, False), (RESET, False)):
        drive.control_word, drive.overtemperature = word, is_hot
        run(plant, STEP_S)
        seen.append((drive.drive_state, drive.error_code))

    assert seen == [(FAULT, 0x4210), (FAULT, 0x4210), (FAULT, 0x4210), (DISABLED, 0)]
    assert drive.last_error == 0x4210


@pytest.mark.parametrize("word", [0x00, SHUTDOWN, SWITCH_ON, ENABLE, QUICK])
def test_no_other_command_leaves_the_fault_state(word):
    plant, drive = faulty_drive()
    drive.overtemperature, drive.control_word = False, word

    run(plant, 0.2)

    assert drive.drive_state == FAULT


def test_a_silent_link_stops_the_drive_and_a_talking_one_does_not():
    plant, drive = drive_in(ENABLED, link_timeout_s=0.5)
    unwatched = drive.drive_state
    for sign in range(1, 10):
        drive.life_sign = sign
        run(plant, 0.4)
    talking = drive.drive_state
    run(plant, 0.4)

    assert (unwatched, talking) == (ENABLED, ENABLED)
    assert (drive.drive_state, drive.error_code) == (FAULT, 0x7500)


def test_mains_failure_discharges_the_link_and_trips():
    plant, drive = drive_in(ENABLED, load_pct=100.0)
    drive.mains_lost = True
    run(plant, 0.06)
    riding_through = (drive.drive_state, drive.dc_link_v < 565.0)
    run(plant, 1.0)

    assert riding_through == (ENABLED, True)
    assert (drive.error_code, drive.drive_state, drive.status_word & 0x10) == (0x3220, FAULT, 0)


def test_braking_too_fast_lifts_the_link_over_its_limit():
    plant, drive = drive_in(ENABLED, load_pct=0.0, run_up_s=1.0, deceleration_s=0.2)
    drive.target_rpm = 0.0
    run(plant, 0.3)

    assert drive.error_code == 0x3210


def test_power_is_torque_times_speed_and_energy_its_integral():
    plant, drive = drive_in(ENABLED, load_pct=50.0)
    before_kwh = drive.energy_kwh
    run(plant, 36)

    assert drive.torque_pct == pytest.approx(50.0)
    assert drive.power_kw == pytest.approx(1.5)
    assert drive.energy_kwh - before_kwh == pytest.approx(0.015)


def test_rated_load_takes_rated_current_and_an_overload_trips_the_motor_protection():
    plant, drive = drive_in(ENABLED, load_pct=100.0, heating_s=10.0)
    run(plant, 60)
    rated = (drive.current_a, drive.motor_heat_pct, drive.status_word & 0x80)
    drive.load_pct = 125.0
    run(plant, 13)
    warned = drive.status_word & 0x88
    run(plant, 60)

    assert rated == (pytest.approx(8.0, rel=0.01), pytest.approx(100.0, rel=0.02), 0)
    assert warned == 0x80
    assert drive.error_code == 0x2350


def test_a_blocked_shaft_takes_twice_the_torque():
    _, drive = drive_in(ENABLED, shaft_blocked=True)

    assert (drive.speed_rpm, drive.torque_pct) == (0.0, 200.0)
    assert drive.current_a > 15.0


@pytest.mark.parametrize("state", [READY, ON, ENABLED, QUICK_STOP], ids=["ready", "on", "enabled", "quick stop"])
def test_safe_torque_off_switches_the_power_stage_off_from_every_state(state):
    plant, drive = drive_in(state)
    drive.torque_enabled = False

    run(plant, STEP_S)

    assert (drive.drive_state, drive.current_a, drive.torque_pct) == (DISABLED, 0.0, 0.0)


def test_safe_torque_off_ends_the_fault_reaction():
    plant, drive = drive_in(ENABLED, fault_reaction=1)
    drive.overcurrent = True
    run(plant, 0.1)
    drive.torque_enabled = False
    run(plant, STEP_S)

    assert (drive.drive_state, drive.torque_pct) == (FAULT, 0.0)
