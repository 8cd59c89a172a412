"""The emulated bench behind scenarios and step-by-step tests, on a shipped rig."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hil import faults
from hil.assembly import make_bench
from hil.bench.emulated import EmulatedBench
from hil.campaign import run_campaign
from hil.oracle import Run
from hil.scenario import Scenario, at, press, setpoint, step
from hil.scenario.scenario import scenario


@pytest.fixture(scope="module")
def made() -> EmulatedBench:
    return make_bench("two_tanks")


@pytest.fixture
def bench(made: EmulatedBench) -> Iterator[EmulatedBench]:
    made.reset()
    return made


def rough() -> Scenario:
    return (
        scenario(
            "2 min",
            operator=[press("START", "STOP", "ACK", every=("5 s", "1 min")), setpoint("LIC-101.SP", 20, 80)],
            process=[step("INFLOW", 0, 10)],
        )
        .with_faults(faults.sensor("LT-101"), faults.valve("XV-102"), faults.power_cycle(), at_most=2)
        .starting_with(at("1 s", press("START")))
    )


class OnlySteps(EmulatedBench):
    """The same bench without a way back: it must wait step by step."""

    def mark(self) -> None:
        return None


def test_waiting_in_leaps_ends_as_waiting_step_by_step_does(bench: EmulatedBench) -> None:
    stepping = OnlySteps(bench.cell.fork())
    stepping.reset()

    for one in (bench, stepping):
        one["START"].press()
        one["INFLOW"].write(5.0)
        one.wait_for(one["P-101.RUN"], within="20 s")
        one.wait_for(one["LEVEL"] >= one["LEVEL"].value + 2.5, within="5 min")

    assert bench.time_ns == stepping.time_ns
    assert bench.recorded().sha256() == stepping.recorded().sha256()


def test_forks_share_a_campaign_and_agree_with_one_bench(bench: EmulatedBench) -> None:
    def check(run: Run) -> None:
        run.whenever(run["LEVEL"] > 15).then(~run["P-101.RUN"], within="2 s")

    alone = run_campaign(bench, rough(), check, count=20, seed=3)
    shared = run_campaign([bench, bench.fork()], rough(), check, count=20, seed=3)

    assert alone.failure is not None
    assert shared.failure is not None
    assert shared.scenarios == alone.scenarios
    assert shared.failure.timeline == alone.failure.timeline
    assert shared.failure.trace.sha256() == alone.failure.trace.sha256()
