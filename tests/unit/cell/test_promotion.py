"""A cell that runs long enough goes on with the optimised program, and nobody can tell from its bits."""

import time

import pytest

from emulators.cell import Cell, build_blueprint, executors, make_executor
from emulators.description import load_rig
from emulators.native import available_executors

DEADLINE_S = 60


@pytest.mark.parametrize("coverage", [False, True])
def test_a_long_run_changes_to_the_best_executor_with_the_same_bits(cells, monkeypatch, coverage):
    monkeypatch.setattr(executors, "STEPS_BEFORE_GCC", 1)
    blueprint = build_blueprint(load_rig(cells.served_loop()))
    promoted = Cell(blueprint, make_executor(blueprint, "auto", coverage=coverage))
    plain = Cell(blueprint, make_executor(blueprint, "tcc", coverage=coverage))
    best = available_executors()[-1].value
    end_s = time.monotonic() + DEADLINE_S

    while promoted.executor != best and time.monotonic() < end_s:
        promoted.run(1000)
    promoted.run(1000)
    plain.run(promoted.tick)

    assert promoted.executor == best
    assert bytes(promoted.block) == bytes(plain.block)
    assert promoted.coverage() == plain.coverage()
