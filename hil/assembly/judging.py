"""All requirement tests of a file on one bench, as results that a report shows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hil.assembly.failing import failure_detail
from hil.bench.emulated import EmulatedBench
from hil.campaign import CampaignResult, RequirementTest, run_campaign
from hil.report.model import FailureDetail, RequirementResult

__all__ = ["JudgedProgram", "judge_program"]

_BRANCH = " branch "


@dataclass(frozen=True, slots=True)
class JudgedProgram:
    """Results by requirement test, in order; ``failures`` holds the reduced failing scenarios."""

    results: tuple[RequirementResult, ...]
    failures: tuple[FailureDetail, ...]
    campaigns: tuple[CampaignResult, ...]

    @property
    def scenarios(self) -> int:
        """Scenarios played, without those of the reduction."""
        return sum(campaign.scenarios for campaign in self.campaigns)

    @property
    def plant_time_ns(self) -> int:
        """Plant time of those scenarios."""
        return sum(campaign.plant_time_ns for campaign in self.campaigns)


def judge_program(
    bench: EmulatedBench,
    tests: Sequence[RequirementTest],
    *,
    count: int,
    seed: int,
    advance: Callable[[int], object] = lambda scenarios: None,
    replay: Callable[[RequirementTest], str] = lambda test: "",
) -> JudgedProgram:
    """Play ``count`` scenarios for each test, fewer where one fails.

    ``advance`` is told how many more of the planned scenarios are dealt with; ``replay`` says how to run a failure
    of a test again.
    """
    results, failures, campaigns = [], [], []
    for test in tests:
        campaign = _played(bench, test, count, seed, advance)
        campaigns.append(campaign)
        failure = campaign.failure
        results.append(
            RequirementResult(
                requirement=test.requirement,
                verdict=campaign.verdict,
                text=test.text,
                tests=(test.name,),
                scenarios=campaign.scenarios,
                plant_time_ns=campaign.plant_time_ns,
                worst_robustness=campaign.robustness if failure is None else failure.robustness,
                seed=seed,
            )
        )
        if failure is not None:
            failures.append(
                failure_detail(
                    failure,
                    bench.catalogue,
                    test=test.name,
                    scenarios=campaign.scenarios,
                    seed=seed,
                    requirement=test.requirement,
                    replay=replay(test),
                )
            )
    return JudgedProgram(tuple(results), tuple(failures), tuple(campaigns))


def _played(
    bench: EmulatedBench, test: RequirementTest, count: int, seed: int, advance: Callable[[int], object]
) -> CampaignResult:
    """Play the scenarios of one test; ``advance`` hears of all planned ones, also of those a failure has spared."""
    done = 0

    def progress(scenarios: int, _planned: int, _plant_time_ns: int) -> None:
        nonlocal done
        advance(scenarios - done)
        done = scenarios

    campaign = run_campaign(bench, test.scenario, test.check, count=count, seed=seed, progress=progress)
    advance(count - done)
    return campaign
