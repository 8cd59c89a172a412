from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis.strategies import integers, lists

from emulators.serving.pacing import WallPacer


def test_first_step_is_due_one_period_after_the_start() -> None:
    pacer = WallPacer(10)

    pacer.start(100)

    assert pacer.wait_ns(103) == 7


def test_lateness_of_a_step_does_not_shift_the_next() -> None:
    pacer = WallPacer(10)
    pacer.start(0)

    pacer.completed(14)

    assert pacer.wait_ns(14) == 6


def test_step_that_ends_before_the_next_deadline_is_no_overrun() -> None:
    pacer = WallPacer(10)
    pacer.start(0)

    pacer.completed(20)

    assert (pacer.overrun_count, pacer.worst_lag_ns) == (0, 10)


def test_step_that_ends_after_the_next_deadline_is_an_overrun_and_is_caught_up_with() -> None:
    pacer = WallPacer(10)
    pacer.start(0)

    pacer.completed(45)

    assert pacer.overrun_count == 1
    assert pacer.wait_ns(45) == 0


def test_lag_of_a_suspended_machine_is_lost_instead_of_caught_up_with() -> None:
    pacer = WallPacer(10, max_lag_ns=1000)
    pacer.start(0)

    pacer.completed(5000)

    assert pacer.lost_ns == 4990
    assert pacer.wait_ns(5000) == 10


def test_period_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="above 0"):
        WallPacer(0)


@settings(derandomize=True, deadline=None)
@given(durations_ns=lists(integers(0, 9), min_size=1, max_size=50))
def test_steps_shorter_than_the_period_keep_the_schedule_to_the_nanosecond(durations_ns: list[int]) -> None:
    pacer = WallPacer(10)
    pacer.start(0)
    now_ns = 0

    for duration_ns in durations_ns:
        now_ns += pacer.wait_ns(now_ns) + duration_ns
        pacer.completed(now_ns)

    assert now_ns + pacer.wait_ns(now_ns) == 10 * (len(durations_ns) + 1)
    assert pacer.overrun_count == 0
