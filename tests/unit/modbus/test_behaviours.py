"""Behaviours of own values: laws in virtual time, the same for the same seed."""

from __future__ import annotations

import itertools
import math
import re

import pytest

from emulators.description.register_map_reader import parse_register_map
from emulators.description.source import SourceFile
from emulators.errors import DescriptionError, EmulatorError
from emulators.modbus.own_values import OwnValues, own_entries

STEP_NS = 100_000_000


def values_of(*rows: str, seed: int = 0, folder: str = "") -> OwnValues:
    lines = ["format = 1"]
    for address, row in enumerate(rows):
        tag, *keys = [part.strip() for part in row.split(";")]
        keys = keys if any(key.startswith("type") for key in keys) else [*keys, 'type = "float64"']
        lines += ["[[register]]", f'tag = "{tag}"', 'table = "holding"', f"address = {4 * address}", *keys]
    register_map = parse_register_map(SourceFile(f"{folder}m.toml", "\n".join(lines)))
    return OwnValues(own_entries([register_map], are_all_own=True), seed=seed)


def run(values: OwnValues, tag: str, n_steps: int, *, first: int = 1, step_ns: int = STEP_NS) -> list:
    shown = []
    for index in range(first, first + n_steps):
        values.advance(index * step_ns, step_ns, lambda name: pytest.fail(name))
        shown.append(values.read(tag))
    return shown


def test_a_counter_counts_periods_and_wraps() -> None:
    values = values_of(
        'C; type = "uint16"; initial = 5; behaviour = { kind = "counter", period = "200 ms", modulus = 8 }'
    )

    assert run(values, "C", 8) == [5, 6, 6, 7, 7, 0, 0, 1]


def test_a_counter_goes_on_from_what_a_client_wrote() -> None:
    values = values_of('C; type = "uint16"; access = "rw"; behaviour = { kind = "counter", period = "100 ms" }')
    run(values, "C", 3)

    values.write("C", 100)

    assert run(values, "C", 2, first=4) == [101, 102]


def test_a_scaled_register_holds_an_engineering_value() -> None:
    values = values_of('T; type = "int16"; scale = 0.1; initial = 12.3; access = "rw"')
    initial = values.read("T")

    values.write("T", -4.5)

    assert (initial, values.read("T")) == (12.3, -4.5)


def test_a_total_is_the_integral_of_another_value() -> None:
    values = values_of("P; initial = 36.0", 'E; initial = 10.0; behaviour = { kind = "total", of = "P", per = "1 h" }')

    shown = run(values, "E", 36_000)

    assert shown[-1] == pytest.approx(46.0, abs=1e-9)


def test_a_ramp_rises_and_starts_again() -> None:
    values = values_of('R; behaviour = { kind = "ramp", low = 20, high = 30, period = "1 s" }')

    assert run(values, "R", 11) == pytest.approx([21, 22, 23, 24, 25, 26, 27, 28, 29, 20, 21])


def test_a_ramp_that_returns_falls_as_it_rose() -> None:
    values = values_of('R; behaviour = { kind = "ramp", low = 0, high = 10, period = "1 s", returns = true }')

    assert run(values, "R", 10) == pytest.approx([2, 4, 6, 8, 10, 8, 6, 4, 2, 0])


def test_a_sine_swings_between_its_ends() -> None:
    values = values_of('S; behaviour = { kind = "sine", low = -2, high = 4, period = "4 s" }')

    shown = run(values, "S", 40)

    assert (max(shown), min(shown), shown[39]) == pytest.approx((4.0, -2.0, 1.0))
    assert shown[4] == pytest.approx(1.0 + 3.0 * math.sin(math.pi / 4))


def test_a_sine_starts_at_its_phase() -> None:
    values = values_of('S; behaviour = { kind = "sine", low = -2, high = 4, period = "4 s", phase_deg = 90 }')

    shown = run(values, "S", 20)

    assert shown[9] == pytest.approx(1.0)
    assert (shown[0], shown[19]) == pytest.approx((1.0 + 3.0 * math.cos(math.pi / 20), -2.0))


WALK = 'W; initial = 5; behaviour = { kind = "random_walk", low = 0, high = 10, step = 3, period = "100 ms" }'


def test_a_random_walk_stays_inside_and_depends_on_the_seed_alone() -> None:
    first, same, other = (run(values_of(WALK, seed=seed), "W", 500) for seed in (7, 7, 8))

    assert first == same != other
    assert 0.0 <= min(first) < 1.0
    assert 9.0 < max(first) <= 10.0
    assert max(abs(late - early) for early, late in itertools.pairwise(first)) <= 3.0


def test_a_random_walk_is_the_same_for_any_step() -> None:
    coarse = run(values_of(WALK), "W", 100, step_ns=2 * STEP_NS)

    assert run(values_of(WALK), "W", 200)[1::2] == coarse


def test_a_mirror_shows_the_command_after_its_delay() -> None:
    values = values_of(
        'CMD; type = "int16"; access = "rw"; initial = 0',
        'FB; type = "int16"; initial = 9; behaviour = { kind = "mirror", of = "CMD", delay = "300 ms" }',
    )
    assert run(values, "FB", 4) == [9, 9, 9, 0]

    values.write("CMD", 3)

    assert run(values, "FB", 4, first=5) == [0, 0, 0, 3]


def test_a_mirror_shows_texts_too() -> None:
    values = values_of(
        'A; type = "string[4]"; initial = "ab"', 'B; type = "string[4]"; behaviour = { kind = "mirror", of = "A" }'
    )

    assert run(values, "B", 1) == ["ab"]


def test_a_replay_holds_each_recorded_value_until_the_next(tmp_path) -> None:
    (tmp_path / "record.csv").write_text("time_s,LEVEL\n10.0,1\n10.2,2\n10.4,3\n")
    row = 'L; behaviour = { kind = "replay", file = "record.csv", column = "LEVEL" }'

    values = values_of(row, folder=f"{tmp_path}/")

    assert run(values, "L", 9) == [1, 2, 2, 3, 3, 1, 1, 2, 2]


def test_a_recording_may_come_back_from_a_spreadsheet_with_decimal_commas(tmp_path) -> None:
    (tmp_path / "record.csv").write_text("time_s;LEVEL\r\n0,0;1,5\r\n0,2;-2,25\r\n;\r\n")
    row = 'L; behaviour = { kind = "replay", file = "record.csv", column = "LEVEL" }'

    values = values_of(row, folder=f"{tmp_path}/")

    assert run(values, "L", 4) == [1.5, -2.25, -2.25, 1.5]


def test_a_replay_that_does_not_repeat_keeps_its_last_value(tmp_path) -> None:
    (tmp_path / "record.csv").write_text("time_s,LEVEL\n0,1\n0.2,2\n")
    row = 'L; behaviour = { kind = "replay", file = "record.csv", column = "LEVEL", repeats = false }'

    values = values_of(row, folder=f"{tmp_path}/")

    assert run(values, "L", 20)[-1] == 2


# recording, what is reported
BAD_RECORDINGS = [
    ("time_s,LEVEL\n0,1\n1,2\n1,3\n", "record.csv:4:1: this time is not after the one before it"),
    ("time_s,LEVEL\n0,1\n2,2\n1,3\n3,4\n", "record.csv:4:1: this time is not after the one before it"),
    ("time_s,LEVEL\n0,1\n1,high\n", "record.csv:3:3: 'high' is not a number"),
    ("time_s,LEVEL\n0,1\n1,nan\n", "record.csv:3:3: 'nan' is not a number"),
    ("time_s,LEVEL\n0,1\n1\n", "record.csv:3:1: '' is not a number"),
    ("time_s,LEVEL\n", "record.csv has no values"),
    ("time,LEVEL\n0,1\n", "record.csv has no column 'time_s'; did you mean 'time'?"),
    ("", "record.csv has no column 'LEVEL'"),
]


@pytest.mark.parametrize(("recording", "message"), BAD_RECORDINGS, ids=[row[1] for row in BAD_RECORDINGS])
def test_mistakes_in_a_recording_are_reported_at_their_places(recording: str, message: str, tmp_path) -> None:
    (tmp_path / "record.csv").write_text(recording)

    with pytest.raises(DescriptionError) as error:
        values_of('L; behaviour = { kind = "replay", file = "record.csv", column = "LEVEL" }', folder=f"{tmp_path}/")

    assert message in str(error.value)


def test_a_python_function_sees_time_and_other_values(tmp_path) -> None:
    (tmp_path / "own.py").write_text("def level(time_s, values):\n    return 10 * time_s + values['GAIN']\n")
    row = 'L; behaviour = { kind = "python", function = "own.py:level" }'

    values = values_of("GAIN; initial = 100", row, folder=f"{tmp_path}/")

    assert run(values, "L", 2) == [101.0, 102.0]


# body of the function, what is said when it is called
FAILING = [
    ("return None", "returned None; return a number or a truth value"),
    ("return 'high'", "returned 'high'; return a number or a truth value"),
    ("return 1 / 0", "failed: ZeroDivisionError in own.py:2: division by zero"),
]


@pytest.mark.parametrize(("body", "said"), FAILING, ids=[row[0] for row in FAILING])
def test_a_python_function_that_gives_no_value_is_an_error(body: str, said: str, tmp_path) -> None:
    (tmp_path / "own.py").write_text(f"def level(time_s, values):\n    {body}\n")
    values = values_of('L; behaviour = { kind = "python", function = "own.py:level" }', folder=f"{tmp_path}/")

    with pytest.raises(EmulatorError, match=re.escape(said)):
        run(values, "L", 1)


# file, what is reported
UNUSABLE = [
    ("def level(time_s):\n    return 1\n", "'own.py:level' takes something else; write def level(time_s, values): …"),
    ("def level(time_s, values:\n", "own.py cannot be imported: SyntaxError: '(' was never closed (own.py, line 1)"),
    ("\nTABLE = [0][3]\n", "own.py cannot be imported: IndexError in own.py:2: list index out of range"),
    ("level = 3\n", "no function 'own.py:level': own.py has none of that name; write def level"),
    ("import not_there\n", "no function 'own.py:level': No module named 'not_there'"),
]


@pytest.mark.parametrize(("text", "said"), UNUSABLE, ids=[row[1] for row in UNUSABLE])
def test_a_python_function_that_cannot_be_used_is_told_at_its_place(text: str, said: str, tmp_path) -> None:
    (tmp_path / "own.py").write_text(text)

    with pytest.raises(DescriptionError) as error:
        values_of('L; behaviour = { kind = "python", function = "own.py:level" }', folder=f"{tmp_path}/")

    assert said in str(error.value)


# row, what is reported
REFUSED = [
    ('E; behaviour = { kind = "total", of = "POWR" }', "E follows 'POWR', which is not there; did you mean 'POWER'?"),
    ('L; behaviour = { kind = "replay", file = "no.csv", column = "L" }', "there is no such file"),
    ('L; behaviour = { kind = "python", function = "no.py:level" }', "no function 'no.py:level'"),
    ('L; behaviour = { kind = "python", function = "math:sinn" }', "no function 'math:sinn'"),
    (
        'L; behaviour = { kind = "python", function = "own.py" }',
        "'own.py' names no function of a file or module; write",
    ),
    ('L; behaviour = { kind = "python", function = "own.py:" }', "'own.py:' names no function of a file or module"),
]


@pytest.mark.parametrize(("row", "message"), REFUSED, ids=[row[1] for row in REFUSED])
def test_what_a_behaviour_lacks_is_reported_at_its_place(row, message) -> None:
    with pytest.raises(DescriptionError) as error:
        values_of("POWER; initial = 1", row)

    assert message in str(error.value)


def test_a_forced_value_stands_still_until_it_is_released() -> None:
    values = values_of('C; behaviour = { kind = "counter", period = "100 ms" }')

    values.force("C", 50.0)
    held = run(values, "C", 3)
    values.release("C")

    assert held == [50.0] * 3
    assert run(values, "C", 1, first=4) == [4.0]


def test_integers_are_rounded_and_stay_inside_their_type() -> None:
    values = values_of('R; type = "int16"; behaviour = { kind = "ramp", low = 0, high = 100000, period = "1 s" }')

    assert run(values, "R", 9)[-1] == 32767


def test_a_tag_at_two_places_is_one_value() -> None:
    values = values_of('P; type = "int16"; initial = 2', 'P; type = "int16"; scale = 0.1')

    assert values.read("P") == 2.0
    assert len(values.tags) == 1
