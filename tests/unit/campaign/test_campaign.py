"""A campaign finds the planted defect, reduces it, counts what it did, and does not depend on who drives it."""

from __future__ import annotations

import pytest
from toy_bench import ToyBench

from emulators.errors import DescriptionError, LinkError
from emulators.timebase import NS_PER_S
from hil.bench.protocol import Capability, MissingCapability
from hil.campaign import UnrepeatableRun, replay, run_campaign
from hil.oracle import Run, Verdict
from hil.scenario import Scenario, at, press, step
from hil.scenario import faults as may_fail
from hil.scenario.scenario import scenario
from hil.scenario.strategies import explore


def calm() -> Scenario:
    return scenario(
        "5 min", operator=[press("START", "STOP", every=("10 s", "1 min"))], process=[step("INFLOW", 0.0, 2.0)]
    )


def rough() -> Scenario:
    return calm().with_faults(may_fail.sensor("LT-101"), at_most=1).starting_with(at("1 s", press("START")))


def pump_stops(run: Run) -> None:
    run.whenever(run["LEVEL"] > 90).then(~run["P-101.RUN"], within="2 s")


def test_a_good_property_survives_and_is_counted() -> None:
    bench = ToyBench()
    seen: list[tuple[int, int, int]] = []

    result = run_campaign(bench, calm(), pump_stops, count=6, seed=1, progress=lambda *state: seen.append(state))

    assert (result.scenarios, result.failure, result.seed) == (6, None, 1)
    assert result.plant_time_ns == 6 * 300 * NS_PER_S
    assert sum(result.verdicts.values()) == 6
    assert result.verdict in (Verdict.PASS, Verdict.NONE)
    assert seen == [(done, 6, done * 300 * NS_PER_S) for done in range(1, 7)]
    assert result.coverage == {"toy.st:1:1": len(bench.runs), "toy.st:2:1 true": 0}


def test_only_the_columns_a_property_watches_are_recorded_until_it_fails() -> None:
    bench = ToyBench()

    run_campaign(bench, calm(), pump_stops, count=4, seed=1)

    assert bench.runs[0] == ()
    assert bench.runs[-3:] == [("LEVEL", "P-101.RUN")] * 3


def test_a_planted_defect_is_found_and_reduced_to_a_stuck_transmitter_and_an_inflow() -> None:
    result = run_campaign(ToyBench(), rough(), pump_stops, count=200, seed=7)

    failure = result.failure
    assert failure is not None
    assert result.verdict is Verdict.FAIL
    assert failure.index == result.scenarios - 1
    targets = [event.target for event in failure.timeline.events]
    assert targets[0] == "START"
    assert "LT-101.stuck" in targets
    assert len(targets) <= 3
    assert failure.reduction_runs <= 60
    assert failure.robustness < 0
    assert "P-101.RUN" in str(failure.violation)
    assert set(failure.trace.names) >= {"LEVEL", "LT-101", "P-101.RUN", "INFLOW", "START"}
    assert failure.trace.end_ns <= failure.timeline.duration_ns


@pytest.mark.parametrize("benches", [1, 2, 3])
def test_the_result_does_not_depend_on_how_many_benches_share_the_work(benches: int) -> None:
    alone = run_campaign(ToyBench(), rough(), pump_stops, count=40, seed=7)

    shared = run_campaign([ToyBench() for _ in range(benches)], rough(), pump_stops, count=40, seed=7)

    assert alone.failure is not None
    assert shared.failure is not None
    assert (shared.scenarios, shared.plant_time_ns) == (alone.scenarios, alone.plant_time_ns)
    assert (shared.verdicts, shared.robustness) == (alone.verdicts, alone.robustness)
    assert shared.failure.timeline == alone.failure.timeline


def test_hypothesis_as_the_driver_gives_the_same_result() -> None:
    alone = run_campaign(ToyBench(), rough(), pump_stops, count=40, seed=7)

    driven = run_campaign(ToyBench(), rough(), pump_stops, count=40, seed=7, driver=explore)

    assert alone.failure is not None
    assert driven.failure is not None
    assert (driven.scenarios, driven.failure.timeline) == (alone.scenarios, alone.failure.timeline)


def test_a_found_timeline_can_be_replayed() -> None:
    found = run_campaign(ToyBench(), rough(), pump_stops, count=200, seed=7).failure
    assert found is not None

    again = replay(ToyBench(), found.timeline, pump_stops)

    assert again.failure is not None
    assert str(again.failure.violation) == str(found.violation)
    assert again.robustness == found.robustness


def test_a_plain_assert_is_a_failure_too() -> None:
    def check(run: Run) -> None:
        assert run.trace["LEVEL"].max() < 50

    result = run_campaign(ToyBench(), rough(), check, count=50, seed=1, columns=["LEVEL"])

    assert result.failure is not None
    assert type(result.failure.violation) is AssertionError


def test_a_broken_link_ends_the_campaign_as_an_error_and_is_not_reduced() -> None:
    bench = ToyBench()

    def check(run: Run) -> None:
        raise LinkError("gone")

    with pytest.raises(LinkError, match="gone"):
        run_campaign(bench, rough(), check, count=50, seed=1)
    assert len(bench.runs) == 1


def test_what_the_target_cannot_do_blocks_the_campaign() -> None:
    bench = ToyBench()
    bench.capabilities = frozenset({Capability.ADVANCE, Capability.PLANT_TRUTH})

    with pytest.raises(MissingCapability, match=r"no capability 'inject'; the scenario uses it on LT-101.stuck"):
        run_campaign(bench, rough(), pump_stops, count=50, seed=1)


def test_a_check_that_remembers_is_reported_as_unrepeatable() -> None:
    calls: list[Run] = []

    def check(run: Run) -> None:
        calls.append(run)
        assert len(calls) != 3

    with pytest.raises(UnrepeatableRun, match="keeps something between runs"):
        run_campaign(ToyBench(), calm(), check, count=5, seed=1)


def test_a_scenario_that_does_not_fit_the_bench_is_refused_before_any_run() -> None:
    bench = ToyBench()

    with pytest.raises(DescriptionError, match="did you mean 'START'"):
        run_campaign(bench, scenario("1 min", operator=[press("STRAT")]), pump_stops, count=1, seed=1)
    assert bench.runs == []


def test_a_campaign_of_no_scenarios_is_refused() -> None:
    with pytest.raises(ValueError, match="plays nothing"):
        run_campaign(ToyBench(), calm(), pump_stops, count=0, seed=1)
