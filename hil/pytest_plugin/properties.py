"""Judge one property under pytest: search or replay, store what fails, leave the result for reports."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest

from hil.assembly.failing import failure_detail
from hil.bench.emulated import EmulatedBench
from hil.bench.protocol import Bench
from hil.campaign import CampaignResult, Failure, replay, run_campaign
from hil.pytest_plugin.failure_files import replay_command, store_failure
from hil.pytest_plugin.outcomes import outcome_of, requirements_of
from hil.pytest_plugin.replay import replayed_timeline
from hil.pytest_plugin.rigs import open_rig
from hil.report.terminal import render_failure
from hil.scenario.playable import refuse_unplayable
from hil.scenario.scenario import Scenario
from hil.scenario.timeline_file import FailureRecord

__all__ = ["Property", "judge_property"]


@dataclass(frozen=True, slots=True)
class Property:
    """A test function as a check of runs, with the scenario it is judged on."""

    scenario: Scenario
    check: Callable[[object], object]
    scenarios: int
    columns: Sequence[str] | None


def judge_property(judged: Property, bench: Bench, request: pytest.FixtureRequest) -> None:
    """Search for a failing scenario, or play the one given with ``--hil-replay``.

    Raises:
        DescriptionError: the bench cannot play the one given.
        AssertionError: a scenario failed; its timeline is reduced and stored.
        PlantFault: a scenario stopped the plant; its timeline too.
        LinkError, SafetyRefusal, MissingCapability: the property could not be judged.
    """
    config, item = request.config, request.node
    seed = int(config.getoption("hil_seed"))
    timeline = replayed_timeline(config)
    if timeline is not None:
        if isinstance(bench, EmulatedBench):
            refuse_unplayable(timeline, bench.check, str(config.getoption("hil_replay")))
        result = replay(bench, timeline, judged.check, seed=seed)
    else:
        from hil.scenario.strategies import explore

        count = config.getoption("hil_scenarios") or judged.scenarios
        result = run_campaign(
            bench, judged.scenario, judged.check, count=count, seed=seed, columns=judged.columns, driver=explore
        )
    outcome = outcome_of(item)
    outcome.seed = seed
    outcome.scenarios = result.scenarios
    outcome.plant_time_ns = result.plant_time_ns
    outcome.robustness = result.robustness
    outcome.verdict = result.verdict
    outcome.coverage = result.coverage
    if result.failure is not None:
        outcome.robustness = result.failure.robustness
        _keep_failure(result, result.failure, bench, item, is_new=timeline is None)
        raise result.failure.violation.with_traceback(None)


def _keep_failure(result: CampaignResult, failure: Failure, bench: Bench, item: pytest.Item, *, is_new: bool) -> None:
    config, outcome = item.config, outcome_of(item)
    record = FailureRecord(
        test=item.nodeid,
        rig=open_rig(config, bench),
        requirements=tuple(name for name, _ in requirements_of(item)),
        seed=result.seed,
        scenarios=result.scenarios,
        reduction_runs=failure.reduction_runs,
        robustness=failure.robustness,
        message=str(failure.violation),
        hashes=dict(bench.hashes),
        injections=bench.foreign_injections if isinstance(bench, EmulatedBench) else (),
    )
    outcome.timeline_file = (
        store_failure(config, failure.timeline, record) if is_new else str(config.getoption("hil_replay"))
    )
    outcome.failure = failure_detail(
        failure,
        bench.catalogue,
        test=item.name,
        scenarios=result.scenarios,
        seed=result.seed,
        requirement=", ".join(record.requirements),
        replay=replay_command(outcome.timeline_file),
    )
    outcome.text = render_failure(outcome.failure)
