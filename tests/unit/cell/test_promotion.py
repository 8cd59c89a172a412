"""A cell that runs long enough goes on with the optimised program, and nobody can tell from its bits."""

import time

import pytest

from emulators.cell import executors
from emulators.native import available_executors
from hil.assembly import make_blueprint, make_cell

DEADLINE_S = 60


@pytest.mark.parametrize("coverage", [False, True])
def test_a_long_run_changes_to_the_best_executor_with_the_same_bits(monkeypatch, coverage):
    monkeypatch.setattr(executors, "STEPS_BEFORE_GCC", 1)
    blueprint = make_blueprint("two_tanks")
    promoted = make_cell(blueprint, executor="auto", coverage=coverage)
    plain = make_cell(blueprint, executor="tcc", coverage=coverage)
    best = available_executors()[-1].value
    end_s = time.monotonic() + DEADLINE_S

    while promoted.executor != best and time.monotonic() < end_s:
        promoted.run(1000)
        plain.run(1000)
    promoted.run(1000)
    plain.run(1000)

    assert promoted.executor == best
    assert bytes(promoted.block) == bytes(plain.block)
    assert promoted.coverage() == plain.coverage()
