"""Connections with period, delay and jitter."""

from __future__ import annotations

import pytest
from small_plants import STEP_S, start_plant


def carry(values, steps, *, component="transport_float", source=float, seed=0, at=None):
    """Return the target after each step; the source is the number of the step."""
    plant = start_plant({"L": (component, values)}, seed=seed)
    link = plant["L"]
    seen = []
    for number in range(1, steps + 1):
        link.source = source(number)
        for name, value in (at or {}).get(number, {}).items():
            setattr(link, name, value)
        plant.sense(STEP_S)
        seen.append(link.target)
    return seen, link


def test_connection_without_delay_passes_each_value_in_its_step():
    seen, link = carry({}, 20)

    assert seen == [float(number) for number in range(1, 21)]
    assert link.age_s == 0.0


def test_delay_shifts_by_whole_steps():
    seen, link = carry({"delay_s": 0.05}, 20)

    assert seen[5:] == [float(number) for number in range(1, 16)]
    assert seen[:5] == [0.0] * 5
    assert link.age_s == pytest.approx(0.05)


def test_period_samples_every_so_many_steps():
    seen, _ = carry({"period_s": 0.04}, 12)

    assert seen == [1.0] * 4 + [5.0] * 4 + [9.0] * 4


@pytest.mark.parametrize("seed", range(4))
def test_jitter_keeps_the_order_and_stays_within_its_limit(seed):
    seen, _ = carry({"delay_s": 0.02, "jitter_s": 0.05}, 300, seed=seed)

    assert seen == sorted(seen)
    ages = [number - value for number, value in enumerate(seen, start=1) if value > 0.0]
    assert min(ages) >= 2
    assert max(ages) <= 7
    assert len(set(ages)) > 2


def test_connection_that_is_down_keeps_its_last_value_and_recovers():
    seen, _ = carry({}, 30, at={10: {"down": True}, 20: {"down": False}})

    assert seen[8:19] == [9.0] * 11
    assert seen[-1] == 30.0


def test_all_samples_lost_leave_the_initial_value():
    seen, link = carry({"loss_frac": 1.0}, 50)

    assert set(seen) == {0.0}
    assert link.age_s == pytest.approx(0.5)


def test_ring_holds_128_samples_and_no_value_is_mixed_up():
    seen, link = carry({"delay_s": 1.5}, 600)

    assert link.waiting_count <= 128
    assert seen == sorted(seen)
    assert seen[-1] > 0.0


@pytest.mark.parametrize(
    ("component", "source", "last"), [("transport_int", int, 5), ("transport_bool", lambda n: n % 2 == 1, True)]
)
def test_ints_and_bools_are_carried_too(component, source, last):
    seen, _ = carry({"delay_s": 0.01}, 6, component=component, source=source)

    assert seen[-1] == last
    assert type(seen[-1]) is type(last)
