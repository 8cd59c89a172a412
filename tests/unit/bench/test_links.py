"""Links on a bench: wires in tests, scenarios that shrink to the wire, traces that keep what happened."""

from __future__ import annotations

from pathlib import Path

import pytest

from emulators.cell.directory import TargetError
from emulators.modbus.faults.rule import RuleError
from emulators.serving import Pacing
from hil import faults
from hil.assembly import make_bench
from hil.assembly.serving import running_cell
from hil.bench.emulated import EmulatedBench
from hil.campaign import run_campaign
from hil.cli.running_tables import cell_as_json
from hil.errors import UnknownNameError
from hil.oracle import Run
from hil.scenario import press
from hil.scenario.scenario import scenario
from hil.trace.csv_file import read_csv, write_csv


@pytest.fixture(scope="module")
def made() -> EmulatedBench:
    return make_bench("fan_drive")


@pytest.fixture
def bench(made: EmulatedBench) -> EmulatedBench:
    made.reset()
    return made


def test_a_wire_fails_without_any_endpoint(bench: EmulatedBench) -> None:
    wire = bench.wire("VFD-401")
    bench.advance("1 s")

    wire.inject("no_response", function=4, count=3)
    bench.advance("1 s")

    assert [(each.function_code, each.connection) for each in wire.injections] == [(4, 1)] * 3
    assert bench["VFD-401.failures"].value == 1
    assert [str(rule) for rule in wire.rules] == ["no_response lost=request function=4 count=3"]


def test_a_wire_goes_down_and_up(bench: EmulatedBench) -> None:
    wire = bench.wire("VFD-401")
    bench.advance("1 s")
    wire.take_down()
    bench.advance("2 s")

    assert wire.is_down
    assert bench["VFD-401.error"].value is True
    wire.bring_up()
    bench.wait_for(~bench["VFD-401.error"], within="1 s")
    assert not wire.is_down


def test_an_endpoint_that_does_not_listen_is_told_how_it_would(bench: EmulatedBench) -> None:
    with pytest.raises(UnknownNameError, match=r"no endpoint 'hall'; there are none; .* endpoints=True"):
        bench.endpoint("hall")
    with pytest.raises(UnknownNameError, match=r"there are VFD-401; endpoints listen with .* endpoints=True"):
        bench.wire("hall")


def test_down_may_be_injected_and_cleared_like_any_fault(bench: EmulatedBench) -> None:
    wire = bench.wire("VFD-401")
    wire.inject("down")
    bench.advance("1 s")
    was_down = wire.is_down
    wire.clear("down")
    bench.advance("1 s")

    assert (was_down, wire.is_down) == (True, False)
    with pytest.raises(RuleError, match="takes no option"):
        wire.inject("down", unit=3)


def test_an_unknown_wire_says_which_is_meant(bench: EmulatedBench) -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'VFD-401'"):
        bench.wire("VFD-410")


def test_what_a_wire_cannot_suffer_is_refused_where_it_is_written(bench: EmulatedBench) -> None:
    wire = bench.wire("VFD-401")

    with pytest.raises(TargetError, match="no fault 'reset'; wires of other protocols have it; it has down, unit_off"):
        wire.inject("reset")
    with pytest.raises(TargetError, match=r"no fault 'no_respons'; did you mean 'no_response'\?"):
        wire.clear("no_respons")
    with pytest.raises(TargetError, match=r"VFD-401\.delay: .* no option 'functio'; did you mean 'function'?"):
        bench["VFD-401"].inject("delay", "200ms functio=3")
    with pytest.raises(UnknownNameError, match="no fault 'reset'; wires of other protocols have it"):
        bench["VFD-401"].inject("reset")
    bench.advance("1 s")
    assert not bench.acted


def test_waiting_leaps_over_a_wire_that_fails_without_a_trace_of_it(bench: EmulatedBench) -> None:
    def happens(by_leaps: bool) -> tuple[str, object, object]:
        bench.reset()
        bench["START"].press()
        bench.wire("VFD-401").inject("corrupt", values="random", probability=0.2, function=4)
        formula = bench["VFD-401.requests"] >= 61
        if by_leaps:
            bench.wait_for(formula, within="20 s")
        else:
            while bench["VFD-401.requests"].value < 61:
                bench.advance_steps(1)
        return bench.recorded().sha256(), bench.wire("VFD-401").injections, bench.recorded().meta.injections

    assert happens(True) == happens(False)


def test_a_trace_keeps_what_happened_on_wires(bench: EmulatedBench, tmp_path: Path) -> None:
    bench.wire("VFD-401").inject("busy", count=2)
    bench.advance("2 s")
    trace = bench.recorded()

    kept = read_csv(write_csv(trace, tmp_path / "trace.csv"))

    assert kept.meta.injections == trace.meta.injections == bench.injections
    assert [each.rule for each in kept.meta.injections] == ["busy", "busy"]
    assert kept["VFD-401.injections"][-1] == 2


def test_a_wire_of_a_running_cell_fails_and_is_read() -> None:
    with running_cell("fan_drive", pacing=Pacing.STEPPED) as running:
        running.served.step(20)
        running.wire("VFD-401").inject("exception", code=4, count=1)
        running.served.step(20)
        seen = running.served.read(["VFD-401.injections", "VFD-401.exception_code", "VFD-401.failures"])
        kept = running.wire("VFD-401").injections

    assert seen == {"VFD-401.injections": 1, "VFD-401.exception_code": 4, "VFD-401.failures": 1}
    assert [each.time_ns for each in kept] == [1_050_000_000]


def test_hil_run_shows_what_a_link_scans() -> None:
    with running_cell("fan_drive", pacing=Pacing.STEPPED) as running:
        (link,) = cell_as_json(running)["links"]

    assert (link["name"], link["device"]) == ("VFD-401", "M-401")
    assert (link["reads"], link["writes"]) == ("STATUS, SPEED", "CONTROL, TARGET")


def test_a_failure_is_reduced_to_the_fault_of_the_wire(bench: EmulatedBench) -> None:
    busy = scenario("15 s", operator=[press("START", "ACK", "STOP", every=("1 s", "3 s"))])
    rough = busy.with_faults(faults.network("VFD-401", lasting=("3 s", "10 s")), at_most=2)

    def check(run: Run) -> None:
        run.always(run["VFD-401.age_s"] < 2.5)

    result = run_campaign(bench, rough, check, count=50, seed=0, reduction_budget=25)

    assert result.failure is not None
    (event,) = result.failure.timeline.events
    assert event.target.startswith("VFD-401")
    assert len(result.failure.original.events) > 5
