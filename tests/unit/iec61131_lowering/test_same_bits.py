"""Random programs: the reference evaluator, tcc and gcc agree on every variable after every scan."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from st_compare import differences
from st_programs import random_program

from emulators.native import Executor, available_executors


@settings(
    derandomize=True, max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate]
)
@given(seed=st.integers(0, 1 << 32))
def test_a_random_program_runs_as_the_evaluator_says(seed):
    text = random_program(random.Random(seed))

    wrong = differences(text, (Executor.TCC,))

    assert wrong == []


@pytest.mark.parametrize("seed", range(3))
def test_a_random_program_has_the_same_bits_in_every_executor(seed):
    text = random_program(random.Random(7_000 + seed))

    wrong = differences(text, available_executors())

    assert wrong == []


@pytest.mark.campaign
@pytest.mark.parametrize("block", range(20))
def test_many_random_programs_run_as_the_evaluator_says(block):
    seeds = range(100_000 + 500 * block, 100_500 + 500 * block)

    wrong = {seed: differences(random_program(random.Random(seed)), (Executor.TCC,)) for seed in seeds}

    assert [seed for seed, found in wrong.items() if found] == []


@pytest.mark.campaign
@pytest.mark.parametrize("seed", range(200_000, 200_100))
def test_many_random_programs_have_the_same_bits_in_every_executor(seed):
    wrong = differences(random_program(random.Random(seed)), available_executors())

    assert wrong == []
