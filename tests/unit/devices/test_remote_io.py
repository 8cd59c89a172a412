"""The twin of the remote I/O coupler: channels, watchdog with its commands, safe states, diagnostics."""

import pytest
from small_plants import start_plant, step_plant

STEP_S = 0.01
OFF, RUNNING, EXPIRED = 0, 1, 2


def start(**values):
    plant = start_plant({"X": ("remote_io", values)}, step_s=STEP_S)
    return plant, plant["X"]


def run(plant, seconds):
    step_plant(plant, round(seconds / STEP_S), STEP_S)


def watched(**values):
    """Return a coupler whose watchdog of 1 s has just been triggered."""
    plant, coupler = start(watchdog_time_s=1.0, output_1=True, output_3=True, analog_output_1_ma=12.0, **values)
    coupler.watchdog_trigger = 1
    run(plant, 0.1)
    return plant, coupler


@pytest.mark.parametrize("channel", range(1, 9))
def test_each_output_switches_its_terminal_and_its_bit(channel):
    plant, coupler = start(**{f"output_{channel}": True})

    run(plant, 0.05)

    assert getattr(coupler, f"is_output_{channel}_on") is True
    assert coupler.output_word == 1 << (channel - 1)


# terminal of an input, the input, its bit
@pytest.mark.parametrize(
    ("terminal", "channel"), [(f"output_{n}", n) for n in range(1, 5)] + [(f"field_{n}", n) for n in range(5, 9)]
)
def test_each_input_follows_its_terminal_behind_its_filter(terminal, channel):
    plant, coupler = start(input_delay_s=0.05, **{terminal: True})
    run(plant, 0.04)
    before = coupler.input_word
    run(plant, 0.02)

    assert before == 0
    assert getattr(coupler, f"input_{channel}") is True
    assert coupler.input_word == 1 << (channel - 1)


def test_a_pulse_shorter_than_the_filter_is_not_seen_and_a_longer_one_counts():
    plant, coupler = start(input_delay_s=0.05)
    for seconds in (0.03, 0.1, 0.1):
        coupler.output_1 = True
        run(plant, seconds)
        coupler.output_1 = False
        run(plant, 0.1)

    assert coupler.pulse_count == 2


# safe mode, outputs and analog output 1 after the watchdog has expired
SAFE_STATES = [("off", 0, 0, 0.0), ("hold", 1, 0b101, 12.0), ("substitute", 2, 0b10000010, 6.5)]


@pytest.mark.parametrize(("mode", "word", "current_ma"), [r[1:] for r in SAFE_STATES], ids=[r[0] for r in SAFE_STATES])
def test_outputs_take_their_safe_state_when_the_watchdog_expires(mode, word, current_ma):
    plant, coupler = watched(safe_mode=mode, safe_word=0b10000010, safe_1_ma=6.5)
    alive = (coupler.output_word, coupler.terminal_1_ma, coupler.watchdog_state)
    run(plant, 1.0)

    assert alive == (0b101, 12.0, RUNNING)
    assert (coupler.output_word, coupler.terminal_1_ma) == (word, current_ma)
    assert (coupler.watchdog_state, coupler.expiry_count, coupler.error_code) == (EXPIRED, 1, 2)


def test_triggers_in_time_keep_the_outputs():
    plant, coupler = watched()

    for trigger in range(2, 12):
        run(plant, 0.9)
        coupler.watchdog_trigger = trigger

    assert (coupler.output_word, coupler.expiry_count) == (0b101, 0)


def test_the_same_trigger_again_does_not_keep_it_alive():
    plant, coupler = watched()

    for _ in range(11):
        coupler.watchdog_trigger = 1
        run(plant, 0.1)

    assert coupler.watchdog_state == EXPIRED


# mode, what is written after it has expired, state then
AFTER_EXPIRY = [
    ("standard, trigger", {"watchdog_mode": 0, "watchdog_trigger": 2}, EXPIRED),
    ("alternative, trigger", {"watchdog_mode": 1, "watchdog_trigger": 2}, RUNNING),
    ("restart", {"watchdog_restart": 1}, RUNNING),
    ("simple stop", {"simple_stop": 0x55AA}, OFF),
    ("simple stop, swapped", {"simple_stop": 0xAA55}, OFF),
    ("simple stop, wrong", {"simple_stop": 0x1234}, EXPIRED),
    ("time 0", {"watchdog_time_s": 0.0}, OFF),
]


@pytest.mark.parametrize(("writes", "state"), [row[1:] for row in AFTER_EXPIRY], ids=[row[0] for row in AFTER_EXPIRY])
def test_an_expired_watchdog_obeys_its_commands(writes, state):
    plant, coupler = watched()
    run(plant, 1.2)
    for name, value in writes.items():
        setattr(coupler, name, value)

    run(plant, 0.02)

    assert coupler.watchdog_state == state
    assert coupler.output_word == (0 if state == EXPIRED else 0b101)
    assert (coupler.watchdog_restart, coupler.simple_stop) == (0, 0)


@pytest.mark.parametrize(
    ("values", "state"),
    [((0xAAAA, 0x5555), OFF), ((0x5555, 0xAAAA), RUNNING), ((0xAAAA, 1, 0x5555), RUNNING), ((0x5555,), RUNNING)],
)
def test_a_running_watchdog_is_stopped_by_two_values_in_order(values, state):
    plant, coupler = watched()

    for value in values:
        coupler.watchdog_stop = value
        run(plant, 0.02)

    assert coupler.watchdog_state == state


def test_a_new_time_counts_from_the_next_start():
    plant, coupler = watched()
    coupler.watchdog_time_s = 5.0

    run(plant, 1.1)

    assert coupler.watchdog_state == EXPIRED


# what is wrong, bit of the diagnosis
DIAGNOSES = [
    ({"supply_lost": True}, 0x01),
    ({"output_1_shorted": True, "output_1": True}, 0x04),
    ({"wire_1_broken": True}, 0x10),
    ({"analog_output_2_ma": 3.5}, 0x20),
    ({"field_3_ma": 0.0}, 0x40),
    ({"field_4_ma": 21.5}, 0x800),
]


@pytest.mark.parametrize(("wrong", "bit"), DIAGNOSES)
def test_each_failure_has_its_bit(wrong, bit):
    plant, healthy = start()
    run(plant, 0.1)
    other_plant, coupler = start(**wrong)
    run(other_plant, 0.1)

    assert (healthy.diagnosis_word, healthy.error_code) == (0, 0)
    assert coupler.diagnosis_word & bit == bit
    assert coupler.error_code != 0


def test_a_shorted_output_stays_off():
    plant, coupler = start(output_1_shorted=True, output_1=True)

    run(plant, 0.1)

    assert (coupler.is_output_1_on, coupler.input_1) == (False, False)


def test_a_stuck_input_stays():
    plant, coupler = start(output_1=True)
    run(plant, 0.1)
    coupler.input_1_stuck = True
    coupler.output_1 = False
    run(plant, 0.1)

    assert (coupler.is_output_1_on, coupler.input_1) == (False, True)
