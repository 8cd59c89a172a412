"""Events become tape entries in order; a timeline is always in order of time and valid."""

from __future__ import annotations

import pytest

from emulators.cell.tape import Operation, TapeEvent
from emulators.timebase import NS_PER_S
from hil.scenario.timeline import Event, Timeline


def tape_of(*events: Event, duration_ns: int = 100 * NS_PER_S) -> list[tuple[int, Operation, str, object]]:
    tape = Timeline(duration_ns, events).tape()
    return [(entry.time_ns, entry.operation, entry.target, entry.value) for entry in tape]


def test_a_press_writes_true_and_then_false() -> None:
    press = Event(5, Operation.WRITE, "START", True, 9)

    assert tape_of(press) == [(5, Operation.WRITE, "START", True), (9, Operation.WRITE, "START", False)]


def test_a_fault_with_an_end_is_cleared_there() -> None:
    fault = Event(5, Operation.FAULT, "LT-101.stuck", 61.2, 9)

    assert tape_of(fault) == [(5, Operation.FAULT, "LT-101.stuck", 61.2), (9, Operation.FAULT, "LT-101.stuck", None)]


def test_a_force_with_an_end_is_released_there() -> None:
    force = Event(5, Operation.FORCE, "RUN", True, 9)

    assert tape_of(force) == [(5, Operation.FORCE, "RUN", True), (9, Operation.RELEASE, "RUN", None)]


def test_a_power_failure_ends_with_power_on() -> None:
    failure = Event(5, Operation.RESTART, "PLC1", "power_off", 9)

    assert tape_of(failure) == [(5, Operation.RESTART, "PLC1", "power_off"), (9, Operation.RESTART, "PLC1", "power_on")]


def test_a_number_with_an_end_returns_to_rest() -> None:
    pulse = Event(5, Operation.WRITE, "FLOW", 40.0, 9, rest=10.0)

    assert tape_of(pulse) == [(5, Operation.WRITE, "FLOW", 40.0), (9, Operation.WRITE, "FLOW", 10.0)]


def test_a_ramp_moves_in_a_straight_line_to_its_value() -> None:
    ramp = Event(NS_PER_S, Operation.WRITE, "FLOW", 40.0, 2 * NS_PER_S, ramp_from=20.0)

    tape = tape_of(ramp)

    assert tape[0] == (NS_PER_S, Operation.WRITE, "FLOW", 20.0)
    assert tape[5] == (NS_PER_S * 3 // 2, Operation.WRITE, "FLOW", 30.0)
    assert tape[-1] == (2 * NS_PER_S, Operation.WRITE, "FLOW", 40.0)
    assert len(tape) == 11


def test_a_long_ramp_has_a_bounded_number_of_steps() -> None:
    ramp = Event(0, Operation.WRITE, "FLOW", 40.0, 3600 * NS_PER_S, ramp_from=20.0)

    assert len(tape_of(ramp, duration_ns=3600 * NS_PER_S)) == 65


def test_ends_come_before_starts_of_the_same_time() -> None:
    first = Event(1, Operation.WRITE, "A", True, 5)
    second = Event(5, Operation.WRITE, "A", True, 8)

    assert [(time_ns, value) for time_ns, _, _, value in tape_of(second, first)] == [
        (1, True),
        (5, False),
        (5, True),
        (8, False),
    ]


def test_the_order_of_the_tape_counts_up() -> None:
    timeline = Timeline(10, (Event(5, Operation.WRITE, "B", 1), Event(5, Operation.WRITE, "A", 2)))

    assert timeline.tape() == (
        TapeEvent(5, 0, Operation.WRITE, "B", 1),
        TapeEvent(5, 1, Operation.WRITE, "A", 2),
    )


def test_an_end_after_the_run_is_not_on_the_tape() -> None:
    assert tape_of(Event(5, Operation.WRITE, "A", True, 50), duration_ns=10) == [(5, Operation.WRITE, "A", True)]


def test_events_are_kept_in_order_of_time() -> None:
    late, early = Event(7, Operation.WRITE, "A", 1), Event(3, Operation.WRITE, "B", 1)

    assert Timeline(10, (late, early)).events == (early, late)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Event(-1, Operation.WRITE, "A", 1), "before the start"),
        (lambda: Event(1, Operation.WRITE, "", 1), "names no target"),
        (lambda: Event(5, Operation.WRITE, "A", True, 5), "not after its start"),
        (lambda: Event(5, Operation.WRITE, "A", 1.0, 9), "say in 'rest'"),
        (lambda: Event(5, Operation.FAULT, "A.b", 1.0, 9, ramp_from=0.0), "only a write"),
        (lambda: Timeline(0), "positive duration"),
        (lambda: Timeline(4, (Event(5, Operation.WRITE, "A", 1),)), "after the end"),
    ],
    ids=["negative", "nameless", "empty span", "number without rest", "ramping fault", "no duration", "too late"],
)
def test_an_impossible_event_is_refused(make, message: str) -> None:  # type: ignore[no-untyped-def]  # a factory
    with pytest.raises(ValueError, match=message):
        make()


def test_the_digest_changes_with_the_content_only() -> None:
    event = Event(5, Operation.WRITE, "A", 1)

    assert Timeline(10, (event,)).digest == Timeline(10, (event,)).digest
    assert Timeline(10, (event,)).digest != Timeline(11, (event,)).digest
    assert Timeline(10, (event,)).digest != Timeline(10, (event,), seed=1).digest
