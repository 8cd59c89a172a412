"""A failure in words: events as an operator says them, the value at which an instrument sticks, the declaring line."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from toy_bench import ToyBench

from emulators.cell.catalogue import TargetDescription
from emulators.cell.tape import Operation
from emulators.timebase import NS_PER_S
from hil.assembly.failing import failure_detail
from hil.campaign import Failure
from hil.errors import OracleViolation
from hil.report import FailureDetail, render_failure
from hil.scenario import Event, Timeline
from hil.trace import Trace

CATALOGUE: dict[str, TargetDescription] = {
    **ToyBench.catalogue,
    "P-101.RUN": replace(ToyBench.catalogue["P-101.RUN"], source="control.st:88"),
}
EVENTS = (
    Event(0, Operation.WRITE, "START", True, NS_PER_S // 2),
    Event(2 * NS_PER_S, Operation.FAULT, "LT-101.stuck", True),
)


def failure(violation: AssertionError) -> Failure:
    times = np.arange(1, 101, dtype=np.int64) * NS_PER_S // 10
    columns = {
        "LEVEL": np.linspace(60, 95, 100),
        "LT-101": np.linspace(60, 95, 100),
        "P-101.RUN": np.ones(100, dtype=np.uint8),
        "START": np.zeros(100, dtype=np.uint8),
    }
    timeline = Timeline(10 * NS_PER_S, EVENTS)
    longer = timeline.with_events((*EVENTS, *EVENTS, *EVENTS))
    return Failure(411, longer, timeline, violation, -3.1, 31, Trace(columns, times))


def detail(violation: AssertionError) -> FailureDetail:
    return failure_detail(
        failure(violation), CATALOGUE, test="test_stop", scenarios=412, seed=7, requirement="FDS-3.1", replay="again"
    )


def test_a_failure_reads_as_its_timeline() -> None:
    violation = OracleViolation(
        "LEVEL 93.1 %, P-101.RUN still on 2.0 s later",
        formula="whenever LEVEL > 90, not P-101.RUN within 2 s",
        robustness=-3.1,
        trigger_ns=9 * NS_PER_S,
        start_ns=9 * NS_PER_S,
        end_ns=10 * NS_PER_S,
        columns=("LEVEL", "P-101.RUN"),
    )

    assert render_failure(detail(violation)) == (
        "FAIL test_stop   robustness -3.1   412 scenarios, reduced in 31 runs, seed 7\n"
        "  00:00.0  START pressed\n"
        "  00:02.0  LT-101 stuck at 66.72 %\n"
        "  00:09.0  LEVEL 93.1 %, P-101.RUN still on 2.0 s later      requirement FDS-3.1, control.st:88\n"
        "  replay: again"
    )


def test_lanes_are_what_the_formula_reads_and_what_the_events_act_on() -> None:
    violation = OracleViolation("no", formula="f", end_ns=NS_PER_S, columns=("LEVEL",))

    found = detail(violation)

    assert [lane.name for lane in found.lanes] == ["LEVEL", "START", "LT-101"]
    assert found.events_before == 6


def test_a_plain_assert_is_shown_at_the_end_of_the_run() -> None:
    text = render_failure(detail(AssertionError("level too high\nassert 95 < 50")))

    assert "  00:10.0  level too high      requirement FDS-3.1" in text
